//! A value in another wrapping than its schema has: `{"value": "x"}`, or a list of one such, where a text or a boolean
//! belongs; an id alone, or a list of one object, where `manager` belongs. Entra sends both.
//!
//! Only in a PATCH, only of what RFC 7643 knows, and only where one value can be meant: a list of two is left as it is.

use crate::json::{Object, Value};
use crate::scim::attr::{AttrName, AttrPath};
use crate::scim::resource::Resource;
use crate::scim::schema::{self, Attribute, Kind};
use crate::scim::{Urn, urn};

use super::{Made, PatchOp, Repair};
use crate::scim::patch::{OpKind, PatchPath};

/// Mends the value of an operation with a path; `"path": "manager"` with a reference in a list is the enterprise
/// extension's.
pub(super) fn mend_op<'v>(op: PatchOp<'v>, resource: &Resource, made: &mut Made) -> PatchOp<'v> {
    let (Some(path), Some(value)) = (&op.path, &op.value) else { return op };
    if op.kind == OpKind::Remove {
        return op;
    }
    let bare = bare_manager(path, value, resource);
    let attr = bare.as_ref().unwrap_or(&path.attr);
    let mended = match path.filter {
        None => reference(value, attr),
        Some(_) => None,
    };
    let Some(value) = mended.or_else(|| unwrapped(value).filter(|_| is_simple(path, resource))) else { return op };
    made.note(Repair::Wrapping);
    let path = PatchPath { attr: attr.clone(), ..path.clone() };
    PatchOp { path: Some(path), value: Some(value), ..op }
}

/// Mends the manager in a value without a path.
pub(super) fn mend_part(part: &mut Object<'_>, made: &mut Made) {
    let Ok(manager) = AttrPath::parse(&format!("{}:manager", urn::ENTERPRISE)) else { return };
    let Some(extension) = part.get_mut(urn::ENTERPRISE).and_then(Value::as_object_mut) else { return };
    let Some(value) = extension.get("manager").and_then(|value| reference(value, &manager)) else { return };
    extension.set("manager", value);
    made.note(Repair::Wrapping);
}

/// Whether a path is known to name one text, number or boolean.
fn is_simple(path: &PatchPath, resource: &Resource) -> bool {
    let whole = AttrPath { sub: None, ..path.attr.clone() };
    let in_every_element = path.filter.is_none() && path.attr.sub.is_some() && schema::is_multi_valued(&whole);
    let attr = AttrPath { sub: path.sub.clone().or_else(|| path.attr.sub.clone()), ..whole };
    let simple = |one: &Attribute| one.kind != Kind::Complex && !one.is_multi_valued;
    !in_every_element && schema::find(Some(resource), &attr).is_some_and(simple)
}

/// The value of a single complex attribute that is known by its `value`, such as `manager`, as an object; nothing if it
/// is one, or none can be made without guessing.
fn reference<'v>(value: &Value<'v>, attr: &AttrPath) -> Option<Value<'v>> {
    let part = AttrPath { sub: AttrName::parse("value").ok(), ..attr.clone() };
    let is_reference = attr.sub.is_none() && schema::is_known(&part) && !schema::is_multi_valued(attr);
    match value {
        Value::String(_) if is_reference => Some(wrapped(value.clone())),
        Value::Array(items) if is_reference => match items.iter().as_slice() {
            [Value::Object(one)] => Some(Value::Object(one.clone())),
            _ => None,
        },
        _ => None,
    }
}

/// What a path that names `manager` without its URN means, where its value is a list of one reference.
fn bare_manager(path: &PatchPath, value: &Value<'_>, resource: &Resource) -> Option<AttrPath> {
    let attr = &path.attr;
    let is_bare = attr.urn.is_none() && attr.sub.is_none() && path.filter.is_none() && *resource == Resource::User;
    let name = attr.name.as_ref().filter(|name| is_bare && name.as_str().eq_ignore_ascii_case("manager"))?;
    let Value::Array(items) = value else { return None };
    let one = match items.iter().as_slice() {
        [Value::Object(one)] => one,
        _ => return None,
    };
    one.contains("value").then_some(())?;
    Some(AttrPath { urn: Urn::parse(urn::ENTERPRISE).ok(), name: Some(name.clone()), sub: None })
}

/// The one value in an object, or in a list of one; `"$ref": null` beside it says nothing.
fn unwrapped<'v>(value: &Value<'v>) -> Option<Value<'v>> {
    match value {
        Value::Array(items) => match items.iter().as_slice() {
            [one @ Value::Object(_)] => unwrapped(one),
            [Value::Array(_)] => None,
            [one] => Some(one.clone()),
            _ => None,
        },
        Value::Object(object) => {
            let alone = object.iter().all(|member| {
                let key = member.key.decoded();
                key.eq_ignore_ascii_case("value") || (key.eq_ignore_ascii_case("$ref") && member.value.is_null())
            });
            let inner = object.get("value").filter(|_| alone)?;
            (!matches!(inner, Value::Array(_) | Value::Object(_))).then(|| inner.clone())
        }
        _ => None,
    }
}

fn wrapped(value: Value<'_>) -> Value<'_> {
    let mut object = Object::new();
    object.set("value", value);
    Value::Object(object)
}
