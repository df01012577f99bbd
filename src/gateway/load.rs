//! From a configuration to a gateway: the one place where what the operator meant meets sockets.

use std::collections::HashMap;
use std::sync::Arc;

use crate::access::{Brake, Throttles, Tokens};
use crate::config::{self, Config};
use crate::metrics::Metrics;

use super::Gateway;
use super::budget::Budget;
use super::connection::{Backend, Connection, Terms};
use super::shared::Shared;
use super::upstream::{GrantSettings, HttpSettings, HttpUpstream, Identity, Trust, TrustFault};

/// Why no gateway can be made of a configuration.
#[derive(Debug, thiserror::Error)]
#[error("backend `{backend}`: {fault}")]
pub struct LoadFault {
    backend: String,
    fault: TrustFault,
}

/// A configuration in force, and the gateway made of it.
#[derive(Debug)]
pub struct Loaded {
    /// What the operator meant.
    pub config: Config,
    /// What serves it.
    pub gateway: Gateway<HttpUpstream>,
}

/// The gateway of a configuration. Connections to one backend share its pool. What stays the same from the `former` one
/// goes on: pools of backends, and how much of their limits callers have used.
///
/// # Errors
/// The authorities of a backend can't be used.
pub fn load(config: Config, tokens: Tokens, metrics: &Metrics, former: Option<&Loaded>) -> Result<Loaded, LoadFault> {
    let mut backends = HashMap::with_capacity(config.backends.len());
    for backend in &config.backends {
        let upstream = match former.and_then(|former| kept_upstream(former, backend)) {
            Some(kept) => kept,
            None => open(backend, metrics)?,
        };
        backends.insert(backend.name.as_str(), Arc::new(behind(backend, upstream, former)));
    }
    let mut shared = Shared::default();
    let connections = config.connections.iter().filter_map(|connection| {
        let backend = backends.get(connection.backend.name.as_str())?.clone();
        let throttles = former.and_then(|former| kept_throttles(former, connection));
        let throttles =
            throttles.unwrap_or_else(|| Arc::new(Throttles::new(connection.per_token, connection.per_connection)));
        let brake = former.and_then(|former| kept_brake(former, connection));
        let brake = brake.unwrap_or_else(|| Arc::new(connection.brake.map_or_else(Brake::off, Brake::new)));
        Some(Connection::new(terms(&config, connection, backend, throttles, brake), &mut shared, metrics))
    });
    let connections = connections.collect();
    let gateway = Gateway::new(connections, tokens, metrics.clone());
    let gateway = match former {
        Some(former) => gateway.with_strangers_of(&former.gateway),
        None => gateway,
    };
    Ok(Loaded { config, gateway })
}

/// The way to a backend, if nothing that it depends on has changed.
fn kept_upstream(former: &Loaded, backend: &config::Backend) -> Option<HttpUpstream> {
    let same = |old: &config::Backend| {
        old.name == backend.name
            && old.timeouts == backend.timeouts
            && old.trust == backend.trust
            && old.identity == backend.identity
            && grant_of(old) == grant_of(backend)
            && old.max_connections == backend.max_connections
            && old.longest_answer == backend.longest_answer
    };
    former.config.backends.iter().find(|old| same(old))?;
    former.gateway.backend(&backend.name).map(|backend| backend.upstream.clone())
}

/// What callers have used of a connection's limits, if these are the same.
fn kept_throttles(former: &Loaded, connection: &config::Connection) -> Option<Arc<Throttles>> {
    let same = |old: &config::Connection| {
        old.name == connection.name
            && old.per_token == connection.per_token
            && old.per_connection == connection.per_connection
    };
    former.config.connections.iter().find(|old| same(old))?;
    former.gateway.connection(&connection.name).map(|connection| connection.throttles.clone())
}

/// What has been taken away through a connection, if as much may be as before.
fn kept_brake(former: &Loaded, connection: &config::Connection) -> Option<Arc<Brake>> {
    let same = |old: &config::Connection| old.name == connection.name && old.brake == connection.brake;
    former.config.connections.iter().find(|old| same(old))?;
    former.gateway.connection(&connection.name).map(|connection| connection.brake.clone())
}

/// How often a backend has been called, if it lets itself be called as often as before.
fn kept_budget(former: &Loaded, backend: &config::Backend) -> Option<Arc<Budget>> {
    let same = |old: &config::Backend| old.name == backend.name && old.pack.can.budget == backend.pack.can.budget;
    former.config.backends.iter().find(|old| same(old))?;
    former.gateway.backend(&backend.name).map(|backend| backend.budget.clone())
}

fn open(backend: &config::Backend, metrics: &Metrics) -> Result<HttpUpstream, LoadFault> {
    let timeouts = &backend.timeouts;
    let settings = HttpSettings {
        connect_timeout: timeouts.connect,
        response_timeout: timeouts.response,
        body_timeout: timeouts.body,
        idle_timeout: timeouts.idle,
        calls: backend.max_connections,
        queue_timeout: timeouts.queue,
        longest_answer: backend.longest_answer as u64,
        trust: trust(&backend.trust),
        identity: backend
            .identity
            .as_ref()
            .map(|one| Identity { certificate: one.certificate.clone(), key: one.key.clone() }),
    };
    let grant = grant_of(backend).map(|grant| GrantSettings {
        url: grant.url.clone(),
        client: grant.client.clone(),
        scope: grant.scope.clone(),
        http: HttpSettings { trust: trust(&grant.trust), identity: None, ..settings.clone() },
    });
    let upstream = HttpUpstream::new(settings, metrics.backend(&backend.name));
    let upstream = match grant {
        // A backend's name holds no slash.
        Some(grant) => {
            upstream.and_then(|one| one.opened_by(grant, metrics.backend(&format!("{}/oauth2", backend.name))))
        }
        None => upstream,
    };
    upstream.map_err(|fault| LoadFault { backend: backend.name.clone(), fault })
}

fn trust(trust: &config::Trust) -> Trust {
    match trust {
        config::Trust::System => Trust::System,
        config::Trust::Authorities(pem) => Trust::Authorities(pem.clone()),
        config::Trust::ClearText => Trust::Nobody,
    }
}

fn grant_of(backend: &config::Backend) -> Option<&config::Grant> {
    match &backend.credential {
        Some(config::Credential::Grant(grant)) => Some(grant),
        Some(config::Credential::Field(..)) | None => None,
    }
}

fn behind(backend: &config::Backend, upstream: HttpUpstream, former: Option<&Loaded>) -> Backend<HttpUpstream> {
    // Calls of the former generation may still be writing.
    let holds = former.and_then(|former| former.gateway.backend(&backend.name)).map(|backend| backend.holds.clone());
    let budget = former.and_then(|former| kept_budget(former, backend));
    Backend {
        holds: holds.unwrap_or_default(),
        budget: budget.unwrap_or_else(|| Arc::new(Budget::new(&backend.pack.can.budget))),
        name: backend.name.clone(),
        base: backend.url.clone(),
        credential: match &backend.credential {
            Some(config::Credential::Field(name, value)) => Some((name.clone(), value.clone())),
            Some(config::Credential::Grant(_)) | None => None,
        },
        media: backend.pack.can.media,
        upstream,
    }
}

fn terms<'c>(
    config: &Config,
    connection: &'c config::Connection,
    backend: Arc<Backend<HttpUpstream>>,
    throttles: Arc<Throttles>,
    brake: Arc<Brake>,
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
        scim: connection.scim,
        authorization: connection.authorization,
        throttles,
        brake,
        limits: connection.limits,
        choices: connection.choices,
        backend,
    }
}
