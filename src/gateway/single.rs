//! One call that may be made, all the way: read, mended, through the client's packs, cleared, over the bridges that it needs
//! to its backend, and back.
//!
//! It is the one way for a call of its own, for an operation of a Bulk request, and for one type's part of a search over
//! every type.

use std::sync::Arc;

use http::HeaderValue;

use crate::access::{Caller, Permit};
use crate::bridge::{Answer, Content};
use crate::rules::{Head, Media};
use crate::scim::Version;

use super::answer::Sent;
use super::call::Call;
use super::connection::Connection;
use super::exchange::{Onward, ToBackend};
use super::message::{Left, Start};
use super::purse::Purse;
use super::record::Record;
use super::refusal::Refusal;
use super::upstream::Upstream;
use super::{crossing, edge, message, reply};

/// Who calls, and where: all that calls have in common which come in one request.
#[derive(Debug)]
pub struct Single<'c, U> {
    /// Where it has come.
    pub connection: &'c Connection<U>,
    /// Who sends it.
    pub caller: &'c Caller,
    /// The head of the request.
    pub head: Arc<Head>,
    /// What its body is written in.
    pub media: Option<Media>,
    /// Under which id it is known.
    pub request_id: HeaderValue,
    /// What it may cost, where it is made of several calls.
    pub purse: Option<Purse>,
}

impl<U: Upstream> Single<'_, U> {
    /// Makes a call with this body.
    ///
    /// # Errors
    /// Whatever refuses it on its way.
    pub async fn make(
        &self,
        mut call: Call,
        permit: Permit,
        body: Option<&[u8]>,
        record: &mut Record,
    ) -> Result<Answer<Sent>, Refusal> {
        let connection = self.connection;
        let mut watcher = connection.watcher.clone();
        message::repair_query(&mut call.query, &mut watcher);
        if connection.spoken.client.is_old() {
            edge::query(&mut call.query, &call.target, Version::Two)?;
        }
        let content = match body {
            Some(bytes) => self.content(&call, bytes)?,
            None => Content::None,
        };
        let cell = connection.plans.cell(&call.target);
        let mut onward = Onward::new(self.head.clone());
        onward.wanted = message::wanted(cell, &call.target, &call.query, &content);
        let start = Start { query: call.query.clone(), body: content, path: None };
        let left = match message::through(&cell.outer, &call.target, start, &mut onward, None, &mut watcher)? {
            Left::Answered(reply) => return Ok(reply::answered(&reply)),
            Left::Goes(left) => Some(left),
            Left::Nothing => None,
        };
        left.iter().try_for_each(|left| message::identifies(&call.target, &left.body))?;

        let cleared = permit.clear(&connection.brake);
        let (asked, request_id) = (&call.target, self.request_id.clone());
        let exchange = ToBackend::new(cleared, connection, record, request_id, asked, self.media, onward);
        let mut exchange = exchange.out_of(self.purse.clone());
        crossing::cross(&mut exchange, &connection.ways, &call, left, self.caller).await
    }

    fn content<'b>(&self, call: &Call, bytes: &'b [u8]) -> Result<Content<'b>, Refusal> {
        let connection = self.connection;
        let mut watcher = connection.watcher.clone();
        let is_direct = !connection.ways.looks_at(&call.target)
            && !connection.brake.is_on()
            && !connection.backend.budget.looks_at(call.target.operation.kind());
        if is_direct && connection.spoken.is_new() {
            let cell = connection.plans.cell(&call.target);
            if let Some(bytes) = message::streamed(cell, &call.query, bytes, &connection.inwards, &watcher) {
                return Ok(Content::Ready(bytes));
            }
        }
        Ok(message::read(&call.target, bytes, connection.spoken.client, &mut watcher)?)
    }
}
