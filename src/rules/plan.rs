//! What is done to one kind of call: the rules of its packs that can meet it, in order.
//!
//! Computed once per connection, operation and resource type, when the rules are loaded; a call only walks it.

use std::sync::Arc;

use crate::json::{Object, Value};
use crate::scim::{ErrorStatus, OperationKind, Resource, ScimError};

use super::actions::Action;
use super::message::{Body, Facts, Refused, Request, Verdict, Why};
use super::rule::{Mode, Modes, Pack, Rule, RuleId, To};

/// The rules that one kind of call meets.
#[derive(Debug, Default)]
pub struct Plan {
    there: Vec<Step>,
    back: Vec<Step>,
}

/// One rule in a plan: which of its actions work in this direction.
#[derive(Debug)]
struct Step {
    rule: Arc<Rule>,
    number: usize,
    actions: Vec<usize>,
    /// Whether the rule acts on answers, and here only keeps queries from asking for what it takes away there.
    guards: bool,
}

/// Who is told what each rule did. The hot path only counts; `explain` also looks at the message.
pub trait Observer {
    /// A rule was met. `number` is its place among the rules given to [`Plan::new`].
    fn met(&mut self, number: usize, rule: &Rule, verdict: Verdict, shown: &dyn Fn() -> String);

    /// A rule refused the call. It is told to the caller too, so most have nothing to add.
    fn refused(&mut self, _rule: &Rule, _error: &ScimError) {}
}

/// A rule refused the call.
#[derive(Debug)]
pub struct RuleRefusal {
    /// Which rule.
    pub rule: RuleId,
    /// Its place among the rules given to [`Plan::new`].
    pub number: usize,
    /// The SCIM error: on a request for the client; on a response only for the log.
    pub error: ScimError,
}

impl Plan {
    /// The plan for calls of this kind through `packs`, in the order from client to backend. Its rules are numbered from
    /// `first` on, also those that it doesn't hold.
    #[must_use]
    pub fn new(
        packs: &[&Pack],
        modes: &Modes,
        first: usize,
        resource: Option<&Resource>,
        operation: OperationKind,
    ) -> Self {
        let mut plan = Self::default();
        let rules = (first..).zip(packs.iter().flat_map(|pack| &pack.rules));
        for (number, rule) in rules.filter(|(_, rule)| modes.of(rule) == Mode::Enforce) {
            let two_way = rule.actions.first().is_some_and(Action::is_two_way);
            let admitted = rule.when.admits(resource, operation);
            let step = |actions, guards| Step { rule: rule.clone(), number, actions, guards };
            let (there, back) = (two_way || rule.to == To::Backend, two_way || rule.to == To::Client);
            if admitted && (there || rule.actions.iter().any(Action::hides)) {
                plan.there.push(step((0..rule.actions.len()).collect(), !there));
            }
            if admitted && back {
                plan.back.push(step((0..rule.actions.len()).rev().collect(), false));
            }
        }
        plan.back.reverse();
        plan
    }

    /// Whether responses pass as they are.
    #[must_use]
    pub fn leaves_responses(&self) -> bool {
        self.back.is_empty()
    }

    /// Whether requests pass as they are.
    #[must_use]
    pub fn leaves_requests(&self) -> bool {
        self.there.is_empty()
    }

    /// Translates a request. True if anything changed.
    ///
    /// # Errors
    /// The first rule that refuses.
    pub fn request(&self, request: &mut Request<'_>, observer: &mut dyn Observer) -> Result<bool, RuleRefusal> {
        let mut changed = false;
        for step in &self.there {
            if step.guards {
                step.guard(request).map_err(|error| step.refused(error, observer))?;
                continue;
            }
            let verdict = step.request(request).map_err(|error| step.refused(error, observer))?;
            changed |= verdict.is_applied();
            observer.met(step.number, &step.rule, verdict, &|| request.show());
        }
        Ok(changed)
    }

    /// Translates one resource on its way to the client. True if anything changed.
    ///
    /// # Errors
    /// The first rule that refuses.
    pub fn response(
        &self,
        resource: &mut Object<'_>,
        facts: Facts<'_>,
        observer: &mut dyn Observer,
    ) -> Result<bool, RuleRefusal> {
        let mut changed = false;
        for step in &self.back {
            let verdict = step.response(resource, facts).map_err(|error| step.refused(error, observer))?;
            changed |= verdict.is_applied();
            observer.met(step.number, &step.rule, verdict, &|| Value::Object(resource.clone()).pretty());
        }
        Ok(changed)
    }
}

impl Step {
    /// A filter or an order by what answers don't show would show it after all.
    fn guard(&self, request: &mut Request<'_>) -> Result<(), Refused> {
        self.rule.actions.iter().try_for_each(|action| action.guard(request))
    }

    fn request(&self, request: &mut Request<'_>) -> Result<Verdict, Refused> {
        if let Body::Resource(Value::Object(resource)) = &request.body
            && !self.holds(resource)?
        {
            return Ok(Verdict::Skipped(Why::Condition));
        }
        self.each(|action| action.request(request))
    }

    fn response(&self, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<Verdict, Refused> {
        if !self.holds(resource)? {
            return Ok(Verdict::Skipped(Why::Condition));
        }
        self.each(|action| action.response(resource, facts))
    }

    fn holds(&self, resource: &Object<'_>) -> Result<bool, Refused> {
        self.rule.when.holds(resource).map_err(|fault| {
            ScimError::new(ErrorStatus::Internal, format!("a condition on this resource can't be answered: {fault}"))
        })
    }

    fn each(&self, mut act: impl FnMut(&Action) -> Result<Verdict, Refused>) -> Result<Verdict, Refused> {
        let mut verdict = Verdict::Skipped(Why::Absent);
        for action in self.actions.iter().filter_map(|&index| self.rule.actions.get(index)) {
            verdict = act(action)?.or(verdict);
        }
        Ok(verdict)
    }

    fn refused(&self, error: ScimError, observer: &mut dyn Observer) -> RuleRefusal {
        observer.refused(&self.rule, &error);
        RuleRefusal { rule: self.rule.id.clone(), number: self.number, error }
    }
}
