//! Whether a value fits its attribute, as far as it must to be put in its place. What a text says is the backend's matter.

use crate::json::{Array, Object, Value};
use crate::scim::attr::AttrName;
use crate::scim::error::ScimError;
use crate::scim::schema::{Kind, Mutability};

use super::{Place, immutable, invalid_value};

/// The values that are meant: one alone is a list of one. Nothing where the attribute has one value only.
pub(super) fn listed<'v>(value: Value<'v>) -> Vec<Value<'v>> {
    match value {
        Value::Array(mut list) => std::mem::take(list.items_mut()),
        one => vec![one],
    }
}

/// The value of an attribute that has one; nothing inside where it says that there is none.
pub(super) fn single<'v>(place: &Place<'_>, value: Value<'v>) -> Result<Option<Value<'v>>, ScimError> {
    let Some(known) = place.part.or(place.attribute) else { return Ok(Some(value)) };
    let path = place.path;
    match (known.kind, &value) {
        (_, Value::Array(list)) if list.is_empty() => Ok(None),
        (_, Value::Array(_)) => Err(invalid_value(format!("`{path}` has one value, not a list"))),
        (Kind::Complex, Value::Object(_)) => Ok(Some(value)),
        (Kind::Complex, other) => Err(invalid_value(format!("`{path}` is complex, not a JSON {}", other.kind()))),
        (_, Value::Object(_)) => Err(invalid_value(format!("`{path}` is no object"))),
        (Kind::Boolean, other) if other.as_bool().is_none() => {
            Err(invalid_value(format!("`{path}` is true or false, not a JSON {}", other.kind())))
        }
        _ => Ok(Some(value)),
    }
}

/// The parts of a complex value that a client may send; a `null` among them takes the part away.
pub(super) fn merge<'v>(place: &Place<'_>, complex: &mut Object<'v>, parts: Object<'v>) {
    let mut parts = parts;
    for member in parts.members_mut().drain(..) {
        let key = member.key.decoded();
        if place.is_read_only_part(&key) {
            continue;
        }
        if member.value.is_null() {
            complex.remove(&key);
        } else {
            complex.set(&key, member.value);
        }
    }
}

/// A complex value without what a client may not send, and without what is nothing.
pub(super) fn cleaned<'v>(place: &Place<'_>, value: Value<'v>) -> Value<'v> {
    let Value::Object(mut parts) = value else { return value };
    let is_idle = |part: &crate::json::Member<'_>| part.value.is_null() || place.is_read_only_part(&part.key.decoded());
    if parts.iter().any(is_idle) {
        parts.retain(|part| !is_idle(part));
    }
    Value::Object(parts)
}

/// Sets one part of a complex value, or takes it away.
pub(super) fn set_part<'v>(
    complex: &mut Object<'v>,
    place: &Place<'_>,
    sub: &AttrName,
    value: Option<Value<'v>>,
) -> Result<(), ScimError> {
    let value = match value {
        Some(value) => single(place, value)?,
        None => None,
    };
    // Once it has a value, it keeps it (RFC 7644 section 3.5.2).
    let is_fixed = place.part.is_some_and(|part| part.mutability == Mutability::Immutable);
    if is_fixed && complex.get(sub.as_str()).is_some_and(|held| value.as_ref() != Some(held)) {
        return Err(immutable(place.path, "can't be changed once it has a value"));
    }
    match value {
        Some(value) => complex.set(place.part.map_or(sub.as_str(), |part| part.name), value),
        None => drop(complex.remove(sub.as_str())),
    }
    Ok(())
}

/// Puts the list back, or takes the attribute away where nothing is left of it.
pub(super) fn put_list<'v>(place: &Place<'_>, list: Vec<Value<'v>>, holder: &mut Object<'v>) {
    if list.is_empty() {
        holder.remove(place.name);
    } else {
        holder.set(place.name, Value::Array(Array::from(list)));
    }
}

impl Place<'_> {
    fn is_read_only_part(&self, name: &str) -> bool {
        let parts = self.attribute.map(|known| known.parts).unwrap_or_default();
        parts.iter().any(|part| part.mutability == Mutability::ReadOnly && part.name.eq_ignore_ascii_case(name))
    }
}
