//! A whole value as its JSON text.
//!
//! What has nothing present in it is refused, but for `[]` and `{}`, which backends hold where nothing was ever stored: so
//! `pr` can be asked there.

use crate::json::{self, Value};
use crate::rules::fold::Rewrite;
use crate::scim::filter::is_present;

pub(super) fn to_text(value: &Value<'_>) -> Option<Value<'static>> {
    match value {
        Value::Array(list) if list.is_empty() => Some(Value::string("[]")),
        Value::Object(object) if object.is_empty() => Some(Value::string("{}")),
        value => is_present(value).then(|| Value::string(&value.to_string())),
    }
}

pub(super) fn of_text(text: &str) -> Option<Value<'static>> {
    let value = json::parse(text.as_bytes()).ok()?.into_owned();
    (is_present(&value) || is_empty(text)).then_some(value)
}

fn is_empty(text: &str) -> bool {
    matches!(text, "[]" | "{}")
}

/// `pr` of the text, unless that is `[]` or `{}`.
pub(super) fn presence(name: &str) -> Rewrite {
    Rewrite::all(vec![format!("{name} pr"), format!("{name} ne \"[]\""), format!("{name} ne \"{{}}\"")])
}
