//! `drop`: attributes that the other side must not see.

use crate::fault::{Fault, Faults};
use crate::json::{Object, Value};
use crate::rules::attribute::{self, Relation, relation};
use crate::rules::message::{Facts, Refused};
use crate::rules::oneway::OneWay;
use crate::rules::place::{self, Place};
use crate::rules::select::{Query, Step};
use crate::scim::{AttrPath, ErrorStatus, Resource, ScimError};
use crate::yaml::{Kind, Node};

use super::{About, Action};

pub(super) const ABOUT: About = About {
    word: "drop",
    summary: "removes attributes",
    example: "drop: { at: [password] }",
    two_way: false,
    exact: "not undone; towards clients that PUT what they have read, it loses what they never saw (R0310)",
    operators: &[
        ("every operator, sortBy", "400 invalidFilter: nobody may ask for what is dropped"),
        ("excludedAttributes", "the name is taken off the list"),
    ],
    patch: &[
        ("a path", "an operation on exactly the attribute goes"),
        ("a value", "the attribute is taken out; an operation of which nothing is left goes"),
    ],
    read: |node, faults| Drop::read(node, faults).map(Action::Drop),
};

/// The payload of `drop`. In a PATCH an operation on exactly such an attribute goes; a query that asks for one is
/// refused.
#[derive(Debug)]
pub struct Drop {
    at: Vec<At>,
}

#[derive(Debug)]
enum At {
    Place(Box<Place>),
    Query(Query),
}

impl Drop {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("drop", faults)?;
        let at = fields.require("at", faults);
        fields.finish(faults);
        let at = at?.one_or_list().into_iter().filter_map(|one| At::read(one, faults)).collect();
        Some(Self { at })
    }

    pub(super) fn places(&self) -> impl Iterator<Item = &Place> {
        self.at.iter().filter_map(|at| match at {
            At::Place(place) => Some(&**place),
            At::Query(_) => None,
        })
    }

    /// The attributes that it takes, if no query and no filter says which.
    pub(super) fn plain(&self) -> Option<Vec<&AttrPath>> {
        let plain = |at: &At| matches!(at, At::Place(place) if !place.is_filtered());
        self.at.iter().all(plain).then(|| self.places().map(|place| &place.attr).collect())
    }

    /// Whether a query of it takes the attribute of this name out of a resource.
    #[must_use]
    pub fn takes_by_query(&self, name: &str) -> bool {
        let mut resource = Object::new();
        resource.set(name, Value::Bool(false));
        let whole = Value::Object(resource);
        let selects = |query: &Query| query.select(&whole).is_ok_and(|places| !places.is_empty());
        self.at.iter().any(|at| matches!(at, At::Query(query) if selects(query)))
    }

    /// Whether it also drops what a query selects.
    pub fn has_query(&self) -> bool {
        self.at.iter().any(|at| matches!(at, At::Query(_)))
    }
}

impl At {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        match &node.kind {
            Kind::String(text) if text.starts_with('$') => match Query::parse(text) {
                Ok(query) => Some(Self::Query(query)),
                Err(fault) => {
                    faults.push(
                        Fault::error("R0402", node.place.clone(), fault.to_string())
                            .label("not a query that can be dropped")
                            .help("write a JSONPath query of RFC 9535: \"$.emails[?@.type == 'home']\""),
                    );
                    None
                }
            },
            _ => place::read_elements(node, faults).map(|place| Self::Place(Box::new(place))),
        }
    }

    fn act(&self, resource: &mut Object<'_>) -> Result<bool, Refused> {
        match self {
            Self::Place(place) => Ok(drop_place(place, resource)),
            Self::Query(query) => drop_query(query, resource),
        }
    }
}

fn drop_place(place: &Place, resource: &mut Object<'_>) -> bool {
    match (&place.attr.sub, place.is_filtered()) {
        (None, false) => return attribute::take(resource, &place.attr).is_some(),
        (None, true) => return place.drop_elements(resource),
        (Some(_), _) => {}
    }
    let mut changed = false;
    place.visit_holders(resource, &mut |parent, name| changed |= parent.remove(name).is_some());
    changed
}

/// Drops what the query selects, last first, so that positions stay true. A query that can't be answered within its
/// budget refuses the call: what should have been dropped must not pass.
fn drop_query(query: &Query, resource: &mut Object<'_>) -> Result<bool, Refused> {
    let mut whole = Value::Object(std::mem::take(resource));
    let selected = query.select(&whole);
    for location in selected.iter().flatten().rev() {
        remove(&mut whole, location);
    }
    if let Value::Object(left) = whole {
        *resource = left;
    }
    let refusal = |fault| ScimError::new(ErrorStatus::Internal, format!("what to drop can't be told: {fault}"));
    selected.map(|locations| !locations.is_empty()).map_err(refusal)
}

fn remove(value: &mut Value<'_>, location: &[Step]) {
    let Some((step, rest)) = location.split_first() else { return };
    match (value, step) {
        (Value::Object(object), Step::Member(index)) if *index < object.len() => {
            if rest.is_empty() {
                object.members_mut().remove(*index);
            } else if let Some(member) = object.members_mut().get_mut(*index) {
                remove(&mut member.value, rest);
            }
        }
        (Value::Array(array), Step::Item(index)) if *index < array.len() => {
            if rest.is_empty() {
                array.remove(*index);
            } else if let Some(item) = array.items_mut().get_mut(*index) {
                remove(item, rest);
            }
        }
        _ => {}
    }
}

impl OneWay for Drop {
    fn resource(&self, resource: &mut Object<'_>, _facts: Facts<'_>) -> Result<bool, Refused> {
        let mut changed = false;
        for at in &self.at {
            changed |= at.act(resource)?;
        }
        Ok(changed)
    }

    fn part(&self, part: &mut Object<'_>, facts: Facts<'_>) -> Result<bool, Refused> {
        self.resource(part, facts)
    }

    fn hides(&self, path: &AttrPath, _resource: Option<&Resource>) -> bool {
        self.at.iter().any(|at| match at {
            At::Place(place) if !place.is_filtered() => {
                matches!(relation(path, &place.attr), Relation::Same | Relation::Below(_))
            }
            _ => false,
        })
    }
}
