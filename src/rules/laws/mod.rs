//! The laws that every action keeps, over generated resources, filters and patches (256 of each, more by
//! `PROPTEST_CASES`), and the counterexamples that once broke them.

mod apply;
mod counterexamples;
pub(crate) mod generate;
mod mapped;
mod packs;
mod repairs;
mod shapes;
mod stream;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::fault::Faults;
use crate::json::{self, Array, Object, Value};
use crate::scim::{AttrPath, ErrorStatus, Filter, OperationKind, Resource, ScimError, ScimType, Urn, filter, schema};
use crate::yaml;

use super::actions::{self, Action};
use super::attribute;
use super::head::{Envelope, Scene};
use super::message::{Body, Facts, Request};
use super::selection::Selection;
use apply::{Replacing, Server, at_rest};

const ENT: &str = crate::scim::urn::ENTERPRISE;

/// A two-way action: an entry of `do`, and what it makes of multi-valued names.
struct TwoWay {
    entry: &'static str,
    /// Names on the right with several values.
    many: &'static [&'static str],
    /// Whether an attribute goes to another parent.
    moves: bool,
}

const TWO_WAY: &[TwoWay] = &[
    flat("rename: { names: { userName: login } }"),
    flat("rename: { names: { userName: login, nickName: alias, active: enabled } }"),
    flat("rename: { names: { title: nickName }, on-conflict: swap }"),
    flat("rename: { names: { title: nickName, nickName: userType, userType: title } }"),
    flat("rename: { names: { name: fullName } }"),
    flat("rename: { names: { name.givenName: name.first, name.familyName: name.last } }"),
    flat("rename: { names: { name.givenName: name.familyName }, on-conflict: swap }"),
    flat("rename: { names: { name: fullName, name.givenName: fullName.first } }"),
    moved("rename: { names: { name.givenName: firstName, name.familyName: lastName } }"),
    moved("rename: { names: { name: fullName, name.givenName: firstName } }"),
    moved("rename: { names: { name: fullName, title: fullName.title } }"),
    moved("rename: { names: { title: name.title } }"),
    moved("rename: { names: { title: name.title, name.givenName: firstName } }"),
    moved("rename: { names: { 'ENT:department': dept } }"),
    moved("rename: { names: { 'ENT:department': dept, 'ENT:employeeNumber': number } }"),
    moved("rename: { names: { title: 'ENT:title' } }"),
    moved("rename: { names: { title: 'urn:acme:scim:2.0:Person:title' } }"),
    moved("rename: { names: { 'ENT:manager': boss } }"),
    moved("rename: { names: { 'ENT:manager.value': managerId } }"),
    moved(
        "rename: { names: { 'ENT:manager.value': 'ENT:managerValue', 'ENT:manager.displayName': 'ENT:managerName' } }",
    ),
    moved("rename: { names: { 'ENT:employeeNumber': name.number } }"),
    moved("rename: { names: { name.givenName: 'ENT:givenName' } }"),
    flat("rename: { names: { emails.type: emails.kind } }"),
    TwoWay { entry: "rename: { names: { emails: mails } }", many: &["mails"], moves: false },
    TwoWay {
        entry: "rename: { names: { emails: mails, emails.value: mails.address } }",
        many: &["mails"],
        moves: false,
    },
    TwoWay { entry: "rename: { names: { emails: phoneNumbers }, on-conflict: swap }", many: &[], moves: false },
    flat("invert: { at: active }"),
    flat("invert: { at: \"emails[*].verified\" }"),
    flat("convert: { at: active, to: boolean-as-string }"),
    flat("convert: { at: emails.verified, to: boolean-as-string }"),
];

const fn flat(entry: &'static str) -> TwoWay {
    TwoWay { entry, many: &[], moves: false }
}

const fn moved(entry: &'static str) -> TwoWay {
    TwoWay { entry, many: &[], moves: true }
}

const ONE_WAY: &[&str] = &[
    "empty: { of: [\"\"], at: [\"emails[*].type\", \"phoneNumbers[*].type\", title, name.givenName] }",
    "empty: { of: [\"\", null, [], {}], at: [\"emails[*].value\", emails, name, title, \"ENT:department\"], become: absent }",
    "empty: { of: [\"\", []], at: [title, emails, \"emails[*].type\"], become: null }",
    "drop: { at: [title, name.givenName, \"emails[*].type\", \"ENT:department\", 'emails[type eq \"work\"].value'] }",
    "drop: { at: [\"ENT\", password] }",
    "drop: { at: [\"$.emails[?@.type == 'work']\", \"$..display\", \"$.name['givenName', 'familyName']\"] }",
    "keep: { User: [userName, name.givenName, emails, phoneNumbers.value, \"ENT:department\"], Group: [displayName] }",
    "keep: { User: [active, name, emails.type, \"emails[*].value\", ENT] }",
    "items: { at: emails, needs: value, unique: true, primary: one }",
    "items: { at: phoneNumbers, pick: primary }",
    "items: { at: emails, pick: first, needs: type }",
    "items: { at: addresses, max: 2, unique: true }",
    "text: { at: [userName, \"emails[*].value\", name.givenName], steps: [trim, lower, strip-control] }",
    "text: { at: [title, 'emails[type eq \"work\"].display', \"ENT:department\"], steps: [strip-control, { truncate: 3 }] }",
    "text: { at: [nickName], steps: [{ replace: [\"[^a-z]\", \"_\"] }] }",
    "default: { at: userType, value: Employee }",
    "default: { at: name.givenName, value: Ada }",
    "default: { at: \"emails[*].type\", value: work }",
    "default: { at: \"ENT:department\", value: Engines }",
    "set: { at: displayName, value: \"{name.givenName} {name.familyName}\" }",
    "set: { at: \"ENT:department\", value: \"{userName}\" }",
    "set: { at: \"emails[*].type\", value: work }",
    "set: { at: id, value: \"{id}\" }",
];

/// Actions on messages as a whole.
const OF_MESSAGES: &[&str] = &[
    "query: { count: { default: 100, max: 200 }, sortBy: { drop: true }, tenant: { set: acme } }",
    "header: { accept: { set: application/json }, x-tenant: { default: acme }, user-agent: { drop: true } }",
    "path: { alias: { /Users: /people }, suffix: .json, slash: true }",
];

fn action(entry: &str) -> Action {
    let mut faults = Faults::new();
    let node = yaml::parse("laws.yaml", &entry.replace("ENT", ENT), &mut faults);
    let action = node.and_then(|node| actions::read(&node, &mut faults));
    assert!(faults.is_empty(), "{entry}: {}", faults.render(false));
    action.unwrap()
}

fn message(operation: OperationKind, body: Body<'_>) -> Request<'_> {
    let selection = Selection::default();
    Request {
        operation,
        resource: Some(Resource::User),
        id: Some("2819c223".to_owned()),
        selection,
        body,
        envelope: Envelope::default(),
    }
}

fn there<'v>(action: &Action, resource: &Object<'v>) -> Result<Object<'v>, ScimError> {
    told(action, resource).map(|(resource, _)| resource)
}

/// There, and whether the action says that something changed.
fn told<'v>(action: &Action, resource: &Object<'v>) -> Result<(Object<'v>, bool), ScimError> {
    let mut request = message(OperationKind::Create, Body::Resource(Value::Object(resource.clone())));
    let verdict = action.request(&mut request)?;
    match request.body {
        Body::Resource(Value::Object(resource)) => Ok((resource, verdict.is_applied())),
        other => panic!("{other:?}"),
    }
}

fn back<'v>(action: &Action, resource: &Object<'v>) -> Result<Object<'v>, ScimError> {
    let facts =
        Facts { id: None, resource: Some(&Resource::User), operation: OperationKind::Read, scene: Scene::default() };
    let mut resource = resource.clone();
    action.response(&mut resource, facts)?;
    Ok(resource)
}

fn filter_there(action: &Action, filter: &Filter) -> Result<Filter, ScimError> {
    let mut request = message(OperationKind::List, Body::None);
    request.selection.filter = Some(filter.clone());
    action.request(&mut request)?;
    Ok(request.selection.filter.unwrap())
}

fn patch_there(action: &Action, patch: &Value<'static>) -> Result<Value<'static>, ScimError> {
    let mut request = message(OperationKind::Patch, Body::Patch(patch.clone()));
    action.request(&mut request)?;
    match request.body {
        Body::Patch(message) => Ok(message),
        other => panic!("{other:?}"),
    }
}

/// Equal at rest, modulo the order of `schemas` and entries without attributes.
fn same(one: &Object<'_>, other: &Object<'_>) -> bool {
    let rest = |object: &Object<'_>| {
        let mut rest = at_rest(&Value::Object(object.clone()));
        let _ = rest.as_object_mut().unwrap().remove("schemas");
        rest
    };
    rest(one) == rest(other)
}

/// The extensions that `schemas` lists, without those of which no attribute is there.
fn listed(resource: &Object<'_>) -> Vec<String> {
    let rest = at_rest(&Value::Object(resource.clone()));
    let rest = rest.as_object().unwrap();
    let list = resource.get("schemas").and_then(Value::as_array).map(Array::iter).into_iter().flatten();
    let mut list: Vec<_> = list.filter_map(Value::as_str).map(|urn| urn.into_owned()).collect();
    list.retain(|urn| rest.contains(urn));
    list.sort();
    list
}

/// Runs a law over `cases` for one action; the entry is named where it breaks. What an action refuses is no case: if it
/// refuses more than it translates, that is a break too.
fn law<S: Strategy>(entry: &str, cases: S, holds: impl Fn(&Action, S::Value) -> Result<(), TestCaseError>) {
    let action = action(entry);
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new(Config { max_global_rejects: config.cases, ..config });
    if let Err(fault) = runner.run(&cases, |case| holds(&action, case)) {
        panic!("{entry}: {fault}");
    }
}

fn refused(error: ScimError) -> TestCaseError {
    TestCaseError::reject(error.to_string())
}

fn shown(object: &Object<'_>) -> String {
    Value::Object(object.clone()).to_string()
}

#[test]
fn every_example_is_an_action_that_runs() {
    for about in actions::LIST {
        let action = action(about.example);
        assert_eq!(action.is_two_way(), about.two_way, "{}", about.word);
        law(about.example, generate::user(), |action, r| {
            match there(action, &r) {
                // That it comes back as it was is law 1, which knows each action's own equality.
                Ok(o) if about.two_way => drop(back(action, &o).unwrap()),
                Ok(_) => {}
                // Outside its domain a two-way action refuses.
                Err(error) if about.two_way => return Err(refused(error)),
                Err(error) => prop_assert_eq!(about.word, "reject", "{}", error),
            }
            Ok(())
        });
    }
}

#[test]
fn law_1_a_resource_comes_back() {
    for two_way in TWO_WAY {
        law(two_way.entry, generate::user(), |action, r| {
            let o = there(action, &r).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&r))))?;
            let again = back(action, &o).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&o))))?;
            prop_assert!(same(&again, &r), "\n{}\n{}\n{}", shown(&r), shown(&o), shown(&again));
            prop_assert_eq!(listed(&again), listed(&r));
            let twice = there(action, &again).unwrap();
            prop_assert!(same(&twice, &o), "\n{}\n{}\n{}", shown(&o), shown(&again), shown(&twice));
            prop_assert_eq!(listed(&twice), listed(&o));
            Ok(())
        });
    }
}

#[test]
fn law_1_holds_of_groups() {
    for entry in [
        "rename: { names: { displayName: label, members: people } }",
        "rename: { names: { members.value: members.id } }",
    ] {
        law(entry, generate::group(), |action, r| {
            let o = there(action, &r).unwrap();
            prop_assert!(same(&back(action, &o).unwrap(), &r), "\n{}\n{}", shown(&r), shown(&o));
            Ok(())
        });
    }
}

/// A backend may hold `TRUE` where this side would write `true`.
fn shout(object: &mut Object<'_>) {
    for member in object.iter_mut() {
        match &mut member.value {
            Value::Object(inner) => shout(inner),
            Value::Array(list) => list.iter_mut().filter_map(Value::as_object_mut).for_each(shout),
            value if *value == Value::string("true") => *value = Value::string("TRUE"),
            _ => {}
        }
    }
}

/// Takes extensions of which nothing is present off `schemas`: they are not asked for.
fn settle(object: &mut Object<'_>) {
    let present = Filter::parse(&format!("{ENT} pr")).unwrap();
    if !filter::matches(present.root(), object) {
        attribute::forget_schema(object, &Urn::parse(ENT).unwrap());
    }
}

#[test]
fn law_2_a_filter_finds_what_it_found() {
    for two_way in TWO_WAY {
        law(two_way.entry, (generate::filter(), generate::user(), any::<bool>()), |action, (f, r, is_loud)| {
            let mut o = there(action, &r).unwrap();
            if is_loud {
                shout(&mut o);
            }
            settle(&mut o);
            let translated = filter_there(action, &f).map_err(refused)?;
            let mut r = back(action, &o).unwrap();
            settle(&mut r);
            let expected = filter::matches(f.root(), &r);
            let found = filter::matches(translated.root(), &o);
            prop_assert_eq!(found, expected, "\n{}\n{}\n{}\n{}", f, translated, shown(&r), shown(&o));
            Ok(())
        });
    }
}

#[test]
fn law_3_a_patch_does_what_it_did() {
    for two_way in TWO_WAY {
        patches_agree(two_way, Replacing::Parts);
    }
}

#[test]
fn law_3_holds_where_a_replace_takes_the_whole() {
    for two_way in TWO_WAY.iter().filter(|two_way| !two_way.moves) {
        patches_agree(two_way, Replacing::Whole);
    }
}

fn patches_agree(two_way: &TwoWay, replacing: Replacing) {
    let left = |path: &AttrPath| schema::is_multi_valued(path);
    let right = |path: &AttrPath| left(path) || two_way.many.contains(&path.to_string().as_str());
    let (left, right) = (Server { many: &left, replacing }, Server { many: &right, replacing });
    law(two_way.entry, (generate::patch(), generate::user()), |action, (p, r)| {
        let translated = patch_there(action, &p).map_err(refused)?;
        let (mut before, mut after) = (r.clone(), there(action, &r).unwrap());
        let expected = left.apply(&p, &mut before);
        let found = right.apply(&translated, &mut after);
        prop_assert_eq!(found, expected, "\n{}\n{}\n{}", p, translated, shown(&r));
        if expected.is_ok() {
            let before = there(action, &before).unwrap();
            prop_assert!(
                same(&before, &after),
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

#[test]
fn law_5_a_repair_done_twice_is_done_once() {
    for entry in ONE_WAY.iter().chain(OF_MESSAGES) {
        law(entry, generate::user(), |action, r| {
            let once = there(action, &r).unwrap();
            let twice = there(action, &once).unwrap();
            prop_assert_eq!(shown(&once), shown(&twice), "{}", shown(&r));
            Ok(())
        });
        law(entry, generate::patch(), |action, p| {
            let Ok(once) = patch_there(action, &p) else { return Ok(()) };
            let twice = patch_there(action, &once).unwrap();
            prop_assert_eq!(once.to_string(), twice.to_string(), "{}", p);
            Ok(())
        });
    }
}

#[test]
fn law_3_holds_of_a_replace_with_empty_values() {
    let many = |path: &AttrPath| schema::is_multi_valued(path);
    let server = Server { many: &many, replacing: Replacing::Parts };
    law(
        "empty: { of: [\"\"], at: [title, userName, name.givenName, \"ENT:department\", \"ENT:manager.value\"] }",
        (generate::patch(), generate::user()),
        |action, (p, r)| {
            let p = generate::read(&p.to_string().replace("\"op\":\"add\"", "\"op\":\"replace\""));
            let translated = patch_there(action, &p).map_err(refused)?;
            let (mut before, mut after) = (r.clone(), there(action, &r).unwrap());
            let expected = server.apply(&p, &mut before);
            prop_assert_eq!(server.apply(&translated, &mut after), expected, "\n{}\n{}", p, translated);
            if expected.is_ok() {
                let before = there(action, &before).unwrap();
                prop_assert!(same(&before, &after), "\n{}\n{}\n{}\n{}", p, translated, shown(&before), shown(&after));
            }
            Ok(())
        },
    );
}

/// JSON with spaces where nobody needs them, which only bytes that were not touched keep.
fn spaced(value: &Value<'_>) -> String {
    match value {
        Value::Array(list) => format!("[ {} ]", list.iter().map(spaced).collect::<Vec<_>>().join(" , ")),
        Value::Object(object) => {
            let members = object.iter().map(|member| format!("\"{}\" : {}", member.key.raw(), spaced(&member.value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(" , "))
        }
        other => other.to_string(),
    }
}

/// The member's value under the same name before and after, if both have it.
fn kept<'r>(one: &'r Object<'_>, other: &'r Object<'_>) -> Vec<(String, String, String)> {
    one.iter()
        .filter_map(|member| {
            let name = member.key.decoded().into_owned();
            let after = other.get(&name)?;
            Some((name, member.value.to_string(), after.to_string()))
        })
        .collect()
}

#[test]
fn law_6_what_no_rule_names_keeps_its_bytes() {
    for entry in TWO_WAY.iter().map(|two_way| two_way.entry).chain(ONE_WAY.iter().copied()) {
        law(entry, generate::user(), |action, r| {
            let bytes = spaced(&Value::Object(r));
            let Ok(Value::Object(r)) = json::parse(bytes.as_bytes()) else { panic!("{bytes}") };
            let Ok((o, is_changed)) = told(action, &r) else { return Ok(()) };
            let compact = |object: &Object<'_>| Value::Object(object.clone()).into_owned().to_string();
            // Where nothing changed the gateway sends the bytes that came, so that must be said rightly.
            prop_assert_eq!(is_changed, compact(&o) != compact(&r), "{}", shown(&o));
            for (name, before, after) in kept(&r, &o) {
                let entry = entry.replace("ENT", ENT);
                let is_named = entry.contains(&name) || name == "schemas" || entry.contains("$..");
                prop_assert!(is_named || before == after, "{}: {} {}", name, before, after);
            }
            Ok(())
        });
    }
}

#[test]
fn law_7_no_message_makes_an_action_panic() {
    for entry in TWO_WAY.iter().map(|two_way| two_way.entry).chain(ONE_WAY.iter().chain(OF_MESSAGES).copied()) {
        law(entry, (generate::anything(), generate::filter()), |action, (value, filter)| {
            let _ = action.request(&mut message(OperationKind::Create, Body::Resource(value.clone())));
            let _ = action.request(&mut message(OperationKind::Patch, Body::Patch(value.clone())));
            let mut list = Object::new();
            list.set("Operations", value.clone());
            let _ = action.request(&mut message(OperationKind::Patch, Body::Patch(Value::Object(list))));
            if let Value::Object(resource) = &value {
                let _ = back(action, resource);
            }
            let _ = filter_there(action, &filter);
            Ok(())
        });
    }
}
