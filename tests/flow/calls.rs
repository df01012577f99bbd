//! Bulk requests that can't go in one request: their operations are made as calls of their own, by the same rules.

use bytes::Bytes;
use scimgate::gateway::rehearse::{self, Answered, Asked, Played, Stage};
use scimgate::rules::can::Able;
use serde_json::{Value, json};

use super::pack;

const HERE: &str = "https://gateway.example/scim/v2/connections/rehearsal";
const THERE: &str = "http://backend.example/scim/v2";

/// Plays operations between these rules; each call is answered with the next status and body.
async fn play(has_bulk: bool, outer: &[&str], inner: &[&str], operations: Value, answers: &[(u16, Value)]) -> Played {
    let (outer, mut inner) = (pack("client", outer).unwrap(), pack("backend", inner).unwrap());
    if !has_bulk {
        inner.can.bulk = Able::No;
    }
    let stage = Stage::between(vec![&outer], &inner);
    let body = json!({ "Operations": operations }).to_string();
    let asked = Asked { method: "POST".to_owned(), target: "/Bulk".to_owned(), headers: Vec::new(), body: body.into() };
    let answered = |(status, body): &(u16, Value)| {
        let body = if body.is_null() { Vec::new() } else { vec![Bytes::from(body.to_string())] };
        Answered { status: *status, headers: Vec::new(), body }
    };
    rehearse::play(&stage, &asked, answers.iter().map(answered).collect()).await.unwrap()
}

/// What the backend got.
fn heard(played: &Played) -> Vec<(String, Value)> {
    let one = |heard: &rehearse::Heard| {
        let body = serde_json::from_slice(&heard.body).unwrap_or_default();
        (format!("{} {}", heard.method, heard.target), body)
    };
    played.received.iter().map(one).collect()
}

fn results(played: &Played) -> Value {
    assert_eq!(played.status, 200, "{}", String::from_utf8_lossy(&played.body));
    serde_json::from_slice::<Value>(&played.body).unwrap()["Operations"].clone()
}

#[tokio::test]
async fn rules_of_both_sides_see_each_operation_as_a_call_of_its_own() {
    let outer = &["do: [ { path: { alias: { /People: /Users } } } ]"];
    let inner = &[
        "when: { resource: User }, do: [ { rename: { names: { userName: login } } } ]",
        "when: { resource: User, operations: delete }, do: [ { header: { x-reason: { set: leaver } } } ]",
        "when: { resource: User, operations: patch }, do: [ { drop: { at: [nickName] } } ]",
        "when: { resource: Group }, do: [ { affix: { at: \"members[*].value\", prefix: \"hr-\" } } ]",
        "to: client, when: { status: 400 }, do: [ { error: { matches: taken, scim-type: uniqueness } } ]",
    ];
    let taken =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400", "detail": "taken" });
    let operations = json!([
        { "method": "POST", "path": "/Groups", "bulkId": "g", "data": { "members": [{ "value": "bulkId:a" }] } },
        { "method": "POST", "path": "/People", "bulkId": "a", "data": { "userName": "ada" } },
        { "method": "PATCH", "path": "/Users/7", "data": { "Operations": [{ "op": "add", "path": "nickName", "value": "a" }] } },
        { "method": "DELETE", "path": "/Users/7" },
        { "method": "POST", "path": "/Users", "bulkId": "b", "data": { "userName": "bob" } },
    ]);
    let answers = [
        (201, json!({ "id": "1", "login": "ada", "meta": { "location": format!("{THERE}/Users/1") } })),
        (201, json!({ "id": "2", "members": [{ "value": "hr-1" }] })),
        (200, json!({ "id": "7", "login": "cy" })),
        (200, json!({ "login": "gone" })),
        (400, taken),
    ];
    for has_bulk in [false, true] {
        let played = play(has_bulk, outer, inner, operations.clone(), &answers).await;
        let expected = [
            ("POST /Users".to_owned(), json!({ "login": "ada" })),
            ("POST /Groups".to_owned(), json!({ "members": [{ "value": "hr-1" }] })),
            ("GET /Users/7".to_owned(), Value::Null),
            ("DELETE /Users/7".to_owned(), Value::Null),
            ("POST /Users".to_owned(), json!({ "login": "bob" })),
        ];
        assert_eq!(heard(&played), expected, "{has_bulk}");
        assert_eq!(played.received[3].headers["x-reason"], "leaver");
        let results = results(&played);
        let statuses: Vec<&str> =
            results.as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
        assert_eq!(statuses, ["201", "201", "200", "204", "400"]);
        assert_eq!(results[0]["location"], format!("{HERE}/Groups/2"));
        assert_eq!(results[4]["response"]["scimType"], "uniqueness");
    }
}

#[tokio::test]
async fn what_a_rule_refuses_is_not_sent_and_stops_nothing_else() {
    let rules = &["when: { resource: Group }, do: [ { reject: { status: 403, detail: no groups here } } ]"];
    let operations = json!([
        { "method": "DELETE", "path": "/Groups/1" },
        { "method": "DELETE", "path": "/Users/1" },
        { "method": "DELETE", "path": "/Me" },
        { "method": "POST", "path": "/Users/.search", "bulkId": "s", "data": {} },
        { "method": "PUT", "path": "/Users/1" },
    ]);
    let played = play(false, &[], rules, operations, &[(204, Value::Null)]).await;
    assert_eq!(heard(&played), [("DELETE /Users/1".to_owned(), Value::Null)]);
    let results = results(&played);
    assert_eq!(results[0]["response"]["detail"], "no groups here");
    let statuses: Vec<&str> = results.as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["403", "204", "501", "400", "400"]);
}

#[tokio::test]
async fn a_rule_of_the_client_may_refuse_bulk_as_a_whole() {
    let rules = &["when: { operations: bulk }, do: [ { reject: { status: 501, detail: one by one } } ]"];
    let played = play(false, rules, &[], json!([{ "method": "DELETE", "path": "/Users/1" }]), &[]).await;
    assert_eq!((played.status, played.received.len()), (501, 0));
}
