//! Names that meet: two rules of a pack that call two attributes by one name, or rename one twice.

use crate::fault::{Fault, Faults};
use crate::rules::attribute::{Relation, relation};
use crate::rules::rule::{Mode, Rule};
use crate::scim::AttrPath;

/// What an attribute is called behind a rule.
struct Called<'r> {
    from: &'r AttrPath,
    to: &'r AttrPath,
    by: &'r Rule,
}

/// Says if a rule gives an attribute the name that another has got from a rule before, or renames within one `do` what isn't
/// called so any more. Which calls a rename meets is a matter of resources alone, since it has to be undone.
pub(in crate::rules) fn names_stay_apart(rules: &[impl AsRef<Rule>], faults: &mut Faults) {
    let mut called: Vec<Called<'_>> = Vec::new();
    let rules = rules.iter().map(AsRef::as_ref).filter(|rule| rule.mode == Mode::Enforce);
    for (rule, action) in rules.flat_map(|rule| rule.actions.iter().map(move |action| (rule, action))) {
        // All names of one action change at once.
        let pairs = action.pairs();
        let before: Vec<(&AttrPath, Option<&AttrPath>)> =
            pairs.iter().map(|(from, _)| (from, first(&called, rule, from))).collect();
        let gone = |one: &Called<'_>| meets(one.by, rule) && pairs.iter().any(|(from, _)| same(from, one.to));
        for (from, to) in pairs {
            let fault =
                called.iter().filter(|one| meets(one.by, rule)).find_map(|one| fault(one, rule, (from, to), gone(one)));
            fault.into_iter().for_each(|fault| faults.push(fault));
        }
        called.retain(|one| !gone(one));
        let renamed = pairs.iter().zip(before);
        called.extend(renamed.map(|((from, to), (_, first))| Called { from: first.unwrap_or(from), to, by: rule }));
    }
}

/// What is called so now was called so at first.
fn first<'r>(called: &[Called<'r>], rule: &Rule, path: &AttrPath) -> Option<&'r AttrPath> {
    called.iter().find(|one| meets(one.by, rule) && same(one.to, path)).map(|one| one.from)
}

fn fault(one: &Called<'_>, rule: &Rule, (from, to): (&AttrPath, &AttrPath), is_gone: bool) -> Option<Fault> {
    let is_itself = std::ptr::eq(one.by, rule);
    let told = |message: String, help: &str| {
        Some(Fault::error("R0411", rule.place.clone(), message).label("in this rule").help(help))
    };
    if !is_gone && same(one.to, to) {
        let by = if is_itself { "it".to_owned() } else { format!("`{}`", one.by.id.in_pack()) };
        return told(
            format!("`{from}` gets the name `{to}`, which {by} has given to `{}`", one.from),
            "give each its own name",
        );
    }
    if is_itself && same(one.from, from) && !same(one.to, from) {
        return told(format!("`{from}` is renamed twice"), "keep one of the two");
    }
    None
}

fn same(one: &AttrPath, other: &AttrPath) -> bool {
    relation(one, other) == Relation::Same
}

/// Whether some resource meets both.
fn meets(one: &Rule, other: &Rule) -> bool {
    let (one, other) = (&one.when.resources, &other.when.resources);
    one.is_empty() || other.is_empty() || one.iter().any(|resource| other.contains(resource))
}
