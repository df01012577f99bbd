//! A PATCH message as rules see it: its operations one by one, each translated in place, parted where a move parts it,
//! never merged or reordered.

use crate::json::{Array, Value};
use crate::scim::PatchOp;

use super::message::{Refused, Verdict};

/// What became of one operation.
#[derive(Debug)]
pub struct Parted<'v> {
    /// The operations in its place.
    pub ops: Vec<PatchOp<'v>>,
    /// Whether anything changed.
    pub changed: bool,
}

impl<'v> Parted<'v> {
    /// One operation in the place of one.
    #[must_use]
    pub fn one(op: PatchOp<'v>, changed: bool) -> Self {
        Self { ops: vec![op], changed }
    }

    /// Others in its place.
    #[must_use]
    pub fn into(ops: Vec<PatchOp<'v>>) -> Self {
        Self { ops, changed: true }
    }
}

/// Translates each operation of a message; what `translate` leaves alone keeps its bytes.
///
/// # Errors
/// Whatever `translate` refuses.
pub fn each<'v>(
    message: &mut Value<'v>,
    translate: impl Fn(PatchOp<'v>) -> Result<Parted<'v>, Refused>,
) -> Result<Verdict, Refused> {
    let Some(operations) = message.as_object().and_then(|body| body.get("Operations")).and_then(Value::as_array) else {
        return Ok(Verdict::of(false));
    };
    let mut translated: Vec<Value<'v>> = Vec::with_capacity(operations.len());
    let mut changed = false;
    for written in operations.iter() {
        let parted = translate(PatchOp::read(written)?)?;
        if parted.changed {
            changed = true;
            translated.extend(parted.ops.into_iter().map(PatchOp::into_value));
        } else {
            translated.push(written.clone());
        }
    }
    if changed && let Some(body) = message.as_object_mut() {
        body.set("Operations", Value::Array(Array::from(translated)));
    }
    Ok(Verdict::of(changed))
}

/// Whether rules have left no operation in the message.
#[must_use]
pub fn is_emptied(message: &Value<'_>) -> bool {
    message.as_object().and_then(|body| body.get("Operations")).and_then(Value::as_array).is_some_and(Array::is_empty)
}
