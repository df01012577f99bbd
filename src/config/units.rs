//! Durations, sizes and rates: a number and its unit, so that nobody has to know which unit a key has.

use std::fmt;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::time::Duration;

use crate::access::Rate;
use crate::fault::{Fault, Faults};
use crate::yaml::{Kind, Node};

const MILLISECOND: u64 = 1;
const SECOND: u64 = 1000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;

const TIMES: &[(&str, u64)] = &[("ms", MILLISECOND), ("s", SECOND), ("m", MINUTE), ("h", HOUR)];
const SIZES: &[(&str, u64)] = &[("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("B", 1)];

/// A duration from 1 ms to 1 h: `250ms`, `3s`, `2m`, `1h`.
pub(super) fn duration(node: &Node, what: &str, faults: &mut Faults) -> Option<Duration> {
    let right = "a duration from 1ms to 1h: `250ms`, `3s` or `2m`";
    counted(node, what, right, TIMES, MILLISECOND..=HOUR, faults).map(Duration::from_millis)
}

/// A size from 1 KiB to 1 GiB: `64KiB`, `1MiB`, `1GiB`.
pub(super) fn size(node: &Node, what: &str, faults: &mut Faults) -> Option<usize> {
    let right = "a size from 1KiB to 1GiB: `64KiB` or `16MiB`";
    let bytes = counted(node, what, right, SIZES, 1 << 10..=1 << 30, faults)?;
    usize::try_from(bytes).ok()
}

/// A rate in calls per second: `25/s`.
fn per_second(node: &Node, what: &str, faults: &mut Faults) -> Option<NonZeroU32> {
    let right = "a rate from 1/s to 100000/s: `25/s`";
    let calls = counted(node, what, right, &[("/s", 1)], 1..=100_000, faults)?;
    u32::try_from(calls).ok().and_then(NonZeroU32::new)
}

/// A number an hour: `500/h`.
pub(super) fn per_hour(node: &Node, what: &str, faults: &mut Faults) -> Option<NonZeroU32> {
    let right = "a number from 1/h to 1000000/h: `500/h`";
    let losses = counted(node, what, right, &[("/h", 1)], 1..=1_000_000, faults)?;
    u32::try_from(losses).ok().and_then(NonZeroU32::new)
}

/// `{ rate: 25/s, burst: 50 }`; without a burst, two seconds' worth.
pub(super) fn rate(node: &Node, what: &str, faults: &mut Faults) -> Option<Rate> {
    let mut fields = node.fields(what, faults)?;
    let per_second = fields.require("rate", faults).and_then(|node| per_second(node, what, faults));
    let burst = fields.take("burst").map(|node| node.whole("a number of calls at once", 1..=1_000_000, faults));
    fields.finish(faults);
    let per_second = per_second?;
    let burst = match burst {
        Some(calls) => u32::try_from(calls?).ok().and_then(NonZeroU32::new)?,
        None => per_second.saturating_mul(NonZeroU32::MIN.saturating_add(1)),
    };
    Some(Rate { per_second, burst })
}

fn counted(
    node: &Node,
    what: &str,
    right: &str,
    units: &[(&str, u64)],
    range: RangeInclusive<u64>,
    faults: &mut Faults,
) -> Option<u64> {
    let text = match &node.kind {
        Kind::String(text) | Kind::Number(text) => text,
        _ => return wrong(node, &format!("{what} can't be {}", node.kind), right, faults),
    };
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = text.strip_suffix(unit).and_then(|digits| digits.parse::<u64>().ok());
    let size = units.iter().find(|(name, _)| *name == unit).map(|(_, size)| *size);
    let total = number.zip(size).and_then(|(number, size)| number.checked_mul(size));
    match total.filter(|total| range.contains(total)) {
        Some(total) => Some(total),
        None => wrong(node, &format!("{what} can't be `{text}`"), right, faults),
    }
}

fn wrong<T>(node: &Node, message: &str, right: impl fmt::Display, faults: &mut Faults) -> Option<T> {
    let label = "a number and its unit, in range";
    faults.push(Fault::error("R0103", node.place.clone(), message).label(label).help(format!("write {right}")));
    None
}
