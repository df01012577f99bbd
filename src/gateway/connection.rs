//! One connection as calls meet it: its path, its plans, its backend. Made when the configuration is loaded.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use http::{HeaderName, HeaderValue};

use crate::access::{ConnectionName, Form, Throttles};
use crate::metrics::{ConnectionHandles, Metrics, RouteHandles, RuleHandles};
use crate::rules::actions::Action;
use crate::rules::{Difference, Media, Mode, Modes, Observer, Pack, Plan, Rule, Verdict};
use crate::scim::patch::Repair;
use crate::scim::{OperationKind, Resource, ScimError, Target};

use super::rebase::Rebase;
use super::record::OTHER;
use super::shadow::Shadows;

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
    /// The longest body of a group, in bytes.
    pub group_body_limit: usize,
    /// The longest other body, in bytes.
    pub body_limit: usize,
    /// How its client writes its token.
    pub authorization: Form,
    /// How often it may be called.
    pub throttles: Arc<Throttles>,
    /// Where its calls go.
    pub backend: Arc<Backend<U>>,
    /// From the backend's URLs to the gateway's.
    pub outwards: Rebase,
    /// From the gateway's URLs to the backend's.
    pub inwards: Rebase,
    /// Who is told what rules did.
    pub watcher: Watcher,
    /// What is done to each kind of call.
    pub plans: Plans,
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
    /// How its client writes its token.
    pub authorization: Form,
    /// How often it may be called.
    pub throttles: Arc<Throttles>,
    /// Where its calls go.
    pub backend: Arc<Backend<U>>,
}

impl<U> Connection<U> {
    /// A connection on these terms, with its plans computed.
    #[must_use]
    pub fn new(terms: Terms<'_, U>, metrics: &Metrics) -> Self {
        let public = format!("{}{}", terms.public_url, terms.path);
        let packs: Vec<&Pack> = terms.outer.iter().copied().chain([terms.inner]).collect();
        let counters = Counters::new(&packs, metrics);
        let series = metrics.connection(terms.name.as_str());
        Self {
            plans: Plans::new(&terms.outer, terms.inner, &terms.modes, &terms.declared),
            routes: Routes::new(Target::routes(&terms.declared), &series),
            watcher: Watcher::Count(Arc::new(counters)),
            outwards: Rebase::new(&terms.backend.base, &public),
            inwards: Rebase::new(&public, &terms.backend.base),
            name: terms.name,
            path: terms.path,
            declared: terms.declared,
            operations: terms.operations,
            group_body_limit: terms.group_body_limit,
            body_limit: terms.body_limit,
            authorization: terms.authorization,
            throttles: terms.throttles,
            backend: terms.backend,
        }
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
    /// The way to it.
    pub upstream: U,
}

/// The plans for one kind of call.
#[derive(Debug, Default)]
pub struct Cell {
    /// Client pack and connection packs: between the client and standard SCIM.
    pub outer: Plan,
    /// The backend pack: between standard SCIM and the backend.
    pub inner: Plan,
}

impl Cell {
    /// Whether requests pass as they are.
    #[must_use]
    pub fn leaves_requests(&self) -> bool {
        self.back().all(Plan::leaves_requests)
    }

    /// Whether answers pass as they are.
    #[must_use]
    pub fn leaves_responses(&self) -> bool {
        self.back().all(Plan::leaves_responses)
    }

    /// Whether a rule has to see lists whole.
    #[must_use]
    pub fn holds_lists(&self) -> bool {
        self.back().any(Plan::holds_lists)
    }

    /// Whether a rule looks at the status, fields and errors of answers.
    #[must_use]
    pub fn judges_answers(&self) -> bool {
        self.back().any(Plan::judges_answers)
    }

    /// The plans in the order in which an answer meets them.
    pub fn back(&self) -> impl Iterator<Item = &Plan> {
        [&self.inner, &self.outer].into_iter()
    }
}

/// What is done to each kind of call: a cell per operation and resource type.
#[derive(Debug)]
pub struct Plans {
    cells: HashMap<(OperationKind, Option<Resource>), Arc<Cell>>,
    empty: Arc<Cell>,
    /// The rules that read a client's paths, by their number.
    paths: Vec<(usize, Arc<Rule>)>,
    asks_head: bool,
}

impl Plans {
    /// The plans for these packs.
    #[must_use]
    pub fn new(outer: &[&Pack], inner: &Pack, modes: &Modes, declared: &[Resource]) -> Self {
        let first_inner = outer.iter().map(|pack| pack.rules.len()).sum();
        let mut cells = HashMap::new();
        let resources = [Resource::User, Resource::Group].into_iter().chain(declared.iter().cloned());
        for resource in resources.map(Some).chain([None]) {
            for (_, kind) in OperationKind::WORDS {
                let cell = Cell {
                    outer: Plan::new(outer, modes, 0, resource.as_ref(), *kind),
                    inner: Plan::new(&[inner], modes, first_inner, resource.as_ref(), *kind),
                };
                cells.insert((*kind, resource.clone()), Arc::new(cell));
            }
        }
        let asks_head = cells.values().any(|cell: &Arc<Cell>| cell.back().any(Plan::asks_head));
        Self { cells, empty: Arc::default(), paths: paths(outer, modes), asks_head }
    }

    /// Whether a rule speaks of resources, of any type and in any call.
    #[must_use]
    pub fn translate(&self) -> bool {
        self.cells.values().any(|cell| cell.back().any(Plan::speaks_of_resources))
    }

    /// Whether a rule asks for the head of the client's request.
    #[must_use]
    pub fn asks_head(&self) -> bool {
        self.asks_head
    }

    /// The path as SCIM spells it, of one that a client wrote.
    #[must_use]
    pub fn path<'p>(&self, written: &'p str, watcher: &mut Watcher) -> Cow<'p, str> {
        let mut path = Cow::Borrowed(written);
        for (number, rule) in &self.paths {
            let read = rule.actions.iter().fold(path.clone().into_owned(), |path, action| action.read_path(path));
            let verdict = Verdict::of(read != path);
            watcher.met(*number, rule, verdict, &|| read.clone());
            if verdict.is_applied() {
                path = Cow::Owned(read);
            }
        }
        path
    }

    /// The cell of one kind of call. Calls at the root, such as discovery, have an empty one.
    #[must_use]
    pub fn cell(&self, target: &Target) -> &Arc<Cell> {
        self.cells.get(&(target.operation.kind(), target.resource.clone())).unwrap_or(&self.empty)
    }
}

/// The rules that read a client's paths: before a path is read, nothing else is known of the call.
fn paths(outer: &[&Pack], modes: &Modes) -> Vec<(usize, Arc<Rule>)> {
    let rules = outer.iter().flat_map(|pack| &pack.rules).enumerate();
    let enforced = rules.filter(|(_, rule)| modes.of(rule) == Mode::Enforce);
    enforced
        .filter(|(_, rule)| rule.actions.iter().any(Action::is_path))
        .map(|(number, rule)| (number, rule.clone()))
        .collect()
}

/// Who is told what each rule did.
#[derive(Clone, Debug)]
pub enum Watcher {
    /// Metrics.
    Count(Arc<Counters>),
    /// Somebody who wants to know more: `explain` and the cases.
    Tell(Teller),
}

/// Somebody who wants to know more.
#[derive(Clone)]
pub struct Teller(pub Arc<Mutex<dyn Witness>>);

impl std::fmt::Debug for Teller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Teller")
    }
}

/// An observer that also learns of the standard repairs.
pub trait Witness: Observer + Send {
    /// A standard repair was made.
    fn repaired(&mut self, repair: Repair);
}

/// The counters of every rule of a connection, by its number, and of the standard repairs.
#[derive(Debug)]
pub struct Counters {
    rules: Vec<RuleHandles>,
    shadows: Shadows,
    repairs: Vec<(Repair, RuleHandles)>,
}

impl Counters {
    /// The counters for these packs, in the order in which plans number their rules.
    #[must_use]
    pub fn new(packs: &[&Pack], metrics: &Metrics) -> Self {
        let rules = packs.iter().flat_map(|pack| &pack.rules).map(|rule| metrics.rule(rule.id.as_str())).collect();
        let repairs = Repair::ALL.iter().map(|&repair| (repair, metrics.rule(repair.id()))).collect();
        let shadows = Shadows::new(packs, metrics);
        Self { rules, repairs, shadows }
    }
}

impl Watcher {
    /// A standard repair was made.
    pub fn repaired(&mut self, repair: Repair) {
        match self {
            Self::Count(counters) => {
                if let Some((_, series)) = counters.repairs.iter().find(|(known, _)| *known == repair) {
                    series.firings.add();
                }
            }
            Self::Tell(teller) => {
                if let Ok(mut witness) = teller.0.lock() {
                    witness.repaired(repair);
                }
            }
        }
    }

    /// A rule refused.
    pub fn refused(&self, number: usize) {
        if let Self::Count(counters) = self
            && let Some(series) = counters.rules.get(number)
        {
            series.refusals.add();
        }
    }
}

impl Observer for Watcher {
    fn met(&mut self, number: usize, rule: &Rule, verdict: Verdict, shown: &dyn Fn() -> String) {
        match self {
            Self::Count(counters) => {
                if let (true, Some(series)) = (verdict.is_applied(), counters.rules.get(number)) {
                    series.firings.add();
                }
            }
            Self::Tell(teller) => {
                if let Ok(mut witness) = teller.0.lock() {
                    witness.met(number, rule, verdict, shown);
                }
            }
        }
    }

    fn shadowed(&mut self, number: usize, rule: &Rule, differences: &[Difference]) {
        match self {
            Self::Count(counters) => counters.shadows.count(number, rule, differences),
            Self::Tell(teller) => {
                if let Ok(mut witness) = teller.0.lock() {
                    witness.shadowed(number, rule, differences);
                }
            }
        }
    }

    fn refused(&mut self, rule: &Rule, error: &ScimError) {
        if let Self::Tell(teller) = self
            && let Ok(mut witness) = teller.0.lock()
        {
            witness.refused(rule, error);
        }
    }
}

/// The series of every route of a connection, resolved when the configuration is loaded.
#[derive(Debug)]
pub struct Routes {
    known: HashMap<String, RouteHandles>,
    other: RouteHandles,
}

impl Routes {
    /// The series of these routes; any other route shares one.
    #[must_use]
    pub fn new(routes: impl IntoIterator<Item = String>, series: &ConnectionHandles) -> Self {
        let known = routes.into_iter().map(|route| (route.clone(), series.route(&route))).collect();
        Self { known, other: series.route(OTHER) }
    }

    /// The series of one route.
    #[must_use]
    pub fn of(&self, route: &str) -> &RouteHandles {
        self.known.get(route).unwrap_or(&self.other)
    }
}
