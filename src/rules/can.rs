//! What a backend can do: `can:` of its pack.
//!
//! A key that is absent means all that RFC 7643 and RFC 7644 say, so `can` holds only what is missing or limited. Every
//! name in it is a standard one. These are facts about the backend: what is done about them is not said here.

mod budget;
mod queries;
mod read;
mod verbs;

use crate::scim::{OperationKind, Resource, Version};

use super::rule::{Rule, To};

pub use budget::{Budget, Rate};
pub use queries::{Filtering, Index, Logic, Operator, Paging};
pub use verbs::{Creating, Form, MemberChange, Patching, Reading, Replacing, Verbs};

/// What a backend can do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Can {
    /// `users:` what it does with users.
    pub users: Verbs,
    /// `groups:` what it does with groups.
    pub groups: Verbs,
    /// `filter:` how it filters (RFC 7644 section 3.4.2.2).
    pub filter: Able<Filtering>,
    /// `page:` how it pages. `false`: every list is the whole list.
    pub page: Able<Paging>,
    /// `sort:` whether it sorts (RFC 7644 section 3.4.2.3).
    pub sort: Able<()>,
    /// `etag:` whether it versions resources and keeps to `If-Match` (RFC 7644 section 3.14).
    pub etag: Tags,
    /// `attributes:` whether it keeps to `attributes` and `excludedAttributes` (RFC 7644 section 3.9).
    pub attributes: Able<()>,
    /// `bulk:` whether it has `/Bulk` (RFC 7644 section 3.7).
    pub bulk: Able<Bulk>,
    /// `search:` whether it has `/.search` (RFC 7644 section 3.4.3).
    pub search: Able<()>,
    /// `me:` whether it has `/Me` (RFC 7644 section 3.11).
    pub me: Able<()>,
    /// `discovery:` whether it has all three discovery endpoints (RFC 7644 section 4).
    pub discovery: Able<()>,
    /// `limits:` how much of it one call may use, where that is not the usual.
    pub limits: Bounds,
    /// `budget:` how often it lets itself be called.
    pub budget: Budget,
    /// `media:` what it wants to be spoken to in.
    pub media: Media,
    /// `scim:` which version of SCIM it speaks.
    pub scim: Version,
}

/// `true` or absent: as the RFC says. `false`: not at all. A mapping: so far.
#[derive(Clone, Debug, PartialEq)]
pub enum Able<T> {
    /// Not at all.
    No,
    /// With these limits.
    Yes(T),
}

impl<T: Default> Default for Able<T> {
    fn default() -> Self {
        Self::Yes(T::default())
    }
}

impl<T> Able<T> {
    /// Its limits; nothing if it can't at all.
    pub fn limits(&self) -> Option<&T> {
        match self {
            Self::No => None,
            Self::Yes(limits) => Some(limits),
        }
    }
}

/// What a backend does with `If-Match`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tags {
    /// `false`: nothing.
    No,
    /// `true` or absent: it keeps to it.
    #[default]
    Kept,
    /// `required`: it changes nothing without (SCIM 1.1 lets a server have it so).
    Required,
}

/// How much of a backend one call may use, where a bridge makes several of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// `scan:` the most resources that are read.
    pub scan: Option<u32>,
    /// `writes:` the most that is written.
    pub writes: Option<u32>,
}

/// Limits of Bulk.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Bulk {
    /// `max-operations:` the most operations in one request.
    pub max_operations: Option<u32>,
}

/// The media type in which a backend wants to be spoken to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Media {
    /// `application/scim+json` (RFC 7644 section 8.1).
    #[default]
    Scim,
    /// `application/json`, for servers older than the registered type.
    Json,
}

impl Media {
    /// The words of `media:`, for reading a pack.
    pub const WORDS: &[(&str, Self)] = &[("application/scim+json", Self::Scim), ("application/json", Self::Json)];

    /// The media type as it stands in `Content-Type` and `Accept`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scim => "application/scim+json",
            Self::Json => "application/json",
        }
    }
}

impl Can {
    /// What it does with resources of this type; nothing where the pack doesn't speak of them.
    #[must_use]
    pub fn verbs(&self, resource: &Resource) -> Option<&Verbs> {
        match resource {
            Resource::User => Some(&self.users),
            Resource::Group => Some(&self.groups),
            _ => None,
        }
    }

    /// How it filters resources of this type.
    #[must_use]
    pub fn filter_of(&self, resource: &Resource) -> &Able<Filtering> {
        self.verbs(resource).and_then(|verbs| verbs.filter.as_ref()).unwrap_or(&self.filter)
    }

    /// Whether there are groups at all.
    #[must_use]
    pub fn has_groups(&self) -> bool {
        use OperationKind::{Create, Patch, Read, Replace};
        [Create, Read, Replace, Patch].into_iter().any(|kind| !self.lacks(&Resource::Group, kind))
    }

    /// Whether it is known not to have this operation on resources of this type.
    #[must_use]
    pub fn lacks(&self, resource: &Resource, operation: OperationKind) -> bool {
        let Some(verbs) = self.verbs(resource) else { return false };
        match operation {
            OperationKind::Create => verbs.create == Able::No,
            OperationKind::Read | OperationKind::List => verbs.read == Able::No,
            OperationKind::Replace => verbs.replace == Able::No,
            OperationKind::Patch => verbs.patch == Able::No,
            OperationKind::Delete => verbs.delete == Able::No,
            OperationKind::Search => self.search == Able::No || verbs.read == Able::No,
            _ => false,
        }
    }

    /// Whether a rule waits for calls alone that the backend can't answer. One towards the client may repair just that
    /// refusal.
    pub(super) fn rules_out(&self, rule: &Rule) -> bool {
        let (resources, operations) = (&rule.when.resources, &rule.when.operations);
        let mut calls = resources.iter().flat_map(|one| operations.iter().map(move |operation| (one, *operation)));
        let names_calls = !resources.is_empty() && !operations.is_empty() && rule.to == To::Backend;
        names_calls && calls.all(|(resource, operation)| self.lacks(resource, operation))
    }
}

#[cfg(test)]
mod tests;
