//! How the legacy server speaks: what it holds in standard form, read and shown with its flaws.

use serde_json::{Map, Value, json};

use crate::scim::{Param, Query};

use super::{Flaw, Kind, Legacy, No, Yes, scim11};

/// The schema of lists.
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// How many resources a page has if nobody says.
const PAGE: usize = 100;

impl Legacy {
    /// Reads a user as the server takes it, into standard form.
    pub(super) fn read_user(&self, body: Value) -> Result<Map<String, Value>, No> {
        let Value::Object(mut user) = body else { return Err(No::bad("the body is no object")) };
        if self.has(Flaw::EmptyType) {
            refuse_empty_types(&user)?;
        }
        let name = if self.has(Flaw::Login) { "login" } else { "userName" };
        let login = user.remove(name).ok_or_else(|| No::bad(format!("`{name}` is required")))?;
        user.insert("userName".to_owned(), login);
        let state = if self.has(Flaw::Blocked) { "blocked" } else { "active" };
        if let Some(value) = user.remove(state) {
            let truth = self.read_boolean(state, &value)?;
            user.insert("active".to_owned(), Value::Bool(truth != self.has(Flaw::Blocked)));
        } else {
            // An attribute that it doesn't know is ignored, as most servers do: `active: false` changes nothing.
            user.remove("active");
        }
        user.remove("meta");
        if self.kind == Kind::Scim11 {
            scim11::is_known(&user)?;
        }
        Ok(user)
    }

    fn read_boolean(&self, name: &str, value: &Value) -> Result<bool, No> {
        let strings = self.has(Flaw::StringBooleans);
        match value {
            Value::Bool(truth) if !strings => Ok(*truth),
            Value::String(text) if strings && text == "true" => Ok(true),
            Value::String(text) if strings && text == "false" => Ok(false),
            _ if strings => Err(No::bad(format!("`{name}` must be \"true\" or \"false\""))),
            _ => Err(No::bad(format!("`{name}` must be true or false"))),
        }
    }

    /// A user as the server shows it.
    pub(super) fn show_user(&self, user: &Map<String, Value>) -> Value {
        let mut user = user.clone();
        let active = user.remove("active") == Some(Value::Bool(true));
        let login = user.remove("userName").unwrap_or_default();
        user.insert(if self.has(Flaw::Login) { "login" } else { "userName" }.to_owned(), login);
        let truth = active != self.has(Flaw::Blocked);
        let shown = if self.has(Flaw::StringBooleans) { Value::from(truth.to_string()) } else { Value::Bool(truth) };
        user.insert(if self.has(Flaw::Blocked) { "blocked" } else { "active" }.to_owned(), shown);
        user.remove("password");
        self.show(&user, "Users")
    }

    /// A resource with its `schemas` and `meta`.
    pub(super) fn show(&self, resource: &Map<String, Value>, endpoint: &str) -> Value {
        let mut resource = resource.clone();
        let kind = endpoint.trim_end_matches('s');
        let id = resource.get("id").and_then(Value::as_str).unwrap_or_default();
        let meta = json!({"resourceType": kind, "location": format!("{}/{endpoint}/{id}", self.base)});
        resource.insert("meta".to_owned(), meta);
        if self.kind == Kind::Scim11 {
            scim11::mark(&mut resource);
        } else {
            resource
                .entry("schemas")
                .or_insert_with(|| json!([format!("urn:ietf:params:scim:schemas:core:2.0:{kind}")]));
        }
        Value::Object(resource)
    }

    /// One page of a list. The one filter that the server knows is `<key> eq "value"`.
    pub(super) fn list(&self, mut all: Vec<Value>, query: &str, key: &str) -> Result<Yes, No> {
        let query = Query::parse(query).map_err(|fault| No::bad(fault.detail))?;
        if let Some(filter) = query.value(Param::Filter).filter(|_| self.kind != Kind::NoFilter) {
            let (name, value) = read_filter(filter)?;
            if name != key {
                return Err(No(400, "invalidFilter", format!("`{name}` is unknown; filter by `{key}`")));
            }
            all.retain(|resource| resource.get(key).and_then(Value::as_str) == Some(&*value));
        }
        let number = |param| query.value(param).and_then(|text| text.parse::<usize>().ok());
        let (start, count) = (number(Param::StartIndex).unwrap_or(1).max(1), number(Param::Count).unwrap_or(PAGE));
        let total = all.len();
        let page: Vec<Value> = all.into_iter().skip(start - 1).take(count).collect();
        let counter =
            |n: usize| if self.has(Flaw::StringCounters) { Value::from(n.to_string()) } else { Value::from(n) };
        let list = json!({
            "schemas": [if self.kind == Kind::Scim11 { scim11::CORE } else { LIST }],
            "totalResults": counter(total),
            "startIndex": counter(start),
            "itemsPerPage": counter(page.len()),
            "Resources": page,
        });
        Ok((200, Some(list)))
    }
}

fn refuse_empty_types(user: &Map<String, Value>) -> Result<(), No> {
    for name in ["emails", "phoneNumbers", "addresses"] {
        let entries = user.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if entries.iter().any(|entry| entry.get("type").and_then(Value::as_str) == Some("")) {
            return Err(No::bad(format!("`{name}.type` must not be empty")));
        }
    }
    Ok(())
}

fn read_filter(filter: &str) -> Result<(String, String), No> {
    let fault = || No(400, "invalidFilter", format!("`{filter}` is not `attribute eq \"value\"`"));
    let (name, value) = filter.split_once(" eq ").ok_or_else(fault)?;
    let value = serde_json::from_str::<String>(value.trim()).map_err(|_| fault())?;
    Ok((name.trim().to_owned(), value))
}
