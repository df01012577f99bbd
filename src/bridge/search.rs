//! A search before a backend that has no `/.search` (RFC 7644 section 3.4.3): it is asked as the list that it stands for, with
//! the same query.
//!
//! Costs nothing more. Loses nothing, but that a filter stands in a URL, and so perhaps in the backend's logs.

use crate::json::Value;
use crate::scim::{Operation, Query, Target};

use super::{Ask, Content};

/// The list that a search over resources of one type stands for.
#[must_use]
pub fn as_list(ask: Ask<'_>) -> Ask<'_> {
    let query = ask.body.value().and_then(Value::as_object).map(Query::of_search);
    let target = Target { operation: Operation::List, ..ask.target };
    Ask { target, query: query.unwrap_or(ask.query), body: Content::None, ..ask }
}
