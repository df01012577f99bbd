//! `rename` in `filter`, `sortBy`, `attributes` and `excludedAttributes`.

use crate::rules::filters::{self, Mention, Test};
use crate::rules::message::{Refused, Verdict};
use crate::rules::selection::Selection;
use crate::scim::filter::Edit;
use crate::scim::{AttrName, AttrPath, CompareOp, Filter, Literal, Param, Resource, ScimError, ScimType, schema};

use super::names::{Image, Names};

/// Renames in the parts of a query.
pub(super) fn rename(
    names: &Names,
    resource: Option<&Resource>,
    selection: &mut Selection,
) -> Result<Verdict, Refused> {
    let mut changed = false;
    if let Some(before) = &selection.filter
        && let Some(after) = filter(names, resource, before, None)?
    {
        selection.filter = Some(after);
        selection.touch(Param::Filter);
        changed = true;
    }
    if let Some(before) = &selection.sort_by {
        let after = sayable(names, before)?;
        if after != *before {
            selection.sort_by = Some(after);
            selection.touch(Param::SortBy);
            changed = true;
        }
    }
    changed |= list(names, resource, &mut selection.attributes)? && touched(selection, Param::Attributes);
    changed |= list(names, resource, &mut selection.excluded)? && touched(selection, Param::ExcludedAttributes);
    Ok(Verdict::of(changed))
}

fn touched(selection: &mut Selection, param: Param) -> bool {
    selection.touch(param);
    true
}

fn sayable(names: &Names, path: &AttrPath) -> Result<AttrPath, Refused> {
    match names.image(path) {
        Image::Path(image) => Ok(image),
        Image::Hidden | Image::Unsayable => {
            Err(ScimError::bad_request(ScimType::InvalidValue, format!("`{path}` is not an attribute here")))
        }
    }
}

/// A parent's name stands for the parts that moved out of it too; where something moved in, for its known parts only.
fn list(names: &Names, resource: Option<&Resource>, paths: &mut Vec<AttrPath>) -> Result<bool, Refused> {
    let mut changed = false;
    let mut images: Vec<AttrPath> = Vec::with_capacity(paths.len());
    for path in paths.iter() {
        let all = spread(names, resource, path).ok_or_else(|| {
            ScimError::bad_request(ScimType::InvalidValue, format!("`{path}` can't be asked for as a whole"))
        })?;
        changed |= all.as_slice() != std::slice::from_ref(path);
        for image in all {
            if !images.contains(&image) {
                images.push(image);
            }
        }
    }
    if changed {
        *paths = images;
    }
    Ok(changed)
}

/// Everything that `path` stands for on the other side; nothing if that can't be said.
pub(super) fn spread(names: &Names, resource: Option<&Resource>, path: &AttrPath) -> Option<Vec<AttrPath>> {
    if names.has_moved_in(path) {
        let parts = schema::parts(resource, path)?;
        return parts.iter().map(|part| sayable(names, part).ok()).collect();
    }
    let mut all = vec![sayable(names, path).ok()?];
    all.extend(names.moved_out(path).map(|(_, to)| to.clone()));
    Some(all)
}

/// Renames in a filter; nothing if no name changes. Inside a PATCH path, `within` is its attribute.
pub(super) fn filter(
    names: &Names,
    resource: Option<&Resource>,
    filter: &Filter,
    within: Option<&AttrPath>,
) -> Result<Option<Filter>, Refused> {
    let mut edits = Vec::new();
    for mention in filters::mentions(filter, within) {
        if let Some(edit) = edit(names, resource, filter, &mention)? {
            edits.push(edit);
        }
    }
    filters::splice(filter, edits)
}

fn edit(
    names: &Names,
    resource: Option<&Resource>,
    filter: &Filter,
    mention: &Mention<'_>,
) -> Result<Option<Edit>, Refused> {
    let path = &mention.path;
    let cannot = || filters::invalid(format!("`{path}` can't be filtered by"));
    match mention.test {
        Test::Present if !mention.relative => {
            let all = spread(names, resource, path).ok_or_else(cannot)?;
            if all.as_slice() == std::slice::from_ref(path) {
                return Ok(None);
            }
            let terms: Vec<String> = all.iter().map(|path| format!("{path} pr")).collect();
            let text = if terms.len() == 1 { terms.concat() } else { format!("({})", terms.join(" or ")) };
            Ok(Some(Edit { span: mention.whole.clone(), text }))
        }
        Test::Compare(op, literal) if is_schemas(path) => schemas(names, filter, mention, op, &literal.literal),
        Test::Compare(..) if path.sub.is_none() => name_edit(names, &by_value(names, mention)).ok_or_else(cannot),
        _ => name_edit(names, mention).ok_or_else(cannot),
    }
}

/// A complex attribute is compared by its `value` (RFC 7643 section 2.4): the mention names that, if it is renamed or if
/// another attribute becomes what it would be.
fn by_value<'f>(names: &Names, mention: &Mention<'f>) -> Mention<'f> {
    let value = AttrPath { sub: AttrName::parse("value").ok(), ..mention.path.clone() };
    let path = if names.keeps(&value) { mention.path.clone() } else { value };
    Mention { path, name: mention.name.clone(), whole: mention.whole.clone(), ..*mention }
}

/// The new name alone; nothing inside if it stays; no name at all if it can't be said.
fn name_edit(names: &Names, mention: &Mention<'_>) -> Option<Option<Edit>> {
    let Image::Path(image) = names.image(&mention.path) else { return None };
    if image == mention.path {
        return Some(None);
    }
    if !mention.relative {
        return Some(Some(Edit { span: mention.name.clone(), text: image.to_string() }));
    }
    if !names.stays(&mention.path, &image) {
        return None;
    }
    let last = image.sub?;
    let written = mention.path.sub.as_ref()? != &last;
    Some(written.then(|| Edit { span: mention.name.clone(), text: last.as_str().to_owned() }))
}

fn is_schemas(path: &AttrPath) -> bool {
    path.extension().is_none() && path.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("schemas"))
}

/// `schemas eq URN` asks whether the extension is there; what moved out of it tells that too. Anything else that is asked
/// of `schemas` has no such form where attributes leave or enter an extension.
fn schemas(
    names: &Names,
    filter: &Filter,
    mention: &Mention<'_>,
    op: CompareOp,
    literal: &Literal,
) -> Result<Option<Edit>, Refused> {
    let Literal::String(text) = literal else { return Ok(None) };
    let extension = AttrPath::parse(text).ok().filter(|path| path.name.is_none() && path.extension().is_some());
    let cannot = || filters::invalid("`schemas` can be compared by eq only, and not with every extension");
    let Some(extension) = extension.filter(|_| op == CompareOp::Eq) else {
        return if op == CompareOp::Eq || !names.cross_extensions() { Ok(None) } else { Err(cannot()) };
    };
    if names.has_moved_in(&extension) {
        return Err(cannot());
    }
    let moved: Vec<String> = names.moved_out(&extension).map(|(_, to)| format!("{to} pr")).collect();
    let Some(whole) = filter.text().get(mention.whole.clone()).filter(|_| !moved.is_empty()) else { return Ok(None) };
    Ok(Some(Edit { span: mention.whole.clone(), text: format!("({whole} or {})", moved.join(" or ")) }))
}
