//! The laws of `shape`, over resources in each form's domain, and what lies outside it refused; with the model's
//! counterexamples 3, 4, 6, 7 and 10.

use super::generate::{change, element_filter, logic, op, pick, test};
use super::*;

/// A form, and how it is held against the laws.
struct Shaped {
    entry: &'static str,
    /// The attribute.
    name: &'static str,
    /// Names on the right with several values, of those that have several on the left.
    many: &'static [&'static str],
    /// Brings a resource into the domain.
    enter: fn(&mut Object<'static>),
}

const SINGLE: Shaped =
    Shaped { entry: "shape: { at: emails, to: single }", name: "emails", many: &["phoneNumbers"], enter: at_most_one };

const STRINGS: Shaped = Shaped {
    entry: "shape: { at: emails, to: strings }",
    name: "emails",
    many: &["emails", "phoneNumbers"],
    enter: only_values,
};

const MANAGER: Shaped = Shaped {
    entry: "shape: { at: 'ENT:manager', to: strings }",
    name: "ENT:manager",
    many: &["emails", "phoneNumbers"],
    enter: manager_is_a_value,
};

const DOTTED: Shaped = Shaped {
    entry: "shape: { at: name, to: dotted }",
    name: "name",
    many: &["emails", "phoneNumbers"],
    enter: as_it_is,
};

const DOTTED_MANAGER: Shaped = Shaped {
    entry: "shape: { at: 'ENT:manager', to: dotted }",
    name: "ENT:manager",
    many: &["emails", "phoneNumbers"],
    enter: as_it_is,
};

const SLOTS: Shaped = Shaped {
    entry: "shape: { at: emails, to: by-type, slots: { work: workEmail, home: homeEmail } }",
    name: "emails",
    many: &["phoneNumbers"],
    enter: one_of_each_type,
};

const KEPT: Shaped = Shaped {
    entry: "shape: { at: emails, to: by-type, slots: { work: workEmail, home: homeEmail }, rest: keep }",
    name: "emails",
    many: &["emails", "phoneNumbers"],
    enter: as_it_is,
};

const ALL: &[Shaped] = &[SINGLE, STRINGS, MANAGER, DOTTED, DOTTED_MANAGER, SLOTS, KEPT];

fn as_it_is(_: &mut Object<'static>) {}

fn at_most_one(user: &mut Object<'static>) {
    let Some(Value::Array(list)) = user.get_mut("emails") else { return };
    list.items_mut().truncate(1);
    let said = Filter::parse("emails pr").unwrap();
    if !filter::matches(said.root(), user) {
        user.remove("emails");
    }
}

fn only_values(user: &mut Object<'static>) {
    let Some(Value::Array(list)) = user.get_mut("emails") else { return };
    let mut seen = Vec::new();
    for entry in list.items_mut().iter_mut().filter_map(Value::as_object_mut) {
        entry.retain(|member| member.key == "value");
    }
    list.items_mut().retain(|entry| {
        let text = entry.as_object().and_then(|one| one.get("value")?.as_str()).unwrap_or_default().to_lowercase();
        let fits = !text.is_empty() && !seen.contains(&text);
        seen.push(text);
        fits
    });
}

fn manager_is_a_value(user: &mut Object<'static>) {
    let Some(Value::Object(extension)) = user.get_mut(ENT) else { return };
    let Some(Value::Object(manager)) = extension.get_mut("manager") else { return };
    manager.retain(|member| member.key == "value");
    let is_empty = manager.get("value").and_then(Value::as_str).is_none_or(|text| text.is_empty());
    if is_empty {
        extension.remove("manager");
    }
}

fn one_of_each_type(user: &mut Object<'static>) {
    let Some(Value::Array(list)) = user.get_mut("emails") else { return };
    let kinds = ["home", "work"];
    list.items_mut().truncate(2);
    for (entry, kind) in list.items_mut().iter_mut().filter_map(Value::as_object_mut).zip(kinds) {
        entry.retain(|member| member.key == "value");
        if entry.get("value").and_then(Value::as_str).is_none_or(|text| text.is_empty()) {
            entry.set("value", Value::string("x"));
        }
        entry.set("type", Value::string(kind));
    }
}

fn inside(shaped: &Shaped) -> BoxedStrategy<Object<'static>> {
    let enter = shaped.enter;
    let user = generate::user().prop_map(move |mut user| {
        enter(&mut user);
        user
    });
    user.boxed()
}

/// Equal at rest, up to the order of entries.
fn alike(one: &Object<'_>, other: &Object<'_>) -> bool {
    let sorted = |object: &Object<'_>| {
        let mut object = at_rest(&Value::Object(object.clone()));
        if let Some(Value::Array(list)) = object.as_object_mut().unwrap().get_mut("emails") {
            list.items_mut().sort_by_key(|entry| {
                let part = |name| entry.as_object().and_then(|one| one.get(name)).map(ToString::to_string);
                (part("type"), part("value"), part("display"), part("primary"), part("verified"))
            });
        }
        match object {
            Value::Object(object) => object,
            other => panic!("{other}"),
        }
    };
    same(&sorted(one), &sorted(other))
}

/// How a server that knows `name.givenName` as one name sees a text: as one name.
fn dotless(shaped: &Shaped, text: &str) -> String {
    if !shaped.entry.contains("dotted") {
        return text.to_owned();
    }
    let last = shaped.name.rsplit(':').next().unwrap();
    text.replace(&format!("{last}.$"), &format!("{last}-")).replace(&format!("{last}."), &format!("{last}-"))
}

fn dotless_object(shaped: &Shaped, object: &Object<'_>) -> Object<'static> {
    match generate::read(&dotless(shaped, &shown(object))) {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

fn filter_about(shaped: &Shaped) -> BoxedStrategy<Filter> {
    let leaf = match shaped.name {
        "emails" => {
            let flat = pick(&["emails", "emails.value", "emails.type", "emails.primary"]);
            let elements = element_filter().prop_map(|inner| format!("emails[{inner}]"));
            let after = (element_filter(), pick(&["value", "type"]), pick(&["pr", "eq \"a\"", "co \"\"", "ne \"a\""]))
                .prop_map(|(inner, sub, test)| format!("emails[{inner}].{sub} {test}"));
            prop_oneof![3 => test(flat), 3 => elements, 1 => after].boxed()
        }
        "name" => test(pick(&["name", "name.givenName", "name.familyName", "name.FORMATTED"])),
        _ => test(pick(&["ENT:manager", "ENT:manager.value", "ENT:manager.displayName", "ENT", "ENT:department"])),
    };
    let leaf = prop_oneof![5 => leaf, 1 => test(pick(&["userName", "title"]))].boxed();
    let about = prop_oneof![2 => leaf.clone(), 1 => logic(leaf)];
    about.prop_map(|text| Filter::parse(&text).unwrap_or_else(|fault| panic!("{text}: {fault}"))).boxed()
}

fn patch_about(shaped: &'static Shaped) -> BoxedStrategy<Value<'static>> {
    let name = shaped.name.replace("ENT", ENT);
    let value = inside(shaped).prop_filter_map("the attribute is there", move |user| {
        let value = attribute::find(&user, &AttrPath::parse(&name).unwrap())?.clone();
        (!value.is_null() && value.as_object().is_none_or(|one| !one.is_empty())).then_some(value)
    });
    let name = move || shaped.name.replace("ENT", ENT);
    let whole = (change(), value.clone()).prop_map(move |(kind, value)| op(&kind, Some(&name()), Some(value)));
    let among = (change(), value, any::<bool>()).prop_map(move |(kind, value, more)| {
        let mut part = Object::new();
        attribute::put(&mut part, &AttrPath::parse(&name()).unwrap(), value).unwrap();
        if more {
            part.set("title", Value::string("t"));
        }
        op(&kind, None, Some(Value::Object(part)))
    });
    let gone = Just(()).prop_map(move |()| op("remove", Some(&name()), None));
    let typed = pick(&[
        "emails[type eq \"work\"]",
        "emails[type eq \"home\" or primary eq true]",
        "emails[not (type eq \"work\")]",
        "emails[value eq \"a\"]",
        "emails[type eq \"work\"].value",
    ]);
    let typed = typed.prop_map(|path| op("remove", Some(&path), None));
    let part = pick(&["name.givenName", "title"]);
    let part = (change(), part).prop_map(|(kind, path)| op(&kind, Some(&path), Some(Value::string("p"))));
    let each = prop_oneof![6 => whole, 6 => among, 2 => gone, 2 => typed, 1 => part];
    prop::collection::vec(each, 1..3)
        .prop_map(|ops| {
            let mut message = Object::new();
            message.set("Operations", Value::Array(Array::from(ops)));
            Value::Object(message)
        })
        .boxed()
}

/// As [`law`]; a filter or PATCH that has no exact form is no case.
fn law_of<S: Strategy>(entry: &str, cases: S, holds: impl Fn(&Action, S::Value) -> Result<(), TestCaseError>) {
    let action = action(entry);
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(Config { max_global_rejects: config.cases * 8, ..config });
    if let Err(fault) = runner.run(&cases, |case| holds(&action, case)) {
        panic!("{entry}: {fault}");
    }
}

#[test]
fn law_1_a_shaped_resource_comes_back() {
    for shaped in ALL {
        law(shaped.entry, inside(shaped), |action, r| {
            let o = there(action, &r).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&r))))?;
            let again = back(action, &o).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&o))))?;
            prop_assert!(alike(&again, &r), "\n{}\n{}\n{}", shown(&r), shown(&o), shown(&again));
            let twice = there(action, &again).unwrap();
            prop_assert!(alike(&twice, &o), "\n{}\n{}\n{}", shown(&o), shown(&again), shown(&twice));
            Ok(())
        });
    }
}

#[test]
fn law_1_whatever_is_not_refused_comes_back() {
    for shaped in ALL {
        law(shaped.entry, generate::user(), |action, r| {
            match there(action, &r) {
                Ok(o) => prop_assert!(alike(&back(action, &o).unwrap(), &r), "\n{}\n{}", shown(&r), shown(&o)),
                Err(error) => prop_assert_eq!(error.scim_type, Some(ScimType::InvalidValue)),
            }
            Ok(())
        });
    }
}

/// What a backend may hold: what this side made, and what it would never have made.
fn held(shaped: &Shaped) -> BoxedStrategy<(Object<'static>, Object<'static>)> {
    let slot = || prop::option::of(generate::text());
    let name = shaped.name;
    let strays = (generate::user(), slot(), slot(), prop::collection::vec(generate::text(), 0..3), 0..6_u8).prop_map(
        move |(mut user, work, home, texts, kind)| {
            let texts = || texts.iter().map(|text| Value::string(text)).collect::<Vec<_>>();
            match (name, kind) {
                ("emails", 0) => user.set("emails", Value::Array(Array::from(texts()))),
                ("emails", 1) => user.set("emails", texts().first().cloned().unwrap_or(Value::Null)),
                ("emails", 2) => drop(user.remove("emails")),
                ("emails", 3) => {
                    let one = user.get("emails").and_then(Value::as_array).and_then(|list| list.get(0)).cloned();
                    user.set("emails", one.unwrap_or(Value::Null));
                }
                ("name", 0..3) => drop(user.remove("name")),
                _ => {}
            }
            let named = [("workEmail", work.clone()), ("homeEmail", home.clone())];
            for (slot, value) in named.into_iter().chain([("name.givenName", work), ("name.familyName", home)]) {
                if let Some(value) = value {
                    user.set(slot, Value::string(&value));
                }
            }
            user
        },
    );
    (inside(shaped), strays).boxed()
}

#[test]
fn law_1_what_a_backend_holds_comes_back_to_it() {
    for shaped in ALL {
        law_of(shaped.entry, held(shaped), |action, (_, o)| {
            let r = back(action, &o).map_err(refused)?;
            let mut expected = at_rest(&Value::Object(o.clone()));
            // An empty text in a slot is a free slot.
            for slot in ["workEmail", "homeEmail"] {
                let o = expected.as_object_mut().unwrap();
                if shaped.entry.contains(slot) && o.get(slot) == Some(&Value::string("")) {
                    o.remove(slot);
                }
            }
            let again = there(action, &r).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&r))))?;
            prop_assert!(
                alike(expected.as_object().unwrap(), &again),
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
fn law_2_a_filter_finds_the_shaped() {
    for shaped in ALL {
        let cases = (filter_about(shaped), held(shaped), any::<bool>());
        law_of(shaped.entry, cases, |action, (f, (r, stray), made)| {
            let translated = filter_there(action, &f).map_err(refused)?;
            let mut o = if made { there(action, &r).unwrap() } else { stray };
            settle(&mut o);
            let mut r = back(action, &o).map_err(refused)?;
            settle(&mut r);
            let expected = filter::matches(f.root(), &r);
            let asked = Filter::parse(&dotless(shaped, translated.text())).unwrap();
            let found = filter::matches(asked.root(), &dotless_object(shaped, &o));
            prop_assert_eq!(found, expected, "\n{}\n{}\n{}\n{}", f, translated, shown(&r), shown(&o));
            Ok(())
        });
    }
}

#[test]
fn law_3_a_patch_of_the_shaped_does_what_it_did() {
    for shaped in ALL {
        let cases = prop_oneof![3 => patch_about(shaped), 1 => generate::patch()];
        law_of(shaped.entry, (cases, inside(shaped)), |action, (p, r)| {
            let translated = patch_there(action, &p).map_err(refused)?;
            let is_many = |path: &AttrPath| schema::is_multi_valued(path);
            let stays_many =
                |path: &AttrPath| is_many(path) && (path.to_string() != "emails" || shaped.many.contains(&"emails"));
            let replacing = Replacing::Parts;
            let (left, right) = (Server { many: &is_many, replacing }, Server { many: &stays_many, replacing });
            let mut before = r.clone();
            let mut after = dotless_object(shaped, &there(action, &r).unwrap());
            let expected = left.apply(&p, &mut before);
            let found = right.apply(&generate::read(&dotless(shaped, &translated.to_string())), &mut after);
            prop_assert_eq!(found, expected, "\n{}\n{}\n{}", p, translated, shown(&r));
            if expected.is_ok() {
                let before = there(action, &before).map_err(refused)?;
                let before = dotless_object(shaped, &before);
                prop_assert!(
                    alike(&before, &after),
                    "\n{}\n{}\n{}\n{}\n{}",
                    p,
                    translated,
                    shown(&r),
                    shown(&before),
                    shown(&after)
                );
            }
            Ok(())
        });
    }
}

#[test]
fn law_6_what_a_shape_does_not_name_keeps_its_bytes() {
    for shaped in ALL {
        law(shaped.entry, inside(shaped), |action, r| {
            let bytes = spaced(&Value::Object(r));
            let Ok(Value::Object(r)) = json::parse(bytes.as_bytes()) else { panic!("{bytes}") };
            let (o, is_changed) = told(action, &r).unwrap();
            let compact = |object: &Object<'_>| Value::Object(object.clone()).into_owned().to_string();
            prop_assert_eq!(is_changed, compact(&o) != compact(&r), "{}", shown(&o));
            for (name, before, after) in kept(&r, &o) {
                let is_named = shaped.name.replace("ENT", ENT).contains(&name);
                prop_assert!(is_named || before == after, "{}: {} {}", name, before, after);
            }
            Ok(())
        });
    }
}

#[test]
fn law_7_no_message_makes_a_shape_panic() {
    for shaped in ALL {
        law(shaped.entry, (generate::anything(), generate::filter(), filter_about(shaped)), |action, (value, f, g)| {
            let _ = action.request(&mut message(OperationKind::Create, Body::Resource(value.clone())));
            let mut list = Object::new();
            list.set("Operations", value.clone());
            let _ = action.request(&mut message(OperationKind::Patch, Body::Patch(Value::Object(list))));
            if let Value::Object(resource) = &value {
                let _ = back(action, resource);
            }
            let _ = (filter_there(action, &f), filter_there(action, &g));
            Ok(())
        });
    }
}

fn object(text: &str) -> Object<'static> {
    match generate::read(&text.replace("ENT", ENT)) {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

fn asked(action: &Action, text: &str) -> String {
    let asked = Filter::parse(&text.replace("ENT", ENT)).unwrap();
    match filter_there(action, &asked) {
        Ok(translated) => translated.text().replace(ENT, "ENT"),
        Err(error) => error.scim_type.map_or(String::new(), |kind| kind.as_str().to_owned()),
    }
}

/// The operations in the place of one; or the `scimType` of the refusal.
fn patched(action: &Action, op: &str) -> String {
    let message = generate::read(&format!("{{\"Operations\": [{}]}}", op.replace("ENT", ENT)));
    match patch_there(action, &message) {
        Ok(message) => {
            let text = message.to_string().replace(ENT, "ENT");
            text.strip_prefix("{\"Operations\":[").and_then(|rest| rest.strip_suffix("]}")).unwrap().to_owned()
        }
        Err(error) => error.scim_type.map_or(String::new(), |kind| kind.as_str().to_owned()),
    }
}

fn table(entry: &str, how: fn(&Action, &str) -> String, rows: &[(&str, &str)]) {
    let action = action(entry);
    for (text, expected) in rows {
        assert_eq!(how(&action, text), *expected, "{entry}: {text}");
    }
}

#[test]
fn counterexample_3_a_second_value_does_not_silently_replace_the_single_one() {
    table(
        SINGLE.entry,
        patched,
        &[
            (r#"{"op":"add","path":"emails","value":[{"value":"y"}]}"#, "invalidPath"),
            (r#"{"op":"add","value":{"emails":[{"value":"y"}]}}"#, "invalidPath"),
            (r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"y"}"#, "invalidPath"),
            (r#"{"op":"replace","path":"emails","value":[{"value":"x"},{"value":"y"}]}"#, "invalidValue"),
            (r#"{"op":"remove","path":"emails"}"#, r#"{"op":"remove","path":"emails"}"#),
            (r#"{"op":"replace","path":"emails","value":[]}"#, r#"{"op":"remove","path":"emails"}"#),
            (
                r#"{"op":"replace","value":{"title":"t","emails":[{"value":"x"}]}}"#,
                r#"{"op":"replace","value":{"title":"t"}},{"op":"remove","path":"emails"},{"op":"add","path":"emails","value":{"value":"x"}}"#,
            ),
        ],
    );
}

#[test]
fn a_value_path_is_guarded_where_there_is_only_one_value() {
    table(
        SINGLE.entry,
        asked,
        &[
            ("emails[type eq \"work\"]", "(emails pr and emails.type eq \"work\")"),
            ("not (emails[not (type eq \"work\")])", "not ((emails pr and not (emails.type eq \"work\")))"),
            (
                "emails[type eq \"work\" and value co \"a\"]",
                "(emails pr and (emails.type eq \"work\" and emails.value co \"a\"))",
            ),
            (
                "emails[type eq \"work\"].value ne \"a\"",
                "(not (emails pr and emails.type eq \"work\") or emails.value ne \"a\")",
            ),
            ("emails.value eq \"a\" and emails pr", "emails.value eq \"a\" and emails pr"),
        ],
    );
    table(
        "shape: { at: tags, to: single }",
        asked,
        &[("tags eq \"a\"", "tags eq \"a\""), ("tags[value pr]", "invalidFilter")],
    );
}

#[test]
fn counterexample_4_what_is_asked_of_one_entry_is_not_asked_of_a_list_of_texts() {
    table(
        STRINGS.entry,
        asked,
        &[
            ("emails[not (value ne \"b\")]", "invalidFilter"),
            ("emails[value co \"a\" and value co \"b\"]", "invalidFilter"),
            ("emails[value eq \"a\" or value co \"b\"]", "(emails eq \"a\" or emails co \"b\")"),
            ("emails[value ne \"b\"]", "(emails pr and emails ne \"b\")"),
            ("emails.value ne \"b\"", "emails ne \"b\""),
            ("emails[type eq \"work\"]", "invalidFilter"),
            ("emails.value pr", "emails pr"),
        ],
    );
    let strings = action(STRINGS.entry);
    let o = object(r#"{"emails": ["ab", "b"]}"#);
    let r = back(&strings, &o).unwrap();
    for text in ["emails[value ne \"b\"]", "emails.value ne \"b\"", "not (emails[value eq \"c\"])"] {
        let f = Filter::parse(text).unwrap();
        let found = filter_there(&strings, &f).unwrap();
        assert_eq!(filter::matches(found.root(), &o), filter::matches(f.root(), &r), "{text}");
    }
}

#[test]
fn texts_are_patched_as_a_whole() {
    table(
        STRINGS.entry,
        patched,
        &[
            (
                r#"{"op":"add","path":"emails","value":[{"value":"a"}]}"#,
                r#"{"op":"add","path":"emails","value":["a"]}"#,
            ),
            (
                r#"{"op":"replace","value":{"emails":[{"value":"a"}],"title":"t"}}"#,
                r#"{"op":"replace","value":{"emails":["a"],"title":"t"}}"#,
            ),
            (r#"{"op":"add","path":"emails","value":[{"value":"a","type":"work"}]}"#, "invalidValue"),
            (r#"{"op":"remove","path":"emails[value eq \"a\"]"}"#, "invalidPath"),
        ],
    );
    let strings = action(STRINGS.entry);
    for refused in [r#"[{"value":"a"},{"value":"A"}]"#, r#"[{"value":""}]"#, r#"[{"display":"a"}]"#, r#"["a"]"#] {
        let error = there(&strings, &object(&format!("{{\"emails\": {refused}}}"))).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{refused}");
    }
    assert!(back(&strings, &object(r#"{"emails": [{"value": "a"}]}"#)).is_err());
}

#[test]
fn a_list_becomes_one_text_by_two_shapes() {
    let (single, strings) = (action(SINGLE.entry), action(STRINGS.entry));
    let r = object(r#"{"emails": [{"value": "a"}]}"#);
    let o = there(&strings, &there(&single, &r).unwrap()).unwrap();
    assert_eq!(shown(&o), r#"{"emails":"a"}"#);
    assert!(same(&back(&single, &back(&strings, &o).unwrap()).unwrap(), &r));
    let f = Filter::parse("emails[value eq \"a\"]").unwrap();
    let translated = filter_there(&strings, &filter_there(&single, &f).unwrap()).unwrap();
    assert_eq!(translated.text(), "(emails pr and emails eq \"a\")");
}

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
