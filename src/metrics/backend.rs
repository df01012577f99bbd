//! The series of one backend.

use std::array;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use prometheus::{Histogram, IntCounter};

use super::catalogue::Families;
use super::labels::{self, Codes, METHODS, UPSTREAM_FAULTS, WRITES};
use super::{InFlight, InFlightGauge};

/// The series of one backend. Clones are cheap and count together.
#[derive(Clone, Debug)]
pub struct BackendHandles(Arc<Backend>);

#[derive(Debug)]
struct Backend {
    families: Arc<Families>,
    name: String,
    in_flight: InFlightGauge,
    duration: Histogram,
    retries: IntCounter,
    methods: [OnceLock<Codes>; METHODS.len()],
}

impl BackendHandles {
    pub(super) fn new(families: Arc<Families>, name: &str) -> Self {
        for reason in UPSTREAM_FAULTS {
            let _ = families.upstream_errors.with_label_values(&[name, reason]);
        }
        for method in WRITES {
            let _ = families.unknown_outcomes.with_label_values(&[name, method]);
        }
        Self(Arc::new(Backend {
            in_flight: InFlightGauge(families.upstream_in_flight.with_label_values(&[name])),
            duration: families.upstream_duration.with_label_values(&[name]),
            retries: families.upstream_retries.with_label_values(&[name]),
            methods: array::from_fn(|_| OnceLock::new()),
            name: name.to_owned(),
            families,
        }))
    }

    /// The backend is answering a call for as long as the guard lives.
    #[must_use]
    pub fn started(&self) -> InFlight {
        self.0.in_flight.enter()
    }

    /// An attempt has brought the head of an answer.
    pub fn answered(&self, method: &str, code: u16, duration: Duration) {
        if let Some(codes) = self.0.method(method) {
            codes.add(code);
        }
        self.0.duration.observe(duration.as_secs_f64());
    }

    /// An attempt has brought nothing.
    pub fn unanswered(&self, method: &str, duration: Duration) {
        if let Some(codes) = self.0.method(method) {
            codes.add_none();
        }
        self.0.duration.observe(duration.as_secs_f64());
    }

    /// A call has failed for this reason, before an answer or amid one.
    pub fn failed(&self, reason: &str) {
        let reason = labels::one_of(UPSTREAM_FAULTS, reason);
        self.0.families.upstream_errors.with_label_values(&[&*self.0.name, reason]).inc();
    }

    /// A second attempt is made.
    pub fn retried(&self) {
        self.0.retries.inc();
    }

    /// A write has failed after the backend may have received it.
    pub fn outcome_unknown(&self, method: &str) {
        let method = METHODS.get(labels::method(method)).copied().unwrap_or_default();
        self.0.families.unknown_outcomes.with_label_values(&[&*self.0.name, method]).inc();
    }

    /// The reasons that [`failed`](Self::failed) counts apart.
    #[must_use]
    pub fn reasons() -> &'static [&'static str] {
        UPSTREAM_FAULTS
    }
}

impl Backend {
    /// Always some: the place of a method is within the list.
    fn method(&self, name: &str) -> Option<&Codes> {
        let place = labels::method(name);
        let (kept, name) = self.methods.get(place).zip(METHODS.get(place))?;
        Some(kept.get_or_init(|| Codes::new(&self.families.upstream_requests, &[&*self.name, *name])))
    }
}
