//! How a law is tried: on as many generated examples as `PROPTEST_CASES` says, which `.cargo/config.toml` sets to 1,000
//! for every law of every room. What is refused is no example; where more is refused than may be, that is a break too.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{Action, action};

/// How much of what is generated may be refused, for each example that counts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Refused {
    /// As much as counts.
    Half,
    /// Sixteen times as much: of what is asked, little has an exact form.
    Most,
}

/// Holds a law against examples; `what` is named where it breaks.
pub(crate) fn hold<S: Strategy>(
    what: &str,
    may_be: Refused,
    examples: S,
    holds: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config { failure_persistence: None, ..Config::default() };
    let rejects = match may_be {
        Refused::Half => config.cases,
        Refused::Most => config.cases.saturating_mul(16),
    };
    // A strategy may draw again as often as it likes: that it ends is seen by its ending.
    let config = Config { max_global_rejects: rejects, max_local_rejects: u32::MAX, ..config };
    if let Err(fault) = TestRunner::new(config).run(&examples, holds) {
        panic!("{what}: {fault}");
    }
}

/// Holds a law of one action against examples.
pub(super) fn law<S: Strategy>(
    entry: &str,
    examples: S,
    holds: impl Fn(&Action, S::Value) -> Result<(), TestCaseError>,
) {
    let action = action(entry);
    hold(entry, Refused::Half, examples, |example| holds(&action, example));
}

/// As [`law`], where most of what is generated may have no exact form.
pub(super) fn law_of_few<S: Strategy>(
    entry: &str,
    cases: S,
    holds: impl Fn(&Action, S::Value) -> Result<(), TestCaseError>,
) {
    let action = action(entry);
    hold(entry, Refused::Most, cases, |case| holds(&action, case));
}
