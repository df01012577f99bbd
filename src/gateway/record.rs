//! What a call has to tell: written on the way, never read there. Closes into metrics and one log line.
//!
//! A drop guard books callers who hung up: a record that is dropped before it is complete says so. An operation of a Bulk
//! request has a record of its own, which closes into a line of its own.

use std::time::{Duration, Instant};

use http::{HeaderValue, Method};

use crate::access::{Caller, ConnectionName};
use crate::bridge::Bridge;
use crate::metrics::{Finished, InFlight, RouteHandles};
use crate::scim::Target;

use super::connection::Routes;

/// The route of a call that could not be read.
pub const OTHER: &str = "other";

/// The record of one call.
#[derive(Debug)]
pub struct Record {
    method: Method,
    started: Instant,
    upstream: Duration,
    series: RouteHandles,
    /// Of a call; operations aren't counted by themselves.
    in_flight: Option<InFlight>,
    /// The place of an operation in its Bulk request, from 0 on.
    at: Option<usize>,
    connection: Option<ConnectionName>,
    caller: Option<Caller>,
    request_id: HeaderValue,
    cause: Option<String>,
    bridges: Vec<&'static str>,
    status: u16,
    state: State,
}

#[derive(Debug, PartialEq)]
enum State {
    Open,
    Complete,
    Broken,
    /// Another has taken it over.
    HandedOver,
}

/// What the records of a Bulk request's operations have in common.
#[derive(Clone, Debug)]
pub struct Origin {
    connection: Option<ConnectionName>,
    caller: Option<Caller>,
    request_id: HeaderValue,
}

/// One operation of a Bulk request that has come to its end.
#[derive(Debug)]
pub struct Operated<'o> {
    /// Its place in the request, from 0 on.
    pub at: usize,
    /// What it asks, if it could be read.
    pub target: Option<&'o Target>,
    /// Its method.
    pub method: &'static str,
    /// The status of its result.
    pub status: u16,
    /// Why it is refused, or an error.
    pub cause: &'o str,
    /// Whether the token lacks the scope.
    pub denied: bool,
}

impl Record {
    /// A call has come.
    #[must_use]
    pub fn open(method: &Method, request_id: &HeaderValue, series: RouteHandles) -> Self {
        Self {
            method: method.clone(),
            started: Instant::now(),
            upstream: Duration::ZERO,
            in_flight: Some(series.started()),
            at: None,
            series,
            connection: None,
            caller: None,
            request_id: request_id.clone(),
            cause: None,
            bridges: Vec::new(),
            status: 499,
            state: State::Open,
        }
    }

    /// It is for this connection; and for this route, if the call could be read.
    pub fn routed(&mut self, connection: &ConnectionName, target: Option<&Target>, routes: &Routes) {
        self.connection = Some(connection.clone());
        self.series = routes.of(target).clone();
        self.in_flight = Some(self.series.started());
    }

    /// It means another method than the one of its request.
    pub fn means(&mut self, method: Method) {
        self.method = method;
    }

    /// It comes with this token.
    pub fn called_by(&mut self, caller: &Caller) {
        self.caller = Some(caller.clone());
    }

    /// The token lacks the scope.
    pub fn denied(&self) {
        self.series.denied(self.method.as_str());
    }

    /// What the records of its operations need of it.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let (connection, caller) = (self.connection.clone(), self.caller.clone());
        Origin { connection, caller, request_id: self.request_id.clone() }
    }

    /// An operation of it has come to its end.
    pub fn operation(&self, of: &Operated<'_>, routes: &Routes) {
        let mut record = self.origin().operation(of.at, of.method, routes.of(of.target));
        if of.denied {
            record.denied();
        }
        record.because(of.cause.to_owned());
        record.answered(of.status);
        record.complete();
    }

    /// How long has been waited for a backend.
    #[must_use]
    pub fn upstream(&self) -> Duration {
        self.upstream
    }

    /// Time went by waiting for a backend.
    pub fn waited(&mut self, duration: Duration) {
        self.upstream += duration;
    }

    /// It goes over a bridge.
    pub fn bridged(&mut self, bridge: Bridge) {
        self.bridges.push(bridge.name());
    }

    /// It is refused, or its answer is an error, for this reason.
    pub fn because(&mut self, cause: String) {
        self.cause = Some(cause);
    }

    /// The call goes on elsewhere, and this record with it: what is left here says nothing.
    #[must_use]
    pub fn hand_over(&mut self) -> Self {
        let mut left = Self::open(&self.method, &self.request_id, self.series.clone());
        (left.state, left.in_flight) = (State::HandedOver, None);
        std::mem::replace(self, left)
    }

    /// The response's head is known.
    pub fn answered(&mut self, status: u16) {
        self.status = status;
    }

    /// Whether the answer ends with its head.
    #[must_use]
    pub fn is_of_head(&self) -> bool {
        self.method == Method::HEAD
    }

    /// The response has been handed over whole.
    pub fn complete(&mut self) {
        self.state = State::Complete;
    }

    /// The response broke off after its head.
    pub fn broke(&mut self, cause: &str) {
        self.state = State::Broken;
        self.cause = Some(cause.to_owned());
    }
}

impl Origin {
    /// The record of an operation, which begins now.
    #[must_use]
    pub fn operation(&self, at: usize, method: &'static str, series: &RouteHandles) -> Record {
        Record {
            method: Method::from_bytes(method.as_bytes()).unwrap_or_default(),
            started: Instant::now(),
            upstream: Duration::ZERO,
            in_flight: None,
            at: Some(at),
            series: series.clone(),
            connection: self.connection.clone(),
            caller: self.caller.clone(),
            request_id: self.request_id.clone(),
            cause: None,
            bridges: Vec::new(),
            status: 499,
            state: State::Open,
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        match (&self.state, self.at) {
            (State::HandedOver, _) => {}
            (_, Some(at)) => self.close_operation(at),
            (_, None) => self.close(),
        }
    }
}

impl Record {
    fn close(&self) {
        let code = if self.state == State::Open { 499 } else { self.status };
        let duration = self.started.elapsed();
        self.series.finished(Finished { method: self.method.as_str(), code, duration, upstream: self.upstream });
        let outcome = match self.state {
            State::Complete => "answered",
            State::Open | State::HandedOver => "the caller hung up",
            State::Broken => "the answer broke off",
        };
        tracing::info!(
            target: "scimgate::access",
            request_id = self.request_id.to_str().unwrap_or_default(),
            connection = self.connection.as_ref().map(ConnectionName::as_str).unwrap_or_default(),
            route = self.series.route(),
            method = %self.method,
            status = code,
            duration_ms = duration.as_secs_f64() * 1e3,
            upstream_ms = self.upstream.as_secs_f64() * 1e3,
            bridge = %self.bridges.join(" "),
            token = self.caller.as_ref().map(Caller::id).unwrap_or_default(),
            cause = self.cause.as_deref().unwrap_or_default(),
            "{outcome}"
        );
    }

    fn close_operation(&self, at: usize) {
        let code = if self.state == State::Open { 499 } else { self.status };
        self.series.operated(self.method.as_str(), code);
        tracing::info!(
            target: "scimgate::access",
            request_id = self.request_id.to_str().unwrap_or_default(),
            connection = self.connection.as_ref().map(ConnectionName::as_str).unwrap_or_default(),
            operation = at,
            route = self.series.route(),
            method = %self.method,
            status = code,
            bridge = %self.bridges.join(" "),
            token = self.caller.as_ref().map(Caller::id).unwrap_or_default(),
            cause = self.cause.as_deref().unwrap_or_default(),
            "an operation of a bulk request"
        );
    }
}
