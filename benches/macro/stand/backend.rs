//! The canned backend: one user, or a list of as many as are asked for, always at once. It lives as long as the bench.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime;

use crate::work::bodies::{self, Dialect};

/// Bodies, each made once.
type Bodies = Arc<Mutex<HashMap<String, Bytes>>>;

/// Starts a backend of this dialect, whose user has so many attributes more.
pub fn start(dialect: Dialect, more: usize) -> SocketAddr {
    let socket = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    socket.set_nonblocking(true).unwrap();
    let bodies = Bodies::default();
    bodies.lock().unwrap().insert(String::new(), bodies::user_and(dialect, 1, &bodies::more(more)).into());
    thread::spawn(move || {
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(serve(socket, dialect, bodies));
    });
    address
}

async fn serve(socket: std::net::TcpListener, dialect: Dialect, bodies: Bodies) {
    let listener = TcpListener::from_std(socket).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let bodies = bodies.clone();
        let service = service_fn(move |request| answer(request, dialect, bodies.clone()));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn answer(
    request: Request<Incoming>,
    dialect: Dialect,
    bodies: Bodies,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    drop(body.collect().await);
    let query = head.uri.query().unwrap_or_default();
    let count = query.strip_prefix("count=").map(|count| count.parse().unwrap());
    let make = || count.map_or_else(String::new, |count| bodies::list(dialect, count)).into();
    let body = bodies.lock().unwrap().entry(query.to_owned()).or_insert_with(make).clone();
    let response = Response::builder().header(CONTENT_TYPE, "application/scim+json");
    Ok(response.body(Full::new(body)).unwrap())
}
