//! What is written to the backend: an ask through the backend's pack, as HTTP.

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};

use crate::bridge::{Ask, Conditions, Content};
use crate::json::Value;
use crate::rules::{FieldEdit, HeaderEdit, Reply};
use crate::scim::patch::Repair;
use crate::scim::{ErrorStatus, OperationKind, Query, ScimError, Target, Version};

use super::super::budget::Draw;
use super::super::edge::{self, Turn};
use super::super::message::{self, Left, Start};
use super::super::recode::Recode;
use super::super::refusal::Refusal;
use super::super::respond::REQUEST_ID;
use super::super::upstream::Upstream;
use super::ToBackend;

/// The header fields of a request, with what rules and the connection add.
const HEADERS: usize = 8;

/// A request that is sent.
#[derive(Debug)]
pub struct Going {
    /// What is asked, in standard SCIM.
    pub target: Target,
    /// The request.
    pub request: Request<Bytes>,
    /// What brings its answer into SCIM 2.0.
    pub recode: Option<Recode>,
    /// What it draws from the backend's budget.
    pub draw: Option<Draw>,
}

/// What becomes of an ask on its way out.
#[expect(clippy::large_enum_variant, reason = "nearly every ask is sent, and a box would cost each of them")]
pub(super) enum Outbound {
    /// It is sent so.
    Goes(Going),
    /// The backend's pack has left nothing of it.
    Unasked,
    /// A rule has answered.
    Answered(Reply),
}

impl<U: Upstream> ToBackend<'_, U> {
    /// An ask as it leaves, through the backend's pack.
    pub(super) fn prepare(&self, ask: Ask<'_>) -> Result<Outbound, Refusal> {
        let (connection, target, conditions) = (self.connection, ask.target, ask.conditions);
        let draw = connection.backend.budget.draw(&target, ask.body.value(), ask.before);
        let plan = &connection.plans.cell(&target).inner;
        let asked = connection.documents.asked(&target);
        let path = Some(asked.path());
        let start = Start { query: ask.query, body: ask.body, path };
        let mut watcher = connection.watcher.clone();
        watcher.asks();
        // Each call has its own: what rules want of one is not for the next.
        let mut onward = self.onward.clone();
        match message::through(plan, &target, start, &mut onward, Some(&connection.inwards), &mut watcher)? {
            Left::Goes(left) => {
                let (request, recode) = self.write(&asked, *left, &conditions, &onward.headers)?;
                Ok(Outbound::Goes(Going { target, request, recode, draw }))
            }
            Left::Nothing => Ok(Outbound::Unasked),
            Left::Answered(reply) => Ok(Outbound::Answered(reply)),
        }
    }

    /// The request as the backend gets it, in the backend's URLs, and what brings its answer into SCIM 2.0.
    fn write(
        &self,
        target: &Target,
        left: Start<'_>,
        conditions: &Conditions,
        edits: &[HeaderEdit],
    ) -> Result<(Request<Bytes>, Option<Recode>), Refusal> {
        if self.connection.spoken.backend.is_old() {
            return self.encode(target, left, conditions, edits);
        }
        let inwards = &self.connection.inwards;
        let body = match left.body {
            Content::Ready(bytes) => Some(Bytes::from(bytes)),
            body => {
                let (sent, value) = body.parts();
                value.map(|mut value| match (inwards.value(&mut value), sent) {
                    (false, Some(bytes)) => Bytes::copy_from_slice(bytes),
                    _ => Bytes::from(value.to_bytes()),
                })
            }
        };
        let url = self.url(&left.path.unwrap_or_else(|| target.path()), &left.query);
        let request = self.request(target.operation.kind(), url, body, conditions, edits)?;
        Ok((request, None))
    }

    /// The same for a backend that speaks SCIM 1.1.
    fn encode(
        &self,
        target: &Target,
        left: Start<'_>,
        conditions: &Conditions,
        edits: &[HeaderEdit],
    ) -> Result<(Request<Bytes>, Option<Recode>), Refusal> {
        let mut watcher = self.connection.watcher.clone();
        let Start { mut query, body, path } = left;
        let (_, mut body) = body.parts();
        if let Some(body) = &mut body {
            self.connection.inwards.value(body);
        }
        let asked = edge::asked(target, &mut query, &mut body);
        let said = edge::query(&mut query, &asked.target, Version::OneOne);
        let said = said.and_then(|()| match &mut body {
            Some(body) => edge::body(target, body, Version::OneOne),
            None => Ok(()),
        });
        said.inspect_err(|_| watcher.unsaid(Turn::Encode))?;
        let shown = || body.as_ref().map(Value::pretty).unwrap_or_default();
        watcher.turned(Turn::Encode, body.is_some().then_some(&shown));
        let path = path.filter(|path| *path != target.path() && asked.target == *target);
        let url = self.url(&path.unwrap_or_else(|| edge::path_of(&asked.target)), &query);
        let body = body.map(|body| Bytes::from(body.to_bytes()));
        let request = self.request(asked.target.operation.kind(), url, body, conditions, edits)?;
        Ok((request, Some(Recode::new(Version::Two, target, asked.excluded))))
    }

    pub(super) fn url(&self, path: &str, query: &Query) -> String {
        let base = &self.connection.backend.base;
        if query.is_empty() { [base, path].concat() } else { format!("{base}{path}?{query}") }
    }

    pub(super) fn request(
        &self,
        kind: OperationKind,
        url: String,
        body: Option<Bytes>,
        conditions: &Conditions,
        edits: &[HeaderEdit],
    ) -> Result<Request<Bytes>, Refusal> {
        let refused =
            || ScimError::new(ErrorStatus::BadRequest, "the request can't be written as HTTP for the backend");
        let backend = &self.connection.backend;
        let media = HeaderValue::from_static(backend.media.as_str());
        let mut headers = HeaderMap::with_capacity(HEADERS);
        headers.insert(ACCEPT, media.clone());
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("scimgate/", env!("CARGO_PKG_VERSION"))));
        headers.insert(REQUEST_ID, self.request_id.clone());
        if body.is_some() {
            headers.insert(CONTENT_TYPE, media);
            // Each version has its own; where both speak one, the media type is mended.
            let spoken = self.connection.spoken;
            if spoken.client == spoken.backend && self.media.is_some_and(|media| media != backend.media) {
                self.connection.watcher.clone().repaired(Repair::MediaType);
            }
        }
        let tags = [(IF_MATCH, &conditions.if_match), (IF_NONE_MATCH, &conditions.if_none_match)];
        for (name, tags) in tags {
            if let Some(tags) = tags {
                headers.insert(name, HeaderValue::from_str(tags).map_err(|_| refused())?);
            }
        }
        apply(edits, &mut headers);
        // Last, and in place of whatever stands there: no rule replaces the credential.
        if let Some((name, value)) = &backend.credential {
            headers.insert(name, value.clone());
        }
        let mut request = Request::new(body.unwrap_or_default());
        *request.method_mut() = message::method(kind);
        *request.uri_mut() = Uri::from_maybe_shared(Bytes::from(url)).map_err(|_| refused())?;
        *request.headers_mut() = headers;
        Ok(request)
    }
}

/// Writes header fields as rules want them.
fn apply(edits: &[HeaderEdit], headers: &mut HeaderMap) {
    for HeaderEdit { name, edit } in edits {
        // Both were read as what they are when the rule was loaded.
        let Ok(name) = HeaderName::try_from(name.as_str()) else { continue };
        match edit {
            FieldEdit::Default(_) if headers.contains_key(&name) => {}
            FieldEdit::Set(value) | FieldEdit::Default(value) => {
                if let Ok(value) = HeaderValue::from_str(value) {
                    headers.insert(name, value);
                }
            }
            FieldEdit::Drop => drop(headers.remove(name)),
        }
    }
}
