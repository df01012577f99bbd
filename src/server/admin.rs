//! What operators and their tools ask, on a listener of its own: metrics and health. Nothing that changes anything.

use std::future::{Ready, ready};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::uri::Authority;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;

use super::Service;
use super::body::RequestBody;
use super::life::{Stage, Stages};

/// What there is to see of the process.
pub trait Insight: Send + Sync + 'static {
    /// All metrics, in Prometheus's text format 0.0.4.
    fn metrics(&self) -> String;
    /// The hash of the configuration in force.
    fn generation(&self) -> String;
    /// Why requests can't be served though the process runs, such as `there are no tokens`. Never because of a backend:
    /// if one is down, taking all gateways out of service helps nobody.
    fn unready(&self) -> Option<String>;
}

/// The service behind the admin listener.
pub struct Admin {
    insight: Arc<dyn Insight>,
    stages: Stages,
    loopback: bool,
}

impl Admin {
    /// Behind this address. If it is a loopback address, only loopback names may stand in `Host`: otherwise a web page
    /// whose name is made to point here could read the answers (DNS rebinding).
    #[must_use]
    pub fn new(insight: Arc<dyn Insight>, stages: Stages, address: SocketAddr) -> Self {
        Self { insight, stages, loopback: address.ip().to_canonical().is_loopback() }
    }

    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        if self.loopback && !names_loopback(request) {
            return text(StatusCode::MISDIRECTED_REQUEST, "ask by a loopback name or address\n");
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered here\n");
            response.headers_mut().insert(http::header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            return response;
        }
        match request.uri().path() {
            "/metrics" => {
                let mut response = text(StatusCode::OK, self.insight.metrics());
                let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
                response.headers_mut().insert(CONTENT_TYPE, format);
                response
            }
            "/livez" => text(StatusCode::OK, "live\n"),
            "/readyz" => self.readiness(),
            _ => text(StatusCode::NOT_FOUND, "there are /metrics, /livez and /readyz\n"),
        }
    }

    /// The listeners are bound and a configuration is loaded before this can be asked.
    fn readiness(&self) -> Response<Full<Bytes>> {
        let why = match self.stages.now() {
            Stage::Serving => self.insight.unready(),
            Stage::Leaving | Stage::Stopping => Some("the process is stopping".to_owned()),
        };
        let generation = self.insight.generation();
        match why {
            None => text(StatusCode::OK, format!("ready: configuration generation {generation}\n")),
            Some(why) => text(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("not ready: {why}; configuration generation {generation}\n"),
            ),
        }
    }
}

impl Service for Admin {
    type Body = Full<Bytes>;
    type Answer = Ready<Response<Full<Bytes>>>;

    fn call(&self, request: Request<RequestBody>) -> Self::Answer {
        ready(self.answer(&request))
    }
}

fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// The head's checks have made sure that there is one host, and that it is a host.
fn names_loopback<B>(request: &Request<B>) -> bool {
    let header = request.headers().get(HOST).and_then(|host| Authority::try_from(host.as_bytes()).ok());
    let Some(authority) = header.as_ref().or(request.uri().authority()) else { return false };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::super::life::Life;
    use super::*;

    struct Fixed(Option<&'static str>);

    impl Insight for Fixed {
        fn metrics(&self) -> String {
            "scimgate_build_info 1\n".to_owned()
        }
        fn generation(&self) -> String {
            "c0ffee".to_owned()
        }
        fn unready(&self) -> Option<String> {
            self.0.map(str::to_owned)
        }
    }

    async fn ask(admin: &Admin, host: &str, path: &str) -> (u16, String) {
        let response = admin.answer(&Request::get(path).header(HOST, host).body(()).unwrap());
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    fn admin(life: &Life, unready: Option<&'static str>, address: &str) -> Admin {
        Admin::new(Arc::new(Fixed(unready)), life.stages(), address.parse().unwrap())
    }

    #[tokio::test]
    async fn readiness_says_why_not_and_names_the_generation() {
        let life = Life::default();
        let ready = admin(&life, None, "127.0.0.1:1");
        assert_eq!(
            ask(&ready, "localhost", "/readyz").await,
            (200, "ready: configuration generation c0ffee\n".to_owned())
        );
        let empty = admin(&life, Some("there are no tokens"), "127.0.0.1:1");
        let (status, why) = ask(&empty, "localhost", "/readyz").await;
        assert_eq!((status, why.contains("there are no tokens")), (503, true));
        life.enter(Stage::Leaving);
        assert_eq!(ask(&ready, "localhost", "/readyz").await.0, 503);
        assert_eq!(ask(&ready, "localhost", "/livez").await.0, 200);
    }

    #[tokio::test]
    async fn on_loopback_only_loopback_names_are_answered() {
        let life = Life::default();
        let here = admin(&life, None, "127.0.0.1:1");
        for host in ["localhost:9090", "127.0.0.1", "127.8.8.8:1", "[::1]:9090", "LOCALHOST"] {
            assert_eq!(ask(&here, host, "/metrics").await.0, 200, "{host}");
        }
        for host in ["evil.example", "10.0.0.1", "localhost.evil.example"] {
            assert_eq!(ask(&here, host, "/metrics").await.0, 421, "{host}");
        }
        let open = admin(&life, None, "10.0.0.1:9090");
        assert_eq!(ask(&open, "gateway.internal", "/metrics").await.0, 200);
    }

    #[tokio::test]
    async fn there_is_nothing_else() {
        let life = Life::default();
        let admin = admin(&life, None, "127.0.0.1:1");
        for path in ["/", "/debug", "/metrics/", "/startupz"] {
            assert_eq!(ask(&admin, "localhost", path).await.0, 404, "{path}");
        }
        let post = Request::post("/metrics").header(HOST, "localhost").body(()).unwrap();
        assert_eq!(admin.answer(&post).status(), 405);
    }
}
