//! A connection for every call, against one that is kept.

use super::{ROUND, ROUNDS, USER, translating};
use crate::stand::backend;
use crate::stand::clients::{Asked, Manner, ask};
use crate::stand::gate::{Gate, Wanted};
use crate::stand::spread::Spread;
use crate::work::bodies::Dialect;

/// In clear text and over TLS 1.3, with a full handshake.
pub fn handshakes() {
    let clear = translating(backend::start(Dialect::Renamed, 0));
    let gates = [Gate::start(&clear), Gate::start(&Wanted { tls: true, ..clear.clone() })];
    let names = ["kept", "new for each call", "kept, TLS", "new for each call, TLS"];
    let mut rounds = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        for (row, figures) in rounds.iter_mut().enumerate() {
            let (gate, anew) = (&gates[row / 2], row % 2 == 1);
            let manner = Manner { clients: 16, time: ROUND, anew };
            figures.push(ask(&gate.process, &Asked::get(gate, USER), manner).cpu);
        }
    }
    println!("\n{:<44}{:>28}", "connections", "CPU us a call");
    for (name, figures) in names.iter().zip(&rounds) {
        println!("{name:<44}{:>28}", Spread::against(figures, Some(&rounds[0])));
    }
}
