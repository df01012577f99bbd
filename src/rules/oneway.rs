//! One-way actions in their carriers.
//!
//! A one-way action says what it does to a resource, or a part of one; this is how it meets PATCH operations and the
//! query. Nothing here is undone on the way back.

use crate::json::{Object, Value};
use crate::scim::{AttrPath, OpKind, Param, PatchOp, PatchPath, ScimError, ScimType};

use super::filters;
use super::message::{Body, Facts, Refused, Request, Verdict};
use super::partial;
use super::patch::{self, Parted};

/// What a one-way action does.
pub trait OneWay {
    /// Acts on a whole resource.
    fn resource(&self, resource: &mut Object<'_>, facts: Facts<'_>) -> bool;

    /// Acts on the part of a resource that a PATCH operation carries.
    fn part(&self, part: &mut Object<'_>, facts: Facts<'_>) -> bool;

    /// The path of a PATCH operation with a value filter, rewritten.
    fn path(&self, _path: &PatchPath) -> Option<PatchPath> {
        None
    }

    /// Whether the action takes this attribute away, so that nobody may ask for it.
    fn hides(&self, _path: &AttrPath) -> bool {
        false
    }
}

/// Acts on a request.
///
/// # Errors
/// 400 `invalidFilter` for a query on an attribute that the action takes away.
pub fn request(action: &impl OneWay, request: &mut Request<'_>) -> Result<Verdict, Refused> {
    selection(action, request)?;
    let id = request.id.clone();
    let facts = Facts { id: id.as_deref(), resource: request.resource.as_ref(), operation: request.operation };
    match &mut request.body {
        Body::Resource(Value::Object(resource)) => Ok(Verdict::of(action.resource(resource, facts))),
        Body::Patch(message) => patch::each(message, |op| Ok(operation(action, op, facts))),
        Body::None | Body::Resource(_) | Body::Search(_) => Ok(Verdict::of(false)),
    }
}

/// Acts on a resource that goes to the client.
///
/// # Errors
/// Never; the signature is every action's.
pub fn resource(action: &impl OneWay, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<Verdict, Refused> {
    Ok(Verdict::of(action.resource(resource, facts)))
}

fn operation<'v>(action: &impl OneWay, mut op: PatchOp<'v>, facts: Facts<'_>) -> Parted<'v> {
    if op.path.as_ref().is_some_and(|path| is_hidden(action, path)) {
        return Parted::into(Vec::new());
    }
    let rewritten = op.path.as_ref().and_then(|path| action.path(path));
    let path_changed = rewritten.is_some();
    op.path = rewritten.or(op.path);
    if partial::is_bare(&op) || op.kind == OpKind::Remove {
        return Parted::one(op, path_changed);
    }
    let Some(mut part) = partial::read(&op) else { return Parted::one(op, path_changed) };
    if !action.part(&mut part, facts) {
        return Parted::one(op, path_changed);
    }
    let left = match &op.path {
        None if part.is_empty() => partial::Left::Nothing,
        None => partial::Left::Value(Value::Object(part)),
        Some(path) => partial::take(&mut part, path),
    };
    Parted::into(partial::close(op, left).into_iter().collect())
}

fn is_hidden(action: &impl OneWay, path: &PatchPath) -> bool {
    let sub = path.sub.clone().or_else(|| path.attr.sub.clone());
    action.hides(&AttrPath { sub, ..path.attr.clone() })
}

/// A hidden attribute can't be asked for. To exclude it asks for nothing, so that name is taken off the list.
fn selection(action: &impl OneWay, request: &mut Request<'_>) -> Result<(), Refused> {
    let selection = &mut request.selection;
    if let Some(filter) = &selection.filter {
        for mention in filters::mentions(filter, None) {
            if action.hides(&mention.path) {
                return Err(filters::invalid(format!("`{}` can't be filtered by", mention.path)));
            }
        }
    }
    let asked = selection.sort_by.iter().chain(&selection.attributes);
    if let Some(path) = asked.into_iter().find(|path| action.hides(path)) {
        let detail = format!("`{path}` can't be asked for");
        return Err(ScimError::bad_request(ScimType::InvalidFilter, detail));
    }
    let before = selection.excluded.len();
    selection.excluded.retain(|path| !action.hides(path));
    if selection.excluded.len() < before {
        selection.touch(Param::ExcludedAttributes);
    }
    Ok(())
}
