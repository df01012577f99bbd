//! What is done to one kind of call: the rules of its packs that can meet it, in order.
//!
//! Computed once per connection, operation and resource type, when the rules are loaded; a call only walks it.

use std::sync::Arc;

use crate::json::{Object, Value};
use crate::scim::{OperationKind, Resource, ScimError};

use super::actions::{Action, Reach};
use super::difference::Difference;
use super::head::Reply;
use super::message::{Body, Facts, Request, Verdict};
use super::rule::{Mode, Modes, Pack, Rule, RuleId, To};
use super::step::{Step, Way};

/// The rules that one kind of call meets.
#[derive(Debug, Default)]
pub struct Plan {
    pub(super) there: Vec<Step>,
    pub(super) back: Vec<Step>,
    answers: Vec<Step>,
    lists: Vec<Step>,
    /// Whether a rule speaks of requests as such, so that it meets those too that say nothing of resources.
    speaks_of_requests: bool,
    asks_for_more: bool,
}

/// Who is told what each rule did. The hot path only counts; `explain` also looks at the message.
pub trait Observer {
    /// A rule was met. `number` is its place among the rules given to [`Plan::new`].
    fn met(&mut self, number: usize, rule: &Rule, verdict: Verdict, shown: &dyn Fn() -> String);

    /// A rule in shadow would have changed this.
    fn shadowed(&mut self, number: usize, rule: &Rule, differences: &[Difference]);

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
        for (number, rule) in rules.filter(|(_, rule)| rule.when.admits(resource, operation)) {
            let way = match modes.of(rule) {
                Mode::Enforce => Way::Acts,
                Mode::Shadow => Way::Shadows,
                Mode::Disabled => continue,
            };
            plan.take(number, rule, way, resource.is_some());
        }
        plan.back.reverse();
        plan.answers.reverse();
        plan.lists.reverse();
        plan.speaks_of_requests = plan.there.iter().any(Step::is_of_messages);
        plan.asks_for_more = plan.there.iter().any(Step::asks_for_more);
        plan
    }

    fn take(&mut self, number: usize, rule: &Arc<Rule>, way: Way, of_resource: bool) {
        let step = |way, wanted: &dyn Fn(&Action) -> bool| {
            let all = rule.actions.iter().enumerate();
            let known = all.filter(|(_, action)| (of_resource || action.is_of_messages()) && wanted(action));
            let actions: Vec<usize> = known.map(|(index, _)| index).collect();
            (!actions.is_empty()).then(|| Step { rule: rule.clone(), number, actions, way })
        };
        let backwards =
            |step: Option<Step>| step.map(|step| Step { actions: step.actions.into_iter().rev().collect(), ..step });
        let two_way = rule.actions.first().is_some_and(Action::is_two_way);
        if two_way || rule.to == To::Backend {
            self.there.extend(step(way, &|_| true));
        } else if way == Way::Acts {
            self.there.extend(step(Way::Guards, &Action::hides));
        }
        if two_way || rule.to == To::Client {
            self.back.extend(backwards(step(way, &|action| action.reach() == Reach::Resource)));
        }
        if rule.to == To::Client {
            if way == Way::Acts
                && let Some(guard) = step(Way::Guards, &Action::sorts_out)
            {
                // What it asks of resources is called as on the left, so it comes before every rule that renames.
                self.there.insert(0, guard);
            }
            self.answers.extend(step(way, &Action::is_of_answers));
            self.lists.extend(step(way, &|action| action.reach() == Reach::List));
        }
    }

    /// Whether no rule is met.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        [&self.there, &self.back, &self.answers, &self.lists].into_iter().all(Vec::is_empty)
    }

    /// Whether a list is to be held whole.
    #[must_use]
    pub fn holds_lists(&self) -> bool {
        !self.lists.is_empty()
    }

    /// Whether a rule asks for attributes that a query leaves out.
    #[must_use]
    pub fn asks_for_more(&self) -> bool {
        self.asks_for_more
    }

    /// Whether a rule looks at the status, fields and errors of answers.
    #[must_use]
    pub fn judges_answers(&self) -> bool {
        !self.answers.is_empty()
    }

    /// Whether a rule asks for the head of the client's request.
    #[must_use]
    pub fn asks_head(&self) -> bool {
        let steps = [&self.there, &self.back, &self.answers, &self.lists];
        steps.into_iter().flatten().any(|step| step.rule.when.asks_head())
    }

    /// Whether responses pass as they are.
    #[must_use]
    pub fn leaves_responses(&self) -> bool {
        self.back.is_empty() && self.lists.is_empty()
    }

    /// Whether requests pass as they are.
    #[must_use]
    pub fn leaves_requests(&self) -> bool {
        self.there.is_empty()
    }

    /// Whether requests pass as they are that carry no body and select nothing.
    #[must_use]
    pub fn leaves_bare_requests(&self) -> bool {
        !self.speaks_of_requests
    }

    /// Whether a rule speaks of resources, not only of messages.
    #[must_use]
    pub fn speaks_of_resources(&self) -> bool {
        !self.lists.is_empty() || self.there.iter().chain(&self.back).any(|step| step.has(Reach::Resource))
    }

    /// Translates a request. True if anything changed in its body or selection.
    ///
    /// # Errors
    /// The first rule that refuses.
    pub fn request(&self, request: &mut Request<'_>, observer: &mut dyn Observer) -> Result<bool, RuleRefusal> {
        let mut changed = false;
        for step in &self.there {
            match step.way {
                Way::Guards => {
                    let guarded = step.guard(request).map_err(|error| step.refused(error, observer))?;
                    changed |= guarded && matches!(request.body, Body::Search(_));
                }
                Way::Shadows => step.shadow_request(request, observer),
                Way::Acts => {
                    let verdict = step.request(request).map_err(|error| step.refused(error, observer))?;
                    changed |= verdict.is_applied() && step.writes_bodies();
                    observer.met(step.number, &step.rule, verdict, &|| request.show());
                }
            }
            if request.envelope.reply.is_some() {
                break;
            }
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
            if step.way == Way::Shadows {
                step.shadow_response(resource, facts, observer);
                continue;
            }
            let verdict = step.response(resource, facts).map_err(|error| step.refused(error, observer))?;
            changed |= verdict.is_applied();
            observer.met(step.number, &step.rule, verdict, &|| Value::Object(resource.clone()).pretty());
        }
        Ok(changed)
    }

    /// Acts on the status, fields and error of an answer. True if anything changed.
    ///
    /// # Errors
    /// The first rule whose condition can't be answered.
    pub fn answer(
        &self,
        reply: &mut Reply,
        facts: Facts<'_>,
        observer: &mut dyn Observer,
    ) -> Result<bool, RuleRefusal> {
        let mut changed = false;
        for step in &self.answers {
            let before = (step.way == Way::Shadows).then(|| reply.clone());
            let verdict = step
                .whole(facts, |action| action.answer(reply, facts))
                .map_err(|error| step.refused(error, observer))?;
            match before {
                Some(before) => {
                    let found = Difference::of_texts("answer", &before.show(), &reply.show());
                    *reply = before;
                    step.shadowed(found.into_iter().collect(), observer);
                }
                None => {
                    changed |= verdict.is_applied();
                    observer.met(step.number, &step.rule, verdict, &|| reply.show());
                }
            }
        }
        Ok(changed)
    }

    /// Acts on a list whose resources are translated. True if anything changed.
    ///
    /// # Errors
    /// The first rule whose condition can't be answered.
    pub fn list(
        &self,
        whole: &mut Object<'_>,
        facts: Facts<'_>,
        observer: &mut dyn Observer,
    ) -> Result<bool, RuleRefusal> {
        let mut changed = false;
        for step in &self.lists {
            let before = (step.way == Way::Shadows).then(|| whole.clone());
            let verdict =
                step.whole(facts, |action| action.list(whole)).map_err(|error| step.refused(error, observer))?;
            match before {
                Some(before) => {
                    let after = std::mem::replace(whole, before.clone());
                    step.shadowed(Difference::of_values(&Value::Object(before), &Value::Object(after)), observer);
                }
                None => {
                    changed |= verdict.is_applied();
                    observer.met(step.number, &step.rule, verdict, &|| Value::Object(whole.clone()).pretty());
                }
            }
        }
        Ok(changed)
    }
}
