//! How long, how large, how many: `timeouts:` and `limits:`.

use std::time::Duration;

use crate::fault::Faults;
use crate::yaml::Node;

use super::units;

/// How long clients may take. Each is a duration from 1 ms to 1 h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// `first-byte`: until a new connection says something. 5 s.
    pub first_byte: Duration,
    /// `tls`: for the handshake. 10 s.
    pub tls: Duration,
    /// `head`: for the head of a request, first byte to last. 10 s.
    pub head: Duration,
    /// `body-idle`: between two pieces of a request's body. 10 s.
    pub body_idle: Duration,
    /// `body-total`: for the whole body of a request. 60 s.
    pub body_total: Duration,
    /// `keep-alive`: between two requests on a connection. 60 s.
    pub keep_alive: Duration,
    /// `write`: for a client to take a piece of an answer. 30 s.
    pub write: Duration,
    /// `drain`: for what is in flight when the gateway is told to stop. 30 s.
    pub drain: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            first_byte: seconds(5),
            tls: seconds(10),
            head: seconds(10),
            body_idle: seconds(10),
            body_total: seconds(60),
            keep_alive: seconds(60),
            write: seconds(30),
            drain: seconds(30),
        }
    }
}

impl Timeouts {
    pub(super) fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("timeouts", faults)?;
        let mut timeouts = Self::default();
        for (name, value) in [
            ("first-byte", &mut timeouts.first_byte),
            ("tls", &mut timeouts.tls),
            ("head", &mut timeouts.head),
            ("body-idle", &mut timeouts.body_idle),
            ("body-total", &mut timeouts.body_total),
            ("keep-alive", &mut timeouts.keep_alive),
            ("write", &mut timeouts.write),
            ("drain", &mut timeouts.drain),
        ] {
            if let Some(duration) = fields.take(name).and_then(|node| units::duration(node, name, faults)) {
                *value = duration;
            }
        }
        fields.finish(faults);
        Some(timeouts)
    }
}

/// How much, and how many at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `connections`: sockets that are open at a time, 1 to 1,000,000; more are closed at once. 4096.
    pub connections: usize,
    /// `requests`: requests that are answered at a time, 1 to 1,000,000; more get 503. 1024.
    pub requests: usize,
    /// `streams`: streams on one HTTP/2 connection, 1 to 10,000. 100.
    pub streams: u32,
    /// `target`: bytes of a request's path and query. 8 KiB.
    pub target: usize,
    /// `headers`: bytes of a request's header fields. 32 KiB.
    pub headers: usize,
    /// `body`: bytes of a request's body. 1 MiB.
    pub body: usize,
    /// `group-body`: bytes of the body of a request about a group, which may name every member. 16 MiB.
    pub group_body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            requests: 1024,
            streams: 100,
            target: 8 << 10,
            headers: 32 << 10,
            body: 1 << 20,
            group_body: 16 << 20,
        }
    }
}

impl Limits {
    pub(super) fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("limits", faults)?;
        let mut limits = Self::default();
        for (name, value) in [("connections", &mut limits.connections), ("requests", &mut limits.requests)] {
            let number = fields.take(name).and_then(|node| node.whole(name, 1..=1_000_000, faults));
            *value = number.and_then(|number| usize::try_from(number).ok()).unwrap_or(*value);
        }
        let streams = fields.take("streams").and_then(|node| node.whole("streams", 1..=10_000, faults));
        limits.streams = streams.and_then(|number| u32::try_from(number).ok()).unwrap_or(limits.streams);
        for (name, value) in [
            ("target", &mut limits.target),
            ("headers", &mut limits.headers),
            ("body", &mut limits.body),
            ("group-body", &mut limits.group_body),
        ] {
            *value = fields.take(name).and_then(|node| units::size(node, name, faults)).unwrap_or(*value);
        }
        fields.finish(faults);
        Some(limits)
    }
}
