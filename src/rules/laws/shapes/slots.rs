//! Slots and dotted names, by example; what queries ask for, and what is refused at load.

use super::*;

#[test]
fn counterexample_6_a_slot_that_may_be_taken_is_not_written_blindly() {
    for entry in [SLOTS.entry, KEPT.entry] {
        table(
            entry,
            patched,
            &[
                (r#"{"op":"add","path":"emails","value":[{"type":"work","value":"b"}]}"#, "invalidPath"),
                (r#"{"op":"add","value":{"emails":[{"type":"WORK","value":"b"}]}}"#, "invalidPath"),
                (r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"b"}"#, "invalidPath"),
                (r#"{"op":"remove","path":"emails[value eq \"b\"]"}"#, "invalidPath"),
                (r#"{"op":"replace","path":"workEmail","value":"b"}"#, "invalidValue"),
            ],
        );
    }
}

#[test]
fn counterexample_7_to_remove_a_type_removes_its_slot() {
    table(
        SLOTS.entry,
        patched,
        &[
            (r#"{"op":"remove","path":"emails[type eq \"work\"]"}"#, r#"{"op":"remove","path":"workEmail"}"#),
            (
                r#"{"op":"remove","path":"emails"}"#,
                r#"{"op":"remove","path":"workEmail"},{"op":"remove","path":"homeEmail"}"#,
            ),
            (
                r#"{"op":"replace","path":"emails","value":[{"type":"home","value":"h"}]}"#,
                r#"{"op":"remove","path":"workEmail"},{"op":"replace","path":"homeEmail","value":"h"}"#,
            ),
            (r#"{"op":"add","path":"emails","value":[{"type":"other","value":"o"}]}"#, "invalidValue"),
        ],
    );
    table(
        KEPT.entry,
        patched,
        &[
            (
                r#"{"op":"remove","path":"emails[type eq \"work\"]"}"#,
                r#"{"op":"remove","path":"workEmail"},{"op":"remove","path":"emails[type eq \"work\"]"}"#,
            ),
            (
                r#"{"op":"add","path":"emails","value":[{"type":"other","value":"o"}]}"#,
                r#"{"op":"add","path":"emails","value":[{"type":"other","value":"o"}]}"#,
            ),
            (
                r#"{"op":"replace","value":{"emails":[{"type":"work","value":"w"},{"value":"o"}]}}"#,
                r#"{"op":"replace","path":"workEmail","value":"w"},{"op":"remove","path":"homeEmail"},{"op":"replace","path":"emails","value":[{"value":"o"}]}"#,
            ),
        ],
    );
}

#[test]
fn counterexample_10_an_entry_goes_into_its_slot_only_where_it_fits() {
    let (slots, kept) = (action(SLOTS.entry), action(KEPT.entry));
    for entries in [
        r#"[{"type":"work","value":"a"},{"type":"work","value":"b"}]"#,
        r#"[{"type":"work","value":"a","primary":true}]"#,
        r#"[{"type":"work"}]"#,
        r#"[{"type":"other","value":"a"}]"#,
        r#"[{"value":"a"}]"#,
    ] {
        let r = object(&format!("{{\"emails\": {entries}}}"));
        assert_eq!(there(&slots, &r).unwrap_err().scim_type, Some(ScimType::InvalidValue), "{entries}");
        assert!(alike(&back(&kept, &there(&kept, &r).unwrap()).unwrap(), &r), "{entries}");
    }
    // What would go into a free slot when the client sends it back is no answer; nor is a name that is another's.
    assert!(back(&kept, &object(r#"{"emails": [{"type": "work", "value": "a"}]}"#)).is_err());
    assert!(back(&slots, &object(r#"{"emails": [{"type": "other", "value": "a"}]}"#)).is_err());
    assert!(there(&slots, &object(r#"{"workEmail": "a"}"#)).is_err());
    assert_eq!(shown(&back(&slots, &object(r#"{"workEmail": "", "homeEmail": null}"#)).unwrap()), "{}");
}

#[test]
fn a_filter_over_slots_asks_each_what_is_left_to_ask() {
    table(
        SLOTS.entry,
        asked,
        &[
            ("emails[type eq \"work\" and value eq \"a\"]", "workEmail eq \"a\""),
            ("emails[type eq \"work\"].value eq \"a\"", "workEmail eq \"a\""),
            ("emails.value eq \"a\"", "(workEmail eq \"a\" or homeEmail eq \"a\")"),
            (
                "emails eq \"a\" or emails pr",
                "(workEmail eq \"a\" or homeEmail eq \"a\") or (workEmail pr or homeEmail pr)",
            ),
            ("emails[type ne \"work\"]", "homeEmail pr"),
            ("emails[not (value eq \"a\") and type eq \"home\"]", "(homeEmail pr and not (homeEmail eq \"a\"))"),
            (
                "emails.value ne \"a\"",
                "(not ((workEmail pr or homeEmail pr)) or ((workEmail pr and workEmail ne \"a\") or (homeEmail pr and homeEmail ne \"a\")))",
            ),
            ("emails[primary eq true]", "invalidFilter"),
            ("workEmail eq \"a\"", "invalidFilter"),
        ],
    );
    table(
        KEPT.entry,
        asked,
        &[
            ("emails[type eq \"work\"]", "(workEmail pr or emails[type eq \"work\"])"),
            ("emails[primary eq true]", "emails[primary eq true]"),
            ("emails.value ne \"a\"", "invalidFilter"),
        ],
    );
}

#[test]
fn a_dotted_attribute_is_named_part_by_part() {
    table(
        DOTTED_MANAGER.entry,
        asked,
        &[
            ("ENT:manager eq \"7\"", "ENT:manager.value eq \"7\""),
            ("ENT:manager pr", "(ENT:manager.value pr or ENT:manager.$ref pr or ENT:manager.displayName pr)"),
            ("ENT:manager.displayName sw \"A\"", "ENT:manager.displayName sw \"A\""),
            ("ENT:manager.rank pr", "invalidFilter"),
        ],
    );
    table(
        DOTTED.entry,
        patched,
        &[
            (
                r#"{"op":"replace","path":"name","value":{"givenName":"A","familyName":"B"}}"#,
                r#"{"op":"replace","path":"name.givenName","value":"A"},{"op":"replace","path":"name.familyName","value":"B"}"#,
            ),
            (r#"{"op":"replace","path":"name","value":{}}"#, "invalidPath"),
            (r#"{"op":"replace","path":"name","value":{"nick":"A"}}"#, "invalidValue"),
            (
                r#"{"op":"add","path":"name.givenName","value":"A"}"#,
                r#"{"op":"add","path":"name.givenName","value":"A"}"#,
            ),
        ],
    );
    let dotted = action(DOTTED.entry);
    let o = there(&dotted, &object(r#"{"id": "7", "name": {"GIVENNAME": "A"}, "title": "t"}"#)).unwrap();
    assert_eq!(shown(&o), r#"{"id":"7","name.givenName":"A","title":"t"}"#);
    assert!(there(&dotted, &object(r#"{"name": {"nick": "A"}}"#)).is_err());
    assert!(there(&dotted, &object(r#"{"name.givenName": "A"}"#)).is_err());
}

#[test]
fn a_query_asks_for_what_a_shape_needs() {
    let lists = |entry: &str, attributes: &str, excluded: &str| {
        let paths = |text: &str| text.split_whitespace().map(|one| AttrPath::parse(one).unwrap()).collect();
        let mut request = message(OperationKind::List, Body::None);
        request.selection.attributes = paths(attributes);
        request.selection.excluded = paths(excluded);
        let verdict = action(entry).request(&mut request).map(|_| request.selection);
        let shown = |paths: &[AttrPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        verdict.map(|after| format!("{}/{}", shown(&after.attributes), shown(&after.excluded)))
    };
    for (entry, attributes, excluded, expected) in [
        (SLOTS.entry, "userName emails.value", "emails", "userName workEmail homeEmail/workEmail homeEmail"),
        (KEPT.entry, "emails", "emails.display", "workEmail homeEmail emails/emails.display"),
        (STRINGS.entry, "emails.type", "emails.type emails.value", "emails/emails"),
        (SINGLE.entry, "emails.type", "emails", "emails.type/emails"),
        (DOTTED_MANAGER.entry, "ENT:manager.value", "", "ENT:manager.value/"),
    ] {
        let entered = |text: &str| text.replace("ENT", ENT);
        assert_eq!(lists(entry, &entered(attributes), excluded).unwrap(), entered(expected), "{entry}");
    }
    assert!(lists(SLOTS.entry, "", "emails.value").is_err());
    assert!(lists(SLOTS.entry, "workEmail", "").is_err());
    let mut request = message(OperationKind::List, Body::None);
    request.selection.sort_by = Some(AttrPath::parse("emails.value").unwrap());
    assert!(action(STRINGS.entry).request(&mut request).is_err());
}

#[test]
fn load_refuses_forms_that_an_attribute_can_not_have() {
    for (entry, codes) in [
        ("shape: { at: name, to: single }", ["R0406"].as_slice()),
        ("shape: { at: emails, to: dotted }", &["R0406"]),
        ("shape: { at: badge, to: dotted }", &["R0406"]),
        ("shape: { at: name, to: strings }", &["R0406"]),
        ("shape: { at: emails.value, to: strings }", &["R0406"]),
        ("shape: { at: meta, to: dotted }", &["R0410"]),
        ("shape: { at: emails, to: strings, rest: keep }", &["R0104"]),
        ("shape: { at: emails, to: by-type }", &["R0106"]),
        ("shape: { at: emails, to: by-type, slots: { work: mail, home: MAIL } }", &["R0411"]),
        ("shape: { at: emails, to: by-type, slots: { work: title } }", &["R0412"]),
        ("shape: { at: emails, to: by-type, slots: { work: contact.mail } }", &["R0403"]),
        ("shape: { at: emails, to: pairs }", &["R0104"]),
    ] {
        let mut faults = Faults::new();
        let node = yaml::parse("laws.yaml", entry, &mut faults).unwrap();
        actions::read(&node, &mut faults);
        let found: Vec<_> = faults.iter().map(|fault| fault.code).collect();
        assert_eq!(found, codes, "{entry}: {}", faults.render(false));
    }
}
