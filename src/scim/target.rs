//! What a request is for: method and path, read by a grammar, never cleaned up.
//!
//! `"/" Type [ "/" id ]`, `"/" Type "/.search"`, `"/.search"`, `"/Bulk"`, `"/Me"`, and discovery. Type names have exactly
//! one spelling. Percent-encoding is undone once, per segment; what is then no endpoint is unknown (404), and what could
//! mean something else to a server behind us is malformed (400). What is forwarded is written anew from the [`Target`].

use std::borrow::Cow;

use super::operation::{Discovery, Operation};
use super::percent;
use super::resource::{Id, Resource};

/// What is asked, of what.
///
/// The operations on resources need a `resource`; without one they have no path but the root's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The type of resource; none for bulk, discovery, `/Me` and the search over every type.
    pub resource: Option<Resource>,
    /// What is asked.
    pub operation: Operation,
}

/// Why a request has no target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetFault {
    /// 404: `/groups`, `/Users/`, `/Users/1/2`, and the base itself.
    #[error("there is no such endpoint")]
    NotFound,
    /// 400: `/Users/..`, `/Users/%zz`, `/Users/a%2Fb`.
    #[error("the path is malformed")]
    Malformed,
    /// 405: the endpoint is there, but doesn't know the method, or the method is spelled otherwise (`delete`).
    #[error("the method is not one of {allow}")]
    MethodNotAllowed {
        /// The methods it knows, as the `Allow` field has them.
        allow: &'static str,
    },
}

impl Target {
    /// Reads a request's method and its path below the connection's base, where these resource types are declared beside
    /// `User` and `Group`. The path is judged first. `HEAD` asks what `GET` asks.
    ///
    /// # Errors
    /// The endpoint is unknown, the path is malformed, or the endpoint doesn't know the method.
    pub fn parse(method: &str, path_below_base: &str, declared: &[Resource]) -> Result<Self, TargetFault> {
        Endpoint::parse(path_below_base, declared)?.asked(method)
    }

    /// The one way to write its path below a base, encoded: `/Users/2819c223`.
    #[must_use]
    pub fn path(&self) -> String {
        match &self.operation {
            Operation::Read(id) | Operation::Replace(id) | Operation::Patch(id) | Operation::Delete(id) => {
                self.below_type(&id.encoded())
            }
            Operation::Discover(discovery) => match discovery.id() {
                Some(id) => format!("/{}/{id}", discovery.endpoint()),
                None => format!("/{}", discovery.endpoint()),
            },
            _ => self.route(),
        }
    }

    /// The same of the resource with this id; of one that it creates, as it is read.
    #[must_use]
    pub fn of(self, id: Id) -> Self {
        let operation = match self.operation {
            Operation::Replace(_) => Operation::Replace(id),
            Operation::Patch(_) => Operation::Patch(id),
            Operation::Delete(_) => Operation::Delete(id),
            _ => Operation::Read(id),
        };
        Self { operation, ..self }
    }

    /// Its path with a placeholder for what varies: `/Users/{id}`. There are only so many, so it can label a metric.
    #[must_use]
    pub fn route(&self) -> String {
        match &self.operation {
            Operation::List | Operation::Create => self.below_type(""),
            Operation::Read(_) | Operation::Replace(_) | Operation::Patch(_) | Operation::Delete(_) => {
                self.below_type("{id}")
            }
            Operation::Search if self.resource.is_none() => "/.search".to_owned(),
            Operation::Search => self.below_type(".search"),
            Operation::Bulk => "/Bulk".to_owned(),
            Operation::Me => "/Me".to_owned(),
            Operation::Discover(discovery) => match discovery.id() {
                Some(_) => format!("/{}/{{id}}", discovery.endpoint()),
                None => format!("/{}", discovery.endpoint()),
            },
        }
    }

    /// The place of its route among [`Target::routes`] of the same declared types: what is kept per route needs no look-up
    /// by name.
    #[must_use]
    pub fn route_number(&self, declared: &[Resource]) -> Option<usize> {
        let below = match (&self.operation, &self.resource) {
            (Operation::Search, None) => return Some(0),
            (Operation::Bulk, _) => return Some(1),
            (Operation::Me, _) => return Some(2),
            (Operation::Discover(Discovery::ServiceProviderConfig), _) => return Some(3),
            (Operation::Discover(Discovery::Schemas(one)), _) => return Some(4 + usize::from(one.is_some())),
            (Operation::Discover(Discovery::ResourceTypes(one)), _) => return Some(6 + usize::from(one.is_some())),
            (Operation::List | Operation::Create, _) => 0,
            (Operation::Read(_) | Operation::Replace(_) | Operation::Patch(_) | Operation::Delete(_), _) => 1,
            (Operation::Search, Some(_)) => 2,
        };
        let resource = self.resource.as_ref()?;
        let place = STANDARD.iter().chain(declared).position(|known| known == resource)?;
        Some(8 + 3 * place + below)
    }

    /// Every route that there is where these resource types are declared.
    pub fn routes(declared: &[Resource]) -> impl Iterator<Item = String> {
        let root = ["/.search", "/Bulk", "/Me", "/ServiceProviderConfig"];
        let discovery = ["/Schemas", "/Schemas/{id}", "/ResourceTypes", "/ResourceTypes/{id}"];
        let types = STANDARD
            .iter()
            .chain(declared)
            .flat_map(|resource| ["", "/{id}", "/.search"].map(|rest| format!("/{}{rest}", resource.endpoint())));
        root.into_iter().chain(discovery).map(str::to_owned).chain(types)
    }

    /// An id never stands at the root, where it would name an endpoint.
    fn below_type(&self, rest: &str) -> String {
        match (&self.resource, rest) {
            (None, _) => "/".to_owned(),
            (Some(resource), "") => ["/", resource.endpoint()].concat(),
            (Some(resource), rest) => ["/", resource.endpoint(), "/", rest].concat(),
        }
    }
}

/// The resource types that need no declaration.
const STANDARD: [Resource; 2] = [Resource::User, Resource::Group];

/// A path as the grammar knows it.
enum Endpoint {
    Type(Resource),
    One(Resource, Id),
    Search(Option<Resource>),
    Bulk,
    Discovery(Discovery),
    Me,
}

impl Endpoint {
    fn parse(path: &str, declared: &[Resource]) -> Result<Self, TargetFault> {
        if path.is_empty() {
            return Err(TargetFault::NotFound);
        }
        // Whatever their number, each is judged: a malformed one makes the path malformed.
        let mut segments = path.strip_prefix('/').ok_or(TargetFault::Malformed)?.split('/').map(segment);
        let (first, second) = (segments.next().transpose()?, segments.next().transpose()?);
        if segments.try_fold(0_usize, |count, segment| segment.map(|_| count + 1))? > 0 {
            return Err(TargetFault::NotFound);
        }
        let words = [first.as_deref(), second.as_deref()].map(Option::unwrap_or_default);
        match words.get(..1 + usize::from(second.is_some())).unwrap_or_default() {
            [".search"] => Ok(Self::Search(None)),
            ["Bulk"] => Ok(Self::Bulk),
            ["Me"] => Ok(Self::Me),
            ["ServiceProviderConfig"] => Ok(Self::Discovery(Discovery::ServiceProviderConfig)),
            ["Schemas"] => Ok(Self::Discovery(Discovery::Schemas(None))),
            ["Schemas", urn] => Ok(Self::Discovery(Discovery::Schemas(Some(id(urn)?)))),
            ["ResourceTypes"] => Ok(Self::Discovery(Discovery::ResourceTypes(None))),
            ["ResourceTypes", name] => Ok(Self::Discovery(Discovery::ResourceTypes(Some(id(name)?)))),
            [name] => Ok(Self::Type(resource(name, declared)?)),
            [name, ".search"] => Ok(Self::Search(Some(resource(name, declared)?))),
            [name, one] => Ok(Self::One(resource(name, declared)?, id(one)?)),
            _ => Err(TargetFault::NotFound),
        }
    }

    /// What a request with this method asks here.
    fn asked(self, method: &str) -> Result<Target, TargetFault> {
        let refused = Err(TargetFault::MethodNotAllowed { allow: self.allow() });
        let (resource, operation) = match (self, method) {
            (Self::Type(resource), "GET" | "HEAD") => (Some(resource), Operation::List),
            (Self::Type(resource), "POST") => (Some(resource), Operation::Create),
            (Self::One(resource, id), "GET" | "HEAD") => (Some(resource), Operation::Read(id)),
            (Self::One(resource, id), "PUT") => (Some(resource), Operation::Replace(id)),
            (Self::One(resource, id), "PATCH") => (Some(resource), Operation::Patch(id)),
            (Self::One(resource, id), "DELETE") => (Some(resource), Operation::Delete(id)),
            (Self::Search(resource), "POST") => (resource, Operation::Search),
            (Self::Bulk, "POST") => (None, Operation::Bulk),
            (Self::Discovery(discovery), "GET" | "HEAD") => (None, Operation::Discover(discovery)),
            (Self::Me, "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE") => (None, Operation::Me),
            _ => return refused,
        };
        Ok(Target { resource, operation })
    }

    fn allow(&self) -> &'static str {
        match self {
            Self::Type(_) => "GET, HEAD, POST",
            Self::One(..) => "GET, HEAD, PUT, PATCH, DELETE",
            Self::Search(_) | Self::Bulk => "POST",
            Self::Discovery(_) => "GET, HEAD",
            Self::Me => "GET, HEAD, POST, PUT, PATCH, DELETE",
        }
    }
}

/// A segment, decoded. Empty ones are left to the grammar, which has none.
fn segment(raw: &str) -> Result<Cow<'_, str>, TargetFault> {
    let decoded = percent::decode(raw).filter(|_| raw.bytes().all(percent::is_segment));
    let means_more = |text: &Cow<'_, str>| matches!(&**text, "." | "..") || text.contains(|c: char| c.is_control());
    decoded.filter(|text| !means_more(text)).ok_or(TargetFault::Malformed)
}

fn resource(endpoint: &str, declared: &[Resource]) -> Result<Resource, TargetFault> {
    STANDARD
        .iter()
        .chain(declared)
        .find(|resource| resource.endpoint() == endpoint)
        .cloned()
        .ok_or(TargetFault::NotFound)
}

fn id(text: &str) -> Result<Id, TargetFault> {
    let fault = if text.is_empty() { TargetFault::NotFound } else { TargetFault::Malformed };
    Id::parse(text).ok_or(fault)
}

#[cfg(test)]
mod tests;
