//! What a service says of itself (RFC 7644 section 4), kept in step with what rules make of its resources: schemas, and the
//! schemas of resource types.
//!
//! The backend's documents are undone as its resources are: rule by rule, from the backend's side outwards. A rule that looks
//! at single calls or resources says nothing of a schema. What is not here: documents about the gateway's own limits.

mod definitions;

use std::sync::Arc;

use crate::json::{Array, Object, Value};
use crate::scim::{AttrPath, OperationKind, Resource, Urn, urn};

use super::actions::Action;
use super::message::Verdict;
use super::plan::Observer;
use super::rule::{Mode, Modes, Pack, Rule, To};

use OperationKind::{Create, List, Patch, Read, Replace};
use definitions::Entry;
pub use definitions::{Definitions, Fate};

/// The rules that speak of what resources look like, by resource type.
#[derive(Debug, Default)]
pub struct Discovery {
    types: Vec<Type>,
}

#[derive(Debug)]
struct Type {
    resource: Resource,
    /// The URN of its core schema at the backend, where it is known.
    core: Option<String>,
    /// Every other URN that its rules name, and their images at the backend.
    urns: Vec<String>,
    /// In the order in which answers meet them.
    rules: Vec<(usize, Arc<Rule>)>,
}

impl Discovery {
    /// For these packs, client's side first; rules are numbered as in plans.
    #[must_use]
    pub fn new(packs: &[&Pack], modes: &Modes, declared: &[Resource]) -> Self {
        let resources = [Resource::User, Resource::Group].into_iter().chain(declared.iter().cloned());
        let rules = || packs.iter().flat_map(|pack| &pack.rules).enumerate();
        let of = |resource: Resource| {
            let speaks = |rule: &Rule| modes.of(rule) == Mode::Enforce && speaks_of(rule, &resource);
            let rules: Vec<_> = rules().filter(|(_, rule)| speaks(rule)).map(|(at, rule)| (at, rule.clone())).collect();
            Type::new(resource, rules)
        };
        Self { types: resources.map(of).collect() }
    }

    /// Whether documents stay as they are.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.types.iter().all(|one| one.rules.is_empty())
    }

    /// Undoes rules in all schemas of a service. True if anything changed.
    pub fn schemas(&self, schemas: &mut Vec<Object<'_>>, observer: &mut dyn Observer) -> bool {
        let entry = |schema| {
            let owner = self.types.iter().position(|one| one.owns(&schema));
            let is_core = owner.and_then(|owner| self.types.get(owner)).is_some_and(|one| one.has_as_core(&schema));
            Entry { owner, is_core, schema }
        };
        let mut entries: Vec<Entry<'_>> = std::mem::take(schemas).into_iter().map(entry).collect();
        let mut changed = false;
        for (owner, one) in self.types.iter().enumerate() {
            for (number, rule) in &one.rules {
                let mut definitions = Definitions { resource: &one.resource, owner, entries: &mut entries };
                let mut acted = false;
                for action in rule.actions.iter().rev() {
                    acted |= action.define(&mut definitions, fate(rule));
                }
                observer.met(*number, rule, Verdict::of(acted), &|| shown(&entries));
                changed |= acted;
            }
        }
        *schemas = entries.into_iter().map(|entry| entry.schema).collect();
        changed
    }

    /// Undoes rules in the description of a resource type. True if anything changed.
    pub fn resource_type(&self, document: &mut Object<'_>, observer: &mut dyn Observer) -> bool {
        let Some(one) = self.types.iter().find(|one| one.is_described_by(document)) else { return false };
        let mut changed = false;
        for (number, rule) in &one.rules {
            let mut acted = false;
            for action in rule.actions.iter().rev() {
                acted |= extend(document, action);
            }
            observer.met(*number, rule, Verdict::of(acted), &|| Value::Object(document.clone()).pretty());
            changed |= acted;
        }
        changed
    }

    /// Which resource type a document describes.
    #[must_use]
    pub fn described(&self, document: &Object<'_>) -> Option<&Resource> {
        self.types.iter().find(|one| one.is_described_by(document)).map(|one| &one.resource)
    }
}

fn shown(entries: &[Entry<'_>]) -> String {
    let schemas: Vec<Value<'_>> = entries.iter().map(|entry| Value::Object(entry.schema.clone())).collect();
    Value::Array(Array::from(schemas)).pretty()
}

/// Whether a rule holds for every resource of this type, whatever is done with it.
fn speaks_of(rule: &Rule, resource: &Resource) -> bool {
    let for_all = |operations: &[OperationKind]| operations.iter().all(|one| rule.when.admits(Some(resource), *one));
    let always = match rule.to {
        To::Client => for_all(&[Read, List]),
        To::Backend => for_all(&[Create, Replace, Patch]),
    };
    always
        && rule.when.asks_nothing_of_calls()
        && rule.actions.iter().any(|action| action.is_two_way() || action.hides())
}

/// What becomes of an attribute that a rule takes away.
fn fate(rule: &Rule) -> Fate {
    match rule.to {
        To::Client => Fate::Goes,
        To::Backend => Fate::ReadOnly,
    }
}

impl Type {
    /// From rules in the order of requests.
    fn new(resource: Resource, mut rules: Vec<(usize, Arc<Rule>)>) -> Self {
        let actions = || rules.iter().flat_map(|(_, rule)| &rule.actions);
        let there = |urn: &str| actions().fold(urn.to_owned(), |urn, action| action.urn_there(&urn).unwrap_or(urn));
        let core = match resource {
            Resource::User => Some(there(urn::USER)),
            Resource::Group => Some(there(urn::GROUP)),
            Resource::Other(_) => None,
        };
        let known = (resource == Resource::User).then(|| urn::ENTERPRISE.to_owned());
        let named = actions().flat_map(Action::urns).map(|urn| urn.as_str().to_owned());
        let mut urns: Vec<String> = known.into_iter().chain(named).flat_map(|urn| [there(&urn), urn]).collect();
        urns.sort();
        urns.dedup();
        rules.reverse();
        Self { resource, core, urns, rules }
    }

    fn has_as_core(&self, schema: &Object<'_>) -> bool {
        let Some(id) = schema.get("id").and_then(Value::as_str) else { return false };
        match &self.core {
            Some(core) => core.eq_ignore_ascii_case(&id),
            None => id.rsplit(':').next() == Some(self.resource.name()) && !id.contains(":extension:"),
        }
    }

    fn owns(&self, schema: &Object<'_>) -> bool {
        let Some(id) = schema.get("id").and_then(Value::as_str) else { return false };
        self.has_as_core(schema) || self.urns.iter().any(|urn| urn.eq_ignore_ascii_case(&id))
    }

    fn is_described_by(&self, document: &Object<'_>) -> bool {
        let says = |key: &str| document.get(key).and_then(Value::as_str);
        says("name").or_else(|| says("id")).is_some_and(|name| name.eq_ignore_ascii_case(self.resource.name()))
    }
}

/// Undoes an action in `schema` and `schemaExtensions` of a resource type (RFC 7643 section 6).
fn extend(document: &mut Object<'_>, action: &Action) -> bool {
    let back = |value: Option<&Value<'_>>| value.and_then(Value::as_str).and_then(|urn| action.urn_back(&urn));
    let mut changed = false;
    if let Some(urn) = back(document.get("schema")) {
        document.set("schema", Value::string(&urn));
        changed = true;
    }
    let listed = document.get("schemaExtensions").and_then(Value::as_array).map(Array::len).unwrap_or_default();
    for at in 0..listed {
        let extension = document
            .get("schemaExtensions")
            .and_then(Value::as_array)
            .and_then(|list| list.get(at))
            .and_then(Value::as_object);
        if let Some(urn) = back(extension.and_then(|extension| extension.get("schema")))
            && let Some(Value::Object(extension)) = document
                .get_mut("schemaExtensions")
                .and_then(Value::as_array_mut)
                .and_then(|list| list.items_mut().get_mut(at))
        {
            extension.set("schema", Value::string(&urn));
            changed = true;
        }
    }
    for urn in entered(action) {
        changed |= lists(document, urn);
    }
    changed
}

/// The extensions into which an action moves attributes on its left side.
fn entered(action: &Action) -> impl Iterator<Item = &Urn> {
    let moved = |(left, right): &(AttrPath, AttrPath)| left.extension() != right.extension();
    action.pairs().iter().filter(move |pair| moved(pair)).filter_map(|(left, _)| left.extension())
}

/// Lists an extension. True if it wasn't.
fn lists(document: &mut Object<'_>, urn: &Urn) -> bool {
    let is_it = |one: &Value<'_>| {
        let own = one.as_object().and_then(|one| one.get("schema")).and_then(Value::as_str);
        own.is_some_and(|own| own.eq_ignore_ascii_case(urn.as_str()))
    };
    let mut list = match document.get("schemaExtensions") {
        Some(Value::Array(list)) if list.iter().any(is_it) => return false,
        Some(Value::Array(list)) => list.clone(),
        _ => Array::new(),
    };
    let mut extension = Object::new();
    extension.set("schema", Value::string(urn.as_str()));
    extension.set("required", Value::Bool(false));
    list.push(Value::Object(extension));
    document.set("schemaExtensions", Value::Array(list));
    true
}
