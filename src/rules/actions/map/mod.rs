//! `map`: other words for the values of an attribute, there and back.

mod table;

use std::borrow::Cow;

use crate::fault::Faults;
use crate::json::Value;
use crate::rules::fold::{Asked, Rewrite, Stand};
use crate::rules::mapping::{Mapping, Order};
use crate::rules::place::Place;
use crate::scim::{AttrName, AttrPath, CompareOp, Literal, filter, schema};
use crate::yaml::Node;

use super::{About, Action, single};
use table::Table;

pub(super) const ABOUT: About = About {
    word: "map",
    summary: "gives values of an attribute other words on the backend's side",
    example: "map: { at: userType, values: { Employee: E, Contractor: C }, else: pass }",
    two_way: true,
    exact: "for the values of the table, up to case; under `else: pass` for every value that isn't taken for a listed one on the other side; any other value is refused",
    operators: &[
        ("eq ne", "the other word; with an unlisted literal `eq` is false and `ne` true, under `else: pass` it stays"),
        ("co sw ew gt ge lt le", "an `or` over the words of the table for which it holds, and what passes"),
        ("pr", "stays as it is"),
        ("sortBy", "400: the other words sort otherwise"),
    ],
    patch: &[
        ("a path", "stays; its value filter is translated, 400 noTarget where no element can match"),
        ("a value", "translated, with a path or without one"),
    ],
    read: |node, faults| Map::read(node, faults).map(Action::Map),
};

/// The payload of `map`. Exact up to case where the attribute has none.
///
/// A value that the table doesn't list is refused, or passes under `else: pass`; there too it is refused where it would be
/// taken for a listed one on the way back. Every operator translates: `eq` and `ne` of a listed value by the other word,
/// any other comparison by an `or` over the values of the table for which it holds. With an unlisted literal `eq` is false
/// and `ne` true, so that whole filters can disappear, or find nothing. `sortBy` is refused.
#[derive(Debug)]
pub struct Map {
    at: Place,
    table: Table,
    unlisted: Unlisted,
}

/// What becomes of a value that isn't listed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
enum Unlisted {
    /// It is refused.
    #[default]
    Refuse,
    /// It stays.
    Pass,
}

impl Unlisted {
    const WORDS: &[(&str, Self)] = &[("refuse", Self::Refuse), ("pass", Self::Pass)];
}

impl Map {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("map", faults)?;
        let at = fields.require("at", faults).and_then(|node| single::plain(node, faults));
        let values = fields.require("values", faults);
        let unlisted = match fields.take("else") {
            Some(node) => node.word("what becomes of other values", Unlisted::WORDS, faults),
            None => Some(Unlisted::default()),
        };
        fields.finish(faults);
        let at = at?;
        let table = Table::read(values?, &at.attr, faults)?;
        Some(Self { at, table, unlisted: unlisted? })
    }

    /// The value of the other column; an unlisted one if it can't be taken for a listed one.
    fn other(&self, listed: Option<&Value<'static>>, value: &Value<'_>) -> Option<Value<'static>> {
        let passes = self.unlisted == Unlisted::Pass && !self.table.finds(&self.at.attr, value);
        listed.cloned().or_else(|| passes.then(|| value.clone().into_owned()))
    }

    fn holds(&self, value: &Value<'_>, op: CompareOp, literal: &Literal) -> bool {
        filter::satisfies(value, &self.at.attr, op, literal)
    }

    /// Values that pass and compare so, without the right-hand words whose left-hand side doesn't, and with those whose
    /// left-hand side does.
    fn passing(&self, asked: &Asked<'_>, op: CompareOp, literal: &Literal) -> Option<Rewrite> {
        let misleads =
            |left: &Value<'_>, right: &Value<'_>| self.holds(right, op, literal) && !self.holds(left, op, literal);
        let besides: Vec<_> =
            self.table.pairs().filter(|(left, right)| misleads(left, right)).map(|(_, right)| right).collect();
        let others = if besides.is_empty() {
            format!("{} {op} {literal}", asked.name)
        } else {
            self.without(&besides, asked, op, literal)?
        };
        let listed = self.listed(&asked.name, op, literal);
        Some(Rewrite::any(std::iter::once(others).chain(listed).collect()))
    }

    /// One value that compares so and is none of these: of an attribute with several, that takes brackets.
    fn without(
        &self,
        besides: &[&Value<'static>],
        asked: &Asked<'_>,
        op: CompareOp,
        literal: &Literal,
    ) -> Option<String> {
        let all = |name: &str| {
            let none_of_them = besides.iter().map(|right| format!("{name} ne {right}"));
            std::iter::once(format!("{name} {op} {literal}")).chain(none_of_them).collect::<Vec<_>>().join(" and ")
        };
        let attribute = AttrPath { sub: None, ..self.at.attr.clone() };
        let is_many = schema::is_multi_valued(&attribute) || schema::is_multi_valued(&self.at.attr);
        match (asked.stand, &self.at.attr.sub) {
            (Stand::Element, _) => Some(format!("({})", all(&asked.name))),
            (Stand::Resource, Some(sub)) if is_many => {
                Some(format!("{}[{}]", head(&asked.name, sub), all(sub.as_str())))
            }
            (Stand::Resource, _) if !is_many && schema::is_known(&self.at.attr) => {
                Some(format!("({})", all(&asked.name)))
            }
            // Whether what no schema knows has several values can't be told.
            _ => None,
        }
    }

    fn listed(&self, name: &str, op: CompareOp, literal: &Literal) -> Vec<String> {
        let pairs = self.table.pairs().filter(|(left, _)| self.holds(left, op, literal));
        pairs.map(|(_, right)| format!("{name} eq {right}")).collect()
    }
}

/// The name of the attribute, of the name of its part as it is written; a part that isn't written is its `value`.
fn head<'n>(name: &'n str, sub: &AttrName) -> &'n str {
    let end = name.len().saturating_sub(sub.as_str().len() + 1);
    let is_written = name
        .get(end..)
        .is_some_and(|tail| tail.strip_prefix('.').is_some_and(|tail| tail.eq_ignore_ascii_case(sub.as_str())));
    if is_written { name.get(..end).unwrap_or(name) } else { name }
}

impl Mapping for Map {
    fn place(&self) -> &Place {
        &self.at
    }

    fn there(&self, value: &Value<'_>) -> Option<Value<'static>> {
        self.other(self.table.right_of(&self.at.attr, value), value)
    }

    fn back(&self, value: &Value<'_>) -> Option<Value<'static>> {
        self.other(self.table.left_of(&self.at.attr, value), value)
    }

    fn comparison(&self, asked: &Asked<'_>, op: CompareOp, literal: &Literal) -> Option<Rewrite> {
        let listed = self.table.pairs().find(|(left, _)| self.holds(left, CompareOp::Eq, literal));
        let passes = self.unlisted == Unlisted::Pass && !self.table.has_right(&self.at.attr, literal);
        match (op, listed, self.unlisted) {
            (CompareOp::Eq | CompareOp::Ne, Some((_, right)), _) => Some(Rewrite::Literal(right.to_string())),
            (CompareOp::Eq | CompareOp::Ne, None, _) if passes => Some(Rewrite::Keep),
            (CompareOp::Eq | CompareOp::Ne, None, _) => Some(Rewrite::constant(op == CompareOp::Ne)),
            (_, _, Unlisted::Refuse) => Some(Rewrite::any(self.listed(&asked.name, op, literal))),
            (_, _, Unlisted::Pass) => self.passing(asked, op, literal),
        }
    }

    fn comparable(&self) -> &'static str {
        "eq and ne"
    }

    fn domain(&self) -> Cow<'static, str> {
        let lefts: Vec<String> = self.table.pairs().map(|(left, _)| left.to_string()).collect();
        Cow::Owned(match self.unlisted {
            Unlisted::Refuse => format!("one of {}", lefts.join(", ")),
            Unlisted::Pass => "a value that is not taken for another one on the other side".to_owned(),
        })
    }

    fn order(&self) -> Order {
        Order::Lost
    }
}
