//! JSONPath (RFC 9535) over our own tree: conditions on a resource, and queries for what SCIM paths can't select.
//!
//! `jsonpath_rust` reads the text; [`read`] takes its syntax tree over into ours ([`syntax`]) and refuses whatever could
//! be slow or has no type; [`walk`] evaluates, [`compare`] compares. Two things differ from the RFC, on purpose: names are
//! compared without ASCII case, because every document here is SCIM's (RFC 7643 section 2.1), and an evaluation has a
//! budget.
//!
//! Not here: writing. What a query selects is a list of places; whoever asked for it acts on them.

mod compare;
#[cfg(test)]
mod oracle;
mod pattern;
mod read;
mod syntax;
mod walk;

use crate::json::Value;

use syntax::{Logic, Segment};
use walk::Budget;

/// A filter expression of RFC 9535 section 2.3.5 with `@` as the resource: `@.userType == 'Admin'`.
#[derive(Debug)]
pub struct Condition {
    logic: Logic,
}

/// A query of RFC 9535 that starts with `$`, the resource, and can't select the whole of it.
#[derive(Debug)]
pub struct Query {
    segments: Vec<Segment>,
}

/// One step from a value to one of its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// To the member of an object at this position, counted from 0.
    Member(usize),
    /// To the item of an array at this position, counted from 0.
    Item(usize),
}

/// Why a text is no condition or query, in a sentence for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectFault {
    /// More than 4,096 bytes.
    #[error("an expression has at most {} bytes", read::MAX_BYTES)]
    TooLong,
    /// `((((..` more than 64 deep.
    #[error("brackets and parentheses nest at most {} deep", read::MAX_DEPTH)]
    TooDeep,
    /// `length(value(length(value(length(@.a)))))`
    #[error("function calls nest at most {} deep", read::MAX_CALLS)]
    TooManyCalls,
    /// `@.a = 1`: not in the grammar, from this column on (counted from 1).
    #[error("RFC 9535 has no such expression: it can't be read from column {0} on")]
    Syntax(usize),
    /// `@.count == 99999999999999999999`
    #[error("`{0}` can't be read")]
    Unreadable(String),
    /// `@.a], [?@.b`: more than one expression.
    #[error("this is more than one filter expression")]
    NotOne,
    /// `$.userType == 'Admin'` as a condition.
    #[error(
        "a condition is asked of the resource, and that is `@`; `$[?@.x]` would look at its children and never match"
    )]
    RootCondition,
    /// `@.type == $.userType`
    #[error("`$` inside a filter looks at the whole document again for every value; use `@`")]
    AbsoluteInFilter,
    /// `count(@..value) > 1`
    #[error(
        "`..` inside a filter searches the whole document again for every value; name the way, as in `@.emails[*]`"
    )]
    DescendantInFilter,
    /// `emails[*]` as a query.
    #[error("a query starts with `$`")]
    NotAQuery,
    /// `$` as a query.
    #[error("`$` alone selects the whole resource")]
    WholeDocument,
    /// `in(@.a, @.b)`
    #[error("`{0}` is not a function of RFC 9535; it has length, count, value, match and search")]
    UnknownFunction(String),
    /// `length(@.emails[*]) > 1`
    #[error("`{0}` takes one value here: a literal, or a path of names and indexes such as `@.name.givenName`")]
    ValueExpected(&'static str),
    /// `count(1) > 1`
    #[error("`{0}` takes a query, such as `@.emails[*]`")]
    QueryExpected(&'static str),
    /// `length(@.a)` without a comparison.
    #[error("`{0}` gives a value, not a truth: compare it")]
    NotATruth(&'static str),
    /// `match(@.a, 'x') == true`
    #[error("`{0}` gives a truth, not a value: it can't be compared")]
    NotAValue(&'static str),
    /// `match(@.a, @.b)`
    #[error("the pattern of `{0}` must be written as a text: one taken from the resource would be the client's")]
    PatternNotLiteral(&'static str),
    /// `match(@.a, '(')`
    #[error("the pattern is not a regular expression: {0}")]
    Pattern(String),
    /// `match(@.a, '((\\w{100}){100}){100}')`
    #[error("the pattern needs more than {} bytes once it is compiled", pattern::MAX_COMPILED)]
    PatternTooBig,
}

/// An evaluation looked at more values than its budget allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it looks at more than {} values", walk::BUDGET)]
pub struct BudgetFault;

/// A regular expression that may match anywhere in a text, compiled within the limits that hold for those of `search`.
///
/// # Errors
/// Why it is none, or why it is not taken here.
pub fn pattern(text: &str) -> Result<regex::Regex, SelectFault> {
    pattern::anywhere(text)
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// Why it is none, or why it is not taken here.
    pub fn parse(text: &str) -> Result<Self, SelectFault> {
        read::condition(text).map(|logic| Self { logic })
    }

    /// Whether `resource`, as `@`, meets the condition.
    ///
    /// # Errors
    /// If that can't be said within the budget.
    pub fn holds(&self, resource: &Value<'_>) -> Result<bool, BudgetFault> {
        walk::holds(&self.logic, resource, &mut Budget::new())
    }
}

impl Query {
    /// Reads a query.
    ///
    /// # Errors
    /// Why it is none, or why it is not taken here.
    pub fn parse(text: &str) -> Result<Self, SelectFault> {
        read::query(text).map(|segments| Self { segments })
    }

    /// The places in `resource` that the query selects, each once, in document order: a value stands before what is in
    /// it.
    ///
    /// # Errors
    /// If they can't be told within the budget.
    pub fn select(&self, resource: &Value<'_>) -> Result<Vec<Vec<Step>>, BudgetFault> {
        walk::places(&self.segments, resource, &mut Budget::new())
    }
}

#[cfg(test)]
mod tests;
