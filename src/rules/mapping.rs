//! A two-way action on the value of one attribute, carried everywhere: bodies, PATCH, filter, `sortBy`.
//!
//! The action says what becomes of one value and of one literal; this is where the protocol's carriers are, once for all
//! such actions. Paths stay as they are.

use crate::json::{Array, Object, Value};
use crate::scim::filter::Edit;
use crate::scim::{AttrName, AttrPath, CompareOp, Filter, Literal, Param, PatchOp, ScimError, ScimType};

use super::attribute::{Relation, relation};
use super::filters::{self, Test};
use super::message::{Body, Refused, Request, Verdict};
use super::partial;
use super::patch;
use super::place::Place;

/// What becomes of a value, one to one.
pub trait Mapping {
    /// The attribute.
    fn place(&self) -> &Place;

    /// The value on the right; nothing if it lies outside the action's domain.
    fn there(&self, value: &Value<'_>) -> Option<Value<'static>>;

    /// The value on the left; nothing if it lies outside the action's domain.
    fn back(&self, value: &Value<'_>) -> Option<Value<'static>>;

    /// A literal on the right as it is written in a filter, for `eq` and `ne`.
    fn literal(&self, literal: &Literal) -> Option<String>;

    /// The values of the domain in words, for whoever sends another one.
    fn domain(&self) -> &'static str;

    /// Whether the order of values turns round.
    fn turns_order(&self) -> bool;
}

/// The operator table of every mapping: `eq` and `ne` translate, `pr` stays, any other operator has no meaning on such
/// values and is refused.
fn operand(op: CompareOp) -> bool {
    matches!(op, CompareOp::Eq | CompareOp::Ne)
}

/// Maps every carrier of a request.
///
/// # Errors
/// 400 for a value or literal outside the domain.
pub fn request(mapping: &impl Mapping, request: &mut Request<'_>) -> Result<Verdict, Refused> {
    let selected = selection(mapping, request)?;
    let body = match &mut request.body {
        Body::Resource(Value::Object(resource)) => resource_there(mapping, resource)?,
        Body::None | Body::Resource(_) | Body::Search(_) => Verdict::of(false),
        Body::Patch(message) => patch::each(message, |op| operation(mapping, op))?,
    };
    Ok(selected.or(body))
}

/// Maps the values of a resource back.
///
/// # Errors
/// A value outside the domain.
pub fn response(mapping: &impl Mapping, resource: &mut Object<'_>) -> Result<Verdict, Refused> {
    values(mapping, resource, |value| mapping.back(value))
}

fn resource_there(mapping: &impl Mapping, resource: &mut Object<'_>) -> Result<Verdict, Refused> {
    values(mapping, resource, |value| mapping.there(value))
}

fn values(
    mapping: &impl Mapping,
    resource: &mut Object<'_>,
    map: impl Fn(&Value<'_>) -> Option<Value<'static>>,
) -> Result<Verdict, Refused> {
    let mut outcome = Ok(false);
    mapping.place().visit_holders(resource, &mut |parent, name| {
        let Some(value) = parent.get(name).filter(|value| !is_absent(value)) else { return };
        match map(value) {
            Some(mapped) => {
                parent.set(name, mapped);
                outcome = outcome.clone().map(|_| true);
            }
            None => outcome = Err(outside(mapping)),
        }
    });
    outcome.map(Verdict::of)
}

fn is_absent(value: &Value<'_>) -> bool {
    value.is_null() || value.as_array().is_some_and(Array::is_empty)
}

fn outside(mapping: &impl Mapping) -> Refused {
    let detail = format!("`{}` must be {}", mapping.place(), mapping.domain());
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

fn operation<'v>(mapping: &impl Mapping, op: PatchOp<'v>) -> Result<patch::Parted<'v>, Refused> {
    let (op, path_changed) = value_filter(mapping, op)?;
    let Some(mut part) = partial::read(&op) else { return Ok(patch::Parted::one(op, path_changed)) };
    let verdict = resource_there(mapping, &mut part)?;
    if !verdict.is_applied() {
        return Ok(patch::Parted::one(op, path_changed));
    }
    let value = match &op.path {
        None => Value::Object(part),
        Some(path) => partial::take(&mut part, path).unwrap_or(Value::Null),
    };
    Ok(patch::Parted::one(PatchOp { value: Some(value), ..op }, true))
}

fn value_filter<'v>(mapping: &impl Mapping, mut op: PatchOp<'v>) -> Result<(PatchOp<'v>, bool), Refused> {
    let Some(path) = &mut op.path else { return Ok((op, false)) };
    let Some(filter) = &path.filter else { return Ok((op, false)) };
    let translated = filter_there(mapping, filter, Some(&path.attr))?;
    let changed = translated.is_some();
    path.filter = translated.or_else(|| path.filter.take());
    Ok((op, changed))
}

fn selection(mapping: &impl Mapping, request: &mut Request<'_>) -> Result<Verdict, Refused> {
    let selection = &mut request.selection;
    let mut changed = false;
    if let Some(filter) = &selection.filter
        && let Some(translated) = filter_there(mapping, filter, None)?
    {
        selection.filter = Some(translated);
        selection.touch(Param::Filter);
        changed = true;
    }
    let sorted = selection.sort_by.as_ref().is_some_and(|path| names(mapping, path));
    if sorted && mapping.turns_order() {
        selection.descending = !selection.descending;
        selection.touch(Param::SortOrder);
        changed = true;
    }
    Ok(Verdict::of(changed))
}

fn names(mapping: &impl Mapping, path: &AttrPath) -> bool {
    relation(path, &mapping.place().attr) == Relation::Same
}

/// A complex attribute is compared by its `value` (RFC 7643 section 2.4).
fn names_by_value(mapping: &impl Mapping, path: &AttrPath) -> bool {
    let value = || AttrPath { sub: AttrName::parse("value").ok(), ..path.clone() };
    path.sub.is_none() && names(mapping, &value())
}

fn filter_there(mapping: &impl Mapping, filter: &Filter, within: Option<&AttrPath>) -> Result<Option<Filter>, Refused> {
    let mut edits = Vec::new();
    for mention in filters::mentions(filter, within) {
        let Test::Compare(op, literal) = &mention.test else { continue };
        let is_named = names(mapping, &mention.path) || names_by_value(mapping, &mention.path);
        if !is_named || literal.literal == Literal::Null {
            continue;
        }
        let text = mapping.literal(&literal.literal).filter(|_| operand(*op)).ok_or_else(|| {
            filters::invalid(format!("`{}` can be compared by eq and ne with {}", mapping.place(), mapping.domain()))
        })?;
        edits.push(Edit { span: literal.span.clone(), text });
    }
    filters::splice(filter, edits)
}
