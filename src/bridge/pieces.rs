//! How much of a PATCH a backend takes at once, and a PATCH cut into as much.

use crate::json::{Array, Value};
use crate::scim::{OpKind, PatchOp};

use super::{Ask, members};

/// How much a backend takes in one PATCH.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// The most operations.
    pub operations: Option<u32>,
    /// The most members that come and go.
    pub changes: Option<u32>,
    /// The longest body, in bytes.
    pub bytes: Option<u32>,
}

impl Pieces {
    /// Whether a body is near the longest that the backend takes, so that it has to be written before that is known.
    pub(super) fn may_be_too_long(self, ask: &Ask<'_>) -> bool {
        let longest = self.bytes.and_then(|bytes| usize::try_from(bytes).ok());
        longest.is_some_and(|longest| ask.body.value().is_some_and(|value| value.to_bytes().len() > longest / 2))
    }

    /// The operations in pieces, in their order.
    pub(super) fn cut<'v>(self, ops: Vec<PatchOp<'v>>) -> Vec<Vec<PatchOp<'v>>> {
        let most =
            |limit: Option<u32>| limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX).max(1);
        let (operations, most) = (most(self.operations), most(self.changes));
        let mut pieces = vec![Vec::new()];
        let mut room = most;
        for op in ops {
            let mut rest = Some(op);
            while let Some(op) = rest.take() {
                let is_full = pieces.last().is_some_and(|piece: &Vec<_>| piece.len() >= operations);
                if is_full || room == 0 || (changes(&op) > room && list(&op).is_none() && room < most) {
                    pieces.push(Vec::new());
                    room = most;
                }
                let (now, later) = parted(op, room);
                room = room.saturating_sub(changes(&now));
                pieces.last_mut().into_iter().for_each(|piece| piece.push(now.clone()));
                rest = later;
            }
        }
        pieces
    }
}

/// How many members an operation names that come or go.
pub(super) fn changes(op: &PatchOp<'_>) -> usize {
    match (list(op), op.path.as_ref().and_then(|path| path.filter.as_ref())) {
        (Some(list), _) => list.len(),
        (None, Some(_)) if members::is_of_members(op) => 1,
        _ => 0,
    }
}

/// The members that an operation adds or removes by a list.
fn list<'o, 'v>(op: &'o PatchOp<'v>) -> Option<&'o Array<'v>> {
    let splits = matches!(op.kind, OpKind::Add | OpKind::Remove);
    match (&op.path, &op.value) {
        (Some(path), Some(Value::Array(list))) if splits && path.filter.is_none() && members::is_of_members(op) => {
            Some(list)
        }
        (None, Some(Value::Object(part))) if op.kind == OpKind::Add && part.len() == 1 => {
            part.get("members").and_then(Value::as_array)
        }
        _ => None,
    }
}

/// As much of an operation as there is room for, and the rest.
fn parted<'v>(op: PatchOp<'v>, room: usize) -> (PatchOp<'v>, Option<PatchOp<'v>>) {
    let Some((now, later)) = list(&op).and_then(|list| {
        let items: Vec<Value<'v>> = list.iter().cloned().collect();
        let (now, later) = items.split_at_checked(room)?;
        (!later.is_empty()).then(|| (Array::from(now.to_vec()), Array::from(later.to_vec())))
    }) else {
        return (op, None);
    };
    (of_list(&op, now), Some(of_list(&op, later)))
}

/// The same operation with this list.
fn of_list<'v>(op: &PatchOp<'v>, list: Array<'v>) -> PatchOp<'v> {
    let value = match &op.value {
        Some(Value::Object(part)) => {
            let mut part = part.clone();
            part.set("members", Value::Array(list));
            Value::Object(part)
        }
        _ => Value::Array(list),
    };
    PatchOp { kind: op.kind, path: op.path.clone(), value: Some(value) }
}

/// A piece in two; nothing if it has one change only.
pub(super) fn halves<'v>(piece: &Vec<PatchOp<'v>>) -> Option<(Vec<PatchOp<'v>>, Vec<PatchOp<'v>>)> {
    if piece.len() > 1 {
        let (one, other) = piece.split_at_checked(piece.len() / 2)?;
        return Some((one.to_vec(), other.to_vec()));
    }
    let op = piece.first()?;
    let (one, other) = parted(op.clone(), list(op)?.len() / 2);
    Some((vec![one], vec![other?]))
}
