//! `scimgate schema`: JSON Schemas (draft 2020-12) of packs and of gateway.yaml, from which editors complete and check.
//!
//! Words come from the code's own lists; keys are kept by hand, and tests hold them against what the loader asks for. A
//! schema is coarser than `check`: what it lets through may still have faults, what it refuses is refused by `check` too.

mod can;
mod gateway;
mod pack;

use serde_json::{Value, json};

use super::Failure;

/// The words of `scimgate schema`.
#[derive(Debug, clap::Args)]
pub struct Words {
    /// Of which file
    #[arg(value_enum)]
    of: Of,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Of {
    /// Of a pack
    Pack,
    /// Of gateway.yaml
    Gateway,
}

/// Runs the words.
///
/// # Errors
/// None today.
pub fn run(words: &Words) -> Result<String, Failure> {
    let schema = match words.of {
        Of::Pack => pack::schema(),
        Of::Gateway => gateway::schema(),
    };
    Ok(format!("{schema:#}"))
}

/// A mapping with these keys and no others. `title` is what the loader calls it.
fn mapping(title: &str, required: &[&str], keys: &[(&str, Value)]) -> Value {
    let properties: serde_json::Map<String, Value> =
        keys.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({
        "title": title, "type": "object", "additionalProperties": false, "required": required, "properties": properties,
    })
}

/// A mapping whose keys are the operator's own words.
fn entries(title: &str, value: Value) -> Value {
    json!({ "title": title, "type": "object", "additionalProperties": value })
}

fn list(items: Value) -> Value {
    json!({ "type": "array", "items": items })
}

/// One value, or a list of such.
fn one_or_list(item: Value) -> Value {
    json!({ "anyOf": [item.clone(), list(item)] })
}

/// One of these words.
fn word<T>(words: &[(&str, T)]) -> Value {
    json!({ "enum": words.iter().map(|(word, _)| *word).collect::<Vec<_>>() })
}

fn text(about: &str) -> Value {
    json!({ "type": "string", "description": about })
}

fn whole(least: i64, most: i64) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most })
}

fn name() -> Value {
    json!({ "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$" })
}

/// A version of SCIM, in quotes or not.
fn scim() -> Value {
    json!({ "enum": ["2.0", "1.1", 2.0, 1.1], "description": "which version of SCIM is spoken" })
}

/// A whole file.
fn file(title: &str, mut schema: Value) -> Value {
    if let Value::Object(object) = &mut schema {
        object.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        object.insert("description".to_owned(), json!(title));
    }
    schema
}

#[cfg(test)]
mod tests;
