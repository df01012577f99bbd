//! What is written down while a call is played.

use crate::bridge::Bridge;
use crate::rules::{Difference, Observer, Rule, Verdict, Why};
use crate::scim::ScimError;
use crate::scim::patch::Repair;

use super::super::edge::Turn;
use super::super::watcher::Witness;
use super::{Heard, Met, Refusal};

/// The notes of one call.
#[derive(Debug, Default)]
pub(super) struct Notes {
    pub received: Vec<Heard>,
    pub met: Vec<Met>,
    pub refused: Option<Refusal>,
    /// The backend has answered what it was last asked.
    pub back: bool,
}

impl Notes {
    fn note(&mut self, id: String, why: &str, verdict: Verdict, shown: Option<String>) {
        let (why, back, after) = (why.to_owned(), self.back, self.received.len());
        self.met.push(Met { id, why, verdict, shown, back, after });
    }
}

impl Observer for Notes {
    fn refused(&mut self, rule: &Rule, error: &ScimError) {
        let (id, why, detail) = (rule.id.to_string(), rule.why.clone(), error.detail.clone());
        self.refused = Some(Refusal { id, why, detail, back: self.back, after: self.received.len() });
    }

    fn met(&mut self, _number: usize, rule: &Rule, verdict: Verdict, shown: &dyn Fn() -> String) {
        self.note(rule.id.to_string(), &rule.why, verdict, Some(shown()));
    }

    fn shadowed(&mut self, _number: usize, rule: &Rule, _differences: &[Difference]) {
        self.note(rule.id.to_string(), &rule.why, Verdict::Skipped(Why::Shadow), None);
    }
}

impl Witness for Notes {
    fn repaired(&mut self, repair: Repair) {
        self.note(repair.id().to_owned(), repair.why(), Verdict::Applied, None);
    }

    fn bridged(&mut self, bridge: Bridge) {
        // What a rule can't do, a bridge does.
        self.refused = None;
        self.note(format!("bridge/{}", bridge.name()), bridge.why(), Verdict::Applied, None);
    }

    fn turned(&mut self, turn: Turn, shown: Option<&dyn Fn() -> String>) {
        self.note(turn.id().to_owned(), turn.why(), Verdict::Applied, shown.map(|shown| shown()));
    }

    fn asks(&mut self) {
        self.back = false;
    }
}
