//! Responses: the one place where an answer, or a refusal, becomes HTTP.

use bytes::Bytes;
use http::header::{ALLOW, CONTENT_TYPE, ETAG, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use crate::bridge::Answer;
use crate::rules::Media;
use crate::scim::{ScimError, Version, version};

use super::answer::Sent;
use super::body::{ResponseBody, Streaming};
use super::record::Record;
use super::refusal::Refusal;

/// The header fields of an answer.
const HEADERS: usize = 8;

/// The name under which a request is known here and at the backend.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The response to a call.
pub fn respond(outcome: Result<Answer<Sent>, Refusal>, client: Version, mut record: Record) -> Response<ResponseBody> {
    match outcome {
        Ok(answer) => {
            record.answered(answer.status);
            answered(answer, client, record)
        }
        Err(refusal) => {
            let response = refused(&refusal, client);
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

fn answered(answer: Answer<Sent>, client: Version, mut record: Record) -> Response<ResponseBody> {
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
        headers.insert(CONTENT_TYPE, media(client));
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

/// SCIM 1.1 has no media type of its own.
fn media(client: Version) -> HeaderValue {
    HeaderValue::from_static(if client.is_old() { Media::Json.as_str() } else { Media::Scim.as_str() })
}

fn refused(refusal: &Refusal, client: Version) -> Response<ResponseBody> {
    let told = refusal.error();
    let mut response = error(&told);
    if client.is_old() {
        *response.body_mut() = version::error::of(&told).into();
        response.headers_mut().insert(CONTENT_TYPE, media(client));
    }
    let mut response = response.map(|bytes| ResponseBody::Whole(Some(bytes)));
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
