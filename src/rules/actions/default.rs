//! `default`: what an absent attribute becomes.

use crate::fault::Faults;
use crate::json::Object;
use crate::rules::attribute;
use crate::rules::attribute::is_unassigned;
use crate::rules::message::{Facts, Refused};
use crate::rules::oneway::OneWay;
use crate::rules::place::{self, Place};
use crate::rules::written::{self, Written};
use crate::scim::OperationKind;
use crate::yaml::Node;

use super::{About, Action, QUERIES_PASS};

pub(super) const ABOUT: About = About {
    word: "default",
    summary: "fills an attribute in where it is absent, on create and replace",
    example: "default: { at: userType, value: Employee }",
    two_way: false,
    exact: "not undone; acts on create and replace only, and never over a value",
    operators: QUERIES_PASS,
    patch: &[("everything", "stays as it is: a PATCH leaves out whatever doesn't change")],
    read: |node, faults| Default::read(node, faults).map(Action::Default),
};

/// The payload of `default`. The value may name what `set` names; where one of these is absent, nothing is filled in. It
/// never acts on a PATCH, which leaves out whatever doesn't change.
#[derive(Debug)]
pub struct Default {
    at: Place,
    value: Written,
}

impl Default {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("default", faults)?;
        let at = fields.require("at", faults).and_then(|node| {
            let at = place::read_one(node, faults)?;
            written::may_write(&at, node, faults).then_some(at)
        });
        let value_node = fields.require("value", faults);
        let value = value_node.and_then(|node| Written::read(node, faults));
        fields.finish(faults);
        let (at, value) = (at?, value?);
        value.names_others(&at, value_node?, faults).then_some(Self { at, value })
    }

    pub(super) fn place(&self) -> &Place {
        &self.at
    }
}

impl OneWay for Default {
    fn resource(&self, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<bool, Refused> {
        if !matches!(facts.operation, OperationKind::Create | OperationKind::Replace) {
            return Ok(false);
        }
        let Some(value) = self.value.of(resource, facts) else { return Ok(false) };
        if self.at.attr.sub.is_none() || attribute::find(resource, &parent_of(&self.at)).is_none() {
            let absent = attribute::find(resource, &self.at.attr).is_none_or(is_unassigned);
            return Ok(absent && attribute::put(resource, &self.at.attr, value.clone()).is_ok());
        }
        let mut changed = false;
        self.at.visit(resource, &mut |parent, name| {
            if parent.get(name).is_none_or(is_unassigned) {
                parent.set(name, value.clone());
                changed = true;
            }
        });
        Ok(changed)
    }

    fn part(&self, _part: &mut Object<'_>, _facts: Facts<'_>) -> Result<bool, Refused> {
        Ok(false)
    }
}

fn parent_of(place: &Place) -> crate::scim::AttrPath {
    attribute::parent(&place.attr).unwrap_or_else(|| place.attr.clone())
}
