//! Okta's end of the demo: requests with Okta's headers, to the backend or to the gateway.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Request};
use http_body_util::BodyExt;
use serde_json::Value;

use crate::demo::{App, Line, Reply};
use crate::gateway::upstream::{HttpUpstream, Retry, Upstream};

/// A line to one SCIM base URL.
#[derive(Debug)]
pub struct OktaLine {
    base: String,
    wizard: String,
    catalogue: String,
    client: HttpUpstream,
}

impl OktaLine {
    /// To `base`, with the tokens of the two apps.
    pub fn new(base: String, wizard: String, catalogue: String, client: HttpUpstream) -> Self {
        Self { base, wizard, catalogue, client }
    }
}

impl Line for OktaLine {
    async fn send(&mut self, app: App, method: &str, target: &str, body: Option<Value>) -> Result<Reply, String> {
        let token = match app {
            App::Wizard => &self.wizard,
            App::Catalogue => &self.catalogue,
        };
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.base))
            .header(USER_AGENT, "Okta SCIM Client 1.0.0")
            .header(ACCEPT, "application/scim+json")
            .header(AUTHORIZATION, format!("Bearer {token}"));
        if body.is_some() {
            request = request.header(CONTENT_TYPE, HeaderValue::from_static("application/scim+json; charset=utf-8"));
        }
        let bytes = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.body(bytes).map_err(|fault| fault.to_string())?;
        let answer = self.client.call(request, Retry::Write).await.map_err(|fault| fault.reason().to_owned())?;
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.map_err(|fault| fault.reason().to_owned())?.to_bytes();
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).map_err(|_| format!("{status}: the answer is not JSON"))?,
        };
        Ok(Reply { status, body })
    }
}
