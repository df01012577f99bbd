//! One rule in a plan, meeting one message: its condition, its actions, and what it would do in shadow.

use std::sync::Arc;

use crate::json::{Object, Value};
use crate::scim::{ErrorStatus, ScimError};

use super::actions::{Action, Reach};
use super::difference::Difference;
use super::message::{Body, Facts, Refused, Request, Verdict, Why};
use super::plan::{Observer, RuleRefusal};
use super::rule::{OnError, Rule};
use super::when::Seen;

/// One rule in a plan: which of its actions work in this direction.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) rule: Arc<Rule>,
    pub(super) number: usize,
    pub(super) actions: Vec<usize>,
    pub(super) way: Way,
}

/// How a rule meets a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// It acts.
    Acts,
    /// It acts on a copy.
    Shadows,
    /// It acts on answers, and here only keeps queries from asking for what it takes away there, or from leaving out what
    /// it needs there.
    Guards,
}

impl Step {
    /// A filter or an order by what answers don't show would show it after all. True if anything changed.
    pub(super) fn guard(&self, request: &mut Request<'_>) -> Result<bool, Refused> {
        self.acting().try_fold(false, |changed, action| Ok(action.guard(request)? | changed))
    }

    pub(super) fn request(&self, request: &mut Request<'_>) -> Result<Verdict, Refused> {
        let skips = self.rule.on_error == OnError::Skip;
        let before = skips.then(|| request.clone());
        let outcome = self.request_strictly(request);
        match (before, outcome) {
            (Some(before), Err(error)) if is_failure(&error) => {
                *request = before;
                Ok(Verdict::Skipped(Why::Failed))
            }
            (_, outcome) => outcome,
        }
    }

    fn request_strictly(&self, request: &mut Request<'_>) -> Result<Verdict, Refused> {
        let (resource, patch) = match &request.body {
            Body::Resource(Value::Object(resource)) => (Some(resource), None),
            Body::Patch(message) => (None, Some(message)),
            Body::None | Body::Resource(_) | Body::Search(_) => (None, None),
        };
        if !self.holds(Seen { facts: request.facts(), resource, patch })? {
            return Ok(Verdict::Skipped(Why::Condition));
        }
        self.each(|action| action.request(request))
    }

    pub(super) fn response(&self, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<Verdict, Refused> {
        let before = (self.rule.on_error == OnError::Skip).then(|| resource.clone());
        let outcome = self.response_strictly(resource, facts);
        match (before, outcome) {
            (Some(before), Err(error)) if is_failure(&error) => {
                *resource = before;
                Ok(Verdict::Skipped(Why::Failed))
            }
            (_, outcome) => outcome,
        }
    }

    fn response_strictly(&self, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<Verdict, Refused> {
        if !self.holds(Seen { facts, resource: Some(resource), patch: None })? {
            return Ok(Verdict::Skipped(Why::Condition));
        }
        self.each(|action| action.response(resource, facts))
    }

    /// Acts on an answer as a whole, of which no condition sees a resource.
    pub(super) fn whole(&self, facts: Facts<'_>, mut act: impl FnMut(&Action) -> Verdict) -> Result<Verdict, Refused> {
        if !self.holds(Seen { facts, resource: None, patch: None })? {
            return Ok(Verdict::Skipped(Why::Condition));
        }
        self.each(|action| Ok(act(action)))
    }

    pub(super) fn shadow_request(&self, request: &Request<'_>, observer: &mut dyn Observer) {
        let mut copy = request.clone();
        let differences = match self.request(&mut copy) {
            Ok(verdict) if verdict.is_applied() => request_differences(request, &copy),
            Ok(_) => Vec::new(),
            Err(error) => Difference::of_texts("refused", "", &error.detail).into_iter().collect(),
        };
        self.shadowed(differences, observer);
    }

    pub(super) fn shadow_response(&self, resource: &Object<'_>, facts: Facts<'_>, observer: &mut dyn Observer) {
        let mut copy = resource.clone();
        let differences = match self.response(&mut copy, facts) {
            Ok(verdict) if verdict.is_applied() => {
                Difference::of_values(&Value::Object(resource.clone()), &Value::Object(copy))
            }
            Ok(_) => Vec::new(),
            Err(error) => Difference::of_texts("refused", "", &error.detail).into_iter().collect(),
        };
        self.shadowed(differences, observer);
    }

    pub(super) fn shadowed(&self, differences: Vec<Difference>, observer: &mut dyn Observer) {
        if !differences.is_empty() {
            observer.shadowed(self.number, &self.rule, &differences);
        }
    }

    fn holds(&self, seen: Seen<'_>) -> Result<bool, Refused> {
        self.rule.when.holds(seen).map_err(|fault| {
            ScimError::new(ErrorStatus::Internal, format!("a condition on this resource can't be answered: {fault}"))
        })
    }

    fn each(&self, mut act: impl FnMut(&Action) -> Result<Verdict, Refused>) -> Result<Verdict, Refused> {
        let mut verdict = Verdict::Skipped(Why::Absent);
        for action in self.acting() {
            verdict = act(action)?.or(verdict);
        }
        Ok(verdict)
    }

    pub(super) fn has(&self, reach: Reach) -> bool {
        self.acting().any(|action| action.reach() == reach)
    }

    /// Whether it has a meaning where there is neither a resource nor a query about some.
    pub(super) fn is_of_messages(&self) -> bool {
        self.acting().any(Action::is_of_messages)
    }

    /// Whether its rule asks for attributes that a query leaves out, also by an action that acts on answers only.
    pub(super) fn asks_for_more(&self) -> bool {
        self.rule.actions.iter().any(Action::asks_for_more)
    }

    fn acting(&self) -> impl Iterator<Item = &Action> {
        self.actions.iter().filter_map(|&index| self.rule.actions.get(index))
    }

    /// Whether it may change a body; `query` does in a search.
    pub(super) fn writes_bodies(&self) -> bool {
        self.has(Reach::Resource)
            || self.actions.iter().any(|&index| matches!(self.rule.actions.get(index), Some(Action::Query(_))))
    }

    pub(super) fn refused(&self, error: ScimError, observer: &mut dyn Observer) -> RuleRefusal {
        observer.refused(&self.rule, &error);
        RuleRefusal { rule: self.rule.id.clone(), number: self.number, error }
    }
}

/// Whether a rule could not act; what it refuses on purpose is the client's fault.
fn is_failure(error: &Refused) -> bool {
    error.status == ErrorStatus::Internal
}

fn request_differences(before: &Request<'_>, after: &Request<'_>) -> Vec<Difference> {
    let mut found = match (before.body.value(), after.body.value()) {
        (Some(before), Some(after)) => Difference::of_values(before, after),
        _ => Vec::new(),
    };
    found.extend(Difference::of_texts("query", &before.selection.show(), &after.selection.show()));
    found.extend(Difference::of_texts("head", &before.envelope.show(), &after.envelope.show()));
    found
}
