//! What actions make of the schemas and resource types that a service describes itself with.

use super::*;
use crate::json::Array;
use crate::rules::{Difference, Discovery, Modes, Observer, Pack, Rule, load};

struct Nobody;

impl Observer for Nobody {
    fn met(&mut self, _number: usize, _rule: &Rule, _verdict: Verdict, _shown: &dyn Fn() -> String) {}

    fn shadowed(&mut self, _number: usize, _rule: &Rule, _differences: &[Difference]) {}
}

/// A backend's pack that does this to users.
fn pack(entry: &str) -> Pack {
    let text = format!(
        "{{ version: 1, pack: p, side: backend, about: a, rules: [ {{ id: r, why: w, when: {{ resource: User }}, do: [ {{ {} }} ] }} ] }}",
        entry.replace("ENT", ENT)
    );
    let mut faults = Faults::new();
    let node = yaml::parse("test.yaml", &text, &mut faults).unwrap();
    load::pack(&node, &mut faults).unwrap_or_else(|| panic!("{entry}: {}", faults.render(false)))
}

/// The definitions of a schema of users, core or enterprise, that a client gets for these of the backend.
fn defined(entry: &str, urn: &str, attributes: &str) -> (bool, String) {
    let pack = pack(entry);
    let discovery = Discovery::new(&[&pack], &Modes::default(), &[]);
    let mut schemas = vec![object(&format!(r#"{{"id":"{urn}","attributes":[{attributes}]}}"#))];
    let changed = discovery.schemas(&mut schemas, &mut Nobody);
    let [schema] = schemas.as_slice() else { panic!("{entry}: {} schemas", schemas.len()) };
    let shown = schema.get("attributes").and_then(Value::as_array).unwrap().iter().map(Value::to_string);
    (changed, shown.collect::<Vec<_>>().join(","))
}

fn user(entry: &str, attributes: &str) -> (bool, String) {
    defined(entry, urn::USER, attributes)
}

fn unchanged(attributes: &str) -> (bool, String) {
    (false, attributes.to_owned())
}

fn changed(attributes: &str) -> (bool, String) {
    (true, attributes.to_owned())
}

#[test]
fn the_values_that_a_schema_suggests_are_the_clients() {
    let suggests = |values: &str| format!(r#"{{"name":"userType","type":"string","canonicalValues":[{values}]}}"#);
    for entry in ["map: { at: userType, values: { a: x, b: y } }", "affix: { at: userType, prefix: x- }"] {
        let (here, there) = if entry.starts_with("map") { ("a", "x") } else { ("a", "x-a") };
        let quoted = |text: &str| format!("\"{text}\"");
        assert_eq!(user(entry, &suggests(&quoted(there))), changed(&suggests(&quoted(here))), "{entry}");
        let other = r#"{"name":"title","type":"string","canonicalValues":["x","x-a"]}"#;
        assert_eq!(user(entry, other), unchanged(other), "{entry}");
    }
}

#[test]
fn a_converted_attribute_has_the_clients_type() {
    let rows = [
        ("active, to: boolean-as-string", r#"{"name":"active","type":"boolean"}"#),
        ("active, to: boolean-as-int", r#"{"name":"active","type":"boolean"}"#),
        ("title, to: number-as-string", r#"{"name":"title","type":"integer"}"#),
        ("hired, to: date-as-epoch", r#"{"name":"hired","type":"dateTime"}"#),
        ("extra, to: json-as-string", r#"{"name":"extra","type":"complex"}"#),
    ];
    for (entry, expected) in rows {
        let name = entry.split(',').next().unwrap();
        let there = format!(r#"{{"name":"{name}","type":"other","canonicalValues":["0","1"]}}"#);
        assert_eq!(user(&format!("convert: {{ at: {entry} }}"), &there), changed(expected), "{entry}");
        let elsewhere = r#"{"name":"userName","type":"other"}"#;
        assert_eq!(user(&format!("convert: {{ at: {entry} }}"), elsewhere), unchanged(elsewhere), "{entry}");
    }
    let (_, emails) =
        user("convert: { at: emails, to: json-as-string }", r#"{"name":"emails","type":"string","multiValued":false}"#);
    assert!(
        emails.starts_with(r#"{"name":"emails","type":"complex","multiValued":true,"subAttributes":[{"name":"value""#),
        "what the RFC says of it: {emails}"
    );
}

#[test]
fn a_renamed_definition_stays_where_it_was_among_its_like() {
    let named = |name: &str| format!(r#"{{"name":"a"}},{{"name":"{name}"}},{{"name":"b"}}"#);
    let entry = "rename: { names: { title: jobTitle } }";
    assert_eq!(user(entry, &named("jobTitle")), changed(&named("title")));
    assert_eq!(user(entry, &named("other")), unchanged(&named("other")));
    let parts = |whole: &str, part: &str| {
        format!(r#"{{"name":"{whole}","subAttributes":[{{"name":"a"}},{{"name":"{part}"}},{{"name":"b"}}]}}"#)
    };
    let along = "rename: { names: { name: fullName, name.givenName: fullName.first } }";
    assert_eq!(user(along, &parts("fullName", "first")), changed(&parts("name", "givenName")));
}

#[test]
fn a_single_value_is_defined_as_one_of_many() {
    let emails = |many: bool| format!(r#"{{"name":"emails","type":"complex","multiValued":{many}}}"#);
    let entry = "shape: { at: emails, to: single }";
    assert_eq!(user(entry, &emails(false)), changed(&emails(true)));
    assert_eq!(user(entry, &emails(true)), unchanged(&emails(true)));
}

#[test]
fn dotted_keys_are_defined_as_parts() {
    let entry = "shape: { at: name, to: dotted }";
    let there = r#"{"name":"userName"},{"name":"name.familyName","required":true}"#;
    let (acted, shown) = user(entry, there);
    assert!(acted);
    assert!(shown.starts_with(r#"{"name":"userName"},{"name":"name","type":"complex""#), "{shown}");
    assert!(shown.ends_with(r#""subAttributes":[{"name":"familyName","required":true}]}"#), "{shown}");
    assert_eq!(user(entry, r#"{"name":"userName"}"#), unchanged(r#"{"name":"userName"}"#));
}

#[test]
fn texts_are_defined_as_values_of_entries() {
    let entry = "shape: { at: emails, to: strings }";
    let (acted, shown) = user(
        entry,
        r#"{"name":"a"},{"name":"emails","type":"string","multiValued":true,"mutability":"readOnly"},{"name":"b"}"#,
    );
    assert!(
        acted && shown.starts_with(r#"{"name":"a"},{"name":"emails","type":"complex","multiValued":true"#),
        "{shown}"
    );
    let value = r#""subAttributes":[{"name":"value","type":"string","multiValued":false,"mutability":"readOnly"}]},{"name":"b"}"#;
    assert!(shown.contains(r#""mutability":"readOnly","#) && shown.ends_with(value), "{shown}");
    assert_eq!(user(entry, r#"{"name":"a"}"#), unchanged(r#"{"name":"a"}"#));
}

#[test]
fn slots_are_defined_as_the_types_of_entries() {
    let entry = "shape: { at: emails, to: by-type, slots: { work: workEmail, home: homeEmail } }";
    let there =
        r#"{"name":"a"},{"name":"workEmail","type":"string"},{"name":"b"},{"name":"homeEmail","type":"string"}"#;
    let (acted, shown) = user(entry, there);
    assert!(
        acted && shown.starts_with(r#"{"name":"a"},{"name":"emails","type":"complex","multiValued":true"#),
        "{shown}"
    );
    let kinds =
        r#"{"name":"type","type":"string","multiValued":false,"canonicalValues":["work","home"]}]},{"name":"b"}"#;
    assert!(shown.ends_with(kinds), "{shown}");
    assert_eq!(user(entry, r#"{"name":"a"}"#), unchanged(r#"{"name":"a"}"#));
    let both = r#"{"name":"emails","type":"complex"},{"name":"workEmail","type":"string"}"#;
    let keeps = entry.replace("} }", "}, rest: keep }");
    assert_eq!(user(&keeps, both), changed(r#"{"name":"emails","type":"complex"}"#));
}

#[test]
fn what_is_taken_away_is_not_defined() {
    let there = r#"{"name":"userName"},{"name":"title"}"#;
    let read_only = |name: &str| format!(r#"{{"name":"{name}","mutability":"readOnly"}}"#);
    let after = changed(&format!(r#"{{"name":"userName"}},{}"#, read_only("title")));
    assert_eq!(user("drop: { at: title }", there), after);
    assert_eq!(user("keep: { User: [userName, active] }", there), after);
}

#[test]
fn an_attribute_that_is_filled_in_is_defined() {
    let (acted, shown) = user("fill: { at: active, value: true }", r#"{"name":"userName"}"#);
    assert!(acted && shown.contains(r#"{"name":"active","type":"boolean""#), "{shown}");
}

#[test]
fn a_schema_bears_the_clients_urn() {
    let pack = pack("schemas: { urns: { 'ENT': 'urn:acme:scim:2.0:Staff' } }");
    let discovery = Discovery::new(&[&pack], &Modes::default(), &[]);
    let mut schemas =
        vec![object(r#"{"id":"urn:acme:scim:2.0:staff","attributes":[]}"#), object(r#"{"id":"urn:x:y:1.0:Z"}"#)];
    assert!(discovery.schemas(&mut schemas, &mut Nobody));
    let shown = Value::Array(Array::from(schemas.into_iter().map(Value::Object).collect::<Vec<_>>())).to_string();
    assert_eq!(shown.replace(ENT, "ENT"), r#"[{"id":"ENT","attributes":[]},{"id":"urn:x:y:1.0:Z"}]"#);

    let mut kind = object(
        r#"{"name":"User","schema":"urn:ietf:params:scim:schemas:core:2.0:User","schemaExtensions":[{"schema":"urn:acme:scim:2.0:Staff"},{"schema":"urn:x:y:1.0:Z"}]}"#,
    );
    assert!(discovery.resource_type(&mut kind, &mut Nobody));
    let extensions = kind.get("schemaExtensions").unwrap().to_string();
    assert_eq!(extensions.replace(ENT, "ENT"), r#"[{"schema":"ENT"},{"schema":"urn:x:y:1.0:Z"}]"#);
    assert!(!discovery.resource_type(&mut kind, &mut Nobody), "it is the client's now");
}

#[test]
fn the_core_schema_is_known_by_the_urn_that_the_backend_gives_it() {
    let core = "schemas: { urns: { 'urn:ietf:params:scim:schemas:core:2.0:User': 'urn:acme:scim:2.0:Person' } }";
    let both = format!("{core} }}, {{ rename: {{ names: {{ title: jobTitle }} }}");
    let there = r#"{"name":"jobTitle"}"#;
    assert_eq!(defined(&both, "urn:acme:scim:2.0:Person", there), changed(r#"{"name":"title"}"#));
    assert_eq!(defined(&both, "urn:acme:scim:2.0:Robot", there), unchanged(there));
}

#[test]
fn an_extension_that_a_rule_names_is_one_of_the_users() {
    let rows = [
        ("rename: { names: { 'urn:acme:scim:2.0:Staff:a': 'urn:acme:scim:2.0:Staff:b' } }", r#"{"name":"b"}"#),
        ("schemas: { urns: { 'urn:acme:scim:2.0:Crew': 'urn:acme:scim:2.0:Staff' } }", r#"{"name":"a"}"#),
        ("shape: { at: 'urn:acme:scim:2.0:Staff:a', to: strings }", r#"{"name":"a","type":"string"}"#),
        ("convert: { at: 'urn:acme:scim:2.0:Staff:a', to: number-as-string }", r#"{"name":"a","type":"string"}"#),
    ];
    for (entry, there) in rows {
        assert!(defined(entry, "urn:acme:scim:2.0:Staff", there).0, "{entry}");
        assert!(!defined(entry, "urn:acme:scim:2.0:Tools", there).0, "{entry}");
    }
}
