//! What once broke a law: the counterexamples of the model that came before the first line of code (by their numbers, of
//! those whose actions exist), and what these tests have found since.

use super::*;

fn object(text: &str) -> Object<'static> {
    match generate::read(&text.replace("ENT", ENT)) {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

fn patch(ops: &str) -> Value<'static> {
    generate::read(&format!("{{\"Operations\": [{}]}}", ops.replace("ENT", ENT)))
}

fn filter(text: &str) -> Filter {
    Filter::parse(&text.replace("ENT", ENT)).unwrap()
}

fn translated(action: &Action, text: &str) -> String {
    filter_there(action, &filter(text)).unwrap_or_else(|error| panic!("{text}: {error}")).text().replace(ENT, "ENT")
}

/// The faults with which an entry of `do` is refused.
fn codes(entry: &str) -> Vec<&'static str> {
    let mut faults = Faults::new();
    let node = yaml::parse("laws.yaml", entry, &mut faults).unwrap();
    actions::read(&node, &mut faults);
    faults.iter().map(|fault| fault.code).collect()
}

#[test]
fn counterexample_1_an_empty_complex_in_a_patch_does_not_leave_what_moved_out_of_it() {
    let rename = action("rename: { names: { 'ENT:manager.displayName': managerName } }");
    let p = patch(r#"{"op": "replace", "path": "ENT", "value": {"manager": {}}}"#);
    assert_eq!(patch_there(&rename, &p).unwrap_err().scim_type, Some(ScimType::InvalidPath));
    let p = patch(r#"{"op": "replace", "value": {"ENT": {"manager": {}}}}"#);
    assert_eq!(patch_there(&rename, &p).unwrap_err().scim_type, Some(ScimType::InvalidPath));
    let p = patch(r#"{"op": "replace", "path": "ENT", "value": {"manager": {"displayName": "E"}}}"#);
    assert!(patch_there(&rename, &p).is_ok());
}

#[test]
fn counterexample_5_ne_is_true_of_what_is_absent_on_both_sides() {
    let invert = action("invert: { at: \"emails[*].verified\" }");
    let r = object(r#"{"emails": [{"value": "a"}, {"verified": false}]}"#);
    let o = there(&invert, &r).unwrap();
    for text in ["emails.verified ne false", "emails[verified ne false]", "emails[verified pr and verified ne false]"] {
        let asked = filter(text);
        let found = filter_there(&invert, &asked).unwrap();
        assert_eq!(filter::matches(found.root(), &o), filter::matches(asked.root(), &r), "{text}");
    }
}

#[test]
fn counterexample_8_a_filter_finds_what_the_backend_holds_in_another_case() {
    let convert = action("convert: { at: active, to: boolean-as-string }");
    for (held, asked) in [("TRUE", "active eq true"), ("False", "active ne true"), ("tRuE", "not (active ne true)")] {
        let o = object(&format!(r#"{{"active": "{held}"}}"#));
        let r = back(&convert, &o).unwrap();
        let translated = filter_there(&convert, &filter(asked)).unwrap();
        assert!(filter::matches(filter(asked).root(), &r) && filter::matches(translated.root(), &o), "{held} {asked}");
    }
    for held in ["\"0\"", "\"1\"", "\"yes\"", "1", "true"] {
        assert!(back(&convert, &object(&format!(r#"{{"active": {held}}}"#))).is_err(), "{held}");
    }
}

#[test]
fn counterexample_9_primary_cannot_be_inverted() {
    assert_eq!(codes("invert: { at: \"emails[*].primary\" }"), ["R0405"]);
}

#[test]
fn a_literal_of_the_wrong_type_is_no_boolean() {
    for entry in ["invert: { at: active }", "convert: { at: active, to: boolean-as-string }"] {
        let action = action(entry);
        for text in ["active co \"tr\"", "active eq \"true\"", "active gt false", "active eq 1"] {
            let error = filter_there(&action, &filter(text)).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidFilter), "{entry} {text}");
        }
        assert_eq!(translated(&action, "active pr and active eq null"), "active pr and active eq null");
    }
}

#[test]
fn schemas_tell_of_an_extension_whose_attributes_have_moved() {
    let rename = action("rename: { names: { 'ENT:department': dept } }");
    assert_eq!(translated(&rename, "schemas eq \"ENT\""), "(schemas eq \"ENT\" or dept pr)");
    assert_eq!(translated(&rename, "schemas eq \"urn:x:1.0\""), "schemas eq \"urn:x:1.0\"");
    for text in ["schemas ne \"ENT\"", "schemas co \"enterprise\"", "schemas gt \"urn\""] {
        assert_eq!(
            filter_there(&rename, &filter(text)).unwrap_err().scim_type,
            Some(ScimType::InvalidFilter),
            "{text}"
        );
    }
    let into = action("rename: { names: { title: 'ENT:title' } }");
    assert!(filter_there(&into, &filter("schemas eq \"ENT\"")).is_err());
    let apart = action("rename: { names: { userName: login } }");
    assert_eq!(translated(&apart, "schemas ne \"ENT\""), "schemas ne \"ENT\"");
}

#[test]
fn a_complex_attribute_is_compared_by_its_value_wherever_that_goes() {
    let rename = action("rename: { names: { 'ENT:manager.value': managerId } }");
    assert_eq!(translated(&rename, "ENT:manager eq \"7\""), "managerId eq \"7\"");
    let rename = action("rename: { names: { emails: mails, emails.value: mails.address } }");
    assert_eq!(translated(&rename, "emails eq \"a\" and emails pr"), "mails.address eq \"a\" and mails pr");
    let rename = action("rename: { names: { emails: mails } }");
    assert_eq!(translated(&rename, "emails eq \"a\""), "mails eq \"a\"");
}

#[test]
fn a_part_that_follows_its_whole_cannot_take_another_attributes_place() {
    let rename = action("rename: { names: { name: fullName, title: fullName.title } }");
    let r = object(r#"{"title": "Countess", "name": {"title": "Lady", "givenName": "Ada"}}"#);
    assert_eq!(there(&rename, &r).unwrap_err().scim_type, Some(ScimType::InvalidValue));
    assert!(filter_there(&rename, &filter("name.title pr")).is_err());
    assert_eq!(translated(&rename, "title pr and name.givenName pr"), "fullName.title pr and fullName.givenName pr");
}

#[test]
fn a_name_that_stands_for_another_attribute_is_refused() {
    let rename = action("rename: { names: { userName: login } }");
    assert!(there(&rename, &object(r#"{"login": "a"}"#)).is_err());
    assert!(there(&rename, &object(r#"{"userName": "a", "LOGIN": "b"}"#)).is_err());
    assert!(filter_there(&rename, &filter("login eq \"a\"")).is_err());
    assert!(patch_there(&rename, &patch(r#"{"op": "replace", "path": "login", "value": "a"}"#)).is_err());
    let lose = action("rename: { names: { userName: login }, on-conflict: lose }");
    assert_eq!(shown(&there(&lose, &object(r#"{"userName":"a","login":"b"}"#)).unwrap()), r#"{"login":"a"}"#);
}

#[test]
fn a_query_that_cannot_be_answered_drops_nothing_and_refuses_the_call() {
    let drop = action("drop: { at: \"$..*..*..*\" }");
    let wide = format!("{{\"a\": [{}]}}", vec![r#"{"b": [1, 2, 3, 4]}"#; 1_000].join(","));
    let deep = (0..50).fold(wide, |inner, _| format!("{{\"a\": {inner}}}"));
    assert_eq!(there(&drop, &object(&deep)).unwrap_err().status, ErrorStatus::Internal);
}

#[test]
fn load_refuses_names_that_cannot_be_undone() {
    for (entry, code) in [
        ("rename: { names: { emails.type: mailType } }", "R0413"),
        ("rename: { names: { title: emails.title } }", "R0413"),
        ("rename: { names: { userName: login, title: login } }", "R0411"),
        ("rename: { names: { userName: title } }", "R0412"),
        ("rename: { names: { userName: id } }", "R0410"),
        ("rename: { names: { userName: person, title: person.title } }", "R0413"),
        ("rename: { names: { title: person.title, userName: person } }", "R0413"),
    ] {
        assert_eq!(codes(entry), [code], "{entry}");
    }
    assert_eq!(
        codes("rename: { names: { userName: login, 'urn:ietf:params:scim:schemas:core:2.0:User:userName': account } }"),
        ["R0411", "R0411"]
    );
    // In either order: the whole attribute is renamed, so its part doesn't leave it.
    assert_eq!(codes("rename: { names: { emails.value: mails.address, emails: mails } }"), [""; 0]);
}

#[test]
fn a_parent_stands_for_the_parts_that_moved_out_of_it() {
    let rename = action("rename: { names: { name.givenName: firstName } }");
    assert_eq!(translated(&rename, "not (name pr)"), "not ((name pr or firstName pr))");
    let mut request = message(OperationKind::List, Body::None);
    request.selection.attributes = vec![AttrPath::parse("name").unwrap()];
    request.selection.excluded = vec![AttrPath::parse("name.givenName").unwrap()];
    rename.request(&mut request).unwrap();
    let shown = |paths: &[AttrPath]| paths.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(shown(&request.selection.attributes), ["name", "firstName"]);
    assert_eq!(shown(&request.selection.excluded), ["firstName"]);
}

#[test]
fn a_remove_reaches_what_moved_out_and_spares_what_moved_in() {
    let out = action("rename: { names: { name.givenName: firstName } }");
    let p = patch_there(&out, &patch(r#"{"op": "remove", "path": "name"}"#)).unwrap();
    let expected = patch(r#"{"op": "remove", "path": "name"}, {"op": "remove", "path": "firstName"}"#);
    assert_eq!(p.to_string(), expected.into_owned().to_string());
    let into = action("rename: { names: { title: name.title } }");
    let p = patch_there(&into, &patch(r#"{"op": "remove", "path": "name"}"#)).unwrap().to_string();
    assert!(p.contains("name.givenName") && !p.contains("name.title") && !p.contains("\"name\""), "{p}");
}

fn patched(entry: &str, ops: &str) -> String {
    let shown = patch_there(&action(entry), &patch(ops)).unwrap().to_string().replace(ENT, "ENT");
    shown.strip_prefix("{\"Operations\":[").and_then(|rest| rest.strip_suffix("]}")).unwrap_or(&shown).to_owned()
}

#[test]
fn an_emptied_replace_removes_what_was_emptied_and_nothing_else() {
    let entry = "empty: { of: [\"\"], at: [title, name.givenName] }";
    for (op, expected) in [
        (r#"{"op":"replace","path":"title","value":""}"#, r#"{"op":"remove","path":"title"}"#),
        (r#"{"op":"replace","path":"name","value":{"givenName":""}}"#, r#"{"op":"remove","path":"name.givenName"}"#),
        (
            r#"{"op":"replace","value":{"title":"","name":{"givenName":"","familyName":"L"}}}"#,
            r#"{"op":"replace","value":{"name":{"familyName":"L"}}},{"op":"remove","path":"title"},{"op":"remove","path":"name.givenName"}"#,
        ),
        (r#"{"op":"add","path":"title","value":""}"#, ""),
        (r#"{"op":"add","value":{"title":""}}"#, ""),
    ] {
        assert_eq!(patched(entry, op), expected, "{op}");
    }
}

#[test]
fn a_dropped_attribute_is_not_spoken_of_in_a_patch() {
    let entry = "drop: { at: [name.givenName, \"ENT\", \"$.title\"] }";
    for op in [
        r#"{"op":"replace","path":"name","value":{"givenName":"A"}}"#,
        r#"{"op":"replace","path":"name.givenName","value":"A"}"#,
        r#"{"op":"replace","value":{"title":"A","name":{"givenName":"A"},"ENT":{"department":"D"}}}"#,
        r#"{"op":"replace","path":"title","value":"A"}"#,
        r#"{"op":"replace","path":"ENT:department","value":"D"}"#,
        r#"{"op":"remove","path":"ENT:manager.value"}"#,
    ] {
        assert_eq!(patched(entry, op), "", "{op}");
    }
    assert!(filter_there(&action(entry), &filter("ENT:department pr")).is_err());
}

#[test]
fn a_converted_value_is_found_by_its_attributes_name() {
    let convert = action("convert: { at: roles.value, to: boolean-as-string }");
    assert_eq!(translated(&convert, "roles eq true"), "roles eq \"true\"");
}

#[test]
fn an_extension_that_a_move_fills_is_listed_in_schemas() {
    let rename = action("rename: { names: { 'ENT:department': dept } }");
    let o =
        object(r#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "ENT": {"division": ""}, "dept": "a"}"#);
    assert_eq!(listed(&back(&rename, &o).unwrap()), [ENT]);
}

#[test]
fn a_removed_extension_takes_along_what_moved_within_it() {
    let rename = action("rename: { names: { 'ENT:manager.value': 'ENT:managerValue' } }");
    let p = patch(r#"{"op": "remove", "path": "ENT"}"#);
    assert_eq!(patch_there(&rename, &p).unwrap().to_string(), p.to_string());
    assert_eq!(translated(&rename, "ENT pr"), "ENT pr");
    assert_eq!(translated(&rename, "schemas eq \"ENT\""), "schemas eq \"ENT\"");
    assert_eq!(translated(&rename, "ENT:manager pr"), "(ENT:manager pr or ENT:managerValue pr)");
}
