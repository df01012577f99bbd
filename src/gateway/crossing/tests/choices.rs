//! What a connection's owner has chosen: accounts that go, come back, or are put half.

use serde_json::{Value, json};

use super::*;
use crate::bridge::{Conflict, Deactivation, Deletion, Inactive, Lifecycle};
use crate::rules::laws;

/// A directory of users. What it is asked, it notes; of queries the last.
#[derive(Clone, Debug, Default)]
struct Directory(Arc<Mutex<Vec<Value>>>, Arc<Mutex<Vec<String>>>, Arc<Mutex<String>>);

impl Directory {
    fn of(users: &[Value]) -> Self {
        Self(Arc::new(Mutex::new(users.to_vec())), Arc::default(), Arc::default())
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.1.lock().unwrap())
    }

    fn answers(&self, method: &Method, path: &str, query: &str, body: Value) -> (u16, Value) {
        let mut users = self.0.lock().unwrap();
        let place = |users: &[Value], id: &str| users.iter().position(|user| user["id"] == id);
        match (method.as_str(), path.strip_prefix("/Users/").and_then(|id| place(&users, id))) {
            ("GET", None) if path == "/Users" => {
                let named = |user: &&Value| {
                    !query.contains("filter=") || query.contains(&format!("%22{}%22", name(user).as_str().unwrap()))
                };
                let found: Vec<_> = users.iter().filter(named).collect();
                (200, json!({"totalResults": found.len(), "Resources": found}))
            }
            ("POST", None) if users.iter().any(|user| name(user) == name(&body)) => {
                (409, json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "409"}))
            }
            ("POST", None) => {
                users.push(body.clone());
                (201, body)
            }
            ("GET", Some(place)) => (200, users[place].clone()),
            ("PUT", Some(place)) => {
                users[place] = body.clone();
                (200, body)
            }
            ("PATCH", Some(place)) => {
                let operation = &body["Operations"][0];
                users[place][operation["path"].as_str().unwrap()] = operation["value"].clone();
                (204, Value::Null)
            }
            ("DELETE", Some(place)) => {
                users.remove(place);
                (204, Value::Null)
            }
            _ => (404, json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "404"})),
        }
    }
}

impl Upstream for Directory {
    async fn call(&self, request: Request<Bytes>, _retry: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let path = request.uri().path().to_owned();
        self.1.lock().unwrap().push(format!("{} {path}", request.method()));
        let body = serde_json::from_slice(request.body()).unwrap_or_default();
        let query = request.uri().query().unwrap_or_default();
        query.clone_into(&mut self.2.lock().unwrap());
        let (status, body) = self.answers(request.method(), &path, query, body);
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        Ok(Response::builder().status(status).body(UpstreamBody::whole(bytes)).unwrap())
    }
}

/// Some directories have another word for it.
fn name(user: &Value) -> &Value {
    user.get("userName").unwrap_or(&user["login"])
}

fn ada(active: bool) -> Value {
    json!({"id": "7", "userName": "ada", "title": "Countess", "active": active})
}

fn deleting(deletion: Deletion) -> Choices {
    Choices { lifecycle: Lifecycle { deletion, ..Lifecycle::default() }, ..Choices::default() }
}

fn deactivating() -> Choices {
    let deactivation = Deactivation::Delete;
    Choices { lifecycle: Lifecycle { deactivation, ..Lifecycle::default() }, ..Choices::default() }
}

/// The status and body of one call before a directory, and what the directory was asked for it.
async fn called(
    users: &Directory,
    can: Can,
    choices: Choices,
    (method, path, body): (Method, &str, &str),
) -> (u16, Value, Vec<String>) {
    let (gateway, secret) = chosen(users.clone(), can, Brake::off(), choices);
    let (status, bytes) = answer(&gateway, &secret, method, path, body.to_owned()).await;
    (status, serde_json::from_slice(&bytes).unwrap_or_default(), users.asked())
}

const OFF: &str = r#"{"Operations": [{"op": "replace", "value": {"active": false}}]}"#;

#[tokio::test]
async fn b_gh_05_a_delete_that_can_not_be_undone_becomes_a_deactivation() {
    let users = Directory::of(&[ada(true)]);
    let delete = (Method::DELETE, "/Users/7", "");
    let (status, body, asked) = called(&users, Can::default(), deleting(Deletion::Deactivate), delete.clone()).await;
    assert_eq!((status, body, asked), (204, Value::Null, vec!["PATCH /Users/7".to_owned()]));
    assert_eq!(users.0.lock().unwrap()[0]["active"], false);
    // Before a backend without PATCH it takes the bridge that any PATCH takes.
    let users = Directory::of(&[ada(true)]);
    let mut can = Can::default();
    can.users.patch = Able::No;
    let (status, _, asked) = called(&users, can, deleting(Deletion::Deactivate), delete.clone()).await;
    assert_eq!((status, asked), (204, vec!["GET /Users/7".to_owned(), "PUT /Users/7".to_owned()]));
    assert_eq!(users.0.lock().unwrap()[0]["active"], false);
    // Who isn't there isn't made to look as if.
    let gone = (Method::DELETE, "/Users/8", "");
    assert_eq!(called(&users, Can::default(), deleting(Deletion::Deactivate), gone).await.0, 404);
}

#[tokio::test]
async fn a_delete_that_is_not_wanted_is_refused_and_not_sent_also_in_bulk() {
    let switched_off = vec!["PATCH /Users/7".to_owned()];
    let users = Directory::of(&[ada(true)]);
    let delete = (Method::DELETE, "/Users/7", "");
    let (status, _, asked) = called(&users, Can::default(), deleting(Deletion::Reject), delete).await;
    assert_eq!((status, asked), (403, Vec::<String>::new()));
    for (deletion, status, made) in [(Deletion::Reject, "403", Vec::new()), (Deletion::Deactivate, "204", switched_off)]
    {
        let bulk = r#"{"Operations": [{"method": "DELETE", "path": "/Users/7"}]}"#;
        let bulk = (Method::POST, "/Bulk", bulk);
        let (_, body, asked) = called(&users, Can::default(), deleting(deletion), bulk).await;
        assert_eq!((&body["Operations"][0]["status"], asked), (&json!(status), made), "{body}");
    }
    // Groups are no accounts.
    let group = (Method::DELETE, "/Groups/7", "");
    assert_eq!(called(&users, Can::default(), deleting(Deletion::Reject), group).await.2, ["DELETE /Groups/7"]);
}

#[tokio::test]
async fn c_okta_03_a_deactivation_frees_a_seat_by_a_delete() {
    let put = ada(false).to_string();
    for call in [(Method::PATCH, "/Users/7", OFF), (Method::PUT, "/Users/7", &*put)] {
        let users = Directory::of(&[ada(true)]);
        let (status, body, asked) = called(&users, Can::default(), deactivating(), call).await;
        assert_eq!(asked, ["GET /Users/7", "DELETE /Users/7"]);
        assert_eq!((status, &body["active"], &body["id"]), (200, &json!(false), &json!("7")));
        assert!(users.0.lock().unwrap().is_empty());
    }
}

#[tokio::test]
async fn every_other_write_goes_on_as_it_is() {
    let on_again = r#"{"Operations": [{"op": "replace", "path": "active", "value": false},
        {"op": "replace", "path": "active", "value": true}]}"#;
    let title = r#"{"Operations": [{"op": "replace", "path": "title", "value": "T"}]}"#;
    let put = ada(true).to_string();
    for (call, asked) in [
        ((Method::PATCH, "/Users/7", title), vec!["PATCH /Users/7"]),
        ((Method::PUT, "/Users/7", &*put), vec!["PUT /Users/7"]),
        ((Method::PATCH, "/Users/7", on_again), vec!["GET /Users/7", "PATCH /Users/7"]),
    ] {
        let users = Directory::of(&[ada(true)]);
        let (_, _, sent) = called(&users, Can::default(), deactivating(), call).await;
        assert_eq!(sent, asked);
        assert_eq!(users.0.lock().unwrap().len(), 1);
    }
    let users = Directory::of(&[]);
    assert_eq!(called(&users, Can::default(), deactivating(), (Method::PATCH, "/Users/7", OFF)).await.0, 404);
}

#[tokio::test]
async fn a_deactivation_that_deletes_draws_from_the_brake() {
    let users = Directory::of(&[ada(true), json!({"id": "8", "userName": "bob", "active": true})]);
    let brake = Brake::new(std::num::NonZeroU32::MIN);
    let (gateway, secret) = chosen(users.clone(), Can::default(), brake, deactivating());
    assert_eq!(status(&gateway, &secret, Method::PATCH, "/Users/7", OFF.to_owned()).await, 200);
    assert_eq!(status(&gateway, &secret, Method::PATCH, "/Users/8", OFF.to_owned()).await, 503);
    assert_eq!(users.0.lock().unwrap().len(), 1);
}

fn returning() -> Choices {
    Choices { conflict: Conflict::Reactivate, ..Choices::default() }
}

const CREATE: &str = r#"{"userName": "ada", "title": "Lady", "active": true}"#;

#[tokio::test]
async fn who_comes_back_is_brought_back_and_answered_as_created() {
    let users = Directory::of(&[ada(false)]);
    let create = (Method::POST, "/Users", CREATE);
    let (status, body, asked) = called(&users, Can::default(), returning(), create.clone()).await;
    assert_eq!(asked, ["POST /Users", "GET /Users", "PUT /Users/7"]);
    assert_eq!((status, &body["id"], &body["title"]), (201, &json!("7"), &json!("Lady")));
    assert_eq!(users.0.lock().unwrap()[0]["active"], true);
    // Who is active is somebody else, and nobody who isn't there is looked for.
    let users = Directory::of(&[ada(true)]);
    let (status, _, asked) = called(&users, Can::default(), returning(), create.clone()).await;
    assert_eq!((status, asked.len()), (409, 2));
    assert_eq!(users.0.lock().unwrap()[0]["title"], "Countess");
    assert_eq!(called(&Directory::of(&[]), Can::default(), returning(), create).await.2, ["POST /Users"]);
}

/// A backend that says of whom it has locked out that `active` is true.
const LOCKING: &str = "
version: 1
pack: locking
side: backend
about: a server that means the contrary by `active`, and calls a user name otherwise
rules:
  - { id: locked, why: a test, source: a test, when: { resource: User }, do: [ { invert: { at: active } } ] }
  - { id: login, why: a test, source: a test, when: { resource: User }, do: [ { rename: { names: { userName: login } } } ] }
";

#[tokio::test]
async fn who_is_found_is_seen_through_the_rules_of_the_backend() {
    for (is_locked, status, asked) in [(true, 201, 3), (false, 409, 2)] {
        let users = Directory::of(&[json!({"id": "7", "login": "ada", "active": is_locked})]);
        let rules = laws::pack(LOCKING).unwrap();
        let (gateway, secret) = between(users.clone(), &rules, Brake::off(), returning());
        let create = r#"{"userName": "ada", "active": true}"#;
        let told = answer(&gateway, &secret, Method::POST, "/Users", create.to_owned()).await;
        assert_eq!((told.0, users.asked().len()), (status, asked), "{is_locked}");
    }
}

/// Makes whoever is asked for, and shows nothing of them but where they are.
#[derive(Clone, Debug)]
struct Silent;

impl Upstream for Silent {
    async fn call(&self, request: Request<Bytes>, _retry: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let answer = Response::builder();
        Ok(match *request.method() {
            Method::POST => {
                answer.status(201).header("location", "http://backend.example/Users/7").body(UpstreamBody::default())
            }
            _ => answer.status(200).body(UpstreamBody::whole(Bytes::from(ada(true).to_string()))),
        }
        .unwrap())
    }
}

#[tokio::test]
async fn who_is_created_is_shown_whatever_becomes_of_those_who_are_there() {
    for choices in [Choices::default(), returning()] {
        let (gateway, secret) = chosen(Silent, Can::default(), Brake::off(), choices);
        let (status, body) = answer(&gateway, &secret, Method::POST, "/Users", CREATE.to_owned()).await;
        assert_eq!((status, serde_json::from_slice::<Value>(&body).unwrap()), (201, ada(true)));
    }
}

#[tokio::test]
async fn a_put_that_merges_lists_the_extension_that_it_fills_in() {
    const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    const ENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let choices = Choices { merges: true, ..Choices::default() };
    let mut held = ada(true);
    held[ENT] = json!({"department": "D"});
    let users = Directory::of(&[held]);
    let body = json!({"schemas": [CORE], "userName": "ada"}).to_string();
    let put = (Method::PUT, "/Users/7", &*body);
    assert_eq!(called(&users, Can::default(), choices, put).await.0, 200);
    assert_eq!(users.0.lock().unwrap()[0]["schemas"], json!([CORE, ENT]));
}

#[tokio::test]
async fn a_put_that_merges_clears_nothing_but_what_it_says() {
    let choices = Choices { merges: true, ..Choices::default() };
    let mut held = ada(true);
    held["nickName"] = json!("A");
    held["meta"] = json!({"version": "W/\"1\""});
    let users = Directory::of(&[held]);
    let put = (Method::PUT, "/Users/7", r#"{"userName": "ada", "title": null, "active": false}"#);
    let (status, _, asked) = called(&users, Can::default(), choices, put).await;
    assert_eq!((status, asked), (200, vec!["GET /Users/7".to_owned(), "PUT /Users/7".to_owned()]));
    let held = users.0.lock().unwrap()[0].clone();
    assert_eq!(held, json!({"userName": "ada", "title": null, "active": false, "nickName": "A"}));
}

fn hiding() -> Choices {
    Choices { lifecycle: Lifecycle { inactive: Inactive::Hide, ..Lifecycle::default() }, ..Choices::default() }
}

/// Lists are filtered here, so that what is asked for is what is found.
fn without_filters() -> Can {
    Can { filter: Able::No, ..Can::default() }
}

#[tokio::test]
async fn b_slk_02_who_is_switched_off_is_not_there() {
    let users = Directory::of(&[ada(false), json!({"id": "8", "userName": "bob", "active": true})]);
    let read = |id: &str| (Method::GET, format!("/Users/{id}"));
    for (id, found) in [("7", 404), ("8", 200), ("9", 404)] {
        let (method, path) = read(id);
        let (status, _, _) = called(&users, Can::default(), hiding(), (method, &path, "")).await;
        assert_eq!(status, found, "{id}");
    }
    // Writes find them, and so does everybody else.
    let on = r#"{"Operations": [{"op": "replace", "path": "active", "value": true}]}"#;
    assert_eq!(called(&users, Can::default(), hiding(), (Method::PATCH, "/Users/7", on)).await.0, 204);
    assert_eq!(called(&users, Can::default(), hiding(), (Method::GET, "/Users/7", "")).await.0, 200);
}

#[tokio::test]
async fn b_slk_02_who_is_switched_off_is_not_listed_whatever_is_asked() {
    let mut quiet = json!({"id": "9", "userName": "cyd"});
    quiet["active"] = Value::Null;
    let all = [ada(false), json!({"id": "8", "userName": "bob", "active": true}), quiet];
    let found = |body: &Value| -> Vec<String> {
        body["Resources"]
            .as_array()
            .unwrap_or_else(|| panic!("{body}"))
            .iter()
            .map(|user| user["id"].as_str().unwrap().to_owned())
            .collect()
    };
    for (query, ids) in [
        ("", vec!["8", "9"]),
        ("?filter=userName%20eq%20%22ada%22", vec![]),
        ("?filter=userName%20eq%20%22bob%22%20or%20active%20eq%20false", vec!["8"]),
        ("?filter=not%20(userName%20eq%20%22bob%22)", vec!["9"]),
    ] {
        let list = (Method::GET, &*format!("/Users{query}"), "");
        let (status, body, _) = called(&Directory::of(&all), without_filters(), hiding(), list).await;
        assert_eq!((status, found(&body)), (200, ids.iter().map(ToString::to_string).collect()), "{query}: {body}");
    }
    let search = r#"{"filter": "userName eq \"ada\" or userName eq \"bob\""}"#;
    for path in ["/Users/.search", "/.search"] {
        let can = Can { search: Able::No, ..without_filters() };
        let (status, body, _) = called(&Directory::of(&all), can, hiding(), (Method::POST, path, search)).await;
        assert_eq!((status, found(&body)), (200, vec!["8".to_owned()]), "{path}: {body}");
    }
}

#[tokio::test]
async fn a_filter_reaches_no_further_than_its_brackets() {
    let users = Directory::of(&[ada(false)]);
    let list = (Method::GET, "/Users?filter=userName%20pr)%20or%20(userName%20pr", "");
    let (status, body, asked) = called(&users, Can::default(), hiding(), list).await;
    assert_eq!((status, &body["scimType"], asked.len()), (400, &json!("invalidFilter"), 0));
    let list = (Method::GET, "/Users?filter=userName%20pr%20or%20active%20eq%20false", "");
    called(&users, Can::default(), hiding(), list).await;
    let query = users.2.lock().unwrap().clone();
    assert_eq!(query, "filter=(userName%20pr%20or%20active%20eq%20false)%20and%20not%20(active%20eq%20false)");
}
