//! Bulk requests: each operation translated as the single call that it stands for, in one request to the backend, and its
//! result back at its place.

use bytes::Bytes;
use scimgate::gateway::rehearse::{self, Answered, Asked, Played, Stage};
use scimgate::rules::Pack;
use serde_json::{Value, json};

use super::pack;

const HERE: &str = "https://gateway.example/scim/v2/connections/rehearsal";
const THERE: &str = "http://backend.example/scim/v2";

const BLOCKED: &[&str] = &[
    "when: { resource: User }, do: [ { rename: { names: { userName: login } } } ]",
    "when: { resource: User }, do: [ { invert: { at: active } }, { rename: { names: { active: blocked } } } ]",
    "when: { resource: Group }, do: [ { rename: { names: { displayName: label } } } ]",
];

async fn play_bytes(outer: &Pack, inner: &Pack, body: &[u8], answer: &[u8]) -> Played {
    let stage = Stage::between(vec![outer], inner);
    let (method, target, body) = ("POST".to_owned(), "/Bulk".to_owned(), Bytes::copy_from_slice(body));
    let asked = Asked { method, target, headers: Vec::new(), body };
    let answered = Answered { status: 200, headers: Vec::new(), body: vec![Bytes::copy_from_slice(answer)] };
    rehearse::play(&stage, &asked, vec![answered]).await.unwrap()
}

async fn between(outer: &[&str], inner: &[&str], body: &Value, results: Value) -> Played {
    let (outer, inner) = (pack("client", outer).unwrap(), pack("backend", inner).unwrap());
    let answer = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"], "Operations": results,
    });
    play_bytes(&outer, &inner, body.to_string().as_bytes(), answer.to_string().as_bytes()).await
}

fn bulk(operations: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations })
}

/// The operations that the backend got.
fn sent(played: &Played) -> Value {
    assert_eq!(played.received.len(), 1, "{}", String::from_utf8_lossy(&played.body));
    let heard = &played.received[0];
    assert_eq!((heard.method.as_str(), heard.target.as_str()), ("POST", "/Bulk"));
    serde_json::from_slice::<Value>(&heard.body).unwrap()["Operations"].clone()
}

/// The results that the client got.
fn results(played: &Played) -> Value {
    assert_eq!(played.status, 200, "{}", String::from_utf8_lossy(&played.body));
    serde_json::from_slice::<Value>(&played.body).unwrap()["Operations"].clone()
}

fn statuses(played: &Played) -> Vec<String> {
    results(played).as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
}

fn error(played: &Played) -> (u16, String) {
    let body: Value = serde_json::from_slice(&played.body).unwrap();
    (played.status, body["detail"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn each_operation_is_translated_as_a_call_of_its_own() {
    let operations = json!([
        { "method": "POST", "path": "/Users", "bulkId": "ada", "data": { "userName": "ada", "active": true } },
        { "method": "PUT", "path": "/Users/7", "version": "W/\"strong:a\"", "data": { "userName": "bob", "active": "False" } },
        { "method": "PATCH", "path": "/Users/8", "data": { "Operations": [
            { "op": "Replace", "path": "active", "value": false }, { "op": "remove", "path": "emails[type eq \"work\"]" } ] } },
        { "method": "POST", "path": "/Groups", "bulkId": "g", "data": {
            "displayName": "all", "members": [{ "value": "bulkId:ada", "$ref": format!("{HERE}/Users/7") }] } },
        { "method": "DELETE", "path": "/Users/9", "data": { "userName": "x" } },
    ]);
    let answers = json!([
        { "location": format!("{THERE}/Users/1"), "method": "POST", "bulkId": "ada", "version": "\"v1\"", "status": "201",
          "response": { "id": "1", "login": "ada", "blocked": false, "meta": { "location": format!("{THERE}/Users/1") } } },
        { "location": format!("{THERE}/Users/7"), "method": "PUT", "version": "\"v2\"", "status": "200" },
        { "location": format!("{THERE}/Users/8"), "method": "PATCH", "status": "204" },
        { "location": format!("{THERE}/Groups/2"), "method": "POST", "bulkId": "g", "status": "201",
          "response": { "id": "2", "label": "all", "userName": "no user" } },
        { "location": format!("{THERE}/Users/9"), "method": "DELETE", "status": "200", "response": { "login": "gone" } },
    ]);
    let played = between(&[], BLOCKED, &bulk(operations), answers).await;
    assert_eq!(
        sent(&played),
        json!([
            { "method": "POST", "path": "/Users", "bulkId": "ada", "data": { "login": "ada", "blocked": false } },
            { "method": "PUT", "path": "/Users/7", "version": "\"a\"", "data": { "login": "bob", "blocked": true } },
            { "method": "PATCH", "path": "/Users/8", "data": { "Operations": [
                { "op": "replace", "path": "blocked", "value": true },
                { "op": "remove", "path": "emails[type eq \"work\"]" } ] } },
            { "method": "POST", "path": "/Groups", "bulkId": "g", "data": {
                "label": "all", "members": [{ "value": "bulkId:ada", "$ref": format!("{THERE}/Users/7") }] } },
            { "method": "DELETE", "path": "/Users/9" },
        ])
    );
    assert_eq!(
        results(&played),
        json!([
            { "location": format!("{HERE}/Users/1"), "method": "POST", "bulkId": "ada", "version": "W/\"strong:v1\"",
              "status": "201", "response": {
                "id": "1", "userName": "ada", "active": true, "meta": { "location": format!("{HERE}/Users/1") } } },
            { "location": format!("{HERE}/Users/7"), "method": "PUT", "version": "\"v2\"", "status": "200" },
            { "location": format!("{HERE}/Users/8"), "method": "PATCH", "status": "204" },
            { "location": format!("{HERE}/Groups/2"), "method": "POST", "bulkId": "g", "status": "201",
              "response": { "id": "2", "displayName": "all", "userName": "no user" } },
            { "location": format!("{HERE}/Users/9"), "method": "DELETE", "status": "204" },
        ])
    );
}

#[tokio::test]
async fn where_nothing_changes_the_bytes_stay() {
    let (outer, inner) = (pack("client", &[]).unwrap(), pack("backend", &[]).unwrap());
    let body = br#" { "schemas" : ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"] , "failOnErrors" : 2,
      "Operations":[ {"method":"POST", "path":"/Users", "bulkId":"q\u0041", "data":{ "n":1.0, "big":12345678901234567890 } } ]} "#;
    let answer =
        br#" {"Operations" : [ {"method":"POST", "bulkId":"qA" , "status": "201", "response": {"n": 1.0} } ] } "#;
    let played = play_bytes(&outer, &inner, body, answer).await;
    assert_eq!(played.received[0].body, body.as_slice());
    assert_eq!(played.body, answer.as_slice());
}

#[tokio::test]
async fn only_what_the_rfc_gives_an_operation_goes_on() {
    let operations = json!([{ "method": "DELETE", "path": "/Users/7", "query": "?x", "headers": { "host": "x" } }]);
    let mut body = bulk(operations);
    body["asAdmin"] = json!(true);
    let answers = json!([{ "method": "DELETE", "status": "204", "debug": "db7.internal" }]);
    let played = between(&[], &[], &body, answers).await;
    assert_eq!(sent(&played), json!([{ "method": "DELETE", "path": "/Users/7" }]));
    assert!(!String::from_utf8_lossy(&played.received[0].body).contains("asAdmin"));
    assert_eq!(results(&played), json!([{ "method": "DELETE", "status": "204" }]));
}

#[tokio::test]
async fn conditions_are_asked_of_each_operation() {
    let rules = &[
        "when: { operations: [create, replace], body: \"@.userType == 'Admin'\" }, do: [ { set: { at: title, value: Boss } } ]",
        "when: { operations: patch }, do: [ { drop: { at: [nickName] } } ]",
        "when: { operations: bulk }, do: [ { header: { x-tenant: { set: hr } } } ]",
    ];
    let operations = json!([
        { "method": "POST", "path": "/Users", "bulkId": "1", "data": { "userType": "Admin", "nickName": "a" } },
        { "method": "POST", "path": "/Users", "bulkId": "2", "data": { "userType": "Guest" } },
        { "method": "PATCH", "path": "/Users/7", "data": { "Operations": [
            { "op": "add", "path": "nickName", "value": "a" }, { "op": "add", "path": "title", "value": "b" } ] } },
    ]);
    let played = between(&[], rules, &bulk(operations), json!([])).await;
    let sent = sent(&played);
    assert_eq!(sent[0]["data"], json!({ "userType": "Admin", "nickName": "a", "title": "Boss" }));
    assert_eq!(sent[1]["data"], json!({ "userType": "Guest" }));
    assert_eq!(sent[2]["data"]["Operations"], json!([{ "op": "add", "path": "title", "value": "b" }]));
    assert_eq!(played.received[0].headers["x-tenant"], "hr");
}

#[tokio::test]
async fn what_is_refused_is_not_sent_and_its_error_stands_at_its_place() {
    let rules = &["when: { resource: Group }, do: [ { reject: { status: 403, detail: no groups here } } ]"];
    let operations = json!([
        { "method": "POST", "path": "/Groups", "bulkId": "g", "data": { "displayName": "all" } },
        { "method": "POST", "path": "/Users", "bulkId": "a", "data": { "userName": "ada" } },
        { "method": "PUT", "path": "/Users/7", "data": { "userName": "bob" } },
        { "method": "PUT", "path": "/Users/8", "data": [1] },
        { "method": "PUT", "path": "/Users/8" },
        { "method": "PUT", "path": "/Users", "data": {} },
        { "method": "POST", "path": "/Users/.search", "bulkId": "s", "data": {} },
        { "method": "POST", "path": "/Bulk", "bulkId": "b", "data": {} },
        { "method": "DELETE", "path": "/Me" },
        { "method": "DELETE", "path": "/Roles/1" },
    ]);
    let answers = json!([
        { "method": "POST", "bulkId": "a", "location": "/Users/1", "status": 201 },
        { "method": "PUT", "location": "https://db7.internal/Users/7", "status": "409", "response": "ORA-00942 at db7" },
    ]);
    let played = between(&[], rules, &bulk(operations), answers).await;
    let sent = sent(&played);
    assert_eq!(sent.as_array().unwrap().len(), 2, "{sent}");
    assert_eq!((&sent[0]["bulkId"], &sent[1]["path"]), (&json!("a"), &json!("/Users/7")));
    let results = results(&played);
    let status = |one: &Value| one["status"].as_str().map_or_else(|| one["status"].to_string(), str::to_owned);
    let all: Vec<String> = results.as_array().unwrap().iter().map(status).collect();
    assert_eq!(all, ["403", "201", "409", "400", "400", "405", "400", "400", "501", "404"]);
    assert_eq!(results[0]["response"]["detail"], "no groups here");
    assert_eq!((&results[0]["method"], &results[0]["bulkId"]), (&json!("POST"), &json!("g")));
    assert_eq!(results[1]["location"], format!("{HERE}/Users/1"));
    assert_eq!((&results[3]["location"], &results[3]["method"]), (&json!(format!("{HERE}/Users/8")), &json!("PUT")));
    assert_eq!(results[2]["location"], format!("{HERE}/Users/7"));
    assert!(!results.to_string().contains("db7"), "{results}");
}

#[tokio::test]
async fn what_can_go_nowhere_is_answered_here() {
    let played = between(&[], &[], &bulk(json!([{ "method": "DELETE", "path": "/Roles/1" }])), json!([])).await;
    assert!(played.received.is_empty());
    assert_eq!(statuses(&played), ["404"]);
    let body: Value = serde_json::from_slice(&played.body).unwrap();
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
}

#[tokio::test]
async fn what_refers_to_what_is_not_made_is_not_made() {
    let rules = &["when: { resource: User, operations: create }, do: [ { reject: { status: 403, detail: no } } ]"];
    let operations = json!([
        { "method": "POST", "path": "/Groups", "bulkId": "outer", "data": { "members": [{ "value": "bulkId:inner" }] } },
        { "method": "POST", "path": "/Groups", "bulkId": "inner", "data": { "members": [{ "value": "bulkId:ada" }] } },
        { "method": "POST", "path": "/Users", "bulkId": "ada", "data": { "userName": "ada" } },
        { "method": "PATCH", "path": "/Groups/bulkId:inner", "data": { "Operations": [{ "op": "remove", "path": "members" }] } },
        { "method": "PUT", "path": "/Groups/7", "data": { "displayName": "bulkId:nobody" } },
        { "method": "DELETE", "path": "/Groups/8" },
    ]);
    let answers = json!([{ "method": "DELETE", "status": "204" }]);
    let played = between(&[], rules, &bulk(operations), answers).await;
    assert_eq!(sent(&played), json!([{ "method": "DELETE", "path": "/Groups/8" }]));
    assert_eq!(statuses(&played), ["409", "409", "403", "409", "400", "204"]);
}

#[tokio::test]
async fn errors_are_counted_as_the_client_asks() {
    let operations = json!([
        { "method": "DELETE", "path": "/Users/1" },
        { "method": "DELETE", "path": "/Roles/2" },
        { "method": "DELETE", "path": "/Users/3" },
    ]);
    let mut body = bulk(operations);
    body["failOnErrors"] = json!(1);
    let deleted = json!([{ "method": "DELETE", "location": format!("{THERE}/Users/1"), "status": "204" }]);
    let played = between(&[], &[], &body, deleted).await;
    assert_eq!(sent(&played), json!([{ "method": "DELETE", "path": "/Users/1" }]));
    assert_eq!(statuses(&played), ["204", "404"]);

    let failed = json!([{ "method": "DELETE", "location": format!("{THERE}/Users/1"), "status": "404" }]);
    assert_eq!(statuses(&between(&[], &[], &body, failed).await), ["404"], "the backend has stopped there");
}

#[tokio::test]
async fn results_find_their_operations_in_any_order() {
    let operations = json!([
        { "method": "PUT", "path": "/Users/1", "data": { "userName": "ada" } },
        { "method": "PUT", "path": "/Groups/1", "data": { "displayName": "all" } },
        { "method": "POST", "path": "/Groups", "bulkId": "g", "data": { "displayName": "some" } },
        { "method": "POST", "path": "/Users", "bulkId": "u", "data": { "userName": "bob" } },
    ]);
    let answers = json!([
        { "method": "POST", "bulkId": "u", "status": "201", "response": { "login": "bob" } },
        { "method": "POST", "bulkId": "g", "status": "201", "response": { "label": "some" } },
        { "method": "PUT", "location": format!("{THERE}/Groups/1"), "status": "200", "response": { "label": "all" } },
        { "method": "put", "location": format!("{THERE}/Users/1"), "status": "200", "response": { "login": "ada" } },
    ]);
    let played = between(&[], BLOCKED, &bulk(operations), answers).await;
    let bodies: Vec<Value> = results(&played).as_array().unwrap().iter().map(|one| one["response"].clone()).collect();
    let expected = [
        json!({ "userName": "bob" }),
        json!({ "displayName": "some" }),
        json!({ "displayName": "all" }),
        json!({ "userName": "ada" }),
    ];
    assert_eq!(bodies, expected);
}

#[tokio::test]
async fn an_answer_that_can_not_be_told_apart_is_no_answer() {
    let operations =
        bulk(json!([{ "method": "DELETE", "path": "/Users/1" }, { "method": "DELETE", "path": "/Users/2" }]));
    let one = json!({ "method": "DELETE", "location": format!("{THERE}/Users/1"), "status": "204" });
    for results in [
        json!([{ "method": "PUT", "status": "200" }]),
        json!([{ "method": "DELETE", "bulkId": "x", "status": "204" }]),
        json!([one, one]),
        json!([one, { "method": "DELETE", "status": "204" }, { "method": "DELETE", "status": "204" }]),
        json!([{ "method": "DELETE" }]),
        json!([1]),
        json!({}),
        json!(null),
    ] {
        let played = between(&[], &[], &operations, results.clone()).await;
        assert_eq!(error(&played).0, 502, "{results}");
    }
}

#[tokio::test]
async fn errors_and_statuses_are_mended_as_in_single_answers() {
    let rules = &[
        "to: client, do: [ { status: { 404: { operations: delete, become: 204 } } } ]",
        "to: client, when: { status: 400 }, do: [ { error: { matches: taken, scim-type: uniqueness } } ]",
        "when: { resource: User }, do: [ { map: { at: userType, values: { Employee: E } } } ]",
    ];
    let scim =
        json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400", "detail": "taken" });
    let operations = json!([
        { "method": "DELETE", "path": "/Users/1" },
        { "method": "POST", "path": "/Users", "bulkId": "a", "data": {} },
        { "method": "PUT", "path": "/Users/3", "data": {} },
        { "method": "PUT", "path": "/Users/4", "data": {} },
        { "method": "PUT", "path": "/Users/5", "data": {} },
    ]);
    let answers = json!([
        { "method": "DELETE", "status": "404", "response": { "detail": "x" } },
        { "method": "POST", "bulkId": "a", "status": "400", "response": scim },
        { "method": "PUT", "status": "200", "response": { "userType": "unheard of" } },
        { "method": "PUT", "status": "401" },
        { "method": "PUT", "status": "302" },
    ]);
    let played = between(&[], rules, &bulk(operations), answers).await;
    assert_eq!(statuses(&played), ["204", "400", "502", "502", "502"]);
    let results = results(&played);
    assert_eq!(results[0].get("response"), None);
    assert_eq!(results[1]["response"]["scimType"], "uniqueness");
    assert!(!results.to_string().contains("unheard"), "{results}");
}

#[tokio::test]
async fn paths_are_read_as_the_client_spells_them_and_written_as_the_backend_does() {
    let outer = &["do: [ { path: { alias: { /People: /Users }, slash: true } } ]"];
    let inner = &["do: [ { path: { alias: { /Users: /staff, /Bulk: /bulk }, suffix: .json } } ]"];
    let operations = json!([
        { "method": "DELETE", "path": "/People/%41/" },
        { "method": "DELETE", "path": "/Users/b" },
    ]);
    let answers = json!([
        { "method": "DELETE", "location": format!("{THERE}/staff/b.json"), "status": "204" },
        { "method": "DELETE", "location": format!("{THERE}/staff/A.json"), "status": "404" },
    ]);
    let played = between(outer, inner, &bulk(operations), answers).await;
    assert_eq!(played.received[0].target, "/bulk.json");
    let sent: Value = serde_json::from_slice(&played.received[0].body).unwrap();
    assert_eq!(
        (&sent["Operations"][0]["path"], &sent["Operations"][1]["path"]),
        (&json!("/staff/A.json"), &json!("/staff/b.json"))
    );
    assert_eq!(statuses(&played), ["204", "404"]);
}

#[tokio::test]
async fn a_rule_may_refuse_bulk_as_a_whole() {
    let rules = &["when: { operations: bulk }, do: [ { reject: { status: 501, detail: one by one } } ]"];
    let played = between(rules, &[], &bulk(json!([{ "method": "DELETE", "path": "/Users/1" }])), json!([])).await;
    assert_eq!((error(&played), played.received.len()), ((501, "one by one".to_owned()), 0));
    let harmful = pack("client", &["when: { operations: bulk }, do: [ { respond: { status: 200, body: {} } } ]"]);
    assert!(harmful.unwrap_err().contains("R0432"));
}
