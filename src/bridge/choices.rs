//! What only the owner of a connection can decide. Without a choice, calls are what they say.

use crate::scim::{OperationKind, Resource};

use super::{Bridge, Deactivation, Deletion, Lifecycle};

/// The choices of one connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// `lifecycle`: what becomes of accounts that go.
    pub lifecycle: Lifecycle,
    /// `conflict`: what becomes of a user who is created and there already.
    pub conflict: Conflict,
    /// `put-merge`: whether a PUT keeps what it leaves out.
    pub merges: bool,
}

impl Choices {
    /// The bridge over which such calls may go because of them: their bodies have to be seen, and others have to wait.
    #[must_use]
    pub fn bridge(self, resource: &Resource, kind: OperationKind) -> Option<Bridge> {
        let is_user = *resource == Resource::User;
        let deletes = is_user && self.lifecycle.deactivation == Deactivation::Delete;
        match kind {
            OperationKind::Create if is_user && self.conflict == Conflict::Reactivate => Some(Bridge::Conflict),
            OperationKind::Delete if is_user && self.lifecycle.deletion != Deletion::Pass => Some(Bridge::Lifecycle),
            OperationKind::Patch | OperationKind::Replace if deletes => Some(Bridge::Lifecycle),
            OperationKind::Replace if self.merges => Some(Bridge::PutMerge),
            _ => None,
        }
    }
}

/// What a connection does where a user who is created is there already, switched off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Conflict {
    /// The backend's 409 is passed on.
    #[default]
    Pass,
    /// They are brought back.
    Reactivate,
}

impl Conflict {
    /// The words of `conflict`.
    pub const WORDS: &[(&str, Self)] = &[("pass", Self::Pass), ("reactivate", Self::Reactivate)];
}
