//! Reads a whole document as a tree that borrows from its bytes.

use std::borrow::Cow;

use super::fault::{FaultKind, JsonFault};
use super::token::{Token, Tokenizer};
use super::tree::{Array, Member, Object, Text, Value};

/// Reads one document.
///
/// # Errors
/// The bytes are no JSON (RFC 8259), or ambiguous JSON: a name comes twice in an object, whatever its ASCII case and
/// however it is escaped; more than 64 arrays and objects stand within each other; a float overflows a double; a name
/// or number is longer than 64 KiB.
pub fn parse(bytes: &[u8]) -> Result<Value<'_>, JsonFault> {
    // Checked at once, so that every part of it is text for free.
    let Ok(source) = std::str::from_utf8(bytes) else { return Err(why_not(bytes)) };
    let mut tokenizer = Tokenizer::default();
    let mut builder = Builder::new(source);
    let mut at = 0;
    while let Some(token) = tokenizer.next(bytes, &mut at)? {
        builder.take(token, tokenizer.start().unwrap_or_default(), at);
    }
    if tokenizer.finish()? == Some(Token::Number) {
        builder.root = Value::Number(Cow::Borrowed(source.trim_ascii()));
    }
    Ok(builder.root)
}

/// The first fault in bytes that are no UTF-8; it may come before the bad byte.
fn why_not(bytes: &[u8]) -> JsonFault {
    let mut tokenizer = Tokenizer::default();
    let mut at = 0;
    let fault = loop {
        match tokenizer.next(bytes, &mut at) {
            Ok(Some(_)) => {}
            // Only strings may hold what is not ASCII, and strings are checked: the bad byte is the last, cut short.
            Ok(None) => break tokenizer.finish().err(),
            Err(fault) => break Some(fault),
        }
    };
    fault.unwrap_or_else(|| JsonFault::new(FaultKind::Utf8, 0))
}

/// What has been built of a tree: the containers that are open, and the root once it is there.
struct Builder<'a> {
    source: &'a str,
    open: Vec<Open<'a>>,
    /// The members of all open objects, so that each object is made at once, as large as it is.
    members: Vec<Member<'a>>,
    /// The same for arrays.
    items: Vec<Value<'a>>,
    /// The name whose value comes next.
    key: Option<Text<'a>>,
    root: Value<'a>,
}

/// An open container, where it begins, and the name under which it stands.
struct Open<'a> {
    start: usize,
    key: Option<Text<'a>>,
    inside: Inside,
}

/// From where on the members or items are its own.
#[derive(Clone, Copy)]
enum Inside {
    Object(usize),
    Array(usize),
}

impl<'a> Builder<'a> {
    fn new(source: &'a str) -> Self {
        let (open, members, items) = (Vec::with_capacity(8), Vec::with_capacity(32), Vec::with_capacity(8));
        Self { source, open, members, items, key: None, root: Value::Null }
    }

    /// Takes a token and where it stands.
    fn take(&mut self, token: Token, start: usize, end: usize) {
        let value = match token {
            Token::Key => return self.key = Some(self.string(start, end)),
            Token::ObjectStart => return self.open(start, Inside::Object(self.members.len())),
            Token::ArrayStart => return self.open(start, Inside::Array(self.items.len())),
            Token::ObjectEnd | Token::ArrayEnd => return self.close(end),
            Token::String => Value::String(self.string(start, end)),
            Token::Number => Value::Number(Cow::Borrowed(self.text(start, end))),
            Token::True => Value::Bool(true),
            Token::False => Value::Bool(false),
            Token::Null => Value::Null,
        };
        let key = self.key.take();
        self.put(key, value);
    }

    fn open(&mut self, start: usize, inside: Inside) {
        let key = self.key.take();
        self.open.push(Open { start, key, inside });
    }

    fn close(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let source = self.text(open.start, end);
        let value = match open.inside {
            Inside::Object(from) => Value::Object(Object::read(self.members.drain(from..).collect(), source)),
            Inside::Array(from) => Value::Array(Array::read(self.items.drain(from..).collect(), source)),
        };
        self.put(open.key, value);
    }

    fn put(&mut self, key: Option<Text<'a>>, value: Value<'a>) {
        match (self.open.last().map(|open| open.inside), key) {
            (Some(Inside::Object(_)), Some(key)) => self.members.push(Member { key, value }),
            (Some(Inside::Array(_)), _) => self.items.push(value),
            _ => self.root = value,
        }
    }

    fn string(&self, start: usize, end: usize) -> Text<'a> {
        Text::from_raw(self.text(start + 1, end - 1))
    }

    #[expect(clippy::string_slice, reason = "tokens begin and end with ASCII bytes of the source")]
    fn text(&self, start: usize, end: usize) -> &'a str {
        &self.source[start..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(document: impl AsRef<[u8]>) -> String {
        parse(document.as_ref()).unwrap_err().to_string()
    }

    #[test]
    fn every_number_keeps_its_text() {
        let long = "7".repeat(400);
        let precise = format!("0.{}", "3".repeat(400));
        let numbers = ["0", "-0", "1.0", "1e2", "1E+2", "-1.5e-3", "12345678901234567890", "9007199254740993"];
        let more = ["18446744073709551616", "1.7976931348623157e308", "0e999", "1e-999", &long, &precise];
        for number in numbers.into_iter().chain(more) {
            assert_eq!(parse(number.as_bytes()), Ok(Value::Number(number.into())));
            for document in [format!("[{number}]"), format!("{{\"a\":{number} }}"), format!(" {number} ")] {
                let value = parse(document.as_bytes()).unwrap();
                assert_eq!(value.to_string(), document.trim());
            }
        }
    }

    #[test]
    fn numbers_that_are_none_or_not_finite_are_refused() {
        for number in ["01", "-01", "00", "1.", "1.e2", "-", "1e", "1e+", "-a", "1.x"] {
            assert!(fault(number).starts_with("malformed number"), "{number}");
        }
        for number in ["+1", ".5", "NaN", "Infinity", "-Infinity", "0x10", "1_000"] {
            parse(number.as_bytes()).unwrap_err();
        }
        for number in ["1e999", "-1e999", "1.8e308", "0.1e400", &format!("{}.0", "9".repeat(309))] {
            assert_eq!(fault(format!("[0,{number}]")), "number out of range at byte 3");
        }
    }

    #[test]
    fn depth_ends_at_64() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let step = open.matches(['[', '{']).count();
            for depth in [63, 64, 65, 66, 127, 128, 5_000, 1_000_000] {
                let times = depth / step;
                let document = format!("{}0{}", open.repeat(times), close.repeat(times));
                match times * step {
                    ..=64 => drop(parse(document.as_bytes()).unwrap()),
                    _ => assert!(fault(&document).starts_with("nesting deeper than 64 at byte ")),
                }
                if times * step > 64 {
                    assert!(fault(open.repeat(times)).starts_with("nesting deeper than 64"), "unclosed");
                }
            }
        }
        let wide = format!("[{}0]", "[[]],".repeat(10_000));
        assert!(parse(wide.as_bytes()).is_ok(), "only what is open counts");
    }

    #[test]
    fn a_name_that_comes_twice_is_refused_however_it_is_written() {
        assert_eq!(fault(r#"{"userName":1,"userName":2}"#), "duplicate key `userName` at byte 14");
        assert_eq!(fault(r#"{"userName":1,"USERNAME":2}"#), "duplicate key `USERNAME` at byte 14");
        assert_eq!(fault(r#"{"a":1,"\u0061":2}"#), "duplicate key `a` at byte 7");
        assert_eq!(fault(r#"{"\u0041":1,"a":2}"#), "duplicate key `a` at byte 12");
        assert_eq!(fault(r#"[{"x":{"b":{},"c":[],"b":0}}]"#), "duplicate key `b` at byte 21");
        assert_eq!(fault(r#"{"":1,"":2}"#), "duplicate key `` at byte 6");
        assert_eq!(fault(r#"{"\n`":1,"\u000a`":"secret"}"#), "duplicate key `\\n`` at byte 9");
        for document in [r#"{"a":{"a":{"a":1}},"b":{"a":1}}"#, r#"[{"a":1},{"a":1}]"#, r#"{"ä":1,"Ä":2}"#] {
            assert!(parse(document.as_bytes()).is_ok(), "{document}");
        }
    }

    #[test]
    fn what_is_not_utf8_or_not_json_is_refused() {
        let table: [(&[u8], &str); 27] = [
            (b"", "end of input in the middle of a document at byte 0"),
            (b"  ", "end of input in the middle of a document at byte 2"),
            (b"{\"a\":1", "end of input in the middle of a document at byte 6"),
            (b"\"ab", "end of input in the middle of a document at byte 3"),
            (b"tru", "end of input in the middle of a document at byte 3"),
            (b"\xef\xbb\xbf{}", "byte order mark at byte 0"),
            (b"\xff\xfe{\0}\0", "expected a value at byte 0"),
            (b"\"\0\"", "control character in a string that is not escaped at byte 1"),
            (b"\"a\tb\"", "control character in a string that is not escaped at byte 2"),
            (b"\0{}", "expected a value at byte 0"),
            (b"{}\0", "more input after the end of the document at byte 2"),
            (b"{} {}", "more input after the end of the document at byte 3"),
            (b"\"\\ud800\"", "lone surrogate in a string at byte 7"),
            (b"\"\\udc00\"", "lone surrogate in a string at byte 6"),
            (b"\"\\ud800\\ud800\"", "lone surrogate in a string at byte 12"),
            (b"\"a\xff\"", "invalid UTF-8 at byte 2"),
            (b"\"\xed\xa0\x80\"", "invalid UTF-8 at byte 1"),
            (b"\"\xc0\xaf\"", "invalid UTF-8 at byte 1"),
            (b"\"\xe2\x82\"", "invalid UTF-8 at byte 1"),
            (b"\"\xe2\x82", "end of input in the middle of a document at byte 3"),
            (b"\"\\x41\"", "unknown escape in a string at byte 2"),
            (b"\"\\u00g0\"", "unknown escape in a string at byte 5"),
            (b"[1,]", "expected a value at byte 3"),
            (b"{\"a\":1,}", "expected a key in quotes at byte 7"),
            (b"[1 // one\n]", "expected `,` or `]` at byte 3"),
            (b"\x0c{}", "expected a value at byte 0"),
            (b"nulL", "expected `true`, `false` or `null` at byte 3"),
        ];
        for (bytes, says) in table {
            assert_eq!(fault(bytes), says, "{}", String::from_utf8_lossy(bytes));
        }
        for bytes in
            ["{'a':1}", "{a:1}", "/**/{}", "[,1]", "{,}", "[1 2]", "{\"a\" 1}", "[}", "{]", "\u{a0}{}", "{\"a\"}"]
        {
            parse(bytes.as_bytes()).unwrap_err();
        }
    }

    #[test]
    fn what_was_not_touched_is_written_as_it_came() {
        let document = "{ \"b\" : [1.0,\t{\"\\u0061\":\"\\/\\u00e4\"} ],\n\"a\":{ } }";
        let mut value = parse(document.as_bytes()).unwrap();
        assert_eq!(value.to_string(), document);
        value.as_object_mut().unwrap().set("c", Value::Null);
        assert_eq!(value.to_string(), "{\"b\":[1.0,\t{\"\\u0061\":\"\\/\\u00e4\"} ],\"a\":{ },\"c\":null}");
    }

    #[test]
    fn a_key_that_is_too_long_to_be_one_is_refused() {
        let document = |length| format!("{{\"{}\":1}}", "k".repeat(length));
        assert!(parse(document(65_534).as_bytes()).is_ok());
        assert_eq!(fault(document(65_535)), "a single part longer than 65536 bytes at byte 1");
    }

    /// With that feature serde_json keeps number texts, and gives the documents we author another meaning.
    #[test]
    fn serde_json_is_built_without_arbitrary_precision() {
        let text = "12345678901234567890123";
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_ne!(value.to_string(), text);
    }
}
