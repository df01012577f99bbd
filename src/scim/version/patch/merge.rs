//! Elements that come, before a server of SCIM 2.0: SCIM 1.1 merges one into the element with the same `value`, where 2.0
//! would have it beside that. Which it is, only the resource tells.

use crate::json::{Array, Object, Value};
use crate::scim::attr::AttrPath;
use crate::scim::error::ScimError;
use crate::scim::filter::{CompareOp, Literal, satisfies};
use crate::scim::patch::{OpKind, PatchOp, PatchPath};
use crate::scim::resource::Resource;

/// Whether it depends on the resource what a decoded PATCH asks for. Of members nothing is merged: they are the same, or not.
#[must_use]
pub fn needs_resource(message: &Object<'_>, of: &Resource) -> bool {
    let operations = message.get("Operations").and_then(Value::as_array);
    operations.into_iter().flat_map(|list| list.iter()).any(|written| {
        PatchOp::read(written).is_ok_and(|op| coming(&op, of).is_some_and(|(_, list)| list.iter().any(has_value)))
    })
}

/// The same PATCH for a resource that is held: an element that is there already has its parts replaced.
///
/// # Errors
/// 400 for what is no PATCH.
pub fn merged<'v>(message: &Object<'v>, held: &Object<'v>, of: &Resource) -> Result<Object<'v>, ScimError> {
    let mut ops = Vec::new();
    for written in message.get("Operations").and_then(Value::as_array).into_iter().flat_map(|list| list.iter()) {
        let op = PatchOp::read(written)?;
        match coming(&op, of) {
            Some((path, list)) => meet(path, list, held, &mut ops),
            None => ops.push(op),
        }
    }
    let mut told = message.clone();
    told.set("Operations", Value::Array(Array::from(ops.into_iter().map(PatchOp::into_value).collect::<Vec<_>>())));
    Ok(told)
}

/// The elements that an operation adds, where they may meet others.
fn coming<'o, 'v>(op: &'o PatchOp<'v>, of: &Resource) -> Option<(&'o AttrPath, &'o Array<'v>)> {
    let (OpKind::Add, Some(PatchPath { attr, filter: None, sub: None })) = (op.kind, &op.path) else { return None };
    let is_members = *of == Resource::Group && attr.to_string().eq_ignore_ascii_case("members");
    let list = op.value.as_ref().and_then(Value::as_array)?;
    (!is_members && attr.sub.is_none()).then_some((attr, list))
}

fn has_value(element: &Value<'_>) -> bool {
    element.as_object().is_some_and(|element| element.contains("value"))
}

fn meet<'v>(path: &AttrPath, list: &Array<'v>, held: &Object<'v>, ops: &mut Vec<PatchOp<'v>>) {
    let mut come = Vec::new();
    for element in list.iter() {
        match element.as_object().and_then(|one| Some((one, only(path, one, held)?))) {
            Some((one, there)) => ops.extend(changes(path, one, there)),
            None => come.push(element.clone()),
        }
    }
    if !come.is_empty() {
        let path = PatchPath { attr: path.clone(), filter: None, sub: None };
        ops.push(PatchOp { kind: OpKind::Add, path: Some(path), value: Some(Value::Array(Array::from(come))) });
    }
}

/// The one element with the same value. Where several have it, none can be told from the others.
fn only<'h, 'v>(path: &AttrPath, element: &Object<'v>, held: &'h Object<'v>) -> Option<&'h Object<'v>> {
    let holder = match path.extension() {
        Some(urn) => held.get(urn.as_str())?.as_object()?,
        None => held,
    };
    let literal = Literal::of(element.get("value")?)?;
    let whole = AttrPath::parse(&format!("{path}.value")).ok()?;
    let is_it =
        |one: &&'h Object<'v>| one.get("value").is_some_and(|value| satisfies(value, &whole, CompareOp::Eq, &literal));
    let mut found =
        holder.get(path.name.as_ref()?.as_str())?.as_array()?.iter().filter_map(Value::as_object).filter(is_it);
    found.next().filter(|_| found.next().is_none())
}

/// The parts of an element that differ from those of the one that is there.
fn changes<'v>(path: &AttrPath, element: &Object<'v>, there: &Object<'v>) -> Vec<PatchOp<'v>> {
    let Some(value) = there.get("value").and_then(Literal::of) else { return Vec::new() };
    let differs = element.iter().filter(|part| there.get(&part.key.decoded()) != Some(&part.value));
    let others = differs.filter(|part| !part.key.decoded().eq_ignore_ascii_case("value"));
    let change = |part: &crate::json::Member<'v>| {
        let path = PatchPath::parse(&format!("{path}[value eq {value}].{}", part.key.decoded())).ok()?;
        let (kind, value) = match &part.value {
            Value::Null => (OpKind::Remove, None),
            value => (OpKind::Replace, Some(value.clone())),
        };
        Some(PatchOp { kind, path: Some(path), value })
    };
    others.filter_map(change).collect()
}
