//! `to: dotted`: a complex attribute, and on the right its parts under keys with a dot: `"name.givenName"`.

use crate::json::{Object, Value};
use crate::rules::attribute::{Relation, relation};
use crate::rules::discovery::Definitions;
use crate::rules::message::Refused;
use crate::scim::filter::ExprKind;
use crate::scim::{AttrName, AttrPath, OpKind, PatchOp, PatchPath, schema};

use super::form::{self, Form, Term};

/// Exact where every part is one that the schema lists; another is refused. A part has the same path on both sides, so
/// that filters and paths of parts stay; the whole goes part by part.
#[derive(Debug)]
pub(super) struct Dotted {
    at: AttrPath,
    parts: Vec<AttrPath>,
}

impl Dotted {
    /// The form of an attribute whose parts a schema lists.
    pub(super) fn new(at: AttrPath) -> Option<Self> {
        let parts = schema::parts(None, &at)?;
        Some(Self { at, parts })
    }

    fn lists(&self, sub: &AttrName) -> bool {
        self.parts.iter().any(|part| part.sub.as_ref() == Some(sub))
    }

    /// The keys on the right, each with the name of its part.
    fn keys(&self) -> impl Iterator<Item = (String, &str)> {
        let name = form::key(&self.at);
        self.parts.iter().map(form::key).map(move |part| (format!("{name}.{part}"), part))
    }

    fn is_clear(&self, holder: &Object<'_>) -> Result<(), Refused> {
        match self.parts.iter().zip(self.keys()).find(|(_, (key, _))| holder.contains(key)) {
            Some((part, _)) => Err(form::hidden(part)),
            None => Ok(()),
        }
    }

    /// The parts of a value, each with its key on the right.
    fn parted<'v>(&self, value: &Value<'v>) -> Result<Vec<(AttrPath, String, Value<'v>)>, Refused> {
        let outside = || form::outside(&self.at, "an object of parts that the schema lists");
        let object = value.as_object().ok_or_else(outside)?;
        let part = |name: &str| {
            let listed = self.parts.iter().zip(self.keys());
            listed
                .into_iter()
                .find(|(_, (_, part))| part.eq_ignore_ascii_case(name))
                .map(|(path, (key, _))| (path, key))
        };
        let each = object.iter().map(|member| {
            let (path, key) = part(&member.key.decoded()).ok_or_else(outside)?;
            Ok((path.clone(), key, member.value.clone()))
        });
        each.collect()
    }
}

impl Form for Dotted {
    fn at(&self) -> &AttrPath {
        &self.at
    }

    fn parts(&self) -> Vec<AttrPath> {
        self.parts.clone()
    }

    fn there(&self, holder: &mut Object<'_>) -> Result<bool, Refused> {
        self.is_clear(holder)?;
        let name = form::key(&self.at);
        let Some((index, value)) = holder.position(name).zip(holder.get(name)) else { return Ok(false) };
        let parts = match value {
            Value::Null => self.keys().map(|(key, _)| (key, Value::Null)).collect(),
            value => self.parted(value)?.into_iter().map(|(_, key, value)| (key, value)).collect::<Vec<_>>(),
        };
        holder.remove(name);
        for (offset, (key, value)) in parts.into_iter().enumerate() {
            holder.insert_at(index + offset, &key, value);
        }
        Ok(true)
    }

    fn back(&self, holder: &mut Object<'_>) -> Result<bool, Refused> {
        let name = form::key(&self.at);
        let is_empty = |value: &Value<'_>| value.is_null() || value.as_object().is_some_and(Object::is_empty);
        if holder.get(name).is_some_and(|value| !is_empty(value)) {
            return Err(form::hidden(&self.at));
        }
        let mut complex = Object::new();
        let mut first = None;
        for (key, part) in self.keys() {
            let Some(index) = holder.position(&key) else { continue };
            if let Some(value) = holder.remove(&key) {
                complex.set(part, value);
                first = Some(first.map_or(index, |first: usize| first.min(index)));
            }
        }
        let Some(first) = first else { return Ok(false) };
        match holder.position(name) {
            Some(_) => holder.set(name, Value::Object(complex)),
            None => holder.insert_at(first, name, Value::Object(complex)),
        }
        Ok(true)
    }

    fn define(&self, definitions: &mut Definitions<'_, '_>) -> bool {
        let keys: Vec<_> = self.parts.iter().zip(self.keys().map(|(key, _)| key)).collect();
        let found = keys.into_iter().filter_map(|(part, key)| Some((part, definitions.take_key(&self.at, &key)?.0)));
        let found: Vec<_> = found.collect();
        for (part, definition) in &found {
            definitions.put(part, definition.clone(), None);
        }
        !found.is_empty()
    }

    fn term(&self, term: Term<'_>) -> Result<Option<String>, Refused> {
        let cannot = || form::cannot(&self.at);
        match &term.expr.kind {
            ExprKind::Present(path) if path.path.sub.is_none() => {
                let each: Vec<String> = self.parts.iter().map(|part| format!("{part} pr")).collect();
                Ok(Some(format!("({})", each.join(" or "))))
            }
            ExprKind::Present(path) | ExprKind::Compare { path, .. } if path.path.sub.is_some() => {
                let is_listed = path.path.sub.as_ref().is_some_and(|sub| self.lists(sub));
                if is_listed { Ok(None) } else { Err(cannot()) }
            }
            // A complex attribute is compared by its `value` (RFC 7643 section 2.4).
            ExprKind::Compare { path, .. } => {
                let value = self.parts.iter().find(|part| part.sub.as_ref().is_some_and(form::is_value));
                let after = path.span.end..term.expr.span.end;
                value.map(|value| Some(format!("{value}{}", term.slice(&after)))).ok_or_else(cannot)
            }
            _ => Err(cannot()),
        }
    }

    /// Part by part. An empty object empties the attribute on some servers and not on others.
    fn change<'v>(&self, kind: OpKind, value: &Value<'v>) -> Result<Option<Vec<PatchOp<'v>>>, Refused> {
        let parts = self.parted(value)?;
        if parts.is_empty() {
            return Err(form::needs_resource(&self.at));
        }
        let each = parts.into_iter().filter_map(|(path, _, value)| match (kind, value) {
            (OpKind::Replace, Value::Null) => Some(form::op(OpKind::Remove, path, None)),
            (_, Value::Null) => None,
            (kind, value) => Some(form::op(kind, path, Some(value))),
        });
        Ok(Some(each.collect()))
    }

    fn part<'v>(&self, _op: &PatchOp<'v>, path: &PatchPath) -> Result<Option<Vec<PatchOp<'v>>>, Refused> {
        if path.filter.is_some() {
            return Err(form::needs_resource(&path.attr));
        }
        match path.attr.sub.as_ref().filter(|sub| !self.lists(sub)) {
            None => Ok(None),
            Some(_) => Err(form::hidden(&path.attr)),
        }
    }

    fn asked(&self, sub: &AttrName) -> Option<Vec<AttrPath>> {
        self.lists(sub).then(|| vec![form::part_of(&self.at, sub)])
    }

    fn excluded(&self, sub: &AttrName) -> Option<Vec<AttrPath>> {
        self.asked(sub)
    }

    fn sorts(&self, path: &AttrPath) -> bool {
        matches!(relation(path, &self.at), Relation::Below(sub) if self.lists(&sub))
    }
}
