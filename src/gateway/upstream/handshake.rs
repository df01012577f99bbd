//! Why there is no TLS with a backend, in our words: what it said itself is never logged.

use std::error;

use rustls::{CertificateError, Error};

use super::fault::causes;

/// What is wrong, and what would be right; nothing if it isn't TLS that failed.
pub(super) fn why(error: &(dyn error::Error + 'static)) -> Option<&'static str> {
    causes(error).find_map(|cause| cause.downcast_ref()).map(of_tls)
}

fn of_tls(error: &Error) -> &'static str {
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
        assert!(why(&unknown).unwrap().contains("`ca`"));
        let message = Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType);
        assert!(why(&message).unwrap().contains("`http:`"));
        assert_eq!(
            why(&std::io::Error::other(message)),
            Some("it answers no TLS; if it is one without, its URL begins with `http:`")
        );
        assert_eq!(why(&std::io::Error::other("reset")), None);
    }
}
