//! What no rule may do to people, however its parts are written: report a change that was never made, answer a search for
//! one person with everybody, lead a call that was authorised to something else, or lose a deactivation. Each is refused
//! when the pack is loaded.

use crate::fault::{Fault, Faults};
use crate::scim::{AttrPath, OperationKind, Resource};

use super::actions::Action;
use super::attribute::{Relation, relation};
use super::rule::{Rule, Side, To};

use OperationKind::{Bulk, Create, Delete, Patch, Replace};

/// Says what a pack of this side would do to people.
pub(super) fn check(rules: &[impl AsRef<Rule>], side: Option<Side>, faults: &mut Faults) {
    let mut renamed: Vec<&AttrPath> = Vec::new();
    for rule in rules.iter().map(AsRef::as_ref) {
        for action in &rule.actions {
            renamed.extend(action.pairs().iter().map(|(from, _)| from));
            if let Some(fault) = fault(rule, action, side, &renamed) {
                faults.push(fault);
            }
        }
    }
}

fn fault(rule: &Rule, action: &Action, side: Option<Side>, renamed: &[&AttrPath]) -> Option<Fault> {
    let told = |code, message: String, label: &str, help: &str| {
        Some(Fault::error(code, rule.place.clone(), message).label(label).help(help))
    };
    match action {
        Action::Respond(_) if swallows_writes(rule) => told(
            "R0432",
            "`respond` would report a change to a user that is never made".to_owned(),
            "in this rule",
            "name the operations that it answers, such as `when: { operations: discover }`; refuse a write by `reject`",
        ),
        Action::Query(query) if query.loses_filter() => told(
            "R0433",
            "a search for one person would be answered with everybody".to_owned(),
            "drops or replaces `filter`",
            "give `filter` a `default`, or refuse such a search by `reject`",
        ),
        Action::Path(path) if side == Some(Side::Backend) => {
            let (from, to) = path.astray()?;
            told(
                "R0434",
                format!("`{from}` would be authorised, and `{to}` called"),
                "in this rule",
                "an alias is another name for the same endpoint: `/Users: /people`",
            )
        }
        Action::Drop(_) | Action::Keep(_) | Action::Set(_) if loses_deactivations(rule, action, renamed) => told(
            "R0435",
            "a deactivation would be reported as done, and never reach the backend".to_owned(),
            "takes `active` out of changes",
            "name `operations: create`, or let `active` pass; what the backend can't do is refused by `reject`",
        ),
        _ => None,
    }
}

fn is_of_users(rule: &Rule) -> bool {
    rule.when.resources.is_empty() || rule.when.resources.contains(&Resource::User)
}

fn is_for(rule: &Rule, operations: &[OperationKind]) -> bool {
    let when = &rule.when.operations;
    when.is_empty() || when.iter().any(|operation| operations.contains(operation))
}

fn swallows_writes(rule: &Rule) -> bool {
    is_of_users(rule) && is_for(rule, &[Create, Replace, Patch, Delete, Bulk])
}

/// Whether it acts on `active` in every change to a user. A rule that looks at the change first may know that it takes
/// nothing but a reactivation out.
fn loses_deactivations(rule: &Rule, action: &Action, renamed: &[&AttrPath]) -> bool {
    let Ok(active) = AttrPath::parse("active") else { return false };
    let looks = rule.when.asks(|when| when.body.is_some() || when.filter.is_some() || when.patch.is_some());
    if rule.to != To::Backend
        || looks
        || !is_of_users(rule)
        || !is_for(rule, &[Replace, Patch])
        || renamed.contains(&&active)
    {
        return false;
    }
    match action {
        Action::Keep(keep) => keep.loses(&active, &Resource::User),
        Action::Drop(drop) if drop.takes_by_query("active") => true,
        _ => {
            action.places().iter().any(|place| !place.is_filtered() && relation(&active, &place.attr) == Relation::Same)
        }
    }
}
