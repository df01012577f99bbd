//! Booleans as `"true"` and `"false"`, or as 1 and 0.

use crate::json::Value;
use crate::scim::{AttrPath, CompareOp, Literal, filter};

pub(super) fn to_text(truth: bool) -> Value<'static> {
    Value::string(if truth { "true" } else { "false" })
}

/// In any case, unless the backend tells cases apart: then a filter would find one spelling only.
pub(super) fn of_text(text: &str, is_case_exact: bool) -> Option<bool> {
    let is = |word: &str| if is_case_exact { text == word } else { text.eq_ignore_ascii_case(word) };
    (is("true") || is("false")).then(|| is("true"))
}

pub(super) fn to_int(truth: bool) -> Value<'static> {
    Value::number(i64::from(truth))
}

/// By their value, as a filter compares them: `1.0` is true. A text is no number, so no filter would find `"1"`.
pub(super) fn of_int(value: &Value<'_>) -> Option<bool> {
    let path = AttrPath { urn: None, name: None, sub: None };
    let is = |number: &str| filter::satisfies(value, &path, CompareOp::Eq, &Literal::Number(number.to_owned()));
    (is("1") || is("0")).then(|| is("1"))
}
