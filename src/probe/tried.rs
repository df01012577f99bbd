//! The attributes that changes are tried on. No server takes them all, and what one doesn't keep tells nothing of PATCH.

use serde_json::{Value as Json, json};

use crate::json::Value;

use super::Reply;
use super::ask::text;

/// An attribute that changes are tried on. No server takes them all.
#[derive(Debug)]
pub(super) struct Tried {
    pub(super) path: &'static str,
}

pub(super) const TRIED: &[Tried] = &[
    Tried { path: "displayName" },
    Tried { path: "title" },
    Tried { path: "nickName" },
    Tried { path: "name.familyName" },
];

impl Tried {
    /// Gives it to a user.
    pub(super) fn set(&self, user: &mut Json, value: &str) {
        match self.path.split_once('.') {
            None => put(user, self.path, json!(value)),
            Some((name, part)) => {
                let mut held = user.get(name).cloned().unwrap_or_else(|| json!({}));
                put(&mut held, part, json!(value));
                put(user, name, held);
            }
        }
    }

    /// Whether an answer shows it so.
    pub(super) fn shows(&self, reply: &Reply, value: &str) -> bool {
        let Some(user) = reply.resource() else { return false };
        let shown = match self.path.split_once('.') {
            None => text(user, self.path),
            Some((name, part)) => user.get(name).and_then(Value::as_object).and_then(|name| text(name, part)),
        };
        shown.as_deref() == Some(value)
    }

    /// An operation that changes it by its path.
    pub(super) fn pathed(&self, value: &str) -> Json {
        json!({"op": "replace", "path": self.path, "value": value})
    }
}

/// An operation without a path that changes these.
pub(super) fn pathless_of(all: &[&Tried], value: &str) -> Json {
    let mut body = json!({});
    all.iter().for_each(|one| one.set(&mut body, value));
    json!({"op": "replace", "value": body})
}

/// What became of each: `title done, displayName 501`.
pub(super) fn summary(tried: &[(&Tried, Result<(), String>)]) -> String {
    let parts = tried.iter().map(|(one, took)| format!("{} {}", one.path, said(took)));
    parts.collect::<Vec<_>>().join(", ")
}

fn put(object: &mut Json, name: &str, value: Json) {
    if let Some(object) = object.as_object_mut() {
        object.insert(name.to_owned(), value);
    }
}

/// An outcome, for people.
pub(super) fn said(outcome: &Result<(), String>) -> &str {
    outcome.as_ref().err().map_or("done", String::as_str)
}
