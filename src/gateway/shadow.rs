//! What rules in shadow would have changed: counted, and now and then told in the log, masked.

use std::hash::RandomState;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::metrics::{Count, Metrics};
use crate::rules::{Difference, Pack, Rule};

/// The counts of a connection's rules, by their number.
#[derive(Debug)]
pub struct Shadows {
    rules: Vec<Shadow>,
    /// New with every configuration: no hash in a log can be looked up, and equal values still look equal.
    hasher: RandomState,
}

#[derive(Debug)]
struct Shadow {
    series: Count,
    /// On this connection, since the configuration was loaded.
    seen: AtomicU64,
}

impl Shadows {
    /// For these packs, in the order in which plans number their rules.
    #[must_use]
    pub fn new(packs: &[&Pack], metrics: &Metrics) -> Self {
        let rules = packs.iter().flat_map(|pack| &pack.rules);
        let shadow = |rule: &str| Shadow { series: metrics.shadow(rule), seen: AtomicU64::new(0) };
        Self { rules: rules.map(|rule| shadow(rule.id.as_str())).collect(), hasher: RandomState::new() }
    }

    /// A rule would have changed a message.
    pub fn count(&self, number: usize, rule: &Rule, differences: &[Difference]) {
        let Some(shadow) = self.rules.get(number) else { return };
        shadow.series.add();
        let seen = shadow.seen.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if is_told(seen) {
            let masked: Vec<String> = differences.iter().map(|one| one.masked(&self.hasher)).collect();
            tracing::info!(
                target: "scimgate::shadow",
                rule = rule.id.as_str(),
                seen,
                differences = masked.join(", "),
                "a rule in shadow would have changed a message"
            );
        }
    }
}

/// The 1st, 2nd, 4th, 8th .. are told: enough to see what a rule would do, and never a flood.
fn is_told(seen: u64) -> bool {
    seen.is_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_differences_are_twenty_lines() {
        assert_eq!((1..=1_000_000).filter(|seen| is_told(*seen)).count(), 20);
    }
}
