//! More clients at once, each with a connection that is kept.

use super::{ROUND, USER, translating};
use crate::stand::backend;
use crate::stand::clients::{Asked, Manner, ask, hold};
use crate::stand::gate::{Gate, Wanted};
use crate::work::bodies::Dialect;

/// From one client to five thousand.
pub fn clients() {
    let wanted = translating(backend::start(Dialect::Renamed, 0));
    let (title, idle) = ("clients at once, in clear text and over TLS", "KiB idle each");
    println!("\n{title:<44}{:>16}{:>12}{:>12}{idle:>16}", "CPU us a call", "median us", "99 % us");
    for tls in [false, true] {
        for clients in [1, 32, 500, 5000] {
            let gate = Gate::start(&Wanted { tls, ..wanted.clone() });
            let asked = Asked::get(&gate, USER);
            let start = gate.process.resident();
            let held = hold(&asked, clients, || gate.process.resident());
            let each = (held - start) as f64 / clients as f64;
            let came = ask(&gate.process, &asked, Manner { clients, time: 3 * ROUND, anew: false });
            let (median, slowest) = (came.median.as_micros(), came.slowest.as_micros());
            let name = format!("{clients}{}", if tls { " over TLS" } else { "" });
            println!("{name:<44}{:>16.1}{median:>12}{slowest:>12}{each:>16.1}", came.cpu);
        }
    }
}
