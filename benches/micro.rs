//! Small benches, in time: `cargo bench --bench micro`, and behind it a part of the names that are wanted.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a bench that can't do its work must not go on"
)]

mod subject;
mod work;

fn main() {
    divan::main();
}

#[divan::bench(args = subject::names())]
fn time(bencher: divan::Bencher<'_, '_>, name: &str) {
    let mut once = subject::ready(name);
    bencher.bench_local(&mut once);
}
