//! A PATCH applied to a resource, as RFC 7644 section 3.5.2 says: the measure that law 3 holds a translation against.
//!
//! Where the RFC is silent: a value filter without a match is `noTarget` unless something is removed, and what is left
//! empty goes. Servers differ in what a `replace` of a complex attribute leaves ([`Replacing`]).

use crate::json::{Array, Member, Object, Text, Value};
use crate::scim::{AttrName, AttrPath, OpKind, PatchOp, PatchPath, ScimType, filter};

/// What a `replace` of a complex attribute does.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Replacing {
    /// Replaces the parts that it names (RFC 7644 section 3.5.2.3).
    Parts,
    /// Replaces the whole.
    Whole,
}

/// A server that a PATCH is sent to.
#[derive(Clone, Copy)]
pub(super) struct Server<'m> {
    /// Which attributes have several values.
    pub many: &'m dyn Fn(&AttrPath) -> bool,
    /// What it makes of a `replace`.
    pub replacing: Replacing,
}

impl Server<'_> {
    /// Applies the operations of a message.
    pub(super) fn apply(self, message: &Value<'_>, resource: &mut Object<'static>) -> Result<(), ScimType> {
        let ops = message.as_object().and_then(|body| body.get("Operations")).and_then(Value::as_array).unwrap();
        for op in ops.iter() {
            operation(PatchOp::read(&op.clone().into_owned()).unwrap(), resource, self)?;
        }
        Ok(())
    }
}

fn operation(op: PatchOp<'static>, resource: &mut Object<'static>, server: Server<'_>) -> Result<(), ScimType> {
    match (op.path, op.value) {
        (None, Some(Value::Object(part))) if op.kind != OpKind::Remove => {
            whole(op.kind, None, part, resource, server);
            Ok(())
        }
        (None, _) => Err(ScimType::NoTarget),
        (Some(path), value) => at(op.kind, &path, value, resource, server),
    }
}

/// Every member of `part` as an attribute of the resource, or of an extension.
fn whole(
    kind: OpKind,
    within: Option<&AttrPath>,
    part: Object<'static>,
    resource: &mut Object<'static>,
    server: Server<'_>,
) {
    for member in part.iter() {
        let key = member.key.decoded();
        let path = match within {
            Some(extension) => AttrPath { name: AttrName::parse(&key).ok(), ..extension.clone() },
            None => AttrPath::parse(&key).unwrap(),
        };
        match (&path.name, member.value.clone()) {
            (None, Value::Object(inner)) => whole(kind, Some(&path), inner, resource, server),
            (_, value) => set(kind, holder(resource, &path), &path, value, server),
        }
    }
}

fn at(
    kind: OpKind,
    path: &PatchPath,
    value: Option<Value<'static>>,
    resource: &mut Object<'static>,
    server: Server<'_>,
) -> Result<(), ScimType> {
    let attr = &path.attr;
    let Some(name) = &attr.name else {
        match (kind, value) {
            (OpKind::Remove, _) => drop(resource.remove(attr.urn.as_ref().unwrap().as_str())),
            (_, Some(Value::Object(part))) => whole(kind, Some(attr), part, resource, server),
            _ => return Err(ScimType::InvalidValue),
        }
        return Ok(());
    };
    if kind == OpKind::Remove && attr.extension().is_some_and(|urn| !resource.contains(urn.as_str())) {
        return Ok(()); // `holder` would leave an empty extension behind
    }
    let above = AttrPath { sub: None, ..attr.clone() };
    let top = holder(resource, attr);
    match (&path.filter, &attr.sub) {
        (None, None) if kind == OpKind::Remove => drop(top.remove(name.as_str())),
        (None, None) => set(kind, top, attr, value.ok_or(ScimType::InvalidValue)?, server),
        (None, Some(sub)) if (server.many)(&above) => {
            let every = |_: &Object<'_>| true;
            elements(kind, top, name, every, Some(sub), value)?;
        }
        (None, Some(sub)) => {
            if !matches!(top.get(name.as_str()), Some(Value::Object(_))) {
                if kind == OpKind::Remove {
                    return Ok(());
                }
                top.set(name.as_str(), Value::Object(Object::new()));
            }
            let complex = top.get_mut(name.as_str()).and_then(Value::as_object_mut).unwrap();
            write(kind, complex, sub, value);
        }
        (Some(only), _) => {
            let selected = |element: &Object<'_>| filter::matches(only.root(), element);
            elements(kind, top, name, selected, path.sub.as_ref(), value)?;
        }
    }
    Ok(())
}

fn elements(
    kind: OpKind,
    top: &mut Object<'static>,
    name: &AttrName,
    selected: impl Fn(&Object<'_>) -> bool,
    sub: Option<&AttrName>,
    value: Option<Value<'static>>,
) -> Result<(), ScimType> {
    let mut hits = 0;
    if let Some(Value::Array(list)) = top.get_mut(name.as_str()) {
        list.items_mut().retain_mut(|element| {
            let Some(inside) = element.as_object_mut().filter(|element| selected(element)) else { return true };
            hits += 1;
            match (sub, &value, kind) {
                (Some(sub), value, _) => write(kind, inside, sub, value.clone()),
                (None, _, OpKind::Remove) | (None, None, _) => return false,
                (None, Some(value), OpKind::Replace) => *element = value.clone(),
                (None, Some(Value::Object(part)), OpKind::Add) => {
                    part.iter().for_each(|member| inside.set(&member.key.decoded(), member.value.clone()));
                }
                (None, Some(_), OpKind::Add) => {}
            }
            element.as_object().is_none_or(|element| !element.is_empty())
        });
    }
    if hits == 0 && kind != OpKind::Remove { Err(ScimType::NoTarget) } else { Ok(()) }
}

fn write(kind: OpKind, complex: &mut Object<'static>, sub: &AttrName, value: Option<Value<'static>>) {
    match (kind, value) {
        (OpKind::Remove, _) | (_, None) => drop(complex.remove(sub.as_str())),
        (_, Some(value)) => complex.set(sub.as_str(), value),
    }
}

fn set(kind: OpKind, top: &mut Object<'static>, path: &AttrPath, value: Value<'static>, server: Server<'_>) {
    let name = path.name.as_ref().unwrap().as_str();
    let (value, held) = match ((server.many)(path), value) {
        (true, Value::Array(list)) => (Value::Array(list), top.get(name).cloned()),
        (true, one) => (Value::Array(Array::from(vec![one])), top.get(name).cloned()),
        (false, value) => (value, top.get(name).cloned()),
    };
    let value = match (kind, held, value) {
        (OpKind::Add, Some(Value::Array(mut held)), Value::Array(more)) => {
            for item in more.iter() {
                if !held.iter().any(|one| one == item) {
                    held.push(item.clone());
                }
            }
            Value::Array(held)
        }
        (_, Some(Value::Object(mut held)), Value::Object(part))
            if kind == OpKind::Add || server.replacing == Replacing::Parts =>
        {
            part.iter().for_each(|member| held.set(&member.key.decoded(), member.value.clone()));
            Value::Object(held)
        }
        (_, _, value) => value,
    };
    top.set(name, value);
}

/// The object in which the attribute's name stands; an extension is made if it isn't there.
fn holder<'r>(resource: &'r mut Object<'static>, path: &AttrPath) -> &'r mut Object<'static> {
    let Some(urn) = path.extension() else { return resource };
    if !matches!(resource.get(urn.as_str()), Some(Value::Object(_))) {
        resource.set(urn.as_str(), Value::Object(Object::new()));
    }
    resource.get_mut(urn.as_str()).and_then(Value::as_object_mut).unwrap()
}

/// A resource at rest: absent, null, `[]` and `{}` are the same (RFC 7643 section 2.5).
pub(super) fn at_rest(value: &Value<'_>) -> Value<'static> {
    match value {
        Value::Object(object) => {
            let mut rest = Object::new();
            for member in object.iter() {
                let value = at_rest(&member.value);
                let is_empty = match &value {
                    Value::Null => true,
                    Value::Array(list) => list.is_empty(),
                    Value::Object(inner) => inner.is_empty(),
                    _ => false,
                };
                if !is_empty {
                    rest.members_mut().push(Member { key: Text::new(&member.key.decoded()), value });
                }
            }
            Value::Object(rest)
        }
        // An element without a part says nothing either.
        Value::Array(list) => Value::Array(Array::from(list.iter().map(at_rest).filter(says).collect::<Vec<_>>())),
        other => other.clone().into_owned(),
    }
}

fn says(element: &Value<'_>) -> bool {
    element.as_object().is_none_or(|part| !part.is_empty())
}
