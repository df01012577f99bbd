//! A pack between two standard sides, with what is said of its rules: what it sends, and what it answers.

use super::*;
use crate::rules::difference::Difference;
use crate::rules::{Mode, Modes, Observer, Pack, Plan, Rule, RuleRefusal, Side, Verdict};
use crate::scim::urn::{GROUP, USER};

const LOCALES: [&str; 7] = ["en_US", "en-US", "de-DE", "de_DE", "en", "en_us", "fr-FR"];

/// A pack, what is said of its rules, and of which resources.
pub(super) struct Set<'p> {
    pub(super) pack: &'p Pack,
    pub(super) modes: Modes,
    /// The rule that is switched on.
    pub(super) on: &'p str,
    pub(super) resource: Resource,
}

pub(super) fn admits(rule: &Rule, resource: &Resource) -> bool {
    OperationKind::WORDS.iter().any(|(_, operation)| rule.when.admits(Some(resource), *operation))
}

pub(super) fn is_two_way(rule: &Rule) -> bool {
    rule.actions.first().is_some_and(Action::is_two_way)
}

impl<'p> Set<'p> {
    /// A pack as it is written, of users.
    pub(super) fn of(pack: &'p Pack) -> Self {
        Self { pack, modes: Modes::default(), on: "", resource: Resource::User }
    }
}

impl Set<'_> {
    /// The same set with the rules that are undone on the way back alone; nothing if it has none.
    pub(super) fn both_ways(mut self) -> Option<Self> {
        let mut acts = false;
        for rule in &self.pack.rules {
            if !is_two_way(rule) {
                self.modes.set(rule.id.clone(), Mode::Disabled);
            } else if self.modes.of(rule) == Mode::Enforce {
                acts |= admits(rule, &self.resource);
            }
        }
        acts.then_some(self)
    }

    /// The set with every rule on, in which nothing is answered or refused on purpose.
    pub(super) fn all_on(mut self) -> Self {
        for rule in &self.pack.rules {
            let ends = rule.actions.iter().any(|action| matches!(action, Action::Reject(_) | Action::Respond(_)));
            self.modes.set(rule.id.clone(), if ends { Mode::Disabled } else { Mode::Enforce });
        }
        self
    }

    /// Whether two resources are the same to whoever asks through the pack. What `fill` shows is not taken away again on
    /// the way to the backend: there, absent and filled in are the same. Where another attribute is the key, a backend's own
    /// `id` is shown to nobody.
    pub(super) fn is_same(
        &self,
        one: &Object<'_>,
        other: &Object<'_>,
        equal: fn(&Object<'_>, &Object<'_>) -> bool,
    ) -> bool {
        let has = |kind: fn(&Action) -> bool| self.pack.rules.iter().flat_map(|rule| &rule.actions).any(kind);
        let seen = |resource| self.get(resource, &mut Noted::default());
        let (mut one, mut other) = (one.clone(), other.clone());
        if has(|action| matches!(action, Action::Identify(_))) {
            one.remove("id");
            other.remove("id");
        }
        equal(&one, &other)
            || has(|action| matches!(action, Action::Fill(_)))
                && match (seen(&one), seen(&other)) {
                    (Ok(one), Ok(other)) => equal(&one, &other),
                    // What one rule fills in another can't read: nobody is shown either.
                    (one, other) => one.is_err() && other.is_err(),
                }
    }

    pub(super) fn plan(&self, operation: OperationKind) -> Plan {
        Plan::new(&[self.pack], &self.modes, 0, Some(&self.resource), operation)
    }

    /// What each kind of call meets.
    pub(super) fn plans(&self) -> Vec<(OperationKind, Plan)> {
        OperationKind::WORDS.iter().map(|(_, kind)| (*kind, self.plan(*kind))).collect()
    }

    pub(super) fn request<'v>(&self, operation: OperationKind, body: Body<'v>) -> Request<'v> {
        Request { resource: Some(self.resource.clone()), ..message(operation, body) }
    }

    pub(super) fn send<'v>(
        &self,
        operation: OperationKind,
        resource: &Object<'v>,
        noted: &mut Noted,
    ) -> Result<Object<'v>, ScimError> {
        let mut request = self.request(operation, Body::Resource(Value::Object(resource.clone())));
        self.plan(operation).request(&mut request, noted).map_err(|refusal: RuleRefusal| refusal.error)?;
        match request.body {
            Body::Resource(Value::Object(resource)) => Ok(resource),
            other => panic!("{other:?}"),
        }
    }

    /// What a client reads.
    pub(super) fn get<'v>(&self, held: &Object<'v>, noted: &mut Noted) -> Result<Object<'v>, ScimError> {
        self.shown(held, OperationKind::Read, Some("2819c223"), noted)
    }

    /// What a client finds in a list, where no path says which resource it is.
    pub(super) fn find<'v>(&self, held: &Object<'v>) -> Result<Object<'v>, ScimError> {
        self.shown(held, OperationKind::List, None, &mut Noted::default())
    }

    fn shown<'v>(
        &self,
        held: &Object<'v>,
        operation: OperationKind,
        id: Option<&str>,
        noted: &mut Noted,
    ) -> Result<Object<'v>, ScimError> {
        let facts = Facts { id, resource: Some(&self.resource), operation, scene: Scene::default() };
        let mut read = held.clone();
        self.plan(operation).response(&mut read, facts, noted).map_err(|refusal| refusal.error)?;
        Ok(read)
    }

    /// What the backend is sent when a client puts back what it has read.
    pub(super) fn put_back<'v>(
        &self,
        held: &Object<'v>,
        noted: &mut Noted,
    ) -> Result<(Object<'v>, Object<'v>), ScimError> {
        let read = self.get(held, noted)?;
        let put = self.send(OperationKind::Replace, &read, noted)?;
        Ok((read, put))
    }

    /// What the backend may hold: for a backend's pack what it was sent, for a client's any standard resource.
    pub(super) fn held(&self, made: Object<'static>, is_sent: bool) -> Result<Object<'static>, TestCaseError> {
        match self.send(OperationKind::Create, &made, &mut Noted::default()) {
            Ok(sent) if is_sent || self.pack.side == Side::Backend => Ok(sent),
            Err(error) if self.pack.side == Side::Backend => Err(refused(error)),
            _ => Ok(made),
        }
    }

    pub(super) fn made(&self) -> BoxedStrategy<Object<'static>> {
        let locale = prop::sample::select(LOCALES.to_vec());
        let made = match self.resource {
            Resource::Group => generate::group(),
            _ => generate::user(),
        };
        (made, prop::option::weighted(0.3, locale))
            .prop_map(|(mut made, locale)| {
                made.set("id", Value::string("2819c223"));
                if let Some(locale) = locale.filter(|_| made.contains("locale")) {
                    made.set("locale", Value::string(locale));
                }
                made
            })
            .boxed()
    }

    /// The attributes that its two-way rules are about, as a client names them, and literals to compare them with.
    fn about(&self) -> (Vec<String>, Vec<String>) {
        let acting =
            self.pack.rules.iter().filter(|rule| {
                is_two_way(rule) && self.modes.of(rule) == Mode::Enforce && admits(rule, &self.resource)
            });
        let (mut paths, mut literals) = (Vec::new(), Vec::new());
        for action in acting.flat_map(|rule| &rule.actions) {
            paths.extend(action.pairs().iter().map(|(left, _)| left.to_string()));
            paths.extend(action.places().iter().map(|place| place.attr.to_string()));
            match action {
                Action::Shape(shape) => paths.extend([shape.at().to_string(), format!("{}.value", shape.at())]),
                Action::Schemas(_) => {
                    literals.extend(action.urns().iter().map(|urn| format!("\"{urn}\"")));
                    paths.push("schemas".to_owned());
                    paths.extend(action.urns().into_iter().flat_map(names_in));
                }
                Action::Map(_) => literals.extend(LOCALES.map(|locale| format!("\"{locale}\""))),
                _ => {}
            }
        }
        (paths, literals)
    }

    /// A filter or a PATCH without what stands for a core schema before names: it says nothing, but only the pack knows.
    pub(super) fn plainly(&self, text: &str) -> String {
        let is_core = |urn: &&Urn| urn.as_str().contains(":core:");
        let urns = self.pack.rules.iter().flat_map(|rule| &rule.actions).flat_map(Action::urns).filter(is_core);
        urns.fold(text.to_owned(), |text, urn| text.replace(&format!("{urn}:"), ""))
    }

    /// Filters that ask for what its rules are about, and any others.
    pub(super) fn filter(&self) -> BoxedStrategy<Filter> {
        let any = if self.resource == Resource::Group { generate::group_filter() } else { generate::filter() };
        let (paths, literals) = self.about();
        prop_oneof![any, generate::filter_about(paths, literals)].boxed()
    }

    /// Patches of what its rules are about, and any others.
    pub(super) fn patch(&self) -> BoxedStrategy<Value<'static>> {
        let any = if self.resource == Resource::Group { generate::group_patch() } else { generate::patch() };
        let paths = self.about().0.into_iter().filter(|path| path != "schemas").collect();
        prop_oneof![any, generate::patch_about(self.resource.clone(), paths)].boxed()
    }

    pub(super) fn law<S: Strategy>(&self, cases: S, holds: impl Fn(S::Value) -> Result<(), TestCaseError>) {
        let name = format!("{}/{} of a {:?}", self.pack.name, self.on, self.resource);
        hold(&name, Refused::Most, cases, holds);
    }
}

/// Two attributes of a schema, by their whole names.
fn names_in(urn: &Urn) -> [String; 2] {
    let names =
        if urn.as_str().contains(":core:") { ["displayName", "externalId"] } else { ["department", "manager.value"] };
    names.map(|name| format!("{urn}:{name}"))
}

/// Whether a rule that nothing undoes has changed something.
#[derive(Default)]
pub(super) struct Noted {
    pub(super) is_repaired: bool,
}

impl Observer for Noted {
    fn met(&mut self, _number: usize, rule: &Rule, verdict: Verdict, _shown: &dyn Fn() -> String) {
        self.is_repaired |= verdict.is_applied() && !is_two_way(rule);
    }

    fn shadowed(&mut self, _number: usize, _rule: &Rule, _differences: &[Difference]) {}
}

/// Equal at rest, `schemas` modulo extensions of which nothing is there.
pub(super) fn equal(one: &Object<'_>, other: &Object<'_>) -> bool {
    let urns = |object: &Object<'_>| {
        let list = object.get("schemas").and_then(Value::as_array).map(Array::iter).into_iter().flatten();
        let core = list.filter_map(Value::as_str).filter(|urn| [USER, GROUP].contains(&&**urn));
        let mut urns: Vec<_> = core.map(|urn| urn.into_owned()).chain(listed(object)).collect();
        urns.sort();
        urns
    };
    one == other || same(one, other) && urns(one) == urns(other)
}
