//! A backend's answer: read, judged, and translated as it comes.
//!
//! A success must be SCIM: JSON that can be trusted, whole. An error becomes a SCIM error with the same status; text that
//! is no SCIM error stays here, since it may tell of the backend's inside.

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, ETAG, LOCATION, RETRY_AFTER};
use http::{HeaderMap, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Limited};

use crate::bridge::Answer;
use crate::json::{self, Value};
use crate::rules::{Facts, Head, Plan, Reply, Scene};
use crate::scim::{ErrorStatus, OperationKind, ScimError, Target, Version, urn, version};

use super::body::HELD;
use super::etag;
use super::message;
use super::pace::{Pace, STEP};
use super::rebase::Rebase;
use super::refusal::Refusal;
use super::reply;
use super::translate::{LONGEST, Translator, Untranslated};
use super::upstream::UpstreamBody;
use super::watcher::Watcher;

/// The longest error body that is read, in bytes.
const LONGEST_ERROR: usize = 64 * 1024;

/// The longest wait that is passed on, in seconds: clients double it with every try.
const LONGEST_WAIT: u64 = 3600;

/// The body of an answer, translated.
#[derive(Debug)]
pub enum Sent {
    /// There is none.
    Nothing,
    /// It is here.
    Whole(Bytes),
    /// Its beginning is here, the rest still comes.
    Long(Bytes, UpstreamBody, Box<Translator>),
}

/// To what an answer is read.
#[derive(Clone, Copy, Debug)]
pub struct Reading<'r> {
    /// A call of this kind.
    pub kind: OperationKind,
    /// Which version of SCIM the backend speaks.
    pub backend: Version,
    /// From its URLs to ours.
    pub outwards: &'r Rebase,
}

/// Reads an answer.
///
/// # Errors
/// 502 for what is no SCIM, or can't be translated; the upstream's fault if it broke off.
pub async fn read(
    response: Response<UpstreamBody>,
    reading: Reading<'_>,
    judge: Option<impl FnOnce(&mut Reply) -> Result<bool, Refusal>>,
    translator: impl FnOnce(u16) -> Translator,
) -> Result<Answer<Sent>, Refusal> {
    let Reading { kind, backend, outwards } = reading;
    let (mut head, body) = response.into_parts();
    let (answered, mut status) = (head.status, head.status);
    if let (400..=599, false) = (status.as_u16(), status == StatusCode::UNAUTHORIZED) {
        let written = written(body).await;
        let error = error_of(status.as_u16(), &written, backend, kind);
        let Some(judge) = judge else { return Ok(answer(status, &head.headers, outwards, Sent::Whole(error))) };
        let reply = reply::of_error(status.as_u16(), &head.headers, &written, &error);
        return judged(reply, Sent::Whole(error), judge, &mut head.headers, outwards);
    }
    if let Some(judge) = judge {
        let mut reply = reply::of_success(status.as_u16(), &head.headers);
        if judge(&mut reply)? {
            status = StatusCode::from_u16(reply.status).unwrap_or(status);
            reply::put_fields(&reply, &mut head.headers);
            if let Some(body) = reply::body(&reply) {
                return Ok(answer(status, &head.headers, outwards, body));
            }
        }
    }
    match status.as_u16() {
        // Whatever else the backend says: it is deleted, and this is how SCIM says so (RFC 7644 section 3.6).
        200..=299 if kind == OperationKind::Delete => nothing(status, &head.headers, kind, outwards),
        204 | 205 if is_read(kind) => nothing(status, &head.headers, kind, outwards),
        204 | 205 | 304 => Ok(answer(status, &head.headers, outwards, Sent::Nothing)),
        200..=299 => {
            // What rules ask of the status is what the backend answered, whatever another rule has made of it.
            let translator = translator(answered.as_u16());
            success(status, &head.headers, body, kind, outwards, translator).await
        }
        401 => Err(refused("the backend refused the gateway's credential (401)")),
        code => Err(refused(format!("the backend answered {code}, which is no answer of a SCIM service"))),
    }
}

/// What the message-level rules of a plan make of an answer to a call, before its resources are translated. True if anything
/// changed.
///
/// # Errors
/// A rule refuses.
pub fn judge(plan: &Plan, target: &Target, head: &Head, watcher: &Watcher, reply: &mut Reply) -> Result<bool, Refusal> {
    let id = message::id(target);
    let scene = Scene { head: Some(head), status: Some(reply.status) };
    let (resource, operation) = (target.resource.as_ref(), target.operation.kind());
    let facts = Facts { id: id.as_deref(), resource, operation, scene };
    plan.answer(reply, facts, &mut watcher.clone()).map_err(Refusal::RuleBack)
}

/// Whether a call of this kind changes nothing at the backend.
pub fn is_read(kind: OperationKind) -> bool {
    use OperationKind::{Discover, List, Read, Search};
    matches!(kind, List | Read | Search | Discover)
}

fn refused(fault: impl Into<String>) -> Refusal {
    Refusal::Answer { fault: fault.into() }
}

fn answer(status: StatusCode, headers: &HeaderMap, outwards: &Rebase, body: Sent) -> Answer<Sent> {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    Answer {
        status: status.as_u16(),
        etag: text(ETAG).map(str::to_owned),
        location: text(LOCATION).and_then(|url| outwards.url(url)),
        retry_after: text(RETRY_AFTER).and_then(|wait| seconds(wait, SystemTime::now())),
        body,
    }
}

async fn success(
    status: StatusCode,
    headers: &HeaderMap,
    mut body: UpstreamBody,
    kind: OperationKind,
    outwards: &Rebase,
    mut translator: Translator,
) -> Result<Answer<Sent>, Refusal> {
    let plain = |coding: &http::HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"identity");
    if !headers.get_all(CONTENT_ENCODING).iter().all(plain) {
        return Err(refused("the backend compressed its answer though it was asked not to"));
    }
    let mut held = Vec::with_capacity(room(&body));
    let (mut empty, mut pace) = (true, Pace::default());
    while let Some(frame) = body.frame().await {
        let Ok(chunk) = frame.map_err(Refusal::Upstream)?.into_data() else { continue };
        empty &= chunk.is_empty();
        for step in chunk.chunks(STEP) {
            pace.take(step.len()).await;
            translator.feed(step, &mut held).map_err(untranslated)?;
        }
        if held.len() >= HELD {
            let mut answer = answer(status, headers, outwards, Sent::Nothing);
            answer.etag = answer.etag.as_deref().map(etag::weaken);
            answer.body = Sent::Long(held.into(), body, Box::new(translator));
            return Ok(answer);
        }
    }
    if empty {
        return nothing(status, headers, kind, outwards);
    }
    translator.finish(&mut held).map_err(untranslated)?;
    let mut answer = answer(status, headers, outwards, Sent::Whole(held.into()));
    if translator.has_changed() {
        answer.etag = answer.etag.as_deref().map(etag::weaken);
    }
    Ok(answer)
}

/// A body, whole; nothing if there is none.
///
/// # Errors
/// It broke off, can't be translated, or is longer than one resource can be.
pub async fn whole(body: Sent) -> Result<Option<Bytes>, Refusal> {
    let (held, mut rest, mut translator) = match body {
        Sent::Nothing => return Ok(None),
        Sent::Whole(bytes) => return Ok(Some(bytes)),
        Sent::Long(held, rest, translator) => (held, rest, translator),
    };
    let mut held = Vec::from(held);
    while let Some(frame) = rest.frame().await {
        let Ok(chunk) = frame.map_err(Refusal::Upstream)?.into_data() else { continue };
        translator.feed(&chunk, &mut held).map_err(untranslated)?;
        if held.len() > LONGEST {
            return Err(untranslated(Untranslated::TooLong));
        }
    }
    translator.finish(&mut held).map_err(untranslated)?;
    Ok(Some(held.into()))
}

/// Bytes that a translated answer will take if its length is known: an eighth more than it has now, since names may get
/// longer. Never more than is held.
fn room(body: &UpstreamBody) -> usize {
    let length = usize::try_from(body.size_hint().lower()).unwrap_or(HELD);
    length.saturating_add(length / 8).min(HELD)
}

/// A success without a body: right for a DELETE and a PATCH (RFC 7644 sections 3.5.2 and 3.6). What a POST or a PUT has made
/// has to be read then; to anything else it is no answer.
fn nothing(
    status: StatusCode,
    headers: &HeaderMap,
    kind: OperationKind,
    outwards: &Rebase,
) -> Result<Answer<Sent>, Refusal> {
    match kind {
        OperationKind::Delete | OperationKind::Patch => {
            Ok(answer(StatusCode::NO_CONTENT, headers, outwards, Sent::Nothing))
        }
        OperationKind::Create => Ok(answer(StatusCode::CREATED, headers, outwards, Sent::Nothing)),
        OperationKind::Replace => Ok(answer(status, headers, outwards, Sent::Nothing)),
        _ => Err(refused("the backend answered a success without a body")),
    }
}

/// Why an answer that can't be translated is refused.
pub fn untranslated(fault: Untranslated) -> Refusal {
    match fault {
        Untranslated::Rule(refusal) => Refusal::RuleBack(refusal),
        Untranslated::Json(fault) => refused(format!("the backend's answer is not JSON that can be trusted: {fault}")),
        Untranslated::NoDocument => Refusal::Call(ScimError::new(ErrorStatus::NotFound, "there is no such document")),
        Untranslated::NoResource => refused("the backend's answer is JSON, but no resource"),
        Untranslated::Unsaid(error) => {
            refused(format!("the backend's answer has no form in SCIM 1.1 or 2.0: {}", error.detail))
        }
        Untranslated::TooLong => refused("a resource in the backend's answer is longer than 16 MiB"),
    }
}

/// An error as rules have left it, or `kept` where they have left it alone.
fn judged(
    mut reply: Reply,
    kept: Sent,
    judge: impl FnOnce(&mut Reply) -> Result<bool, Refusal>,
    headers: &mut HeaderMap,
    outwards: &Rebase,
) -> Result<Answer<Sent>, Refusal> {
    let body = if judge(&mut reply)? { reply::body(&reply).unwrap_or(kept) } else { kept };
    reply::put_fields(&reply, headers);
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::BAD_GATEWAY);
    Ok(answer(status, headers, outwards, body))
}

/// What the backend wrote as an error.
async fn written(body: UpstreamBody) -> Bytes {
    let collected = Limited::new(body, LONGEST_ERROR).collect().await;
    collected.map(http_body_util::Collected::to_bytes).unwrap_or_default()
}

/// An error that a backend wrote, as one of SCIM 2.0.
pub fn error_of(status: u16, written: &Bytes, backend: Version, kind: OperationKind) -> Bytes {
    let decoded = backend.is_old().then(|| version::error::decode(status, written, kind)).flatten();
    decoded.map_or_else(|| scim_error(status, written), |error| error.to_bytes().into())
}

/// The backend's own SCIM error, or one made from its status.
pub fn scim_error(status: u16, written: &Bytes) -> Bytes {
    if is_scim_error(written) {
        return written.clone();
    }
    let other = if status >= 500 { ErrorStatus::BadGateway } else { ErrorStatus::BadRequest };
    let status = ErrorStatus::from_code(status).unwrap_or(other);
    ScimError::new(status, "the backend refused the request without saying why in SCIM").to_bytes().into()
}

fn is_scim_error(bytes: &[u8]) -> bool {
    let Ok(value) = json::parse(bytes) else { return false };
    let schemas = value.as_object().and_then(|error| error.get("schemas")).and_then(Value::as_array);
    schemas.is_some_and(|list| list.iter().any(|urn| urn.as_str().is_some_and(|urn| urn == urn::ERROR)))
}

/// `Retry-After` in whole seconds, also where the backend wrote a date, which clients such as Okta don't read.
fn seconds(wait: &str, now: SystemTime) -> Option<u32> {
    let seconds = match wait.trim().parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => httpdate::parse_http_date(wait).ok()?.duration_since(now).map_or(0, |left| left.as_secs() + 1),
    };
    u32::try_from(seconds.clamp(1, LONGEST_WAIT)).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_date_becomes_whole_seconds() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:47 GMT", now), Some(11));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:49:27 GMT", now), Some(1));
        assert_eq!(seconds("7", now), Some(7));
        assert_eq!(seconds("0", now), Some(1));
        assert_eq!(seconds("90000", now), Some(3600));
        assert_eq!(seconds("soon", now), None);
    }

    #[test]
    fn only_a_scim_error_is_passed_on() {
        let error = br#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409"}"#;
        assert!(is_scim_error(error));
        assert!(!is_scim_error(br#"{"error":"ORA-00942 at db7.internal"}"#));
        assert!(!is_scim_error(b"<html>"));
    }
}
