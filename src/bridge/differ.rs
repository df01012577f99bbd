//! What makes one resource of another: the fewest operations of a PATCH (RFC 7644 section 3.5.2).
//!
//! Lists are compared without their order, members by their `value`. What may not be asked of a server isn't: read-only
//! attributes, and to take away `active`, a `$ref` or what no schema knows, since a client that leaves them out says
//! nothing of them (RFC 7644 section 3.5.1).

use std::collections::HashSet;

use crate::json::{Array, Object, Value};
use crate::scim::filter::is_present;
use crate::scim::schema::{self, Attribute, Kind, Mutability};
use crate::scim::{AttrName, AttrPath, OpKind, PatchOp, PatchPath, Resource};

/// The operations that make `wanted` of `held`; none if they are the same. All members are replaced at once only by so many.
pub(super) fn differences<'v>(
    held: &Object<'v>,
    wanted: &Object<'v>,
    resource: &Resource,
    replaced: usize,
) -> Vec<PatchOp<'v>> {
    let mut found = Found { resource, replaced, ops: Vec::new() };
    found.among(held, wanted, None);
    found.ops
}

struct Found<'r, 'v> {
    resource: &'r Resource,
    /// By how many members all may be replaced at once.
    replaced: usize,
    ops: Vec<PatchOp<'v>>,
}

impl<'v> Found<'_, 'v> {
    /// The attributes of a resource, or of the extension `within`.
    fn among(&mut self, held: &Object<'v>, wanted: &Object<'v>, within: Option<&AttrPath>) {
        for member in wanted.iter() {
            let key = member.key.decoded();
            let before = held.get(&key).filter(|value| is_present(value));
            match (path(&key, within), is_present(&member.value)) {
                (None, true) if before != Some(&member.value) => self.nameless(&key, &member.value),
                (Some(path), is_there) => self.attribute(&path, before, Some(&member.value).filter(|_| is_there)),
                _ => {}
            }
        }
        let left_out = held.iter().filter(|member| !wanted.contains(&member.key.decoded()));
        for member in left_out.filter(|member| is_present(&member.value)) {
            if let Some(path) = path(&member.key.decoded(), within) {
                self.left_out(&path, &member.value);
            }
        }
    }

    /// An attribute that the client has written; `wanted` is nothing where it has written `null` or an empty list.
    fn attribute(&mut self, path: &AttrPath, held: Option<&Value<'v>>, wanted: Option<&Value<'v>>) {
        if path.name.is_none() {
            let none = Object::new();
            let inner = |value: Option<&Value<'v>>| value.and_then(Value::as_object).cloned();
            return self.among(&inner(held).unwrap_or_default(), &inner(wanted).unwrap_or(none), Some(path));
        }
        let known = schema::find(Some(self.resource), path);
        if known.is_some_and(|known| known.mutability == Mutability::ReadOnly || known.name == "schemas") {
            return;
        }
        match (held, wanted) {
            (None, None) => {}
            (Some(Value::Array(held)), None) if is_members(path, self.resource) && self.replaced == 0 => {
                self.members(path, held, &Array::new());
            }
            (Some(_), None) => self.push(OpKind::Remove, path.clone(), None),
            (Some(Value::Object(held)), Some(Value::Object(wanted))) => self.parts(path, known, held, wanted),
            (Some(Value::Array(held)), Some(Value::Array(wanted))) if is_members(path, self.resource) => {
                self.members(path, held, wanted);
            }
            (Some(Value::Array(held)), Some(Value::Array(wanted))) if same_values(held, wanted, known) => {}
            (Some(held), Some(wanted)) if held == wanted => {}
            (None, Some(wanted)) if is_members(path, self.resource) => {
                self.push(OpKind::Add, path.clone(), Some(wanted.clone()));
            }
            (_, Some(wanted)) => self.push(OpKind::Replace, path.clone(), Some(wanted.clone())),
        }
    }

    /// What a PUT leaves out may be cleared (RFC 7644 section 3.5.1).
    fn left_out(&mut self, path: &AttrPath, held: &Value<'v>) {
        if path.name.is_none() {
            return self.attribute(path, Some(held), None);
        }
        let known = schema::find(Some(self.resource), path);
        let may_go = known.is_some_and(|known| {
            known.mutability == Mutability::ReadWrite && !known.is_required && known.name != "active"
        });
        if may_go {
            self.attribute(path, Some(held), None);
        }
    }

    /// The parts of a complex attribute with one value.
    fn parts(&mut self, path: &AttrPath, known: Option<&'static Attribute>, held: &Object<'v>, wanted: &Object<'v>) {
        let wanted = asked_parts(wanted, known);
        let gone = held.iter().filter(|part| is_present(&part.value) && !wanted.contains(&part.key.decoded()));
        let gone: Vec<String> = gone.map(|part| part.key.decoded().into_owned()).collect();
        let may_go = |key: &str| !key.starts_with('$') && !is_read_only_part(key, known);
        let changed = wanted.iter().filter(|part| held.get(&part.key.decoded()) != Some(&part.value));
        let changes = changed.map(|part| (part.key.decoded().into_owned(), Some(part.value.clone())));
        let removals = gone.into_iter().filter(|key| may_go(key)).map(|key| (key, None));
        for (key, value) in changes.chain(removals).collect::<Vec<_>>() {
            let Ok(sub) = AttrName::parse(&key) else { continue };
            let op = if value.is_some() { OpKind::Replace } else { OpKind::Remove };
            self.push(op, AttrPath { sub: Some(sub), ..path.clone() }, value);
        }
    }

    /// Those who go, one by one, and those who come, together; all at once where nobody stays and so many may be replaced.
    fn members(&mut self, path: &AttrPath, held: &Array<'v>, wanted: &Array<'v>) {
        let before: HashSet<String> = held.iter().filter_map(known_by).collect();
        let after: HashSet<String> = wanted.iter().filter_map(known_by).collect();
        let all_at_once = before.is_disjoint(&after) || after.len() < wanted.len();
        if all_at_once && wanted.len() < self.replaced {
            return self.push(OpKind::Replace, path.clone(), Some(Value::Array(wanted.clone())));
        }
        for gone in held.iter().filter_map(known_by).filter(|one| !after.contains(one)) {
            let filter = PatchPath::parse(&format!("{path}[value eq {gone}]"));
            if let Ok(path) = filter {
                self.ops.push(PatchOp { kind: OpKind::Remove, path: Some(path), value: None });
            }
        }
        let mut known = before;
        let is_new = |one: &&Value<'v>| known_by(one).is_some_and(|one| known.insert(one));
        let come: Vec<Value<'v>> = wanted.iter().filter(is_new).cloned().collect();
        if !come.is_empty() {
            self.push(OpKind::Add, path.clone(), Some(Value::Array(Array::from(come))));
        }
    }

    /// What no path can name stands in a value.
    fn nameless(&mut self, key: &str, value: &Value<'v>) {
        let mut part = Object::new();
        part.set(key, value.clone());
        self.ops.push(PatchOp { kind: OpKind::Replace, path: None, value: Some(Value::Object(part)) });
    }

    fn push(&mut self, kind: OpKind, attr: AttrPath, value: Option<Value<'v>>) {
        self.ops.push(PatchOp { kind, path: Some(PatchPath { attr, filter: None, sub: None }), value });
    }
}

/// The path of a key at the top of a resource or of an extension; nothing if it has none.
fn path(key: &str, within: Option<&AttrPath>) -> Option<AttrPath> {
    let Some(schema) = within else { return AttrPath::parse(key).ok() };
    Some(AttrPath { name: Some(AttrName::parse(key).ok()?), ..schema.clone() })
}

fn is_members(path: &AttrPath, resource: &Resource) -> bool {
    *resource == Resource::Group && path.to_string().eq_ignore_ascii_case("members")
}

/// The id of a member, as a filter writes it.
fn known_by(member: &Value<'_>) -> Option<String> {
    let value = match member {
        Value::Object(element) => element.get("value")?,
        simple => simple,
    };
    value.as_str().map(|id| Value::string(&id).to_string())
}

/// Whether two lists hold the same values, in any order.
fn same_values(held: &Array<'_>, wanted: &Array<'_>, known: Option<&'static Attribute>) -> bool {
    if held == wanted {
        return true;
    }
    let compared = |list: &Array<'_>| -> Vec<String> {
        let mut texts: Vec<String> = list.iter().map(|value| normal(value, known)).collect();
        texts.sort();
        texts
    };
    held.len() == wanted.len() && compared(held) == compared(wanted)
}

/// A value with its parts in the order of their names, without what says nothing.
fn normal(value: &Value<'_>, known: Option<&'static Attribute>) -> String {
    let Value::Object(element) = value else { return value.to_string() };
    let said = element.iter().filter(|part| is_present(&part.value) && part.value.as_bool() != Some(false));
    let said = said.map(|part| (part.key.decoded().to_ascii_lowercase(), part.value.to_string()));
    let mut parts: Vec<(String, String)> = said.filter(|(key, _)| !is_read_only_part(key, known)).collect();
    parts.sort();
    format!("{parts:?}")
}

/// The parts that a client may write and that say something.
fn asked_parts<'v>(wanted: &Object<'v>, known: Option<&'static Attribute>) -> Object<'v> {
    let mut asked = wanted.clone();
    asked.retain(|part| is_present(&part.value) && !is_read_only_part(&part.key.decoded(), known));
    asked
}

fn is_read_only_part(key: &str, known: Option<&'static Attribute>) -> bool {
    let parts = known.filter(|known| known.kind == Kind::Complex).map(|known| known.parts).unwrap_or_default();
    parts.iter().any(|part| part.mutability == Mutability::ReadOnly && part.name.eq_ignore_ascii_case(key))
}
