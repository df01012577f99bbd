//! `invert`: a boolean's opposite, there and back.

use std::borrow::Cow;

use crate::fault::{Fault, Faults};
use crate::json::Value;
use crate::rules::mapping::{Mapping, Order};
use crate::rules::place::{self, Place};
use crate::scim::Literal;
use crate::yaml::Node;

use super::{About, Action, VALUES_TRANSLATED};

pub(super) const ABOUT: About = About {
    word: "invert",
    summary: "turns a boolean round: true to the backend is false to the client",
    example: "invert: { at: active }",
    two_way: true,
    exact: "for every boolean but `primary`; any other value is refused with 400 invalidValue, an absent one stays absent",
    operators: &[
        ("eq ne", "the literal is translated, also under `not`; `null` stays"),
        ("pr", "stays as it is"),
        ("sortBy", "`sortOrder` turns round"),
        ("co sw ew gt ge lt le", "400 invalidFilter: a boolean has no such order or text"),
    ],
    patch: VALUES_TRANSLATED,
    read: |node, faults| Invert::read(node, faults).map(Action::Invert),
};

/// The payload of `invert`. Exact for every boolean; anything else is refused. In filters `eq` and `ne` translate, also
/// under `not`; an absent attribute stays absent. `sortBy` turns `sortOrder` round.
#[derive(Debug)]
pub struct Invert {
    at: Place,
}

impl Invert {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("invert", faults)?;
        let at = fields.require("at", faults);
        fields.finish(faults);
        let node = at?;
        let at = two_way_place(node, faults)?;
        let is_primary = at.attr.sub.as_ref().is_some_and(|sub| sub.as_str().eq_ignore_ascii_case("primary"));
        if is_primary {
            faults.push(
                Fault::error("R0405", node.place.clone(), "`primary` can't be inverted".to_owned())
                    .label("at most one element is primary, so a PATCH couldn't be undone")
                    .help("name another boolean, or leave `primary` as it is"),
            );
            return None;
        }
        Some(Self { at })
    }
}

/// Reads the path of a two-way action: one that means something inside filters and PATCH paths.
pub(super) fn two_way_place(node: &Node, faults: &mut Faults) -> Option<Place> {
    let at = place::read_one(node, faults)?;
    if at.is_filtered() || at.attr.name.is_none() {
        faults.push(
            Fault::error("R0406", node.place.clone(), format!("a two-way action can't work at `{at}` only"))
                .label("a part of an attribute")
                .help("name the whole attribute or sub-attribute, such as `active` or `emails[*].verified`"),
        );
        return None;
    }
    Some(at)
}

impl Mapping for Invert {
    fn place(&self) -> &Place {
        &self.at
    }

    fn there(&self, value: &Value<'_>) -> Option<Value<'static>> {
        value.as_bool().map(|truth| Value::Bool(!truth))
    }

    fn back(&self, value: &Value<'_>) -> Option<Value<'static>> {
        self.there(value)
    }

    fn literal(&self, literal: &Literal) -> Option<String> {
        match literal {
            Literal::Bool(truth) => Some((!truth).to_string()),
            _ => None,
        }
    }

    fn domain(&self) -> Cow<'static, str> {
        Cow::Borrowed("true or false")
    }

    fn order(&self) -> Order {
        Order::Turned
    }
}
