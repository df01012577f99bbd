//! Strings: their content and how it is written.

use std::borrow::Cow;

use super::Text;

impl Text<'static> {
    /// A string with this content, escaped as JSON asks for (RFC 8259 section 7).
    #[must_use]
    pub fn new(content: &str) -> Self {
        Self { raw: Cow::Owned(escape(content)) }
    }
}

impl<'a> Text<'a> {
    /// A string from what stands between its quotes in a checked document.
    pub fn from_raw(raw: impl Into<Cow<'a, str>>) -> Self {
        Self { raw: raw.into() }
    }

    /// What stands between the quotes.
    #[must_use]
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The content.
    #[must_use]
    pub fn decoded(&self) -> Cow<'_, str> {
        if self.raw.contains('\\') { Cow::Owned(unescape(&self.raw)) } else { Cow::Borrowed(&self.raw) }
    }

    /// Whether the content is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.raw.is_empty()
    }

    pub(super) fn into_owned(self) -> Text<'static> {
        Text { raw: Cow::Owned(self.raw.into_owned()) }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.decoded() == other.decoded()
    }
}

impl PartialEq<str> for Text<'_> {
    fn eq(&self, other: &str) -> bool {
        self.decoded() == other
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.decoded() == *other
    }
}

fn escape(content: &str) -> String {
    let mut raw = String::with_capacity(content.len());
    for c in content.chars() {
        match c {
            '"' => raw.push_str("\\\""),
            '\\' => raw.push_str("\\\\"),
            '\n' => raw.push_str("\\n"),
            '\r' => raw.push_str("\\r"),
            '\t' => raw.push_str("\\t"),
            c if c < ' ' => raw.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => raw.push(c),
        }
    }
    raw
}

/// The content of a checked string; what a check would have refused comes out as U+FFFD.
fn unescape(raw: &str) -> String {
    let mut content = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            content.push(c);
            continue;
        }
        match chars.next() {
            Some('b') => content.push('\u{8}'),
            Some('f') => content.push('\u{c}'),
            Some('n') => content.push('\n'),
            Some('r') => content.push('\r'),
            Some('t') => content.push('\t'),
            Some('u') => content.push(code_point(&mut chars)),
            Some(other) => content.push(other),
            None => content.push(char::REPLACEMENT_CHARACTER),
        }
    }
    content
}

fn code_point(chars: &mut std::str::Chars<'_>) -> char {
    let high = four_digits(chars);
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    let mut ahead = chars.clone();
    if (ahead.next(), ahead.next()) != (Some('\\'), Some('u')) {
        return char::REPLACEMENT_CHARACTER;
    }
    let low = four_digits(&mut ahead);
    *chars = ahead;
    let joined = 0x10000 + ((high - 0xd800) << 10) + low.wrapping_sub(0xdc00);
    char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn four_digits(chars: &mut std::str::Chars<'_>) -> u32 {
    chars.take(4).fold(0, |sum, digit| sum * 16 + digit.to_digit(16).unwrap_or(0))
}

pub(super) fn write_text(text: &Text<'_>, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text.raw.as_bytes());
    out.push(b'"');
}
