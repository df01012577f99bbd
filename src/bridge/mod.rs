//! Conversations with a backend that can't do a thing by itself: one bridge, one file.
//!
//! A bridge works on standard SCIM through the [`Exchange`] it is handed, so that tests drive it with a scripted one. It
//! knows neither rules nor sockets. A call that needs no bridge is one exchange: [`direct()`].

mod direct;
mod nobody;
mod readback;

use std::future::Future;

use crate::json::Value;
use crate::scim::{Query, ScimError, Target};

pub use direct::direct;
pub use nobody::nobody;
pub use readback::readback;

/// What is asked of the backend, in standard SCIM.
#[derive(Debug)]
pub struct Ask<'v> {
    /// What is asked, of what.
    pub target: Target,
    /// Which resources, and which of their attributes.
    pub query: Query,
    /// The body.
    pub body: Content<'v>,
    /// Preconditions (RFC 7644 section 3.14), as the backend knows them.
    pub conditions: Conditions,
}

/// The body of an ask.
#[derive(Debug)]
pub enum Content<'v> {
    /// There is none.
    None,
    /// Nothing has changed in it: the bytes as they came, and what they say.
    AsSent(&'v [u8], Value<'v>),
    /// Something has.
    Changed(Value<'v>),
    /// Already what the backend gets: no rule and no bridge looks at it any more.
    Ready(Vec<u8>),
}

impl<'v> Content<'v> {
    /// The bytes, where nothing has changed in them, and what they say.
    #[must_use]
    pub fn parts(self) -> (Option<&'v [u8]>, Option<Value<'v>>) {
        match self {
            Self::None | Self::Ready(_) => (None, None),
            Self::AsSent(bytes, value) => (Some(bytes), Some(value)),
            Self::Changed(value) => (None, Some(value)),
        }
    }
}

/// Preconditions of a request.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `If-None-Match`.
    pub if_none_match: Option<String>,
}

/// What came back: its head, and a body that may still be on its way.
#[derive(Debug)]
pub struct Answer<B> {
    /// The HTTP status.
    pub status: u16,
    /// `ETag`, as the client is to see it.
    pub etag: Option<String>,
    /// `Location`, as the client is to see it.
    pub location: Option<String>,
    /// Seconds to wait, from `Retry-After`.
    pub retry_after: Option<u32>,
    /// The body.
    pub body: B,
}

/// The one way to a backend. Made from a permit; every call goes through the backend's pack and back.
pub trait Exchange: Send {
    /// The body of an answer.
    type Body: Send;

    /// Why there is no answer.
    type Failure: From<ScimError> + Send;

    /// Makes one call; nothing if the backend's pack has left nothing to ask: of a PATCH no operation, of a query none
    /// that anything can match.
    fn call(&mut self, ask: Ask<'_>) -> impl Future<Output = Result<Option<Answer<Self::Body>>, Self::Failure>> + Send;

    /// An empty body.
    fn nothing(&self) -> Self::Body;

    /// A body that is here.
    fn text(&self, text: &'static str) -> Self::Body;
}
