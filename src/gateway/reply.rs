//! An answer as message-level rules see it, and what they have made of it as an answer again.

use bytes::Bytes;
use http::header::{ETAG, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::bridge::Answer;
use crate::json::{self, Value};
use crate::rules::{Reply, ReplyBody};
use crate::scim::list;

use super::answer::{self, Sent};

/// The header fields of an answer that go on.
const FIELDS: [HeaderName; 3] = [ETAG, LOCATION, RETRY_AFTER];

/// A success, or a redirection: its body is still on its way.
pub fn of_success(status: u16, headers: &HeaderMap) -> Reply {
    Reply { status, headers: fields(headers), text: String::new(), body: ReplyBody::Kept }
}

/// A success that a bridge shows.
pub fn of_shown<B>(answer: &Answer<B>) -> Reply {
    let shown = [(ETAG, &answer.etag), (LOCATION, &answer.location)];
    let headers = shown.into_iter().filter_map(|(name, value)| Some((name.as_str().to_owned(), value.clone()?)));
    Reply { status: answer.status, headers: headers.collect(), text: String::new(), body: ReplyBody::Kept }
}

/// An error: what the backend wrote, and the SCIM error that goes on.
pub fn of_error(status: u16, headers: &HeaderMap, written: &[u8], error: &[u8]) -> Reply {
    let body = match json::parse(error).map(Value::into_owned) {
        Ok(Value::Object(error)) => ReplyBody::Error(error),
        _ => ReplyBody::Kept,
    };
    Reply { status, headers: fields(headers), text: String::from_utf8_lossy(written).into_owned(), body }
}

fn fields(headers: &HeaderMap) -> Vec<(String, String)> {
    let field = |name: &HeaderName| Some((name.as_str().to_owned(), headers.get(name)?.to_str().ok()?.to_owned()));
    FIELDS.iter().filter_map(field).collect()
}

/// Writes the header fields as rules have left them.
pub fn put_fields(reply: &Reply, headers: &mut HeaderMap) {
    for name in FIELDS {
        match reply.header(name.as_str()).and_then(|value| HeaderValue::from_str(value).ok()) {
            Some(value) => drop(headers.insert(name, value)),
            None => drop(headers.remove(name)),
        }
    }
}

/// The body that a rule gives an answer; nothing where the backend's own goes on.
pub fn body(reply: &Reply) -> Option<Sent> {
    if reply.body == ReplyBody::Kept {
        return None;
    }
    Some(value(reply).map_or(Sent::Nothing, |value| Sent::Whole(Bytes::from(value.to_bytes()))))
}

/// The body that a rule gives an answer, where it gives one.
pub fn value(reply: &Reply) -> Option<Value<'static>> {
    match &reply.body {
        ReplyBody::Kept | ReplyBody::Nothing => None,
        ReplyBody::EmptyList => json::parse(list::EMPTY.as_bytes()).ok(),
        ReplyBody::Error(error) => Some(Value::Object(error.clone())),
        ReplyBody::Written(value) => Some(value.clone()),
    }
}

/// An answer that a rule has given in place of the backend.
pub fn answered(reply: &Reply) -> Answer<Sent> {
    let body = body(reply).unwrap_or(Sent::Nothing);
    Answer { status: reply.status, etag: None, location: None, retry_after: None, body }
}

/// A no with a word more.
pub fn noted(answer: Answer<Sent>, note: &str) -> Answer<Sent> {
    let written = match &answer.body {
        Sent::Whole(bytes) => bytes.clone(),
        Sent::Nothing | Sent::Long(..) => Bytes::new(),
    };
    let error = answer::scim_error(answer.status, &written);
    let Ok(Value::Object(mut error)) = json::parse(&error).map(Value::into_owned) else { return answer };
    let said = error.get("detail").and_then(Value::as_str).unwrap_or_default().into_owned();
    let detail = if said.is_empty() { note.to_owned() } else { format!("{said}; {note}") };
    error.set("detail", Value::string(&detail));
    Answer { body: Sent::Whole(Value::Object(error).to_bytes().into()), ..answer }
}
