//! A request of the probe's, and its answer.

use std::future::Future;

use crate::json::{Array, Object, Value};
use crate::scim::{Param, Query};

use super::{Probe, Verdict};

/// A request.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The method.
    pub method: &'static str,
    /// Path and query, below the SCIM base URL.
    pub target: String,
    /// The body.
    pub body: Option<serde_json::Value>,
    /// What the body is written in, and what is accepted.
    pub media: &'static str,
    /// `If-Match`
    pub if_match: Option<String>,
}

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// `ETag`
    pub etag: Option<String>,
    /// The body; nothing if there is none, or if it is no JSON.
    pub body: Option<Value<'static>>,
}

/// The way to a backend.
pub trait Line {
    /// Sends a request.
    ///
    /// # Errors
    /// There is no answer, and why.
    fn send(&mut self, ask: Ask) -> impl Future<Output = Result<Reply, String>>;
}

impl Reply {
    /// Whether it was done.
    pub(super) fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The resource in it.
    pub(super) fn resource(&self) -> Option<&Object<'static>> {
        self.body.as_ref().filter(|_| self.is_done()).and_then(Value::as_object)
    }

    /// The resources of a list; nothing if it is none. An empty list may be left out.
    #[must_use]
    pub fn list(&self) -> Option<Vec<Object<'static>>> {
        let list = self.resource()?;
        match list.get("Resources") {
            Some(resources) => Some(resources.as_array()?.iter().filter_map(Value::as_object).cloned().collect()),
            None => list.contains("totalResults").then(Vec::new),
        }
    }

    /// `totalResults`
    pub(super) fn total(&self) -> Option<usize> {
        let total = self.resource()?.get("totalResults")?;
        total.to_string().trim_matches('"').parse().ok()
    }

    /// What it was, for people: `400 (invalidFilter)`.
    pub(super) fn told(&self) -> String {
        let reason = self.body.as_ref().and_then(Value::as_object).and_then(|error| error.get("scimType"));
        match (self.is_done(), reason.and_then(Value::as_str)) {
            (false, Some(reason)) => format!("{} ({reason})", self.status),
            _ => self.status.to_string(),
        }
    }
}

impl<L: Line> Probe<'_, L> {
    /// Sends a request. A credential that is refused, and a backend that wants to be left alone, end all asking.
    pub(super) async fn send(&mut self, ask: Ask) -> Result<Reply, String> {
        let what = format!("{} {}", ask.method, ask.target);
        let reply = self.line.send(ask).await.map_err(|fault| format!("{what}: {fault}"))?;
        match reply.status {
            401 => Err(format!("{what}: 401, the backend refuses the credential")),
            429 => Err(format!("{what}: 429, the backend wants fewer requests; ask again later")),
            _ => Ok(reply),
        }
    }

    pub(super) async fn get(&mut self, target: &str) -> Result<Reply, String> {
        let (target, media) = (target.to_owned(), self.media);
        self.send(Ask { method: "GET", target, body: None, media, if_match: None }).await
    }

    /// Asks for a list.
    pub(super) async fn list(&mut self, endpoint: &str, params: &[(Param, &str)]) -> Result<Reply, String> {
        self.get(&target(endpoint, params)).await
    }

    pub(super) async fn put_in(
        &mut self,
        method: &'static str,
        target: &str,
        body: serde_json::Value,
    ) -> Result<Reply, String> {
        self.change(method, target, Some(body)).await
    }

    pub(super) async fn delete(&mut self, target: &str) -> Result<Reply, String> {
        self.change("DELETE", target, None).await
    }

    /// Sends a write; again behind the tag of what is there, where the server changes nothing without.
    async fn change(
        &mut self,
        method: &'static str,
        target: &str,
        body: Option<serde_json::Value>,
    ) -> Result<Reply, String> {
        let media = self.media;
        let ask = |if_match| Ask { method, target: target.to_owned(), body: body.clone(), media, if_match };
        let first = self.send(ask(None)).await?;
        if method == "POST" || !wants_tag(&first) {
            return Ok(first);
        }
        let Some(tag) = self.get(target).await?.etag else { return Ok(first) };
        let again = self.send(ask(Some(tag))).await?;
        if !wants_tag(&again) {
            let evidence = format!("a {method} without `If-Match`: {}; with it: {}", first.told(), again.told());
            self.found.note("etag", Verdict::Only("required".to_owned()), evidence);
        }
        Ok(again)
    }
}

/// 412, or 428 (RFC 6585 section 3).
fn wants_tag(reply: &Reply) -> bool {
    matches!(reply.status, 412 | 428)
}

fn target(endpoint: &str, params: &[(Param, &str)]) -> String {
    let mut query = Query::default();
    params.iter().for_each(|(param, value)| query.set(*param, Some((*value).to_owned())));
    if params.is_empty() { endpoint.to_owned() } else { format!("{endpoint}?{query}") }
}

/// The text of an attribute.
pub(super) fn text(resource: &Object<'_>, name: &str) -> Option<String> {
    resource.get(name).and_then(Value::as_str).map(|text| text.into_owned())
}

/// The ids of resources, in their order.
pub(super) fn ids(resources: &[Object<'_>]) -> Vec<String> {
    resources.iter().filter_map(|resource| text(resource, "id")).collect()
}

/// The `value` of each element.
pub(super) fn values(resource: &Object<'_>, name: &str) -> Vec<String> {
    let elements = resource.get(name).and_then(Value::as_array).map(Array::iter).into_iter().flatten();
    elements.filter_map(Value::as_object).filter_map(|element| text(element, "value")).collect()
}
