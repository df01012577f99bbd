//! An operation on some values of an attribute, or on a part of each: `emails[type eq "work"]`,
//! `addresses[type eq "work"].street`, `emails.display`.

use crate::json::{Object, Value};
use crate::scim::error::{ScimError, ScimType};
use crate::scim::filter::{self, CompareOp, ExprKind, Filter, Literal};

use super::{OpKind, Place, invalid_value, primary, same, shape};

/// Changes the values that the filter chooses, or all without one; without a change, they or their parts go.
pub(super) fn change<'v>(
    place: &Place<'_>,
    filter: Option<&Filter>,
    change: Option<(OpKind, Value<'v>)>,
    holder: &mut Object<'v>,
) -> Result<(), ScimError> {
    let chosen = chosen(place, filter, holder.get(place.name));
    if !chosen.contains(&true) {
        // To take away what isn't there is done already.
        return if change.is_none() { Ok(()) } else { Err(no_target(place)) };
    }
    let Some(Value::Array(list)) = holder.get_mut(place.name) else { return Ok(()) };
    let mut list = std::mem::take(list.items_mut());
    let mut primary = primary::Fresh::over(&list);
    for value in list.iter_mut().zip(&chosen).filter_map(|(value, chosen)| chosen.then_some(value)) {
        one(place, change.as_ref(), value)?;
    }
    primary.settle(place, &mut list)?;
    list.retain(|value| match value {
        Value::Null => false,
        Value::Object(element) => !element.is_empty(),
        _ => true,
    });
    shape::put_list(place, list, holder);
    Ok(())
}

/// Changes one value; `null` is left of what goes.
fn one<'v>(place: &Place<'_>, change: Option<&(OpKind, Value<'v>)>, value: &mut Value<'v>) -> Result<(), ScimError> {
    match (place.sub, change, value) {
        (Some(sub), change, Value::Object(element)) => {
            shape::set_part(element, place, sub, change.map(|(_, value)| value.clone()))
        }
        (Some(_), None, _) => Ok(()),
        (Some(_), Some(_), _) => Err(no_target(place)),
        (None, None, value) => {
            *value = Value::Null;
            Ok(())
        }
        (None, Some((OpKind::Add, Value::Object(parts))), Value::Object(element)) => {
            shape::merge(place, element, parts.clone());
            Ok(())
        }
        (None, Some((_, Value::Object(parts))), value) => {
            *value = shape::cleaned(place, Value::Object(parts.clone()));
            Ok(())
        }
        (None, Some((_, other)), value) if value.as_object().is_none() && other.as_array().is_none() => {
            *value = other.clone();
            Ok(())
        }
        (None, Some((_, other)), _) => {
            Err(invalid_value(format!("a value of `{}` is an object, not a JSON {}", place.path, other.kind())))
        }
    }
}

/// Which of the held values the filter chooses.
fn chosen(place: &Place<'_>, filter: Option<&Filter>, held: Option<&Value<'_>>) -> Vec<bool> {
    let Some(Value::Array(list)) = held else { return Vec::new() };
    let Some(filter) = filter else { return vec![true; list.len()] };
    if let Some(id) = member_asked(place, filter) {
        let is_it = |value: &Value<'_>| held_id(value).is_some_and(|held| held == id);
        return list.iter().map(is_it).collect();
    }
    let matches = |value: &Value<'_>| match value {
        Value::Object(element) => filter::matches(filter.root(), element),
        // A simple value is seen as its `value` (RFC 7643 section 2.4).
        simple => {
            let mut element = Object::new();
            element.set("value", simple.clone());
            filter::matches(filter.root(), &element)
        }
    };
    list.iter().map(matches).collect()
}

/// The one member that `members[value eq ".."]` means. Ids are told apart by their case, whatever the schema says of
/// `members.value`: to remove another one would be worse than to remove none.
fn member_asked<'f>(place: &Place<'_>, filter: &'f Filter) -> Option<&'f str> {
    let ExprKind::Compare { path, op: CompareOp::Eq, literal } = &filter.root().kind else { return None };
    let is_value = path.path.sub.is_none()
        && path.path.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("value"));
    match &literal.literal {
        Literal::String(id) if is_value && same::is_members(place) => Some(id),
        _ => None,
    }
}

fn held_id<'r>(value: &'r Value<'_>) -> Option<std::borrow::Cow<'r, str>> {
    match value {
        Value::Object(element) => element.get("value")?.as_str(),
        simple => simple.as_str(),
    }
}

fn no_target(place: &Place<'_>) -> ScimError {
    let detail = format!("`{}` finds nothing that could be changed", place.path);
    ScimError::bad_request(ScimType::NoTarget, detail)
}
