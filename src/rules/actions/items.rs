//! `items`: how many elements a multi-valued attribute has, and which.

use crate::fault::{Fault, Faults};
use crate::json::{Array, Object, Value};
use crate::rules::attribute;
use crate::rules::message::{Facts, Refused};
use crate::rules::oneway::OneWay;
use crate::rules::place::{self, Place};
use crate::scim::{AttrName, AttrPath, OpKind, PatchPath};
use crate::yaml::{Node, settle};

use super::{About, Action, QUERIES_PASS};

pub(super) const ABOUT: About = About {
    word: "items",
    summary: "keeps the elements of a multi-valued attribute to one, to some, to one primary, or to whole ones",
    example: "items: { at: emails, needs: value, unique: true, primary: one }",
    two_way: false,
    exact: "not undone; an array of which nothing is left goes as a whole, `members` never becomes fewer",
    operators: QUERIES_PASS,
    patch: &[
        ("a path", "stays as it is"),
        ("a replace of the whole", "acts as on a resource"),
        ("an add", "`pick` and `max` leave it alone: it says nothing of the elements that are there"),
    ],
    read: |node, faults| Items::read(node, faults).map(Action::Items),
};

/// The payload of `items`, in the order in which it acts: elements without `needs` go, then doubles (equal in `type` and
/// `value`, RFC 7643 section 2.4), then all but the `pick`ed one, then those beyond `max`; then exactly one is primary. An
/// array which that empties goes as a whole: `[]` would say that there are to be none. A PATCH that adds elements
/// says nothing of those that are there, so `pick` and `max` leave it alone and `primary` only keeps it from adding two.
#[derive(Debug)]
pub struct Items {
    at: AttrPath,
    needs: Option<AttrName>,
    unique: bool,
    pick: Option<Pick>,
    max: Option<usize>,
    one_primary: bool,
}

/// Which element stays.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Pick {
    /// The primary one; the first, if none is.
    Primary,
    /// The first.
    First,
}

impl Items {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("items", faults)?;
        let at_node = fields.require("at", faults);
        let at = at_node.and_then(|node| read_at(node, faults));
        let words = [("primary", Pick::Primary), ("first", Pick::First)];
        let pick = fields.take("pick").map(|node| node.word("what to pick", &words, faults));
        let max = fields.take("max").map(|node| node.whole("the most elements", 1..=10_000, faults));
        let primary = fields.take("primary").map(|node| node.word("what `primary` must be", &[("one", true)], faults));
        let unique = fields.take("unique").map(|node| node.truth("unique", faults));
        let needs = fields.take("needs").map(|node| read_name(node, faults));
        fields.finish(faults);
        let items = Self {
            at: at?,
            needs: settle(needs)?,
            unique: settle(unique)?.unwrap_or(false),
            pick: settle(pick)?,
            max: settle(max)?.and_then(|max| usize::try_from(max).ok()),
            one_primary: settle(primary)?.unwrap_or(false),
        };
        (items.says_something(node, faults) & items.spares_members(at_node?, faults)).then_some(items)
    }

    /// The attribute whose elements they are.
    pub(in crate::rules) fn at(&self) -> &AttrPath {
        &self.at
    }

    fn says_something(&self, node: &Node, faults: &mut Faults) -> bool {
        let says = self.needs.is_some() || self.unique || self.pick.is_some() || self.max.is_some() || self.one_primary;
        if !says {
            faults.push(
                Fault::error("R0106", node.place.clone(), "`items` says nothing of the elements".to_owned())
                    .label("only a place")
                    .help("add `pick: primary`, `max: 1`, `primary: one`, `unique: true` or `needs: value`"),
            );
        }
        says
    }

    fn spares_members(&self, node: &Node, faults: &mut Faults) -> bool {
        let is_members = self.at.extension().is_none()
            && self.at.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("members"));
        let spared = !is_members || (self.needs.is_none() && self.pick.is_none() && self.max.is_none());
        if !spared {
            faults.push(
                Fault::error("R0407", node.place.clone(), "`members` can't be made fewer by a rule".to_owned())
                    .label("a list of members is who belongs, and nobody else")
                    .help("only `unique: true` may act on `members`"),
            );
        }
        spared
    }

    /// Acts on the array; `added` if it comes on top of others.
    fn act(&self, elements: &mut Array<'_>, added: bool) -> bool {
        let before = elements.len();
        if let Some(needed) = &self.needs {
            elements.retain(|element| holds(element, needed));
        }
        let mut changed = false;
        if self.unique {
            changed |= drop_doubles(elements);
        }
        if let (Some(pick), false) = (self.pick, added) {
            let at = elements.iter().position(|one| pick == Pick::Primary && is_primary(one)).unwrap_or_default();
            let picked = elements.get(at).cloned();
            if let (Some(picked), true) = (picked, elements.len() > 1) {
                *elements = Array::from(vec![picked]);
            }
        }
        if let (Some(max), false) = (self.max, added) {
            elements.items_mut().truncate(max);
        }
        if self.one_primary {
            changed |= one_primary(elements, added);
        }
        changed || elements.len() < before
    }

    fn act_in(&self, resource: &mut Object<'_>, added: bool) -> bool {
        let Some(Value::Array(mut elements)) = attribute::find(resource, &self.at).cloned() else { return false };
        let was_empty = elements.is_empty();
        if !self.act(&mut elements, added) {
            return false;
        }
        if elements.is_empty() && !was_empty {
            return attribute::take(resource, &self.at).is_some();
        }
        attribute::put(resource, &self.at, Value::Array(elements)).is_ok()
    }
}

fn read_at(node: &Node, faults: &mut Faults) -> Option<AttrPath> {
    let place: Place = place::read_elements(node, faults)?;
    if place.is_filtered() || place.attr.sub.is_some() || place.attr.name.is_none() {
        faults.push(
            Fault::error("R0403", node.place.clone(), format!("`{place}` is no multi-valued attribute"))
                .label("not a whole attribute")
                .help("name the attribute alone, such as `emails`"),
        );
        return None;
    }
    Some(place.attr)
}

fn read_name(node: &Node, faults: &mut Faults) -> Option<AttrName> {
    let text = node.text("a sub-attribute", faults)?;
    let name = AttrName::parse(text).ok();
    if name.is_none() {
        faults.push(
            Fault::error("R0403", node.place.clone(), format!("`{text}` is not a sub-attribute's name"))
                .label("not a name")
                .help("write its name alone, such as `value`"),
        );
    }
    name
}

/// Whether the element has the sub-attribute and something in it. A plain value is its own.
fn holds(element: &Value<'_>, name: &AttrName) -> bool {
    let Value::Object(object) = element else { return !element.is_null() };
    object
        .get(name.as_str())
        .is_some_and(|value| !attribute::is_unassigned(value) && value.as_text().is_none_or(|text| !text.is_empty()))
}

fn is_primary(element: &Value<'_>) -> bool {
    element.as_object().and_then(|one| one.get("primary")).and_then(Value::as_bool) == Some(true)
}

/// Whether both say the same: equal plain values, or elements with equal `type` and `value`.
fn are_doubles(one: &Value<'_>, other: &Value<'_>) -> bool {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            a == b || (a.contains("value") && a.get("value") == b.get("value") && a.get("type") == b.get("type"))
        }
        _ => one == other,
    }
}

fn drop_doubles(elements: &mut Array<'_>) -> bool {
    let before = elements.len();
    let mut kept: Vec<Value<'_>> = Vec::with_capacity(before);
    for element in std::mem::take(elements.items_mut()) {
        match kept.iter_mut().find(|known| are_doubles(known, &element)) {
            // The first stays; if a double was the primary one, it now is.
            Some(Value::Object(known)) if is_primary(&element) => known.set("primary", Value::Bool(true)),
            Some(_) => {}
            None => kept.push(element),
        }
    }
    *elements = Array::from(kept);
    elements.len() < before
}

/// Leaves the first primary element as the only one; where none is and none comes on top, the first becomes it.
fn one_primary(elements: &mut Array<'_>, added: bool) -> bool {
    let first = elements.iter().position(is_primary);
    let Some(first) = first.or_else(|| (!added).then(|| elements.iter().position(|one| one.as_object().is_some()))?)
    else {
        return false;
    };
    let mut changed = false;
    for (index, element) in elements.iter_mut().enumerate() {
        if is_primary(element) != (index == first)
            && let Value::Object(object) = element
        {
            object.set("primary", Value::Bool(index == first));
            changed = true;
        }
    }
    changed
}

impl OneWay for Items {
    fn resource(&self, resource: &mut Object<'_>, _facts: Facts<'_>) -> Result<bool, Refused> {
        Ok(self.act_in(resource, false))
    }

    fn part(&self, part: &mut Object<'_>, _facts: Facts<'_>) -> Result<bool, Refused> {
        Ok(self.act_in(part, true))
    }

    /// Only an operation with the attribute as a whole speaks of its elements: not one on some of them, or on a part.
    fn part_at(
        &self,
        part: &mut Object<'_>,
        kind: OpKind,
        path: Option<&PatchPath>,
        _facts: Facts<'_>,
    ) -> Result<bool, Refused> {
        let is_whole = path.is_none_or(|path| path.filter.is_none() && path.sub.is_none() && path.attr.sub.is_none());
        Ok(is_whole && self.act_in(part, kind == OpKind::Add))
    }
}
