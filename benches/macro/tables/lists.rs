//! Longer lists: what they hold in memory, and whom they hold up.

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use super::{LONG, PAUSE, ROUND, USER, translating};
use crate::stand::backend;
use crate::stand::clients::{Asked, Manner, ask, read_slowly};
use crate::stand::gate::Gate;
use crate::work::bodies::Dialect;

/// Lists of about 1, 10 and 100 MB, each from a fresh process; and small calls beside a list.
pub fn lists() {
    let wanted = translating(backend::start(Dialect::Renamed, 0));
    println!("\n{:<44}{:>12}{:>16}{:>16}{:>20}", "lists", "bytes", "CPU ms per MB", "peak MiB", "4 slow, peak MiB");
    for users in [800, 8000, 80_000] {
        let gate = Gate::start(&wanted);
        let asked = Asked::get(&gate, &format!("/Users?count={users}"));
        let peak = || gate.process.peak() as f64 / 1024.0;
        let bytes = read_slowly(&asked, 1, Duration::ZERO);
        let one = peak();
        let before = gate.process.cpu();
        read_slowly(&asked, 1, Duration::ZERO);
        let cpu = (gate.process.cpu() - before).as_secs_f64() * 1e9 / bytes as f64;
        read_slowly(&asked, 4, PAUSE);
        println!("{:<44}{bytes:>12}{cpu:>16.2}{one:>16.1}{:>20.1}", format!("{users} users"), peak());
    }
    beside(&Gate::start(&wanted));
}

/// Small calls alone, and while long lists go through.
fn beside(gate: &Gate) {
    let (long, small) = (Asked::get(gate, LONG), Asked::get(gate, USER));
    read_slowly(&long, 1, Duration::ZERO);
    let manner = Manner { clients: 4, time: 2 * ROUND, anew: false };
    let alone = ask(&gate.process, &small, manner);
    let (over, begun) = (AtomicBool::new(false), Barrier::new(2));
    let amid = thread::scope(|scope| {
        scope.spawn(|| {
            begun.wait();
            while !over.load(Ordering::Relaxed) {
                read_slowly(&long, 1, Duration::ZERO);
            }
        });
        begun.wait();
        let amid = ask(&gate.process, &small, manner);
        over.store(true, Ordering::Relaxed);
        amid
    });
    println!("\n{:<44}{:>16}{:>16}{:>12}", "small calls, 4 at once", "median us", "99 % us", "calls");
    for (name, came) in [("alone", alone), ("while 10 MB lists go through, one at a time", amid)] {
        println!("{name:<44}{:>16}{:>16}{:>12}", came.median.as_micros(), came.slowest.as_micros(), came.calls);
    }
}
