//! TLS, with certificates made here.

use std::path::Path;
use std::time::SystemTime;

use rcgen::{CertificateParams, KeyPair};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;

use super::*;

/// A self-signed pair in a folder.
fn pair(dir: &Path) -> (Pem, rustls_pki_types::CertificateDer<'static>) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_after = (SystemTime::now() + Duration::from_secs(3600)).into();
    let certificate = params.self_signed(&key).unwrap();
    let pem = Pem { certificate: dir.join("server.pem"), key: dir.join("server.key") };
    std::fs::write(&pem.certificate, certificate.pem()).unwrap();
    std::fs::write(&pem.key, key.serialize_pem()).unwrap();
    (pem, certificate.der().clone())
}

fn connector(
    root: rustls_pki_types::CertificateDer<'static>,
    version: &'static SupportedProtocolVersion,
) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(root).unwrap();
    let config = ClientConfig::builder_with_provider(crate::server::tls::provider().clone())
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

async fn ask(running: &Running, connector: &TlsConnector) -> io::Result<String> {
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = connector.connect(name, running.connect().await).await?;
    stream.write_all(b"GET /s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    Ok(rest(&mut stream).await)
}

#[tokio::test]
async fn both_versions_of_tls_are_spoken_and_plain_text_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let (pem, root) = pair(dir.path());
    let tls = Arc::new(Tls::load(pem).unwrap());
    let running = start_with(Limits::default(), Some(tls), |request| async { request }).await;
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let answer = ask(&running, &connector(root.clone(), version)).await.unwrap();
        assert_eq!(statuses(&answer), [200], "{version:?}");
    }
    let answer = running.say(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(statuses(&answer), [0; 0], "{answer}");
}

#[tokio::test]
async fn a_handshake_that_does_not_begin_is_closed() {
    let dir = tempfile::tempdir().unwrap();
    let tls = Arc::new(Tls::load(pair(dir.path()).0).unwrap());
    let limits = Limits { tls: Duration::from_millis(80), ..Limits::default() };
    let running = start_with(limits, Some(tls), |request| async { request }).await;
    let mut stream = running.connect().await;
    assert_eq!(rest(&mut stream).await, "");
    assert_eq!(running.count(r#"socket_timeouts_total{phase="tls"}"#), 1);
}

#[tokio::test]
async fn a_reload_is_seen_by_new_connections_and_a_bad_one_by_none() {
    let dir = tempfile::tempdir().unwrap();
    let (pem, old) = pair(dir.path());
    let tls = Arc::new(Tls::load(pem.clone()).unwrap());
    let running = start_with(Limits::default(), Some(tls.clone()), |request| async { request }).await;
    let (_, new) = pair(dir.path());
    tls.reload().unwrap();
    let version = &rustls::version::TLS13;
    assert!(ask(&running, &connector(new.clone(), version)).await.is_ok());
    assert!(ask(&running, &connector(old, version)).await.is_err());
    std::fs::write(&pem.key, "no key").unwrap();
    assert!(tls.reload().is_err());
    assert!(ask(&running, &connector(new, version)).await.is_ok());
}

#[test]
fn what_is_wrong_with_a_file_is_said_with_what_would_be_right() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (good, _) = pair(dir.path());
    let (foreign, _) = pair(other.path());
    let says = |certificate: &Path, key: &Path, expected: &str| {
        let pem = Pem { certificate: certificate.to_owned(), key: key.to_owned() };
        let said = Tls::load(pem).unwrap_err().to_string();
        assert!(said.contains(expected), "{said}");
    };
    let (empty, damaged) = (dir.path().join("empty"), dir.path().join("damaged"));
    std::fs::write(&empty, "").unwrap();
    std::fs::write(&damaged, "-----BEGIN CERTIFICATE-----\nMIIB\n").unwrap();
    says(&dir.path().join("none"), &good.key, "the certificate file");
    says(&good.certificate, &dir.path().join("none"), "the key file");
    says(&empty, &good.key, "holds no certificate; it must be PEM");
    says(&good.key, &good.certificate, "are the two files swapped?");
    says(&good.certificate, &empty, "holds no private key");
    says(&damaged, &good.key, "is damaged PEM");
    says(&good.certificate, &foreign.key, "does not belong to the first certificate");
}
