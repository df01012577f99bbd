//! Checks of a request's head that hyper leaves to its user: framing, form and names, the same for every service.
//!
//! hyper has already refused what can't be parsed (folded lines, control bytes, contradicting lengths) and has settled
//! how the body is framed; nothing here changes that. What a path means is the gateway's to say.

use http::header::{
    AUTHORIZATION, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, IF_MATCH, IF_NONE_MATCH,
    TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version};

use crate::gateway::{ErrorStatus, REQUEST_ID};

use super::limits::Limits;

/// The methods that go on to the service; also the value of `Allow`.
pub const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";

/// Why a request is refused before the gateway sees it: the closed list of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// `GET Users`, `CONNECT host:443`, a target beyond the limit.
    Path,
    /// `TRACE`, `get`.
    Method,
    /// `X_Forwarded_For: 1`, `Connection: Authorization`.
    Header,
    /// `Content-Length: 02`, `Transfer-Encoding: gzip, chunked`.
    Framing,
    /// Header fields beyond the limit.
    Size,
    /// `Content-Encoding: gzip`.
    Encoding,
    /// `Expect: tea`.
    Expect,
    /// No `Host`, two, or one that the target contradicts.
    Host,
}

impl Reason {
    /// The label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Method => "method",
            Self::Header => "header",
            Self::Framing => "framing",
            Self::Size => "size",
            Self::Encoding => "encoding",
            Self::Expect => "expect",
            Self::Host => "host",
        }
    }
}

/// Why a head is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    /// 4xx, or 501.
    pub status: ErrorStatus,
    /// For the metric.
    pub reason: Reason,
    /// For the caller.
    pub detail: &'static str,
}

type Outcome = Result<(), Refused>;

fn refused(status: ErrorStatus, reason: Reason, detail: &'static str) -> Outcome {
    Err(Refused { status, reason, detail })
}

fn bad(reason: Reason, detail: &'static str) -> Outcome {
    refused(ErrorStatus::BadRequest, reason, detail)
}

/// Checks a head.
///
/// # Errors
/// The first check that fails. Framing comes first: as long as it is in doubt, nothing else can be believed.
pub fn check(parts: &Parts, limits: &Limits) -> Outcome {
    framing(&parts.headers)?;
    method(&parts.method)?;
    size(parts, limits)?;
    target(parts)?;
    host(parts)?;
    names(&parts.headers)?;
    if !parts.headers.keys().any(|name| SELDOM.contains(name)) {
        return Ok(());
    }
    nominated(&parts.headers)?;
    expect(&parts.headers)?;
    encoding(&parts.headers)
}

/// What most requests have nothing of.
const SELDOM: [HeaderName; 3] = [CONNECTION, CONTENT_ENCODING, EXPECT];

/// Lengths and codings that readers understand differently (RFC 9112 section 6). hyper takes `02`, and `gzip, chunked`
/// as chunked; it folds two equal lengths into one before we see them, which RFC 9112 section 6.3 allows.
fn framing(headers: &HeaderMap) -> Outcome {
    for length in headers.get_all(CONTENT_LENGTH) {
        let digits = length.as_bytes();
        let plain = digits == b"0" || digits.first().is_some_and(|first| (b'1'..=b'9').contains(first));
        if !plain {
            return bad(Reason::Framing, "write Content-Length as a plain number without leading zeros");
        }
    }
    let codings = headers.get_all(TRANSFER_ENCODING);
    let plain = |coding: &HeaderValue| coding.as_bytes().eq_ignore_ascii_case(b"chunked");
    if codings.iter().count() > 1 || !codings.iter().all(plain) {
        return refused(
            ErrorStatus::NotImplemented,
            Reason::Framing,
            "the only Transfer-Encoding known here is `chunked`",
        );
    }
    Ok(())
}

/// An allow-list (RFC 9110 section 9.1: 501 for what is unknown, 405 for what is not allowed). Names have case. `OPTIONS`
/// is not allowed, so no browser is told that it may ask from elsewhere.
fn method(method: &Method) -> Outcome {
    match *method {
        Method::GET | Method::HEAD | Method::POST | Method::PUT | Method::PATCH | Method::DELETE => Ok(()),
        Method::OPTIONS | Method::TRACE | Method::CONNECT => {
            refused(ErrorStatus::MethodNotAllowed, Reason::Method, "the method is not allowed here")
        }
        _ => refused(ErrorStatus::NotImplemented, Reason::Method, "the method is not known here"),
    }
}

/// hyper's own limits are a little beyond these, so that most of what is too long still gets a SCIM error.
fn size(parts: &Parts, limits: &Limits) -> Outcome {
    let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    if target > limits.target {
        return refused(ErrorStatus::UriTooLong, Reason::Path, "the request target is too long");
    }
    let field = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + ": \r\n".len();
    if parts.headers.iter().map(field).sum::<usize>() > limits.headers {
        return refused(ErrorStatus::HeadersTooLarge, Reason::Size, "the request's header fields are too long");
    }
    Ok(())
}

/// `*` and `Users` are no paths (RFC 9112 section 3.2); bytes that aren't printable ASCII are no URI (RFC 3986).
fn target(parts: &Parts) -> Outcome {
    if !parts.uri.path().starts_with('/') {
        return bad(Reason::Path, "the request target must be a path that begins with `/`");
    }
    let target = parts.uri.path_and_query().map_or("", |target| target.as_str());
    if !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return bad(Reason::Path, "percent-encode what is not ASCII in the request target");
    }
    Ok(())
}

/// One authority, said once (RFC 9112 section 3.2); where the target says it too, it is the same (RFC 9113 section
/// 8.3.1 leaves that to us). No user information: what stands before an `@` only serves to deceive.
fn host(parts: &Parts) -> Outcome {
    let mut hosts = parts.headers.get_all(HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) if parts.uri.authority().is_none() && is_plain(host.as_bytes()) => return Ok(()),
        (Some(host), None) => match Authority::try_from(host.as_bytes()) {
            Ok(host) => Some(host),
            Err(_) => return bad(Reason::Host, "the Host header is no host"),
        },
        (None, _) if parts.version == Version::HTTP_2 => None,
        _ => return bad(Reason::Host, "send exactly one Host header"),
    };
    let asked = parts.uri.authority();
    let named = |authority: &Authority| authority.as_str().contains('@') || authority.host().is_empty();
    if host.iter().chain(asked).any(named) {
        return bad(Reason::Host, "the host must be a name or an address, without user information");
    }
    match (&host, asked) {
        (Some(host), Some(asked)) if !host.as_str().eq_ignore_ascii_case(asked.as_str()) => {
            bad(Reason::Host, "the request target and the Host header name different hosts")
        }
        (None, None) => bad(Reason::Host, "name a host"),
        _ => Ok(()),
    }
}

/// A host as nearly all are: a name or an IPv4 address, perhaps with a port. There is nothing to doubt in it.
fn is_plain(host: &[u8]) -> bool {
    let colon = host.iter().position(|byte| *byte == b':').unwrap_or(host.len());
    let (name, port) = host.split_at(colon);
    let named = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    !name.is_empty()
        && name.iter().all(named)
        && (port.is_empty() || (2..=6).contains(&port.len()) && port.iter().skip(1).all(u8::is_ascii_digit))
}

/// `X_Forwarded_For` becomes `X-Forwarded-For` in CGI and its heirs. A credential in bytes beyond ASCII is read
/// differently by everyone.
fn names(headers: &HeaderMap) -> Outcome {
    if headers.keys().any(|name| name.as_str().contains('_')) {
        return bad(Reason::Header, "header names with `_` are not accepted");
    }
    if headers.get_all(AUTHORIZATION).iter().any(|value| !value.as_bytes().is_ascii()) {
        return bad(Reason::Header, "the Authorization header has bytes that are not ASCII");
    }
    Ok(())
}

/// Headers that nobody on the way may take away, as `Connection: Authorization` asks (RFC 9110 section 7.6.1).
const KEPT: [HeaderName; 9] = [
    AUTHORIZATION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    EXPECT,
    HOST,
    IF_MATCH,
    IF_NONE_MATCH,
    TRANSFER_ENCODING,
];

fn nominated(headers: &HeaderMap) -> Outcome {
    let taken = |name: &str| KEPT.iter().any(|kept| name.eq_ignore_ascii_case(kept.as_str()));
    if options(headers).any(taken) {
        return bad(Reason::Header, "the Connection header names a header that is not its to name");
    }
    Ok(())
}

/// The names in `Connection`. One that isn't ASCII names no header.
fn options(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',').map(str::trim))
}

/// The one expectation that HTTP knows; hyper meets it when the body is first read (RFC 9110 section 10.1.1).
fn expect(headers: &HeaderMap) -> Outcome {
    if headers.get_all(EXPECT).iter().all(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        return Ok(());
    }
    refused(ErrorStatus::ExpectationFailed, Reason::Expect, "the only expectation known here is `100-continue`")
}

/// A compressed body could be a thousand times its length.
fn encoding(headers: &HeaderMap) -> Outcome {
    if headers.get_all(CONTENT_ENCODING).iter().all(|value| value.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Ok(());
    }
    refused(ErrorStatus::UnsupportedMediaType, Reason::Encoding, "send the body without Content-Encoding")
}

/// Takes away what was meant for this connection only, and what only we may say.
pub fn clean(headers: &mut HeaderMap) {
    if !headers.keys().any(|name| TAKEN.contains(name)) {
        return;
    }
    let nominated: Vec<HeaderName> = options(headers).filter_map(|name| name.parse().ok()).collect();
    for name in nominated.iter().chain(&TAKEN) {
        headers.remove(name);
    }
}

const TAKEN: [HeaderName; 10] = [
    CONNECTION,
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    EXPECT,
    REQUEST_ID,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("http2-settings"),
];

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn parts(request: http::request::Builder) -> Parts {
        request.body(()).unwrap().into_parts().0
    }

    fn http2() -> http::request::Builder {
        Request::builder().version(Version::HTTP_2).uri("https://id.example/scim/Users")
    }

    fn reason(request: http::request::Builder) -> Option<Reason> {
        check(&parts(request), &Limits::default()).err().map(|refused| refused.reason)
    }

    #[test]
    fn over_http2_the_authority_is_enough_and_a_host_must_agree() {
        assert_eq!(reason(http2()), None);
        assert_eq!(reason(http2().header(HOST, "ID.example")), None);
        assert_eq!(reason(http2().header(HOST, "evil.example")), Some(Reason::Host));
        assert_eq!(reason(http2().uri("https://admin@id.example/scim/Users")), Some(Reason::Host));
        assert_eq!(reason(http2().uri("/scim/Users")), Some(Reason::Host));
    }

    #[test]
    fn a_plain_host_is_one_that_the_whole_check_takes() {
        let asked = |host: &[u8]| reason(Request::builder().uri("/").header(HOST, host));
        let plain: [&[u8]; 4] = [b"id.example", b"ID-1.example:8443", b"127.0.0.1:1", b"h"];
        for host in plain {
            assert!(is_plain(host) && Authority::try_from(host).is_ok(), "{}", host.escape_ascii());
            assert_eq!(asked(host), None);
        }
        let doubtful: [&[u8]; 8] =
            [b"", b":80", b"a@b", b"[::1]:80", b"h:", b"h:123456", b"h:80:80", b"id.example/Users"];
        for host in doubtful {
            assert!(!is_plain(host), "{}", host.escape_ascii());
        }
    }

    #[test]
    fn limits_hold_to_the_byte() {
        let limits = Limits::default();
        let target = |length: usize| format!("/{}", "u".repeat(length - 1));
        let asked = |uri: String| Request::builder().uri(uri).header(HOST, "h");
        assert_eq!(reason(asked(target(limits.target))), None);
        assert_eq!(reason(asked(target(limits.target + 1))), Some(Reason::Path));
        let rest = "host".len() + "h".len() + "x".len() + 2 * ": \r\n".len();
        let long = |more: usize| asked("/".to_owned()).header("x", "v".repeat(limits.headers - rest + more));
        assert_eq!(reason(long(0)), None);
        assert_eq!(reason(long(1)), Some(Reason::Size));
    }

    #[test]
    fn a_clean_head_has_nothing_of_the_connection_and_no_id_of_the_client() {
        let mut headers = parts(
            http2()
                .header(CONNECTION, "keep-alive, X-Gone")
                .header("x-gone", "1")
                .header("keep-alive", "timeout=5")
                .header(UPGRADE, "h2c")
                .header("http2-settings", "AAMAAABk")
                .header(EXPECT, "100-continue")
                .header(REQUEST_ID, "mine")
                .header("accept", "application/scim+json"),
        )
        .headers;
        clean(&mut headers);
        let left: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["accept"]);
    }
}
