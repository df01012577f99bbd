//! Real sockets, scripted backends: what a backend can do wrong, and how often it is asked.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ::http::Method;
use http_body_util::BodyExt;
use tokio::runtime::{Builder, Runtime};

use super::*;
use crate::metrics::Metrics;

/// What a scripted backend does on one connection.
#[derive(Clone)]
enum Act {
    /// Reads each request whole and answers with these bytes; after the last it closes the connection.
    Say(&'static [&'static [u8]]),
    /// Reads a request, sends these bytes, and then nothing until the client goes.
    Stall(&'static [u8]),
    /// Reads a request, and resets the connection.
    Reset,
    /// Says this as soon as somebody connects.
    Greet(&'static [u8]),
    /// Answers once, reads the next request on the same connection, and closes without an answer.
    DieOnSecond,
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

/// A backend, and how many requests have arrived at it.
struct Backend {
    address: SocketAddr,
    arrivals: Arc<AtomicUsize>,
}

/// A backend that plays one act per connection, the last one for all that follow.
fn backend(acts: &[Act]) -> Backend {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let arrivals = Arc::new(AtomicUsize::new(0));
    let (acts, count) = (acts.to_vec(), arrivals.clone());
    std::thread::spawn(move || {
        for (number, socket) in listener.incoming().enumerate() {
            let act = acts[number.min(acts.len() - 1)].clone();
            let count = count.clone();
            std::thread::spawn(move || play(socket.unwrap(), &act, &count));
        }
    });
    Backend { address, arrivals }
}

fn play(mut socket: TcpStream, act: &Act, arrivals: &AtomicUsize) {
    let arrived = |socket: &mut TcpStream| {
        let some = request(socket);
        arrivals.fetch_add(usize::from(some), Ordering::SeqCst);
        some
    };
    match act {
        Act::Say(answers) => {
            for answer in *answers {
                if !arrived(&mut socket) {
                    return;
                }
                socket.write_all(answer).unwrap_or_default();
            }
        }
        Act::Stall(bytes) => {
            arrived(&mut socket);
            socket.write_all(bytes).unwrap_or_default();
            let _ = socket.read(&mut [0]);
        }
        Act::Reset => {
            // One byte is left unread: closing then resets.
            let _ = socket.peek(&mut [0]);
            arrivals.fetch_add(1, Ordering::SeqCst);
        }
        Act::Greet(bytes) => {
            socket.write_all(bytes).unwrap_or_default();
            let _ = socket.read(&mut [0; 1024]);
        }
        Act::DieOnSecond => {
            arrived(&mut socket);
            socket.write_all(OK).unwrap_or_default();
            arrived(&mut socket);
        }
    }
}

/// Reads one request to its end; false if there is none.
fn request(socket: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        match socket.read(&mut byte) {
            Ok(1) => bytes.push(byte[0]),
            _ => return false,
        }
    }
    let head = String::from_utf8(bytes).unwrap().to_ascii_lowercase();
    let length =
        head.split_once("content-length: ").map_or(0, |(_, rest)| rest.lines().next().unwrap().parse().unwrap());
    socket.read_exact(&mut vec![0; length]).is_ok()
}

fn settings() -> HttpSettings {
    HttpSettings { trust: Trust::Nobody, ..HttpSettings::default() }
}

struct Client {
    upstream: HttpUpstream,
    metrics: Metrics,
    base: String,
}

impl Client {
    fn new(address: SocketAddr, settings: HttpSettings) -> Self {
        let metrics = Metrics::new();
        let upstream = HttpUpstream::new(settings, metrics.backend("hr")).unwrap();
        Self { upstream, metrics, base: format!("http://{address}") }
    }

    async fn send(&self, method: Method) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let (retry, body) = match method {
            Method::GET => (Retry::Read, Bytes::new()),
            _ => (Retry::Write, Bytes::from_static(b"{\"userName\":\"ada\"}")),
        };
        let request = Request::builder().method(method).uri(format!("{}/Users", self.base)).body(body).unwrap();
        self.upstream.call(request, retry).await
    }

    /// Status and whole body.
    async fn ask(&self, method: Method) -> Result<(u16, Bytes), UpstreamFault> {
        let (head, body) = self.send(method).await?.into_parts();
        Ok((head.status.as_u16(), body.collect().await?.to_bytes()))
    }

    fn counted(&self, series: &str) -> u64 {
        let text = self.metrics.encode();
        let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.map_or(0, |value| value.parse().unwrap())
    }

    fn retries(&self) -> u64 {
        self.counted("scimgate_upstream_retries_total{backend=\"hr\"}")
    }

    fn unknown(&self) -> u64 {
        self.counted("scimgate_upstream_unknown_outcomes_total{backend=\"hr\",method=\"POST\"}")
    }

    fn errors(&self, fault: UpstreamFault) -> u64 {
        self.counted(&format!("scimgate_upstream_errors_total{{backend=\"hr\",reason=\"{}\"}}", fault.reason()))
    }
}

/// What becomes of one request to a backend that plays this act; how often it arrived.
async fn asked(
    method: Method,
    act: Act,
    settings: HttpSettings,
) -> (Result<(u16, Bytes), UpstreamFault>, usize, Client) {
    let backend = backend(&[act]);
    let client = Client::new(backend.address, settings);
    let outcome = client.ask(method).await;
    (outcome, backend.arrivals.load(Ordering::SeqCst), client)
}

/// An address where nobody listens.
fn nobody() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

#[tokio::test]
async fn an_answer_comes_through() {
    let (outcome, arrivals, client) = asked(Method::GET, Act::Say(&[OK]), settings()).await;
    assert_eq!((outcome.unwrap(), arrivals), ((200, Bytes::from("{}")), 1));
    assert_eq!(client.counted("scimgate_upstream_requests_total{backend=\"hr\",code=\"200\",method=\"GET\"}"), 1);
    assert_eq!(client.counted("scimgate_upstream_requests_in_flight{backend=\"hr\"}"), 0);
}

#[tokio::test]
async fn a_refused_connection_is_tried_twice_and_is_never_an_unknown_outcome() {
    for method in [Method::GET, Method::POST] {
        let client = Client::new(nobody(), settings());
        assert_eq!(client.ask(method).await.unwrap_err(), UpstreamFault::Refused);
        assert_eq!((client.errors(UpstreamFault::Refused), client.retries(), client.unknown()), (2, 1, 0));
    }
}

#[tokio::test]
async fn a_name_without_an_address_is_a_fault_of_its_own() {
    let mut client = Client::new(nobody(), settings());
    // Longer than a label can be (RFC 1035 section 2.3.4): the resolver needs to ask nobody.
    client.base = format!("http://{}.test", "a".repeat(70));
    assert_eq!(client.ask(Method::GET).await.unwrap_err(), UpstreamFault::Dns);
}

#[tokio::test]
async fn a_read_whose_connection_ends_before_the_answer_is_sent_once_more() {
    for end in [Act::Reset, Act::Say(&[b""])] {
        let (outcome, arrivals, client) = asked(Method::GET, end.clone(), settings()).await;
        assert_eq!((outcome.unwrap_err(), arrivals, client.retries()), (UpstreamFault::Reset, 2, 1));
        let backend = backend(&[end, Act::Say(&[OK])]);
        let client = Client::new(backend.address, settings());
        assert_eq!(client.ask(Method::GET).await.unwrap().0, 200);
        assert_eq!(backend.arrivals.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test]
async fn a_write_whose_connection_ends_before_the_answer_arrives_once_and_its_outcome_is_unknown() {
    for end in [Act::Reset, Act::Say(&[b""]), Act::Say(&[b"HTTP/1.1 20"])] {
        let (outcome, arrivals, client) = asked(Method::POST, end, settings()).await;
        assert_eq!((outcome.unwrap_err(), arrivals), (UpstreamFault::Reset, 1));
        assert_eq!((client.retries(), client.unknown()), (0, 1));
    }
}

#[tokio::test]
async fn a_kept_connection_that_dies_on_its_second_use_costs_a_read_nothing_and_a_write_its_outcome() {
    let reading = backend(&[Act::DieOnSecond, Act::Say(&[OK])]);
    let client = Client::new(reading.address, settings());
    assert_eq!(client.ask(Method::GET).await.unwrap().0, 200);
    assert_eq!(client.ask(Method::GET).await.unwrap().0, 200);
    assert_eq!((reading.arrivals.load(Ordering::SeqCst), client.retries()), (3, 1));

    let writing = backend(&[Act::DieOnSecond, Act::Say(&[OK])]);
    let client = Client::new(writing.address, settings());
    assert_eq!(client.ask(Method::POST).await.unwrap().0, 200);
    assert_eq!(client.ask(Method::POST).await.unwrap_err(), UpstreamFault::Reset);
    assert_eq!((writing.arrivals.load(Ordering::SeqCst), client.unknown()), (2, 1));
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_not_asked_for_again() {
    let short = || HttpSettings { response_timeout: Duration::from_millis(100), ..settings() };
    for method in [Method::GET, Method::POST] {
        let writes = u64::from(method == Method::POST);
        let (outcome, _, client) = asked(method, Act::Stall(b""), short()).await;
        assert_eq!(outcome.unwrap_err(), UpstreamFault::ResponseTimeout);
        assert_eq!((client.retries(), client.unknown()), (0, writes));
    }
}

#[tokio::test]
async fn a_body_that_stops_coming_is_given_up() {
    let short = HttpSettings { body_timeout: Duration::from_millis(100), ..settings() };
    let act = Act::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{");
    let (outcome, _, client) = asked(Method::GET, act, short).await;
    assert_eq!(outcome.unwrap_err(), UpstreamFault::BodyTimeout);
    assert_eq!(client.errors(UpstreamFault::BodyTimeout), 1);
}

#[tokio::test]
async fn a_body_that_is_cut_or_garbled_is_never_taken_for_whole() {
    let cases: [(&'static [&'static [u8]], UpstreamFault); 4] = [
        (&[b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{}"], UpstreamFault::Truncated),
        (&[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"], UpstreamFault::Truncated),
        (&[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{}"], UpstreamFault::Truncated),
        (&[b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n0\r\n\r\n"], UpstreamFault::Framing),
    ];
    for (answer, fault) in cases {
        let (outcome, arrivals, client) = asked(Method::GET, Act::Say(answer), settings()).await;
        assert_eq!((outcome.unwrap_err(), arrivals), (fault, 1), "{:?}", String::from_utf8_lossy(answer[0]));
        assert_eq!(client.errors(fault), 1);
        assert_eq!(client.counted("scimgate_upstream_requests_in_flight{backend=\"hr\"}"), 0);
    }
}

#[tokio::test]
async fn an_answer_that_can_be_read_in_two_ways_or_none_is_refused() {
    let cases: [&'static [&'static [u8]]; 8] = [
        &[b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"],
        &[b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"],
        &[b"{}\r\n"],
        &[b"\x15\x03\x03\x00\x02\x02\x28"],
        &[b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"],
        &[b"HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\n{}"],
        &[b"HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 2\r\n\r\n{}"],
        &[b"HTTP/1.1 200 OK\r\nX: y\r\n folded\r\nContent-Length: 2\r\n\r\n{}"],
    ];
    for answer in cases {
        let (outcome, arrivals, _) = asked(Method::GET, Act::Say(answer), settings()).await;
        assert_eq!((outcome, arrivals), (Err(UpstreamFault::Framing), 1), "{:?}", String::from_utf8_lossy(answer[0]));
    }
}

#[tokio::test]
async fn bytes_after_an_answer_never_become_the_next_one() {
    const MORE: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
    let backend = backend(&[Act::Say(&[MORE, MORE]), Act::Say(&[OK])]);
    let client = Client::new(backend.address, settings());
    for _ in 0..2 {
        assert_eq!(client.ask(Method::GET).await.unwrap(), (200, Bytes::from("{}")));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    const ELSEWHERE: &[u8] = b"HTTP/1.1 307 Go\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
    let (outcome, arrivals, _) = asked(Method::POST, Act::Say(&[ELSEWHERE, OK]), settings()).await;
    assert_eq!((outcome.unwrap().0, arrivals), (307, 1));
}

#[tokio::test]
async fn a_body_longer_than_may_be_is_given_up() {
    let tiny = HttpSettings { longest_answer: 1, ..settings() };
    let (outcome, _, client) = asked(Method::GET, Act::Say(&[OK]), tiny).await;
    assert_eq!(outcome.unwrap_err(), UpstreamFault::TooLarge);
    assert_eq!(client.errors(UpstreamFault::TooLarge), 1);
}

#[tokio::test]
async fn a_call_holds_its_seat_until_its_answer_has_ended() {
    let one = HttpSettings { calls: 1, queue_timeout: Duration::from_millis(50), ..settings() };
    let backend = backend(&[Act::Say(&[OK, OK, OK])]);
    let client = Client::new(backend.address, one);
    let first = client.send(Method::GET).await.unwrap();
    assert_eq!(client.ask(Method::GET).await.unwrap_err(), UpstreamFault::Busy);
    drop(first);
    assert_eq!(client.ask(Method::GET).await.unwrap().0, 200);
    assert_eq!((client.errors(UpstreamFault::Busy), client.retries()), (1, 0));
}

#[tokio::test]
async fn a_write_is_finished_though_its_caller_has_hung_up() {
    let backend = backend(&[Act::Say(&[OK])]);
    let client = Client::new(backend.address, settings());
    {
        let mut call = Box::pin(client.send(Method::POST));
        // Begun, and dropped before it can have an answer.
        assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(call.as_mut().poll(cx))).await.is_pending());
    }
    let finished = async {
        while client.counted("scimgate_upstream_requests_total{backend=\"hr\",code=\"200\",method=\"POST\"}") == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), finished).await.expect("the write is finished");
    assert_eq!(backend.arrivals.load(Ordering::SeqCst), 1);
}

/// An authority, and a server's side of TLS with a certificate that it has signed for `localhost`.
fn authority() -> (String, Arc<rustls::ServerConfig>) {
    let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let pem = certificate.cert.pem();
    let private = rustls::pki_types::PrivateKeyDer::try_from(certificate.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.cert.der().clone()], private)
        .unwrap();
    (pem, Arc::new(config))
}

/// A backend behind TLS.
fn secure(config: Arc<rustls::ServerConfig>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut tls =
                rustls::StreamOwned::new(rustls::ServerConnection::new(config.clone()).unwrap(), socket.unwrap());
            let mut bytes = [0; 4096];
            if tls.read(&mut bytes).is_ok_and(|length| length > 0) {
                tls.write_all(OK).unwrap_or_default();
                tls.flush().unwrap_or_default();
            }
        }
    });
    address
}

async fn over_tls(address: SocketAddr, host: &str, trust: Trust) -> Result<(u16, Bytes), UpstreamFault> {
    let mut client = Client::new(address, HttpSettings { trust, ..settings() });
    client.base = format!("https://{host}:{}", address.port());
    client.ask(Method::POST).await
}

#[tokio::test]
async fn a_backend_is_believed_only_with_the_right_authority_and_name() {
    let (pem, config) = authority();
    let (other, _) = authority();
    let address = secure(config);
    let trust = |pem: &str| Trust::Authorities(pem.as_bytes().to_vec());
    assert_eq!(over_tls(address, "localhost", trust(&pem)).await.unwrap().0, 200);
    for (host, trust) in [("localhost", trust(&other)), ("127.0.0.1", trust(&pem)), ("localhost", Trust::Nobody)] {
        assert_eq!(over_tls(address, host, trust).await.unwrap_err(), UpstreamFault::Tls, "{host}");
    }
}

#[tokio::test]
async fn plaintext_before_a_handshake_is_never_an_answer() {
    let (pem, _) = authority();
    for greeting in [OK, b""] {
        let backend = backend(&[Act::Greet(greeting)]);
        let trust = Trust::Authorities(pem.clone().into_bytes());
        assert_eq!(over_tls(backend.address, "localhost", trust).await.unwrap_err(), UpstreamFault::Tls);
    }
}

#[tokio::test]
async fn a_handshake_that_never_ends_counts_as_connecting() {
    let backend = backend(&[Act::Stall(b"")]);
    let quick = HttpSettings { connect_timeout: Duration::from_millis(100), ..settings() };
    let mut client = Client::new(backend.address, quick);
    client.base = format!("https://localhost:{}", backend.address.port());
    assert_eq!(client.ask(Method::POST).await.unwrap_err(), UpstreamFault::ConnectTimeout);
    assert_eq!((client.retries(), client.unknown()), (0, 0));
}

#[test]
fn a_file_without_an_authority_says_what_is_missing() {
    let handles = Metrics::new().backend("hr");
    let faults = [b"".as_slice(), b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"].map(|pem| {
        let trust = Trust::Authorities(pem.to_vec());
        HttpUpstream::new(HttpSettings { trust, ..settings() }, handles.clone()).unwrap_err().to_string()
    });
    assert!(faults[0].contains("no certificate"), "{}", faults[0]);
    assert!(faults[1].contains("can't be used"), "{}", faults[1]);
}

#[test]
fn a_connection_serves_the_runtime_that_made_it() {
    const FIRST: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1";
    const SECOND: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n2";
    let backend = backend(&[Act::Say(&[FIRST; 3]), Act::Say(&[SECOND; 3])]);
    let client = Client::new(backend.address, settings());
    let [one, other] = [(); 2].map(|()| Builder::new_current_thread().enable_all().build().unwrap());
    let said = |runtime: &Runtime| runtime.block_on(client.ask(Method::GET)).unwrap().1;
    assert_eq!([&one, &other, &one, &other].map(said), ["1", "2", "1", "2"]);
}
