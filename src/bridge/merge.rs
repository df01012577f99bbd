//! A PATCH of SCIM 1.1 that adds elements: one that is there already, by its `value`, is to be merged with it, which SCIM 2.0
//! says by other operations. So the resource is read first.
//!
//! Costs a GET more. Whoever calls it lets one write of a resource go at a time. Can lose what a writer elsewhere does between
//! the read and the PATCH, where the backend has no ETags: an element may then stand there twice.

use crate::json::Value;
use crate::scim::version::patch::{merged, needs_resource};
use crate::scim::{ScimError, ScimType};

use super::rewriting::{Read, Rewriting};
use super::{Answer, Ask, Content, Exchange, One};

/// What becomes of the PATCH.
#[derive(Debug)]
pub enum Merged<'v, B> {
    /// This is to be asked.
    Ask(Box<Ask<'v>>),
    /// All is there already.
    Nothing,
    /// The resource can't be read.
    Unread(Answer<B>),
}

/// Whether the resource has to be read.
#[must_use]
pub fn merges(ask: &Ask<'_>, one: &One) -> bool {
    ask.body.value().and_then(Value::as_object).is_some_and(|message| needs_resource(message, &one.resource))
}

/// The PATCH as it is to be asked, now that it is known what is there.
///
/// # Errors
/// 412 for a precondition that doesn't hold, and whatever the exchange fails with.
pub async fn merge<E: Exchange>(
    exchange: &mut E,
    has_tags: bool,
    one: &One,
    ask: Ask<'_>,
) -> Result<Merged<'static, E::Body>, E::Failure> {
    let Ask { target, query, body, conditions, .. } = ask;
    let (_, Some(Value::Object(message))) = body.parts() else {
        return Err(ScimError::bad_request(ScimType::InvalidSyntax, "a PATCH needs operations").into());
    };
    let Read { held, onward: conditions } = match Rewriting::new(one, &conditions, has_tags).read(exchange).await? {
        Ok(read) => read,
        Err(answer) => return Ok(Merged::Unread(answer)),
    };
    let told = Value::Object(merged(&message, &held.body, &one.resource)?).into_owned();
    let is_left = |list: &Value<'_>| list.as_array().is_some_and(|list| !list.is_empty());
    if !told.as_object().and_then(|told| told.get("Operations")).is_some_and(is_left) {
        return Ok(Merged::Nothing);
    }
    let body = Content::Changed(told);
    Ok(Merged::Ask(Box::new(Ask { target, query, body, conditions, before: None })))
}
