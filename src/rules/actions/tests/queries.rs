//! Actions on filters, `sortBy` and the lists of attributes.

use super::*;

fn paths(text: &str) -> Vec<AttrPath> {
    text.split_whitespace().map(|path| AttrPath::parse(&path.replace("ENT", ENT)).unwrap()).collect()
}

/// What a query that sorts, asks for and excludes these is on the other side.
pub(super) fn chosen(entry: &str, sort_by: &str, attributes: &str, excluded: &str) -> Result<String, Refused> {
    let mut request = request(OperationKind::List, Body::None);
    request.selection.sort_by = paths(sort_by).pop();
    request.selection.attributes = paths(attributes);
    request.selection.excluded = paths(excluded);
    let before = request.selection.show();
    let verdict = action(entry).request(&mut request)?;
    let mut query = crate::scim::Query::default();
    request.selection.write(&mut query);
    let shown = request.selection.show();
    assert_eq!(verdict.is_applied(), shown != before, "{entry}: a change is told");
    assert_eq!(query != crate::scim::Query::default(), shown != before, "{entry}: a change is written");
    let shown = shown.replace(ENT, "ENT");
    Ok(shown.lines().collect::<Vec<_>>().join(" "))
}

#[test]
fn names_are_followed_in_what_is_sorted_by_and_asked_for() {
    let entry = "rename: { names: { title: jobTitle } }";
    let rows = [
        (("title", "", ""), "sortBy=jobTitle"),
        (("nickName", "", ""), "sortBy=nickName"),
        (("", "title userName", ""), "attributes=jobTitle,userName"),
        (("", "userName", ""), "attributes=userName"),
        (("", "", "title"), "excludedAttributes=jobTitle"),
        (("", "", "userName"), "excludedAttributes=userName"),
    ];
    for ((sort_by, attributes, excluded), expected) in rows {
        assert_eq!(chosen(entry, sort_by, attributes, excluded).as_deref(), Ok(expected));
    }
    assert!(chosen(entry, "jobTitle", "", "").is_err(), "the other side's name is none here");
}

#[test]
fn parts_of_a_shape_are_asked_for_sorted_by_and_excluded() {
    let single = "shape: { at: emails, to: single }";
    assert_eq!(chosen(single, "", "", "emails.type").as_deref(), Ok("excludedAttributes=emails.type"));
    assert_eq!(chosen(single, "", "emails.type", "").as_deref(), Ok("attributes=emails.type"));
    let dotted = "shape: { at: name, to: dotted }";
    assert_eq!(chosen(dotted, "name.givenName", "", "").as_deref(), Ok("sortBy=name.givenName"));
    assert_eq!(chosen(dotted, "", "", "name.givenName").as_deref(), Ok("excludedAttributes=name.givenName"));
    assert!(chosen(dotted, "name", "", "").is_err() && chosen(dotted, "name.x", "", "").is_err());
    assert_eq!(chosen("fill: { at: active, value: true }", "", "title", "").as_deref(), Ok("attributes=title,active"));
    let urns = "schemas: { urns: { 'ENT': 'urn:acme:scim:2.0:Staff' } }";
    assert_eq!(chosen(urns, "", "ENT:department", "").as_deref(), Ok("attributes=urn:acme:scim:2.0:Staff:department"));
    assert_eq!(chosen(urns, "", "title", "").as_deref(), Ok("attributes=title"));
}

#[test]
fn a_shape_by_type_knows_what_a_filter_says_of_its_slots() {
    let entry = "shape: { at: emails, to: by-type, slots: { work: workEmail, home: homeEmail } }";
    let rows = [
        (r#"emails[type eq "work" and value ne null]"#, "workEmail pr"),
        (r#"emails[not (type eq "work" and value eq null)]"#, "(workEmail pr or homeEmail pr)"),
        (r#"emails[type eq "work" and (value eq "a" or value eq "b")]"#, r#"(workEmail eq "a" or workEmail eq "b")"#),
        (
            r#"emails[type eq "work" and (value ne "a" or value eq "b")]"#,
            r#"(workEmail pr and (workEmail ne "a" or workEmail eq "b"))"#,
        ),
    ];
    for (filter, expected) in rows {
        assert_eq!(asked(entry, filter).as_deref(), Ok(expected), "{filter}");
    }
}

#[test]
fn a_text_is_looked_for_as_it_was_mended() {
    let entry = "text: { at: [emails.value, title], steps: [trim] }";
    assert_eq!(asked(entry, r#"emails eq " a""#).as_deref(), Ok(r#"emails eq "a""#));
    assert_eq!(asked(entry, r#"emails.display eq " a""#).as_deref(), Ok(r#"emails.display eq " a""#));
    let display = "text: { at: [emails.display], steps: [trim] }";
    assert_eq!(asked(display, r#"emails eq " a""#).as_deref(), Ok(r#"emails eq " a""#));
}

#[test]
fn who_asks_for_some_elements_may_ask_though_others_are_dropped() {
    let entry = "drop: { at: 'emails[type eq \"home\"]' }";
    assert_eq!(asked(entry, "emails.value pr").as_deref(), Ok("emails.value pr"));
    assert!(asked("drop: { at: emails }", "emails.value pr").is_err());
}

#[test]
fn what_is_filled_in_is_asked_for_with_what_is_absent() {
    let active = "fill: { at: active, value: true }";
    let manager = "fill: { at: \"ENT:manager.value\", value: \"7\" }";
    let named = "fill: { at: \"ENT:manager.displayName\", value: \"7\" }";
    let department = "fill: { at: \"ENT:department\", value: D }";
    let rows = [
        (active, "active eq true", Ok("(active eq true or not (active pr))")),
        (active, "active eq false", Ok("active eq false")),
        (active, "active pr", Ok("true")),
        (active, "active eq null", Ok("false")),
        (active, "active ne null", Ok("true")),
        (active, "title eq \"x\"", Ok("title eq \"x\"")),
        (active, "active[value eq 1]", Err(())),
        (department, "ENT:department eq \"\"", Ok("(ENT:department pr and ENT:department eq \"\")")),
        (department, "ENT:department ne \"D\"", Ok("(ENT:department pr and ENT:department ne \"D\")")),
        (department, "title eq \"D\"", Ok("title eq \"D\"")),
        (department, "userType eq \"ENT\"", Ok("userType eq \"ENT\"")),
        (manager, "ENT:manager eq \"7\"", Ok("(ENT:manager.value eq \"7\" or not (ENT:manager.value pr))")),
        (named, "ENT:manager eq \"7\"", Ok("ENT:manager eq \"7\"")),
        (manager, "ENT:manager.value eq \"8\"", Ok("ENT:manager.value eq \"8\"")),
        (manager, "ENT:manager[value eq \"7\"]", Err(())),
        (manager, "ENT pr", Ok("true")),
        (department, "schemas eq \"ENT\"", Ok("true")),
        (department, "schemas eq \"urn:x:y:z\"", Ok("schemas eq \"urn:x:y:z\"")),
        (department, "schemas co \"ENT\"", Err(())),
        (department, "ENT eq \"D\"", Ok("ENT eq \"D\"")),
    ];
    for (entry, filter, expected) in rows {
        assert_eq!(asked(entry, filter).as_deref().map_err(|_| ()), expected, "{entry} {filter}");
    }
}

#[test]
fn a_urn_is_translated_where_schemas_are_asked_for() {
    let entry = "schemas: { urns: { 'ENT': 'urn:acme:scim:2.0:Staff' } }";
    let rows = [
        ("schemas eq \"ENT\"", "schemas eq \"urn:acme:scim:2.0:Staff\""),
        ("schemas.value ne \"ENT\"", "schemas.value ne \"urn:acme:scim:2.0:Staff\""),
        ("schemas eq \"urn:x:y:1.0:Z\"", "schemas eq \"urn:x:y:1.0:Z\""),
        ("schemas.display eq \"ENT\"", "schemas.display eq \"ENT\""),
        ("title eq \"ENT\"", "title eq \"ENT\""),
        ("schemas eq \"urn:acme:scim:2.0:Staff\"", "false"),
    ];
    for (filter, expected) in rows {
        assert_eq!(asked(entry, filter).as_deref(), Ok(expected), "{filter}");
    }
}

#[test]
fn a_name_in_brackets_stays_in_brackets() {
    let entry = "rename: { names: { emails.type: emails.kind } }";
    assert_eq!(asked(entry, "emails[type pr]").as_deref(), Ok("emails[kind pr]"));
    assert_eq!(asked(entry, "emails.type pr").as_deref(), Ok("emails.kind pr"));
}

#[test]
fn only_a_schema_that_attributes_leave_is_asked_for_by_them() {
    let out = "rename: { names: { 'ENT:department': team } }";
    assert_eq!(asked(out, "schemas eq \"ENT\"").as_deref(), Ok("(schemas eq \"ENT\" or team pr)"));
    for other in ["urn:ietf:params:scim:schemas:core:2.0:User", "ENT:department", "title"] {
        let filter = format!("schemas eq \"{other}\"");
        assert_eq!(asked(out, &filter), Ok(filter.clone()), "{other}");
        assert_eq!(asked("rename: { names: { title: 'ENT:title' } }", &filter), Ok(filter.clone()), "{other}");
    }
}

#[test]
fn one_element_that_passes_is_none_of_the_listed_ones() {
    let entry = "map: { at: emails.type, values: { a: b }, else: pass }";
    assert_eq!(asked(entry, "emails[type sw \"b\"]").as_deref(), Ok("emails[(type sw \"b\" and type ne \"b\")]"));
}
