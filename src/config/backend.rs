//! `backends:`, what stands behind the gateway.

use std::sync::Arc;
use std::time::Duration;

use crate::fault::{Fault, Faults};
use crate::rules::{Pack, Side};
use crate::yaml::{Key, Node, settle};

use super::credential::{self, Credential};
use super::packs::Packs;
use super::trust::{Identity, Trust};
use super::{Reader, units, url};

/// A backend.
#[derive(Clone, Debug)]
pub struct Backend {
    /// Its name, which metrics and logs show.
    pub name: String,
    /// `url`: its base URL, without a trailing slash.
    pub url: String,
    /// `pack`: its dialect. `standard`.
    pub pack: Arc<Pack>,
    /// `credential`: what it is shown in place of the client's token. Nothing.
    pub credential: Option<Credential>,
    /// `ca`: who vouches for it.
    pub trust: Trust,
    /// `client-certificate`: as whom it knows the gateway by TLS. Nobody.
    pub identity: Option<Identity>,
    /// `timeouts`: how long it may take.
    pub timeouts: BackendTimeouts,
    /// `max-connections`: the most connections to it, each with one call at a time, 1 to 10,000. 128.
    pub max_connections: usize,
    /// `longest-answer`: the longest body of an answer, in bytes. 256 MiB.
    pub longest_answer: usize,
}

/// How long a backend may take. Each is a duration from 1 ms to 1 h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackendTimeouts {
    /// `connect`: for a new connection: name, TCP and TLS together. 3 s.
    pub connect: Duration,
    /// `response`: from the start of a call to the head of its answer. 30 s.
    pub response: Duration,
    /// `body`: for the longest silence amid the body of an answer. 10 s.
    pub body: Duration,
    /// `idle`: for a connection that is kept for another call. Below the backend's own time. 15 s.
    pub idle: Duration,
    /// `queue`: for a call to wait until one of `max-connections` is free. 1 s.
    pub queue: Duration,
}

impl Default for BackendTimeouts {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(3), response: seconds(30), body: seconds(10), idle: seconds(15), queue: seconds(1) }
    }
}

impl BackendTimeouts {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("timeouts", faults)?;
        let mut timeouts = Self::default();
        for (name, value) in [
            ("connect", &mut timeouts.connect),
            ("response", &mut timeouts.response),
            ("body", &mut timeouts.body),
            ("idle", &mut timeouts.idle),
            ("queue", &mut timeouts.queue),
        ] {
            if let Some(duration) = fields.take(name).and_then(|node| units::duration(node, name, faults)) {
                *value = duration;
            }
        }
        fields.finish(faults);
        Some(timeouts)
    }
}

/// Reads one entry of `backends:`.
pub(super) fn read(
    key: &Key,
    node: &Node,
    reader: &mut Reader<'_>,
    packs: &mut Packs,
    faults: &mut Faults,
) -> Option<Backend> {
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let named = (1..=64).contains(&key.text.len()) && key.text.chars().all(known);
    if !named {
        faults.push(
            Fault::error("R0105", key.place.clone(), format!("`{}` can't be a backend's name", key.text))
                .label("not a name")
                .help("use lower-case letters, digits and hyphens, at most 64, such as `hr`"),
        );
    }
    let mut fields = node.fields("a backend", faults)?;
    let url_node = fields.require("url", faults);
    let url = url_node.and_then(|node| url::base(node, faults));
    let pack = match fields.take("pack") {
        Some(node) => packs.find(Side::Backend, node, &mut reader.files, faults),
        None => packs.standard(Side::Backend, &mut reader.files, faults),
    };
    let credential_node = fields.take("credential");
    let credential = credential_node.map(|node| credential::read(node, reader, faults));
    let (ca, identity) = (fields.take("ca"), fields.take("client-certificate"));
    let timeouts = fields.take("timeouts").and_then(|node| BackendTimeouts::read(node, faults)).unwrap_or_default();
    let most = fields.take("max-connections").and_then(|node| node.whole("max-connections", 1..=10_000, faults));
    let longest = fields.take("longest-answer").and_then(|node| units::size(node, "longest-answer", faults));
    fields.finish(faults);

    let (url, place) = (url?, &url_node?.place);
    if !url.is_secure && !url.is_loopback && credential_node.is_some() {
        faults.push(
            Fault::warning("R0309", place.clone(), "the credential crosses the network in clear text")
                .label("not `https`")
                .help("use `https`, or make sure that nobody listens between the gateway and the backend"),
        );
    }
    let trust = Trust::read(&url, ca, reader, faults);
    let identity = identity.map(|node| Identity::read(&url, node, reader, faults));
    let (trust, identity) = (trust?, settle(identity)?);
    let credential = settle(credential)?;
    named.then_some(Backend {
        name: key.text.clone(),
        url: url.text,
        pack: pack?,
        credential,
        trust,
        identity,
        timeouts,
        max_connections: most.and_then(|most| usize::try_from(most).ok()).unwrap_or(128),
        longest_answer: longest.unwrap_or(256 << 20),
    })
}
