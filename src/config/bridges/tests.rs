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
    let patch_only = Can { users, etag: Tags::No, ..Can::default() };
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

#[test]
fn a_write_is_parted_where_each_verb_changes_its_own() {
    let paths = |names: &[&str]| Some(names.iter().map(|name| AttrPath::parse(name).unwrap()).collect::<Vec<_>>());
    let can = |by_put: Option<Vec<AttrPath>>, by_patch: Option<Vec<AttrPath>>, hides: &[&str]| {
        let replace = Able::Yes(Replacing { attributes: by_put, ..Replacing::default() });
        let patch = Able::Yes(Patching { attributes: by_patch, ..Patching::default() });
        let hides = hides.iter().map(|name| AttrPath::parse(name).unwrap()).collect();
        let read = Able::Yes(Reading { hides, ..Reading::default() });
        Can { groups: Verbs { replace, patch, read, ..Verbs::default() }, ..Can::default() }
    };
    let of = |can: &Can| {
        let parts = |kind| matches!(way(can, &Resource::Group, kind), Way::Split(_));
        (parts(OperationKind::Patch), parts(OperationKind::Replace))
    };
    assert_eq!(of(&can(None, None, &[])), (false, false));
    assert_eq!(of(&can(paths(&["displayName"]), paths(&["members"]), &[])), (true, true));
    assert_eq!(of(&can(None, paths(&["members"]), &[])), (true, false));
    assert_eq!(of(&can(paths(&["displayName"]), None, &[])), (false, true));
    assert_eq!(of(&can(paths(&["members"]), paths(&["members"]), &[])), (false, false));
    // A PUT in place of a PATCH would clear what nobody sees.
    assert_eq!(of(&can(None, paths(&["members"]), &["externalId"])), (false, false));
}

#[test]
fn a_path_that_chooses_is_for_those_who_can() {
    let patch = Able::Yes(Patching { value_paths: false, ..Patching::default() });
    let can = Can { users: Verbs { patch, ..Verbs::default() }, ..Can::default() };
    let bridges = way(&can, &Resource::User, OperationKind::Patch).bridges();
    assert_eq!(bridges.collect::<Vec<_>>(), [Bridge::Elements]);
    assert_eq!(way(&can, &Resource::User, OperationKind::Replace), Way::Direct);
}

/// A pack with such rules, before a backend that can so much.
fn acme(can: &str, rules: &str) -> Pack {
    let text = format!("version: 1\npack: acme\nside: backend\nabout: a test\ncan: {can}\nrules: {rules}\n");
    let mut faults = crate::fault::Faults::default();
    let node = crate::yaml::parse("acme.yaml", &text, &mut faults).unwrap();
    let pack = crate::rules::load::pack(&node, &mut faults);
    assert!(faults.is_empty(), "{}", faults.render(false));
    pack.unwrap()
}

#[test]
fn what_a_rule_can_t_translate_without_the_resource_has_a_spare_way_unless_that_would_clear_something() {
    let texts = "[{ id: a, why: a test, source: a test, when: { resource: User }, do: [{ shape: { at: roles, to: strings } }] }]";
    let of = |can: &str, rules: &str| spare(&acme(can, rules), &Modes::default(), &Resource::User);
    assert_eq!(of("{}", texts), Some(PatchToPut { has_tags: true, merges: false }));
    assert_eq!(spare(&acme("{}", texts), &Modes::default(), &Resource::Group), None);
    let flat = "[{ id: a, why: a test, source: a test, do: [{ rename: { names: { title: job } } }] }]";
    assert_eq!(of("{}", flat), None);
    let deep = "[{ id: a, why: a test, source: a test, do: [{ rename: { names: { title: name.title } } }] }]";
    assert!(of("{}", deep).is_some());
    for lacking in
        ["{ users: { replace: false } }", "{ users: { patch: false } }", "{ users: { read: { hides: [title] } } }"]
    {
        assert_eq!(of(lacking, texts), None, "{lacking}");
    }
    assert!(of("{ users: { read: { hides: [title] }, replace: { merges: true } } }", texts).is_some());
    let dropped = "{ id: b, why: a test, source: a test, to: client, do: [{ drop: { at: [title] } }] }";
    let hides = format!("{}, {dropped}]", texts.trim_end_matches(']'));
    assert_eq!(of("{}", &hides), None);
}
