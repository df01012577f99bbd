//! `scimgate serve`: the gateway, its admin listener, and the files that are watched while it runs.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::signal::unix::{SignalKind, signal};

use crate::access::{Tokens, store};
use crate::config::Config;
use crate::gateway::upstream::HttpUpstream;
use crate::gateway::{Gateway, load};
use crate::log;
use crate::metrics::{Metrics, Reload};
use crate::server::{Admin, Insight, Life, Limits, Listener, Pem, Server, Signals, Stages, Tls, until_stopped};

use super::Failure;

/// How often the token file is looked at: a revoked token is unknown within this time (T-08).
const LOOK: Duration = Duration::from_millis(500);

/// The words of `scimgate serve`.
#[derive(Debug, clap::Args)]
pub struct Words {
    /// The configuration
    #[arg(long, default_value = super::CONFIG, env = "SCIMGATE_CONFIG")]
    config: PathBuf,
    /// What is logged: error, warn, info, debug or trace, for all or by room
    #[arg(long, default_value = "info", env = "SCIMGATE_LOG")]
    log: String,
    /// Seconds between the signal to stop and the end of new connections, for load balancers to notice
    #[arg(long, default_value_t = 0)]
    drain_delay: u64,
}

/// Runs the words.
///
/// # Errors
/// Whatever keeps the gateway from starting. Nothing is half started.
pub fn run(words: &Words) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| Failure::said(format!("the runtime can't start: {fault}")))?;
    runtime.block_on(serve(words))
}

async fn serve(words: &Words) -> Result<(), Failure> {
    let config = super::load(&words.config, &super::environment)?;
    let metrics = Metrics::new();
    let listener = bind(config.listener.address).await?;
    let admin = bind(config.admin.address).await?;
    let running = Running::start(&config, &metrics)?;
    let mut signals = Signals::listen().map_err(said)?;
    log::start(&words.log).map_err(said)?;
    tracing::info!(
        address = %listener.address(),
        admin = %admin.address(),
        generation = %config.generation,
        "serving"
    );
    let life = Life::default();
    // The admin listener outlives the other one, so that /readyz can say that the process is leaving.
    let (admin_life, stages) = (Life::default(), life.stages());
    tokio::spawn(running.clone().administer(admin, stages.clone(), admin_life.stages()));
    tokio::spawn(running.clone().watch());
    let delay = Duration::from_secs(words.drain_delay);
    let served = until_stopped(running.serve(listener, stages), &life, delay, async || signals.next().await).await;
    match served {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::said("stopped with requests in flight: they took longer than `timeouts: drain`")),
        None => Err(Failure::said("stopped at once: a second signal came")),
    }
}

async fn bind(address: std::net::SocketAddr) -> Result<Listener, Failure> {
    Listener::bind(address).await.map_err(said)
}

fn said(fault: impl std::fmt::Display) -> Failure {
    Failure::said(fault.to_string())
}

/// A gateway that runs.
#[derive(Clone)]
pub(super) struct Running {
    gateway: Arc<Gateway<HttpUpstream>>,
    metrics: Metrics,
    tls: Option<Arc<Tls>>,
    limits: Limits,
    tokens: Arc<TokenFile>,
    generation: String,
}

/// The token file as it was last read.
struct TokenFile {
    path: PathBuf,
    seen: Mutex<Option<Vec<u8>>>,
}

impl Running {
    /// Reads what the configuration names: tokens, certificate, authorities.
    pub(super) fn start(config: &Config, metrics: &Metrics) -> Result<Self, Failure> {
        let tokens = Arc::new(TokenFile { path: config.tokens.clone(), seen: Mutex::new(bytes(&config.tokens)) });
        let register = store::read(&config.tokens).map_err(said)?;
        let gateway = load::gateway(config, Tokens::new(&register), metrics).map_err(said)?;
        let tls = match &config.listener.tls {
            Some(tls) => {
                let pem = Pem { certificate: tls.certificate.clone(), key: tls.key.clone() };
                Some(Arc::new(Tls::load(pem).map_err(said)?))
            }
            None => None,
        };
        metrics.configured(&config.generation);
        let now = SystemTime::now();
        [Reload::Config, Reload::Tokens, Reload::Certificates].into_iter().for_each(|kind| metrics.reloaded(kind, now));
        Ok(Self {
            gateway: Arc::new(gateway),
            metrics: metrics.clone(),
            tls,
            limits: limits(config),
            tokens,
            generation: config.generation.clone(),
        })
    }

    /// Serves until it is told to stop. True if all that was in flight has finished.
    pub(super) async fn serve(&self, listener: Listener, stages: Stages) -> bool {
        let gateway = self.gateway.clone();
        let service = move |request| {
            let gateway = gateway.clone();
            async move { gateway.serve(request).await }
        };
        let server = Server::new(service, self.limits.clone(), self.metrics.clone());
        match &self.tls {
            Some(tls) => server.with_tls(tls.clone()).run(listener, stages).await,
            None => server.run(listener, stages).await,
        }
    }

    /// Answers on the admin listener: `shown` is the stage that it tells of, `stages` its own.
    async fn administer(self, listener: Listener, shown: Stages, stages: Stages) {
        let (limits, metrics, address) = (self.limits.clone(), self.metrics.clone(), listener.address());
        let admin = Admin::new(Arc::new(self), shown, address);
        Server::new(admin, limits, metrics).run(listener, stages).await;
    }

    /// Takes over other tokens when their file changes, and tokens and certificate on SIGHUP. What is broken changes
    /// nothing and is told.
    async fn watch(self) {
        let Ok(mut hangup) = signal(SignalKind::hangup()) else { return };
        let mut ticks = tokio::time::interval(LOOK);
        loop {
            tokio::select! {
                _ = ticks.tick() => self.look_at_tokens(),
                _ = hangup.recv() => {
                    self.look_at_tokens();
                    self.reload_tls();
                }
            }
        }
    }

    fn look_at_tokens(&self) {
        let now = bytes(&self.tokens.path);
        let mut seen = self.tokens.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == now {
            return;
        }
        *seen = now;
        match store::read(&self.tokens.path) {
            Ok(register) => {
                self.gateway.replace_tokens(Tokens::new(&register));
                self.metrics.reloaded(Reload::Tokens, SystemTime::now());
                tracing::info!(tokens = register.entries().len(), "the token file has changed");
            }
            Err(fault) => {
                self.metrics.reload_failed(Reload::Tokens);
                tracing::error!(%fault, "the token file has changed and can't be used; the former tokens stay");
            }
        }
    }

    fn reload_tls(&self) {
        let Some(tls) = &self.tls else { return };
        match tls.reload() {
            Ok(()) => {
                self.metrics.reloaded(Reload::Certificates, SystemTime::now());
                tracing::info!("the certificate was read again");
            }
            Err(fault) => {
                self.metrics.reload_failed(Reload::Certificates);
                tracing::error!(%fault, "the certificate can't be used; the former one stays");
            }
        }
    }
}

impl Insight for Running {
    fn metrics(&self) -> String {
        self.metrics.encode()
    }

    fn generation(&self) -> &str {
        &self.generation
    }

    fn unready(&self) -> Option<String> {
        (!self.gateway.has_tokens()).then(|| "there are no tokens; `scimgate token create` makes one".to_owned())
    }
}

/// The bytes of a file; nothing if it can't be read, which `store::read` then explains.
fn bytes(path: &Path) -> Option<Vec<u8>> {
    std::fs::read(path).ok()
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
