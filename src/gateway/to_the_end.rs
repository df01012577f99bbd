//! A call that is made by a task of its own: once its body has come, it comes to its end, also when the client hangs up, since
//! the first of its writes alone is not what was asked. Its record is kept by the task, and told whoever waits.

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use tokio::sync::oneshot;

use crate::access::{Caller, Permit};
use crate::bridge::Answer;
use crate::rules::{Head, Media};

use super::answer::Sent;
use super::call::Call;
use super::connection::Connection;
use super::record::Record;
use super::refusal::Refusal;
use super::single::Single;
use super::upstream::{Upstream, UpstreamFault};

/// A call with all that it needs.
#[derive(Debug)]
pub struct Lasting<U> {
    /// Where it has come.
    pub connection: Arc<Connection<U>>,
    /// Who sends it.
    pub caller: Caller,
    /// What it asks.
    pub call: Call,
    /// It may.
    pub permit: Permit,
    /// The head of its request.
    pub head: Arc<Head>,
    /// Its body, and what that is written in.
    pub body: Option<(Media, Bytes)>,
    /// Under which id it is known.
    pub request_id: HeaderValue,
}

impl<U: Upstream> Lasting<U> {
    /// Makes it.
    ///
    /// # Errors
    /// Whatever refuses it on its way.
    pub async fn make(self, record: &mut Record) -> Result<Answer<Sent>, Refusal> {
        let mut own = record.hand_over();
        let (waits, comes) = oneshot::channel();
        tokio::spawn(async move {
            let answer = self.made(&mut own).await;
            // Nobody may wait for it any more: the record says what was done.
            let _ = waits.send((answer, own));
        });
        let (answer, own) = comes.await.map_err(|_| Refusal::Upstream(UpstreamFault::Reset))?;
        *record = own;
        answer
    }

    async fn made(self, record: &mut Record) -> Result<Answer<Sent>, Refusal> {
        let Self { connection, caller, call, permit, head, body, request_id } = self;
        let media = body.as_ref().map(|(media, _)| *media);
        let single = Single { connection: &connection, caller: &caller, head, media, request_id, purse: None };
        single.make(call, permit, body.as_ref().map(|(_, bytes)| &bytes[..]), record).await
    }
}
