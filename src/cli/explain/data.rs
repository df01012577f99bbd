//! `--format json`: the same tale for programs.

use serde_json::{Value, json};

use crate::gateway::rehearse::Met;
use crate::rules::Verdict;

use super::Tale;
use super::why::{Maker, Makers};

/// Both ways in one object; what a rule left is shown as text, since a request is a query and a body.
pub(super) fn object(tale: &Tale<'_>, makers: Option<&Makers>) -> String {
    let met = |back: bool| -> Vec<Value> { tale.played.met.iter().filter(|met| met.back == back).map(step).collect() };
    let heard = tale
        .played
        .received
        .iter()
        .map(|heard| json!({ "method": heard.method.as_str(), "target": heard.target, "body": body(&heard.body) }));
    let is_answered = tale.answers.len() >= tale.played.received.len();
    let answers =
        tale.answers.iter().map(|answer| json!({ "status": answer.status, "body": body(&answer.body.concat()) }));
    let object = json!({
        "request": { "method": tale.asked.method, "target": tale.asked.target, "body": body(&tale.asked.body) },
        "there": met(false),
        "backend": heard.collect::<Vec<_>>(),
        "answers": answers.collect::<Vec<_>>(),
        "back": met(true),
        "refused": tale.played.refused.as_ref().map(|refusal| {
            json!({ "rule": refusal.id, "why": refusal.why, "detail": refusal.detail, "back": refusal.back })
        }),
        "client": is_answered.then(|| json!({ "status": tale.played.status, "body": body(&tale.played.body) })),
        "why": makers.map(|makers| {
            json!({
                "path": makers.path,
                "there": makers.there.as_ref().map(maker),
                "back": makers.back.as_ref().map(maker),
            })
        }),
    });
    format!("{object:#}")
}

fn step(met: &Met) -> Value {
    let skipped = match met.verdict {
        Verdict::Applied => None,
        Verdict::Skipped(why) => Some(why.as_str()),
    };
    json!({
        "rule": met.id, "why": met.why, "after": met.after, "fired": met.verdict.is_applied(), "skipped": skipped, "left": met.shown,
    })
}

fn maker(maker: &Maker) -> Value {
    json!({ "rule": maker.rule, "why": maker.why, "before": maker.before, "behind": maker.behind })
}

/// JSON as JSON, anything else as text, and nothing as null.
fn body(bytes: &[u8]) -> Value {
    match bytes {
        [] => Value::Null,
        bytes => {
            serde_json::from_slice(bytes).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
        }
    }
}
