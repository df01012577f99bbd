//! One JSON document as an ordered, borrowed tree.
//!
//! The idea: bytes that nobody touches come out as they came in. Numbers and strings keep their text, a container keeps
//! the slice it was read from until somebody asks to change it, objects keep the order of their members. Names are
//! compared without ASCII case, because every document read here is of that kind (RFC 7643 section 2.1).
//!
//! Not here: reading bytes (`parse`), and any meaning of a name.

use std::borrow::Cow;

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
