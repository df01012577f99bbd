//! Queries in both versions: filters, and lists of attributes.
//!
//! The filters of SCIM 1.1 are fewer: without `ne`, `ew`, `not` and value paths. What they can't say is refused, since a
//! term that is left out finds people whom nobody asked for.

use std::borrow::Cow;

use crate::scim::attr::AttrPath;
use crate::scim::error::{ScimError, ScimType};
use crate::scim::filter::{CompareOp, Edit, Expr, ExprKind, Filter, LiteralSpan, PathSpan};
use crate::scim::query::{Param, Query};
use crate::scim::resource::Resource;
use crate::scim::{Literal, schema};

use super::{Version, names, resource};

/// Brings a query into the other version.
///
/// # Errors
/// 400 `invalidFilter` for a filter that can't be read, or that SCIM 1.1 can't say; 400 for a cursor, which it doesn't know.
pub fn translate(query: &mut Query, of: &Resource, to: Version) -> Result<(), ScimError> {
    if let Some(text) = query.value(Param::Filter).filter(|text| !text.is_empty()) {
        let told = filter(text, of, to)?;
        query.set(Param::Filter, Some(told));
    }
    for param in [Param::SortBy, Param::Attributes, Param::ExcludedAttributes] {
        if let Some(told) = query.value(param).and_then(|text| paths(text, of, to)) {
            query.set(param, Some(told));
        }
    }
    if to.is_old() {
        for (param, least) in [(Param::StartIndex, 1), (Param::Count, 0)] {
            let below = query.value(param).and_then(|text| text.parse::<i32>().ok()).is_some_and(|own| own < least);
            if below {
                query.set(param, Some(least.to_string()));
            }
        }
        if query.value(Param::Cursor).is_some() {
            let detail = "SCIM 1.1 pages by `startIndex`, not by `cursor`";
            return Err(ScimError::bad_request(ScimType::InvalidValue, detail));
        }
    }
    Ok(())
}

/// A filter in the other version.
///
/// # Errors
/// 400 `invalidFilter` for one that can't be read, or that SCIM 1.1 can't say.
pub fn filter(text: &str, of: &Resource, to: Version) -> Result<String, ScimError> {
    let refused = |detail: String| ScimError::bad_request(ScimType::InvalidFilter, detail);
    let read = Filter::parse(text).map_err(|fault| refused(fault.to_string()))?;
    let mut told = Told { of, to, edits: Vec::new(), unsaid: None };
    told.expr(read.root());
    if let Some(what) = told.unsaid {
        return Err(refused(format!("SCIM 1.1 has no {what} in filters, and the backend speaks that")));
    }
    let spliced = read.splice(told.edits).map_err(|fault| refused(fault.to_string()))?;
    Ok(spliced.text().to_owned())
}

/// A filter on its way.
struct Told<'t> {
    of: &'t Resource,
    to: Version,
    edits: Vec<Edit>,
    /// What the other version has no word for.
    unsaid: Option<&'static str>,
}

impl Told<'_> {
    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::And(terms) | ExprKind::Or(terms) => terms.iter().for_each(|term| self.expr(term)),
            ExprKind::Not(inner) => {
                self.lacks("`not`");
                self.expr(inner);
            }
            ExprKind::Present(path) => self.path(path, ""),
            ExprKind::Compare { path, op, literal } => self.compare(path, *op, literal),
            ExprKind::Element { path, .. } => {
                self.lacks("value paths in brackets");
                self.path(path, "");
            }
        }
    }

    fn compare(&mut self, path: &PathSpan, op: CompareOp, literal: &LiteralSpan) {
        match op {
            CompareOp::Ne => self.lacks("`ne`"),
            CompareOp::Ew => self.lacks("`ew`"),
            _ => {}
        }
        let two = match self.to {
            Version::Two => self.told(&path.path).and_then(|text| AttrPath::parse(&text).ok()),
            Version::OneOne => None,
        };
        let known = schema::find(Some(self.of), two.as_ref().unwrap_or(&path.path));
        // SCIM 1.1 compares the values of `emails` where it names no part of them.
        let has_value = |known: &schema::Attribute| known.parts.iter().any(|part| part.name == "value");
        let names_all = known.is_some_and(|known| known.is_multi_valued && has_value(known));
        let is_two = self.to == Version::Two;
        self.path(path, if names_all && is_two { ".value" } else { "" });
        if let (Some(known), Literal::String(text)) = (known, &literal.literal)
            && resource::is_language(known)
            && let Some(told) = resource::language(text, self.to)
        {
            self.edits.push(Edit { span: literal.span.clone(), text: Literal::String(told).to_string() });
        }
    }

    fn path(&mut self, path: &PathSpan, behind: &str) {
        if self.to.is_old() && is_resource_type(&path.path) {
            self.unsaid = Some("`meta.resourceType`");
        }
        let told = self.told(&path.path);
        if told.is_some() || !behind.is_empty() {
            let told = told.unwrap_or_else(|| path.path.to_string());
            self.edits.push(Edit { span: path.span.clone(), text: format!("{told}{behind}") });
        }
    }

    fn told(&self, path: &AttrPath) -> Option<String> {
        names::translated(&path.to_string(), self.of, self.to)
    }

    fn lacks(&mut self, what: &'static str) {
        if self.to.is_old() {
            self.unsaid = Some(what);
        }
    }
}

fn is_resource_type(path: &AttrPath) -> bool {
    path.extension().is_none()
        && AttrPath { urn: None, ..path.clone() }.to_string().eq_ignore_ascii_case("meta.resourceType")
}

/// A list of attributes, in the other version; nothing where it is the same in both.
fn paths(list: &str, of: &Resource, to: Version) -> Option<String> {
    let mut changed = false;
    let told = list.split(',').map(|path| match names::translated(path.trim(), of, to) {
        Some(told) => {
            changed = true;
            Cow::Owned(told)
        }
        None => Cow::Borrowed(path),
    });
    let told = told.collect::<Vec<_>>().join(",");
    changed.then_some(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there(text: &str) -> String {
        filter(text, &Resource::User, Version::OneOne).unwrap()
    }

    fn back(text: &str) -> String {
        filter(text, &Resource::User, Version::Two).unwrap()
    }

    #[test]
    fn v_40_v_42_a_filter_is_said_in_the_other_version() {
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let rows = [
            ("userName eq \"ada\"", "userName eq \"ada\"".to_owned()),
            (
                "urn:scim:schemas:core:1.0:userName SW \"a\"",
                "urn:ietf:params:scim:schemas:core:2.0:User:userName SW \"a\"".to_owned(),
            ),
            (
                "urn:scim:schemas:extension:enterprise:1.0:manager.managerId eq \"7\"",
                format!("{enterprise}:manager.value eq \"7\""),
            ),
            (
                "(title pr and active eq true) or meta.lastModified gt \"2011-05-13T04:42:34Z\"",
                "(title pr and active eq true) or meta.lastModified gt \"2011-05-13T04:42:34Z\"".to_owned(),
            ),
            ("locale eq \"en_US\"", "locale eq \"en-US\"".to_owned()),
            ("emails.value co \"x\"", "emails.value co \"x\"".to_owned()),
        ];
        for (old, new) in rows {
            assert_eq!(back(old), new);
            assert_eq!(there(&new), old);
        }
    }

    #[test]
    fn v_41_values_are_compared_where_no_part_is_named() {
        assert_eq!(back("emails co \"x\""), "emails.value co \"x\"");
        assert_eq!(back("emails pr"), "emails pr");
        assert_eq!(
            back("addresses.country eq \"NO\" and schemas eq \"a\""),
            "addresses.country eq \"NO\" and schemas eq \"a\""
        );
    }

    #[test]
    fn v_40_what_scim_1_1_can_t_say_is_refused() {
        for text in [
            "userName ne \"a\"",
            "userName ew \"a\"",
            "not (userName eq \"a\")",
            "emails[type eq \"work\"]",
            "title pr and emails[type eq \"work\"].value eq \"x\"",
            "meta.resourceType eq \"User\"",
            "userName is \"a\"",
        ] {
            let refused = filter(text, &Resource::User, Version::OneOne).unwrap_err();
            assert_eq!(refused.scim_type, Some(ScimType::InvalidFilter), "{text}");
        }
    }

    #[test]
    fn v_44_v_45_v_46_what_stands_beside_the_filter() {
        let told = |raw: &str, to| {
            let mut query = Query::parse(raw).unwrap();
            translate(&mut query, &Resource::User, to).map(|()| query.to_string())
        };
        assert_eq!(told("startIndex=0&count=-1", Version::OneOne).unwrap(), "startIndex=1&count=0");
        assert_eq!(told("startIndex=2&count=5", Version::OneOne).unwrap(), "startIndex=2&count=5");
        assert!(told("cursor=x", Version::OneOne).is_err());
        let asked = "sortBy=urn:scim:schemas:core:1.0:userName&sortOrder=descending&attributes=userName,urn:scim:schemas:extension:enterprise:1.0";
        let two = "sortBy=urn:ietf:params:scim:schemas:core:2.0:User:userName&sortOrder=descending&attributes=userName,urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        assert_eq!(told(asked, Version::Two).unwrap(), two);
        assert_eq!(told(two, Version::OneOne).unwrap(), asked);
    }
}
