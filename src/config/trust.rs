//! Whom the gateway trusts at the other end of TLS, and as whom it shows itself there.

use std::fmt;

use crate::fault::{Fault, Faults};
use crate::yaml::Node;

use super::url::Base;
use super::{Reader, files};

/// Who vouches for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// The authorities that the operating system trusts.
    System,
    /// Only the authorities of this PEM text.
    Authorities(Vec<u8>),
    /// Nobody: it is spoken to in clear text.
    ClearText,
}

/// The certificate that a server is shown, and its key: PEM. The key prints as `***`.
#[derive(Clone, PartialEq, Eq)]
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

impl Trust {
    /// Reads `ca`, if it is there, for the server at this URL.
    pub(super) fn read(url: &Base, ca: Option<&Node>, reader: &mut Reader<'_>, faults: &mut Faults) -> Option<Self> {
        match ca {
            Some(node) if !url.is_secure => {
                faults.push(never_asked("ca", node));
                None
            }
            Some(node) => {
                let bytes = pem(node, "the authorities", "the certificate of the authority", reader, faults)?;
                reader.files.count(node.text("a path", faults)?, &bytes);
                Some(Self::Authorities(bytes))
            }
            None if url.is_secure => Some(Self::System),
            None => Some(Self::ClearText),
        }
    }
}

impl Identity {
    /// Reads `client-certificate`, for the server at this URL.
    pub(super) fn read(url: &Base, node: &Node, reader: &mut Reader<'_>, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("client-certificate", faults)?;
        let (certificate, key) = (fields.require("certificate", faults), fields.require("key", faults));
        fields.finish(faults);
        if !url.is_secure {
            faults.push(never_asked("client-certificate", node));
            return None;
        }
        let certificate = certificate.and_then(|node| {
            let bytes = pem(
                node,
                "the certificate",
                "the certificate, then those between it and its authority",
                reader,
                faults,
            )?;
            reader.files.count(node.text("a path", faults)?, &bytes);
            Some(bytes)
        });
        let key = key.and_then(|node| pem(node, "the key", "the private key of the certificate", reader, faults));
        Some(Self { certificate: certificate?, key: key? })
    }
}

fn never_asked(key: &str, node: &Node) -> Fault {
    Fault::error("R0308", node.place.clone(), format!("a `{key}` for a server without TLS"))
        .label("would never be asked")
        .help(format!("write the URL with `https`, or remove `{key}`"))
}

fn pem(node: &Node, what: &str, holds: &str, reader: &mut Reader<'_>, faults: &mut Faults) -> Option<Vec<u8>> {
    let path = reader.path(node, what, faults)?;
    let read = reader.files.read(&path);
    if let Err(fault) = &read {
        let message = format!("`{}` can't be read: {}", path.display(), files::reason(fault));
        faults.push(
            Fault::error("R0107", node.place.clone(), message)
                .label(format!("expected there: {what}"))
                .help(format!("name a PEM file with {holds}")),
        );
    }
    read.ok()
}
