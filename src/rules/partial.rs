//! A PATCH operation read as a part of a resource: translated there like a body, and put back as an operation.

use crate::json::{Array, Object, Value};
use crate::scim::{AttrName, OpKind, PatchOp, PatchPath};

use super::attribute;

/// What a translation left of an operation's value.
#[derive(Debug, PartialEq)]
pub enum Left<'v> {
    /// A value.
    Value(Value<'v>),
    /// Nothing.
    Nothing,
}

/// Whether `op` carries a bare value at a value path (`emails[type eq "work"].value`), which one-way rules never touch.
#[must_use]
pub fn is_bare(op: &PatchOp<'_>) -> bool {
    op.path.as_ref().is_some_and(|path| path.filter.is_some() && path.sub.is_some())
}

/// The part of a resource that `op` carries; nothing where it carries no value.
#[must_use]
pub fn read<'v>(op: &PatchOp<'v>) -> Option<Object<'v>> {
    let value = op.value.clone()?;
    let Some(path) = &op.path else {
        return match value {
            Value::Object(part) => Some(part),
            _ => None,
        };
    };
    let mut part = Object::new();
    let value = match (&path.filter, &path.sub) {
        (None, None) => value,
        (None | Some(_), Some(sub)) => element(sub, value),
        (Some(_), None) => Value::Array(Array::from(vec![value])),
    };
    attribute::put(&mut part, &path.attr, value).ok()?;
    Some(part)
}

fn element<'v>(sub: &AttrName, value: Value<'v>) -> Value<'v> {
    let mut element = Object::new();
    element.set(sub.as_str(), value);
    Value::Array(Array::from(vec![Value::Object(element)]))
}

/// Takes the value of an operation at `path` out of the translated part.
pub fn take<'v>(part: &mut Object<'v>, path: &PatchPath) -> Left<'v> {
    let value = attribute::take(part, &path.attr);
    let value = if path.filter.is_none() && path.sub.is_none() { value } else { value.and_then(first) };
    let value = match (&path.sub, value) {
        (Some(sub), Some(Value::Object(mut element))) => element.remove(sub.as_str()),
        (_, value) => value,
    };
    value.map_or(Left::Nothing, Left::Value)
}

fn first(value: Value<'_>) -> Option<Value<'_>> {
    match value {
        Value::Array(mut list) if !list.is_empty() => Some(list.remove(0)),
        _ => None,
    }
}

/// What one-way rules leave of an operation: an emptied `replace` becomes a `remove`, an emptied `add` goes.
#[must_use]
pub fn close<'v>(op: PatchOp<'v>, left: Left<'v>) -> Option<PatchOp<'v>> {
    match (left, op.kind) {
        (Left::Value(value), _) => Some(PatchOp { value: Some(value), ..op }),
        (Left::Nothing, OpKind::Replace) if op.path.is_some() => {
            Some(PatchOp { kind: OpKind::Remove, value: None, ..op })
        }
        (Left::Nothing, _) => None,
    }
}
