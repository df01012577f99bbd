//! Which bridge a kind of call needs, from what the backend's pack says that it can.

mod lists;

use std::sync::Arc;

use crate::bridge::{
    Bridge, Choices, Creation, Limits, Lists, Lower, Members, Offered, PatchToPut, Patches, Pieces, PutToPatch, Split,
    Way, Written, covers,
};
use crate::rules::actions::Action;
use crate::rules::can::{Able, Bounds, Can, Form, MemberChange, Patching, Replacing, Tags, Verbs};
use crate::rules::{Mode, Modes, Pack, Rule, proofs};
use crate::scim::schema::{self, Mutability};
use crate::scim::{AttrPath, OperationKind, Resource};

pub use lists::{finds_memberships, lists};

/// How calls of this kind get to a backend that can so much. One that can neither PATCH nor PUT is asked as it is: its own
/// no is the answer.
#[must_use]
pub fn way(can: &Can, resource: &Resource, kind: OperationKind) -> Way {
    let Some(verbs) = can.verbs(resource).filter(|verbs| verbs.read != Able::No) else { return Way::Direct };
    let has_tags = can.etag != Tags::No;
    let patches = |patching| patches(can, patching, verbs, resource);
    let hides_members = *resource == Resource::Group && hides_members(verbs);
    if let Some(split) = split(can, verbs, resource, kind) {
        return Way::Split(split);
    }
    match (kind, &verbs.patch, &verbs.replace) {
        (OperationKind::Patch, Able::No, Able::Yes(put)) => {
            Way::PatchToPut(PatchToPut { has_tags, merges: put.merges })
        }
        (OperationKind::Replace, Able::Yes(patching), Able::No) => {
            Way::PutToPatch(PutToPatch { patches: patches(patching), hides_members })
        }
        (OperationKind::Patch, Able::Yes(_), Able::Yes(put)) if can.scim.is_old() && !hides(verbs, resource, put) => {
            Way::PatchOrPut(PatchToPut { has_tags, merges: put.merges })
        }
        (OperationKind::Patch, Able::Yes(patching), _) => match patches(patching) {
            server if server.are_full() => Way::Direct,
            server => Way::Patch(server),
        },
        (OperationKind::Replace, Able::Yes(patching), Able::Yes(Replacing { max_members: Some(most), .. }))
            if *resource == Resource::Group && !hides_members =>
        {
            Way::PutOrPatch(*most, PutToPatch { patches: patches(patching), hides_members })
        }
        (OperationKind::Create, Able::Yes(patching), _) if *resource == Resource::Group => {
            created(verbs, patches(patching))
        }
        _ => Way::Direct,
    }
}

/// How a backend that takes only so many members of a group at first gets the others.
fn created(verbs: &Verbs, patches: Patches) -> Way {
    match verbs.create.limits().and_then(|creating| creating.max_members) {
        Some(most) if patches.members.adds => Way::Create(Creation { most, patches }),
        _ => Way::Direct,
    }
}

/// How a PATCH gets to a backend that has PATCH and PUT, where a rule of its pack can't translate it without the resource.
/// Nothing where no rule may have to, or a PUT would clear what isn't shown, or write what a rule has made of what is.
#[must_use]
pub fn spare(pack: &Pack, modes: &Modes, resource: &Resource) -> Option<PatchToPut> {
    let can = &pack.can;
    let verbs = can.verbs(resource).filter(|verbs| verbs.read != Able::No && verbs.patch != Able::No)?;
    let put = verbs.replace.limits().filter(|put| put.attributes.is_none() && !hides(verbs, resource, put))?;
    let mut acting = pack.rules.iter().filter(|rule| modes.of(rule) == Mode::Enforce);
    let is_hidden = acting.clone().any(|rule| proofs::hidden(rule).is_some()) && !put.merges;
    let is_rewritten = acting.clone().any(|rule| proofs::rewritten(rule).is_some());
    let needs = |rule: &Arc<Rule>| {
        let is_met = rule.when.admits(Some(resource), OperationKind::Patch);
        is_met && rule.actions.iter().any(Action::may_need_resource)
    };
    (!is_hidden && !is_rewritten && acting.any(needs))
        .then_some(PatchToPut { has_tags: can.etag != Tags::No, merges: put.merges })
}

/// How a backend's PATCH and PUT go together, where each changes attributes that the other doesn't.
fn split(can: &Can, verbs: &Verbs, resource: &Resource, kind: OperationKind) -> Option<Split> {
    let (Some(patching), Some(put), false) = (verbs.patch.limits(), verbs.replace.limits(), can.scim.is_old()) else {
        return None;
    };
    let goes = match kind {
        OperationKind::Patch => changes_more(put.attributes.as_deref(), patching.attributes.as_deref()),
        OperationKind::Replace => changes_more(patching.attributes.as_deref(), put.attributes.as_deref()),
        _ => false,
    };
    // What a PUT would clear stays out of its reach.
    let is_safe = kind == OperationKind::Replace || !hides(verbs, resource, put);
    (goes && is_safe).then(|| Split {
        patches: patches(can, patching, verbs, resource),
        by_patch: patching.attributes.clone(),
        by_put: put.attributes.clone(),
        merges: put.merges,
        hides_members: *resource == Resource::Group && hides_members(verbs),
    })
}

/// Whether a verb that changes these attributes, or all, changes some that the other doesn't.
fn changes_more(these: Option<&[AttrPath]>, others: Option<&[AttrPath]>) -> bool {
    match (these, others) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(these), Some(others)) => these.iter().any(|path| !others.iter().any(|other| covers(other, path))),
    }
}

/// Whether a PUT would clear what the backend doesn't show.
fn hides(verbs: &Verbs, resource: &Resource, put: &Replacing) -> bool {
    unshown(verbs, resource).next().is_some() && !put.merges
}

/// What the backend holds and doesn't show. What no client writes, no PUT clears.
fn unshown<'c>(verbs: &'c Verbs, resource: &Resource) -> impl Iterator<Item = &'c AttrPath> {
    let read = verbs.read.limits().into_iter();
    let unseen = read.flat_map(|read| read.hides.iter().chain(&read.on_request));
    unseen
        .filter(|path| schema::find(Some(resource), path).is_none_or(|known| known.mutability != Mutability::ReadOnly))
}

/// What a backend takes of a PATCH.
fn patches(can: &Can, patching: &Patching, verbs: &Verbs, resource: &Resource) -> Patches {
    let is_group = *resource == Resource::Group;
    let changes = patching.max_changes.filter(|_| is_group);
    let pieces = Pieces { operations: patching.max_operations, changes, bytes: patching.max_bytes };
    let members = if is_group { members(patching, verbs) } else { Members::default() };
    let whole_lists = !patching.value_paths;
    let (has_tags, demands_tags) = (can.etag != Tags::No, can.etag == Tags::Required);
    Patches { lower: lowered(patching, resource), members, pieces, whole_lists, has_tags, demands_tags }
}

/// What it does with the members of a group. Whether they are shown matters only where they have to be read.
fn members(patching: &Patching, verbs: &Verbs) -> Members {
    let takes = |change| patching.members.contains(&change);
    let (by_filter, by_list) = (takes(MemberChange::RemoveByFilter), takes(MemberChange::RemoveByList));
    let members = Members {
        adds: takes(MemberChange::Add),
        removes: by_filter || by_list,
        filters: by_filter,
        replaces: takes(MemberChange::Replace),
        repeats: patching.repeats,
        are_shown: true,
    };
    let may_read = members != Members::default() || patching.max_changes.is_some();
    Members { are_shown: !(may_read && hides_members(verbs)), ..members }
}

fn hides_members(verbs: &Verbs) -> bool {
    let Some(reading) = verbs.read.limits() else { return true };
    let mut unseen = reading.hides.iter().chain(&reading.on_request);
    unseen.any(|path| path.to_string().eq_ignore_ascii_case("members"))
}

/// The form in which a backend reads a PATCH.
fn lowered(patching: &Patching, resource: &Resource) -> Lower {
    let written = match patching.form {
        Form::AsSent => Written::AsSent,
        Form::Pathed => Written::Pathed,
        Form::Pathless => Written::Pathless,
        Form::OneAttribute => Written::OneAttribute,
    };
    let takes = |change| patching.members.contains(&change);
    let by_list = takes(MemberChange::RemoveByList) && !takes(MemberChange::RemoveByFilter);
    Lower { written, removes_by_list: by_list && *resource == Resource::Group }
}

/// What one call may cost such a backend.
#[must_use]
pub fn limits(can: &Can) -> Limits {
    let usual = Limits::default();
    let Bounds { scan, writes } = can.limits;
    Limits { scan: scan.unwrap_or(usual.scan), writes: writes.unwrap_or(usual.writes), ..usual }
}

/// The bridges that calls of a connection with these choices go over, to such a backend.
pub fn chosen(pack: &Pack, modes: &Modes, choices: Choices) -> impl Iterator<Item = (OperationKind, Resource, Bridge)> {
    let can = &pack.can;
    let kinds = OperationKind::WORDS.iter().map(|(_, kind)| *kind);
    let calls = kinds.flat_map(|kind| [(kind, Resource::User), (kind, Resource::Group)]);
    calls.flat_map(move |(kind, resource)| {
        let mut bridges = bridges(can, &resource, kind);
        if kind == OperationKind::Bulk && parts_bulk(can, choices, &resource) {
            bridges.push(Bridge::Bulk);
        }
        if kind == OperationKind::Patch && spare(pack, modes, &resource).is_some() {
            bridges.push(Bridge::PatchToPut);
        }
        choices.bridge(&resource, kind).into_iter().chain(bridges).map(move |bridge| (kind, resource.clone(), bridge))
    })
}

/// Whether operations of a Bulk request on such resources may have to be made as calls of their own.
fn parts_bulk(can: &Can, choices: Choices, resource: &Resource) -> bool {
    let writes = [OperationKind::Create, OperationKind::Replace, OperationKind::Patch, OperationKind::Delete];
    let is_bridged = |kind| choices.bridge(resource, kind).or_else(|| way(can, resource, kind).bridge()).is_some();
    can.bulk == Able::No || can.etag == Tags::Required || writes.into_iter().any(is_bridged)
}

/// The bridges that such calls may go over.
fn bridges(can: &Can, resource: &Resource, kind: OperationKind) -> Vec<Bridge> {
    let lists = || lists(can, resource);
    if *resource == Resource::Group && !can.has_groups() {
        let is_of_groups = !matches!(kind, OperationKind::Discover | OperationKind::Bulk);
        return is_of_groups.then_some(Bridge::Synthesize).into_iter().collect();
    }
    match kind {
        OperationKind::Discover => offered(can).map(|_| Bridge::Synthesize).into_iter().collect(),
        OperationKind::List => lists().iter().flat_map(Lists::bridges).collect(),
        OperationKind::Search => {
            let search = (can.search == Able::No).then_some(Bridge::Search);
            search.into_iter().chain(lists().iter().flat_map(Lists::bridges)).collect()
        }
        OperationKind::Read => {
            let project = lists().filter(|lists| !lists.projects).map(|_| Bridge::Project);
            let hydrate = (*resource == Resource::User && finds_memberships(can)).then_some(Bridge::Hydrate);
            project.into_iter().chain(hydrate).collect()
        }
        OperationKind::Patch | OperationKind::Replace | OperationKind::Delete => {
            let way = way(can, resource, kind);
            let if_match = (can.etag == Tags::Required && !way.reads_tags()).then_some(Bridge::IfMatch);
            way.bridges().chain(if_match).collect()
        }
        _ => way(can, resource, kind).bridges().collect(),
    }
}

/// What is said of a backend that says nothing of itself; nothing of one that does.
#[must_use]
pub fn offered(can: &Can) -> Option<Offered> {
    let patches = |verbs: &Verbs| verbs.patch != Able::No || verbs.replace != Able::No;
    let has_groups = can.has_groups();
    (can.discovery == Able::No).then(|| Offered {
        groups: has_groups,
        patch: patches(&can.users) && (!has_groups || patches(&can.groups)),
        filter: (can.users.read != Able::No).then(|| limits(can).scan),
        sort: can.sort != Able::No,
        etag: can.etag != Tags::No,
    })
}

/// What a PUT in place of a PATCH would clear, since the backend never shows it.
#[must_use]
pub fn unseen<'c>(can: &'c Can, resource: &Resource) -> Option<&'c AttrPath> {
    match (way(can, resource, OperationKind::Patch), can.verbs(resource)) {
        (Way::PatchToPut(PatchToPut { merges: false, .. }), Some(verbs)) => unshown(verbs, resource).next(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
