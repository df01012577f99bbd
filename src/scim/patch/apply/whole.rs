//! An operation on an attribute as a whole: `userName`, `name`, `emails`.

use crate::json::{Object, Value};
use crate::scim::error::ScimError;
use crate::scim::schema::Mutability;

use super::same::{self, Known};
use super::{OpKind, Place, primary, shape};

/// Adds or replaces it; without a value, it goes.
pub(super) fn change<'v>(
    place: &Place<'_>,
    change: Option<(OpKind, Value<'v>)>,
    holder: &mut Object<'v>,
) -> Result<(), ScimError> {
    match change {
        None if place.attribute.is_some_and(|known| known.mutability == Mutability::WriteOnly) => {
            holder.set(place.name, Value::Null);
            Ok(())
        }
        None => {
            holder.remove(place.name);
            Ok(())
        }
        Some((op, value)) if place.is_many(holder) || (place.attribute.is_none() && value.as_array().is_some()) => {
            values(place, op, shape::listed(value), holder)
        }
        Some((_, value)) => one(place, value, holder),
    }
}

/// The one value (RFC 7644 sections 3.5.2.1 and 3.5.2.3 say the same of it).
fn one<'v>(place: &Place<'_>, value: Value<'v>, holder: &mut Object<'v>) -> Result<(), ScimError> {
    let value = shape::single(place, value)?;
    match (value, holder.get_mut(place.name)) {
        (Some(Value::Object(parts)), Some(Value::Object(held))) => {
            shape::merge(place, held, parts);
            if held.is_empty() {
                holder.remove(place.name);
            }
        }
        (Some(value), _) => match shape::cleaned(place, value) {
            Value::Object(parts) if parts.is_empty() => drop(holder.remove(place.name)),
            value => holder.set(place.name, value),
        },
        (None, _) => drop(holder.remove(place.name)),
    }
    Ok(())
}

/// Several values: to add one that is held changes nothing of a member, and of another what it says anew.
fn values<'v>(place: &Place<'_>, op: OpKind, asked: Vec<Value<'v>>, holder: &mut Object<'v>) -> Result<(), ScimError> {
    let mut list = match holder.get_mut(place.name) {
        Some(Value::Array(held)) if op == OpKind::Add => std::mem::take(held.items_mut()),
        Some(one) if op == OpKind::Add && !one.is_null() => vec![one.clone()],
        _ => Vec::new(),
    };
    let mut primary = primary::Fresh::over(&list);
    let mut known = Known::of(place, &list);
    let asked = asked.into_iter().filter(|value| !value.is_null()).map(|value| shape::cleaned(place, value));
    for value in asked.filter(|value| value.as_object().is_none_or(|element| !element.is_empty())) {
        let at = known.find(&value, &list);
        match (at.and_then(|at| list.get_mut(at)), value) {
            (Some(_), _) if same::is_members(place) => {}
            (Some(Value::Object(held)), Value::Object(mut parts)) => {
                // What it is known by keeps its spelling.
                parts
                    .retain(|part| !["value", "type"].iter().any(|name| part.key.decoded().eq_ignore_ascii_case(name)));
                shape::merge(place, held, parts);
            }
            (Some(_), _) => {}
            (None, value) => {
                known.note(&value, list.len());
                list.push(value);
            }
        }
    }
    primary.settle(place, &mut list)?;
    shape::put_list(place, list, holder);
    Ok(())
}
