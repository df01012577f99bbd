//! A filter before a backend that filters only in part, or not at all: what it can is sent, and the whole filter is asked of
//! what comes back (RFC 7644 section 3.4.2.2).
//!
//! What is sent finds all that the filter finds, and perhaps more; never less. So a term is left out only where the filter is
//! then true of more: beside an `and`, but not below an `or` or a `not`.
//!
//! Costs what the wider filter finds, read page by page up to `limits: {scan}`; beyond, the answer is `tooMany`. Loses
//! nothing: a filter that can neither be sent nor be asked of what lists show is refused with `invalidFilter`.

use crate::json::Object;
use crate::scim::filter::{self, Expr, ExprKind};
use crate::scim::{AttrName, AttrPath, CompareOp, Filter, Literal};

use super::Bridge;

/// How a backend filters resources of one type.
#[derive(Clone, Debug, PartialEq)]
pub struct Filters {
    /// The comparisons that it knows, and that mean what the RFC says.
    pub compares: Vec<CompareOp>,
    /// It knows `pr`.
    pub presence: bool,
    /// It joins conditions by `and`.
    pub and: bool,
    /// It joins conditions by `or`.
    pub or: bool,
    /// It knows `not`.
    pub not: bool,
    /// The only attributes that it filters by.
    pub attributes: Option<Vec<AttrPath>>,
    /// What its lists don't show, so that nobody here can filter by it.
    pub unseen: Vec<AttrPath>,
}

/// A filter as a backend gets it.
#[derive(Clone, Debug, PartialEq)]
pub struct Weakened {
    /// What is sent; nothing where no part of the filter can be.
    pub sent: Option<String>,
    /// Why it isn't all of the filter; nothing where it is.
    pub lacks: Option<Bridge>,
}

/// A part of a filter as it is sent; nothing stands for what is true of everything.
struct Part {
    text: Option<String>,
    is_exact: bool,
    is_equality: bool,
    /// It has several terms, so that it needs brackets beside others.
    is_joined: bool,
}

impl Part {
    const NOTHING: Self = Self { text: None, is_exact: false, is_equality: false, is_joined: false };

    fn one(text: Option<String>, is_exact: bool, is_equality: bool) -> Self {
        Self { text, is_exact, is_equality, is_joined: false }
    }
}

impl Filters {
    /// Whether it filters as the RFC says.
    #[must_use]
    pub fn are_full(&self) -> bool {
        self.knows_all_words() && self.attributes.is_none()
    }

    fn knows_all_words(&self) -> bool {
        let compares = CompareOp::ALL.iter().all(|op| self.compares.contains(op));
        compares && self.presence && self.and && self.or && self.not
    }

    /// What bridges are for here.
    pub fn gaps(&self) -> impl Iterator<Item = Bridge> {
        let evaluated = (!self.knows_all_words()).then_some(Bridge::FilterEval);
        evaluated.into_iter().chain(self.attributes.as_ref().map(|_| Bridge::Lookup))
    }

    /// The filter as the backend gets it.
    #[must_use]
    pub fn weaken(&self, filter: &Filter) -> Weakened {
        let whole = if self.are_full() { None } else { Some(self.part(filter, filter.root())) };
        match whole {
            None | Some(Part { is_exact: true, .. }) => Weakened { sent: Some(filter.text().to_owned()), lacks: None },
            Some(part) => Weakened { sent: part.text, lacks: Some(self.gap(filter)) },
        }
    }

    /// The attribute of a filter that lists don't show; nothing if it can be asked of what they show.
    #[must_use]
    pub fn unseen<'f>(&'f self, filter: &Filter) -> Option<&'f AttrPath> {
        let paths = mentioned(filter);
        self.unseen.iter().find(|hidden| paths.iter().any(|path| covers(hidden, path) || covers(path, hidden)))
    }

    /// Whether it is an attribute or a word that the backend doesn't know.
    fn gap(&self, filter: &Filter) -> Bridge {
        let known = mentioned(filter).iter().all(|path| self.filters_by(path));
        if known { Bridge::FilterEval } else { Bridge::Lookup }
    }

    fn part(&self, filter: &Filter, expr: &Expr) -> Part {
        let words = || filter.text().get(expr.span.clone()).map(str::to_owned);
        match &expr.kind {
            ExprKind::And(terms) => self.all_of(terms.iter().map(|term| self.bracketed(filter, term)).collect()),
            ExprKind::Or(terms) if self.or => {
                any_of(terms.iter().map(|term| self.bracketed(filter, term)).collect()).unwrap_or(Part::NOTHING)
            }
            ExprKind::Not(inner) if self.not => match self.part(filter, inner) {
                Part { text: Some(text), is_exact: true, .. } => Part::one(Some(format!("not ({text})")), true, false),
                _ => Part::NOTHING,
            },
            ExprKind::Present(path) if self.presence && self.filters_by(&path.path) => Part::one(words(), true, false),
            ExprKind::Compare { path, op, .. } if self.compares.contains(op) && self.filters_by(&path.path) => {
                Part::one(words(), true, *op == CompareOp::Eq)
            }
            ExprKind::Element { path, inner, sub, test } => {
                let mut parts = Vec::new();
                self.elements(&path.path, inner, &mut parts);
                match (sub, test) {
                    (Some((name, _)), Some((op, literal))) => {
                        parts.extend(self.compared(&path.path, name, *op, &literal.literal));
                    }
                    (Some((name, _)), None) => parts.extend(self.present(&path.path, name)),
                    (None, _) => {}
                }
                let part = |(text, is_equality)| Part::one(Some(text), false, is_equality);
                self.all_of(parts.into_iter().map(part).collect())
            }
            _ => Part::NOTHING,
        }
    }

    /// A part that can stand beside others.
    fn bracketed(&self, filter: &Filter, expr: &Expr) -> Part {
        let part = self.part(filter, expr);
        if !part.is_joined {
            return part;
        }
        Part { text: part.text.map(|text| format!("({text})")), is_joined: false, ..part }
    }

    /// What is true of whatever all of these are true of: all that can be sent together, or the one that finds the least.
    fn all_of(&self, parts: Vec<Part>) -> Part {
        let is_exact = self.and && parts.iter().all(|part| part.is_exact) && !parts.is_empty();
        let mut sent: Vec<Part> = parts.into_iter().filter(|part| part.text.is_some()).collect();
        if !self.and || sent.len() < 2 {
            let best = sent.iter().position(|part| part.is_equality).unwrap_or(0);
            return match (best < sent.len()).then(|| sent.swap_remove(best)) {
                Some(one) => Part { is_exact: false, ..one },
                None => Part::NOTHING,
            };
        }
        let texts: Vec<String> = sent.into_iter().filter_map(|part| part.text).collect();
        Part { text: Some(texts.join(" and ")), is_exact, is_equality: false, is_joined: true }
    }

    /// What a filter in brackets says of the attribute as a whole. Not what it says of absent values: an element may lack
    /// what another has.
    fn elements(&self, path: &AttrPath, inner: &Expr, parts: &mut Vec<(String, bool)>) {
        match &inner.kind {
            ExprKind::And(terms) => terms.iter().for_each(|term| self.elements(path, term, parts)),
            ExprKind::Present(name) => {
                parts.extend(name.path.name.as_ref().and_then(|name| self.present(path, name)));
            }
            ExprKind::Compare { path: name, op, literal } => {
                let compared =
                    name.path.name.as_ref().and_then(|name| self.compared(path, name, *op, &literal.literal));
                parts.extend(compared);
            }
            _ => {}
        }
    }

    fn present(&self, path: &AttrPath, name: &AttrName) -> Option<(String, bool)> {
        let path = AttrPath { sub: Some(name.clone()), ..path.clone() };
        (self.presence && self.filters_by(&path)).then(|| (format!("{path} pr"), false))
    }

    fn compared(&self, path: &AttrPath, name: &AttrName, op: CompareOp, literal: &Literal) -> Option<(String, bool)> {
        let path = AttrPath { sub: Some(name.clone()), ..path.clone() };
        let says_of_absent = op == CompareOp::Ne || *literal == Literal::Null;
        let is_known = self.compares.contains(&op) && self.filters_by(&path);
        (is_known && !says_of_absent).then(|| (format!("{path} {op} {literal}"), op == CompareOp::Eq))
    }

    fn filters_by(&self, path: &AttrPath) -> bool {
        self.attributes.as_ref().is_none_or(|known| known.iter().any(|one| covers(one, path)))
    }
}

/// What is true of whatever one of these is true of; nothing where one of them can't be sent.
fn any_of(parts: Vec<Part>) -> Option<Part> {
    let is_exact = parts.iter().all(|part| part.is_exact);
    let texts: Vec<String> = parts.into_iter().map(|part| part.text).collect::<Option<_>>()?;
    Some(Part { text: Some(texts.join(" or ")), is_exact, is_equality: false, is_joined: true })
}

/// Whether `whole` is the attribute at `path`, or the one above it.
#[must_use]
pub fn covers(whole: &AttrPath, path: &AttrPath) -> bool {
    let same_name = whole.name.is_none() || whole.name == path.name;
    whole.extension() == path.extension() && same_name && (whole.sub.is_none() || whole.sub == path.sub)
}

/// Every attribute that a filter speaks of.
#[must_use]
pub fn mentioned(filter: &Filter) -> Vec<AttrPath> {
    let mut paths = Vec::new();
    gather(filter.root(), None, &mut paths);
    paths
}

fn gather(expr: &Expr, within: Option<&AttrPath>, paths: &mut Vec<AttrPath>) {
    match &expr.kind {
        ExprKind::And(terms) | ExprKind::Or(terms) => terms.iter().for_each(|term| gather(term, within, paths)),
        ExprKind::Not(inner) => gather(inner, within, paths),
        ExprKind::Present(path) | ExprKind::Compare { path, .. } => paths.push(match within {
            Some(outer) => AttrPath { sub: path.path.name.clone(), ..outer.clone() },
            None => path.path.clone(),
        }),
        ExprKind::Element { path, inner, sub, .. } => {
            gather(inner, Some(&path.path), paths);
            paths.extend(sub.iter().map(|(name, _)| AttrPath { sub: Some(name.clone()), ..path.path.clone() }));
        }
    }
}

/// Whether a filter is true of a resource, as it came back.
#[must_use]
pub fn finds(filter: &Filter, resource: &Object<'_>) -> bool {
    filter::matches(filter.root(), resource)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(compares: &[CompareOp], logic: &str, attributes: Option<&[&str]>) -> Filters {
        Filters {
            compares: compares.to_vec(),
            presence: false,
            and: logic.contains('a'),
            or: logic.contains('o'),
            not: logic.contains('n'),
            attributes: attributes.map(|all| all.iter().map(|one| AttrPath::parse(one).unwrap()).collect()),
            unseen: Vec::new(),
        }
    }

    fn sent(filters: &Filters, filter: &str) -> (String, Option<Bridge>) {
        let Weakened { sent, lacks } = filters.weaken(&Filter::parse(filter).unwrap());
        if let Some(sent) = &sent {
            Filter::parse(sent).unwrap();
        }
        (sent.unwrap_or_default(), lacks)
    }

    #[test]
    fn what_the_backend_can_is_sent_as_it_is() {
        let filters = only(&[CompareOp::Eq], "ao", None);
        for filter in [r#"userName eq "a""#, r#"(title eq "a" or title eq "b") and active eq true"#] {
            assert_eq!(sent(&filters, filter), (filter.to_owned(), None));
        }
    }

    #[test]
    fn a_term_is_left_out_beside_an_and_only() {
        let filters = only(&[CompareOp::Eq], "aon", None);
        for (filter, expected) in [
            (r#"title co "x" and userName eq "a""#, r#"userName eq "a""#),
            (r#"title co "x" or userName eq "a""#, ""),
            (r#"not (title co "x" and userName eq "a")"#, ""),
            (r#"(title co "x" and userName eq "a") or userName eq "b""#, r#"userName eq "a" or userName eq "b""#),
            (
                r#"title co "x" and not (userName eq "a") and locale eq "c""#,
                r#"not (userName eq "a") and locale eq "c""#,
            ),
            ("title pr", ""),
        ] {
            assert_eq!(sent(&filters, filter), (expected.to_owned(), Some(Bridge::FilterEval)), "{filter}");
        }
    }

    #[test]
    fn one_condition_is_the_one_that_finds_the_least() {
        let filters = only(&[CompareOp::Eq, CompareOp::Sw], "", None);
        let both = r#"title sw "x" and userName eq "a""#;
        assert_eq!(sent(&filters, both), (r#"userName eq "a""#.to_owned(), Some(Bridge::FilterEval)));
        assert_eq!(sent(&filters, r#"title sw "x""#), (r#"title sw "x""#.to_owned(), None));
        assert_eq!(sent(&filters, r#"title eq "x" or userName eq "a""#).0, "");
    }

    #[test]
    fn brackets_are_sent_as_what_they_say_of_the_whole() {
        let filters = only(&[CompareOp::Eq, CompareOp::Ne], "a", None);
        for (filter, expected) in [
            (r#"emails[type eq "work" and value eq "a"]"#, r#"emails.type eq "work" and emails.value eq "a""#),
            (r#"emails[type eq "work"].value eq "a""#, r#"emails.type eq "work" and emails.value eq "a""#),
            (r#"emails[type ne "work" and value eq "a"]"#, r#"emails.value eq "a""#),
            (r#"emails[type eq null and value eq "a"]"#, r#"emails.value eq "a""#),
            (r#"emails[type eq "work" or value eq "a"]"#, ""),
            (r#"emails[not (type eq "work")]"#, ""),
        ] {
            assert_eq!(sent(&filters, filter), (expected.to_owned(), Some(Bridge::FilterEval)), "{filter}");
        }
    }

    #[test]
    fn an_attribute_that_it_does_not_filter_by_is_looked_up_here() {
        let filters = only(&[CompareOp::Eq], "a", Some(&["userName", "emails"]));
        let text = |text: &str| text.to_owned();
        assert_eq!(sent(&filters, r#"externalId eq "a""#), (text(""), Some(Bridge::Lookup)));
        let filter = r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "a" and emails.value eq "b""#;
        assert_eq!(sent(&filters, filter), (text(filter), None));
        let urn = r#"urn:x:y:2.0:User:userName eq "a""#;
        assert_eq!(sent(&filters, urn), (text(""), Some(Bridge::Lookup)));
    }

    #[test]
    fn what_lists_do_not_show_is_named() {
        let mut filters = only(&[], "", None);
        filters.unseen = vec![AttrPath::parse("name").unwrap(), AttrPath::parse("emails.value").unwrap()];
        let unseen = |text: &str| filters.unseen(&Filter::parse(text).unwrap()).map(ToString::to_string);
        assert_eq!(unseen(r#"not (title pr or name.givenName eq "a")"#).as_deref(), Some("name"));
        assert_eq!(unseen(r#"emails[value eq "a"]"#).as_deref(), Some("emails.value"));
        assert_eq!(unseen("emails pr").as_deref(), Some("emails.value"));
        assert_eq!(unseen(r#"emails.type eq "a""#), None);
    }
}
