//! When two targets are the same, and two bodies.

use crate::json::{self, Object, Value};
use crate::scim::{Param, Query};

/// Whether two targets ask for the same: equal paths, and equal parameters once decoded, also those that SCIM doesn't know.
#[must_use]
pub fn same_target(one: &str, other: &str) -> bool {
    let (path, query) = one.split_once('?').unwrap_or((one, ""));
    let (other_path, other_query) = other.split_once('?').unwrap_or((other, ""));
    path == other_path && beside(query) == beside(other_query) && same_selection(query, other_query)
}

fn same_selection(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (Query::parse(one), Query::parse(other)) else { return false };
    Param::ALL.iter().all(|&param| one.value(param) == other.value(param))
}

/// The parameters that SCIM doesn't know, in the order of their names.
fn beside(query: &str) -> Vec<(String, String)> {
    let mut pairs = Query::pairs(query);
    pairs.retain(|(name, _)| Param::named(name).is_none());
    pairs.sort();
    pairs
}

/// Whether a body is what the case shows; `schemas` counts only if the case shows it.
#[must_use]
pub fn same_body(expected: Option<&Value<'_>>, body: &[u8], subset: bool) -> bool {
    let Some(expected) = expected else { return body.is_empty() || subset };
    let Ok(mut value) = json::parse(body) else { return false };
    if let (Some(shown), Value::Object(object)) = (expected.as_object(), &mut value)
        && !shown.contains("schemas")
    {
        object.remove("schemas");
    }
    if subset { holds(&value, expected) } else { &value == expected }
}

/// Whether `value` holds everything that `shown` shows.
fn holds(value: &Value<'_>, shown: &Value<'_>) -> bool {
    match (value, shown) {
        (Value::Object(object), Value::Object(shown)) => holds_members(object, shown),
        (Value::Array(items), Value::Array(shown)) => {
            items.len() == shown.len() && items.iter().zip(shown.iter()).all(|(item, shown)| holds(item, shown))
        }
        _ => value == shown,
    }
}

fn holds_members(object: &Object<'_>, shown: &Object<'_>) -> bool {
    shown.iter().all(|member| object.get(&member.key.decoded()).is_some_and(|value| holds(value, &member.value)))
}
