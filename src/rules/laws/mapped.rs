//! The laws of the actions that change values and URNs, each over its domain; and the counterexamples that concern them.

use std::cell::Cell;

use proptest::prelude::*;

use super::*;
use crate::rules::place::Place;
use crate::scim::filter::is_present;

/// An entry of `do`, with the attribute that it works on and the values there that it takes: JSON, left of it.
struct Mapped {
    entry: &'static str,
    at: &'static str,
    /// Empty: whatever the generator makes.
    values: &'static [&'static str],
}

const WORDS: &[&str] = &["\"a\"", "\"b\"", "\"AB\"", "\"work\""];
const TEXTS: &[&str] = &["\"a\"", "\"b\"", "\"Ab\"", "\"work\"", "\"\"", "\"é🎈\"", "\"a:b\"", "\"b@x\"", "\"true\""];
const DATES: &[&str] =
    &["\"2026-01-02T03:04:05Z\"", "\"1969-12-31T23:59:59Z\"", "\"2026-01-02T03:04:06Z\"", "\"1970-01-01T00:00:00Z\""];
const NUMBERS: &[&str] = &["1", "-7", "10", "12345678901234567890"];
const TRUTHS: &[&str] = &["true", "false"];
const JSON: &[&str] = &["{\"no\": 1e2, \"of\": [null, {}]}", "[1.0, \"a\"]", "\"a\"", "true"];

const MAPPED: &[Mapped] = &[
    mapped("map: { at: userType, values: { a: A1, b: ab, ab: 'say \"a\\b\"', work: b } }", "userType", WORDS),
    mapped("map: { at: userType, values: { a: 1, b: true, ab: x, work: 10.5 } }", "userType", WORDS),
    mapped("map: { at: 'emails[*].type', values: { a: work, work: a, b: home, ab: b } }", "emails.type", WORDS),
    mapped("map: { at: userType, values: { a: b, b: a, work: job }, else: pass }", "userType", TEXTS),
    mapped("map: { at: emails.type, values: { a: b, b: a, work: job, ab: Abe }, else: pass }", "emails.type", TEXTS),
    mapped("map: { at: 'ENT:department', values: { a: b, b: a }, else: pass }", "ENT:department", TEXTS),
    mapped("map: { at: externalId, values: { a: A, b: a, work: b }, else: pass }", "externalId", TEXTS),
    mapped("map: { at: emails.value, values: { a: x, b: a, work: b }, else: pass }", "emails.value", TEXTS),
    mapped("map: { at: active, values: { true: 'Y', false: 'N' } }", "active", TRUTHS),
    mapped("map: { at: active, values: { true: 1, false: 0 } }", "active", TRUTHS),
    mapped("map: { at: emails.verified, values: { true: false, false: true } }", "emails.verified", TRUTHS),
    mapped("convert: { at: active, to: boolean-as-int }", "active", TRUTHS),
    mapped("convert: { at: emails.verified, to: boolean-as-int }", "emails.verified", TRUTHS),
    mapped("convert: { at: favouriteNumber, to: number-as-string }", "favouriteNumber", NUMBERS),
    mapped("convert: { at: title, to: date-as-epoch }", "title", DATES),
    mapped("convert: { at: emails.display, to: date-as-epoch }", "emails.display", DATES),
    mapped("convert: { at: badge, to: json-as-string }", "badge", JSON),
    mapped("convert: { at: nickName, to: json-as-string }", "nickName", JSON),
    mapped("affix: { at: userName, prefix: \"a:\" }", "userName", TEXTS),
    mapped("affix: { at: userName, suffix: \"@x\" }", "userName", TEXTS),
    mapped("affix: { at: userName, prefix: b, suffix: b }", "userName", TEXTS),
    mapped("affix: { at: emails.value, prefix: \"ab\" }", "emails.value", TEXTS),
    mapped("affix: { at: 'ENT:manager.value', suffix: \"A\" }", "ENT:manager.value", TEXTS),
    mapped("affix: { at: externalId, prefix: Ab, suffix: a }", "externalId", TEXTS),
    mapped("schemas: { urns: { ENT: 'urn:acme:scim:2.0:Staff' } }", "ENT:department", &[]),
    mapped(
        "schemas: { urns: { ENT: 'urn:acme:scim:2.0:Badge', 'urn:acme:scim:2.0:Badge': ENT } }",
        "ENT:department",
        &[],
    ),
    mapped("schemas: { urns: { 'urn:acme:scim:2.0:Badge': 'urn:acme:scim:3.0:Badge' } }", "userName", &[]),
];

const FILLS: &[Mapped] = &[
    mapped("fill: { at: active, value: true }", "active", TRUTHS),
    mapped("fill: { at: userType, value: a }", "userType", TEXTS),
    mapped("fill: { at: name.givenName, value: ab }", "name.givenName", TEXTS),
    mapped("fill: { at: 'ENT:department', value: b }", "ENT:department", TEXTS),
    mapped("fill: { at: 'ENT:manager.value', value: b }", "ENT:manager.value", TEXTS),
];

const fn mapped(entry: &'static str, at: &'static str, values: &'static [&'static str]) -> Mapped {
    Mapped { entry, at, values }
}

impl Mapped {
    fn at(&self) -> String {
        self.at.replace("ENT", ENT)
    }

    /// Users whose values there are of the domain.
    fn user(&self) -> BoxedStrategy<Object<'static>> {
        let place = Place::parse(&self.at()).unwrap();
        let values = self.values;
        (generate::user(), prop::collection::vec(any::<prop::sample::Index>(), 5))
            .prop_map(move |(mut user, choice)| {
                if values.is_empty() {
                    return user;
                }
                let mut choice = choice.iter().cycle();
                let mut next = || generate::read(values[choice.next().unwrap().index(values.len())]);
                place.visit_holders(&mut user, &mut |parent, name| parent.set(name, next()));
                if place.attr.sub.is_none() && place.attr.extension().is_none() && user.len() % 2 == 0 {
                    attribute::put(&mut user, &place.attr, next()).unwrap();
                }
                user
            })
            .boxed()
    }

    /// Filters in which the attribute is asked for, beside any others.
    fn filter(&self) -> BoxedStrategy<Filter> {
        let values = if self.values.is_empty() { TEXTS } else { self.values };
        let values: Vec<_> = values.iter().filter(|text| !text.starts_with(['{', '['])).collect();
        let literals = prop_oneof![
            6 => prop::sample::select(values).prop_map(|text| (*text).to_owned()),
            2 => prop::sample::select(TEXTS).prop_map(str::to_owned),
            1 => prop::sample::select(vec!["null", "true", "false", "0", "1.0", "\"A1\"", "\"job\"", "\"home\"", "\"x\"", "\"A\""]).prop_map(str::to_owned),
        ];
        let ops = prop::sample::select(vec!["eq", "eq", "ne", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"]);
        let at = self.at();
        let within = at.split_once('.').map(|(head, sub)| (head.to_owned(), sub.to_owned()));
        let many = within.filter(|(head, _)| schema::is_multi_valued(&AttrPath::parse(head).unwrap()));
        let is_json = self.values == JSON; // of which only `pr` can be asked
        let leaf = (ops, literals, 0..7_u8).prop_map(move |(op, literal, form)| match (&many, form) {
            (_, 0) => format!("{at} pr"),
            (_, 1..6) if is_json => format!("{at} pr"),
            (Some((head, sub)), 1) => format!("{head}[{sub} {op} {literal}]"),
            (Some((head, sub)), 2) => format!("{head}[primary eq true or not ({sub} {op} {literal})]"),
            (Some((head, sub)), 3) => format!("{head}[display pr and {sub} {op} {literal}].value pr"),
            (Some((head, sub)), 4) => format!("{head}[type pr].{sub} {op} {literal}"),
            _ => format!("{at} {op} {literal}"),
        });
        (leaf.clone(), leaf, generate::filter(), 0..6_u8)
            .prop_map(|(leaf, other, filter, form)| match form {
                0 => leaf,
                1 => format!("not ({leaf})"),
                2 => format!("{leaf} and not ({other} or ({filter}))"),
                3 => format!("({leaf} or {other}) and ({filter})"),
                4 => filter.text().to_owned(),
                _ => format!("{leaf} or ({filter}) and {other}"),
            })
            .prop_map(|text| Filter::parse(&text).unwrap())
            .boxed()
    }

    /// Patches in which the attribute is changed to what it may be, among any other changes.
    fn patch(&self) -> BoxedStrategy<Value<'static>> {
        let values = self.values;
        let path = self.at();
        (generate::patch(), any::<prop::sample::Index>(), 0..4_u8)
            .prop_map(move |(mut patch, index, form)| {
                let kind = ["replace", "add", "remove", ""][usize::from(form)];
                if kind.is_empty() || values.is_empty() {
                    return patch;
                }
                let value = values[index.index(values.len())];
                let value = if kind == "remove" { String::new() } else { format!(", \"value\": {value}") };
                let op = generate::read(&format!("{{\"op\": \"{kind}\", \"path\": \"{path}\"{value}}}"));
                let ops = patch.as_object_mut().unwrap().get_mut("Operations").and_then(Value::as_array_mut).unwrap();
                ops.insert(0, op);
                patch
            })
            .boxed()
    }
}

/// What is asked of the backend.
fn asked(action: &Action, filter: &Filter) -> Result<Selection, ScimError> {
    let mut request = message(OperationKind::List, Body::None);
    request.selection.filter = Some(filter.clone());
    action.request(&mut request)?;
    Ok(request.selection)
}

fn translated(action: &Action, text: &str) -> String {
    let selection = asked(action, &Filter::parse(&text.replace("ENT", ENT)).unwrap()).unwrap();
    match selection.filter {
        Some(filter) => filter.text().replace(ENT, "ENT"),
        None => (if selection.matches_nothing { "never" } else { "always" }).to_owned(),
    }
}

/// Another case of the words at a place, which a backend may hold.
fn louder(at: &str, object: &Object<'static>) -> Object<'static> {
    let mut object = object.clone();
    Place::parse(at).unwrap().visit_holders(&mut object, &mut |parent, name| {
        if let Some(text) = parent.get(name).and_then(Value::as_str).map(|text| text.to_uppercase()) {
            parent.set(name, Value::string(&text));
        }
    });
    object
}

#[test]
fn law_1_a_value_comes_back() {
    for one in MAPPED {
        law(one.entry, one.user(), |action, r| {
            let o = there(action, &r).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&r))))?;
            let again = back(action, &o).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&o))))?;
            let twice = there(action, &again).unwrap();
            prop_assert!(same(&twice, &o), "\n{}\n{}\n{}", shown(&o), shown(&again), shown(&twice));
            let (mut r, mut again) = (r, again);
            if one.entry.starts_with("map") && !schema::is_case_exact(&AttrPath::parse(&one.at()).unwrap()) {
                (r, again) = (louder(&one.at(), &r), louder(&one.at(), &again));
            }
            prop_assert!(same(&again, &r), "\n{}\n{}\n{}", shown(&r), shown(&o), shown(&again));
            prop_assert_eq!(listed(&again), listed(&r));
            Ok(())
        });
    }
}

#[test]
fn law_1_what_the_backend_holds_comes_back_too() {
    for one in MAPPED {
        law(one.entry, one.user(), |action, o| {
            let Ok(r) = back(action, &o) else { return Ok(()) };
            let again = there(action, &r).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&o))))?;
            let at = one.at();
            prop_assert!(
                same(&louder(&at, &again), &louder(&at, &o)),
                "\n{}\n{}\n{}",
                shown(&o),
                shown(&r),
                shown(&again)
            );
            Ok(())
        });
    }
}

#[test]
fn law_1_what_is_filled_in_is_the_only_change() {
    for one in FILLS {
        law(one.entry, one.user(), |action, o| {
            let r = back(action, &o).map_err(refused)?;
            prop_assert!(same(&back(action, &there(action, &r).unwrap()).unwrap(), &r));
            let path = AttrPath::parse(&one.at()).unwrap();
            let mut rest = r.clone();
            if !attribute::find(&o, &path).is_some_and(is_present) {
                prop_assert!(attribute::take(&mut rest, &path).is_some_and(|value| is_present(&value)));
            }
            let without = |mut object: Object<'static>| {
                if attribute::find(&object, &path).is_some_and(|value| !is_present(value)) {
                    attribute::take(&mut object, &path);
                }
                object
            };
            prop_assert!(same(&rest, &without(o.clone())), "\n{}\n{}", shown(&o), shown(&r));
            Ok(())
        });
    }
}

#[test]
fn law_2_a_filter_finds_what_it_found() {
    for one in MAPPED {
        let answered = Cell::new(0);
        law(one.entry, (one.filter(), one.user(), any::<bool>()), |action, (f, r, is_loud)| {
            let mut o = there(action, &r).unwrap();
            if is_loud {
                o = louder(&one.at(), &o);
            }
            finds_the_same(action, &f, o, &answered)
        });
        assert!(answered.get() >= Config::default().cases / 10, "{}: {} answered", one.entry, answered.get());
    }
}

#[test]
fn law_2_holds_over_whatever_the_backend_holds_and_can_be_read() {
    for one in MAPPED.iter().chain(FILLS) {
        let answered = Cell::new(0);
        law(one.entry, (one.filter(), one.user()), |action, (f, o)| finds_the_same(action, &f, o, &answered));
    }
}

/// As `settle`, also of the extension's other names.
fn settle_all(object: &mut Object<'_>) {
    for urn in [ENT, "urn:acme:scim:2.0:Staff", "urn:acme:scim:2.0:Badge", "urn:acme:scim:3.0:Badge"] {
        let present = Filter::parse(&format!("{urn} pr")).unwrap();
        if !filter::matches(present.root(), object) {
            attribute::forget_schema(object, &Urn::parse(urn).unwrap());
        }
    }
}

/// Whether the translated filter finds the backend's resource exactly if the filter finds what the client is shown of it.
/// What can't be read, and what can't be said, is refused; `answered` counts the rest.
fn finds_the_same(
    action: &Action,
    f: &Filter,
    mut o: Object<'static>,
    answered: &Cell<u32>,
) -> Result<(), TestCaseError> {
    settle_all(&mut o);
    let Ok(mut r) = back(action, &o) else { return Ok(()) };
    settle_all(&mut r);
    let Ok(there) = asked(action, f) else { return Ok(()) };
    answered.set(answered.get() + 1);
    let found = there.filter.as_ref().is_none_or(|filter| filter::matches(filter.root(), &o)) && !there.matches_nothing;
    let expected = filter::matches(f.root(), &r);
    prop_assert_eq!(found, expected, "\n{}\n{:?}\n{}\n{}", f, there.filter, shown(&r), shown(&o));
    Ok(())
}

#[test]
fn law_3_a_patch_does_what_it_did() {
    let many = |path: &AttrPath| schema::is_multi_valued(path);
    for one in MAPPED.iter().chain(FILLS) {
        law(one.entry, (one.patch(), one.user(), any::<bool>()), |action, (p, r, in_parts)| {
            let server = Server { many: &many, replacing: if in_parts { Replacing::Parts } else { Replacing::Whole } };
            let translated = patch_there(action, &p).map_err(refused)?;
            let (mut before, mut after) = (r.clone(), there(action, &r).unwrap());
            let expected = server.apply(&p, &mut before);
            prop_assert_eq!(server.apply(&translated, &mut after), expected, "\n{}\n{}\n{}", p, translated, shown(&r));
            if expected.is_ok() {
                let before = there(action, &before).map_err(refused)?;
                let all = || format!("\n{p}\n{translated}\n{}\n{}\n{}", shown(&r), shown(&before), shown(&after));
                prop_assert!(same(&before, &after), "{}", all());
            }
            Ok(())
        });
    }
}

#[test]
fn law_6_what_no_rule_names_keeps_its_bytes() {
    for one in MAPPED.iter().chain(FILLS) {
        law(one.entry, one.user(), |action, r| {
            let bytes = spaced(&Value::Object(r));
            let Ok(Value::Object(r)) = json::parse(bytes.as_bytes()) else { panic!("{bytes}") };
            let (o, is_changed) = told(action, &r).map_err(refused)?;
            let compact = |object: &Object<'_>| Value::Object(object.clone()).into_owned().to_string();
            prop_assert!(is_changed || compact(&o) == compact(&r), "{}", shown(&o));
            for (name, before, after) in kept(&r, &o) {
                let is_named = one.at().contains(&name) || name == "schemas" || one.entry.contains(&name);
                prop_assert!(is_named || before == after, "{}: {} {}", name, before, after);
            }
            Ok(())
        });
    }
}

#[test]
fn law_7_no_message_makes_an_action_panic() {
    for one in MAPPED.iter().chain(FILLS) {
        law(one.entry, (generate::anything(), one.filter()), |action, (value, filter)| {
            let _ = action.request(&mut message(OperationKind::Create, Body::Resource(value.clone())));
            let mut list = Object::new();
            list.set("Operations", value.clone());
            let _ = action.request(&mut message(OperationKind::Patch, Body::Patch(Value::Object(list))));
            if let Value::Object(resource) = &value {
                let _ = back(action, resource);
            }
            let _ = asked(action, &filter);
            Ok(())
        });
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
