use std::collections::BTreeSet;
use std::time::Duration;

use super::*;

/// The value of the series written exactly like this.
fn value(metrics: &Metrics, series: &str) -> Option<f64> {
    let text = metrics.encode();
    let line = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
    line.parse().ok()
}

fn finished(method: &str, code: u16) -> Finished<'_> {
    Finished { method, code, duration: Duration::from_millis(30), upstream: Duration::from_millis(29) }
}

#[test]
fn every_name_is_there_once_and_follows_the_convention() {
    let names: BTreeSet<&str> = Metrics::names().iter().copied().collect();
    assert_eq!(names.len(), Metrics::names().len());
    for name in names {
        let (prefix, _) = name.split_once('_').unwrap();
        assert!(["scimgate", "process"].contains(&prefix), "{name}");
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
        assert!(!name.ends_with("_ms") && !name.contains("_milli"), "{name}");
    }
}

#[test]
fn only_counters_end_in_total_and_every_family_has_help() {
    let text = everything().encode();
    // `process_` series are there only where there is a `/proc`.
    for name in Metrics::names().iter().filter(|name| name.starts_with("scimgate_")) {
        let kind = text.lines().find_map(|line| line.strip_prefix(&format!("# TYPE {name} "))).unwrap();
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name} is a {kind}");
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
    }
}

#[test]
fn what_alerts_watch_is_there_before_it_happens() {
    let metrics = Metrics::new();
    let _ = metrics.backend("hr");
    assert_eq!(value(&metrics, "scimgate_panics_total"), Some(0.0));
    assert_eq!(value(&metrics, "scimgate_auth_failures_total{reason=\"unknown\"}"), Some(0.0));
    let unknown = "scimgate_upstream_unknown_outcomes_total{backend=\"hr\",method=\"POST\"}";
    assert_eq!(value(&metrics, unknown), Some(0.0));
    metrics.connection("okta").route("/Users").finished(finished("GET", 200));
    let failures = "scimgate_http_requests_total{code=\"502\",connection=\"okta\",method=\"GET\",route=\"/Users\"}";
    assert_eq!(value(&metrics, failures), Some(0.0));
}

#[test]
fn a_method_or_reason_that_a_client_made_up_makes_no_series_of_its_own() {
    let metrics = Metrics::new();
    let route = metrics.connection("okta").route("other");
    for method in ["BREW", "get", "X\"}"] {
        route.finished(finished(method, 405));
    }
    metrics.auth_failed("made up");
    metrics.request_rejected("made up");
    let other = "scimgate_http_requests_total{code=\"405\",connection=\"okta\",method=\"_OTHER\",route=\"other\"}";
    assert_eq!(value(&metrics, other), Some(3.0));
    assert_eq!(value(&metrics, "scimgate_auth_failures_total{reason=\"other\"}"), Some(1.0));
    assert!(!metrics.encode().contains("BREW") && !metrics.encode().contains("made up"));
}

#[test]
fn a_code_that_is_not_kept_at_hand_is_counted_too() {
    let metrics = Metrics::new();
    let route = metrics.connection("okta").route("/Users");
    route.finished(finished("GET", 418));
    let series = "scimgate_http_requests_total{code=\"418\",connection=\"okta\",method=\"GET\",route=\"/Users\"}";
    assert_eq!(value(&metrics, series), Some(1.0));
}

#[test]
fn the_own_share_is_what_the_backend_did_not_take() {
    let metrics = Metrics::new();
    metrics.connection("okta").route("/Users").finished(finished("GET", 200));
    let sum = "scimgate_overhead_duration_seconds_sum{connection=\"okta\",route=\"/Users\"}";
    assert!((value(&metrics, sum).unwrap() - 0.001).abs() < 1e-9);
}

#[test]
fn handles_made_twice_count_together() {
    let metrics = Metrics::new();
    metrics.rule("okta/login").firings.add();
    metrics.clone().rule("okta/login").firings.add();
    assert_eq!(value(&metrics, "scimgate_rule_firings_total{rule=\"okta/login\"}"), Some(2.0));
    assert_eq!(value(&metrics, "scimgate_rule_refusals_total{rule=\"okta/login\"}"), Some(0.0));
}

#[test]
fn what_goes_on_is_counted_until_it_is_dropped() {
    let metrics = Metrics::new();
    let sockets = [metrics.socket_opened(), metrics.socket_opened()];
    assert_eq!(value(&metrics, "scimgate_sockets_open"), Some(2.0));
    drop(sockets);
    assert_eq!(value(&metrics, "scimgate_sockets_open"), Some(0.0));
}

#[test]
fn only_the_configuration_in_force_is_shown() {
    let metrics = Metrics::new();
    for hash in ["aaaaaaaa", "bbbbbbbb", "bbbbbbbb"] {
        metrics.configured(hash);
    }
    assert_eq!(value(&metrics, "scimgate_config_info{hash=\"aaaaaaaa\"}"), None);
    assert_eq!(value(&metrics, "scimgate_config_info{hash=\"bbbbbbbb\"}"), Some(1.0));
}

#[test]
fn a_failed_reload_shows_until_one_succeeds_and_keeps_the_time_of_the_last_that_did() {
    let metrics = Metrics::new();
    let at = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    metrics.reloaded(Reload::Tokens, at);
    metrics.reload_failed(Reload::Tokens);
    assert_eq!(value(&metrics, "scimgate_last_reload_successful{kind=\"tokens\"}"), Some(0.0));
    let time = "scimgate_last_reload_success_timestamp_seconds{kind=\"tokens\"}";
    assert_eq!(value(&metrics, time), Some(1_700_000_000.0));
    metrics.reloaded(Reload::Tokens, at);
    assert_eq!(value(&metrics, "scimgate_last_reload_successful{kind=\"tokens\"}"), Some(1.0));
    assert_eq!(value(&metrics, "scimgate_reloads_total{kind=\"tokens\",result=\"failure\"}"), Some(1.0));
}

/// A registry in which each family has a series.
fn everything() -> Metrics {
    let metrics = Metrics::new();
    let route = metrics.connection("okta").route("/Users");
    route.denied("GET");
    route.operated("POST", 201);
    route.finished(finished("GET", 200));
    let backend = metrics.backend("hr");
    backend.answered("GET", 200, Duration::ZERO);
    metrics.configured("aaaaaaaa");
    metrics.reloaded(Reload::Config, UNIX_EPOCH);
    let _ = (metrics.rule("okta/login"), metrics.shadow("okta/login"), metrics.bridge("readback"));
    metrics
}
