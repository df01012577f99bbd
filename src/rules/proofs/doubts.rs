//! Doubts about a pack: warnings, which are told by `check` alone, never while serving.

use std::collections::BTreeSet;

use crate::fault::{Fault, Faults, did_you_mean};
use crate::rules::actions::Action;
use crate::rules::attribute::{Relation, relation};
use crate::rules::rule::{Mode, Pack, Rule, To};
use crate::scim::{AttrPath, OperationKind, Resource};

use super::is_the_clients;

use OperationKind::{Bulk, Create, Delete, Discover, List, Me, Patch, Read, Replace, Search};

/// Operations whose requests hold a resource.
const WITH_BODY: &[OperationKind] = &[Create, Replace];
/// Operations whose requests hold a resource, or a part of one.
pub(super) const WITH_PART: &[OperationKind] = &[Create, Replace, Patch];
/// Operations whose requests can name an attribute.
const WITH_NAMES: &[OperationKind] = &[Create, Replace, Patch, Read, List, Search];
/// Operations that reach a backend at all.
const FORWARDED: &[OperationKind] = &[Create, Read, List, Replace, Patch, Delete, Search, Discover, Bulk];

/// By what clients find a resource again, and of which type.
const LOOKED_UP: &[(&str, &[Resource])] = &[
    ("userName", &[Resource::User]),
    ("externalId", &[Resource::User, Resource::Group]),
    ("displayName", &[Resource::Group]),
    ("emails", &[Resource::User]),
];

/// Tells every doubt about a pack. `fired` are the ids of the rules that its cases made change anything.
pub fn doubts(pack: &Pack, fired: &BTreeSet<String>, faults: &mut Faults) {
    for (index, rule) in pack.rules.iter().enumerate() {
        let before = pack.rules.get(..index).unwrap_or_default();
        let unreachable = never(rule).or_else(|| before.iter().find_map(|earlier| gone(earlier, rule)));
        if let Some((label, help)) = unreachable {
            tell("R0603", rule, "can never fire", &label, &help, faults);
        } else if rule.mode == Mode::Enforce && !fired.contains(rule.id.as_str()) {
            tell("R0602", rule, "is in no case", "no case makes it fire", "add a case that shows what it does", faults);
        }
        if pack.can.rules_out(rule) {
            let help = "take the operation back into `can`, or this rule out";
            tell("R0606", rule, "waits for what `can` rules out", "the backend can't do this", help, faults);
        }
        if rule.mode == Mode::Enforce {
            looked_up(rule, faults);
        }
        mistyped(rule, faults);
        passed_by(rule, faults);
        lossy(rule, pack, faults);
    }
}

fn tell(code: &'static str, rule: &Rule, what: &str, label: &str, help: &str, faults: &mut Faults) {
    let message = format!("rule `{}` {what}", rule.id.in_pack());
    faults.push(Fault::warning(code, rule.place.clone(), message).label(label).help(help));
}

type Doubt = (String, String);

/// Says if a rule is for a type whose name is nearly that of another: nothing says that it never fires.
fn mistyped(rule: &Rule, faults: &mut Faults) {
    for resource in rule.when.resources.iter().filter(|one| matches!(one, Resource::Other(_))) {
        let name = resource.to_string();
        if let Some(near) = did_you_mean(&name, ["User", "Group"]) {
            let (what, label) = (format!("is for the type `{name}`"), format!("nearly `{near}`"));
            let help = format!("did you mean `{near}`? If not, connections have it under `resources`");
            tell("R0607", rule, &what, &label, &help, faults);
        }
    }
}

/// Whether a rule is for calls that don't exist, or that carry nothing for it.
fn never(rule: &Rule) -> Option<Doubt> {
    let operations = &rule.when.operations;
    if operations.is_empty() {
        return None;
    }
    let only_discovers = operations.iter().all(|operation| *operation == Discover);
    if only_discovers && !rule.when.resources.is_empty() {
        return Some(("`discover` is asked of no resource".to_owned(), "remove `resource` or `discover`".to_owned()));
    }
    let acts_on: Vec<OperationKind> = rule.actions.iter().flat_map(|action| reach(action, rule.to)).copied().collect();
    if operations.iter().any(|operation| acts_on.contains(operation)) {
        return None;
    }
    let words: Vec<&str> = acts_on.iter().map(|operation| operation.word()).collect();
    let label = match operations.as_slice() {
        [Me] => "the gateway answers these itself, with 501",
        [Bulk] => "each operation inside is asked as what it is, such as `create`",
        _ => "such calls carry nothing for it",
    };
    Some((label.to_owned(), format!("it acts on {}", words.join(", "))))
}

/// The operations on which an action can do anything.
fn reach(action: &Action, to: To) -> &'static [OperationKind] {
    match (action, to) {
        (Action::Default(_), _) => WITH_BODY,
        (Action::Reject(_), To::Backend) => FORWARDED,
        (action, _) if action.is_of_messages() => FORWARDED,
        (Action::Empty(_) | Action::Set(_) | Action::Items(_), To::Backend) => WITH_PART,
        _ => WITH_NAMES,
    }
}

/// Whether an earlier rule leaves nothing for this one: all that it names is dropped or renamed before.
fn gone(earlier: &Rule, rule: &Rule) -> Option<Doubt> {
    let named: Vec<&AttrPath> = rule
        .actions
        .iter()
        .flat_map(|action| {
            let pairs = action.pairs().iter().map(|(from, _)| from);
            action.places().into_iter().map(|place| &place.attr).chain(pairs)
        })
        .collect();
    let asks_queries = rule.actions.iter().any(|action| match action {
        Action::Drop(drop) => drop.has_query(),
        Action::Reject(_) => true,
        _ => false,
    });
    let reached = earlier.mode == Mode::Enforce && covers(earlier, rule) && !named.is_empty() && !asks_queries;
    let taken = taken(earlier, rule);
    let is_taken =
        |path: &&AttrPath| taken.iter().any(|gone| matches!(relation(path, gone), Relation::Same | Relation::Below(_)));
    if !reached || !named.iter().all(is_taken) {
        return None;
    }
    let attribute = named.first()?;
    let by = earlier.id.in_pack();
    Some((
        format!("`{by}` takes `{attribute}` away before"),
        format!("put this rule before `{by}`, or name what `{by}` makes of it"),
    ))
}

/// Whether every call that meets `rule` has met `earlier` in the same direction.
fn covers(earlier: &Rule, rule: &Rule) -> bool {
    let (one, other) = (&earlier.when, &rule.when);
    let resources = one.resources.is_empty()
        || (!other.resources.is_empty() && other.resources.iter().all(|resource| one.resources.contains(resource)));
    let operations = one.operations.is_empty()
        || (!other.operations.is_empty() && other.operations.iter().all(|kind| one.operations.contains(kind)));
    resources && operations && one.body.is_none()
}

/// What is not there any more behind `earlier`, on the way that both go. A rename is undone only after the later rule
/// has seen the answer, so it takes names away on both ways; a `drop` works on its own way.
fn taken<'r>(earlier: &'r Rule, rule: &Rule) -> Vec<&'r AttrPath> {
    let mut gone: Vec<&AttrPath> = Vec::new();
    for action in &earlier.actions {
        if let (Action::Drop(_), To::Backend, To::Backend) = (action, earlier.to, rule.to) {
            gone.extend(action.places().into_iter().filter(|place| !place.is_filtered()).map(|place| &place.attr));
        }
        let (from, to): (Vec<_>, Vec<_>) = action.pairs().iter().map(|(from, to)| (from, to)).unzip();
        gone.extend(from);
        gone.retain(|path| !to.iter().any(|made| relation(path, made) != Relation::Apart));
    }
    gone
}

fn looked_up(rule: &Rule, faults: &mut Faults) {
    let admits = |resources: &[Resource]| {
        rule.when.resources.is_empty() || resources.iter().any(|resource| rule.when.resources.contains(resource))
    };
    for action in rule.actions.iter().filter(|action| matches!(action, Action::Drop(_))) {
        for place in action.places().into_iter().filter(|place| !place.is_filtered()) {
            let found = LOOKED_UP.iter().filter(|(_, resources)| admits(resources)).find(|(name, _)| {
                let whole = AttrPath::parse(name).ok();
                let value = AttrPath::parse(&format!("{name}.value")).ok();
                [whole, value].iter().flatten().any(|path| relation(path, &place.attr) == Relation::Same)
            });
            if found.is_some() {
                let help = "let it pass, or rename it: who is not found is created a second time";
                tell("R0601", rule, &format!("drops `{place}`"), "clients look people up by it", help, faults);
            }
        }
    }
}

fn passed_by(rule: &Rule, faults: &mut Faults) {
    let queries = rule.actions.iter().any(|action| matches!(action, Action::Drop(drop) if drop.has_query()));
    let patched = rule.when.operations.is_empty() || rule.when.operations.contains(&Patch);
    if queries && patched && rule.to == To::Backend {
        let help = "write it as an attribute path, or name the operations it is for: `operations: [create, replace]`";
        tell("R0604", rule, "misses what a PATCH names in its path", "a query sees values only", help, faults);
    }
}

fn lossy(rule: &Rule, pack: &Pack, faults: &mut Faults) {
    if rule.to != To::Backend {
        return;
    }
    let hides = |path: &AttrPath| {
        pack.rules.iter().filter(|other| other.to == To::Client && other.mode == Mode::Enforce).any(|other| {
            let drops = other.actions.iter().filter(|action| matches!(action, Action::Drop(_)));
            drops.flat_map(Action::places).any(|place| relation(path, &place.attr) != Relation::Apart)
        })
    };
    // Which schemas are named is no value that a client holds against its own.
    let is_schemas =
        |path: &AttrPath| path.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("schemas"));
    for action in rule.actions.iter().filter(|action| matches!(action, Action::Set(_))) {
        for place in action.places() {
            if is_the_clients(&place.attr) && !is_schemas(&place.attr) && !hides(&place.attr) {
                let help =
                    "use `default` if the client's own value may stand; else take the attribute out of its mapping";
                let what = format!("overwrites `{place}`, which answers show");
                tell("R0605", rule, &what, "the client may send its own value again, for ever", help, faults);
            }
        }
    }
}
