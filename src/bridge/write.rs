//! A write that takes several calls: all are ready before the first is sent, and what stops amid them says how far it has come.

use crate::json::{Object, Value};
use crate::scim::{AttrPath, ErrorStatus, Id, Operation, PatchOp, Query, ScimError};

use super::chunk::{self, Patches};
use super::pieces::{changes, halves};
use super::{Ask, Bridge, Conditions, Content, Exchange, Heard, Limits, One, Series, if_match};

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
        let is_of_active = |path: &AttrPath| {
            let name = path.name.as_ref().filter(|_| path.extension().is_none());
            name.is_some_and(|name| name.as_str().eq_ignore_ascii_case("active"))
        };
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

impl<'w, 'v> Write<'w, 'v> {
    /// Of a resource whose state before isn't known.
    pub(super) fn of(one: &'w One, query: &'w Query, conditions: Conditions) -> Self {
        Self { one, query, conditions, before: None, message: None, put: None, made: None }
    }

    fn ask<'a>(&'a self, step: &Step<'a>, at: usize, demands_tags: bool) -> Ask<'a>
    where
        'v: 'a,
    {
        let (target, body, before) = match step {
            Step::Put(body) => (self.one.asked(Operation::Replace), Value::Object(body.clone()), self.before),
            Step::Piece(ops) => (self.one.patched(), chunk::with(self.message, ops.clone()), None),
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
    // What belongs to a POST of a part is a piece already.
    if pieces.len() > 1 && write.made.is_none() {
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
