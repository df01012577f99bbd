//! What a backend does with one type of resource, and how much of it at once.

use crate::scim::AttrPath;

use super::{Able, Filtering};

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
    /// `repeats:` whether it calls it done to add a member who is there, and to remove one who isn't.
    pub repeats: bool,
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
            repeats: true,
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
