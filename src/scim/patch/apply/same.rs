//! Which held value an added one is: the one with the same `value` and `type` (RFC 7643 section 2.4).

use std::collections::HashMap;

use crate::json::{Object, Value};

use super::Place;

/// What the values of an attribute are known by, so that many can be looked up among many.
pub(super) struct Known {
    /// Members are known by their `value` alone, and exactly: it is an id.
    members: bool,
    /// Whether texts are the same only if their case is.
    exact: bool,
    at: HashMap<(String, String), usize>,
}

impl Known {
    pub(super) fn of(place: &Place<'_>, held: &[Value<'_>]) -> Self {
        let members = is_members(place);
        let value = place.attribute.and_then(|known| known.parts.iter().find(|part| part.name == "value"));
        let exact = members || value.or(place.attribute).is_none_or(|known| known.is_case_exact);
        let mut known = Self { members, exact, at: HashMap::with_capacity(held.len()) };
        for (index, value) in held.iter().enumerate() {
            known.note(value, index);
        }
        known
    }

    pub(super) fn note(&mut self, value: &Value<'_>, index: usize) {
        if let Some(key) = self.key(value) {
            self.at.entry(key).or_insert(index);
        }
    }

    /// Where the value stands among those that are held.
    pub(super) fn find(&self, value: &Value<'_>, held: &[Value<'_>]) -> Option<usize> {
        match self.key(value) {
            Some(key) => self.at.get(&key).copied(),
            None => held.iter().position(|one| says_nothing_new(value, one)),
        }
    }

    fn key(&self, value: &Value<'_>) -> Option<(String, String)> {
        let part = |name| value.as_object().and_then(|element| element.get(name));
        let known = match value {
            Value::Object(_) => part("value")?,
            simple => simple,
        };
        let folded = |text: String| if self.exact { text } else { text.to_lowercase() };
        let kind = part("type").and_then(Value::as_str).filter(|_| !self.members);
        Some((folded(known.to_string()), kind.unwrap_or_default().to_lowercase()))
    }
}

/// Whether the attribute is the members of a group.
pub(super) fn is_members(place: &Place<'_>) -> bool {
    place.name == "members" && place.attribute.is_some()
}

/// Whether all that `value` says is held: an address without a `value` has nothing else to be known by.
fn says_nothing_new(value: &Value<'_>, held: &Value<'_>) -> bool {
    let (Value::Object(asked), Value::Object(element)) = (value, held) else { return false };
    let holds = |element: &Object<'_>, name: &str, value: &Value<'_>| element.get(name) == Some(value);
    asked.iter().all(|part| part.value.is_null() || holds(element, &part.key.decoded(), &part.value))
}
