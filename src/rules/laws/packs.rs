//! The laws of every shipped pack, alone between two standard sides: what a client reads and puts back changes nothing at
//! the backend, what is translated both ways says the same on both sides, and no message makes a pack fail.
//!
//! A pack is taken as it is shipped, and with each rule that it ships disabled switched on by itself. Of each law there
//! are a quarter as many examples as of an action's (64, more by `PROPTEST_CASES`): each is of a whole pack.

use std::cell::Cell;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::TestError;

use super::*;
use crate::rules::difference::Difference;
use crate::rules::{Mode, Modes, Observer, Pack, Plan, Rule, RuleRefusal, Side, Verdict, load};
use crate::scim::urn::{GROUP, USER};

/// The enterprise extension of SCIM 1.1, which some clients speak of.
const OLD: &str = "urn:scim:schemas:extension:enterprise:1.0";

fn packs() -> Vec<Pack> {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let folders = ["clients", "backends"].map(|folder| fs::read_dir(rules.join(folder)).unwrap());
    let mut files: Vec<_> = folders.into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: &std::path::PathBuf| {
        let mut faults = Faults::new();
        let text = fs::read_to_string(file).unwrap();
        let node = yaml::parse(&file.display().to_string(), &text, &mut faults);
        let pack = node.and_then(|node| load::pack(&node, &mut faults));
        assert!(faults.is_empty(), "{}", faults.render(false));
        pack.unwrap()
    };
    let packs: Vec<_> = files.iter().map(read).collect();
    assert!(packs.len() >= 30, "{} packs", packs.len());
    packs
}

/// A pack, what is said of its rules, and of which resources.
struct Set<'p> {
    pack: &'p Pack,
    modes: Modes,
    /// The rule that is switched on.
    on: &'p str,
    resource: Resource,
}

/// Each pack as it is shipped, and with each of its disabled rules, for users and for groups.
fn sets(packs: &[Pack]) -> impl Iterator<Item = Set<'_>> {
    packs.iter().flat_map(|pack| {
        let disabled = pack.rules.iter().filter(|rule| rule.mode == Mode::Disabled).map(|rule| Some(&**rule));
        std::iter::once(None).chain(disabled).flat_map(move |rule| {
            let of = |resource: Resource| {
                let on = rule.map_or("", |rule: &Rule| rule.id.in_pack());
                let mut modes = Modes::default();
                if let Some(rule) = rule {
                    modes.set(rule.id.clone(), Mode::Enforce);
                }
                Set { pack, modes, on, resource }
            };
            let both = [Resource::User, Resource::Group];
            let speaks = both.into_iter().filter(move |one| rule.is_none_or(|rule| admits(rule, one)));
            speaks.map(of).collect::<Vec<_>>()
        })
    })
}

fn admits(rule: &Rule, resource: &Resource) -> bool {
    OperationKind::WORDS.iter().any(|(_, operation)| rule.when.admits(Some(resource), *operation))
}

fn is_two_way(rule: &Rule) -> bool {
    rule.actions.first().is_some_and(Action::is_two_way)
}

impl Set<'_> {
    /// The same set with the rules that are undone on the way back alone; nothing if it has none.
    fn both_ways(mut self) -> Option<Self> {
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
    fn all_on(mut self) -> Self {
        for rule in &self.pack.rules {
            let ends = rule.actions.iter().any(|action| matches!(action, Action::Reject(_) | Action::Respond(_)));
            self.modes.set(rule.id.clone(), if ends { Mode::Disabled } else { Mode::Enforce });
        }
        self
    }

    /// Whether two resources are the same to whoever asks through the pack. What `fill` shows is not taken away again on
    /// the way to the backend: there, absent and filled in are the same.
    fn is_same(&self, one: &Object<'_>, other: &Object<'_>, equal: fn(&Object<'_>, &Object<'_>) -> bool) -> bool {
        let fills = self.pack.rules.iter().flat_map(|rule| &rule.actions).any(|one| matches!(one, Action::Fill(_)));
        let seen = |resource| self.get(resource, &mut Noted::default());
        match fills {
            true => matches!((seen(one), seen(other)), (Ok(one), Ok(other)) if equal(&one, &other)),
            false => equal(one, other),
        }
    }

    fn plan(&self, operation: OperationKind) -> Plan {
        Plan::new(&[self.pack], &self.modes, 0, Some(&self.resource), operation)
    }

    fn request<'v>(&self, operation: OperationKind, body: Body<'v>) -> Request<'v> {
        Request { resource: Some(self.resource.clone()), ..message(operation, body) }
    }

    fn send<'v>(
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
    fn get<'v>(&self, held: &Object<'v>, noted: &mut Noted) -> Result<Object<'v>, ScimError> {
        let (id, operation) = (Some("2819c223"), OperationKind::Read);
        let facts = Facts { id, resource: Some(&self.resource), operation, scene: Scene::default() };
        let mut read = held.clone();
        self.plan(operation).response(&mut read, facts, noted).map_err(|refusal| refusal.error)?;
        Ok(read)
    }

    /// What the backend is sent when a client puts back what it has read.
    fn put_back<'v>(&self, held: &Object<'v>, noted: &mut Noted) -> Result<(Object<'v>, Object<'v>), ScimError> {
        let read = self.get(held, noted)?;
        let put = self.send(OperationKind::Replace, &read, noted)?;
        Ok((read, put))
    }

    /// What the backend may hold: for a backend's pack what it was sent, for a client's any standard resource.
    fn held(&self, made: Object<'static>, is_sent: bool) -> Result<Object<'static>, TestCaseError> {
        match self.send(OperationKind::Create, &made, &mut Noted::default()) {
            Ok(sent) if is_sent || self.pack.side == Side::Backend => Ok(sent),
            Err(error) if self.pack.side == Side::Backend => Err(refused(error)),
            _ => Ok(made),
        }
    }

    fn made(&self) -> BoxedStrategy<Object<'static>> {
        let locale = prop::sample::select(vec!["en_US", "en-US", "de-DE", "de_DE", "en"]);
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

    fn law<S: Strategy>(&self, cases: S, holds: impl Fn(S::Value) -> Result<(), TestCaseError>) {
        let config = Config { failure_persistence: None, ..Config::default() };
        let cases_of_pack = config.cases / 4;
        let config = Config { cases: cases_of_pack, max_global_rejects: cases_of_pack * 8, ..config };
        let fault = match TestRunner::new(config).run(&cases, holds) {
            Ok(()) => return,
            Err(TestError::Fail(reason, _)) | Err(TestError::Abort(reason)) => reason,
        };
        panic!("{}/{} of a {:?}: {fault}", self.pack.name, self.on, self.resource);
    }
}

/// Whether a rule that nothing undoes has changed something.
#[derive(Default)]
struct Noted {
    is_repaired: bool,
}

impl Observer for Noted {
    fn met(&mut self, _number: usize, rule: &Rule, verdict: Verdict, _shown: &dyn Fn() -> String) {
        self.is_repaired |= verdict.is_applied() && !is_two_way(rule);
    }

    fn shadowed(&mut self, _number: usize, _rule: &Rule, _differences: &[Difference]) {}
}

/// Equal at rest, `schemas` modulo extensions of which nothing is there.
fn equal(one: &Object<'_>, other: &Object<'_>) -> bool {
    let urns = |object: &Object<'_>| {
        let list = object.get("schemas").and_then(Value::as_array).map(Array::iter).into_iter().flatten();
        let core = list.filter_map(Value::as_str).filter(|urn| [USER, GROUP].contains(&&**urn));
        let mut urns: Vec<_> = core.map(|urn| urn.into_owned()).chain(listed(object)).collect();
        urns.sort();
        urns
    };
    same(one, other) && urns(one) == urns(other)
}

#[test]
fn law_1_what_a_client_reads_and_puts_back_changes_nothing() {
    let packs = packs();
    for set in sets(&packs) {
        let answered = Cell::new(0);
        set.law((set.made(), any::<bool>()), |(made, is_sent)| {
            let held = set.held(made, is_sent)?;
            let mut noted = Noted::default();
            let (read, put) = set.put_back(&held, &mut noted).map_err(refused)?;
            answered.set(answered.get() + 1);
            let all = format!("\n{}\n{}\n{}", shown(&held), shown(&read), shown(&put));
            prop_assert!(noted.is_repaired || set.is_same(&put, &held, equal), "{}", all);
            let (_, again) = set.put_back(&put, &mut Noted::default()).map_err(refused)?;
            prop_assert!(equal(&again, &put), "a second PUT: {}\n{}", all, shown(&again));
            Ok(())
        });
        assert!(answered.get() >= Config::default().cases / 8, "{}: {} answered", set.pack.name, answered.get());
    }
}

/// A backend that was sent everything by its own pack holds nothing that the pack would repair.
#[test]
fn law_1_holds_of_backends_whatever_is_repaired() {
    let packs = packs();
    for set in sets(&packs).filter(|set| set.pack.side == Side::Backend) {
        set.law(set.made(), |made| {
            let held = set.held(made, true)?;
            let (read, put) = set.put_back(&held, &mut Noted::default()).map_err(refused)?;
            prop_assert!(set.is_same(&put, &held, equal), "\n{}\n{}\n{}", shown(&held), shown(&read), shown(&put));
            Ok(())
        });
    }
}

fn both_ways(packs: &[Pack]) -> Vec<Set<'_>> {
    let sets: Vec<_> = sets(packs).filter_map(Set::both_ways).filter(|set| set.resource == Resource::User).collect();
    assert!(sets.len() >= 6, "{} sets with rules that are undone", sets.len());
    sets
}

/// Takes extensions of which nothing is present off `schemas`: they are not asked for.
fn settle_all(object: &mut Object<'_>) {
    let rest = at_rest(&Value::Object(object.clone()));
    for urn in [ENT, OLD, "urn:ietf:params:scim:schemas:extension:servicenow:2.0:User"] {
        if rest.as_object().is_none_or(|rest| !rest.contains(urn)) {
            attribute::forget_schema(object, &Urn::parse(urn).unwrap());
        }
    }
}

#[test]
fn law_2_a_filter_finds_what_it_found() {
    let packs = packs();
    for set in both_ways(&packs) {
        let answered = Cell::new(0);
        set.law((generate::filter(), set.made(), any::<bool>()), |(f, made, is_sent)| {
            let mut o = set.held(made, is_sent)?;
            settle_all(&mut o);
            let mut c = set.get(&o, &mut Noted::default()).map_err(refused)?;
            settle_all(&mut c);
            let mut request = set.request(OperationKind::List, Body::None);
            request.selection.filter = Some(f.clone());
            let sent = set.plan(OperationKind::List).request(&mut request, &mut Noted::default());
            sent.map_err(|refusal| refused(refusal.error))?;
            answered.set(answered.get() + 1);
            let there = request.selection;
            let found = there.filter.as_ref().is_none_or(|filter| filter::matches(filter.root(), &o));
            let found = found && !there.matches_nothing;
            let expected = filter::matches(f.root(), &c);
            let text = there.filter.as_ref().map(Filter::text);
            prop_assert_eq!(found, expected, "\n{}\n{:?}\n{}\n{}", f, text, shown(&c), shown(&o));
            Ok(())
        });
        assert!(answered.get() >= Config::default().cases / 8, "{}: {} answered", set.pack.name, answered.get());
    }
}

#[test]
fn law_3_a_patch_does_what_it_did() {
    let packs = packs();
    let many = |path: &AttrPath| schema::is_multi_valued(path);
    let server = Server { many: &many, replacing: Replacing::Parts };
    for set in both_ways(&packs) {
        let answered = Cell::new(0);
        set.law((generate::patch(), set.made()), |(p, made)| {
            let mut o = set.held(made, true)?;
            let mut c = set.get(&o, &mut Noted::default()).map_err(refused)?;
            let mut request = set.request(OperationKind::Patch, Body::Patch(p.clone()));
            let sent = set.plan(OperationKind::Patch).request(&mut request, &mut Noted::default());
            sent.map_err(|refusal| refused(refusal.error))?;
            let Body::Patch(translated) = request.body else { panic!("{:?}", request.body) };
            answered.set(answered.get() + 1);
            let before = format!("\n{p}\n{translated}\n{}\n{}", shown(&c), shown(&o));
            let expected = server.apply(&p, &mut c);
            prop_assert_eq!(server.apply(&translated, &mut o), expected, "{}", before);
            if expected.is_ok() {
                let put = set.send(OperationKind::Replace, &c, &mut Noted::default()).map_err(refused)?;
                prop_assert!(set.is_same(&put, &o, same), "{}\n{}\n{}", before, shown(&put), shown(&o));
            }
            Ok(())
        });
        assert!(answered.get() >= Config::default().cases / 8, "{}: {} answered", set.pack.name, answered.get());
    }
}

#[test]
fn law_4_the_standard_packs_do_nothing() {
    let packs = packs();
    let standard: Vec<_> = packs.iter().filter(|pack| pack.name == "standard").collect();
    assert_eq!(standard.len(), 2);
    for (_, operation) in OperationKind::WORDS {
        for resource in [None, Some(&Resource::User), Some(&Resource::Group)] {
            let plan = Plan::new(&standard, &Modes::default(), 0, resource, *operation);
            assert!(plan.leaves_requests() && plan.leaves_responses() && !plan.judges_answers(), "{operation:?}");
        }
    }
}

#[test]
fn law_7_no_message_makes_a_pack_fail() {
    let packs = packs();
    for set in sets(&packs).filter(|set| set.on.is_empty()).map(Set::all_on) {
        let plans: Vec<_> = OperationKind::WORDS.iter().map(|(_, kind)| (*kind, set.plan(*kind))).collect();
        set.law((generate::anything(), generate::filter()), |(value, filter)| {
            for (kind, plan) in &plans {
                let mut operations = Object::new();
                operations.set("Operations", value.clone());
                let bodies = match kind {
                    OperationKind::Patch => {
                        vec![Body::Patch(value.clone()), Body::Patch(Value::Object(operations))]
                    }
                    OperationKind::Create | OperationKind::Replace => vec![Body::Resource(value.clone())],
                    OperationKind::Search => vec![Body::Search(value.clone())],
                    _ => vec![Body::None],
                };
                for body in bodies {
                    let mut request = set.request(*kind, body);
                    if matches!(kind, OperationKind::List | OperationKind::Search) {
                        request.selection.filter = Some(filter.clone());
                    }
                    let sent = plan.request(&mut request, &mut Noted::default());
                    let status = sent.map_err(|refusal| refusal.error.status).err();
                    prop_assert_ne!(status, Some(ErrorStatus::Internal), "{:?} {}", kind, value);
                }
                let scene = Scene { head: None, status: Some(200) };
                let facts = Facts { id: Some("7"), resource: Some(&set.resource), operation: *kind, scene };
                if let Value::Object(answer) = &value {
                    let mut one = answer.clone();
                    let read = plan.response(&mut one, facts, &mut Noted::default());
                    let status = read.map_err(|refusal| refusal.error.status).err();
                    prop_assert_ne!(status, Some(ErrorStatus::Internal), "{:?} {}", kind, value);
                    let mut list = Object::new();
                    list.set("Resources", Value::Array(Array::from(vec![value.clone(), Value::Null])));
                    let listed = plan.list(&mut list, facts, &mut Noted::default());
                    prop_assert!(
                        listed.is_ok() && plan.list(&mut answer.clone(), facts, &mut Noted::default()).is_ok()
                    );
                }
            }
            Ok(())
        });
    }
}
