//! What a service says of itself (RFC 7644 section 4), for a backend that doesn't: what RFC 7643 defines of users and groups,
//! and of the service what its pack says that it can, with what bridges make up for.
//!
//! And what is asked of groups where there are none: a list of them is empty, as clients want it that test their credentials, and
//! nothing is made up for beyond that.
//!
//! Costs no call. Can lose: what the backend has beyond the RFC, since nobody knows of it. A client that imports groups reads
//! that there are none.

use crate::json::{Array, Object, Value};
use crate::scim::schema::definition;
use crate::scim::{Discovery, ErrorStatus, Id, Operation, ScimError, Urn, urn};

use super::{Answer, Exchange, nobody};

const CONFIG: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";

/// What a backend can, with what bridges make up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered {
    /// There are groups.
    pub groups: bool,
    /// PATCH.
    pub patch: bool,
    /// Filters, and the most that one may find.
    pub filter: Option<u32>,
    /// Sorting.
    pub sort: bool,
    /// ETags.
    pub etag: bool,
}

/// Answers what a client asks of the service.
///
/// # Errors
/// 404 for a schema or type that isn't there; whatever the exchange fails with.
pub fn synthesize<E: Exchange>(
    exchange: &mut E,
    offered: Offered,
    which: &Discovery,
) -> Result<Answer<E::Body>, E::Failure> {
    let body = match which {
        Discovery::ServiceProviderConfig => Some(config(offered)),
        Discovery::Schemas(None) => Some(list(schemas(offered))),
        Discovery::Schemas(Some(id)) => named(schemas(offered), "id", id),
        Discovery::ResourceTypes(None) => Some(list(types(offered))),
        Discovery::ResourceTypes(Some(id)) => named(types(offered), "name", id),
    };
    let missing = || ScimError::new(ErrorStatus::NotFound, format!("there is no such {}", which.endpoint()));
    let body = body.ok_or_else(missing)?;
    exchange.show(Answer { status: 200, etag: None, location: None, retry_after: None, body })
}

/// Answers what is asked of groups before a backend that has none.
///
/// # Errors
/// 404 for a group that is read or deleted, 501 for what would make or change one.
pub fn no_groups<E: Exchange>(exchange: &E, operation: &Operation) -> Result<Answer<E::Body>, ScimError> {
    match operation {
        Operation::List | Operation::Search => Ok(nobody(exchange)),
        Operation::Read(_) | Operation::Delete(_) => {
            Err(ScimError::new(ErrorStatus::NotFound, "there is no such group: the backend has none"))
        }
        _ => Err(ScimError::new(ErrorStatus::NotImplemented, "the backend has no groups")),
    }
}

fn named(documents: Vec<Object<'static>>, key: &str, id: &Id) -> Option<Object<'static>> {
    let is_it = |one: &Object<'_>| {
        one.get(key).and_then(Value::as_str).is_some_and(|held| held.eq_ignore_ascii_case(id.as_str()))
    };
    documents.into_iter().find(is_it)
}

fn list(documents: Vec<Object<'static>>) -> Object<'static> {
    let count = Value::number(i64::try_from(documents.len()).unwrap_or(i64::MAX));
    let mut list = bearing(urn::LIST_RESPONSE);
    list.set("totalResults", count.clone());
    list.set("startIndex", Value::number(1));
    list.set("itemsPerPage", count);
    list.set("Resources", Value::Array(Array::from(documents.into_iter().map(Value::Object).collect::<Vec<_>>())));
    list
}

fn bearing(schema: &str) -> Object<'static> {
    let mut object = Object::new();
    object.set("schemas", Value::Array(Array::from(vec![Value::string(schema)])));
    object
}

fn object(members: &[(&str, Value<'static>)]) -> Value<'static> {
    let mut object = Object::new();
    members.iter().for_each(|(name, value)| object.set(name, value.clone()));
    Value::Object(object)
}

fn config(offered: Offered) -> Object<'static> {
    let supported = |is: bool| ("supported", Value::Bool(is));
    let none = Value::number(0);
    let most = offered.filter.map_or(none.clone(), |most| Value::number(i64::from(most)));
    let bearer = [
        ("type", Value::string("oauthbearertoken")),
        ("name", Value::string("Bearer token")),
        ("description", Value::string("a token in the Authorization header")),
    ];
    let mut config = bearing(CONFIG);
    config.set("patch", object(&[supported(offered.patch)]));
    config.set("bulk", object(&[supported(false), ("maxOperations", none.clone()), ("maxPayloadSize", none)]));
    config.set("filter", object(&[supported(offered.filter.is_some()), ("maxResults", most)]));
    config.set("changePassword", object(&[supported(false)]));
    config.set("sort", object(&[supported(offered.sort)]));
    config.set("etag", object(&[supported(offered.etag)]));
    config.set("authenticationSchemes", Value::Array(Array::from(vec![object(&bearer)])));
    config.set("meta", object(&[("resourceType", Value::string("ServiceProviderConfig"))]));
    config
}

fn schemas(offered: Offered) -> Vec<Object<'static>> {
    let names = [("User", urn::USER, true), ("Group", urn::GROUP, offered.groups), ("", urn::ENTERPRISE, true)];
    let there = names.into_iter().filter(|(.., is_there)| *is_there);
    let schema = |(name, urn, _): (&str, &str, bool)| {
        let mut schema = definition::defined(&Urn::parse(urn).ok()?)?;
        if !name.is_empty() {
            schema.set("name", Value::string(name));
        }
        schema.set("meta", object(&[("resourceType", Value::string("Schema"))]));
        Some(schema)
    };
    there.filter_map(schema).collect()
}

fn types(offered: Offered) -> Vec<Object<'static>> {
    let one = |name: &str, endpoint: &str, schema: &str| {
        let mut kind = bearing(RESOURCE_TYPE);
        for (key, value) in [("id", name), ("name", name), ("endpoint", endpoint), ("schema", schema)] {
            kind.set(key, Value::string(value));
        }
        kind.set("meta", object(&[("resourceType", Value::string("ResourceType"))]));
        kind
    };
    let mut user = one("User", "/Users", urn::USER);
    let extension = object(&[("schema", Value::string(urn::ENTERPRISE)), ("required", Value::Bool(false))]);
    user.set("schemaExtensions", Value::Array(Array::from(vec![extension])));
    let group = offered.groups.then(|| one("Group", "/Groups", urn::GROUP));
    std::iter::once(user).chain(group).collect()
}
