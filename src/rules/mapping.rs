//! A two-way action on the value of one attribute, carried everywhere: bodies, PATCH, filter, `sortBy`.
//!
//! The action says what becomes of one value and of one literal; this is where the protocol's carriers are, once for all
//! such actions. Paths stay as they are.

use std::borrow::Cow;

use crate::json::{Array, Object, Value};
use crate::scim::{AttrName, AttrPath, CompareOp, Literal, OpKind, Param, PatchOp, PatchPath, ScimError, ScimType};

use super::attribute::{self, Relation, is_unassigned, relation};
use super::discovery::Definitions;
use super::filters::{self, Test};
use super::fold::{self, Asked, Rewrite};
use super::message::{Body, Refused, Request, Verdict};
use super::partial;
use super::patch;
use super::place::Place;

/// What becomes of a value, one to one.
pub trait Mapping {
    /// The attribute.
    fn place(&self) -> &Place;

    /// The value on the right; nothing if it lies outside the action's domain.
    fn there(&self, value: &Value<'_>) -> Option<Value<'static>>;

    /// The value on the left; nothing if it lies outside the action's domain.
    fn back(&self, value: &Value<'_>) -> Option<Value<'static>>;

    /// What a comparison with anything but `null` becomes; nothing if it can't be said on the right. To begin with, the
    /// table of what has neither order nor parts: `eq` and `ne` with a literal of the domain.
    fn comparison(&self, _asked: &Asked<'_>, op: CompareOp, literal: &Literal) -> Option<Rewrite> {
        let has_meaning = matches!(op, CompareOp::Eq | CompareOp::Ne);
        self.literal(literal).filter(|_| has_meaning).map(Rewrite::Literal)
    }

    /// A literal on the right as it is written in a filter, for mappings that keep to the table above.
    fn literal(&self, _literal: &Literal) -> Option<String> {
        None
    }

    /// What `pr` becomes.
    fn presence(&self, _asked: &Asked<'_>) -> Rewrite {
        Rewrite::Keep
    }

    /// How it can be compared, in words, for whoever asks otherwise.
    fn comparable(&self) -> &'static str {
        "eq and ne"
    }

    /// The values of the domain in words, for whoever sends another one.
    fn domain(&self) -> Cow<'static, str>;

    /// What becomes of the order of values.
    fn order(&self) -> Order;

    /// Whether the attribute is one value there, whatever it is made of, so that nobody can name a part of it.
    fn takes_the_whole(&self) -> bool {
        false
    }
}

/// What becomes of the order of values, for `sortBy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// It stays.
    Kept,
    /// It turns round.
    Turned,
    /// The right sorts otherwise.
    Lost,
}

/// Maps every carrier of a request.
///
/// # Errors
/// 400 for a value or literal outside the domain.
pub fn request(mapping: &impl Mapping, request: &mut Request<'_>) -> Result<Verdict, Refused> {
    let selected = selection(mapping, request)?;
    let body = match &mut request.body {
        Body::Resource(Value::Object(resource)) => resource_there(mapping, resource)?,
        Body::None | Body::Resource(_) | Body::Search(_) => Verdict::of(false),
        Body::Patch(message) => patch::each(message, |op| operation(mapping, op))?,
    };
    Ok(selected.or(body))
}

/// Maps the values of a resource back.
///
/// # Errors
/// A value outside the domain.
pub fn response(mapping: &impl Mapping, resource: &mut Object<'_>) -> Result<Verdict, Refused> {
    values(mapping, resource, |value| mapping.back(value))
}

/// Maps the values that a schema suggests back; those outside the domain are none here. True if anything changed.
pub fn define(mapping: &impl Mapping, definitions: &mut Definitions<'_, '_>) -> bool {
    let path = &mapping.place().attr;
    let suggested = definitions.get(path).and_then(|definition| definition.get("canonicalValues")?.as_array());
    let Some(suggested) = suggested else { return false };
    let mapped: Vec<Value<'_>> = suggested.iter().filter_map(|value| mapping.back(value)).collect();
    let changed = mapped.len() != suggested.len() || !mapped.iter().eq(suggested.iter());
    changed && definitions.edit(path, |one| one.set("canonicalValues", Value::Array(Array::from(mapped))))
}

fn resource_there(mapping: &impl Mapping, resource: &mut Object<'_>) -> Result<Verdict, Refused> {
    values(mapping, resource, |value| mapping.there(value))
}

fn values(
    mapping: &impl Mapping,
    resource: &mut Object<'_>,
    map: impl Fn(&Value<'_>) -> Option<Value<'static>>,
) -> Result<Verdict, Refused> {
    let has_value = |value: &Value<'_>| !value.is_null() && (mapping.takes_the_whole() || !is_unassigned(value));
    let mut outcome = Ok(false);
    mapping.place().visit_holders(resource, &mut |parent, name| {
        let Some(value) = parent.get(name).filter(|value| has_value(value)) else { return };
        let mapped = match value {
            Value::Array(list) if !mapping.takes_the_whole() => {
                list.iter().map(&map).collect::<Option<Vec<_>>>().map(|list| Value::Array(Array::from(list)))
            }
            value => map(value),
        };
        match mapped {
            Some(mapped) => {
                parent.set(name, mapped);
                outcome = outcome.clone().map(|_| true);
            }
            None => outcome = Err(outside(mapping)),
        }
    });
    outcome.map(Verdict::of)
}

fn outside(mapping: &impl Mapping) -> Refused {
    let detail = format!("`{}` must be {}", mapping.place(), mapping.domain());
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

fn operation<'v>(mapping: &impl Mapping, mut op: PatchOp<'v>) -> Result<patch::Parted<'v>, Refused> {
    let mut path_changed = false;
    if let Some(path) = &op.path {
        must_be_whole(mapping, path)?;
        if let Some(path) = fold::path(path, op.kind, &|asked| test(mapping, asked))? {
            op.path = Some(path);
            path_changed = true;
        }
    }
    let Some(mut part) = partial::read(&op) else { return Ok(patch::Parted::one(op, path_changed)) };
    must_carry_the_whole(mapping, op.kind, &part)?;
    let verdict = resource_there(mapping, &mut part)?;
    if !verdict.is_applied() {
        return Ok(patch::Parted::one(op, path_changed));
    }
    let value = match &op.path {
        None => Value::Object(part),
        Some(path) => partial::take(&mut part, path).unwrap_or(Value::Null),
    };
    Ok(patch::Parted::one(PatchOp { value: Some(value), ..op }, true))
}

/// Who holds the whole as one value can't be told of a part of it.
fn must_be_whole(mapping: &impl Mapping, path: &PatchPath) -> Result<(), Refused> {
    let place = &mapping.place().attr;
    let is_part = path.filter.is_some() && relation(&path.attr, place) == Relation::Same;
    if mapping.takes_the_whole() && (is_part || is_below(&path.attr, place)) {
        let detail = format!("`{path}` can't be patched alone here: send the whole of `{place}`");
        return Err(ScimError::needs_resource(detail));
    }
    Ok(())
}

/// `add` puts something to what is there, and so does a `replace` of a complex value (RFC 7644 section 3.5.2.3): what
/// comes of it as one text can't be told without reading it.
fn must_carry_the_whole(mapping: &impl Mapping, kind: OpKind, part: &Object<'_>) -> Result<(), Refused> {
    let place = &mapping.place().attr;
    let adds = match attribute::find(part, place) {
        Some(Value::Object(_)) => kind != OpKind::Remove,
        Some(Value::Array(_)) => kind == OpKind::Add,
        _ => false,
    };
    if mapping.takes_the_whole() && adds {
        let detail = format!("`{place}` can only be replaced as a whole here, by PUT");
        return Err(ScimError::needs_resource(detail));
    }
    Ok(())
}

fn is_below(path: &AttrPath, place: &AttrPath) -> bool {
    matches!(relation(path, place), Relation::Below(_))
}

fn selection(mapping: &impl Mapping, request: &mut Request<'_>) -> Result<Verdict, Refused> {
    let selection = &mut request.selection;
    let mut changed = fold::query(selection, request.operation, &|asked| test(mapping, asked))?;
    let place = &mapping.place().attr;
    let asked = selection.sort_by.iter().chain(&selection.attributes).chain(&selection.excluded);
    if let Some(path) = asked.into_iter().find(|path| mapping.takes_the_whole() && is_below(path, place)) {
        let detail = format!("`{path}` can't be asked for alone here: ask for the whole of `{place}`");
        return Err(ScimError::bad_request(ScimType::InvalidValue, detail));
    }
    let sorted = selection.sort_by.as_ref().is_some_and(|path| names(mapping, path) || names_by_value(mapping, path));
    match mapping.order() {
        Order::Turned if sorted => {
            selection.descending = !selection.descending;
            selection.touch(Param::SortOrder);
            changed = true;
        }
        Order::Lost if sorted => return Err(unsortable(place)),
        _ => {}
    }
    Ok(Verdict::of(changed))
}

/// 400: the right sorts otherwise.
pub(super) fn unsortable(path: &AttrPath) -> Refused {
    ScimError::bad_request(ScimType::InvalidValue, format!("`{path}` can't be sorted by here"))
}

fn names(mapping: &impl Mapping, path: &AttrPath) -> bool {
    relation(path, &mapping.place().attr) == Relation::Same
}

/// A complex attribute is compared by its `value` (RFC 7643 section 2.4).
fn names_by_value(mapping: &impl Mapping, path: &AttrPath) -> bool {
    let value = || AttrPath { sub: AttrName::parse("value").ok(), ..path.clone() };
    path.sub.is_none() && names(mapping, &value())
}

/// The operator table: `pr` and comparisons with `null` ask whether there is a value.
fn test(mapping: &impl Mapping, asked: &Asked<'_>) -> Result<Rewrite, Refused> {
    let place = mapping.place();
    let is_part = asked.test_is_of_elements() && names(mapping, &asked.path);
    if mapping.takes_the_whole() && (is_part || is_below(&asked.path, &place.attr)) {
        return Err(filters::invalid(format!("`{}` can't be filtered by: only `{place} pr` can be asked", asked.path)));
    }
    let is_named = names(mapping, &asked.path);
    match asked.test {
        Test::Present if is_named => Ok(mapping.presence(asked)),
        // Of a whole with parts, its `value` is compared, which a text of it doesn't have.
        Test::Compare(_, literal) if literal.literal == Literal::Null && !mapping.takes_the_whole() => {
            Ok(Rewrite::Keep)
        }
        Test::Compare(op, literal) if is_named || names_by_value(mapping, &asked.path) => {
            mapping.comparison(asked, op, &literal.literal).ok_or_else(|| {
                let (how, domain) = (mapping.comparable(), mapping.domain());
                filters::invalid(format!("`{place}` can be compared by {how} with {domain}"))
            })
        }
        _ => Ok(Rewrite::Keep),
    }
}
