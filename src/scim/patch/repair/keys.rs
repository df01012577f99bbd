//! Keys that are paths, in a value without a path: Entra's way since 2020. Such a value is a part of a resource
//! (RFC 7644 section 3.5.2.1), where `name.givenName` is a member of `name`, and an extension's attribute one of the
//! object under its URN.

use crate::json::{Member, Object, Value};
use crate::scim::attr::{AttrName, AttrPath};
use crate::scim::error::{ScimError, ScimType};
use crate::scim::{schema, urn};

use super::{Made, Repair};
use crate::scim::patch::PatchPath;

/// How many members an object may have into which others are put: each is looked up among all.
const MAX_MEMBERS: usize = 256;

/// Puts such members where they belong, the others staying where they are. Gives those that no part of a resource can
/// say, since they are in elements of a multi-valued attribute.
///
/// # Errors
/// 400 `invalidValue` where two members speak of one attribute, `tooMany` for hundreds of members beside a path.
pub(super) fn nest<'v>(part: &mut Object<'v>, made: &mut Made) -> Result<Vec<(PatchPath, Value<'v>)>, ScimError> {
    let paths: Vec<_> = part.iter().map(misplaced).collect();
    if paths.iter().all(Option::is_none) {
        return Ok(Vec::new());
    }
    check_size(paths.len())?;
    let mut apart = Vec::new();
    let mut nested = Object::new();
    for (member, path) in part.members_mut().drain(..).zip(paths) {
        let Some(path) = path else {
            join(&mut nested, member)?;
            continue;
        };
        made.note(if path.attr.urn.is_some() { Repair::UrnKeys } else { Repair::DottedKeys });
        if is_in_elements(&path) {
            apart.push((path, member.value));
        } else {
            join(&mut nested, wrapped(&path.attr, member.value))?;
        }
    }
    *part = nested;
    Ok(apart)
}

/// The path that a key is, where it is more than the name of an attribute or of an extension.
fn misplaced(member: &Member<'_>) -> Option<PatchPath> {
    let key = member.key.decoded();
    if !key.contains(['.', ':', '[']) {
        return None;
    }
    PatchPath::parse(&key).ok().filter(|path| path.filter.is_some() || !is_whole(&path.attr, &member.value))
}

/// Whether the key of a member with this path names a whole extension. The end of an unknown URN can't be told for sure;
/// where the value is an object, it is taken for the extension's.
pub(super) fn is_whole(attr: &AttrPath, value: &Value<'_>) -> bool {
    let Some(urn) = &attr.urn else { return false };
    let is_known = urn.is_core() || urn.as_str().eq_ignore_ascii_case(urn::ENTERPRISE);
    attr.name.is_none() || (!is_known && value.as_object().is_some())
}

fn is_in_elements(path: &PatchPath) -> bool {
    let attribute = AttrPath { sub: None, ..path.attr.clone() };
    path.filter.is_some() || (path.attr.sub.is_some() && schema::is_multi_valued(&attribute))
}

/// The member of a resource that holds the value at `attr`.
fn wrapped<'v>(attr: &AttrPath, value: Value<'v>) -> Member<'v> {
    let around = |name: &str, value: Value<'v>| {
        let mut object = Object::new();
        object.set(name, value);
        Value::Object(object)
    };
    let value = match &attr.sub {
        Some(sub) => around(sub.as_str(), value),
        None => value,
    };
    let name = attr.name.as_ref().map_or("", AttrName::as_str);
    match attr.extension() {
        Some(urn) => member(urn.as_str(), around(name, value)),
        None => member(name, value),
    }
}

fn member<'v>(name: &str, value: Value<'v>) -> Member<'v> {
    Member { key: crate::json::Text::new(name), value }
}

fn check_size(members: usize) -> Result<(), ScimError> {
    if members <= MAX_MEMBERS {
        return Ok(());
    }
    let detail = format!("an object with keys that are paths has more than {MAX_MEMBERS} members; nest them");
    Err(ScimError::bad_request(ScimType::TooMany, detail))
}

/// Adds a member; one that is a complex attribute or an extension joins what is there of it.
fn join<'v>(object: &mut Object<'v>, new: Member<'v>) -> Result<(), ScimError> {
    let name = new.key.decoded().into_owned();
    match (object.get_mut(&name), new.value) {
        (None, value) => {
            object.members_mut().push(Member { value, ..new });
            Ok(())
        }
        (Some(Value::Object(held)), Value::Object(mut more)) => {
            check_size(held.len() + more.len())?;
            more.members_mut().drain(..).try_for_each(|member| join(held, member))
        }
        (Some(_), _) => {
            let detail = format!("the value of a PATCH operation names `{name}` twice");
            Err(ScimError::bad_request(ScimType::InvalidValue, detail))
        }
    }
}
