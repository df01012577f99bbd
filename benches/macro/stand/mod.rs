//! A test stand: scimgate as it is installed, in a process of its own, between clients and a canned backend of ours.
//!
//! Clients and backend run in this process, on one thread each; the gateway's own CPU time and memory are read from
//! `/proc`. Everything is on 127.0.0.1.

pub mod backend;
pub mod clients;
pub mod gate;
pub mod nginx;
pub mod process;
pub mod spread;
mod tls;
