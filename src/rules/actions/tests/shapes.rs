//! The forms of `shape` where they meet what doesn't fit.

use super::*;

const BY_TYPE: &str = "shape: { at: emails, to: by-type, slots: { work: workEmail, home: homeEmail } }";
const KEEP: &str = "shape: { at: emails, to: by-type, slots: { work: workEmail, home: homeEmail }, rest: keep }";
const DOTTED: &str = "shape: { at: name, to: dotted }";
const SINGLE: &str = "shape: { at: emails, to: single }";
const STRINGS: &str = "shape: { at: emails, to: strings }";

/// A resource of the backend on its way to the client; nothing where it is refused.
fn received(entry: &str, resource: &str) -> Option<String> {
    let mut resource = object(resource);
    action(entry).response(&mut resource, facts(OperationKind::Read)).ok()?;
    Some(Value::Object(resource).to_string())
}

fn refuses(entry: &str, resource: &str) -> bool {
    action(entry).request(&mut request(OperationKind::Create, Body::Resource(value(resource)))).is_err()
}

#[test]
fn slots_stand_where_the_list_stood() {
    let list = r#"{"a":1,"emails":[{"value":"w","type":"work"},{"value":"h","type":"home"}],"b":2}"#;
    let slots = r#"{"a":1,"workEmail":"w","homeEmail":"h","b":2}"#;
    assert_eq!(sent(BY_TYPE, list), slots);
    assert_eq!(received(BY_TYPE, slots).as_deref(), Some(list));
}

#[test]
fn a_slot_holds_a_text_and_the_list_nothing_that_belongs_into_one() {
    let rows = [
        (r#"{"workEmail":7}"#, None),
        (r#"{"workEmail":null}"#, Some(r#"{}"#)),
        (r#"{"workEmail":"w","emails":null}"#, Some(r#"{"workEmail":"w"}"#)),
        (r#"{"workEmail":"w","emails":[{"value":"x","type":"work"}]}"#, None),
        (r#"{"workEmail":"w","emails":"x"}"#, None),
        (r#"{"workEmail":"w","emails":""}"#, None),
    ];
    for (before, after) in rows {
        let after = after.map(|text| text.replace(r#""workEmail":"w""#, r#""emails":[{"value":"w","type":"work"}]"#));
        assert_eq!(received(BY_TYPE, before), after, "{before}");
    }
    let empty = received(BY_TYPE, r#"{"emails":[],"workEmail":"w"}"#);
    assert_eq!(empty.as_deref(), Some(r#"{"emails":[{"value":"w","type":"work"}]}"#));
    let other = received(KEEP, r#"{"workEmail":"w","emails":[{"value":"o","type":"other"}]}"#);
    let both = r#"{"emails":[{"value":"w","type":"work"},{"value":"o","type":"other"}]}"#;
    assert_eq!(other.as_deref(), Some(both));
}

#[test]
fn types_are_compared_by_slots() {
    let none = r#"(not ((workEmail pr or homeEmail pr)) or homeEmail pr)"#;
    assert_eq!(asked(BY_TYPE, r#"emails.type ne "work""#).as_deref(), Ok(none));
    assert!(asked(BY_TYPE, r#"emails.display ne "x""#).is_err());
}

#[test]
fn to_add_no_entries_adds_nothing() {
    assert_eq!(patched(BY_TYPE, r#"{"op":"add","path":"emails","value":[]}"#).as_deref(), Ok(""));
    assert!(patched(BY_TYPE, r#"{"op":"add","path":"emails","value":[{"value":"o","type":"other"}]}"#).is_err());
}

#[test]
fn of_entries_by_type_only_a_whole_one_is_removed() {
    let gone = r#"{"op":"remove","path":"workEmail"}"#;
    assert_eq!(patched(BY_TYPE, r#"{"op":"remove","path":"emails[type eq \"work\"]"}"#).as_deref(), Ok(gone));
    let value = r#"{"op":"remove","path":"emails[type eq \"work\"].value"}"#;
    assert!(patched(BY_TYPE, value).is_err());
    let replaced = r#"{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"x","type":"work"}}"#;
    assert!(patched(BY_TYPE, replaced).is_err());
}

#[test]
fn an_operation_on_an_extension_reaches_the_form_in_it() {
    let entry = "shape: { at: 'ENT:manager', to: strings }";
    let op = |op: &str, manager: &str| format!(r#"{{"op":"{op}","path":"ENT","value":{{"manager":{manager}}}}}"#);
    assert_eq!(patched(entry, &op("replace", r#"{"value":"7"}"#)), Ok(op("replace", r#""7""#)));
    let removed = op("remove", r#"{"value":"7"}"#);
    assert_eq!(patched(entry, &removed), Ok(removed.clone()), "the value of a remove says nothing");
}

#[test]
fn what_an_operation_can_t_say_among_others_is_said_after_it() {
    let after = r#"{"op":"replace","value":{"title":"t"}},{"op":"remove","path":"emails"}"#;
    assert_eq!(patched(SINGLE, r#"{"op":"replace","value":{"emails":[],"title":"t"}}"#).as_deref(), Ok(after));
    let after = r#"{"op":"replace","value":{"title":"t"}},{"op":"replace","path":"name.givenName","value":"A"}"#;
    let named = r#"{"op":"replace","value":{"name":{"givenName":"A"},"title":"t"}}"#;
    assert_eq!(patched(DOTTED, named).as_deref(), Ok(after));
    let texts = r#"{"op":"replace","value":{"emails":["a"],"title":"t"}}"#;
    let entries = r#"{"op":"replace","value":{"emails":[{"value":"a"}],"title":"t"}}"#;
    assert_eq!(patched(STRINGS, entries).as_deref(), Ok(texts), "this can be said among them");
}

#[test]
fn a_dotted_attribute_has_no_other_parts() {
    let whole = Some(r#"{"name":{"givenName":"A"}}"#.to_owned());
    assert_eq!(received(DOTTED, r#"{"name":null,"name.givenName":"A"}"#), whole);
    assert_eq!(received(DOTTED, r#"{"name":{},"name.givenName":"A"}"#), whole);
    assert_eq!(received(DOTTED, r#"{"name":{"x":1},"name.givenName":"A"}"#), None);
    let op = |path: &str| format!(r#"{{"op":"replace","path":"{path}","value":"A"}}"#);
    assert_eq!(patched(DOTTED, &op("name.givenName")), Ok(op("name.givenName")));
    assert!(patched(DOTTED, &op("name.nick")).is_err());
    assert!(patched(DOTTED, &op(r#"name[givenName eq \"B\"].givenName"#)).is_err());
}

#[test]
fn a_single_value_is_one_in_which_something_is_present() {
    let rows = [
        (SINGLE, "emails", r#"[{"value":"a"}]"#, Some(r#"{"value":"a"}"#)),
        (SINGLE, "emails", r#"[{"value":""}]"#, None),
        (SINGLE, "emails", r#"["a"]"#, None),
        (SINGLE, "emails", r#"[{"value":"a"},{"value":"b"}]"#, None),
        ("shape: { at: tags, to: single }", "tags", r#"["a"]"#, Some(r#""a""#)),
        ("shape: { at: tags, to: single }", "tags", r#"[["a"]]"#, None),
        ("shape: { at: tags, to: single }", "tags", r#"[""]"#, None),
    ];
    for (entry, name, list, one) in rows {
        let whole = |value: &str| format!(r#"{{"{name}":{value}}}"#);
        match one {
            Some(one) => {
                assert_eq!(sent(entry, &whole(list)), whole(one));
                assert_eq!(received(entry, &whole(one)), Some(whole(list)));
            }
            None => assert!(refuses(entry, &whole(list)), "{list}"),
        }
    }
    for held in ["\"a\"", r#"{"value":""}"#] {
        assert_eq!(received(SINGLE, &format!(r#"{{"emails":{held}}}"#)), None, "{held}");
    }
    let none = r#"{"emails":[]}"#;
    assert_eq!(received(SINGLE, none).as_deref(), Some(none));
}

#[test]
fn an_entry_without_a_value_can_t_be_asked_for_among_texts() {
    assert_eq!(asked(STRINGS, r#"emails[value eq "a"]"#).as_deref(), Ok(r#"emails eq "a""#));
    assert!(asked(STRINGS, "emails[value eq null]").is_err());
}
