//! What a query or condition means, once everything in it has been checked: no absolute or descendant query inside a
//! filter, every function typed, every pattern compiled.

use regex::Regex;

use crate::json::Value;

/// One step of a query.
#[derive(Debug)]
pub(super) struct Segment {
    /// Whether it starts at every descendant too: `..`.
    pub deep: bool,
    /// What it selects of each value, in this order.
    pub selectors: Vec<Selector>,
}

/// What a segment selects of one value.
#[derive(Debug)]
pub(super) enum Selector {
    /// `name`, `['name']`
    Name(String),
    /// `*`
    Wildcard,
    /// `[0]`, `[-1]`
    Index(i64),
    /// `[start:end:step]`
    Slice { start: Option<i64>, end: Option<i64>, step: i64 },
    /// `[?..]`
    Filter(Logic),
}

/// What is true or false.
#[derive(Debug)]
pub(super) enum Logic {
    /// `a || b`
    Any(Vec<Logic>),
    /// `a && b`
    All(Vec<Logic>),
    /// `!a`
    Not(Box<Logic>),
    /// `@.a[*]`: whether there is any.
    Exists(Vec<Segment>),
    /// `a == b`
    Compare(Operand, Relation, Operand),
    /// `match(a, 'pattern')` and `search(a, 'pattern')`: whether `a` is a text that the pattern finds.
    Finds(Operand, Regex),
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Relation {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// What stands for one value, or for none.
#[derive(Debug)]
pub(super) enum Operand {
    /// A literal.
    Literal(Value<'static>),
    /// `@.name.givenName`, `@.emails[0]`: each segment selects one value at most.
    Single(Vec<Segment>),
    /// `length(..)`
    Length(Box<Operand>),
    /// `count(..)`
    Count(Vec<Segment>),
    /// `value(..)`: the value if there is exactly one.
    Value(Vec<Segment>),
}

impl Segment {
    /// Whether it selects one value at most, so that what it gives can be compared (RFC 9535 section 2.3.5.1).
    pub(super) fn is_single(&self) -> bool {
        !self.deep && matches!(self.selectors.as_slice(), [Selector::Name(_) | Selector::Index(_)])
    }
}
