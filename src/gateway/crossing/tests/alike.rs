//! Laws hold over bridges: what a backend is made to hold, with rules on both sides, is what it would hold if it lacked nothing.

mod single;

use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::json::{self, Array, Member, Object, Value};
use crate::rules::can::{Form, MemberChange, Replacing};
use crate::rules::laws::law::{Refused, hold};
use crate::rules::laws::{self, generate};
use crate::scim::{OpKind, PatchOp, Resource, patch};

use super::*;
use single::{Single, lacking, names_members, of};

/// What a backend calls otherwise.
const RULES: &str = "
version: 1
pack: acme
side: backend
about: a server with words of its own
rules:
  - id: names
    why: a test
    source: a test
    do:
      - rename: { names: { title: jobTitle, nickName: alias } }
      - map: { at: userType, values: { Employee: E, Contractor: C }, else: pass }
";

/// A resource as the backend calls it.
fn called(mut held: Object<'static>) -> Object<'static> {
    for (standard, own) in [("title", "jobTitle"), ("nickName", "alias")] {
        if let Some(value) = held.remove(standard) {
            held.set(own, value);
        }
    }
    held.set("id", Value::string("7"));
    held
}

/// A gateway before such a backend.
struct Stage {
    backend: Single,
    gateway: Gateway<Single>,
    secret: String,
    path: &'static str,
}

impl Stage {
    fn new(kind: &Resource, can: Can) -> Self {
        let mut rules = laws::pack(RULES).unwrap();
        rules.can = can.clone();
        let backend = Single { kind: kind.clone(), can, held: Arc::default() };
        let (gateway, secret) = between(backend.clone(), &rules, Brake::off(), Choices::default());
        let path = if *kind == Resource::Group { "/Groups/7" } else { "/Users/7" };
        Self { backend, gateway, secret, path }
    }

    /// What the backend holds after a call, and the status.
    fn after(
        &self,
        runtime: &Runtime,
        held: &Object<'static>,
        method: Method,
        body: &Value<'_>,
    ) -> (u16, Vec<(String, String)>) {
        self.backend.held.lock().unwrap().clone_from(held);
        let body = body.to_string();
        let (status, _) = runtime.block_on(answer(&self.gateway, &self.secret, method, self.path, body));
        (status, rest(&self.backend.held.lock().unwrap()))
    }
}

/// Whether all elements of lists can be told apart, by type and value: servers take others for one.
fn are_distinct(held: &Object<'_>) -> bool {
    let lists = held.iter().filter_map(|one| one.value.as_array()).filter(|list| list.len() > 1);
    lists.map(|list| list.iter().map(|one| ["value", "type"].map(|part| told_of(one, part)))).all(|keys| {
        let mut keys: Vec<_> = keys.collect();
        keys.sort();
        keys.windows(2).all(|two| two[0] != two[1]) && keys.iter().all(|[value, _]| !value.is_empty())
    })
}

fn told_of(element: &Value<'_>, part: &str) -> String {
    element.as_object().and_then(|one| one.get(part)).map(told).unwrap_or_default()
}

/// A resource at rest, where the order of elements says nothing, and members are who they are by their `value`.
fn rest(held: &Object<'static>) -> Vec<(String, String)> {
    let is_kept = |member: &&Member<'_>| !["schemas", "meta"].contains(&&*member.key.decoded());
    let mut rest: Vec<_> = held.iter().filter(is_kept).map(|one| (one.key.decoded().into_owned(), said(one))).collect();
    rest.retain(|(_, value)| !value.is_empty());
    rest.sort();
    rest
}

fn said(one: &Member<'_>) -> String {
    match &one.value {
        Value::Array(members) if one.key.decoded() == "members" => {
            let mut who: Vec<_> = members.iter().map(|member| told_of(member, "value")).collect();
            who.sort();
            who.join(",")
        }
        value => told(value),
    }
}

fn told(value: &Value<'_>) -> String {
    let mut parts: Vec<String> = match value {
        Value::Null => return String::new(),
        Value::Array(list) => list.iter().map(told).collect(),
        Value::Object(object) => {
            let pairs = object.iter().map(|one| (one.key.decoded(), told(&one.value)));
            pairs.filter(|(_, value)| !value.is_empty()).map(|(key, value)| format!("{key}={value}")).collect()
        }
        Value::String(text) if text.decoded().is_empty() => return String::new(),
        other => return other.to_string(),
    };
    parts.sort();
    if parts.is_empty() { String::new() } else { format!("({})", parts.join(",")) }
}

fn holds_alike(kind: Resource, calls: BoxedStrategy<(Object<'static>, Method, Value<'static>)>) {
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    let whole = Stage::new(&kind, of(&kind, |_| {}));
    let lacking: Vec<Stage> = lacking(&kind).into_iter().map(|can| Stage::new(&kind, can)).collect();
    let which = 0..lacking.len();
    hold("a backend that lacks something", Refused::Most, (which, calls), |(which, (held, method, body))| {
        let held = called(held);
        let (status, wanted) = whole.after(&runtime, &held, method.clone(), &body);
        prop_assume!(status < 300 && are_distinct(&held) && are_distinct(&whole.backend.held.lock().unwrap()));
        let stage = &lacking[which];
        let (status, found) = stage.after(&runtime, &held, method.clone(), &body);
        prop_assert!(status < 300, "{} {} of {:?}: {}", method, body, held, status);
        prop_assert_eq!(found, wanted, "{} {} of {:?}, where {:?}", method, body, held, stage.backend.can.verbs(&kind));
        Ok(())
    });
}

/// A group of which every attribute is known, since a PUT by PATCH leaves the others (`put_to_patch`), and every member has a
/// `value`, without which nobody can tell who it is.
fn known_group() -> impl Strategy<Value = Object<'static>> {
    generate::group().prop_map(|mut group| {
        group.retain(|one| ["schemas", "displayName", "externalId", "members"].contains(&&*one.key.decoded()));
        if group.get("displayName").and_then(Value::as_str).is_none_or(|name| name.trim().is_empty()) {
            group.set("displayName", Value::string("Tour"));
        }
        if let Some(Value::Array(members)) = group.get_mut("members") {
            members.items_mut().retain(has_value);
            // Members are compared by their `value`: a PUT that says more of one who is there changes nothing.
            members.items_mut().iter_mut().filter_map(Value::as_object_mut).for_each(|one| {
                one.retain(|part| part.key.decoded() == "value");
            });
        }
        group
    })
}

fn has_value(member: &Value<'_>) -> bool {
    member.as_object().and_then(|one| one.get("value")).and_then(Value::as_str).is_some_and(|value| !value.is_empty())
}

/// Whether all members that a PATCH names have a `value`.
fn names_who(message: &Value<'static>) -> bool {
    let ops = message.as_object().and_then(|body| body.get("Operations")).and_then(Value::as_array).unwrap();
    ops.iter().all(|op| {
        let op = PatchOp::read(op).unwrap();
        let value = match (&op.path, &op.value) {
            (Some(_), value) if names_members(&op) => value.as_ref(),
            (None, Some(Value::Object(part))) => part.get("members"),
            _ => None,
        };
        match value {
            Some(Value::Array(list)) => list.iter().all(has_value),
            Some(one) => has_value(one),
            None => true,
        }
    })
}

/// Gives each element a value of its own; of those that have none by their schema, one is enough.
fn distinct(list: &mut Array<'static>) {
    let mut at = 0;
    list.items_mut().retain_mut(|element| {
        let Some(one) = element.as_object_mut() else { return true };
        at += 1;
        let is_address = one.iter().any(|part| ["locality", "country", "region"].contains(&&*part.key.decoded()));
        if !is_address {
            one.set("value", Value::string(&format!("{at}")));
        }
        !is_address || at == 1
    });
}

/// A user without the part that is the backend's own, which no PUT says, and with one primary element of a kind at most.
fn own_user() -> impl Strategy<Value = Object<'static>> {
    let is_primary = |one: &&Value<'_>| told_of(one, "primary") == "true";
    let has_one =
        move |one: &Member<'_>| one.value.as_array().is_none_or(|list| list.iter().filter(is_primary).count() < 2);
    let user = generate::user().prop_filter("one is primary", move |user| user.iter().all(has_one));
    user.prop_map(|mut user| {
        for one in user.iter_mut() {
            if let Value::Array(list) = &mut one.value {
                distinct(list);
            }
            if let Some(Value::Object(manager)) = one.value.as_object_mut().and_then(|part| part.get_mut("manager")) {
                manager.remove("displayName");
            }
        }
        user
    })
}

/// The operations of a PATCH that a server takes which holds this: the others are no case.
fn taken(held: &Object<'static>, message: &Value<'static>, kind: &Resource) -> Value<'static> {
    let ops = message.as_object().and_then(|body| body.get("Operations")).and_then(Value::as_array).unwrap();
    let mut held = held.clone();
    let taken = ops.iter().filter(|op| {
        let one = patch::message(vec![PatchOp::read(op).unwrap()]);
        patch::apply(&Value::Object(one), &held, kind).is_ok_and(|after| {
            held = after;
            true
        })
    });
    let taken: Vec<Value<'static>> = taken.cloned().collect();
    let mut message = Object::new();
    message.set("Operations", Value::Array(Array::from(taken)));
    Value::Object(message)
}

#[test]
fn a_user_is_patched_alike() {
    let calls = (own_user(), generate::patch()).prop_map(|(held, patch)| {
        let patch = taken(&held, &patch, &Resource::User);
        (held, Method::PATCH, patch)
    });
    holds_alike(Resource::User, calls.boxed());
}

#[test]
fn a_group_is_patched_alike() {
    let patches = generate::group_patch().prop_filter("members are named", names_who);
    let calls = (known_group(), patches).prop_map(|(held, patch)| (held, Method::PATCH, patch));
    holds_alike(Resource::Group, calls.boxed());
}

#[test]
fn a_group_is_put_alike() {
    let calls = (known_group(), known_group()).prop_map(|(held, wanted)| (held, Method::PUT, Value::Object(wanted)));
    holds_alike(Resource::Group, calls.boxed());
}
