//! Dry runs: the whole flow against a backend that answers from a script. Cases and `explain` run what calls run; nothing
//! here is a second reading of the rules.

mod notes;
mod script;

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Method, Request};
use http_body::Body;
use http_body_util::{BodyExt, Full};

use crate::access::{self, ConnectionName, Tokens};
use crate::bridge::Choices;
use crate::metrics::Metrics;
use crate::rules::{Modes, Pack, Verdict};
use crate::scim::{Resource, Version};

use super::connection::{Backend, Connection, Terms};
use super::shared::Shared;
use super::watcher::Teller;
use super::{BodyFault, Gateway};

use notes::Notes;
use script::{Script, lock};

/// The URLs under which the two sides are known, both without a trailing slash.
#[derive(Clone, Debug)]
pub struct Urls {
    /// The backend's base.
    pub backend: String,
    /// The gateway's, as clients know it; the connection's path comes behind it.
    pub public: String,
    /// The connection's path.
    pub path: String,
}

/// Made up, for cases: `http://backend.example/scim/v2` and `https://gateway.example/scim/v2/connections/rehearsal`.
impl Default for Urls {
    fn default() -> Self {
        Self {
            backend: "http://backend.example/scim/v2".to_owned(),
            public: "https://gateway.example".to_owned(),
            path: "/scim/v2/connections/rehearsal".to_owned(),
        }
    }
}

/// The packs between which a call is rehearsed.
#[derive(Debug)]
pub struct Stage<'p> {
    /// Client pack, then the connection's own packs.
    pub outer: Vec<&'p Pack>,
    /// The backend pack.
    pub inner: &'p Pack,
    /// Which version of SCIM the client speaks.
    pub scim: Version,
    /// What the connection says of single rules.
    pub modes: Modes,
    /// The resource types beside User and Group.
    pub declared: Vec<Resource>,
    /// What only the connection's owner can decide.
    pub choices: Choices,
    /// Where the two sides are.
    pub urls: Urls,
}

impl<'p> Stage<'p> {
    /// Between these packs, for a client of SCIM 2.0, with nothing else said.
    #[must_use]
    pub fn between(outer: Vec<&'p Pack>, inner: &'p Pack) -> Self {
        Self {
            outer,
            inner,
            scim: Version::Two,
            modes: Modes::default(),
            declared: Vec::new(),
            choices: Choices::default(),
            urls: Urls::default(),
        }
    }
}

/// One request as the client sends it.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// Path and query below the connection's base.
    pub target: String,
    /// Headers besides `Authorization`; a body without `Content-Type` is sent as SCIM.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: Bytes,
}

/// One answer as the backend gives it.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body, in the pieces in which it arrives.
    pub body: Vec<Bytes>,
}

/// What happened in one rehearsal.
#[derive(Debug)]
pub struct Played {
    /// What the backend received, in order.
    pub received: Vec<Heard>,
    /// The status that the client received.
    pub status: u16,
    /// The headers that the client received.
    pub headers: HeaderMap,
    /// The body that the client received.
    pub body: Bytes,
    /// What each rule and repair did, in order.
    pub met: Vec<Met>,
    /// The rule that refused the call, if one did.
    pub refused: Option<Refusal>,
}

/// A rule that refused the call.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// `pack/rule`.
    pub id: String,
    /// Why the rule exists.
    pub why: String,
    /// What it said.
    pub detail: String,
    /// Whether the message was on its way back to the client.
    pub back: bool,
    /// How many calls had reached the backend.
    pub after: usize,
}

/// One request as the backend received it.
#[derive(Clone, Debug)]
pub struct Heard {
    /// The method.
    pub method: Method,
    /// Path and query below the backend's base.
    pub target: String,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// What one rule, one standard repair, one bridge or one change of version did.
#[derive(Clone, Debug)]
pub struct Met {
    /// `pack/rule`, `std/..`, `bridge/..` or `scim/..`.
    pub id: String,
    /// Why it exists.
    pub why: String,
    /// What became of it.
    pub verdict: Verdict,
    /// The message behind it; nothing for a repair, which is made before there is one, and for a bridge.
    pub shown: Option<String>,
    /// Whether the message was on its way back to the client.
    pub back: bool,
    /// How many calls had reached the backend.
    pub after: usize,
}

/// Plays one call: what the client sends, and what the backend answers each time it is asked.
///
/// # Errors
/// A method, path or header that can't be written as HTTP, in words.
pub async fn play(stage: &Stage<'_>, asked: &Asked, answers: Vec<Answered>) -> Result<Played, String> {
    Rehearsal::new(stage)?.play(asked, answers).await
}

/// A stage that is set up, for one call after the other.
#[derive(Debug)]
pub(super) struct Rehearsal {
    gateway: Gateway<Script>,
    secret: String,
    path: String,
    scim: Version,
    notes: Arc<Mutex<Notes>>,
    answers: Arc<Mutex<VecDeque<Answered>>>,
}

impl Rehearsal {
    pub(super) fn new(stage: &Stage<'_>) -> Result<Self, String> {
        let (notes, answers) = (Arc::default(), Arc::default());
        let script =
            Script { backend: stage.urls.backend.clone(), notes: Arc::clone(&notes), answers: Arc::clone(&answers) };
        let metrics = Metrics::new();
        let (connection, tokens, secret) = connection(stage, script, &metrics)?;
        let gateway = Gateway::new(vec![connection.watched_by(Teller(notes.clone()))], tokens, metrics);
        Ok(Self { gateway, secret, path: stage.urls.path.clone(), scim: stage.scim, notes, answers })
    }

    pub(super) async fn play(&self, asked: &Asked, answers: Vec<Answered>) -> Result<Played, String> {
        *lock(&self.answers) = answers.into();
        let request = self.request(asked)?;
        let (head, body) = self.gateway.serve(request, None).await.into_parts();
        let collected = body.collect().await;
        let notes = std::mem::take(&mut *lock(&self.notes));
        let body = collected.map_err(|fault| format!("the answer broke off: {}", fault.reason()))?.to_bytes();
        let Notes { received, met, refused, .. } = notes;
        Ok(Played { received, status: head.status.as_u16(), headers: head.headers, body, met, refused })
    }

    fn request(&self, asked: &Asked) -> Result<Request<impl Body<Data = Bytes, Error = BodyFault> + use<>>, String> {
        let mut request = Request::builder()
            .method(asked.method.as_str())
            .uri(format!("{}{}", self.path, asked.target))
            .header(AUTHORIZATION, format!("Bearer {}", self.secret));
        for (name, value) in &asked.headers {
            request = request.header(name, value);
        }
        let typed = asked.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()));
        if !asked.body.is_empty() && !typed {
            let media = if self.scim.is_old() { "application/json" } else { "application/scim+json" };
            request = request.header(CONTENT_TYPE, media);
        }
        request
            .body(Full::new(asked.body.clone()).map_err(never))
            .map_err(|fault| format!("`{} {}` can't be written as HTTP: {fault}", asked.method, asked.target))
    }
}

fn never(never: Infallible) -> BodyFault {
    match never {}
}

/// The connection of a stage, whose calls go this way; and the tokens of a gateway with it, and the secret of the one in
/// them. It is limited by nothing.
///
/// # Errors
/// None that a caller could cause.
pub fn connection<U>(
    stage: &Stage<'_>,
    upstream: U,
    metrics: &Metrics,
) -> Result<(Connection<U>, Tokens, String), String> {
    let name = ConnectionName::parse("rehearsal").map_err(|fault| fault.to_string())?;
    let (tokens, secret) = access::rehearsal(&name, &stage.declared);
    let backend = Backend::open(&stage.urls.backend, stage.inner, upstream);
    let terms = Terms {
        path: stage.urls.path.clone(),
        public_url: stage.urls.public.clone(),
        modes: stage.modes.clone(),
        declared: stage.declared.clone(),
        scim: stage.scim,
        choices: stage.choices,
        ..Terms::open(name, stage.outer.clone(), stage.inner, backend)
    };
    Ok((Connection::new(terms, &mut Shared::default(), metrics), tokens, secret))
}
