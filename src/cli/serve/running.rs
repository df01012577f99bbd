//! A gateway that runs: what is in force, and the listeners that serve it.

use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use http::Request;

use crate::access::{Tokens, store};
use crate::cli::Failure;
use crate::config::Config;
use crate::gateway::load::{Loaded, load};
use crate::metrics::{Metrics, Reload};
use crate::server::{Admin, Insight, Limits, Listener, Pem, RequestBody, Server, Stages, Tls, Workers};

use super::said;

/// A gateway that runs. Clones are the same one.
#[derive(Clone)]
pub(in crate::cli) struct Running {
    /// What is in force. A call takes it once, and keeps it to its end.
    pub(super) force: Arc<ArcSwap<Loaded>>,
    pub(super) metrics: Metrics,
    pub(super) tls: Option<Arc<Tls>>,
    limits: Limits,
}

impl Running {
    /// Reads what the configuration names: tokens, certificate, authorities.
    pub(in crate::cli) fn start(config: Config, metrics: &Metrics) -> Result<Self, Failure> {
        let register = store::read(&config.tokens).map_err(said)?;
        let tls = match &config.listener.tls {
            Some(tls) => {
                let pem = Pem { certificate: tls.certificate.clone(), key: tls.key.clone() };
                Some(Arc::new(Tls::load(pem).map_err(said)?))
            }
            None => None,
        };
        let limits = limits(&config);
        metrics.configured(&config.generation);
        let now = SystemTime::now();
        [Reload::Config, Reload::Tokens, Reload::Certificates].into_iter().for_each(|kind| metrics.reloaded(kind, now));
        let loaded = load(config, Tokens::new(&register), metrics, None).map_err(said)?;
        Ok(Self { force: Arc::new(ArcSwap::from_pointee(loaded)), metrics: metrics.clone(), tls, limits })
    }

    /// Serves until it is told to stop. True if all that was in flight has finished.
    pub(in crate::cli) async fn serve(&self, listener: Listener, workers: Workers, stages: Stages) -> bool {
        let force = self.force.clone();
        let service = move |request: Request<RequestBody>| {
            let (loaded, source) = (force.load_full(), request.body().peer());
            async move { loaded.gateway.serve(request, Some(source)).await }
        };
        let server = Server::new(service, self.limits.clone(), self.metrics.clone()).on(workers);
        match &self.tls {
            Some(tls) => server.with_tls(tls.clone()).run(listener, stages).await,
            None => server.run(listener, stages).await,
        }
    }

    /// Answers on the admin listener: `shown` is the stage that it tells of, `stages` its own.
    pub(super) async fn administer(self, listener: Listener, shown: Stages, stages: Stages) {
        let (limits, metrics, address) = (self.limits.clone(), self.metrics.clone(), listener.address());
        let admin = Admin::new(Arc::new(self), shown, address);
        Server::new(admin, limits, metrics).run(listener, stages).await;
    }
}

impl Insight for Running {
    fn metrics(&self) -> String {
        self.metrics.encode()
    }

    fn generation(&self) -> String {
        self.force.load().config.generation.clone()
    }

    fn unready(&self) -> Option<String> {
        let has_tokens = self.force.load().gateway.has_tokens();
        (!has_tokens).then(|| "there are no tokens; `scimgate token create` makes one".to_owned())
    }
}

fn limits(config: &Config) -> Limits {
    let (timeouts, limits) = (&config.timeouts, &config.limits);
    Limits {
        first_byte: timeouts.first_byte,
        tls: timeouts.tls,
        head: timeouts.head,
        body_idle: timeouts.body_idle,
        body_total: timeouts.body_total,
        keep_alive: timeouts.keep_alive,
        write: timeouts.write,
        drain: timeouts.drain,
        connections: limits.connections,
        requests: limits.requests,
        streams: limits.streams,
        target: limits.target,
        headers: limits.headers,
        ..Limits::default()
    }
}
