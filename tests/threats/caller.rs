//! A client of raw bytes: says anything, and reads answers by a strict grammar of its own.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// No answer takes longer; none is expected to take long at all.
pub const CAP: Duration = Duration::from_secs(30);

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Whether the body came to the end that its framing says.
    pub whole: bool,
}

impl Reply {
    /// The value of a header that occurs at most once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let value = values.next();
        assert_eq!(values.next(), None, "two `{name}`: {self:?}");
        value
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// Head and body, to search in.
    pub fn everything(&self) -> String {
        format!("{:?} {}", self.headers, String::from_utf8_lossy(&self.body))
    }

    /// It is a SCIM error with this status (RFC 7644 section 3.12), as nobody may keep or guess at.
    pub fn assert_refused(&self, name: &str, status: u16) {
        assert_eq!(self.status, status, "{name}: {self:?}\n{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header("content-type"), Some("application/scim+json"), "{name}");
        self.assert_guarded(name);
        let body: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{name}: {self:?}"));
        assert_eq!(body["schemas"], serde_json::json!(["urn:ietf:params:scim:api:messages:2.0:Error"]), "{name}");
        assert_eq!(body["status"], status.to_string(), "{name}");
        assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{name}: {body}");
    }

    /// Nobody keeps it, takes it for another type, or embeds it.
    pub fn assert_guarded(&self, name: &str) {
        assert_eq!(self.header("cache-control"), Some("no-store"), "{name}");
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{name}");
        assert_eq!(self.header("cross-origin-resource-policy"), Some("same-origin"), "{name}");
        assert_eq!(self.header("x-request-id").map(str::len), Some(32), "{name}");
    }
}

/// A request with one `Host` and, with a body, its length.
pub fn request(method: &str, path: &str, token: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let length = match (body, method) {
        ([], "GET" | "HEAD" | "DELETE") => String::new(),
        _ => format!("Content-Length: {}\r\n", body.len()),
    };
    let head = format!(
        "{method} /scim{path} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer {token}\r\n{headers}{length}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A connection from an address of its own: wrong tokens are limited by where they come from.
pub async fn connect(address: SocketAddr) -> TcpStream {
    static NEXT: AtomicU32 = AtomicU32::new(2);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    connect_from(Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + next), address).await
}

pub async fn connect_from(source: Ipv4Addr, address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind((source, 0).into()).unwrap();
    socket.connect(address).await.unwrap()
}

/// Sends bytes, says that there are no more, and reads all that comes back.
pub async fn say(mut stream: TcpStream, bytes: &[u8]) -> Vec<Reply> {
    // A server that has already closed may make either fail; what it said before counts.
    let _ = stream.write_all(bytes).await;
    let _ = stream.shutdown().await;
    replies(&rest(&mut stream).await, bytes.starts_with(b"HEAD"))
}

/// All that comes until the server closes.
pub async fn rest(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = timeout(CAP, stream.read_to_end(&mut bytes)).await.expect("the server does not close");
    bytes
}

/// The answers in these bytes.
pub fn replies(mut bytes: &[u8], of_head: bool) -> Vec<Reply> {
    let mut replies = Vec::new();
    while !bytes.is_empty() {
        let (reply, length) = reply(bytes, of_head).unwrap_or_else(|| {
            panic!("no answer in HTTP: {}", String::from_utf8_lossy(bytes));
        });
        bytes = &bytes[length..];
        replies.push(reply);
    }
    replies
}

/// The first answer, and its length; nothing as long as its head is not whole.
fn reply(bytes: &[u8], of_head: bool) -> Option<(Reply, usize)> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status =
        lines.next()?.strip_prefix("HTTP/1.")?.strip_prefix(['0', '1'])?.strip_prefix(' ')?.get(..3)?.parse().ok()?;
    let field = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()));
    let headers = lines.map(field).collect::<Option<Vec<_>>>()?;
    let mut reply = Reply { status, headers, body: Vec::new(), whole: true };
    let after = &bytes[end + 4..];
    if of_head || status < 200 || [204, 304].contains(&status) {
        return Some((reply, end + 4));
    }
    let used = match (reply.header("content-length"), reply.header("transfer-encoding")) {
        (Some(length), None) => {
            let length: usize = length.parse().ok()?;
            reply.whole = after.len() >= length;
            let length = length.min(after.len());
            reply.body = after[..length].to_vec();
            length
        }
        (None, Some("chunked")) => {
            let (body, used) = chunks(after);
            (reply.body, reply.whole) = (body, used.is_some());
            used.unwrap_or(after.len())
        }
        _ => return None,
    };
    Some((reply, end + 4 + used))
}

/// The data of chunks, and how many bytes they took; nothing if they break off.
fn chunks(bytes: &[u8]) -> (Vec<u8>, Option<usize>) {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let Some(end) = bytes[at..].windows(2).position(|window| window == b"\r\n") else { return (body, None) };
        let size = std::str::from_utf8(&bytes[at..at + end]).unwrap();
        let (size, start) = (usize::from_str_radix(size, 16).unwrap(), at + end + 2);
        match bytes.get(start..start + size + 2) {
            None => return (body, None),
            Some(chunk) => body.extend_from_slice(&chunk[..size]),
        }
        at = start + size + 2;
        if size == 0 {
            return (body, Some(at));
        }
    }
}
