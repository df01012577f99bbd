//! Actions on filters, `sortBy` and the lists of attributes.

use super::*;

fn paths(text: &str) -> Vec<AttrPath> {
    text.split_whitespace().map(|path| AttrPath::parse(&path.replace("ENT", ENT)).unwrap()).collect()
}

/// What a query that sorts, asks for and excludes these is on the other side.
fn chosen(entry: &str, sort_by: &str, attributes: &str, excluded: &str) -> Result<String, Refused> {
    let mut request = request(OperationKind::List, Body::None);
    request.selection.sort_by = paths(sort_by).pop();
    request.selection.attributes = paths(attributes);
    request.selection.excluded = paths(excluded);
    let verdict = action(entry).request(&mut request)?;
    let mut query = crate::scim::Query::default();
    request.selection.write(&mut query);
    let shown = request.selection.show().replace(ENT, "ENT");
    assert_eq!(verdict.is_applied(), query != crate::scim::Query::default(), "{entry}: what changed is written");
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
}

#[test]
fn what_is_filled_in_is_asked_for_with_what_is_absent() {
    let active = "fill: { at: active, value: true }";
    let manager = "fill: { at: \"ENT:manager.value\", value: \"7\" }";
    let department = "fill: { at: \"ENT:department\", value: D }";
    let rows = [
        (active, "active eq true", Ok("(active eq true or not (active pr))")),
        (active, "active eq false", Ok("active eq false")),
        (active, "active pr", Ok("true")),
        (active, "active eq null", Ok("false")),
        (active, "active ne null", Ok("true")),
        (active, "title eq \"x\"", Ok("title eq \"x\"")),
        (active, "active[value eq 1]", Err(())),
        (manager, "ENT:manager eq \"7\"", Ok("(ENT:manager.value eq \"7\" or not (ENT:manager.value pr))")),
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
