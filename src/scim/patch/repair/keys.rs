//! Keys that are paths, in a value without a path: Entra's way since 2020. Such a value is a part of a resource
//! (RFC 7644 section 3.5.2.1), where `name.givenName` is a member of `name`, and an extension's attribute one of the
//! object under its URN.

use crate::json::{Member, Object, Value};
use crate::scim::attr::{AttrName, AttrPath};
use crate::scim::error::{ScimError, ScimType};
use crate::scim::{Urn, schema, urn};

use super::{Made, PatchOp, Repair, syntax};
use crate::scim::patch::PatchPath;

/// How many members an object may have into which others are put: each is looked up among all.
const MAX_MEMBERS: usize = 256;

/// Puts such members where they belong, the others staying where they are. Gives those that no part of a resource can
/// say, since they are in elements of a multi-valued attribute.
///
/// # Errors
/// 400 `invalidValue` where two members speak of one attribute, `tooMany` for hundreds of members beside a path.
pub(super) fn nest<'v>(part: &mut Object<'v>, made: &mut Made) -> Result<Vec<(PatchPath, Value<'v>)>, ScimError> {
    nest_those(part, &|_| true, made)
}

/// The same in a whole resource, where only a schema of RFC 7643 shows that a key is a path: `custom.name` may be a name.
///
/// # Errors
/// As for a part; 400 `invalidSyntax` for what no resource can say.
pub(super) fn nest_qualified(body: &mut Object<'_>, made: &mut Made) -> Result<(), ScimError> {
    let qualified = |path: &PatchPath| path.attr.urn.as_ref().is_some_and(is_of_the_rfc);
    match nest_those(body, &qualified, made)?.first() {
        None => Ok(()),
        Some((path, _)) => Err(syntax(format!("`{path}` can't be a name in a resource; write out its elements"))),
    }
}

/// A path that is a core schema names nothing but the resource itself: the operation is one without a path.
pub(super) fn unqualified<'v>(op: PatchOp<'v>, made: &mut Made) -> PatchOp<'v> {
    if !op.path.as_ref().is_some_and(is_core) {
        return op;
    }
    made.note(Repair::UrnKeys);
    PatchOp { path: None, ..op }
}

/// An attribute of the enterprise extension after a dot, as Entra's first dialect has it: `urn:..:User.department`.
pub(super) fn qualified<'v>(op: PatchOp<'v>, made: &mut Made) -> PatchOp<'v> {
    let Some(path) = &op.path else { return op };
    let Some(attr) = dotted(&path.attr).filter(|_| path.filter.is_none()) else { return op };
    made.note(Repair::UrnKeys);
    PatchOp { path: Some(PatchPath { attr, ..path.clone() }), ..op }
}

/// What `urn:..:enterprise:2.0` with an attribute `User.department` means.
fn dotted(attr: &AttrPath) -> Option<AttrPath> {
    let (urn, name) = (attr.urn.as_ref()?, attr.name.as_ref()?);
    let whole = format!("{urn}:{name}");
    let urn = Urn::parse(urn::ENTERPRISE).ok().filter(|known| whole.eq_ignore_ascii_case(known.as_str()))?;
    Some(AttrPath { urn: Some(urn), name: Some(attr.sub.clone()?), sub: None })
}

fn nest_those<'v>(
    part: &mut Object<'v>,
    which: &dyn Fn(&PatchPath) -> bool,
    made: &mut Made,
) -> Result<Vec<(PatchPath, Value<'v>)>, ScimError> {
    let paths: Vec<_> = part.iter().map(|member| misplaced(member).filter(which)).collect();
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
        if is_core(&path) {
            let Value::Object(mut inner) = member.value else {
                return Err(syntax(format!("`{path}` is a schema: its value must be an object of its attributes")));
            };
            apart.extend(nest_those(&mut inner, which, made)?);
            inner.members_mut().drain(..).try_for_each(|member| join(&mut nested, member))?;
        } else if is_in_elements(&path) {
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
    let path = PatchPath::parse(&key).ok()?;
    (path.filter.is_some() || is_core(&path) || !is_whole(&path.attr, &member.value)).then_some(path)
}

/// Whether a path is a core schema as a whole, which has no object of its own (RFC 7644 section 3.10).
pub(super) fn is_core(path: &PatchPath) -> bool {
    path.attr.name.is_none() && path.attr.extension().is_none()
}

fn is_of_the_rfc(urn: &Urn) -> bool {
    urn.is_core() || urn.as_str().eq_ignore_ascii_case(urn::ENTERPRISE)
}

/// Whether the key of a member with this path names a whole extension. The end of an unknown URN can't be told for sure;
/// where the value is an object, it is taken for the extension's.
pub(super) fn is_whole(attr: &AttrPath, value: &Value<'_>) -> bool {
    let Some(urn) = &attr.urn else { return false };
    attr.name.is_none() || (!is_of_the_rfc(urn) && value.as_object().is_some())
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
