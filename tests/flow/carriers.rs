//! What a rule says holds wherever the protocol carries the attribute, and no way of writing a request gets round it. The
//! whole flow, with rules written here and a scripted backend.

use bytes::Bytes;
use scimgate::gateway::rehearse::{self, Answered, Asked, Played, Stage, Urls};
use scimgate::rules::Pack;
use serde_json::{Value, json};

use super::pack;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn asked(request: &str, body: Option<&Value>) -> Asked {
    let (method, target) = request.split_once(' ').unwrap();
    let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    Asked { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body }
}

fn answered(status: u16, body: &str) -> Answered {
    Answered { status, headers: Vec::new(), body: vec![Bytes::from(body.to_owned())] }
}

async fn between(outer: &Pack, inner: &Pack, asked: &Asked, answer: Answered) -> Played {
    let stage = Stage::between(vec![outer], inner);
    rehearse::play(&stage, asked, vec![answer]).await.unwrap()
}

/// One call before a backend pack with these rules; the backend answers 200 with this body.
async fn play(rules: &[&str], request: &str, body: Option<Value>, answer: &str) -> Played {
    let (outer, inner) = (pack("client", &[]).unwrap(), pack("backend", rules).unwrap());
    between(&outer, &inner, &asked(request, body.as_ref()), answered(200, answer)).await
}

fn patch(operations: Value) -> Option<Value> {
    Some(json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations }))
}

fn heard(played: &Played) -> Value {
    serde_json::from_slice(&played.received.first().expect("the call reaches the backend").body).unwrap()
}

fn operations(played: &Played) -> Value {
    heard(played)["Operations"].clone()
}

const BLOCKED: &[&str] = &[
    "when: { resource: User }, do: [ { invert: { at: active } } ]",
    "when: { resource: User }, do: [ { rename: { names: { active: blocked } } } ]",
];

#[tokio::test]
async fn a_deactivation_is_translated_in_every_form_of_a_patch() {
    let forms = [
        json!({ "op": "replace", "path": "active", "value": false }),
        json!({ "op": "Replace", "path": "ACTIVE", "value": "False" }),
        json!({ "op": "add", "path": " active ", "value": false }),
        json!({ "op": "replace", "path": format!("{USER}:active"), "value": false }),
        json!({ "op": "replace", "path": USER, "value": { "active": false } }),
        json!({ "op": "replace", "value": { "active": false } }),
        json!({ "op": "replace", "path": null, "value": { "Active": "false" } }),
        json!({ "op": "replace", "value": { format!("{USER}:active"): false } }),
        json!({ "op": "replace", "value": { USER: { "active": false } } }),
        json!({ "op": "replace", "value": { USER.to_uppercase(): { "active": "False" } } }),
    ];
    for form in forms {
        let played = play(BLOCKED, "PATCH /Users/7", patch(json!([form])), "{}").await;
        let op = operations(&played)[0].clone();
        let value = if op["path"] == "blocked" { op["value"].clone() } else { op["value"]["blocked"].clone() };
        assert_eq!(value, json!(true), "{form} became {op}");
        assert!(!op.to_string().contains("active"), "{form} became {op}");
    }
}

#[tokio::test]
async fn a_deactivation_is_translated_in_every_form_of_a_put() {
    let forms = [
        json!({ "userName": "ada", "active": false }),
        json!({ "userName": "ada", "ACTIVE": "False" }),
        json!({ "userName": "ada", format!("{USER}:active"): false }),
        json!({ "userName": "ada", USER: { "active": false } }),
    ];
    for form in forms {
        let played = play(BLOCKED, "PUT /Users/7", Some(form.clone()), "{}").await;
        let body = heard(&played);
        assert_eq!(body["blocked"], json!(true), "{form} became {body}");
        assert_eq!(body["userName"], "ada");
        assert!(!body.to_string().contains("active"), "{form} became {body}");
    }
    let twice = json!({ "active": true, USER: { "active": false } });
    let played = play(BLOCKED, "PUT /Users/7", Some(twice), "{}").await;
    assert_eq!((played.status, played.received.len()), (400, 0), "which of both is meant can't be guessed");
}

#[tokio::test]
async fn to_add_null_changes_nothing() {
    let body = patch(json!([{ "op": "add", "path": "members", "value": null }]));
    let played = play(&[], "PATCH /Groups/7", body, r#"{"id":"7"}"#).await;
    let reached: Vec<String> = played.received.iter().map(|heard| heard.method.to_string()).collect();
    assert_eq!(reached, ["GET"], "it must not become a `remove` of all members");
}

#[tokio::test]
async fn an_operation_without_a_value_is_renamed_too() {
    let body = patch(json!([{ "op": "replace", "path": "active" }]));
    let played = play(&BLOCKED[1..], "PATCH /Users/7", body, "{}").await;
    assert_eq!(operations(&played), json!([{ "op": "replace", "path": "blocked" }]));
}

const HIDES_TITLE: &[&str] = &["do: [ { drop: { at: title } } ]"];

#[tokio::test]
async fn a_search_can_not_ask_in_its_url_what_it_may_not_ask_in_its_body() {
    let list = r#"{"totalResults":0,"Resources":[]}"#;
    let filter = json!({ "filter": "title eq \"x\"" });
    assert_eq!(play(HIDES_TITLE, "POST /Users/.search", Some(filter), list).await.status, 400);
    let played = play(HIDES_TITLE, "POST /Users/.search?filter=title%20pr&sortBy=title", Some(json!({})), list).await;
    assert_eq!(played.received[0].target, "/Users/.search");
}

#[tokio::test]
async fn a_search_excludes_no_dropped_attribute_and_says_that_the_rule_fired() {
    let list = r#"{"totalResults":0,"Resources":[]}"#;
    let body = json!({ "excludedAttributes": ["title", "emails"] });
    let played = play(HIDES_TITLE, "POST /Users/.search", Some(body), list).await;
    assert_eq!(heard(&played), json!({ "excludedAttributes": ["emails"] }));
    assert!(played.met.iter().any(|met| met.verdict.is_applied()));
}

#[tokio::test]
async fn urls_in_the_filter_of_a_search_are_the_backends() {
    let list = r#"{"totalResults":0,"Resources":[]}"#;
    let url = format!("{0}{1}/Users/7", Urls::default().public, Urls::default().path);
    let body = json!({ "filter": format!("members.$ref eq \"{url}\"") });
    let played = play(&[], "POST /Groups/.search", Some(body), list).await;
    let expected = format!("members.$ref eq \"{}/Users/7\"", Urls::default().backend);
    assert_eq!(heard(&played), json!({ "filter": expected }));
}

#[tokio::test]
async fn a_dropped_extension_is_dropped_by_the_name_of_each_attribute() {
    let drops: &[&str] = &[&format!("do: [ {{ drop: {{ at: \"{ENTERPRISE}\" }} }} ]")];
    let path = format!("{ENTERPRISE}:department");
    let body = patch(json!([
        { "op": "replace", "path": path, "value": "R" },
        { "op": "remove", "path": format!("{ENTERPRISE}:manager.displayName") },
        { "op": "replace", "path": "title", "value": "x" }
    ]));
    let played = play(drops, "PATCH /Users/7", body, "{}").await;
    assert_eq!(operations(&played), json!([{ "op": "replace", "path": "title", "value": "x" }]));
    for param in [format!("filter={path}%20pr"), format!("sortBy={path}"), format!("attributes={path}")] {
        assert_eq!(play(drops, &format!("GET /Users?{param}"), None, "{}").await.status, 400, "{param}");
    }
}

#[tokio::test]
async fn elements_that_a_filter_names_are_dropped() {
    let drops = &["when: { operations: [replace, patch] }, do: [ { drop: { at: 'emails[type eq \"home\"]' } } ]"];
    let emails = json!([{ "type": "home", "value": "h" }, { "type": "work", "value": "w" }]);
    let played = play(drops, "PUT /Users/7", Some(json!({ "userName": "ada", "emails": emails })), "{}").await;
    assert_eq!(heard(&played)["emails"], json!([{ "type": "work", "value": "w" }]));
    let body = patch(json!([{ "op": "replace", "path": "emails", "value": emails }]));
    let played = play(drops, "PATCH /Users/7", body, "{}").await;
    assert_eq!(operations(&played)[0]["value"], json!([{ "type": "work", "value": "w" }]));
}

#[test]
fn an_action_that_could_do_nothing_is_no_action() {
    for action in [
        "set: { at: 'emails[type eq \"home\"]', value: x }",
        "default: { at: 'emails[type eq \"home\"]', value: x }",
        "empty: { of: [\"\"], at: 'emails[type eq \"home\"]' }",
    ] {
        let faults = pack("backend", &[&format!("do: [ {{ {action} }} ]")]).unwrap_err();
        assert!(faults.contains("R0420"), "{action}: {faults}");
    }
}

#[tokio::test]
async fn a_query_that_drops_an_attribute_takes_its_operation_away() {
    let drops = &["do: [ { drop: { at: \"$.secret\" } } ]"];
    let body = patch(json!([
        { "op": "replace", "path": "secret", "value": "x" },
        { "op": "replace", "path": "title", "value": "y" }
    ]));
    let played = play(drops, "PATCH /Users/7", body, "{}").await;
    assert_eq!(operations(&played), json!([{ "op": "replace", "path": "title", "value": "y" }]));
}

#[tokio::test]
async fn a_query_that_can_not_be_answered_refuses() {
    let drops = &["do: [ { drop: { at: \"$.a[?count(@.b[?@ == 1]) > 900].c\" } } ]"];
    let long: Vec<Value> = (0..1200).map(|_| json!({ "b": vec![1; 1000], "c": "secret" })).collect();
    let played = play(drops, "PUT /Users/7", Some(json!({ "a": long })), "{}").await;
    assert_eq!((played.status, played.received.len()), (500, 0));
}

#[tokio::test]
async fn a_precondition_that_can_not_be_read_is_not_left_out() {
    let (outer, inner) = (pack("client", &[]).unwrap(), pack("backend", &[]).unwrap());
    let mut put = asked("PUT /Users/7", Some(&json!({ "userName": "ada" })));
    put.headers = vec![("if-match".to_owned(), "\"é\"".to_owned())];
    let played = between(&outer, &inner, &put, answered(200, "{}")).await;
    assert_eq!((played.status, played.received.len()), (400, 0));
}

#[tokio::test]
async fn preconditions_in_several_lines_are_one_list() {
    let (outer, inner) = (pack("client", &[]).unwrap(), pack("backend", &[]).unwrap());
    let mut put = asked("PUT /Users/7", Some(&json!({ "userName": "ada" })));
    put.headers = ["\"a\"", "W/\"strong:b\""].map(|tag| ("if-match".to_owned(), tag.to_owned())).to_vec();
    let played = between(&outer, &inner, &put, answered(200, "{}")).await;
    assert_eq!(played.received[0].headers["if-match"], "\"a\", \"b\"");
}

#[tokio::test]
async fn whatever_a_backend_says_to_a_delete_it_is_a_204() {
    for said in ["", "deleted", "{\"ok\":true}", "<html>"] {
        let played = play(&[], "DELETE /Users/7", None, said).await;
        assert_eq!((played.status, played.body.len()), (204, 0), "{said}");
    }
}

#[tokio::test]
async fn nothing_is_no_answer_to_a_read() {
    let (outer, inner) = (pack("client", &[]).unwrap(), pack("backend", &[]).unwrap());
    for request in ["GET /Users/7", "GET /Users"] {
        let played = between(&outer, &inner, &asked(request, None), answered(204, "")).await;
        assert_eq!(played.status, 502, "{request}");
    }
}

#[tokio::test]
async fn a_user_with_an_attribute_of_the_name_of_operations_is_a_user() {
    let rules = &["do: [ { drop: { at: title } } ]"];
    let (outer, inner) = (pack("client", rules).unwrap(), pack("backend", &[]).unwrap());
    let body = json!({ "userName": "ada", "title": "x", "Operations": [] });
    let played = between(&outer, &inner, &asked("POST /Users", Some(&body)), answered(201, "{}")).await;
    assert_eq!(heard(&played), json!({ "userName": "ada", "Operations": [] }));
}

#[tokio::test]
async fn an_extension_whose_texts_are_all_empty_goes_with_its_urn() {
    let rule = format!("do: [ {{ empty: {{ of: [\"\"], at: [\"{ENTERPRISE}:department\"] }} }} ]");
    let body = json!({ "schemas": [USER, ENTERPRISE], "userName": "ada", ENTERPRISE: { "department": "" } });
    let played = play(&[&rule], "PUT /Users/7", Some(body), "{}").await;
    assert_eq!(heard(&played), json!({ "schemas": [USER], "userName": "ada" }));
    let body = patch(json!([{ "op": "replace", "path": ENTERPRISE, "value": { "department": "" } }]));
    let played = play(&[&rule], "PATCH /Users/7", body, "{}").await;
    let removed = json!([{ "op": "remove", "path": format!("{ENTERPRISE}:department") }]);
    assert_eq!(operations(&played), removed, "the other attributes of the extension stay");
}

#[tokio::test]
async fn a_client_pack_translates_to_standard_and_back() {
    let rules = &["when: { resource: User }, do: [ { rename: { names: { login: userName }, on-conflict: swap } } ]"];
    let (outer, inner) = (pack("client", rules).unwrap(), pack("backend", BLOCKED).unwrap());
    let body = json!({ "login": "ada", "active": true });
    let answer = answered(201, r#"{"id":"7","userName":"ada","blocked":false}"#);
    let played = between(&outer, &inner, &asked("POST /Users", Some(&body)), answer).await;
    assert_eq!(heard(&played), json!({ "userName": "ada", "blocked": false }));
    let received: Value = serde_json::from_slice(&played.body).unwrap();
    assert_eq!(received, json!({ "id": "7", "login": "ada", "active": true }));
    let list = answered(200, r#"{"totalResults":1,"Resources":[{"id":"7","userName":"ada","blocked":true}]}"#);
    let ask = asked("GET /Users?filter=login%20eq%20%22ada%22%20and%20active%20eq%20false", None);
    let played = between(&outer, &inner, &ask, list).await;
    let target = &played.received[0].target;
    assert!(target.contains("filter=userName%20eq%20%22ada%22%20and%20blocked%20eq%20true"), "{target}");
    let received: Value = serde_json::from_slice(&played.body).unwrap();
    assert_eq!(received["Resources"], json!([{ "id": "7", "login": "ada", "active": false }]));
}

#[tokio::test]
async fn what_answers_hide_no_query_can_ask_for() {
    let hides = &["to: client, do: [ { drop: { at: title } } ]"];
    let list = r#"{"totalResults":1,"Resources":[{"id":"7","title":"x"}]}"#;
    for query in ["filter=title%20sw%20%22x%22", "filter=not%20(title%20pr)", "sortBy=title", "attributes=id,title"] {
        let played = play(hides, &format!("GET /Users?{query}"), None, list).await;
        assert_eq!((played.status, played.received.len()), (400, 0), "{query}");
    }
    let played = play(hides, "GET /Users?filter=id%20pr", None, list).await;
    let received: Value = serde_json::from_slice(&played.body).unwrap();
    assert_eq!(received["Resources"], json!([{ "id": "7" }]));
    let body = patch(json!([{ "op": "replace", "path": "title", "value": "y" }]));
    let played = play(hides, "PATCH /Users/7", body, "{}").await;
    assert_eq!(operations(&played)[0]["value"], "y", "requests are none of its business");
}

#[tokio::test]
async fn an_emptied_patch_still_has_its_precondition() {
    let (outer, inner) = (pack("client", &["do: [ { drop: { at: title } } ]"]).unwrap(), pack("backend", &[]).unwrap());
    let mut ask = asked("PATCH /Users/7", patch(json!([{ "op": "remove", "path": "title" }])).as_ref());
    ask.headers = vec![("if-match".to_owned(), "W/\"strong:a\"".to_owned())];
    let played = between(&outer, &inner, &ask, answered(412, "")).await;
    assert_eq!((played.received[0].method.as_str(), played.status), ("GET", 412));
    assert_eq!(played.received[0].headers["if-match"], "\"a\"");
}

#[tokio::test]
async fn what_is_no_resource_is_no_answer() {
    for said in ["null", " []", "\"ok\"", "7"] {
        for rules in [&[] as &[&str], BLOCKED] {
            assert_eq!(play(rules, "GET /Users/7", None, said).await.status, 502, "{said}");
            let list = format!("{{\"totalResults\":1,\"Resources\":[{said}]}}");
            assert_eq!(play(rules, "GET /Users", None, &list).await.status, 502, "{list}");
        }
        assert_eq!(play(&[], "GET /Users", None, said).await.status, 502, "{said}");
    }
    assert_eq!(play(&[], "GET /Schemas", None, "[]").await.status, 200);
}

#[tokio::test]
async fn a_list_that_no_rule_would_meet_is_no_answer() {
    for said in [r#"{"id":"7","blocked":true}"#, r#"{"totalResults":1,"Resources":{"blocked":true}}"#, "{}"] {
        assert_eq!(play(BLOCKED, "GET /Users", None, said).await.status, 502, "{said}");
    }
    for said in [r#"{"totalResults":0}"#, r#"{"totalResults":9,"Resources":[]}"#] {
        assert_eq!(play(BLOCKED, "GET /Users", None, said).await.status, 200, "{said}");
    }
}

const TYPES: &[&str] = &["do: [ { map: { at: 'emails[*].type', values: { work: business, home: private } } } ]"];

#[tokio::test]
async fn a_filter_that_nothing_can_match_is_answered_without_the_backend() {
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "emails.type eq \"other\"" });
    let outer = pack("client", TYPES).unwrap();
    let inner = pack("backend", TYPES).unwrap();
    let (none, nobody) = (pack("client", &[]).unwrap(), pack("backend", &[]).unwrap());
    for (outer, inner) in [(&outer, &nobody), (&none, &inner)] {
        for (request, body) in [
            ("GET /Users?filter=emails%5Btype%20eq%20%22other%22%5D&count=10", None),
            ("GET /Users?filter=userName%20pr%20and%20emails.type%20eq%20%22other%22", None),
            ("POST /Users/.search", Some(&search)),
        ] {
            let played = between(outer, inner, &asked(request, body), answered(500, "{}")).await;
            assert_eq!((played.status, played.received.len()), (200, 0), "{request}");
            let list: Value = serde_json::from_slice(&played.body).unwrap();
            assert_eq!(list["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]));
            assert_eq!((&list["totalResults"], &list["Resources"]), (&json!(0), &json!([])));
        }
    }
}

#[tokio::test]
async fn a_filter_that_everything_matches_is_gone() {
    let list = r#"{"schemas":[],"totalResults":0,"Resources":[]}"#;
    let played = play(TYPES, "GET /Users?count=2&filter=emails.type%20ne%20%22other%22", None, list).await;
    assert_eq!((played.status, played.received[0].target.as_str()), (200, "/Users?count=2"));
    let body = json!({ "filter": "not (emails.type eq \"other\")", "count": 2 });
    let played = play(TYPES, "POST /Users/.search", Some(body), list).await;
    assert_eq!(heard(&played), json!({ "count": 2 }));
}

#[tokio::test]
async fn a_value_outside_the_table_is_refused_there_and_broken_back() {
    let sent = json!({ "userName": "ada", "emails": [{ "type": "other", "value": "a" }] });
    let played = play(TYPES, "POST /Users", Some(sent), "{}").await;
    assert_eq!((played.status, played.received.len()), (400, 0));
    let played = play(TYPES, "GET /Users/7", None, r#"{"id":"7","emails":[{"type":"other"}]}"#).await;
    assert_eq!(played.status, 502);
}
