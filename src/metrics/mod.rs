//! Metrics: one registry, passed around, no globals. Not here: when something happens, and the port on which it is told.
//!
//! [`Metrics`] hands out handles that resolve their series once, when a configuration is loaded; a call then counts
//! without looking anything up by name. Every name and help text stands in `catalogue`, every closed label in `labels`;
//! an id, an address, a path or anything else that a client chose is never a label.

mod backend;
mod catalogue;
mod connection;
mod labels;
mod process;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use prometheus::{IntCounter, IntGauge, Registry, TextEncoder};

pub use backend::BackendHandles;
use catalogue::Families;
pub use connection::{ConnectionHandles, Finished, RouteHandles};
use labels::{AUTH_FAILURES, REJECTIONS};
pub use labels::{Limit, Phase, Reload};

/// Every metric of one gateway. Clones are cheap and count together.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    families: Arc<Families>,
    /// The hash that `config_info` shows, so that the next one can take its place.
    hash: Mutex<Option<String>>,
}

impl Metrics {
    /// Metrics at zero, in a registry of their own.
    ///
    /// # Panics
    /// Never: the catalogue is fixed, and each of its names stands there once (a test registers them all).
    #[must_use]
    #[expect(clippy::expect_used, reason = "the catalogue is fixed, and a test registers it")]
    pub fn new() -> Self {
        let registry = Registry::new();
        let families = Families::register(&registry).expect("names in the catalogue are valid and unique");
        families.zero();
        Self(Arc::new(Inner { registry, families: Arc::new(families), hash: Mutex::new(None) }))
    }

    /// The name of every metric there is.
    #[must_use]
    pub fn names() -> &'static [&'static str] {
        catalogue::NAMES
    }

    /// The labels of a metric; nothing if there is no such metric.
    #[must_use]
    pub fn labels(name: &str) -> Option<&'static [&'static str]> {
        catalogue::labels(name)
    }

    /// Everything counted so far, in Prometheus' text format 0.0.4.
    #[must_use]
    pub fn encode(&self) -> String {
        process::refresh(&self.0.families);
        // Encoding fails only for a family without series, which the registry leaves out.
        TextEncoder::new().encode_to_string(&self.0.registry.gather()).unwrap_or_default()
    }

    /// The series of one connection.
    #[must_use]
    pub fn connection(&self, name: &str) -> ConnectionHandles {
        ConnectionHandles::new(self.0.families.clone(), name)
    }

    /// The count of messages that one rule, by its id, would have changed.
    #[must_use]
    pub fn shadow(&self, id: &str) -> Count {
        Count(self.0.families.rule_shadow_differences.with_label_values(&[id]))
    }

    /// The count of calls that went over one bridge, by its name.
    #[must_use]
    pub fn bridge(&self, name: &str) -> Count {
        Count(self.0.families.bridge_calls.with_label_values(&[name]))
    }

    /// The series of one backend.
    #[must_use]
    pub fn backend(&self, name: &str) -> BackendHandles {
        BackendHandles::new(self.0.families.clone(), name)
    }

    /// The series of one rule, by its id.
    #[must_use]
    pub fn rule(&self, id: &str) -> RuleHandles {
        RuleHandles {
            firings: Count(self.0.families.rule_firings.with_label_values(&[id])),
            refusals: Count(self.0.families.rule_refusals.with_label_values(&[id])),
        }
    }

    /// A request came without a valid token.
    pub fn auth_failed(&self, reason: &str) {
        self.0.families.auth_failures.with_label_values(&[labels::one_of(AUTH_FAILURES, reason)]).inc();
    }

    /// A call went over a limit.
    pub fn rate_limited(&self, limit: Limit) {
        self.0.families.rate_limited.with_label_values(&[limit.word()]).inc();
    }

    /// A request was refused for how it was written.
    pub fn request_rejected(&self, reason: &str) {
        self.0.families.rejected.with_label_values(&[labels::one_of(REJECTIONS, reason)]).inc();
    }

    /// A client's socket is open for as long as the guard lives.
    #[must_use]
    pub fn socket_opened(&self) -> InFlight {
        InFlightGauge(self.0.families.sockets.with_label_values::<&str>(&[])).enter()
    }

    /// A socket was closed at once because too many are open.
    pub fn socket_refused(&self) {
        self.0.families.sockets_refused.with_label_values::<&str>(&[]).inc();
    }

    /// A socket was closed because its client was too slow.
    pub fn timed_out(&self, phase: Phase) {
        self.0.families.timeouts.with_label_values(&[phase.word()]).inc();
    }

    /// A request ended in a panic.
    pub fn panicked(&self) {
        self.0.families.panics.with_label_values::<&str>(&[]).inc();
    }

    /// The configuration with this hash is in force from now on; the one before is not.
    pub fn configured(&self, hash: &str) {
        let info = &self.0.families.config_info;
        let mut shown = self.0.hash.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(old) = shown.replace(hash.to_owned()).filter(|old| old != hash) {
            // Fails only if the series is gone already.
            let _ = info.remove_label_values(&[&old]);
        }
        info.with_label_values(&[hash]).set(1);
    }

    /// A load has succeeded, and is in force since `at`. The first load counts too.
    pub fn reloaded(&self, kind: Reload, at: SystemTime) {
        let families = &self.0.families;
        families.reloads.with_label_values(&[kind.word(), "success"]).inc();
        families.reload_successful.with_label_values(&[kind.word()]).set(1);
        families.reload_timestamp.with_label_values(&[kind.word()]).set(seconds(at));
    }

    /// A reload has failed; the former generation is still in force.
    pub fn reload_failed(&self, kind: Reload) {
        self.0.families.reloads.with_label_values(&[kind.word(), "failure"]).inc();
        self.0.families.reload_successful.with_label_values(&[kind.word()]).set(0);
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Families {
    /// Makes the series that alerts watch, so that a rate sees the first event.
    fn zero(&self) {
        let revision = option_env!("SCIMGATE_REVISION").unwrap_or("unknown");
        self.build_info.with_label_values(&[env!("CARGO_PKG_VERSION"), revision]).set(1);
        self.process_start.with_label_values::<&str>(&[]).set(seconds(SystemTime::now()));
        self.sockets.with_label_values::<&str>(&[]);
        self.sockets_refused.with_label_values::<&str>(&[]);
        self.panics.with_label_values::<&str>(&[]);
        for reason in AUTH_FAILURES {
            self.auth_failures.with_label_values(&[reason]);
        }
        for reason in REJECTIONS {
            self.rejected.with_label_values(&[reason]);
        }
        for limit in Limit::ALL {
            self.rate_limited.with_label_values(&[limit.word()]);
        }
        for phase in Phase::ALL {
            self.timeouts.with_label_values(&[phase.word()]);
        }
        for (kind, result) in Reload::ALL.into_iter().flat_map(|kind| [(kind, "success"), (kind, "failure")]) {
            self.reloads.with_label_values(&[kind.word(), result]);
        }
    }
}

fn seconds(at: SystemTime) -> i64 {
    at.duration_since(UNIX_EPOCH).ok().and_then(|since| i64::try_from(since.as_secs()).ok()).unwrap_or(0)
}

/// The series of one rule.
#[derive(Clone, Debug)]
pub struct RuleHandles {
    /// Messages that it has changed.
    pub firings: Count,
    /// Messages that it has refused.
    pub refusals: Count,
}

/// One counter.
#[derive(Clone, Debug)]
pub struct Count(IntCounter);

impl Count {
    /// One more.
    pub fn add(&self) {
        self.0.inc();
    }
}

/// A gauge of what is going on now.
#[derive(Clone, Debug)]
struct InFlightGauge(IntGauge);

impl InFlightGauge {
    fn enter(&self) -> InFlight {
        self.0.inc();
        InFlight(self.0.clone())
    }
}

/// Something going on now, counted until it is dropped.
#[derive(Debug)]
pub struct InFlight(IntGauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests;
