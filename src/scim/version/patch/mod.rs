//! A PATCH in both versions.
//!
//! In SCIM 1.1 it is a part of a resource: attributes that it names in `meta.attributes` go first, then what it holds is
//! merged into the resource; an element with `"operation": "delete"` goes. In SCIM 2.0 it is a list of operations in their
//! order (RFC 7644 section 3.5.2).

mod decode;
mod encode;
mod merge;
#[cfg(test)]
mod tests;

pub use decode::decode;
pub use encode::encode;
pub use merge::{merged, needs_resource};
