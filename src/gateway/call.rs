//! What a request asks for: method and path become a [`Target`], the query is read, preconditions are noted.
//!
//! What is authorised here is what is forwarded: the backend's URL is built from the target, never from the raw path.

use std::sync::Arc;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;

use crate::bridge::{Ask, Conditions};
use crate::rules::{Head, Media};
use crate::scim::{ErrorStatus, OperationKind, Query, ScimError, Target, Version};

use super::connection::Connection;
use super::message::Start;
use super::refusal::Refusal;
use super::{edge, etag, head};

/// One call.
#[derive(Debug)]
pub struct Call {
    /// What is asked, of what.
    pub target: Target,
    /// The query.
    pub query: Query,
    /// Preconditions, as the backend knows them.
    pub conditions: Conditions,
    /// It asks of one type what was asked of every type.
    pub is_part: bool,
}

impl Call {
    /// Reads a request's head.
    ///
    /// # Errors
    /// 400 for a malformed path, query, precondition or override of the method, 404 for an unknown endpoint, 405 for a method
    /// it doesn't know, 501 for an operation that isn't enabled.
    pub fn read<U>(parts: &Parts, connection: &Connection<U>) -> Result<Self, Refusal> {
        let below = below(parts.uri.path(), &connection.path).unwrap_or_default();
        let client = connection.spoken.client;
        let method = edge::method(&parts.headers, parts.method.as_str(), client)?;
        let below = edge::path(below, client)?;
        let target = target(method, &below, connection)?;
        let kind = target.operation.kind();
        enabled(kind, connection)?;
        let query = match kind {
            // What these ask stands in their bodies (RFC 7644 sections 3.4.3 and 3.7), and nowhere else.
            OperationKind::Search | OperationKind::Bulk => Query::default(),
            _ => Query::parse(parts.uri.query().unwrap_or_default())?,
        };
        let conditions = Conditions {
            if_match: condition(&parts.headers, &IF_MATCH)?,
            if_none_match: condition(&parts.headers, &IF_NONE_MATCH)?,
        };
        Ok(Self { target, query, conditions, is_part: false })
    }

    /// What is asked of the backend, with what rules have left of the request.
    #[must_use]
    pub fn ask<'v>(&self, left: Start<'v>) -> Ask<'v> {
        let (target, conditions) = (self.target.clone(), self.conditions.clone());
        Ask { target, query: left.query, body: left.body, conditions, before: None }
    }

    /// Whether the request has to carry a body.
    #[must_use]
    pub fn has_body(&self) -> bool {
        use OperationKind::{Bulk, Create, Patch, Replace, Search};
        matches!(self.target.operation.kind(), Create | Replace | Patch | Search | Bulk)
    }
}

/// What a method and a path mean that a client has written, in a request of their own or in a Bulk request.
///
/// # Errors
/// 400 for a malformed path, 404 for an unknown endpoint, 405 for a method it doesn't know.
pub fn target<U>(method: &str, path: &str, connection: &Connection<U>) -> Result<Target, Refusal> {
    let path = connection.plans.path(path, &mut connection.watcher.clone());
    let target = Target::parse(method, &path, &connection.declared)?;
    Ok(edge::target(target, connection.spoken.client)?)
}

/// Whether a kind of operation is enabled on a connection.
///
/// # Errors
/// 501 if it isn't.
pub fn enabled<U>(kind: OperationKind, connection: &Connection<U>) -> Result<(), Refusal> {
    let detail = match kind {
        // RFC 7644 section 3.11: a token names a client here, and nobody among the users.
        OperationKind::Me => {
            "there is no `/Me` here, since a token names no user; ask for the user by id or by a filter".to_owned()
        }
        kind if !connection.operations.contains(&kind) => {
            format!("the operation `{}` is not enabled on this connection", kind.word())
        }
        _ => return Ok(()),
    };
    Err(ScimError::new(ErrorStatus::NotImplemented, detail).into())
}

/// The head of a request, where a rule asks for it.
pub fn head<U>(parts: &Parts, connection: &Connection<U>) -> Arc<Head> {
    if connection.plans.asks_head() { Arc::new(head::read(parts)) } else { Arc::default() }
}

/// A precondition, perhaps in several lines. One that can't be read must not be left out: the write would be made anyway.
fn condition(headers: &HeaderMap, name: &http::HeaderName) -> Result<Option<String>, ScimError> {
    let lines = headers.get_all(name).iter().map(http::HeaderValue::to_str).collect::<Result<Vec<_>, _>>();
    let lines = lines.map_err(|_| {
        ScimError::new(ErrorStatus::BadRequest, format!("`{name}` must be `*` or a list of entity tags in ASCII"))
    })?;
    Ok((!lines.is_empty()).then(|| etag::restore(&lines.join(", "))))
}

/// The path below a connection's base. One doubled slash directly after the base never matters: admins paste base URLs
/// with a slash at the end.
#[must_use]
pub fn below<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(base)?;
    match rest.strip_prefix('/') {
        Some(after) if after.starts_with('/') => Some(after),
        Some(_) => Some(rest),
        None => rest.is_empty().then_some("/"),
    }
}

/// Reads a body's `Content-Type` (RFC 7644 section 3.1). A body without one is taken as SCIM.
///
/// # Errors
/// 415 for any other type, for two of them, or any charset but UTF-8.
pub fn media_type(headers: &HeaderMap, client: Version) -> Result<Media, ScimError> {
    let wanted = if client.is_old() { Media::Json } else { Media::Scim };
    let unsupported =
        || ScimError::new(ErrorStatus::UnsupportedMediaType, format!("send {} in UTF-8", wanted.as_str()));
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(wanted),
        (Some(value), None) => value,
        (Some(_), Some(_)) => return Err(unsupported()),
    };
    let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let written = parts.next().unwrap_or_default();
    let known = Media::WORDS.iter().find(|(word, _)| *word == written);
    let charset_ok = parts
        .all(|parameter| parameter.strip_prefix("charset=").is_none_or(|charset| charset.trim_matches('"') == "utf-8"));
    if let (Some((_, media)), true) = (known, charset_ok) {
        return Ok(*media);
    }
    Err(unsupported())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t_64_only_scim_and_json_in_utf_8_are_read() {
        let media = |value: &'static str| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, http::HeaderValue::from_static(value))]);
            media_type(&headers, Version::Two).ok()
        };
        assert_eq!(media_type(&HeaderMap::new(), Version::Two).ok(), Some(Media::Scim));
        assert_eq!(media("application/scim+json; charset=utf-8"), Some(Media::Scim));
        assert_eq!(media("Application/JSON;charset=\"UTF-8\""), Some(Media::Json));
        for refused in ["text/plain", "application/xml", "application/json; charset=latin1", "application/jsonp", ""] {
            assert_eq!(media(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_base_with_a_doubled_slash_is_the_same_base() {
        assert_eq!(below("/scim/v2/Users", "/scim/v2"), Some("/Users"));
        assert_eq!(below("/scim/v2//Users", "/scim/v2"), Some("/Users"));
        assert_eq!(below("/scim/v2///Users", "/scim/v2"), Some("//Users"));
        assert_eq!(below("/scim/v2", "/scim/v2"), Some("/"));
        assert_eq!(below("/scim/v22/Users", "/scim/v2"), None);
        assert_eq!(below("/Users", ""), Some("/Users"));
    }
}
