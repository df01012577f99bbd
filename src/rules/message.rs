//! What a rule can meet in a request, besides where it came from.

use crate::json::Value;
use crate::scim::{OperationKind, Resource, ScimError};

use super::head::{Envelope, Scene};
use super::selection::Selection;

/// One request between two packs: its parts as rules see them.
#[derive(Clone, Debug)]
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
    /// What surrounds them.
    pub envelope: Envelope,
}

impl Request<'_> {
    /// The request as text, for `explain`.
    #[must_use]
    pub fn show(&self) -> String {
        let body = self.body.value().map(Value::pretty).unwrap_or_default();
        format!("{}{}{body}", self.envelope.show(), self.selection.show())
    }

    /// What a rule may name.
    #[must_use]
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            id: self.id.as_deref(),
            resource: self.resource.as_ref(),
            operation: self.operation,
            scene: Scene { head: Some(&self.envelope.head), status: None },
        }
    }
}

/// The body of a request.
#[derive(Clone, Debug)]
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

impl<'v> Body<'v> {
    /// The document.
    #[must_use]
    pub fn value(&self) -> Option<&Value<'v>> {
        match self {
            Self::None => None,
            Self::Resource(value) | Self::Patch(value) | Self::Search(value) => Some(value),
        }
    }
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
    /// What else conditions may ask.
    pub scene: Scene<'r>,
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
    /// What it names isn't there, or is as it should be.
    Absent,
    /// Its condition doesn't hold.
    Condition,
    /// It could not act, and says `on-error: skip`.
    Failed,
    /// It is in shadow: something would have changed.
    Shadow,
}

impl Why {
    /// The reason in words, for `explain`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "it found nothing to change",
            Self::Condition => "its condition does not hold",
            Self::Failed => "it could not act, and is to be skipped then",
            Self::Shadow => "it is in shadow; enforced, it would have changed something",
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
