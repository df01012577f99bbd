//! The dashboard shows what the code counts: no dead panel, no metric that nobody can see.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed unwrap in a test is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use scimgate::metrics::Metrics;
use serde_json::Value;

/// Labels that Prometheus adds.
const SCRAPED: [&str; 2] = ["job", "instance"];

/// What the text format appends to the name of a histogram.
const PARTS: [&str; 3] = ["_bucket", "_sum", "_count"];

fn dashboard() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("grafana/scimgate.json");
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// Every panel but the rows.
fn panels(dashboard: &Value) -> Vec<&Value> {
    let all = dashboard["panels"].as_array().unwrap();
    let panels: Vec<&Value> = all.iter().filter(|panel| panel["type"] != "row").collect();
    assert!(panels.len() > 20, "only {} panels", panels.len());
    panels
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}

fn queries(panel: &Value) -> Vec<&str> {
    let targets = panel["targets"].as_array().unwrap();
    assert!(!targets.is_empty(), "`{}` asks nothing", text(panel, "title"));
    targets.iter().map(|target| target["expr"].as_str().unwrap()).collect()
}

/// Every query anywhere: in panels, annotations and variables.
fn all_queries(dashboard: &Value) -> Vec<&str> {
    let annotations = dashboard["annotations"]["list"].as_array().unwrap().iter();
    let variables = dashboard["templating"]["list"].as_array().unwrap().iter();
    let mut found: Vec<&str> = panels(dashboard).into_iter().flat_map(queries).collect();
    found.extend(annotations.map(|annotation| annotation["expr"].as_str().unwrap()));
    found.extend(variables.filter_map(|variable| variable["query"]["query"].as_str()));
    found
}

/// The words of a query, each with what stands behind it.
fn words(query: &str) -> Vec<(&str, &str)> {
    let inside = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let mut found = Vec::new();
    let mut rest = query;
    while let Some(start) = rest.find(inside) {
        let word = &rest[start..];
        let end = word.find(|letter| !inside(letter)).unwrap_or(word.len());
        found.push((&word[..end], &word[end..]));
        rest = &word[end..];
    }
    found
}

/// The metrics that a query names, as the code names them, each with its matchers.
fn selectors(query: &str) -> Vec<(&str, &str)> {
    let ours = |word: &str| word.starts_with("scimgate_") || word.starts_with("process_");
    let found = words(query).into_iter().filter(|(word, _)| ours(word));
    let found = found.map(|(word, behind)| {
        let matchers = behind.strip_prefix('{').and_then(|inner| inner.split('}').next()).unwrap_or_default();
        let base = PARTS.iter().find_map(|part| word.strip_suffix(part)).filter(|base| Metrics::labels(base).is_some());
        (base.unwrap_or(word), matchers)
    });
    found.collect()
}

#[test]
fn every_metric_on_the_dashboard_is_one_that_the_code_has() {
    let dashboard = dashboard();
    for query in all_queries(&dashboard) {
        let selectors = selectors(query);
        assert!(!selectors.is_empty(), "no metric of ours in `{query}`");
        for (name, _) in selectors {
            assert!(Metrics::labels(name).is_some(), "there is no metric `{name}`, asked for by `{query}`");
        }
    }
}

#[test]
fn every_metric_that_the_code_has_is_on_a_panel() {
    let dashboard = dashboard();
    let queries = panels(&dashboard).into_iter().flat_map(queries);
    let shown: BTreeSet<&str> = queries.flat_map(selectors).map(|(name, _)| name).collect();
    let hidden: Vec<_> = Metrics::names().iter().filter(|name| !shown.contains(**name)).collect();
    assert!(hidden.is_empty(), "on no panel: {hidden:?}");
}

#[test]
fn matchers_and_groups_use_labels_that_the_metric_has() {
    let dashboard = dashboard();
    for query in all_queries(&dashboard) {
        let known: BTreeSet<&str> = selectors(query)
            .iter()
            .flat_map(|(name, _)| Metrics::labels(name).unwrap().iter().copied())
            .chain(SCRAPED)
            .chain(query.contains("_bucket").then_some("le"))
            .collect();
        let matched = words(query).into_iter().filter(|(_, behind)| behind.starts_with('=') || behind.starts_with("!"));
        let grouped = query.split("by (").skip(1).flat_map(|rest| rest.split(')').next().unwrap().split(", "));
        for label in matched.map(|(label, _)| label).chain(grouped) {
            assert!(known.contains(label), "`{label}` is no label of what `{query}` asks for");
        }
    }
}

#[test]
fn legends_show_only_labels_that_the_query_keeps() {
    let dashboard = dashboard();
    for target in panels(&dashboard).into_iter().flat_map(|panel| panel["targets"].as_array().unwrap()) {
        let (query, legend) = (text(target, "expr"), text(target, "legendFormat"));
        assert!(!legend.is_empty(), "no legend for `{query}`");
        let kept = query.split("by (").skip(1).flat_map(|rest| rest.split(')').next().unwrap().split(", "));
        let kept: BTreeSet<&str> = kept.collect();
        for label in legend.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap()) {
            assert!(kept.contains(label), "`{legend}` has no `{label}` from `{query}`");
        }
    }
}

#[test]
fn every_selector_is_limited_to_the_chosen_jobs_and_instances() {
    let dashboard = dashboard();
    for query in panels(&dashboard).into_iter().flat_map(queries) {
        for (name, matchers) in selectors(query) {
            for matcher in ["job=~\"$job\"", "instance=~\"$instance\""] {
                assert!(matchers.split(',').any(|one| one == matcher), "`{name}` without {matcher} in `{query}`");
            }
        }
    }
}

#[test]
fn connections_and_backends_can_be_chosen_wherever_there_are_any() {
    let dashboard = dashboard();
    for query in panels(&dashboard).into_iter().flat_map(queries) {
        for (name, matchers) in selectors(query) {
            for label in ["connection", "backend"].iter().filter(|label| Metrics::labels(name).unwrap().contains(label))
            {
                let matcher = format!("{label}=~\"${label}\"");
                assert!(matchers.split(',').any(|one| one == matcher), "`{name}` without {matcher} in `{query}`");
            }
        }
    }
}

#[test]
fn a_rate_is_taken_over_the_interval_that_fits_the_screen() {
    let dashboard = dashboard();
    for query in panels(&dashboard).into_iter().flat_map(queries) {
        for range in query.split('[').skip(1).map(|rest| rest.split(']').next().unwrap()) {
            let whole_screen = range == "$__range" && query.contains("increase(") && !query.contains("rate(");
            assert!(range == "$__rate_interval" || whole_screen, "`[{range}]` in `{query}`");
        }
        for (name, _) in selectors(query).iter().filter(|(name, _)| name.ends_with("_total")) {
            assert!(query.contains("rate(") || query.contains("increase("), "`{name}` only ever grows: `{query}`");
        }
    }
}

#[test]
fn every_panel_says_what_it_shows_in_which_unit_and_from_where() {
    let dashboard = dashboard();
    for panel in panels(&dashboard) {
        let title = text(panel, "title");
        assert!(!title.is_empty(), "a panel without a title: {}", panel["id"]);
        assert!(text(panel, "description").ends_with('.'), "`{title}` has no description that is a sentence");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "`{title}`");
        let unit = text(&panel["fieldConfig"]["defaults"], "unit");
        assert!(!unit.is_empty(), "`{title}` has no unit");
        let times =
            queries(panel).iter().all(|query| query.contains("_seconds_bucket") || query.starts_with("time() - "));
        assert!(!times || unit == "s", "`{title}` shows seconds as {unit}");
    }
}

#[test]
fn the_dashboard_is_itself_wherever_it_is_imported() {
    let dashboard = dashboard();
    assert_eq!(dashboard["uid"], "scimgate");
    assert_eq!(dashboard["id"], Value::Null);
    assert!(dashboard.get("__inputs").is_none());
    assert_eq!(dashboard["schemaVersion"], 39);
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    let names: Vec<&str> = variables.iter().map(|variable| text(variable, "name")).collect();
    assert_eq!(names, ["datasource", "job", "instance", "connection", "backend"]);
}

#[test]
fn panels_have_ids_of_their_own_and_a_place_of_their_own() {
    let dashboard = dashboard();
    let mut ids = BTreeSet::new();
    let mut taken = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        let title = text(panel, "title");
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "`{title}` has the id of another panel");
        let [x, y, w, h] = ["x", "y", "w", "h"].map(|key| panel["gridPos"][key].as_u64().unwrap());
        assert!(w > 0 && h > 0 && x + w <= 24, "`{title}` doesn't fit into 24 columns");
        for cell in (x..x + w).flat_map(|column| (y..y + h).map(move |line| (column, line))) {
            assert!(taken.insert(cell), "`{title}` lies on another panel at {cell:?}");
        }
    }
}
