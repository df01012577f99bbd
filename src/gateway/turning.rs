//! What a connection's owner has chosen is done to a call before it takes its way to the backend: some calls become others.

use crate::bridge::{self, Answer, Ask, Bridge, Choices, Created, Deactivation, Deletion, Exchange, Loss, One, Turned};
use crate::rules::Can;
use crate::rules::can::Tags;
use crate::scim::{ErrorStatus, Operation, Resource, ScimError, Target};

use super::answer::Sent;
use super::exchange::ToBackend;
use super::refusal::Refusal;
use super::upstream::Upstream;

/// The choices of a connection, before its backend.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    choices: Choices,
    /// The backend keeps to `If-Match`.
    has_tags: bool,
}

/// What a call has become.
#[derive(Debug)]
pub enum Turn<'v> {
    /// It goes on so, and its answer is made what its client expects.
    Goes(Ask<'v>, Ending),
    /// It has been answered.
    Answered(Answer<Sent>),
    /// A POST has been sent, and answered so.
    Created(Answer<Sent>),
    /// The backend's pack has left nothing to ask.
    Unasked,
}

/// What becomes of the answer to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing.
    Answered,
    /// It is one to a DELETE.
    Deleted,
    /// It is one to a POST.
    Created,
}

impl Turns {
    /// These choices before a backend that can so much.
    #[must_use]
    pub fn new(choices: Choices, can: &Can) -> Self {
        Self { choices, has_tags: can.etag != Tags::No }
    }

    /// Whether any write becomes another one, of several calls.
    #[must_use]
    pub fn any(&self) -> bool {
        self.choices.turn_writes()
    }

    /// Whether some users aren't to be seen.
    #[must_use]
    pub fn hides(&self) -> bool {
        self.choices.hide_inactive()
    }

    /// The bridge over which such a call may go, if it may become another one.
    #[must_use]
    pub fn bridge(&self, target: &Target) -> Option<Bridge> {
        self.choices.bridge(target.resource.as_ref()?, target.operation.kind())
    }

    /// Makes of a call what its connection wants.
    ///
    /// # Errors
    /// 403 for a DELETE that isn't wanted, and whatever the bridge or the exchange refuses.
    pub async fn turn<'v, U: Upstream>(
        &self,
        exchange: &mut ToBackend<'_, U>,
        ask: Ask<'v>,
        may_read: bool,
    ) -> Result<Turn<'v>, Refusal> {
        match (&ask.target.operation, One::of(&ask.target)) {
            (Operation::Create, _) => created(exchange, ask).await,
            (Operation::List | Operation::Search, _) => {
                exchange.over(Bridge::Lifecycle);
                Ok(Turn::Goes(bridge::of_active(ask)?, Ending::Answered))
            }
            (Operation::Read(id), _) => {
                exchange.over(Bridge::Lifecycle);
                let one = One { resource: Resource::User, id: id.clone() };
                Ok(match bridge::read_active(exchange, &one, ask).await? {
                    Turned::Goes(same) => Turn::Goes(same, Ending::Answered),
                    Turned::Answered(answer) => Turn::Answered(answer),
                })
            }
            (Operation::Delete(_), Some(_)) if self.choices.lifecycle.deletion == Deletion::Reject => {
                let detail = "accounts are not deleted through this connection; deactivate them";
                Err(ScimError::new(ErrorStatus::Forbidden, detail).into())
            }
            (Operation::Delete(_), Some(one)) => {
                exchange.over(Bridge::Lifecycle);
                Ok(Turn::Goes(bridge::switched_off(&one, ask.conditions), Ending::Deleted))
            }
            (_, Some(one)) => self.written(exchange, &one, ask, may_read).await,
            _ => Ok(Turn::Goes(ask, Ending::Answered)),
        }
    }

    async fn written<'v, U: Upstream>(
        &self,
        exchange: &mut ToBackend<'_, U>,
        one: &One,
        mut ask: Ask<'v>,
        may_read: bool,
    ) -> Result<Turn<'v>, Refusal> {
        let deletes = self.choices.lifecycle.deactivation == Deactivation::Delete && one.resource == Resource::User;
        if deletes && bridge::loss(&ask.target, ask.body.value(), None) != Loss::Counted(0) {
            exchange.over(Bridge::Lifecycle);
            match bridge::deactivation_as_delete(exchange, self.has_tags, one, ask, may_read).await? {
                Turned::Goes(same) => ask = same,
                Turned::Answered(answer) => return Ok(Turn::Answered(answer)),
            }
        }
        if self.choices.merges && matches!(ask.target.operation, Operation::Replace(_)) {
            exchange.over(Bridge::PutMerge);
            match bridge::put_merge(exchange, self.has_tags, one, ask).await? {
                Turned::Goes(filled) => ask = filled,
                Turned::Answered(answer) => return Ok(Turn::Answered(answer)),
            }
        }
        Ok(Turn::Goes(ask, Ending::Answered))
    }
}

async fn created<'v, U: Upstream>(exchange: &mut ToBackend<'_, U>, ask: Ask<'v>) -> Result<Turn<'v>, Refusal> {
    match bridge::create_or_find(exchange, ask).await? {
        None => Ok(Turn::Unasked),
        Some(Created::Answered(answer)) => Ok(Turn::Created(answer)),
        Some(Created::Returns(one, wanted)) => {
            exchange.over(Bridge::Conflict);
            Ok(Turn::Goes(bridge::bring_back(&one, wanted), Ending::Created))
        }
    }
}

impl Ending {
    /// The answer as the client expects it.
    pub fn of<U: Upstream>(self, exchange: &ToBackend<'_, U>, answer: Answer<Sent>) -> Answer<Sent> {
        match self {
            Self::Answered => answer,
            Self::Deleted => bridge::as_deleted(exchange, answer),
            Self::Created if answer.status == 200 => Answer { status: 201, ..answer },
            Self::Created => answer,
        }
    }
}
