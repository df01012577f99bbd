//! One JSON document as an ordered, borrowed tree.
//!
//! The idea: bytes that nobody touches come out as they came in. Numbers and strings keep their text, a container keeps
//! the slice it was read from until somebody asks to change it, objects keep the order of their members. Names are
//! compared without ASCII case, because every document read here is of that kind (RFC 7643 section 2.1).
//!
//! Not here: reading bytes (`parse`), and any meaning of a name.

mod array;
mod object;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;

use array::write_array;
use object::write_object;
use text::write_text;

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
