//! A PATCH that chooses elements by a filter in its path, before a backend that can't: the resource is read, and the lists
//! in question are sent whole, as they are to be (RFC 7644 section 3.5.2). What it asks beside them is sent as it is.
//!
//! Costs a GET; what changes nothing costs the GET alone. Whoever calls it lets one write of a resource go at a time. Can
//! lose what a writer elsewhere does to the same list between the two, where the backend has no ETags.
//!
//! Members of groups are not its business: `members` knows in which ways a backend changes them.

use crate::json::{Object, Value};
use crate::scim::{AttrPath, OpKind, PatchOp, PatchPath, Resource, ScimError, patch};

use super::chunk::{self, Patches};
use super::filter_eval::covers;
use super::members;

/// Whether an operation chooses elements of a list.
pub(super) fn chooses(op: &PatchOp<'_>) -> bool {
    op.path.as_ref().is_some_and(|path| path.filter.is_some()) && !members::is_of_members(op)
}

/// The operations that do the same without choosing: those on other attributes, and what becomes of each list.
///
/// # Errors
/// 400 for what [`patch::apply`] refuses.
pub(super) fn operations<'v>(
    message: &Value<'v>,
    before: &Object<'v>,
    resource: &Resource,
    _server: Patches,
) -> Result<Vec<PatchOp<'v>>, ScimError> {
    let after = patch::apply(message, before, resource)?;
    let ops = chunk::read(message).unwrap_or_default();
    let mut lists: Vec<AttrPath> = Vec::new();
    for path in ops.iter().filter(|op| chooses(op)).filter_map(|op| op.path.as_ref()) {
        if !lists.contains(&path.attr) {
            lists.push(path.attr.clone());
        }
    }
    let is_beside =
        |op: &PatchOp<'_>| op.path.as_ref().is_none_or(|path| !lists.iter().any(|list| covers(list, &path.attr)));
    let mut ops: Vec<PatchOp<'v>> = ops.into_iter().filter(is_beside).collect();
    for attr in lists {
        let (held, wanted) = (at(before, &attr), at(&after, &attr));
        if held == wanted {
            continue;
        }
        let is_left = wanted.as_ref().is_some_and(|value| value.as_array().is_none_or(|list| !list.is_empty()));
        let (kind, value) = if is_left { (OpKind::Replace, wanted) } else { (OpKind::Remove, None) };
        ops.push(PatchOp { kind, path: Some(PatchPath { attr, filter: None, sub: None }), value });
    }
    Ok(ops)
}

/// The value of an attribute.
fn at<'v>(resource: &Object<'v>, path: &AttrPath) -> Option<Value<'v>> {
    let name = path.name.as_ref()?.as_str();
    match path.extension() {
        Some(urn) => resource.get(&urn.to_string())?.as_object()?.get(name).cloned(),
        None => resource.get(name).cloned(),
    }
}
