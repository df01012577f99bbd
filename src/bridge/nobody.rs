//! A query of which rules know that nothing at the backend can match: the empty list.
//!
//! Costs no call. Loses nothing: a filter is only found to match nothing where it is false of everything that the backend
//! can hold.

use crate::scim::list;

use super::{Answer, Exchange};

/// Answers a list or a search in which nothing is (RFC 7644 section 3.4.2).
pub fn nobody<E: Exchange>(exchange: &E) -> Answer<E::Body> {
    Answer { status: 200, etag: None, location: None, retry_after: None, body: exchange.text(list::EMPTY) }
}
