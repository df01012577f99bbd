//! What a connection would clear at its backend, which its client never sees, and whose path it would take.

use std::sync::Arc;

use crate::bridge::Way;
use crate::fault::{Fault, Faults, Place};
use crate::rules::{Mode, Modes, Pack, Rule, proofs};
use crate::scim::{OperationKind, Resource};
use crate::yaml::Key;

use super::super::bridges;
use super::Connection;

/// Says if the path of a connection is that of another, or one lies below the other: a call would have two readings.
pub(in crate::config) fn stands_apart(
    connection: &Connection,
    place: &Place,
    others: &[Connection],
    faults: &mut Faults,
) {
    let below =
        |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let meets = |other: &&Connection| below(&connection.path, &other.path) || below(&other.path, &connection.path);
    if let Some(other) = others.iter().find(meets) {
        let message = format!("`{}` meets the path of connection `{}`", connection.path, other.name);
        faults.push(
            Fault::error("R0305", place.clone(), message)
                .label(format!("that one is `{}`", other.path))
                .help("give each connection a path of its own, none below another"),
        );
    }
}

/// Says if a client would, by PUT, clear what a rule has hidden from it.
pub(super) fn hides_nothing_that_is_put_back(connection: &Connection, key: &Key, faults: &mut Faults) {
    if !connection.operations.contains(&OperationKind::Replace) {
        return;
    }
    let others = connection.operations.iter().filter(|kind| **kind != OperationKind::Replace);
    let others = others.map(|kind| kind.word()).collect::<Vec<_>>().join(", ");
    // With `put-merge` what the client's side hides is filled in again; what the backend's side hides nobody sees.
    let outer = connection.outer().filter(|_| !connection.choices.merges);
    for (rule, attribute) in hidden(outer.chain([connection.inner()]), &connection.modes) {
        let message = format!("rule `{}` hides {attribute} from a client that may PUT", rule.id);
        let help = format!(
            "if this client never sends a PUT, as Entra, say so: `operations: [{others}]`; else switch the rule off \
             under `rules`; what a client's pack hides, `put-merge: true` keeps"
        );
        faults.push(
            Fault::error("R0310", key.place.clone(), message)
                .label("a PUT of what it has read would clear the attribute")
                .help(help),
        );
    }
}

/// Says if the gateway itself would, by a PUT in place of a PATCH, clear what it can't see.
pub(super) fn bridges_see_what_they_put_back(connection: &Connection, key: &Key, faults: &mut Faults) {
    if !connection.operations.contains(&OperationKind::Patch) {
        return;
    }
    let can = &connection.inner().can;
    for resource in [Resource::User, Resource::Group] {
        let way = bridges::way(can, &resource, OperationKind::Patch);
        let (Way::PatchToPut(_) | Way::PatchOrPut(_) | Way::Split(_)) = &way else {
            continue;
        };
        let unseen = bridges::unseen(can, &resource).map(|attribute| format!("the backend hides `{attribute}`"));
        let rules = hidden([connection.inner()].into_iter(), &connection.modes);
        let mut rules = rules.filter(|(rule, _)| rule.when.admits(Some(&resource), OperationKind::Read));
        let dropped = rules.next().map(|(rule, attribute)| format!("rule `{}` hides {attribute}", rule.id));
        let Some(what) = unseen.or(dropped) else { continue };
        faults.push(
            Fault::error(
                "R0310",
                key.place.clone(),
                format!("{what} of a {resource}, and the backend {}", lacks(&way)),
            )
            .label("the PUT in its place would clear the attribute")
            .help("leave `patch` out of this connection's `operations`, or write the pack so that reads show it"),
        );
    }
}

/// Says if the gateway itself, where it reads a resource to write it, would take for what is there what a rule has made of
/// that: it would write it back, or find that nothing is left to be written.
pub(super) fn bridges_read_what_is_there(connection: &Connection, key: &Key, faults: &mut Faults) {
    for resource in [Resource::User, Resource::Group] {
        let Some((kind, why)) = reads_to_write(connection, &resource) else { continue };
        let rules = in_force([connection.inner()].into_iter(), &connection.modes);
        let mut rules = rules.filter(|rule| rule.when.admits(Some(&resource), OperationKind::Read));
        let Some((rule, attribute)) = rules.find_map(|rule| Some((rule, proofs::rewritten(rule)?))) else { continue };
        let help = format!(
            "rewrite it both ways, as `map`, `convert` and `invert` do, so that it is undone before it is written; or leave \
             `{}` out of this connection's `operations`",
            kind.word()
        );
        let message = format!("rule `{}` rewrites {attribute} of a {resource} for clients, and {why}", rule.id);
        faults.push(
            Fault::error("R0310", key.place.clone(), message)
                .label("the gateway would take that for what is there")
                .help(help),
        );
    }
}

/// A kind of write before which the resource is read, and why that is.
fn reads_to_write(connection: &Connection, resource: &Resource) -> Option<(OperationKind, String)> {
    use OperationKind::{Create, Patch, Replace};
    [Create, Patch, Replace].into_iter().filter(|kind| connection.operations.contains(kind)).find_map(|kind| {
        if let Some(bridge) = connection.choices.bridge(resource, kind) {
            return Some((kind, format!("this connection's `{}` looks at who is there", bridge.name())));
        }
        let way = bridges::way(&connection.inner().can, resource, kind);
        way.takes_several().then(|| (kind, format!("the backend {}", lacks(&way))))
    })
}

/// What a backend lacks that such a way makes up for.
fn lacks(way: &Way) -> &'static str {
    match way {
        Way::Split(_) => "changes some attributes by PUT only",
        Way::PatchOrPut(_) => "has no PATCH of SCIM 2.0",
        Way::Patch(_) => "takes less of a PATCH than SCIM has",
        Way::PutToPatch(_) | Way::PutOrPatch(..) => "takes less of a PUT than SCIM has",
        Way::PatchToPut(_) | Way::Direct | Way::Create(_) => "has no PATCH",
    }
}

/// The rules in force that hide an attribute which clients write, with what they hide.
fn hidden<'p>(packs: impl Iterator<Item = &'p Pack>, modes: &Modes) -> impl Iterator<Item = (&'p Arc<Rule>, String)> {
    in_force(packs, modes).filter_map(|rule| Some((rule, proofs::hidden(rule)?)))
}

fn in_force<'p>(packs: impl Iterator<Item = &'p Pack>, modes: &Modes) -> impl Iterator<Item = &'p Arc<Rule>> {
    packs.flat_map(|pack| &pack.rules).filter(|rule| modes.of(rule) == Mode::Enforce)
}
