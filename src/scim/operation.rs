//! What can be asked of a SCIM service (RFC 7644 section 3.2). An operation on one resource carries its id.

use super::resource::Id;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// `GET /Users`
    List,
    /// `POST /Users`
    Create,
    /// `GET /Users/{id}`
    Read(Id),
    /// `PUT /Users/{id}`
    Replace(Id),
    /// `PATCH /Users/{id}`
    Patch(Id),
    /// `DELETE /Users/{id}`
    Delete(Id),
    /// `POST /Users/.search`, or `POST /.search` for every type.
    Search,
    /// `POST /Bulk`
    Bulk,
    /// `GET /Schemas` and the like.
    Discover(Discovery),
    /// `/Me` with any method (RFC 7644 section 3.11). It can't be forwarded: the method is not kept.
    Me,
}

/// What is asked about the service itself (RFC 7644 section 4).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Discovery {
    /// `GET /ServiceProviderConfig`
    ServiceProviderConfig,
    /// `GET /Schemas`, or one of them by its URN.
    Schemas(Option<Id>),
    /// `GET /ResourceTypes`, or one of them by its name.
    ResourceTypes(Option<Id>),
}

impl Discovery {
    /// The endpoint, without a slash.
    #[must_use]
    pub fn endpoint(&self) -> &'static str {
        match self {
            Self::ServiceProviderConfig => "ServiceProviderConfig",
            Self::Schemas(_) => "Schemas",
            Self::ResourceTypes(_) => "ResourceTypes",
        }
    }

    /// The one that is asked for.
    #[must_use]
    pub fn id(&self) -> Option<&Id> {
        match self {
            Self::ServiceProviderConfig => None,
            Self::Schemas(id) | Self::ResourceTypes(id) => id.as_ref(),
        }
    }
}

/// The kind of an operation, without its id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperationKind {
    /// As [`Operation::List`].
    List,
    /// As [`Operation::Create`].
    Create,
    /// As [`Operation::Read`].
    Read,
    /// As [`Operation::Replace`].
    Replace,
    /// As [`Operation::Patch`].
    Patch,
    /// As [`Operation::Delete`].
    Delete,
    /// As [`Operation::Search`].
    Search,
    /// As [`Operation::Bulk`].
    Bulk,
    /// As [`Operation::Discover`].
    Discover,
    /// As [`Operation::Me`].
    Me,
}

impl OperationKind {
    /// Every kind, with its word in packs, settings and metrics.
    pub const WORDS: &[(&str, Self)] = &[
        ("create", Self::Create),
        ("read", Self::Read),
        ("list", Self::List),
        ("replace", Self::Replace),
        ("patch", Self::Patch),
        ("delete", Self::Delete),
        ("search", Self::Search),
        ("bulk", Self::Bulk),
        ("discover", Self::Discover),
        ("me", Self::Me),
    ];

    /// Its place in [`OperationKind::WORDS`].
    #[must_use]
    pub fn number(self) -> usize {
        match self {
            Self::Create => 0,
            Self::Read => 1,
            Self::List => 2,
            Self::Replace => 3,
            Self::Patch => 4,
            Self::Delete => 5,
            Self::Search => 6,
            Self::Bulk => 7,
            Self::Discover => 8,
            Self::Me => 9,
        }
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::List => "list",
            Self::Replace => "replace",
            Self::Patch => "patch",
            Self::Delete => "delete",
            Self::Search => "search",
            Self::Bulk => "bulk",
            Self::Discover => "discover",
            Self::Me => "me",
        }
    }
}

impl Operation {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> OperationKind {
        match self {
            Self::List => OperationKind::List,
            Self::Create => OperationKind::Create,
            Self::Read(_) => OperationKind::Read,
            Self::Replace(_) => OperationKind::Replace,
            Self::Patch(_) => OperationKind::Patch,
            Self::Delete(_) => OperationKind::Delete,
            Self::Search => OperationKind::Search,
            Self::Bulk => OperationKind::Bulk,
            Self::Discover(_) => OperationKind::Discover,
            Self::Me => OperationKind::Me,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_names_its_kind() {
        assert_eq!(OperationKind::WORDS.len(), 10);
        for (word, kind) in OperationKind::WORDS {
            assert_eq!(kind.word(), *word);
            assert_eq!(OperationKind::WORDS[kind.number()].1, *kind);
        }
    }
}
