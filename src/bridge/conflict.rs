//! A user who is created though the backend still has them, switched off: people come back, and their client has forgotten
//! them. Only where the connection's owner wants it.
//!
//! Costs nothing if the backend creates; after its 409 a look-up and a PUT. The account that is found takes over what was
//! to be created, and the client is answered 201 with it. It is taken only if its `userName` is the one that was asked for
//! and it is inactive: what is active belongs to somebody, and the 409 stands.

use crate::json::{Array, Object, Value};
use crate::scim::{Id, Operation, Param, Query, Resource, Target};

use super::{Answer, Ask, Conditions, Content, Exchange, Heard, One};

/// What has become of a create.
#[derive(Debug)]
pub enum Created<B> {
    /// It has been answered.
    Answered(Answer<B>),
    /// There is such a user, switched off: this PUT brings them back. The backend's 409 is the answer if that fails.
    Returns(Box<One>, Object<'static>),
}

/// Creates a user, or finds who is to come back.
///
/// # Errors
/// Whatever the exchange fails with.
pub async fn create_or_find<E: Exchange>(
    exchange: &mut E,
    ask: Ask<'_>,
) -> Result<Option<Created<E::Body>>, E::Failure> {
    let wanted = ask.body.value().and_then(Value::as_object).map(|user| Value::Object(user.clone()).into_owned());
    let Some(answer) = exchange.call(ask).await? else { return Ok(None) };
    let Some(Value::Object(mut wanted)) = wanted.filter(|_| answer.status == 409) else {
        return Ok(Some(Created::Answered(answer)));
    };
    let Some(name) = wanted.get("userName").and_then(Value::as_str).map(|name| name.into_owned()) else {
        return Ok(Some(Created::Answered(answer)));
    };
    let Heard::Resource(list) = exchange.consult(look_up(&name)).await? else {
        return Ok(Some(Created::Answered(answer)));
    };
    match found(&list.body, &name) {
        Some(id) => {
            wanted.set("id", Value::string(id.as_str()));
            Ok(Some(Created::Returns(Box::new(One { resource: Resource::User, id }), wanted)))
        }
        None => Ok(Some(Created::Answered(answer))),
    }
}

fn look_up(name: &str) -> Ask<'static> {
    let mut query = Query::default();
    query.set(Param::Filter, Some(format!("userName eq {}", Value::string(name))));
    let target = Target { resource: Some(Resource::User), operation: Operation::List };
    Ask { target, query, body: Content::None, conditions: Conditions::default(), before: None }
}

/// The one account of this name, if it is inactive.
fn found(list: &Object<'_>, name: &str) -> Option<Id> {
    let users = list.get("Resources").and_then(Value::as_array).map(Array::iter).into_iter().flatten();
    let is_named = |user: &&Object<'_>| {
        user.get("userName").and_then(Value::as_str).is_some_and(|held| held.eq_ignore_ascii_case(name))
    };
    let mut named = users.filter_map(Value::as_object).filter(is_named);
    let (one, None) = (named.next()?, named.next()) else { return None };
    let is_off = one.get("active").and_then(Value::as_bool) == Some(false);
    Id::parse(&one.get("id").and_then(Value::as_str).filter(|_| is_off)?)
}

/// The PUT that brings somebody back.
#[must_use]
pub fn bring_back(one: &One, wanted: Object<'static>) -> Ask<'static> {
    let body = Content::Changed(Value::Object(wanted));
    let (query, conditions) = (Query::default(), Conditions::default());
    Ask { target: one.asked(Operation::Replace), query, body, conditions, before: None }
}
