//! A PATCH applied to a resource (RFC 7644 sections 3.5.2.1 to 3.5.2.3): what a server that has PATCH makes of it.
//!
//! A pure function over standard SCIM. Operations are applied in order, all or none; what no schema knows is kept, and
//! changed by the same rules, with what the resource holds as the only schema. Where the RFC is silent:
//!
//! - a value filter without a match is `noTarget`, but nothing to do where something is to be removed, and a `remove` of
//!   what isn't there succeeds: a repeat does no harm;
//! - two values are the same if their `value` and `type` are (RFC 7643 section 2.4), two members if their `value` is;
//!   to `add` such a value changes the held one where it says something new, a member never;
//! - `replace` of a complex attribute replaces the parts that it names; of one element, the whole element;
//! - a read-only attribute may be sent if it says what is held already: Okta names the `id` beside the new name. Read-only
//!   parts of a complex value are left out, as in a PUT (RFC 7644 section 3.5.1);
//! - what is left empty goes, and `null` is nothing (RFC 7643 section 2.5). Of a write-only attribute nobody can tell
//!   whether it is there: removed, it is `null`.

mod elements;
mod primary;
mod same;
mod shape;
mod whole;

use crate::json::{Object, Value};
use crate::scim::attr::{AttrName, AttrPath};
use crate::scim::error::{ScimError, ScimType};
use crate::scim::filter;
use crate::scim::resource::Resource;
use crate::scim::schema::{self, Attribute, Kind, Mutability};
use crate::scim::urn::Urn;

use super::{OpKind, PatchOp, PatchPath, invalid_path, syntax};

/// The resource as the operations of `message` leave it.
///
/// # Errors
/// 400: `invalidSyntax` for what is no PATCH message, `invalidPath` for a path that doesn't fit the schema,
/// `invalidValue` for a value that doesn't fit its attribute or makes two values primary, `noTarget` for a `remove`
/// without a path and a filter that finds nothing to change, `mutability` for an attribute that a client may not change
/// so, or that can't be missed.
pub fn apply<'v>(message: &Value<'v>, resource: &Object<'v>, kind: &Resource) -> Result<Object<'v>, ScimError> {
    let operations = message.as_object().and_then(|body| body.get("Operations")).and_then(Value::as_array);
    let Some(operations) = operations else { return Err(syntax("a PATCH needs `Operations`")) };
    let mut patched = resource.clone();
    for written in operations.iter() {
        operation(PatchOp::read(written)?, &mut patched, kind)?;
    }
    Ok(patched)
}

fn operation<'v>(op: PatchOp<'v>, resource: &mut Object<'v>, kind: &Resource) -> Result<(), ScimError> {
    match (op.path, op.value) {
        (None, _) if op.kind == OpKind::Remove => {
            Err(ScimError::bad_request(ScimType::NoTarget, "a `remove` needs a `path` that says what goes"))
        }
        (None, Some(Value::Object(part))) => each(op.kind, None, &part, resource, kind),
        (None, _) => Err(invalid_value(format!("`{}` without a `path` needs an object", op.kind.as_str()))),
        (Some(path), value) => at(op.kind, &path, value, resource, kind),
    }
}

/// Every member of `part` as an attribute of the resource, or of the schema `within`.
fn each<'v>(
    op: OpKind,
    within: Option<&AttrPath>,
    part: &Object<'v>,
    resource: &mut Object<'v>,
    kind: &Resource,
) -> Result<(), ScimError> {
    for member in part.iter() {
        let key = member.key.decoded();
        let fault = |fault| invalid_path(format!("`{key}` is no attribute: {fault}"));
        let mut path = PatchPath::parse(&key).map_err(fault)?;
        if let (Some(schema), None) = (within, &path.attr.urn) {
            path.attr.urn.clone_from(&schema.urn);
        }
        at(op, &path, Some(member.value.clone()), resource, kind)?;
    }
    Ok(())
}

fn at<'v>(
    op: OpKind,
    path: &PatchPath,
    value: Option<Value<'v>>,
    resource: &mut Object<'v>,
    kind: &Resource,
) -> Result<(), ScimError> {
    // No value is an unassigned attribute (RFC 7643 section 2.5).
    let (op, value) = match (op, value) {
        (OpKind::Add, Some(Value::Null)) => return Ok(()),
        (OpKind::Replace, Some(Value::Null)) | (OpKind::Remove, _) => (OpKind::Remove, None),
        (_, None) => return Err(invalid_value(format!("`{}` of `{path}` needs a `value`", op.as_str()))),
        (op, value) => (op, value),
    };
    let Some(name) = &path.attr.name else { return schema_as_a_whole(op, path, value, resource, kind) };
    let place = Place::find(path, name, kind)?;
    if !place.may_change(op, value.as_ref(), resource)? {
        return Ok(());
    }
    let Some(urn) = path.attr.extension() else { return place.change(op, value, resource) };
    if value.is_some() && !resource.contains(urn.as_str()) {
        resource.set(urn.as_str(), Value::Object(Object::new()));
    }
    let Some(Value::Object(extension)) = resource.get_mut(urn.as_str()) else { return Ok(()) };
    place.change(op, value, extension)?;
    if extension.is_empty() {
        resource.remove(urn.as_str());
    } else {
        list_schema(urn, resource);
    }
    Ok(())
}

/// An operation on all attributes of a schema at once: `"path": "urn:..:enterprise:2.0:User"`.
fn schema_as_a_whole<'v>(
    op: OpKind,
    path: &PatchPath,
    value: Option<Value<'v>>,
    resource: &mut Object<'v>,
    kind: &Resource,
) -> Result<(), ScimError> {
    match (value, path.attr.extension()) {
        (Some(Value::Object(part)), _) => each(op, Some(&path.attr), &part, resource, kind),
        (Some(_), _) => Err(invalid_value(format!("`{path}` is a schema: its value is an object of attributes"))),
        (None, Some(urn)) => {
            resource.remove(urn.as_str());
            Ok(())
        }
        (None, None) => Err(immutable(path, "holds what every resource of its type must have")),
    }
}

/// A resource that lists the schemas that it uses lists this one, too (RFC 7643 section 3).
pub fn list_schema(urn: &Urn, resource: &mut Object<'_>) {
    let is_it = |one: &Value<'_>| one.as_str().is_some_and(|one| one.eq_ignore_ascii_case(urn.as_str()));
    let listed = resource.get("schemas").and_then(Value::as_array);
    if listed.is_some_and(|listed| !listed.iter().any(is_it))
        && let Some(Value::Array(schemas)) = resource.get_mut("schemas")
    {
        schemas.push(Value::string(urn.as_str()));
    }
}

/// Where an operation acts, and what the schemas say of it.
struct Place<'p> {
    path: &'p PatchPath,
    /// The attribute, as the schema spells it if there is one.
    name: &'p str,
    attribute: Option<&'static Attribute>,
    sub: Option<&'p AttrName>,
    part: Option<&'static Attribute>,
}

impl<'p> Place<'p> {
    /// The place of a path; `invalidPath` where the schema has none.
    fn find(path: &'p PatchPath, name: &'p AttrName, kind: &Resource) -> Result<Self, ScimError> {
        let sub = path.sub.as_ref().or(path.attr.sub.as_ref());
        let attribute = schema::find(Some(kind), &AttrPath { sub: None, ..path.attr.clone() });
        let part =
            sub.and_then(|sub| schema::find(Some(kind), &AttrPath { sub: Some(sub.clone()), ..path.attr.clone() }));
        match attribute {
            Some(known) if sub.is_some() && known.kind != Kind::Complex => {
                Err(invalid_path(format!("`{path}`: `{}` has no sub-attributes", known.name)))
            }
            Some(known) if path.filter.is_some() && !known.is_multi_valued => {
                Err(invalid_path(format!("`{path}`: `{}` has one value, of which a filter can't choose", known.name)))
            }
            _ => Ok(Self { path, name: attribute.map_or(name.as_str(), |known| known.name), attribute, sub, part }),
        }
    }

    /// Whether there is anything to do; `mutability` for what a client may not change so.
    fn may_change(&self, op: OpKind, value: Option<&Value<'_>>, resource: &Object<'_>) -> Result<bool, ScimError> {
        let is_whole = self.sub.is_none() && self.path.filter.is_none();
        if op == OpKind::Remove && is_whole && self.attribute.is_some_and(|known| known.is_required) {
            return Err(immutable(self.path, "can't be missed"));
        }
        if ![self.attribute, self.part].into_iter().flatten().any(|known| known.mutability == Mutability::ReadOnly) {
            return Ok(true);
        }
        let held = self.held(resource).filter(|held| filter::is_present(held));
        let asked = value.filter(|value| filter::is_present(value));
        if held == asked && self.path.filter.is_none() { Ok(false) } else { Err(immutable(self.path, "is read-only")) }
    }

    /// What stands there; nothing where several may.
    fn held<'r, 'v>(&self, resource: &'r Object<'v>) -> Option<&'r Value<'v>> {
        let holder = match self.path.attr.extension() {
            None => resource,
            Some(urn) => resource.get(urn.as_str())?.as_object()?,
        };
        let value = holder.get(self.name)?;
        match self.sub {
            None => Some(value),
            Some(sub) => value.as_object()?.get(sub.as_str()),
        }
    }

    /// Whether the attribute has several values.
    fn is_many(&self, holder: &Object<'_>) -> bool {
        let held = || holder.get(self.name).is_some_and(|held| held.as_array().is_some());
        self.attribute.map_or_else(held, |known| known.is_multi_valued)
    }

    fn change<'v>(&self, op: OpKind, value: Option<Value<'v>>, holder: &mut Object<'v>) -> Result<(), ScimError> {
        match (&self.path.filter, self.sub) {
            (None, None) => whole::change(self, value.map(|value| (op, value)), holder),
            (None, Some(sub)) if !self.is_many(holder) => self.change_part(sub, value, holder),
            (filter, _) => elements::change(self, filter.as_ref(), value.map(|value| (op, value)), holder),
        }
    }

    /// `name.givenName`
    fn change_part<'v>(
        &self,
        sub: &AttrName,
        value: Option<Value<'v>>,
        holder: &mut Object<'v>,
    ) -> Result<(), ScimError> {
        if value.is_some() && !matches!(holder.get(self.name), Some(Value::Object(_))) {
            holder.set(self.name, Value::Object(Object::new()));
        }
        let Some(Value::Object(complex)) = holder.get_mut(self.name) else { return Ok(()) };
        shape::set_part(complex, self, sub, value)?;
        if complex.is_empty() {
            holder.remove(self.name);
        }
        Ok(())
    }
}

fn invalid_value(detail: String) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

fn immutable(path: &PatchPath, why: &str) -> ScimError {
    ScimError::bad_request(ScimType::Mutability, format!("`{path}` {why}"))
}

#[cfg(test)]
mod tests;
