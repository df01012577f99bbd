//! Sockets and life cycle: from an address to a request that can be believed, and back.
//!
//! A [`Listener`] is bound, a [`Server`] takes its connections: TLS (`tls`), protocol and limits of time
//! (`connection`, `pulse`), what every request goes through (`stack`, `head`), then the service. [`Workers`] are the
//! threads on which that is done. [`Life`] says when to stop. Not here: what a path means, who may call, anything of SCIM
//! but the form of its errors (`gateway`).

mod admin;
mod body;
mod connection;
mod head;
mod http1;
mod life;
mod limits;
mod listener;
mod pulse;
mod stack;
mod tls;
mod wire;
mod workers;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{sleep, timeout};

use crate::metrics::Metrics;

pub use admin::{Admin, Insight};
pub use body::RequestBody;
pub use life::{Life, Signals, Stage, Stages, until_stopped};
pub use limits::Limits;
pub use listener::{BindFault, Listener};
pub use tls::{Pem, Tls, TlsFault};
pub use workers::Workers;

use connection::Connection;
use stack::{Ids, Stack};

/// Any error of a body.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// What answers requests: any function from a request to the future of a response.
pub trait Service: Send + Sync + 'static {
    /// The body of a response. If it fails, the connection (HTTP/1.1) or the stream (HTTP/2) is cut.
    type Body: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static;
    /// The response, to come.
    type Answer: Future<Output = Response<Self::Body>> + Send + 'static;
    /// Answers one request. It carries its id as `x-request-id`; its body knows the peer.
    fn call(&self, request: Request<RequestBody>) -> Self::Answer;
}

impl<F, A, B> Service for F
where
    F: Fn(Request<RequestBody>) -> A + Send + Sync + 'static,
    A: Future<Output = Response<B>> + Send + 'static,
    B: Body<Data = Bytes, Error: Into<BoxError>> + Send + Unpin + 'static,
{
    type Body = B;
    type Answer = A;

    fn call(&self, request: Request<RequestBody>) -> A {
        self(request)
    }
}

/// For as long as one is held, something is in flight.
type Alive = mpsc::Sender<()>;

/// A service behind a listener.
pub struct Server<S> {
    stack: Arc<Stack<S>>,
    tls: Option<Arc<Tls>>,
    workers: Workers,
}

impl<S: Service> Server<S> {
    /// A server in clear text.
    #[must_use]
    pub fn new(service: S, limits: Limits, metrics: Metrics) -> Self {
        let [sockets, places] = [limits.connections, limits.requests].map(|most| Arc::new(Semaphore::new(most)));
        let ids = Ids::default();
        Self {
            stack: Arc::new(Stack { service, limits, metrics, ids, sockets, places }),
            tls: None,
            workers: Workers::default(),
        }
    }

    /// Speaks TLS, and nothing else.
    #[must_use]
    pub fn with_tls(self, tls: Arc<Tls>) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Serves connections on these threads.
    #[must_use]
    pub fn on(self, workers: Workers) -> Self {
        Self { workers, ..self }
    }

    /// Takes connections until the stage is [`Stage::Stopping`], then lets finish what is in flight. Returns whether all
    /// of it did, within [`Limits::drain`].
    pub async fn run(self, listener: Listener, stages: Stages) -> bool {
        let (alive, mut finished) = mpsc::channel(1);
        let mut stopping = stages.clone();
        tokio::select! {
            () = self.accept(&listener, &stages, &alive) => {}
            () = stopping.reached(Stage::Stopping) => {}
        }
        drop((listener, alive));
        timeout(self.stack.limits.drain, finished.recv()).await.is_ok()
    }

    async fn accept(&self, listener: &Listener, stages: &Stages, alive: &Alive) {
        let (sockets, metrics) = (&self.stack.sockets, &self.stack.metrics);
        let mut wait = SHORTEST_WAIT;
        loop {
            let (stream, peer) = match listener.socket.accept().await {
                Ok(accepted) => accepted,
                Err(fault) if is_of_the_peer(&fault) => continue,
                Err(fault) => {
                    metrics.socket_refused();
                    tracing::warn!(%fault, wait_ms = wait.as_millis(), "no connection can be accepted");
                    sleep(wait).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                    continue;
                }
            };
            wait = SHORTEST_WAIT;
            match sockets.clone().try_acquire_owned() {
                Ok(place) => self.open(stream, peer.ip().to_canonical(), place, stages, alive),
                Err(_) => metrics.socket_refused(),
            }
        }
    }

    fn open(
        &self,
        stream: TcpStream,
        peer: std::net::IpAddr,
        place: OwnedSemaphorePermit,
        stages: &Stages,
        alive: &Alive,
    ) {
        let tls = self.tls.clone();
        let connection = Connection::new(self.stack.clone(), peer, stages.clone(), alive.clone());
        self.workers.serve(stream, async move |stream| {
            connection.serve(stream, tls).await;
            drop(place);
        });
    }
}

/// Waits while the system can't accept: descriptors come back when connections end, and asking in a loop would take the
/// time that ending them needs.
const SHORTEST_WAIT: Duration = Duration::from_millis(10);
const LONGEST_WAIT: Duration = Duration::from_secs(1);

/// A peer that has gone before it was accepted says nothing about the next one.
fn is_of_the_peer(fault: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(fault.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

#[cfg(test)]
mod tests;
