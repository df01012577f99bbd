//! What a backend can do: `can:` of its pack.
//!
//! A key that is absent means all that RFC 7643 and RFC 7644 say, so `can` holds only what is missing or limited. Every
//! name in it is a standard one. These are facts about the backend: what is done about them is not said here.

mod read;

use crate::scim::{AttrPath, CompareOp, OperationKind, Resource};

use super::rule::Rule;

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
    pub etag: Able<()>,
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
    /// `media:` what it wants to be spoken to in.
    pub media: Media,
    /// `version:` which SCIM it speaks.
    pub version: Version,
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

/// What it does with one type of resource. `users: false`: it has none, and no endpoint for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Verbs {
    /// `create:` POST.
    pub create: Able<Creating>,
    /// `read:` GET of one and of many.
    pub read: Able<Reading>,
    /// `replace:` PUT.
    pub replace: Able<Replacing>,
    /// `patch:` PATCH.
    pub patch: Able<Patching>,
    /// `delete:` DELETE.
    pub delete: Able<()>,
    /// `filter:` where it filters these otherwise than `filter` of the whole says.
    pub filter: Option<Able<Filtering>>,
}

/// Limits of POST.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Creating {
    /// `max-members:` the most members in one request.
    pub max_members: Option<u32>,
}

/// Limits of GET.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// `hides:` attributes that it holds and never shows.
    pub hides: Vec<AttrPath>,
    /// `on-request:` attributes that it shows only where `attributes` names them.
    pub on_request: Vec<AttrPath>,
    /// `list-hides:` attributes that it shows of one resource, but not in a list.
    pub list_hides: Vec<AttrPath>,
}

/// Limits of PUT.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Replacing {
    /// `max-members:` the most members in one request.
    pub max_members: Option<u32>,
    /// `merges:` it keeps what the request leaves out, so that PUT clears nothing.
    pub merges: bool,
    /// `attributes:` the only ones that it changes; absent: all.
    pub attributes: Option<Vec<AttrPath>>,
}

/// Limits of PATCH.
#[derive(Clone, Debug, PartialEq)]
pub struct Patching {
    /// `form:` how operations must be written.
    pub form: Form,
    /// `members:` how the members of a group can be changed; absent: in every way.
    pub members: Vec<MemberChange>,
    /// `value-paths:` whether a path may hold a filter, as in `emails[type eq "work"].value`.
    pub value_paths: bool,
    /// `attributes:` the only ones that it changes; absent: all.
    pub attributes: Option<Vec<AttrPath>>,
    /// `max-operations:` the most operations in one request.
    pub max_operations: Option<u32>,
    /// `max-changes:` the most members that one request may add and remove together.
    pub max_changes: Option<u32>,
    /// `max-bytes:` the longest body, in bytes.
    pub max_bytes: Option<u32>,
}

impl Default for Patching {
    fn default() -> Self {
        Self {
            form: Form::AsSent,
            members: MemberChange::WORDS.iter().map(|(_, change)| *change).collect(),
            value_paths: true,
            attributes: None,
            max_operations: None,
            max_changes: None,
            max_bytes: None,
        }
    }
}

/// How PATCH operations must be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// In every form of RFC 7644 section 3.5.2.
    #[default]
    AsSent,
    /// Each with a path.
    Pathed,
    /// Without paths: the value is a part of the resource.
    Pathless,
    /// Without a path only if the value has one attribute.
    OneAttribute,
}

impl Form {
    /// The words of `form:`.
    pub const WORDS: &[(&str, Self)] = &[
        ("as-sent", Self::AsSent),
        ("pathed", Self::Pathed),
        ("pathless", Self::Pathless),
        ("one-attribute", Self::OneAttribute),
    ];
}

/// How the members of a group can be changed by PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// `add` of some.
    Add,
    /// `remove` with the path `members[value eq ".."]`.
    RemoveByFilter,
    /// `remove` with the path `members` and a list of those that go.
    RemoveByList,
    /// `replace` of all.
    Replace,
}

impl MemberChange {
    /// The words of `members:`.
    pub const WORDS: &[(&str, Self)] = &[
        ("add", Self::Add),
        ("remove-by-filter", Self::RemoveByFilter),
        ("remove-by-list", Self::RemoveByList),
        ("replace", Self::Replace),
    ];
}

/// Limits of filters.
#[derive(Clone, Debug, PartialEq)]
pub struct Filtering {
    /// `operators:` those that it knows; absent: all ten.
    pub operators: Vec<Operator>,
    /// `logic:` how it joins conditions; absent: in all three ways. `[]`: one condition and no more.
    pub logic: Vec<Logic>,
    /// `attributes:` the only ones that it filters by; absent: all.
    pub attributes: Option<Vec<AttrPath>>,
    /// `ne-absent:` whether `ne` also finds resources that lack the attribute.
    pub ne_absent: bool,
}

impl Default for Filtering {
    fn default() -> Self {
        Self {
            operators: Operator::WORDS.iter().map(|(_, operator)| *operator).collect(),
            logic: Logic::WORDS.iter().map(|(_, logic)| *logic).collect(),
            attributes: None,
            ne_absent: true,
        }
    }
}

/// An operator of filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// A comparison.
    Compare(CompareOp),
    /// `pr`: is there.
    Present,
}

impl Operator {
    /// The words of `operators:`.
    pub const WORDS: &[(&str, Self)] = &[
        ("eq", Self::Compare(CompareOp::Eq)),
        ("ne", Self::Compare(CompareOp::Ne)),
        ("co", Self::Compare(CompareOp::Co)),
        ("sw", Self::Compare(CompareOp::Sw)),
        ("ew", Self::Compare(CompareOp::Ew)),
        ("gt", Self::Compare(CompareOp::Gt)),
        ("ge", Self::Compare(CompareOp::Ge)),
        ("lt", Self::Compare(CompareOp::Lt)),
        ("le", Self::Compare(CompareOp::Le)),
        ("pr", Self::Present),
    ];
}

/// How conditions are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Logic {
    /// Both hold.
    And,
    /// One holds.
    Or,
    /// It doesn't hold.
    Not,
}

impl Logic {
    /// The words of `logic:`.
    pub const WORDS: &[(&str, Self)] = &[("and", Self::And), ("or", Self::Or), ("not", Self::Not)];
}

/// Limits of paging (RFC 7644 section 3.4.2.4, RFC 9865).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paging {
    /// `max:` the most resources on one page.
    pub max: Option<u32>,
    /// `default:` how many are on a page where the client doesn't say.
    pub default: Option<u32>,
    /// `index:` how a page is named.
    pub index: Index,
}

/// How a page is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Index {
    /// By `startIndex`, from 1.
    #[default]
    FromOne,
    /// By `cursor` only (RFC 9865).
    Cursor,
}

impl Index {
    /// The words of `index:`.
    pub const WORDS: &[(&str, Self)] = &[("1-based", Self::FromOne), ("cursor", Self::Cursor)];
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

/// Which SCIM a backend speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// SCIM 2.0 (RFC 7643, RFC 7644).
    #[default]
    Two,
    /// SCIM 1.1.
    OneOne,
}

impl Version {
    /// The words of `version:`.
    pub const WORDS: &[(&str, Self)] = &[("2.0", Self::Two), ("1.1", Self::OneOne)];
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

    /// Whether a rule waits for calls alone that the backend can't answer.
    pub(super) fn rules_out(&self, rule: &Rule) -> bool {
        let (resources, operations) = (&rule.when.resources, &rule.when.operations);
        let mut calls = resources.iter().flat_map(|one| operations.iter().map(move |operation| (one, *operation)));
        let names_calls = !resources.is_empty() && !operations.is_empty();
        names_calls && calls.all(|(resource, operation)| self.lacks(resource, operation))
    }
}

#[cfg(test)]
mod tests;
