//! What actions do, each row an entry of `do` with a message before and after: for what the laws don't speak of.

mod answers;
mod bodies;
mod definitions;
mod domains;
mod fewer;
mod keys;
mod kinds;
mod queries;
mod refusals;
mod requests;
mod shapes;

use super::*;
use crate::fault::Faults;
use crate::json::Value;
use crate::rules::head::{Envelope, ReplyBody, Scene};
use crate::rules::message::Body;
use crate::rules::selection::Selection;
use crate::scim::{Filter, OperationKind, Resource, urn};
use crate::{json, yaml};

const ENT: &str = urn::ENTERPRISE;

/// Reads an entry of `do`; `ENT` stands for the enterprise extension.
fn action(entry: &str) -> Action {
    let mut faults = Faults::new();
    let node = yaml::parse("test.yaml", &entry.replace("ENT", ENT), &mut faults).unwrap();
    read(&node, &mut faults).unwrap_or_else(|| panic!("{entry}: {}", faults.render(false)))
}

/// The codes with which an entry is refused.
fn codes(entry: &str) -> Vec<&'static str> {
    let mut faults = Faults::new();
    let node = yaml::parse("test.yaml", &entry.replace("ENT", ENT), &mut faults).unwrap();
    let is_read = read(&node, &mut faults).is_some();
    assert!(is_read || faults.errors() > 0, "{entry}: refused without a fault");
    faults.iter().map(|fault| fault.code).collect()
}

fn value(text: &str) -> Value<'static> {
    json::parse(text.replace("ENT", ENT).as_bytes()).unwrap().into_owned()
}

fn object(text: &str) -> Object<'static> {
    match value(text) {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

fn request(operation: OperationKind, body: Body<'static>) -> Request<'static> {
    Request {
        operation,
        resource: Some(Resource::User),
        id: Some("2819".to_owned()),
        selection: Selection::default(),
        body,
        envelope: Envelope::default(),
    }
}

fn facts(operation: OperationKind) -> Facts<'static> {
    Facts { id: None, resource: Some(&Resource::User), operation, scene: Scene::default() }
}

/// A resource on its way to the backend, after the action.
fn sent(entry: &str, resource: &str) -> String {
    let mut request = request(OperationKind::Create, Body::Resource(value(resource)));
    let verdict = action(entry).request(&mut request).unwrap_or_else(|error| panic!("{entry} {resource}: {error}"));
    let after = request.body.value().unwrap().to_string();
    assert_eq!(verdict.is_applied(), after != value(resource).to_string(), "{entry} {resource}");
    after.replace(ENT, "ENT")
}

/// One PATCH operation on its way to the backend, after the action.
fn patched(entry: &str, op: &str) -> Result<String, Refused> {
    let message = value(&format!(r#"{{"Operations":[{op}]}}"#));
    let mut request = request(OperationKind::Patch, Body::Patch(message.clone()));
    let verdict = action(entry).request(&mut request)?;
    let after = request.body.value().unwrap().to_string();
    assert_eq!(verdict.is_applied(), after != message.to_string(), "{entry} {op}");
    let after = after.replace(ENT, "ENT");
    Ok(after.strip_prefix(r#"{"Operations":["#).and_then(|rest| rest.strip_suffix("]}")).unwrap().to_owned())
}

/// A filter on its way to the backend, after the action; `false` and `true` where it is known.
fn asked(entry: &str, filter: &str) -> Result<String, Refused> {
    let mut request = request(OperationKind::List, Body::None);
    request.selection.filter = Some(Filter::parse(&filter.replace("ENT", ENT)).unwrap());
    action(entry).request(&mut request)?;
    let selection = &request.selection;
    let after = selection.filter.as_ref().map_or_else(|| (!selection.matches_nothing).to_string(), Filter::to_string);
    Ok(after.replace(ENT, "ENT"))
}
