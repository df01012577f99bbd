//! Who is told what rules and standard repairs did: counters, or somebody who wants to know more.

use std::sync::{Arc, Mutex};

use crate::bridge::Bridge;
use crate::metrics::{Count, Metrics, RuleHandles};
use crate::rules::{Difference, Observer, Pack, Rule, Verdict};
use crate::scim::ScimError;
use crate::scim::patch::Repair;

use super::edge::Turn;
use super::shadow::Shadows;

/// Who is told what each rule did.
#[derive(Clone, Debug)]
pub enum Watcher {
    /// Metrics.
    Count(Arc<Counters>),
    /// Somebody who wants to know more: `explain` and the cases.
    Tell(Teller),
}

/// Somebody who wants to know more.
#[derive(Clone)]
pub struct Teller(pub Arc<Mutex<dyn Witness>>);

impl std::fmt::Debug for Teller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Teller")
    }
}

/// An observer that also learns of the standard repairs.
pub trait Witness: Observer + Send {
    /// A standard repair was made.
    fn repaired(&mut self, repair: Repair);

    /// The call goes over a bridge.
    fn bridged(&mut self, _bridge: Bridge) {}

    /// A message was brought into another version of SCIM; `shown` is what it says now.
    fn turned(&mut self, _turn: Turn, _shown: Option<&dyn Fn() -> String>) {}

    /// The backend is about to be asked: what comes is on its way there.
    fn asks(&mut self) {}
}

/// The counters of every rule of a connection, by its number, and of the standard repairs.
#[derive(Debug)]
pub struct Counters {
    rules: Vec<RuleHandles>,
    shadows: Shadows,
    repairs: Vec<(Repair, RuleHandles)>,
    bridges: Vec<(Bridge, Count)>,
    turns: Vec<(Turn, RuleHandles)>,
}

impl Counters {
    /// The counters for these packs, in the order in which plans number their rules.
    #[must_use]
    pub fn new(packs: &[&Pack], metrics: &Metrics) -> Self {
        let rules = packs.iter().flat_map(|pack| &pack.rules).map(|rule| metrics.rule(rule.id.as_str())).collect();
        let repairs = Repair::ALL.iter().map(|&repair| (repair, metrics.rule(repair.id()))).collect();
        let shadows = Shadows::new(packs, metrics);
        let bridges = Bridge::ALL.iter().map(|&bridge| (bridge, metrics.bridge(bridge.name()))).collect();
        let turns = Turn::ALL.iter().map(|&turn| (turn, metrics.rule(turn.id()))).collect();
        Self { rules, repairs, shadows, bridges, turns }
    }

    /// The rule of this number changed something.
    pub fn fired(&self, number: usize) {
        if let Some(series) = self.rules.get(number) {
            series.firings.add();
        }
    }
}

impl Watcher {
    /// A standard repair was made.
    pub fn repaired(&mut self, repair: Repair) {
        match self {
            Self::Count(counters) => {
                if let Some((_, series)) = counters.repairs.iter().find(|(known, _)| *known == repair) {
                    series.firings.add();
                }
            }
            Self::Tell(teller) => {
                if let Ok(mut witness) = teller.0.lock() {
                    witness.repaired(repair);
                }
            }
        }
    }

    /// The call goes over a bridge.
    pub fn bridged(&mut self, bridge: Bridge) {
        match self {
            Self::Count(counters) => {
                if let Some((_, count)) = counters.bridges.iter().find(|(known, _)| *known == bridge) {
                    count.add();
                }
            }
            Self::Tell(teller) => {
                if let Ok(mut witness) = teller.0.lock() {
                    witness.bridged(bridge);
                }
            }
        }
    }

    /// A message was brought into another version of SCIM.
    pub fn turned(&mut self, turn: Turn, shown: Option<&dyn Fn() -> String>) {
        match self {
            Self::Count(counters) => {
                if let Some((_, series)) = counters.turns.iter().find(|(known, _)| *known == turn) {
                    series.firings.add();
                }
            }
            Self::Tell(teller) => {
                if let Ok(mut witness) = teller.0.lock() {
                    witness.turned(turn, shown);
                }
            }
        }
    }

    /// A message can't be said in the other version of SCIM.
    pub fn unsaid(&self, turn: Turn) {
        if let Self::Count(counters) = self
            && let Some((_, series)) = counters.turns.iter().find(|(known, _)| *known == turn)
        {
            series.refusals.add();
        }
    }

    /// The backend is about to be asked.
    pub fn asks(&mut self) {
        if let Self::Tell(teller) = self
            && let Ok(mut witness) = teller.0.lock()
        {
            witness.asks();
        }
    }

    /// A rule refused.
    pub fn refused(&self, number: usize) {
        if let Self::Count(counters) = self
            && let Some(series) = counters.rules.get(number)
        {
            series.refusals.add();
        }
    }
}

impl Observer for Watcher {
    fn met(&mut self, number: usize, rule: &Rule, verdict: Verdict, shown: &dyn Fn() -> String) {
        match self {
            Self::Count(counters) => {
                if verdict.is_applied() {
                    counters.fired(number);
                }
            }
            Self::Tell(teller) => {
                if let Ok(mut witness) = teller.0.lock() {
                    witness.met(number, rule, verdict, shown);
                }
            }
        }
    }

    fn shadowed(&mut self, number: usize, rule: &Rule, differences: &[Difference]) {
        match self {
            Self::Count(counters) => counters.shadows.count(number, rule, differences),
            Self::Tell(teller) => {
                if let Ok(mut witness) = teller.0.lock() {
                    witness.shadowed(number, rule, differences);
                }
            }
        }
    }

    fn refused(&mut self, rule: &Rule, error: &ScimError) {
        if let Self::Tell(teller) = self
            && let Ok(mut witness) = teller.0.lock()
        {
            witness.refused(rule, error);
        }
    }
}
