//! PATCH as the legacy server does it: the forms that Okta sends, and no others.

use serde_json::{Map, Value};

use super::No;

/// Applies the operations of a PATCH message in order.
pub(super) fn apply(resource: &mut Map<String, Value>, message: &Value, refuses_id: bool) -> Result<(), No> {
    let operations =
        message.get("Operations").and_then(Value::as_array).ok_or_else(|| No::bad("`Operations` is missing"))?;
    for operation in operations {
        let op = operation.get("op").and_then(Value::as_str).unwrap_or_default();
        let value = operation.get("value").cloned().unwrap_or_default();
        match (op, operation.get("path").and_then(Value::as_str)) {
            ("add" | "replace", None) => merge(resource, value, refuses_id)?,
            ("add", Some("members")) => add(resource, value),
            ("add" | "replace", Some(path)) => drop(resource.insert(path.to_owned(), value)),
            ("remove", Some(path)) => remove(resource, path)?,
            _ => return Err(No::bad(format!("`{op}` is not an operation"))),
        }
    }
    Ok(())
}

fn merge(resource: &mut Map<String, Value>, value: Value, refuses_id: bool) -> Result<(), No> {
    let Value::Object(members) = value else { return Err(No::bad("an operation without a path needs an object")) };
    if refuses_id && members.contains_key("id") {
        return Err(No(400, "mutability", "`id` can't be changed".to_owned()));
    }
    resource.extend(members);
    Ok(())
}

fn add(resource: &mut Map<String, Value>, value: Value) {
    let added = match value {
        Value::Array(list) => list,
        one => vec![one],
    };
    let held = resource.entry("members").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(held) = held {
        let news = added.into_iter().filter(|one| !held.iter().any(|other| other.get("value") == one.get("value")));
        let news: Vec<Value> = news.collect();
        held.extend(news);
    }
}

fn remove(resource: &mut Map<String, Value>, path: &str) -> Result<(), No> {
    let Some((name, rest)) = path.split_once("[value eq ") else {
        resource.remove(path);
        return Ok(());
    };
    let fault = || No(400, "invalidPath", format!("`{path}` is not understood"));
    let id = rest.strip_suffix(']').and_then(|text| serde_json::from_str::<String>(text).ok()).ok_or_else(fault)?;
    if let Some(Value::Array(held)) = resource.get_mut(name) {
        held.retain(|member| member.get("value").and_then(Value::as_str) != Some(&*id));
    }
    Ok(())
}
