//! The pages in `rules/`: what each pack does, and which of the known incidents and quirks each covers. They are made from
//! the packs; `BLESS=1 cargo test --test pages` writes them anew.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap here is a failed test"
)]

mod incidents;
mod quirks;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use scimgate::config::shipped;
use scimgate::fault::{Faults, Place};
use scimgate::gateway::cases;
use scimgate::rules::{Case, Mode, Pack, Rule, To};
use scimgate::yaml::Key;

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(name)
}

/// The packs, each with its folder.
fn packs() -> Vec<(&'static str, Pack)> {
    let read = |shipped: &shipped::Shipped| {
        let mut faults = Faults::default();
        (shipped.kind, shipped.read(&mut faults).unwrap_or_else(|| panic!("{}", faults.render(false))))
    };
    shipped::ALL.iter().map(read).collect()
}

/// A row that a text names: `row 7`, `incident 7` and `rows 13 and 14` of the incidents, `C-OKTA-01` of the quirks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Row {
    Incident(usize),
    Quirk(String),
}

fn rows(text: &str) -> BTreeSet<Row> {
    let words: Vec<&str> = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let mut rows = BTreeSet::new();
    let mut counting = false;
    for word in words {
        let number = word.parse().ok().filter(|_| counting);
        counting = matches!(word, "row" | "rows" | "incident") || (counting && (number.is_some() || word == "and"));
        rows.extend(number.map(Row::Incident));
        let parts: Vec<&str> = word.split('-').collect();
        if let ["B" | "C", system, number] = parts.as_slice()
            && number.len() == 2
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && system.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        {
            rows.insert(Row::Quirk(word.to_owned()));
        }
    }
    rows
}

/// The rows that a case bears in its name, before the colon.
fn rows_of(case: &Case) -> BTreeSet<Row> {
    case.name.split_once(": ").map(|(rows_of, _)| rows(rows_of)).unwrap_or_default()
}

/// The page, as the file is to be.
fn hold(name: &str, page: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(file(name), page).unwrap();
    }
    let written = fs::read_to_string(file(name)).unwrap_or_default();
    assert!(written == page, "rules/{name} is not what the packs say; BLESS=1 cargo test --test pages writes it anew");
}

/// The cells of a line of a table.
fn cells(line: &str) -> Vec<&str> {
    line.trim().trim_matches('|').split(" | ").map(str::trim).collect()
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// `row 7`, or `C-OKTA-01`.
fn named<'r>(rows: impl IntoIterator<Item = &'r Row>) -> String {
    let names = rows.into_iter().map(|row| match row {
        Row::Incident(number) => format!("[{number}](ROWS.md)"),
        Row::Quirk(id) => id.clone(),
    });
    names.collect::<Vec<_>>().join(", ")
}

fn section(kind: &str, pack: &Pack) -> String {
    let mut page = format!("\n## {kind}/{}\n\n{}.\n", pack.name, pack.about);
    if !pack.rules.is_empty() {
        page.push_str("\n| rule | why | source | mode |\n|---|---|---|---|\n");
    }
    for rule in &pack.rules {
        let mode = match (rule.mode, rule.to) {
            (Mode::Disabled, _) => "disabled",
            (_, To::Client) => "on, in answers",
            _ => "on",
        };
        let source = rule.source.as_deref().unwrap_or("");
        writeln!(page, "| `{}` | {} | {} | {mode} |", rule.id.in_pack(), cell(&rule.why), cell(source)).unwrap();
    }
    let covered: BTreeSet<Row> = pack.cases.iter().flat_map(rows_of).collect();
    let plural = if pack.cases.len() == 1 { "case" } else { "cases" };
    let rows = if covered.is_empty() { String::new() } else { format!(", for {}", named(&covered)) };
    writeln!(page, "\n{} {plural}{rows}.", pack.cases.len()).unwrap();
    page
}

#[test]
fn the_page_of_packs_is_what_they_say() {
    let packs = packs();
    let sections: String = packs.iter().map(|(kind, pack)| section(kind, pack)).collect();
    let rules: usize = packs.iter().map(|(_, pack)| pack.rules.len()).sum();
    let cases: usize = packs.iter().map(|(_, pack)| pack.cases.len()).sum();
    let covered: BTreeSet<Row> = packs.iter().flat_map(|(_, pack)| pack.cases.iter().flat_map(rows_of)).collect();
    let incidents = covered.iter().filter(|row| matches!(row, Row::Incident(_))).count();
    let page = format!(
        "# The packs that are shipped\n\n\
         {} packs with {rules} rules and {cases} cases, which cover {incidents} known incidents ([ROWS.md](ROWS.md)) and {} \
         quirks of clients (`C-..`) and backends (`B-..`, [QUIRKS.md](QUIRKS.md)). `scimgate check` runs the cases. A rule that is disabled says in \
         its why when to switch it on: `rules: {{ okta/no-password: enforce }}` in a connection.\n\n\
         This page is made from the packs by `BLESS=1 cargo test --test pages`.\n{sections}",
        packs.len(),
        covered.len() - incidents,
    );
    hold("README.md", &page);
}

#[tokio::test]
async fn without_the_rules_that_fire_in_it_a_case_is_not_kept() {
    for (kind, mut pack) in packs() {
        for case in std::mem::take(&mut pack.cases) {
            let fires = |id: &str| case.fired.iter().flatten().any(|fired| fired == id);
            let off = |rule: &Arc<Rule>| {
                let key = Key { text: rule.id.as_str().to_owned(), place: Place::whole("this test") };
                (key, Mode::Disabled)
            };
            let fired: Vec<_> = pack.rules.iter().filter(|rule| fires(rule.id.in_pack())).map(off).collect();
            if fired.is_empty() {
                continue;
            }
            let modes = case.modes.iter().cloned().chain(fired).collect();
            let name = case.name.clone();
            pack.cases = vec![Case { modes, fired: None, ..case }];
            let mut faults = Faults::default();
            cases::run(&pack, &mut faults).await;
            assert!(!faults.is_empty(), "{kind}/{}: `{name}` is kept without its rules", pack.name);
        }
    }
}

#[test]
fn every_rule_has_a_source_and_a_case_in_which_it_fires() {
    for (kind, pack) in packs() {
        let fired: BTreeSet<&str> =
            pack.cases.iter().flat_map(|case| case.fired.iter().flatten()).map(String::as_str).collect();
        for rule in &pack.rules {
            let refuses =
                rule.actions.iter().any(|action| matches!(action, scimgate::rules::actions::Action::Reject(_)));
            assert!(rule.source.is_some(), "{kind}/{} has no source", rule.id);
            assert!(refuses || fired.contains(rule.id.in_pack()), "no case fires {kind}/{}", rule.id);
        }
    }
}

#[test]
fn rows_are_read_from_what_names_them() {
    let read = |text| named(&rows(text));
    assert_eq!(read("rows 50 and 52, C-OKTA-10"), "[50](ROWS.md), [52](ROWS.md), C-OKTA-10");
    assert_eq!(read("row 1, row 2, C-OKTA11-04"), "[1](ROWS.md), [2](ROWS.md), C-OKTA11-04");
    assert_eq!(read("RFC 7643 section 4.1.2, a row of 7, C-X"), "");
}
