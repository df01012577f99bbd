//! Resources in both versions: the rows of what differs, and that they come back.

use proptest::prelude::*;

use super::*;
use crate::json;

fn object(text: &str) -> Object<'_> {
    match json::parse(text.as_bytes()).unwrap() {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

fn decoded(text: &str, of: &Resource) -> String {
    let mut resource = object(text);
    decode(&mut resource, of).unwrap();
    Value::Object(resource).to_string()
}

fn encoded(text: &str, of: &Resource) -> String {
    let mut resource = object(text);
    encode(&mut resource, of).unwrap();
    Value::Object(resource).to_string()
}

/// That both say the same, each in its version.
fn same(old: &str, new: &str, of: &Resource) {
    assert_eq!(object(&decoded(old, of)), object(new), "decoded {old}");
    assert_eq!(object(&encoded(new, of)), object(old), "encoded {new}");
}

#[test]
fn v_02_v_03_v_05_a_user_bears_the_urns_of_its_version() {
    same(
        r#"{"schemas":["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],"userName":"ada",
            "urn:scim:schemas:extension:enterprise:1.0":{"department":"R"}}"#,
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
            "userName":"ada","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R"}}"#,
        &Resource::User,
    );
    same(
        r#"{"schemas":["urn:scim:schemas:core:1.0"],"displayName":"Tour"}"#,
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Tour"}"#,
        &Resource::Group,
    );
}

#[test]
fn a_list_of_schemas_in_a_list_is_read_as_that_list() {
    let told = decoded(r#"{"schemas":[["urn:scim:schemas:core:1.0"]],"userName":"ada"}"#, &Resource::User);
    assert_eq!(told, r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada"}"#);
    assert!(decoded(r#"{"schemas":[1]}"#, &Resource::User).contains(r#"2.0:User",1]"#));
}

#[test]
fn v_04_extensions_of_others_stay() {
    same(
        r#"{"schemas":["urn:scim:schemas:core:1.0","urn:okta:custom:group:1.0"],"urn:okta:custom:group:1.0":{"description":"d"},"x":[1.0]}"#,
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","urn:okta:custom:group:1.0"],"urn:okta:custom:group:1.0":{"description":"d"},"x":[1.0]}"#,
        &Resource::Group,
    );
}

#[test]
fn v_06_schemas_may_be_left_out_in_scim_1_1_only() {
    let told =
        decoded(r#"{"userName":"ada","urn:scim:schemas:extension:enterprise:1.0":{"division":"d"}}"#, &Resource::User);
    assert!(told.starts_with(
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"#
    ));
    assert_eq!(encoded(r#"{"userName":"ada"}"#, &Resource::User), r#"{"userName":"ada"}"#);
}

#[test]
fn v_07_only_scim_2_0_says_what_a_resource_is() {
    same(
        r#"{"schemas":["urn:scim:schemas:core:1.0"],"meta":{"created":"2011-08-01T18:29:49.793Z","version":"W/\"a\""}}"#,
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"meta":{"resourceType":"User","created":"2011-08-01T18:29:49.793Z","version":"W/\"a\""}}"#,
        &Resource::User,
    );
}

#[test]
fn v_09_a_manager_is_known_by_another_name() {
    same(
        r#"{"schemas":["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],
            "urn:scim:schemas:extension:enterprise:1.0":{"manager":{"managerId":"7","displayName":"B"}}}"#,
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"7","displayName":"B"}}}"#,
        &Resource::User,
    );
    let with_reference = r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"7","$ref":"../Users/7"}}}"#;
    assert_eq!(
        encoded(with_reference, &Resource::User),
        r#"{"urn:scim:schemas:extension:enterprise:1.0":{"manager":{"managerId":"7"}}}"#
    );
    let two = r#"{"urn:scim:schemas:extension:enterprise:1.0":{"manager":{"managerId":"7","value":"8"}}}"#;
    assert_eq!(decode(&mut object(two), &Resource::User).unwrap_err().scim_type, Some(ScimType::InvalidValue));
}

#[test]
fn v_10_v_11_a_member_has_a_type_and_no_reference() {
    let old = r#"{"members":[{"value":"7","type":"user","display":"A"},{"value":"8","type":"Group"}]}"#;
    assert!(
        decoded(old, &Resource::Group)
            .contains(r#"[{"value":"7","type":"User","display":"A"},{"value":"8","type":"Group"}]"#)
    );
    let new = r#"{"members":[{"value":"7","$ref":"https://a.example/v2/Users/7"},{"value":"8","type":"Group","$ref":"../Groups/8"},{"$ref":"x"}]}"#;
    assert_eq!(
        encoded(new, &Resource::Group),
        r#"{"members":[{"value":"7","type":"User"},{"value":"8","type":"Group"},{"$ref":"x"}]}"#
    );
    let groups = r#"{"groups":[{"value":"9","$ref":"../Groups/9","display":"T","type":"direct"}]}"#;
    assert_eq!(encoded(groups, &Resource::User), r#"{"groups":[{"value":"9","display":"T","type":"direct"}]}"#);
}

#[test]
fn v_10_what_a_patch_alone_can_ask_for_is_refused_elsewhere() {
    let marked = |word: &str| format!(r#"{{"members":[{{"value":"7","operation":"{word}"}}]}}"#);
    assert!(decoded(&marked("add"), &Resource::Group).contains(r#""members":[{"value":"7"}]"#));
    assert!(decode(&mut object(&marked("delete")), &Resource::Group).is_err());
}

#[test]
fn v_13_plain_values_become_objects() {
    let old = r#"{"emails":["a@example.com",{"value":"b@example.com","primary":true}],"tags":["x"]}"#;
    let told = decoded(old, &Resource::User);
    assert!(
        told.contains(r#""emails":[{"value":"a@example.com"},{"value":"b@example.com","primary":true}],"tags":["x"]"#),
        "{told}"
    );
}

#[test]
fn v_14_languages_are_written_with_underscores_in_scim_1_1() {
    same(
        r#"{"schemas":["urn:scim:schemas:core:1.0"],"locale":"en_US","preferredLanguage":"zh_Hant_TW"}"#,
        r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"locale":"en-US","preferredLanguage":"zh-Hant-TW"}"#,
        &Resource::User,
    );
    let several = r#"{"preferredLanguage":"da, en-GB;q=0.8"}"#;
    assert_eq!(encoded(several, &Resource::User), several);
}

#[test]
fn v_08_v_12_v_15_v_16_v_18_v_56_the_rest_is_the_same() {
    let both = r#"{"id":"7","externalId":"x","UserName":"ada","active":true,"phoneNumbers":[{"value":"tel:+1-555","type":"pager","primary":true}],
        "addresses":[{"country":"USA","type":"work"}],"photos":[{"value":"https://p.example/f","type":"thumbnail"}],"x":1.50}"#;
    assert_eq!(object(&encoded(both, &Resource::User)), object(both));
    let mut read = object(both);
    decode(&mut read, &Resource::User).unwrap();
    read.remove("schemas");
    assert_eq!(read, object(both));
}

#[test]
fn both_urns_at_once_are_refused() {
    let twice = r#"{"urn:scim:schemas:extension:enterprise:1.0":{},"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{}}"#;
    assert!(decode(&mut object(twice), &Resource::User).is_err());
    assert!(encode(&mut object(twice), &Resource::User).is_err());
}

fn text() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9 æ\"\\\\.:@-]{0,8}".prop_map(|text| Value::string(&text).to_string())
}

/// A user as SCIM 2.0 has it, as far as SCIM 1.1 can hold it.
fn user() -> impl Strategy<Value = String> {
    let multi = (text(), prop::option::of("work|home"), any::<bool>()).prop_map(|(value, kind, primary)| {
        let kind = kind.map(|kind| format!(r#","type":"{kind}""#)).unwrap_or_default();
        format!(r#"{{"value":{value}{kind},"primary":{primary}}}"#)
    });
    let emails = prop::collection::vec(multi, 0..3).prop_map(|all| all.join(","));
    let locale = "[a-z]{2}(-[A-Z]{2})?";
    (text(), emails, locale, prop::option::of(text()), prop::option::of(text()), any::<bool>()).prop_map(
        |(name, emails, locale, department, manager, meta)| {
            let extended = department.is_some() || manager.is_some();
            let urn = urn::ENTERPRISE;
            let schemas = if extended { format!(r#","{urn}""#) } else { String::new() };
            let department = department.map(|one| format!(r#""department":{one}"#));
            let manager = manager.map(|one| format!(r#""manager":{{"value":{one}}}"#));
            let parts: Vec<String> = department.into_iter().chain(manager).collect();
            let extension = if extended { format!(r#","{urn}":{{{}}}"#, parts.join(",")) } else { String::new() };
            let meta = if meta { r#","meta":{"resourceType":"User","version":"W/\"1\""}"# } else { "" };
            format!(
                r#"{{"schemas":["{}"{schemas}],"userName":{name},"emails":[{emails}],"locale":"{locale}","x":[1,{{"$ref":"a"}}]{extension}{meta}}}"#,
                urn::USER
            )
        },
    )
}

proptest! {
    #[test]
    fn what_is_encoded_is_decoded_to_the_same(text in user()) {
        let there = encoded(&text, &Resource::User);
        prop_assert!(!there.contains("urn:ietf"), "{}", there);
        let back = decoded(&there, &Resource::User);
        prop_assert_eq!(object(&back), object(&text));
    }
}
