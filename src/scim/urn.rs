//! The names of schemas and messages (RFC 7643 section 10.3, RFC 7644 section 8.2), and any other URN.

use std::fmt;

use super::attr::AttrFault;
use super::caseless::Caseless;

/// The core schema of a user (RFC 7643 section 4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The core schema of a group (RFC 7643 section 4.2).
pub const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The enterprise extension of a user (RFC 7643 section 4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// A schema (RFC 7643 section 7).
pub const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
/// A list of resources (RFC 7644 section 3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// A PATCH (RFC 7644 section 3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// An error (RFC 7644 section 3.12).
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:";

/// A URN (RFC 8141): `urn:`, a namespace of 1 to 32 letters, digits and hyphens, and a name in it. Keeps its spelling and
/// is compared without case.
///
/// The characters `,`, `(`, `)` and `'` are refused though RFC 8141 has them: a URN with them could not be told from what
/// follows it in a filter or in a list of attributes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Urn(Caseless);

impl Urn {
    /// Reads a URN.
    ///
    /// # Errors
    /// The text is no URN.
    pub fn parse(text: &str) -> Result<Self, AttrFault> {
        let named = |(namespace, name): (&str, &str)| is_namespace(namespace) && is_name(name);
        match after_scheme(text).and_then(|rest| rest.split_once(':')) {
            Some(parts) if named(parts) => Ok(Self(Caseless::new(text))),
            _ => Err(AttrFault::Urn),
        }
    }

    /// As it was spelled.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether it names a core schema, whose attributes stand in the resource itself (RFC 7644 section 3.10).
    #[must_use]
    pub fn is_core(&self) -> bool {
        self.as_str().get(..CORE.len()).is_some_and(|start| start.eq_ignore_ascii_case(CORE))
    }
}

impl fmt::Display for Urn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What follows `urn:`; nothing if the text doesn't begin so.
pub(super) fn after_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_at_checked("urn:".len())?;
    scheme.eq_ignore_ascii_case("urn:").then_some(rest)
}

fn is_namespace(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(known) && !text.starts_with('-') && !text.ends_with('-')
}

fn is_name(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/@%!$&*+;=".contains(&byte);
    !text.is_empty() && text.bytes().all(known) && !text.starts_with(':') && !text.ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_rfcs_is_a_urn() {
        for text in [USER, GROUP, ENTERPRISE, LIST_RESPONSE, ERROR] {
            assert_eq!(Urn::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_is_no_urn_is_refused() {
        for text in [
            "",
            "urn:",
            "urn:ietf",
            "urn:ietf:",
            "urn::x",
            "urn:-a:x",
            "url:ietf:x",
            "urn:a:b c",
            "urn:a:(b)",
            "ürn:a:b",
        ] {
            assert_eq!(Urn::parse(text), Err(AttrFault::Urn), "{text}");
        }
    }

    #[test]
    fn urns_are_compared_without_case_and_keep_their_spelling() {
        let spelled = Urn::parse("URN:IETF:params:scim:schemas:core:2.0:user").unwrap();
        assert_eq!(spelled, Urn::parse(USER).unwrap());
        assert_eq!(spelled.to_string(), "URN:IETF:params:scim:schemas:core:2.0:user");
        assert!(spelled.is_core());
        assert!(!Urn::parse(ENTERPRISE).unwrap().is_core());
    }
}
