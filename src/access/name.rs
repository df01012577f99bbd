//! Names that operators give: of a connection, and of a token.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The most characters in a name.
const LONGEST: usize = 64;

/// The name of a connection: 1 to 64 of `a-z`, `0-9` and `-`. It is part of a URL, a metric's label and the token file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ConnectionName(Arc<str>);

impl ConnectionName {
    /// Reads a name.
    ///
    /// # Errors
    /// Nothing, more than 64 characters, or any other character.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        if text.is_empty() || text.len() > LONGEST || !text.bytes().all(known) {
            return Err(BadName {
                text: text.to_owned(),
                right: "1 to 64 of `a-z`, `0-9` and `-`, such as `okta-prod`",
            });
        }
        Ok(Self(text.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an operator calls a token, so that lists and logs say something to people: 1 to 64 characters, none of them a
/// control character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Label(Box<str>);

impl Label {
    /// Reads a label.
    ///
    /// # Errors
    /// Nothing but spaces, more than 64 characters, or a control character.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        if text.trim().is_empty() || text.chars().count() > LONGEST || text.chars().any(char::is_control) {
            return Err(BadName {
                text: text.to_owned(),
                right: "1 to 64 characters on one line, such as `Okta, from May`",
            });
        }
        Ok(Self(text.into()))
    }

    /// The label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is no name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a name: write {right}")]
pub struct BadName {
    text: String,
    right: &'static str,
}

impl fmt::Display for ConnectionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl TryFrom<String> for ConnectionName {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        Self::parse(&text)
    }
}

impl From<ConnectionName> for String {
    fn from(name: ConnectionName) -> Self {
        name.as_str().to_owned()
    }
}

impl TryFrom<String> for Label {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        Self::parse(&text)
    }
}

impl From<Label> for String {
    fn from(label: Label) -> Self {
        label.0.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_name_is_lower_case_letters_digits_and_hyphens() {
        for good in ["a", "okta-prod", "0", &"x".repeat(64)] {
            assert_eq!(ConnectionName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "Okta", "a b", "a/b", "a_b", "ä", "..", "a\n", &"x".repeat(65)] {
            assert!(ConnectionName::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_bad_name_says_what_is_right() {
        let fault = ConnectionName::parse("Okta").unwrap_err().to_string();
        assert_eq!(fault, "\"Okta\" is not a name: write 1 to 64 of `a-z`, `0-9` and `-`, such as `okta-prod`");
    }

    #[test]
    fn a_label_stands_on_one_line() {
        assert!(Label::parse("Okta, since May").is_ok());
        for bad in ["", "  ", "a\nb", "a\u{1b}[2Jb", &"x".repeat(65)] {
            assert!(Label::parse(bad).is_err(), "{bad:?}");
        }
    }
}
