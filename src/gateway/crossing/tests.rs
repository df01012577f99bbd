//! Whole calls over bridges: many writers at once before a backend that only knows GET and PUT; the brake; lists and groups.

mod alike;
mod budgets;
mod choices;
mod discovery;
mod groups;
mod hydrate;
mod lists;
mod memberships;
mod readback;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};

use crate::access::{self, Brake, ConnectionName};
use crate::bridge::{Choices, Limits};
use crate::metrics::Metrics;
use crate::rules::can::{Able, MemberChange, Patching, Tags, Verbs};
use crate::rules::{Can, Pack};

use super::super::budget::Budget;
use super::super::connection::{Backend, Connection, Terms};
use super::super::shared::Shared;
use super::super::upstream::{Retry, Upstream, UpstreamBody, UpstreamFault};
use super::super::{BodyFault, Gateway};

/// One resource, and nothing else; whoever asks lets others go first. What it is asked to do but to read, it notes.
#[derive(Clone, Debug)]
struct Held(Arc<Mutex<Bytes>>, Arc<Mutex<Vec<String>>>);

impl Upstream for Held {
    async fn call(&self, request: Request<Bytes>, _retry: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        tokio::task::yield_now().await;
        if request.method() != Method::GET {
            let text = String::from_utf8(request.body().to_vec()).unwrap();
            self.1.lock().unwrap().push(format!("{} {text}", request.method()));
        }
        if request.method() == Method::PUT {
            *self.0.lock().unwrap() = request.into_body();
        }
        let held = self.0.lock().unwrap().clone();
        tokio::task::yield_now().await;
        Ok(Response::new(UpstreamBody::whole(held)))
    }
}

fn gateway<U: Upstream>(upstream: U, can: Can, brake: Brake) -> (Gateway<U>, String) {
    chosen(upstream, can, brake, Choices::default())
}

/// A gateway on whose connection these choices are made.
fn chosen<U: Upstream>(upstream: U, can: Can, brake: Brake, choices: Choices) -> (Gateway<U>, String) {
    let mut backend = Pack::standard();
    backend.can = can;
    between(upstream, &backend, brake, choices)
}

/// A gateway before a backend of this pack.
fn between<U: Upstream>(upstream: U, backend: &Pack, brake: Brake, choices: Choices) -> (Gateway<U>, String) {
    let client = Pack::standard();
    let name = ConnectionName::parse("two").unwrap();
    let (tokens, secret) = access::rehearsal(&name, &[]);
    let budget = Arc::new(Budget::new(&backend.can.budget));
    let behind = Backend { budget, ..Backend::open("http://backend.example", backend, upstream) };
    let (brake, limits) = (Arc::new(brake), Limits::default());
    let terms = Terms { brake, limits, choices, ..Terms::open(name, vec![&client], backend, behind) };
    let metrics = Metrics::new();
    let connection = Connection::new(terms, &mut Shared::default(), &metrics);
    (Gateway::new(vec![connection], tokens, metrics), secret)
}

/// The status of the answer to such a call.
async fn status<U: Upstream>(gateway: &Gateway<U>, secret: &str, method: Method, path: &str, body: String) -> u16 {
    answer(gateway, secret, method, path, body).await.0
}

/// The answer to such a call.
async fn answer<U: Upstream>(
    gateway: &Gateway<U>,
    secret: &str,
    method: Method,
    path: &str,
    body: String,
) -> (u16, Bytes) {
    let body = Full::new(Bytes::from(body));
    let request = Request::builder()
        .method(method)
        .uri(format!("/two{path}"))
        .header(AUTHORIZATION, format!("Bearer {secret}"))
        .header(CONTENT_TYPE, "application/scim+json")
        .body(body.map_err(|never| -> BodyFault { match never {} }))
        .unwrap();
    let (head, body) = gateway.serve(request, None).await.into_parts();
    (head.status.as_u16(), body.collect().await.unwrap().to_bytes())
}

/// Adds a member; its status.
async fn add(gateway: &Gateway<Held>, secret: &str, member: &str) -> u16 {
    let op = format!(r#"{{"op": "add", "path": "members", "value": [{{"value": "{member}"}}]}}"#);
    status(gateway, secret, Method::PATCH, "/Groups/7", format!("{{\"Operations\": [{op}]}}")).await
}

fn holding(resource: &'static str) -> Held {
    Held(Arc::new(Mutex::new(Bytes::from_static(resource.as_bytes()))), Arc::default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_clients_patching_one_group_a_thousand_times_lose_no_update() {
    let group = holding("{\"displayName\": \"g\"}");
    let mut can = Can::default();
    can.groups.patch = Able::No;
    let (gateway, secret) = gateway(group.clone(), can, Brake::off());
    let (gateway, secret) = (Arc::new(gateway), Arc::new(secret));
    let patch = |call| {
        let (gateway, secret) = (gateway.clone(), secret.clone());
        let member = format!("{}-{call}", if call % 2 == 0 { "a" } else { "b" });
        tokio::spawn(async move { add(&gateway, &secret, &member).await })
    };
    // No more at once than a slow machine gets through before the last of them has waited too long.
    for hundred in 0..10 {
        for call in (0..100).map(|call| patch(hundred * 100 + call)).collect::<Vec<_>>() {
            assert_eq!(call.await.unwrap(), 200);
        }
    }
    let held = group.0.lock().unwrap().clone();
    let held: serde_json::Value = serde_json::from_slice(&held).unwrap();
    let members = held["members"].as_array().unwrap().iter().map(|member| member["value"].as_str().unwrap());
    assert_eq!(members.collect::<std::collections::BTreeSet<_>>().len(), 1000);
}

#[tokio::test]
async fn a_put_is_compared_though_its_body_could_be_streamed() {
    let user = holding("{\"userName\": \"ada\", \"title\": \"T\"}");
    let mut can = Can::default();
    can.users.replace = Able::No;
    let (gateway, secret) = gateway(user.clone(), can, Brake::off());
    let body = "{\"userName\": \"ada\", \"title\": \"U\"}".to_owned();
    assert_eq!(status(&gateway, &secret, Method::PUT, "/Users/7", body).await, 200);
    let sent = user.1.lock().unwrap().clone();
    assert_eq!(sent.len(), 1);
    assert!(sent[0].starts_with("PATCH ") && sent[0].contains(r#""path":"title","value":"U""#), "{}", sent[0]);
    assert!(!sent[0].contains("remove"), "{}", sent[0]);
}

const GROUP: &str = r#"{"displayName": "g", "members": [{"value": "1"}, {"value": "2"}, {"value": "3"}]}"#;

fn op(op: &str) -> String {
    format!("{{\"Operations\": [{op}]}}")
}

fn allowing(losses: u32) -> Brake {
    Brake::new(losses.try_into().unwrap())
}

#[tokio::test]
async fn what_is_beyond_the_brake_is_a_503_and_never_reaches_the_backend() {
    let group = holding(GROUP);
    let (gateway, secret) = gateway(group.clone(), Can::default(), allowing(4));
    let out = |id: u8| op(&format!(r#"{{"op": "remove", "path": "members[value eq \"{id}\"]"}}"#));
    for (method, path, body, expected) in [
        (Method::PATCH, "/Groups/7", out(1), 200),
        (Method::DELETE, "/Users/7", String::new(), 204),
        (Method::PATCH, "/Users/7", op(r#"{"op": "replace", "path": "active", "value": false}"#), 200),
        (Method::PUT, "/Users/7", r#"{"userName": "ada", "active": false}"#.to_owned(), 200),
        (Method::PATCH, "/Groups/7", out(2), 503),
        (Method::DELETE, "/Users/8", String::new(), 503),
        (Method::PUT, "/Users/7", r#"{"userName": "ada", "active": false}"#.to_owned(), 503),
        (Method::PATCH, "/Users/7", op(r#"{"op": "replace", "path": "title", "value": "T"}"#), 200),
    ] {
        assert_eq!(status(&gateway, &secret, method.clone(), path, body).await, expected, "{method} {path}");
    }
    assert_eq!(group.1.lock().unwrap().len(), 5);
}

#[tokio::test]
async fn who_would_be_taken_out_of_a_group_is_read_first() {
    for (method, body) in [
        (Method::PUT, r#"{"displayName": "g", "members": [{"value": "1"}]}"#.to_owned()),
        (Method::PATCH, op(r#"{"op": "replace", "path": "members", "value": [{"value": "1"}]}"#)),
        (Method::PATCH, op(r#"{"op": "replace", "value": {"members": [{"value": "1"}]}}"#)),
    ] {
        for (allowed, expected) in [(1, 503), (2, 200)] {
            let group = holding(GROUP);
            let (gateway, secret) = gateway(group.clone(), Can::default(), allowing(allowed));
            assert_eq!(status(&gateway, &secret, method.clone(), "/Groups/7", body.clone()).await, expected, "{body}");
            assert_eq!(group.1.lock().unwrap().len(), usize::from(expected == 200), "{body}");
        }
    }
}

#[tokio::test]
async fn what_a_bridge_finds_out_after_its_read_is_counted_too() {
    let (mut put_only, mut patch_only, mut one_by_one) = (Can::default(), Can::default(), Can::default());
    put_only.groups.patch = Able::No;
    patch_only.groups.replace = Able::No;
    let members = vec![MemberChange::Add, MemberChange::RemoveByFilter];
    one_by_one.groups.patch = Able::Yes(Patching { members, ..Patching::default() });
    let emptied = op(r#"{"op": "remove", "path": "members"}"#);
    let replaced = op(r#"{"op": "replace", "path": "members", "value": []}"#);
    for (can, method, body) in [
        (put_only, Method::PATCH, emptied),
        (patch_only, Method::PUT, "{\"displayName\": \"g\"}".to_owned()),
        (one_by_one, Method::PATCH, replaced),
    ] {
        for (allowed, expected) in [(2, 503), (3, 200)] {
            let group = holding(GROUP);
            let (gateway, secret) = gateway(group.clone(), can.clone(), allowing(allowed));
            assert_eq!(status(&gateway, &secret, method.clone(), "/Groups/7", body.clone()).await, expected, "{body}");
            assert_eq!(group.1.lock().unwrap().len(), usize::from(expected == 200), "{body}");
        }
    }
}
