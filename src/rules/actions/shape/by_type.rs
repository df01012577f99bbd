//! `to: by-type`: entries told apart by their type, and on the right an attribute for each type: the value of
//! `emails[type eq "work"]` is `workEmail`.

use crate::fault::{Fault, Faults};
use crate::json::{Array, Object, Value};
use crate::rules::discovery::Definitions;
use crate::rules::message::Refused;
use crate::scim::filter::{Expr, ExprKind, is_present};
use crate::scim::{AttrName, AttrPath, CompareOp, Literal, OpKind, PatchOp, PatchPath, schema};
use crate::yaml::{Fields, Key, Node};

use super::fold::{self, Entry, Folded};
use super::form::{self, Form, Term};

/// Exact up to the order of entries. With `rest: refuse`, where there is at most one entry of each listed type, each exactly
/// `{type, value}`, and no other; with `rest: keep`, everywhere: what doesn't fit stays where it is. An empty text in a slot
/// counts as a free one.
#[derive(Debug)]
pub(super) struct ByType {
    at: AttrPath,
    slots: Vec<Slot>,
    keep: bool,
}

#[derive(Debug)]
struct Slot {
    kind: String,
    name: AttrName,
    path: AttrPath,
}

/// A list, parted: the value of each slot, and what stays.
struct Sorted<'v> {
    slots: Vec<Option<Value<'v>>>,
    rest: Vec<Value<'v>>,
}

impl ByType {
    pub(super) fn read(at: AttrPath, fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Self> {
        let rest = [("refuse", false), ("keep", true)];
        let keep = match fields.take("rest") {
            Some(node) => node.word("what becomes of other entries", &rest, faults),
            None => Some(false),
        };
        let node = fields.require("slots", faults)?;
        let entries = node.fields("slots", faults)?.rest();
        let mut slots: Vec<Slot> = Vec::with_capacity(entries.len());
        for (key, node) in &entries {
            if let Some(slot) = Slot::read(key, node, &slots, faults) {
                slots.push(slot);
            }
        }
        if entries.is_empty() {
            faults.push(
                Fault::error("R0103", node.place.clone(), "no type has a slot".to_owned())
                    .label("an empty table")
                    .help("write each type with its attribute: `{ work: workEmail }`"),
            );
            return None;
        }
        (slots.len() == entries.len()).then_some(Self { at, slots, keep: keep? })
    }

    fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        self.slots.iter().map(|slot| Entry { kind: &slot.kind, slot: &slot.name })
    }

    /// The slot for an entry of this type.
    fn slot_of(&self, entry: &Value<'_>) -> Option<usize> {
        let kind = entry.as_object()?.get("type")?.as_str()?;
        self.slots.iter().position(|slot| slot.kind.eq_ignore_ascii_case(&kind))
    }

    /// The slot and the value of an entry that fits: exactly `{type, value}`.
    fn fit<'v>(&self, entry: &Value<'v>) -> Option<(usize, Value<'v>)> {
        let index = self.slot_of(entry)?;
        let entry = entry.as_object()?;
        let value = entry.get("value").filter(|value| value.as_text().is_some_and(|text| !text.is_empty()))?;
        (entry.len() == 2).then(|| (index, value.clone()))
    }

    fn sort<'v>(&self, list: &[&Value<'v>]) -> Result<Sorted<'v>, Refused> {
        let mut sorted = Sorted { slots: vec![None; self.slots.len()], rest: Vec::new() };
        for entry in list {
            match self.fit(entry).and_then(|(index, value)| Some((sorted.slots.get_mut(index)?, value))) {
                Some((slot @ None, value)) => *slot = Some(value),
                _ => sorted.rest.push((*entry).clone()),
            }
        }
        if sorted.rest.is_empty() || self.keep { Ok(sorted) } else { Err(self.outside()) }
    }

    fn outside(&self) -> Refused {
        let kinds: Vec<&str> = self.slots.iter().map(|slot| slot.kind.as_str()).collect();
        let domain =
            format!("at most one entry of each type here, with a `value` and nothing else, of {}", kinds.join(", "));
        form::outside(&self.at, &domain)
    }

    /// Whether some entry matches; nothing if none ever does.
    fn some(&self, term: Term<'_>, expr: &Expr) -> Option<String> {
        let each: Vec<String> = self.entries().filter_map(|entry| entry.asked(entry.fold(term, expr))).collect();
        either(each)
    }

    /// Whether an entry stands in a slot.
    fn any(&self) -> String {
        either(self.slots.iter().map(|slot| format!("{} pr", slot.name)).collect()).unwrap_or_default()
    }

    /// Whether some entry matches, in a slot or not.
    fn found(&self, term: Term<'_>, expr: &Expr) -> Result<Option<String>, Refused> {
        let kept = self.keep.then(|| term.whole().to_owned());
        match self.some(term, expr) {
            Some(text) => Ok(either([text].into_iter().chain(kept).collect())),
            None if self.keep => Ok(None),
            // Nothing here matches ever, and a filter has no word for that.
            None => Err(form::cannot(&self.at)),
        }
    }

    /// A comparison of `sub` over all entries, which may be true because there is none.
    fn compare(
        &self,
        term: Term<'_>,
        sub: &AttrName,
        op: CompareOp,
        literal: &Literal,
        expr: &Expr,
    ) -> Result<Option<String>, Refused> {
        if !form::is_true_of_nothing(op, literal) {
            return self.found(term, expr);
        }
        let is_held = form::is_value(sub) || is_type(sub);
        if self.keep || !is_held {
            return Err(form::cannot(&self.at));
        }
        let none = format!("not ({})", self.any());
        Ok(either([none].into_iter().chain(self.some(term, expr)).collect()))
    }
}

fn is_type(sub: &AttrName) -> bool {
    sub.as_str().eq_ignore_ascii_case("type")
}

fn either(terms: Vec<String>) -> Option<String> {
    match terms.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        several => Some(format!("({})", several.join(" or "))),
    }
}

impl Slot {
    fn read(key: &Key, node: &Node, taken: &[Self], faults: &mut Faults) -> Option<Self> {
        let text = node.text("an attribute", faults)?;
        let path = AttrPath::parse(text).ok().filter(|path| path.urn.is_none() && path.sub.is_none());
        let Some((path, name)) = path.and_then(|path| Some((path.clone(), path.name?))) else {
            faults.push(
                Fault::error("R0403", node.place.clone(), format!("`{text}` is not the name of an attribute"))
                    .label("not a name at the top of the resource")
                    .help("write a plain name such as `workEmail`; a `rename` after this can move it elsewhere"),
            );
            return None;
        };
        // A type is written once: the keys of a mapping differ, also without case.
        let fault = if taken.iter().any(|slot| slot.name == name) {
            Some(("R0411", format!("two types for `{name}`"), "give each type its own attribute"))
        } else if schema::is_known(&path) {
            let message = format!("`{name}` is an attribute of its own");
            Some(("R0412", message, "give the slot another name, or `rename` that attribute before this"))
        } else {
            None
        };
        if let Some((code, message, help)) = fault {
            faults.push(Fault::error(code, node.place.clone(), message).label("can't stand here").help(help));
            return None;
        }
        Some(Self { kind: key.text.clone(), name, path })
    }
}

impl Form for ByType {
    fn at(&self) -> &AttrPath {
        &self.at
    }

    fn parts(&self) -> Vec<AttrPath> {
        let rest = self.keep.then(|| self.at.clone());
        self.slots.iter().map(|slot| slot.path.clone()).chain(rest).collect()
    }

    fn there(&self, holder: &mut Object<'_>) -> Result<bool, Refused> {
        if let Some(slot) = self.slots.iter().find(|slot| holder.contains(slot.name.as_str())) {
            return Err(form::hidden(&slot.path));
        }
        let name = form::key(&self.at);
        let Some(index) = holder.position(name) else { return Ok(false) };
        let (slots, rest) = match holder.get(name) {
            // None at all, which is said of each.
            Some(value) if value.is_null() || form::is_empty_list(value) => {
                (vec![Some(Value::Null); self.slots.len()], Some(value.clone()))
            }
            Some(Value::Array(list)) => {
                let sorted = self.sort(&list.iter().collect::<Vec<_>>())?;
                let is_kept = !sorted.rest.is_empty();
                (sorted.slots, is_kept.then(|| Value::Array(Array::from(sorted.rest))))
            }
            _ => return Err(self.outside()),
        };
        if slots.iter().all(Option::is_none) {
            return Ok(false);
        }
        match rest.filter(|_| self.keep) {
            Some(rest) => holder.set(name, rest),
            None => drop(holder.remove(name)),
        }
        let filled = self.slots.iter().zip(slots).filter_map(|(slot, value)| Some((slot, value?)));
        for (offset, (slot, value)) in filled.enumerate() {
            holder.insert_at(index + offset, slot.name.as_str(), value);
        }
        Ok(true)
    }

    fn back(&self, holder: &mut Object<'_>) -> Result<bool, Refused> {
        let name = form::key(&self.at);
        let mut list = Vec::new();
        let mut is_free = Vec::with_capacity(self.slots.len());
        let mut first = None;
        for slot in &self.slots {
            let index = holder.position(slot.name.as_str());
            first = first.into_iter().chain(index).min();
            match holder.get(slot.name.as_str()) {
                Some(value @ Value::String(text)) if !text.is_empty() => {
                    list.push(entry(&slot.kind, value.clone()));
                    is_free.push(false);
                }
                Some(value) if is_present(value) => return Err(form::outside(&slot.path, "a text")),
                _ => is_free.push(true),
            }
        }
        let belongs = |one: &Value<'_>| self.fit(one).is_some_and(|(index, _)| is_free.get(index) == Some(&true));
        match holder.get(name) {
            Some(Value::Array(rest)) if self.keep && !rest.iter().any(belongs) => list.extend(rest.iter().cloned()),
            Some(value) if !(value.is_null() || form::is_empty_list(value)) => {
                return Err(form::outside(&self.at, "without an entry that belongs into a slot"));
            }
            _ => {}
        }
        let Some(first) = first else { return Ok(false) };
        let at = holder.position(name);
        for slot in &self.slots {
            holder.remove(slot.name.as_str());
        }
        match at {
            _ if list.is_empty() => {}
            Some(_) => holder.set(name, Value::Array(Array::from(list))),
            None => holder.insert_at(first, name, Value::Array(Array::from(list))),
        }
        Ok(true)
    }

    fn define(&self, definitions: &mut Definitions<'_, '_>) -> bool {
        let taken = self.slots.iter().filter_map(|slot| Some((&slot.kind, definitions.take(&slot.path)?)));
        let taken: Vec<_> = taken.collect();
        let kinds: Vec<Value<'_>> = taken.iter().map(|(kind, _)| Value::string(kind)).collect();
        let Some((_, (value, place))) = taken.into_iter().next() else { return false };
        if definitions.get(&self.at).is_some() {
            // What has no slot stands there: it is defined as clients know it.
            return true;
        }
        let mut kind = Object::new();
        kind.set("name", Value::string("type"));
        kind.set("type", Value::string("string"));
        kind.set("multiValued", Value::Bool(false));
        kind.set("canonicalValues", Value::Array(Array::from(kinds)));
        let whole = form::of_values(definitions, &self.at, value, vec![kind]);
        definitions.put(&self.at, whole, Some(place));
        true
    }

    fn term(&self, term: Term<'_>) -> Result<Option<String>, Refused> {
        let value = AttrName::parse("value").map_err(|_| form::cannot(&self.at))?;
        match &term.expr.kind {
            ExprKind::Present(path) => {
                let test = fold::test(path.path.sub.as_ref().unwrap_or(&value), None);
                self.found(term, &test)
            }
            ExprKind::Compare { path, op, literal } => {
                let sub = path.path.sub.as_ref().unwrap_or(&value);
                let test = fold::test(sub, Some((*op, literal.clone())));
                self.compare(term, sub, *op, &literal.literal, &test)
            }
            ExprKind::Element { inner, sub: None, .. } => self.found(term, inner),
            ExprKind::Element { inner, sub: Some((sub, _)), test, .. } => {
                if test.as_ref().is_some_and(|(op, literal)| form::is_true_of_nothing(*op, &literal.literal)) {
                    return Err(form::cannot(&self.at));
                }
                let terms = vec![(**inner).clone(), fold::test(sub, test.clone())];
                self.found(term, &Expr { span: 0..0, kind: ExprKind::And(terms) })
            }
            ExprKind::And(_) | ExprKind::Or(_) | ExprKind::Not(_) => Ok(None),
        }
    }

    fn change<'v>(&self, kind: OpKind, value: &Value<'v>) -> Result<Option<Vec<PatchOp<'v>>>, Refused> {
        let list = form::listed(value);
        if kind == OpKind::Add {
            return match list.iter().any(|entry| self.slot_of(entry).is_some()) {
                true => Err(form::needs_resource(&self.at)),
                false if self.keep => Ok(None),
                false if list.is_empty() => Ok(Some(Vec::new())),
                false => Err(self.outside()),
            };
        }
        let sorted = self.sort(&list)?;
        let put = |path: &AttrPath, value: Option<Value<'v>>| {
            let kind = if value.is_some() { OpKind::Replace } else { OpKind::Remove };
            form::op(kind, path.clone(), value)
        };
        let mut ops: Vec<_> = self.slots.iter().zip(sorted.slots).map(|(slot, value)| put(&slot.path, value)).collect();
        if self.keep {
            let rest = Some(sorted.rest).filter(|rest| !rest.is_empty());
            ops.push(put(&self.at, rest.map(|rest| Value::Array(Array::from(rest)))));
        }
        Ok(Some(ops))
    }

    /// To remove entries by anything but their value removes the slots of which that is true.
    fn part<'v>(&self, op: &PatchOp<'v>, path: &PatchPath) -> Result<Option<Vec<PatchOp<'v>>>, Refused> {
        let needs = || form::needs_resource(&path.attr);
        let Some(filter) = path.filter.as_ref().filter(|_| op.kind == OpKind::Remove && path.sub.is_none()) else {
            return Err(needs());
        };
        let term = Term { expr: filter.root(), text: filter.text() };
        let mut ops = Vec::new();
        for (slot, entry) in self.slots.iter().zip(self.entries()) {
            match entry.fold(term, filter.root()) {
                Folded::When { .. } => return Err(needs()),
                Folded::Always => ops.push(form::op(OpKind::Remove, slot.path.clone(), None)),
                Folded::Never => {}
            }
        }
        ops.extend(self.keep.then(|| op.clone()));
        Ok(Some(ops))
    }

    /// A query can ask for more than it needs.
    fn asked(&self, _sub: &AttrName) -> Option<Vec<AttrPath>> {
        Some(self.parts())
    }

    fn excluded(&self, sub: &AttrName) -> Option<Vec<AttrPath>> {
        let is_held = form::is_value(sub) || is_type(sub);
        (!is_held).then(|| self.keep.then(|| form::part_of(&self.at, sub)).into_iter().collect())
    }

    fn hides(&self, path: &AttrPath) -> bool {
        path.extension().is_none() && self.slots.iter().any(|slot| path.name.as_ref() == Some(&slot.name))
    }
}

fn entry<'v>(kind: &str, value: Value<'v>) -> Value<'v> {
    let mut entry = Object::new();
    entry.set("value", value);
    entry.set("type", Value::string(kind));
    Value::Object(entry)
}
