//! A call's body and query as rules see them, taken through a plan, and back.

use std::sync::Arc;

use http::Method;

use crate::bridge::{Content, Projection};
use crate::json::{self, Value};
use crate::rules::stream::Fired;
use crate::rules::{self, Body, Envelope, Head, Plan, Reply, Request, Selection};
use crate::scim::filter::{self, Edit, LiteralSpan};
use crate::scim::patch::Repair;
use crate::scim::{
    Literal, Operation, OperationKind, Param, Query, ScimError, ScimType, Target, Version, identifiers, patch,
};

use super::body;
use super::edge::{self, Turn};
use super::exchange::Onward;
use super::plans::Cell;
use super::rebase::Rebase;
use super::refusal::Refusal;
use super::watcher::Watcher;

/// A request that meets a plan.
#[derive(Debug)]
pub struct Start<'v> {
    /// Which resources, and which of their attributes.
    pub query: Query,
    /// The body.
    pub body: Content<'v>,
    /// The path below the backend's base; nothing before the backend's pack.
    pub path: Option<String>,
}

/// What a plan has left of a request.
#[derive(Debug)]
pub enum Left<'v> {
    /// This goes on.
    Goes(Box<Start<'v>>),
    /// Nothing: of a PATCH no operation is left, or nothing can match the filter.
    Nothing,
    /// A rule has answered.
    Answered(Reply),
}

/// Takes a request through a plan. `onward` gets the header fields that rules want; URLs that filters compare with become
/// those of the other side by `rebase`.
///
/// # Errors
/// 400 for a filter or an attribute name that can't be read, and whatever a rule refuses.
pub fn through<'v>(
    plan: &Plan,
    target: &Target,
    start: Start<'v>,
    onward: &mut Onward,
    rebase: Option<&Rebase>,
    watcher: &mut Watcher,
) -> Result<Left<'v>, Refusal> {
    // Who only counts is not told of rules that can't have anything to do.
    let leaves = plan.leaves_requests() || plan.leaves_bare_requests() && matches!(watcher, Watcher::Count(_));
    let untouched = leaves && matches!(start.body, Content::None) && !Selection::is_in(&start.query);
    if untouched || matches!(start.body, Content::Ready(_)) {
        return Ok(Left::Goes(Box::new(start)));
    }
    let (sent, value) = start.body.parts();
    let mut message = Message::new(target, start.query, onward.head.clone(), value)?;
    message.request.envelope.path = start.path;
    message.request.envelope.headers = std::mem::take(&mut onward.headers);
    let mut changed = plan.request(&mut message.request, watcher).map_err(|refusal| {
        watcher.refused(refusal.number);
        Refusal::Rule(refusal)
    })?;
    onward.headers = std::mem::take(&mut message.request.envelope.headers);
    if let Some(reply) = message.request.envelope.reply.take() {
        return Ok(Left::Answered(reply));
    }
    if message.request.selection.matches_nothing {
        return Ok(Left::Nothing);
    }
    changed |= rebase.is_some_and(|rebase| message.rebase_filter(rebase));
    let (query, path) = (message.take_query(), message.request.envelope.path.take());
    let body = match (message.into_value(), sent) {
        (None, _) => Content::None,
        (Some(value), Some(bytes)) if !changed => Content::AsSent(bytes, value),
        (Some(value), _) => Content::Changed(value),
    };
    let is_patch = target.operation.kind() == OperationKind::Patch;
    if is_patch && matches!(&body, Content::Changed(value) if rules::patch::is_emptied(value)) {
        return Ok(Left::Nothing);
    }
    Ok(Left::Goes(Box::new(Start { query, body, path })))
}

/// Which attributes a client wants, where rules may ask for more than those.
pub fn wanted(cell: &Cell, target: &Target, query: &Query, body: &Content<'_>) -> Option<Arc<Projection>> {
    if !cell.asks_for_more() {
        return None;
    }
    // What can't be read is refused by whoever translates it.
    let selection = match (target.operation.kind(), body.value()) {
        (OperationKind::Search, Some(body)) => Selection::read_search(body.as_object()?).ok()?,
        _ => Selection::read(query).ok()?,
    };
    let wanted = Projection { only: selection.attributes, without: selection.excluded };
    (!wanted.is_all()).then(|| Arc::new(wanted))
}

/// A request between two packs.
#[derive(Debug)]
struct Message<'v> {
    /// Its parts as rules see them.
    request: Request<'v>,
}

impl<'v> Message<'v> {
    /// Puts the parts together.
    fn new(target: &Target, query: Query, head: Arc<Head>, value: Option<Value<'v>>) -> Result<Self, ScimError> {
        let kind = target.operation.kind();
        let (selection, body) = match (kind, value) {
            (OperationKind::Search, Some(value)) => {
                let object = value.as_object().ok_or_else(no_object)?;
                (Selection::read_search(object)?, Body::Search(value))
            }
            (OperationKind::Patch, Some(value)) => (Selection::read(&query)?, Body::Patch(value)),
            (_, Some(value)) => (Selection::read(&query)?, Body::Resource(value)),
            (_, None) => (Selection::read(&query)?, Body::None),
        };
        let resource = target.resource.clone();
        let envelope = Envelope { head, query, ..Envelope::default() };
        Ok(Self { request: Request { operation: kind, resource, id: id(target), selection, body, envelope } })
    }

    /// Rebases the URLs that the filter compares with. True if there was one.
    fn rebase_filter(&mut self, rebase: &Rebase) -> bool {
        let selection = &mut self.request.selection;
        let Some(filter) = &selection.filter else { return false };
        let rebased = |literal: &LiteralSpan| match &literal.literal {
            Literal::String(text) => {
                let text = Value::string(&rebase.url(text)?).to_string();
                Some(Edit { span: literal.span.clone(), text })
            }
            _ => None,
        };
        let edits: Vec<Edit> = filter.literals().into_iter().filter_map(rebased).collect();
        if edits.is_empty() {
            return false;
        }
        let Ok(filter) = filter.splice(edits) else { return false };
        selection.filter = Some(filter);
        selection.touch(Param::Filter);
        true
    }

    /// The query, with what was changed in the selection; a search has it in its body.
    fn take_query(&mut self) -> Query {
        let mut query = std::mem::take(&mut self.request.envelope.query);
        let selection = &self.request.selection;
        match &mut self.request.body {
            Body::Search(Value::Object(body)) => selection.write_search(body),
            _ => selection.write(&mut query),
        }
        query
    }

    fn into_value(self) -> Option<Value<'v>> {
        match self.request.body {
            Body::None => None,
            Body::Resource(value) | Body::Patch(value) | Body::Search(value) => Some(value),
        }
    }
}

/// Reads a body as standard SCIM: checked, and repaired only where its bytes break the RFCs.
///
/// # Errors
/// 400 for what is no JSON, ambiguous JSON, or no object.
pub fn read<'v>(
    target: &Target,
    bytes: &'v [u8],
    client: Version,
    watcher: &mut Watcher,
) -> Result<Content<'v>, ScimError> {
    let mut value = json::parse(bytes).map_err(|fault| body::syntax(&fault))?;
    let is_old = client.is_old();
    if is_old {
        decode(target, &mut value, watcher)?;
    }
    let mended = mend(target, &mut value, watcher)?;
    Ok(if mended || is_old { Content::Changed(value) } else { Content::AsSent(bytes, value) })
}

/// Reads a body of SCIM 1.1 as one of 2.0.
///
/// # Errors
/// 400 for what is no such message.
pub fn decode(target: &Target, value: &mut Value<'_>, watcher: &mut Watcher) -> Result<(), ScimError> {
    if value.as_object().is_none() {
        return Err(no_object());
    }
    edge::body(target, value, Turn::Decode.to()).inspect_err(|_| watcher.unsaid(Turn::Decode))?;
    watcher.turned(Turn::Decode, Some(&|| value.pretty()));
    Ok(())
}

/// Translates the resource of a POST or PUT all the way to the backend without a tree; nothing where it takes one: to
/// decide, to repair, to say what is wrong, to translate the query, or to show somebody what each rule did.
pub fn streamed(cell: &Cell, query: &Query, bytes: &[u8], inwards: &Rebase, watcher: &Watcher) -> Option<Vec<u8>> {
    let (Some(stream), Watcher::Count(counters)) = (&cell.requests, watcher) else { return None };
    if Selection::is_in(query) {
        return None;
    }
    let (mut fired, mut out) = (Fired::default(), Vec::with_capacity(bytes.len() + bytes.len() / 8));
    stream.translate(bytes, &mut inwards.clone(), &mut fired, &mut out).ok()?;
    stream.fired(&fired).for_each(|number| counters.fired(number));
    Some(out)
}

/// Repairs a body where it breaks the RFCs. True if it did.
///
/// # Errors
/// 400 for what is no object.
pub fn mend(target: &Target, value: &mut Value<'_>, watcher: &mut Watcher) -> Result<bool, ScimError> {
    let resource = target.resource.clone();
    let object = value.as_object_mut().ok_or_else(no_object)?;
    let repairs = match (target.operation.kind(), resource) {
        (OperationKind::Patch, Some(resource)) => patch::repair(object, &resource)?,
        (OperationKind::Create | OperationKind::Replace, Some(resource)) => patch::repair_resource(object, &resource)?,
        _ => Vec::new(),
    };
    for &repair in &repairs {
        watcher.repaired(repair);
    }
    Ok(!repairs.is_empty())
}

/// Refuses a body that is standard SCIM but for its identifiers; what has come through without a tree, the stream has
/// looked at.
///
/// # Errors
/// 400 `invalidValue`.
pub fn identifies(target: &Target, body: &Content<'_>) -> Result<(), ScimError> {
    body.value().map_or(Ok(()), |value| identifiers::check(target.operation.kind(), value))
}

/// Mends a filter only where it can't be read as it is.
pub fn repair_query(query: &mut Query, watcher: &mut Watcher) {
    if let Some(filter) = query.value(Param::Filter).and_then(filter::quoted) {
        query.set(Param::Filter, Some(filter));
        watcher.repaired(Repair::BareText);
    }
}

/// 400 `invalidSyntax` for a body that is no object, or isn't there.
pub fn no_object() -> ScimError {
    ScimError::bad_request(ScimType::InvalidSyntax, "the request body must be a JSON object")
}

/// The id in the path, decoded.
#[must_use]
pub fn id(target: &Target) -> Option<String> {
    match &target.operation {
        Operation::Read(id) | Operation::Replace(id) | Operation::Patch(id) | Operation::Delete(id) => {
            Some(id.as_str().to_owned())
        }
        _ => None,
    }
}

/// The method that an operation is sent with.
#[must_use]
pub fn method(kind: OperationKind) -> Method {
    match kind {
        OperationKind::Create | OperationKind::Search | OperationKind::Bulk => Method::POST,
        OperationKind::Replace => Method::PUT,
        OperationKind::Patch => Method::PATCH,
        OperationKind::Delete => Method::DELETE,
        OperationKind::List | OperationKind::Read | OperationKind::Discover | OperationKind::Me => Method::GET,
    }
}
