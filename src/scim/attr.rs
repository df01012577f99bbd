//! Attribute names and paths (RFC 7643 section 2.1, RFC 7644 section 3.10), compared without case.
//!
//! Where the URN of a path ends can't be read from its grammar alone, since a URN has colons and dots of its own.
//! [`AttrPath::parse`] says how it is told. Value filters (`emails[type eq "work"]`) are in [`super::patch`].

use std::fmt;

use super::caseless::Caseless;
use super::urn::{self, Urn};

/// The name of an attribute: a letter, then letters, digits, `-` and `_`; or `$ref`. Keeps its spelling and is compared
/// without case.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttrName(Caseless);

impl AttrName {
    /// Reads a name.
    ///
    /// # Errors
    /// It is empty, or holds a character that a name can't hold there.
    pub fn parse(text: &str) -> Result<Self, AttrFault> {
        let first = text.chars().next().ok_or(AttrFault::Empty)?;
        if text.eq_ignore_ascii_case("$ref") {
            return Ok(Self(Caseless::new(text)));
        }
        if !first.is_ascii_alphabetic() {
            return Err(AttrFault::Start(first));
        }
        let known = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        match text.chars().find(|&c| !known(c)) {
            None => Ok(Self(Caseless::new(text))),
            Some(other) => Err(AttrFault::Character(other)),
        }
    }

    /// As it was spelled.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for AttrName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The path of an attribute: `userName`, `name.givenName`, `urn:..:enterprise:2.0:User:manager.displayName`; or, without a
/// name, of a whole schema: `urn:..:enterprise:2.0:User`.
///
/// Equal if both mean the same attribute: the URN of a core schema before a name doesn't matter, nor does case. Written
/// as it was spelled.
#[derive(Clone, Debug)]
pub struct AttrPath {
    /// The schema, where it is spelled out.
    pub urn: Option<Urn>,
    /// The attribute; none for the schema as a whole.
    pub name: Option<AttrName>,
    /// The sub-attribute.
    pub sub: Option<AttrName>,
}

impl AttrPath {
    /// Reads a path. Of a text that begins with `urn:`, the schema's URN is:
    ///
    /// 1. a schema of RFC 7643 (core User, core Group, enterprise User) at its start, in any case;
    /// 2. else all of it, if it ends in a version (`urn:okta:custom:group:1.0`), or in a version and a type: `User` or
    ///    `Group` in any case, or another name with a capital (`urn:acme:scim:2.0:Badge`);
    /// 3. else all before the last colon (`urn:okta:custom:group:1.0:description`), where that is a URN and an attribute
    ///    name follows;
    /// 4. else all of it.
    ///
    /// Only dots after the URN part a sub-attribute from its attribute.
    ///
    /// # Errors
    /// What is wrong with it: no name, no URN, or more than one sub-attribute.
    pub fn parse(text: &str) -> Result<Self, AttrFault> {
        if urn::after_scheme(text).is_none() {
            return Self::named(None, text);
        }
        if let Some((schema, rest)) = known_schema(text) {
            return match rest {
                None => Ok(Self::whole(Urn::parse(schema)?)),
                Some(names) => Self::named(Some(Urn::parse(schema)?), names),
            };
        }
        if is_schema(text) {
            return Urn::parse(text).map(Self::whole);
        }
        let parted = text.rsplit_once(':').and_then(|(schema, names)| {
            let urn = Urn::parse(schema).ok()?;
            Self::named(Some(urn), names).ok()
        });
        parted.map_or_else(|| Urn::parse(text).map(Self::whole), Ok)
    }

    /// The schema, if it is an extension: its attributes stand in an object of their own under the URN
    /// (RFC 7643 section 3.3). Nothing for a core schema.
    #[must_use]
    pub fn extension(&self) -> Option<&Urn> {
        self.urn.as_ref().filter(|urn| !urn.is_core())
    }

    fn whole(urn: Urn) -> Self {
        Self { urn: Some(urn), name: None, sub: None }
    }

    fn named(urn: Option<Urn>, names: &str) -> Result<Self, AttrFault> {
        let (name, sub) = match names.split_once('.') {
            Some((_, sub)) if sub.contains('.') => return Err(AttrFault::Deep),
            Some((name, sub)) => (name, Some(AttrName::parse(sub)?)),
            None => (names, None),
        };
        Ok(Self { urn, name: Some(AttrName::parse(name)?), sub })
    }
}

/// The schema of RFC 7643 at the start of `text`, and what follows its colon.
fn known_schema(text: &str) -> Option<(&str, Option<&str>)> {
    [urn::ENTERPRISE, urn::USER, urn::GROUP].into_iter().find_map(|known| {
        let (schema, rest) = text.split_at_checked(known.len())?;
        let rest = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
        schema.eq_ignore_ascii_case(known).then_some((schema, rest))
    })
}

/// Whether a URN looks like that of a schema, by its end.
fn is_schema(text: &str) -> bool {
    let mut segments = text.rsplit(':');
    let last = segments.next().unwrap_or_default();
    let is_type = last.eq_ignore_ascii_case("user")
        || last.eq_ignore_ascii_case("group")
        || (last.starts_with(|c: char| c.is_ascii_uppercase()) && AttrName::parse(last).is_ok());
    is_version(last) || (is_type && segments.next().is_some_and(is_version))
}

/// Whether `segment` is a version such as `2.0`.
fn is_version(segment: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    segment.split_once('.').is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

impl PartialEq for AttrPath {
    fn eq(&self, other: &Self) -> bool {
        let same_schema = match (&self.name, &other.name) {
            (Some(_), Some(_)) => self.extension() == other.extension(),
            _ => self.urn == other.urn,
        };
        same_schema && self.name == other.name && self.sub == other.sub
    }
}

impl Eq for AttrPath {}

impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            urn.fmt(f)?;
        }
        if let Some(name) = &self.name {
            let colon = if self.urn.is_some() { ":" } else { "" };
            write!(f, "{colon}{name}")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// Why a text is no attribute name, URN or path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttrFault {
    /// Nothing stands where a name must: `name.`
    #[error("a name is missing")]
    Empty,
    /// `1st`
    #[error("a name begins with a letter, not with `{}`", .0.escape_debug())]
    Start(char),
    /// `user name`
    #[error("a name has letters, digits, `-` and `_`, but no `{}`", .0.escape_debug())]
    Character(char),
    /// `a.b.c`
    #[error("a sub-attribute has no sub-attributes of its own")]
    Deep,
    /// `urn:x`
    #[error("a URN is `urn:`, a namespace, a colon and a name")]
    Urn,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn path(text: &str) -> AttrPath {
        AttrPath::parse(text).unwrap()
    }

    #[test]
    fn the_end_of_the_urn_is_found() {
        let user = "urn:ietf:params:scim:schemas:core:2.0:User";
        let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        type Row<'t> = (&'t str, Option<&'t str>, Option<&'t str>, Option<&'t str>);
        let rows: &[Row<'_>] = &[
            ("userName", None, Some("userName"), None),
            ("name.givenName", None, Some("name"), Some("givenName")),
            ("members.$ref", None, Some("members"), Some("$ref")),
            (user, Some(user), None, None),
            (&format!("{user}:userName"), Some(user), Some("userName"), None),
            (&format!("{user}:name.givenName"), Some(user), Some("name"), Some("givenName")),
            (enterprise, Some(enterprise), None, None),
            (&format!("{enterprise}:manager.displayName"), Some(enterprise), Some("manager"), Some("displayName")),
            (&format!("{enterprise}:Division"), Some(enterprise), Some("Division"), None),
            ("urn:okta:custom:group:1.0", Some("urn:okta:custom:group:1.0"), None, None),
            ("urn:okta:custom:group:1.0:description", Some("urn:okta:custom:group:1.0"), Some("description"), None),
            ("urn:acme:scim:2.0:Badge", Some("urn:acme:scim:2.0:Badge"), None, None),
            ("urn:acme:scim:2.0:user", Some("urn:acme:scim:2.0:user"), None, None),
            ("urn:acme:scim:2.0:Badge:no", Some("urn:acme:scim:2.0:Badge"), Some("no"), None),
            ("urn:acme:scim:2.0:Badge:no.a", Some("urn:acme:scim:2.0:Badge"), Some("no"), Some("a")),
            ("urn:acme:hr", Some("urn:acme:hr"), None, None),
            ("urn:acme:hr:badge", Some("urn:acme:hr"), Some("badge"), None),
            ("urn:acme:hr:2024", Some("urn:acme:hr:2024"), None, None),
        ];
        for (text, urn, name, sub) in rows {
            let path = path(text);
            assert_eq!(path.urn.as_ref().map(Urn::as_str), *urn, "{text}");
            assert_eq!(path.name.as_ref().map(AttrName::as_str), *name, "{text}");
            assert_eq!(path.sub.as_ref().map(AttrName::as_str), *sub, "{text}");
            assert_eq!(path.to_string(), *text);
        }
    }

    #[test]
    fn what_is_no_path_is_told_why() {
        let rows = [
            ("", AttrFault::Empty),
            ("name.", AttrFault::Empty),
            (".name", AttrFault::Empty),
            ("a.b.c", AttrFault::Deep),
            ("1st", AttrFault::Start('1')),
            ("$id", AttrFault::Start('$')),
            ("user name", AttrFault::Character(' ')),
            ("naïve", AttrFault::Character('ï')),
            ("emails[type", AttrFault::Character('[')),
            ("urn:x", AttrFault::Urn),
            ("urn:acme:hr:bad ge", AttrFault::Urn),
            ("urn:ietf:params:scim:schemas:core:2.0:User:", AttrFault::Empty),
            ("urn:ietf:params:scim:schemas:core:2.0:User:1", AttrFault::Start('1')),
        ];
        for (text, fault) in rows {
            assert_eq!(AttrPath::parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn a_core_urn_and_case_make_no_difference() {
        assert_eq!(path("urn:ietf:params:scim:schemas:core:2.0:User:userName"), path("USERNAME"));
        assert_eq!(path("URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER:NAME.givenname"), path("name.GivenName"));
        assert_ne!(path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:title"), path("title"));
        assert_ne!(path("name.givenName"), path("name"));
        assert_ne!(
            path("urn:ietf:params:scim:schemas:core:2.0:User"),
            path("urn:ietf:params:scim:schemas:core:2.0:Group")
        );
    }

    #[test]
    fn only_a_schema_that_is_not_core_is_an_extension() {
        assert_eq!(path("urn:ietf:params:scim:schemas:core:2.0:User:userName").extension(), None);
        assert_eq!(
            path("urn:okta:custom:group:1.0:description").extension().unwrap().as_str(),
            "urn:okta:custom:group:1.0"
        );
    }

    proptest! {
        #[test]
        fn a_path_is_written_as_it_was_read(text in "(urn:[a-z]{2,5}:([a-zA-Z0-9]{1,4}:){0,3}([12]\\.0:)?)?[a-zA-Z0-9.]{1,8}") {
            if let Ok(path) = AttrPath::parse(&text) {
                prop_assert_eq!(path.to_string(), text.clone());
                prop_assert_eq!(AttrPath::parse(&text).unwrap(), path);
            }
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in ".{0,40}", urn in "urn:.{0,40}") {
            let _ = AttrPath::parse(&text);
            let _ = AttrPath::parse(&urn);
        }
    }
}
