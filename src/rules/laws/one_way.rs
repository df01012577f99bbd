//! The laws of the actions that nothing undoes.

use super::*;

pub(super) const ONE_WAY: &[&str] = &[
    "empty: { of: [\"\"], at: [\"emails[*].type\", \"phoneNumbers[*].type\", title, name.givenName] }",
    "empty: { of: [\"\", null, [], {}], at: [\"emails[*].value\", emails, name, title, \"ENT:department\"], become: absent }",
    "empty: { of: [\"\", []], at: [title, emails, \"emails[*].type\"], become: null }",
    "drop: { at: [title, name.givenName, \"emails[*].type\", \"ENT:department\", 'emails[type eq \"work\"].value'] }",
    "drop: { at: [\"ENT\", password] }",
    "drop: { at: [\"$.emails[?@.type == 'work']\", \"$..display\", \"$.name['givenName', 'familyName']\"] }",
    "keep: { User: [userName, name.givenName, emails, phoneNumbers.value, \"ENT:department\"], Group: [displayName] }",
    "keep: { User: [active, name, emails.type, \"emails[*].value\", ENT] }",
    "items: { at: emails, needs: value, unique: true, primary: one }",
    "items: { at: phoneNumbers, pick: primary }",
    "items: { at: emails, pick: first, needs: type }",
    "items: { at: addresses, max: 2, unique: true }",
    "text: { at: [userName, \"emails[*].value\", name.givenName], steps: [trim, lower, strip-control] }",
    "text: { at: [title, 'emails[type eq \"work\"].display', \"ENT:department\"], steps: [strip-control, { truncate: 3 }] }",
    "text: { at: [nickName], steps: [{ replace: [\"[^a-z]\", \"_\"] }] }",
    "default: { at: userType, value: Employee }",
    "default: { at: name.givenName, value: Ada }",
    "default: { at: \"emails[*].type\", value: work }",
    "default: { at: \"ENT:department\", value: Engines }",
    "set: { at: displayName, value: \"{name.givenName} {name.familyName}\" }",
    "set: { at: \"ENT:department\", value: \"{userName}\" }",
    "set: { at: \"emails[*].type\", value: work }",
    "set: { at: id, value: \"{id}\" }",
];

/// Actions on messages as a whole.
pub(super) const OF_MESSAGES: &[&str] = &[
    "query: { count: { default: 100, max: 200 }, sortBy: { drop: true }, tenant: { set: acme } }",
    "header: { accept: { set: application/json }, x-tenant: { default: acme }, user-agent: { drop: true } }",
    "path: { alias: { /Users: /people }, suffix: .json, slash: true }",
];

#[test]
fn law_5_a_repair_done_twice_is_done_once() {
    for entry in ONE_WAY.iter().chain(OF_MESSAGES) {
        law(entry, generate::user(), |action, r| {
            let once = there(action, &r).unwrap();
            let twice = there(action, &once).unwrap();
            prop_assert_eq!(shown(&once), shown(&twice), "{}", shown(&r));
            Ok(())
        });
        law(entry, generate::patch(), |action, p| {
            let once = patch_there(action, &p).map_err(refused)?;
            let twice = patch_there(action, &once).unwrap();
            prop_assert_eq!(once.to_string(), twice.to_string(), "{}", p);
            Ok(())
        });
    }
}

#[test]
fn law_3_holds_of_a_replace_with_empty_values() {
    let many = |path: &AttrPath| schema::is_multi_valued(path);
    let server = Server { many: &many, replacing: Replacing::Parts };
    law(
        "empty: { of: [\"\"], at: [title, userName, name.givenName, \"ENT:department\", \"ENT:manager.value\"] }",
        (generate::patch(), generate::user()),
        |action, (p, r)| {
            let p = generate::read(&p.to_string().replace("\"op\":\"add\"", "\"op\":\"replace\""));
            let translated = patch_there(action, &p).map_err(refused)?;
            let (mut before, mut after) = (r.clone(), there(action, &r).unwrap());
            let expected = server.apply(&p, &mut before);
            prop_assert_eq!(server.apply(&translated, &mut after), expected, "\n{}\n{}", p, translated);
            if expected.is_ok() {
                let before = there(action, &before).unwrap();
                prop_assert!(same(&before, &after), "\n{}\n{}\n{}\n{}", p, translated, shown(&before), shown(&after));
            }
            Ok(())
        },
    );
}
