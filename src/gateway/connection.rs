//! One connection as calls meet it: its path, its plans, its backend. Made when the configuration is loaded.

use std::sync::Arc;

use http::{HeaderName, HeaderValue};

use crate::access::{Brake, ConnectionName, Form, Throttles};
use crate::bridge::{Choices, Limits};
use crate::config::bridges;
use crate::metrics::{ConnectionHandles, Metrics, RouteHandles};
use crate::rules::{Media, Modes, Pack};
use crate::scim::{OperationKind, Resource, Target, Version};

use super::budget::Budget;
use super::crossing::Ways;
use super::documents::{Documents, Offers};
use super::edge::Spoken;
use super::holds::Holds;
use super::plans::Plans;
use super::rebase::Rebase;
use super::record::OTHER;
use super::shared::Shared;
use super::watcher::{Counters, Teller, Watcher};

/// The most operations in one Bulk request, where neither backend nor limits say less. Each counts as a call.
const MOST_OPERATIONS: u32 = 1000;

/// One connection: one client's way to one backend.
#[derive(Debug)]
pub struct Connection<U> {
    /// Its name.
    pub name: ConnectionName,
    /// Its path, without a trailing slash.
    pub path: String,
    /// The resource types beside User and Group.
    pub declared: Vec<Resource>,
    /// The operations that are enabled.
    pub operations: Vec<OperationKind>,
    /// The most operations in one Bulk request.
    pub most_operations: usize,
    /// The longest body of a group, in bytes.
    pub group_body_limit: usize,
    /// The longest other body, in bytes.
    pub body_limit: usize,
    /// Which version of SCIM each side speaks.
    pub spoken: Spoken,
    /// How its client writes its token.
    pub authorization: Form,
    /// How often it may be called.
    pub throttles: Arc<Throttles>,
    /// How much may be taken away through it.
    pub brake: Arc<Brake>,
    /// What one call through it may cost its backend.
    pub limits: Limits,
    /// Where its calls go.
    pub backend: Arc<Backend<U>>,
    /// From the backend's URLs to the gateway's.
    pub outwards: Rebase,
    /// From the gateway's URLs to the backend's.
    pub inwards: Rebase,
    /// Who is told what rules did.
    pub watcher: Watcher,
    /// What is done to each kind of call.
    pub plans: Arc<Plans>,
    /// How each kind of call gets to the backend.
    pub ways: Ways,
    /// What it says of itself.
    pub documents: Arc<Documents>,
    /// Its series, by route.
    pub routes: Routes,
}

/// The terms of one connection: what the operator wrote, and the packs that it names.
#[derive(Debug)]
pub struct Terms<'p, U> {
    /// Its name.
    pub name: ConnectionName,
    /// Its path, without a trailing slash.
    pub path: String,
    /// The URL under which clients know the gateway, without a trailing slash; the path comes behind it.
    pub public_url: String,
    /// Client pack, then the connection's own packs.
    pub outer: Vec<&'p Pack>,
    /// The backend pack.
    pub inner: &'p Pack,
    /// What it says of single rules, over what their packs say.
    pub modes: Modes,
    /// The resource types beside User and Group.
    pub declared: Vec<Resource>,
    /// The operations that are enabled.
    pub operations: Vec<OperationKind>,
    /// The longest body of a group, in bytes.
    pub group_body_limit: usize,
    /// The longest other body, in bytes.
    pub body_limit: usize,
    /// Which version of SCIM its client speaks.
    pub scim: Version,
    /// How its client writes its token.
    pub authorization: Form,
    /// How often it may be called.
    pub throttles: Arc<Throttles>,
    /// How much may be taken away through it.
    pub brake: Arc<Brake>,
    /// What one call through it may cost its backend.
    pub limits: Limits,
    /// What only its owner can decide.
    pub choices: Choices,
    /// Where its calls go.
    pub backend: Arc<Backend<U>>,
}

impl<'p, U> Terms<'p, U> {
    /// Terms on which everything is open, for rehearsals: every operation, no limit, and nothing chosen. Bodies may have 16 MiB.
    #[must_use]
    pub fn open(name: ConnectionName, outer: Vec<&'p Pack>, inner: &'p Pack, backend: Backend<U>) -> Self {
        const LONGEST: usize = 16 << 20;
        Self {
            path: format!("/{}", name.as_str()),
            name,
            public_url: "https://gateway.example".to_owned(),
            outer,
            inner,
            modes: Modes::default(),
            declared: Vec::new(),
            operations: OperationKind::WORDS.iter().map(|(_, kind)| *kind).collect(),
            body_limit: LONGEST,
            group_body_limit: LONGEST,
            scim: Version::Two,
            authorization: Form::Bearer,
            throttles: Arc::new(Throttles::unlimited()),
            brake: Arc::new(Brake::off()),
            limits: bridges::limits(&inner.can),
            choices: Choices::default(),
            backend: Arc::new(backend),
        }
    }
}

impl<U> Backend<U> {
    /// One of this pack that wants no credential, and lets itself be called as often as anybody likes.
    #[must_use]
    pub fn open(base: &str, pack: &Pack, upstream: U) -> Self {
        Self {
            name: "played".to_owned(),
            base: base.to_owned(),
            credential: None,
            media: pack.can.media,
            holds: Holds::default(),
            budget: Arc::default(),
            upstream,
        }
    }
}

impl<U> Connection<U> {
    /// A connection on these terms.
    #[must_use]
    pub fn new<'p>(terms: Terms<'p, U>, shared: &mut Shared<'p>, metrics: &Metrics) -> Self {
        let meant = shared.of(&terms.outer, terms.inner, &terms.modes, &terms.declared);
        let public = format!("{}{}", terms.public_url, terms.path);
        let packs: Vec<&Pack> = terms.outer.iter().copied().chain([terms.inner]).collect();
        let counters = Counters::new(&packs, metrics);
        let series = metrics.connection(terms.name.as_str());
        let bulk = &terms.inner.can.bulk;
        let backends = bulk.limits().and_then(|limits| limits.max_operations);
        let ways = Ways::new(terms.inner, &terms.modes, terms.scim, &terms.declared, terms.choices);
        // As calls of their own, operations are writes of one request.
        let writes = ways.part_bulk().then_some(terms.limits.writes);
        let most = [backends, terms.throttles.at_once(), writes].into_iter().flatten().fold(MOST_OPERATIONS, u32::min);
        let operations = terms.operations;
        let most_operations = usize::try_from(most).unwrap_or(usize::MAX);
        let offers = Offers {
            groups: terms.inner.can.has_groups(),
            bulk: operations.contains(&OperationKind::Bulk).then_some((most_operations, terms.body_limit)),
            patches: operations.contains(&OperationKind::Patch),
            makes_patches: ways.makes_patches(),
            makes_filters: ways.makes_filters(),
            makes_bulk: !ways.has_bulk(),
        };
        Self {
            documents: Arc::new(Documents::new(meant.told, offers)),
            plans: meant.plans,
            ways,
            routes: Routes::new(&terms.declared, &series),
            watcher: Watcher::Count(Arc::new(counters)),
            outwards: Rebase::new(&terms.backend.base, &public),
            inwards: Rebase::new(&public, &terms.backend.base),
            name: terms.name,
            path: terms.path,
            declared: terms.declared,
            operations,
            most_operations,
            group_body_limit: terms.group_body_limit,
            body_limit: terms.body_limit,
            spoken: Spoken { client: terms.scim, backend: terms.inner.can.scim },
            authorization: terms.authorization,
            throttles: terms.throttles,
            brake: terms.brake,
            limits: terms.limits,
            backend: terms.backend,
        }
    }

    /// Whether a search over every type is asked of each type by itself: rules and bridges speak of one.
    #[must_use]
    pub fn parts_search(&self) -> bool {
        self.plans.translate() || self.spoken.backend.is_old() || self.ways.part_search()
    }

    /// The same connection, telling somebody what its rules do in place of counting it.
    #[must_use]
    pub fn watched_by(self, teller: Teller) -> Self {
        Self { watcher: Watcher::Tell(teller), ..self }
    }
}

/// A backend as calls meet it.
#[derive(Debug)]
pub struct Backend<U> {
    /// Its name.
    pub name: String,
    /// Its base URL, without a trailing slash.
    pub base: String,
    /// What it is shown in place of the client's token.
    pub credential: Option<(HeaderName, HeaderValue)>,
    /// The media type it is spoken to in.
    pub media: Media,
    /// The resources of it that are being written.
    pub holds: Holds,
    /// How often it lets itself be called, and has been.
    pub budget: Arc<Budget>,
    /// The way to it.
    pub upstream: U,
}

/// The series of every route of a connection, resolved when the configuration is loaded.
#[derive(Debug)]
pub struct Routes {
    /// In the order of [`Target::routes`].
    known: Vec<RouteHandles>,
    declared: Vec<Resource>,
    other: RouteHandles,
}

impl Routes {
    /// The series of every route where these resource types are declared.
    #[must_use]
    pub fn new(declared: &[Resource], series: &ConnectionHandles) -> Self {
        let known = Target::routes(declared).map(|route| series.route(&route)).collect();
        Self { known, declared: declared.to_vec(), other: series.route(OTHER) }
    }

    /// The series of a call's route; calls that can't be read share one.
    #[must_use]
    pub fn of(&self, target: Option<&Target>) -> &RouteHandles {
        let number = target.and_then(|target| target.route_number(&self.declared));
        number.and_then(|number| self.known.get(number)).unwrap_or(&self.other)
    }
}
