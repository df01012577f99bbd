//! What a whole call keeps, over generated messages: an RFC-valid one passes the standard packs byte for byte (law 4), and
//! whatever a client sends and a backend answers, no shipped pack makes a fault of the gateway's own of it (law 7).

use std::collections::BTreeSet;

use bytes::Bytes;
use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use crate::bridge::Choices;
use crate::config::shipped;
use crate::fault::Faults;
use crate::json::Value;
use crate::rules::actions::Action;
use crate::rules::can::Able;
use crate::rules::laws::compositions::drawn;
use crate::rules::laws::generate;
use crate::rules::laws::law::{Refused, hold};
use crate::rules::{Mode, Modes, Pack, Side};
use crate::scim::{Filter, Version, urn};

use super::cases::alone;
use super::rehearse::{Answered, Asked, Played, Rehearsal, Stage, Urls};

/// One pack between a client and a backend, for one call after the other, without a socket.
struct Theatre {
    rehearsal: Rehearsal,
    media: &'static str,
    runtime: Runtime,
}

impl Theatre {
    fn new(outer: Vec<&Pack>, inner: &Pack, modes: Modes) -> Self {
        let (choices, urls) = (Choices::default(), Urls::default());
        let stage = Stage { outer, inner, scim: Version::Two, modes, declared: Vec::new(), choices, urls };
        let runtime = Builder::new_current_thread().enable_time().build().unwrap();
        Self { rehearsal: Rehearsal::new(&stage).unwrap(), media: inner.can.media.as_str(), runtime }
    }

    /// Plays one call.
    fn play(&self, method: &str, target: &str, body: &[u8], status: u16, answer: &[u8]) -> Played {
        let (method, target) = (method.to_owned(), target.to_owned());
        let headers = vec![("content-type".to_owned(), self.media.to_owned())];
        let asked = Asked { method, target, headers: headers.clone(), body: Bytes::copy_from_slice(body) };
        let answered = Answered { status, headers, body: vec![Bytes::copy_from_slice(answer)] };
        self.runtime.block_on(self.rehearsal.play(&asked, vec![answered])).unwrap()
    }
}

/// JSON with a space wherever one may be, which only bytes that were not touched keep.
fn spaced(value: &Value<'_>) -> Vec<u8> {
    format!(" {} ", value.pretty()).into_bytes()
}

fn messages() -> BoxedStrategy<(&'static str, &'static str, Value<'static>)> {
    let user = || generate::user().prop_map(Value::Object);
    let group = || generate::group().prop_map(Value::Object);
    prop_oneof![
        user().prop_map(|user| ("POST", "/Users", user)),
        user().prop_map(|user| ("PUT", "/Users/2819c223", user)),
        group().prop_map(|group| ("POST", "/Groups", group)),
        group().prop_map(|group| ("PUT", "/Groups/7", group)),
    ]
    .boxed()
}

#[test]
fn law_4_a_message_passes_the_standard_packs_byte_for_byte() {
    let mut faults = Faults::new();
    let [client, backend] = ["clients", "backends"].map(|kind| shipped::pack(kind, "standard", &mut faults).unwrap());
    let theatre = Theatre::new(vec![&client], &backend, Modes::default());
    hold("a body", Refused::Half, messages(), |(method, target, message)| {
        let bytes = spaced(&message);
        let played = theatre.play(method, target, &bytes, 200, &bytes);
        prop_assert_eq!((played.status, played.received.len()), (200, 1), "{}", message);
        prop_assert_eq!(played.received.first().map(|heard| &heard.body[..]), Some(&bytes[..]));
        prop_assert_eq!(&played.body[..], &bytes[..]);
        Ok(())
    });
    hold("a filter", Refused::Half, (generate::filter(), generate::user()), |(filter, user)| {
        let target = format!("/Users?filter={}&count=5", written(&filter));
        let list = [b"{ \"Resources\" : [", &spaced(&Value::Object(user))[..], b"], \"totalResults\" : 1 }"].concat();
        let played = theatre.play("GET", &target, b"", 200, &list);
        prop_assert_eq!(played.status, 200);
        prop_assert_eq!(played.received.first().map(|heard| &*heard.target), Some(&*target));
        prop_assert_eq!(&played.body[..], &list[..]);
        Ok(())
    });
}

/// A filter in a query.
fn written(filter: &Filter) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let each = filter.text().bytes();
    each.map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// Every rule is on, but those that refuse or answer on purpose.
fn all_on(pack: &Pack) -> Modes {
    let mut modes = Modes::default();
    for rule in &pack.rules {
        let ends = rule.actions.iter().any(|action| matches!(action, Action::Reject(_) | Action::Respond(_)));
        modes.set(rule.id.clone(), if ends { Mode::Disabled } else { Mode::Enforce });
    }
    modes
}

/// A call as a client may make it, and an answer as a backend may give it.
type Call = ((&'static str, &'static str), Value<'static>, Value<'static>, u16, bool);

fn calls() -> impl Strategy<Value = Call> {
    let calls = prop::sample::select(vec![
        ("POST", "/Users"),
        ("PUT", "/Users/7"),
        ("PATCH", "/Users/7"),
        ("GET", "/Users/7"),
        ("GET", "/Users"),
        ("POST", "/Users/.search"),
        ("PUT", "/Groups/7"),
        ("PATCH", "/Groups/7"),
        ("GET", "/Groups"),
        ("GET", "/ServiceProviderConfig"),
    ]);
    let status = prop::sample::select(vec![200_u16, 201, 204, 400, 404, 409, 500]);
    (calls, generate::anything(), generate::anything(), status, any::<bool>())
}

fn never_fails(theatre: &Theatre, call: Call) -> Result<(), TestCaseError> {
    let ((method, target), sent, answer, status, is_patch) = call;
    let body = match method {
        "GET" => Vec::new(),
        _ if is_patch => format!("{{\"Operations\": {sent}}}").into_bytes(),
        _ => sent.to_bytes(),
    };
    let answer = if is_patch { format!("{{\"Resources\": {answer}}}") } else { answer.to_string() };
    let played = theatre.play(method, target, &body, status, answer.as_bytes());
    // The backend's own 500 stays one.
    prop_assert!(played.status != 500 || status == 500, "{} {} {} {}", method, target, sent, answer);
    Ok(())
}

#[test]
fn law_7_no_message_becomes_a_fault_of_the_gateway() {
    let standard = Pack::standard();
    for shipped in shipped::ALL {
        let pack = shipped.read(&mut Faults::new()).unwrap();
        let (outer, inner) = alone(&pack, &standard);
        let theatre = Theatre::new(outer, inner, all_on(&pack));
        hold(shipped.name, Refused::Half, calls(), |call| never_fails(&theatre, call));
    }
}

#[test]
fn law_7_holds_of_rules_together() {
    let standard = Pack::standard();
    hold("rules together", Refused::Half, (drawn(), calls()), |(drawn, call)| {
        let pack = drawn.pack()?;
        let (outer, inner) = alone(&pack, &standard);
        never_fails(&Theatre::new(outer, inner, Modes::default()), call)
    });
}

/// What schemas would define of a resource, and nothing more.
fn schemas_of(resource: &serde_json::Value) -> serde_json::Value {
    use serde_json::json;
    let parts = |value: &serde_json::Value| -> Vec<String> {
        let elements = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
        let keys = elements.iter().filter_map(|one| one.as_object()).flat_map(|one| one.keys().cloned());
        keys.collect::<BTreeSet<_>>().into_iter().collect()
    };
    let definition = |(name, value): (&String, &serde_json::Value)| {
        let parts: Vec<_> = parts(value).iter().map(|part| json!({ "name": part, "type": "string" })).collect();
        let kind = if parts.is_empty() { "string" } else { "complex" };
        json!({ "name": name, "type": kind, "multiValued": value.is_array(), "subAttributes": parts })
    };
    let is_urn = |name: &str| name.to_ascii_lowercase().starts_with("urn:");
    let own = resource.as_object().unwrap().iter();
    let (extensions, core): (Vec<_>, Vec<_>) = own.partition(|(name, value)| is_urn(name) && value.is_object());
    let listed = resource["schemas"].as_array().into_iter().flatten().filter_map(|urn| urn.as_str());
    let id = listed.into_iter().find(|urn| !extensions.iter().any(|(name, _)| name.eq_ignore_ascii_case(urn)));
    let core: Vec<_> = core.into_iter().map(definition).collect();
    let schema = |(id, own): (&String, &serde_json::Value)| json!({ "id": id, "attributes": own.as_object().unwrap().iter().map(definition).collect::<Vec<_>>() });
    let mut all: Vec<_> = extensions.into_iter().map(schema).collect();
    all.insert(0, json!({ "id": id.unwrap_or(urn::USER), "attributes": core }));
    json!({ "Resources": all })
}

/// Whether something of this name is defined there; what it is made of, if its parts are.
fn defines<'d>(definitions: &'d serde_json::Value, name: &str) -> Option<&'d serde_json::Value> {
    let named = |one: &&serde_json::Value| one["name"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name));
    definitions.as_array().into_iter().flatten().find(named)
}

/// Whatever a client reads is defined by the schemas that it reads, where that held at the backend.
#[test]
fn schemas_define_what_resources_hold() {
    let standard = Pack::standard();
    for shipped in shipped::ALL {
        let mut pack = shipped.read(&mut Faults::new()).unwrap();
        // As if each backend told its schemas: of one that doesn't, they are made here, and nothing has to be undone.
        pack.can.discovery = Able::Yes(());
        let (outer, inner) = alone(&pack, &standard);
        let theatre = Theatre::new(outer, inner, all_on(&pack));
        // Of what is drawn, some packs refuse most: identifiers that are no texts, and what their backends don't take.
        hold(shipped.name, Refused::Most, generate::user(), |user| {
            let user = Value::Object(user).to_bytes();
            // Not by PUT, of which a bridge may make a read and a PATCH.
            let made = theatre.play("POST", "/Users", &user, 201, b"{}");
            let held = match (made.received.first(), pack.side) {
                (Some(heard), _) => heard.body.to_vec(),
                (None, Side::Backend) => return Err(TestCaseError::reject("not sent")),
                // Behind a client's pack whatever is standard may be held.
                (None, Side::Client | Side::Connection) => user,
            };
            let read = theatre.play("GET", "/Users/7", b"", 200, &held);
            let (Ok(held), Ok(seen)) =
                (serde_json::from_slice(&held), serde_json::from_slice::<serde_json::Value>(&read.body))
            else {
                return Err(TestCaseError::reject("no resource"));
            };
            if read.status != 200 {
                return Err(TestCaseError::reject("can't be read"));
            }
            let told = theatre.play("GET", "/Schemas", b"", 200, schemas_of(&held).to_string().as_bytes());
            prop_assert_eq!(told.status, 200);
            let told: serde_json::Value = serde_json::from_slice(&told.body).unwrap();
            let expected = schemas_of(&seen);
            for (at, schema) in expected["Resources"].as_array().unwrap().iter().enumerate() {
                let all = told["Resources"].as_array().unwrap();
                let same = all
                    .iter()
                    .find(|one| one["id"].as_str().unwrap().eq_ignore_ascii_case(schema["id"].as_str().unwrap()));
                let same = if at == 0 { all.first() } else { same };
                for one in schema["attributes"].as_array().unwrap() {
                    let found = same.and_then(|same| defines(&same["attributes"], one["name"].as_str().unwrap()));
                    prop_assert!(found.is_some(), "{} of {}: {}", one, seen, told);
                    for part in one["subAttributes"].as_array().unwrap() {
                        let parts = &found.unwrap()["subAttributes"];
                        let there = parts.is_null() || defines(parts, part["name"].as_str().unwrap()).is_some();
                        prop_assert!(there, "{} of {}: {}", part, seen, told);
                    }
                }
            }
            Ok(())
        });
    }
}
