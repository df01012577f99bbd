//! An attribute of one resource: taken out, put in, and how two paths relate.
//!
//! `schemas` is kept in step: an extension that a move empties goes, with its URN; one that a move creates comes with it
//! (RFC 7643 section 3).

use crate::json::{Array, Object, Value};
use crate::scim::{AttrName, AttrPath, Urn};

/// How the path of an operation or filter stands to a path that a rule names.
#[derive(Clone, Debug, PartialEq)]
pub enum Relation {
    /// The same attribute.
    Same,
    /// The rule's attribute lies below: `name` against `name.givenName`, an extension's URN against its attribute.
    Above,
    /// The rule's attribute is the parent, or the extension: `emails.type` against `emails`; with the name below it.
    Below(AttrName),
    /// Neither.
    Apart,
}

/// How `path` stands to `named`.
#[must_use]
pub fn relation(path: &AttrPath, named: &AttrPath) -> Relation {
    if path.extension() != named.extension() {
        return Relation::Apart;
    }
    match (&path.name, &named.name) {
        (None, None) => Relation::Same,
        (None, Some(_)) => Relation::Above,
        (Some(name), None) => Relation::Below(name.clone()),
        (Some(one), Some(other)) if one != other => Relation::Apart,
        _ => match (&path.sub, &named.sub) {
            (one, other) if one == other => Relation::Same,
            (None, Some(_)) => Relation::Above,
            (Some(sub), None) => Relation::Below(sub.clone()),
            _ => Relation::Apart,
        },
    }
}

/// The attribute above: `name` of `name.givenName`; nothing for an attribute of the resource or of an extension.
#[must_use]
pub fn parent(path: &AttrPath) -> Option<AttrPath> {
    path.sub.as_ref()?;
    Some(AttrPath { sub: None, ..path.clone() })
}

/// Whether both stand in the same object of a resource, so that one can become the other without moving.
#[must_use]
pub fn are_siblings(one: &AttrPath, other: &AttrPath) -> bool {
    one.extension() == other.extension() && parent(one) == parent(other)
}

/// The last name of a path, as it stands as a key; an extension's key is its URN.
#[must_use]
pub fn key(path: &AttrPath) -> &str {
    match (&path.sub, &path.name, &path.urn) {
        (Some(name), ..) | (None, Some(name), _) => name.as_str(),
        (None, None, Some(urn)) => urn.as_str(),
        (None, None, None) => "",
    }
}

/// The value at `path`, where every step is a single object.
#[must_use]
pub fn find<'r, 'v>(resource: &'r Object<'v>, path: &AttrPath) -> Option<&'r Value<'v>> {
    let top = match (path.extension(), &path.name) {
        (Some(urn), Some(_)) => resource.get(urn.as_str())?.as_object()?,
        _ => resource,
    };
    let Some(name) = &path.name else { return resource.get(path.urn.as_ref()?.as_str()) };
    let value = top.get(name.as_str())?;
    match &path.sub {
        Some(sub) => value.as_object()?.get(sub.as_str()),
        None => Some(value),
    }
}

/// Takes the value at `path` out, and with it whatever that leaves empty.
pub fn take<'v>(resource: &mut Object<'v>, path: &AttrPath) -> Option<Value<'v>> {
    find(resource, path)?;
    let Some(urn) = path.extension().cloned().filter(|_| path.name.is_some()) else {
        let taken = take_here(resource, path);
        if let (None, Some(urn)) = (&path.name, &path.urn) {
            forget_schema(resource, urn);
        }
        return taken;
    };
    let taken = take_here(resource.get_mut(urn.as_str())?.as_object_mut()?, path);
    tidy(resource, path);
    taken
}

/// Takes the extension of `path` out if nothing is in it.
pub fn tidy(resource: &mut Object<'_>, path: &AttrPath) {
    let Some(urn) = path.extension() else { return };
    let is_empty = resource.get(urn.as_str()).and_then(Value::as_object).is_some_and(Object::is_empty);
    if is_empty {
        resource.remove(urn.as_str());
        forget_schema(resource, urn);
    }
}

fn take_here<'v>(top: &mut Object<'v>, path: &AttrPath) -> Option<Value<'v>> {
    let name = path.name.as_ref().map_or_else(|| key(path), AttrName::as_str);
    let Some(sub) = &path.sub else { return top.remove(name) };
    let complex = top.get_mut(name)?.as_object_mut()?;
    let taken = complex.remove(sub.as_str());
    if complex.is_empty() {
        top.remove(name);
    }
    taken
}

/// Puts `value` at `path`, over what was there, and makes the single objects on the way.
///
/// # Errors
/// Gives the value back where the way is barred by something that is no object.
pub fn put<'v>(resource: &mut Object<'v>, path: &AttrPath, value: Value<'v>) -> Result<(), Value<'v>> {
    let mut top = resource;
    if let (Some(urn), Some(_)) = (path.extension(), &path.name) {
        learn_schema(top, urn);
        if top.get(urn.as_str()).is_none_or(Value::is_null) {
            top.set(urn.as_str(), Value::Object(Object::new()));
        }
        top = match top.get_mut(urn.as_str()) {
            Some(Value::Object(extension)) => extension,
            _ => return Err(value),
        };
    }
    let name = path.name.as_ref().map_or_else(|| key(path), AttrName::as_str);
    let Some(sub) = &path.sub else {
        top.set(name, value);
        return Ok(());
    };
    if top.get(name).is_none_or(Value::is_null) {
        top.set(name, Value::Object(Object::new()));
    }
    match top.get_mut(name) {
        Some(Value::Object(complex)) => {
            complex.set(sub.as_str(), value);
            Ok(())
        }
        _ => Err(value),
    }
}

/// Takes the URN out of `schemas`.
pub fn forget_schema(resource: &mut Object<'_>, urn: &Urn) {
    let names = |value: &Value<'_>| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(urn.as_str()));
    let listed = resource.get("schemas").and_then(Value::as_array).is_some_and(|list| list.iter().any(names));
    if listed && let Some(Value::Array(list)) = resource.get_mut("schemas") {
        list.retain(|value| !names(value));
    }
}

/// Puts the URN into `schemas`, where there is such a list.
fn learn_schema(resource: &mut Object<'_>, urn: &Urn) {
    let names = |value: &Value<'_>| value.as_str().is_some_and(|text| text.eq_ignore_ascii_case(urn.as_str()));
    let missing = resource.get("schemas").and_then(Value::as_array).is_some_and(|list| !list.iter().any(names));
    if missing && let Some(Value::Array(list)) = resource.get_mut("schemas") {
        list.push(Value::string(urn.as_str()));
    }
}

/// Whether a value is absent by RFC 7643 section 2.5: null, or an empty array.
#[must_use]
pub fn is_unassigned(value: &Value<'_>) -> bool {
    value.is_null() || value.as_array().is_some_and(Array::is_empty)
}
