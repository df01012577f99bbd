//! Runs the cases of a pack and says which promises were not kept. `scimgate check` and the tests do it.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;

use crate::bridge::Choices;
use crate::fault::{Fault, Faults, Place, did_you_mean};
use crate::json::{self, Object, Value};
use crate::rules::case::{Answer, Field, Sent};
use crate::rules::{Case, Media, Modes, Pack, Rule, Side};
use crate::scim::{Param, Query, Resource, Version};

use super::rehearse::{self, Answered, Asked, Heard, Played, Stage, Urls};

/// Runs every case of `pack`, alone between its pack and a standard other side. The ids of the rules that fired.
pub async fn run(pack: &Pack, faults: &mut Faults) -> BTreeSet<String> {
    let standard = Pack::standard();
    let (outer, inner) = alone(pack, &standard);
    between(&outer, inner, &pack.cases, faults).await
}

/// A pack between nothing and a standard other side: what stands outside, what inside.
#[must_use]
pub fn alone<'p>(pack: &'p Pack, standard: &'p Pack) -> (Vec<&'p Pack>, &'p Pack) {
    match pack.side {
        Side::Client | Side::Connection => (vec![pack], standard),
        Side::Backend => (Vec::new(), pack),
    }
}

/// Runs cases between these packs. The ids of the rules that fired.
pub async fn between(outer: &[&Pack], inner: &Pack, cases: &[Case], faults: &mut Faults) -> BTreeSet<String> {
    let mut fired = BTreeSet::new();
    for case in cases {
        unknown_rules(case, outer, inner, faults);
        match play(case, outer, inner).await {
            Ok(played) => {
                judge(case, &played, faults);
                fired.extend(played.refused.into_iter().map(|refusal| refusal.id));
                let met = played.met.into_iter().filter(|met| met.verdict.is_applied() && !is_turn(&met.id));
                fired.extend(met.map(|met| met.id));
            }
            Err(fault) => faults.push(
                Fault::error("R0500", case.sends.place.clone(), format!("case `{}`: {fault}", case.name))
                    .label("can't be sent")
                    .help("write the request as on the first line of HTTP: \"PUT /Users/7\""),
            ),
        }
    }
    fired
}

/// Plays one case between these packs, and judges nothing.
///
/// # Errors
/// A request that can't be written as HTTP, in words.
pub async fn play(case: &Case, outer: &[&Pack], inner: &Pack) -> Result<Played, String> {
    let (modes, declared, urls) = (modes(case, outer, inner), declared(case), Urls::default());
    let scim = if outer.iter().any(|pack| pack.scim.is_old()) { Version::OneOne } else { Version::Two };
    let choices = Choices::default();
    let stage = Stage { outer: outer.to_vec(), inner, scim, modes, declared, choices, urls };
    let answers = case.turns.iter().filter_map(|turn| turn.answers.as_ref()).map(answered).collect();
    rehearse::play(&stage, &asked(&case.sends, stage.scim, inner), answers).await
}

/// What the case says of single rules of its packs.
fn modes(case: &Case, outer: &[&Pack], inner: &Pack) -> Modes {
    let mut modes = Modes::default();
    for (key, mode) in &case.modes {
        if let Some(rule) = rules(outer, inner).find(|rule| rule.id.as_str() == key.text) {
            modes.set(rule.id.clone(), *mode);
        }
    }
    modes
}

fn unknown_rules(case: &Case, outer: &[&Pack], inner: &Pack, faults: &mut Faults) {
    let ids = || rules(outer, inner).map(|rule| rule.id.as_str());
    for (key, _) in case.modes.iter().filter(|(key, _)| !ids().any(|id| id == key.text)) {
        let help = match did_you_mean(&key.text, ids()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "name a rule as logs do: the pack, a slash, and the rule's id".to_owned(),
        };
        let message = format!("unknown rule `{}`", key.text);
        faults.push(Fault::error("R0104", key.place.clone(), message).label("not a rule of this case").help(help));
    }
}

fn rules<'p>(outer: &'p [&Pack], inner: &'p Pack) -> impl Iterator<Item = &'p Arc<Rule>> {
    outer.iter().copied().chain([inner]).flat_map(|pack| &pack.rules)
}

/// A case speaks of resources: its request is written in the media type that the backend wants.
fn asked(sent: &Sent, scim: Version, inner: &Pack) -> Asked {
    let body = sent.body.as_ref().map(|body| Bytes::from(body.to_bytes())).unwrap_or_default();
    let mut headers = written(&sent.headers);
    if !headers.iter().any(|(name, _)| name == "content-type") {
        let media = if scim.is_old() { Media::Json } else { inner.can.media };
        headers.push(("content-type".to_owned(), media.as_str().to_owned()));
    }
    Asked { method: sent.method.clone(), target: sent.target.clone(), headers, body }
}

fn answered(answer: &Answer) -> Answered {
    let body = answer.body.iter().map(|body| Bytes::from(body.to_bytes())).collect();
    Answered { status: answer.status, headers: written(&answer.headers), body }
}

/// Header fields as they are sent.
fn written(fields: &[Field]) -> Vec<(String, String)> {
    let there = fields.iter().filter_map(|(name, value)| Some((name.clone(), value.clone()?)));
    there.collect()
}

/// A case may speak of any resource type; one beside User and Group is declared by being named.
fn declared(case: &Case) -> Vec<Resource> {
    let endpoint = case.sends.target.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default();
    let named = endpoint.strip_suffix('s').and_then(Resource::named);
    named.into_iter().filter(|resource| matches!(resource, Resource::Other(_))).collect()
}

fn judge(case: &Case, played: &Played, faults: &mut Faults) {
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
fn is_turn(id: &str) -> bool {
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

/// Whether two targets ask for the same: equal paths, and equal parameters once decoded, also those that SCIM doesn't know.
#[must_use]
pub fn same_target(one: &str, other: &str) -> bool {
    let (path, query) = one.split_once('?').unwrap_or((one, ""));
    let (other_path, other_query) = other.split_once('?').unwrap_or((other, ""));
    path == other_path && beside(query) == beside(other_query) && same_selection(query, other_query)
}

fn same_selection(one: &str, other: &str) -> bool {
    let (Ok(one), Ok(other)) = (Query::parse(one), Query::parse(other)) else { return false };
    Param::ALL.iter().all(|&param| one.value(param) == other.value(param))
}

/// The parameters that SCIM doesn't know, in the order of their names.
fn beside(query: &str) -> Vec<(String, String)> {
    let mut pairs = Query::pairs(query);
    pairs.retain(|(name, _)| Param::named(name).is_none());
    pairs.sort();
    pairs
}

/// Whether a body is what the case shows; `schemas` counts only if the case shows it.
#[must_use]
pub fn same_body(expected: Option<&Value<'_>>, body: &[u8], subset: bool) -> bool {
    let Some(expected) = expected else { return body.is_empty() || subset };
    let Ok(mut value) = json::parse(body) else { return false };
    if let (Some(shown), Value::Object(object)) = (expected.as_object(), &mut value)
        && !shown.contains("schemas")
    {
        object.remove("schemas");
    }
    if subset { holds(&value, expected) } else { &value == expected }
}

/// Whether `value` holds everything that `shown` shows.
fn holds(value: &Value<'_>, shown: &Value<'_>) -> bool {
    match (value, shown) {
        (Value::Object(object), Value::Object(shown)) => holds_members(object, shown),
        (Value::Array(items), Value::Array(shown)) => {
            items.len() == shown.len() && items.iter().zip(shown.iter()).all(|(item, shown)| holds(item, shown))
        }
        _ => value == shown,
    }
}

fn holds_members(object: &Object<'_>, shown: &Object<'_>) -> bool {
    shown.iter().all(|member| object.get(&member.key.decoded()).is_some_and(|value| holds(value, &member.value)))
}
