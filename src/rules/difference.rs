//! What a rule in shadow would have changed: where, and from what to what, of which nothing can be read back.

use std::fmt;
use std::hash::BuildHasher;

use crate::json::{Object, Value};

/// The most differences of one message that are looked at.
const MOST: usize = 16;

/// The longest place that is told, in characters.
const LONGEST: usize = 120;

/// One value that would have been another. What it was and would have been is never shown, not even by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Difference {
    place: String,
    before: Option<String>,
    after: Option<String>,
}

impl Difference {
    /// Between two texts under a name; nothing if they are equal.
    #[must_use]
    pub fn of_texts(name: &str, before: &str, after: &str) -> Option<Self> {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (before != after).then(|| Self { place: name.to_owned(), before: text(before), after: text(after) })
    }

    /// Between two documents.
    #[must_use]
    pub fn of_values(before: &Value<'_>, after: &Value<'_>) -> Vec<Self> {
        let mut found = Vec::new();
        compare(&mut String::new(), Some(before), Some(after), &mut found);
        found
    }

    /// The place, and a hash of each value: equal values have equal hashes, as long as the hasher lives.
    #[must_use]
    pub fn masked(&self, hasher: &impl BuildHasher) -> String {
        let hash = |value: &Option<String>| match value {
            Some(text) => format!("{:08x}", hasher.hash_one(text) & 0xffff_ffff),
            None => "nothing".to_owned(),
        };
        format!("{}: {} -> {}", self.place, hash(&self.before), hash(&self.after))
    }
}

impl fmt::Debug for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Difference").field("place", &self.place).finish_non_exhaustive()
    }
}

fn compare(place: &mut String, before: Option<&Value<'_>>, after: Option<&Value<'_>>, found: &mut Vec<Difference>) {
    if before == after || found.len() >= MOST {
        return;
    }
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => compare_members(place, before, after, found),
        (Some(Value::Array(before)), Some(Value::Array(after))) => {
            for index in 0..before.len().max(after.len()) {
                let end = place.len();
                place.push_str(&format!("[{index}]"));
                compare(place, before.get(index), after.get(index), found);
                place.truncate(end);
            }
        }
        _ => {
            let text = |value: Option<&Value<'_>>| value.map(ToString::to_string);
            let place = place.chars().take(LONGEST).collect();
            found.push(Difference { place, before: text(before), after: text(after) });
        }
    }
}

fn compare_members(place: &mut String, before: &Object<'_>, after: &Object<'_>, found: &mut Vec<Difference>) {
    let added = after.iter().filter(|member| !before.contains(&member.key.decoded()));
    for member in before.iter().chain(added) {
        let key = member.key.decoded();
        let end = place.len();
        if end > 0 {
            place.push('.');
        }
        place.push_str(&key);
        compare(place, before.get(&key), after.get(&key), found);
        place.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use std::hash::RandomState;

    use super::*;

    fn differences(before: &str, after: &str) -> Vec<Difference> {
        let read = |text: &str| crate::json::parse(text.as_bytes()).unwrap().into_owned();
        Difference::of_values(&read(before), &read(after))
    }

    #[test]
    fn a_difference_says_where() {
        let found = differences(
            r#"{"userName":"ada","emails":[{"type":"a"},{"type":"b"}],"title":"t"}"#,
            r#"{"userName":"ada","emails":[{"type":"a"},{"type":"c"},1],"login":"x"}"#,
        );
        let places: Vec<&str> = found.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["emails[1].type", "emails[2]", "title", "login"]);
        assert!(differences("{\"a\":1}", "{\"a\":1}").is_empty());
    }

    #[test]
    fn no_value_can_be_read() {
        let hasher = RandomState::new();
        for one in differences(r#"{"password":"hunter2"}"#, r#"{"password":"HUNTER2"}"#) {
            let told = format!("{} {one:?}", one.masked(&hasher));
            assert!(!told.to_lowercase().contains("hunter2"), "{told}");
            assert!(told.starts_with("password: "), "{told}");
        }
    }

    #[test]
    fn a_large_message_tells_only_so_much() {
        let many = |name: &str| {
            let members: Vec<String> = (0..1000).map(|index| format!("\"{name}{index}\":1")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert_eq!(differences(&many("a"), &many("b")).len(), MOST);
    }
}
