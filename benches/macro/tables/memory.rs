//! Memory: at start, with a thousand clients that keep their connections, and with a long list on its way.

use std::time::Duration;

use super::{LONG, PAUSE, USER, translating};
use crate::stand::backend;
use crate::stand::clients::{Asked, hold, read_slowly};
use crate::stand::gate::{Gate, Wanted};
use crate::work::bodies::Dialect;

const CLIENTS: usize = 1000;

pub fn memory() {
    let w1 = Wanted::before(backend::start(Dialect::Standard, 0));
    let w2 = translating(backend::start(Dialect::Renamed, 0));
    let w3 = Wanted { tls: true, ..w2.clone() };
    println!(
        "\n{:<14}{:>10}{:>30}{:>16}{:>20}",
        "memory, MiB", "at start", "1,000 clients", "10 MB list", "4 slow at once"
    );
    for (name, wanted) in [("W1 scimgate", w1), ("W2 scimgate", w2), ("W3 scimgate", w3)] {
        row(name, &wanted);
    }
}

/// A fresh process for each kind of load: what was held once is not always given back.
fn row(name: &str, wanted: &Wanted) {
    let mib = |kib: u64| format!("{:.1}", kib as f64 / 1024.0);
    let (gate, long) = (Gate::start(wanted), Gate::start(wanted));
    let idle = gate.process.resident();
    let held = hold(&Asked::get(&gate, USER), CLIENTS, || gate.process.resident());
    let each = held.saturating_sub(idle) as f64 / CLIENTS as f64;
    let held = format!("{} ({each:.1} KiB each)", mib(held));
    let asked = Asked::get(&long, LONG);
    read_slowly(&asked, 1, Duration::ZERO);
    let one = long.process.peak();
    read_slowly(&asked, 4, PAUSE);
    println!("{name:<14}{:>10}{held:>30}{:>16}{:>20}", mib(idle), mib(one), mib(long.process.peak()));
}
