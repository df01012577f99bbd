//! The way to a backend: one request out, one answer back, and a closed list of what can go wrong in between.
//!
//! [`Upstream`] is what a call sees, so that the rehearsal and the tests can play a backend. [`HttpUpstream`] is the one
//! that has sockets. Not here: what is sent (`exchange`) and what an answer means (`answer`).
//!
//! The promise: a backend never gets a write twice. A write is sent again only if not one byte of it has left, which
//! is known in two cases: there was no connection, or `hyper` handed the request back untouched. A connection that ended
//! before the answer proves nothing; the backend may have read, and done, everything.

mod body;
mod connect;
mod fault;
mod grant;
mod handshake;
mod http;
mod line;
#[cfg(test)]
mod opened;
mod pool;
#[cfg(test)]
mod tests;

use std::future::Future;

use ::http::{Request, Response};
use bytes::Bytes;

pub use body::UpstreamBody;
pub use connect::{Identity, Trust, TrustFault};
pub use fault::UpstreamFault;
pub use grant::GrantSettings;
pub use http::{HttpSettings, HttpUpstream};

/// The way to a backend.
pub trait Upstream: Send + Sync + 'static {
    /// Sends one request, whose URL is absolute, and waits for the head of the answer.
    ///
    /// # Errors
    /// There is no answer. Whether a write has happened all the same is then not known, but for the faults that say
    /// that it was never sent.
    fn call(
        &self,
        request: Request<Bytes>,
        retry: Retry,
    ) -> impl Future<Output = Result<Response<UpstreamBody>, UpstreamFault>> + Send;
}

/// When a request may be sent a second time. There is never a third.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It changes nothing at the backend: also when its connection ended before the answer.
    Read,
    /// It does: only when not one byte of it was sent.
    Write,
}
