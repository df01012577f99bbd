//! Runs the cases of a pack and says which promises were not kept. `scimgate check` and the tests do it.

mod judge;
mod same;

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;

use crate::bridge::Choices;
use crate::fault::{Fault, Faults, did_you_mean};
use crate::rules::case::{Answer, Field, Sent};
use crate::rules::{Case, Media, Modes, Pack, Rule, Side};
use crate::scim::{Resource, Version};

use super::rehearse::{self, Answered, Asked, Played, Stage, Urls};

use judge::{is_turn, judge};

pub use judge::fired;
pub use same::{same_body, same_target};

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
