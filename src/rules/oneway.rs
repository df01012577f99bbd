//! One-way actions in their carriers.
//!
//! A one-way action says what it does to a resource, or a part of one; this is how it meets PATCH operations and the
//! query. Nothing here is undone on the way back.

use crate::json::{Object, Value};
use crate::scim::{AttrPath, OpKind, Param, PatchOp, PatchPath, Resource, ScimError, ScimType};

use super::discovery::{Definitions, Fate};
use super::filters;
use super::head::Scene;
use super::message::{Body, Facts, Refused, Request, Verdict};
use super::partial;
use super::patch::{self, Parted};

/// Takes what an action hides out of the schemas of a resource type. True if anything changed.
pub fn define(action: &impl OneWay, definitions: &mut Definitions<'_, '_>, fate: Fate) -> bool {
    let resource = definitions.resource;
    definitions.settle(|path| if action.hides(path, Some(resource)) { fate } else { Fate::Stays })
}

/// What a one-way action does.
pub trait OneWay {
    /// Acts on a whole resource. True if anything changed.
    ///
    /// # Errors
    /// It can't be told what is to be done: then nothing may pass as if it had been.
    fn resource(&self, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<bool, Refused>;

    /// Acts on the part of a resource that a PATCH operation carries. True if anything changed.
    ///
    /// # Errors
    /// As for a whole resource.
    fn part(&self, part: &mut Object<'_>, facts: Facts<'_>) -> Result<bool, Refused>;

    /// As [`OneWay::part`], for whom it matters what the operation does with the part, and where.
    ///
    /// # Errors
    /// As for a whole resource.
    fn part_at(
        &self,
        part: &mut Object<'_>,
        _kind: OpKind,
        _path: Option<&PatchPath>,
        facts: Facts<'_>,
    ) -> Result<bool, Refused> {
        self.part(part, facts)
    }

    /// Whether the action also acts on the bare value at a value path (`emails[type eq "work"].value`).
    fn reaches_bare(&self) -> bool {
        false
    }

    /// Acts on the filter and the names in a query. True if anything changed.
    ///
    /// # Errors
    /// 400 `invalidFilter` for what can't be asked for.
    fn selection(&self, request: &mut Request<'_>) -> Result<bool, Refused> {
        keep_hidden(self, request)
    }

    /// The path of a PATCH operation with a value filter, rewritten.
    fn path(&self, _path: &PatchPath) -> Option<PatchPath> {
        None
    }

    /// Whether what the action takes out of a `replace` is to be gone at the backend too, rather than not spoken of.
    fn clears(&self) -> bool {
        false
    }

    /// Whether the action takes this attribute away, so that nobody may ask for it.
    fn hides(&self, _path: &AttrPath, _resource: Option<&Resource>) -> bool {
        false
    }
}

/// Acts on a request.
///
/// # Errors
/// 400 `invalidFilter` for a query on an attribute that the action takes away; whatever the action refuses.
pub fn request(action: &impl OneWay, request: &mut Request<'_>) -> Result<Verdict, Refused> {
    let selected = Verdict::of(action.selection(request)?);
    let id = request.id.clone();
    let head = request.envelope.head.clone();
    let scene = Scene { head: Some(&head), status: None };
    let facts = Facts { id: id.as_deref(), resource: request.resource.as_ref(), operation: request.operation, scene };
    let body = match &mut request.body {
        Body::Resource(Value::Object(resource)) => Verdict::of(action.resource(resource, facts)?),
        Body::Patch(message) => patch::each(message, |op| operation(action, op, facts))?,
        Body::None | Body::Resource(_) | Body::Search(_) => Verdict::of(false),
    };
    Ok(selected.or(body))
}

/// Acts on a resource that goes to the client.
///
/// # Errors
/// Whatever the action refuses.
pub fn resource(action: &impl OneWay, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<Verdict, Refused> {
    action.resource(resource, facts).map(Verdict::of)
}

/// Refuses a query that asks for what the action takes away. True if one that excludes it was changed.
///
/// # Errors
/// 400 `invalidFilter`.
pub fn guard(action: &impl OneWay, request: &mut Request<'_>) -> Result<bool, Refused> {
    action.selection(request)
}

fn operation<'v>(action: &impl OneWay, mut op: PatchOp<'v>, facts: Facts<'_>) -> Result<Parted<'v>, Refused> {
    if op.path.as_ref().is_some_and(|path| is_hidden(action, path, facts.resource)) {
        return Ok(Parted::into(Vec::new()));
    }
    let rewritten = op.path.as_ref().and_then(|path| action.path(path));
    let path_changed = rewritten.is_some();
    op.path = rewritten.or(op.path);
    if (partial::is_bare(&op) && !action.reaches_bare()) || op.kind == OpKind::Remove {
        return Ok(Parted::one(op, path_changed));
    }
    let Some(mut part) = partial::read(&op) else { return Ok(Parted::one(op, path_changed)) };
    let before = part.clone();
    if !action.part_at(&mut part, op.kind, op.path.as_ref(), facts)? {
        return Ok(Parted::one(op, path_changed));
    }
    let gone =
        if action.clears() && op.kind == OpKind::Replace { partial::gone(&op, &before, &part) } else { Vec::new() };
    let own = partial::close(op, part, &before);
    Ok(Parted::into(own.into_iter().chain(gone).collect()))
}

fn is_hidden(action: &impl OneWay, path: &PatchPath, resource: Option<&Resource>) -> bool {
    let sub = path.sub.clone().or_else(|| path.attr.sub.clone());
    action.hides(&AttrPath { sub, ..path.attr.clone() }, resource)
}

/// A hidden attribute can't be asked for. To exclude it asks for nothing, so that name is taken off the list. True if it
/// was there.
fn keep_hidden(action: &(impl OneWay + ?Sized), request: &mut Request<'_>) -> Result<bool, Refused> {
    let resource = request.resource.as_ref();
    let selection = &mut request.selection;
    if let Some(filter) = &selection.filter {
        for mention in filters::mentions(filter, None) {
            if action.hides(&mention.path, resource) {
                return Err(filters::invalid(format!("`{}` can't be filtered by", mention.path)));
            }
        }
    }
    let asked = selection.sort_by.iter().chain(&selection.attributes);
    if let Some(path) = asked.into_iter().find(|path| action.hides(path, resource)) {
        let detail = format!("`{path}` can't be asked for");
        return Err(ScimError::bad_request(ScimType::InvalidFilter, detail));
    }
    let before = selection.excluded.len();
    selection.excluded.retain(|path| !action.hides(path, resource));
    let changed = selection.excluded.len() < before;
    if changed {
        selection.touch(Param::ExcludedAttributes);
    }
    Ok(changed)
}
