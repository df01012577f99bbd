//! Lists (RFC 7644 section 3.4.2): their counters, and the list in which nothing is.

/// The members that count.
const COUNTERS: [&str; 3] = ["totalResults", "startIndex", "itemsPerPage"];

/// The bare integer, where a counter's value is a JSON string that holds one: `"12"` becomes `12`. Okta stops paging,
/// without a word, at a counter that is a string. Nothing for any other member or value.
#[must_use]
pub fn counter(key: &str, text: &[u8]) -> Option<String> {
    if !COUNTERS.iter().any(|known| known.eq_ignore_ascii_case(key)) {
        return None;
    }
    let inner = text.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    let number = std::str::from_utf8(inner).ok()?.trim();
    let is_digits = number.bytes().all(|byte| byte.is_ascii_digit());
    is_digits.then(|| number.parse::<u64>().ok()).flatten().map(|number| number.to_string())
}

/// A list in which nothing is (RFC 7644 section 3.4.2).
pub const EMPTY: &str = concat!(
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"#,
    r#""totalResults":0,"startIndex":1,"itemsPerPage":0,"Resources":[]}"#
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_in_a_string_becomes_a_number() {
        assert_eq!(counter("totalResults", b"\"12\"").as_deref(), Some("12"));
        assert_eq!(counter("STARTINDEX", b"\" 1 \"").as_deref(), Some("1"));
        assert_eq!(counter("itemsPerPage", b"\"007\"").as_deref(), Some("7"));
    }

    #[test]
    fn anything_else_is_left() {
        let rows: [(&str, &[u8]); 9] = [
            ("totalResults", b"12"),
            ("totalResults", b"\"\""),
            ("totalResults", b"\"many\""),
            ("totalResults", b"\"-1\""),
            ("totalResults", b"\"1.0\""),
            ("totalResults", b"\"99999999999999999999\""),
            ("totalResults", b"null"),
            ("totalResults", b"\""),
            ("total", b"\"12\""),
        ];
        for (key, text) in rows {
            assert_eq!(counter(key, text), None, "{key} {text:?}");
        }
    }
}
