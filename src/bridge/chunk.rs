//! A PATCH with more changes than the backend takes at once, in pieces, one after the other (RFC 7644 section 3.5.2).
//!
//! Costs a call a piece, up to `limits: {writes}`; what would take more is refused before anything is sent. All pieces meet
//! the backend's rules, and the brake, before the first is sent. They go on when the client hangs up.
//!
//! Can lose: a PATCH is all or nothing, and pieces aren't. At the first that fails it stops, with that status, and says how
//! many changes are made. Each change can be made again, so that a repeat makes the rest.

use crate::json::{Array, Object, Value};
use crate::scim::{AttrPath, ErrorStatus, Id, OpKind, Operation, PatchOp, Query, ScimError, patch};

use super::members::{self, Members};
use super::rewriting::{done, shown};
use super::{Answer, Ask, Bridge, Conditions, Content, Exchange, Heard, Limits, Lower, One, Series};
use super::{elements, if_match};

/// What a backend takes of a PATCH.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Patches {
    /// In which form.
    pub lower: Lower,
    /// What of members.
    pub members: Members,
    /// How much at once.
    pub pieces: Pieces,
    /// It can't choose elements by a filter in a path, but has them all replaced.
    pub whole_lists: bool,
    /// It keeps to `If-Match`.
    pub has_tags: bool,
    /// It changes nothing without.
    pub demands_tags: bool,
}

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

impl Patches {
    /// Whether a PATCH may take several calls.
    #[must_use]
    pub fn take_several(&self) -> bool {
        self.pieces != Pieces::default() || self.members != Members::default() || self.whole_lists
    }

    /// Whether it takes a PATCH as RFC 7644 has it.
    #[must_use]
    pub fn are_full(&self) -> bool {
        !self.take_several() && self.lower == Lower::default()
    }

    /// The bridges that a PATCH may go over.
    pub fn bridges(&self) -> impl Iterator<Item = Bridge> {
        let members = (self.members != Members::default()).then_some(Bridge::Members);
        let elements = self.whole_lists.then_some(Bridge::Elements);
        let lower = (self.lower != Lower::default()).then_some(Bridge::Lower);
        let chunk = (self.pieces != Pieces::default()).then_some(Bridge::Chunk);
        [members, elements, lower, chunk].into_iter().flatten()
    }
}

/// Sends a PATCH as the backend takes it; nothing if its pack has left nothing to ask.
///
/// # Errors
/// 413 for what takes too many calls, and whatever the exchange fails with.
pub async fn patch<E: Exchange>(
    exchange: &mut E,
    server: Patches,
    limits: Limits,
    one: &One,
    mut ask: Ask<'_>,
    may_read: bool,
) -> Result<Option<Answer<E::Body>>, E::Failure> {
    let ops = ask.body.value().and_then(read);
    let Some(ops) = ops else { return exchange.call(ask).await };
    if server.members.have_to_be_read(&ops, server.pieces) {
        exchange.over(Bridge::Members);
        return members::members(exchange, server, limits, one, ask, may_read).await.map(Some);
    }
    if server.whole_lists && ops.iter().any(elements::chooses) {
        exchange.over(Bridge::Elements);
        return elements::elements(exchange, server, limits, one, ask, may_read).await.map(Some);
    }
    let (lowered, is_lowered) = server.lower.all(ops);
    let fits = server.pieces.cut(lowered.clone()).len() < 2 && !server.pieces.may_be_too_long(&ask);
    if is_lowered {
        exchange.over(Bridge::Lower);
    }
    if fits {
        if is_lowered {
            ask.body = Content::Changed(with(ask.body.value(), lowered));
        }
        return exchange.call(ask).await;
    }
    let Ask { query, body, conditions, .. } = ask;
    let (_, message) = body.parts();
    let write =
        Write { one, query: &query, conditions, before: None, message: message.as_ref(), put: None, made: None };
    let heard = send(exchange, server, limits, write, lowered).await?;
    answered(exchange, heard, may_read)
}

/// What a client learns of a PATCH that a bridge has sent.
pub(super) fn answered<E: Exchange>(
    exchange: &mut E,
    heard: Heard<E::Body>,
    may_read: bool,
) -> Result<Option<Answer<E::Body>>, E::Failure> {
    match heard {
        Heard::Resource(answer) => shown(exchange, *answer, may_read).map(Some),
        Heard::Done => Ok(Some(done(exchange, None))),
        Heard::Refused(answer) => Ok(Some(answer)),
        Heard::Unasked => Ok(None),
    }
}

/// The operations of a message; nothing where one of them can't be read.
pub(super) fn read<'v>(message: &Value<'v>) -> Option<Vec<PatchOp<'v>>> {
    let operations = message.as_object()?.get("Operations")?.as_array()?;
    operations.iter().map(|written| PatchOp::read(written).ok()).collect()
}

/// A PATCH that a bridge makes.
pub(super) struct Write<'w, 'v> {
    /// Of what.
    pub one: &'w One,
    /// The query.
    pub query: &'w Query,
    /// Preconditions: of the first piece, since that makes another state.
    pub conditions: Conditions,
    /// The state before it, where it is known.
    pub before: Option<&'w Object<'v>>,
    /// The message around the operations, where a client has written one.
    pub message: Option<&'w Value<'v>>,
    /// A PUT that belongs to it.
    pub put: Option<Put<'v>>,
    /// What was made before, where it belongs to a POST.
    pub made: Option<&'w Id>,
}

/// A PUT beside operations.
pub(super) struct Put<'v> {
    /// The resource.
    pub body: Object<'v>,
    /// It goes before them.
    is_first: bool,
}

impl<'v> Put<'v> {
    /// The one that says `active` goes first.
    pub(super) fn beside(ops: &[PatchOp<'v>], body: Object<'v>) -> Self {
        let is_of_active = |path: &AttrPath| path.to_string().eq_ignore_ascii_case("active");
        Self { body, is_first: !ops.iter().any(|op| op.attributes().iter().any(is_of_active)) }
    }
}

/// One of the calls that a write takes.
enum Step<'v> {
    Put(Object<'v>),
    Piece(Vec<PatchOp<'v>>),
}

impl Step<'_> {
    /// How many changes it makes.
    fn changes(&self) -> usize {
        match self {
            Self::Put(_) => 1,
            Self::Piece(ops) => ops.iter().map(|op| changes(op).max(1)).sum(),
        }
    }

    /// It in two; nothing if it has one change only.
    fn halves(&self) -> Option<(Self, Self)> {
        match self {
            Self::Put(_) => None,
            Self::Piece(ops) => halves(ops).map(|(one, other)| (Self::Piece(one), Self::Piece(other))),
        }
    }
}

impl<'v> Write<'_, 'v> {
    fn ask<'a>(&'a self, step: &Step<'a>, at: usize, demands_tags: bool) -> Ask<'a>
    where
        'v: 'a,
    {
        let (target, body, before) = match step {
            Step::Put(body) => (self.one.asked(Operation::Replace), Value::Object(body.clone()), self.before),
            Step::Piece(ops) => (self.one.patched(), with(self.message, ops.clone()), None),
        };
        let conditions = match (at, demands_tags) {
            (0, _) => self.conditions.clone(),
            (_, false) => Conditions::default(),
            (_, true) => if_match::any_if_none(Conditions::default()),
        };
        Ask { target, query: self.query.clone(), body: Content::Changed(body), conditions, before }
    }

    /// A no to it, before any of it was sent.
    fn undone(&self, error: ScimError) -> ScimError {
        let told = match self.made {
            Some(id) => format!("the group was made, as `{id}`"),
            None => "nothing was changed".to_owned(),
        };
        ScimError { detail: format!("{}; {told}", error.detail), ..error }
    }

    /// The calls that it takes, in their order.
    fn steps(&mut self, pieces: Vec<Vec<PatchOp<'v>>>) -> Vec<Step<'v>> {
        let mut steps: Vec<Step<'v>> = pieces.into_iter().filter(|ops| !ops.is_empty()).map(Step::Piece).collect();
        if let Some(Put { body, is_first }) = self.put.take() {
            steps.insert(if is_first { 0 } else { steps.len() }, Step::Put(body));
        }
        steps
    }
}

/// Whether a POST and these operations after it are no more calls than may be made.
///
/// # Errors
/// 413 for what takes too many.
pub(super) fn fits(server: Patches, limits: Limits, ops: &[PatchOp<'_>]) -> Result<(), ScimError> {
    let calls = server.pieces.cut(ops.to_vec()).len().saturating_add(1);
    if calls > usize::try_from(limits.writes).unwrap_or(usize::MAX) {
        let error = too_many(calls, limits.writes);
        return Err(ScimError { detail: format!("{}; nothing was changed", error.detail), ..error });
    }
    Ok(())
}

/// Sends operations, in as many pieces as it takes.
///
/// # Errors
/// 413 for what takes too many calls, what came in between with a word on what is done, and whatever the exchange fails with.
pub(super) async fn send<'v, E: Exchange>(
    exchange: &mut E,
    server: Patches,
    limits: Limits,
    mut write: Write<'_, 'v>,
    ops: Vec<PatchOp<'v>>,
) -> Result<Heard<E::Body>, E::Failure> {
    let (ops, is_lowered) = server.lower.all(ops);
    if is_lowered && write.message.is_none() {
        exchange.over(Bridge::Lower);
    }
    let pieces = server.pieces.cut(ops);
    if pieces.len() > 1 {
        exchange.over(Bridge::Chunk);
    }
    let mut steps = write.steps(pieces);
    match steps.as_slice() {
        [] => return Ok(Heard::Unasked),
        [step] if server.pieces.bytes.is_none() && write.made.is_none() => {
            return exchange.consult(Ask { before: write.before, ..write.ask(step, 0, false) }).await;
        }
        _ => {}
    }
    loop {
        if steps.len() > usize::try_from(limits.writes).unwrap_or(usize::MAX) {
            return Err(write.undone(too_many(steps.len(), limits.writes)).into());
        }
        let asks = steps.iter().enumerate().map(|(at, step)| write.ask(step, at, server.demands_tags)).collect();
        match exchange.series(asks, server.pieces.bytes).await? {
            Series::Done(heard) => return Ok(heard),
            Series::TooLong(at) => match steps.get(at).and_then(Step::halves) {
                Some((one, other)) => drop(steps.splice(at..=at, [one, other])),
                None => return Err(write.undone(too_long()).into()),
            },
            Series::Stopped { done: 0, answer } if write.made.is_none() => return Ok(Heard::Refused(answer)),
            Series::Stopped { done, answer } => {
                return Ok(Heard::Refused(
                    exchange.note(answer, &Told::of(&steps, done, false, write.made).to_string()),
                ));
            }
            Series::Broken { done, is_unknown, error } => {
                let told = Told::of(&steps, done, is_unknown, write.made);
                let detail = format!("{}; {told}", error.detail);
                return Err(ScimError { detail, ..error }.into());
            }
        }
    }
}

/// How far a write of several calls has come.
struct Told<'w> {
    done: usize,
    perhaps: usize,
    all: usize,
    made: Option<&'w Id>,
}

impl<'w> Told<'w> {
    fn of(steps: &[Step<'_>], done: usize, is_unknown: bool, made: Option<&'w Id>) -> Self {
        let count = |steps: &[Step<'_>]| steps.iter().map(Step::changes).sum();
        let (gone, rest) = steps.split_at_checked(done).unwrap_or((steps, &[]));
        let next = rest.first().map(std::slice::from_ref).filter(|_| is_unknown);
        Self { done: count(gone), perhaps: next.map_or(0, count), all: count(steps), made }
    }
}

impl std::fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} changes are made", self.done, self.all)?;
        if self.perhaps > 0 {
            write!(f, ", of the next {} nobody knows", self.perhaps)?;
        }
        match self.made {
            Some(id) => write!(f, "; the group was made before, as `{id}`: add to it who is missing"),
            None => f.write_str("; send it again to make the rest"),
        }
    }
}

fn too_many(pieces: usize, writes: u32) -> ScimError {
    let detail = format!("this takes {pieces} calls, and no more than {writes} may be made of one");
    ScimError::new(ErrorStatus::PayloadTooLarge, detail)
}

fn too_long() -> ScimError {
    let detail = "one change alone is longer than the backend takes";
    ScimError::new(ErrorStatus::PayloadTooLarge, detail)
}

impl Pieces {
    /// Whether a body is near the longest that the backend takes, so that it has to be written before that is known.
    fn may_be_too_long(self, ask: &Ask<'_>) -> bool {
        let longest = self.bytes.and_then(|bytes| usize::try_from(bytes).ok());
        longest.is_some_and(|longest| ask.body.value().is_some_and(|value| value.to_bytes().len() > longest / 2))
    }

    /// The operations in pieces, in their order.
    fn cut<'v>(self, ops: Vec<PatchOp<'v>>) -> Vec<Vec<PatchOp<'v>>> {
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
fn changes(op: &PatchOp<'_>) -> usize {
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
fn halves<'v>(piece: &Vec<PatchOp<'v>>) -> Option<(Vec<PatchOp<'v>>, Vec<PatchOp<'v>>)> {
    if piece.len() > 1 {
        let (one, other) = piece.split_at_checked(piece.len() / 2)?;
        return Some((one.to_vec(), other.to_vec()));
    }
    let op = piece.first()?;
    let (one, other) = parted(op.clone(), list(op)?.len() / 2);
    Some((vec![one], vec![other?]))
}

/// The message with these operations in place of its own.
pub(super) fn with<'v>(message: Option<&Value<'v>>, ops: Vec<PatchOp<'v>>) -> Value<'v> {
    let Some(Value::Object(message)) = message else { return Value::Object(patch::message(ops)) };
    let mut message = message.clone();
    message.set("Operations", patch::operations(ops));
    Value::Object(message)
}
