//! Whether what was played is what a case promises.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::HeaderMap;

use crate::fault::{Fault, Faults, Place};
use crate::rules::Case;
use crate::rules::case::{Answer, Field, Sent};

use super::super::rehearse::{Heard, Played};
use super::same::{same_body, same_target};

pub(super) fn judge(case: &Case, played: &Played, faults: &mut Faults) {
    judge_backend(case, played, faults);
    if let Some(expected) = &case.receives {
        judge_client(case, expected, played, faults);
    }
    if let Some(expected) = &case.fired {
        judge_fired(case, expected, played, faults);
    }
}

fn judge_backend(case: &Case, played: &Played, faults: &mut Faults) {
    for (turn, heard) in case.turns.iter().zip(&played.received) {
        if let Some(expected) = &turn.receives {
            judge_received(case, expected, heard, faults);
        }
    }
    for expected in case.turns.iter().skip(played.received.len()).filter_map(|turn| turn.receives.as_ref()) {
        let what = match played.received.len() {
            0 => "nothing reached the backend".to_owned(),
            count => format!("the backend was called {count} times"),
        };
        faults.push(
            Fault::error("R0501", expected.place.clone(), format!("case `{}`: {what}", case.name))
                .label("expected at the backend")
                .help(format!("the client was answered {} {}", played.status, text(&played.body))),
        );
    }
    match (case.turns.len(), played.received.get(case.turns.len())) {
        (_, None) => {}
        (0, Some(heard)) => faults.push(
            Fault::error("R0502", case.place.clone(), format!("case `{}`: the call reached the backend", case.name))
                .label("this case shows no backend")
                .help(format!("the backend received `{} {}`", heard.method, heard.target)),
        ),
        (shown, Some(heard)) => faults.push(
            Fault::error(
                "R0504",
                case.place.clone(),
                format!("case `{}`: the backend was called once more", case.name),
            )
            .label(format!("calls that the case shows: {shown}"))
            .help(format!("then it received `{} {}`", heard.method, heard.target)),
        ),
    }
}

fn judge_received(case: &Case, expected: &Sent, heard: &Heard, faults: &mut Faults) {
    let same_target = heard.method.as_str() == expected.method && same_target(&heard.target, &expected.target);
    if !same_target {
        faults.push(
            Fault::error(
                "R0504",
                expected.place.clone(),
                format!("case `{}`: the backend received another request", case.name),
            )
            .label(format!("expected `{} {}`", expected.method, expected.target))
            .help(format!("it received `{} {}`", heard.method, heard.target)),
        );
    }
    judge_headers(case, "the backend", &expected.headers, (&heard.headers, &expected.place), faults);
    if !same_body(expected.body.as_ref(), &heard.body, case.subset) {
        faults.push(
            Fault::error(
                "R0505",
                expected.place.clone(),
                format!("case `{}`: the backend received another body", case.name),
            )
            .label("expected this")
            .help(format!("it received {}", text(&heard.body))),
        );
    }
}

/// Every field that the case shows must be there with this value, or not at all.
fn judge_headers(
    case: &Case,
    who: &'static str,
    expected: &[Field],
    (heard, place): (&HeaderMap, &Place),
    faults: &mut Faults,
) {
    for (name, value) in expected {
        let found = heard.get(name.as_str()).map(|found| String::from_utf8_lossy(found.as_bytes()).into_owned());
        if found == *value {
            continue;
        }
        let said = |value: &Option<String>| match value {
            Some(value) => format!("`{name}: {value}`"),
            None => format!("no `{name}`"),
        };
        faults.push(
            Fault::error("R0509", place.clone(), format!("case `{}`: {who} received another header", case.name))
                .label(format!("expected {}", said(value)))
                .help(format!("it received {}", said(&found))),
        );
    }
}

fn judge_client(case: &Case, expected: &Answer, played: &Played, faults: &mut Faults) {
    judge_headers(case, "the client", &expected.headers, (&played.headers, &expected.place), faults);
    if played.status != expected.status {
        faults.push(
            Fault::error(
                "R0506",
                expected.place.clone(),
                format!("case `{}`: the client received another status", case.name),
            )
            .label(format!("expected {}", expected.status))
            .help(format!("it received {} {}", played.status, text(&played.body))),
        );
    } else if expected.body.is_some() && !same_body(expected.body.as_ref(), &played.body, case.subset) {
        faults.push(
            Fault::error(
                "R0507",
                expected.place.clone(),
                format!("case `{}`: the client received another body", case.name),
            )
            .label("expected this")
            .help(format!("it received {}", text(&played.body))),
        );
    }
}

fn judge_fired(case: &Case, expected: &[String], played: &Played, faults: &mut Faults) {
    let fired = fired(played);
    let wanted: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
    if fired != wanted {
        let list = |ids: &BTreeSet<&str>| ids.iter().copied().collect::<Vec<_>>().join(", ");
        faults.push(
            Fault::error("R0508", case.place.clone(), format!("case `{}`: other rules fired", case.name))
                .label(format!("expected [{}]", list(&wanted)))
                .help(format!("these fired: [{}]", list(&fired))),
        );
    }
}

/// What fired, as a case names it.
#[must_use]
pub fn fired(played: &Played) -> BTreeSet<&str> {
    let told = played.met.iter().filter(|met| met.verdict.is_applied() && !is_turn(&met.id));
    told.map(|met| short(&met.id)).collect()
}

/// Whether it is a change of version, which every message meets where one side speaks SCIM 1.1.
pub(super) fn is_turn(id: &str) -> bool {
    id.starts_with("scim/")
}

/// A rule's id without its pack; the whole id of a standard repair or a bridge.
fn short(id: &str) -> &str {
    match id.split_once('/') {
        Some(("std" | "bridge", _)) | None => id,
        Some((_, rule)) => rule,
    }
}

fn text(body: &Bytes) -> String {
    if body.is_empty() { "no body".to_owned() } else { String::from_utf8_lossy(body).into_owned() }
}
