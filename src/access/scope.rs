//! Scopes: what a token permits, as `<method>:<resource>`, both in lower case: `get:users`.
//!
//! A scope permits exactly its method on exactly its resource type; none implies another. They are checked on what the
//! client sent, before any rule: a PUT needs `put:` even where the backend gets a PATCH.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::scim::{OperationKind, Resource, Target};

/// The method in a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// `get`: GET, HEAD, and searches by POST.
    Get,
    /// `post`: creating.
    Post,
    /// `put`: replacing.
    Put,
    /// `patch`: changing.
    Patch,
    /// `delete`: deleting.
    Delete,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Get, Self::Post, Self::Put, Self::Patch, Self::Delete];

    /// How a scope spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }
}

/// One method on one resource type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    verb: Verb,
    /// The resource type's endpoint in lower case: `users`.
    word: Box<str>,
}

impl Scope {
    /// The longest word for a resource type, in bytes: a name of 64 and an `s`.
    const LONGEST: usize = 65;

    /// This method on this resource type.
    #[must_use]
    pub fn new(verb: Verb, resource: &Resource) -> Self {
        Self { verb, word: resource.scope_word().into() }
    }

    /// Reads `<method>:<resource>`. Whether a connection declares a resource type that is neither `users` nor `groups`
    /// can't be seen here: [`ScopeSet::undeclared`] tells.
    ///
    /// # Errors
    /// Another method, capitals, or a singular.
    pub fn parse(text: &str) -> Result<Self, BadScope> {
        let bad = || BadScope { text: text.to_owned() };
        let (method, word) = text.split_once(':').ok_or_else(bad)?;
        let verb = Verb::ALL.into_iter().find(|verb| verb.word() == method).ok_or_else(bad)?;
        let known = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_');
        let is_endpoint = word.starts_with(|first: char| first.is_ascii_lowercase()) && word.ends_with('s');
        if !is_endpoint || word.len() > Self::LONGEST || !word.bytes().all(known) {
            return Err(bad());
        }
        Ok(Self { verb, word: word.into() })
    }

    /// What a call needs.
    #[must_use]
    pub fn needed(target: &Target) -> Need<'_> {
        let verb = match target.operation.kind() {
            OperationKind::Discover | OperationKind::Bulk => return Need::AnyToken,
            OperationKind::Me => return Need::Every(&Verb::ALL),
            OperationKind::List | OperationKind::Read | OperationKind::Search => Verb::Get,
            OperationKind::Create => Verb::Post,
            OperationKind::Replace => Verb::Put,
            OperationKind::Patch => Verb::Patch,
            OperationKind::Delete => Verb::Delete,
        };
        match (&target.resource, verb) {
            (Some(resource), verb) => Need::One(verb, resource),
            (None, Verb::Get) => Need::Every(&[Verb::Get]),
            (None, _) => Need::Every(&Verb::ALL),
        }
    }

    /// Whether it is this method on this resource type.
    fn is(&self, verb: Verb, resource: &Resource) -> bool {
        self.verb == verb && self.word.eq_ignore_ascii_case(resource.endpoint())
    }
}

/// What a call needs of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need<'t> {
    /// Any valid token: `/Schemas` and the other discovery endpoints; `/Bulk`, whose operations each need their own scope.
    AnyToken,
    /// This method on this resource type.
    One(Verb, &'t Resource),
    /// These methods on every resource type of the connection: `/.search` at the root reads all of them. A call that names
    /// no resource type and is no search needs everything.
    Every(&'static [Verb]),
}

/// Scopes, without order or repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// Every scope of a connection that declares these resource types.
    #[must_use]
    pub fn every(declared: &[Resource]) -> Self {
        let every = |resource: &Resource| Verb::ALL.map(|verb| Scope::new(verb, resource));
        resources(declared).flat_map(every).collect()
    }

    /// Whether it permits nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The scopes, by method.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// Whether it has this method on this resource type.
    #[must_use]
    pub fn permits(&self, verb: Verb, resource: &Resource) -> bool {
        self.0.iter().any(|scope| scope.is(verb, resource))
    }

    /// The scopes on resource types that a connection which declares these does not have: most likely misspelt.
    pub fn undeclared(&self, declared: &[Resource]) -> impl Iterator<Item = &Scope> {
        let is_known = |scope: &Scope| resources(declared).any(|resource| scope.is(scope.verb, resource));
        self.0.iter().filter(move |scope| !is_known(scope))
    }

    /// The first scope that a call needs and this set lacks.
    pub(super) fn lacks(&self, need: Need<'_>, declared: &[Resource]) -> Option<Scope> {
        let missing =
            |verb: Verb, resource: &Resource| (!self.permits(verb, resource)).then(|| Scope::new(verb, resource));
        match need {
            Need::AnyToken => None,
            Need::One(verb, resource) => missing(verb, resource),
            Need::Every(verbs) => {
                resources(declared).find_map(|resource| verbs.iter().find_map(|verb| missing(*verb, resource)))
            }
        }
    }
}

/// The resource types of a connection that declares these.
fn resources(declared: &[Resource]) -> impl Iterator<Item = &Resource> {
    [&Resource::User, &Resource::Group].into_iter().chain(declared)
}

/// A text that is no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a scope: write `get`, `post`, `put`, `patch` or `delete`, a colon, and `users`, `groups` or the endpoint \
     of a declared resource type in lower case, such as `get:users`"
)]
pub struct BadScope {
    text: String,
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.verb.word(), self.word)
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut scopes: Vec<Scope> = scopes.into_iter().collect();
        scopes.sort();
        scopes.dedup();
        Self(scopes)
    }
}

impl TryFrom<Vec<String>> for ScopeSet {
    type Error = BadScope;

    fn try_from(texts: Vec<String>) -> Result<Self, BadScope> {
        texts.iter().map(|text| Scope::parse(text)).collect()
    }
}

impl From<ScopeSet> for Vec<String> {
    fn from(scopes: ScopeSet) -> Self {
        scopes.0.iter().map(Scope::to_string).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_as_it_is_written() {
        for verb in Verb::ALL {
            for resource in ["users", "groups", "roles", "entitlements"] {
                let text = format!("{}:{resource}", verb.word());
                assert_eq!(Scope::parse(&text).unwrap().to_string(), text);
            }
        }
    }

    #[test]
    fn what_is_no_scope_is_refused_with_what_is_right() {
        let bad = [
            "",
            ":",
            "get",
            "get:",
            ":users",
            "GET:users",
            "get:Users",
            "get:user",
            "get:group",
            "get:*",
            "*:users",
            "get: users",
            " get:users",
            "head:users",
            "get:users:groups",
            "get:/users",
            "get:1s",
            "read:users",
        ];
        for text in bad {
            let fault = Scope::parse(text).unwrap_err().to_string();
            assert!(fault.contains("such as `get:users`"), "{fault}");
        }
    }

    #[test]
    fn a_set_has_neither_order_nor_repetition() {
        let one = ScopeSet::try_from(vec!["put:users".to_owned(), "get:users".to_owned(), "put:users".to_owned()]);
        let other = ScopeSet::try_from(vec!["get:users".to_owned(), "put:users".to_owned()]);
        assert_eq!(one, other);
    }

    #[test]
    fn every_scope_is_five_for_each_resource_type() {
        let declared = [Resource::named("Role").unwrap()];
        assert_eq!(ScopeSet::every(&[]).iter().count(), 10);
        assert_eq!(ScopeSet::every(&declared).iter().count(), 15);
    }

    #[test]
    fn scopes_on_what_no_connection_has_are_named() {
        let declared = [Resource::named("Role").unwrap()];
        let scopes =
            ScopeSet::try_from(vec!["get:roles".to_owned(), "get:rolls".to_owned(), "get:users".to_owned()]).unwrap();
        let odd: Vec<String> = scopes.undeclared(&declared).map(Scope::to_string).collect();
        assert_eq!(odd, ["get:rolls"]);
    }
}
