//! Where the gateway listens: `listen:` for clients, `admin:` for metrics and health.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Faults, Place};
use crate::yaml::{Node, settle};

/// Where clients connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Address and port.
    pub address: SocketAddr,
    /// Certificate and key; nothing means clear text.
    pub tls: Option<Tls>,
}

/// The files of a certificate and its key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The certificate, and behind it those between it and its authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// Where metrics and health are: always clear text, so keep it inside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admin {
    /// Address and port.
    pub address: SocketAddr,
}

/// 127.0.0.1:9464
impl Default for Admin {
    fn default() -> Self {
        Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, 9464)) }
    }
}

/// Reads `listen:`.
pub(super) fn listener(node: &Node, folder: &Path, faults: &mut Faults) -> Option<Listener> {
    let mut fields = node.fields("listen", faults)?;
    let address_node = fields.require("address", faults);
    let address = address_node.and_then(|node| address(node, faults));
    let tls_node = fields.take("tls");
    let tls = tls_node.map(|node| tls(node, folder, faults));
    let clear_text = fields.take("clear-text").and_then(|node| node.truth("clear-text", faults)).unwrap_or(false);
    fields.finish(faults);
    let (address, node) = (address?, address_node?);
    if tls_node.is_none() && !clear_text && !address.ip().is_loopback() {
        faults.push(
            Fault::error("R0306", node.place.clone(), "tokens would cross the network in clear text")
                .label("reachable from other machines, without `tls`")
                .help("add `tls: { certificate: .., key: .. }`; behind a proxy that does TLS say `clear-text: true`"),
        );
        return None;
    }
    let tls = settle(tls)?;
    Some(Listener { address, tls })
}

/// Reads `admin:`.
pub(super) fn admin(node: &Node, faults: &mut Faults) -> Option<Admin> {
    let mut fields = node.fields("admin", faults)?;
    let address = fields.require("address", faults).and_then(|node| address(node, faults));
    fields.finish(faults);
    Some(Admin { address: address? })
}

/// Says if both would listen on one address.
pub(super) fn stand_apart(listener: &Listener, admin: Admin, place: Place, faults: &mut Faults) {
    let (one, other) = (listener.address, admin.address);
    let meets = one.ip() == other.ip() || one.ip().is_unspecified() || other.ip().is_unspecified();
    if one.port() == other.port() && one.port() != 0 && meets {
        faults.push(
            Fault::error("R0103", place, format!("`admin` can't have the port of `listen`, {}", one.port()))
                .label("metrics and health have an address of their own")
                .help("choose another port: `admin: { address: \"127.0.0.1:9464\" }`"),
        );
    }
}

fn tls(node: &Node, folder: &Path, faults: &mut Faults) -> Option<Tls> {
    let mut fields = node.fields("tls", faults)?;
    let certificate =
        fields.require("certificate", faults).and_then(|node| node.text("the path of a PEM file", faults));
    let key = fields.require("key", faults).and_then(|node| node.text("the path of a PEM file", faults));
    fields.finish(faults);
    Some(Tls { certificate: folder.join(certificate?), key: folder.join(key?) })
}

fn address(node: &Node, faults: &mut Faults) -> Option<SocketAddr> {
    let text = node.text("an address", faults)?;
    let address = text.parse().ok();
    if address.is_none() {
        faults.push(
            Fault::error("R0103", node.place.clone(), format!("`{text}` is not an address"))
                .label("not an address and a port")
                .help("write address and port, such as `0.0.0.0:8443`, `127.0.0.1:9464` or `[::]:8443`"),
        );
    }
    address
}
