//! SCIM 1.1 as the legacy server speaks it: one schema for all, and a PATCH that is a part of the resource.

use serde_json::{Map, Value, json};

use super::No;

/// The schema of everything.
pub(super) const CORE: &str = "urn:scim:schemas:core:1.0";

/// Marks a resource as one of SCIM 1.1, where no resource has a type.
pub(super) fn mark(resource: &mut Map<String, Value>) {
    resource.insert("schemas".to_owned(), json!([CORE]));
    if let Some(meta) = resource.get_mut("meta").and_then(Value::as_object_mut) {
        meta.remove("resourceType");
    }
}

/// Refuses the schemas of a later version.
pub(super) fn is_known(resource: &Map<String, Value>) -> Result<(), No> {
    let schemas = resource.get("schemas").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    match schemas.iter().filter_map(Value::as_str).find(|schema| !schema.starts_with("urn:scim:schemas:")) {
        Some(schema) => Err(No::bad(format!("the schema `{schema}` is unknown"))),
        None => Ok(()),
    }
}

/// Applies a PATCH: what is named in `meta.attributes` goes; then the rest is taken over, lists entry by entry.
pub(super) fn apply(resource: &mut Map<String, Value>, message: &Value) -> Result<(), No> {
    let Value::Object(part) = message else { return Err(No::bad("the body is no object")) };
    if part.contains_key("Operations") {
        return Err(No::bad("`Operations` is unknown; a PATCH is a part of the resource"));
    }
    is_known(part)?;
    let gone = part.get("meta").and_then(|meta| meta.get("attributes")).and_then(Value::as_array);
    for name in gone.map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str) {
        resource.remove(name);
    }
    for (name, value) in part.iter().filter(|(name, _)| !matches!(name.as_str(), "meta" | "schemas")) {
        match value {
            Value::Array(entries) => change_list(resource, name, entries),
            value => drop(resource.insert(name.clone(), value.clone())),
        }
    }
    Ok(())
}

/// Entries that say `operation: delete` go, others come or take the place of those with their value.
fn change_list(resource: &mut Map<String, Value>, name: &str, entries: &[Value]) {
    let held = resource.entry(name).or_insert_with(|| json!([]));
    let Value::Array(held) = held else { return };
    for entry in entries {
        held.retain(|other| other.get("value") != entry.get("value"));
        if entry.get("operation").and_then(Value::as_str) != Some("delete") {
            held.push(entry.clone());
        }
    }
}
