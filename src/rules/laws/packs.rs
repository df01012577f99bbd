//! The laws of every shipped pack, alone between two standard sides: what a client reads and puts back changes nothing at
//! the backend, what is translated both ways says the same on both sides, and no message makes a pack fail.
//!
//! A pack is taken as it is shipped, and with each rule that it ships disabled switched on by itself. Of each law there
//! are a quarter as many examples as of an action's (64, more by `PROPTEST_CASES`): each is of a whole pack.

use std::cell::Cell;
use std::fs;
use std::path::Path;

use super::set::{Noted, Set, admits, equal, settle_all};
use super::*;
use crate::rules::{Mode, Modes, Pack, Plan, Rule, Side, load};

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
