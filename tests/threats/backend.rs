//! A backend that keeps every byte, reads requests by a strict grammar of its own, and answers as it is told.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A request that a backend got.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    /// The values of a header.
    pub fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str()).collect()
    }

    /// `GET /scim/v2/Users`, without the base.
    pub fn line(&self) -> String {
        let below = self.target.strip_prefix(BASE).unwrap_or_else(|| panic!("outside of the base: {}", self.target));
        format!("{} {below}", self.method)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

/// The path of the backend's base URL.
pub const BASE: &str = "/scim/v2";

/// What is done once a request has come.
pub enum Play {
    /// These bytes, and the connection is kept.
    Answer(Vec<u8>),
    /// These bytes, and no more (FIN).
    Last(Vec<u8>),
    /// These bytes, and a reset (RST).
    Reset(Vec<u8>),
}

type Script = dyn Fn(&Seen) -> Play + Send + Sync;

/// The backend.
#[derive(Clone)]
pub struct Backend(Arc<Shared>);

struct Shared {
    address: SocketAddr,
    script: Box<Script>,
    /// The next connections are reset after so many bytes.
    cuts: Mutex<Vec<usize>>,
    seen: Mutex<Vec<Seen>>,
    wires: Mutex<Vec<Vec<u8>>>,
    faults: Mutex<Vec<String>>,
}

impl Backend {
    /// Listens.
    pub async fn start(script: impl Fn(&Seen) -> Play + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shared = Shared {
            address: listener.local_addr().unwrap(),
            script: Box::new(script),
            cuts: Mutex::default(),
            seen: Mutex::default(),
            wires: Mutex::default(),
            faults: Mutex::default(),
        };
        let backend = Self(Arc::new(shared));
        let accepting = backend.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(accepting.clone().connection(stream));
            }
        });
        backend
    }

    pub fn address(&self) -> SocketAddr {
        self.0.address
    }

    /// The next connection is reset after `after` bytes.
    pub fn cut(&self, after: usize) {
        self.0.cuts.lock().unwrap().push(after);
    }

    /// The requests since the last look. Each must have been beyond doubt.
    pub fn take(&self) -> Vec<Seen> {
        assert_eq!(*self.0.faults.lock().unwrap(), [""; 0], "the backend got something ambiguous");
        std::mem::take(&mut *self.0.seen.lock().unwrap())
    }

    /// The bytes of each connection on which any came.
    pub fn wires(&self) -> Vec<Vec<u8>> {
        self.0.wires.lock().unwrap().iter().filter(|wire| !wire.is_empty()).cloned().collect()
    }

    /// How many bytes have come on all connections.
    pub fn bytes(&self) -> usize {
        self.wires().iter().map(Vec::len).sum()
    }

    async fn connection(self, mut stream: TcpStream) {
        let number = {
            let mut wires = self.0.wires.lock().unwrap();
            wires.push(Vec::new());
            wires.len() - 1
        };
        let cut = self.0.cuts.lock().unwrap().pop();
        if let Some(after) = cut {
            let mut wire = vec![0; after];
            let _ = stream.read_exact(&mut wire).await;
            self.0.wires.lock().unwrap()[number] = wire;
            return stream.set_zero_linger().unwrap();
        }
        let mut held = Vec::new();
        while let Some(seen) = self.request(&mut stream, &mut held, number).await {
            let play = (self.0.script)(&seen);
            self.0.seen.lock().unwrap().push(seen);
            let (Play::Answer(bytes) | Play::Last(bytes) | Play::Reset(bytes)) = &play;
            if stream.write_all(bytes).await.is_err() {
                return;
            }
            match play {
                Play::Answer(_) => {}
                Play::Last(_) => return,
                Play::Reset(_) => return stream.set_zero_linger().unwrap(),
            }
        }
    }

    async fn request(&self, stream: &mut TcpStream, held: &mut Vec<u8>, number: usize) -> Option<Seen> {
        loop {
            match parse(held) {
                Ok(Some((seen, length))) => {
                    held.drain(..length);
                    return Some(seen);
                }
                Ok(None) => {}
                Err(fault) => {
                    let shown = String::from_utf8_lossy(held).into_owned();
                    self.0.faults.lock().unwrap().push(format!("{fault}: {shown}"));
                    return None;
                }
            }
            let before = held.len();
            if stream.read_buf(held).await.unwrap_or(0) == 0 {
                return None;
            }
            self.0.wires.lock().unwrap()[number].extend_from_slice(&held[before..]);
        }
    }
}

/// One request and its length, once it is whole. Stricter than RFC 9112: a gateway has no excuse.
fn parse(bytes: &[u8]) -> Result<Option<(Seen, usize)>, String> {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| "a head that is not ASCII")?;
    let mut lines = head.split("\r\n");
    let words: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let [method, target, "HTTP/1.1"] = words[..] else { return Err("no request line".to_owned()) };
    let known = ["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&method);
    if !known || !target.starts_with('/') || !target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("an odd request line".to_owned());
    }
    let headers = lines.map(header).collect::<Result<Vec<_>, _>>()?;
    let mut seen = Seen { method: method.to_owned(), target: target.to_owned(), headers, body: Vec::new() };
    if seen.all("host").len() != 1 || !seen.all("transfer-encoding").is_empty() {
        return Err("not one host, or a coding".to_owned());
    }
    let length = match seen.all("content-length")[..] {
        [] => 0,
        [text] if text == "0" || !text.starts_with('0') => text.parse::<usize>().map_err(|_| "an odd length")?,
        _ => return Err("not one plain length".to_owned()),
    };
    if length > 0 && matches!(method, "GET" | "DELETE") {
        return Err("a body where none belongs".to_owned());
    }
    let Some(body) = bytes.get(end + 4..end + 4 + length) else { return Ok(None) };
    seen.body = body.to_vec();
    Ok(Some((seen, end + 4 + length)))
}

fn header(line: &str) -> Result<(String, String), String> {
    let (name, value) = line.split_once(": ").ok_or("a header without a colon and one space")?;
    let token = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let plain = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) && value.trim() == value;
    if name.is_empty() || !name.bytes().all(token) || !plain {
        return Err(format!("an odd header `{line}`"));
    }
    Ok((name.to_owned(), value.to_owned()))
}
