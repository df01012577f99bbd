//! PATCH (RFC 7644 section 3.5.2): one operation and its path as values.
//!
//! [`repair`](self::repair()) mends the messages of clients that break the RFCs; a valid message keeps its bytes.
//! [`apply`](self::apply()) does to a resource what a message says.
//!
//! Not here: translating a message (`rules`), and when one is applied here rather than at the backend (`bridge`).

mod apply;
mod path;
mod repair;

use crate::json::{Array, Member, Object, Value};

use super::attr::{AttrName, AttrPath};
use super::error::{ScimError, ScimType};
use super::urn;

pub use apply::{apply, list_schema};
pub use path::{PatchPath, PathFault};
pub use repair::{Repair, repair, repair_resource};

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OpKind {
    /// `add` (RFC 7644 section 3.5.2.1).
    Add,
    /// `remove` (RFC 7644 section 3.5.2.2).
    Remove,
    /// `replace` (RFC 7644 section 3.5.2.3).
    Replace,
}

impl OpKind {
    /// The kind that `word` names, in any case; `delete` is what some clients call `remove`.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        if word.eq_ignore_ascii_case("delete") {
            return Some(Self::Remove);
        }
        [Self::Add, Self::Remove, Self::Replace].into_iter().find(|kind| kind.as_str().eq_ignore_ascii_case(word))
    }

    /// As RFC 7644 writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub struct PatchOp<'v> {
    /// What it does.
    pub kind: OpKind,
    /// To what; nothing where the value names its attributes itself.
    pub path: Option<PatchPath>,
    /// With what. `null` is a value.
    pub value: Option<Value<'v>>,
}

impl<'v> PatchOp<'v> {
    /// Reads one element of `Operations`. `op` may have any case; `"path": null` is no path.
    ///
    /// # Errors
    /// 400 `invalidSyntax` for what is no operation, `invalidPath` for a path that can't be read.
    pub fn read(written: &Value<'v>) -> Result<Self, ScimError> {
        let Some(op) = written.as_object() else {
            return Err(syntax(format!("an operation of a PATCH must be an object, not a JSON {}", written.kind())));
        };
        let Some(word) = op.get("op").and_then(Value::as_str) else {
            return Err(syntax("an operation of a PATCH needs `op`: `add`, `remove` or `replace`"));
        };
        let Some(kind) = OpKind::named(&word) else {
            return Err(syntax(format!(
                "`{word}` is no operation of a PATCH: it must be `add`, `remove` or `replace`"
            )));
        };
        Ok(Self { kind, path: read_path(op)?, value: op.get("value").cloned() })
    }

    /// The attributes that it speaks of: that of its path, or without one those of its value; of an extension those in it,
    /// where it says which.
    #[must_use]
    pub fn attributes(&self) -> Vec<AttrPath> {
        match (&self.path, &self.value) {
            (Some(path), Some(value)) => within(&path.attr, value),
            (Some(path), None) => vec![path.attr.clone()],
            (None, Some(Value::Object(part))) => {
                let read = |member: &Member<'_>| AttrPath::parse(&member.key.decoded()).ok();
                part.iter().filter_map(|member| Some(within(&read(member)?, &member.value))).flatten().collect()
            }
            _ => Vec::new(),
        }
    }

    /// The operation as an element of `Operations`: `op`, `path`, `value`.
    #[must_use]
    pub fn into_value(self) -> Value<'v> {
        let mut op = Object::new();
        op.set("op", Value::string(self.kind.as_str()));
        if let Some(path) = self.path {
            op.set("path", Value::string(&path.to_string()));
        }
        if let Some(value) = self.value {
            op.set("value", value);
        }
        Value::Object(op)
    }
}

/// The attribute, or those of the extension that it is.
fn within(attr: &AttrPath, value: &Value<'_>) -> Vec<AttrPath> {
    match (&attr.name, value) {
        (None, Value::Object(part)) => {
            let read = |member: &Member<'_>| AttrName::parse(&member.key.decoded()).ok();
            part.iter().filter_map(read).map(|name| AttrPath { name: Some(name), ..attr.clone() }).collect()
        }
        _ => vec![attr.clone()],
    }
}

/// A message of these operations.
#[must_use]
pub fn message<'v>(ops: Vec<PatchOp<'v>>) -> Object<'v> {
    let mut message = Object::new();
    message.set("schemas", Value::Array(Array::from(vec![Value::string(urn::PATCH_OP)])));
    message.set("Operations", operations(ops));
    message
}

/// Operations as a message holds them.
#[must_use]
pub fn operations<'v>(ops: Vec<PatchOp<'v>>) -> Value<'v> {
    Value::Array(Array::from(ops.into_iter().map(PatchOp::into_value).collect::<Vec<_>>()))
}

fn read_path(op: &Object<'_>) -> Result<Option<PatchPath>, ScimError> {
    match op.get("path") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            let text = text.decoded();
            let fault = |fault| invalid_path(format!("`{text}` is no path of a PATCH: {fault}"));
            PatchPath::parse(&text).map(Some).map_err(fault)
        }
        Some(other) => Err(invalid_path(format!("`path` must be a string, not a JSON {}", other.kind()))),
    }
}

fn syntax(detail: impl Into<String>) -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, detail)
}

fn invalid_path(detail: String) -> ScimError {
    ScimError::bad_request(ScimType::InvalidPath, detail)
}

#[cfg(test)]
mod tests;
