//! What a rule can meet in a request, besides where it came from.

use crate::json::Value;
use crate::scim::{OperationKind, Resource, ScimError};

use super::selection::Selection;

/// One request between two packs: its parts as rules see them.
#[derive(Debug)]
pub struct Request<'v> {
    /// What is asked.
    pub operation: OperationKind,
    /// Of which resource type; nothing at the root.
    pub resource: Option<Resource>,
    /// The id in the path, decoded.
    pub id: Option<String>,
    /// Which resources, in which order, and which of their attributes.
    pub selection: Selection,
    /// The body.
    pub body: Body<'v>,
}

impl Request<'_> {
    /// The request as text, for `explain`.
    #[must_use]
    pub fn show(&self) -> String {
        let body = match &self.body {
            Body::None => String::new(),
            Body::Resource(value) | Body::Patch(value) | Body::Search(value) => value.pretty(),
        };
        format!("{}{body}", self.selection.show())
    }
}

/// The body of a request.
#[derive(Debug)]
pub enum Body<'v> {
    /// There is none.
    None,
    /// A resource: POST and PUT.
    Resource(Value<'v>),
    /// A PATCH message (RFC 7644 section 3.5.2).
    Patch(Value<'v>),
    /// A search request (RFC 7644 section 3.4.3); rules see it as the selection.
    Search(Value<'v>),
}

/// What a rule that fills in values may name.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'r> {
    /// The id in the path, decoded.
    pub id: Option<&'r str>,
    /// The resource type.
    pub resource: Option<&'r Resource>,
    /// What is asked.
    pub operation: OperationKind,
}

/// What became of an action on one carrier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Something changed.
    Applied,
    /// Nothing changed.
    Skipped(Why),
}

/// Why an action changed nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// What it names isn't there.
    Absent,
    /// Its condition doesn't hold.
    Condition,
}

impl Why {
    /// The reason in words, for `explain`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "what it names is not there",
            Self::Condition => "its condition does not hold",
        }
    }
}

impl Verdict {
    /// Applied if something changed.
    #[must_use]
    pub fn of(changed: bool) -> Self {
        if changed { Self::Applied } else { Self::Skipped(Why::Absent) }
    }

    /// Whether something changed.
    #[must_use]
    pub fn is_applied(self) -> bool {
        self == Self::Applied
    }

    /// Applied if either was.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.is_applied() { self } else { other }
    }
}

/// A rule's no: the caller gets the error, the log the rule's name.
pub type Refused = ScimError;
