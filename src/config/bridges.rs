//! Which bridge a kind of call needs, from what the backend's pack says that it can.

use crate::bridge::{
    Bridge, Choices, Filters, Limits, Lists, Lower, Members, Offered, Pages, PatchToPut, Patches, Pieces, PutToPatch,
    Way, Written,
};
use crate::rules::can::{
    Able, Bounds, Can, Filtering, Form, Index, Logic, MemberChange, Operator, Paging, Patching, Replacing, Verbs,
};
use crate::scim::{AttrPath, CompareOp, OperationKind, Resource};

/// How calls of this kind get to a backend that can so much. One that can neither PATCH nor PUT is asked as it is: its own
/// no is the answer.
#[must_use]
pub fn way(can: &Can, resource: &Resource, kind: OperationKind) -> Way {
    let Some(verbs) = can.verbs(resource).filter(|verbs| verbs.read != Able::No) else { return Way::Direct };
    let has_tags = can.etag != Able::No;
    match (kind, &verbs.patch, &verbs.replace) {
        (OperationKind::Patch, Able::No, Able::Yes(put)) => {
            Way::PatchToPut(PatchToPut { has_tags, merges: put.merges })
        }
        (OperationKind::Replace, Able::Yes(patching), Able::No) => {
            let hides_members = *resource == Resource::Group && hides_members(verbs);
            let patches = Patches { has_tags, ..patches(patching, verbs, resource) };
            Way::PutToPatch(PutToPatch { patches, hides_members })
        }
        (OperationKind::Patch, Able::Yes(_), Able::Yes(put)) if can.scim.is_old() && !hides(verbs, put) => {
            Way::PatchOrPut(PatchToPut { has_tags, merges: put.merges })
        }
        (OperationKind::Patch, Able::Yes(patching), _) => match patches(patching, verbs, resource) {
            server if server.are_full() => Way::Direct,
            server => Way::Patch(Patches { has_tags, ..server }),
        },
        _ => Way::Direct,
    }
}

/// Whether a PUT would clear what the backend doesn't show.
fn hides(verbs: &Verbs, put: &Replacing) -> bool {
    let hidden = verbs.read.limits().is_some_and(|read| read.hides.iter().chain(&read.on_request).next().is_some());
    hidden && !put.merges
}

/// What a backend takes of a PATCH.
fn patches(patching: &Patching, verbs: &Verbs, resource: &Resource) -> Patches {
    let is_group = *resource == Resource::Group;
    let changes = patching.max_changes.filter(|_| is_group);
    let pieces = Pieces { operations: patching.max_operations, changes, bytes: patching.max_bytes };
    let members = if is_group { members(patching, verbs) } else { Members::default() };
    Patches { lower: lowered(patching, resource), members, pieces, has_tags: false }
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

/// How such a backend lists resources of this type; nothing if it does all of it by itself, or none.
#[must_use]
pub fn lists(can: &Can, resource: &Resource) -> Option<Lists> {
    let unseen = match can.verbs(resource).map(|verbs| &verbs.read) {
        Some(Able::No) => return None,
        Some(Able::Yes(reading)) => [&reading.hides[..], &reading.on_request, &reading.list_hides].concat(),
        None => Vec::new(),
    };
    let filters = filters(can.filter_of(resource).limits(), unseen);
    let lists = Lists { filters, pages: pages(can.page.limits()), projects: can.attributes != Able::No };
    (!lists.are_full()).then_some(lists)
}

fn filters(filtering: Option<&Filtering>, unseen: Vec<AttrPath>) -> Filters {
    let Some(filtering) = filtering else {
        let (compares, presence, attributes) = (Vec::new(), false, None);
        return Filters { compares, presence, and: false, or: false, not: false, attributes, unseen };
    };
    let knows = |operator| filtering.operators.contains(&operator);
    let joins = |logic| filtering.logic.contains(&logic);
    // A `ne` that passes over those who lack the attribute finds less than the filter does.
    let means = |op: &CompareOp| *op != CompareOp::Ne || filtering.ne_absent;
    let compares = CompareOp::ALL.into_iter().filter(|op| knows(Operator::Compare(*op)) && means(op));
    Filters {
        compares: compares.collect(),
        presence: knows(Operator::Present),
        and: joins(Logic::And),
        or: joins(Logic::Or),
        not: joins(Logic::Not),
        attributes: filtering.attributes.clone(),
        unseen,
    }
}

fn pages(paging: Option<&Paging>) -> Pages {
    match paging {
        None => Pages::Whole,
        Some(Paging { max, index: Some(Index::Cursor), .. }) => Pages::ByCursor { max: *max },
        Some(Paging { max: None, index: None, .. }) => Pages::AsSent,
        Some(Paging { max, .. }) => Pages::ByIndex { max: *max },
    }
}

/// What one call may cost such a backend.
#[must_use]
pub fn limits(can: &Can) -> Limits {
    let usual = Limits::default();
    let Bounds { scan, writes } = can.limits;
    Limits { scan: scan.unwrap_or(usual.scan), writes: writes.unwrap_or(usual.writes), ..usual }
}

/// The bridges that calls of a connection with these choices go over, to such a backend.
pub fn chosen(can: &Can, choices: Choices) -> impl Iterator<Item = (OperationKind, Resource, Bridge)> {
    let kinds = OperationKind::WORDS.iter().map(|(_, kind)| *kind);
    let calls = kinds.flat_map(|kind| [(kind, Resource::User), (kind, Resource::Group)]);
    calls.flat_map(move |(kind, resource)| {
        let bridges = bridges(can, &resource, kind);
        choices.bridge(&resource, kind).into_iter().chain(bridges).map(move |bridge| (kind, resource.clone(), bridge))
    })
}

/// The bridges that such calls may go over.
fn bridges(can: &Can, resource: &Resource, kind: OperationKind) -> Vec<Bridge> {
    let lists = || lists(can, resource);
    match kind {
        OperationKind::Discover => offered(can).map(|_| Bridge::Synthesize).into_iter().collect(),
        OperationKind::List => lists().iter().flat_map(Lists::bridges).collect(),
        OperationKind::Search if can.search != Able::No => lists().iter().flat_map(Lists::bridges).collect(),
        OperationKind::Read => lists().filter(|lists| !lists.projects).map(|_| Bridge::Project).into_iter().collect(),
        _ => way(can, resource, kind).bridges().collect(),
    }
}

/// What is said of a backend that says nothing of itself; nothing of one that does.
#[must_use]
pub fn offered(can: &Can) -> Option<Offered> {
    let patches = |verbs: &Verbs| verbs.patch != Able::No || verbs.replace != Able::No;
    let has_groups = can.groups.read != Able::No || can.groups.create != Able::No;
    (can.discovery == Able::No).then(|| Offered {
        groups: has_groups,
        patch: patches(&can.users) && (!has_groups || patches(&can.groups)),
        filter: (can.users.read != Able::No).then(|| limits(can).scan),
        sort: can.sort != Able::No,
        etag: can.etag != Able::No,
    })
}

/// What a PUT in place of a PATCH would clear, since the backend never shows it.
#[must_use]
pub fn unseen<'c>(can: &'c Can, resource: &Resource) -> Option<&'c AttrPath> {
    match (way(can, resource, OperationKind::Patch), can.verbs(resource)) {
        (Way::PatchToPut(PatchToPut { merges: false, .. }), Some(Verbs { read: Able::Yes(reading), .. })) => {
            reading.hides.iter().chain(&reading.on_request).next()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::can::Reading;
    use crate::scim::Version;

    fn put_only() -> Can {
        let verbs = || Verbs { patch: Able::No, ..Verbs::default() };
        Can { users: verbs(), groups: verbs(), ..Can::default() }
    }

    #[test]
    fn a_backend_that_can_is_asked_as_it_is() {
        for (_, kind) in OperationKind::WORDS {
            assert_eq!(way(&Can::default(), &Resource::User, *kind), Way::Direct);
        }
        let role = Resource::named("Role").unwrap();
        assert_eq!(way(&put_only(), &role, OperationKind::Patch), Way::Direct);
    }

    #[test]
    fn what_it_lacks_is_done_by_what_it_has() {
        let has_tags = true;
        let patched = Way::PatchToPut(PatchToPut { has_tags, merges: false });
        assert_eq!(way(&put_only(), &Resource::Group, OperationKind::Patch), patched);
        assert_eq!(way(&put_only(), &Resource::Group, OperationKind::Replace), Way::Direct);
        let users = Verbs { replace: Able::No, ..Verbs::default() };
        let patch_only = Can { users, etag: Able::No, ..Can::default() };
        let put = Way::PutToPatch(PutToPatch::default());
        assert_eq!(way(&patch_only, &Resource::User, OperationKind::Replace), put);
        assert_eq!(way(&patch_only, &Resource::Group, OperationKind::Replace), Way::Direct);
    }

    #[test]
    fn what_scim_1_1_can_t_say_in_a_patch_is_put_unless_that_would_clear_something() {
        let old = Can { scim: Version::OneOne, ..Can::default() };
        let either = Way::PatchOrPut(PatchToPut { has_tags: true, merges: false });
        assert_eq!(way(&old, &Resource::User, OperationKind::Patch), either);
        assert_eq!(way(&old, &Resource::User, OperationKind::Replace), Way::Direct);
        let read = Able::Yes(Reading { hides: vec![AttrPath::parse("emails").unwrap()], ..Reading::default() });
        let hidden = Can { users: Verbs { read, ..Verbs::default() }, ..old };
        assert_eq!(way(&hidden, &Resource::User, OperationKind::Patch), Way::Direct);
    }

    #[test]
    fn a_patch_is_written_as_the_backend_reads_it() {
        let can = |form, members: &[MemberChange]| {
            let patch = Able::Yes(Patching { form, members: members.to_vec(), ..Patching::default() });
            Can { groups: Verbs { patch, ..Verbs::default() }, ..Can::default() }
        };
        let of = |can: &Can| way(can, &Resource::Group, OperationKind::Patch);
        let lower = |can: &Can| match of(can) {
            Way::Patch(server) => server.lower,
            way => panic!("{way:?}"),
        };
        let all = MemberChange::WORDS.iter().map(|(_, change)| *change).collect::<Vec<_>>();
        assert_eq!(of(&can(Form::AsSent, &all)), Way::Direct);
        let written = |written, removes_by_list| Lower { written, removes_by_list };
        assert_eq!(lower(&can(Form::Pathed, &all)), written(Written::Pathed, false));
        assert_eq!(lower(&can(Form::AsSent, &[MemberChange::RemoveByList])), written(Written::AsSent, true));
    }

    #[test]
    fn members_are_read_where_they_can_t_be_changed_so() {
        let can = |members: &[MemberChange], max_changes, repeats, hides: &[&str]| {
            let patching = Patching { members: members.to_vec(), max_changes, repeats, ..Patching::default() };
            let hides = hides.iter().map(|name| AttrPath::parse(name).unwrap()).collect();
            let read = Able::Yes(Reading { hides, ..Reading::default() });
            Can { groups: Verbs { patch: Able::Yes(patching), read, ..Verbs::default() }, ..Can::default() }
        };
        let server = |can: &Can| match way(can, &Resource::Group, OperationKind::Patch) {
            Way::Patch(server) => server,
            way => panic!("{way:?}"),
        };
        let all = Patching::default().members;
        assert_eq!(way(&can(&all, None, true, &["members"]), &Resource::Group, OperationKind::Patch), Way::Direct);
        let in_pieces = server(&can(&all, Some(100), true, &["members"]));
        assert_eq!((in_pieces.pieces.changes, in_pieces.members.are_shown), (Some(100), false));
        let one_by_one = server(&can(&[MemberChange::Add, MemberChange::RemoveByFilter], None, true, &[])).members;
        assert_eq!((one_by_one.replaces, one_by_one.removes, one_by_one.are_shown), (false, true, true));
        assert!(!server(&can(&all, None, false, &[])).members.repeats);
        let bridges = Way::Patch(server(&can(&[MemberChange::Add], Some(9), true, &[]))).bridges();
        assert_eq!(bridges.collect::<Vec<_>>(), [Bridge::Members, Bridge::Chunk]);
    }

    #[test]
    fn what_can_t_be_read_can_t_be_changed_here() {
        let none = Verbs { read: Able::No, patch: Able::No, ..Verbs::default() };
        let neither = Verbs { replace: Able::No, patch: Able::No, ..Verbs::default() };
        for verbs in [none, neither] {
            let can = Can { users: verbs, ..Can::default() };
            assert_eq!(way(&can, &Resource::User, OperationKind::Patch), Way::Direct);
            assert_eq!(way(&can, &Resource::User, OperationKind::Replace), Way::Direct);
        }
    }

    #[test]
    fn a_put_clears_what_nobody_sees_unless_it_merges() {
        let members = AttrPath::parse("members").unwrap();
        let hides = Able::Yes(Reading { hides: vec![members.clone()], ..Reading::default() });
        let hidden = Verbs { read: hides, patch: Able::No, ..Verbs::default() };
        let merges = Able::Yes(Replacing { merges: true, ..Replacing::default() });
        let can = |groups: Verbs| Can { groups, ..Can::default() };
        assert_eq!(unseen(&can(hidden.clone()), &Resource::Group), Some(&members));
        assert_eq!(unseen(&can(Verbs { replace: merges, ..hidden.clone() }), &Resource::Group), None);
        let patches = Able::Yes(Patching::default());
        assert_eq!(unseen(&can(Verbs { patch: patches, ..hidden }), &Resource::Group), None);
    }
}
