//! The catalogue: every metric's kind, name, labels and help, once.
//!
//! A metric is one entry here and one line where it is counted. Labels are closed: they come from the configuration or
//! from a list in this room, never from what a client sent. Names end in their unit, seconds and bytes; counters in
//! `_total`.

use prometheus::{CounterVec, HistogramVec, IntCounterVec, IntGaugeVec, Registry};

/// Buckets for what a caller or a backend takes, in seconds: OpenTelemetry's advice for HTTP.
const CALL: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];

/// Buckets for the gateway's own share, in seconds: 50 microseconds are usual, 100 milliseconds are an accident.
const OWN: &[f64] = &[0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1];

/// Makes, from one list, a struct with a field per metric, its registration, and the list of names.
macro_rules! catalogue {
    ($($kind:ident $field:ident = $name:literal [$($label:literal),*] $(in $buckets:ident)? $help:literal;)*) => {
        /// Every metric family, registered.
        #[derive(Debug)]
        pub(super) struct Families {
            $(#[doc = $help] pub(super) $field: $kind,)*
        }

        impl Families {
            /// Makes every family and registers it.
            pub(super) fn register(registry: &Registry) -> prometheus::Result<Self> {
                $(
                    let options = prometheus::opts!($name, $help)$(.buckets($buckets))?;
                    let $field = $kind::new(options.into(), &[$($label),*])?;
                    registry.register(Box::new($field.clone()))?;
                )*
                Ok(Self { $($field),* })
            }
        }

        /// The name of every metric, in the order of the catalogue.
        pub(super) const NAMES: &[&str] = &[$($name),*];

        /// The labels of a metric.
        pub(super) fn labels(name: &str) -> Option<&'static [&'static str]> {
            match name {
                $($name => Some(&[$($label),*]),)*
                _ => None,
            }
        }
    };
}

/// `opts!` with buckets: where `prometheus` has two types of options, the catalogue needs one word.
trait Buckets {
    fn buckets(self, buckets: &[f64]) -> prometheus::HistogramOpts;
}

impl Buckets for prometheus::Opts {
    fn buckets(self, buckets: &[f64]) -> prometheus::HistogramOpts {
        prometheus::HistogramOpts { common_opts: self, buckets: buckets.to_vec() }
    }
}

catalogue! {
    IntGaugeVec build_info = "scimgate_build_info" ["version", "revision"]
        "1; the labels say which build runs.";
    IntGaugeVec config_info = "scimgate_config_info" ["hash"]
        "1; the label is the hash of the configuration in force, the same on replicas that agree.";
    IntCounterVec reloads = "scimgate_reloads_total" ["kind", "result"]
        "Reloads of what the operator wrote.";
    IntGaugeVec reload_successful = "scimgate_last_reload_successful" ["kind"]
        "1 if the last reload succeeded; 0 if it failed and the former generation is still in force.";
    IntGaugeVec reload_timestamp = "scimgate_last_reload_success_timestamp_seconds" ["kind"]
        "When the generation in force was loaded, in seconds since 1970.";

    IntCounterVec requests = "scimgate_http_requests_total" ["connection", "route", "method", "code"]
        "Requests answered; code 499 is a caller who hung up.";
    IntCounterVec bulk_operations = "scimgate_bulk_operations_total" ["connection", "route", "method", "code"]
        "Operations inside Bulk requests, by what each would be as a request of its own.";
    IntGaugeVec in_flight = "scimgate_http_requests_in_flight" ["connection"]
        "Requests being answered now.";
    HistogramVec duration = "scimgate_http_request_duration_seconds" ["connection", "route", "method"] in CALL
        "From a request's head to the end of its answer.";
    HistogramVec overhead = "scimgate_overhead_duration_seconds" ["connection", "route"] in OWN
        "The gateway's own share of a request: its duration less the time spent waiting for the backend.";

    IntCounterVec auth_failures = "scimgate_auth_failures_total" ["reason"]
        "Requests without a valid token.";
    IntCounterVec denied = "scimgate_scope_denied_total" ["connection", "route", "method"]
        "Requests whose token lacks the scope.";
    IntCounterVec rate_limited = "scimgate_rate_limited_total" ["limit"]
        "Requests above a limit.";
    IntCounterVec rejected = "scimgate_requests_rejected_total" ["reason"]
        "Requests refused for how they were written.";

    IntCounterVec upstream_requests = "scimgate_upstream_requests_total" ["backend", "method", "code"]
        "Attempts to call a backend; code none is an attempt without an answer.";
    IntGaugeVec upstream_in_flight = "scimgate_upstream_requests_in_flight" ["backend"]
        "Calls that a backend is answering now.";
    HistogramVec upstream_duration = "scimgate_upstream_request_duration_seconds" ["backend"] in CALL
        "From the start of an attempt to the head of the backend's answer, or to the fault.";
    IntCounterVec upstream_errors = "scimgate_upstream_errors_total" ["backend", "reason"]
        "Calls to a backend that failed without an answer, or amid one.";
    IntCounterVec upstream_retries = "scimgate_upstream_retries_total" ["backend"]
        "Second attempts, made only where the first can't have done anything.";
    IntCounterVec unknown_outcomes = "scimgate_upstream_unknown_outcomes_total" ["backend", "method"]
        "Writes that failed after the backend may have received them: whether they happened is not known.";

    IntCounterVec rule_firings = "scimgate_rule_firings_total" ["rule"]
        "Messages that a rule has changed.";
    IntCounterVec rule_refusals = "scimgate_rule_refusals_total" ["rule"]
        "Messages that a rule has refused.";
    IntCounterVec rule_shadow_differences = "scimgate_rule_shadow_differences_total" ["rule"]
        "Messages that a rule in shadow would have changed.";

    IntCounterVec bridge_calls = "scimgate_bridge_calls_total" ["bridge"]
        "Calls that went over a bridge, since the backend can't do what they ask, or has nothing to do.";

    IntGaugeVec sockets = "scimgate_sockets_open" []
        "Sockets that clients hold open.";
    IntCounterVec sockets_refused = "scimgate_sockets_refused_total" []
        "Sockets closed at once because too many were open.";
    IntCounterVec timeouts = "scimgate_socket_timeouts_total" ["phase"]
        "Sockets closed because a client was too slow.";
    IntCounterVec panics = "scimgate_panics_total" []
        "Panics; each ended one request.";

    CounterVec process_cpu = "process_cpu_seconds_total" []
        "Processor time used.";
    IntGaugeVec process_memory = "process_resident_memory_bytes" []
        "Memory in RAM.";
    IntGaugeVec process_fds = "process_open_fds" []
        "File descriptors open.";
    IntGaugeVec process_max_fds = "process_max_fds" []
        "File descriptors that may be open.";
    IntGaugeVec process_start = "process_start_time_seconds" []
        "When the process started, in seconds since 1970.";
}
