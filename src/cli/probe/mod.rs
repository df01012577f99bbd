//! `scimgate probe`: asks a backend what it can do, and prints its pack.

use std::path::PathBuf;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, IF_MATCH, USER_AGENT};
use http::{HeaderValue, Request};
use http_body_util::{BodyExt, Limited};

use crate::config::base_url;
use crate::fault::Faults;
use crate::gateway::upstream::{HttpSettings, HttpUpstream, Retry, Trust, Upstream};
use crate::json::{self, Value};
use crate::metrics::Metrics;
use crate::probe::{Ask, Line, Probe, Reply, pack};
use crate::rules::load;
use crate::yaml;

use super::Failure;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;

/// The words of `scimgate probe`.
#[derive(Debug, clap::Args)]
pub struct Words {
    /// The SCIM base URL of the backend
    url: String,
    /// The environment variable that holds the backend's bearer token
    #[arg(long, value_name = "VARIABLE")]
    token_env: Option<String>,
    /// The name of the pack
    #[arg(long, default_value = "backend")]
    name: String,
    /// The authorities to trust, PEM; without it those of the operating system
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Make a user and a group, change them, and take them away again
    #[arg(long)]
    write_test_user: bool,
}

/// Runs the words.
///
/// # Errors
/// The backend can't be asked, or what was made there could not be taken away.
pub async fn run(words: &Words) -> Result<String, Failure> {
    let base = base_url(&words.url).map_err(|why| Failure::said(format!("`{}`: {why}", words.url)))?;
    let mut line = BackendLine::new(words, base.text.clone())?;
    let mut word = [0; 4];
    crate::access::os_random(&mut word).map_err(|fault| Failure::said(fault.to_string()))?;
    let word = format!("{:08x}", u32::from_be_bytes(word));
    let mut probe = Probe::new(&mut line, &word);
    probe.read().await.map_err(Failure::said)?;
    if words.write_test_user {
        super::hint(&format!("making user and group `scimgate-probe-{word}`, and taking them away again"));
        probe.write().await.map_err(Failure::said)?;
    }
    let text = pack(&probe.found(), &words.name, &base.text);
    sound(text)
}

/// A pack that can be loaded.
fn sound(text: String) -> Result<String, Failure> {
    let mut faults = Faults::default();
    let node = yaml::parse("probe", &text, &mut faults);
    let loaded = node.and_then(|node| load::pack(&node, &mut faults));
    if loaded.is_some() && faults.errors() == 0 { Ok(text) } else { Err(Failure::found(&faults)) }
}

/// The way to the backend.
#[derive(Debug)]
struct BackendLine {
    base: String,
    credential: Option<HeaderValue>,
    client: HttpUpstream,
}

impl BackendLine {
    fn new(words: &Words, base: String) -> Result<Self, Failure> {
        let trust = match &words.ca {
            Some(file) => {
                let read = std::fs::read(file);
                Trust::Authorities(read.map_err(|fault| Failure::said(format!("{}: {fault}", file.display())))?)
            }
            None if base.starts_with("http://") => Trust::Nobody,
            None => Trust::System,
        };
        let settings = HttpSettings { trust, ..HttpSettings::default() };
        let client = HttpUpstream::new(settings, Metrics::new().backend("probe"));
        let client = client.map_err(|fault| Failure::said(fault.to_string()))?;
        Ok(Self { base, credential: words.token_env.as_deref().map(credential).transpose()?, client })
    }
}

fn credential(variable: &str) -> Result<HeaderValue, Failure> {
    let token = super::environment(variable).filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| Failure::said(format!("the environment variable {variable} is not set")))?;
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| Failure::said(format!("what {variable} holds can't stand in a header field")))?;
    value.set_sensitive(true);
    Ok(value)
}

impl Line for BackendLine {
    async fn send(&mut self, ask: Ask) -> Result<Reply, String> {
        let request = Request::builder()
            .method(ask.method)
            .uri(format!("{}{}", self.base, ask.target))
            .header(USER_AGENT, concat!("scimgate/", env!("CARGO_PKG_VERSION")))
            .header(ACCEPT, ask.media);
        let fields = [
            (AUTHORIZATION, self.credential.clone()),
            (IF_MATCH, ask.if_match.as_deref().and_then(|tag| HeaderValue::from_str(tag).ok())),
            (CONTENT_TYPE, ask.body.is_some().then(|| HeaderValue::from_static(ask.media))),
        ];
        let given = fields.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let request = given.fold(request, |request, (name, value)| request.header(name, value));
        let bytes = ask.body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        let request = request.body(bytes).map_err(|fault| fault.to_string())?;
        let answer = self.client.call(request, Retry::Write).await.map_err(|fault| fault.to_string())?;
        let (head, body) = answer.into_parts();
        let bytes = Limited::new(body, LONGEST).collect().await.map_err(|fault| fault.to_string())?.to_bytes();
        let etag = head.headers.get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let body = json::parse(&bytes).ok().map(Value::into_owned);
        Ok(Reply { status: head.status.as_u16(), etag, body })
    }
}

#[cfg(test)]
mod tests;
