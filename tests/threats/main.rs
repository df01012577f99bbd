//! What must not happen, tried over real sockets: raw bytes in, the whole gateway as an operator sets it up, and a backend
//! that keeps every byte it gets. Tests bear the numbers of the threats that they are about.
//!
//! No test sleeps or looks at a clock; one that hangs fails at a deadline that no answer comes near.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap here is a failed test"
)]

mod answers;
mod auth;
mod backend;
mod bulk;
mod caller;
mod cross;
mod framing;
mod gate;
mod headers;
mod json;
mod operation;
mod payload;
mod process;
mod retry;
mod route;
