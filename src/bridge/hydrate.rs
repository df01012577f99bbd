//! A list before a backend that leaves attributes out of lists, though it shows them of one resource: each that is listed is
//! read by its id, and what is missing is filled in (RFC 7644 section 3.4.2 wants of a list what a read shows).
//!
//! Costs a GET a resource of the client's page, several at once, and only where the client wants what is missing. Who is gone
//! when they are read stays as they were listed. Loses nothing: where one of the reads is refused, so is the list.

use crate::json::{self, Object, Value};
use crate::scim::{AttrPath, ErrorStatus, Id, Resource, ScimError};

use super::filter_eval::covers;
use super::project::Projection;
use super::{Answer, Ask, Exchange, Heard, One};

/// How many are read at once: a backend has other callers, too.
const AT_ONCE: usize = 8;

/// What is to be filled in.
#[derive(Debug)]
pub(super) struct Missing {
    attributes: Vec<AttrPath>,
    projection: Projection,
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Hydrated<B> {
    /// The list, with all that it lacked.
    List(Vec<u8>),
    /// The backend's no to one of the reads.
    Refused(Answer<B>),
}

impl Missing {
    /// What a client wants of these attributes, which lists don't show; nothing if it wants none of them.
    pub fn of(hidden: &[AttrPath], projection: &Projection) -> Option<Self> {
        let is_near = |path: &AttrPath, one: &AttrPath| covers(path, one) || covers(one, path);
        let wanted = |path: &&AttrPath| {
            let is_asked = projection.only.is_empty() || projection.only.iter().any(|one| is_near(path, one));
            is_asked && !projection.without.iter().any(|one| covers(one, path))
        };
        let attributes: Vec<AttrPath> = hidden.iter().filter(wanted).cloned().collect();
        (!attributes.is_empty()).then(|| Self { attributes, projection: projection.clone() })
    }

    /// Fills in what a resource of a list lacks.
    fn fill(&self, listed: &mut Object<'_>, read: &Object<'static>) {
        for path in &self.attributes {
            fill(listed, read, path);
        }
        self.projection.trim(listed);
    }
}

fn fill(listed: &mut Object<'_>, read: &Object<'static>, path: &AttrPath) {
    let name = path.name.as_ref().map(|name| name.as_str().to_owned());
    match (path.extension().map(ToString::to_string), name) {
        (None, Some(name)) => read.get(&name).into_iter().for_each(|value| listed.set(&name, value.clone())),
        (Some(urn), None) => read.get(&urn).into_iter().for_each(|value| listed.set(&urn, value.clone())),
        (Some(urn), Some(name)) => {
            let Some(value) = read.get(&urn).and_then(Value::as_object).and_then(|inner| inner.get(&name)) else {
                return;
            };
            if !listed.contains(&urn) {
                listed.set(&urn, Value::Object(Object::new()));
            }
            if let Some(inner) = listed.get_mut(&urn).and_then(Value::as_object_mut) {
                inner.set(&name, value.clone());
            }
        }
        (None, None) => {}
    }
}

/// Fills in what the resources of a list lack, in their order.
///
/// # Errors
/// 502 for a list without ids, and whatever the exchange fails with.
pub(super) async fn hydrate<E: Exchange>(
    exchange: &mut E,
    missing: &Missing,
    resource: &Resource,
    list: &[u8],
) -> Result<Hydrated<E::Body>, E::Failure> {
    let Ok(Value::Object(mut list)) = json::parse(list) else { return Err(broken().into()) };
    let listed = list.get_mut("Resources").and_then(Value::as_array_mut);
    let mut items: Vec<&mut Object<'_>> =
        listed.into_iter().flat_map(|items| items.iter_mut()).filter_map(Value::as_object_mut).collect();
    for some in items.chunks_mut(AT_ONCE) {
        let asks = some.iter().map(|item| read(item, resource)).collect::<Option<Vec<_>>>().ok_or_else(broken)?;
        for (item, heard) in some.iter_mut().zip(exchange.reads(asks).await?) {
            match heard {
                Heard::Resource(read) => missing.fill(item, &read.body),
                Heard::Refused(answer) if answer.status != 404 => return Ok(Hydrated::Refused(answer)),
                Heard::Refused(_) | Heard::Done | Heard::Unasked => {}
            }
        }
    }
    Ok(Hydrated::List(Value::Object(list).to_bytes()))
}

fn read(item: &Object<'_>, resource: &Resource) -> Option<Ask<'static>> {
    let id = Id::parse(&item.get("id").and_then(Value::as_str)?)?;
    Some(One { resource: resource.clone(), id }.read())
}

fn broken() -> ScimError {
    ScimError::new(ErrorStatus::BadGateway, "the backend lists a resource without its id")
}
