//! `scimgate serve`: the gateway and its admin listener ([`running`]), and the files that are watched meanwhile
//! ([`watch`]).

mod running;
mod seen;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use tokio::runtime;

use crate::log;
use crate::metrics::Metrics;
use crate::server::{Life, Listener, Signals, Workers, until_stopped};

use super::Failure;
pub(super) use running::Running;
use seen::Seen;

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
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| Failure::said(format!("the runtime can't start: {fault}")))?;
    let served = runtime.block_on(serve(words));
    // A file system that doesn't answer keeps a thread of the watcher, and nobody waits for that.
    runtime.shutdown_background();
    served
}

async fn serve(words: &Words) -> Result<(), Failure> {
    let config = super::load(&words.config, &super::environment)?;
    let metrics = Metrics::new();
    let generation = config.generation.clone();
    let (listen, admin_address) = (config.listener.address, config.admin.address);
    let listener = bind(listen).await?;
    let admin = bind(admin_address).await?;
    let tokens = Seen::now(&config.tokens);
    let running = Running::start(config, &metrics)?;
    let workers = Workers::start().map_err(|fault| Failure::said(format!("no thread can be started: {fault}")))?;
    let mut signals = Signals::listen().map_err(said)?;
    log::start(&words.log).map_err(said)?;
    tracing::info!(
        address = %listener.address(),
        admin = %admin.address(),
        %generation,
        "serving"
    );
    let life = Life::default();
    // The admin listener outlives the other one, so that /readyz can say that the process is leaving.
    let (admin_life, stages) = (Life::default(), life.stages());
    tokio::spawn(running.clone().administer(admin, stages.clone(), admin_life.stages()));
    tokio::spawn(watch::watch(running.clone(), words.config.clone(), tokens));
    let delay = Duration::from_secs(words.drain_delay);
    let serving = running.serve(listener, workers, stages);
    let served = until_stopped(serving, &life, delay, async || signals.next().await).await;
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
