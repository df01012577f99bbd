//! `identify` in each carrier. The id in the path is `2819`.

use super::queries::chosen;
use super::*;
use crate::scim::{ErrorStatus, ScimType};

const BY: &str = "identify: { by: userName }";
const NUMBER: &str = "identify: { by: 'ENT:employeeNumber' }";

/// A PUT on its way to the backend.
fn put(entry: &str, resource: &str) -> Result<String, Refused> {
    let mut request = request(OperationKind::Replace, Body::Resource(value(resource)));
    action(entry).request(&mut request)?;
    Ok(request.body.value().unwrap().to_string().replace(ENT, "ENT"))
}

/// What a client is shown, where the path names `id`.
fn shown(id: Option<&str>, resource: &str) -> Result<String, Refused> {
    let mut resource = object(resource);
    action(BY).response(&mut resource, Facts { id, ..facts(OperationKind::Read) })?;
    Ok(Value::Object(resource).to_string())
}

fn scim_type<T: std::fmt::Debug>(result: Result<T, Refused>) -> Option<ScimType> {
    result.unwrap_err().scim_type
}

#[test]
fn the_key_is_shown_as_id() {
    assert_eq!(shown(None, r#"{"id":"7","userName":"ada"}"#).as_deref(), Ok(r#"{"id":"ada","userName":"ada"}"#));
    assert_eq!(shown(None, r#"{"userName":"ada"}"#).as_deref(), Ok(r#"{"userName":"ada","id":"ada"}"#));
    assert_eq!(shown(Some("ada"), r#"{"title":"t"}"#).as_deref(), Ok(r#"{"title":"t","id":"ada"}"#));
    assert_eq!(shown(Some("Ada"), r#"{"userName":"ada"}"#).as_deref(), Ok(r#"{"userName":"ada","id":"ada"}"#));
    for (id, broken) in [
        (None, "{}"),
        (None, r#"{"userName":null}"#),
        (Some("a"), r#"{"userName":""}"#),
        (Some("a"), r#"{"userName":7}"#),
    ] {
        assert_eq!(shown(id, broken).unwrap_err().status, ErrorStatus::BadGateway, "{broken}");
    }
}

#[test]
fn a_new_resource_goes_without_an_id_and_with_a_key_that_is_a_text() {
    assert_eq!(sent(BY, r#"{"id":"x","userName":"ada"}"#), r#"{"userName":"ada"}"#);
    assert_eq!(sent(BY, r#"{"title":"t"}"#), r#"{"title":"t"}"#, "the backend may give one");
    for key in ["\"\"", "7", "true", "{}"] {
        let body = Body::Resource(value(&format!(r#"{{"userName":{key}}}"#)));
        let created = action(BY).request(&mut request(OperationKind::Create, body));
        assert_eq!(scim_type(created), Some(ScimType::InvalidValue), "{key}");
    }
}

#[test]
fn a_put_keeps_the_key() {
    let kept = r#"{"userName":"2819"}"#;
    assert_eq!(put(BY, r#"{"id":"2819","userName":"2819"}"#).as_deref(), Ok(kept));
    assert_eq!(put(BY, r#"{"id":"2819"}"#).as_deref(), Ok(kept), "one that leaves it out gets it");
    assert_eq!(put(BY, r#"{"userName":null}"#).as_deref(), Ok(kept));
    assert_eq!(put(NUMBER, r#"{"ENT":null}"#).as_deref(), Ok(r#"{"ENT":{"employeeNumber":"2819"}}"#));
    for other in [r#"{"userName":"eve"}"#, r#"{"userName":2819}"#, r#"{"userName":""}"#] {
        assert_eq!(scim_type(put(BY, other)), Some(ScimType::Mutability), "{other}");
    }
    assert_eq!(scim_type(put(NUMBER, r#"{"ENT":"x"}"#)), Some(ScimType::Mutability), "no place to put it");
}

#[test]
fn what_is_made_only_in_the_same_bulk_can_not_be_put() {
    let mut put = request(OperationKind::Replace, Body::Resource(value(r#"{"title":"t"}"#)));
    put.id = Some("bulkId:q".to_owned());
    assert_eq!(scim_type(action(BY).request(&mut put)), Some(ScimType::Mutability));
}

#[test]
fn a_patch_keeps_the_key() {
    let rows = [
        (
            BY,
            r#"{"op":"replace","path":"userName","value":"2819"}"#,
            r#"{"op":"replace","path":"userName","value":"2819"}"#,
        ),
        (BY, r#"{"op":"replace","path":"id","value":"2819"}"#, ""),
        (BY, r#"{"op":"add","value":{"id":"2819"}}"#, ""),
        (BY, r#"{"op":"add","value":{"id":"2819","title":"t"}}"#, r#"{"op":"add","value":{"title":"t"}}"#),
        (BY, r#"{"op":"remove","path":"title"}"#, r#"{"op":"remove","path":"title"}"#),
        (
            NUMBER,
            r#"{"op":"replace","path":"ENT","value":{"department":"d"}}"#,
            r#"{"op":"replace","path":"ENT","value":{"department":"d","employeeNumber":"2819"}}"#,
        ),
        (
            NUMBER,
            r#"{"op":"replace","value":{"ENT":{"department":"d"}}}"#,
            r#"{"op":"replace","value":{"ENT":{"department":"d","employeeNumber":"2819"}}}"#,
        ),
        (
            NUMBER,
            r#"{"op":"add","path":"ENT","value":{"department":"d"}}"#,
            r#"{"op":"add","path":"ENT","value":{"department":"d"}}"#,
        ),
    ];
    for (entry, op, expected) in rows {
        assert_eq!(patched(entry, op).as_deref(), Ok(expected), "{op}");
    }
}

#[test]
fn a_patch_that_would_change_the_key_is_refused() {
    let rows = [
        (BY, r#"{"op":"replace","path":"userName","value":"eve"}"#),
        (BY, r#"{"op":"add","path":"userName","value":null}"#),
        (BY, r#"{"op":"replace","value":{"userName":"eve"}}"#),
        (BY, r#"{"op":"replace","path":"id","value":"eve"}"#),
        (BY, r#"{"op":"add","value":{"id":"eve"}}"#),
        (BY, r#"{"op":"remove","path":"userName"}"#),
        (BY, r#"{"op":"remove","path":"id"}"#),
        (NUMBER, r#"{"op":"remove","path":"ENT"}"#),
        (NUMBER, r#"{"op":"replace","path":"ENT","value":{"employeeNumber":"1"}}"#),
        (NUMBER, r#"{"op":"replace","value":{"ENT":null}}"#),
        ("identify: { by: name.formatted }", r#"{"op":"remove","path":"name"}"#),
        ("identify: { by: name.formatted }", r#"{"op":"replace","value":{"name":null}}"#),
    ];
    for (entry, op) in rows {
        assert_eq!(scim_type(patched(entry, op)), Some(ScimType::Mutability), "{op}");
    }
}

#[test]
fn who_asks_for_the_id_asks_for_the_key() {
    let rows = [
        (r#"id eq "ada""#, r#"userName eq "ada""#),
        (r#"title pr and not (ID sw "a")"#, r#"title pr and not (userName sw "a")"#),
        (r#"userName eq "ada""#, r#"userName eq "ada""#),
        (r#"groups.value eq "id""#, r#"groups.value eq "id""#),
    ];
    for (filter, expected) in rows {
        assert_eq!(asked(BY, filter).as_deref(), Ok(expected));
    }
    let rows = [
        (("id", "", ""), "sortBy=userName"),
        (("", "id", ""), "attributes=userName"),
        (("", "title id", ""), "attributes=title,userName"),
        (("", "userName", ""), "attributes=userName"),
        (("", "", "id title"), "excludedAttributes=title"),
        (("", "", "title userName"), "excludedAttributes=title"),
    ];
    for ((sort_by, attributes, excluded), expected) in rows {
        assert_eq!(chosen(BY, sort_by, attributes, excluded).as_deref(), Ok(expected));
    }
}
