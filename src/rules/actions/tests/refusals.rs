//! Entries of `do` that would mislead, and their like that don't.

use super::*;

#[test]
fn one_entry_is_one_action() {
    assert_eq!(codes("{ drop: { at: title }, set: { at: title, value: x } }"), ["R0404"]);
    assert_eq!(codes("drip: { at: title }"), ["R0104"]);
}

#[test]
fn a_key_is_one_text_that_everybody_may_see() {
    for by in ["emails", "emails.value", "active", "password", "groups", "name"] {
        let found = codes(&format!("identify: {{ by: {by} }}"));
        assert!(found == ["R0431"] || found == ["R0440"], "{by}: {found:?}");
    }
    for by in ["id", "meta.version", "schemas"] {
        assert_eq!(codes(&format!("identify: {{ by: {by} }}")).len(), 1, "{by}");
    }
    for by in ["userName", "externalId", "ENT:employeeNumber", "uid", "name.formatted", "'urn:acme:scim:2.0:Staff:no'"]
    {
        let by = by.replace("ENT:employeeNumber", "'ENT:employeeNumber'");
        assert_eq!(codes(&format!("identify: {{ by: {by} }}")), [""; 0], "{by}");
    }
}

#[test]
fn nothing_hollow_is_left_out_silently() {
    let hollow = [
        "map: { at: title, values: {} }",
        "schemas: { urns: {} }",
        "keep: {}",
        "keep: { User: [] }",
        "drop: { at: [] }",
        "text: { at: [], steps: [trim] }",
        "text: { at: title, steps: [] }",
        "empty: { of: [], at: title }",
        "empty: { of: [\"\"], at: [] }",
        "items: { at: title }",
        "query: {}",
        "query: { x: {} }",
        "header: {}",
        "header: { x: {} }",
        "path: {}",
        "path: { alias: {} }",
        "list: {}",
        "status: {}",
        "error: {}",
    ];
    hollow.iter().for_each(|entry| drop(codes(entry)));
    assert_eq!(codes("rename: { names: {} }"), ["R0103"]);
    assert_eq!(codes("shape: { at: things, to: by-type, slots: {} }"), ["R0103"]);
    for about in LIST {
        for payload in ["{}", "[]", "x", "1"] {
            codes(&format!("{}: {payload}", about.word));
        }
    }
}

#[test]
fn a_status_never_tells_of_what_did_not_happen() {
    let rows: &[(&str, &[&str])] = &[
        ("404: { become: 200, operations: list, body: empty-list }", &[]),
        ("500: { become: 200, operations: list, body: empty-list, matches: none }", &[]),
        ("500: { become: 200, operations: list, body: empty-list }", &["R0432"]),
        ("404: { become: 204, operations: delete }", &[]),
        ("410: { become: 204, operations: delete }", &[]),
        ("404: { become: 204 }", &["R0432"]),
        ("404: { become: 204, operations: [delete, patch] }", &["R0432"]),
        ("500: { become: 204, operations: delete }", &["R0432"]),
        ("500: { become: 204, operations: delete, matches: gone }", &["R0432"]),
        ("400: { become: 404, matches: gone }", &[]),
        ("400: { become: 404, operations: read }", &[]),
        ("400: { become: 404 }", &["R0432"]),
        ("400: { become: 404, operations: [read, delete] }", &["R0432"]),
        ("400: { become: 404, operations: [read, list] }", &["R0432"]),
        ("400: { become: 404, operations: [read, search] }", &["R0432"]),
        ("404: { become: 501 }", &[]),
        ("400: { become: 409 }", &[]),
        ("200: { become: 201 }", &[]),
        ("399: { become: 400 }", &["R0430"]),
    ];
    for (line, expected) in rows {
        assert_eq!(codes(&format!("status: {{ {line} }}")), *expected, "{line}");
    }
}

#[test]
fn a_status_fits_its_body_and_operations() {
    let rows: &[(&str, &[&str])] = &[
        ("404: { become: 404, operations: list, body: empty-list }", &["R0430"]),
        ("404: { become: 200, body: empty-list }", &["R0430"]),
        ("404: { become: 200, operations: [list, read], body: empty-list }", &["R0430"]),
        ("404: { become: 200, operations: [list, search], body: empty-list }", &[]),
        ("302: { become: 404 }", &["R0430"]),
        ("200: { become: 302 }", &["R0430"]),
        ("400: { become: 401 }", &["R0430"]),
        ("400: { become: 418 }", &["R0430"]),
        ("404: { become: 200, operations: delete }", &["R0430"]),
        ("200: { become: 204, operations: [delete, patch] }", &[]),
        ("200: { become: 204, operations: [delete, create] }", &["R0430"]),
        ("200: { become: 204 }", &["R0430"]),
        ("200: { become: 201, matches: x }", &["R0430"]),
        ("401: { become: 403 }", &["R0103"]),
        ("600: { become: 500 }", &["R0103"]),
    ];
    for (line, expected) in rows {
        assert_eq!(codes(&format!("status: {{ {line} }}")), *expected, "{line}");
    }
}

#[test]
fn an_error_has_one_thing_to_say() {
    let rows: &[(&str, &[&str])] = &[
        ("scim-type: uniqueness", &[]),
        ("detail: x", &[]),
        ("scrub: true", &[]),
        ("detail: x, scim-type: uniqueness", &[]),
        ("detail: x, scrub: true", &["R0429"]),
        ("matches: x", &["R0429"]),
        ("scrub: false", &["R0429"]),
    ];
    for (payload, expected) in rows {
        assert_eq!(codes(&format!("error: {{ {payload} }}")), *expected, "{payload}");
    }
}

#[test]
fn ids_and_names_stay_apart_whatever_is_done_to_texts() {
    let rows: &[(&str, &[&str])] = &[
        ("at: title, steps: [lower, { truncate: 3 }]", &[]),
        ("at: userName, steps: [trim, lower]", &[]),
        ("at: userName, steps: [{ truncate: 3 }]", &["R0422"]),
        ("at: members.value, steps: [trim]", &[]),
        ("at: members.value, steps: [lower]", &["R0422"]),
        ("at: members.value, steps: [{ truncate: 3 }]", &["R0422"]),
        ("at: externalId, steps: [lower]", &["R0423"]),
    ];
    for (payload, expected) in rows {
        assert_eq!(codes(&format!("text: {{ {payload} }}")), *expected, "{payload}");
    }
}

#[test]
fn an_answer_of_its_own_has_the_body_that_its_status_allows() {
    let rows: &[(&str, &[&str])] = &[
        ("status: 204", &[]),
        ("status: 200, body: { a: 1 }", &[]),
        ("status: 204, body: { a: 1 }", &["R0103"]),
        ("status: 200, body: [1]", &["R0103"]),
    ];
    for (payload, expected) in rows {
        assert_eq!(codes(&format!("respond: {{ {payload} }}")), *expected, "{payload}");
    }
}

#[test]
fn an_answer_is_told_why_it_can_t_have_its_body() {
    let told = |payload: &str| {
        let mut faults = Faults::new();
        let node = yaml::parse("test.yaml", &format!("respond: {{ {payload} }}"), &mut faults).unwrap();
        assert!(read(&node, &mut faults).is_none());
        faults.render(false)
    };
    assert!(told("status: 204, body: { a: 1 }").contains("204 has no body"));
    assert!(told("status: 200, body: [1]").contains("a body must be a JSON object"));
}

#[test]
fn a_name_is_given_to_one_attribute_at_a_time() {
    let rows: &[(&str, &[&str])] = &[
        ("names: { a: b, c: d }, on-conflict: swap", &[]),
        ("names: { a: b, b: c }, on-conflict: swap", &["R0411"]),
        ("names: { 'ENT': x }", &["R0406"]),
        ("names: { emails: mails, emails.value: mails.address }", &[]),
        ("names: { emails: mails, emails.value: address }", &["R0413"]),
    ];
    for (payload, expected) in rows {
        assert_eq!(codes(&format!("rename: {{ {payload} }}")), *expected, "{payload}");
    }
}

#[test]
fn a_form_fits_its_attribute() {
    let rows: &[(&str, &[&str])] = &[
        ("at: things, to: by-type, slots: { a: x }", &[]),
        ("at: 'ENT:things', to: by-type, slots: { a: x }", &["R0406"]),
    ];
    for (payload, expected) in rows {
        assert_eq!(codes(&format!("shape: {{ {payload} }}")), *expected, "{payload}");
    }
}

#[test]
fn a_whole_goes_into_a_text_and_none_of_its_parts_into_a_word() {
    assert_eq!(codes("convert: { at: name, to: json-as-string }"), [""; 0]);
    assert_eq!(codes("convert: { at: name, to: boolean-as-string }"), ["R0440"]);
}

#[test]
fn an_alias_leads_to_what_was_authorised() {
    let rows = [
        ("/Users: /people", None),
        ("/Users/.search: /find", None),
        ("/people: /Users", Some("/people")),
        ("/users: /Users", None),
        ("/Users: /people/x", None),
        ("/users/7: /Users/8", Some("/users/7")),
        ("/Users/7: /seven", Some("/Users/7")),
        ("/Users/.search: /Users/find", None),
        ("/Schemas: /v1/schemas", None),
        ("/Schemas: /x, /ResourceTypes: /X", Some("/Schemas")),
    ];
    for (alias, expected) in rows {
        let Action::Path(path) = action(&format!("path: {{ alias: {{ {alias} }} }}")) else { panic!("no path") };
        assert_eq!(path.astray().map(|(from, _)| from), expected, "{alias}");
    }
}

#[test]
fn a_field_that_no_answer_has_is_told() {
    use crate::rules::rule::To;
    let Action::Header(header) = action("header: { etag: { drop: true }, x-tenant: { set: a } }") else { panic!() };
    assert_eq!(header.stranger(To::Client), Some("x-tenant"));
    assert_eq!(header.stranger(To::Backend), None);
}
