//! YAML with the place of every key and value.
//!
//! The idea: a file is read into [`Node`]s first and given meaning second, so that whoever gives the meaning can say of
//! anything where it stands. Nothing is guessed: `no` and `on` are text, so are dates, `0755` and `+1555`; a number is
//! what JSON calls a number. Merge keys, tags, a second document and a key written twice are refused.
//!
//! Not here: what any key means.

#[cfg(test)]
pub(crate) mod asked;
mod fields;
mod read;
mod syntax;

use std::fmt;
use std::ops::RangeInclusive;

use crate::fault::{Fault, Faults, Place, did_you_mean};
use crate::json::{Array, Object, Value};

pub use fields::Fields;
pub use read::{parse, parse_bytes};

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands. A mapping without braces stands where its first key does.
    pub place: Place,
    /// What it is.
    pub kind: Kind,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`, `~`, or nothing
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number of JSON, as it was written.
    Number(String),
    /// Anything else on its own, and everything in quotes.
    String(String),
    /// `[a, b]`
    List(Vec<Node>),
    /// `{a: b}`, in the order of the file.
    Map(Vec<(Key, Node)>),
}

/// A key of a mapping and where it stands.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// Values are equal wherever they stand.
impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// Keys are equal wherever they stand.
impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Node {
    /// The mapping that this has to be: `what`, such as `a rule`.
    pub fn fields<'n>(&'n self, what: &str, faults: &mut Faults) -> Option<Fields<'n>> {
        match &self.kind {
            Kind::Map(entries) => Some(Fields::new(what, self, entries)),
            _ => self.wrong(what, "a mapping", "write it as `key: value`, or `{ key: value, .. }`", faults),
        }
    }

    /// The text that this has to be: `what`, such as `a sentence`. Numbers and truth values need quotes to be text.
    pub fn text(&self, what: &str, faults: &mut Faults) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            Kind::Number(_) | Kind::Bool(_) => {
                self.wrong(what, "text", &format!("put it in quotes: \"{}\"", self.to_json()), faults)
            }
            _ => self.wrong(what, "text", "write one text", faults),
        }
    }

    /// The value of one of these words; `what`, such as `operation`, is what they are.
    pub fn word<T: Copy>(&self, what: &str, words: &[(&str, T)], faults: &mut Faults) -> Option<T> {
        let text = match &self.kind {
            Kind::String(text) | Kind::Number(text) => text.clone(),
            Kind::Bool(truth) => truth.to_string(),
            _ => return self.wrong(what, "one word", &format!("write {}", either(words)), faults),
        };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return Some(*value);
        }
        let help = match did_you_mean(&text, words.iter().map(|(word, _)| *word)) {
            Some(word) => format!("did you mean `{word}`?"),
            None => format!("write {}", either(words)),
        };
        let (message, label) = match what.starts_with("what ") {
            true => (format!("`{text}` can't be {what}"), "not one of its words".to_owned()),
            false => (format!("unknown {what} `{text}`"), format!("not {} {what}", article(what))),
        };
        faults.push(Fault::error("R0104", self.place.clone(), message).label(label).help(help));
        None
    }

    /// The whole number in `range` that this has to be.
    pub fn whole(&self, what: &str, range: RangeInclusive<i64>, faults: &mut Faults) -> Option<i64> {
        let Kind::Number(text) = &self.kind else {
            let help = format!("write a number from {} to {}", range.start(), range.end());
            return self.wrong(what, "a whole number", &help, faults);
        };
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            let help = match range.start() == range.end() {
                true => format!("write {}", range.start()),
                false => format!("write a whole number from {} to {}", range.start(), range.end()),
            };
            let message = format!("`{text}` can't be {what}");
            faults.push(Fault::error("R0103", self.place.clone(), message).label("out of range").help(help));
        }
        number
    }

    /// The `true` or `false` that this has to be.
    pub fn truth(&self, what: &str, faults: &mut Faults) -> Option<bool> {
        match self.kind {
            Kind::Bool(truth) => Some(truth),
            _ => self.wrong(what, "`true` or `false`", "write `true` or `false`, without quotes", faults),
        }
    }

    /// The list that this has to be.
    pub fn list(&self, what: &str, faults: &mut Faults) -> Option<&[Self]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => self.wrong(what, "a list", "write it as `[a, b]`, or each entry on a line behind a `-`", faults),
        }
    }

    /// The entries of a list, or this one value.
    #[must_use]
    pub fn one_or_list(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::List(items) => items.iter().collect(),
            _ => vec![self],
        }
    }

    /// The same as JSON; numbers keep their text.
    #[must_use]
    pub fn to_json(&self) -> Value<'static> {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Bool(truth) => Value::Bool(*truth),
            Kind::Number(text) => Value::Number(text.clone().into()),
            Kind::String(text) => Value::string(text),
            Kind::List(items) => Value::Array(Array::from(items.iter().map(Self::to_json).collect::<Vec<_>>())),
            Kind::Map(entries) => {
                let mut object = Object::new();
                for (key, value) in entries {
                    object.set(&key.text, value.to_json());
                }
                Value::Object(object)
            }
        }
    }

    /// The fault of a value of the wrong kind.
    fn wrong<T>(&self, what: &str, right: &str, help: &str, faults: &mut Faults) -> Option<T> {
        let message = match self.kind {
            Kind::Null => format!("{what} is missing here"),
            _ => format!("{what} can't be {}", self.kind),
        };
        faults.push(Fault::error("R0102", self.place.clone(), message).label(format!("not {right}")).help(help));
        None
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "nothing",
            Self::Bool(_) => "a truth value",
            Self::Number(_) => "a number",
            Self::String(_) => "text",
            Self::List(_) => "a list",
            Self::Map(_) => "a mapping",
        })
    }
}

fn article(what: &str) -> &'static str {
    if what.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" }
}

/// `` `a`, `b` or `c` ``
fn either<T>(words: &[(&str, T)]) -> String {
    list(words.iter().map(|(word, _)| *word), "or")
}

/// `` `a`, `b` and `c` ``, with the last word before the last.
fn list<'w>(words: impl IntoIterator<Item = &'w str>, last: &str) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((end, [])) => end.clone(),
        Some((end, before)) => format!("{} {last} {end}", before.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// What a key that may be left out, but not be wrong, says: nothing outside if it is wrong, nothing inside if it isn't there.
pub fn settle<T>(read: Option<Option<T>>) -> Option<Option<T>> {
    read.map_or(Some(None), |value| value.map(Some))
}

#[cfg(test)]
mod tests;
