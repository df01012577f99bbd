//! Evaluation (RFC 9535 sections 2.3 to 2.5): depth first, one path at a time, nothing collected on the way.
//!
//! Whatever it looks at is paid from a budget, so that no rule and no document can hold a call up.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::json::{Array, Object, Value};

use super::syntax::{Logic, Operand, Segment, Selector};
use super::{BudgetFault, Step, compare};

/// How many values one evaluation may look at. A group of 300,000 members can be filtered; it is some ten milliseconds.
pub(super) const BUDGET: usize = 1_000_000;

/// What is left of it.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { left: BUDGET }
    }

    pub(super) fn spend(&mut self, values: usize) -> Result<(), BudgetFault> {
        self.left = self.left.checked_sub(values).ok_or(BudgetFault)?;
        Ok(())
    }

    /// Pays for looking a name up: an object is searched from its start.
    pub(super) fn look_up(&mut self, object: &Object<'_>) -> Result<(), BudgetFault> {
        self.spend(1 + object.len() / 16)
    }

    /// Pays for reading a text.
    fn read(&mut self, text: &str) -> Result<(), BudgetFault> {
        self.spend(1 + text.len() / 256)
    }
}

/// Why a walk ends early.
enum Stop {
    /// What was looked for is found.
    Enough,
    /// The budget is spent.
    Budget,
}

impl From<BudgetFault> for Stop {
    fn from(_: BudgetFault) -> Self {
        Self::Budget
    }
}

/// Whether a condition holds for `node`.
pub(super) fn holds(logic: &Logic, node: &Value<'_>, budget: &mut Budget) -> Result<bool, BudgetFault> {
    match logic {
        Logic::Any(terms) => {
            for term in terms {
                if holds(term, node, budget)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Logic::All(terms) => {
            for term in terms {
                if !holds(term, node, budget)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        Logic::Not(inner) => Ok(!holds(inner, node, budget)?),
        Logic::Exists(segments) => Ok(first(segments, node, 1, budget)?.0 > 0),
        Logic::Compare(left, relation, right) => {
            let left = value(left, node, budget)?;
            let right = value(right, node, budget)?;
            compare::holds(*relation, left.as_deref(), right.as_deref(), budget)
        }
        Logic::Finds(text, pattern) => {
            let found = value(text, node, budget)?;
            let Some(text) = found.as_deref().and_then(Value::as_str) else { return Ok(false) };
            budget.read(&text)?;
            Ok(pattern.is_match(&text))
        }
    }
}

/// The places that a query selects, each once, in document order.
pub(super) fn places(
    segments: &[Segment],
    node: &Value<'_>,
    budget: &mut Budget,
) -> Result<Vec<Vec<Step>>, BudgetFault> {
    let mut places = BTreeSet::new();
    let mut keep = |_: &Value<'_>, at: &[Step], budget: &mut Budget| {
        budget.spend(at.len())?;
        places.insert(at.to_vec());
        Ok(())
    };
    match (Walk { at: Vec::new(), budget, found: &mut keep }).from(node, segments) {
        Ok(()) | Err(Stop::Enough) => Ok(places.into_iter().collect()),
        Err(Stop::Budget) => Err(BudgetFault),
    }
}

/// How many values a query selects, up to `most`, and the first of them.
fn first<'n>(
    segments: &[Segment],
    node: &'n Value<'n>,
    most: usize,
    budget: &mut Budget,
) -> Result<(usize, Option<&'n Value<'n>>), BudgetFault> {
    let mut count = 0;
    let mut first = None;
    let mut tell = |value: &'n Value<'n>, _: &[Step], _: &mut Budget| {
        count += 1;
        first = first.or(Some(value));
        if count >= most { Err(Stop::Enough) } else { Ok(()) }
    };
    match (Walk { at: Vec::new(), budget, found: &mut tell }).from(node, segments) {
        Ok(()) | Err(Stop::Enough) => Ok((count, first)),
        Err(Stop::Budget) => Err(BudgetFault),
    }
}

/// The value of an operand; nothing where it selects none.
fn value<'n>(
    operand: &'n Operand,
    node: &'n Value<'n>,
    budget: &mut Budget,
) -> Result<Option<Cow<'n, Value<'n>>>, BudgetFault> {
    let number = |number: usize| Some(Cow::Owned(Value::Number(Cow::Owned(number.to_string()))));
    match operand {
        Operand::Literal(value) => Ok(Some(Cow::Borrowed(value))),
        Operand::Single(segments) => Ok(first(segments, node, 1, budget)?.1.map(Cow::Borrowed)),
        Operand::Value(segments) => match first(segments, node, 2, budget)? {
            (1, only) => Ok(only.map(Cow::Borrowed)),
            _ => Ok(None),
        },
        Operand::Count(segments) => Ok(number(first(segments, node, usize::MAX, budget)?.0)),
        Operand::Length(of) => {
            let of = value(of, node, budget)?;
            Ok(of.as_deref().map(|of| length(of, budget)).transpose()?.flatten().and_then(number))
        }
    }
}

/// `length` (RFC 9535 section 2.4.4): of a text in characters, of an array in items, of an object in members.
fn length(value: &Value<'_>, budget: &mut Budget) -> Result<Option<usize>, BudgetFault> {
    Ok(match value {
        Value::String(text) => {
            let text = text.decoded();
            budget.read(&text)?;
            Some(text.chars().count())
        }
        Value::Array(array) => Some(array.len()),
        Value::Object(object) => Some(object.len()),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    })
}

/// A walk through a document: where it stands, and who is told what it finds.
struct Walk<'w, F> {
    at: Vec<Step>,
    budget: &'w mut Budget,
    found: &'w mut F,
}

impl<'n, F> Walk<'_, F>
where
    F: FnMut(&'n Value<'n>, &[Step], &mut Budget) -> Result<(), Stop>,
{
    fn from(&mut self, node: &'n Value<'n>, segments: &[Segment]) -> Result<(), Stop> {
        let Some((segment, rest)) = segments.split_first() else {
            return (self.found)(node, &self.at, self.budget);
        };
        for selector in &segment.selectors {
            self.selector(node, selector, rest)?;
        }
        if segment.deep {
            self.children(node, segments, None)?;
        }
        Ok(())
    }

    fn selector(&mut self, node: &'n Value<'n>, selector: &Selector, rest: &[Segment]) -> Result<(), Stop> {
        match (selector, node) {
            (Selector::Name(name), Value::Object(object)) => {
                self.budget.look_up(object)?;
                match object.position(name) {
                    Some(index) => self.member(object, index, rest),
                    None => Ok(()),
                }
            }
            (Selector::Index(index), Value::Array(array)) => match position(*index, array.len()) {
                Some(index) => self.item(array, index, rest),
                None => Ok(()),
            },
            (Selector::Slice { start, end, step }, Value::Array(array)) => {
                for index in slice(*start, *end, *step, array.len()) {
                    self.item(array, index, rest)?;
                }
                Ok(())
            }
            (Selector::Wildcard, _) => self.children(node, rest, None),
            (Selector::Filter(logic), _) => self.children(node, rest, Some(logic)),
            _ => Ok(()),
        }
    }

    /// Goes on with every child of `node` for which `only` holds.
    fn children(&mut self, node: &'n Value<'n>, rest: &[Segment], only: Option<&Logic>) -> Result<(), Stop> {
        match node {
            Value::Object(object) => {
                for (index, member) in object.iter().enumerate() {
                    if self.admits(only, &member.value)? {
                        self.step(Step::Member(index), &member.value, rest)?;
                    }
                }
            }
            Value::Array(array) => {
                for (index, item) in array.iter().enumerate() {
                    if self.admits(only, item)? {
                        self.step(Step::Item(index), item, rest)?;
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
        Ok(())
    }

    fn admits(&mut self, only: Option<&Logic>, child: &Value<'_>) -> Result<bool, Stop> {
        self.budget.spend(1)?;
        Ok(match only {
            Some(logic) => holds(logic, child, self.budget)?,
            None => true,
        })
    }

    fn member(&mut self, object: &'n Object<'n>, index: usize, rest: &[Segment]) -> Result<(), Stop> {
        match object.iter().nth(index) {
            Some(member) => self.step(Step::Member(index), &member.value, rest),
            None => Ok(()),
        }
    }

    fn item(&mut self, array: &'n Array<'n>, index: usize, rest: &[Segment]) -> Result<(), Stop> {
        self.budget.spend(1)?;
        match array.get(index) {
            Some(item) => self.step(Step::Item(index), item, rest),
            None => Ok(()),
        }
    }

    fn step(&mut self, step: Step, child: &'n Value<'n>, rest: &[Segment]) -> Result<(), Stop> {
        self.at.push(step);
        self.from(child, rest)?;
        self.at.pop();
        Ok(())
    }
}

/// The position that an index means in an array of this length; a negative one counts from the end.
fn position(index: i64, len: usize) -> Option<usize> {
    let len = i64::try_from(len).ok()?;
    let index = if index < 0 { index.saturating_add(len) } else { index };
    (0..len).contains(&index).then(|| usize::try_from(index).ok()).flatten()
}

/// The positions that a slice selects (RFC 9535 section 2.3.4.2.2).
fn slice(start: Option<i64>, end: Option<i64>, step: i64, len: usize) -> Vec<usize> {
    let len = i64::try_from(len).unwrap_or(i64::MAX);
    let bound = |bound: i64| if bound < 0 { bound.saturating_add(len) } else { bound };
    let (mut index, last) = match step {
        0 => return Vec::new(),
        1.. => (bound(start.unwrap_or(0)).clamp(0, len), bound(end.unwrap_or(len)).clamp(0, len)),
        _ => (start.map_or(len - 1, bound).clamp(-1, len - 1), end.map_or(-1, bound).clamp(-1, len - 1)),
    };
    let mut positions = Vec::new();
    while (step > 0 && index < last) || (step < 0 && index > last) {
        positions.extend(usize::try_from(index));
        index = index.saturating_add(step);
    }
    positions
}
