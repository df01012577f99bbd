//! A backend that answers from a script.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{Request, Response};

use super::super::upstream::{Retry, Upstream, UpstreamBody, UpstreamFault};
use super::notes::Notes;
use super::{Answered, Heard};

/// A backend that answers from a script.
#[derive(Clone, Debug)]
pub(super) struct Script {
    pub backend: String,
    pub notes: Arc<Mutex<Notes>>,
    pub answers: Arc<Mutex<VecDeque<Answered>>>,
}

impl Upstream for Script {
    async fn call(&self, request: Request<Bytes>, _retry: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let (head, body) = request.into_parts();
        let target = head.uri.to_string();
        let target = target.strip_prefix(&self.backend).unwrap_or(&target).to_owned();
        let mut notes = lock(&self.notes);
        notes.received.push(Heard { method: head.method, target, headers: head.headers, body });
        notes.back = true;
        drop(notes);
        let answer = lock(&self.answers).pop_front().ok_or(UpstreamFault::Refused)?;
        let mut response = Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(name, value);
        }
        response.body(UpstreamBody::scripted(answer.body.into_iter().map(Ok))).map_err(|_| UpstreamFault::Framing)
    }
}

/// A lock that a panic elsewhere doesn't spoil: what is noted is only ever appended.
pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
