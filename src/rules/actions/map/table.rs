//! The table of a `map`: pairs of plain values, one to one by the attribute's own equality.

use crate::fault::{Fault, Faults};
use crate::json::Value;
use crate::scim::{AttrPath, CompareOp, Literal, filter, schema};
use crate::yaml::{Key, Node};

/// Left and right.
#[derive(Debug)]
pub(super) struct Table {
    pairs: Vec<(Value<'static>, Value<'static>)>,
}

impl Table {
    /// Reads `values:`. The left-hand side has the attribute's type, the right-hand side the type in which it is written.
    pub(super) fn read(node: &Node, path: &AttrPath, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("values", faults)?;
        let entries = fields.rest();
        let mut pairs: Vec<(Value<'static>, Value<'static>)> = Vec::with_capacity(entries.len());
        let is_boolean = is_boolean(path, &entries);
        let mut sound = true;
        for (key, value) in entries {
            let (Some(left), Some(right)) = (left(key, path, is_boolean, faults), right(value, faults)) else {
                sound = false;
                continue;
            };
            if pairs.iter().any(|(other, _)| are_same(path, other, &left)) {
                faults.push(twice(key.place.clone(), &left, "on the left"));
                sound = false;
            }
            if pairs.iter().any(|(_, other)| are_same(path, other, &right)) {
                faults.push(twice(value.place.clone(), &right, "on the right"));
                sound = false;
            }
            pairs.push((left, right));
        }
        if sound && pairs.is_empty() {
            faults.push(
                Fault::error("R0103", node.place.clone(), "no value is mapped".to_owned())
                    .label("an empty table")
                    .help("write each value with its other word: `{ Employee: E }`"),
            );
        }
        (sound && !pairs.is_empty()).then_some(Self { pairs })
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = &(Value<'static>, Value<'static>)> {
        self.pairs.iter()
    }

    pub(super) fn rights(&self) -> impl Iterator<Item = &Value<'static>> {
        self.pairs.iter().map(|(_, right)| right)
    }

    pub(super) fn right_of(&self, path: &AttrPath, left: &Value<'_>) -> Option<&Value<'static>> {
        self.pairs.iter().find(|(own, _)| is_same(path, own, left)).map(|(_, right)| right)
    }

    pub(super) fn left_of(&self, path: &AttrPath, right: &Value<'_>) -> Option<&Value<'static>> {
        self.pairs.iter().find(|(_, own)| is_same(path, own, right)).map(|(left, _)| left)
    }

    /// Whether a filter that names a value of the table would find this one.
    pub(super) fn finds(&self, path: &AttrPath, value: &Value<'_>) -> bool {
        self.pairs.iter().any(|(left, right)| is_found(path, left, value) || is_found(path, right, value))
    }

    /// Whether a right-hand value equals this literal.
    pub(super) fn has_right(&self, path: &AttrPath, literal: &Literal) -> bool {
        self.rights().any(|right| filter::satisfies(right, path, CompareOp::Eq, literal))
    }
}

/// Equal as a filter on the attribute would find it: texts by its case rule, numbers by their value.
fn is_same(path: &AttrPath, own: &Value<'_>, value: &Value<'_>) -> bool {
    own.kind() == value.kind() && is_found(path, own, value)
}

/// As [`is_same`], but a truth value is also found by its word.
fn is_found(path: &AttrPath, own: &Value<'_>, value: &Value<'_>) -> bool {
    Literal::of(own).is_some_and(|literal| filter::satisfies(value, path, CompareOp::Eq, &literal))
}

/// Whether either would be found for the other.
fn are_same(path: &AttrPath, one: &Value<'_>, other: &Value<'_>) -> bool {
    is_found(path, one, other) || is_found(path, other, one)
}

/// Of an attribute that no schema knows, by the keys themselves.
fn is_boolean(path: &AttrPath, entries: &[(&Key, &Node)]) -> bool {
    match schema::find(None, path) {
        Some(known) => known.kind == schema::Kind::Boolean,
        None => entries.iter().all(|(key, _)| matches!(key.text.as_str(), "true" | "false")),
    }
}

fn left(key: &Key, path: &AttrPath, is_boolean: bool, faults: &mut Faults) -> Option<Value<'static>> {
    match (is_boolean, key.text.as_str()) {
        (true, "true") => Some(Value::Bool(true)),
        (true, "false") => Some(Value::Bool(false)),
        (false, text) if !text.is_empty() => Some(Value::string(text)),
        (is_boolean, text) => {
            let help = if is_boolean { "write `true` or `false`" } else { NO_EMPTY };
            faults.push(
                Fault::error("R0442", key.place.clone(), format!("`{text}` is no value of `{path}`"))
                    .label("can't be mapped")
                    .help(help),
            );
            None
        }
    }
}

/// What is empty counts as absent, so it can't stand for something, nor something for it.
const NO_EMPTY: &str = "an empty text counts as absent: use `empty`, `default` or `fill`";

fn right(node: &Node, faults: &mut Faults) -> Option<Value<'static>> {
    let value = node.to_json();
    let is_plain = match &value {
        Value::String(text) => !text.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    };
    if !is_plain {
        faults.push(
            Fault::error(
                "R0442",
                node.place.clone(),
                "a value can only become a text, a number, true or false".to_owned(),
            )
            .label("can't be mapped to")
            .help(NO_EMPTY),
        );
    }
    is_plain.then_some(value)
}

fn twice(place: crate::fault::Place, value: &Value<'_>, side: &str) -> Fault {
    Fault::error("R0443", place, format!("{value} stands twice {side}"))
        .label("can't be told apart on the way")
        .help("a map goes both ways, so each value has one word; to merge values use one-way `set` or `text`")
}
