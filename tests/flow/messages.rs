//! What a rule says of a message as a whole: its query, head, path and status. The whole flow, with rules written here and
//! a scripted backend.

use bytes::Bytes;
use scimgate::gateway::rehearse::{self, Answered, Asked, Played, Stage};
use scimgate::rules::{Verdict, Why};
use serde_json::{Value, json};

use super::pack;

/// One call, with an answer of the backend; `rules` are `client: ..` or `backend: ..`.
struct Scene {
    client: Vec<&'static str>,
    backend: Vec<&'static str>,
    headers: Vec<(&'static str, &'static str)>,
    body: Option<Value>,
    answer: (u16, Vec<(&'static str, &'static str)>, String),
}

fn backend(rule: &'static str) -> Scene {
    let answer = (200, Vec::new(), json!({ "id": "7", "userName": "ada" }).to_string());
    Scene { client: Vec::new(), backend: vec![rule], headers: Vec::new(), body: None, answer }
}

impl Scene {
    fn answers(self, status: u16, body: &Value) -> Self {
        self.answers_text(status, &body.to_string())
    }

    fn answers_text(mut self, status: u16, body: &str) -> Self {
        self.answer = (status, self.answer.1, body.to_owned());
        self
    }

    fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    fn sends(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    async fn play(&self, request: &str) -> Played {
        let (outer, inner) = (pack("client", &self.client).unwrap(), pack("backend", &self.backend).unwrap());
        let (method, target) = request.split_once(' ').unwrap();
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let asked = Asked {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: self.headers.iter().map(owned).collect(),
            body: self.body.as_ref().map(|body| Bytes::from(body.to_string())).unwrap_or_default(),
        };
        let (status, headers, body) = &self.answer;
        let answer = Answered {
            status: *status,
            headers: headers.iter().map(owned).collect(),
            body: vec![Bytes::from(body.clone())],
        };
        let stage = Stage::between(vec![&outer], &inner);
        rehearse::play(&stage, &asked, vec![answer]).await.unwrap()
    }
}

fn list(resources: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 1, "Resources": resources })
}

fn read(played: &Played) -> Value {
    serde_json::from_slice(&played.body).unwrap_or_default()
}

#[tokio::test]
async fn parameters_are_set_limited_and_dropped() {
    let scene = backend(
        "do: [ { query: { count: { default: 100, max: 200 }, startIndex: { default: 1 }, excludedAttributes: { drop: true }, tenant: { set: \"a b\" } } } ]",
    )
    .answers(200, &list(&json!([])));
    for (asked, sent) in [
        ("/Users", "/Users?count=100&startIndex=1&tenant=a%20b"),
        ("/Users?count=500&tenant=x", "/Users?count=200&startIndex=1&tenant=a%20b"),
        ("/Users?count=2&excludedAttributes=emails", "/Users?count=2&startIndex=1&tenant=a%20b"),
        ("/Users/7?excludedAttributes=emails", "/Users/7?tenant=a%20b"),
    ] {
        assert_eq!(scene.play(&format!("GET {asked}")).await.received[0].target, sent, "{asked}");
    }
    let search = backend("do: [ { query: { count: { max: 200 }, sortBy: { drop: true } } } ]")
        .answers(200, &list(&json!([])))
        .sends(json!({ "count": 500, "sortBy": "userName" }));
    let heard = &search.play("POST /Users/.search").await.received[0];
    assert_eq!(serde_json::from_slice::<Value>(&heard.body).unwrap(), json!({ "count": 200 }));
}

#[tokio::test]
async fn fields_are_set_and_dropped_but_the_body_keeps_its_bytes() {
    let mut scene = backend(
        "do: [ { header: { Accept: { set: application/json }, x-tenant: { default: b }, user-agent: { drop: true } } } ]",
    );
    scene.client.push("do: [ { header: { x-tenant: { set: a } } } ]");
    let played = scene.play("GET /Users/7").await;
    let headers = &played.received[0].headers;
    assert_eq!(
        (&headers["accept"], &headers["x-tenant"]),
        (&"application/json".parse().unwrap(), &"a".parse().unwrap())
    );
    assert!(!headers.contains_key("user-agent"));
    let written = backend("do: [ { header: { x-tenant: { set: a } } } ]").sends(json!({ "userName": "ada" }));
    assert_eq!(written.play("POST /Users").await.received[0].body, "{\"userName\":\"ada\"}");
}

#[test]
fn no_rule_writes_a_credential_or_framing() {
    for name in
        ["Authorization", "host", "Content-Length", "transfer-encoding", "connection", "te", "If-Match", "cookie"]
    {
        let fault = pack("backend", &[&format!("do: [ {{ header: {{ {name}: {{ set: x }} }} }} ]")]).unwrap_err();
        assert!(fault.contains("R0424"), "{name}: {fault}");
    }
    let split = pack("backend", &["do: [ { header: { x-a: { set: \"a\\r\\nb: c\" } } } ]"]).unwrap_err();
    assert!(split.contains("R0103"), "{split}");
}

#[tokio::test]
async fn endpoints_are_spelled_as_each_side_does() {
    let mut scene = backend(
        "do: [ { path: { alias: { /Users: /people, /ServiceProviderConfig: /ServiceProviderConfigs }, suffix: .json } } ]",
    );
    scene.client.push("do: [ { path: { alias: { /users: /Users, /: /ServiceProviderConfig }, slash: true } } ]");
    for (asked, sent) in [
        ("/users/7/", "/people/7.json"),
        ("/Users/7", "/people/7.json"),
        ("/ServiceProviderConfig", "/ServiceProviderConfigs.json"),
        ("/", "/ServiceProviderConfigs.json"),
        ("/Users/a.json?attributes=id", "/people/a.json.json?attributes=id"),
    ] {
        assert_eq!(scene.play(&format!("GET {asked}")).await.received[0].target, sent, "{asked}");
    }
}

#[tokio::test]
async fn a_missing_list_is_an_empty_one() {
    let rule = "to: client, do: [ { status: { 404: { operations: [list, search], become: 200, body: empty-list } } } ]";
    let scene = backend(rule).answers_text(404, "<html>");
    let played = scene.play("GET /Groups?filter=displayName%20eq%20%22x%22").await;
    assert_eq!((played.status, &read(&played)["totalResults"]), (200, &json!(0)));
    let one = scene.play("GET /Groups/7").await;
    assert_eq!((one.status, &read(&one)["status"]), (404, &json!("404")));
}

#[tokio::test]
async fn an_error_is_told_apart_by_its_text() {
    let rules = [
        "to: client, do: [ { status: { 500: { matches: \"ORA-00001\", become: 409 } } } ]",
        "to: client, when: { status: 409 }, do: [ { error: { scim-type: uniqueness, detail: \"this user name is taken\" } } ]",
        "to: client, when: { status: 5xx }, do: [ { error: { matches: \"ORA-\", scim-type: uniqueness, detail: \"taken\" } } ]",
    ];
    let mut scene = backend(rules[0]).answers_text(500, "ORA-00001 at db7").sends(json!({ "userName": "ada" }));
    scene.backend.push(rules[2]);
    let played = scene.play("POST /Users").await;
    let error = read(&played);
    assert_eq!(played.status, 409);
    assert_eq!(error["status"], "409");
    assert_eq!(error["scimType"], "uniqueness");
    assert!(!error.to_string().contains("db7"));
    let conflict = backend(rules[1])
        .answers(409, &json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "409", "detail": "row 12 at db7" }))
        .sends(json!({ "userName": "ada" }));
    assert_eq!(read(&conflict.play("POST /Users").await)["detail"], "this user name is taken");
}

#[tokio::test]
async fn a_success_keeps_its_body_and_fields_can_go() {
    let mut scene = backend(
        "to: client, do: [ { status: { 200: { operations: create, become: 201 } } }, { header: { etag: { drop: true } } } ]",
    );
    scene.answer.1.push(("etag", "\"1\""));
    let created = scene.sends(json!({ "userName": "ada" })).play("POST /Users").await;
    assert_eq!((created.status, &read(&created)["id"]), (201, &json!("7")));
    assert!(!created.headers.contains_key("etag"));
    let deleted =
        backend("to: client, do: [ { status: { 404: { operations: delete, become: 204 } } } ]").answers_text(404, "");
    let played = deleted.play("DELETE /Users/7").await;
    assert_eq!((played.status, played.body.len()), (204, 0));
}

#[tokio::test]
async fn a_refused_credential_is_never_mapped() {
    assert!(
        pack("backend", &["to: client, do: [ { status: { 401: { become: 404 } } } ]"]).unwrap_err().contains("R0103")
    );
    let any = backend("to: client, when: { status: 4xx }, do: [ { error: { scrub: true } } ]").answers_text(401, "");
    assert_eq!(any.play("GET /Users/7").await.status, 502);
}

#[tokio::test]
async fn a_list_is_repaired_whole() {
    let mut scene =
        backend("to: client, do: [ { list: { items-per-page: actual, drop-items: 'userName sw \"svc\"' } } ]");
    scene.backend.insert(0, "do: [ { rename: { names: { userName: login } } } ]");
    let scene = scene.answers(
        200,
        &json!({ "totalResults": "2", "itemsPerPage": 100, "Resources": [{ "login": "svc-1" }, { "login": "ada" }] }),
    );
    let played = scene.play("GET /Users").await;
    assert_eq!(read(&played), json!({ "totalResults": 2, "itemsPerPage": 1, "Resources": [{ "userName": "ada" }] }));
    let odd = backend("to: client, do: [ { list: { integers: true } } ]").answers(200, &json!({ "login": "x" }));
    assert_eq!(odd.play("GET /Users").await.status, 502);
}

#[tokio::test]
async fn who_is_left_out_of_a_list_does_not_depend_on_what_a_client_asks_for() {
    let rule = "to: client, do: [ { list: { drop-items: 'userName sw \"svc\" or not (active eq true)' } } ]";
    let everybody =
        json!([{ "id": "1", "userName": "svc-1", "active": true }, { "id": "2", "userName": "ada", "active": true }]);
    let scene = backend(rule).answers(200, &list(&everybody));
    for (asked, sent) in [
        ("/Users?attributes=name", "/Users?attributes=name,userName,active"),
        ("/Users?excludedAttributes=userName,name", "/Users?excludedAttributes=name"),
        ("/Users?excludedAttributes=active", "/Users"),
        ("/Users?attributes=userName,active", "/Users?attributes=userName,active"),
        ("/Users/2?attributes=name", "/Users/2?attributes=name"),
    ] {
        assert_eq!(scene.play(&format!("GET {asked}")).await.received[0].target, sent, "{asked}");
    }
    let search = backend(rule).answers(200, &list(&everybody)).sends(json!({ "attributes": ["name"] }));
    let played = search.play("POST /Users/.search").await;
    let sent: Value = serde_json::from_slice(&played.received[0].body).unwrap();
    assert_eq!(sent["attributes"], json!(["name", "userName", "active"]));
    assert_eq!(read(&played)["Resources"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_rule_answers_in_place_of_the_backend() {
    for side in ["client", "backend"] {
        let rule = "when: { operations: discover }, do: [ { respond: { status: 200, body: { patch: { supported: true } } } } ]";
        let mut scene = backend(rule);
        if side == "client" {
            std::mem::swap(&mut scene.client, &mut scene.backend);
        }
        let played = scene.play("GET /ServiceProviderConfig").await;
        assert_eq!((played.status, played.received.len()), (200, 0), "{side}");
        assert_eq!(read(&played), json!({ "patch": { "supported": true } }));
        assert_eq!(scene.play("GET /Users/7").await.received.len(), 1);
    }
}

#[tokio::test]
async fn conditions_are_and_or_and_not() {
    let refusal = "do: [ { reject: { status: 403, detail: no } } ]";
    let off = "when: { operations: patch, patch: { equals: { active: false }, alone: true } }, do: [ { reject: { status: 403, detail: no } } ]";
    let patch = |value: Value| json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{ "op": "replace", "value": value }] });
    let scene = backend(off).sends(patch(json!({ "active": false })));
    assert_eq!(scene.play("PATCH /Users/7").await.status, 403);
    let scene = backend(off).sends(patch(json!({ "active": true })));
    assert_eq!(scene.play("PATCH /Users/7").await.status, 200);
    let rule = "when: { patch: { sets: active } }, do: [ { reject: { status: 403, detail: no } } ]";
    assert_eq!(backend(rule).sends(json!({ "active": false })).play("POST /Users").await.status, 200, "{refusal}");

    let rule = "when: { header: { user-agent: [\"Okta*\", \"*entra*\"] }, query: { aadOptscim062020: true }, not: { operations: [create, delete] } }, do: [ { reject: { status: 403, detail: no } } ]";
    let okta = || backend(rule).with("user-agent", "Okta SCIM Client 1.0");
    assert_eq!(okta().play("GET /Users/7?aadOptscim062020").await.status, 403);
    assert_eq!(okta().play("GET /Users/7").await.status, 200);
    assert_eq!(okta().play("DELETE /Users/7?aadOptscim062020").await.status, 204);
    assert_eq!(backend(rule).with("user-agent", "curl").play("GET /Users/7?aadOptscim062020").await.status, 200);

    let rule = "when: { operations: create, any: [ { filter: 'userType eq \"Admin\"' }, { body: \"@.title == 'CEO'\" } ] }, do: [ { reject: { status: 403, detail: no } } ]";
    for (body, status) in [
        (json!({ "userName": "a", "userType": "Admin" }), 403),
        (json!({ "userName": "a", "title": "CEO" }), 403),
        (json!({ "userName": "a", "title": "CTO" }), 200),
    ] {
        assert_eq!(backend(rule).sends(body.clone()).play("POST /Users").await.status, status, "{body}");
    }
}

#[test]
fn a_condition_that_never_holds_is_a_fault() {
    for (rule, code) in [
        ("when: { status: 404 }, do: [ { drop: { at: title } } ]", "R0427"),
        ("to: client, when: { patch: { sets: active } }, do: [ { drop: { at: title } } ]", "R0427"),
        ("to: client, when: { operations: list, filter: 'a pr' }, do: [ { list: { integers: true } } ]", "R0427"),
        ("when: { filter: 'active eq true' }, do: [ { drop: { at: title } } ]", "R0401"),
        ("when: { operations: create, filter: 'active eq' }, do: [ { drop: { at: title } } ]", "R0425"),
        ("when: { header: { authorization: \"*\" } }, do: [ { drop: { at: title } } ]", "R0424"),
        ("when: { header: { x: \"*\" } }, do: [ { invert: { at: active } } ]", "R0416"),
        ("when: { not: { operations: list } }, do: [ { invert: { at: active } } ]", "R0416"),
        ("to: client, when: { status: 6xx }, do: [ { drop: { at: title } } ]", "R0103"),
        ("do: [ { status: { 404: { operations: delete, become: 204 } } } ]", "R0426"),
        ("to: client, do: [ { query: { count: { max: 1 } } } ]", "R0426"),
        ("to: client, do: [ { header: { x-a: { set: b } } } ]", "R0426"),
        ("on-error: skip, do: [ { reject: { detail: no } } ]", "R0428"),
        ("on-error: skip, do: [ { invert: { at: active } } ]", "R0428"),
        ("to: client, do: [ { status: { 404: { become: 200 } } } ]", "R0430"),
        ("to: client, do: [ { status: { 404: { become: 200, body: empty-list } } } ]", "R0430"),
        ("do: [ { query: { count: { set: 1, drop: true } } } ]", "R0429"),
        ("do: [ { query: { filter: { max: 1 } } } ]", "R0429"),
    ] {
        let fault = pack("backend", &[rule]).unwrap_err();
        assert!(fault.contains(code), "{rule}: {fault}");
    }
    let path = "do: [ { path: { slash: true } } ]";
    assert!(pack("connection", &[path]).unwrap_err().contains("R0426"));
    assert!(
        pack("client", &["when: { operations: list }, do: [ { path: { slash: true } } ]"])
            .unwrap_err()
            .contains("R0426")
    );
}

#[tokio::test]
async fn what_cant_be_told_is_refused_or_skipped() {
    let deep = (0..50).fold(json!(1), |inner, _| json!({ "a": inner }));
    let body = json!({ "userName": "ada", "x": deep });
    let slow = "\"$..*..*..*..*..*..*\"";
    let refused: &'static str = format!("when: {{ operations: create }}, do: [ {{ drop: {{ at: {slow} }} }} ]").leak();
    let skipped: &'static str = format!("on-error: skip, {refused}").leak();
    assert_eq!(backend(refused).sends(body.clone()).play("POST /Users").await.status, 500);
    let played = backend(skipped).sends(body.clone()).play("POST /Users").await;
    assert_eq!(played.status, 200);
    assert_eq!(serde_json::from_slice::<Value>(&played.received[0].body).unwrap(), body);
    assert_eq!(played.met.last().unwrap().verdict, Verdict::Skipped(Why::Failed));
    let hidden = backend("on-error: skip, do: [ { drop: { at: title } } ]");
    assert_eq!(hidden.play("GET /Users?filter=title%20pr").await.status, 400, "a refusal on purpose stays");
}

#[tokio::test]
async fn a_rule_in_shadow_changes_nothing_and_says_so() {
    let written = json!({ "userName": "ada", "title": "t" });
    for rule in [
        "mode: shadow, do: [ { drop: { at: title } } ]",
        "mode: shadow, do: [ { reject: { detail: no } } ]",
        "mode: shadow, do: [ { header: { x-a: { set: b } } } ]",
        "mode: shadow, do: [ { rename: { names: { userName: login } } } ]",
        "mode: shadow, to: client, do: [ { drop: { at: userName } } ]",
        "mode: shadow, to: client, do: [ { status: { 200: { become: 201 } } } ]",
    ] {
        let played = backend(rule).sends(written.clone()).play("POST /Users").await;
        assert_eq!((played.status, read(&played)), (200, json!({ "id": "7", "userName": "ada" })), "{rule}");
        assert_eq!(played.received[0].body, written.to_string(), "{rule}");
        assert!(!played.received[0].headers.contains_key("x-a"));
        assert!(played.met.iter().any(|met| met.verdict == Verdict::Skipped(Why::Shadow)), "{rule}");
    }
    let answered = backend("mode: shadow, when: { operations: read }, do: [ { respond: { status: 204 } } ]");
    let played = answered.play("GET /Users/7").await;
    assert_eq!((played.status, played.received.len()), (200, 1));
    assert!(played.met.iter().any(|met| met.verdict == Verdict::Skipped(Why::Shadow)));
    let hidden = backend("mode: shadow, do: [ { drop: { at: title } } ]").answers(200, &list(&json!([])));
    assert_eq!(hidden.play("GET /Users?filter=title%20pr").await.status, 200);
}

fn refused(side: &str, rule: &str) -> String {
    pack(side, &[rule]).err().unwrap_or_default()
}

#[test]
fn no_failure_is_told_as_a_success() {
    for line in [
        "409: { operations: create, become: 204 }",
        "409: { operations: patch, become: 204 }",
        "409: { operations: patch, matches: member, become: 204 }",
        "412: { operations: delete, become: 204 }",
        "404: { become: 204 }",
        "404: { operations: [delete, patch], become: 204 }",
        "500: { operations: delete, become: 204 }",
        "500: { operations: delete, become: 404 }",
        "500: { become: 404 }",
        "503: { operations: list, become: 200, body: empty-list }",
        "403: { operations: [list, search], become: 200, body: empty-list }",
    ] {
        let told = refused("backend", &format!("to: client, do: [ {{ status: {{ {line} }} }} ]"));
        assert!(told.contains("R0432"), "{line}: {told}");
    }
    for line in [
        "404: { operations: delete, become: 204 }",
        "410: { operations: delete, become: 204 }",
        "500: { operations: delete, matches: not found, become: 404 }",
        "400: { operations: read, become: 404 }",
        "501: { operations: list, become: 200, body: empty-list }",
        "400: { operations: list, matches: no such, become: 200, body: empty-list }",
        "200: { operations: [patch, delete], become: 204 }",
        "409: { become: 400 }",
    ] {
        let told = refused("backend", &format!("to: client, do: [ {{ status: {{ {line} }} }} ]"));
        assert_eq!(told, "", "{line}");
    }
    let bodiless = refused("client", "to: client, do: [ { status: { 200: { become: 204 } } } ]");
    assert!(bodiless.contains("R0430"), "{bodiless}");
}

#[test]
fn no_rule_answers_a_change_to_a_user_in_place_of_the_backend() {
    for when in
        ["", "when: { operations: patch }, ", "when: { operations: [list, delete] }, ", "when: { resource: User }, "]
    {
        let told = refused("client", &format!("{when}do: [ {{ respond: {{ status: 204 }} }} ]"));
        assert!(told.contains("R0432"), "{when}: {told}");
    }
    for when in ["when: { operations: [discover, list] }, ", "when: { resource: Group }, "] {
        let told = refused("client", &format!("{when}do: [ {{ respond: {{ status: 204 }} }} ]"));
        assert_eq!(told, "", "{when}");
    }
}

#[test]
fn no_rule_answers_a_search_with_everybody() {
    for edit in ["filter: { drop: true }", "FILTER: { drop: true }", "filter: { set: 'active eq true' }"] {
        let told = refused("backend", &format!("do: [ {{ query: {{ {edit} }} }} ]"));
        assert!(told.contains("R0433"), "{edit}: {told}");
    }
    assert_eq!(refused("backend", "do: [ { query: { filter: { default: 'active eq true' } } } ]"), "");
}

#[test]
fn no_alias_leads_to_what_was_not_authorised() {
    for alias in [
        "/Users: /Groups",
        "/Users: /groups",
        "/ServiceProviderConfig: /Users",
        "/Users/7: /Users/8",
        "/Users/7: /people/8",
        "/Users: /Users/7",
        "/Users/.search: /Groups/.search",
        "/Users: /x, /Groups: /x",
    ] {
        let told = refused("backend", &format!("do: [ {{ path: {{ alias: {{ {alias} }} }} }} ]"));
        assert!(told.contains("R0434"), "{alias}: {told}");
    }
    for alias in ["/Users: /people, /Groups: /teams", "/Users: /users", "/Users/.search: /find", "/Schemas: /schemas"] {
        assert_eq!(refused("backend", &format!("do: [ {{ path: {{ alias: {{ {alias} }} }} }} ]")), "", "{alias}");
    }
    // A client's path is read before it is authorised: it may be called whatever it likes.
    assert_eq!(refused("client", "do: [ { path: { alias: { /people: /Users } } } ]"), "");
}

#[test]
fn no_deactivation_is_taken_out_of_every_change() {
    for rule in [
        "do: [ { drop: { at: active } } ]",
        "do: [ { drop: { at: [title, \"urn:ietf:params:scim:schemas:core:2.0:User:active\"] } } ]",
        "when: { resource: User, operations: patch }, do: [ { drop: { at: active } } ]",
        "when: { operations: replace }, do: [ { set: { at: active, value: true } } ]",
        "do: [ { keep: { User: [userName] } } ]",
        "when: { header: { user-agent: \"Okta*\" } }, do: [ { drop: { at: active } } ]",
    ] {
        let told = refused("backend", rule);
        assert!(told.contains("R0435"), "{rule}: {told}");
    }
    for rule in [
        "to: client, do: [ { drop: { at: active } } ]",
        "when: { operations: create }, do: [ { drop: { at: active } } ]",
        "when: { resource: Group }, do: [ { drop: { at: active } } ]",
        "when: { operations: patch, patch: { equals: { active: true } } }, do: [ { drop: { at: active } } ]",
        "do: [ { keep: { User: [active], Group: [displayName] } } ]",
    ] {
        assert_eq!(refused("backend", rule), "", "{rule}");
    }
    let renamed = ["do: [ { rename: { names: { active: enabled } } } ]", "do: [ { drop: { at: active } } ]"];
    assert!(pack("backend", &renamed).is_ok());
}

#[test]
fn no_field_says_another_method_or_path() {
    for name in ["X-HTTP-Method-Override", "x-original-url", "range", "if_match", "X_HTTP_Method_Override", "forwarded"]
    {
        let told = refused("backend", &format!("do: [ {{ header: {{ {name}: {{ set: x }} }} }} ]"));
        assert!(told.contains("R0424"), "{name}: {told}");
    }
}

#[test]
fn no_id_is_cut_or_lowered() {
    let manager = "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value\"";
    for at in ["id", "\"members[*].value\"", "members.value", manager] {
        for step in ["lower", "{ truncate: 8 }", "{ replace: [a, b] }"] {
            let told = refused("backend", &format!("do: [ {{ text: {{ at: {at}, steps: [ {step} ] }} }} ]"));
            assert!(told.contains("R0422") || told.contains("R0410"), "{at} {step}: {told}");
        }
    }
}

#[tokio::test]
async fn a_condition_on_the_status_asks_what_the_backend_answered() {
    let mut scene = backend("to: client, do: [ { status: { 200: { operations: create, become: 201 } } } ]");
    scene.client.push("to: client, when: { status: 200 }, do: [ { set: { at: title, value: new } }, { header: { location: { drop: true } } } ]");
    let played = scene.sends(json!({ "userName": "ada" })).play("POST /Users").await;
    assert_eq!((played.status, &read(&played)["title"]), (201, &json!("new")));
}
