//! What stands in another wrapping than its schema has, and other spellings that Entra alone has.

use super::*;

#[test]
fn a_value_gets_the_wrapping_of_its_schema() {
    check(
        &Resource::User,
        &[
            (
                r#"{"op": "replace", "path": "active", "value": [{"$ref": null, "value": "False"}]}"#,
                r#"{"op":"replace","path":"active","value":false}"#,
                &[Repair::Wrapping, Repair::StringBoolean],
            ),
            (
                r#"{"op": "add", "path": "emails[type eq \"work\"].value", "value": {"value": "a@x"}}"#,
                r#"{"op":"add","path":"emails[type eq \"work\"].value","value":"a@x"}"#,
                &[Repair::Wrapping],
            ),
            (
                r#"{"op": "replace", "path": "title", "value": ["a"]}"#,
                r#"{"op":"replace","path":"title","value":"a"}"#,
                &[Repair::Wrapping],
            ),
            (
                r#"{"op": "replace", "path": "title", "value": {"value": null}}"#,
                r#"{"op":"remove","path":"title"}"#,
                &[Repair::Wrapping, Repair::NullInPatch],
            ),
            (
                r#"{"op": "add", "path": "ENT:manager", "value": "271"}"#,
                r#"{"op":"add","path":"ENT:manager","value":{"value":"271"}}"#,
                &[Repair::Wrapping],
            ),
            (
                r#"{"op": "add", "path": "manager", "value": [{"$ref": "http://x/Users/9", "value": "9"}]}"#,
                r#"{"op":"add","path":"ENT:manager","value":{"$ref": "http://x/Users/9", "value": "9"}}"#,
                &[Repair::Wrapping],
            ),
            (
                r#"{"op": "replace", "value": {"ENT": {"department": "R", "manager": "271"}}}"#,
                r#"{"op":"replace","value":{"ENT":{"department":"R","manager":{"value":"271"}}}}"#,
                &[Repair::Wrapping],
            ),
            (
                r#"{"op": "add", "value": {"roles[primary eq true].value": {"value": "1"}}}"#,
                r#"{"op":"add","path":"roles[primary eq true].value","value":"1"}"#,
                &[Repair::DottedKeys, Repair::Wrapping],
            ),
        ],
    );
}

#[test]
fn a_wrapping_that_may_mean_something_is_left_alone() {
    for op in [
        r#"{"op": "replace", "path": "title", "value": ["a", "b"]}"#,
        r#"{"op": "replace", "path": "title", "value": {"value": "a", "type": "b"}}"#,
        r#"{"op": "replace", "path": "title", "value": [["a"]]}"#,
        r#"{"op": "replace", "path": "title", "value": {"value": "a", "$ref": "http://x"}}"#,
        r#"{"op": "replace", "path": "title", "value": {"value": "a", "type": null}}"#,
        r#"{"op": "replace", "path": "login", "value": {"value": "a"}}"#,
        r#"{"op": "replace", "path": "emails", "value": [{"value": "a"}]}"#,
        r#"{"op": "replace", "path": "emails.value", "value": ["a"]}"#,
        r#"{"op": "replace", "path": "name", "value": {"value": "a"}}"#,
        r#"{"op": "replace", "path": "manager", "value": "9"}"#,
        r#"{"op": "replace", "path": "manager.displayName", "value": [{"value": "9"}]}"#,
        r#"{"op": "replace", "path": "manager[value eq \"1\"]", "value": [{"value": "9"}]}"#,
        r#"{"op": "replace", "path": "urn:acme:scim:2.0:Staff:manager", "value": [{"value": "9"}]}"#,
        r#"{"op": "add", "path": "ENT:manager", "value": [{"value": "9"}, {"value": "8"}]}"#,
        r#"{"op": "replace", "value": {"manager": [{"value": "9"}]}}"#,
    ] {
        let op = op.replace("ENT", ENTERPRISE);
        assert_eq!(mend_ops(&op, &Resource::User).unwrap(), (op, Vec::new()));
    }
    let of_a_group = r#"{"op": "add", "path": "manager", "value": [{"value": "9"}]}"#;
    assert_eq!(mend_ops(of_a_group, &Resource::Group).unwrap(), (of_a_group.to_owned(), Vec::new()));
}

#[test]
fn a_dot_after_the_enterprise_schema_is_its_colon() {
    check(
        &Resource::User,
        &[(
            r#"{"op": "add", "path": "ENT.department", "value": "R"}"#,
            r#"{"op":"add","path":"ENT:department","value":"R"}"#,
            &[Repair::UrnKeys],
        )],
    );
}

#[test]
fn to_delete_is_to_remove() {
    check(
        &Resource::Group,
        &[(
            r#"{"op": "Delete", "path": "members", "value": [{"value": "1"}]}"#,
            r#"{"op":"remove","path":"members[value eq \"1\"]"}"#,
            &[Repair::OpCase, Repair::RemoveByValue],
        )],
    );
}

#[test]
fn a_patch_without_operations_changes_nothing() {
    let (text, made) = mend_ops("", &Resource::User).unwrap();
    assert_eq!((text.as_str(), made.as_slice()), ("", [Repair::NoOperation].as_slice()));
}
