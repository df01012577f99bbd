//! Why there is no TLS with a backend, in our words: what it said itself is never logged.

use rustls::{CertificateError, Error};

/// What is wrong, and what would be right.
pub(super) fn why(error: &Error) -> &'static str {
    match error {
        Error::InvalidCertificate(fault) => of_certificate(fault),
        Error::InvalidMessage(_) => "it answers no TLS; if it is one without, its URL begins with `http:`",
        Error::AlertReceived(_) => "it refused the handshake; it may want to know who calls (`client-certificate`)",
        Error::PeerIncompatible(_) => "it speaks no TLS 1.2 or 1.3 that is known here",
        _ => "the handshake failed",
    }
}

fn of_certificate(fault: &CertificateError) -> &'static str {
    match fault {
        CertificateError::UnknownIssuer => {
            "nobody who is trusted here has signed its certificate; name its authority (`ca`), or the certificate itself"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for other names than the one in its URL"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate isn't valid yet"
        }
        CertificateError::Revoked => "its certificate was revoked",
        CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity") => {
            "its certificate is that of an authority, as `openssl req -x509` makes it: add `basicConstraints = CA:FALSE`"
        }
        _ => "its certificate can't be trusted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_what_to_do() {
        let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert!(why(&unknown).contains("`ca`"));
        let message = Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType);
        assert!(why(&message).contains("`http:`"));
    }
}
