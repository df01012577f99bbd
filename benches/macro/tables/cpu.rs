//! CPU time for a call: three calls, by each of W0 to W3.

use super::{ROUND, ROUNDS, USER, translating};
use crate::stand::backend;
use crate::stand::clients::{Asked, Manner, ask};
use crate::stand::gate::{Gate, Wanted};
use crate::stand::nginx::Nginx;
use crate::stand::process::Process;
use crate::stand::spread::Spread;
use crate::work::bodies::{self, Dialect};

/// What is called, and by how many clients at once.
const CALLS: [(&str, usize); 3] = [("GET a user", 32), ("PUT a user", 32), ("GET 200 users", 8)];

/// One that answers: what it is called, its process, and what it is asked.
type Server<'g> = (&'static str, &'g Process, [Asked; 3]);

pub fn cpu() {
    let standard = backend::start(Dialect::Standard, 0);
    let w2 = translating(backend::start(Dialect::Renamed, 0));
    let all = [
        ("W1 scimgate", Gate::start(&Wanted::before(standard))),
        ("W2 scimgate", Gate::start(&w2)),
        ("W3 scimgate", Gate::start(&Wanted { tls: true, ..w2 })),
    ];
    let nginx = Nginx::start(standard);
    let mut servers: Vec<Server<'_>> = Vec::new();
    if let Some(nginx) = &nginx {
        let through = |asked: Asked| Asked { address: nginx.process.address, ..asked };
        servers.push(("W0 nginx", &nginx.process, calls(&all[0].1).map(through)));
    }
    servers.extend(all.iter().map(|(name, gate)| (*name, &gate.process, calls(gate))));
    let rounds = measure(&servers);
    println!("\n{:<14}{:>32}{:>32}{:>32}", "CPU us a call", CALLS[0].0, CALLS[1].0, CALLS[2].0);
    for ((name, ..), figures) in servers.iter().zip(&rounds) {
        let against = |call: usize| nginx.as_ref().map(|_| rounds[0][call].as_slice());
        let [get, put, list] = [0, 1, 2].map(|call| Spread::against(&figures[call], against(call)));
        println!("{name:<14}{get:>32}{put:>32}{list:>32}");
    }
}

fn calls(gate: &Gate) -> [Asked; 3] {
    [Asked::get(gate, USER), Asked::put(gate, USER, &bodies::put()), Asked::get(gate, "/Users?count=200")]
}

/// Measures all in turns, so that whatever else the machine does meets them alike.
fn measure(servers: &[Server<'_>]) -> Vec<[Vec<f64>; 3]> {
    let mut rounds = vec![[const { Vec::new() }; 3]; servers.len()];
    for _ in 0..ROUNDS {
        for (call, (_, clients)) in CALLS.into_iter().enumerate() {
            for ((_, process, asked), figures) in servers.iter().zip(&mut rounds) {
                let manner = Manner { clients, time: ROUND, anew: false };
                figures[call].push(ask(process, &asked[call], manner).cpu);
            }
        }
    }
    rounds
}
