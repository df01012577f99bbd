//! Bulk requests that are made as calls of their own, before a directory that can be made to fail, to wait, and to take long.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, LOCATION};
use http::{Method, Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::super::connection::{Backend, Connection, Terms};
use super::super::shared::Shared;
use super::super::upstream::{Retry, Upstream, UpstreamBody, UpstreamFault};
use super::super::{BodyFault, Gateway};
use crate::access::{self, Brake, ConnectionName, Grant, Label, Register, Scope, ScopeSet, Tokens, os_random};
use crate::bridge::{Choices, Deletion, Lifecycle, Limits};
use crate::metrics::Metrics;
use crate::rules::can::{Able, Patching};
use crate::rules::{Can, Pack};
use crate::scim::Version;

const THERE: &str = "http://backend.example";
const HERE: &str = "https://gateway.example/two";

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Failure {
    /// It is refused, and nothing is done.
    Refused,
    /// It is done, and nobody learns of it.
    Lost,
}

/// Users and groups by their path. What it is asked, it notes.
#[derive(Clone, Debug, Default)]
struct Directory {
    held: Arc<Mutex<BTreeMap<String, Value>>>,
    asked: Arc<Mutex<Vec<String>>>,
    /// The call that fails, from 0 on.
    fails: Option<(usize, Failure)>,
    /// The call that waits, and what it waits for.
    waits: Option<(usize, Arc<Notify>)>,
    /// How long each call takes.
    takes: Duration,
}

impl Directory {
    fn of(resources: &[(&str, Value)]) -> Self {
        let directory = Self::default();
        for (path, resource) in resources {
            directory.held.lock().unwrap().insert((*path).to_owned(), resource.clone());
        }
        directory
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    fn at(&self, path: &str) -> Value {
        self.held.lock().unwrap().get(path).cloned().unwrap_or_default()
    }

    fn answers(&self, method: &Method, path: &str, body: &Value) -> (u16, Value) {
        let mut held = self.held.lock().unwrap();
        let error = |status: u16| {
            (status, json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": status.to_string()}))
        };
        let is_taken = held.values().any(|one| !body["userName"].is_null() && one["userName"] == body["userName"]);
        match (method.as_str(), held.get_mut(path)) {
            ("POST", _) if is_taken => error(409),
            ("POST", _) => {
                let mut made = body.clone();
                let id = format!("n{}", held.len());
                made["id"] = json!(id);
                held.insert(format!("{path}/{id}"), made.clone());
                (201, made)
            }
            ("GET", Some(one)) => (200, one.clone()),
            ("PUT", Some(one)) => {
                *one = body.clone();
                (200, body.clone())
            }
            ("PATCH", Some(one)) => {
                for operation in body["Operations"].as_array().unwrap() {
                    let (path, value) = (operation["path"].as_str().unwrap(), &operation["value"]);
                    match path.split_once("[value eq \"") {
                        Some((list, id)) => {
                            let id = id.trim_end_matches("\"]");
                            one[list].as_array_mut().unwrap().retain(|item| item["value"] != id);
                        }
                        None if path == "members" => {
                            let list = one["members"].as_array_mut().unwrap();
                            let fresh = value.as_array().unwrap().iter().filter(|item| !list.contains(item));
                            let fresh: Vec<Value> = fresh.cloned().collect();
                            list.extend(fresh);
                        }
                        None => one[path] = value.clone(),
                    }
                }
                (200, one.clone())
            }
            ("DELETE", Some(_)) => {
                held.remove(path);
                (204, Value::Null)
            }
            _ => error(404),
        }
    }
}

impl Upstream for Directory {
    async fn call(&self, request: Request<Bytes>, _retry: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let path = request.uri().path().to_owned();
        let at = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(format!("{} {path}", request.method()));
            asked.len() - 1
        };
        if let Some((_, waits)) = self.waits.as_ref().filter(|(place, _)| *place == at) {
            waits.notified().await;
        }
        if !self.takes.is_zero() {
            tokio::time::advance(self.takes).await;
        }
        let failure = self.fails.filter(|(place, _)| *place == at).map(|(_, failure)| failure);
        if failure == Some(Failure::Refused) {
            return Ok(Response::builder().status(500).body(UpstreamBody::whole(Bytes::new())).unwrap());
        }
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        let (status, body) = self.answers(request.method(), &path, &body);
        if failure == Some(Failure::Lost) {
            return Err(UpstreamFault::Reset);
        }
        let mut response = Response::builder().status(status).header(ETAG, "\"v1\"");
        if status == 201 {
            response = response.header(LOCATION, format!("{THERE}{path}/{}", body["id"].as_str().unwrap()));
        }
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        Ok(response.body(UpstreamBody::whole(bytes)).unwrap())
    }
}

/// What a gateway is set up with.
struct Stage {
    can: Can,
    brake: Brake,
    choices: Choices,
    limits: Limits,
    scopes: Option<&'static str>,
    client: Version,
}

impl Default for Stage {
    fn default() -> Self {
        Self {
            can: Can { bulk: Able::No, ..Can::default() },
            brake: Brake::off(),
            choices: Choices::default(),
            limits: Limits::default(),
            scopes: None,
            client: Version::Two,
        }
    }
}

struct Played {
    gateway: Gateway<Directory>,
    secret: String,
    metrics: Metrics,
}

impl Stage {
    fn before(self, directory: &Directory) -> Played {
        let (client, mut backend) = (Pack::standard(), Pack::standard());
        backend.can = self.can;
        let name = ConnectionName::parse("two").unwrap();
        let (tokens, secret) = match self.scopes {
            None => access::rehearsal(&name, &[]),
            Some(scopes) => {
                let scopes: ScopeSet = scopes.split(' ').map(|scope| Scope::parse(scope).unwrap()).collect();
                let label = Label::parse("two").unwrap();
                let grant = Grant { connection: name.clone(), name: label, scopes, lifetime: None, at_most: 1 };
                let mut register = Register::default();
                let (_, secret) = register.create(grant, UNIX_EPOCH, &mut os_random).unwrap();
                (Tokens::new(&register), secret.expose().to_owned())
            }
        };
        let behind = Backend::open(THERE, &backend, directory.clone());
        let terms = Terms {
            body_limit: 1 << 20,
            scim: self.client,
            brake: Arc::new(self.brake),
            limits: self.limits,
            choices: self.choices,
            ..Terms::open(name, vec![&client], &backend, behind)
        };
        let metrics = Metrics::new();
        let connection = Connection::new(terms, &mut Shared::default(), &metrics);
        let gateway = Gateway::new(vec![connection], tokens, metrics.clone());
        Played { gateway, secret, metrics }
    }
}

impl Played {
    async fn call(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let body = Full::new(bytes).map_err(|never| -> BodyFault { match never {} });
        let request = Request::builder()
            .method(method)
            .uri(format!("/two{path}"))
            .header(AUTHORIZATION, format!("Bearer {}", self.secret))
            .header(CONTENT_TYPE, "application/json")
            .body(body)
            .unwrap();
        let (head, body) = self.gateway.serve(request, None).await.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        (head.status.as_u16(), serde_json::from_slice(&body).unwrap_or_default())
    }

    /// The results of these operations.
    async fn bulk(&self, fail_on_errors: Option<u32>, operations: Value) -> Vec<Value> {
        let mut body = json!({ "Operations": operations });
        if let Some(most) = fail_on_errors {
            body["failOnErrors"] = json!(most);
        }
        let (status, body) = self.call(Method::POST, "/Bulk", &body).await;
        assert_eq!(status, 200, "{body}");
        assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
        body["Operations"].as_array().unwrap().clone()
    }

    fn counts(&self, line: &str) -> bool {
        self.metrics.encode().lines().any(|one| one == line)
    }
}

fn statuses(results: &[Value]) -> Vec<&str> {
    results.iter().map(|one| one["status"].as_str().unwrap()).collect()
}

fn detail(result: &Value) -> &str {
    result["response"]["detail"].as_str().unwrap()
}

fn user(id: &str, name: &str) -> (String, Value) {
    (format!("/Users/{id}"), json!({"id": id, "userName": name, "active": true}))
}

fn directory() -> Directory {
    let users = [user("1", "ada"), user("2", "bob"), user("3", "cy")];
    let directory = Directory::of(&[("/Groups/9", json!({"id": "9", "displayName": "all", "members": []}))]);
    directory.held.lock().unwrap().extend(users);
    directory
}

fn patch(path: &str, operation: Value) -> Value {
    json!({"method": "PATCH", "path": path, "data": {"Operations": [operation]}})
}

fn off(path: &str) -> Value {
    patch(path, json!({"op": "replace", "path": "active", "value": false}))
}

fn titled(path: &str) -> Value {
    patch(path, json!({"op": "replace", "path": "title", "value": "T"}))
}

fn delete(path: &str) -> Value {
    json!({"method": "DELETE", "path": path})
}

#[tokio::test]
async fn a_deactivation_goes_over_the_bridge_of_a_single_call() {
    for bulk in [Able::No, Able::default()] {
        let directory = directory();
        let mut can = Can { bulk, ..Can::default() };
        can.users.patch = Able::No;
        let played = Stage { can, ..Stage::default() }.before(&directory);
        let results = played.bulk(None, json!([off("/Users/1"), delete("/Users/2")])).await;
        let expected = [
            json!({"location": format!("{HERE}/Users/1"), "method": "PATCH", "version": "W/\"strong:v1\"", "status": "200"}),
            json!({"location": format!("{HERE}/Users/2"), "method": "DELETE", "version": "\"v1\"", "status": "204"}),
        ];
        let plain = |one: &Value| {
            let mut one = one.clone();
            one.as_object_mut().unwrap().remove("version");
            one
        };
        assert_eq!(results.iter().map(plain).collect::<Vec<_>>(), expected.iter().map(plain).collect::<Vec<_>>());
        assert_eq!(directory.asked(), ["GET /Users/1", "PUT /Users/1", "DELETE /Users/2"]);
        assert_eq!(directory.at("/Users/1")["active"], false);
        for line in [
            "scimgate_bridge_calls_total{bridge=\"bulk\"} 1",
            "scimgate_bridge_calls_total{bridge=\"patch_to_put\"} 1",
            "scimgate_bulk_operations_total{code=\"200\",connection=\"two\",method=\"PATCH\",route=\"/Users/{id}\"} 1",
            "scimgate_bulk_operations_total{code=\"204\",connection=\"two\",method=\"DELETE\",route=\"/Users/{id}\"} 1",
        ] {
            assert!(played.counts(line), "{line}");
        }
    }
}

#[tokio::test]
async fn what_an_owner_has_chosen_holds_in_bulk() {
    let directory = directory();
    let lifecycle = Lifecycle { deletion: Deletion::Deactivate, ..Lifecycle::default() };
    let choices = Choices { lifecycle, ..Choices::default() };
    let played = Stage { can: Can::default(), choices, ..Stage::default() }.before(&directory);
    let results = played.bulk(None, json!([delete("/Users/1"), delete("/Users/7")])).await;
    assert_eq!(statuses(&results), ["204", "404"]);
    assert_eq!(directory.at("/Users/1")["active"], false);
}

#[tokio::test]
async fn an_operation_without_its_scope_is_refused_and_the_others_are_made() {
    let directory = directory();
    let played = Stage { scopes: Some("patch:users post:groups"), ..Stage::default() }.before(&directory);
    let operations = json!([
        titled("/Users/1"),
        delete("/Users/2"),
        titled("/Groups/9"),
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "eve"}},
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"members": [{"value": "bulkId:u"}]}},
        titled("/Users/3"),
    ]);
    let results = played.bulk(None, operations).await;
    assert_eq!(statuses(&results), ["200", "403", "403", "403", "409", "200"]);
    assert!(detail(&results[1]).contains("delete:users"));
    assert_eq!(results[1]["location"], format!("{HERE}/Users/2"));
    assert_eq!(directory.asked(), ["PATCH /Users/1", "PATCH /Users/3"]);
    let denied = "scimgate_scope_denied_total{connection=\"two\",method=\"DELETE\",route=\"/Users/{id}\"} 1";
    assert!(played.counts(denied), "{}", played.metrics.encode());
}

#[tokio::test]
async fn references_are_written_wherever_they_stand_forwards_and_backwards() {
    let directory = directory();
    let played = Stage::default().before(&directory);
    let member = json!([{"value": "bulkId:eve", "$ref": "../Users/bulkId:eve"}, {"value": "1"}]);
    let operations = json!([
        patch("/Groups/bulkId:g", json!({"op": "remove", "path": "members[value eq \"bulkId:eve\"]"})),
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "of bulkId:eve", "members": member}},
        {"method": "POST", "path": "/Users", "bulkId": "eve", "data": {"userName": "eve"}},
        patch("/Groups/9", json!({"op": "add", "path": "members", "value": [{"value": "bulkId:eve"}]})),
    ]);
    let results = played.bulk(None, operations).await;
    assert_eq!(statuses(&results), ["200", "201", "201", "200"]);
    let (group, eve) = ("n5", "n4");
    let asked = ["POST /Users", "POST /Groups", "PATCH /Groups/n5", "PATCH /Groups/9"];
    assert_eq!(directory.asked(), asked);
    assert_eq!(directory.at("/Groups/9")["members"], json!([{"value": eve}]));
    assert_eq!(directory.at("/Groups/n5")["members"], json!([{"value": "1"}]));
    assert_eq!(directory.at("/Groups/n5")["displayName"], "of bulkId:eve");
    assert_eq!(results[0]["location"], format!("{HERE}/Groups/{group}"));
    assert_eq!(results[2]["location"], format!("{HERE}/Users/{eve}"));
    assert_eq!(results[2]["bulkId"], "eve");
    assert_eq!(results[2].get("response"), None);
}

#[tokio::test]
async fn a_circle_is_a_409_and_so_is_what_refers_to_what_was_not_made() {
    let directory = directory();
    let played = Stage::default().before(&directory);
    let group = |id: &str, of: &str| json!({"method": "POST", "path": "/Groups", "bulkId": id, "data": {"members": [{"value": format!("bulkId:{of}")}]}});
    let operations = json!([
        group("a", "b"),
        group("b", "a"),
        group("c", "a"),
        group("d", "ada"),
        {"method": "POST", "path": "/Users", "bulkId": "ada", "data": {"userName": "ada"}},
        group("e", "nobody"),
        delete("/Users/bulkId:ada"),
        titled("/Users/1"),
    ]);
    let results = played.bulk(None, operations).await;
    assert_eq!(statuses(&results), ["409", "409", "409", "409", "409", "400", "409", "200"]);
    assert!(detail(&results[0]).contains("circle") && detail(&results[2]).contains("circle"));
    assert!(detail(&results[3]).contains("not tried") && detail(&results[6]).contains("\"ada\""), "{results:?}");
    assert_eq!(results[6].get("location"), None);
    assert_eq!(directory.asked(), ["POST /Users", "PATCH /Users/1"]);
}

#[tokio::test]
async fn after_so_many_errors_nothing_more_is_made() {
    let operations = json!([
        titled("/Users/1"),
        delete("/Users/7"),
        delete("/Roles/7"),
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"members": [{"value": "bulkId:eve"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "eve", "data": {"userName": "eve"}},
    ]);
    for (most, expected, calls) in [
        (Some(1), vec!["200", "404"], 2),
        (Some(2), vec!["200", "404", "404"], 2),
        (Some(3), vec!["200", "404", "404", "201", "201"], 4),
        (None, vec!["200", "404", "404", "201", "201"], 4),
    ] {
        let directory = directory();
        let played = Stage::default().before(&directory);
        assert_eq!(statuses(&played.bulk(most, operations.clone()).await), expected, "{most:?}");
        assert_eq!(directory.asked().len(), calls, "{most:?}");
    }
    // Where the backend has Bulk, it can't count our refusals in between.
    let directory = directory();
    let played = Stage { can: Can::default(), ..Stage::default() }.before(&directory);
    let results = played.bulk(Some(2), json!([delete("/Roles/7"), titled("/Users/1"), delete("/Users/7")])).await;
    assert_eq!(statuses(&results), ["404", "200", "404"]);
    assert_eq!(directory.asked(), ["PATCH /Users/1", "DELETE /Users/7"]);
}

#[tokio::test]
async fn the_brake_is_drawn_from_one_by_one() {
    let directory = directory();
    let brake = Brake::new(NonZeroU32::new(2).unwrap());
    let played = Stage { brake, ..Stage::default() }.before(&directory);
    let operations =
        json!([off("/Users/1"), delete("/Users/2"), delete("/Users/3"), titled("/Users/3"), off("/Users/3")]);
    let results = played.bulk(None, operations).await;
    assert_eq!(statuses(&results), ["200", "204", "503", "200", "503"]);
    assert_eq!(directory.asked(), ["PATCH /Users/1", "DELETE /Users/2", "PATCH /Users/3"]);
    assert_eq!(directory.at("/Users/3")["active"], true);
    assert!(played.counts("scimgate_rate_limited_total{limit=\"brake\"} 2"), "{}", played.metrics.encode());
}

#[tokio::test]
async fn whatever_call_fails_the_answer_tells_the_truth_and_a_repeat_heals() {
    let mut can = Can { bulk: Able::No, ..Can::default() };
    can.users.patch = Able::No;
    let operations = || {
        json!([
            off("/Users/1"),
            {"method": "PUT", "path": "/Users/2", "data": {"id": "2", "userName": "bob", "active": false}},
            patch("/Groups/9", json!({"op": "add", "path": "members", "value": [{"value": "1"}]})),
            delete("/Users/3"),
        ])
    };
    let done = |directory: &Directory| {
        let off = |path| directory.at(path)["active"] == false;
        let joined = directory.at("/Groups/9")["members"] == json!([{"value": "1"}]);
        [off("/Users/1"), off("/Users/2"), joined, directory.at("/Users/3").is_null()]
    };
    for failure in [Failure::Refused, Failure::Lost] {
        for at in 0..5 {
            let mut failing = directory();
            failing.fails = Some((at, failure));
            let played = Stage { can: can.clone(), ..Stage::default() }.before(&failing);
            let results = played.bulk(None, operations()).await;
            let told: Vec<bool> = results.iter().map(|one| one["status"].as_str().unwrap() < "300").collect();
            let made = done(&failing);
            assert_eq!(told.iter().filter(|told| !**told).count(), 1, "{at} {failure:?}");
            for (told, made) in told.iter().zip(made) {
                // What was lost may have been made; what is told to be made, was.
                assert!(made || !told, "{at} {failure:?}: {results:?}");
                assert!(*told || !made || failure == Failure::Lost, "{at} {failure:?}: {results:?}");
            }
            let healed = Directory { fails: None, ..failing };
            let played = Stage { can: can.clone(), ..Stage::default() }.before(&healed);
            let again = played.bulk(None, operations()).await;
            assert!(statuses(&again).iter().all(|status| *status < "300" || *status == "404"), "{again:?}");
            assert_eq!(done(&healed), [true; 4], "{at} {failure:?}");
        }
    }
}

#[tokio::test]
async fn a_creation_of_which_nobody_learned_is_no_success_and_nothing_refers_to_it() {
    let mut lost = directory();
    lost.fails = Some((0, Failure::Lost));
    let played = Stage::default().before(&lost);
    let operations = json!([
        {"method": "POST", "path": "/Users", "bulkId": "eve", "data": {"userName": "eve"}},
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"members": [{"value": "bulkId:eve"}]}},
    ]);
    let results = played.bulk(None, operations).await;
    assert_eq!(statuses(&results), ["502", "409"]);
    assert_eq!(lost.asked(), ["POST /Users"]);
}

#[tokio::test]
async fn all_operations_share_what_one_request_may_write() {
    let directory = directory();
    let patching = Patching { max_changes: Some(1), ..Patching::default() };
    let mut can = Can { bulk: Able::No, ..Can::default() };
    can.groups.patch = Able::Yes(patching);
    let limits = Limits { writes: 3, ..Limits::default() };
    let played = Stage { can, limits, ..Stage::default() }.before(&directory);
    let add = json!({"op": "add", "path": "members", "value": [{"value": "1"}, {"value": "2"}]});
    let results = played.bulk(None, json!([patch("/Groups/9", add), titled("/Users/1"), titled("/Users/2")])).await;
    assert_eq!(statuses(&results), ["200", "200", "503"]);
    assert!(detail(&results[2]).starts_with("not tried"), "{results:?}");
    assert_eq!(directory.asked().last().unwrap(), "PATCH /Users/1");
    let all = json!({"Operations": [titled("/Users/1"), titled("/Users/1"), titled("/Users/1"), titled("/Users/1")]});
    let (status, body) = played.call(Method::POST, "/Bulk", &all).await;
    assert_eq!((status, directory.asked().len()), (413, 0), "{body}");
    // Nor are more made where only what they say tells that each is a call.
    let limits = Limits { writes: 1, ..Limits::default() };
    let brake = Brake::new(NonZeroU32::new(9).unwrap());
    let played = Stage { can: Can::default(), limits, brake, ..Stage::default() }.before(&directory);
    let replaces = json!({"op": "replace", "path": "members", "value": []});
    let all = json!({"Operations": [titled("/Users/1"), patch("/Groups/9", replaces)]});
    let (status, body) = played.call(Method::POST, "/Bulk", &all).await;
    assert_eq!((status, directory.asked().len()), (413, 0), "{body}");
}

#[tokio::test(start_paused = true)]
async fn what_there_is_no_time_for_is_not_tried_and_says_so() {
    let mut slow = directory();
    slow.takes = Duration::from_secs(20);
    let played = Stage::default().before(&slow);
    let all =
        json!([titled("/Users/1"), titled("/Users/2"), titled("/Users/3"), titled("/Groups/9"), delete("/Users/1")]);
    let results = played.bulk(None, all).await;
    // Of the third nobody knows in time; it ends all the same.
    assert_eq!(statuses(&results), ["200", "200", "504", "503", "503"]);
    assert!(detail(&results[3]).starts_with("not tried") && detail(&results[4]).starts_with("not tried"));
    assert_eq!(slow.asked(), ["PATCH /Users/1", "PATCH /Users/2", "PATCH /Users/3"]);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert_eq!(slow.at("/Users/3")["title"], "T");
}

#[tokio::test]
async fn who_hangs_up_stops_what_has_not_begun_and_nothing_else() {
    let mut waiting = directory();
    let notify = Arc::new(Notify::new());
    waiting.waits = Some((1, notify.clone()));
    let played = Stage::default().before(&waiting);
    let all = json!({"Operations": [titled("/Users/1"), off("/Users/2"), titled("/Users/3")]});
    {
        let mut call = std::pin::pin!(played.call(Method::POST, "/Bulk", &all));
        while waiting.asked.lock().unwrap().len() < 2 {
            let none = polled(call.as_mut()).await;
            assert!(none.is_none());
        }
    }
    notify.notify_one();
    let ended =
        "scimgate_bulk_operations_total{code=\"499\",connection=\"two\",method=\"PATCH\",route=\"/Users/{id}\"} 1";
    let mut steps = 0;
    while !played.counts(ended) {
        tokio::task::yield_now().await;
        steps += 1;
        assert!(steps < 10_000, "{}", played.metrics.encode());
    }
    let made =
        "scimgate_bulk_operations_total{code=\"200\",connection=\"two\",method=\"PATCH\",route=\"/Users/{id}\"} 2";
    assert!(played.counts(made), "{}", played.metrics.encode());
    assert_eq!(waiting.asked(), ["PATCH /Users/1", "PATCH /Users/2"]);
    assert_eq!(waiting.at("/Users/2")["active"], false);
}

/// Lets others go on, then polls once.
async fn polled<F: Future>(mut future: std::pin::Pin<&mut F>) -> Option<F::Output> {
    tokio::task::yield_now().await;
    std::future::poll_fn(|cx| {
        std::task::Poll::Ready(match future.as_mut().poll(cx) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[tokio::test]
async fn a_version_is_the_precondition_of_its_operation_and_the_request_has_none() {
    let directory = directory();
    let played = Stage::default().before(&directory);
    let body = Full::new(Bytes::from(json!({"Operations": [titled("/Users/1")]}).to_string()));
    let request = Request::post("/two/Bulk")
        .header(AUTHORIZATION, format!("Bearer {}", played.secret))
        .header("if-match", "\"v1\"")
        .body(body.map_err(|never| -> BodyFault { match never {} }))
        .unwrap();
    assert_eq!(played.gateway.serve(request, None).await.status(), 400);
    assert!(directory.asked().is_empty());
}

#[tokio::test]
async fn a_client_of_scim_1_1_gets_its_results_in_its_words() {
    let directory = directory();
    let played = Stage { client: Version::OneOne, ..Stage::default() }.before(&directory);
    let body = json!({"schemas": ["urn:scim:schemas:core:1.0"], "Operations": [
        {"method": "PATCH", "path": "/Users/1", "data": {"active": false}},
        {"method": "POST", "path": "/Groups", "bulkId": "g", "data": {"displayName": "g", "members": [{"value": "batchId:u"}]}},
        {"method": "POST", "path": "/Users", "bulkId": "u", "data": {"userName": "eve"}},
        {"method": "DELETE", "path": "/Users/7"},
    ]});
    let (status, body) = played.call(Method::POST, "/Bulk", &body).await;
    assert_eq!((status, &body["schemas"]), (200, &json!(["urn:scim:schemas:core:1.0"])), "{body}");
    let results = body["Operations"].as_array().unwrap();
    let codes: Vec<&str> = results.iter().map(|one| one["status"]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["200", "201", "201", "404"], "{body}");
    assert_eq!(directory.at("/Groups/n5")["members"], json!([{"value": "n4"}]));
    assert_eq!(directory.at("/Users/1")["active"], false);
}

#[tokio::test]
async fn what_is_said_of_bulk_is_what_there_is() {
    for (said, can, writes, expected) in [
        (
            json!({"bulk": {"supported": false}}),
            Able::No,
            200,
            json!({"supported": true, "maxOperations": 200, "maxPayloadSize": 1 << 20}),
        ),
        (json!({}), Able::No, 7, json!({"supported": true, "maxOperations": 7, "maxPayloadSize": 1 << 20})),
        (
            json!({"bulk": {"supported": true, "maxOperations": 5, "maxPayloadSize": 9}}),
            Able::default(),
            200,
            json!({"supported": true, "maxOperations": 5, "maxPayloadSize": 9}),
        ),
    ] {
        let directory = Directory::of(&[("/ServiceProviderConfig", said)]);
        let limits = Limits { writes, ..Limits::default() };
        let played = Stage { can: Can { bulk: can, ..Can::default() }, limits, ..Stage::default() }.before(&directory);
        let (_, body) = played.call(Method::GET, "/ServiceProviderConfig", &Value::Null).await;
        assert_eq!(body["bulk"], expected);
    }
}
