//! The series of connections and their routes.

use std::array;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use prometheus::{Histogram, IntCounter};

use super::catalogue::Families;
use super::labels::{self, Codes, METHODS};
use super::{InFlight, InFlightGauge};

/// The series of one connection.
#[derive(Clone, Debug)]
pub struct ConnectionHandles {
    families: Arc<Families>,
    connection: Arc<str>,
}

impl ConnectionHandles {
    pub(super) fn new(families: Arc<Families>, connection: &str) -> Self {
        // Made once so that a dashboard shows an idle connection too.
        let _ = families.in_flight.with_label_values(&[connection]);
        Self { families, connection: connection.into() }
    }

    /// The series of one route, a template such as `/Users/{id}`.
    #[must_use]
    pub fn route(&self, route: &str) -> RouteHandles {
        RouteHandles(Arc::new(Route {
            in_flight: InFlightGauge(self.families.in_flight.with_label_values(&[&*self.connection])),
            overhead: OnceLock::new(),
            methods: array::from_fn(|_| OnceLock::new()),
            families: self.families.clone(),
            connection: self.connection.clone(),
            route: route.to_owned(),
        }))
    }
}

/// The series of one route of a connection. Clones are cheap and count together.
#[derive(Clone, Debug)]
pub struct RouteHandles(Arc<Route>);

#[derive(Debug)]
struct Route {
    families: Arc<Families>,
    connection: Arc<str>,
    route: String,
    in_flight: InFlightGauge,
    overhead: OnceLock<Histogram>,
    methods: [OnceLock<Box<Method>>; METHODS.len()],
}

/// The series of one method, made when it is first seen: most routes know two or three, and of a thousand connections
/// few use all.
#[derive(Debug)]
struct Method {
    codes: Codes,
    duration: Histogram,
    denied: IntCounter,
}

/// A request whose answer has ended.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'m> {
    /// Its method as the client wrote it.
    pub method: &'m str,
    /// The status of the answer; 499 if the caller hung up before it was complete.
    pub code: u16,
    /// From its head to the end of its answer.
    pub duration: Duration,
    /// How much of that was spent waiting for the backend.
    pub upstream: Duration,
}

impl RouteHandles {
    /// The route.
    #[must_use]
    pub fn route(&self) -> &str {
        &self.0.route
    }

    /// A request is being answered for as long as the guard lives.
    #[must_use]
    pub fn started(&self) -> InFlight {
        self.0.in_flight.enter()
    }

    /// A request has been answered, or its caller has gone.
    pub fn finished(&self, finished: Finished<'_>) {
        if let Some(method) = self.0.method(finished.method) {
            method.codes.add(finished.code);
            method.duration.observe(finished.duration.as_secs_f64());
        }
        let own = finished.duration.saturating_sub(finished.upstream);
        self.0.overhead().observe(own.as_secs_f64());
    }

    /// An operation inside a Bulk request has this result.
    pub fn operated(&self, method: &str, code: u16) {
        let method = METHODS.get(labels::method(method)).copied().unwrap_or_default();
        let labels = [&*self.0.connection, &*self.0.route, method, &code.to_string()];
        self.0.families.bulk_operations.with_label_values(&labels).inc();
    }

    /// A token lacked the scope.
    pub fn denied(&self, method: &str) {
        if let Some(method) = self.0.method(method) {
            method.denied.inc();
        }
    }
}

impl Route {
    fn overhead(&self) -> &Histogram {
        let labels = [&*self.connection, &*self.route];
        self.overhead.get_or_init(|| self.families.overhead.with_label_values(&labels))
    }

    /// Always some: the place of a method is within the list.
    fn method(&self, name: &str) -> Option<&Method> {
        let place = labels::method(name);
        let (kept, name) = self.methods.get(place).zip(METHODS.get(place))?;
        Some(kept.get_or_init(|| {
            let labels = [&*self.connection, &*self.route, *name];
            Box::new(Method {
                codes: Codes::new(&self.families.requests, &labels),
                duration: self.families.duration.with_label_values(&labels),
                denied: self.families.denied.with_label_values(&labels),
            })
        }))
    }
}
