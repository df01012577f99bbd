//! The laws that every action and every shipped pack keeps, over generated resources, filters and patches, and the
//! counterexamples that once broke them. [`mod@law`] says how many examples there are, and how to try more.

mod apply;
pub(crate) mod compositions;
mod counterexamples;
mod every;
pub(crate) mod generate;
mod holds;
mod keyed;
pub(crate) mod law;
mod mapped;
mod one_way;
mod packs;
mod repairs;
mod set;
mod shapes;
mod stream;
mod two_way;

use proptest::prelude::*;

use crate::fault::Faults;
use crate::json::{self, Array, Object, Value};
use crate::scim::{AttrPath, ErrorStatus, Filter, OperationKind, Resource, ScimError, ScimType, Urn, filter, schema};
use crate::yaml;

use super::actions::{self, Action};
use super::attribute;
use super::head::{Envelope, Scene};
use super::load;
use super::message::{Body, Facts, Request};
use super::rule::Pack;
use super::selection::Selection;
use apply::{Replacing, Server, at_rest};
use law::{Refused, hold, law, law_of_few};
use one_way::{OF_MESSAGES, ONE_WAY};
use two_way::TWO_WAY;

/// A pack as a test writes it; what is wrong with it, as `check` says it.
pub(crate) fn pack(text: &str) -> Result<Pack, String> {
    let mut faults = Faults::new();
    let node = yaml::parse("drawn.yaml", text, &mut faults);
    let pack = node.and_then(|node| load::pack(&node, &mut faults));
    pack.filter(|_| faults.is_empty()).ok_or_else(|| faults.render(false))
}

const ENT: &str = crate::scim::urn::ENTERPRISE;

fn action(entry: &str) -> Action {
    let mut faults = Faults::new();
    let node = yaml::parse("laws.yaml", &entry.replace("ENT", ENT), &mut faults);
    let action = node.and_then(|node| actions::read(&node, &mut faults));
    assert!(faults.is_empty(), "{entry}: {}", faults.render(false));
    action.unwrap()
}

fn message(operation: OperationKind, body: Body<'_>) -> Request<'_> {
    let selection = Selection::default();
    Request {
        operation,
        resource: Some(Resource::User),
        id: Some("2819c223".to_owned()),
        selection,
        body,
        envelope: Envelope::default(),
    }
}

fn there<'v>(action: &Action, resource: &Object<'v>) -> Result<Object<'v>, ScimError> {
    told(action, resource).map(|(resource, _)| resource)
}

/// There, and whether the action says that something changed.
fn told<'v>(action: &Action, resource: &Object<'v>) -> Result<(Object<'v>, bool), ScimError> {
    let mut request = message(OperationKind::Create, Body::Resource(Value::Object(resource.clone())));
    let verdict = action.request(&mut request)?;
    match request.body {
        Body::Resource(Value::Object(resource)) => Ok((resource, verdict.is_applied())),
        other => panic!("{other:?}"),
    }
}

fn back<'v>(action: &Action, resource: &Object<'v>) -> Result<Object<'v>, ScimError> {
    let facts =
        Facts { id: None, resource: Some(&Resource::User), operation: OperationKind::Read, scene: Scene::default() };
    let mut resource = resource.clone();
    action.response(&mut resource, facts)?;
    Ok(resource)
}

fn filter_there(action: &Action, filter: &Filter) -> Result<Filter, ScimError> {
    let mut request = message(OperationKind::List, Body::None);
    request.selection.filter = Some(filter.clone());
    action.request(&mut request)?;
    Ok(request.selection.filter.unwrap())
}

fn patch_there(action: &Action, patch: &Value<'static>) -> Result<Value<'static>, ScimError> {
    let mut request = message(OperationKind::Patch, Body::Patch(patch.clone()));
    action.request(&mut request)?;
    match request.body {
        Body::Patch(message) => Ok(message),
        other => panic!("{other:?}"),
    }
}

/// Equal at rest, modulo the order of `schemas` and entries without attributes.
fn same(one: &Object<'_>, other: &Object<'_>) -> bool {
    let rest = |object: &Object<'_>| {
        let mut rest = at_rest(&Value::Object(object.clone()));
        let _ = rest.as_object_mut().unwrap().remove("schemas");
        rest
    };
    one == other || rest(one) == rest(other)
}

/// The extensions that `schemas` lists, without those of which no attribute is there.
fn listed(resource: &Object<'_>) -> Vec<String> {
    let rest = at_rest(&Value::Object(resource.clone()));
    let rest = rest.as_object().unwrap();
    let list = resource.get("schemas").and_then(Value::as_array).map(Array::iter).into_iter().flatten();
    let mut list: Vec<_> = list.filter_map(Value::as_str).map(|urn| urn.into_owned()).collect();
    list.retain(|urn| rest.contains(urn));
    list.sort();
    list
}

fn refused(error: ScimError) -> TestCaseError {
    TestCaseError::reject(error.to_string())
}

fn shown(object: &Object<'_>) -> String {
    Value::Object(object.clone()).to_string()
}

/// A backend may hold `TRUE` where this side would write `true`.
fn shout(object: &mut Object<'_>) {
    for member in object.iter_mut() {
        match &mut member.value {
            Value::Object(inner) => shout(inner),
            Value::Array(list) => list.iter_mut().filter_map(Value::as_object_mut).for_each(shout),
            value if *value == Value::string("true") => *value = Value::string("TRUE"),
            _ => {}
        }
    }
}

/// Takes extensions of which nothing is present off `schemas`: they are not asked for.
fn settle(object: &mut Object<'_>) {
    let is_there = |urn: &str| urn.contains(":core:") || object.get(urn).is_some_and(filter::is_present);
    let listed = object.get("schemas").and_then(Value::as_array).map(Array::iter).into_iter().flatten();
    let gone: Vec<_> =
        listed.filter_map(Value::as_str).filter(|urn| !is_there(urn)).map(|urn| urn.into_owned()).collect();
    gone.iter().for_each(|urn| attribute::forget_schema(object, &Urn::parse(urn).unwrap()));
}

/// JSON with spaces where nobody needs them, which only bytes that were not touched keep.
fn spaced(value: &Value<'_>) -> String {
    match value {
        Value::Array(list) => format!("[ {} ]", list.iter().map(spaced).collect::<Vec<_>>().join(" , ")),
        Value::Object(object) => {
            let members = object.iter().map(|member| format!("\"{}\" : {}", member.key.raw(), spaced(&member.value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(" , "))
        }
        other => other.to_string(),
    }
}

/// The member's value under the same name before and after, if both have it.
fn kept<'r>(one: &'r Object<'_>, other: &'r Object<'_>) -> Vec<(String, String, String)> {
    one.iter()
        .filter_map(|member| {
            let name = member.key.decoded().into_owned();
            let after = other.get(&name)?;
            Some((name, member.value.to_string(), after.to_string()))
        })
        .collect()
}
