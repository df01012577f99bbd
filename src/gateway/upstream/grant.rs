//! A backend that is opened by OAuth 2.0: an authorization server gives a token for the gateway's own id and secret (RFC
//! 6749 section 4.4). It is kept until shortly before its end, and dropped early where the backend no longer takes it.
//!
//! A call waits until there is a token. Who waits for the same token asks for it once, also where none comes.

use std::sync::Arc;
use std::time::Duration;

use ::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use ::http::{HeaderValue, Request, StatusCode, Uri};
use bytes::Bytes;
use http_body_util::BodyExt;
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::metrics::BackendHandles;

use super::Retry;
use super::connect::TrustFault;
use super::fault::UpstreamFault;
use super::http::{HttpSettings, Shared};

/// The longest answer of a token endpoint, in bytes.
const LONGEST: u64 = 64 * 1024;
/// How long a token is kept whose end nobody has told.
const UNTOLD: Duration = Duration::from_secs(300);
/// How long before its end a token is given up, at most: a call with it may last.
const MARGIN: Duration = Duration::from_secs(30);
/// How long nobody asks again after there was none.
const PAUSE: Duration = Duration::from_secs(1);

/// Where tokens come from, and for whom.
#[derive(Clone, Debug)]
pub struct GrantSettings {
    /// The token endpoint.
    pub url: Uri,
    /// The gateway's id and secret, as the endpoint is shown them.
    pub client: HeaderValue,
    /// What is asked for; nothing: what the server gives by itself.
    pub scope: Option<String>,
    /// How the endpoint is spoken to.
    pub http: HttpSettings,
}

/// The source of a backend's tokens.
#[derive(Debug)]
pub(super) struct Grant {
    endpoint: Arc<Shared>,
    request: Request<Bytes>,
    held: Mutex<Held>,
}

/// What was given last.
#[derive(Debug)]
enum Held {
    /// Nothing yet, or what the backend no longer takes.
    Nothing,
    /// A token, and until when it is shown.
    Token(HeaderValue, Instant),
    /// None was given, at this time.
    Refused(Instant),
}

/// A token endpoint's answer (RFC 6749 section 5.1).
#[derive(Deserialize)]
struct Given {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
}

impl Grant {
    /// Asks nobody yet.
    ///
    /// # Errors
    /// There is nobody to trust.
    pub(super) fn new(settings: GrantSettings, handles: BackendHandles) -> Result<Self, TrustFault> {
        let GrantSettings { url, client, scope, http } = settings;
        let endpoint = Shared::new(HttpSettings { longest_answer: LONGEST, ..http }, handles)?;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = &scope {
            form.append_pair("scope", scope);
        }
        let mut request = Request::new(Bytes::from(form.finish()));
        *request.method_mut() = ::http::Method::POST;
        *request.uri_mut() = url;
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, client);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Ok(Self { endpoint: Arc::new(endpoint), request, held: Mutex::new(Held::Nothing) })
    }

    /// What the backend is to be shown.
    ///
    /// # Errors
    /// [`UpstreamFault::Grant`]
    pub(super) async fn token(&self) -> Result<HeaderValue, UpstreamFault> {
        let mut held = self.held.lock().await;
        match &*held {
            Held::Token(token, until) if Instant::now() < *until => return Ok(token.clone()),
            Held::Refused(at) if at.elapsed() < PAUSE => return Err(UpstreamFault::Grant),
            _ => {}
        }
        match self.ask().await {
            Ok((token, lasts)) => {
                *held = Held::Token(token.clone(), Instant::now() + lasts);
                Ok(token)
            }
            Err(why) => {
                tracing::warn!(endpoint = %self.request.uri(), why, "the authorization server gives no token");
                *held = Held::Refused(Instant::now());
                Err(UpstreamFault::Grant)
            }
        }
    }

    /// The backend doesn't take it any more: the next call asks for another one.
    pub(super) async fn forget(&self, token: &HeaderValue) {
        let mut held = self.held.lock().await;
        if matches!(&*held, Held::Token(old, _) if old == token) {
            *held = Held::Nothing;
        }
    }

    /// A token and how long it is shown; or why there is none, in words that hold no secret.
    async fn ask(&self) -> Result<(HeaderValue, Duration), &'static str> {
        // Asking twice gives two tokens, of which one is never shown.
        let answer = self.endpoint.call(self.request.clone(), Retry::Read).await.map_err(|fault| fault.reason())?;
        let status = answer.status();
        let text = answer
            .into_body()
            .collect()
            .await
            .map_err(|_| "its answer breaks off, or is longer than 64 KiB")?
            .to_bytes();
        match status {
            StatusCode::OK => read(&text),
            StatusCode::UNAUTHORIZED => Err("it doesn't know the client's id and secret (401)"),
            StatusCode::BAD_REQUEST => Err("it refuses the request (400)"),
            _ => Err("it answers neither 200 nor 400 nor 401"),
        }
    }
}

/// Reads a token endpoint's answer.
fn read(text: &[u8]) -> Result<(HeaderValue, Duration), &'static str> {
    let given: Given = serde_json::from_slice(text).map_err(|_| "its answer holds no token (RFC 6749 section 5.1)")?;
    if !given.token_type.eq_ignore_ascii_case("bearer") {
        return Err("its token is none of the type Bearer (RFC 6750)");
    }
    let is_written = !given.access_token.is_empty() && given.access_token.bytes().all(|byte| byte.is_ascii_graphic());
    let value = HeaderValue::try_from(format!("Bearer {}", given.access_token)).ok().filter(|_| is_written);
    let mut value = value.ok_or("its token can't stand in a header field")?;
    value.set_sensitive(true);
    let lasts = given.expires_in.map_or(UNTOLD, Duration::from_secs);
    Ok((value, lasts.saturating_sub(MARGIN.min(lasts / 10))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_given_up_before_its_end() {
        let lasts = |expires: &str| {
            let text = format!(r#"{{"access_token":"t","token_type":"bearer"{expires}}}"#);
            read(text.as_bytes()).map(|(value, lasts)| (value.to_str().unwrap().to_owned(), lasts.as_secs()))
        };
        assert_eq!(lasts(r#","expires_in":3600"#), Ok(("Bearer t".to_owned(), 3570)));
        assert_eq!(lasts(r#","expires_in":100,"scope":"a""#), Ok(("Bearer t".to_owned(), 90)));
        assert_eq!(lasts(r#","expires_in":0"#), Ok(("Bearer t".to_owned(), 0)));
        assert_eq!(lasts(""), Ok(("Bearer t".to_owned(), 270)));
    }

    #[test]
    fn what_is_no_token_is_not_shown_to_anybody() {
        let broken = [
            "",
            "[]",
            r#"{"token_type":"Bearer"}"#,
            r#"{"access_token":"t"}"#,
            r#"{"access_token":"t","token_type":"mac"}"#,
            r#"{"access_token":"","token_type":"Bearer"}"#,
            r#"{"access_token":"a b","token_type":"Bearer"}"#,
            r#"{"access_token":"a\nb","token_type":"Bearer"}"#,
            r#"{"access_token":"t","token_type":"Bearer","expires_in":-1}"#,
        ];
        for text in broken {
            assert!(read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
