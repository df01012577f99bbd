//! Which bridge a kind of call needs, from what the backend's pack says that it can.

use crate::bridge::{Bridge, Lower, PatchToPut, PutToPatch, Way, Written};
use crate::rules::can::{Able, Can, Form, MemberChange, Patching, Replacing, Verbs};
use crate::scim::{AttrPath, OperationKind, Resource};

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
        (OperationKind::Replace, Able::Yes(_), Able::No) => Way::PutToPatch(PutToPatch { has_tags }),
        (OperationKind::Patch, Able::Yes(_), Able::Yes(put)) if can.scim.is_old() && !hides(verbs, put) => {
            Way::PatchOrPut(PatchToPut { has_tags, merges: put.merges })
        }
        (OperationKind::Patch, Able::Yes(patching), _) => match lowered(patching, resource) {
            server if server == Lower::default() => Way::Direct,
            server => Way::Lower(server),
        },
        _ => Way::Direct,
    }
}

/// Whether a PUT would clear what the backend doesn't show.
fn hides(verbs: &Verbs, put: &Replacing) -> bool {
    let hidden = verbs.read.limits().is_some_and(|read| read.hides.iter().chain(&read.on_request).next().is_some());
    hidden && !put.merges
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

/// The bridges that calls to such a backend go over.
pub fn chosen(can: &Can) -> impl Iterator<Item = (OperationKind, Resource, Bridge)> {
    let kinds = OperationKind::WORDS.iter().map(|(_, kind)| *kind);
    let calls = kinds.flat_map(|kind| [(kind, Resource::User), (kind, Resource::Group)]);
    calls.filter_map(|(kind, resource)| {
        let bridge = way(can, &resource, kind).bridge()?;
        Some((kind, resource, bridge))
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
        let put = Way::PutToPatch(PutToPatch { has_tags: false });
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
        let lower = |written, removes_by_list| Way::Lower(Lower { written, removes_by_list });
        assert_eq!(of(&can(Form::AsSent, &[MemberChange::Add, MemberChange::RemoveByFilter])), Way::Direct);
        assert_eq!(of(&can(Form::Pathed, &[MemberChange::RemoveByFilter])), lower(Written::Pathed, false));
        assert_eq!(of(&can(Form::AsSent, &[MemberChange::RemoveByList])), lower(Written::AsSent, true));
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
