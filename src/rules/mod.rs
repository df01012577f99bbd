//! The rule language: what a pack says, what it means, and what it does to a message. Pure: no sockets, no tasks.
//!
//! A rule speaks of the resource, not of the message. [`actions`] says what becomes of a resource; the carriers
//! ([`patch`], [`partial`], [`filters`], [`selection`]) find the resource, or the part of it, wherever the protocol
//! carries it. A [`Plan`] is what one kind of call meets.

pub mod actions;
mod attribute;
pub mod can;
pub mod case;
mod changes;
mod difference;
mod direction;
pub mod discovery;
mod filters;
mod fold;
mod harm;
pub mod head;
#[cfg(test)]
pub(crate) mod laws;
pub mod load;
mod mapping;
pub mod message;
mod oneway;
mod partial;
pub mod patch;
mod place;
mod plan;
pub mod proofs;
pub mod rule;
pub mod select;
pub mod selection;
mod step;
pub mod stream;
mod when;
mod wildcard;
mod written;

pub use can::{Can, Media};
pub use case::Case;
pub use difference::Difference;
pub use discovery::Discovery;
pub use head::{Envelope, FieldEdit, Head, HeaderEdit, Reply, ReplyBody, SECRET, Scene};
pub use message::{Body, Facts, Request, Verdict, Why};
pub use plan::{Observer, Plan, RuleRefusal};
pub use rule::{Mode, Modes, OnError, Pack, Rule, RuleId, Side, To};
pub use selection::Selection;
pub use stream::Stream;
