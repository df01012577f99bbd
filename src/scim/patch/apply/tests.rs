use proptest::prelude::*;

use super::*;
use crate::scim::urn::{ENTERPRISE, USER};

fn read(text: &str) -> Value<'static> {
    crate::json::parse(text.as_bytes()).unwrap_or_else(|fault| panic!("{text}: {fault}")).into_owned()
}

fn applied(kind: &Resource, resource: &str, ops: &str) -> Result<Value<'static>, Option<ScimType>> {
    let message = read(&format!("{{\"Operations\": [{ops}]}}"));
    let resource = read(resource);
    let patched = apply(&message, resource.as_object().unwrap(), kind).map_err(|error| error.scim_type)?;
    Ok(read(&Value::Object(patched).to_string()))
}

#[track_caller]
fn becomes(kind: &Resource, resource: &str, ops: &str, expected: &str) {
    assert_eq!(applied(kind, resource, ops), Ok(read(expected)), "{resource} {ops}");
}

#[track_caller]
fn user(resource: &str, ops: &str, expected: &str) {
    becomes(&Resource::User, resource, ops, expected);
}

#[track_caller]
fn group(resource: &str, ops: &str, expected: &str) {
    becomes(&Resource::Group, resource, ops, expected);
}

#[track_caller]
fn refused(kind: &Resource, resource: &str, ops: &str, why: ScimType) {
    assert_eq!(applied(kind, resource, ops), Err(Some(why)), "{resource} {ops}");
}

#[track_caller]
fn no_user(resource: &str, ops: &str, why: ScimType) {
    refused(&Resource::User, resource, ops, why);
}

/// RFC 7644 section 3.5.2.1, its two examples: a member is added, and several attributes without a path.
#[test]
fn add_as_the_rfc_shows_it() {
    group(
        r#"{"displayName": "Tour", "members": [{"value": "1", "display": "Ada"}]}"#,
        r#"{"op": "add", "path": "members", "value": [{"value": "2", "display": "Bob"}]}"#,
        r#"{"displayName": "Tour", "members": [{"value": "1", "display": "Ada"}, {"value": "2", "display": "Bob"}]}"#,
    );
    user(
        r#"{"userName": "ada", "emails": [{"value": "a@x", "type": "work"}], "nickName": "old"}"#,
        r#"{"op": "add", "value": {"emails": [{"value": "b@x", "type": "home"}], "nickName": "A"}}"#,
        r#"{"userName": "ada", "emails": [{"value": "a@x", "type": "work"}, {"value": "b@x", "type": "home"}], "nickName": "A"}"#,
    );
}

/// RFC 7644 section 3.5.2.2, its four examples: one member, all members, one by two conditions, several operations.
#[test]
fn remove_as_the_rfc_shows_it() {
    let held = r#"{"displayName": "Tour", "members": [{"value": "1"}, {"value": "2"}]}"#;
    group(
        held,
        r#"{"op": "remove", "path": "members[value eq \"1\"]"}"#,
        r#"{"displayName": "Tour", "members": [{"value": "2"}]}"#,
    );
    group(held, r#"{"op": "remove", "path": "members"}"#, r#"{"displayName": "Tour"}"#);
    user(
        r#"{"userName": "a", "emails": [{"value": "a@example.com", "type": "work"}, {"value": "b@home", "type": "work"}]}"#,
        r#"{"op": "remove", "path": "emails[type eq \"work\" and value ew \"example.com\"]"}"#,
        r#"{"userName": "a", "emails": [{"value": "b@home", "type": "work"}]}"#,
    );
    group(
        held,
        r#"{"op": "remove", "path": "members[value eq \"1\"]"}, {"op": "add", "path": "members", "value": [{"value": "3"}]}"#,
        r#"{"displayName": "Tour", "members": [{"value": "2"}, {"value": "3"}]}"#,
    );
}

/// RFC 7644 section 3.5.2.3, its four examples: all members, one address, a part of it, several attributes without a path.
#[test]
fn replace_as_the_rfc_shows_it() {
    group(
        r#"{"displayName": "Tour", "members": [{"value": "1"}]}"#,
        r#"{"op": "replace", "path": "members", "value": [{"value": "2"}, {"value": "3"}]}"#,
        r#"{"displayName": "Tour", "members": [{"value": "2"}, {"value": "3"}]}"#,
    );
    let held =
        r#"{"userName": "a", "addresses": [{"type": "work", "region": "W", "locality": "L"}, {"type": "home"}]}"#;
    user(
        held,
        r#"{"op": "replace", "path": "addresses[type eq \"work\"]", "value": {"type": "work", "locality": "M"}}"#,
        r#"{"userName": "a", "addresses": [{"type": "work", "locality": "M"}, {"type": "home"}]}"#,
    );
    user(
        held,
        r#"{"op": "replace", "path": "addresses[type eq \"work\"].locality", "value": "M"}"#,
        r#"{"userName": "a", "addresses": [{"type": "work", "region": "W", "locality": "M"}, {"type": "home"}]}"#,
    );
    user(
        r#"{"userName": "a", "emails": [{"value": "a@x"}]}"#,
        r#"{"op": "replace", "value": {"emails": [{"value": "b@x", "type": "work", "primary": true}], "nickName": "A"}}"#,
        r#"{"userName": "a", "emails": [{"value": "b@x", "type": "work", "primary": true}], "nickName": "A"}"#,
    );
}

#[test]
fn what_is_replaced_and_not_there_is_added() {
    user(
        r#"{"userName": "a"}"#,
        r#"{"op": "replace", "path": "title", "value": "T"}"#,
        r#"{"userName": "a", "title": "T"}"#,
    );
    user(
        r#"{"userName": "a"}"#,
        r#"{"op": "replace", "path": "name.givenName", "value": "Ada"}"#,
        r#"{"userName": "a", "name": {"givenName": "Ada"}}"#,
    );
}

#[test]
fn a_complex_attribute_keeps_the_parts_that_are_not_named() {
    for op in ["add", "replace"] {
        user(
            r#"{"name": {"givenName": "Ada", "familyName": "L"}}"#,
            &format!(r#"{{"op": "{op}", "path": "name", "value": {{"familyName": "K", "givenName": null}}}}"#),
            r#"{"name": {"familyName": "K"}}"#,
        );
    }
}

#[test]
fn what_is_held_is_not_added_again() {
    let held = r#"{"members": [{"value": "1", "display": "Ada", "type": "User"}]}"#;
    for value in [r#"{"value": "1"}"#, r#"[{"value": "1", "display": "Other"}]"#, r#"{"value": "1", "type": "Group"}"#]
    {
        group(held, &format!(r#"{{"op": "add", "path": "members", "value": {value}}}"#), held);
    }
    group(
        r#"{"members": [{"value": "ab"}]}"#,
        r#"{"op": "add", "path": "members", "value": {"value": "AB"}}"#,
        r#"{"members": [{"value": "ab"}, {"value": "AB"}]}"#,
    );
    let held = r#"{"emails": [{"value": "a@x", "type": "work"}, {"value": "a@x"}]}"#;
    user(held, r#"{"op": "add", "path": "emails", "value": [{"value": "A@X", "type": "Work"}]}"#, held);
    user(
        held,
        r#"{"op": "add", "path": "emails", "value": [{"value": "a@x", "type": "home"}]}"#,
        r#"{"emails": [{"value": "a@x", "type": "work"}, {"value": "a@x"}, {"value": "a@x", "type": "home"}]}"#,
    );
    let held = r#"{"addresses": [{"type": "work", "locality": "L", "region": "R"}]}"#;
    user(held, r#"{"op": "add", "path": "addresses", "value": [{"type": "work", "locality": "L"}]}"#, held);
    user(
        held,
        r#"{"op": "add", "path": "addresses", "value": [{"type": "work", "locality": "M"}]}"#,
        r#"{"addresses": [{"type": "work", "locality": "L", "region": "R"}, {"type": "work", "locality": "M"}]}"#,
    );
}

#[test]
fn one_value_is_primary() {
    let held = r#"{"emails": [{"value": "a", "primary": true}, {"value": "b", "type": "home"}]}"#;
    let demoted = r#"{"emails": [{"value": "a", "primary": false}, {"value": "b", "type": "home", "primary": true}]}"#;
    user(held, r#"{"op": "replace", "path": "emails[type eq \"home\"].primary", "value": true}"#, demoted);
    user(
        held,
        r#"{"op": "add", "path": "emails", "value": [{"value": "b", "type": "home", "primary": true}]}"#,
        demoted,
    );
    user(held, r#"{"op": "add", "path": "emails[type eq \"home\"]", "value": {"primary": true}}"#, demoted);
    user(
        held,
        r#"{"op": "add", "path": "emails", "value": [{"value": "c", "primary": true}]}"#,
        r#"{"emails": [{"value": "a", "primary": false}, {"value": "b", "type": "home"}, {"value": "c", "primary": true}]}"#,
    );
    let two = r#"{"op": "replace", "path": "emails", "value": [{"value": "a", "primary": true}, {"value": "b", "primary": true}]}"#;
    no_user(held, two, ScimType::InvalidValue);
    let bad =
        r#"{"emails": [{"value": "a", "primary": true, "type": "x"}, {"value": "b", "primary": true, "type": "x"}]}"#;
    user(
        bad,
        r#"{"op": "replace", "path": "emails[type eq \"x\"].display", "value": "D"}"#,
        r#"{"emails": [{"value": "a", "primary": true, "type": "x", "display": "D"}, {"value": "b", "primary": true, "type": "x", "display": "D"}]}"#,
    );
}

#[test]
fn a_filter_that_finds_nothing_has_no_target_but_for_a_remove() {
    let held = r#"{"emails": [{"value": "a", "type": "work"}]}"#;
    for path in [r#"emails[type eq \"home\"]"#, r#"emails[type eq \"home\"].value"#, r#"phoneNumbers.value"#] {
        for op in ["add", "replace"] {
            let value = if path.ends_with("value") { "\"x\"" } else { r#"{"value": "x"}"# };
            no_user(held, &format!(r#"{{"op": "{op}", "path": "{path}", "value": {value}}}"#), ScimType::NoTarget);
        }
        user(held, &format!(r#"{{"op": "remove", "path": "{path}"}}"#), held);
    }
    no_user(held, r#"{"op": "remove"}"#, ScimType::NoTarget);
}

#[test]
fn every_value_that_a_filter_finds_is_changed() {
    let held = r#"{"emails": [{"value": "a", "type": "x"}, {"value": "b", "type": "y"}, {"value": "c", "type": "x"}]}"#;
    user(
        held,
        r#"{"op": "replace", "path": "emails[type eq \"x\"].display", "value": "D"}"#,
        r#"{"emails": [{"value": "a", "type": "x", "display": "D"}, {"value": "b", "type": "y"}, {"value": "c", "type": "x", "display": "D"}]}"#,
    );
    user(held, r#"{"op": "remove", "path": "emails[type eq \"x\"]"}"#, r#"{"emails": [{"value": "b", "type": "y"}]}"#);
    user(
        held,
        r#"{"op": "remove", "path": "emails.type"}"#,
        r#"{"emails": [{"value": "a"}, {"value": "b"}, {"value": "c"}]}"#,
    );
}

#[test]
fn read_only_attributes_stay() {
    let held = r#"{"id": "7", "userName": "a", "groups": [{"value": "1"}], "meta": {"version": "2"}}"#;
    for ops in [
        r#"{"op": "replace", "path": "id", "value": "8"}"#,
        r#"{"op": "replace", "value": {"id": "8", "userName": "b"}}"#,
        r#"{"op": "add", "path": "groups", "value": [{"value": "2"}]}"#,
        r#"{"op": "remove", "path": "groups[value eq \"1\"]"}"#,
        r#"{"op": "remove", "path": "groups"}"#,
        r#"{"op": "replace", "path": "meta.version", "value": "3"}"#,
        r#"{"op": "remove", "path": "meta"}"#,
    ] {
        no_user(held, ops, ScimType::Mutability);
    }
    let same = r#"{"op": "replace", "value": {"id": "7", "meta": {"version": "2"}, "userName": "a"}}"#;
    user(held, same, held);
    user(r#"{"userName": "a"}"#, r#"{"op": "add", "path": "groups", "value": []}"#, r#"{"userName": "a"}"#);
    let manager = |value: &str| format!(r#"{{"userName": "a", "{ENTERPRISE}": {{"manager": {value}}}}}"#);
    user(
        &manager(r#"{"value": "1", "displayName": "M"}"#),
        &format!(
            r#"{{"op": "replace", "path": "{ENTERPRISE}:manager", "value": {{"value": "2", "displayName": "N"}}}}"#
        ),
        &manager(r#"{"value": "2", "displayName": "M"}"#),
    );
    let name = format!(r#"{{"op": "replace", "path": "{ENTERPRISE}:manager.displayName", "value": "N"}}"#);
    no_user(&manager(r#"{"value": "1", "displayName": "M"}"#), &name, ScimType::Mutability);
}

#[test]
fn what_can_t_be_missed_is_not_removed() {
    no_user(r#"{"userName": "a"}"#, r#"{"op": "remove", "path": "userName"}"#, ScimType::Mutability);
    no_user(r#"{"userName": "a"}"#, r#"{"op": "replace", "value": {"userName": null}}"#, ScimType::Mutability);
    refused(
        &Resource::Group,
        r#"{"displayName": "a"}"#,
        r#"{"op": "remove", "path": "displayName"}"#,
        ScimType::Mutability,
    );
    no_user(r#"{"userName": "a"}"#, &format!(r#"{{"op": "remove", "path": "{USER}"}}"#), ScimType::Mutability);
}

#[test]
fn the_id_of_a_member_stays_its_id() {
    let held = r#"{"members": [{"value": "1"}]}"#;
    let other = r#"{"op": "replace", "path": "members[value eq \"1\"].value", "value": "2"}"#;
    refused(&Resource::Group, held, other, ScimType::Mutability);
    group(
        held,
        r#"{"op": "add", "path": "members[value eq \"1\"].type", "value": "User"}"#,
        r#"{"members": [{"value": "1", "type": "User"}]}"#,
    );
    group(
        r#"{"members": [{"value": "ab"}, {"value": "AB"}]}"#,
        r#"{"op": "remove", "path": "members[value eq \"ab\"]"}"#,
        r#"{"members": [{"value": "AB"}]}"#,
    );
}

#[test]
fn a_member_is_found_by_its_id_alone_and_anything_else_as_a_filter_finds_it() {
    group(
        r#"{"members": [{"value": "1", "display": "2"}, {"value": "2", "display": "3"}]}"#,
        r#"{"op": "remove", "path": "members[display eq \"2\"]"}"#,
        r#"{"members": [{"value": "2", "display": "3"}]}"#,
    );
    let held = r#"{"userName": "a", "emails": [{"value": "a@x"}, {"value": "b@x"}]}"#;
    let gone = r#"{"userName": "a", "emails": [{"value": "b@x"}]}"#;
    user(held, r#"{"op": "remove", "path": "emails[value eq \"A@X\"]"}"#, gone);
}

#[test]
fn values_are_told_apart_by_case_where_their_value_is() {
    let photo = |url: &str| format!(r#"{{"value": "{url}", "type": "photo"}}"#);
    let (one, other) = (photo("https://x/a"), photo("https://x/A"));
    user(
        &format!(r#"{{"photos": [{one}]}}"#),
        &format!(r#"{{"op": "add", "path": "photos", "value": [{other}]}}"#),
        &format!(r#"{{"photos": [{one}, {other}]}}"#),
    );
}

#[test]
fn simple_values_of_what_no_schema_knows_are_values_too() {
    let held = r#"{"tags": ["a", "b"]}"#;
    user(held, r#"{"op": "replace", "path": "tags[value eq \"a\"]", "value": "c"}"#, r#"{"tags": ["c", "b"]}"#);
    let complex = r#"{"op": "add", "path": "tags", "value": [{"type": "x"}]}"#;
    user(held, complex, r#"{"tags": ["a", "b", {"type": "x"}]}"#);
}

#[test]
fn one_value_without_its_list_is_one_of_several() {
    user(
        r#"{"emails": {"value": "a"}}"#,
        r#"{"op": "add", "path": "emails", "value": [{"value": "b"}]}"#,
        r#"{"emails": [{"value": "a"}, {"value": "b"}]}"#,
    );
    user(
        r#"{"emails": null}"#,
        r#"{"op": "add", "path": "emails", "value": [{"value": "b"}]}"#,
        r#"{"emails": [{"value": "b"}]}"#,
    );
}

#[test]
fn what_says_nothing_is_not_kept() {
    let held = r#"{"userName": "a", "title": "T"}"#;
    user(held, r#"{"op": "replace", "path": "title", "value": []}"#, r#"{"userName": "a"}"#);
    user(held, r#"{"op": "replace", "path": "name", "value": {"givenName": null}}"#, held);
    user(
        held,
        r#"{"op": "add", "path": "name", "value": {"givenName": "A", "familyName": null}}"#,
        r#"{"userName": "a", "title": "T", "name": {"givenName": "A"}}"#,
    );
    user(
        r#"{"emails": [{"type": "x"}, {"value": "b", "type": "x"}]}"#,
        r#"{"op": "remove", "path": "emails[type eq \"x\"].type"}"#,
        r#"{"emails": [{"value": "b"}]}"#,
    );
    let manager =
        format!(r#"{{"op": "add", "path": "{ENTERPRISE}:manager", "value": {{"value": "2", "displayName": "N"}}}}"#);
    let kept = format!(r#"{{"userName": "a", "{ENTERPRISE}": {{"manager": {{"value": "2"}}}}}}"#);
    user(r#"{"userName": "a"}"#, &manager, &kept);
}

#[test]
fn a_path_fits_the_schema() {
    for path in ["userName.first", r#"name[givenName eq \"a\"]"#, "1st", r#"emails[type is \"x\"]"#] {
        no_user(
            r#"{"userName": "a"}"#,
            &format!(r#"{{"op": "add", "path": "{path}", "value": "x"}}"#),
            ScimType::InvalidPath,
        );
    }
    no_user(r#"{"userName": "a"}"#, r#"{"op": "add", "value": {"a b": 1}}"#, ScimType::InvalidPath);
}

#[test]
fn a_value_fits_its_attribute() {
    for (path, value) in [
        ("name", "\"Ada\""),
        ("title", "[\"a\", \"b\"]"),
        ("title", "{}"),
        ("active", "\"yes\""),
        ("name.givenName", "{}"),
        (USER, "1"),
        (r#"emails[type eq \"work\"]"#, "\"a\""),
    ] {
        let held = r#"{"userName": "a", "emails": [{"type": "work"}]}"#;
        no_user(held, &format!(r#"{{"op": "replace", "path": "{path}", "value": {value}}}"#), ScimType::InvalidValue);
    }
    no_user(r#"{"userName": "a"}"#, r#"{"op": "add", "path": "title"}"#, ScimType::InvalidValue);
    no_user(r#"{"userName": "a"}"#, r#"{"op": "add", "value": 1}"#, ScimType::InvalidValue);
}

#[test]
fn null_and_an_empty_list_are_nothing() {
    let held = r#"{"userName": "a", "title": "T", "emails": [{"value": "x"}]}"#;
    user(
        held,
        r#"{"op": "replace", "path": "title", "value": null}"#,
        r#"{"userName": "a", "emails": [{"value": "x"}]}"#,
    );
    user(held, r#"{"op": "add", "path": "title", "value": null}"#, held);
    user(held, r#"{"op": "replace", "path": "emails", "value": []}"#, r#"{"userName": "a", "title": "T"}"#);
    user(
        r#"{"userName": "a", "name": {"givenName": "A"}}"#,
        r#"{"op": "remove", "path": "name.givenName"}"#,
        r#"{"userName": "a"}"#,
    );
    user(r#"{"userName": "a"}"#, r#"{"op": "remove", "path": "password"}"#, r#"{"userName": "a", "password": null}"#);
}

#[test]
fn an_extension_is_listed_when_it_comes_and_goes_when_it_is_empty() {
    let bare = format!(r#"{{"schemas": ["{USER}"], "userName": "a"}}"#);
    let with =
        format!(r#"{{"schemas": ["{USER}", "{ENTERPRISE}"], "userName": "a", "{ENTERPRISE}": {{"department": "D"}}}}"#);
    for op in [
        format!(r#"{{"op": "add", "path": "{ENTERPRISE}:department", "value": "D"}}"#),
        format!(r#"{{"op": "add", "path": "{ENTERPRISE}", "value": {{"department": "D"}}}}"#),
        format!(r#"{{"op": "replace", "value": {{"{ENTERPRISE}": {{"department": "D"}}}}}}"#),
        format!(r#"{{"op": "replace", "value": {{"{ENTERPRISE}:department": "D"}}}}"#),
    ] {
        user(&bare, &op, &with);
    }
    let without = format!(r#"{{"schemas": ["{USER}", "{ENTERPRISE}"], "userName": "a"}}"#);
    for path in [ENTERPRISE.to_owned(), format!("{ENTERPRISE}:department")] {
        user(&with, &format!(r#"{{"op": "remove", "path": "{path}"}}"#), &without);
        user(&bare, &format!(r#"{{"op": "remove", "path": "{path}"}}"#), &bare);
    }
}

#[test]
fn what_no_schema_knows_is_kept_and_changed_as_it_is_held() {
    let held = r#"{"userName": "a", "x-n": 12345678901234567890, "tags": ["a"], "badge": {"no": 1.0}}"#;
    user(
        held,
        r#"{"op": "add", "path": "tags", "value": "b"}, {"op": "add", "path": "badge.of", "value": "c"}, {"op": "remove", "path": "tags[value eq \"a\"]"}"#,
        r#"{"userName": "a", "x-n": 12345678901234567890, "tags": ["b"], "badge": {"no": 1.0, "of": "c"}}"#,
    );
    user(
        held,
        r#"{"op": "add", "path": "badge", "value": {"no": 2}}, {"op": "replace", "path": "tags", "value": ["z"]}"#,
        r#"{"userName": "a", "x-n": 12345678901234567890, "tags": ["z"], "badge": {"no": 2}}"#,
    );
}

#[test]
fn names_are_found_in_any_case_and_new_ones_spelled_as_the_schema_does() {
    user(
        r#"{"USERNAME": "a", "Emails": [{"Type": "work", "Value": "x"}]}"#,
        r#"{"op": "Replace", "path": "username", "value": "b"}, {"op": "replace", "path": "EMAILS[TYPE eq \"work\"].VALUE", "value": "y"}, {"op": "add", "path": "NICKname", "value": "n"}"#,
        r#"{"USERNAME": "b", "Emails": [{"Type": "work", "Value": "y"}], "nickName": "n"}"#,
    );
}

#[test]
fn all_operations_or_none() {
    let ops = r#"{"op": "add", "path": "title", "value": "T"}, {"op": "replace", "path": "id", "value": "8"}"#;
    no_user(r#"{"id": "7"}"#, ops, ScimType::Mutability);
}

/// Operations on a list of members, as clients send them.
fn changes() -> BoxedStrategy<Vec<(bool, u8)>> {
    prop::collection::vec((any::<bool>(), 0_u8..12), 0..30).boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn members_are_a_set(held in prop::collection::btree_set(0_u8..12, 0..12), changes in changes()) {
        let list: Vec<String> = held.iter().map(|id| format!("{{\"value\": \"{id}\"}}")).collect();
        let op = |(add, id): &(bool, u8)| match add {
            true => format!(r#"{{"op": "add", "path": "members", "value": [{{"value": "{id}"}}]}}"#),
            false => format!(r#"{{"op": "remove", "path": "members[value eq \"{id}\"]"}}"#),
        };
        let ops: Vec<String> = changes.iter().map(op).collect();
        let group = format!("{{\"displayName\": \"g\", \"members\": [{}]}}", list.join(","));
        let once = applied(&Resource::Group, &group, &ops.join(",")).unwrap();
        let mut expected = held;
        for &(add, id) in &changes {
            let _ = if add { expected.insert(id) } else { expected.remove(&id) };
        }
        let left = once.as_object().unwrap().get("members").and_then(Value::as_array);
        let ids: Vec<u8> = left.map(|left| left.iter().map(|one| {
            one.as_object().unwrap().get("value").unwrap().as_str().unwrap().parse().unwrap()
        }).collect()).unwrap_or_default();
        prop_assert_eq!(ids.len(), expected.len());
        prop_assert!(ids.iter().all(|id| expected.contains(id)));
        // Said twice, it is said once.
        if let Some((_, last)) = changes.last().zip(ops.last()) {
            prop_assert_eq!(applied(&Resource::Group, &once.to_string(), last).unwrap(), once);
        }
    }
}
