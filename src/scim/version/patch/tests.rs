//! PATCHes in both versions: the rows of what differs, and that they do the same to a resource.

use proptest::prelude::*;

use super::*;
use crate::json::{self, Object, Value};
use crate::scim::{Resource, ScimError, patch};

const CORE: &str = r#""schemas":["urn:scim:schemas:core:1.0"]"#;

fn object(text: &str) -> Object<'_> {
    match json::parse(text.as_bytes()).unwrap() {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

/// The operations of SCIM 2.0.
fn there(text: &str, of: &Resource) -> Result<String, ScimError> {
    Ok(decode(object(text), of)?.get("Operations").unwrap().to_string())
}

fn back(operations: &str, of: &Resource) -> Result<String, ScimError> {
    let message =
        format!(r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":{operations}}}"#);
    encode(&object(&message), of).map(|told| Value::Object(told).to_string())
}

#[test]
fn v_27_to_v_34_what_scim_1_1_says_is_said_in_operations() {
    let rows = [
        // The example of our notes on both forms.
        (
            r#""meta":{"attributes":["nickName"]},"active":false,"members":[{"value":"u1","operation":"delete"},{"value":"u2"}]"#,
            r#"[{"op":"remove","path":"nickName"},{"op":"remove","path":"members[value eq \"u1\"]"},{"op":"replace","path":"active","value":false},{"op":"add","path":"members","value":[{"value":"u2"}]}]"#,
        ),
        (r#""id":"7","displayName":"New""#, r#"[{"op":"replace","path":"displayName","value":"New"}]"#),
        (r#""meta":{"attributes":["members"]}"#, r#"[{"op":"remove","path":"members"}]"#),
        (r#""meta":{"attributes":["members"]},"members":[]"#, r#"[{"op":"remove","path":"members"}]"#),
        (
            r#""meta":{"attributes":["Members"]},"members":[{"value":"a"},{"value":"b","operation":"delete"}]"#,
            r#"[{"op":"replace","path":"members","value":[{"value":"a"}]}]"#,
        ),
        (r#""members":["a"]"#, r#"[{"op":"add","path":"members","value":[{"value":"a"}]}]"#),
        (
            r#""members":[{"value":"a","operation":"add"}]"#,
            r#"[{"op":"add","path":"members","value":[{"value":"a"}]}]"#,
        ),
        (
            r#""members":[{"value":"a\"]","display":"A","type":"user","operation":"Delete"}]"#,
            r#"[{"op":"remove","path":"members[value eq \"a\\\"]\"]"}]"#,
        ),
        (r#""displayName":null"#, r#"[{"op":"remove","path":"displayName"}]"#),
        ("", "[]"),
        (r#""members":[]"#, "[]"),
    ];
    for (old, new) in rows {
        let comma = if old.is_empty() { "" } else { "," };
        assert_eq!(there(&format!("{{{CORE}{comma}{old}}}"), &Resource::Group).unwrap(), new, "{old}");
    }
}

#[test]
fn v_28_v_30_complex_attributes_are_merged_unless_they_are_named() {
    let rows = [
        (
            r#"{"name":{"familyName":"B","formatted":null}}"#,
            r#"[{"op":"remove","path":"name.formatted"},{"op":"replace","path":"name.familyName","value":"B"}]"#,
        ),
        (
            r#"{"meta":{"attributes":["name"]},"name":{"familyName":"B"}}"#,
            r#"[{"op":"remove","path":"name"},{"op":"add","path":"name","value":{"familyName":"B"}}]"#,
        ),
        (
            r#"{"meta":{"attributes":["name.formatted"]},"name":{"familyName":"B"}}"#,
            r#"[{"op":"remove","path":"name.formatted"},{"op":"replace","path":"name.familyName","value":"B"}]"#,
        ),
        (
            r#"{"meta":{"attributes":["name.formatted"]},"name":{"formatted":"B"}}"#,
            r#"[{"op":"replace","path":"name.formatted","value":"B"}]"#,
        ),
        (
            r#"{"meta":{"attributes":["urn:scim:schemas:extension:enterprise:1.0:division","urn:hr:schemas:user:age"]},
                "urn:scim:schemas:extension:enterprise:1.0":{"department":"R","manager":{"managerId":"7"}},"locale":"en_US"}"#,
            r#"[{"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division"},{"op":"remove","path":"urn:hr:schemas:user:age"},{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"R"},{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value","value":"7"},{"op":"replace","path":"locale","value":"en-US"}]"#,
        ),
        (
            r#"{"meta":{"attributes":["urn:scim:schemas:extension:enterprise:1.0"]},"urn:scim:schemas:extension:enterprise:1.0":{"department":"R"}}"#,
            r#"[{"op":"remove","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"},{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"R"}]"#,
        ),
    ];
    for (old, new) in rows {
        assert_eq!(there(old, &Resource::User).unwrap(), new, "{old}");
    }
}

#[test]
fn v_32_an_element_is_known_by_its_value_and_type_or_by_all_that_it_says() {
    let rows = [
        (
            r#"{"emails":[{"value":"a@example.com","type":"work","primary":true,"operation":"delete"}]}"#,
            r#"[{"op":"remove","path":"emails[value eq \"a@example.com\" and type eq \"work\"]"}]"#,
        ),
        (
            r#"{"addresses":[{"type":"work","locality":"Oslo","primary":true,"operation":"delete"},{"type":"work","locality":"Bergen"}]}"#,
            r#"[{"op":"remove","path":"addresses[type eq \"work\" and locality eq \"Oslo\" and primary eq true]"},{"op":"add","path":"addresses","value":[{"type":"work","locality":"Bergen"}]}]"#,
        ),
    ];
    for (old, new) in rows {
        assert_eq!(there(old, &Resource::User).unwrap(), new, "{old}");
    }
    for unclear in [r#"{"emails":[{"operation":"delete"}]}"#, r#"{"x":[{"a":{"b":1},"operation":"delete"}]}"#] {
        assert!(there(unclear, &Resource::User).is_err(), "{unclear}");
    }
}

#[test]
fn what_is_no_patch_of_scim_1_1_is_refused() {
    for text in [
        r#"{"Operations":[]}"#,
        r#"{"meta":{"attributes":"name"}}"#,
        r#"{"meta":{"attributes":[1]}}"#,
        r#"{"meta":[]}"#,
        r#"{"meta":{"attributes":["a.b.c"]}}"#,
        r#"{"1st":1}"#,
        r#"{"urn:scim:schemas:extension:enterprise:1.0":1}"#,
        r#"{"emails":[{"value":"a","operation":"replace"}]}"#,
        r#"{"emails":[{"value":"a","operation":1}]}"#,
    ] {
        assert!(there(text, &Resource::User).is_err(), "{text}");
    }
}

#[test]
fn v_27_to_v_34_operations_are_said_in_scim_1_1() {
    let rows = [
        (r#"[{"op":"replace","path":"displayName","value":"New"}]"#, r#""displayName":"New""#),
        (r#"[{"op":"replace","value":{"id":"g","displayName":"New"}}]"#, r#""id":"g","displayName":"New""#),
        (r#"[{"op":"remove","path":"members"}]"#, r#""meta":{"attributes":["members"]}"#),
        (
            r#"[{"op":"replace","path":"members","value":[{"value":"a","$ref":"../Users/a"}]}]"#,
            r#""members":[{"value":"a","type":"User"}],"meta":{"attributes":["members"]}"#,
        ),
        (r#"[{"op":"replace","path":"members","value":[]}]"#, r#""meta":{"attributes":["members"]}"#),
        (
            r#"[{"op":"remove","path":"members[value eq \"a\"]"},{"op":"add","path":"members","value":[{"value":"b"}]},{"op":"add","path":"members","value":{"value":"c"}}]"#,
            r#""members":[{"value":"a","operation":"delete"},{"value":"b"},{"value":"c"}]"#,
        ),
        (r#"[{"op":"add","path":"members","value":[]}]"#, ""),
        (r#"[{"op":"replace","path":"displayName","value":null}]"#, r#""meta":{"attributes":["displayName"]}"#),
    ];
    for (new, old) in rows {
        let comma = if old.is_empty() { "" } else { "," };
        let told = back(new, &Resource::Group).unwrap();
        assert_eq!(object(&told), object(&format!("{{{CORE}{comma}{old}}}")), "{new}");
    }
}

#[test]
fn v_28_v_29_v_30_of_a_user_too() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let new = format!(
        r#"[{{"op":"replace","value":{{"active":false,"name.familyName":"B"}}}},{{"op":"add","path":"name.givenName","value":"A"}},
            {{"op":"add","path":"{enterprise}:manager","value":{{"value":"7"}}}},{{"op":"remove","path":"{enterprise}:division"}},
            {{"op":"replace","path":"locale","value":"nb-NO"}},{{"op":"remove","path":"emails[value eq \"a\"]"}}]"#
    );
    let old = r#"{"schemas":["urn:scim:schemas:core:1.0","urn:scim:schemas:extension:enterprise:1.0"],"active":false,
        "name":{"familyName":"B","givenName":"A"},"urn:scim:schemas:extension:enterprise:1.0":{"manager":{"managerId":"7"}},
        "locale":"nb_NO","emails":[{"value":"a","operation":"delete"}],"meta":{"attributes":["urn:scim:schemas:extension:enterprise:1.0:division"]}}"#;
    assert_eq!(object(&back(&new, &Resource::User).unwrap()), object(old));
}

#[test]
fn v_32_v_35_v_36_what_scim_1_1_has_no_words_for_is_refused() {
    for unsaid in [
        r#"[{"op":"replace","path":"emails[type eq \"work\"].value","value":"x"}]"#,
        r#"[{"op":"remove","path":"emails[type eq \"work\"]"}]"#,
        r#"[{"op":"remove","path":"emails[value eq \"a\" and type eq \"work\"]"}]"#,
        r#"[{"op":"replace","path":"emails.value","value":"x"}]"#,
        r#"[{"op":"add","path":"emails","value":[{"value":"x"}]}]"#,
        r#"[{"op":"replace","path":"title","value":"x"},{"op":"remove","path":"title"}]"#,
        r#"[{"op":"remove","path":"name"},{"op":"replace","path":"name.givenName","value":"x"}]"#,
        r#"[{"op":"remove","path":"members","value":[{"value":"a"}]}]"#,
        r#"[{"op":"remove"}]"#,
    ] {
        assert!(back(unsaid, &Resource::User).is_err(), "{unsaid}");
    }
    for unsaid in [
        r#"[{"op":"add","path":"members","value":[{"value":"a"}]},{"op":"remove","path":"members[value eq \"a\"]"}]"#,
        r#"[{"op":"replace","path":"members","value":[{"value":"a"}]},{"op":"add","path":"members","value":[{"value":"b"}]}]"#,
        r#"[{"op":"add","path":"members","value":[{"display":"a"}]}]"#,
    ] {
        assert!(back(unsaid, &Resource::Group).is_err(), "{unsaid}");
    }
}

/// What a server of SCIM 1.1 makes of a group: what is named goes, then the rest is merged.
fn patched(partial: &Object<'_>, group: &[String]) -> (Vec<String>, Option<String>) {
    let names = |key: &str| {
        let list = partial.get("meta").and_then(Value::as_object).and_then(|meta| meta.get("attributes"));
        list.and_then(Value::as_array).is_some_and(|list| list.iter().any(|one| one.as_str().as_deref() == Some(key)))
    };
    let mut members = if names("members") { Vec::new() } else { group.to_vec() };
    for member in partial.get("members").and_then(Value::as_array).into_iter().flat_map(|list| list.iter()) {
        let member = member.as_object().unwrap();
        let id = member.get("value").and_then(Value::as_str).unwrap().into_owned();
        members.retain(|other| *other != id);
        if !member.contains("operation") {
            members.push(id);
        }
    }
    members.sort();
    (members, partial.get("displayName").and_then(Value::as_str).map(|name| name.into_owned()))
}

/// What [`patch::apply`] makes of the same group.
fn applied(message: Object<'_>, group: &[String]) -> (Vec<String>, Option<String>) {
    let list = group.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect::<Vec<_>>().join(",");
    let text = format!(r#"{{"members":[{list}]}}"#);
    let resource = object(&text);
    let after = patch::apply(&Value::Object(message), &resource, &Resource::Group).unwrap();
    let ids = after.get("members").and_then(Value::as_array).into_iter().flat_map(|list| list.iter());
    let mut ids: Vec<String> =
        ids.map(|one| one.as_object().unwrap().get("value").and_then(Value::as_str).unwrap().into_owned()).collect();
    ids.sort();
    (ids, after.get("displayName").and_then(Value::as_str).map(|name| name.into_owned()))
}

/// Members by their ids, each once.
fn ids() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set("[a-e]", 0..5).prop_map(|ids| ids.into_iter().collect())
}

fn of_1_1() -> impl Strategy<Value = String> {
    let marked = (ids(), prop::collection::vec(any::<bool>(), 5));
    (marked, any::<bool>(), prop::option::of("[A-Z]{1,3}")).prop_map(|((ids, goes), all, name)| {
        let one = |(id, goes): (&String, &bool)| {
            let marker = if *goes { r#","operation":"delete""# } else { "" };
            format!(r#"{{"value":"{id}"{marker}}}"#)
        };
        let members = ids.iter().zip(&goes).map(one).collect::<Vec<_>>().join(",");
        let meta = if all { r#","meta":{"attributes":["members"]}"# } else { "" };
        let name = name.map(|name| format!(r#","displayName":"{name}""#)).unwrap_or_default();
        format!(r#"{{{CORE},"members":[{members}]{meta}{name}}}"#)
    })
}

fn of_2_0() -> impl Strategy<Value = String> {
    let listed = |ids: &[String]| ids.iter().map(|id| format!(r#"{{"value":"{id}"}}"#)).collect::<Vec<_>>().join(",");
    let op = prop_oneof![
        ids().prop_map(move |ids| format!(r#"{{"op":"add","path":"members","value":[{}]}}"#, listed(&ids))),
        ids().prop_map(move |ids| format!(r#"{{"op":"replace","path":"members","value":[{}]}}"#, listed(&ids))),
        "[a-e]".prop_map(|id| format!(r#"{{"op":"remove","path":"members[value eq \"{id}\"]"}}"#)),
        Just(r#"{"op":"remove","path":"members"}"#.to_owned()),
        "[A-Z]{1,3}".prop_map(|name| format!(r#"{{"op":"replace","value":{{"displayName":"{name}"}}}}"#)),
    ];
    prop::collection::vec(op, 1..4).prop_map(|ops| format!(r#"{{"Operations":[{}]}}"#, ops.join(",")))
}

/// Elements by their values, each once, with what else they say.
fn emails() -> impl Strategy<Value = Vec<(String, Option<String>, Option<bool>)>> {
    let parts = (prop::option::of("work|home"), prop::option::of(Just(false)));
    prop::collection::btree_map("[a-d]", parts, 0..4)
        .prop_map(|all| all.into_iter().map(|(value, (kind, primary))| (value, kind, primary)).collect())
}

type Email = (String, Option<String>, Option<bool>);

fn listed(emails: &[Email]) -> String {
    let one = |(value, kind, primary): &Email| {
        let kind = kind.as_ref().map(|kind| format!(r#","type":"{kind}""#)).unwrap_or_default();
        let primary = primary.map(|primary| format!(r#","primary":{primary}"#)).unwrap_or_default();
        format!(r#"{{"value":"{value}"{kind}{primary}}}"#)
    };
    emails.iter().map(one).collect::<Vec<_>>().join(",")
}

fn read_emails(resource: &Object<'_>) -> Vec<Email> {
    let list = resource.get("emails").and_then(Value::as_array).into_iter().flat_map(|list| list.iter());
    let mut all: Vec<Email> = list
        .map(|one| {
            let one = one.as_object().unwrap();
            let text = |name: &str| one.get(name).and_then(Value::as_str).map(|text| text.into_owned());
            (text("value").unwrap(), text("type"), one.get("primary").and_then(Value::as_bool))
        })
        .collect();
    all.sort();
    all
}

proptest! {
    #[test]
    fn v_31_what_is_merged_does_the_same(come in emails(), there in emails()) {
        let mut expected = there.clone();
        for (value, kind, primary) in &come {
            match expected.iter_mut().find(|(other, ..)| other == value) {
                Some(held) => {
                    held.1 = kind.clone().or(held.1.take());
                    held.2 = primary.or(held.2);
                }
                None => expected.push((value.clone(), kind.clone(), *primary)),
            }
        }
        expected.sort();
        let (partial, held) = (format!(r#"{{"emails":[{}]}}"#, listed(&come)), format!(r#"{{"emails":[{}]}}"#, listed(&there)));
        let (message, held) = (decode(object(&partial), &Resource::User).unwrap(), object(&held));
        prop_assert_eq!(needs_resource(&message, &Resource::User), !come.is_empty());
        let message = Value::Object(merged(&message, &held, &Resource::User).unwrap());
        prop_assert_eq!(read_emails(&patch::apply(&message, &held, &Resource::User).unwrap()), expected);
    }

    #[test]
    fn what_is_decoded_does_the_same(text in of_1_1(), group in ids()) {
        let partial = object(&text);
        let all_named = text.contains("attributes");
        let expected = if all_named {
            // Markers say nothing where the whole list is replaced.
            let mut kept = partial.clone();
            if let Some(Value::Array(list)) = kept.get_mut("members") {
                list.retain(|one| !one.as_object().unwrap().contains("operation"));
            }
            patched(&kept, &group)
        } else {
            patched(&partial, &group)
        };
        prop_assert_eq!(applied(decode(partial, &Resource::Group).unwrap(), &group), expected);
    }

    #[test]
    fn what_is_encoded_does_the_same(text in of_2_0(), group in ids()) {
        let message = object(&text);
        if let Ok(told) = encode(&message, &Resource::Group) {
            prop_assert_eq!(patched(&told, &group), applied(message, &group));
        }
    }

    #[test]
    fn no_message_makes_either_panic(text in "\\{(\"[a-z.:]{0,6}\":(\\{\\}|\\[\\{\\}\\]|null|\"x\"|1),){0,3}\"z\":1\\}") {
        if let Ok(Value::Object(object)) = json::parse(text.as_bytes()) {
            let _ = encode(&object, &Resource::User);
            let _ = decode(object, &Resource::User);
        }
    }
}
