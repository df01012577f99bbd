//! What a connection says of accounts that go, of limits, and of single rules.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::access::Rate;
use crate::bridge::{Choices, Conflict, Deactivation, Deletion, Inactive, Lifecycle, Limits};
use crate::fault::{Fault, Faults, did_you_mean};
use crate::rules::{Mode, Modes};
use crate::yaml::{Fields, Node};

use super::super::units;
use super::Connection;

pub(super) fn choices(fields: &mut Fields<'_>, faults: &mut Faults) -> Choices {
    let mut choices = Choices::default();
    if let Some(mut fields) = fields.take("lifecycle").and_then(|node| node.fields("lifecycle", faults)) {
        let deletion =
            fields.take("delete").and_then(|node| node.word("choice for deletions", Deletion::WORDS, faults));
        let deactivation = fields.take("deactivate");
        let deactivation =
            deactivation.and_then(|node| node.word("choice for deactivations", Deactivation::WORDS, faults));
        let inactive = fields.take("inactive");
        let inactive = inactive.and_then(|node| node.word("choice for inactive users", Inactive::WORDS, faults));
        fields.finish(faults);
        choices.lifecycle = Lifecycle {
            deletion: deletion.unwrap_or_default(),
            deactivation: deactivation.unwrap_or_default(),
            inactive: inactive.unwrap_or_default(),
        };
    }
    let conflict = fields.take("conflict");
    let conflict = conflict.and_then(|node| node.word("choice for conflicts", Conflict::WORDS, faults));
    choices.conflict = conflict.unwrap_or_default();
    choices.merges = fields.take("put-merge").and_then(|node| node.truth("put-merge", faults)).unwrap_or_default();
    choices
}

/// `limits:` of a connection.
pub(super) struct Own {
    pub per_token: Rate,
    pub per_connection: Rate,
    pub scan: Option<u32>,
    pub writes: Option<u32>,
    pub deadline: Option<Duration>,
}

impl Own {
    pub(super) fn over(&self, usual: Limits) -> Limits {
        Limits {
            scan: self.scan.unwrap_or(usual.scan),
            writes: self.writes.unwrap_or(usual.writes),
            deadline: self.deadline.unwrap_or(usual.deadline),
        }
    }
}

pub(super) fn limits(node: Option<&Node>, faults: &mut Faults) -> Option<Own> {
    let four = NonZeroU32::MIN.saturating_add(3);
    let token = Rate::default();
    let connection =
        Rate { per_second: token.per_second.saturating_mul(four), burst: token.burst.saturating_mul(four) };
    let usual = Own { per_token: token, per_connection: connection, scan: None, writes: None, deadline: None };
    let Some(node) = node else { return Some(usual) };
    let mut fields = node.fields("limits", faults)?;
    let per_token = fields.take("per-token").map(|node| units::rate(node, "per-token", faults));
    let per_connection = fields.take("per-connection").map(|node| units::rate(node, "per-connection", faults));
    let mut number = |name| {
        let number = fields.take(name).and_then(|node| node.whole(name, 1..=100_000_000, faults));
        number.and_then(|number| u32::try_from(number).ok())
    };
    let (scan, writes) = (number("scan"), number("writes"));
    let deadline = fields.take("deadline").and_then(|node| units::duration(node, "deadline", faults));
    fields.finish(faults);
    Some(Own {
        per_token: per_token.unwrap_or(Some(token))?,
        per_connection: per_connection.unwrap_or(Some(connection))?,
        scan,
        writes,
        deadline,
    })
}

/// `rules: { okta/no-password: enforce }`
pub(super) fn modes(node: &Node, connection: &Connection, faults: &mut Faults) -> Option<Modes> {
    let mut fields = node.fields("rules", faults)?;
    let mut modes = Modes::default();
    let packs = || connection.outer().chain([connection.inner()]);
    for (key, node) in fields.rest() {
        let mode = node.word("mode", Mode::WORDS, faults);
        match packs().flat_map(|pack| &pack.rules).find(|rule| rule.id.as_str() == key.text) {
            Some(rule) => mode.into_iter().for_each(|mode| modes.set(rule.id.clone(), mode)),
            None => {
                let help =
                    match did_you_mean(&key.text, packs().flat_map(|pack| &pack.rules).map(|rule| rule.id.as_str())) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        None => "name a rule as logs do: the pack, a slash, and the rule's id".to_owned(),
                    };
                let message = format!("unknown rule `{}`", key.text);
                faults.push(
                    Fault::error("R0104", key.place.clone(), message).label("in no pack of this connection").help(help),
                );
            }
        }
    }
    Some(modes)
}
