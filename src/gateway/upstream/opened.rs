//! What opens a backend: tokens of an authorization server, and a certificate. Real sockets.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use ::http::HeaderValue;
use http_body_util::BodyExt;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use super::*;
use crate::metrics::Metrics;

/// One request as a server got it: its head in lower case, and its body.
type Seen = (String, String);

/// A server that answers requests with these, one after the other, the last one for all that follow.
struct Server {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    fn new(answers: &[&str]) -> Self {
        let answers: Vec<String> = answers.iter().map(|answer| (*answer).to_owned()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, seen) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let noted = seen.clone();
        std::thread::spawn(move || {
            for socket in listener.incoming() {
                serve(socket.unwrap(), &answers, &noted);
            }
        });
        Self { address, seen }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The `Authorization` of every request.
    fn shown(&self) -> Vec<String> {
        let field = |(head, _): Seen| {
            head.lines().find_map(|line| line.strip_prefix("authorization: ").map(str::to_owned)).unwrap_or_default()
        };
        self.seen().into_iter().map(field).collect()
    }
}

/// Answers one request, and ends the connection.
fn serve(socket: impl Read + Write, answers: &[String], seen: &Mutex<Vec<Seen>>) {
    let mut reader = BufReader::new(socket);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap_or(0) == 0 {
            return;
        }
    }
    let head = head.to_ascii_lowercase();
    let length =
        head.split_once("content-length: ").map_or(0, |(_, rest)| rest.lines().next().unwrap().parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut seen = seen.lock().unwrap();
    let answer = &answers[seen.len().min(answers.len() - 1)];
    seen.push((head, String::from_utf8(body).unwrap()));
    drop(seen);
    let _ = reader.get_mut().write_all(answer.as_bytes());
}

fn answer(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

fn token(name: &str) -> String {
    answer("200 OK", &format!(r#"{{"access_token":"{name}","token_type":"Bearer","expires_in":3600}}"#))
}

fn clear() -> HttpSettings {
    HttpSettings { trust: Trust::Nobody, ..HttpSettings::default() }
}

/// The way to a backend whose tokens come from there, and its metrics.
fn opened(endpoint: SocketAddr) -> (HttpUpstream, Metrics) {
    let metrics = Metrics::new();
    let grant = GrantSettings {
        url: format!("http://{endpoint}/token").parse().unwrap(),
        client: HeaderValue::from_static("Basic YTpi"),
        scope: Some("scim.read scim.write".to_owned()),
        http: clear(),
    };
    let upstream = HttpUpstream::new(clear(), metrics.backend("hr")).unwrap();
    (upstream.opened_by(grant, metrics.backend("hr/oauth2")).unwrap(), metrics)
}

async fn ask(upstream: &HttpUpstream, url: String) -> Result<u16, UpstreamFault> {
    let request = Request::builder().uri(url).body(Bytes::new()).unwrap();
    let answer = upstream.call(request, Retry::Read).await?;
    let status = answer.status().as_u16();
    answer.into_body().collect().await.unwrap();
    Ok(status)
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_shown_until_its_end() {
    let (endpoint, backend) = (Server::new(&[&token("one"), &token("two")]), Server::new(&[&answer("200 OK", "{}")]));
    let (upstream, metrics) = opened(endpoint.address);
    let url = || format!("http://{}/Users", backend.address);
    let together = tokio::join!(ask(&upstream, url()), ask(&upstream, url()), ask(&upstream, url()));
    assert_eq!(together, (Ok(200), Ok(200), Ok(200)));
    assert_eq!(backend.shown(), ["bearer one"; 3]);
    let [(head, body)] = &endpoint.seen()[..] else { panic!("{:?}", endpoint.seen()) };
    assert_eq!(body, "grant_type=client_credentials&scope=scim.read+scim.write");
    for line in ["post /token http/1.1", "authorization: basic ytpi", "content-type: application/x-www-form-urlencoded"]
    {
        assert!(head.lines().any(|one| one == line), "{head}");
    }
    assert!(metrics.encode().contains("backend=\"hr/oauth2\""));
}

#[tokio::test]
async fn a_token_that_the_backend_does_not_take_is_dropped() {
    let endpoint = Server::new(&[&token("one"), &token("two")]);
    let backend = Server::new(&[&answer("401 No", ""), &answer("200 OK", "{}")]);
    let (upstream, _) = opened(endpoint.address);
    let url = || format!("http://{}/Users", backend.address);
    assert_eq!(ask(&upstream, url()).await, Ok(401), "nothing is sent twice");
    assert_eq!(ask(&upstream, url()).await, Ok(200));
    assert_eq!(ask(&upstream, url()).await, Ok(200));
    assert_eq!(backend.shown(), ["bearer one", "bearer two", "bearer two"]);
}

#[tokio::test]
async fn without_a_token_the_backend_is_not_asked() {
    for refusal in [answer("401 No", ""), answer("400 No", "{\"error\":\"invalid_client\"}"), answer("200 OK", "[]")] {
        let (endpoint, backend) = (Server::new(&[&refusal]), Server::new(&[&answer("200 OK", "{}")]));
        let (upstream, metrics) = opened(endpoint.address);
        for _ in 0..3 {
            let asked = ask(&upstream, format!("http://{}/Users", backend.address)).await;
            assert_eq!(asked, Err(UpstreamFault::Grant));
        }
        assert_eq!((endpoint.seen().len(), backend.seen().len()), (1, 0), "who waits asks once: {refusal}");
        assert!(metrics.encode().contains("scimgate_upstream_errors_total{backend=\"hr\",reason=\"grant\"} 3"));
    }
}

/// An authority, and a certificate of it for `name` with its key: PEM.
fn issued(name: &str) -> (String, Identity) {
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let one = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let identity = Identity { certificate: one.pem().into_bytes(), key: key.serialize_pem().into_bytes() };
    (authority.pem(), identity)
}

/// A server that takes only who shows a certificate of this authority.
fn behind_tls(identity: &Identity, clients: &str) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(clients.as_bytes()).unwrap()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build().unwrap();
    let chain = vec![CertificateDer::from_pem_slice(&identity.certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(&identity.key).unwrap();
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let tls = StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), socket.unwrap());
            serve(tls, &[answer("200 OK", "{}")], &Mutex::new(Vec::new()));
        }
    });
    address
}

#[tokio::test]
async fn a_backend_that_wants_a_certificate_gets_the_gateways() {
    let ((servers, server), (clients, gateway)) = (issued("localhost"), issued("scimgate"));
    let (_, stranger) = issued("scimgate");
    let address = behind_tls(&server, &clients);
    let asked = async |identity| {
        let trust = Trust::Authorities(servers.clone().into_bytes());
        let settings = HttpSettings { trust, identity, ..HttpSettings::default() };
        let upstream = HttpUpstream::new(settings, Metrics::new().backend("hr")).unwrap();
        ask(&upstream, format!("https://localhost:{}/Users", address.port())).await
    };
    assert_eq!(asked(Some(gateway)).await, Ok(200));
    assert!(asked(None).await.is_err());
    assert!(asked(Some(stranger)).await.is_err());
}

#[test]
fn a_certificate_that_can_not_be_shown_is_told_when_it_is_loaded() {
    let ((_, one), (_, other)) = (issued("a"), issued("b"));
    let broken = [
        Identity { certificate: Vec::new(), ..one.clone() },
        Identity { certificate: b"-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----".to_vec(), ..one.clone() },
        Identity { key: Vec::new(), ..one.clone() },
        Identity { key: other.key, ..one },
    ];
    for identity in broken {
        let settings = HttpSettings { identity: Some(identity), ..clear() };
        let fault = HttpUpstream::new(settings, Metrics::new().backend("hr")).unwrap_err();
        assert!(fault.to_string().starts_with("the client certificate can't be used: "), "{fault}");
    }
}
