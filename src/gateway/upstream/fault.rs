//! What can go wrong between here and a backend. An error of the network says more than a client may know: it is
//! reduced to one word here, and goes nowhere else; why there is no TLS, [`handshake`](super::handshake) says in our words.

use std::error::Error;
use std::io;
use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, TimedOut, UnexpectedEof};

use crate::metrics::BackendHandles;

/// Why there is no answer of a backend, or not all of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamFault {
    /// Nobody listens at the backend's address.
    #[error("the backend refused the connection")]
    Refused,
    /// No connection for any other reason, such as no route.
    #[error("the backend can't be reached")]
    Unreachable,
    /// The backend's name has no address, or nobody could say.
    #[error("the backend's name could not be resolved")]
    Dns,
    /// No connection in time: name, TCP and TLS together.
    #[error("connecting to the backend took too long")]
    ConnectTimeout,
    /// The backend speaks no TLS, or its certificate is not to be trusted.
    #[error("no trusted TLS connection to the backend")]
    Tls,
    /// As many calls are on their way to this backend as may be, and none ended in time.
    #[error("too many calls are waiting for the backend")]
    Busy,
    /// The head of the answer did not come in time.
    #[error("the backend took too long to answer")]
    ResponseTimeout,
    /// The body of the answer stopped coming.
    #[error("the backend stopped amid its answer")]
    BodyTimeout,
    /// The connection ended before the head of the answer, or was reset amid its body.
    #[error("the backend dropped the connection")]
    Reset,
    /// The body of the answer ended too early.
    #[error("the backend's answer ended too early")]
    Truncated,
    /// The answer is no HTTP, or is ambiguous HTTP.
    #[error("the backend's answer is no HTTP that can be trusted")]
    Framing,
    /// The body of the answer is longer than may be.
    #[error("the backend's answer is too long")]
    TooLarge,
    /// The authorization server gave no token for the backend.
    #[error("the authorization server gave no token for the backend")]
    Grant,
}

impl UpstreamFault {
    /// Every fault.
    pub const ALL: [Self; 13] = [
        Self::Refused,
        Self::Unreachable,
        Self::Dns,
        Self::ConnectTimeout,
        Self::Tls,
        Self::Busy,
        Self::ResponseTimeout,
        Self::BodyTimeout,
        Self::Reset,
        Self::Truncated,
        Self::Framing,
        Self::TooLarge,
        Self::Grant,
    ];

    /// The fault in one word, for metrics and logs.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
            Self::Dns => "dns",
            Self::ConnectTimeout => "connect_timeout",
            Self::Tls => "tls",
            Self::Busy => "busy",
            Self::ResponseTimeout => "response_timeout",
            Self::BodyTimeout => "body_timeout",
            Self::Reset => "reset",
            Self::Truncated => "truncated",
            Self::Framing => "framing",
            Self::TooLarge => "too_large",
            Self::Grant => "grant",
        }
    }

    /// Whether the backend was too slow.
    #[must_use]
    pub const fn is_timeout(&self) -> bool {
        matches!(self, Self::ConnectTimeout | Self::ResponseTimeout | Self::BodyTimeout)
    }

    /// Why there is no connection.
    pub(super) fn of_connecting(error: &(dyn Error + 'static)) -> Self {
        causes(error).find_map(Self::of_connecting_cause).unwrap_or(Self::Unreachable)
    }

    fn of_connecting_cause(cause: &(dyn Error + 'static)) -> Option<Self> {
        if let Some(fault) = cause.downcast_ref::<Self>() {
            return Some(*fault);
        }
        if cause.is::<rustls::Error>() {
            return Some(Self::Tls);
        }
        match cause.downcast_ref::<io::Error>()?.kind() {
            ConnectionRefused => Some(Self::Refused),
            TimedOut => Some(Self::ConnectTimeout),
            // There was a connection, and the peer left it amid the handshake of TLS.
            UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe => Some(Self::Tls),
            _ => None,
        }
    }

    /// Why there is no head of an answer on a connection that was made.
    pub(super) fn of_answering(error: &(dyn Error + 'static)) -> Self {
        let dropped = causes(error).any(|cause| match cause.downcast_ref::<hyper::Error>() {
            Some(error) => error.is_incomplete_message() || error.is_closed() || error.is_canceled(),
            None => cause.is::<io::Error>(),
        });
        if dropped { Self::Reset } else { Self::Framing }
    }

    /// Why the rest of a body doesn't come.
    pub(super) fn of_body(error: &(dyn Error + 'static)) -> Self {
        let kind = causes(error).find_map(|cause| Some(cause.downcast_ref::<io::Error>()?.kind()));
        match kind {
            Some(UnexpectedEof) => Self::Truncated,
            Some(ConnectionReset | ConnectionAborted | BrokenPipe) => Self::Reset,
            Some(_) => Self::Framing,
            None => Self::Truncated,
        }
    }

    /// Counts itself.
    pub(super) fn count(self, handles: &BackendHandles) -> Self {
        handles.failed(self.reason());
        self
    }
}

/// An error and its causes, outermost first. `io::Error::source` skips the error that it wraps; this doesn't.
pub(super) fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error: &&'e (dyn Error + 'static)| match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_know_each_reason() {
        for fault in UpstreamFault::ALL {
            assert!(BackendHandles::reasons().contains(&fault.reason()), "{fault:?}");
        }
    }

    #[test]
    fn a_cause_is_found_below_layers_of_io_errors() {
        let inner = io::Error::new(io::ErrorKind::InvalidData, rustls::Error::DecryptError);
        assert_eq!(UpstreamFault::of_connecting(&io::Error::other(inner)), UpstreamFault::Tls);
        let refused = io::Error::other(io::Error::from(ConnectionRefused));
        assert_eq!(UpstreamFault::of_connecting(&refused), UpstreamFault::Refused);
        assert_eq!(UpstreamFault::of_connecting(&io::Error::other("no route")), UpstreamFault::Unreachable);
    }
}
