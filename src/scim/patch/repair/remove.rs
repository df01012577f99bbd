//! `remove` with a list of values: Entra's way to take members out of a group. RFC 7644 section 3.5.2.2 knows no value
//! there, so that a strict backend would remove every member.

use std::collections::HashSet;

use crate::json::Value;
use crate::scim::error::{ScimError, ScimType};
use crate::scim::filter::{Filter, Scope};
use crate::scim::schema;

use super::{MAX_GAINED, Made, PatchOp, Repair, too_many};
use crate::scim::patch::PatchPath;

/// One `remove` for each value; the operation itself where it names none. No value at all removes nothing.
pub(super) fn parted<'v>(op: PatchOp<'v>, made: &mut Made) -> Result<Vec<PatchOp<'v>>, ScimError> {
    let (Some(path), Some(value)) = (&op.path, &op.value) else { return Ok(vec![op]) };
    let Some(values) = listed(path, value) else { return Ok(vec![op]) };
    if values.len() > MAX_GAINED {
        return Err(too_many());
    }
    made.note(Repair::RemoveByValue);
    let mut seen = HashSet::new();
    let mut ops = Vec::with_capacity(values.len());
    for value in values {
        let literal = literal(value).ok_or_else(|| unnamed(path))?;
        if !seen.insert(literal.clone()) {
            continue;
        }
        let filter = Filter::read(&format!("value eq {literal}"), Scope::Element).map_err(|_| unnamed(path))?;
        let path = PatchPath { filter: Some(filter), ..path.clone() };
        ops.push(PatchOp { kind: op.kind, path: Some(path), value: None });
    }
    Ok(ops)
}

/// The values to be removed, where the path names a whole multi-valued attribute.
fn listed<'r, 'v>(path: &PatchPath, value: &'r Value<'v>) -> Option<Vec<&'r Value<'v>>> {
    if path.filter.is_some() || path.attr.sub.is_some() || path.attr.name.is_none() {
        return None;
    }
    match value {
        Value::Null => None,
        Value::Array(values) => {
            let single = schema::is_known(&path.attr) && !schema::is_multi_valued(&path.attr);
            (!single).then(|| values.iter().collect())
        }
        value => schema::is_multi_valued(&path.attr).then(|| vec![value]),
    }
}

/// What the value is known by, as a filter writes it.
fn literal(value: &Value<'_>) -> Option<String> {
    let value = match value {
        Value::Object(element) => element.get("value")?,
        value => value,
    };
    matches!(value, Value::String(_) | Value::Number(_)).then(|| value.to_string())
}

fn unnamed(path: &PatchPath) -> ScimError {
    let detail =
        format!("which of `{path}` are to be removed? say so by a `value` for each, or by a filter in the path");
    ScimError::bad_request(ScimType::InvalidValue, detail)
}
