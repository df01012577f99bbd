//! Connections to backends: name, TCP and TLS, all within one time. Whom they trust is decided here.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::dns::{GaiAddrs, GaiResolver, Name};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tower::Service;

use super::fault::UpstreamFault;
use super::handshake;

/// Whose word is taken for who a backend is.
#[derive(Clone, Debug)]
pub enum Trust {
    /// The authorities that the operating system trusts.
    System,
    /// Only these authorities: PEM, with one certificate or more.
    Authorities(Vec<u8>),
    /// Nobody's: for a backend without TLS.
    Nobody,
}

/// As whom the gateway shows itself: PEM.
#[derive(Clone)]
pub struct Identity {
    /// The certificate, and behind it those between it and its authority.
    pub certificate: Vec<u8>,
    /// Its private key.
    pub key: Vec<u8>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(***)")
    }
}

/// Why nobody can be trusted, or the gateway can't show itself.
#[derive(Debug, thiserror::Error)]
pub enum TrustFault {
    /// `SSL_CERT_FILE` or the system's store is missing or empty.
    #[error(
        "the operating system has no certificate authorities to trust ({0}); install `ca-certificates` or name a CA file"
    )]
    System(String),
    /// The PEM is damaged.
    #[error("the CA file can't be read as PEM: {0}")]
    Pem(String),
    /// The PEM holds keys, or nothing.
    #[error("the CA file has no certificate; it needs at least one `-----BEGIN CERTIFICATE-----`")]
    Empty,
    /// A certificate in the PEM is none.
    #[error("the CA file has a certificate that can't be used: {0}")]
    Certificate(String),
    /// The certificate of the gateway, or its key, is none, or the two don't belong together.
    #[error("the client certificate can't be used: {0}")]
    Identity(String),
}

/// A connection, with or without TLS.
pub(super) type Socket = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Makes connections.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    https: HttpsConnector<HttpConnector<Resolver>>,
    within: Duration,
}

impl Connector {
    /// Connections that trust these, show themselves as this one, and are made within this time.
    pub(super) fn new(trust: &Trust, identity: Option<&Identity>, within: Duration) -> Result<Self, TrustFault> {
        let mut tcp = HttpConnector::new_with_resolver(Resolver(GaiResolver::new()));
        tcp.set_nodelay(true);
        tcp.enforce_http(false);
        let https = HttpsConnectorBuilder::new().with_tls_config(tls(trust, identity)?).https_or_http().enable_http1();
        Ok(Self { https: https.wrap_connector(tcp), within })
    }
}

fn tls(trust: &Trust, identity: Option<&Identity>) -> Result<ClientConfig, TrustFault> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = versions.map_err(|error| TrustFault::Certificate(error.to_string()))?;
    let builder = builder.with_root_certificates(roots(trust)?);
    let Some(Identity { certificate, key }) = identity else { return Ok(builder.with_no_client_auth()) };
    let unusable = |why: String| TrustFault::Identity(why);
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(certificate).collect();
    let chain = chain.map_err(|error| unusable(error.to_string()))?;
    if chain.is_empty() {
        return Err(unusable("its file has no `-----BEGIN CERTIFICATE-----`".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| unusable(format!("its key: {error}")))?;
    builder.with_client_auth_cert(chain, key).map_err(|error| unusable(error.to_string()))
}

fn roots(trust: &Trust) -> Result<RootCertStore, TrustFault> {
    let mut roots = RootCertStore::empty();
    match trust {
        Trust::Nobody => {}
        Trust::System => {
            // A store with one odd certificate is still a store; one with none is a mistake.
            let found = rustls_native_certs::load_native_certs();
            if roots.add_parsable_certificates(found.certs).0 == 0 {
                let why = found.errors.first().map_or_else(|| "none found".to_owned(), ToString::to_string);
                return Err(TrustFault::System(why));
            }
        }
        Trust::Authorities(pem) => {
            for certificate in CertificateDer::pem_slice_iter(pem) {
                let certificate = certificate.map_err(|error| TrustFault::Pem(error.to_string()))?;
                roots.add(certificate).map_err(|error| TrustFault::Certificate(error.to_string()))?;
            }
            if roots.is_empty() {
                return Err(TrustFault::Empty);
            }
        }
    }
    Ok(roots)
}

impl Connector {
    /// A connection to where an absolute URL leads.
    ///
    /// # Errors
    /// There is none.
    pub(super) async fn connect(&self, url: Uri) -> Result<Socket, UpstreamFault> {
        let mut https = self.https.clone();
        let host = url.host().unwrap_or_default().to_owned();
        let connecting = async {
            poll_fn(|cx| https.poll_ready(cx)).await?;
            https.call(url).await
        };
        let connected = timeout(self.within, connecting).await.map_err(|_| UpstreamFault::ConnectTimeout)?;
        connected.map_err(|error| {
            if let Some(why) = handshake::why(&*error) {
                tracing::warn!(%host, %why, "no TLS with a backend");
            }
            UpstreamFault::of_connecting(&*error)
        })
    }
}

/// The system's resolver, whose faults can be told from others.
#[derive(Clone, Debug)]
struct Resolver(GaiResolver);

impl Service<Name> for Resolver {
    type Response = GaiAddrs;
    type Error = UpstreamFault;
    type Future = Pin<Box<dyn Future<Output = Result<GaiAddrs, UpstreamFault>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), UpstreamFault>> {
        self.0.poll_ready(cx).map_err(|_| UpstreamFault::Dns)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let resolving = self.0.call(name);
        Box::pin(async move { resolving.await.map_err(|_| UpstreamFault::Dns) })
    }
}
