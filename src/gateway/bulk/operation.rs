//! One operation's way there: read as a target, permitted, translated, cleared; or refused.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::access::{self, Caller, Cleared};
use crate::bridge::{self, Content, Loss, Way};
use crate::json::Value;
use crate::rules::{Head, Plan};
use crate::scim::bulk::{self, BulkOperation};
use crate::scim::{ErrorStatus, OperationKind, Query, ScimError, ScimType, Target, version};

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
    _cleared: Cleared,
}

/// What can't be done in a request that carries several operations, and could be by a call of its own.
fn not_here(detail: &str) -> Refusal {
    ScimError::new(ErrorStatus::NotImplemented, detail).into()
}

impl<U> Asker<'_, U> {
    /// What becomes of an operation, as far as it is known before anything is sent.
    pub fn plan<'v>(&self, mut operation: BulkOperation<'v>) -> Planned<'v> {
        let path = self.connection.plans.path(&operation.path, &mut self.connection.watcher.clone());
        let target = Target::parse(operation.method, &path, &self.connection.declared);
        let read = self.decode(target.as_ref().ok(), &mut operation);
        let (method, bulk_id) = (operation.method, operation.bulk_id.take());
        let references = operation.data.as_ref().map(bulk::references).unwrap_or_default();
        let in_path = operation.path.rsplit('/').next().unwrap_or_default();
        let referred = references.iter().map(String::as_str).chain([in_path]).filter_map(bulk::referred);
        let needs = referred.map(str::to_owned).collect();
        let made = match (&target, read) {
            (Ok(target), Ok(())) => self.make(target, operation, &references),
            (Ok(_), Err(refusal)) => Err(refusal),
            (Err(fault), _) => Err(Refusal::from(*fault)),
        };
        Planned { method, bulk_id, target: target.ok(), needs, made }
    }

    /// Reads what a client of SCIM 1.1 has written as SCIM 2.0.
    fn decode(&self, target: Option<&Target>, operation: &mut BulkOperation<'_>) -> Result<(), Refusal> {
        let (true, Some(target), Some(data)) =
            (self.connection.spoken.client.is_old(), target, operation.data.as_mut())
        else {
            return Ok(());
        };
        version::bulk::mend(data);
        message::decode(target, data, &mut self.connection.watcher.clone())?;
        let one = data.as_object().zip(target.resource.as_ref());
        if target.operation.kind() == OperationKind::Patch
            && one.is_some_and(|(message, of)| version::patch::needs_resource(message, of))
        {
            return Err(not_here("an element may have to be merged with one that is there; send it by itself"));
        }
        Ok(())
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
    ) -> Result<Made<'v>, Refusal> {
        use OperationKind::{Bulk, Create, Delete, Patch, Replace, Search};
        let connection = self.connection;
        let kind = target.operation.kind();
        match kind {
            Bulk | Search => {
                return Err(ScimError::bad_request(ScimType::InvalidValue, "not an operation of Bulk").into());
            }
            Create | Replace | Patch | Delete if connection.operations.contains(&kind) => {}
            kind => {
                return Err(not_here(&format!("the operation `{}` is not enabled on this connection", kind.word())));
            }
        }
        let permit = access::permit(self.caller, target, &connection.declared).map_err(Refusal::Scope)?;
        let bridge = match connection.ways.of(target) {
            // What SCIM 1.1 can't say of a PATCH, its encoding refuses.
            Way::PatchOrPut(_) => connection.ways.turned(target),
            _ => connection.ways.bridge(target),
        };
        if let Some(bridge) = bridge {
            return Err(not_here(&format!("the operation goes over a bridge ({}); send it by itself", bridge.name())));
        }
        let body = match operation.data {
            _ if kind == Delete => Content::None,
            Some(mut data) => {
                message::mend(target, &mut data, &mut connection.watcher.clone())?;
                Content::Changed(data)
            }
            None => return Err(message::no_object().into()),
        };
        let cleared = permit.clear(&connection.brake);
        let (path, mut data) = self.translate(target, body, &cleared)?;
        if let Some(data) = &data
            && !bulk::references(data).iter().all(|text| references.contains(text))
        {
            return Err(not_here("a rule would change a reference to another operation; send this one by itself"));
        }
        self.encode(target, &mut data)?;
        let version = operation.version.map(|tags| etag::restore(&tags));
        Ok(Made { path, version, data, _cleared: cleared })
    }

    /// Takes an operation through the packs of both sides: its path and data as the backend is to see them.
    fn translate<'v>(
        &self,
        target: &Target,
        body: Content<'v>,
        cleared: &Cleared,
    ) -> Result<(String, Option<Value<'v>>), Refusal> {
        let connection = self.connection;
        let cell = connection.plans.cell(target);
        let mut onward = Onward::new(self.head.clone());
        let start = Start { query: Query::default(), body, path: None };
        let start = self.through(&cell.outer, target, start, &mut onward, None)?;
        message::identifies(target, &start.body)?;
        match bridge::loss(target, start.body.value(), None) {
            _ if !cleared.counts_losses() => {}
            Loss::Counted(losses) => cleared.draw(losses).map_err(Refusal::braked)?,
            Loss::Unread => {
                return Err(not_here("who is taken out of the group has to be counted first; send it by itself"));
            }
        }
        let start = Start { path: Some(target.path()), ..start };
        let left = self.through(&cell.inner, target, start, &mut onward, Some(&connection.inwards))?;
        // One request carries all operations, so it can have only one query and one head.
        let query_fits = left.query.is_empty() || left.query == self.around.query;
        if !query_fits || !(onward.headers.is_empty() || onward.headers == self.around.headers) {
            return Err(not_here("a rule wants a query or header fields for this operation; send it by itself"));
        }
        let (_, mut data) = left.body.parts();
        if let Some(data) = &mut data {
            connection.inwards.value(data);
        }
        Ok((left.path.unwrap_or_else(|| target.path()), data))
    }

    fn through<'v>(
        &self,
        plan: &Plan,
        target: &Target,
        start: Start<'v>,
        onward: &mut Onward,
        rebase: Option<&Rebase>,
    ) -> Result<Start<'v>, Refusal> {
        match message::through(plan, target, start, onward, rebase, &mut self.connection.watcher.clone())? {
            Left::Goes(left) => Ok(*left),
            Left::Nothing => Err(not_here("rules leave nothing of this operation; send it by itself")),
            Left::Answered(_) => Err(not_here("a rule answers this operation; send it by itself")),
        }
    }
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

fn unknown(id: &str) -> ScimError {
    ScimError::bad_request(ScimType::InvalidValue, format!("no operation creates `bulkId` {id:?}"))
}

fn unmade(id: &str) -> ScimError {
    ScimError::new(ErrorStatus::Conflict, format!("the operation with `bulkId` {id:?}, to which it refers, is refused"))
}
