//! Who may call, what they may do, and how often.
//!
//! One path through: an `Authorization` header and [`Tokens`] make a [`Caller`]; a caller and a target make a [`Permit`];
//! a permit becomes [`Cleared`], without which nothing speaks to a backend. This room is their only maker. It is pure but
//! for the token file ([`store`]) and the operating system's randomness; wall clocks are parameters. It knows nothing of
//! HTTP: which status a no becomes is the gateway's matter.

mod credential;
mod issue;
mod moment;
mod name;
mod permit;
mod preset;
mod register;
mod rehearsal;
mod scope;
mod secret;
pub mod store;
mod throttle;
mod token;
mod tokens;

pub use credential::{AuthFailure, Form};
pub use issue::{Grant, IssueFault, LIVE_TOKENS, SHORTEST_LIFETIME, Weak};
pub use moment::Moment;
pub use name::{BadName, ConnectionName, Label};
pub use permit::{Cleared, Denied, Permit, permit};
pub use preset::Preset;
pub use register::{Entry, Kind, Register, Twice};
pub use rehearsal::rehearsal;
pub use scope::{BadScope, Need, Scope, ScopeSet, Verb};
pub use secret::{Digest, Secret};
pub use store::StoreFault;
pub use throttle::{Brake, Limited, Rate, Strangers, Throttled, Throttles, Wait};
pub use token::{NoRandomness, TokenId, os_random};
pub use tokens::{Caller, Tokens};
