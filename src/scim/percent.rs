//! Percent-encoding (RFC 3986 section 2.1): decoded once and strictly, written in one canonical way.

use std::borrow::Cow;
use std::fmt::Write;

/// The decoded text; nothing for a `%` without two hexadecimal digits, or for bytes that are no UTF-8.
pub(super) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let (high, low) = (digit(bytes.next()?)?, digit(bytes.next()?)?);
            decoded.push(high << 4 | low);
        } else {
            decoded.push(byte);
        }
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// The text with every byte encoded but the unreserved ones and those in `also`.
pub(super) fn encode<'t>(text: &'t str, also: &[u8]) -> Cow<'t, str> {
    let plain = |byte: u8| is_unreserved(byte) || also.contains(&byte);
    if text.bytes().all(plain) {
        return Cow::Borrowed(text);
    }
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if plain(byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}"); // writing to a string can't fail
        }
    }
    Cow::Owned(encoded)
}

/// A character that means the same encoded or not (RFC 3986 section 2.3).
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// A character that may stand in a segment of a path (RFC 3986 section 3.3), or begin an encoded one.
pub(super) fn is_segment(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:@%".contains(&byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decoding_is_strict_and_happens_once() {
        let rows = [
            ("%47roups", Some("Groups")),
            ("%2547", Some("%47")),
            ("a+b", Some("a+b")),
            ("%C3%A9", Some("é")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("%+4", None),
            ("%u002f", None),
            ("%c0%af", None),
            ("%ff", None),
        ];
        for (text, decoded) in rows {
            assert_eq!(decode(text).as_deref(), decoded, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded_again(text in ".{0,20}") {
            let encoded = encode(&text, b"@:");
            prop_assert!(encoded.bytes().all(is_segment));
            let decoded = decode(&encoded);
            prop_assert_eq!(decoded.as_deref(), Some(&*text));
        }
    }
}
