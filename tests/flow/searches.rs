//! Searches before a backend that has none, and over every type of resource.

use bytes::Bytes;
use scimgate::gateway::rehearse::{self, Answered, Asked, Played, Stage};
use scimgate::rules::Pack;
use scimgate::rules::can::{Able, Filtering, Operator};
use scimgate::scim::CompareOp;
use serde_json::{Value, json};

use super::pack;

async fn play(outer: &[&str], inner: &Pack, target: &str, search: Value, lists: &[Value]) -> Played {
    let outer = pack("client", outer).unwrap();
    let stage = Stage::between(vec![&outer], inner);
    let body = Bytes::from(search.to_string());
    let asked = Asked { method: "POST".to_owned(), target: target.to_owned(), headers: Vec::new(), body };
    let answered = |list: &Value| Answered {
        status: if list["status"].is_null() { 200 } else { 400 },
        headers: Vec::new(),
        body: vec![Bytes::from(list.to_string())],
    };
    rehearse::play(&stage, &asked, lists.iter().map(answered).collect()).await.unwrap()
}

fn inner(rules: &[&str], search: Able<()>) -> Pack {
    let mut inner = pack("backend", rules).unwrap();
    inner.can.search = search;
    inner
}

fn heard(played: &Played) -> Vec<String> {
    let one = |heard: &rehearse::Heard| {
        format!("{} {} {}", heard.method, heard.target, String::from_utf8_lossy(&heard.body)).trim_end().to_owned()
    };
    played.received.iter().map(one).collect()
}

fn told(played: &Played) -> Value {
    assert_eq!(played.status, 200, "{}", String::from_utf8_lossy(&played.body));
    serde_json::from_slice(&played.body).unwrap()
}

fn list(total: usize, resources: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": total, "Resources": resources })
}

const LOGIN: &str = "when: { resource: User }, do: [ { rename: { names: { userName: login } } } ]";
const LABEL: &str = "when: { resource: Group }, do: [ { rename: { names: { displayName: label } } } ]";

#[tokio::test]
async fn b_aws_02_a_search_is_asked_as_a_list_where_the_backend_has_none() {
    let rules = &[LOGIN, "when: { operations: list }, do: [ { header: { x-list: { set: \"yes\" } } } ]"];
    let outer = &["to: client, when: { operations: search }, do: [ { drop: { at: title } } ]"];
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName eq \"a b\"", "attributes": ["userName", "name.givenName"], "startIndex": 2, "count": 5,
    });
    let answer = list(1, json!([{ "id": "7", "login": "a b", "title": "T" }]));
    let played = play(outer, &inner(rules, Able::No), "/Users/.search", search, &[answer]).await;
    let url = "GET /Users?filter=login%20eq%20%22a%20b%22&startIndex=2&count=5&attributes=login,name.givenName";
    assert_eq!(heard(&played), [url]);
    assert_eq!(played.received[0].headers["x-list"], "yes");
    assert_eq!(told(&played)["Resources"], json!([{ "id": "7", "userName": "a b" }]));
    assert!(played.met.iter().any(|met| met.id == "bridge/search"));
}

#[tokio::test]
async fn the_list_of_a_search_goes_over_the_bridges_of_a_list() {
    let mut inner = inner(&[LOGIN], Able::No);
    let equals = Filtering { operators: vec![Operator::Compare(CompareOp::Eq)], ..Filtering::default() };
    inner.can.filter = Able::Yes(equals);
    let search = json!({ "filter": "userName sw \"a\"" });
    let answer = list(2, json!([{ "id": "1", "login": "ada" }, { "id": "2", "login": "bob" }]));
    let played = play(&[], &inner, "/Users/.search", search, &[answer]).await;
    assert_eq!(told(&played)["totalResults"], 1);
    assert_eq!(told(&played)["Resources"], json!([{ "id": "1", "userName": "ada" }]));
    assert!(played.received[0].target.starts_with("/Users?"), "{}", played.received[0].target);
}

#[tokio::test]
async fn every_type_is_searched_by_its_own_rules_and_the_results_are_joined() {
    for (search, lists) in [(Able::Yes(()), false), (Able::No, true)] {
        let inner = inner(&[LOGIN, LABEL], search);
        let asked = json!({ "filter": "displayName eq \"x\" or userName eq \"x\"", "startIndex": 2, "count": 3 });
        let answers = [
            json!({ "totalResults": 2, "startIndex": 2, "Resources": [{ "id": "2", "login": "x" }] }),
            json!({ "totalResults": 5, "startIndex": 1, "Resources": [{ "id": "8", "label": "x" }, { "id": "9", "label": "x" }] }),
        ];
        let played = play(&[], &inner, "/.search", asked, &answers).await;
        let received = heard(&played);
        assert_eq!(received.len(), 2, "{received:?}");
        let (users, groups) =
            if lists { ("GET /Users?", "GET /Groups?") } else { ("POST /Users/.search ", "POST /Groups/.search ") };
        assert!(received[0].starts_with(users) && received[0].contains("login"), "{received:?}");
        assert!(received[1].starts_with(groups) && received[1].contains("label"), "{received:?}");
        assert!(!received[1].contains("userName") && !received[1].contains("login"), "{received:?}");
        let told = told(&played);
        assert_eq!(
            (&told["totalResults"], &told["startIndex"], &told["itemsPerPage"]),
            (&json!(7), &json!(2), &json!(3))
        );
        let expected = json!([
            { "id": "2", "userName": "x" }, { "id": "8", "displayName": "x" }, { "id": "9", "displayName": "x" },
        ]);
        assert_eq!(told["Resources"], expected);
    }
}

#[tokio::test]
async fn a_type_in_which_nothing_can_match_is_not_asked() {
    let asked = json!({ "filter": "meta.resourceType eq \"Group\" and members.value eq \"7\"" });
    let answer = list(1, json!([{ "id": "9", "label": "g" }]));
    let played = play(&[], &inner(&[LABEL], Able::default()), "/.search", asked, &[answer]).await;
    assert_eq!(heard(&played), [r#"POST /Groups/.search {"filter":"members.value eq \"7\"","startIndex":1}"#]);
    assert_eq!(told(&played)["Resources"], json!([{ "id": "9", "displayName": "g" }]));
}

#[tokio::test]
async fn what_one_type_refuses_is_refused() {
    // A rule of one type's, which no filter may ask about.
    let hides = "when: { resource: Group }, do: [ { drop: { at: displayName } } ]";
    let asked = json!({ "filter": "displayName sw \"a\"" });
    let users = list(1, json!([{ "id": "1", "displayName": "ada" }]));
    let played =
        play(&[], &inner(&[hides], Able::default()), "/.search", asked.clone(), std::slice::from_ref(&users)).await;
    let body: Value = serde_json::from_slice(&played.body).unwrap();
    assert_eq!((played.status, &body["scimType"]), (400, &json!("invalidFilter")), "{body}");
    // So is what the backend refuses of one.
    let error = json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "400", "detail": "no" });
    let played = play(&[], &inner(&[LABEL], Able::default()), "/.search", asked, &[users, error]).await;
    let body: Value = serde_json::from_slice(&played.body).unwrap();
    assert_eq!((played.status, &body["detail"]), (400, &json!("no")));
}

#[tokio::test]
async fn a_search_over_every_type_goes_as_it_is_where_the_backend_can_do_it() {
    let asked = json!({ "filter": "displayName pr", "sortBy": "id" });
    let answer = list(1, json!([{ "id": "1" }]));
    let played = play(&[], &inner(&[], Able::default()), "/.search", asked.clone(), &[answer]).await;
    assert_eq!(heard(&played), [format!("POST /.search {asked}")]);
    let played = play(&[], &inner(&[], Able::No), "/.search", asked, &[]).await;
    assert_eq!((played.status, played.received.len()), (501, 0));
}
