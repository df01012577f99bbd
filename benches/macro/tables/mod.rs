//! The tables. Rounds are interleaved, and the median of each is shown with the lowest and highest, so that a busy machine
//! is seen.

mod clients;
mod configured;
mod cpu;
mod handshakes;
mod lists;
mod memory;

use std::net::SocketAddr;
use std::time::Duration;

use crate::stand::clients::{Asked, Manner, ask};
use crate::stand::gate::{Gate, Wanted};
use crate::stand::spread::Spread;
use crate::work::packs;

pub use clients::clients;
pub use configured::{connections, rules, tokens};
pub use cpu::cpu;
pub use handshakes::handshakes;
pub use lists::lists;
pub use memory::memory;

const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(1);
const USER: &str = "/Users/5f3a9c10";
/// How long slow clients wait before they read.
const PAUSE: Duration = Duration::from_millis(1500);
/// A list of about 10 MB.
const LONG: &str = "/Users?count=8000";

/// A gateway that translates: W2.
fn translating(backend: SocketAddr) -> Wanted {
    Wanted { packs: [Some(packs::emptying()), Some(packs::renaming())], ..Wanted::before(backend) }
}

/// Lets each gateway answer GETs of a user, in turns, and prints what one costs, and what the process took to start and
/// held then.
fn compare(title: &str, rows: &[(String, Wanted)]) {
    let gates: Vec<Gate> = rows.iter().map(|(_, wanted)| Gate::start(wanted)).collect();
    let at_start: Vec<_> = gates.iter().map(|gate| (gate.process.cpu(), gate.process.resident())).collect();
    let mut rounds = vec![Vec::new(); gates.len()];
    for _ in 0..ROUNDS {
        for (gate, figures) in gates.iter().zip(&mut rounds) {
            let manner = Manner { clients: 32, time: ROUND, anew: false };
            figures.push(ask(&gate.process, &Asked::get(gate, USER), manner).cpu);
        }
    }
    println!("\n{title:<44}{:>28}{:>20}{:>16}", "CPU us a call", "CPU ms to start", "KiB at start");
    for (((name, _), figures), (cpu, resident)) in rows.iter().zip(&rounds).zip(at_start) {
        println!("{name:<44}{:>28}{:>20}{resident:>16}", Spread::against(figures, Some(&rounds[0])), cpu.as_millis());
    }
}
