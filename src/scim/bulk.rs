//! Bulk (RFC 7644 section 3.7): several writes in one request, and how they refer to each other.
//!
//! Only what the RFC gives an operation is read. Whether one may be made, and what becomes of it, is others' matter.

mod order;
mod refer;

use std::collections::HashSet;

use crate::json::{Object, Value};

use super::error::{ErrorStatus, ScimError, ScimType};

pub use order::Order;
pub use refer::{referrals, resolve};

/// The message of a request.
pub const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The message of a response.
pub const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// How a value refers to what another operation creates.
const REFERENCE: &str = "bulkId:";

/// The methods of operations, in their one spelling.
const METHODS: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// What a request says.
#[derive(Debug)]
pub struct Bulk<'v> {
    /// `failOnErrors`: how many errors are accepted before nothing more is done.
    pub fail_on_errors: Option<usize>,
    /// `Operations`, in their order.
    pub operations: Vec<BulkOperation<'v>>,
}

/// One operation.
#[derive(Debug)]
pub struct BulkOperation<'v> {
    /// `method`: POST, PUT, PATCH or DELETE.
    pub method: &'static str,
    /// `path`, as it was written.
    pub path: String,
    /// `bulkId`.
    pub bulk_id: Option<String>,
    /// `version`.
    pub version: Option<String>,
    /// `data`.
    pub data: Option<Value<'v>>,
}

impl<'v> Bulk<'v> {
    /// Reads a request with at most so many operations.
    ///
    /// # Errors
    /// 413 for more (RFC 7644 section 3.7.4); 400 for what is no list of operations, one of another method, a `POST` without
    /// a `bulkId`, and a `bulkId` that two operations have: nothing could tell their results apart.
    pub fn read(body: &Object<'v>, most: usize) -> Result<Self, ScimError> {
        let fail_on_errors = match body.get("failOnErrors") {
            None | Some(Value::Null) => None,
            Some(Value::Number(text)) => Some(text.parse().ok().filter(|errors| *errors > 0).ok_or_else(no_count)?),
            Some(_) => return Err(no_count()),
        };
        let list = body.get("Operations").and_then(Value::as_array);
        let list = list.filter(|list| !list.is_empty()).ok_or_else(|| broken("`Operations` must list operations"))?;
        if list.len() > most {
            let detail = format!("more than {most} operations in one request (`maxOperations`)");
            return Err(ScimError::new(ErrorStatus::PayloadTooLarge, detail));
        }
        let operations: Vec<_> = list.iter().enumerate().map(|(at, one)| read(at, one)).collect::<Result<_, _>>()?;
        let mut names: Vec<&str> = operations.iter().filter_map(|one| one.bulk_id.as_deref()).collect();
        names.sort_unstable();
        if let Some([twice, _]) = names.array_windows().find(|[one, other]| one == other) {
            return Err(broken(&format!("two operations have the `bulkId` {twice:?}")));
        }
        Ok(Self { fail_on_errors, operations })
    }
}

fn read<'v>(at: usize, written: &Value<'v>) -> Result<BulkOperation<'v>, ScimError> {
    let broken = |what: &str| broken(&format!("Operations[{at}]: {what}"));
    let object = written.as_object().ok_or_else(|| broken("an operation must be an object"))?;
    let text = |name: &str| match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_str().map(|text| Some(text.into_owned())).ok_or(name.to_owned()),
    };
    let text = |name: &str| text(name).map_err(|name| broken(&format!("`{name}` must be a string")));
    let method = text("method")?.unwrap_or_default();
    let Some(method) = METHODS.into_iter().find(|known| *known == method) else {
        return Err(broken("`method` must be POST, PUT, PATCH or DELETE"));
    };
    let path = text("path")?.ok_or_else(|| broken("`path` is missing"))?;
    let bulk_id = text("bulkId")?;
    if method == "POST" && bulk_id.as_deref().is_none_or(str::is_empty) {
        return Err(broken("a POST needs a `bulkId`"));
    }
    let data = object.get("data").filter(|data| !data.is_null()).cloned();
    Ok(BulkOperation { method, path, bulk_id, version: text("version")?, data })
}

fn broken(detail: &str) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}

fn no_count() -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, "`failOnErrors` must be a whole number from 1 on")
}

/// The `bulkId` to which a text refers.
#[must_use]
pub fn referred(text: &str) -> Option<&str> {
    text.strip_prefix(REFERENCE)
}

/// Every text in a document that has a reference in it, in whatever spelling.
#[must_use]
pub fn references(value: &Value<'_>) -> HashSet<String> {
    let mut found = HashSet::new();
    gather(value, &mut found);
    found
}

fn gather(value: &Value<'_>, found: &mut HashSet<String>) {
    match value {
        Value::String(text) => {
            let text = text.decoded();
            if text.to_ascii_lowercase().contains(&REFERENCE.to_ascii_lowercase()) {
                found.insert(text.into_owned());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, found)),
        Value::Object(object) => object.iter().for_each(|member| gather(&member.value, found)),
        _ => {}
    }
}

/// How many of the operations come into question where some are refused before they are made, as `refused` says of each, and
/// nothing more may be done after so many errors; nothing where that depends on what becomes of the others one by one.
#[must_use]
pub fn reached(refused: &[bool], fail_on_errors: Option<usize>) -> Option<usize> {
    let Some(most) = fail_on_errors else { return Some(refused.len()) };
    let last = refused.iter().enumerate().filter(|(_, refused)| **refused).nth(most - 1);
    let end = last.map_or(refused.len(), |(at, _)| at + 1);
    let first = refused.iter().position(|refused| *refused).unwrap_or(end);
    let made_behind = refused.get(first..end).is_some_and(|behind| behind.contains(&false));
    (!made_behind).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;

    fn bulk(text: &str) -> Result<Bulk<'_>, ScimError> {
        Bulk::read(json::parse(text.as_bytes()).unwrap().as_object().unwrap(), 2)
    }

    #[test]
    fn an_operation_is_read_as_the_rfc_has_it() {
        let read = bulk(
            r#"{"failOnErrors":1,"Operations":[
                {"method":"POST","path":"/Users","bulkId":"q","data":{"userName":"ada"}},
                {"method":"DELETE","path":"/Users/7","version":"W/\"a\"","data":null}]}"#,
        )
        .unwrap();
        let [create, delete] = read.operations.as_slice() else { panic!("{read:?}") };
        assert_eq!((create.method, create.path.as_str(), create.bulk_id.as_deref()), ("POST", "/Users", Some("q")));
        assert!(create.data.is_some() && delete.data.is_none());
        assert_eq!((delete.method, delete.version.as_deref()), ("DELETE", Some("W/\"a\"")));
        assert_eq!(read.fail_on_errors, Some(1));
    }

    #[test]
    fn what_is_no_operation_refuses_the_request() {
        let rows = [
            ("{}", 400),
            (r#"{"Operations":[]}"#, 400),
            (r#"{"Operations":{}}"#, 400),
            (r#"{"Operations":[1]}"#, 400),
            (r#"{"Operations":[{"method":"delete","path":"/Users/7"}]}"#, 400),
            (r#"{"Operations":[{"method":"GET","path":"/Users/7"}]}"#, 400),
            (r#"{"Operations":[{"method":"DELETE"}]}"#, 400),
            (r#"{"Operations":[{"method":"DELETE","path":7}]}"#, 400),
            (r#"{"Operations":[{"method":"POST","path":"/Users","data":{}}]}"#, 400),
            (r#"{"Operations":[{"method":"PUT","path":"/Users/7","version":1,"data":{}}]}"#, 400),
            (r#"{"failOnErrors":0,"Operations":[{"method":"DELETE","path":"/Users/7"}]}"#, 400),
            (r#"{"failOnErrors":1.5,"Operations":[{"method":"DELETE","path":"/Users/7"}]}"#, 400),
            (r#"{"failOnErrors":"1","Operations":[{"method":"DELETE","path":"/Users/7"}]}"#, 400),
            (
                r#"{"Operations":[{"method":"POST","path":"/Users","bulkId":"a"},{"method":"PUT","path":"/x","bulkId":"a"}]}"#,
                400,
            ),
            (r#"{"Operations":[{},{},{}]}"#, 413),
        ];
        for (text, status) in rows {
            assert_eq!(bulk(text).map(|_| ()).unwrap_err().status.code(), status, "{text}");
        }
    }

    #[test]
    fn references_are_found_anywhere() {
        let value =
            json::parse(br#"{"a":["bulkId:x",{"b":"members[value eq \"bulkid:y\"]"}],"c":"none","d":1}"#).unwrap();
        let expected = ["bulkId:x", "members[value eq \"bulkid:y\"]"].map(str::to_owned);
        assert_eq!(references(&value), HashSet::from(expected));
        assert_eq!(referred("bulkId:x"), Some("x"));
        assert_eq!(referred("a bulkId:x"), None);
    }

    #[test]
    fn errors_are_counted_only_where_the_count_is_known() {
        let (no, yes) = (false, true);
        let rows: [(&[bool], Option<usize>, Option<usize>); 10] = [
            (&[no, yes, no], None, Some(3)),
            (&[no, no], Some(1), Some(2)),
            (&[no, yes, no], Some(1), Some(2)),
            (&[yes, no, no], Some(1), Some(1)),
            (&[no, yes], Some(2), Some(2)),
            (&[no, yes, no], Some(2), None),
            (&[yes, yes, no], Some(2), Some(2)),
            (&[yes, no, yes, no], Some(2), None),
            (&[yes, yes], Some(3), Some(2)),
            (&[no, yes, yes], Some(3), Some(3)),
        ];
        for (refused, most, reached_) in rows {
            assert_eq!(reached(refused, most), reached_, "{refused:?} {most:?}");
        }
    }
}
