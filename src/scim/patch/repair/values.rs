//! Booleans and members that are sent as strings: `"active": "False"`, `"members": ["2819c223"]`.

use crate::json::{Array, Object, Value};
use crate::scim::attr::{AttrName, AttrPath};
use crate::scim::filter::{Edit, ExprKind, Literal};
use crate::scim::resource::Resource;
use crate::scim::schema;

use super::{Made, PatchOp, Repair};
use crate::scim::patch::PatchPath;

/// Mends the attributes of a resource, or of a part of one.
pub(super) fn mend_object(object: &mut Object<'_>, resource: &Resource, made: &mut Made) {
    let mut mended = Vec::new();
    for (index, member) in object.iter().enumerate() {
        if !is_suspect(&member.value, resource) {
            continue;
        }
        let Ok(attr) = AttrPath::parse(&member.key.decoded()) else { continue };
        mended.extend(mend(&member.value, &attr, resource, made).map(|value| (index, value)));
    }
    for (index, value) in mended {
        if let Some(member) = object.members_mut().get_mut(index) {
            member.value = value;
        }
    }
}

/// Whether a value may have to be mended, whatever its attribute: few have, and what an attribute is takes longer to tell.
fn is_suspect(value: &Value<'_>, resource: &Resource) -> bool {
    match value {
        Value::String(text) => *resource == Resource::Group || truth(&text.decoded()).is_some(),
        Value::Array(items) => items.iter().any(|item| is_suspect(item, resource)),
        Value::Object(element) => element.get("primary").and_then(Value::as_str).is_some(),
        _ => false,
    }
}

/// Mends the value of an operation with a path.
pub(super) fn mend_op<'v>(op: PatchOp<'v>, resource: &Resource, made: &mut Made) -> PatchOp<'v> {
    let (Some(path), Some(value)) = (&op.path, &op.value) else { return op };
    let attr = AttrPath { sub: path.sub.clone().or_else(|| path.attr.sub.clone()), ..path.attr.clone() };
    match mend(value, &attr, resource, made) {
        Some(value) => PatchOp { value: Some(value), ..op },
        None => op,
    }
}

/// Mends the literals in the value filter of a path: `roles[primary eq "True"]`.
pub(super) fn mend_path<'v>(op: PatchOp<'v>, resource: &Resource, made: &mut Made) -> PatchOp<'v> {
    let Some((path, filter)) = op.path.as_ref().and_then(|path| Some((path, path.filter.as_ref()?))) else { return op };
    let mut edits = Vec::new();
    filter.root().visit(&mut |expr| {
        let ExprKind::Compare { path: inner, literal, .. } = &expr.kind else { return };
        let attr = AttrPath { sub: inner.path.name.clone(), ..path.attr.clone() };
        if let Literal::String(text) = &literal.literal
            && let Some(truth) = truth(text).filter(|_| schema::is_boolean(resource, &attr))
        {
            edits.push(Edit { span: literal.span.clone(), text: truth.to_string() });
        }
    });
    if edits.is_empty() {
        return op;
    }
    let Ok(filter) = filter.splice(edits) else { return op };
    made.note(Repair::StringBoolean);
    let path = PatchPath { filter: Some(filter), ..path.clone() };
    PatchOp { path: Some(path), ..op }
}

/// The value of `attr` mended; nothing if it is as it should be.
fn mend<'v>(value: &Value<'v>, attr: &AttrPath, resource: &Resource, made: &mut Made) -> Option<Value<'v>> {
    if schema::is_boolean(resource, attr) {
        let truth = truth(&value.as_str()?)?;
        made.note(Repair::StringBoolean);
        return Some(Value::Bool(truth));
    }
    if attr.sub.is_some() {
        return None;
    }
    if is_members(attr, resource) {
        return members(value, made);
    }
    let primary = AttrPath { sub: AttrName::parse("primary").ok(), ..attr.clone() };
    if schema::is_boolean(resource, &primary) { elements(value, made) } else { None }
}

/// One element, or several, whose `primary` is a string.
fn elements<'v>(value: &Value<'v>, made: &mut Made) -> Option<Value<'v>> {
    match value {
        Value::Array(array) => {
            let mended: Vec<_> = array.iter().map(|element| elements(element, made)).collect();
            mended.iter().any(Option::is_some).then(|| {
                let items = array.iter().zip(mended).map(|(held, mended)| mended.unwrap_or_else(|| held.clone()));
                Value::Array(Array::from(items.collect::<Vec<_>>()))
            })
        }
        Value::Object(element) => {
            let truth = truth(&element.get("primary")?.as_str()?)?;
            made.note(Repair::StringBoolean);
            let mut element = element.clone();
            element.set("primary", Value::Bool(truth));
            Some(Value::Object(element))
        }
        _ => None,
    }
}

/// Members of which some are only their id.
fn members<'v>(value: &Value<'v>, made: &mut Made) -> Option<Value<'v>> {
    let items: Vec<_> = match value {
        Value::String(_) => vec![member(value)],
        Value::Array(array) if array.iter().any(|item| item.as_text().is_some()) => array.iter().map(member).collect(),
        _ => return None,
    };
    made.note(Repair::StringMembers);
    Some(Value::Array(Array::from(items)))
}

fn member<'v>(value: &Value<'v>) -> Value<'v> {
    if value.as_text().is_none() {
        return value.clone();
    }
    let mut member = Object::new();
    member.set("value", value.clone());
    Value::Object(member)
}

/// `True`, `false`: the truth that a text names, in any case.
fn truth(text: &str) -> Option<bool> {
    [true, false].into_iter().find(|truth| text.eq_ignore_ascii_case(if *truth { "true" } else { "false" }))
}

fn is_members(attr: &AttrPath, resource: &Resource) -> bool {
    *resource == Resource::Group
        && attr.extension().is_none()
        && attr.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("members"))
}
