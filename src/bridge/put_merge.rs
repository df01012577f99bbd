//! A PUT that clears nothing: what it leaves out is filled in from what the backend holds. For clients that send only what
//! they know, and for those from whom a rule hides something. Only where the connection's owner wants it: with it, no PUT
//! can clear an attribute but by `null` or `[]`.
//!
//! Costs a GET more. Loses what RFC 7644 section 3.5.1 gives a PUT: to clear what isn't there.

use crate::json::{Object, Value};
use crate::scim::schema::{self, Mutability};
use crate::scim::{AttrPath, Resource, ScimError, ScimType, patch};

use super::rewriting::{Read, Rewriting};
use super::{Ask, Content, Exchange, One, Turned};

/// Fills in what a PUT of `one` leaves out. It goes on behind the tag that was read.
///
/// # Errors
/// 412 for a precondition that doesn't hold, and whatever the exchange fails with.
pub async fn put_merge<'v, E: Exchange>(
    exchange: &mut E,
    has_tags: bool,
    one: &One,
    ask: Ask<'v>,
) -> Result<Turned<'v, E::Body>, E::Failure> {
    let Ask { target, query, body, conditions, .. } = ask;
    let Read { held, onward: conditions } = match Rewriting::new(one, &conditions, has_tags).read(exchange).await? {
        Ok(read) => read,
        Err(answer) => return Ok(Turned::Answered(answer)),
    };
    let (_, Some(Value::Object(mut wanted))) = body.parts() else {
        return Err(ScimError::bad_request(ScimType::InvalidSyntax, "a PUT needs a resource").into());
    };
    fill(&mut wanted, &held.body, &one.resource);
    let body = Content::Changed(Value::Object(wanted));
    Ok(Turned::Goes(Ask { target, query, body, conditions, before: None }))
}

/// Whole attributes, and within an extension its attributes. What a client can't write stays out, and so does a password,
/// of which a server shows a mask at most.
fn fill(wanted: &mut Object<'_>, held: &Object<'static>, resource: &Resource) {
    for member in held.iter() {
        let key = member.key.decoded();
        if !is_written(&key, resource) {
            continue;
        }
        match (wanted.get_mut(&key), &member.value) {
            (Some(Value::Object(inside)), Value::Object(held)) if key.contains(':') => {
                for part in held.iter().filter(|part| !inside.contains(&part.key.decoded())).collect::<Vec<_>>() {
                    inside.set(&part.key.decoded(), part.value.clone());
                }
            }
            (Some(_), _) => {}
            (None, value) => {
                wanted.set(&key, value.clone());
                if let Some(urn) = AttrPath::parse(&key).ok().as_ref().and_then(AttrPath::extension) {
                    patch::list_schema(urn, wanted);
                }
            }
        }
    }
}

fn is_written(key: &str, resource: &Resource) -> bool {
    let known = AttrPath::parse(key).ok().and_then(|path| schema::find(Some(resource), &path));
    let is_own = ["schemas", "meta", "id"].iter().any(|own| own.eq_ignore_ascii_case(key));
    !is_own && known.is_none_or(|known| !matches!(known.mutability, Mutability::ReadOnly | Mutability::WriteOnly))
}
