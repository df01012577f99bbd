//! What a connection lets through, as its ServiceProviderConfig tells it (RFC 7643 section 5).

use crate::json::{Object, Value};

/// What a connection lets through.
#[derive(Clone, Copy, Debug)]
pub struct Offers {
    /// The most operations in a Bulk request and its longest body, in bytes; nothing where Bulk is off.
    pub bulk: Option<(usize, usize)>,
    /// Whether PATCH is on.
    pub patches: bool,
    /// Whether there are groups.
    pub groups: bool,
    /// Whether it is made up for where the backend has none.
    pub makes_patches: bool,
    /// Whether filters are made up for where the backend has none.
    pub makes_filters: bool,
    /// Whether operations of Bulk are made as calls of their own where the backend has no Bulk.
    pub makes_bulk: bool,
}

impl Offers {
    /// Tells in a ServiceProviderConfig (RFC 7643 section 5) what is let through. True if that differs.
    pub(super) fn tell(self, document: &mut Object<'_>) -> bool {
        let supports = |document: &Object<'_>, name: &str| {
            document.get(name).and_then(Value::as_object).and_then(|one| one.get("supported")).and_then(Value::as_bool)
        };
        let mut changed = false;
        if !self.patches && supports(document, "patch") == Some(true) {
            changed |= put(document, "patch", "supported", Value::Bool(false));
        }
        let makes_patches = self.patches && self.makes_patches;
        for (name, makes) in [("patch", makes_patches), ("filter", self.makes_filters)] {
            if makes && supports(document, name) == Some(false) {
                changed |= put(document, name, "supported", Value::Bool(true));
            }
        }
        let (operations, bytes) = self.bulk.unwrap_or_default();
        if supports(document, "bulk") != Some(true) {
            return (self.bulk.is_some() && self.makes_bulk && make_bulk(document, operations, bytes)) | changed;
        }
        changed |= put(document, "bulk", "supported", Value::Bool(self.bulk.is_some()));
        for (name, most) in [("maxOperations", operations), ("maxPayloadSize", bytes)] {
            let own = document.get("bulk").and_then(Value::as_object).and_then(|bulk| bulk.get(name));
            let own = own.and_then(|own| own.to_string().parse::<usize>().ok());
            if own.is_none_or(|own| own > most) {
                let most = i64::try_from(most).unwrap_or(i64::MAX);
                changed |= put(document, "bulk", name, Value::number(most));
            }
        }
        changed
    }
}

/// Says that there is Bulk though the backend has none.
fn make_bulk(document: &mut Object<'_>, operations: usize, bytes: usize) -> bool {
    let number = |most: usize| Value::number(i64::try_from(most).unwrap_or(i64::MAX));
    let mut bulk = Object::new();
    bulk.set("supported", Value::Bool(true));
    bulk.set("maxOperations", number(operations));
    bulk.set("maxPayloadSize", number(bytes));
    document.set("bulk", Value::Object(bulk));
    true
}

fn put<'v>(document: &mut Object<'v>, of: &str, name: &str, value: Value<'v>) -> bool {
    let differs = document.get(of).and_then(Value::as_object).is_some_and(|one| one.get(name) != Some(&value));
    if differs && let Some(Value::Object(one)) = document.get_mut(of) {
        one.set(name, value);
    }
    differs
}
