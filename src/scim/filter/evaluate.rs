//! Asks a filter of a resource, or of one element of a multi-valued attribute (RFC 7644 section 3.4.2.2).
//!
//! An attribute with several values matches if one of them does. `null`, `[]` and an attribute that isn't there are the
//! same (RFC 7643 section 2.5); `ne` is true of them. A comparison of different types is false, `ne` true.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::json::{Object, Value};
use crate::scim::attr::{AttrName, AttrPath};
use crate::scim::schema::{self, Kind};

use super::decimal;
use super::instant::Instant;
use super::{CompareOp, Expr, ExprKind, Literal};

/// Whether `expr` is true of `element`: a resource, or one element of a multi-valued attribute.
///
/// Numbers are compared by their exact value; dates that RFC 7643 knows as such, as instants; strings without case, but
/// for those of which it says otherwise (`id`, `externalId`, references).
#[must_use]
pub fn matches(expr: &Expr, element: &Object<'_>) -> bool {
    holds(expr, element, None)
}

/// Whether one value of the attribute at `path` compares so with `literal`.
#[must_use]
pub fn satisfies(value: &Value<'_>, path: &AttrPath, op: CompareOp, literal: &Literal) -> bool {
    compare(value, op, literal, manner(path))
}

/// Whether `expr` is true of an object, which is an element of the attribute `within`, if that is known.
fn holds(expr: &Expr, object: &Object<'_>, within: Option<&AttrPath>) -> bool {
    match &expr.kind {
        ExprKind::And(terms) => terms.iter().all(|term| holds(term, object, within)),
        ExprKind::Or(terms) => terms.iter().any(|term| holds(term, object, within)),
        ExprKind::Not(inner) => !holds(inner, object, within),
        ExprKind::Present(path) => raw_values(object, &path.path).into_iter().any(is_present),
        ExprKind::Compare { path, op, literal } => {
            let values = raw_values(object, &path.path);
            let whole = within.map(|outer| AttrPath { sub: path.path.name.clone(), ..outer.clone() });
            compares(&values, *op, &literal.literal, manner(whole.as_ref().unwrap_or(&path.path)))
        }
        ExprKind::Element { path, inner, sub, test } => {
            let elements = raw_values(object, &path.path).into_iter().flat_map(each).filter(|value| !value.is_null());
            let mut matching = elements.filter(|value| element_holds(inner, value, &path.path));
            let Some((name, _)) = sub else { return matching.next().is_some() };
            let values: Vec<_> = matching.flat_map(|value| under(value, name)).collect();
            let Some((op, literal)) = test else { return values.into_iter().any(is_present) };
            let whole = AttrPath { sub: Some(name.clone()), ..path.path.clone() };
            compares(&values, *op, &literal.literal, manner(&whole))
        }
    }
}

/// The elements of `["a", "b"]` are seen as `{value: "a"}`, as RFC 7643 section 2.4 names the default sub-attribute.
fn element_holds(inner: &Expr, value: &Value<'_>, within: &AttrPath) -> bool {
    if let Value::Object(element) = value {
        return holds(inner, element, Some(within));
    }
    let mut element = Object::new();
    element.set("value", value.clone());
    holds(inner, &element, Some(within))
}

/// The values at `path` as they stand there: arrays only where the path doesn't go through them.
fn raw_values<'r, 'v>(resource: &'r Object<'v>, path: &AttrPath) -> Vec<&'r Value<'v>> {
    let holder = match (path.extension(), &path.name) {
        (Some(urn), Some(_)) => resource.get(urn.as_str()).and_then(Value::as_object),
        _ => Some(resource),
    };
    let key = path.name.as_ref().map(AttrName::as_str).or(path.urn.as_ref().map(|urn| urn.as_str()));
    let value = holder.zip(key).and_then(|(holder, key)| holder.get(key));
    match &path.sub {
        None => value.into_iter().collect(),
        Some(sub) => value.into_iter().flat_map(each).flat_map(|value| under(value, sub)).collect(),
    }
}

/// The elements of an array; any other value itself.
fn each<'r, 'v>(value: &'r Value<'v>) -> Vec<&'r Value<'v>> {
    value.as_array().map_or_else(|| vec![value], |array| array.iter().collect())
}

fn under<'r, 'v>(value: &'r Value<'v>, sub: &AttrName) -> Option<&'r Value<'v>> {
    match value {
        Value::Object(complex) => complex.get(sub.as_str()),
        _ => None,
    }
}

/// Whether a value is there and not empty; a complex one, whether any part of it is.
#[must_use]
pub fn is_present(value: &Value<'_>) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) => true,
        Value::String(text) => !text.is_empty(),
        Value::Array(array) => array.iter().any(is_present),
        Value::Object(complex) => complex.iter().any(|member| is_present(&member.value)),
    }
}

/// How the strings of an attribute are compared.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Caseless,
    Exact,
    Instant,
}

/// The attribute's own manner; of a complex one, that of its `value`.
fn manner(path: &AttrPath) -> Manner {
    let value = AttrPath { sub: AttrName::parse("value").ok(), ..path.clone() };
    let attribute = match schema::find(None, path) {
        Some(attribute) if attribute.kind == Kind::Complex => schema::find(None, &value),
        attribute => attribute,
    };
    let is_reference = path.sub.as_ref().or(path.name.as_ref()).is_some_and(|name| name.as_str().starts_with('$'));
    match attribute {
        Some(attribute) if attribute.kind == Kind::DateTime => Manner::Instant,
        Some(attribute) if attribute.name == "schemas" => Manner::Caseless, // as URNs are compared everywhere here
        Some(attribute) if attribute.is_case_exact => Manner::Exact,
        None if is_reference => Manner::Exact, // `$ref` is one wherever it stands (RFC 7643 section 2.4)
        _ => Manner::Caseless,
    }
}

fn compares(values: &[&Value<'_>], op: CompareOp, literal: &Literal, manner: Manner) -> bool {
    let mut held = values.iter().copied().flat_map(each).filter_map(simple).peekable();
    match (literal, op) {
        (Literal::Null, CompareOp::Eq) => held.peek().is_none(),
        (Literal::Null, CompareOp::Ne) => held.peek().is_some(),
        (_, CompareOp::Ne) if held.peek().is_none() => true,
        _ => held.any(|value| compare(value, op, literal, manner)),
    }
}

/// A value that can be compared: of a complex one, its `value`; of nothing, none.
fn simple<'r, 'v>(value: &'r Value<'v>) -> Option<&'r Value<'v>> {
    let value = match value {
        Value::Object(complex) => complex.get("value")?,
        value => value,
    };
    (!value.is_null()).then_some(value)
}

fn compare(value: &Value<'_>, op: CompareOp, literal: &Literal, manner: Manner) -> bool {
    match (value, literal) {
        (Value::Bool(held), Literal::Bool(asked)) => equality(op, held == asked),
        // Entra asks `primary eq "True"`.
        (Value::Bool(held), Literal::String(asked)) => {
            equality(op, asked.eq_ignore_ascii_case(if *held { "true" } else { "false" }))
        }
        (Value::Number(held), Literal::Number(asked)) => order(op, decimal::compare(held, asked)).unwrap_or(false),
        (Value::String(held), Literal::String(asked)) => strings(&held.decoded(), op, asked, manner),
        _ => op == CompareOp::Ne,
    }
}

/// What has no order can only be equal or not.
fn equality(op: CompareOp, equal: bool) -> bool {
    match op {
        CompareOp::Eq => equal,
        CompareOp::Ne => !equal,
        _ => false,
    }
}

fn strings(held: &str, op: CompareOp, asked: &str, manner: Manner) -> bool {
    if manner == Manner::Instant
        && let (Some(held), Some(asked)) = (Instant::read(held), Instant::read(asked))
        && let Some(answer) = order(op, held.cmp(&asked))
    {
        return answer;
    }
    let (held, asked) = match manner {
        Manner::Caseless => (Cow::Owned(held.to_lowercase()), Cow::Owned(asked.to_lowercase())),
        Manner::Exact | Manner::Instant => (Cow::Borrowed(held), Cow::Borrowed(asked)),
    };
    match op {
        CompareOp::Co => held.contains(asked.as_ref()),
        CompareOp::Sw => held.starts_with(asked.as_ref()),
        CompareOp::Ew => held.ends_with(asked.as_ref()),
        _ => order(op, held.cmp(&asked)).unwrap_or(false),
    }
}

/// What an operator says of an order; nothing for the operators that look into a text.
fn order(op: CompareOp, order: Ordering) -> Option<bool> {
    Some(match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => return None,
    })
}
