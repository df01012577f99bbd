//! What is done to each kind of call on a connection: the plans of both sides, in cells.

use std::borrow::Cow;
use std::sync::Arc;

use crate::rules::actions::Action;
use crate::rules::can::Able;
use crate::rules::{Mode, Modes, Observer, Pack, Plan, Rule, Stream, Verdict};
use crate::scim::{OperationKind, Resource, Target};

use super::watcher::Watcher;

/// The plans for one kind of call.
#[derive(Debug, Default)]
pub struct Cell {
    /// Client pack and connection packs: between the client and standard SCIM.
    pub outer: Plan,
    /// The backend pack: between standard SCIM and the backend.
    pub inner: Plan,
    /// What both do to the resources of answers, where that takes no tree.
    pub answers: Option<Stream>,
    /// The same for the resource of a request.
    pub requests: Option<Stream>,
}

impl Cell {
    fn new(outer: Plan, inner: Plan, kind: OperationKind, resource: Option<&Resource>) -> Self {
        let answers = Stream::of_answers([&inner, &outer]);
        let has_resource = matches!(kind, OperationKind::Create | OperationKind::Replace);
        let may_stream = has_resource && resource.is_some_and(|resource| *resource != Resource::Group);
        let requests = if may_stream { Stream::of_requests([&outer, &inner]) } else { None };
        Self { outer, inner, answers, requests }
    }

    /// For what a bridge hears or shows: it never sends a request this way.
    fn of_answers(outer: Plan, inner: Plan) -> Self {
        let answers = Stream::of_answers([&inner, &outer]);
        Self { outer, inner, answers, requests: None }
    }

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

    /// Whether a rule asks for attributes that a query leaves out.
    #[must_use]
    pub fn asks_for_more(&self) -> bool {
        self.back().any(Plan::asks_for_more)
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
    /// By resource type, and by operation in the order of [`OperationKind::WORDS`].
    cells: Vec<(Option<Resource>, Vec<Sides>)>,
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
        let resources = [Resource::User, Resource::Group].into_iter().chain(declared.iter().cloned());
        let cells = resources.map(Some).chain([None]).map(|resource| {
            let sides = |kind| {
                let outer = || Plan::new(outer, modes, 0, resource.as_ref(), kind);
                let asked = if kind == OperationKind::Search && inner.can.search == Able::No {
                    // The backend is asked for a list (`bridge::as_list`).
                    OperationKind::List
                } else {
                    kind
                };
                let inner_plan = || Plan::new(&[inner], modes, first_inner, resource.as_ref(), asked);
                Sides::new(outer, inner_plan, kind, resource.as_ref())
            };
            let of_type = OperationKind::WORDS.iter().map(|(_, kind)| sides(*kind)).collect();
            (resource, of_type)
        });
        let cells: Vec<(_, Vec<Sides>)> = cells.collect();
        let asks_head = cells.iter().flat_map(|(_, sides)| sides).any(|sides| sides.both.back().any(Plan::asks_head));
        Self { cells, empty: Arc::default(), paths: paths(outer, modes), asks_head }
    }

    /// Whether a rule speaks of resources, of any type and in any call.
    #[must_use]
    pub fn translate(&self) -> bool {
        self.cells.iter().flat_map(|(_, sides)| sides).any(|sides| sides.both.back().any(Plan::speaks_of_resources))
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

    fn sides(&self, target: &Target) -> Option<&Sides> {
        let (_, of_type) = self.cells.iter().find(|(resource, _)| *resource == target.resource)?;
        of_type.get(target.operation.kind().number())
    }

    /// The cell of one kind of call. Calls at the root, such as discovery, have an empty one.
    #[must_use]
    pub fn cell(&self, target: &Target) -> &Arc<Cell> {
        self.sides(target).map_or(&self.empty, |sides| &sides.both)
    }

    /// The cell of one kind of call without the client's side: what a bridge asks and hears.
    #[must_use]
    pub fn near(&self, target: &Target) -> &Arc<Cell> {
        self.sides(target).and_then(|sides| sides.near.as_ref()).unwrap_or(&self.empty)
    }

    /// The cell of one kind of call without the backend's side: what a bridge shows.
    #[must_use]
    pub fn far(&self, target: &Target) -> &Arc<Cell> {
        self.sides(target).and_then(|sides| sides.far.as_ref()).unwrap_or(&self.empty)
    }
}

/// The cells of one kind of call: of both sides, and of each alone. A side without rules has none of its own: the empty cell
/// does for it.
#[derive(Debug)]
struct Sides {
    both: Arc<Cell>,
    /// The backend's side alone, for what a bridge hears.
    near: Option<Arc<Cell>>,
    /// The client's side alone, for what a bridge shows.
    far: Option<Arc<Cell>>,
}

impl Sides {
    fn new(
        outer: impl Fn() -> Plan,
        inner: impl Fn() -> Plan,
        kind: OperationKind,
        resource: Option<&Resource>,
    ) -> Self {
        let near = Some(inner()).filter(|plan| !plan.is_empty());
        let far = Some(outer()).filter(|plan| !plan.is_empty());
        Self {
            both: Arc::new(Cell::new(outer(), inner(), kind, resource)),
            near: near.map(|plan| Arc::new(Cell::of_answers(Plan::default(), plan))),
            far: far.map(|plan| Arc::new(Cell::of_answers(plan, Plan::default()))),
        }
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
