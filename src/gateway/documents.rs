//! What the service says of itself (RFC 7644 section 4), told as it is through the gateway: schemas and resource types after
//! rules, endpoints as the client spells them, and of Bulk and PATCH what this connection lets through.
//!
//! A document in which nothing differs keeps its bytes. Never made up: a document that the backend doesn't have.

mod offers;

use std::borrow::Cow;
use std::sync::Arc;

use crate::json::{self, Array, Object, Value};
use crate::rules::actions::Action;
use crate::rules::can::Able;
use crate::rules::{self, Mode, Modes, Pack};
use crate::scim::urn::GROUP;
use crate::scim::{Discovery, Operation, OperationKind, Resource, Target};

use super::rebase::Rebase;
use super::translate::Untranslated;
use super::watcher::Watcher;

pub use offers::Offers;

/// What is known of a connection when it is loaded.
#[derive(Debug)]
pub struct Documents {
    told: Arc<Told>,
    offers: Offers,
}

/// What its packs make of the documents.
#[derive(Debug)]
pub struct Told {
    discovery: rules::Discovery,
    endpoints: Vec<Endpoint>,
}

/// The endpoint of a resource type, as each side spells it.
#[derive(Debug)]
struct Endpoint {
    resource: Resource,
    client: String,
    backend: String,
}

/// One answer to be told.
#[derive(Clone, Debug)]
pub struct Document {
    documents: Arc<Documents>,
    which: Discovery,
}

impl Told {
    /// For these packs, in the order from client to backend.
    #[must_use]
    pub fn new(outer: &[&Pack], inner: &Pack, modes: &Modes, declared: &[Resource]) -> Self {
        // Of a backend that says nothing of itself, what is said is standard: its own rules have nothing to undo.
        let inner_of = (inner.can.discovery != Able::No).then_some(inner);
        let packs: Vec<&Pack> = outer.iter().copied().chain(inner_of).collect();
        let resources = [Resource::User, Resource::Group].into_iter().chain(declared.iter().cloned());
        let endpoint = |resource: Resource| {
            let path = format!("/{}", resource.endpoint());
            let backend = spelling(inner_of.as_slice(), modes, &resource);
            let backend = backend.fold(path.clone(), |path, action| action.spell_path(path));
            let client: Vec<&Action> = spelling(outer, modes, &resource).collect();
            let client = client.into_iter().rev().fold(path, |path, action| action.alias_of(path));
            Endpoint { resource, client, backend }
        };
        let endpoints = resources.map(endpoint).collect();
        Self { discovery: rules::Discovery::new(&packs, modes, declared), endpoints }
    }
}

impl Documents {
    /// For a connection that offers this.
    #[must_use]
    pub fn new(told: Arc<Told>, offers: Offers) -> Self {
        Self { told, offers }
    }

    /// What has to be asked to answer a call: where rules move attributes between schemas, all of them, so that one is whole.
    #[must_use]
    pub fn asked<'t>(&self, target: &'t Target) -> Cow<'t, Target> {
        match &target.operation {
            Operation::Discover(Discovery::Schemas(Some(_))) if !self.told.discovery.is_empty() => {
                Cow::Owned(Target { operation: Operation::Discover(Discovery::Schemas(None)), ..target.clone() })
            }
            _ => Cow::Borrowed(target),
        }
    }

    /// The answer to a call, if it is a document that may have to be told otherwise.
    #[must_use]
    pub fn answer(self: &Arc<Self>, target: &Target) -> Option<Document> {
        let Operation::Discover(which) = &target.operation else { return None };
        let differs = match which {
            Discovery::Schemas(_) | Discovery::ResourceTypes(_) if !self.offers.groups => true,
            Discovery::ServiceProviderConfig => true,
            Discovery::Schemas(_) => !self.told.discovery.is_empty(),
            Discovery::ResourceTypes(_) => {
                !self.told.discovery.is_empty() || self.told.endpoints.iter().any(|one| one.client != one.backend)
            }
        };
        differs.then(|| Document { documents: self.clone(), which: which.clone() })
    }
}

/// The actions that spell the paths of this resource type.
fn spelling<'p>(packs: &'p [&Pack], modes: &Modes, resource: &Resource) -> impl Iterator<Item = &'p Action> {
    let rules = packs
        .iter()
        .flat_map(|pack| &pack.rules)
        .filter(|rule| modes.of(rule) == Mode::Enforce && rule.when.admits(Some(resource), OperationKind::List));
    rules.flat_map(|rule| &rule.actions).filter(|action| action.is_path())
}

/// Whether a schema or a resource type is that of groups.
fn is_of_groups(document: &Object<'_>) -> bool {
    let names =
        |key: &str| document.get(key).and_then(Value::as_str).is_some_and(|held| held.eq_ignore_ascii_case(GROUP));
    names("id") || names("schema")
}

/// Documents, one or several: RFC 7643 section 8.7 also shows a bare array.
enum Shape {
    One,
    Array,
    List,
}

impl Document {
    /// Writes the answer as the client is to see it. True if it differs.
    ///
    /// # Errors
    /// It is no JSON, or doesn't have what was asked for.
    pub fn write(
        &self,
        bytes: &[u8],
        rebase: &Rebase,
        watcher: &mut Watcher,
        out: &mut Vec<u8>,
    ) -> Result<bool, Untranslated> {
        let value = json::parse(bytes)?;
        let (shape, mut documents) = parted(&value);
        let all = documents.len();
        if !self.documents.offers.groups {
            documents.retain(|one| !is_of_groups(one));
        }
        let is_less = documents.len() < all;
        if is_less && matches!(shape, Shape::One) {
            return Err(Untranslated::NoDocument);
        }
        let mut changed = is_less;
        changed |= match &self.which {
            Discovery::Schemas(_) => self.documents.told.discovery.schemas(&mut documents, watcher),
            Discovery::ResourceTypes(_) => {
                documents.iter_mut().fold(false, |changed, one| self.resource_type(one, watcher) | changed)
            }
            Discovery::ServiceProviderConfig => {
                documents.iter_mut().fold(false, |changed, one| self.documents.offers.tell(one) | changed)
            }
        };
        let mut told = match (&self.which, changed) {
            (Discovery::Schemas(Some(id)), _) => {
                changed = true;
                picked(documents, id.as_str()).ok_or_else(|| missing(&value))?
            }
            (_, true) => joined(value, shape, documents),
            (_, false) => value,
        };
        if rebase.value(&mut told) | changed {
            told.write(out);
            return Ok(true);
        }
        out.extend_from_slice(bytes);
        Ok(false)
    }

    fn resource_type(&self, document: &mut Object<'_>, watcher: &mut Watcher) -> bool {
        let changed = self.documents.told.discovery.resource_type(document, watcher);
        let described = self.documents.told.discovery.described(document);
        let endpoint = self.documents.told.endpoints.iter().find(|one| Some(&one.resource) == described);
        let written = document.get("endpoint").and_then(Value::as_str);
        let told = endpoint.zip(written).and_then(|(endpoint, written)| endpoint.told(&written));
        if let Some(told) = told {
            document.set("endpoint", Value::string(&told));
            return true;
        }
        changed
    }
}

impl Endpoint {
    /// As the client spells it, where the backend spells it as it does; some write it without a slash.
    fn told(&self, written: &str) -> Option<String> {
        let bare = |text: &str| text.trim_start_matches('/').to_owned();
        if self.client == self.backend || bare(written) != bare(&self.backend) {
            return None;
        }
        Some(if written.starts_with('/') { self.client.clone() } else { bare(&self.client) })
    }
}

fn parted<'v>(value: &Value<'v>) -> (Shape, Vec<Object<'v>>) {
    let all = |list: &Array<'v>| list.iter().filter_map(Value::as_object).cloned().collect();
    match value {
        Value::Array(list) => (Shape::Array, all(list)),
        Value::Object(whole) => match whole.get("Resources").and_then(Value::as_array) {
            Some(list) => (Shape::List, all(list)),
            None => (Shape::One, vec![whole.clone()]),
        },
        _ => (Shape::One, Vec::new()),
    }
}

/// Why it isn't there: there is none, or the backend has told only some.
fn missing(value: &Value<'_>) -> Untranslated {
    let whole = value.as_object();
    let told = whole.and_then(|whole| whole.get("Resources")).and_then(Value::as_array).map_or(0, Array::len);
    let all = whole.and_then(|whole| whole.get("totalResults")).and_then(|all| all.to_string().parse::<usize>().ok());
    if all.is_some_and(|all| all > told) { Untranslated::NoResource } else { Untranslated::NoDocument }
}

fn picked<'v>(documents: Vec<Object<'v>>, id: &str) -> Option<Value<'v>> {
    let is_it =
        |one: &Object<'_>| one.get("id").and_then(Value::as_str).is_some_and(|own| own.eq_ignore_ascii_case(id));
    documents.into_iter().find(is_it).map(Value::Object)
}

/// Documents in the form in which they came; a list counts them.
fn joined<'v>(value: Value<'v>, shape: Shape, documents: Vec<Object<'v>>) -> Value<'v> {
    let count = i64::try_from(documents.len()).unwrap_or(i64::MAX);
    let mut list = documents.into_iter().map(Value::Object);
    match (shape, value) {
        (Shape::List, Value::Object(mut whole)) => {
            let before = whole.get("Resources").and_then(Value::as_array).map(Array::len);
            for name in ["totalResults", "itemsPerPage"] {
                let counts_them = whole.get(name).and_then(|own| own.to_string().parse::<usize>().ok()) == before;
                if counts_them {
                    whole.set(name, Value::number(count));
                }
            }
            whole.set("Resources", Value::Array(Array::from(list.collect::<Vec<_>>())));
            Value::Object(whole)
        }
        (Shape::Array, _) => Value::Array(Array::from(list.collect::<Vec<_>>())),
        (_, value) => list.next().unwrap_or(value),
    }
}
