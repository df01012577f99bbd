//! What RFC 7643 and RFC 7644 say, as values that can't hold anything else. Pure: no sockets, no clock, no rules.
//!
//! From the outside in: what is asked ([`Target`], [`Query`]), of which attributes ([`AttrPath`], [`Filter`],
//! [`PatchPath`]), what the RFCs know of those ([`schema`]), what a body says ([`PatchOp`], [`bulk`],
//! [`list`], [`identifiers`]), how a no is said ([`ScimError`]), and how SCIM 1.1 says all that ([`version`]).

mod attr;
pub mod bulk;
mod caseless;
mod error;
pub mod filter;
pub mod identifiers;
pub mod list;
mod operation;
pub mod patch;
mod percent;
mod query;
mod resource;
pub mod schema;
mod target;
pub mod urn;
pub mod version;

pub use attr::{AttrFault, AttrName, AttrPath};
pub use error::{ErrorStatus, ScimError, ScimType};
pub use filter::{CompareOp, Filter, Literal};
pub use operation::{Discovery, Operation, OperationKind};
pub use patch::{OpKind, PatchOp, PatchPath};
pub use query::{Param, Query};
pub use resource::{Id, OtherType, Resource};
pub use target::{Target, TargetFault};
pub use urn::Urn;
pub use version::Version;
