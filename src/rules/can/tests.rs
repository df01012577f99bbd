use super::*;
use crate::fault::Faults;
use crate::rules::{Pack, load};
use crate::scim::{AttrPath, CompareOp};
use crate::yaml;

fn read(text: &str) -> (Can, Faults) {
    let mut faults = Faults::new();
    let node = yaml::parse("can.yaml", text, &mut faults).unwrap();
    (Can::read(&node, &mut faults), faults)
}

fn sound(text: &str) -> Can {
    let (can, faults) = read(text);
    assert!(faults.is_empty(), "{}", faults.render(false));
    can
}

fn shown(text: &str) -> String {
    read(text).1.render(false)
}

fn path(text: &str) -> AttrPath {
    AttrPath::parse(text).unwrap()
}

#[test]
fn absent_and_true_mean_all_of_the_rfc() {
    assert_eq!(sound("{}"), Can::default());
    assert_eq!(
        sound("{ users: true, groups: { patch: true }, filter: true, sort: true, scim: \"2.0\" }"),
        Can::default()
    );
    let all = Can::default();
    let filtering = all.filter.limits().unwrap();
    assert_eq!((filtering.operators.len(), filtering.logic.len(), filtering.ne_absent), (10, 3, true));
    assert_eq!(all.users.patch.limits().unwrap().members.len(), 4);
    assert!(OperationKind::WORDS.iter().all(|(_, kind)| !all.lacks(&Resource::User, *kind)));
}

#[test]
fn limits_are_read_where_they_stand() {
    let can = sound(
        "users: { replace: { merges: true, attributes: [roles] }, patch: { form: pathed, value-paths: false, attributes: [active], max-operations: 100 }, delete: false }
groups: { create: { max-members: 100 }, read: { hides: [members], list-hides: meta }, replace: false, patch: { members: [add, remove-by-filter], repeats: false, max-changes: 100, max-bytes: 800000 }, filter: { attributes: displayName } }
filter: { operators: [eq, pr], logic: and, ne-absent: false }
page: { max: 50, default: 10, index: cursor }
bulk: { max-operations: 20 }
limits: { scan: 50000, writes: 500 }
etag: false
media: application/json
scim: 1.1
",
    );
    let replace = can.users.replace.limits().unwrap();
    assert_eq!((replace.merges, replace.attributes.clone()), (true, Some(vec![path("roles")])));
    let patch = can.users.patch.limits().unwrap();
    assert_eq!((patch.form, patch.value_paths, patch.max_operations), (Form::Pathed, false, Some(100)));
    assert_eq!(patch.attributes, Some(vec![path("active")]));
    assert_eq!(can.groups.create.limits().unwrap().max_members, Some(100));
    let reading = can.groups.read.limits().unwrap();
    assert_eq!((reading.hides.clone(), reading.list_hides.clone()), (vec![path("members")], vec![path("meta")]));
    let patch = can.groups.patch.limits().unwrap();
    assert_eq!(patch.members, [MemberChange::Add, MemberChange::RemoveByFilter]);
    assert_eq!((patch.max_changes, patch.max_bytes, patch.repeats), (Some(100), Some(800_000), false));
    let filtering = can.filter_of(&Resource::User).limits().unwrap();
    assert_eq!(filtering.operators, [Operator::Compare(CompareOp::Eq), Operator::Present]);
    assert_eq!((filtering.logic.clone(), filtering.ne_absent), (vec![Logic::And], false));
    assert_eq!(can.filter_of(&Resource::Group).limits().unwrap().attributes, Some(vec![path("displayName")]));
    assert_eq!(can.page, Able::Yes(Paging { max: Some(50), default: Some(10), index: Some(Index::Cursor) }));
    assert_eq!(can.bulk.limits().unwrap().max_operations, Some(20));
    assert_eq!(can.limits, Bounds { scan: Some(50_000), writes: Some(500) });
    assert_eq!((can.etag, can.sort), (Tags::No, Able::Yes(())));
    assert_eq!((can.media, can.scim), (Media::Json, Version::OneOne));
}

#[test]
fn no_groups_at_all_lack_every_operation_on_groups_only() {
    let can = sound("groups: false");
    for kind in [OperationKind::Create, OperationKind::List, OperationKind::Patch, OperationKind::Search] {
        assert!(can.lacks(&Resource::Group, kind));
        assert!(!can.lacks(&Resource::User, kind));
    }
    assert_eq!(can.filter_of(&Resource::Group), &Able::No);
}

#[test]
fn a_slip_is_shown_with_what_was_meant() {
    for (text, says) in [
        ("users: { pach: false }", "did you mean `patch`?"),
        ("filter: { operators: [eg] }", "did you mean `eq`?"),
        ("users: { patch: { form: patched } }", "did you mean `pathed`?"),
        ("groups: { patch: { members: [remove-by-filters] } }", "did you mean `remove-by-filter`?"),
        ("page: 50", "`page` can't be a number"),
        ("page: { max: 10, default: 50 }", "a page of 50 is longer than the longest, 10"),
        ("page: { max: 0 }", "`0` can't be max"),
        ("scim: 3", "unknown version of SCIM `3`"),
        ("filter: { attributes: [\"user name\"] }", "`user name` is not an attribute path"),
        ("sort: { by: userName }", "sort can't be a mapping"),
    ] {
        let shown = shown(text);
        assert!(shown.contains(says), "{text}: {shown}");
    }
}

fn pack(side: &str, rules: &str) -> (Option<Pack>, Faults) {
    let text =
        format!("version: 1\npack: p\nside: {side}\nabout: one\ncan: {{ groups: {{ replace: false }} }}\n{rules}");
    let mut faults = Faults::new();
    let node = yaml::parse("p.yaml", &text, &mut faults).unwrap();
    (load::pack(&node, &mut faults), faults)
}

#[test]
fn a_rule_that_waits_for_what_is_ruled_out_is_told_apart() {
    let rules_out = |to: &str, when: &str| {
        let act = "do: [ { drop: { at: title } } ]";
        let rule = format!("rules: [ {{ id: r, why: w, to: {to}, when: {{ {when} }}, {act} }} ]");
        let pack = pack("backend", &rule).0.unwrap();
        pack.can.rules_out(&pack.rules[0])
    };
    assert!(rules_out("backend", "resource: Group, operations: replace"));
    assert!(!rules_out("client", "resource: Group, operations: replace"));
    assert!(!rules_out("backend", "resource: Group, operations: [replace, patch]"));
    assert!(!rules_out("backend", "resource: [User, Group], operations: replace"));
    assert!(!rules_out("backend", "operations: replace"));
    assert!(!rules_out("backend", "resource: Group"));
}

#[test]
fn only_a_backend_can() {
    for side in ["client", "connection"] {
        let told = pack(side, "").1.render(false);
        assert!(told.contains("only a backend pack says what a backend `can` do"), "{told}");
    }
    assert!(pack("backend", "").1.is_empty());
}

#[test]
fn a_budget_has_a_rate_for_each_kind_of_call() {
    let rate = |calls: u32, seconds: u64, burst: u32| {
        let number = |number| std::num::NonZeroU32::new(number).unwrap();
        Some(Rate { calls: number(calls), per: std::time::Duration::from_secs(seconds), burst: number(burst) })
    };
    let budget =
        sound("budget: { look-ups: 25/s, user-writes: { rate: 180/min, burst: 20 }, group-writes: 7200/h }").budget;
    assert_eq!(budget.look_ups, rate(25, 1, 25));
    assert_eq!(budget.user_writes, rate(180, 60, 20));
    assert_eq!(budget.group_writes, rate(7200, 3600, 2));
    assert_eq!(sound("budget: { user-writes: 10/min }").budget.user_writes, rate(10, 60, 1));
    for wrong in ["0/s", "5", "5/d", "-1/s", "100001/s", "5/", "[]", "{ burst: 2 }", "{ rate: 5/s, burst: 0 }"] {
        assert!(!shown(&format!("budget: {{ look-ups: {wrong} }}")).is_empty(), "{wrong}");
    }
}
