//! `rename` in one PATCH operation: its path, its value filter and the part of a resource in its value; parted where a
//! move parts it.
//!
//! `replace` of a complex attribute without a filter changes only the parts it names (RFC 7644 section 3.5.2.3).

use crate::json::{Object, Value};
use crate::rules::attribute::{self, parent};
use crate::rules::message::Refused;
use crate::rules::partial;
use crate::rules::patch::Parted;
use crate::scim::{AttrPath, OpKind, PatchOp, PatchPath, Resource, ScimError};

use super::names::Names;
use super::{query, resource};

/// Renames in an operation.
pub(super) fn rename<'v>(names: &Names, kind: Option<&Resource>, op: PatchOp<'v>) -> Result<Parted<'v>, Refused> {
    let Some(path) = op.path.clone() else { return pathless(names, op) };
    if path.filter.is_some() {
        return elements(names, kind, op, &path);
    }
    if op.kind == OpKind::Remove {
        return remove(names, kind, op, &path.attr);
    }
    let image = resource::image(names, &path.attr)?;
    let Some(mut part) = partial::read(&op) else {
        let changed = image != path.attr;
        return Ok(Parted::one(PatchOp { path: Some(plain(image)), ..op }, changed));
    };
    must_say_what_it_empties(names, op.kind, &part)?;
    let renamed = resource::rename(names, &mut part)?;
    if !renamed && image == path.attr {
        return Ok(Parted::one(op, false));
    }
    let mut ops = Vec::new();
    let own = plain(image);
    if let Some(value) = partial::take(&mut part, &own) {
        ops.push(PatchOp { kind: op.kind, path: Some(own), value: Some(value) });
    }
    for (_, to) in names.moved_out(&path.attr) {
        if let Some(value) = attribute::take(&mut part, to) {
            ops.push(PatchOp { kind: op.kind, path: Some(plain(to.clone())), value: Some(value) });
        }
    }
    Ok(Parted::into(ops))
}

fn plain(attr: AttrPath) -> PatchPath {
    PatchPath { attr, filter: None, sub: None }
}

fn pathless<'v>(names: &Names, op: PatchOp<'v>) -> Result<Parted<'v>, Refused> {
    let Some(mut part) = partial::read(&op) else { return Ok(Parted::one(op, false)) };
    must_say_what_it_empties(names, op.kind, &part)?;
    if !resource::rename(names, &mut part)? {
        return Ok(Parted::one(op, false));
    }
    Ok(Parted::one(PatchOp { value: Some(Value::Object(part)), ..op }, true))
}

/// `{"manager": {}}` empties the manager on some servers and not on others; what has moved out of it would not follow.
fn must_say_what_it_empties(names: &Names, kind: OpKind, part: &Object<'_>) -> Result<(), Refused> {
    let above = |from: &AttrPath| {
        parent(from).or_else(|| Some(AttrPath { urn: Some(from.extension()?.clone()), name: None, sub: None }))
    };
    let is_empty =
        |path: &AttrPath| attribute::find(part, path).and_then(Value::as_object).is_some_and(Object::is_empty);
    let left = names.pairs.iter().filter(|(from, to)| !names.stays(from, to));
    match left.filter_map(|(from, _)| above(from)).find(is_empty) {
        Some(path) if kind == OpKind::Replace => Err(needs_resource(&path)),
        _ => Ok(()),
    }
}

/// A `remove` reaches what moved out and spares what moved in.
fn remove<'v>(names: &Names, kind: Option<&Resource>, op: PatchOp<'v>, path: &AttrPath) -> Result<Parted<'v>, Refused> {
    let all = query::spread(names, kind, path).ok_or_else(|| needs_resource(path))?;
    if all.as_slice() == std::slice::from_ref(path) {
        return Ok(Parted::one(op, false));
    }
    let remove = |attr| PatchOp { kind: OpKind::Remove, path: Some(plain(attr)), value: op.value.clone() };
    Ok(Parted::into(all.into_iter().map(remove).collect()))
}

/// An operation on the elements that match: the elements keep their parts, so all happens in place.
fn elements<'v>(
    names: &Names,
    kind: Option<&Resource>,
    op: PatchOp<'v>,
    path: &PatchPath,
) -> Result<Parted<'v>, Refused> {
    let attr = resource::image(names, &path.attr)?;
    let filter = match &path.filter {
        Some(filter) => query::filter(names, kind, filter, Some(&path.attr)).map_err(|_| needs_resource(&path.attr))?,
        None => None,
    };
    let whole = AttrPath { sub: path.sub.clone(), ..path.attr.clone() };
    let sub = resource::image(names, &whole)?.sub;
    if names.moved_out(&path.attr).next().is_some() || (path.sub.is_some() && sub.is_none()) {
        return Err(needs_resource(&path.attr));
    }
    let mut changed = attr != path.attr || filter.is_some() || sub != path.sub;
    let own = PatchPath { attr, filter: filter.or_else(|| path.filter.clone()), sub };
    let value = match partial::read(&op) {
        None => op.value.clone(),
        Some(mut part) => {
            changed |= resource::rename(names, &mut part)?;
            partial::take(&mut part, &own)
        }
    };
    Ok(Parted::one(PatchOp { kind: op.kind, path: Some(own), value }, changed))
}

/// What can only be translated by someone who has read the resource.
fn needs_resource(path: &AttrPath) -> Refused {
    let detail = format!("`{path}` can't be patched like this here; name its sub-attributes one by one");
    ScimError::needs_resource(detail)
}
