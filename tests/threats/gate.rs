//! The gateway as an operator would set it up, in clear text on loopback, before a backend that keeps every byte.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use scimgate::access::store::{self, Edit};
use scimgate::access::{Grant, Label, ScopeSet, Tokens, os_random};
use scimgate::config::Config;
use scimgate::fault::Faults;
use scimgate::gateway::load;
use scimgate::metrics::Metrics;
use scimgate::scim::Resource;
use scimgate::server::{Life, Limits, Listener, RequestBody, Server};

use super::backend::{BASE, Backend, Play, Seen};
use super::caller::{Reply, connect, request, say};

/// What the backend is shown. No client ever sees it.
pub const CREDENTIAL: &str = "backend-credential-of-2014";

/// A gateway, its backend, and tokens.
pub struct Gate {
    pub address: SocketAddr,
    pub backend: Backend,
    pub metrics: Metrics,
    /// Everything on users and groups.
    pub all: String,
    /// `get:users`.
    pub users: String,
    /// `get:groups`.
    pub groups: String,
    /// `post:users`, `put:users`, `patch:users` and `delete:users`.
    pub writer: String,
    pub folder: tempfile::TempDir,
    life: Life,
}

/// What an operator would write, with more lines for the backend and for the connection.
pub fn written(backend: SocketAddr, listen: &str, backend_lines: &str, connection_lines: &str) -> String {
    format!(
        "version: 1
listen: {{ address: \"127.0.0.1:0\" }}
{listen}
tokens: tokens.json
public-url: http://gate.example
backends:
  hr:
    url: http://{backend}{BASE}
    credential: {{ bearer: {{ env: BACKEND_TOKEN }} }}
{backend_lines}
connections:
  main:
    client: standard
    backend: hr
    path: /scim
    tokens-at-most: 100
    limits: {{ per-token: {{ rate: 10000/s, burst: 10000 }}, per-connection: {{ rate: 10000/s, burst: 10000 }} }}
{connection_lines}
"
    )
}

/// A configuration without faults.
fn load(path: &Path) -> Config {
    let mut faults = Faults::default();
    let config = Config::load(path, &|_| Some(CREDENTIAL.to_owned()), &mut faults);
    config.unwrap_or_else(|| panic!("{}", faults.render(false)))
}

/// New tokens, all in one edit: tests that start processes may keep its lock for a moment longer.
fn issue(config: &Config, scopes: [ScopeSet; 4]) -> [String; 4] {
    let mut edit = Edit::begin(&config.tokens).unwrap();
    let issued = scopes.map(|scopes| {
        let connection = config.connections[0].name.clone();
        let grant = Grant { connection, name: Label::parse("test").unwrap(), scopes, lifetime: None, at_most: 100 };
        let (_, secret) = edit.register.create(grant, SystemTime::now(), &mut os_random).unwrap();
        secret.expose().to_owned()
    });
    edit.save().unwrap();
    issued
}

fn scopes(words: &str) -> ScopeSet {
    ScopeSet::try_from(words.split(' ').map(str::to_owned).collect::<Vec<_>>()).unwrap()
}

impl Gate {
    /// Before a backend that answers as SCIM says.
    pub async fn open() -> Self {
        Self::before(|seen| Play::Answer(scim(seen))).await
    }

    /// Before a backend with a script.
    pub async fn before(script: impl Fn(&Seen) -> Play + Send + Sync + 'static) -> Self {
        Self::set("", "", &[], script).await
    }

    /// With more lines of configuration, and other files beside it.
    pub async fn set(
        backend_lines: &str,
        connection_lines: &str,
        files: &[(&str, &str)],
        script: impl Fn(&Seen) -> Play + Send + Sync + 'static,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
            fs::write(folder.path().join(name), text).unwrap();
        }
        let backend = Backend::start(script).await;
        let path = folder.path().join("gateway.yaml");
        fs::write(&path, written(backend.address(), "", backend_lines, connection_lines)).unwrap();
        let config = load(&path);
        let writes = scopes("post:users put:users patch:users delete:users");
        let [all, users, groups, writer] =
            issue(&config, [ScopeSet::every(&[]), scopes("get:users"), scopes("get:groups"), writes]);
        let (metrics, life) = (Metrics::new(), Life::default());
        let address = serve(&config, &metrics, &life).await;
        Self { address, backend, metrics, all, users, groups, writer, folder, life }
    }

    /// The same, started anew after its files have changed.
    pub async fn again(mut self) -> Self {
        let config = load(&self.folder.path().join("gateway.yaml"));
        self.metrics = Metrics::new();
        self.address = serve(&config, &self.metrics, &self.life).await;
        self
    }

    /// Says bytes, and gets exactly one answer.
    pub async fn one(&self, name: &str, bytes: &[u8]) -> Reply {
        let mut replies = say(connect(self.address).await, bytes).await;
        replies.retain(|reply| reply.status >= 200);
        assert_eq!(replies.len(), 1, "{name}: {replies:?}");
        replies.remove(0)
    }

    /// Asks with the token that may do everything.
    pub async fn ask(&self, method: &str, path: &str, body: &str) -> Reply {
        let name = format!("{method} {path} {body:.80}");
        self.one(&name, &request(method, path, &self.all, "", body.as_bytes())).await
    }

    /// These bytes are refused with a SCIM error, in one answer, and the backend gets not one byte.
    pub async fn refuses(&self, name: &str, bytes: &[u8], status: u16) -> Reply {
        let before = self.backend.bytes();
        let reply = self.one(name, bytes).await;
        reply.assert_refused(name, status);
        assert_eq!(self.backend.bytes(), before, "{name}: reached the backend");
        reply
    }

    /// These bytes are answered with this status, and the backend gets exactly one request.
    pub async fn reaches(&self, name: &str, bytes: &[u8], status: u16) -> (Reply, Seen) {
        let reply = self.one(name, bytes).await;
        assert_eq!(reply.status, status, "{name}: {reply:?} {}", String::from_utf8_lossy(&reply.body));
        let mut seen = self.backend.take();
        assert_eq!(seen.len(), 1, "{name}: {seen:?}");
        (reply, seen.remove(0))
    }
}

/// Starts what `scimgate serve` would start.
async fn serve(config: &Config, metrics: &Metrics, life: &Life) -> SocketAddr {
    let register = store::read(&config.tokens).unwrap();
    let loaded = Arc::new(load::load(config.clone(), Tokens::new(&register), metrics, None).unwrap());
    let listener = Listener::bind(config.listener.address).await.unwrap();
    let (address, stages) = (listener.address(), life.stages());
    let service = move |request: http::Request<RequestBody>| {
        let (loaded, source) = (loaded.clone(), request.body().peer());
        async move { loaded.gateway.serve(request, Some(source)).await }
    };
    let server = Server::new(service, Limits::default(), metrics.clone());
    tokio::spawn(async move { server.run(listener, stages).await });
    address
}

/// An answer in HTTP.
pub fn http(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// What a standard backend answers. A created user has the body that was sent.
pub fn scim(seen: &Seen) -> Vec<u8> {
    let json = "Content-Type: application/scim+json\r\n";
    let path = seen.target.strip_prefix(BASE).unwrap().split('?').next().unwrap();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    match (seen.method.as_str(), &segments[..]) {
        ("DELETE", _) => b"HTTP/1.1 204 No Content\r\n\r\n".to_vec(),
        ("POST", [_] | []) => http("201 Created", json, &seen.body),
        ("PUT" | "PATCH", _) => http("200 OK", json, br#"{"id":"7"}"#),
        ("GET", [_, id]) => http("200 OK", json, format!("{{\"id\":\"{id}\"}}").as_bytes()),
        _ => http("200 OK", json, br#"{"totalResults":1,"Resources":[{"id":"7"}]}"#),
    }
}

/// Whether the standard resource type has this endpoint.
pub fn type_of(seen: &Seen) -> Option<Resource> {
    let path = seen.target.strip_prefix(BASE)?.strip_prefix('/')?;
    match path.split(['/', '?']).next()? {
        "Users" => Some(Resource::User),
        "Groups" => Some(Resource::Group),
        _ => None,
    }
}
