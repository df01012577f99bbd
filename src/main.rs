//! Parses the words, runs, turns the outcome into an exit code; nothing else.

use std::process::ExitCode;

/// Every call allocates, and what one thread allocates another may free: jemalloc does that in fewer instructions than
/// the system's, and gives back what a long answer took.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    scimgate::cli::main()
}
