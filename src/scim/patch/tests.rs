mod wrapping;

use proptest::prelude::*;

use super::*;
use crate::json;
use crate::scim::{AttrName, Resource, ScimType};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn message(operations: &str) -> String {
    format!(r#"{{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{operations}]}}"#)
}

/// What `repair` makes of a whole message, and which repairs those were.
fn mend(text: &str, resource: &Resource) -> Result<(String, Vec<Repair>), ScimError> {
    let mut value = json::parse(text.as_bytes()).unwrap();
    let made = repair(value.as_object_mut().unwrap(), resource)?;
    Ok((if made.is_empty() { text.to_owned() } else { value.to_string() }, made))
}

/// As [`mend`], for operations alone.
fn mend_ops(operations: &str, resource: &Resource) -> Result<(String, Vec<Repair>), ScimError> {
    let (text, made) = mend(&message(operations), resource)?;
    let start = text.find("\"Operations\":").unwrap();
    let inner = text[start..].split_once('[').unwrap().1;
    Ok((inner.strip_suffix("]}").unwrap().to_owned(), made))
}

fn check(resource: &Resource, rows: &[(&str, &str, &[Repair])]) {
    for (operations, mended, repairs) in rows {
        let operations = operations.replace("ENT", ENTERPRISE);
        let (text, made) = mend_ops(&operations, resource).unwrap_or_else(|error| panic!("{operations}: {error}"));
        assert_eq!(text, mended.replace("ENT", ENTERPRISE), "{operations}");
        assert_eq!(made, *repairs, "{operations}");
    }
}

/// The operations of the examples in RFC 7644 section 3.5.2, and others that it allows.
const VALID: &[&str] = &[
    r#"{ "op":"add", "path":"members", "value":[ { "display": "Babs Jensen", "$ref": "https://x/Users/1", "value": "1" } ] }"#,
    r#"{ "op":"add", "value":{ "emails":[ { "value":"babs@jensen.org", "type":"home" } ], "nickname":"Babs" } }"#,
    r#"{ "op":"remove", "path":"members" }"#,
    r#"{ "op":"remove", "path":"members[value eq \"2819c223-7f76-...413861904646\"]" }"#,
    r#"{ "op":"remove", "path":"emails[type eq \"work\" and value ew \"example.com\"]" }"#,
    r#"{ "op":"replace", "path":"members", "value":[ { "value": "1" }, { "value": "2" } ] }"#,
    r#"{ "op":"replace", "path":"addresses[type eq \"work\"]", "value": { "type": "work", "primary": true } }"#,
    r#"{ "op":"replace", "path":"addresses[type eq \"work\"].streetAddress", "value":"1010 Broadway Ave" }"#,
    r#"{ "op":"replace", "value":{ "emails":[ { "value":"bjensen@example.com", "type":"work", "primary":true } ] } }"#,
    r#"{ "op":"add", "path":"name.familyName", "value":"O'Malley" }"#,
    r#"{ "op":"add", "path":"members", "value":[] }"#,
    r#"{ "op":"add", "path":"members", "value":{ "value": "1" } }"#,
    r#"{ "op":"replace", "path":"active", "value":false }"#,
    r#"{ "op":"replace", "path":"displayName", "value":"True" }"#,
    r#"{ "op":"remove", "path":"title", "value": null }"#,
    r#"{ "op":"replace", "value":{ "members": [], "id": "1", "displayName": "x" } }"#,
    r#"{ "op":"replace", "value":{ "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "R" } } }"#,
    r#"{ "op":"replace", "value":{ "urn:okta:custom:group:1.0": { "description": "R" } } }"#,
    r#"{ "op":"replace", "path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "R" }"#,
    r#"{ "op":"add", "path":null, "value":{ "title": "x" } }"#,
];

#[test]
fn a_valid_message_is_not_touched() {
    for operations in VALID.iter().copied().chain([VALID.join(" , ").as_str()]) {
        for resource in [Resource::User, Resource::Group] {
            assert_eq!(mend_ops(operations, &resource).unwrap(), (operations.to_owned(), Vec::new()), "{operations}");
        }
    }
}

#[test]
fn the_words_of_a_patch_get_their_case() {
    check(
        &Resource::User,
        &[
            (
                r#"{"op": "Add", "path": "title", "value": { "a" : 1 }}, {"op": "add",  "path": "x", "value": 1}"#,
                r#"{"op":"add","path":"title","value":{ "a" : 1 }},{"op": "add",  "path": "x", "value": 1}"#,
                &[Repair::OpCase],
            ),
            (
                r#"{"name": "n", "OP": "REMOVE", "path": "x"}"#,
                r#"{"name":"n","OP":"remove","path":"x"}"#,
                &[Repair::OpCase],
            ),
        ],
    );
    let (text, made) = mend(r#"{"operations": [{"op": "remove",  "path": "x"}]}"#, &Resource::User).unwrap();
    assert_eq!(text, r#"{"Operations":[{"op": "remove",  "path": "x"}]}"#);
    assert_eq!(made, [Repair::OpCase]);
}

#[test]
fn keys_that_are_paths_go_where_they_belong() {
    check(
        &Resource::User,
        &[
            (
                r#"{"op":"replace","value":{"displayName":"x","name.givenName":"A","title":"t","name.familyName":"B"}}"#,
                r#"{"op":"replace","value":{"displayName":"x","name":{"givenName":"A","familyName":"B"},"title":"t"}}"#,
                &[Repair::DottedKeys],
            ),
            (
                r#"{"op":"add","value":{"ENT:employeeNumber":"1","ENT:manager.value":"2","ENT:manager":{"displayName":"M"}}}"#,
                r#"{"op":"add","value":{"ENT":{"employeeNumber":"1","manager":{"value":"2","displayName":"M"}}}}"#,
                &[Repair::UrnKeys],
            ),
            (
                r#"{"op":"add","value":{"ENT":{"division":"D"},"urn:ietf:params:scim:schemas:core:2.0:User:title":"t","ENT:department":"R"}}"#,
                r#"{"op":"add","value":{"ENT":{"division":"D","department":"R"},"title":"t"}}"#,
                &[Repair::UrnKeys],
            ),
            (
                r#"{"op":"replace","value":{"title":"t","emails[type eq \"work\"].value":"a","roles.primary":"True"}}"#,
                r#"{"op":"replace","value":{"title":"t"}},{"op":"replace","path":"emails[type eq \"work\"].value","value":"a"},{"op":"replace","path":"roles.primary","value":true}"#,
                &[Repair::DottedKeys, Repair::StringBoolean],
            ),
            (
                r#"{"op":"add","value":{"addresses[type eq \"w\"].country":"CH"}}"#,
                r#"{"op":"add","path":"addresses[type eq \"w\"].country","value":"CH"}"#,
                &[Repair::DottedKeys],
            ),
        ],
    );
    let twice = mend_ops(r#"{"op":"add","value":{"name.givenName":"A","name":{"givenName":"B"}}}"#, &Resource::User);
    assert_eq!(twice.unwrap_err().scim_type, Some(ScimType::InvalidValue));
}

#[test]
fn booleans_are_no_strings() {
    check(
        &Resource::User,
        &[
            (
                r#"{"op":"Replace","path":"active","value":"False"}"#,
                r#"{"op":"replace","path":"active","value":false}"#,
                &[Repair::OpCase, Repair::StringBoolean],
            ),
            (
                r#"{"op":"add","value":{"active":"true"}}"#,
                r#"{"op":"add","value":{"active":true}}"#,
                &[Repair::StringBoolean],
            ),
            (
                r#"{"op":"add","path":"emails[type eq \"work\"].primary","value":"True"}"#,
                r#"{"op":"add","path":"emails[type eq \"work\"].primary","value":true}"#,
                &[Repair::StringBoolean],
            ),
            (
                r#"{"op":"add","path":"emails","value":[{ "value": "a" }, {"value":"b","primary":"TRUE"}]}"#,
                r#"{"op":"add","path":"emails","value":[{ "value": "a" },{"value":"b","primary":true}]}"#,
                &[Repair::StringBoolean],
            ),
            (
                r#"{"op":"replace","path":"roles[primary eq \"True\"].value","value":"a"}"#,
                r#"{"op":"replace","path":"roles[primary eq true].value","value":"a"}"#,
                &[Repair::StringBoolean],
            ),
        ],
    );
}

#[test]
fn null_in_a_patch_is_a_remove() {
    check(
        &Resource::User,
        &[
            (
                r#"{"op":"replace","path":"title","value":null}"#,
                r#"{"op":"remove","path":"title"}"#,
                &[Repair::NullInPatch],
            ),
            (
                r#"{"op":"replace","value":{"title":null,"displayName":"x","name":{"givenName":"A","middleName":null},"ENT":{"department":null}}}"#,
                r#"{"op":"replace","value":{"displayName":"x","name":{"givenName":"A"}}},{"op":"remove","path":"title"},{"op":"remove","path":"name.middleName"},{"op":"remove","path":"ENT:department"}"#,
                &[Repair::NullInPatch],
            ),
            (
                r#"{"op":"replace","value":{"ENT:manager":null,"name.givenName":null}}"#,
                r#"{"op":"remove","path":"ENT:manager"},{"op":"remove","path":"name.givenName"}"#,
                &[Repair::NullInPatch],
            ),
            (
                r#"{"op":"add","value":{"title":null,"displayName":"x"}}"#,
                r#"{"op":"add","value":{"displayName":"x"}}"#,
                &[Repair::NullInPatch],
            ),
            (r#"{"op":"add","value":{"title":null}}"#, "", &[Repair::NullInPatch]),
            (
                r#"{"op":"add","value":{"emails[type eq \"work\"]":{"value":"a","display":null}}}"#,
                r#"{"op":"add","path":"emails[type eq \"work\"]","value":{"value":"a","display":null}}"#,
                &[Repair::DottedKeys],
            ),
            (r#"{"op":"add","path":"members","value":null}"#, "", &[Repair::NullInPatch]),
        ],
    );
}

#[test]
fn a_core_schema_is_no_attribute() {
    let user = "urn:ietf:params:scim:schemas:core:2.0:User";
    let rows = [
        (format!(r#"{{"op":"replace","path":"{user}","value":{{"active":false}}}}"#), r#"{"active":false}"#),
        (
            format!(r#"{{"op":"replace","value":{{"title":"x","{user}":{{"name.givenName":"A"}}}}}}"#),
            r#"{"title":"x","name":{"givenName":"A"}}"#,
        ),
    ];
    for (op, value) in &rows {
        let mended = format!(r#"{{"op":"replace","value":{value}}}"#);
        let (text, repairs) = mend_ops(op, &Resource::User).unwrap();
        assert_eq!(text, mended, "{op}");
        assert!(repairs.contains(&Repair::UrnKeys), "{op}");
    }
    let nothing = format!(r#"{{"op":"replace","value":{{"{user}":null}}}}"#);
    assert_eq!(mend_ops(&nothing, &Resource::User).unwrap_err().scim_type, Some(ScimType::InvalidSyntax));
    let all = format!(r#"{{"op":"remove","path":"{user}"}}"#);
    assert_eq!(mend_ops(&all, &Resource::User).unwrap_err().scim_type, Some(ScimType::NoTarget));
}

#[test]
fn members_are_no_strings() {
    check(
        &Resource::Group,
        &[
            (
                r#"{"op":"add","path":"members","value":["1",{"value":"2"}]}"#,
                r#"{"op":"add","path":"members","value":[{"value":"1"},{"value":"2"}]}"#,
                &[Repair::StringMembers],
            ),
            (
                r#"{"op":"replace","path":"members","value":"1"}"#,
                r#"{"op":"replace","path":"members","value":[{"value":"1"}]}"#,
                &[Repair::StringMembers],
            ),
            (
                r#"{"op":"add","value":{"members":["1"]}}"#,
                r#"{"op":"add","value":{"members":[{"value":"1"}]}}"#,
                &[Repair::StringMembers],
            ),
        ],
    );
}

#[test]
fn a_remove_with_values_removes_those_alone() {
    check(
        &Resource::Group,
        &[
            (
                r#"{"op":"Remove","path":"members","value":[{"$ref":null,"value":"1"},{"value":"a\"b"},{"value":"1"}]}"#,
                r#"{"op":"remove","path":"members[value eq \"1\"]"},{"op":"remove","path":"members[value eq \"a\\\"b\"]"}"#,
                &[Repair::OpCase, Repair::RemoveByValue],
            ),
            (
                r#"{"op":"remove","path":"Members","value":["1",2]}"#,
                r#"{"op":"remove","path":"Members[value eq \"1\"]"},{"op":"remove","path":"Members[value eq 2]"}"#,
                &[Repair::RemoveByValue],
            ),
            (
                r#"{"op":"remove","path":"members","value":{"value":"1"}}"#,
                r#"{"op":"remove","path":"members[value eq \"1\"]"}"#,
                &[Repair::RemoveByValue],
            ),
            (r#"{"op":"remove","path":"members","value":[]}"#, "", &[Repair::RemoveByValue]),
        ],
    );
    for left in [
        r#"{"op":"remove","path":"displayName","value":"x"}"#,
        r#"{"op":"remove","path":"members[value eq \"1\"]","value":[{"value":"1"}]}"#,
    ] {
        assert_eq!(mend_ops(left, &Resource::Group).unwrap().1, []);
    }
    let unnamed = mend_ops(r#"{"op":"remove","path":"addresses","value":[{"type":"work"}]}"#, &Resource::User);
    assert_eq!(unnamed.unwrap_err().scim_type, Some(ScimType::InvalidValue));
}

#[test]
fn what_a_message_adds_to_an_operation_is_not_multiplied() {
    let (text, _) =
        mend_ops(r#"{"note":"n","op":"remove","path":"members","value":["1","2"]}"#, &Resource::Group).unwrap();
    assert_eq!(text.matches("note").count(), 1);
}

#[test]
fn what_is_no_patch_is_refused_with_its_scim_type() {
    let rows = [
        (r"{}", ScimType::InvalidSyntax),
        (r#"{"Operations": {}}"#, ScimType::InvalidSyntax),
        (r#"{"Operations": [1]}"#, ScimType::InvalidSyntax),
        (r#"{"Operations": [{"path": "x"}]}"#, ScimType::InvalidSyntax),
        (r#"{"Operations": [{"op": "move", "path": "x"}]}"#, ScimType::InvalidSyntax),
        (r#"{"Operations": [{"op": "add"}]}"#, ScimType::InvalidSyntax),
        (r#"{"Operations": [{"op": "add", "value": [1]}]}"#, ScimType::InvalidSyntax),
        (r#"{"Operations": [{"op": "add", "path": 1}]}"#, ScimType::InvalidPath),
        (r#"{"Operations": [{"op": "add", "path": "", "value": 1}]}"#, ScimType::InvalidPath),
        (r#"{"Operations": [{"op": "add", "path": "a[b", "value": 1}]}"#, ScimType::InvalidPath),
        (r#"{"Operations": [{"op": "remove"}]}"#, ScimType::NoTarget),
        (r#"{"Operations": [{"op": "Remove", "value": {"members": []}}]}"#, ScimType::NoTarget),
    ];
    for (text, scim_type) in rows {
        assert_eq!(mend(text, &Resource::User).unwrap_err().scim_type, Some(scim_type), "{text}");
    }
}

#[test]
fn a_resource_is_mended_too() {
    let rows = [
        (
            Resource::User,
            r#"{ "userName": "True", "active": "False", "roles": [{"primary":"True"}], "ENT": {"active": "True"} }"#,
            r#"{"userName":"True","active":false,"roles":[{"primary":true}],"ENT":{"active": "True"}}"#,
            vec![Repair::StringBoolean],
        ),
        (Resource::Group, r#"{"members": ["1"]}"#, r#"{"members":[{"value":"1"}]}"#, vec![Repair::StringMembers]),
        (
            Resource::User,
            r#"{"urn:ietf:params:scim:schemas:core:2.0:User:active":false,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"R","urn:acme:x":1}"#,
            r#"{"active":false,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R"},"urn:acme:x":1}"#,
            vec![Repair::UrnKeys],
        ),
        (
            Resource::User,
            r#"{"urn:okta:custom:user:1.0:badge": 1}"#,
            r#"{"urn:okta:custom:user:1.0:badge": 1}"#,
            vec![],
        ),
        (
            Resource::User,
            r#"{"name.x": 1,  "active": true, "title": null}"#,
            r#"{"name.x": 1,  "active": true, "title": null}"#,
            vec![],
        ),
    ];
    for (resource, text, mended, repairs) in rows {
        let mut value = json::parse(text.as_bytes()).unwrap();
        assert_eq!(repair_resource(value.as_object_mut().unwrap(), &resource).as_deref(), Ok(&*repairs));
        assert_eq!(if repairs.is_empty() { text.to_owned() } else { value.to_string() }, mended);
    }
}

#[test]
fn every_repair_has_an_id_of_its_own() {
    let ids: std::collections::HashSet<_> = Repair::ALL.iter().map(|repair| repair.id()).collect();
    assert_eq!(ids.len(), 12);
    assert!(ids.iter().all(|id| id.starts_with("std/")));
}

#[test]
fn every_repair_says_why_in_words_of_its_own() {
    let reasons: std::collections::HashSet<_> = Repair::ALL.iter().map(|repair| repair.why()).collect();
    assert_eq!(reasons.len(), Repair::ALL.len());
}

#[test]
fn a_path_is_read_in_its_parts_and_written_as_it_was() {
    let rows: &[Parts] = &[
        ("members", None, None, None),
        ("name.familyName", Some("familyName"), None, None),
        (r#"addresses[type eq "work"]"#, None, Some(r#"type eq "work""#), None),
        (r#"members[value eq "2819"].displayName"#, None, Some(r#"value eq "2819""#), Some("displayName")),
        (r#"emails[ type EQ "a]\"]" ].value"#, None, Some(r#" type EQ "a]\"]" "#), Some("value")),
        ("emails.type", Some("type"), None, None),
        ("members[value eq 1].$ref", None, Some("value eq 1"), Some("$ref")),
        ("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", Some("givenName"), None, None),
        ("urn:okta:custom:group:1.0:tags[value pr].x", None, Some("value pr"), Some("x")),
        (ENTERPRISE, None, None, None),
    ];
    for (text, attr_sub, filter, sub) in rows {
        let path = PatchPath::parse(text).unwrap();
        assert_eq!(path.attr.sub.as_ref().map(AttrName::as_str), *attr_sub, "{text}");
        assert_eq!(path.filter.as_ref().map(|filter| filter.text()), *filter, "{text}");
        assert_eq!(path.sub.as_ref().map(AttrName::as_str), *sub, "{text}");
        assert_eq!(path.to_string(), *text);
    }
}

#[test]
fn what_is_no_path_is_told_why() {
    let rows = [
        ("", "a name is missing"),
        ("emails[type eq \"work\"", "the closing bracket is missing"),
        ("emails[type eq \"work]", "the closing bracket is missing"),
        ("emails[]", "in brackets, an attribute is expected at byte 7"),
        ("emails[a[b pr]]", "in brackets, an operator is expected, since brackets don't nest, at byte 8"),
        ("emails[a pr]value", "only a dot and a sub-attribute can follow the brackets"),
        ("emails[a pr].", "a name is missing"),
        ("emails.value[a pr]", "brackets follow a multi-valued attribute, before any sub-attribute"),
        ("[a pr]", "a name is missing"),
    ];
    for (text, fault) in rows {
        assert_eq!(PatchPath::parse(text).map_err(|fault| fault.to_string()), Err(fault.to_owned()), "{text}");
    }
}

#[test]
fn an_operation_is_written_as_op_path_value() {
    let value = json::parse(br#"{"value": {"a" :1}, "x": 1, "Path": "name.givenName", "OP": "ADD"}"#).unwrap();
    let op = PatchOp::read(&value).unwrap();
    assert_eq!(op.kind, OpKind::Add);
    assert_eq!(op.into_value().to_string(), r#"{"op":"add","path":"name.givenName","value":{"a" :1}}"#);
}

#[test]
fn a_repair_never_makes_a_huge_message_of_a_small_one() {
    let list = |count: usize, one: &dyn Fn(usize) -> String| (0..count).map(one).collect::<Vec<_>>().join(",");
    let ids =
        |count| format!(r#"{{"op":"remove","path":"members","value":[{}]}}"#, list(count, &|id| format!("\"{id}\"")));
    let nulls = |count| format!(r#"{{"op":"replace","value":{{{}}}}}"#, list(count, &|id| format!("\"a{id}\":null")));
    let dotted = |count| format!(r#"{{"op":"replace","value":{{{}}}}}"#, list(count, &|id| format!("\"a.b{id}\":1")));
    for (fits, exceeds) in [(ids(10_000), ids(10_001)), (nulls(10_000), nulls(10_001)), (dotted(256), dotted(257))] {
        assert!(mend_ops(&fits, &Resource::Group).is_ok());
        assert_eq!(mend_ops(&exceeds, &Resource::Group).unwrap_err().scim_type, Some(ScimType::TooMany));
    }
    let several = |more| format!("{},{}", ids(10_000), ids(more));
    assert!(mend_ops(&several(2), &Resource::Group).is_ok(), "10,000 more than were sent");
    assert_eq!(mend_ops(&several(3), &Resource::Group).unwrap_err().scim_type, Some(ScimType::TooMany));
}

#[test]
fn members_that_join_are_counted_together() {
    let members = |name: char, count| (0..count).map(|n| format!("\"{name}{n}\":1")).collect::<Vec<_>>().join(",");
    let joining = |held, more| {
        let core = "urn:ietf:params:scim:schemas:core:2.0:User";
        let (held, more) = (members('a', held), members('b', more));
        mend_ops(&format!(r#"{{"op":"add","value":{{"x":{{{held}}},"{core}":{{"x":{{{more}}}}}}}}}"#), &Resource::User)
    };
    assert!(joining(20, 20).is_ok());
    assert_eq!(joining(200, 57).unwrap_err().scim_type, Some(ScimType::TooMany));
}

/// The parts of a path: attribute's sub-attribute, filter, sub-attribute.
type Parts = (&'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>);

/// Operations of every kind, right and wrong.
fn written() -> impl Strategy<Value = String> {
    let path = proptest::sample::select(vec![
        "members",
        "title",
        "active",
        "name.givenName",
        "emails",
        "emails.primary",
        r#"emails[type eq \"w\"]"#,
        r#"roles[primary eq \"True\"].value"#,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "urn:acme:hr:badge",
        "x",
        "meta",
        "schemas",
    ]);
    let leaf = proptest::sample::select(vec![
        "null",
        "true",
        r#""True""#,
        r#""""#,
        "1",
        "[]",
        "{}",
        r#"[ "1", {"value": "2"} ]"#,
        r#"{"value":"1"}"#,
        r#"[{"value":"a\"b","primary":"False"}]"#,
        r#"{"givenName": null, "familyName": "x"}"#,
        r#"{"department": null}"#,
    ]);
    let part = proptest::collection::btree_map(path.clone(), leaf.clone(), 0..4).prop_map(|members| {
        let members: Vec<_> = members.iter().map(|(key, value)| format!(r#""{key}" : {value}"#)).collect();
        format!("{{ {} }}", members.join(" , "))
    });
    let value = prop_oneof![leaf.prop_map(str::to_owned), part];
    let op = proptest::sample::select(vec!["add", "Add", "remove", "Remove", "replace", "Replace"]);
    (op, proptest::option::of(path), proptest::option::of(value)).prop_map(|(op, path, value)| {
        let path = path.map_or_else(String::new, |path| format!(r#" , "path" : "{path}""#));
        let value = value.map_or_else(String::new, |value| format!(r#" , "value" : {value}"#));
        format!(r#"{{ "op" : "{op}"{path}{value} }}"#)
    })
}

proptest! {
    #[test]
    fn what_is_mended_is_valid(ops in proptest::collection::vec(written(), 1..4), group in any::<bool>()) {
        let resource = if group { Resource::Group } else { Resource::User };
        if let Ok((once, made)) = mend(&message(&ops.join(" , ")), &resource)
            && !once.ends_with("\"Operations\":[]}")
        {
            prop_assert_eq!(mend(&once, &resource).unwrap(), (once, Vec::new()), "after {:?}", made);
        }
    }

    #[test]
    fn an_operation_that_needs_no_repair_keeps_its_bytes_beside_one_that_does(op in written()) {
        let op_alone = mend_ops(&op, &Resource::User);
        if let Ok((_, made)) = op_alone && made.is_empty() {
            let (text, _) = mend_ops(&format!(r#"{{"op":"ADD","path":"x","value":1}},{op}"#), &Resource::User).unwrap();
            prop_assert_eq!(text, format!(r#"{{"op":"add","path":"x","value":1}},{op}"#));
        }
    }

    #[test]
    fn no_remove_of_values_becomes_a_remove_of_all(op in written()) {
        let before = json::parse(op.as_bytes()).unwrap();
        let before = PatchOp::read(&before).unwrap();
        let Ok((text, _)) = mend_ops(&op, &Resource::Group) else { return Ok(()) };
        if before.kind == OpKind::Remove && before.value.as_ref().is_some_and(|value| value.as_array().is_some()) {
            prop_assert!(!text.replace(' ', "").contains(r#""path":"members""#), "{}", text);
        }
    }

    #[test]
    fn an_operation_survives_reading_and_writing(op in written()) {
        let value = json::parse(op.as_bytes()).unwrap();
        let read = PatchOp::read(&value).unwrap();
        prop_assert_eq!(PatchOp::read(&read.clone().into_value()).unwrap(), read);
    }

    #[test]
    fn every_path_of_another_reader_is_read(
        name in "[a-z]{1,4}", test in "[a-z]{1,4} (eq \"[a-z\\]]{0,3}\"|pr)", filtered in any::<bool>(), sub in proptest::option::of("[a-z]{1,4}"),
    ) {
        let sub = sub.map_or_else(String::new, |sub| format!(".{sub}"));
        let text = if filtered { format!("{name}[{test}]{sub}") } else { format!("{name}{sub}") };
        if text.parse::<scim_v2::filter::PatchPath>().is_ok() {
            prop_assert_eq!(PatchPath::parse(&text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[a-z.:\\[\\]\" \\\\()é]{0,30}") {
        let _ = PatchPath::parse(&text);
    }
}
