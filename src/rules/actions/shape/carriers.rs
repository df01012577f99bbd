//! Where the protocol carries the attribute: bodies, PATCH operations, filter, `sortBy`, `attributes`.

use crate::json::{Object, Value};
use crate::rules::attribute::{self, Relation, relation};
use crate::rules::filters;
use crate::rules::message::{Body, Refused, Request, Verdict};
use crate::rules::partial;
use crate::rules::patch::{self, Parted};
use crate::rules::selection::Selection;
use crate::scim::filter::{Edit, Expr, ExprKind};
use crate::scim::{AttrPath, Filter, OpKind, Param, PatchOp, ScimError, ScimType};

use super::form::{self, Form, Term};

/// Gives the attribute its form in every carrier of a request.
pub(super) fn request(form: &dyn Form, request: &mut Request<'_>) -> Result<Verdict, Refused> {
    let selected = selection(form, &mut request.selection)?;
    let body = match &mut request.body {
        Body::Resource(Value::Object(body)) => Verdict::of(in_holder(form.at(), body, |holder| form.there(holder))?),
        Body::Patch(message) => patch::each(message, |op| operation(form, op))?,
        Body::None | Body::Resource(_) | Body::Search(_) => Verdict::of(false),
    };
    Ok(selected.or(body))
}

/// Calls `f` with the object in which the attribute's name stands. What `f` doesn't change keeps its bytes.
pub(super) fn in_holder<'v>(
    at: &AttrPath,
    resource: &mut Object<'v>,
    f: impl FnOnce(&mut Object<'v>) -> Result<bool, Refused>,
) -> Result<bool, Refused> {
    let Some(urn) = at.extension() else { return f(resource) };
    let Some(Value::Object(extension)) = resource.get(urn.as_str()) else { return Ok(false) };
    let mut extension = extension.clone();
    let changed = f(&mut extension)?;
    if changed {
        resource.set(urn.as_str(), Value::Object(extension));
    }
    Ok(changed)
}

fn operation<'v>(form: &dyn Form, op: PatchOp<'v>) -> Result<Parted<'v>, Refused> {
    let Some(path) = op.path.clone() else { return among(form, op) };
    let changed = match relation(&path.attr, form.at()) {
        Relation::Apart if form.hides(&path.attr) => return Err(form::hidden(&path.attr)),
        Relation::Apart => None,
        Relation::Above if op.kind == OpKind::Remove => None,
        Relation::Above => return among(form, op),
        Relation::Same if path.filter.is_none() => whole(form, op.kind, op.value.as_ref())?,
        Relation::Same | Relation::Below(_) => form.part(&op, &path)?,
    };
    Ok(changed.map_or_else(|| Parted::one(op, false), Parted::into))
}

/// An operation on the whole attribute; nothing if it stays.
fn whole<'v>(form: &dyn Form, kind: OpKind, value: Option<&Value<'v>>) -> Result<Option<Vec<PatchOp<'v>>>, Refused> {
    match (kind, value) {
        (OpKind::Remove, None | Some(Value::Null)) | (OpKind::Replace, Some(Value::Null)) => Ok(removed(form)),
        (OpKind::Remove, Some(_)) => Err(form::needs_resource(form.at())),
        (OpKind::Add, Some(Value::Null)) => Ok(Some(Vec::new())),
        (_, Some(value)) => form.change(kind, value),
        (_, None) => Err(form::outside(form.at(), "given a `value`")),
    }
}

fn removed<'v>(form: &dyn Form) -> Option<Vec<PatchOp<'v>>> {
    let parts = form.parts();
    let stays = parts.as_slice() == std::slice::from_ref(form.at());
    (!stays).then(|| parts.into_iter().map(|part| form::op(OpKind::Remove, part, None)).collect())
}

/// An operation that names the attribute in its value: what can't be said there becomes operations of its own after it.
fn among<'v>(form: &dyn Form, op: PatchOp<'v>) -> Result<Parted<'v>, Refused> {
    let Some(mut part) = partial::read(&op) else { return Ok(Parted::one(op, false)) };
    let names = part.iter().filter_map(|member| AttrPath::parse(&member.key.decoded()).ok());
    if let Some(path) = names.into_iter().find(|path| form.hides(path)) {
        return Err(form::hidden(&path));
    }
    let value = attribute::find(&part, form.at()).cloned();
    let changed = match &value {
        Some(value) => whole(form, op.kind, Some(value))?,
        None => None,
    };
    let Some(ops) = changed else { return Ok(Parted::one(op, false)) };
    let before = part.clone();
    let mut after = ops;
    match after.as_mut_slice() {
        [only] if only.kind == op.kind && only.path.as_ref().is_some_and(|path| path.attr == *form.at()) => {
            let value = only.value.take().unwrap_or(Value::Null);
            attribute::put(&mut part, form.at(), value).map_err(|_| form::hidden(form.at()))?;
            after.clear();
        }
        _ => drop(attribute::take(&mut part, form.at())),
    }
    let own = partial::close(op, part, &before);
    Ok(Parted::into(own.into_iter().chain(after).collect()))
}

fn selection(form: &dyn Form, selection: &mut Selection) -> Result<Verdict, Refused> {
    let mut changed = false;
    if let Some(before) = &selection.filter
        && let Some(after) = filter(form, before)?
    {
        selection.filter = Some(after);
        selection.touch(Param::Filter);
        changed = true;
    }
    if let Some(path) = &selection.sort_by {
        let is_here = matches!(relation(path, form.at()), Relation::Same | Relation::Below(_));
        if form.hides(path) || (is_here && !form.sorts(path)) {
            let detail = format!("resources can't be sorted by `{path}` here");
            return Err(ScimError::bad_request(ScimType::InvalidFilter, detail));
        }
    }
    if let Some(paths) = list(form, &selection.attributes, false)? {
        selection.attributes = paths;
        selection.touch(Param::Attributes);
        changed = true;
    }
    if let Some(paths) = list(form, &selection.excluded, true)? {
        selection.excluded = paths;
        selection.touch(Param::ExcludedAttributes);
        changed = true;
    }
    Ok(Verdict::of(changed))
}

/// The list as it is said on the right; nothing if it stays.
fn list(form: &dyn Form, paths: &[AttrPath], excludes: bool) -> Result<Option<Vec<AttrPath>>, Refused> {
    let mut images: Vec<AttrPath> = Vec::with_capacity(paths.len());
    for path in paths {
        let image = match relation(path, form.at()) {
            Relation::Same => Some(form.parts()),
            Relation::Below(sub) if excludes => form.excluded(&sub),
            Relation::Below(sub) => form.asked(&sub),
            Relation::Apart if form.hides(path) => None,
            Relation::Apart | Relation::Above => Some(vec![path.clone()]),
        };
        let image = image.ok_or_else(|| {
            ScimError::bad_request(ScimType::InvalidValue, format!("`{path}` can't be asked for by itself here"))
        })?;
        for path in image {
            if !images.contains(&path) {
                images.push(path);
            }
        }
    }
    Ok((images.as_slice() != paths).then_some(images))
}

/// The filter as it is said on the right; nothing if it stays.
fn filter(form: &dyn Form, filter: &Filter) -> Result<Option<Filter>, Refused> {
    let mut terms = Vec::new();
    collect(filter.root(), &mut terms);
    let mut edits = Vec::new();
    for (path, expr) in terms {
        match relation(path, form.at()) {
            Relation::Same | Relation::Below(_) => {
                if let Some(text) = form.term(Term { expr, text: filter.text() })? {
                    edits.push(Edit { span: expr.span.clone(), text });
                }
            }
            Relation::Apart if form.hides(path) => return Err(form::cannot(path)),
            Relation::Apart | Relation::Above => {}
        }
    }
    filters::splice(filter, edits)
}

/// Every term that tests an attribute, with its path.
fn collect<'f>(expr: &'f Expr, found: &mut Vec<(&'f AttrPath, &'f Expr)>) {
    match &expr.kind {
        ExprKind::And(terms) | ExprKind::Or(terms) => terms.iter().for_each(|term| collect(term, found)),
        ExprKind::Not(inner) => collect(inner, found),
        ExprKind::Present(path) | ExprKind::Compare { path, .. } | ExprKind::Element { path, .. } => {
            found.push((&path.path, expr));
        }
    }
}
