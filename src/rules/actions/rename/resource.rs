//! `rename` in a resource: in place where only the last name changes, taken out and put in where an attribute moves.

use crate::json::{Object, Text, Value};
use crate::rules::attribute::{self, key, parent};
use crate::rules::message::Refused;
use crate::scim::AttrPath;

use super::hidden;
use super::names::{Image, Names};

/// Renames in a resource, or a part of one. True if anything changed.
pub(super) fn rename(names: &Names, resource: &mut Object<'_>) -> Result<bool, Refused> {
    let mut changed = clear_way(names, resource)?;
    let moved = names.moved.iter();
    let moved: Vec<_> = moved.filter_map(|(from, to)| Some((to, attribute::take(resource, from)?))).collect();
    changed |= !moved.is_empty();
    changed |= in_place(names, resource);
    for (to, value) in moved {
        attribute::put(resource, to, value).map_err(|_| hidden(to))?;
    }
    Ok(changed)
}

/// What already stands where another attribute is to go is refused, or lost if the rule says so.
fn clear_way(names: &Names, resource: &mut Object<'_>) -> Result<bool, Refused> {
    let mut changed = false;
    for taken in &names.hidden {
        let mut held = false;
        let lose = names.lose;
        each_holder(resource, taken, &mut |holder| {
            if holder.contains(key(taken)) {
                held = true;
                if lose {
                    holder.remove(key(taken));
                }
            }
        });
        if held && !lose {
            return Err(hidden(taken));
        }
        changed |= held;
    }
    Ok(changed)
}

/// Calls `f` with every object in which the last name of `path` can stand: the resource or its extension, or each
/// element or part of the attribute above.
fn each_holder<'v>(resource: &mut Object<'v>, path: &AttrPath, f: &mut dyn FnMut(&mut Object<'v>)) {
    let Some(above) = parent(path) else {
        match path.extension().filter(|_| path.name.is_some()) {
            None => f(resource),
            Some(urn) => {
                if let Some(Value::Object(extension)) = resource.get_mut(urn.as_str()) {
                    f(extension);
                }
            }
        }
        return;
    };
    each_holder(resource, &above, &mut |holder| match holder.get_mut(key(&above)) {
        Some(Value::Object(complex)) => f(complex),
        Some(Value::Array(elements)) => elements.iter_mut().filter_map(Value::as_object_mut).for_each(&mut *f),
        _ => {}
    });
}

/// Changes last names, each object's all at once.
fn in_place(names: &Names, resource: &mut Object<'_>) -> bool {
    let mut changed = false;
    for pairs in &names.in_place {
        if let Some((from, _)) = pairs.first() {
            each_holder(resource, from, &mut |holder| changed |= rename_keys(holder, pairs));
        }
    }
    changed
}

fn rename_keys(holder: &mut Object<'_>, pairs: &[(AttrPath, AttrPath)]) -> bool {
    let found: Vec<_> = pairs.iter().filter_map(|(from, to)| Some((holder.position(key(from))?, key(to)))).collect();
    for (index, name) in &found {
        if let Some(member) = holder.members_mut().get_mut(*index) {
            member.key = Text::new(name);
        }
    }
    !found.is_empty()
}

/// What `path` becomes in a place where it must be sayable.
pub(super) fn image(names: &Names, path: &AttrPath) -> Result<AttrPath, Refused> {
    match names.image(path) {
        Image::Path(image) => Ok(image),
        Image::Hidden | Image::Unsayable => Err(hidden(path)),
    }
}
