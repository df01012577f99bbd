//! From a configuration to a gateway: the one place where what the operator meant meets sockets.

use std::collections::HashMap;
use std::sync::Arc;

use crate::access::{Throttles, Tokens};
use crate::config::{self, Config};
use crate::metrics::Metrics;

use super::Gateway;
use super::connection::{Backend, Connection, Terms};
use super::upstream::{HttpSettings, HttpUpstream, Trust, TrustFault};

/// Why no gateway can be made of a configuration.
#[derive(Debug, thiserror::Error)]
#[error("backend `{backend}`: {fault}")]
pub struct LoadFault {
    backend: String,
    fault: TrustFault,
}

/// The gateway of a configuration. Connections to one backend share its pool.
///
/// # Errors
/// The authorities of a backend can't be used.
pub fn gateway(config: &Config, tokens: Tokens, metrics: &Metrics) -> Result<Gateway<HttpUpstream>, LoadFault> {
    let mut backends = HashMap::with_capacity(config.backends.len());
    for backend in &config.backends {
        backends.insert(backend.name.as_str(), Arc::new(open(backend, metrics)?));
    }
    let connect = |connection: &config::Connection| {
        let backend = backends.get(connection.backend.name.as_str())?.clone();
        Some(Connection::new(terms(config, connection, backend), metrics))
    };
    let connections = config.connections.iter().filter_map(connect).collect();
    Ok(Gateway::new(connections, tokens, metrics.clone()))
}

fn open(backend: &config::Backend, metrics: &Metrics) -> Result<Backend<HttpUpstream>, LoadFault> {
    let timeouts = &backend.timeouts;
    let settings = HttpSettings {
        connect_timeout: timeouts.connect,
        response_timeout: timeouts.response,
        body_timeout: timeouts.body,
        idle_timeout: timeouts.idle,
        calls: backend.max_connections,
        queue_timeout: timeouts.queue,
        longest_answer: backend.longest_answer as u64,
        trust: match &backend.trust {
            config::Trust::System => Trust::System,
            config::Trust::Authorities(pem) => Trust::Authorities(pem.clone()),
            config::Trust::ClearText => Trust::Nobody,
        },
    };
    let upstream = HttpUpstream::new(settings, metrics.backend(&backend.name))
        .map_err(|fault| LoadFault { backend: backend.name.clone(), fault })?;
    Ok(Backend {
        name: backend.name.clone(),
        base: backend.url.clone(),
        credential: backend.credential.as_ref().map(config::Credential::to_header),
        media: backend.pack.media,
        upstream,
    })
}

fn terms<'c>(
    config: &Config,
    connection: &'c config::Connection,
    backend: Arc<Backend<HttpUpstream>>,
) -> Terms<'c, HttpUpstream> {
    Terms {
        name: connection.name.clone(),
        path: connection.path.clone(),
        public_url: connection.public_url.clone(),
        outer: connection.outer().collect(),
        inner: connection.inner(),
        modes: connection.modes.clone(),
        declared: connection.resources.clone(),
        operations: connection.operations.clone(),
        body_limit: config.limits.body,
        group_body_limit: config.limits.group_body,
        throttles: Throttles::new(connection.per_token, connection.per_connection),
        backend,
    }
}
