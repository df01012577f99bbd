//! One call, start to end.
//!
//! [`Gateway::serve`] is the whole flow on one screen. Each step takes what the last one made and returns what the next
//! one needs; a no is a [`Refusal`], which becomes an error response in one place. Not here: sockets, TLS and what every
//! HTTP service needs (`server`), and what a rule means (`rules`).

mod answer;
mod body;
mod budget;
mod bulk;
mod call;
pub mod cases;
mod connection;
mod crossing;
mod documents;
mod edge;
mod etag;
mod every_type;
mod exchange;
mod head;
mod holds;
mod leaf;
pub mod load;
mod message;
mod pace;
mod plans;
mod purse;
mod rebase;
mod recode;
mod record;
mod refusal;
pub mod rehearse;
mod reply;
mod respond;
mod series;
mod shadow;
mod shared;
mod single;
mod to_the_end;
mod together;
mod translate;
mod turning;
pub mod upstream;
mod watcher;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use arc_swap::ArcSwap;
use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response};

use crate::access::{self, AuthFailure, Caller, ConnectionName, Permit, Strangers, Tokens};
use crate::bridge::Answer;
use crate::metrics::{Limit, Metrics, RouteHandles};
use crate::rules::Media;
use crate::scim::{Operation, Resource};

pub use crate::scim::{ErrorStatus, ScimError};
use answer::Sent;
pub use body::{BodyFault, ResponseBody};
use call::Call;
pub use connection::{Backend, Connection, Terms};
use edge::Turn;
pub use holds::Holds;
use record::Record;
pub use refusal::Refusal;
pub use respond::{REQUEST_ID, error};
use single::Single;
use to_the_end::Lasting;
pub use together::Together;
use upstream::Upstream;
pub use watcher::{Teller, Watcher, Witness};

/// The connection label of calls that stand under no connection.
const NOWHERE: &str = "none";

/// Everything that a call can meet, made from one configuration. A reload makes a new one.
#[derive(Debug)]
pub struct Gateway<U> {
    /// By path.
    connections: Vec<Arc<Connection<U>>>,
    tokens: ArcSwap<Tokens>,
    strangers: Arc<Strangers>,
    /// The series of calls that stand under no connection.
    elsewhere: RouteHandles,
    metrics: Metrics,
}

/// A call that may be made.
#[derive(Debug)]
struct Permitted<'c, U> {
    connection: &'c Arc<Connection<U>>,
    call: Call,
    permit: Permit,
    caller: &'c Caller,
}

impl<U> Gateway<U> {
    /// A gateway for these connections.
    #[must_use]
    pub fn new(mut connections: Vec<Connection<U>>, tokens: Tokens, metrics: Metrics) -> Self {
        connections.sort_by(|one, other| one.path.cmp(&other.path));
        let elsewhere = metrics.connection(NOWHERE).route(record::OTHER);
        let (connections, tokens) = (connections.into_iter().map(Arc::new).collect(), ArcSwap::from_pointee(tokens));
        Self { connections, tokens, strangers: Arc::default(), elsewhere, metrics }
    }

    /// The same gateway, which knows how often strangers have guessed at a former one.
    #[must_use]
    pub fn with_strangers_of(self, former: &Self) -> Self {
        Self { strangers: former.strangers.clone(), ..self }
    }

    /// The connection of this name.
    #[must_use]
    pub fn connection(&self, name: &ConnectionName) -> Option<&Connection<U>> {
        self.connections.iter().find(|connection| connection.name == *name).map(Arc::as_ref)
    }

    /// The backend of this name.
    #[must_use]
    pub fn backend(&self, name: &str) -> Option<&Backend<U>> {
        self.connections.iter().map(|connection| &*connection.backend).find(|backend| backend.name == name)
    }

    /// Other tokens from the next call on.
    pub fn replace_tokens(&self, tokens: Tokens) {
        self.tokens.store(Arc::new(tokens));
    }

    /// Whether anybody can call at all: without a live token every call is a 401.
    #[must_use]
    pub fn has_tokens(&self) -> bool {
        !self.tokens.load().is_empty()
    }
}

impl<U: Upstream> Gateway<U> {
    /// Answers one request, which comes from there if that is known.
    pub async fn serve<B>(&self, request: Request<B>, source: Option<IpAddr>) -> Response<ResponseBody>
    where
        B: http_body::Body<Data = Bytes, Error = BodyFault> + Send,
    {
        let (parts, body) = request.into_parts();
        let request_id = respond::request_id(&parts);
        let mut record = Record::open(&parts.method, &request_id, self.elsewhere.clone());
        let connection = self.find(&parts);
        let outcome = self.flow(&parts, body, source, connection, &request_id, &mut record).await;
        if let Err(refusal) = &outcome {
            book(refusal, &mut record, &self.metrics);
        }
        let client = match (connection, &outcome) {
            (Some(connection), outcome) if !matches!(outcome, Err(no) if no.is_to_stranger()) => {
                connection.spoken.client
            }
            _ => edge::of_stranger(parts.uri.path()),
        };
        respond::respond(outcome, client, record)
    }

    /// The flow.
    async fn flow<B>(
        &self,
        parts: &Parts,
        body: B,
        source: Option<IpAddr>,
        connection: Option<&Arc<Connection<U>>>,
        request_id: &HeaderValue,
        record: &mut Record,
    ) -> Result<Answer<Sent>, Refusal>
    where
        B: http_body::Body<Data = Bytes, Error = BodyFault> + Send,
    {
        let connection = connection.ok_or(Refusal::Token(AuthFailure::Unknown))?;
        let call = Call::read(parts, connection);
        record.routed(&connection.name, call.as_ref().ok().map(|call| &call.target), &connection.routes);
        if let (true, Ok(call)) = (connection.spoken.client.is_old() && parts.method == Method::POST, &call) {
            record.means(message::method(call.target.operation.kind()));
        }
        let caller = self.caller(parts, source, connection)?;
        record.called_by(&caller);
        connection.throttles.check(&caller).map_err(Refusal::throttled)?;
        let call = call?;
        let permit = access::permit(&caller, &call.target, &connection.declared).map_err(Refusal::Scope)?;
        let to_old = connection.spoken.client.is_old().then(|| call.target.clone());
        let permitted = Permitted { connection, call, permit, caller: &caller };
        // Boxed, since it is large, and moved by everybody who waits for it; made in its box, where `Box::pin` would copy it.
        let carried = Box::write(Box::new_uninit(), self.carry(parts, body, permitted, request_id, record));
        let answer = Box::into_pin(carried).await?;
        match to_old {
            Some(target) => {
                connection.watcher.clone().turned(Turn::Encode, None);
                edge::answered(answer, &target)
            }
            None => Ok(answer),
        }
    }

    /// A call that may be made, to its backend and back.
    async fn carry<B>(
        &self,
        parts: &Parts,
        body: B,
        permitted: Permitted<'_, U>,
        request_id: &HeaderValue,
        record: &mut Record,
    ) -> Result<Answer<Sent>, Refusal>
    where
        B: http_body::Body<Data = Bytes, Error = BodyFault> + Send,
    {
        let Permitted { connection, call, permit, caller } = permitted;
        let body = self.body(parts, body, connection, &call).await?;
        if let (Operation::Bulk, Some((media, bytes))) = (&call.target.operation, &body) {
            let (head, conditions, request_id) = (call::head(parts, connection), call.conditions, request_id.clone());
            let (media, metrics) = (Some(*media), &self.metrics);
            let coming = bulk::Coming { connection, caller, permit, head, media, conditions, request_id, metrics };
            // Boxed: other calls are not to be as large as this one.
            return Box::pin(bulk::carry(coming, bytes, record)).await;
        }
        let (head, request_id) = (call::head(parts, connection), request_id.clone());
        if connection.ways.outlives(&call.target) {
            let (connection, caller) = (connection.clone(), caller.clone());
            let lasting = Lasting { connection, caller, call, permit, head, body, request_id };
            return Box::pin(lasting.make(record)).await;
        }
        let media = body.as_ref().map(|(media, _)| *media);
        let single = Single { connection, caller, head, media, request_id, purse: None };
        let body = body.as_ref().map(|(_, bytes)| &bytes[..]);
        if let (Operation::Search, None, Some(bytes), true) =
            (&call.target.operation, &call.target.resource, body, connection.parts_search())
        {
            return Box::pin(every_type::search(single, bytes, record)).await;
        }
        single.make(call, permit, body, record).await
    }

    /// The connection under whose path the request stands: the longest, if one lies below another.
    fn find(&self, parts: &Parts) -> Option<&Arc<Connection<U>>> {
        let path = parts.uri.path();
        let bases = std::iter::successors(Some(path), |base| base.rsplit_once('/').map(|(base, _)| base));
        let known = |base| {
            let place = self.connections.binary_search_by(|connection| connection.path.as_str().cmp(base)).ok()?;
            self.connections.get(place)
        };
        bases.filter_map(known).next()
    }

    /// Who calls. Wrong guesses are limited by where they come from, which never keeps a valid token out.
    fn caller(&self, parts: &Parts, source: Option<IpAddr>, connection: &Connection<U>) -> Result<Caller, Refusal> {
        let tokens = self.tokens.load();
        let mut values = parts.headers.get_all(AUTHORIZATION).iter().map(HeaderValue::as_bytes);
        let headers: &[&[u8]] = match (values.next(), values.next()) {
            (None, _) => &[],
            (Some(value), None) => &[value],
            (Some(value), Some(other)) => &[value, other],
        };
        tokens.authenticate(headers, connection.authorization, &connection.name, SystemTime::now()).map_err(|failure| {
            match self.strangers.guess(source) {
                Ok(()) => Refusal::Token(failure),
                Err(wait) => Refusal::Throttled { limit: Limit::Source, retry_after: wait.seconds() },
            }
        })
    }

    async fn body<B>(
        &self,
        parts: &Parts,
        body: B,
        connection: &Connection<U>,
        call: &Call,
    ) -> Result<Option<(Media, Bytes)>, Refusal>
    where
        B: http_body::Body<Data = Bytes, Error = BodyFault> + Send,
    {
        if !call.has_body() {
            return Ok(None);
        }
        let media = call::media_type(&parts.headers, connection.spoken.client)?;
        let limit = match call.target.resource {
            Some(Resource::Group) => connection.group_body_limit,
            _ => connection.body_limit,
        };
        Ok(Some((media, body::read(body, limit).await?)))
    }
}

/// Books a no, on whatever counts it.
fn book(refusal: &Refusal, record: &mut Record, metrics: &Metrics) {
    record.because(refusal.cause());
    match refusal {
        Refusal::Token(failure) => metrics.auth_failed(failure.reason()),
        Refusal::Scope(_) => record.denied(),
        Refusal::Throttled { limit, .. } => metrics.rate_limited(*limit),
        Refusal::Braked { .. } => metrics.rate_limited(Limit::Brake),
        Refusal::Call(_) | Refusal::Method { .. } => {
            if let Some(reason) = refusal.reject_reason() {
                metrics.request_rejected(reason);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod engines;
#[cfg(test)]
mod laws;
