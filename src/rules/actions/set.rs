//! `set`: an attribute that is always what the rule says.

use crate::fault::Faults;
use crate::json::{Object, Value};
use crate::rules::attribute;
use crate::rules::message::{Facts, Refused};
use crate::rules::oneway::OneWay;
use crate::rules::place::{self, Place};
use crate::rules::written::{self, Written};
use crate::yaml::Node;

use super::{About, Action, QUERIES_PASS};

pub(super) const ABOUT: About = About {
    word: "set",
    summary: "overwrites an attribute; the value may name `{id}`, `{resource}` and other attributes",
    example: "set: { at: displayName, value: \"{name.givenName} {name.familyName}\" }",
    two_way: false,
    exact: "not undone; where an attribute that the value names is absent, nothing is set",
    operators: QUERIES_PASS,
    patch: &[("a path", "stays as it is"), ("a value", "overwritten where it carries the attribute")],
    read: |node, faults| Set::read(node, faults).map(Action::Set),
};

/// The payload of `set`. Where an attribute that the value names is absent, nothing is set. In a PATCH only an operation
/// that carries the attribute is overwritten.
#[derive(Debug)]
pub struct Set {
    at: Place,
    value: Written,
}

impl Set {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("set", faults)?;
        let at_node = fields.require("at", faults);
        let at = at_node.and_then(|node| place::read_one(node, faults));
        let value_node = fields.require("value", faults);
        let value = value_node.and_then(|node| Written::read(node, faults));
        fields.finish(faults);
        let (at, value) = (at?, value?);
        let itself = value.is_the_id() && written::is_id(&at);
        let sound =
            (itself || written::may_write(&at, at_node?, faults)) & value.names_others(&at, value_node?, faults);
        sound.then_some(Self { at, value })
    }

    pub(super) fn place(&self) -> &Place {
        &self.at
    }

    fn overwrite(&self, resource: &mut Object<'_>, value: &Value<'static>) -> bool {
        let mut changed = false;
        self.at.visit_holders(resource, &mut |parent, name| {
            if parent.get(name) != Some(value) {
                parent.set(name, value.clone());
                changed = true;
            }
        });
        changed
    }
}

impl OneWay for Set {
    fn resource(&self, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<bool, Refused> {
        let Some(value) = self.value.of(resource, facts) else { return Ok(false) };
        let changed = self.overwrite(resource, &value);
        let missing = !self.at.is_filtered() && {
            let mut held = false;
            self.at.visit_holders(resource, &mut |_, _| held = true);
            !held
        };
        Ok(changed || (missing && attribute::put(resource, &self.at.attr, value).is_ok()))
    }

    fn part(&self, part: &mut Object<'_>, facts: Facts<'_>) -> Result<bool, Refused> {
        let Some(value) = self.value.of(part, facts) else { return Ok(false) };
        Ok(self.overwrite(part, &value))
    }
}
