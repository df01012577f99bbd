//! One operation's way there in one request with the others: read as a target, permitted, translated, cleared; or refused; or
//! found to need a call of its own.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::access::{self, Caller, Cleared};
use crate::bridge::{self, Content, Loss, Way};
use crate::json::Value;
use crate::rules::{Head, Plan};
use crate::scim::bulk::{self, BulkOperation};
use crate::scim::{ErrorStatus, OperationKind, Query, ScimError, ScimType, Target, version};

use super::super::call;
use super::super::connection::Connection;
use super::super::edge::{self, Turn};
use super::super::etag;
use super::super::exchange::Onward;
use super::super::message::{self, Left, Start};
use super::super::rebase::Rebase;
use super::super::refusal::Refusal;
use super::Around;

/// Who asks, and where.
pub struct Asker<'c, U> {
    pub connection: &'c Connection<U>,
    pub caller: &'c Caller,
    pub head: &'c Arc<Head>,
    pub around: &'c Around,
}

/// An operation, and whether it is made.
#[derive(Debug)]
pub struct Planned<'v> {
    pub method: &'static str,
    pub bulk_id: Option<String>,
    /// What it is about, if it can be read.
    pub target: Option<Target>,
    /// The ids of what it refers to.
    needs: Vec<String>,
    pub made: Result<Made<'v>, Refusal>,
}

impl Planned<'_> {
    /// Whether the token lacks the scope for it.
    pub fn is_denied(&self) -> bool {
        matches!(self.made, Err(Refusal::Scope(_)))
    }
}

/// An operation that is sent.
#[derive(Debug)]
pub struct Made<'v> {
    /// The path as the backend spells it.
    pub path: String,
    pub version: Option<String>,
    pub data: Option<Value<'v>>,
    cleared: Cleared,
    /// What it takes away.
    losses: u32,
}

/// Why an operation isn't made in one request with the others.
enum Unmade {
    /// It is refused.
    Refused(Refusal),
    /// It takes a call of its own, or several.
    Alone,
}

impl<R: Into<Refusal>> From<R> for Unmade {
    fn from(refusal: R) -> Self {
        Self::Refused(refusal.into())
    }
}

/// An operation that takes a call of its own, so that all do: how they refer to each other is settled in one place only.
#[derive(Debug)]
pub struct Alone;

/// What an operation asks, if it is one of Bulk, and enabled.
pub fn enabled<U>(target: &Target, connection: &Connection<U>) -> Result<OperationKind, Refusal> {
    match target.operation.kind() {
        OperationKind::Bulk | OperationKind::Search => {
            Err(ScimError::bad_request(ScimType::InvalidValue, "not an operation of Bulk").into())
        }
        kind => call::enabled(kind, connection).map(|()| kind),
    }
}

impl<U> Asker<'_, U> {
    /// What becomes of an operation, as far as it is known before anything is sent.
    pub fn plan<'v>(&self, mut operation: BulkOperation<'v>) -> Result<Planned<'v>, Alone> {
        let target = call::target(operation.method, &operation.path, self.connection);
        let (method, bulk_id) = (operation.method, operation.bulk_id.take());
        let read = self.decode(target.as_ref().ok(), &mut operation);
        let references = operation.data.as_ref().map(bulk::references).unwrap_or_default();
        let in_path = operation.path.rsplit('/').next().unwrap_or_default();
        let referred = references.iter().map(String::as_str).chain([in_path]).filter_map(bulk::referred);
        let needs = referred.map(str::to_owned).collect();
        let (target, made) = match target {
            Ok(target) => {
                let made = read.and_then(|()| self.make(&target, operation, &references));
                (Some(target), made)
            }
            Err(refusal) => (None, Err(refusal.into())),
        };
        let made = match made {
            Ok(made) => Ok(made),
            Err(Unmade::Refused(refusal)) => Err(refusal),
            Err(Unmade::Alone) => return Err(Alone),
        };
        Ok(Planned { method, bulk_id, target, needs, made })
    }

    /// Reads what a client of SCIM 1.1 has written as SCIM 2.0.
    fn decode(&self, target: Option<&Target>, operation: &mut BulkOperation<'_>) -> Result<(), Unmade> {
        let (true, Some(target), Some(data)) =
            (self.connection.spoken.client.is_old(), target, operation.data.as_mut())
        else {
            return Ok(());
        };
        version::bulk::mend(data);
        message::decode(target, data, &mut self.connection.watcher.clone())?;
        let one = data.as_object().zip(target.resource.as_ref());
        let merges = one.is_some_and(|(message, of)| version::patch::needs_resource(message, of));
        // An element may have to be merged with one that is there.
        if merges && target.operation.kind() == OperationKind::Patch { Err(Unmade::Alone) } else { Ok(()) }
    }

    /// Writes what a backend of SCIM 1.1 is to get.
    fn encode(&self, target: &Target, data: &mut Option<Value<'_>>) -> Result<(), Refusal> {
        let mut watcher = self.connection.watcher.clone();
        if let (true, Some(data)) = (self.connection.spoken.backend.is_old(), data.as_mut()) {
            edge::body(target, data, Turn::Encode.to()).inspect_err(|_| watcher.unsaid(Turn::Encode))?;
            watcher.turned(Turn::Encode, Some(&|| data.pretty()));
        }
        Ok(())
    }

    /// As for a single call: is it enabled, permitted, readable; then the client's packs and the backend's.
    fn make<'v>(
        &self,
        target: &Target,
        operation: BulkOperation<'v>,
        references: &HashSet<String>,
    ) -> Result<Made<'v>, Unmade> {
        let connection = self.connection;
        let kind = enabled(target, connection)?;
        let permit = access::permit(self.caller, target, &connection.declared).map_err(Refusal::Scope)?;
        let bridge = match connection.ways.of(target) {
            // What SCIM 1.1 can't say of a PATCH, its encoding refuses.
            Way::PatchOrPut(_) => connection.ways.turned(target),
            _ => connection.ways.bridge(target),
        };
        if bridge.is_some() {
            return Err(Unmade::Alone);
        }
        let body = match operation.data {
            _ if kind == OperationKind::Delete => Content::None,
            Some(mut data) => {
                message::mend(target, &mut data, &mut connection.watcher.clone())?;
                Content::Changed(data)
            }
            None => return Err(message::no_object().into()),
        };
        let cleared = permit.clear(&connection.brake);
        let (path, mut data, losses) = self.translate(target, body, &cleared)?;
        if let Some(data) = &data
            && !bulk::references(data).iter().all(|text| references.contains(text))
        {
            // A rule would change a reference: it has to see what was made.
            return Err(Unmade::Alone);
        }
        self.encode(target, &mut data)?;
        let version = operation.version.map(|tags| etag::restore(&tags));
        Ok(Made { path, version, data, cleared, losses })
    }

    /// Takes an operation through the packs of both sides: its path and data as the backend is to see them.
    fn translate<'v>(
        &self,
        target: &Target,
        body: Content<'v>,
        cleared: &Cleared,
    ) -> Result<(String, Option<Value<'v>>, u32), Unmade> {
        let connection = self.connection;
        let cell = connection.plans.cell(target);
        let mut onward = Onward::new(self.head.clone());
        let start = Start { query: Query::default(), body, path: None };
        let start = self.through(&cell.outer, target, start, &mut onward, None)?;
        message::identifies(target, &start.body)?;
        let losses = match bridge::loss(target, start.body.value(), None) {
            _ if !cleared.counts_losses() => 0,
            Loss::Counted(losses) => losses,
            // Who is taken out of the group has to be counted first.
            Loss::Unread => return Err(Unmade::Alone),
        };
        let start = Start { path: Some(target.path()), ..start };
        let left = self.through(&cell.inner, target, start, &mut onward, Some(&connection.inwards))?;
        // One request carries all operations, so it can have only one query and one head.
        let query_fits = left.query.is_empty() || left.query == self.around.query;
        if !query_fits || !(onward.headers.is_empty() || onward.headers == self.around.headers) {
            return Err(Unmade::Alone);
        }
        let (_, mut data) = left.body.parts();
        if let Some(data) = &mut data {
            connection.inwards.value(data);
        }
        Ok((left.path.unwrap_or_else(|| target.path()), data, losses))
    }

    fn through<'v>(
        &self,
        plan: &Plan,
        target: &Target,
        start: Start<'v>,
        onward: &mut Onward,
        rebase: Option<&Rebase>,
    ) -> Result<Start<'v>, Unmade> {
        match message::through(plan, target, start, onward, rebase, &mut self.connection.watcher.clone())? {
            Left::Goes(left) => Ok(*left),
            // Nothing is left of it, or a rule answers it.
            Left::Nothing | Left::Answered(_) => Err(Unmade::Alone),
        }
    }
}

/// Draws what each operation takes away from the allowance of the connection, one by one. True if it was too much for one.
pub fn draw(planned: &mut [Planned<'_>]) -> bool {
    let mut refused = false;
    for one in planned {
        if let Ok(made) = &one.made
            && let Err(wait) = made.cleared.draw(made.losses)
        {
            one.made = Err(Refusal::braked(wait));
            refused = true;
        }
    }
    refused
}

/// Refuses what refers to no operation, or to one that isn't sent: the backend would find nothing, or take the reference for
/// a value.
pub fn depend(planned: &mut [Planned<'_>]) {
    let creates = |one: &Planned<'_>| (one.method == "POST").then(|| one.bulk_id.clone()).flatten();
    let makers: HashMap<String, usize> =
        planned.iter().enumerate().filter_map(|(at, one)| Some((creates(one)?, at))).collect();
    let mut users: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, one) in planned.iter_mut().enumerate() {
        for id in &one.needs {
            match makers.get(id) {
                Some(maker) => users.entry(*maker).or_default().push(at),
                None if one.made.is_ok() => one.made = Err(unknown(id).into()),
                None => {}
            }
        }
    }
    let mut lost: Vec<usize> =
        (0..planned.len()).filter(|at| planned.get(*at).is_some_and(|one| one.made.is_err())).collect();
    while let Some(maker) = lost.pop() {
        let id = planned.get(maker).and_then(creates).unwrap_or_default();
        for user in users.remove(&maker).unwrap_or_default() {
            if let Some(one) = planned.get_mut(user).filter(|one| one.made.is_ok()) {
                one.made = Err(unmade(&id).into());
                lost.push(user);
            }
        }
    }
}

/// What refers to an operation that isn't there.
pub fn unknown(id: &str) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, format!("no operation creates `bulkId` {id:?}"))
}

fn unmade(id: &str) -> ScimError {
    ScimError::new(ErrorStatus::Conflict, format!("the operation with `bulkId` {id:?}, to which it refers, is refused"))
}
