//! TLS 1.2 and 1.3, from PEM files, with errors that say what would be right.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use rustls::crypto::CryptoProvider;
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::file;

/// The one source of cryptography in this process.
pub(super) fn provider() -> &'static Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    &PROVIDER
}

/// Where a listener's certificate and key are: PEM files. The certificate's comes first, then those that lead to a root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pem {
    /// The certificate, followed by its chain.
    pub certificate: PathBuf,
    /// Its private key, not encrypted.
    pub key: PathBuf,
}

/// What is wrong with a certificate or a key.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file that is not there, or not ours to read.
    #[error("the {what} file `{}` can't be read: {fault}; `scimgate certs` makes one for development", path.display())]
    Unread {
        /// `certificate` or `key`.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system says.
        fault: io::Error,
    },
    /// A key in place of the certificate, DER in place of PEM, an empty file.
    #[error(
        "`{}` holds no certificate; it must be PEM, with `-----BEGIN CERTIFICATE-----`{}", path.display(), swapped(*key)
    )]
    NoCertificate {
        /// The file.
        path: PathBuf,
        /// Whether it holds a private key.
        key: bool,
    },
    /// A certificate in place of the key, an encrypted key, an empty file.
    #[error("`{}` holds no private key; it must be PEM, with `-----BEGIN PRIVATE KEY-----`, and not encrypted", path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// Base64 that ends early.
    #[error("`{}` is damaged PEM: {fault}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// Where it is damaged.
        fault: rustls_pki_types::pem::Error,
    },
    /// A renewed certificate beside an old key.
    #[error(
        "the key in `{}` does not belong to the first certificate in `{}`; both must come from the same request, \
         and the server's certificate must stand before its chain", key.display(), certificate.display()
    )]
    Mismatch {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
    },
    /// A kind of key that isn't known, a certificate that isn't X.509.
    #[error("the certificate in `{}` can't be used with the key in `{}`: {fault}", certificate.display(), key.display())]
    Unusable {
        /// The certificate's file.
        certificate: PathBuf,
        /// The key's file.
        key: PathBuf,
        /// What rustls says.
        fault: rustls::Error,
    },
}

fn swapped(key: bool) -> &'static str {
    if key { " (it holds a private key: are the two files swapped?)" } else { "" }
}

/// The TLS of one listener. A reload is one pointer swap: new handshakes see all of the new pair, open connections live
/// on. Each configuration brings its own session store, so nobody resumes a session of the old one.
#[derive(Debug)]
pub struct Tls {
    pem: Pem,
    config: ArcSwap<ServerConfig>,
}

impl Tls {
    /// Reads certificate and key.
    ///
    /// # Errors
    /// [`TlsFault`] says which file, and what would be right.
    pub fn load(pem: Pem) -> Result<Self, TlsFault> {
        let config = ArcSwap::from(read(&pem)?);
        Ok(Self { pem, config })
    }

    /// Reads both files again.
    ///
    /// # Errors
    /// As [`Tls::load`]; then the old pair stays.
    pub fn reload(&self) -> Result<(), TlsFault> {
        self.config.store(read(&self.pem)?);
        Ok(())
    }

    /// The handshake. The caller bounds the time.
    pub(super) async fn accept<I: AsyncRead + AsyncWrite + Unpin>(&self, io: I) -> io::Result<TlsStream<I>> {
        TlsAcceptor::from(self.config.load_full()).accept(io).await
    }
}

fn read(pem: &Pem) -> Result<Arc<ServerConfig>, TlsFault> {
    let chain = chain(&pem.certificate)?;
    let key = key(&pem.key)?;
    let (certificate, key_path) = (pem.certificate.clone(), pem.key.clone());
    let unusable = |fault| TlsFault::Unusable { certificate: certificate.clone(), key: key_path.clone(), fault };
    let mut config = ServerConfig::builder_with_provider(provider().clone())
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|fault| match fault {
            rustls::Error::InconsistentKeys(_) => {
                TlsFault::Mismatch { certificate: certificate.clone(), key: key_path.clone() }
            }
            fault => unusable(fault),
        })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

fn chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let text = contents("certificate", path)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    let chain = chain.map_err(|fault| TlsFault::Pem { path: path.to_owned(), fault })?;
    if chain.is_empty() {
        let key = PrivateKeyDer::from_pem_slice(&text).is_ok();
        return Err(TlsFault::NoCertificate { path: path.to_owned(), key });
    }
    Ok(chain)
}

fn key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsFault> {
    PrivateKeyDer::from_pem_slice(&contents("key", path)?).map_err(|fault| match fault {
        rustls_pki_types::pem::Error::NoItemsFound => TlsFault::NoKey { path: path.to_owned() },
        fault => TlsFault::Pem { path: path.to_owned(), fault },
    })
}

fn contents(what: &'static str, path: &Path) -> Result<Vec<u8>, TlsFault> {
    file::read(path).map_err(|fault| TlsFault::Unread { what, path: path.to_owned(), fault })
}
