//! `credential: { oauth2: .. }`: a backend that is opened by tokens which an authorization server gives for the gateway's own
//! id and secret (RFC 6749 section 4.4).

use std::fmt;

use http::{HeaderValue, Uri};

use crate::fault::{Fault, Faults};
use crate::yaml::{Node, settle};

use super::credential::basic_of;
use super::secret::secret;
use super::trust::Trust;
use super::{Reader, url};

/// Where tokens come from, and for whom.
#[derive(Clone, PartialEq, Eq)]
pub struct Grant {
    /// `token-url`: the token endpoint.
    pub url: Uri,
    /// `client-id` and `client-secret`, as the endpoint is shown them (RFC 6749 section 2.3.1).
    pub client: HeaderValue,
    /// `scope`: what is asked for. What the server gives by itself.
    pub scope: Option<String>,
    /// `ca`: who vouches for the endpoint.
    pub trust: Trust,
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "oauth2 at {}: ***", self.url)
    }
}

/// Reads `oauth2:`.
pub(super) fn read(node: &Node, reader: &mut Reader<'_>, faults: &mut Faults) -> Option<Grant> {
    let mut fields = node.fields("oauth2", faults)?;
    let url_node = fields.require("token-url", faults);
    let url = url_node.and_then(|node| url::base(node, faults));
    let id = fields.require("client-id", faults).and_then(|node| node.text("a client id", faults));
    let secret = fields.require("client-secret", faults).and_then(|node| secret(node, "client-secret", reader, faults));
    let scope = fields.take("scope").map(|node| scope(node, faults));
    let ca = fields.take("ca");
    fields.finish(faults);
    let (url, scope) = (url?, settle(scope)?);
    if !url.is_secure && !url.is_loopback {
        faults.push(
            Fault::warning("R0309", url_node?.place.clone(), "the client's secret crosses the network in clear text")
                .label("not `https`")
                .help("use `https`: RFC 6749 section 3.2 requires it"),
        );
    }
    let trust = Trust::read(&url, ca, reader, faults)?;
    // Both are form-encoded first (RFC 6749 section 2.3.1): what is left is letters, digits and punctuation.
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = format!("{}:{}", encoded(id?), encoded(secret?.expose()));
    let mut client = HeaderValue::from_str(&basic_of(&pair)).ok()?;
    client.set_sensitive(true);
    // As it is written: a slash at its end may matter there.
    let url = url_node?.text("a URL", faults)?.parse().ok()?;
    Some(Grant { url, client, scope, trust })
}

/// RFC 6749 section 3.3.
fn scope(node: &Node, faults: &mut Faults) -> Option<String> {
    let text = node.text("a scope", faults)?;
    let known = |c: char| c == ' ' || (c.is_ascii_graphic() && c != '"' && c != '\\');
    if text.is_empty() || !text.chars().all(known) {
        faults.push(
            Fault::error("R0105", node.place.clone(), format!("`{text}` can't be a scope"))
                .label("not words with spaces between them")
                .help("write the scopes that the authorization server knows: `scope: \"scim.read scim.write\"`"),
        );
        return None;
    }
    Some(text.to_owned())
}
