//! Whole numbers as text: `7` and `"7"`. One number has one spelling, since the backend compares texts.

use crate::json::Value;

pub(super) fn to_text(value: &Value<'_>) -> Option<Value<'static>> {
    let Value::Number(text) = value else { return None };
    is_plain(text).then(|| Value::string(text))
}

pub(super) fn of_text(value: &Value<'_>) -> Option<Value<'static>> {
    let text = value.as_str()?;
    is_plain(&text).then(|| Value::Number(text.into_owned().into()))
}

/// The plain spelling of the number that a filter names, if it is whole; nothing at all for an exponent.
#[allow(clippy::option_option, reason = "no number, a fraction, or a whole number")]
pub(super) fn whole(text: &str) -> Option<Option<String>> {
    if text.contains(['e', 'E']) {
        return None;
    }
    let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_whole = fraction.bytes().all(|byte| byte == b'0');
    let digits = if digits == "-0" { "0" } else { digits };
    Some((is_whole && is_plain(digits)).then(|| digits.to_owned()))
}

/// `0`, `12`, `-12`; not `-0`, `012`, `1.0`, `1e2`.
fn is_plain(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number && (!digits.starts_with('0') || text == "0")
}
