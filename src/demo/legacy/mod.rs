//! A SCIM server of 2014 that nobody dares to touch, in memory: the backend of the demo.
//!
//! Its faults can be switched off one by one; with all of them off it is a plain SCIM 2.0 server, which may lack something
//! as a whole ([`Kind`]). What it knows of a
//! person is kept in standard form; the faults are how it speaks ([`dialect`]), so that [`Legacy::can_log_in`] tells the
//! truth in either case.

mod dialect;
mod kinds;
mod patch;
mod scim11;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use serde_json::{Map, Value, json};

pub use kinds::{Flaw, Kind};

/// The id of the group that is there from the start.
pub const EVERYBODY: &str = "everybody";

/// The server.
#[derive(Debug)]
pub struct Legacy {
    kind: Kind,
    flaws: Vec<Flaw>,
    base: String,
    token: String,
    held: Mutex<Held>,
}

/// What it holds.
#[derive(Debug, Default)]
struct Held {
    next: u32,
    users: BTreeMap<String, Map<String, Value>>,
    groups: BTreeMap<String, Map<String, Value>>,
}

/// A no of the server: status, `scimType` and text.
#[derive(Debug)]
struct No(u16, &'static str, String);

impl No {
    fn bad(detail: impl Into<String>) -> Self {
        Self(400, "invalidValue", detail.into())
    }

    fn missing() -> Self {
        Self(404, "", "there is no such resource".to_owned())
    }
}

/// What it answers: a status, and a body or none.
type Yes = (u16, Option<Value>);

impl Legacy {
    /// A server with these flaws that is reached under `base` with the bearer token `token`. Three people and a group
    /// without members are there.
    #[must_use]
    pub fn new(flaws: &[Flaw], base: &str, token: &str) -> Self {
        let (base, token) = (base.to_owned(), token.to_owned());
        let legacy = Self { kind: Kind::Flawed, flaws: flaws.to_vec(), base, token, held: Mutex::default() };
        for (login, given, family) in
            [("grace", "Grace", "Hopper"), ("alan", "Alan", "Turing"), ("mary", "Mary", "Shaw")]
        {
            let user = json!({
                "userName": format!("{login}@example.com"), "active": true,
                "name": {"givenName": given, "familyName": family},
                "emails": [{"value": format!("{login}@example.com"), "type": "work", "primary": true}],
            });
            if let Value::Object(user) = user {
                legacy.lock().add_user(user);
            }
        }
        let group = json!({"id": EVERYBODY, "displayName": "Everybody", "members": []});
        if let Value::Object(group) = group {
            legacy.lock().groups.insert(EVERYBODY.to_owned(), group);
        }
        legacy
    }

    /// A server of another kind, with the same people.
    #[must_use]
    pub fn of_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// Whether this person can log in: the server's own truth, whatever it has answered to anybody.
    #[must_use]
    pub fn can_log_in(&self, id: &str) -> Option<bool> {
        Some(self.lock().users.get(id)?.get("active") == Some(&Value::Bool(true)))
    }

    /// Answers one request.
    pub async fn serve<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: http_body::Body<Data = Bytes>,
    {
        let (head, body) = request.into_parts();
        let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let outcome = if header("authorization") == format!("Bearer {}", self.token) {
            self.answer(&head.method, &head.uri, header("content-type"), &bytes)
        } else {
            Err(No(401, "", "wrong credential".to_owned()))
        };
        respond(outcome.map_err(|no| self.says_no(no)))
    }

    /// A no as this server writes it.
    fn says_no(&self, No(status, scim_type, detail): No) -> (u16, Value) {
        if self.kind == Kind::Scim11 {
            return (status, json!({"Errors": [{"description": detail, "code": status.to_string()}]}));
        }
        let mut error = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": status.to_string(),
            "detail": detail,
        });
        if let (false, Some(object)) = (scim_type.is_empty(), error.as_object_mut()) {
            object.insert("scimType".to_owned(), Value::from(scim_type));
        }
        (status, error)
    }

    fn answer(&self, method: &Method, uri: &http::Uri, content_type: &str, body: &Bytes) -> Result<Yes, No> {
        if !body.is_empty() && self.has(Flaw::JsonOnly) && !content_type.starts_with("application/json") {
            return Err(No(415, "", format!("`{content_type}` is unknown here; only application/json is read")));
        }
        let body: Value = match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(body).map_err(|_| No::bad("the body is not JSON"))?,
        };
        let path = uri.path().strip_prefix(path_of(&self.base)).unwrap_or_default();
        let mut parts = path.trim_start_matches('/').splitn(2, '/');
        let (endpoint, id) = (parts.next().unwrap_or_default(), parts.next());
        let query = uri.query().unwrap_or_default();
        match (endpoint, method.as_str(), id) {
            ("Users", "GET", None) => self.list_users(query),
            ("Groups", "GET", None) => self.list_groups(query),
            ("Users", "POST", None) => self.create_user(body),
            ("Groups", "POST", None) => self.create_group(body),
            ("Users", "GET", Some(id)) => {
                self.lock().users.get(id).map(|user| (200, Some(self.show_user(user)))).ok_or_else(No::missing)
            }
            ("Groups", "GET", Some(id)) => {
                self.lock().groups.get(id).map(|group| (200, Some(self.show(group, "Groups")))).ok_or_else(No::missing)
            }
            ("Users", "PUT", Some(id)) => self.replace_user(id, body),
            ("Groups", "PUT", Some(id)) => self.replace_group(id, body),
            (_, "PATCH", _) if self.kind == Kind::PutOnly => {
                Err(No(405, "", "PATCH is not supported; send the whole resource with PUT".to_owned()))
            }
            ("Users", "PATCH", Some(id)) => self.patch_user(id, &body),
            ("Groups", "PATCH", Some(id)) => self.patch_group(id, &body),
            ("Users", "DELETE", Some(id)) => self.lock().users.remove(id).map(|_| (204, None)).ok_or_else(No::missing),
            ("Groups", "DELETE", Some(id)) => {
                self.lock().groups.remove(id).map(|_| (204, None)).ok_or_else(No::missing)
            }
            _ => Err(No(404, "", "there is no such endpoint".to_owned())),
        }
    }

    fn has(&self, flaw: Flaw) -> bool {
        self.flaws.contains(&flaw)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn create_user(&self, body: Value) -> Result<Yes, No> {
        let user = self.read_user(body)?;
        let mut held = self.lock();
        if held.users.values().any(|other| other.get("userName") == user.get("userName")) {
            return Err(No(409, "uniqueness", "this person is there already".to_owned()));
        }
        let id = held.add_user(user);
        let user = held.users.get(&id).ok_or_else(No::missing)?;
        Ok((201, Some(self.show_user(user))))
    }

    fn replace_user(&self, id: &str, body: Value) -> Result<Yes, No> {
        let mut user = self.read_user(body)?;
        let mut held = self.lock();
        let stored = held.users.get_mut(id).ok_or_else(No::missing)?;
        user.insert("id".to_owned(), Value::from(id));
        if !user.contains_key("active") {
            let active = stored.get("active").cloned().unwrap_or(Value::Bool(true));
            user.insert("active".to_owned(), active);
        }
        *stored = user;
        Ok((200, Some(self.show_user(stored))))
    }

    fn patch_user(&self, id: &str, body: &Value) -> Result<Yes, No> {
        let mut held = self.lock();
        let stored = held.users.get_mut(id).ok_or_else(No::missing)?;
        let Value::Object(mut shown) = self.show_user(stored) else { return Err(No::missing()) };
        self.change(&mut shown, body)?;
        let mut user = self.read_user(Value::Object(shown))?;
        user.insert("id".to_owned(), Value::from(id));
        *stored = user;
        Ok((200, Some(self.show_user(stored))))
    }

    fn change(&self, resource: &mut Map<String, Value>, body: &Value) -> Result<(), No> {
        match self.kind {
            Kind::Scim11 => scim11::apply(resource, body),
            _ => patch::apply(resource, body, self.has(Flaw::IdInPatch)),
        }
    }

    fn create_group(&self, body: Value) -> Result<Yes, No> {
        let Value::Object(mut group) = body else { return Err(No::bad("the body is no object")) };
        let mut held = self.lock();
        let id = held.next_id();
        group.insert("id".to_owned(), Value::from(id.as_str()));
        held.groups.insert(id, group.clone());
        Ok((201, Some(self.show(&group, "Groups"))))
    }

    fn replace_group(&self, id: &str, body: Value) -> Result<Yes, No> {
        let Value::Object(mut group) = body else { return Err(No::bad("the body is no object")) };
        let mut held = self.lock();
        let stored = held.groups.get_mut(id).ok_or_else(No::missing)?;
        group.insert("id".to_owned(), Value::from(id));
        *stored = group;
        Ok((200, Some(self.show(stored, "Groups"))))
    }

    fn patch_group(&self, id: &str, body: &Value) -> Result<Yes, No> {
        let mut held = self.lock();
        let stored = held.groups.get_mut(id).ok_or_else(No::missing)?;
        let mut group = stored.clone();
        self.change(&mut group, body)?;
        *stored = group;
        Ok((204, None))
    }

    fn list_users(&self, query: &str) -> Result<Yes, No> {
        let all: Vec<Value> = self.lock().users.values().map(|user| self.show_user(user)).collect();
        self.list(all, query, if self.has(Flaw::Login) { "login" } else { "userName" })
    }

    fn list_groups(&self, query: &str) -> Result<Yes, No> {
        let all: Vec<Value> = self.lock().groups.values().map(|group| self.show(group, "Groups")).collect();
        self.list(all, query, "displayName")
    }
}

impl Held {
    fn next_id(&mut self) -> String {
        self.next += 1;
        format!("{:08}", self.next)
    }

    fn add_user(&mut self, mut user: Map<String, Value>) -> String {
        let id = self.next_id();
        user.insert("id".to_owned(), Value::from(id.as_str()));
        user.entry("active").or_insert(Value::Bool(true));
        self.users.insert(id.clone(), user);
        id
    }
}

fn path_of(base: &str) -> &str {
    base.split_once("://").and_then(|(_, rest)| rest.find('/').and_then(|slash| rest.get(slash..))).unwrap_or_default()
}

fn respond(outcome: Result<Yes, (u16, Value)>) -> Response<Full<Bytes>> {
    let (status, body) = outcome.unwrap_or_else(|(status, error)| (status, Some(error)));
    let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
    let mut response = Response::new(Full::new(bytes));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}
