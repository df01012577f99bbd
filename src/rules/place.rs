//! Where in a resource an action works: a SCIM attribute path, or a JSONPath query for one-way actions.
//!
//! Attribute names are compared without case (RFC 7643 section 2.1), URN-qualified or not, whatever their spelling.

use std::fmt;

use crate::fault::{Fault, Faults};
use crate::json::{Object, Value};
use crate::scim::filter::matches;
use crate::scim::{AttrName, AttrPath, Filter, PatchPath};
use crate::yaml::Node;

use super::attribute::key;

/// A SCIM attribute path: `name.givenName`, `emails[*].type`, `emails[type eq "work"].value`, `urn:..:User:department`.
#[derive(Clone, Debug)]
pub struct Place {
    /// The attribute, with its sub-attribute.
    pub attr: AttrPath,
    /// Only the elements that match.
    only: Option<Filter>,
}

impl Place {
    /// Reads a path. `emails[*].type` and `emails.type` mean the same: the type of every element.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plain = text.replacen("[*]", "", 1);
        let path = PatchPath::parse(&plain).map_err(|fault| fault.to_string())?;
        let mut attr = path.attr;
        if path.sub.is_some() {
            attr.sub = path.sub;
        }
        Ok(Self { attr, only: path.filter })
    }

    /// Whether the path names elements by a value filter.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        self.only.is_some()
    }

    /// Calls `f` with every object that holds the attribute, and its name there.
    pub fn visit_holders<'v>(&self, resource: &mut Object<'v>, f: &mut impl FnMut(&mut Object<'v>, &str)) {
        self.visit(resource, &mut |parent, name| {
            if parent.contains(name) {
                f(parent, name);
            }
        });
    }

    /// Calls `f` with every object that holds or could hold the attribute; a single complex attribute or an extension
    /// that is missing is not made.
    pub fn visit<'v>(&self, resource: &mut Object<'v>, f: &mut impl FnMut(&mut Object<'v>, &str)) {
        self.prune(resource, &mut |parent, name| {
            f(parent, name);
            true
        });
    }

    /// As [`Place::visit`], where `f` says of each element whether it stays. True if that emptied the array.
    pub fn prune<'v>(&self, resource: &mut Object<'v>, f: &mut impl FnMut(&mut Object<'v>, &str) -> bool) -> bool {
        let Some(top) = holder(resource, &self.attr) else { return false };
        let Some(sub) = &self.attr.sub else {
            if self.only.is_none() {
                f(top, key(&self.attr));
            }
            return false;
        };
        match self.attr.name.as_ref().and_then(|name| top.get_mut(name.as_str())) {
            Some(Value::Object(complex)) => {
                self.keeps(complex, sub, f);
                false
            }
            Some(Value::Array(elements)) => {
                let before = elements.len();
                elements
                    .items_mut()
                    .retain_mut(|element| element.as_object_mut().is_none_or(|element| self.keeps(element, sub, f)));
                elements.is_empty() && before > 0
            }
            _ => false,
        }
    }

    /// Takes out the elements that the filter names. True if there was one.
    pub fn drop_elements(&self, resource: &mut Object<'_>) -> bool {
        let (Some(filter), Some(name)) = (&self.only, &self.attr.name) else { return false };
        let Some(top) = holder(resource, &self.attr) else { return false };
        let selected = |element: &Value<'_>| element.as_object().is_some_and(|one| matches(filter.root(), one));
        let elements = top.get(name.as_str()).and_then(Value::as_array);
        let held = elements.is_some_and(|elements| elements.iter().any(selected));
        if held && let Some(Value::Array(elements)) = top.get_mut(name.as_str()) {
            elements.retain(|element| !selected(element));
        }
        held
    }

    fn keeps<'v>(
        &self,
        element: &mut Object<'v>,
        sub: &AttrName,
        f: &mut impl FnMut(&mut Object<'v>, &str) -> bool,
    ) -> bool {
        let selected = self.only.as_ref().is_none_or(|filter| matches(filter.root(), element));
        !selected || f(element, sub.as_str())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.attr.fmt(f)
    }
}

/// The object in which the attribute's first name stands: the resource, or its extension if that is there.
fn holder<'r, 'v>(resource: &'r mut Object<'v>, path: &AttrPath) -> Option<&'r mut Object<'v>> {
    match (path.extension(), &path.name) {
        (Some(urn), Some(_)) if resource.contains(urn.as_str()) => resource.get_mut(urn.as_str())?.as_object_mut(),
        (Some(_), Some(_)) => None,
        _ => Some(resource),
    }
}

/// Reads the paths of an `at:` that takes SCIM attribute paths only.
pub fn read(node: &Node, faults: &mut Faults) -> Vec<Place> {
    node.one_or_list().into_iter().filter_map(|one| read_one(one, faults)).collect()
}

/// Reads one path to a value: of elements that a filter names, a sub-attribute.
pub fn read_one(node: &Node, faults: &mut Faults) -> Option<Place> {
    let place = read_elements(node, faults)?;
    if place.is_filtered() && place.attr.sub.is_none() {
        faults.push(
            Fault::error("R0420", node.place.clone(), format!("`{place}[..]` names whole elements"))
                .label("not one value")
                .help("name a sub-attribute of them, such as `emails[type eq \"work\"].value`"),
        );
        return None;
    }
    Some(place)
}

/// Reads one path, which may name whole elements by a filter.
pub fn read_elements(node: &Node, faults: &mut Faults) -> Option<Place> {
    let text = node.text("an attribute path", faults)?;
    match Place::parse(text) {
        Ok(place) => Some(place),
        Err(fault) => {
            faults.push(
                Fault::error("R0403", node.place.clone(), format!("`{text}` is not an attribute path: {fault}"))
                    .label("not an attribute path")
                    .help("write it as SCIM does: `userName`, `name.givenName`, `emails[*].type`, `urn:..:User:department`"),
            );
            None
        }
    }
}
