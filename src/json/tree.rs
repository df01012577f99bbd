//! One JSON document as an ordered, borrowed tree.
//!
//! The idea: bytes that nobody touches come out as they came in. Numbers and strings keep their text, a container keeps
//! the slice it was read from until somebody asks to change it, objects keep the order of their members. Names are
//! compared without ASCII case, because every document read here is of that kind (RFC 7643 section 2.1).
//!
//! Not here: reading bytes (`parse`), and any meaning of a name.

use std::borrow::Cow;
use std::collections::HashMap;

/// Up to how many members an object is compared by looking each up; beyond, that would be quadratic.
const FEW: usize = 32;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, with the text it was written in (`1.0`, `12345678901234567890`).
    Number(Cow<'a, str>),
    /// A string.
    String(Text<'a>),
    /// An array.
    Array(Array<'a>),
    /// An object.
    Object(Object<'a>),
}

/// A JSON string, escapes as they were written.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    raw: Cow<'a, str>,
}

/// A JSON array.
#[derive(Clone, Debug, Default)]
pub struct Array<'a> {
    items: Vec<Value<'a>>,
    source: Option<&'a str>,
}

/// A JSON object: members in the order in which they were written.
#[derive(Clone, Debug, Default)]
pub struct Object<'a> {
    members: Vec<Member<'a>>,
    source: Option<&'a str>,
}

/// One member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    /// The name, as it was written.
    pub key: Text<'a>,
    /// The value.
    pub value: Value<'a>,
}

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

    fn into_owned(self) -> Text<'static> {
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

impl<'a> Array<'a> {
    /// An empty array.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An array as it was read, with the slice it was read from.
    pub(super) fn read(items: Vec<Value<'a>>, source: &'a str) -> Self {
        Self { items, source: Some(source) }
    }

    /// How many items there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The items in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Value<'a>> {
        self.items.iter()
    }

    /// The items in order, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Value<'a>> {
        self.items_mut().iter_mut()
    }

    /// The item at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Value<'a>> {
        self.items.get(index)
    }

    /// Appends an item.
    pub fn push(&mut self, item: Value<'a>) {
        self.items_mut().push(item);
    }

    /// Puts an item before the one at `index`, or last.
    pub fn insert(&mut self, index: usize, item: Value<'a>) {
        let index = index.min(self.items.len());
        self.items_mut().insert(index, item);
    }

    /// Takes the item at `index` out; null if there is none.
    pub fn remove(&mut self, index: usize) -> Value<'a> {
        if index < self.items.len() { self.items_mut().remove(index) } else { Value::Null }
    }

    /// Keeps the items of which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&Value<'a>) -> bool) {
        self.items_mut().retain(keep);
    }

    /// The items, to be changed in any way.
    pub fn items_mut(&mut self) -> &mut Vec<Value<'a>> {
        self.source = None;
        &mut self.items
    }
}

impl<'a> From<Vec<Value<'a>>> for Array<'a> {
    fn from(items: Vec<Value<'a>>) -> Self {
        Self { items, source: None }
    }
}

impl PartialEq for Array<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.items == other.items
    }
}

impl<'a> Object<'a> {
    /// An empty object.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An object as it was read, with the slice it was read from.
    pub(super) fn read(members: Vec<Member<'a>>, source: &'a str) -> Self {
        Self { members, source: Some(source) }
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The members in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Member<'a>> {
        self.members.iter()
    }

    /// The members in order, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, Member<'a>> {
        self.members_mut().iter_mut()
    }

    /// The members, to be changed in any way.
    pub fn members_mut(&mut self) -> &mut Vec<Member<'a>> {
        self.source = None;
        &mut self.members
    }

    /// Where the member with this name stands, compared without ASCII case.
    #[must_use]
    pub fn position(&self, name: &str) -> Option<usize> {
        self.members.iter().position(|member| {
            let raw = member.key.raw();
            raw.eq_ignore_ascii_case(name) || (raw.contains('\\') && member.key.decoded().eq_ignore_ascii_case(name))
        })
    }

    /// Whether there is a member with this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// The value under this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value<'a>> {
        self.members.get(self.position(name)?).map(|member| &member.value)
    }

    /// The value under this name, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value<'a>> {
        let index = self.position(name)?;
        self.members_mut().get_mut(index).map(|member| &mut member.value)
    }

    /// Puts a value under this name: in the place of the one that is there, or last.
    pub fn set(&mut self, name: &str, value: Value<'a>) {
        match self.get_mut(name) {
            Some(held) => *held = value,
            None => self.members_mut().push(Member { key: Text::new(name), value }),
        }
    }

    /// Puts a new member before the one at `index`, or last.
    pub fn insert_at(&mut self, index: usize, name: &str, value: Value<'a>) {
        let index = index.min(self.members.len());
        self.members_mut().insert(index, Member { key: Text::new(name), value });
    }

    /// Takes the member with this name out; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Value<'a>> {
        let index = self.position(name)?;
        Some(self.members_mut().remove(index).value)
    }

    /// Gives a member another name in its place. False if it isn't there.
    pub fn rename(&mut self, from: &str, to: &str) -> bool {
        let Some(index) = self.position(from) else { return false };
        if let Some(member) = self.members_mut().get_mut(index) {
            member.key = Text::new(to);
        }
        true
    }

    /// Keeps the members of which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&Member<'a>) -> bool) {
        self.members_mut().retain(keep);
    }
}

impl PartialEq for Object<'_> {
    fn eq(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        if self.len() <= FEW {
            return self.iter().all(|member| other.get(&member.key.decoded()) == Some(&member.value));
        }
        let name = |member: &Member<'_>| member.key.decoded().to_ascii_lowercase();
        let held: HashMap<_, _> = other.iter().map(|member| (name(member), &member.value)).collect();
        self.iter().all(|member| held.get(&name(member)) == Some(&&member.value))
    }
}

impl Value<'static> {
    /// A string.
    #[must_use]
    pub fn string(content: &str) -> Self {
        Self::String(Text::new(content))
    }

    /// A whole number.
    #[must_use]
    pub fn number(number: i64) -> Self {
        Self::Number(Cow::Owned(number.to_string()))
    }
}

impl<'a> Value<'a> {
    /// The object, if it is one.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The object, to be changed.
    pub fn as_object_mut(&mut self) -> Option<&mut Object<'a>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The array, if it is one.
    #[must_use]
    pub fn as_array(&self) -> Option<&Array<'a>> {
        match self {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The array, to be changed.
    pub fn as_array_mut(&mut self) -> Option<&mut Array<'a>> {
        match self {
            Self::Array(array) => Some(array),
            _ => None,
        }
    }

    /// The string, if it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&Text<'a>> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The content of the string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<Cow<'_, str>> {
        self.as_text().map(Text::decoded)
    }

    /// The truth, if it is one.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// Whether it is null.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Its JSON type in a word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }

    /// The same value, independent of the bytes it was read from.
    #[must_use]
    pub fn into_owned(self) -> Value<'static> {
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(truth),
            Self::Number(text) => Value::Number(Cow::Owned(text.into_owned())),
            Self::String(text) => Value::String(text.into_owned()),
            Self::Array(array) => {
                let items: Vec<_> = array.items.into_iter().map(Value::into_owned).collect();
                Value::Array(Array::from(items))
            }
            Self::Object(object) => {
                let own =
                    |member: Member<'a>| Member { key: member.key.into_owned(), value: member.value.into_owned() };
                let members = object.members.into_iter().map(own).collect();
                Value::Object(Object { members, source: None })
            }
        }
    }

    /// Writes the value: what was not touched as it was read, the rest without white space.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(true) => out.extend_from_slice(b"true"),
            Self::Bool(false) => out.extend_from_slice(b"false"),
            Self::Number(text) => out.extend_from_slice(text.as_bytes()),
            Self::String(text) => write_text(text, out),
            Self::Array(array) => write_array(array, out),
            Self::Object(object) => write_object(object, out),
        }
    }

    /// The value as bytes.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

fn write_text(text: &Text<'_>, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text.raw.as_bytes());
    out.push(b'"');
}

fn write_array(array: &Array<'_>, out: &mut Vec<u8>) {
    if let Some(source) = array.source {
        return out.extend_from_slice(source.as_bytes());
    }
    out.push(b'[');
    for (index, item) in array.items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        item.write(out);
    }
    out.push(b']');
}

fn write_object(object: &Object<'_>, out: &mut Vec<u8>) {
    if let Some(source) = object.source {
        return out.extend_from_slice(source.as_bytes());
    }
    out.push(b'{');
    for (index, member) in object.members.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write_text(&member.key, out);
        out.push(b':');
        member.value.write(out);
    }
    out.push(b'}');
}

impl std::fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.to_bytes()))
    }
}

impl From<bool> for Value<'_> {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl<'a> From<Object<'a>> for Value<'a> {
    fn from(object: Object<'a>) -> Self {
        Self::Object(object)
    }
}

impl<'a> From<Array<'a>> for Value<'a> {
    fn from(array: Array<'a>) -> Self {
        Self::Array(array)
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;

    fn read(document: &str) -> Value<'_> {
        parse(document.as_bytes()).unwrap()
    }

    #[test]
    fn a_text_is_what_it_says_not_how_it_is_written() {
        let content = "a\"\\/\u{8}\u{c}\n\r\t\0\u{1f}\u{7f}\u{e4}\u{1f600}";
        assert_eq!(Text::new(content), content);
        assert_eq!(Text::from_raw(r#"a\"\\\/\b\f\n\r\t\u0000\u001F\u007f\u00e4\uD83D\ude00"#), content);
        assert_eq!(read(&format!("\"{}\"", Text::new(content).raw())), Value::string(content));
    }

    #[test]
    fn objects_are_equal_in_any_order_and_case() {
        assert_eq!(read(r#"{"a":1,"B":[{"c":2}]}"#), read(r#"{"b":[{"\u0043":2}],"A":1}"#));
        assert_ne!(read(r#"{"a":1}"#), read(r#"{"a":1.0}"#));
        assert_ne!(read(r#"{"a":1}"#), read(r#"{"b":1}"#));
        assert_ne!(read(r#"{"a":1}"#), read(r#"{"a":1,"b":2}"#));
    }

    #[test]
    fn many_members_are_compared_like_few() {
        let document = |range: &mut dyn Iterator<Item = usize>, letter: char| {
            let members: Vec<_> = range.map(|number| format!("\"{letter}{number}\":{number}")).collect();
            format!("{{{}}}", members.join(","))
        };
        for count in [FEW, FEW + 1, 20_000] {
            let forth = document(&mut (0..count), 'k');
            let back = document(&mut (0..count).rev(), 'K');
            assert_eq!(read(&forth), read(&back));
            assert_ne!(read(&forth), read(&back.replace("\"K0\":0", "\"K0\":1")));
            assert_ne!(read(&forth), read(&back.replace("\"K0\"", "\"J0\"")));
        }
    }

    #[test]
    fn a_change_keeps_the_order_and_the_text_of_the_rest() {
        let mut value = read(r#"{ "a": 1.0, "b": { "x" : [ 1 ] }, "c": "\u0041" }"#);
        let object = value.as_object_mut().unwrap();
        assert!(object.rename("A", "z"));
        assert!(!object.rename("none", "z"));
        object.set("B", Value::Bool(true));
        object.set("d", read(r#"{ "y" : 1e2 }"#));
        object.insert_at(1, "n", Value::number(-7));
        assert_eq!(object.remove("Z"), Some(Value::Number("1.0".into())));
        assert_eq!(value.to_string(), r#"{"n":-7,"b":true,"c":"\u0041","d":{ "y" : 1e2 }}"#);
    }

    #[test]
    fn a_look_leaves_the_source_alone_and_a_change_within_does_not() {
        let document = r#"{ "a": [ {"b": 1}, {"b": 2} ] }"#;
        let mut value = read(document);
        let object = value.as_object_mut().unwrap();
        assert!(object.contains("A") && object.get("a").is_some_and(|items| items.as_array().is_some()));
        assert_eq!(value.to_string(), document);
        let items = value.as_object_mut().and_then(|object| object.get_mut("a")).and_then(Value::as_array_mut);
        items.unwrap().insert(9, Value::Null);
        assert_eq!(value.to_string(), r#"{"a":[{"b": 1},{"b": 2},null]}"#);
        assert_eq!(value.clone().into_owned().to_string(), r#"{"a":[{"b":1},{"b":2},null]}"#);
    }
}
