//! The laws of the actions that are undone on the way back and take whatever a user may hold.

use super::*;

/// A two-way action: an entry of `do`, and what it makes of multi-valued names.
pub(super) struct TwoWay {
    pub(super) entry: &'static str,
    /// Names on the right with several values.
    many: &'static [&'static str],
    /// Whether an attribute goes to another parent.
    pub(super) moves: bool,
}

pub(super) const TWO_WAY: &[TwoWay] = &[
    flat("rename: { names: { userName: login } }"),
    flat("rename: { names: { userName: login, nickName: alias, active: enabled } }"),
    flat("rename: { names: { title: nickName }, on-conflict: swap }"),
    flat("rename: { names: { title: nickName, nickName: userType, userType: title } }"),
    flat("rename: { names: { name: fullName } }"),
    flat("rename: { names: { name.givenName: name.first, name.familyName: name.last } }"),
    flat("rename: { names: { name.givenName: name.familyName }, on-conflict: swap }"),
    flat("rename: { names: { name: fullName, name.givenName: fullName.first } }"),
    moved("rename: { names: { name.givenName: firstName, name.familyName: lastName } }"),
    moved("rename: { names: { name: fullName, name.givenName: firstName } }"),
    moved("rename: { names: { name: fullName, title: fullName.title } }"),
    moved("rename: { names: { title: name.title } }"),
    moved("rename: { names: { title: name.title, name.givenName: firstName } }"),
    moved("rename: { names: { 'ENT:department': dept } }"),
    moved("rename: { names: { 'ENT:department': dept, 'ENT:employeeNumber': number } }"),
    moved("rename: { names: { title: 'ENT:title' } }"),
    moved("rename: { names: { title: 'urn:acme:scim:2.0:Person:title' } }"),
    moved("rename: { names: { 'ENT:manager': boss } }"),
    moved("rename: { names: { 'ENT:manager.value': managerId } }"),
    moved(
        "rename: { names: { 'ENT:manager.value': 'ENT:managerValue', 'ENT:manager.displayName': 'ENT:managerName' } }",
    ),
    moved("rename: { names: { 'ENT:employeeNumber': name.number } }"),
    moved("rename: { names: { name.givenName: 'ENT:givenName' } }"),
    flat("rename: { names: { emails.type: emails.kind } }"),
    TwoWay { entry: "rename: { names: { emails: mails } }", many: &["mails"], moves: false },
    TwoWay {
        entry: "rename: { names: { emails: mails, emails.value: mails.address } }",
        many: &["mails"],
        moves: false,
    },
    TwoWay { entry: "rename: { names: { emails: phoneNumbers }, on-conflict: swap }", many: &[], moves: false },
    flat("invert: { at: active }"),
    flat("invert: { at: \"emails[*].verified\" }"),
    flat("convert: { at: active, to: boolean-as-string }"),
    flat("convert: { at: emails.verified, to: boolean-as-string }"),
];

const fn flat(entry: &'static str) -> TwoWay {
    TwoWay { entry, many: &[], moves: false }
}

const fn moved(entry: &'static str) -> TwoWay {
    TwoWay { entry, many: &[], moves: true }
}

#[test]
fn law_1_a_resource_comes_back() {
    for two_way in TWO_WAY {
        law(two_way.entry, generate::user(), |action, r| {
            let o = there(action, &r).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&r))))?;
            let again = back(action, &o).map_err(|error| TestCaseError::fail(format!("{error} of {}", shown(&o))))?;
            prop_assert!(same(&again, &r), "\n{}\n{}\n{}", shown(&r), shown(&o), shown(&again));
            prop_assert_eq!(listed(&again), listed(&r));
            let twice = there(action, &again).unwrap();
            prop_assert!(same(&twice, &o), "\n{}\n{}\n{}", shown(&o), shown(&again), shown(&twice));
            prop_assert_eq!(listed(&twice), listed(&o));
            Ok(())
        });
    }
}

#[test]
fn law_1_holds_of_groups() {
    for entry in [
        "rename: { names: { displayName: label, members: people } }",
        "rename: { names: { members.value: members.id } }",
    ] {
        law(entry, generate::group(), |action, r| {
            let o = there(action, &r).unwrap();
            prop_assert!(same(&back(action, &o).unwrap(), &r), "\n{}\n{}", shown(&r), shown(&o));
            Ok(())
        });
    }
}

#[test]
fn law_2_a_filter_finds_what_it_found() {
    for two_way in TWO_WAY {
        law(two_way.entry, (generate::filter(), generate::user(), any::<bool>()), |action, (f, r, is_loud)| {
            let mut o = there(action, &r).unwrap();
            if is_loud {
                shout(&mut o);
            }
            settle(&mut o);
            let translated = filter_there(action, &f).map_err(refused)?;
            let mut r = back(action, &o).unwrap();
            settle(&mut r);
            let expected = filter::matches(f.root(), &r);
            let found = filter::matches(translated.root(), &o);
            prop_assert_eq!(found, expected, "\n{}\n{}\n{}\n{}", f, translated, shown(&r), shown(&o));
            Ok(())
        });
    }
}

#[test]
fn law_3_a_patch_does_what_it_did() {
    for two_way in TWO_WAY {
        patches_agree(two_way, Replacing::Parts);
    }
}

#[test]
fn law_3_holds_where_a_replace_takes_the_whole() {
    for two_way in TWO_WAY.iter().filter(|two_way| !two_way.moves) {
        patches_agree(two_way, Replacing::Whole);
    }
}

fn patches_agree(two_way: &TwoWay, replacing: Replacing) {
    let left = |path: &AttrPath| schema::is_multi_valued(path);
    let right = |path: &AttrPath| left(path) || two_way.many.contains(&path.to_string().as_str());
    let (left, right) = (Server { many: &left, replacing }, Server { many: &right, replacing });
    law(two_way.entry, (generate::patch(), generate::user()), |action, (p, r)| {
        let translated = patch_there(action, &p).map_err(refused)?;
        let (mut before, mut after) = (r.clone(), there(action, &r).unwrap());
        let expected = left.apply(&p, &mut before);
        let found = right.apply(&translated, &mut after);
        prop_assert_eq!(found, expected, "\n{}\n{}\n{}", p, translated, shown(&r));
        if expected.is_ok() {
            let before = there(action, &before).unwrap();
            prop_assert!(
                same(&before, &after),
                "\n{}\n{}\n{}\n{}\n{}",
                p,
                translated,
                shown(&r),
                shown(&before),
                shown(&after)
            );
        }
        Ok(())
    });
}
