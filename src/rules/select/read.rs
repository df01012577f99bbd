//! From a text to what it means: `jsonpath_rust` knows the grammar, this knows what is not taken here.
//!
//! Refused are queries that cost the square of the document (absolute or descendant ones inside a filter: 31 seconds
//! measured), patterns that a document could bring along, calls without a type (RFC 9535 section 2.4.3), and functions
//! beyond the RFC.

use jsonpath_rust::parser::errors::JsonPathError;
use jsonpath_rust::parser::model as parsed;
use jsonpath_rust::parser::parse_json_path;

use crate::json::Value;

use super::syntax::{Logic, Operand, Relation, Segment, Selector};
use super::{SelectFault, pattern};

/// The most bytes of a text.
pub(super) const MAX_BYTES: usize = 4096;
/// How deep brackets and parentheses may nest.
pub(super) const MAX_DEPTH: usize = 64;
/// How deep calls may nest: the grammar tries each three ways, so its time triples with every level.
pub(super) const MAX_CALLS: usize = 4;

/// What a condition is put into to be read as a query.
const BEFORE: &str = "$[?";
const AFTER: &str = "]";

/// Reads a condition: `@.userType == 'Admin'`.
pub(super) fn condition(text: &str) -> Result<Logic, SelectFault> {
    if text.trim_start().starts_with('$') {
        return Err(SelectFault::RootCondition);
    }
    check_text(text)?;
    let query = parse(&format!("{BEFORE}{text}{AFTER}"), BEFORE.len())?;
    match query.segments.as_slice() {
        [parsed::Segment::Selector(parsed::Selector::Filter(filter))] => logic(filter),
        _ => Err(SelectFault::NotOne),
    }
}

/// Reads a query: `$.emails[?@.type == 'home']`.
pub(super) fn query(text: &str) -> Result<Vec<Segment>, SelectFault> {
    if !text.starts_with('$') {
        return Err(SelectFault::NotAQuery);
    }
    if text.ends_with(is_space) {
        // The parser takes a space behind a name that isn't ASCII.
        return Err(SelectFault::Syntax(text.chars().count()));
    }
    check_text(text)?;
    let query = parse(text, 0)?;
    if query.segments.is_empty() {
        return Err(SelectFault::WholeDocument);
    }
    segments(&query.segments, Where::Query)
}

/// Where segments stand: only outside a filter they may go deep.
#[derive(Clone, Copy, PartialEq)]
enum Where {
    Query,
    Filter,
}

/// Checks what the parser leaves open: it calls itself for every bracket and call, and it reads `user Type` as one name.
fn check_text(text: &str) -> Result<(), SelectFault> {
    if text.len() > MAX_BYTES {
        return Err(SelectFault::TooLong);
    }
    let mut open: Vec<bool> = Vec::new();
    let mut quote = None;
    let mut before = (' ', ' ');
    let mut chars = text.chars().enumerate();
    while let Some((index, c)) = chars.next() {
        match (quote, c) {
            (Some(_), '\\') => drop(chars.next()),
            (Some(end), _) if c == end => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(') => open.push(is_in_name(before.1)),
            (None, '[') => open.push(false),
            (None, ')' | ']') => drop(open.pop()),
            (None, _) if is_space(before.1) && !is_space(c) && is_torn(before.0, c) => {
                return Err(SelectFault::Syntax(index + 1));
            }
            _ => {}
        }
        if open.len() > MAX_DEPTH {
            return Err(SelectFault::TooDeep);
        }
        if open.iter().filter(|&&call| call).count() > MAX_CALLS {
            return Err(SelectFault::TooManyCalls);
        }
        // The last two characters, a run of spaces as one.
        before = match is_space(before.1) && is_space(c) {
            true => before,
            false => (before.1, c),
        };
    }
    Ok(())
}

/// Whether no space may stand between these two.
fn is_torn(left: char, right: char) -> bool {
    left == '.' || (is_in_name(left) && is_in_name(right))
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn is_in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}

fn parse(text: &str, offset: usize) -> Result<parsed::JpQuery, SelectFault> {
    parse_json_path(text).map_err(|error| match error {
        JsonPathError::PestError(error) => match column(&error.to_string()) {
            Some(column) => SelectFault::Syntax(column.saturating_sub(offset).max(1)),
            None => SelectFault::Unreadable(text.to_owned()),
        },
        JsonPathError::MaxNestingDepthExceeded(_) => SelectFault::TooDeep,
        _ => SelectFault::Unreadable(text.to_owned()),
    })
}

/// The column in a message of the parser, which starts with ` --> line:column`.
fn column(message: &str) -> Option<usize> {
    message.lines().next()?.rsplit(':').next()?.trim().parse().ok()
}

fn segments(parsed: &[parsed::Segment], place: Where) -> Result<Vec<Segment>, SelectFault> {
    parsed.iter().map(|one| segment(one, place)).collect()
}

fn segment(parsed: &parsed::Segment, place: Where) -> Result<Segment, SelectFault> {
    match parsed {
        parsed::Segment::Descendant(_) if place == Where::Filter => Err(SelectFault::DescendantInFilter),
        parsed::Segment::Descendant(inner) => Ok(Segment { deep: true, ..segment(inner, place)? }),
        parsed::Segment::Selector(one) => Ok(Segment { deep: false, selectors: vec![selector(one)?] }),
        parsed::Segment::Selectors(all) => {
            Ok(Segment { deep: false, selectors: all.iter().map(selector).collect::<Result<_, _>>()? })
        }
    }
}

fn selector(parsed: &parsed::Selector) -> Result<Selector, SelectFault> {
    Ok(match parsed {
        parsed::Selector::Name(name) => Selector::Name(name.clone()),
        parsed::Selector::Wildcard => Selector::Wildcard,
        parsed::Selector::Index(index) => Selector::Index(*index),
        parsed::Selector::Slice(start, end, step) => {
            Selector::Slice { start: *start, end: *end, step: step.unwrap_or(1) }
        }
        parsed::Selector::Filter(filter) => Selector::Filter(logic(filter)?),
    })
}

fn logic(parsed: &parsed::Filter) -> Result<Logic, SelectFault> {
    let all = |terms: &[parsed::Filter]| terms.iter().map(logic).collect::<Result<Vec<_>, _>>();
    match parsed {
        parsed::Filter::Or(terms) => all(terms).map(Logic::Any),
        parsed::Filter::And(terms) => all(terms).map(Logic::All),
        parsed::Filter::Atom(parsed::FilterAtom::Filter { expr, not }) => Ok(negate(logic(expr)?, *not)),
        parsed::Filter::Atom(parsed::FilterAtom::Test { expr, not }) => Ok(negate(test(expr)?, *not)),
        parsed::Filter::Atom(parsed::FilterAtom::Comparison(comparison)) => compare(comparison),
    }
}

fn negate(logic: Logic, not: bool) -> Logic {
    if not { Logic::Not(Box::new(logic)) } else { logic }
}

fn test(parsed: &parsed::Test) -> Result<Logic, SelectFault> {
    match parsed {
        parsed::Test::RelQuery(parsed) => segments(parsed, Where::Filter).map(Logic::Exists),
        parsed::Test::AbsQuery(_) => Err(SelectFault::AbsoluteInFilter),
        parsed::Test::Function(function) => match &**function {
            parsed::TestFunction::Match(text, written) => {
                Ok(Logic::Finds(argument("match", text)?, pattern::whole(literal_pattern("match", written)?)?))
            }
            parsed::TestFunction::Search(text, written) => {
                Ok(Logic::Finds(argument("search", text)?, pattern::anywhere(literal_pattern("search", written)?)?))
            }
            parsed::TestFunction::Length(_) => Err(SelectFault::NotATruth("length")),
            parsed::TestFunction::Count(_) => Err(SelectFault::NotATruth("count")),
            parsed::TestFunction::Value(_) => Err(SelectFault::NotATruth("value")),
            parsed::TestFunction::Custom(name, _) => Err(SelectFault::UnknownFunction(name.clone())),
        },
    }
}

fn literal_pattern<'p>(function: &'static str, parsed: &'p parsed::FnArg) -> Result<&'p str, SelectFault> {
    match parsed {
        parsed::FnArg::Literal(parsed::Literal::String(pattern)) => Ok(pattern),
        _ => Err(SelectFault::PatternNotLiteral(function)),
    }
}

fn compare(parsed: &parsed::Comparison) -> Result<Logic, SelectFault> {
    let relation = match parsed {
        parsed::Comparison::Eq(..) => Relation::Equal,
        parsed::Comparison::Ne(..) => Relation::Unequal,
        parsed::Comparison::Lt(..) => Relation::Less,
        parsed::Comparison::Lte(..) => Relation::LessOrEqual,
        parsed::Comparison::Gt(..) => Relation::Greater,
        parsed::Comparison::Gte(..) => Relation::GreaterOrEqual,
    };
    let (left, right) = parsed.vals();
    Ok(Logic::Compare(comparable(left)?, relation, comparable(right)?))
}

fn comparable(parsed: &parsed::Comparable) -> Result<Operand, SelectFault> {
    match parsed {
        parsed::Comparable::Literal(parsed) => literal(parsed),
        parsed::Comparable::Function(function) => call(function),
        parsed::Comparable::SingularQuery(parsed::SingularQuery::Root(_)) => Err(SelectFault::AbsoluteInFilter),
        parsed::Comparable::SingularQuery(parsed::SingularQuery::Current(way)) => {
            let one = |selector| Segment { deep: false, selectors: vec![selector] };
            let way = way.iter().map(|step| match step {
                parsed::SingularQuerySegment::Name(name) => one(Selector::Name(name.clone())),
                parsed::SingularQuerySegment::Index(index) => one(Selector::Index(*index)),
            });
            Ok(Operand::Single(way.collect()))
        }
    }
}

/// A call that gives a value.
fn call(parsed: &parsed::TestFunction) -> Result<Operand, SelectFault> {
    match parsed {
        parsed::TestFunction::Length(of) => Ok(Operand::Length(Box::new(argument("length", of)?))),
        parsed::TestFunction::Count(of) => nodes("count", of).map(Operand::Count),
        parsed::TestFunction::Value(of) => nodes("value", of).map(Operand::Value),
        parsed::TestFunction::Match(..) => Err(SelectFault::NotAValue("match")),
        parsed::TestFunction::Search(..) => Err(SelectFault::NotAValue("search")),
        parsed::TestFunction::Custom(name, _) => Err(SelectFault::UnknownFunction(name.clone())),
    }
}

/// An argument that must be one value.
fn argument(function: &'static str, parsed: &parsed::FnArg) -> Result<Operand, SelectFault> {
    match parsed {
        parsed::FnArg::Literal(parsed) => literal(parsed),
        parsed::FnArg::Filter(_) => Err(SelectFault::ValueExpected(function)),
        parsed::FnArg::Test(test) => match &**test {
            parsed::Test::Function(inner) => call(inner),
            parsed::Test::AbsQuery(_) => Err(SelectFault::AbsoluteInFilter),
            parsed::Test::RelQuery(way) => {
                let way = segments(way, Where::Filter)?;
                if way.iter().all(Segment::is_single) {
                    Ok(Operand::Single(way))
                } else {
                    Err(SelectFault::ValueExpected(function))
                }
            }
        },
    }
}

/// An argument that must be a query.
fn nodes(function: &'static str, parsed: &parsed::FnArg) -> Result<Vec<Segment>, SelectFault> {
    match parsed {
        parsed::FnArg::Test(test) => match &**test {
            parsed::Test::RelQuery(way) => segments(way, Where::Filter),
            parsed::Test::AbsQuery(_) => Err(SelectFault::AbsoluteInFilter),
            parsed::Test::Function(_) => Err(SelectFault::QueryExpected(function)),
        },
        parsed::FnArg::Literal(_) | parsed::FnArg::Filter(_) => Err(SelectFault::QueryExpected(function)),
    }
}

fn literal(parsed: &parsed::Literal) -> Result<Operand, SelectFault> {
    let value = match parsed {
        parsed::Literal::Int(number) => Value::number(*number),
        parsed::Literal::Float(number) if number.is_finite() => Value::Number(number.to_string().into()),
        parsed::Literal::Float(number) => return Err(SelectFault::Unreadable(number.to_string())),
        parsed::Literal::String(text) => Value::string(text),
        parsed::Literal::Bool(truth) => Value::Bool(*truth),
        parsed::Literal::Null => Value::Null,
    };
    Ok(Operand::Literal(value))
}
