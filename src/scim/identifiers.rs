//! Identifiers: the attributes by which a resource is known.
//!
//! They are texts (RFC 7643 sections 2.3.1, 3.1 and 4.2). A number that one service takes for a text and the next one for
//! its own key has made one account out of two; a NUL ends a text in some languages, so that what was told apart before
//! it is the same behind. Neither is passed on. What they say is the backend's matter.

use crate::json::{Object, Value};

use super::attr::AttrPath;
use super::error::{ScimError, ScimType};
use super::operation::OperationKind;
use super::patch::PatchOp;

/// Those of a resource itself.
pub const OWN: [&str; 3] = ["id", "externalId", "userName"];

/// Whose `value` is the `id` of another resource.
const MEMBERS: &str = "members";

/// Refuses a body whose identifiers are something else than texts.
///
/// # Errors
/// 400 `invalidValue`.
pub fn check(kind: OperationKind, body: &Value<'_>) -> Result<(), ScimError> {
    let Value::Object(body) = body else { return Ok(()) };
    match kind {
        OperationKind::Create | OperationKind::Replace => members(body),
        OperationKind::Patch => {
            let operations = body.get("Operations").and_then(Value::as_array);
            operations.into_iter().flat_map(|list| list.iter()).try_for_each(operation)
        }
        _ => Ok(()),
    }
}

fn operation(written: &Value<'_>) -> Result<(), ScimError> {
    // What is no operation, others refuse.
    let Ok(op) = PatchOp::read(written) else { return Ok(()) };
    match (op.path, op.value) {
        (Some(path), Some(value)) => {
            let sub = path.sub.or(path.attr.sub);
            at(&AttrPath { sub, ..path.attr }, &value)
        }
        (None, Some(Value::Object(part))) => members(&part),
        _ => Ok(()),
    }
}

fn members(part: &Object<'_>) -> Result<(), ScimError> {
    part.iter().try_for_each(|member| match AttrPath::parse(&member.key.decoded()) {
        Ok(path) => at(&path, &member.value),
        Err(_) => Ok(()),
    })
}

fn at(path: &AttrPath, value: &Value<'_>) -> Result<(), ScimError> {
    let Some(name) = path.name.as_ref().filter(|_| path.extension().is_none()) else { return Ok(()) };
    let is = |word: &str| name.as_str().eq_ignore_ascii_case(word);
    match &path.sub {
        None if OWN.iter().any(|own| is(own)) => text(path, value),
        None if is(MEMBERS) => match value {
            Value::Array(list) => list.iter().try_for_each(|one| referred(path, one)),
            one => referred(path, one),
        },
        Some(sub) if is(MEMBERS) && sub.as_str().eq_ignore_ascii_case("value") => text(path, value),
        _ => Ok(()),
    }
}

/// A member, whose `value` is an `id`.
fn referred(path: &AttrPath, member: &Value<'_>) -> Result<(), ScimError> {
    let value = member.as_object().and_then(|member| member.get("value"));
    value.map_or(Ok(()), |value| text(path, value))
}

fn text(path: &AttrPath, value: &Value<'_>) -> Result<(), ScimError> {
    if is_sound(value) {
        return Ok(());
    }
    let detail = format!("`{path}` must be a string without U+0000");
    Err(ScimError::bad_request(ScimType::InvalidValue, detail))
}

/// Whether this can stand for an identifier: a text without NUL, or none.
#[must_use]
pub fn is_sound(value: &Value<'_>) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => !text.decoded().contains('\0'),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_refused(kind: OperationKind, body: &str) -> bool {
        check(kind, &crate::json::parse(body.as_bytes()).unwrap()).is_err()
    }

    #[test]
    fn an_identifier_is_a_text_wherever_it_stands() {
        let bad = ["1", "true", "{}", "[\"a\"]", r#""a\u0000b""#];
        for (value, refused) in bad.into_iter().map(|bad| (bad, true)).chain([("null", false), (r#""a""#, false)]) {
            for name in ["id", "externalId", "USERNAME", "urn:ietf:params:scim:schemas:core:2.0:User:externalId"] {
                let whole = format!(r#"{{"title":1,"{name}":{value}}}"#);
                assert_eq!(is_refused(OperationKind::Create, &whole), refused, "{whole}");
                assert_eq!(is_refused(OperationKind::Replace, &whole), refused, "{whole}");
                for op in [
                    format!(r#"{{"op":"add","path":"{name}","value":{value}}}"#),
                    format!(r#"{{"op":"replace","value":{whole}}}"#),
                ] {
                    let patch = format!(r#"{{"Operations":[{{"op":"remove","path":"title"}},{op}]}}"#);
                    assert_eq!(is_refused(OperationKind::Patch, &patch), refused, "{patch}");
                }
            }
        }
    }

    #[test]
    fn a_member_is_known_by_its_id() {
        let rows = [
            (r#"{"op":"add","path":"members","value":[{"value":"1"},{"value":2}]}"#, true),
            (r#"{"op":"add","path":"members","value":{"value":2}}"#, true),
            (r#"{"op":"replace","value":{"members":[{"value":2}]}}"#, true),
            (r#"{"op":"replace","path":"members[value eq \"1\"].value","value":2}"#, true),
            (r#"{"op":"replace","path":"members.value","value":2}"#, true),
            (r#"{"op":"replace","path":"members[value eq \"1\"].display","value":2}"#, false),
            (r#"{"op":"add","path":"members","value":[{"value":"1","display":2}]}"#, false),
            (r#"{"op":"add","path":"emails","value":[{"value":2}]}"#, false),
            (r#"{"op":"add","path":"members","value":[{"display":"a"},null]}"#, false),
        ];
        for (op, refused) in rows {
            assert_eq!(is_refused(OperationKind::Patch, &format!(r#"{{"Operations":[{op}]}}"#)), refused, "{op}");
        }
        assert!(is_refused(OperationKind::Create, r#"{"members":[{"value":2}]}"#));
    }

    #[test]
    fn what_others_call_so_is_theirs() {
        let rows = [
            r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"id":1}}"#,
            r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:id":1}"#,
            r#"{"name":{"id":1},"a b":1}"#,
        ];
        for body in rows {
            assert!(!is_refused(OperationKind::Create, body), "{body}");
        }
        assert!(!is_refused(OperationKind::Search, r#"{"id":1}"#), "a search has no resource");
        assert!(!is_refused(OperationKind::Patch, r#"{"Operations":[1,{"op":"add"}]}"#));
    }
}
