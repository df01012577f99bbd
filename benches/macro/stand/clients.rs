//! The clients: so many at once, each with one call at a time, until the time is over.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime;

use super::gate::Gate;
use super::process::Process;
use super::tls;

/// What is asked, over and over.
#[derive(Clone, Debug)]
pub struct Asked {
    pub address: SocketAddr,
    pub tls: bool,
    pub method: Method,
    /// Path and query.
    pub target: String,
    pub bearer: String,
    pub body: Bytes,
}

impl Asked {
    /// A GET below the connection's path.
    pub fn get(gate: &Gate, target: &str) -> Self {
        Self {
            address: gate.process.address,
            tls: gate.tls,
            method: Method::GET,
            target: format!("{}{target}", gate.path),
            bearer: format!("Bearer {}", gate.secret),
            body: Bytes::new(),
        }
    }

    /// A PUT of this body below the connection's path.
    pub fn put(gate: &Gate, target: &str, body: &str) -> Self {
        let body = Bytes::copy_from_slice(body.as_bytes());
        Self { method: Method::PUT, body, ..Self::get(gate, target) }
    }

    fn request(&self) -> Request<Full<Bytes>> {
        let request = Request::builder().method(&self.method).uri(&self.target).header(HOST, "127.0.0.1");
        let request = request.header(AUTHORIZATION, &self.bearer);
        let request = match self.body.is_empty() {
            true => request,
            false => request.header(CONTENT_TYPE, "application/scim+json"),
        };
        request.body(Full::new(self.body.clone())).unwrap()
    }
}

/// How clients go about it.
#[derive(Clone, Copy, Debug)]
pub struct Manner {
    /// How many there are at once.
    pub clients: usize,
    /// For how long.
    pub time: Duration,
    /// Whether each call has a connection of its own.
    pub anew: bool,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Came {
    /// Calls that were answered with 200, to the last byte.
    pub calls: u64,
    /// CPU time of the server for one of them, in microseconds.
    pub cpu: f64,
    /// How long half of them took at most, and 99 of 100.
    pub median: Duration,
    pub slowest: Duration,
}

type Sender = SendRequest<Full<Bytes>>;

/// Lets clients ask a server, and says what that cost it. Every answer must be a 200.
pub fn ask(server: &Process, asked: &Asked, manner: Manner) -> Came {
    alone().block_on(async {
        let asked = Arc::new(asked.clone());
        // What is made on first use is made, and connections are open, before anything is counted.
        let opened = open_all(&asked, manner.clients).await;
        let before = server.cpu();
        let end = Instant::now() + manner.time;
        let mut opened = opened.into_iter();
        let all = each(manner.clients, |_| keep_asking(asked.clone(), opened.next(), end, manner.anew)).await;
        let cpu = server.cpu() - before;
        let mut took = all.concat();
        took.sort_unstable();
        let at = |hundredths: usize| took[(took.len() * hundredths / 100).min(took.len() - 1)];
        let calls = took.len() as u64;
        Came { calls, cpu: cpu.as_secs_f64() * 1e6 / took.len() as f64, median: at(50), slowest: at(99) }
    })
}

/// Opens connections, asks once on each and holds them open while something is measured.
pub fn hold<T>(asked: &Asked, clients: usize, measure: impl FnOnce() -> T) -> T {
    alone().block_on(async {
        let held = open_all(&Arc::new(asked.clone()), clients).await;
        let measured = measure();
        drop(held);
        measured
    })
}

/// Asks once, with so many clients at a time that don't read for a while. The answer's length, in bytes.
pub fn read_slowly(asked: &Asked, clients: usize, pause: Duration) -> usize {
    alone().block_on(async {
        let asked = Arc::new(asked.clone());
        let lengths = each(clients, |_| {
            let asked = asked.clone();
            async move {
                let mut sender = open(&asked).await;
                let answer = sender.send_request(asked.request()).await.unwrap();
                assert_eq!(answer.status(), 200);
                tokio::time::sleep(pause).await;
                read(answer.into_body()).await
            }
        });
        lengths.await[0]
    })
}

async fn read(mut body: hyper::body::Incoming) -> usize {
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        length += frame.unwrap().data_ref().map_or(0, Bytes::len);
    }
    length
}

/// So many connections are opened at a time: as many as wait for a listener without being turned away.
const BATCH: usize = 100;

async fn open_all(asked: &Arc<Asked>, clients: usize) -> Vec<Sender> {
    let mut opened = Vec::with_capacity(clients);
    while opened.len() < clients {
        opened.extend(each(BATCH.min(clients - opened.len()), |_| warm_up(asked.clone())).await);
    }
    opened
}

async fn warm_up(asked: Arc<Asked>) -> Sender {
    let mut sender = open(&asked).await;
    once(&mut sender, &asked).await;
    sender
}

async fn keep_asking(asked: Arc<Asked>, opened: Option<Sender>, end: Instant, anew: bool) -> Vec<Duration> {
    let (mut took, mut sender) = (Vec::new(), opened.unwrap());
    loop {
        let since = Instant::now();
        if since >= end && !took.is_empty() {
            return took;
        }
        if anew {
            sender = open(&asked).await;
        }
        once(&mut sender, &asked).await;
        took.push(since.elapsed());
    }
}

async fn once(sender: &mut Sender, asked: &Asked) {
    sender.ready().await.unwrap();
    let answer = sender.send_request(asked.request()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert!(read(answer.into_body()).await > 0);
}

async fn open(asked: &Asked) -> Sender {
    let stream = TcpStream::connect(asked.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    if asked.tls { speak(tls::connect(stream).await).await } else { speak(stream).await }
}

async fn speak(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> Sender {
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}

/// Runs so many tasks at once and waits for all.
async fn each<F>(number: usize, mut task: impl FnMut(usize) -> F) -> Vec<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let tasks: Vec<_> = (0..number).map(|n| tokio::spawn(task(n))).collect();
    let mut all = Vec::with_capacity(number);
    for task in tasks {
        all.push(task.await.unwrap());
    }
    all
}

fn alone() -> runtime::Runtime {
    runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
