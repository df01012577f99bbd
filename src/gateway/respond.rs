//! Responses: the one place where an answer, or a refusal, becomes HTTP.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use crate::bridge::Answer;
use crate::scim::ScimError;

use super::answer::Sent;
use super::body::{ResponseBody, Streaming};
use super::record::Record;
use super::refusal::Refusal;

/// The header fields of an answer.
const HEADERS: usize = 8;

/// The name under which a request is known here and at the backend.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The response to a call.
pub fn respond(outcome: Result<Answer<Sent>, Refusal>, mut record: Record) -> Response<ResponseBody> {
    match outcome {
        Ok(answer) => {
            record.answered(answer.status);
            answered(answer, record)
        }
        Err(refusal) => {
            let response = refused(&refusal);
            record.answered(response.status().as_u16());
            record.complete();
            response
        }
    }
}

/// A SCIM error as a response, also for whoever refuses a request before it gets here. What every answer says besides,
/// `server` adds.
#[must_use]
pub fn error(error: &ScimError) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(error.to_bytes()));
    *response.status_mut() = StatusCode::from_u16(error.status.code()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
    response
}

fn answered(answer: Answer<Sent>, mut record: Record) -> Response<ResponseBody> {
    let body = match answer.body {
        Sent::Nothing => {
            record.complete();
            ResponseBody::Whole(None)
        }
        Sent::Whole(bytes) => {
            record.complete();
            ResponseBody::Whole(Some(bytes))
        }
        Sent::Long(held, rest, translator) => {
            if record.is_of_head() {
                // Its body is never asked for: the answer is whole with its head.
                record.complete();
            }
            ResponseBody::Streaming(Box::new(Streaming::new(held, rest, *translator, record)))
        }
    };
    let has_body = !matches!(body, ResponseBody::Whole(None));
    let mut response = Response::new(body);
    // With what `server` and hyper add there are never more.
    response.headers_mut().reserve(HEADERS);
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let headers = response.headers_mut();
    if has_body {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
    }
    put(headers, ETAG, answer.etag);
    put(headers, LOCATION, answer.location);
    put(headers, RETRY_AFTER, answer.retry_after.map(|seconds| seconds.to_string()));
    response
}

/// A value that can't stand in a header is left out rather than sent in two.
fn put(headers: &mut HeaderMap, name: HeaderName, value: Option<String>) {
    if let Some(value) = value.and_then(|text| HeaderValue::from_str(&text).ok()) {
        headers.insert(name, value);
    }
}

fn refused(refusal: &Refusal) -> Response<ResponseBody> {
    let mut response = error(&refusal.error()).map(|bytes| ResponseBody::Whole(Some(bytes)));
    let headers = response.headers_mut();
    put(headers, RETRY_AFTER, refusal.retry_after().map(|seconds| seconds.to_string()));
    match refusal {
        Refusal::Token(_) => put(headers, WWW_AUTHENTICATE, Some("Bearer realm=\"scim\"".to_owned())),
        Refusal::Scope(denied) => {
            let challenge =
                format!("Bearer realm=\"scim\", error=\"insufficient_scope\", scope=\"{}\"", denied.missing);
            put(headers, WWW_AUTHENTICATE, Some(challenge));
        }
        Refusal::Method { allow } => put(headers, ALLOW, Some(allow.clone())),
        _ => {}
    }
    response
}

/// The id that `server` gave the request, or none.
pub fn request_id(parts: &Parts) -> HeaderValue {
    parts.headers.get(&REQUEST_ID).cloned().unwrap_or_else(|| HeaderValue::from_static("-"))
}
