//! The whole gateway as it is installed, between clients and a canned backend: `cargo bench --bench macro`, and behind it
//! the tables that are wanted; `all` for all of them, some ten minutes. Without a word it prints two:
//!
//! - `cpu`: CPU time for a call, with nginx as the yardstick if it is there: other machines, other figures, but much the
//!   same ratios;
//! - `memory`: at start, with a thousand clients, and with a long list on its way.
//!
//! What more of something costs, each table's first row being what the others are compared with: `rules`, `tokens`,
//! `connections`, `lists`, `clients`, `handshakes`.
//!
//! The work is the same in all tables: W1 is token, scopes, limits and metrics, nothing translated and every byte checked;
//! W2 is W1, with a client's empty types dropped and two names changed both ways; W3 is W2 over TLS 1.3. W0 is nginx, which
//! only passes calls on.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a bench that can't do its work must not go on; it speaks to people"
)]

mod stand;
mod tables;
#[path = "../work/mod.rs"]
mod work;

/// Every table: its name, and what prints it. The first two are printed unless others are asked for.
const TABLES: &[(&str, fn())] = &[
    ("cpu", tables::cpu),
    ("memory", tables::memory),
    ("rules", tables::rules),
    ("tokens", tables::tokens),
    ("connections", tables::connections),
    ("lists", tables::lists),
    ("clients", tables::clients),
    ("handshakes", tables::handshakes),
];

fn main() {
    // Cargo adds an option of its own.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let unknown = words.iter().find(|word| *word != "all" && TABLES.iter().all(|(name, _)| name != word));
    assert!(unknown.is_none(), "there is no table {unknown:?}");
    for (place, (name, table)) in TABLES.iter().enumerate() {
        if words.iter().any(|word| word == name || word == "all") || words.is_empty() && place < 2 {
            table();
        }
    }
}
