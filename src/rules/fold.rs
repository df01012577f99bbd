//! A filter rewritten test by test, where a test may also turn out true or false of everything.
//!
//! SCIM can't write constants, so they are folded away through `and`, `or`, `not` and the brackets of a value path. What
//! no change touches keeps its bytes. A filter that is true of everything disappears; one that is false of everything is
//! answered without the backend ([`Selection::matches_nothing`]), and in a PATCH path it has no target.

use std::ops::Range;

use crate::scim::filter::{Edit, Expr, ExprKind, LiteralSpan};
use crate::scim::{AttrPath, CompareOp, Filter, Literal, OpKind, OperationKind, Param, PatchPath, ScimError, ScimType};

use super::filters::{Test, invalid};
use super::message::Refused;
use super::selection::Selection;

/// One test of a filter, before it is rewritten.
#[derive(Debug)]
pub struct Asked<'f> {
    /// The attribute's whole path, also where only a sub-attribute is written.
    pub path: AttrPath,
    /// The attribute as it must be written there.
    pub name: String,
    /// Where it stands.
    pub stand: Stand,
    /// How it is tested.
    pub test: Test<'f>,
}

impl Asked<'_> {
    /// Whether this is the head of a value path.
    #[must_use]
    pub fn test_is_of_elements(&self) -> bool {
        matches!(self.test, Test::Elements)
    }
}

/// Where a test stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stand {
    /// It is asked of a resource.
    Resource,
    /// It is asked of one element, in brackets.
    Element,
    /// It is asked behind brackets, of all elements that match: `emails[..].value`.
    Behind,
}

/// What a test becomes.
#[derive(Clone, Debug, PartialEq)]
pub enum Rewrite {
    /// It stays.
    Keep,
    /// The attribute is called otherwise.
    Name(String),
    /// It compares with another literal.
    Literal(String),
    /// It becomes another expression, which brings its own parentheses where it joins terms.
    Text(String),
    /// It is true of everything.
    Always,
    /// It is false of everything.
    Never,
}

impl Rewrite {
    /// Any of these expressions: none is false, one stands for itself.
    #[must_use]
    pub fn any(terms: Vec<String>) -> Self {
        Self::joined(terms, " or ", Self::Never)
    }

    /// All of these expressions: none is true, one stands for itself.
    #[must_use]
    pub fn all(terms: Vec<String>) -> Self {
        Self::joined(terms, " and ", Self::Always)
    }

    /// A constant.
    #[must_use]
    pub fn constant(truth: bool) -> Self {
        if truth { Self::Always } else { Self::Never }
    }

    fn joined(mut terms: Vec<String>, joint: &str, none: Self) -> Self {
        match terms.len() {
            0 => none,
            1 => Self::Text(terms.remove(0)),
            _ => Self::Text(format!("({})", terms.join(joint))),
        }
    }
}

/// What becomes of each test of a filter.
pub type Rewriting<'r> = &'r dyn Fn(&Asked<'_>) -> Result<Rewrite, Refused>;

/// What became of a filter, or of a part of it.
#[derive(Clone, Debug, PartialEq)]
enum Part {
    Same,
    Text(String),
    Always,
    Never,
}

/// Rewrites the filter of a query. True if it changed.
///
/// # Errors
/// What `rewriting` refuses; 400 `invalidFilter` for what comes out too large, or false of everything where no list can
/// say so.
pub fn query(selection: &mut Selection, operation: OperationKind, rewriting: Rewriting<'_>) -> Result<bool, Refused> {
    let Some(filter) = &selection.filter else { return Ok(false) };
    match whole(filter, None, rewriting)? {
        Part::Same => return Ok(false),
        Part::Text(text) => selection.filter = Some(spliced(filter, text)?),
        Part::Always => selection.filter = None,
        Part::Never if matches!(operation, OperationKind::List | OperationKind::Search) => {
            selection.filter = None;
            selection.matches_nothing = true;
        }
        Part::Never => return Err(invalid("nothing can match this filter")),
    }
    selection.touch(Param::Filter);
    Ok(true)
}

/// Rewrites what stands in the brackets of a PATCH path; nothing if that stays.
///
/// # Errors
/// As for a query; 400 `noTarget` for brackets that no element can match (RFC 7644 section 3.5.2).
pub fn path(path: &PatchPath, kind: OpKind, rewriting: Rewriting<'_>) -> Result<Option<PatchPath>, Refused> {
    let Some(filter) = &path.filter else { return Ok(None) };
    let filter = match whole(filter, Some(&path.attr), rewriting)? {
        Part::Same => return Ok(None),
        Part::Text(text) => Some(spliced(filter, text)?),
        Part::Always if kind == OpKind::Remove && path.sub.is_none() => None,
        Part::Always => Some(spliced(filter, tautology(filter.root(), filter.text()))?),
        Part::Never => {
            let detail = format!("no element of `{}` can match [{filter}]", path.attr);
            return Err(ScimError::bad_request(ScimType::NoTarget, detail));
        }
    };
    Ok(Some(PatchPath { filter, ..path.clone() }))
}

fn whole(filter: &Filter, within: Option<&AttrPath>, rewriting: Rewriting<'_>) -> Result<Part, Refused> {
    Folding { text: filter.text(), rewriting }.part(filter.root(), within)
}

fn spliced(filter: &Filter, text: String) -> Result<Filter, Refused> {
    let span = filter.root().span.clone();
    filter.splice(vec![Edit { span, text }]).map_err(|fault| invalid(format!("translated, it is too large: {fault}")))
}

/// An expression that is true of every element, over the first name that `expr` tests.
fn tautology(expr: &Expr, text: &str) -> String {
    match &expr.kind {
        ExprKind::And(terms) | ExprKind::Or(terms) => {
            terms.first().map(|term| tautology(term, text)).unwrap_or_default()
        }
        ExprKind::Not(inner) => tautology(inner, text),
        ExprKind::Present(path) | ExprKind::Compare { path, .. } | ExprKind::Element { path, .. } => {
            let name = text.get(path.span.clone()).unwrap_or_default();
            format!("{name} pr or not ({name} pr)")
        }
    }
}

/// A filter on its way.
struct Folding<'f> {
    text: &'f str,
    rewriting: Rewriting<'f>,
}

impl<'f> Folding<'f> {
    fn part(&self, expr: &'f Expr, within: Option<&AttrPath>) -> Result<Part, Refused> {
        match &expr.kind {
            ExprKind::And(terms) => self.joined(expr, terms, within, Joint::And),
            ExprKind::Or(terms) => self.joined(expr, terms, within, Joint::Or),
            ExprKind::Not(inner) => Ok(match self.part(inner, within)? {
                Part::Same => Part::Same,
                Part::Text(text) => Part::Text(self.with(&expr.span, &[(&inner.span, &text)])),
                Part::Always => Part::Never,
                Part::Never => Part::Always,
            }),
            ExprKind::Present(path) => self.test(expr, &path.span, self.asked(&path.path, &path.span, within), None),
            ExprKind::Compare { path, op, literal } => {
                let asked = Asked { test: Test::Compare(*op, literal), ..self.asked(&path.path, &path.span, within) };
                self.test(expr, &path.span, asked, Some(literal))
            }
            ExprKind::Element { .. } => self.element(expr),
        }
    }

    fn asked(&self, path: &AttrPath, span: &Range<usize>, within: Option<&AttrPath>) -> Asked<'f> {
        let (path, stand) = match within {
            Some(outer) => (AttrPath { sub: path.name.clone(), ..outer.clone() }, Stand::Element),
            None => (path.clone(), Stand::Resource),
        };
        Asked { path, name: self.slice(span).to_owned(), stand, test: Test::Present }
    }

    fn test(
        &self,
        expr: &Expr,
        name: &Range<usize>,
        asked: Asked<'_>,
        literal: Option<&LiteralSpan>,
    ) -> Result<Part, Refused> {
        Ok(match ((self.rewriting)(&asked)?, literal) {
            (Rewrite::Keep, _) => Part::Same,
            (Rewrite::Name(text), _) => Part::Text(self.with(&expr.span, &[(name, &text)])),
            (Rewrite::Literal(text), Some(literal)) => Part::Text(self.with(&expr.span, &[(&literal.span, &text)])),
            (Rewrite::Text(text), _) => Part::Text(text),
            (Rewrite::Always, _) => Part::Always,
            (Rewrite::Never, _) => Part::Never,
            (Rewrite::Literal(_), None) => return Err(invalid(format!("`{}` is not compared here", asked.path))),
        })
    }

    fn joined(
        &self,
        expr: &'f Expr,
        terms: &'f [Expr],
        within: Option<&AttrPath>,
        joint: Joint,
    ) -> Result<Part, Refused> {
        let parts: Vec<Part> = terms.iter().map(|term| self.part(term, within)).collect::<Result<_, _>>()?;
        let (neutral, absorbing) = joint.constants();
        if parts.contains(&absorbing) {
            return Ok(absorbing);
        }
        if parts.contains(&neutral) {
            return Ok(self.left(terms, &parts, &neutral, joint));
        }
        let changed: Vec<_> =
            terms.iter().zip(&parts).filter_map(|(term, part)| Some((&term.span, part.text()?))).collect();
        Ok(if changed.is_empty() { Part::Same } else { Part::Text(self.with(&expr.span, &changed)) })
    }

    /// What is left of joined terms without those that don't matter.
    fn left(&self, terms: &[Expr], parts: &[Part], neutral: &Part, joint: Joint) -> Part {
        let left: Vec<_> = terms.iter().zip(parts).filter(|(_, part)| *part != neutral).collect();
        let text = |term: &Expr, part: &Part| part.text().unwrap_or(self.slice(&term.span)).to_owned();
        match left.as_slice() {
            [] => neutral.clone(),
            [(term, part)] => Part::Text(text(term, part)),
            several => {
                let guarded = several.iter().map(|(term, part)| match term.kind {
                    ExprKind::And(_) | ExprKind::Or(_) => format!("({})", text(term, part)),
                    _ => text(term, part),
                });
                Part::Text(guarded.collect::<Vec<_>>().join(joint.as_str()))
            }
        }
    }

    /// `emails[..]`, `emails[..].value eq "a"`
    fn element(&self, expr: &'f Expr) -> Result<Part, Refused> {
        let ExprKind::Element { path, inner, sub, test } = &expr.kind else { return Ok(Part::Same) };
        let head = Asked { test: Test::Elements, ..self.asked(&path.path, &path.span, None) };
        let head = match (self.rewriting)(&head)? {
            Rewrite::Name(name) => Some(name),
            _ => None,
        };
        let inside = match self.part(inner, Some(&path.path))? {
            Part::Never => return Ok(without_elements(test.as_ref().filter(|_| sub.is_some()))),
            Part::Always => Some(tautology(inner, self.text)),
            Part::Text(text) => Some(text),
            Part::Same => None,
        };
        let mut changes = Vec::new();
        changes.extend(head.as_deref().map(|text| (&path.span, text)));
        changes.extend(inside.as_deref().map(|text| (&inner.span, text)));
        let is_same = changes.is_empty();
        let Some((name, span)) = sub else {
            return Ok(if is_same { Part::Same } else { Part::Text(self.with(&expr.span, &changes)) });
        };
        let front = self.with(&(expr.span.start..span.end), &changes);
        let literal = test.as_ref().map(|(_, literal)| literal);
        let asked = Asked {
            path: AttrPath { sub: Some(name.clone()), ..path.path.clone() },
            name: front,
            stand: Stand::Behind,
            test: test.as_ref().map_or(Test::Present, |(op, literal)| Test::Compare(*op, literal)),
        };
        let rewrite = (self.rewriting)(&asked)?;
        Ok(match (rewrite, literal) {
            (Rewrite::Keep, _) if is_same => Part::Same,
            (Rewrite::Keep, _) => Part::Text(self.with(&expr.span, &changes)),
            (Rewrite::Literal(text), Some(literal)) => {
                changes.push((&literal.span, &text));
                Part::Text(self.with(&expr.span, &changes))
            }
            (Rewrite::Text(text), _) => Part::Text(text),
            (Rewrite::Always, _) => Part::Always,
            (Rewrite::Never, _) => Part::Never,
            (Rewrite::Literal(_) | Rewrite::Name(_), _) => {
                return Err(invalid(format!("`{}` can't be asked like this", asked.path)));
            }
        })
    }

    /// The text of `span` with these changes within it, in their order.
    fn with(&self, span: &Range<usize>, changes: &[(&Range<usize>, &str)]) -> String {
        let mut text = String::new();
        let mut done = span.start;
        for (range, change) in changes {
            text.push_str(self.slice(&(done..range.start)));
            text.push_str(change);
            done = range.end;
        }
        text.push_str(self.slice(&(done..span.end)));
        text
    }

    fn slice(&self, span: &Range<usize>) -> &'f str {
        self.text.get(span.clone()).unwrap_or_default()
    }
}

/// What is asked behind brackets that nothing matches is asked of no value: only `ne` and `eq null` are true of that.
fn without_elements(test: Option<&(CompareOp, LiteralSpan)>) -> Part {
    match test {
        Some((op, literal)) if (*op == CompareOp::Eq) == (literal.literal == Literal::Null) => match op {
            CompareOp::Eq | CompareOp::Ne => Part::Always,
            _ => Part::Never,
        },
        _ => Part::Never,
    }
}

impl Part {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Same | Self::Always | Self::Never => None,
        }
    }
}

/// How terms are joined.
#[derive(Clone, Copy)]
enum Joint {
    And,
    Or,
}

impl Joint {
    /// What may be left out, and what decides alone.
    fn constants(self) -> (Part, Part) {
        match self {
            Self::And => (Part::Always, Part::Never),
            Self::Or => (Part::Never, Part::Always),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::And => " and ",
            Self::Or => " or ",
        }
    }
}

#[cfg(test)]
mod tests;
