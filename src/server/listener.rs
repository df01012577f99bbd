//! A bound address.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

/// An address that accepts connections; they wait until [`Server::run`](super::Server::run) takes them.
#[derive(Debug)]
pub struct Listener {
    pub(super) socket: TcpListener,
    address: SocketAddr,
}

/// Why an address can't be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindFault {
    /// A second gateway, or something else, is there.
    #[error("`{0}` is in use by another process; stop that one, or choose another port in gateway.yaml")]
    InUse(SocketAddr),
    /// A port below 1024, as an ordinary user.
    #[error("`{0}` may not be opened by this user; choose a port from 1024, or grant CAP_NET_BIND_SERVICE")]
    Forbidden(SocketAddr),
    /// An address of another machine.
    #[error("`{0}` is no address of this machine; use one of its own, or `0.0.0.0` for all")]
    NotHere(SocketAddr),
    /// Anything else.
    #[error("can't listen on `{0}`: {1}")]
    Other(SocketAddr, io::Error),
}

impl Listener {
    /// Binds. Port 0 is any free port.
    ///
    /// # Errors
    /// [`BindFault`] names the address and what to do.
    pub async fn bind(address: SocketAddr) -> Result<Self, BindFault> {
        let bound = async {
            let socket = TcpListener::bind(address).await?;
            let address = socket.local_addr()?;
            Ok(Self { socket, address })
        };
        bound.await.map_err(|fault: io::Error| match fault.kind() {
            io::ErrorKind::AddrInUse => BindFault::InUse(address),
            io::ErrorKind::PermissionDenied => BindFault::Forbidden(address),
            io::ErrorKind::AddrNotAvailable => BindFault::NotHere(address),
            _ => BindFault::Other(address, fault),
        })
    }

    /// The address, with the port that was chosen.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
