//! What only the owner of a connection can decide. Without a choice, calls are what they say.

use crate::scim::{OperationKind, Resource};

use super::{Bridge, Deactivation, Deletion, Inactive, Lifecycle};

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
    /// Whether any write becomes another one, of several calls.
    #[must_use]
    pub fn turn_writes(self) -> bool {
        let lifecycle = Lifecycle { inactive: Inactive::Show, ..self.lifecycle };
        Self { lifecycle, ..self } != Self::default()
    }

    /// Whether accounts that are switched off aren't seen.
    #[must_use]
    pub fn hide_inactive(self) -> bool {
        self.lifecycle.inactive == Inactive::Hide
    }

    /// The bridge over which such calls may go because of them: their bodies have to be seen, and others have to wait.
    #[must_use]
    pub fn bridge(self, resource: &Resource, kind: OperationKind) -> Option<Bridge> {
        let is_user = *resource == Resource::User;
        let deletes = is_user && self.lifecycle.deactivation == Deactivation::Delete;
        let hides = is_user && self.hide_inactive();
        match kind {
            OperationKind::Read | OperationKind::List | OperationKind::Search if hides => Some(Bridge::Lifecycle),
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
