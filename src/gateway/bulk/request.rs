//! The request that the backend gets: the client's, with what rules have made of its operations, and only with those that are
//! sent. Where nothing is different, the client's bytes.

use bytes::Bytes;

use crate::json::{Array, Object, Value};
use crate::scim::version;

use super::super::edge::Spoken;
use super::operation::{Made, Planned};

/// What RFC 7644 section 3.7 gives a request. Anything else might mean something to a backend that was authorised by nobody.
const REQUEST: [&str; 3] = ["schemas", "failOnErrors", "Operations"];

/// What it gives an operation.
const OPERATION: [&str; 5] = ["method", "bulkId", "version", "path", "data"];

/// Writes the request.
pub fn write(written: &Value<'_>, bytes: &Bytes, planned: &[Planned<'_>], spoken: Spoken) -> Bytes {
    let Some(whole) = written.as_object() else { return bytes.clone() };
    let operations: Vec<&Value<'_>> =
        whole.get("Operations").and_then(Value::as_array).into_iter().flat_map(|list| list.iter()).collect();
    let mut changed =
        !spoken.is_new() || planned.len() != operations.len() || planned.iter().any(|one| one.made.is_err());
    let mut sent = Vec::with_capacity(planned.len());
    for (operation, planned) in operations.into_iter().zip(planned) {
        if let (Some(object), Ok(made)) = (operation.as_object(), &planned.made) {
            let mut object = object.clone();
            changed |= operate(&mut object, made);
            sent.push(Value::Object(object));
        }
    }
    let mut whole = whole.clone();
    changed |= only(&mut whole, &REQUEST);
    if !changed {
        return bytes.clone();
    }
    whole.set("Operations", Value::Array(Array::from(sent)));
    if !spoken.is_new() {
        version::bulk::request(&mut whole, spoken.backend);
    }
    Bytes::from(Value::Object(whole).to_bytes())
}

/// Writes one operation over what the client wrote. True if anything changed.
fn operate<'v>(object: &mut Object<'v>, made: &Made<'v>) -> bool {
    let mut changed = only(object, &OPERATION);
    for (name, text) in [("path", Some(&made.path)), ("version", made.version.as_ref())] {
        if let Some(text) =
            text.filter(|text| object.get(name).and_then(Value::as_str).as_deref() != Some(text.as_str()))
        {
            object.set(name, Value::string(text));
            changed = true;
        }
    }
    match &made.data {
        Some(data) if object.get("data") != Some(data) => object.set("data", data.clone()),
        None if object.contains("data") => drop(object.remove("data")),
        _ => return changed,
    }
    true
}

/// Takes out every member with another name. True if there was one.
pub fn only(object: &mut Object<'_>, names: &[&str]) -> bool {
    let known = |key: &str| names.iter().any(|name| name.eq_ignore_ascii_case(key));
    let others = object.iter().any(|member| !known(&member.key.decoded()));
    if others {
        object.retain(|member| known(&member.key.decoded()));
    }
    others
}
