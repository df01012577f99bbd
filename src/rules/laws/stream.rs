//! Two engines, one meaning: what the stream makes of a resource is what the tree makes of it, and what the stream leaves
//! to the tree is little.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::json::{Rewrite, Stopped, Text};
use crate::rules::difference::Difference;
use crate::rules::stream::{Fired, Stream};
use crate::rules::{Modes, Observer, Plan, Rule, Verdict};

/// Further actions that one member alone decides.
const MAPPED: &[&str] = &[
    "map: { at: userType, values: { a: A1, b: ab, work: b }, else: pass }",
    "map: { at: 'emails[*].type', values: { a: work, work: a, b: home, ab: b } }",
    "map: { at: active, values: { true: 'Y', false: 'N' } }",
    "convert: { at: active, to: boolean-as-int }",
    "affix: { at: userName, prefix: \"a:\" }",
    "affix: { at: 'ENT:manager.value', suffix: \"A\" }",
    "empty: { of: [\"\", null, [], {}], at: [title, emails, \"emails[*].value\", \"ENT:department\"] }",
    "empty: { of: [\"\", []], at: [nickName, \"phoneNumbers[*].type\", members.display], become: null }",
    "drop: { at: [title, name.givenName, \"emails[*].display\", \"ENT:department\", meta.version, \"members.$ref\"] }",
];

struct Nothing;

impl Rewrite for Nothing {
    fn wants<'k>(&self, _key: &[u8], _parent_key: impl Fn() -> Option<&'k [u8]>) -> bool {
        false
    }

    fn string(&mut self, _key: &[u8], _parent_key: Option<&[u8]>, _value: &Text<'_>) -> Option<Text<'static>> {
        None
    }
}

/// Notes which rules changed something.
#[derive(Default)]
struct Noted(Vec<usize>);

impl Observer for Noted {
    fn met(&mut self, number: usize, _rule: &Rule, verdict: Verdict, _shown: &dyn Fn() -> String) {
        self.0.extend(verdict.is_applied().then_some(number));
    }

    fn shadowed(&mut self, _number: usize, _rule: &Rule, _differences: &[Difference]) {}
}

/// Up to six rules of one action each, as a pack; nothing where they can't stand together.
fn drawn(entries: &[&str]) -> Option<Pack> {
    let mut text = "version: 1\npack: drawn\nside: backend\nabout: drawn\nrules:\n".to_owned();
    for (number, entry) in entries.iter().enumerate() {
        let to = if action(entry).is_two_way() { "" } else { "    to: client\n" };
        let entry = entry.replace("ENT", ENT);
        text.push_str(&format!("  - id: r{number}\n    why: \"a law\"\n{to}    do: [ {{ {entry} }} ]\n"));
    }
    pack(&text).ok()
}

fn plan(entries: &[&str]) -> Option<Plan> {
    let pack = drawn(entries)?;
    Some(Plan::new(&[&pack], &Modes::default(), 0, Some(&Resource::User), OperationKind::Read))
}

/// The entries that one member alone decides.
fn entries() -> Vec<&'static str> {
    let all = TWO_WAY.iter().map(|two_way| two_way.entry).chain(ONE_WAY.iter().copied()).chain(MAPPED.iter().copied());
    all.filter(|entry| plan(&[entry]).is_some_and(|plan| Stream::of_answers([&plan]).is_some())).collect()
}

#[test]
fn the_actions_that_one_member_decides_are_streamed() {
    let streamed = entries();
    assert!(streamed.len() >= 25, "{streamed:?}");
    for word in ["rename", "invert", "map", "convert", "affix", "empty", "drop"] {
        assert!(streamed.iter().any(|entry| entry.starts_with(&format!("{word}:"))), "{word}");
    }
    assert!(!streamed.contains(&"rename: { names: { name.givenName: firstName, name.familyName: lastName } }"));
    assert!(!streamed.contains(&"drop: { at: [\"ENT\", password] }"));
}

/// What a backend may answer: what it was sent, what it never was, or anything; as it may be written.
fn resource() -> impl Strategy<Value = (Object<'static>, bool, Style)> {
    let object = generate::anything().prop_map(|value| value.as_object().cloned().unwrap_or_default());
    let style = prop_oneof![Just(Style::Compact), Just(Style::Pretty), Just(Style::Capitals), Just(Style::Escaped)];
    (prop_oneof![4 => generate::user(), 1 => generate::group(), 1 => object.boxed()], any::<bool>(), style)
}

#[derive(Clone, Copy, Debug)]
enum Style {
    Compact,
    Pretty,
    Capitals,
    Escaped,
}

/// The document in this style.
fn written(object: &Object<'_>, style: Style) -> String {
    let value = Value::Object(respelled(object, style));
    match style {
        Style::Pretty => format!(" {}\n", value.pretty()),
        _ => value.to_string(),
    }
}

fn respelled(object: &Object<'_>, style: Style) -> Object<'static> {
    let mut made = Object::new();
    for member in object.iter() {
        let name = member.key.decoded().into_owned();
        let key = match style {
            Style::Capitals => Text::new(&name.to_ascii_uppercase()),
            Style::Escaped if name.is_ascii() && !name.is_empty() => {
                Text::from_raw(format!("\\u{:04x}{}", name.as_bytes()[0], Text::new(&name[1..]).raw()))
            }
            _ => Text::new(&name),
        };
        let value = match &member.value {
            Value::Object(inner) => Value::Object(respelled(inner, style)),
            Value::Array(items) => {
                let respell = |item: &Value<'_>| match item {
                    Value::Object(inner) => Value::Object(respelled(inner, style)),
                    other => other.clone().into_owned(),
                };
                Value::Array(Array::from(items.iter().map(respell).collect::<Vec<_>>()))
            }
            other => other.clone().into_owned(),
        };
        made.members_mut().push(json::Member { key, value });
    }
    made
}

/// The tokens of a document, one after the other.
fn tokens(bytes: &[u8]) -> String {
    json::parse(bytes).unwrap().into_owned().to_string()
}

/// What the tree makes of a resource, and which rules changed something.
fn on_tree(plan: &Plan, text: &str) -> Option<(Vec<u8>, Vec<usize>)> {
    let mut value = json::parse(text.as_bytes()).unwrap();
    let facts =
        Facts { id: None, resource: Some(&Resource::User), operation: OperationKind::Read, scene: Scene::default() };
    let mut noted = Noted::default();
    let changed = plan.response(value.as_object_mut()?, facts, &mut noted).ok()?;
    Some((if changed { value.to_bytes() } else { text.as_bytes().to_vec() }, noted.0))
}

fn on_stream(stream: &Stream, text: &str) -> Result<(Vec<u8>, Vec<usize>, bool), Stopped> {
    let (mut fired, mut out) = (Fired::default(), Vec::new());
    let changed = stream.translate(text.as_bytes(), &mut Nothing, &mut fired, &mut out)?;
    Ok((out, stream.fired(&fired).collect(), changed))
}

/// Takes a resource there, so that it bears the names of the right.
fn sent(plan_of: &[&str], object: Object<'static>) -> Object<'static> {
    let taken = plan_of.iter().map(|entry| action(entry)).filter(Action::is_two_way);
    taken.fold(object, |object, action| there(&action, &object).unwrap_or(object))
}

#[test]
fn the_stream_makes_of_a_resource_what_the_tree_makes_of_it() {
    let entries = entries();
    let drawn = prop::collection::vec(prop::sample::select(entries), 1..7);
    let (all, left) = (AtomicUsize::new(0), AtomicUsize::new(0));
    hold("the stream", Refused::Half, (drawn, resource()), |(entries, (object, is_sent, style))| {
        let Some(plan) = plan(&entries) else { return Err(TestCaseError::reject("can't stand together")) };
        let Some(stream) = Stream::of_answers([&plan]) else { return Err(TestCaseError::reject("takes a tree")) };
        let object = if is_sent { sent(&entries, object) } else { object };
        let text = written(&object, style);
        if json::parse(text.as_bytes()).is_err() {
            return Err(TestCaseError::reject("no document"));
        }
        all.fetch_add(1, Ordering::Relaxed);
        match (on_tree(&plan, &text), on_stream(&stream, &text)) {
            (Some((tree, by_tree)), Ok((streamed, by_stream, changed))) => {
                prop_assert_eq!(tokens(&streamed), tokens(&tree), "\n{:?}\n{}", entries, text);
                let sorted = |mut numbers: Vec<usize>| {
                    numbers.sort_unstable();
                    numbers
                };
                prop_assert_eq!(sorted(by_stream), sorted(by_tree.clone()), "\n{:?}\n{}", entries, text);
                prop_assert_eq!(changed, !by_tree.is_empty());
                if !changed {
                    prop_assert_eq!(streamed, text.into_bytes());
                }
            }
            (_, Err(Stopped::Undecided)) => drop(left.fetch_add(1, Ordering::Relaxed)),
            (tree, streamed) => prop_assert!(false, "\n{:?}\n{}\n{:?}\n{:?}", entries, text, tree, streamed),
        }
        Ok(())
    });
    let (all, left) = (all.into_inner(), left.into_inner());
    assert!(left * 2 < all, "{left} of {all} were left to the tree");
}

/// Documents that are no JSON are refused by both.
#[test]
fn the_stream_takes_no_document_that_the_tree_refuses() {
    let plan = plan(&["rename: { names: { userName: login } }", MAPPED[6], MAPPED[8]]).unwrap();
    let stream = Stream::of_answers([&plan]).unwrap();
    let taken = Cell::new(0);
    let cuts = (resource(), any::<prop::sample::Index>(), any::<u8>());
    hold("no document", Refused::Half, cuts, |((object, _, style), place, byte)| {
        let mut bytes = written(&object, style).into_bytes();
        let place = place.index(bytes.len());
        bytes[place] = byte;
        let mut out = Vec::new();
        let streamed = stream.translate(&bytes, &mut Nothing, &mut Fired::default(), &mut out);
        match (json::parse(&bytes), streamed) {
            (Err(fault), Err(Stopped::Fault(other))) => prop_assert_eq!(fault, other),
            (Err(_), Err(_)) => {}
            (Err(fault), Ok(_)) => prop_assert!(false, "{}: {}", fault, String::from_utf8_lossy(&bytes)),
            (Ok(_), Err(Stopped::Fault(fault))) => prop_assert!(false, "{}", fault),
            (Ok(_), _) => taken.set(taken.get() + 1),
        }
        Ok(())
    });
    assert!(taken.get() > 0);
}
