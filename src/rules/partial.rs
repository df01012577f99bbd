//! A PATCH operation read as a part of a resource: translated there like a body, and put back as an operation.

use crate::json::{Array, Member, Object, Value};
use crate::scim::{AttrName, AttrPath, OpKind, PatchOp, PatchPath};

use super::attribute;

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
pub fn take<'v>(part: &mut Object<'v>, path: &PatchPath) -> Option<Value<'v>> {
    let value = attribute::take(part, &path.attr);
    let value = if path.filter.is_none() && path.sub.is_none() { value } else { value.and_then(first) };
    match (&path.sub, value) {
        (Some(sub), Some(Value::Object(mut element))) => element.remove(sub.as_str()),
        (_, value) => value,
    }
}

fn first(value: Value<'_>) -> Option<Value<'_>> {
    match value {
        Value::Array(mut list) if !list.is_empty() => Some(list.remove(0)),
        _ => None,
    }
}

/// The operations that remove what a rule has taken out of a `replace`: `title`, `name.givenName`, an attribute of an
/// extension. Elements need none: their array is replaced as a whole.
#[must_use]
pub fn gone<'v>(op: &PatchOp<'v>, before: &Object<'v>, after: &Object<'v>) -> Vec<PatchOp<'v>> {
    if let Some(path) = op.path.as_ref().filter(|path| path.filter.is_some()) {
        let is_left = take(&mut after.clone(), path).is_some();
        return if is_left { Vec::new() } else { vec![remove(path.clone())] };
    }
    let mut paths = Vec::new();
    for member in before.iter() {
        let Ok(path) = AttrPath::parse(&member.key.decoded()) else { continue };
        lost(path, &member.value, after.get(&member.key.decoded()), &mut paths);
    }
    paths.into_iter().map(|attr| remove(PatchPath { attr, filter: None, sub: None })).collect()
}

fn remove<'v>(path: PatchPath) -> PatchOp<'v> {
    PatchOp { kind: OpKind::Remove, path: Some(path), value: None }
}

fn lost(path: AttrPath, before: &Value<'_>, after: Option<&Value<'_>>, paths: &mut Vec<AttrPath>) {
    let Some(after) = after else { return paths.push(path) };
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return };
    for member in before.iter() {
        let name = AttrName::parse(&member.key.decoded()).ok();
        let below = match (&path.name, &path.sub) {
            (None, _) => AttrPath { name, ..path.clone() },
            (Some(_), None) => AttrPath { sub: name, ..path.clone() },
            (Some(_), Some(_)) => continue,
        };
        lost(below, &member.value, after.get(&member.key.decoded()), paths);
    }
}

/// The operation with what a rule has left of its part; nothing if it has left nothing. `before` is the part as it was.
#[must_use]
pub fn close<'v>(op: PatchOp<'v>, mut part: Object<'v>, before: &Object<'v>) -> Option<PatchOp<'v>> {
    shed(&mut part, before);
    let left = match &op.path {
        None if part.is_empty() => None,
        None => Some(Value::Object(part)),
        Some(path) => take(&mut part, path),
    };
    left.map(|value| PatchOp { value: Some(value), ..op })
}

/// Takes out what a rule has left empty: `{"name": {}}` would be one thing to some servers and another to others.
pub fn shed(after: &mut Object<'_>, before: &Object<'_>) {
    let is_full = |value: &Value<'_>| value.as_object().is_some_and(|object| !object.is_empty());
    let names: Vec<String> = before.iter().filter(|member| is_full(&member.value)).map(name_of).collect();
    for name in names {
        if let (Some(inner), Some(Value::Object(was))) =
            (after.get_mut(&name).and_then(Value::as_object_mut), before.get(&name))
        {
            shed(inner, was);
            if inner.is_empty() {
                after.remove(&name);
            }
        }
    }
}

fn name_of(member: &Member<'_>) -> String {
    member.key.decoded().into_owned()
}
