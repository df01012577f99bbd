//! A call's body and query as rules see them, and back as bytes.

use std::sync::Arc;

use http::Method;

use crate::bridge::Content;
use crate::json::{self, Value};
use crate::rules::{Body, Envelope, Head, Request, Selection};
use crate::scim::filter::{self, Edit, LiteralSpan};
use crate::scim::patch::Repair;
use crate::scim::{Literal, Operation, OperationKind, Param, Query, ScimError, ScimType, Target, patch};

use super::body;
use super::connection::Watcher;
use super::rebase::Rebase;

/// A request between two packs.
#[derive(Debug)]
pub struct Message<'v> {
    /// Its parts as rules see them.
    pub request: Request<'v>,
}

impl<'v> Message<'v> {
    /// Puts the parts together.
    ///
    /// # Errors
    /// 400 for a filter or an attribute name that can't be read.
    pub fn new(target: &Target, query: &Query, head: &Arc<Head>, value: Option<Value<'v>>) -> Result<Self, ScimError> {
        let kind = target.operation.kind();
        let (selection, body) = match (kind, value) {
            (OperationKind::Search, Some(value)) => {
                let object = value.as_object().ok_or_else(no_object)?;
                (Selection::read_search(object)?, Body::Search(value))
            }
            (OperationKind::Patch, Some(value)) => (Selection::read(query)?, Body::Patch(value)),
            (_, Some(value)) => (Selection::read(query)?, Body::Resource(value)),
            (_, None) => (Selection::read(query)?, Body::None),
        };
        let resource = target.resource.clone();
        let envelope = Envelope { head: head.clone(), query: query.clone(), ..Envelope::default() };
        Ok(Self { request: Request { operation: kind, resource, id: id(target), selection, body, envelope } })
    }

    /// Rebases the URLs that the filter compares with. True if there was one.
    pub fn rebase_filter(&mut self, rebase: &Rebase) -> bool {
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

    /// Writes what was changed in the selection.
    pub fn write_query(&mut self, query: &mut Query) {
        query.clone_from(&self.request.envelope.query);
        let selection = &self.request.selection;
        match &mut self.request.body {
            Body::Search(Value::Object(body)) => selection.write_search(body),
            _ => selection.write(query),
        }
    }

    /// The body.
    #[must_use]
    pub fn into_value(self) -> Option<Value<'v>> {
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
pub fn read<'v>(target: &Target, bytes: &'v [u8], watcher: &mut Watcher) -> Result<Content<'v>, ScimError> {
    let mut value = json::parse(bytes).map_err(|fault| body::syntax(&fault))?;
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
    Ok(if repairs.is_empty() { Content::AsSent(bytes, value) } else { Content::Changed(value) })
}

/// Mends a filter only where it can't be read as it is.
pub fn repair_query(query: &mut Query, watcher: &mut Watcher) {
    if let Some(filter) = query.value(Param::Filter).and_then(filter::quoted) {
        query.set(Param::Filter, Some(filter));
        watcher.repaired(Repair::BareText);
    }
}

fn no_object() -> ScimError {
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
