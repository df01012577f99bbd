//! `null` in a value without a path. RFC 7643 section 2.5 lets a client unassign an attribute so, but few servers read it
//! that way in a PATCH: some store the null, some refuse it, some pass over it.

use crate::json::{Member, Object, Value};
use crate::scim::attr::AttrName;
use crate::scim::error::ScimError;

use super::keys::{is_core, is_whole};
use super::{MAX_GAINED, Made, Repair, too_many};
use crate::scim::patch::PatchPath;

/// Takes every null attribute out, with the complex ones that this empties, and gives their paths. A null within an
/// element of an array stays: the element is replaced as a whole.
///
/// # Errors
/// 400 `tooMany`.
pub(super) fn take(part: &mut Object<'_>, made: &mut Made) -> Result<Vec<PatchPath>, ScimError> {
    let mut paths = Vec::new();
    if let Some(stripped) = strip(part, None, &mut paths) {
        *part = stripped;
        made.note(Repair::NullInPatch);
    }
    if paths.len() > MAX_GAINED { Err(too_many()) } else { Ok(paths) }
}

/// The object without its nulls; nothing if it has none. `above` is the path of the object, and what joins a name to it.
fn strip<'v>(object: &Object<'v>, above: Option<(&str, char)>, paths: &mut Vec<PatchPath>) -> Option<Object<'v>> {
    let before = paths.len();
    let mut kept = Object::new();
    for member in object.iter() {
        let Some(stripped) = strip_member(member, above, paths) else {
            kept.members_mut().push(member.clone());
            continue;
        };
        if !stripped.is_empty() {
            kept.members_mut().push(Member { key: member.key.clone(), value: Value::Object(stripped) });
        }
    }
    (paths.len() > before).then_some(kept)
}

/// What is left of a member; nothing if it is untouched.
fn strip_member<'v>(
    member: &Member<'v>,
    above: Option<(&str, char)>,
    paths: &mut Vec<PatchPath>,
) -> Option<Object<'v>> {
    if paths.len() > MAX_GAINED || !matches!(member.value, Value::Null | Value::Object(_)) {
        return None;
    }
    let key = member.key.decoded();
    let text = match above {
        None => key.into_owned(),
        Some((above, joint)) => format!("{above}{joint}{}", AttrName::parse(&key).ok()?),
    };
    let path = PatchPath::parse(&text).ok().filter(|path| !is_core(path) || !member.value.is_null())?;
    let Value::Object(inner) = &member.value else {
        paths.push(path);
        return Some(Object::new());
    };
    if path.filter.is_some() || path.attr.sub.is_some() {
        return None;
    }
    let joint = if is_whole(&path.attr, &member.value) { ':' } else { '.' };
    strip(inner, Some((&text, joint)), paths)
}
