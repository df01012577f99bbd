//! What these actions do, by example: the counterexamples that concern them, filters, patches, and what is refused at load.

use super::*;

fn translated(action: &Action, text: &str) -> String {
    let selection = asked(action, &Filter::parse(&text.replace("ENT", ENT)).unwrap()).unwrap();
    match selection.filter {
        Some(filter) => filter.text().replace(ENT, "ENT"),
        None => (if selection.matches_nothing { "never" } else { "always" }).to_owned(),
    }
}

#[test]
fn counterexample_2_a_literal_that_reaches_into_the_affix_is_refused() {
    let prefix = action("affix: { at: userName, prefix: 'acme\\' }");
    let suffix = action("affix: { at: userName, suffix: '@x' }");
    let refusal = |action: &Action, text: &str| asked(action, &Filter::parse(text).unwrap()).unwrap_err().scim_type;
    assert_eq!(refusal(&prefix, "userName co \"a\""), Some(ScimType::InvalidFilter));
    assert_eq!(refusal(&suffix, "userName le \"a\""), Some(ScimType::InvalidFilter));
    assert_eq!(translated(&prefix, "userName co \"b\""), "userName co \"b\"");
    assert_eq!(translated(&prefix, "not (userName sw \"a\")"), "not (userName sw \"acme\\\\a\")");
    let number = action("convert: { at: favouriteNumber, to: number-as-string }");
    assert_eq!(refusal(&number, "favouriteNumber gt 2"), Some(ScimType::InvalidFilter), "10 is less than 2 as text");
}

#[test]
fn counterexample_8_what_no_filter_could_find_is_not_read() {
    for (entry, held) in [
        ("convert: { at: active, to: boolean-as-int }", "{\"active\": \"1\"}"),
        ("affix: { at: userName, prefix: 'acme:' }", "{\"userName\": \"ada\"}"),
        ("affix: { at: userName, prefix: 'acme:' }", "{\"userName\": \"ACME:ada\"}"),
        ("map: { at: userType, values: { Employee: E } }", "{\"userType\": \"X\"}"),
        ("map: { at: userType, values: { Employee: E }, else: pass }", "{\"userType\": \"Employee\"}"),
    ] {
        let Value::Object(held) = generate::read(held) else { panic!("{held}") };
        assert!(back(&action(entry), &held).is_err(), "{entry}");
    }
    let map = action("map: { at: userType, values: { Employee: E }, else: pass }");
    let Value::Object(sent) = generate::read("{\"userType\": \"e\"}") else { panic!() };
    assert_eq!(
        there(&map, &sent).unwrap_err().scim_type,
        Some(ScimType::InvalidValue),
        "it would come back as Employee"
    );
}

#[test]
fn an_unlisted_literal_is_a_constant() {
    let map = action("map: { at: emails.type, values: { work: business, home: private } }");
    for (text, expected) in [
        ("emails.type eq \"other\"", "never"),
        ("emails.type ne \"other\"", "always"),
        ("not (emails.type eq \"other\") and userName pr", "userName pr"),
        ("emails[type eq \"other\"].value pr", "never"),
        (
            "emails[type eq \"Work\" and primary eq true].value sw \"a\"",
            "emails[type eq \"business\" and primary eq true].value sw \"a\"",
        ),
        (
            "not (emails[type eq \"work\" or not (type eq \"home\")])",
            "not (emails[type eq \"business\" or not (type eq \"private\")])",
        ),
        ("emails.type co \"o\"", "(emails.type eq \"business\" or emails.type eq \"private\")"),
        ("emails[type co \"or\" and value pr]", "emails[type eq \"business\" and value pr]"),
        ("emails[type ne \"other\"]", "emails[type pr or not (type pr)]"),
        ("emails.type pr", "emails.type pr"),
    ] {
        assert_eq!(translated(&map, text), expected, "{text}");
    }
}

#[test]
fn a_value_filter_is_mapped_in_a_patch_path() {
    let map = action("map: { at: 'emails[*].type', values: { work: business, home: private } }");
    let translated = |op: &str| patch_there(&map, &generate::read(&format!("{{\"Operations\": [{op}]}}")));
    let shown = |op: &str| translated(op).unwrap().to_string();
    assert_eq!(
        shown(r#"{"op":"replace","path":"emails[type eq \"work\" and primary eq true].value","value":"a"}"#),
        r#"{"Operations":[{"op":"replace","path":"emails[type eq \"business\" and primary eq true].value","value":"a"}]}"#
    );
    assert_eq!(
        shown(r#"{"op":"remove","path":"emails[type ne \"other\"]"}"#),
        r#"{"Operations":[{"op":"remove","path":"emails"}]}"#
    );
    for kind in ["add", "replace", "remove"] {
        let op = format!(r#"{{"op":"{kind}","path":"emails[type eq \"other\"].value","value":"a"}}"#);
        assert_eq!(translated(&op).unwrap_err().scim_type, Some(ScimType::NoTarget));
    }
    let op = r#"{"op":"replace","path":"emails[value pr].type","value":"other"}"#;
    assert_eq!(translated(op).unwrap_err().scim_type, Some(ScimType::InvalidValue));
}

#[test]
fn what_passes_is_not_taken_for_what_is_listed() {
    let map = action("map: { at: userType, values: { a: b, b: a, work: job }, else: pass }");
    for (text, expected) in [
        ("userType eq \"a\"", "userType eq \"b\""),
        ("userType eq \"other\"", "userType eq \"other\""),
        ("userType eq \"job\"", "never"),
        ("userType ne \"JOB\"", "always"),
        ("userType sw \"j\"", "(userType sw \"j\" and userType ne \"job\")"),
        ("userType gt \"j\"", "((userType gt \"j\") or userType eq \"job\")"),
    ] {
        let expected = expected.replace("((userType gt \"j\")", "(userType gt \"j\"");
        assert_eq!(translated(&map, text), expected, "{text}");
    }
    let map = action("map: { at: emails.type, values: { work: job }, else: pass }");
    assert_eq!(translated(&map, "emails.type sw \"j\""), "emails[type sw \"j\" and type ne \"job\"]");
    let map = action("map: { at: tags.kind, values: { work: job }, else: pass }");
    assert!(asked(&map, &Filter::parse("tags.kind sw \"j\"").unwrap()).is_err(), "it may have several values");
}

#[test]
fn json_text_is_patched_as_a_whole_or_not_at_all() {
    let convert = action("convert: { at: badge, to: json-as-string }");
    let outcome = |op: &str| {
        patch_there(&convert, &generate::read(&format!("{{\"Operations\": [{op}]}}")))
            .map(|message| message.to_string())
            .map_err(|error| error.scim_type)
    };
    for op in [
        r#"{"op":"replace","path":"badge.no","value":1}"#,
        r#"{"op":"remove","path":"badge[no eq 1]"}"#,
        r#"{"op":"replace","path":"badge","value":{"no":1}}"#,
        r#"{"op":"add","value":{"badge":[1]}}"#,
    ] {
        assert_eq!(outcome(op), Err(Some(ScimType::InvalidPath)), "{op}");
    }
    assert_eq!(
        outcome(r#"{"op":"replace","value":{"badge":[1.0, "a"]}}"#).unwrap(),
        r#"{"Operations":[{"op":"replace","value":{"badge":"[1.0,\"a\"]"}}]}"#
            .replace("[1.0,\"a\"]", "[1.0,\\\"a\\\"]")
    );
    assert!(outcome(r#"{"op":"remove","path":"badge"}"#).is_ok());
    for text in ["badge.no pr", "badge eq \"a\"", "badge[no eq 1]", "badge co \"a\""] {
        let refused = asked(&convert, &Filter::parse(text).unwrap()).unwrap_err();
        assert_eq!(refused.scim_type, Some(ScimType::InvalidFilter), "{text}");
    }
}

#[test]
fn what_is_filled_in_is_found_and_always_asked_for() {
    let fill = action("fill: { at: active, value: true }");
    for (text, expected) in [
        ("active eq true", "(active eq true or not (active pr))"),
        ("active ne true", "(active pr and active ne true)"),
        ("active eq false", "active eq false"),
        ("active ne false", "(active ne false or not (active pr))"),
        ("active pr", "always"),
        ("active eq null", "never"),
        ("not (active pr) or userName pr", "userName pr"),
    ] {
        assert_eq!(translated(&fill, text), expected, "{text}");
    }
    let mut request = message(OperationKind::List, Body::None);
    request.selection.attributes = vec![AttrPath::parse("userName").unwrap()];
    request.selection.excluded = vec![AttrPath::parse("active").unwrap()];
    fill.request(&mut request).unwrap();
    let names: Vec<_> = request.selection.attributes.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["userName", "active"]);
    assert!(request.selection.excluded.is_empty());
    let mut request = message(OperationKind::List, Body::None);
    request.selection.sort_by = AttrPath::parse("active").ok();
    assert!(fill.request(&mut request).is_err());
}

#[test]
fn a_urn_changes_wherever_it_stands() {
    let schemas = action("schemas: { urns: { ENT: 'urn:acme:scim:2.0:Staff' } }");
    for (text, expected) in [
        ("schemas eq \"ENT\"", "schemas eq \"urn:acme:scim:2.0:Staff\""),
        (
            "not (schemas ne \"ENT\" and ENT:department pr)",
            "not (schemas ne \"urn:acme:scim:2.0:Staff\" and urn:acme:scim:2.0:Staff:department pr)",
        ),
        ("schemas eq \"urn:acme:scim:2.0:Staff\"", "never"),
        ("schemas co \"user\" or ENT pr", "refused"),
        ("schemas co \"scim\" or ENT pr", "schemas co \"scim\" or urn:acme:scim:2.0:Staff pr"),
    ] {
        if expected == "refused" {
            assert!(asked(&schemas, &Filter::parse(&text.replace("ENT", ENT)).unwrap()).is_err());
        } else {
            assert_eq!(translated(&schemas, text), expected, "{text}");
        }
    }
    let p = format!(
        r#"{{"Operations":[{{"op":"replace","path":"{ENT}:manager.value","value":"7"}},{{"op":"add","path":"schemas","value":["{ENT}"]}},{{"op":"add","value":{{"{ENT}":{{"department":"D"}}}}}},{{"op":"remove","path":"{ENT}"}}]}}"#
    );
    let translated = patch_there(&schemas, &generate::read(&p)).unwrap().to_string();
    assert_eq!(translated, p.replace(ENT, "urn:acme:scim:2.0:Staff"));
    let Value::Object(sent) = generate::read(r#"{"urn:acme:scim:2.0:Staff": {"department": "D"}}"#) else { panic!() };
    assert!(there(&schemas, &sent).is_err());
    let mut request = message(OperationKind::List, Body::None);
    request.selection.attributes = vec![AttrPath::parse(&format!("{ENT}:department")).unwrap()];
    request.selection.sort_by = AttrPath::parse(&format!("{ENT}:costCenter")).ok();
    schemas.request(&mut request).unwrap();
    assert_eq!(request.selection.attributes[0].to_string(), "urn:acme:scim:2.0:Staff:department");
    assert_eq!(request.selection.sort_by.unwrap().to_string(), "urn:acme:scim:2.0:Staff:costCenter");
    let core =
        action("schemas: { urns: { 'urn:scim:schemas:core:1.0': 'urn:ietf:params:scim:schemas:core:2.0:User' } }");
    assert_eq!(self::translated(&core, "urn:scim:schemas:core:1.0:userName eq \"a\""), "userName eq \"a\"");
}

#[test]
fn load_refuses_what_cannot_be_undone() {
    let codes = |entry: &str| {
        let mut faults = Faults::new();
        let node = yaml::parse("laws.yaml", entry, &mut faults).unwrap();
        actions::read(&node, &mut faults);
        faults.iter().map(|fault| fault.code).collect::<Vec<_>>()
    };
    for (entry, code) in [
        ("map: { at: userType, values: { a: x, b: X } }", "R0443"),
        ("map: { at: userType, values: { é: x, É: y } }", "R0443"),
        ("map: { at: userType, values: { a: 1, b: 1.0 } }", "R0443"),
        ("map: { at: userType, values: { a: true, b: 'true' } }", "R0443"),
        ("map: { at: userType, values: { '': x } }", "R0442"),
        ("map: { at: userType, values: { a: '' } }", "R0442"),
        ("map: { at: userType, values: { a: [b] } }", "R0442"),
        ("map: { at: active, values: { yes: x } }", "R0442"),
        ("map: { at: userType, values: {} }", "R0103"),
        ("map: { at: userType, values: { a: x }, else: hide }", "R0104"),
        ("map: { at: emails, values: { a: x } }", "R0440"),
        ("map: { at: id, values: { a: x } }", "R0410"),
        ("map: { at: schemas, values: { a: x } }", "R0410"),
        ("affix: { at: userName }", "R0103"),
        ("affix: { at: active, prefix: x }", "R0444"),
        ("affix: { at: meta.version, prefix: x }", "R0410"),
        ("convert: { at: name, to: boolean-as-int }", "R0440"),
        ("convert: { at: active, to: date-as-epoch }", "R0441"),
        ("convert: { at: id, to: date-as-epoch }", "R0441"),
        ("fill: { at: 'emails[*].type', value: work }", "R0445"),
        ("fill: { at: userType, value: '' }", "R0442"),
        ("fill: { at: userType, value: null }", "R0442"),
        ("schemas: { urns: { ENT: userName } }", "R0446"),
        ("schemas: { urns: { 'urn:a:b:1.0': 'urn:c:d:1.0', 'urn:e:f:1.0': 'URN:c:d:1.0' } }", "R0443"),
    ] {
        let entry = entry.replace("ENT", ENT);
        assert_eq!(codes(&entry), [code], "{entry}");
    }
    assert!(codes("map: { at: externalId, values: { a: x, b: X } }").is_empty(), "there case counts");
    assert!(codes("convert: { at: meta.created, to: date-as-epoch }").is_empty());
}
