//! A resource goes to the backend as the same one, whether it is translated with a tree or without: for every shipped
//! pack, with URLs, and with what the standard repairs have to do with.

use std::sync::Arc;

use proptest::prelude::*;

use crate::gateway::exchange::Onward;
use crate::gateway::message::{Left, Start, read, streamed, through};
use crate::gateway::plans::Plans;
use crate::gateway::rebase::Rebase;
use crate::gateway::watcher::{Counters, Watcher};
use crate::json::{Object, Value};
use crate::metrics::Metrics;
use crate::rules::laws::generate;
use crate::rules::laws::law::{Refused, hold};
use crate::rules::{Modes, Pack};
use crate::scim::{Id, Operation, Query, Resource, Target, Version};

use super::{by_tree, packs, tokens};

fn inwards() -> Rebase {
    Rebase::new("https://gate.example/scim/v2", "https://backend.example/scim")
}

/// What the backend gets by way of a tree; nothing if that is refused, or answered.
fn with_tree(plans: &Plans, target: &Target, bytes: &[u8]) -> Option<Vec<u8>> {
    let mut watcher = by_tree();
    let cell = plans.cell(target);
    let mut onward = Onward::new(Arc::default());
    let body = read(target, bytes, Version::Two, &mut watcher).ok()?;
    let mut start = Start { query: Query::default(), body, path: None };
    for plan in [&cell.outer, &cell.inner] {
        match through(plan, target, start, &mut onward, None, &mut watcher).ok()? {
            Left::Goes(left) => start = *left,
            Left::Nothing | Left::Answered(_) => return None,
        }
    }
    let (sent, value) = start.body.parts();
    let mut value = value?;
    let changed = inwards().value(&mut value);
    Some(sent.filter(|_| !changed).map_or_else(|| value.to_bytes(), <[u8]>::to_vec))
}

/// A user as a client may send it: with URLs of the gateway, truths as texts, and whole names for keys.
fn sent() -> BoxedStrategy<Object<'static>> {
    let key = prop::sample::select(vec![
        "urn:ietf:params:scim:schemas:core:2.0:User:title",
        "URN:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        "urn:ietf:params:scim:schemas:core:2.0:User",
        "urn:acme:scim:2.0:Badge",
        "custom.name",
    ]);
    let truth = prop::sample::select(vec!["True", "false", "yes"]);
    (generate::user(), any::<bool>(), prop::option::weighted(0.1, key), prop::option::weighted(0.2, truth))
        .prop_map(|(mut made, is_ours, key, truth)| {
            let base = if is_ours { "https://gate.example/scim/v2" } else { "https://other.example" };
            let mut meta = Object::new();
            meta.set("location", Value::string(&format!("{base}/Users/2819c223")));
            made.set("meta", Value::Object(meta));
            if let Some(key) = key {
                made.set(key, Value::string("R"));
            }
            match (truth, made.get_mut("emails").and_then(Value::as_array_mut)) {
                (Some(truth), Some(emails)) => {
                    for email in emails.iter_mut().filter_map(Value::as_object_mut).take(1) {
                        email.set("primary", Value::string(truth));
                    }
                }
                (Some(truth), None) => made.set("active", Value::string(truth)),
                (None, _) => {}
            }
            made
        })
        .boxed()
}

#[test]
fn with_a_tree_and_without_backends_get_the_same() {
    let (clients, backends) = (packs("clients"), packs("backends"));
    let cases = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), sent(), any::<bool>(), any::<bool>());
    hold("a resource", Refused::Most, cases, |(client, backend, made, is_pretty, is_new)| {
        let (client, backend) = (client.get(&clients), backend.get(&backends));
        let plans = Plans::new(&[client], backend, &Modes::default(), &[]);
        let operation = if is_new { Operation::Create } else { Operation::Replace(Id::parse("7").unwrap()) };
        let target = Target { resource: Some(Resource::User), operation };
        let value = Value::Object(made);
        let text = if is_pretty { value.pretty() } else { value.to_string() };
        let counts = Watcher::Count(Arc::new(Counters::new(&[client, backend], &Metrics::new())));
        let streamed = streamed(plans.cell(&target), &Query::default(), text.as_bytes(), &inwards(), &counts);
        let Some(streamed) = streamed else { return Err(TestCaseError::reject("takes a tree")) };
        let tree = with_tree(&plans, &target, text.as_bytes());
        prop_assert_eq!(Some(tokens(&streamed)), tree.as_deref().map(tokens), "{}", text);
        Ok(())
    });
}

#[test]
fn what_has_to_be_repaired_is_left_to_the_tree() {
    let standard = Pack::standard();
    let plans = Plans::new(&[&standard], &standard, &Modes::default(), &[]);
    let target = |resource| Target { resource: Some(resource), operation: Operation::Create };
    let counts = Watcher::Count(Arc::new(Counters::new(&[&standard], &Metrics::new())));
    let goes = |resource, query: &str, text: &str| {
        let query = Query::parse(query).unwrap();
        streamed(plans.cell(&target(resource)), &query, text.as_bytes(), &inwards(), &counts).is_some()
    };
    for (text, is_streamed) in [
        (r#"{"userName":"ada","active":true,"title":"true"}"#, true),
        (r#"{"userName":"ada","ACTIVE":"False"}"#, false),
        (r#"{"emails":[{"value":"a@x","primary":"\u0074rue"}]}"#, false),
        (r#"{"emails":[{"value":"a@x","primary":"yes"}]}"#, true),
        (r#"{"urn:ietf:params:scim:schemas:core:2.0:User:title":"R"}"#, false),
        (r#"{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R"}}"#, true),
        (r#"{"userName":"ada","username":"eve"}"#, false),
        (r#"["ada"]"#, false),
    ] {
        assert_eq!(goes(Resource::User, "", text), is_streamed, "{text}");
    }
    assert!(!goes(Resource::User, "attributes=userName", r#"{"userName":"ada"}"#));
    assert!(!goes(Resource::Group, "", r#"{"members":["2819c223"]}"#));
}
