//! SCIM 1.1 and 2.0: what one says, in the words of the other.
//!
//! The middle always holds SCIM 2.0, so there are two directions: *decode* reads SCIM 1.1 as 2.0, *encode* writes 2.0 as
//! 1.1. A client that speaks 1.1 is decoded before its pack and answered encoded; a backend that does, the other way round.
//! Where the two differ is in their URNs ([`names`]), in some attributes of resources ([`resource`]), in queries
//! ([`query`]), and in the form of their messages.
//!
//! Whatever the other version can't say is refused, never left out. What stands in no table of either version, such as the
//! schemas of vendors, passes as it is.

pub mod bulk;
pub mod discovery;
pub mod error;
pub mod exclude;
pub mod list;
pub mod names;
pub mod patch;
pub mod query;
pub mod resource;

/// Which SCIM somebody speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Version {
    /// SCIM 1.1.
    OneOne,
    /// SCIM 2.0 (RFC 7643, RFC 7644).
    #[default]
    Two,
}

impl Version {
    /// The words of `scim:`.
    pub const WORDS: &[(&str, Self)] = &[("2.0", Self::Two), ("1.1", Self::OneOne)];

    /// Whether it is the older one.
    #[must_use]
    pub fn is_old(self) -> bool {
        self == Self::OneOne
    }
}
