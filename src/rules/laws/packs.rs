//! The laws of every shipped pack, alone between two standard sides: what a client reads and puts back changes nothing at
//! the backend, what is translated both ways says the same on both sides, and no message makes a pack fail.
//!
//! A pack is taken as it is shipped, and with each rule that it ships disabled switched on by itself.

use std::fs;
use std::path::Path;

use super::set::{Noted, Set, admits, equal};
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
        set.law((set.made(), any::<bool>()), |(made, is_sent)| set.rests(&set.held(made, is_sent)?, 1, equal));
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
    let sets: Vec<_> = sets(packs).filter_map(Set::both_ways).collect();
    assert!(sets.len() >= 7, "{} sets with rules that are undone", sets.len());
    sets
}

#[test]
fn law_2_a_filter_finds_what_it_found() {
    let packs = packs();
    for set in both_ways(&packs) {
        set.law((set.filter(), set.made(), any::<bool>()), |(f, made, is_sent)| {
            set.finds_the_same(&f, set.held(made, is_sent)?)
        });
    }
}

#[test]
fn law_3_a_patch_does_what_it_did() {
    let packs = packs();
    let many = |path: &AttrPath| schema::is_multi_valued(path);
    let server = Server { many: &many, replacing: Replacing::Parts };
    for set in both_ways(&packs) {
        set.law((set.patch(), set.made()), |(p, made)| {
            set.patches_the_same([server, server], &p, set.held(made, true)?, same)
        });
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
        let plans = set.plans();
        set.law((generate::anything(), generate::filter()), |(value, filter)| set.never_fails(&plans, &value, &filter));
    }
}
