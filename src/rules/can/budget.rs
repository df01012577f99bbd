//! How often a backend lets itself be called.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::fault::{Fault, Faults};
use crate::yaml::{Kind, Node};

/// `budget:` how often it may be called, by kind of call. Absent: as often as anybody likes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Budget {
    /// `look-ups:` reads, lists, searches and discovery.
    pub look_ups: Option<Rate>,
    /// `user-writes:` writes of users, and of all that is no group.
    pub user_writes: Option<Rate>,
    /// `group-writes:` writes of groups.
    pub group_writes: Option<Rate>,
}

/// So many calls in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls, in the long run: 1 to 100,000.
    pub calls: NonZeroU32,
    /// In a second, a minute or an hour.
    pub per: Duration,
    /// Calls at once, after a while without any: as many as in a second, at least 1.
    pub burst: NonZeroU32,
}

/// The most calls of a rate.
const MOST: u32 = 100_000;
const UNITS: &[(&str, Duration)] =
    &[("s", Duration::from_secs(1)), ("min", Duration::from_secs(60)), ("h", Duration::from_secs(3600))];

impl Budget {
    pub(super) fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("budget", faults)?;
        let [look_ups, user_writes, group_writes] = ["look-ups", "user-writes", "group-writes"]
            .map(|name| fields.take(name).and_then(|node| Rate::read(node, name, faults)));
        fields.finish(faults);
        Some(Self { look_ups, user_writes, group_writes })
    }
}

impl Rate {
    /// `180/min`, or `{ rate: 180/min, burst: 20 }`.
    fn read(node: &Node, what: &'static str, faults: &mut Faults) -> Option<Self> {
        let Kind::Map(_) = &node.kind else { return Self::of(node, what, faults) };
        let mut fields = node.fields("rate", faults)?;
        let rate = fields.require("rate", faults).and_then(|node| Self::of(node, what, faults));
        let burst = fields.take("burst").map(|node| node.whole("burst", 1..=i64::from(MOST), faults));
        fields.finish(faults);
        let (rate, burst) = (rate?, crate::yaml::settle(burst)?);
        let burst = burst.and_then(|burst| NonZeroU32::new(u32::try_from(burst).ok()?));
        Some(Self { burst: burst.unwrap_or(rate.burst), ..rate })
    }

    fn of(node: &Node, what: &'static str, faults: &mut Faults) -> Option<Self> {
        let read = |text: &str| {
            let (calls, unit) = text.split_once('/')?;
            let calls = NonZeroU32::new(calls.parse().ok().filter(|calls| *calls <= MOST)?)?;
            let per = UNITS.iter().find(|(name, _)| *name == unit)?.1;
            let in_a_second = u64::from(calls.get()) / per.as_secs().max(1);
            let burst = NonZeroU32::new(u32::try_from(in_a_second).ok()?).unwrap_or(NonZeroU32::MIN);
            Some(Self { calls, per, burst })
        };
        let rate = match &node.kind {
            Kind::String(text) => read(text),
            _ => None,
        };
        if rate.is_none() {
            faults.push(
                Fault::error("R0103", node.place.clone(), format!("{what} can't be {}", node.kind))
                    .label("a number of calls and a unit of time, in range")
                    .help("write a rate from 1/h to 100000/s: `5/s`, `180/min`, `25000/h`"),
            );
        }
        rate
    }
}
