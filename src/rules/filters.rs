//! A filter as a rule sees it: each place where it names an attribute, with the attribute's whole path.

use std::ops::Range;

use crate::scim::filter::{Edit, Expr, ExprKind, LiteralSpan};
use crate::scim::{AttrPath, CompareOp, Filter, ScimError, ScimType};

use super::message::Refused;

/// One place where a filter names an attribute.
#[derive(Debug)]
pub struct Mention<'f> {
    /// The whole path, also where only a sub-attribute is written (inside `emails[..]`).
    pub path: AttrPath,
    /// Where the name stands.
    pub name: Range<usize>,
    /// Whether only the last name is written there.
    pub relative: bool,
    /// The whole expression that tests it.
    pub whole: Range<usize>,
    /// How it is tested.
    pub test: Test<'f>,
}

/// How a filter tests an attribute.
#[derive(Clone, Copy, Debug)]
pub enum Test<'f> {
    /// `pr`
    Present,
    /// A comparison.
    Compare(CompareOp, &'f LiteralSpan),
    /// The head of a value path: `emails[..]`.
    Elements,
}

/// Every mention in `filter`, in the order in which they are written. Inside a PATCH path, `within` is its attribute.
#[must_use]
pub fn mentions<'f>(filter: &'f Filter, within: Option<&AttrPath>) -> Vec<Mention<'f>> {
    let mut found = Vec::new();
    collect(filter.root(), within, &mut found);
    found
}

fn collect<'f>(expr: &'f Expr, within: Option<&AttrPath>, found: &mut Vec<Mention<'f>>) {
    let whole = || expr.span.clone();
    match &expr.kind {
        ExprKind::And(terms) | ExprKind::Or(terms) => terms.iter().for_each(|term| collect(term, within, found)),
        ExprKind::Not(inner) => collect(inner, within, found),
        ExprKind::Present(path) => {
            found.push(Mention { test: Test::Present, whole: whole(), ..mention(&path.path, &path.span, within) });
        }
        ExprKind::Compare { path, op, literal } => {
            let test = Test::Compare(*op, literal);
            found.push(Mention { test, whole: whole(), ..mention(&path.path, &path.span, within) });
        }
        ExprKind::Element { path, inner, sub, test } => {
            let head = Mention { whole: whole(), ..mention(&path.path, &path.span, within) };
            let attribute = head.path.clone();
            found.push(head);
            collect(inner, Some(&attribute), found);
            let Some((name, span)) = sub else { return };
            let test = test.as_ref().map_or(Test::Present, |(op, literal)| Test::Compare(*op, literal));
            let path = AttrPath { sub: Some(name.clone()), ..attribute };
            found.push(Mention { path, name: span.clone(), relative: true, whole: whole(), test });
        }
    }
}

fn mention<'f>(path: &AttrPath, name: &Range<usize>, within: Option<&AttrPath>) -> Mention<'f> {
    let (path, relative) = match within {
        Some(outer) => (AttrPath { sub: path.name.clone(), ..outer.clone() }, true),
        None => (path.clone(), false),
    };
    Mention { path, name: name.clone(), relative, whole: name.clone(), test: Test::Elements }
}

/// The filter with the edits made; the same filter if there are none.
///
/// # Errors
/// 400 `invalidFilter` if what comes out is no filter within the limits.
pub fn splice(filter: &Filter, edits: Vec<Edit>) -> Result<Option<Filter>, Refused> {
    if edits.is_empty() {
        return Ok(None);
    }
    filter.splice(edits).map(Some).map_err(|fault| invalid(fault.to_string()))
}

/// 400 `invalidFilter`.
#[must_use]
pub fn invalid(detail: impl Into<String>) -> Refused {
    ScimError::bad_request(ScimType::InvalidFilter, detail.into())
}
