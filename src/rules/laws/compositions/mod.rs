//! Up to six rules in one pack, drawn at random and in any order: what each keeps alone, they keep together.
//!
//! Half of the packs are drawn from rules on the same few attributes, so that one rule meets what another has made. A
//! pack that is refused when it is loaded is no case, nor is a resource outside a rule's domain.

mod drawn;
mod laws;
mod themes;

use super::set::{Noted, Set, equal};
use super::*;
use crate::rules::{Pack, Side};
pub(crate) use drawn::{Drawn, drawn};

/// As [`equal`], up to the case of texts and the order of entries, which some actions don't keep.
fn alike(one: &Object<'_>, other: &Object<'_>) -> bool {
    listed(one) == listed(other) && same_in_any_order(one, other)
}

/// As [`same`], up to what [`alike`] leaves out of account.
fn same_in_any_order(one: &Object<'_>, other: &Object<'_>) -> bool {
    let sorted = |object: &Object<'_>| match loud(&at_rest(&Value::Object(object.clone()))) {
        Value::Object(object) => object,
        other => panic!("{other}"),
    };
    same(&sorted(one), &sorted(other))
}

fn loud(value: &Value<'static>) -> Value<'static> {
    match value {
        Value::String(text) => Value::string(&text.decoded().to_uppercase()),
        Value::Array(list) => {
            let mut items: Vec<_> = list.iter().map(loud).collect();
            items.sort_by_cached_key(ToString::to_string);
            Value::Array(Array::from(items))
        }
        Value::Object(object) => {
            let mut made = Object::new();
            object.iter().for_each(|member| made.set(&member.key.decoded(), loud(&member.value)));
            Value::Object(made)
        }
        other => other.clone(),
    }
}
