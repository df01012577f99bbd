//! `scimgate certs`: a development CA and a server certificate, so that TLS works on the first day.
//!
//! Not for production: the CA's key lies beside its certificate.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};

/// The names that every certificate is for.
const ALWAYS: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// How long the certificates are valid: what browsers and Apple's systems accept at most (398 days), less one.
const VALID: Duration = Duration::from_secs(397 * 24 * 3600);

/// Clocks of clients may be behind ours.
const BEFORE: Duration = Duration::from_secs(3600);

/// What was made.
#[derive(Debug, PartialEq, Eq)]
pub struct Made {
    dir: PathBuf,
    names: Vec<String>,
}

/// Why nothing was made.
#[derive(Debug, thiserror::Error)]
pub enum CertsFault {
    /// A second run.
    #[error("`{}` exists; pass --force to replace it, and give the new ca.pem to every client", .0.display())]
    Exists(PathBuf),
    /// A folder that can't be made, or written.
    #[error("`{}` can't be written: {fault}", .0.display(), fault = .1)]
    Unwritten(PathBuf, io::Error),
    /// `--name "Ümlaut"`.
    #[error("`{0}` is no name for a certificate; use a DNS name such as `scim.example.com`, or an address")]
    Name(String),
    /// The system has no random numbers, or a date can't be written.
    #[error("the certificate can't be made: {0}")]
    Unmade(rcgen::Error),
}

/// The files, in the order in which they are written.
const FILES: [&str; 4] = ["ca.key", "ca.pem", "server.key", "server.pem"];

/// Makes `ca.pem`, `ca.key`, `server.pem` (with its chain) and `server.key` in `dir`. Keys are readable by their owner
/// only. The certificate is for `localhost`, `127.0.0.1`, `::1` and `names`.
///
/// # Errors
/// [`CertsFault`]; without `force` no file is replaced.
pub fn make(dir: &Path, names: &[String], force: bool, now: SystemTime) -> Result<Made, CertsFault> {
    if !force && let Some(there) = FILES.map(|file| dir.join(file)).into_iter().find(|path| path.exists()) {
        return Err(CertsFault::Exists(there));
    }
    let mut all: Vec<String> = ALWAYS.map(str::to_owned).to_vec();
    all.extend(names.iter().filter(|name| !ALWAYS.contains(&name.as_str())).cloned());

    let key = KeyPair::generate().map_err(CertsFault::Unmade)?;
    let ca_params = authority(now)?;
    let ca = ca_params.self_signed(&key).map_err(CertsFault::Unmade)?.pem();
    let ca_key = key.serialize_pem();
    let issuer = Issuer::new(ca_params, key);
    let server_key = KeyPair::generate().map_err(CertsFault::Unmade)?;
    let server = server(&all, now)?.signed_by(&server_key, &issuer).map_err(CertsFault::Unmade)?.pem();

    fs::create_dir_all(dir).map_err(|fault| CertsFault::Unwritten(dir.to_owned(), fault))?;
    let contents = [(ca_key, 0o600), (ca.clone(), 0o644), (server_key.serialize_pem(), 0o600), (server + &ca, 0o644)];
    for (file, (text, mode)) in FILES.into_iter().zip(contents) {
        let path = dir.join(file);
        write(&path, &text, mode).map_err(|fault| CertsFault::Unwritten(path, fault))?;
    }
    Ok(Made { dir: dir.to_owned(), names: all })
}

/// May sign certificates for servers, but no other authority.
fn authority(now: SystemTime) -> Result<CertificateParams, CertsFault> {
    let mut params = CertificateParams::new(Vec::new()).map_err(CertsFault::Unmade)?;
    params.distinguished_name.push(DnType::CommonName, "scimgate development CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = (now - BEFORE).into();
    params.not_after = (now + VALID).into();
    Ok(params)
}

fn server(names: &[String], now: SystemTime) -> Result<CertificateParams, CertsFault> {
    if let Some(name) = names.iter().find(|name| !can_be_a_name(name)) {
        return Err(CertsFault::Name(name.clone()));
    }
    let mut params = CertificateParams::new(names).map_err(CertsFault::Unmade)?;
    params.distinguished_name.push(DnType::CommonName, "scimgate development server");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = (now - BEFORE).into();
    params.not_after = (now + VALID).into();
    Ok(params)
}

fn can_be_a_name(name: &str) -> bool {
    rustls_pki_types::ServerName::try_from(name.strip_prefix("*.").unwrap_or(name)).is_ok()
}

/// Replaces a file in one step: a server that reads it meanwhile sees the old or the new one, and a key is never readable
/// by others, not even for a moment.
fn write(path: &Path, text: &str, mode: u32) -> io::Result<()> {
    let new = path.with_extension("new");
    let _ = fs::remove_file(&new);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(new, path)
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dir = self.dir.display();
        writeln!(f, "{dir}/ca.pem      give this to clients")?;
        writeln!(f, "{dir}/ca.key      keep this, or delete it")?;
        writeln!(f, "{dir}/server.pem  the certificate, for {}", self.names.join(", "))?;
        writeln!(f, "{dir}/server.key  its key")?;
        writeln!(f, "valid for {} days; for development only\n", VALID.as_secs() / (24 * 3600))?;
        writeln!(f, "try: curl --cacert {dir}/ca.pem https://localhost:8443/")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Arc;

    use rustls::crypto::aws_lc_rs;
    use rustls::version::{TLS12, TLS13};
    use rustls_pki_types::CertificateDer;
    use rustls_pki_types::pem::PemObject;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use crate::metrics::Metrics;
    use crate::server::{Life, Limits, Listener, Pem, Server, Tls};

    use super::*;

    fn mode(path: PathBuf) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn keys_are_for_their_owner_only_and_the_certificate_comes_with_its_chain() {
        let dir = tempfile::tempdir().unwrap();
        let made = make(dir.path(), &["scim.example.com".to_owned()], false, SystemTime::now()).unwrap();
        assert_eq!((mode(dir.path().join("ca.key")), mode(dir.path().join("server.key"))), (0o600, 0o600));
        assert_eq!(mode(dir.path().join("ca.pem")), 0o644);
        let (chain, ca) =
            ["server.pem", "ca.pem"].map(|file| fs::read_to_string(dir.path().join(file)).unwrap()).into();
        assert!(chain.ends_with(&ca) && chain.matches("BEGIN CERTIFICATE").count() == 2);
        let said = made.to_string();
        assert!(said.contains("localhost, 127.0.0.1, ::1, scim.example.com"), "{said}");
        assert!(said.contains(&format!("curl --cacert {}/ca.pem https://", dir.path().display())), "{said}");
    }

    #[test]
    fn nothing_is_replaced_unless_forced() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("server.pem"), "precious").unwrap();
        let refused = make(dir.path(), &[], false, SystemTime::now()).unwrap_err();
        assert!(refused.to_string().contains("pass --force"), "{refused}");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        make(dir.path(), &[], true, SystemTime::now()).unwrap();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 4);
    }

    #[test]
    fn a_name_that_no_client_could_ask_for_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["two words", "", "ümlaut", "https://id.example"] {
            let refused = make(dir.path(), &[name.to_owned()], false, SystemTime::now()).unwrap_err();
            assert!(matches!(refused, CertsFault::Name(_)), "{name}");
        }
        assert!(make(dir.path(), &["*.example.com".to_owned()], false, SystemTime::now()).is_ok());
    }

    /// Asks a server with the made certificate by this name, in this version of TLS; says what it answers.
    async fn ask(
        dir: &Path,
        name: &'static str,
        version: &'static rustls::SupportedProtocolVersion,
    ) -> io::Result<String> {
        let pem = Pem { certificate: dir.join("server.pem"), key: dir.join("server.key") };
        let service = |_| async { http::Response::new(http_body_util::Full::from("made")) };
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let (address, life) = (listener.address(), Life::default());
        let server = Server::new(service, Limits::default(), Metrics::new()).with_tls(Tls::load(pem).unwrap().into());
        tokio::spawn(server.run(listener, life.stages()));

        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(dir.join("ca.pem")).unwrap()).unwrap();
        let config = rustls::ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = tokio::net::TcpStream::connect(address).await?;
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let mut stream = connector.connect(name.try_into().unwrap(), stream).await?;
        stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    #[tokio::test]
    async fn a_client_that_trusts_the_ca_trusts_the_server_by_its_names_only() {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path(), &["scim.example.com".to_owned()], false, SystemTime::now()).unwrap();
        for version in [&TLS12, &TLS13] {
            for name in ["localhost", "127.0.0.1", "::1", "scim.example.com"] {
                let answer = ask(dir.path(), name, version).await.unwrap();
                assert!(answer.ends_with("made"), "{name}: {answer}");
            }
            assert!(ask(dir.path(), "evil.example", version).await.is_err());
        }
    }
}
