//! Closed lists of label values. What is on no list is counted as the list's word for it.

use std::array;
use std::sync::OnceLock;

use prometheus::{IntCounter, IntCounterVec};

/// Counted in place of a reason that its list doesn't know.
pub(super) const OTHER: &str = "other";

/// The methods of RFC 9110 and PATCH. Last, OpenTelemetry's word for any other.
pub(super) const METHODS: [&str; 10] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE", "_OTHER"];

/// The methods that can change something at a backend.
pub(super) const WRITES: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// Why a request has no valid token.
pub(super) const AUTH_FAILURES: &[&str] = &["missing", "malformed", "duplicate", "unknown", "expired", OTHER];

/// What is wrong with how a request is written.
pub(super) const REJECTIONS: &[&str] = &[
    "path",
    "method",
    "header",
    "framing",
    "json",
    "size",
    "depth",
    "duplicate_key",
    "content_type",
    "encoding",
    "expect",
    "host",
    OTHER,
];

/// Why a call to a backend failed.
pub(super) const UPSTREAM_FAULTS: &[&str] = &[
    "refused",
    "dns",
    "connect_timeout",
    "unreachable",
    "tls",
    "busy",
    "response_timeout",
    "body_timeout",
    "reset",
    "truncated",
    "framing",
    "too_large",
    "grant",
    OTHER,
];

/// The status codes whose series are kept at hand. Any other is looked up.
const CODES: [u16; 22] =
    [200, 201, 204, 304, 400, 401, 403, 404, 405, 408, 409, 412, 413, 415, 429, 431, 499, 500, 501, 502, 503, 504];

/// Codes that alerts watch: their series exist before the first of them, so that a rate sees it.
const WATCHED: [u16; 4] = [500, 502, 503, 504];

/// Which limit a call went over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Calls with one token.
    Token,
    /// Calls on one connection.
    Connection,
    /// Wrong guesses of a token from one source.
    Source,
    /// Requests that the whole gateway answers at the same time.
    Gateway,
    /// What may be taken away through one connection.
    Brake,
    /// Calls that a backend lets itself be called.
    Backend,
}

/// What is reloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reload {
    /// `gateway.yaml` and the packs it names.
    Config,
    /// The token store.
    Tokens,
    /// The server's certificates.
    Certificates,
}

/// The part of a client's socket's life that took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The TLS handshake.
    Tls,
    /// The first byte of a request.
    FirstByte,
    /// The rest of its head.
    Head,
    /// Its body.
    Body,
    /// The wait for another request.
    Idle,
    /// The client's taking of its answer.
    Write,
}

impl Limit {
    pub(super) const ALL: [Self; 6] =
        [Self::Token, Self::Connection, Self::Source, Self::Gateway, Self::Brake, Self::Backend];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Connection => "connection",
            Self::Source => "source",
            Self::Gateway => "gateway",
            Self::Brake => "brake",
            Self::Backend => "backend",
        }
    }
}

impl Reload {
    pub(super) const ALL: [Self; 3] = [Self::Config, Self::Tokens, Self::Certificates];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Tokens => "tokens",
            Self::Certificates => "certificates",
        }
    }
}

impl Phase {
    pub(super) const ALL: [Self; 6] = [Self::Tls, Self::FirstByte, Self::Head, Self::Body, Self::Idle, Self::Write];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::FirstByte => "first_byte",
            Self::Head => "head",
            Self::Body => "body",
            Self::Idle => "idle",
            Self::Write => "write",
        }
    }
}

/// The place of a method in [`METHODS`].
pub(super) fn method(name: &str) -> usize {
    METHODS.iter().position(|known| *known == name).unwrap_or(METHODS.len() - 1)
}

/// The word itself if the list has it, else the list's word for others.
pub(super) fn one_of(list: &[&'static str], word: &str) -> &'static str {
    list.iter().find(|known| **known == word).copied().unwrap_or(OTHER)
}

/// Counters of one family by status code, its last label.
#[derive(Debug)]
pub(super) struct Codes {
    family: IntCounterVec,
    labels: Vec<String>,
    kept: [OnceLock<IntCounter>; CODES.len()],
}

impl Codes {
    /// The counters with these first labels.
    pub(super) fn new(family: &IntCounterVec, labels: &[&str]) -> Self {
        let labels = labels.iter().map(|&label| label.to_owned()).collect();
        let codes = Self { family: family.clone(), labels, kept: array::from_fn(|_| OnceLock::new()) };
        for code in WATCHED {
            codes.of(&code.to_string());
        }
        codes
    }

    /// Counts one more with this code.
    pub(super) fn add(&self, code: u16) {
        let kept = CODES.iter().position(|known| *known == code).and_then(|place| self.kept.get(place));
        match kept {
            Some(kept) => kept.get_or_init(|| self.of(&code.to_string())).inc(),
            None => self.of(&code.to_string()).inc(),
        }
    }

    /// Counts one more without a code.
    pub(super) fn add_none(&self) {
        self.of("none").inc();
    }

    fn of(&self, code: &str) -> IntCounter {
        let labels: Vec<&str> = self.labels.iter().map(String::as_str).chain([code]).collect();
        self.family.with_label_values(&labels)
    }
}
