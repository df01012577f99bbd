//! Raw bytes over real loopback sockets, against a service that tells what it saw.

mod heads;
mod http2;
mod life;
mod times;
mod tls;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::gateway::{BodyFault, REQUEST_ID};

use super::*;

/// No test waits longer; none is expected to wait at all.
const CAP: Duration = Duration::from_secs(20);

/// A server, and what it and its service tell.
struct Running {
    address: SocketAddr,
    life: Life,
    metrics: Metrics,
    seen: Arc<Mutex<Vec<String>>>,
    ended: JoinHandle<bool>,
}

impl Running {
    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The value of a series, such as `panics_total`.
    fn count(&self, series: &str) -> usize {
        let (all, name) = (self.metrics.encode(), format!("scimgate_{series} "));
        all.lines().find_map(|line| line.strip_prefix(&name)).map_or(0, |value| value.parse().unwrap())
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends bytes, says that there are no more, and reads all that comes back.
    async fn say(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        // A server that has already closed may make either fail; what it said before counts.
        let _ = stream.write_all(bytes).await;
        let _ = stream.shutdown().await;
        rest(&mut stream).await
    }
}

/// All that comes until the server closes.
async fn rest<I: tokio::io::AsyncRead + Unpin>(stream: &mut I) -> String {
    let mut bytes = Vec::new();
    let _ = timeout(CAP, stream.read_to_end(&mut bytes)).await.expect("the server does not close");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The statuses of the answers.
fn statuses(answers: &str) -> Vec<u16> {
    answers.split("HTTP/1.1 ").skip(1).map(|answer| answer[..3].parse().unwrap()).collect()
}

async fn start(limits: Limits) -> Running {
    start_with(limits, None, |request| async { request }).await
}

/// An echo, after `first` has seen the request.
async fn start_with<F, A>(limits: Limits, tls: Option<Arc<Tls>>, first: F) -> Running
where
    F: Fn(Request<RequestBody>) -> A + Send + Sync + 'static,
    A: Future<Output = Request<RequestBody>> + Send + 'static,
{
    let seen = Arc::new(Mutex::new(Vec::new()));
    let told = seen.clone();
    let service = move |request| {
        let (told, request) = (told.clone(), first(request));
        async move { echo(request.await, &told).await }
    };
    serve(limits, tls, service, seen).await
}

/// A server whose requests wait at a gate.
struct Gated {
    running: Running,
    /// One permit lets one request pass.
    gate: Arc<Semaphore>,
    /// One permit for each request that has come to the gate.
    came: Arc<Semaphore>,
    /// One permit for each request that has left it: through, or dropped.
    left: Arc<Semaphore>,
}

struct Leaves(Arc<Semaphore>);

impl Drop for Leaves {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

async fn gated(limits: Limits) -> Gated {
    let [gate, came, left] = [(); 3].map(|()| Arc::new(Semaphore::new(0)));
    let (wait, told, leaves) = (gate.clone(), came.clone(), left.clone());
    let running = start_with(limits, None, move |request| {
        let (wait, told, leaves) = (wait.clone(), told.clone(), Leaves(leaves.clone()));
        async move {
            told.add_permits(1);
            wait.acquire().await.unwrap().forget();
            drop(leaves);
            request
        }
    })
    .await;
    Gated { running, gate, came, left }
}

/// Waits for one permit, and takes it.
async fn one(of: &Semaphore) {
    timeout(CAP, of.acquire()).await.expect("it does not happen").unwrap().forget();
}

async fn serve<S: Service>(
    limits: Limits,
    tls: Option<Arc<Tls>>,
    service: S,
    seen: Arc<Mutex<Vec<String>>>,
) -> Running {
    let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let (address, life, metrics) = (listener.address(), Life::default(), Metrics::new());
    let mut server = Server::new(service, limits, metrics.clone());
    if let Some(tls) = tls {
        server = server.with_tls(tls);
    }
    let ended = tokio::spawn(server.run(listener, life.stages()));
    Running { address, life, metrics, seen, ended }
}

async fn echo(request: Request<RequestBody>, told: &Mutex<Vec<String>>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    assert!(body.peer().is_loopback());
    assert_eq!(parts.headers[REQUEST_ID].len(), 32);
    if parts.uri.path() == "/panic" {
        panic!("the service was asked to");
    }
    if parts.uri.path() == "/unread" {
        return Response::new(Full::from("unread"));
    }
    let body = match body.collect().await {
        Ok(body) => String::from_utf8(body.to_bytes().to_vec()).unwrap(),
        Err(fault) => {
            let mut response = Response::new(Full::default());
            let slow = fault == BodyFault::Slow;
            *response.status_mut() = if slow { StatusCode::REQUEST_TIMEOUT } else { StatusCode::BAD_REQUEST };
            return response;
        }
    };
    let names: Vec<&str> = parts
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| !["host", "x-request-id"].contains(name))
        .collect();
    let saw = format!("{} {} {body} {}", parts.method, parts.uri.path(), names.join(","));
    told.lock().unwrap().push(saw.clone());
    Response::new(Full::from(saw))
}
