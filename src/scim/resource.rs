//! Resource types and the ids of resources.

use std::borrow::Cow;
use std::fmt;

use super::attr::AttrName;
use super::percent;

/// A type of resource (RFC 7643 section 6).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Resource {
    /// `User` (RFC 7643 section 4.1).
    User,
    /// `Group` (RFC 7643 section 4.2).
    Group,
    /// One that a connection declares, such as `Role`.
    Other(OtherType),
}

/// The name of a resource type beside `User` and `Group`. Made by [`Resource::named`] only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OtherType {
    name: Box<str>,
    endpoint: Box<str>,
}

impl Resource {
    /// Names that would share an endpoint with another type, or with discovery, by case at most.
    const TAKEN: [&str; 4] = ["User", "Group", "Schema", "ResourceType"];

    /// The longest name, in bytes.
    const LONGEST: usize = 64;

    /// The resource type of this name, in exactly this case: `User`, `Group`, or a name of its own, which is written like
    /// that of an attribute and has 1 to 64 bytes. Nothing for a name that differs from `User` or `Group` by case alone
    /// (a backend might take it for those), or for that of a discovery endpoint.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "User" => Some(Self::User),
            "Group" => Some(Self::Group),
            _ if Self::TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name)) => None,
            _ if name.starts_with('$') || name.len() > Self::LONGEST => None,
            _ => {
                AttrName::parse(name).ok()?;
                Some(Self::Other(OtherType { name: name.into(), endpoint: format!("{name}s").into() }))
            }
        }
    }

    /// Its name: `User`.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
            Self::Other(other) => &other.name,
        }
    }

    /// Its endpoint, without a slash: `Users`. Always the name and an `s`.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
            Self::Other(other) => &other.endpoint,
        }
    }

    /// Its word in a scope: the endpoint in lower case, as in `get:users`.
    #[must_use]
    pub fn scope_word(&self) -> String {
        self.endpoint().to_ascii_lowercase()
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The id of a resource, decoded: 1 to 256 bytes.
///
/// Any text but: control characters; `.`, `..` and `.search` (in any case), which mean something else in a path; and
/// slashes either way, since servers that decode a path before they split it would reach another endpoint
/// (`/Users/..%2FGroups`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Id(Box<str>);

impl Id {
    /// The longest id, in bytes.
    pub const LONGEST: usize = 256;

    /// Reads a decoded id; nothing if it can't be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let length_ok = (1..=Self::LONGEST).contains(&text.len());
        let means_more = matches!(text, "." | "..") || text.eq_ignore_ascii_case(".search");
        let barred = |c: char| c.is_control() || c == '/' || c == '\\';
        (length_ok && !means_more && !text.contains(barred)).then(|| Self(text.into()))
    }

    /// As it is, decoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Id {
    /// As it stands in a path: everything encoded but letters, digits and `-._~@:=`.
    #[must_use]
    pub fn encoded(&self) -> Cow<'_, str> {
        percent::encode(&self.0, b"@:=")
    }
}

/// As it stands in a path.
impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.encoded())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_its_endpoint_and_its_word_in_scopes() {
        let rows = [
            ("User", "Users", "users"),
            ("Group", "Groups", "groups"),
            ("Role", "Roles", "roles"),
            ("Entitlement", "Entitlements", "entitlements"),
        ];
        for (name, endpoint, word) in rows {
            let resource = Resource::named(name).unwrap();
            assert_eq!((resource.name(), resource.endpoint(), resource.scope_word().as_str()), (name, endpoint, word));
        }
    }

    #[test]
    fn a_name_that_could_be_taken_for_another_is_none() {
        let long = "R".repeat(65);
        for name in
            ["", "user", "USER", "group", "Schema", "schema", "ResourceType", "Ro le", "Ro/le", "$ref", ".", &long]
        {
            assert_eq!(Resource::named(name), None, "{name}");
        }
    }

    #[test]
    fn an_id_is_written_encoded() {
        let rows = [
            ("2819c223-7f76-453a-919d-413861904646", "2819c223-7f76-453a-919d-413861904646"),
            ("bjensen@example.com", "bjensen@example.com"),
            ("a?b", "a%3Fb"),
            ("a#b", "a%23b"),
            ("a;b", "a%3Bb"),
            ("%47", "%2547"),
            ("a b+", "a%20b%2B"),
            ("é", "%C3%A9"),
            ("Me", "Me"),
            ("...", "..."),
        ];
        for (text, written) in rows {
            let id = Id::parse(text).unwrap();
            assert_eq!(id.to_string(), written);
            assert_eq!(id.as_str(), text);
        }
    }

    #[test]
    fn what_could_be_another_path_is_no_id() {
        let long = "a".repeat(257);
        for text in
            ["", ".", "..", ".search", ".SEARCH", "a/b", "../Groups", "a\\b", "a\r\nb", "\0", "\t", "\u{85}", &long]
        {
            assert_eq!(Id::parse(text), None, "{text:?}");
        }
        assert!(Id::parse(&long[1..]).is_some());
    }
}
