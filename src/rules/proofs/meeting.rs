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
        let met = || called.iter().filter(|one| meets(one.by, rule));
        let is_left = |one: &&Called<'_>| !pairs.iter().any(|(from, _)| same(from, one.to));
        let first = |path| met().find(|one| same(one.to, path)).map(|one| one.from);
        let mut renamed = Vec::with_capacity(pairs.len());
        for (from, to) in pairs {
            let was = first(from);
            let taken = met().filter(is_left).find(|one| same(one.to, to)).map(|one| taken(one, rule, from));
            let twice = met().find(|one| was.is_none() && is_twice(one, rule, from)).map(|_| twice(rule, from));
            if let Some(fault) = taken.or(twice) {
                faults.push(fault);
            }
            renamed.push(Called { from: was.unwrap_or(from), to, by: rule });
        }
        called.retain(|one| !meets(one.by, rule) || is_left(&one));
        called.extend(renamed);
    }
}

fn taken(one: &Called<'_>, rule: &Rule, from: &AttrPath) -> Fault {
    let by = if std::ptr::eq(one.by, rule) { "it".to_owned() } else { format!("rule `{}`", one.by.id.in_pack()) };
    let message = format!("`{from}` gets the name `{}`, which {by} has given to `{}`", one.to, one.from);
    Fault::error("R0411", rule.place.clone(), message).label("in this rule").help("give each its own name")
}

fn is_twice(one: &Called<'_>, rule: &Rule, from: &AttrPath) -> bool {
    std::ptr::eq(one.by, rule) && same(one.from, from) && !same(one.to, from)
}

fn twice(rule: &Rule, from: &AttrPath) -> Fault {
    let message = format!("`{from}` is renamed twice");
    Fault::error("R0411", rule.place.clone(), message).label("in this rule").help("keep one of the two")
}

fn same(one: &AttrPath, other: &AttrPath) -> bool {
    relation(one, other) == Relation::Same
}

/// Whether some resource meets both.
fn meets(one: &Rule, other: &Rule) -> bool {
    let (one, other) = (&one.when.resources, &other.when.resources);
    one.is_empty() || other.is_empty() || one.iter().any(|resource| other.contains(resource))
}
