//! A text in which `*` stands for any characters, compared without ASCII case: for header fields and parameters.

use crate::fault::{Fault, Faults};
use crate::yaml::{Kind, Node};

/// What a field or parameter has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// There, whatever it is: `true`.
    Present,
    /// Not there: `false`.
    Absent,
    /// Like this, where each `*` stands for any characters.
    Like(String),
}

impl Wanted {
    /// Reads `true`, `false` or a text.
    pub fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        match &node.kind {
            Kind::Bool(true) => Some(Self::Present),
            Kind::Bool(false) => Some(Self::Absent),
            Kind::String(text) | Kind::Number(text) => Some(Self::Like(text.clone())),
            _ => {
                faults.push(
                    Fault::error("R0102", node.place.clone(), "neither a text nor whether it is there".to_owned())
                        .label("not one value")
                        .help("write a text with `*` for any characters, `true` for there, or `false` for not there"),
                );
                None
            }
        }
    }

    /// Whether the values of a field, of which there may be several or none, are what is wanted.
    #[must_use]
    pub fn meets(&self, mut values: impl Iterator<Item = impl AsRef<str>>) -> bool {
        match self {
            Self::Present => values.next().is_some(),
            Self::Absent => values.next().is_none(),
            Self::Like(pattern) => values.any(|value| is_like(pattern, value.as_ref())),
        }
    }
}

/// Whether `text` is like `pattern`. Linear: each part is looked for once, from left to right.
fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    for part in middle.split('*') {
        let Some(at) = left.find(part) else { return false };
        left = left.get(at + part.len()..).unwrap_or_default();
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        let rows = [
            ("Okta*", "okta scim client 1.0", true),
            ("okta", "okta", true),
            ("okta", "okta2", false),
            ("*client*1.0", "Okta SCIM Client 1.0", true),
            ("a*a", "a", false),
            ("*", "", true),
            ("**", "x", true),
            ("a*b*c", "abc", true),
            ("a*b*c", "acb", false),
            ("*ab", "aab", true),
        ];
        for (pattern, text, expected) in rows {
            assert_eq!(is_like(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn presence_needs_no_text() {
        assert!(Wanted::Present.meets(["a"].into_iter()));
        assert!(!Wanted::Present.meets(std::iter::empty::<&str>()));
        assert!(Wanted::Absent.meets(std::iter::empty::<&str>()));
    }
}
