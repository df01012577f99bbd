//! SCIM 1.1 on either side, with a scripted backend: what files of cases can't show, such as lists that come in pieces,
//! several operations at once, and what is refused.

use bytes::Bytes;
use scimgate::gateway::rehearse::{self, Answered, Asked, Played, Stage};
use scimgate::rules::{Pack, load};
use scimgate::scim::Version;
use serde_json::{Value, json};

use super::pack;

/// The backend's pack, which speaks this.
fn speaking(scim: &str) -> Pack {
    let text = format!("version: 1\npack: b\nside: backend\nabout: a test\ncan: {{ scim: {scim} }}\n");
    let mut faults = scimgate::fault::Faults::default();
    let node = scimgate::yaml::parse("b.yaml", &text, &mut faults).unwrap();
    load::pack(&node, &mut faults).unwrap()
}

fn answer(status: u16, body: &Value) -> Answered {
    Answered { status, headers: Vec::new(), body: vec![Bytes::from(body.to_string())] }
}

async fn play(client: Version, backend: &str, request: &str, body: Option<Value>, answers: Vec<Answered>) -> Played {
    let (outer, inner) = (pack("client", &[]).unwrap(), speaking(backend));
    let stage = Stage { scim: client, ..Stage::between(vec![&outer], &inner) };
    let (method, target) = request.split_once(' ').unwrap();
    let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    let asked = Asked { method: method.to_owned(), target: target.to_owned(), headers: Vec::new(), body };
    rehearse::play(&stage, &asked, answers).await.unwrap()
}

fn read(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap_or_default()
}

fn ops(played: &Played, turn: usize) -> Value {
    read(&played.received[turn].body)["Operations"].take()
}

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

#[tokio::test]
async fn a_list_comes_in_pieces_and_its_urn_may_stand_behind() {
    let texts = [
        r#"{"totalResults":2,"schemas":["urn:scim:schemas:core:1.0"],"Resources":[ {"id":"1","userName":"a]}"} , {"id":"2"} ],"startIndex":1}"#,
        r#"{ "Resources" : [{"id":"1","userName":"a]}"},{"id":"2"}] , "schemas":["urn:scim:schemas:core:1.0"],"startIndex":1,"totalResults":2 }"#,
    ];
    for text in texts {
        for at in 0..text.len() {
            let (first, rest) = text.split_at(at);
            let body = [first, rest].map(|part| Bytes::copy_from_slice(part.as_bytes())).to_vec();
            for (client, list, user) in [
                (Version::Two, "urn:ietf:params:scim:api:messages:2.0:ListResponse", USER),
                (Version::OneOne, "urn:scim:schemas:core:1.0", "urn:scim:schemas:core:1.0"),
            ] {
                let answers = vec![Answered { status: 200, headers: Vec::new(), body: body.clone() }];
                let played = play(client, "1.1", "GET /Users", None, answers).await;
                let expected = json!({ "schemas": [list], "totalResults": 2, "startIndex": 1, "Resources": [
                    { "schemas": [user], "id": "1", "userName": "a]}" }, { "schemas": [user], "id": "2" },
                ] });
                assert_eq!(read(&played.body), expected, "{at} {}", String::from_utf8_lossy(&played.body));
            }
        }
    }
}

#[tokio::test]
async fn lists_in_which_nothing_is_and_what_is_none() {
    for nobody in [
        json!({ "totalResults": 0 }),
        json!({ "totalResults": 0, "Resources": [] }),
        json!({ "totalResults": 0, "Resources": null }),
    ] {
        let played = play(Version::OneOne, "2.0", "GET /Groups", None, vec![answer(200, &nobody)]).await;
        assert_eq!(
            (played.status, &read(&played.body)["schemas"]),
            (200, &json!(["urn:scim:schemas:core:1.0"])),
            "{nobody}"
        );
    }
    for text in ["[]", "{\"Resources\":[{]}", "{\"Resources\":[{\"id\":\"1\"}", "{\"Resources\":[1]}", "<html>"] {
        let answers = vec![Answered { status: 200, headers: Vec::new(), body: vec![Bytes::from(text)] }];
        let played = play(Version::OneOne, "1.1", "GET /Users", None, answers).await;
        assert_eq!(played.status, 502, "{text}");
        assert!(read(&played.body)["Errors"][0]["description"].is_string(), "{text}");
    }
}

#[tokio::test]
async fn a_long_list_streams_into_the_older_version() {
    let user = |id: usize| json!({ "schemas": [USER], "id": id.to_string(), "title": "x".repeat(2000) });
    let list = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 900, "Resources": (0..900).map(user).collect::<Vec<_>>() });
    let bytes = Bytes::from(list.to_string());
    let pieces = (0..bytes.len()).step_by(60_000).map(|at| bytes.slice(at..bytes.len().min(at + 60_000))).collect();
    let answers = vec![Answered { status: 200, headers: Vec::new(), body: pieces }];
    let told = read(&play(Version::OneOne, "2.0", "GET /Users", None, answers).await.body);
    assert_eq!(told["schemas"], json!(["urn:scim:schemas:core:1.0"]));
    let told = told["Resources"].as_array().unwrap();
    assert!(told.len() == 900 && told.iter().all(|one| one["schemas"] == json!(["urn:scim:schemas:core:1.0"])));
}

#[tokio::test]
async fn v_31_an_element_that_is_there_is_merged() {
    let body = json!({ "emails": [{ "value": "a@example.com", "primary": true }, { "value": "new@example.com" }] });
    let held = json!({ "schemas": [USER], "id": "7", "emails": [{ "value": "A@example.com", "type": "work" }, { "value": "b@example.com", "primary": true }] });
    let answers = vec![answer(200, &held), Answered { status: 204, ..Answered::default() }];
    let played = play(Version::OneOne, "2.0", "PATCH /Users/7", Some(body), answers).await;
    assert_eq!(played.status, 204);
    let asked: Vec<_> = played.received.iter().map(|heard| format!("{} {}", heard.method, heard.target)).collect();
    assert_eq!(asked, ["GET /Users/7", "PATCH /Users/7"]);
    let expected = json!([
        { "op": "replace", "path": "emails[value eq \"A@example.com\"].primary", "value": true },
        { "op": "add", "path": "emails", "value": [{ "value": "new@example.com" }] },
    ]);
    assert_eq!(ops(&played, 1), expected);
}

#[tokio::test]
async fn v_31_an_element_that_says_nothing_new_changes_nothing() {
    let body = json!({ "emails": ["a@example.com"] });
    let held = json!({ "schemas": [USER], "id": "7", "emails": [{ "value": "a@example.com", "type": "work" }] });
    let answers = vec![answer(200, &held), answer(200, &held)];
    let played = play(Version::OneOne, "2.0", "PATCH /Users/7", Some(body), answers).await;
    assert_eq!((played.status, &read(&played.body)["id"]), (200, &json!("7")));
    assert!(played.received.iter().all(|heard| heard.method == "GET"));
}

#[tokio::test]
async fn v_35_v_36_what_scim_1_1_can_t_say_in_a_patch_is_put() {
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        { "op": "replace", "path": "emails[type eq \"work\"].value", "value": "new@example.com" },
        { "op": "replace", "path": "active", "value": false },
    ] });
    let held = json!({ "schemas": ["urn:scim:schemas:core:1.0"], "id": "7", "active": true, "emails": [{ "value": "a@example.com", "type": "work" }] });
    let after = json!({ "schemas": ["urn:scim:schemas:core:1.0"], "id": "7", "active": false, "emails": [{ "value": "new@example.com", "type": "work" }] });
    let played =
        play(Version::Two, "1.1", "PATCH /Users/7", Some(body), vec![answer(200, &held), answer(200, &after)]).await;
    let methods: Vec<_> = played.received.iter().map(|heard| heard.method.as_str()).collect();
    assert_eq!((played.status, methods), (200, vec!["GET", "PUT"]));
    assert_eq!(read(&played.received[1].body), after);
    assert_eq!(read(&played.body)["schemas"], json!([USER]));
}

#[tokio::test]
async fn v_20_resource_types_are_told_from_the_schemas_of_a_backend_that_has_none() {
    let schemas = json!({ "totalResults": 2, "schemas": ["urn:scim:schemas:core:1.0"], "Resources": [
        { "id": "urn:scim:schemas:core:1.0:User", "name": "User", "schema": "urn:scim:schemas:core:1.0", "endpoint": "/Users", "attributes": [] },
        { "id": "urn:scim:schemas:core:1.0:Group", "name": "Group", "schema": "urn:scim:schemas:core:1.0", "endpoint": "/Groups", "attributes": [] },
    ] });
    let told = async |path: &str| play(Version::Two, "1.1", path, None, vec![answer(200, &schemas)]).await;
    let all = told("GET /ResourceTypes").await;
    assert_eq!(all.received[0].target, "/Schemas");
    let all = read(&all.body);
    assert_eq!((&all["totalResults"], &all["Resources"][1]["endpoint"]), (&json!(2), &json!("/Groups")));
    assert_eq!(read(&told("GET /ResourceTypes/User").await.body)["schema"], json!(USER));
    assert_eq!(told("GET /ResourceTypes/Role").await.status, 404);
    assert_eq!(read(&told(&format!("GET /Schemas/{USER}")).await.body)["id"], json!(USER));
}

#[tokio::test]
async fn v_47_a_search_is_a_list_in_scim_1_1_and_one_over_every_type_a_list_of_each() {
    let search = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "id pr" });
    let found = json!({ "totalResults": 1, "Resources": [{ "id": "7" }] });
    let both = vec![answer(200, &found), answer(200, &found)];
    let played = play(Version::Two, "1.1", "POST /.search", Some(search.clone()), both).await;
    assert_eq!((played.status, &read(&played.body)["totalResults"]), (200, &json!(2)));
    let asked = ["/Users?filter=id%20pr&startIndex=1", "/Groups?filter=id%20pr&startIndex=1"];
    assert_eq!(played.received.iter().map(|heard| heard.target.as_str()).collect::<Vec<_>>(), asked);
    let played = play(Version::Two, "1.1", "POST /Users/.search", Some(search), vec![answer(200, &found)]).await;
    assert_eq!(format!("{} {}", played.received[0].method, played.received[0].target), "GET /Users?filter=id%20pr");
    assert_eq!(read(&played.body)["Resources"][0]["schemas"], json!([USER]));
}

#[tokio::test]
async fn v_51_v_52_several_operations_at_once() {
    let body = json!({ "schemas": ["urn:scim:schemas:core:1.0"], "failOnErrors": 1, "Operations": [
        { "method": "POST", "path": "/Users", "bulkId": "q", "data": { "userName": "ada", "locale": "en_US" } },
        { "method": "PATCH", "path": "/Groups/9", "data": { "members": [{ "value": "batchId:q" }, { "value": "8", "operation": "delete" }] } },
        { "method": "DELETE", "path": "/Users/5" },
    ] });
    let results = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"], "Operations": [
        { "method": "POST", "bulkId": "q", "location": "http://backend.example/scim/v2/Users/7", "status": "201", "response": { "id": "7" } },
        { "method": "PATCH", "location": "http://backend.example/scim/v2/Groups/9", "status": "404", "response": { "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404", "detail": "gone" } },
        { "method": "DELETE", "location": "http://backend.example/scim/v2/Users/5", "status": "204" },
    ] });
    let played = play(Version::OneOne, "2.0", "POST /Bulk", Some(body), vec![answer(200, &results)]).await;
    let sent = read(&played.received[0].body);
    assert_eq!(sent["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]));
    assert_eq!(sent["Operations"][0]["data"], json!({ "schemas": [USER], "userName": "ada", "locale": "en-US" }));
    let patch = json!([
        { "op": "remove", "path": "members[value eq \"8\"]" },
        { "op": "add", "path": "members", "value": [{ "value": "bulkId:q" }] },
    ]);
    assert_eq!(sent["Operations"][1]["data"]["Operations"], patch);
    let told = read(&played.body);
    assert_eq!(told["schemas"], json!(["urn:scim:schemas:core:1.0"]));
    let status = |at: usize| told["Operations"][at]["status"].clone();
    assert_eq!(
        [status(0), status(1), status(2)],
        [json!({ "code": "201" }), json!({ "code": "404", "description": "gone" }), json!({ "code": "200" })]
    );
}

#[tokio::test]
async fn v_51_several_operations_at_once_before_a_backend_of_scim_1_1() {
    let body = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        { "method": "POST", "path": "/Users", "bulkId": "q", "data": { "schemas": [USER], "userName": "ada" } },
        { "method": "PATCH", "path": "/Users/7", "data": { "Operations": [{ "op": "replace", "path": "emails[type eq \"work\"].value", "value": "x" }] } },
    ] });
    let results = json!({ "schemas": ["urn:scim:schemas:core:1.0"], "Operations": [
        { "method": "POST", "bulkId": "q", "status": { "code": "409", "description": "taken" } },
    ] });
    let played = play(Version::Two, "1.1", "POST /Bulk", Some(body), vec![answer(200, &results)]).await;
    let sent = read(&played.received[0].body);
    let created = json!({ "method": "POST", "path": "/Users", "bulkId": "q", "data": { "schemas": ["urn:scim:schemas:core:1.0"], "userName": "ada" } });
    assert_eq!(sent, json!({ "schemas": ["urn:scim:schemas:core:1.0"], "Operations": [created] }));
    let told = read(&played.body);
    let result =
        |at: usize| (told["Operations"][at]["status"].clone(), told["Operations"][at]["response"]["scimType"].clone());
    assert_eq!(result(0), (json!("409"), json!("uniqueness")));
    assert_eq!(result(1), (json!("400"), json!("invalidPath")));
}
