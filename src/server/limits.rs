//! How long, how large, how many: every limit of a listener in one place, each with its reason.

use std::time::Duration;

/// The limits of one listener. A reload doesn't change those of connections that are open.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Until the first bytes that tell the protocol: whoever connects and says nothing holds a descriptor.
    pub first_byte: Duration,
    /// For the TLS handshake.
    pub tls: Duration,
    /// From the first byte of a request's head to its last, however steadily it drips.
    pub head: Duration,
    /// Between two pieces of a request's body.
    pub body_idle: Duration,
    /// For a request's whole body.
    pub body_total: Duration,
    /// Between two requests on a connection. Longer than most clients' own, so that they are the ones who close.
    pub keep_alive: Duration,
    /// For a client to take a piece of an answer.
    pub write: Duration,
    /// Between two HTTP/2 pings, which find peers that are gone.
    pub ping: Duration,
    /// For the answer to an HTTP/2 ping.
    pub pong: Duration,
    /// For what is in flight when the process is told to stop.
    pub drain: Duration,
    /// Connections that are open at the same time; more are closed at once.
    pub connections: usize,
    /// Requests that are answered at the same time; more get 503. It bounds the memory held in bodies.
    pub requests: usize,
    /// Streams that are open at the same time on an HTTP/2 connection.
    pub streams: u32,
    /// Bytes of a request's target.
    pub target: usize,
    /// Bytes of a request's header fields over HTTP/1.1. Over HTTP/2 it is at most [`HTTP2_HEADERS`].
    pub headers: usize,
}

/// Bytes of a request's header list over HTTP/2 (RFC 9113 section 6.5.2).
pub const HTTP2_HEADERS: u32 = 16 * 1024;

/// Bytes that an HTTP/2 stream may send before it is read.
pub const STREAM_WINDOW: u32 = 64 * 1024;

/// Bytes that an HTTP/2 connection may send before they are read.
pub const CONNECTION_WINDOW: u32 = 1024 * 1024;

impl Default for Limits {
    fn default() -> Self {
        Self {
            first_byte: Duration::from_secs(5),
            tls: Duration::from_secs(10),
            head: Duration::from_secs(10),
            body_idle: Duration::from_secs(10),
            body_total: Duration::from_secs(60),
            keep_alive: Duration::from_secs(60),
            write: Duration::from_secs(30),
            ping: Duration::from_secs(20),
            pong: Duration::from_secs(10),
            drain: Duration::from_secs(30),
            connections: 4096,
            requests: 1024,
            streams: 100,
            target: 8 * 1024,
            headers: 32 * 1024,
        }
    }
}

impl Limits {
    /// How often a connection's clock is looked at: often enough to keep the shortest limit to within a quarter.
    pub(super) fn tick(&self) -> Duration {
        let shortest = self.head.min(self.keep_alive).min(self.write);
        (shortest / 4).max(Duration::from_millis(5))
    }
}
