//! The demo: a legacy SCIM backend with flaws that can be switched off, and Okta's day played against it.
//!
//! Not here: the gateway and the sockets; `cli` puts them together as `serve` does.

pub mod day;
pub mod legacy;

pub use day::{App, Day, Line, Reply, Step};
pub use legacy::{Flaw, Kind, Legacy};
