//! A write before a backend that changes nothing without `If-Match` (RFC 7644 section 3.14; SCIM 1.1 lets a server have it so):
//! the resource is read for its tag.
//!
//! Costs a GET where the client names no tag itself. Whoever calls it lets one write of a resource go at a time. Loses nothing:
//! who is overtaken by a writer elsewhere gets its 412, and tries again.

use super::rewriting::{Read, Rewriting};
use super::{Ask, Conditions, Exchange, One, Turned};

/// The write of `one`, behind the tag that it has.
///
/// # Errors
/// 412 for a precondition that doesn't hold, and whatever the exchange fails with.
pub async fn if_match<'v, E: Exchange>(
    exchange: &mut E,
    one: &One,
    ask: Ask<'v>,
) -> Result<Turned<'v, E::Body>, E::Failure> {
    let onward = match Rewriting::new(one, &ask.conditions, true).read(exchange).await? {
        Ok(Read { onward, .. }) => onward,
        Err(answer) => return Ok(Turned::Answered(answer)),
    };
    Ok(Turned::Goes(Ask { conditions: any_if_none(onward), ..ask }))
}

/// The write of a resource whose tag nobody knows, as it is after another write of the same call.
pub(super) fn any_if_none(conditions: Conditions) -> Conditions {
    Conditions { if_match: conditions.if_match.or_else(|| Some("*".to_owned())), ..conditions }
}
