//! Actions on resources and PATCH operations.

use super::*;

#[test]
fn texts_are_mended_in_lists_too() {
    let entry = "text: { at: [title, tags], steps: [trim] }";
    assert_eq!(sent(entry, r#"{"title":" a ","tags":[" b ","c",1]}"#), r#"{"title":"a","tags":["b","c",1]}"#);
    assert_eq!(sent(entry, r#"{"tags":["c"," b "]}"#), r#"{"tags":["c","b"]}"#);
    assert_eq!(sent(entry, r#"{"tags":["c",[" b "]]}"#), r#"{"tags":["c",[" b "]]}"#);
    assert_eq!(sent(entry, r#"{"tags":[" b "," c "]}"#), r#"{"tags":["b","c"]}"#);
    assert_eq!(sent(entry, r#"{"tags":["c"]}"#), r#"{"tags":["c"]}"#);
}

#[test]
fn an_element_that_was_emptied_goes_with_the_list_it_leaves() {
    let entry = "empty: { of: [\"\"], at: [emails.value] }";
    assert_eq!(sent(entry, r#"{"emails":[{"value":"","primary":true}],"title":"t"}"#), r#"{"title":"t"}"#);
    let kept = r#"{"emails":[{"type":"work"}]}"#;
    assert_eq!(sent(entry, r#"{"emails":[{"value":"","type":"work"}]}"#), kept);
    let said = r#"{"emails":[{"primary":true}]}"#;
    assert_eq!(sent(entry, said), said, "what it did not empty stays");
    let listless = r#"{"emails":[]}"#;
    assert_eq!(sent(entry, listless), listless);
    assert_eq!(
        sent("empty: { of: [\"\"], at: [members.display] }", r#"{"members":[{"display":""}]}"#),
        r#"{"members":[{}]}"#
    );
    let null = "empty: { of: [\"\"], at: [emails.type], become: null }";
    assert_eq!(sent(null, r#"{"emails":[{"type":""}]}"#), r#"{"emails":[{"type":null}]}"#);
    let hollow = r#"{"ENT":{}}"#;
    assert_eq!(sent("empty: { of: [\"\"], at: ['ENT:department'] }", hollow), hollow, "it did not empty that");
    assert_eq!(codes("empty: { of: [[]], at: [members] }"), ["R0407"]);
    for full in ["x", "[1]", "{ a: 1 }", "0"] {
        assert_eq!(codes(&format!("empty: {{ of: [{full}], at: [title] }}")), ["R0103"], "{full}");
    }
    assert_eq!(codes("empty: { of: [[]], at: [title] }"), [""; 0]);
}

#[test]
fn elements_without_a_type_are_named_so_once_the_empty_ones_are_gone() {
    let entry = "empty: { of: [\"\"], at: [emails.type] }";
    let rows = [
        (r#"emails[type eq \"\"]"#, "emails[not (type pr)]"),
        (r#"emails[type eq \"\"].value"#, "emails[not (type pr)].value"),
        (r#"emails[type eq \"work\"]"#, r#"emails[type eq \"work\"]"#),
        (r#"emails[display eq \"\"]"#, r#"emails[display eq \"\"]"#),
        (r#"emails[type ne \"\"]"#, r#"emails[type ne \"\"]"#),
    ];
    for (path, expected) in rows {
        let op = |path: &str| format!(r#"{{"op":"remove","path":"{path}"}}"#);
        assert_eq!(patched(entry, &op(path)), Ok(op(expected)), "{path}");
    }
    for other in ["empty: { of: [null], at: [emails.type] }", "empty: { of: [\"\"], at: [emails.type], become: null }"]
    {
        let op = r#"{"op":"remove","path":"emails[type eq \"\"]"}"#;
        assert_eq!(patched(other, op).unwrap(), op, "{other}");
    }
}

#[test]
fn each_emptiness_is_one_of_its_own() {
    let all = [("\"\"", r#""""#), ("null", "null"), ("[]", "[]"), ("{}", "{}")];
    for (of, _) in all {
        for (index, (one, held)) in
            all.into_iter().chain([("full", r#""a""#), ("full", "[1]"), ("full", r#"{"a":1}"#)]).enumerate()
        {
            let resource = format!(r#"{{"userName":"u","title":{held}}}"#);
            let left = if one == of { r#"{"userName":"u"}"# } else { &resource };
            assert_eq!(sent(&format!("empty: {{ of: [{of}], at: title }}"), &resource), left, "{of} {index}");
        }
    }
}

#[test]
fn a_default_fills_in_where_nothing_is() {
    let rows = [
        ("at: title, value: t", "{}", r#"{"title":"t"}"#),
        ("at: title, value: t", r#"{"title":null}"#, r#"{"title":"t"}"#),
        ("at: title, value: t", r#"{"title":"x"}"#, r#"{"title":"x"}"#),
        ("at: name.title, value: t", "{}", r#"{"name":{"title":"t"}}"#),
        ("at: name.title, value: t", r#"{"name":{"x":1}}"#, r#"{"name":{"x":1,"title":"t"}}"#),
        ("at: name.title, value: t", r#"{"name":{"title":"x"}}"#, r#"{"name":{"title":"x"}}"#),
        (
            "at: emails.type, value: t",
            r#"{"emails":[{"value":"a"},{"type":"x"}]}"#,
            r#"{"emails":[{"value":"a","type":"t"},{"type":"x"}]}"#,
        ),
        ("at: title, value: \"{userName}\"", "{}", "{}"),
    ];
    for (entry, before, after) in rows {
        assert_eq!(sent(&format!("default: {{ {entry} }}"), before), after, "{entry} {before}");
    }
    let op = r#"{"op":"replace","value":{"nickName":"n"}}"#;
    assert_eq!(patched("default: { at: title, value: t }", op).unwrap(), op);
    let mut answer = object("{}");
    let read = action("default: { at: title, value: t }").response(&mut answer, facts(OperationKind::Read)).unwrap();
    assert!(!read.is_applied() && answer.is_empty());
}

#[test]
fn a_set_overwrites_and_adds_what_is_missing() {
    let rows = [
        ("at: title, value: t", "{}", r#"{"title":"t"}"#),
        ("at: title, value: t", r#"{"title":"x"}"#, r#"{"title":"t"}"#),
        ("at: title, value: t", r#"{"title":"t"}"#, r#"{"title":"t"}"#),
        (
            "at: emails.type, value: t",
            r#"{"emails":[{"value":"a"},{"type":"x"}]}"#,
            r#"{"emails":[{"value":"a"},{"type":"t"}]}"#,
        ),
        ("at: 'emails[type eq \"x\"].value', value: t", r#"{"emails":[{"type":"y"}]}"#, r#"{"emails":[{"type":"y"}]}"#),
        ("at: title, value: \"{userName}\"", "{}", "{}"),
    ];
    for (entry, before, after) in rows {
        assert_eq!(sent(&format!("set: {{ {entry} }}"), before), after, "{entry} {before}");
    }
    let set = "set: { at: title, value: t }";
    let op = |value: &str| format!(r#"{{"op":"replace","value":{value}}}"#);
    assert_eq!(patched(set, &op(r#"{"title":"x"}"#)).unwrap(), op(r#"{"title":"t"}"#));
    assert_eq!(patched(set, &op(r#"{"nickName":"x"}"#)).unwrap(), op(r#"{"nickName":"x"}"#));
    assert_eq!(codes("set: { at: id, value: \"{title}\" }"), ["R0410"]);
}

#[test]
fn a_name_follows_its_element_into_a_patch_path() {
    let entry = "rename: { names: { emails: mails, emails.value: mails.address } }";
    let rows = [
        (
            r#"{"op":"replace","path":"emails[type eq \"w\"].value","value":"a"}"#,
            r#"{"op":"replace","path":"mails[type eq \"w\"].address","value":"a"}"#,
        ),
        (
            r#"{"op":"replace","path":"emails[value eq \"w\"].type","value":"a"}"#,
            r#"{"op":"replace","path":"mails[address eq \"w\"].type","value":"a"}"#,
        ),
        (
            r#"{"op":"replace","path":"emails[type eq \"w\"]","value":{"value":"a"}}"#,
            r#"{"op":"replace","path":"mails[type eq \"w\"]","value":{"address":"a"}}"#,
        ),
        (r#"{"op":"remove","path":"emails[type eq \"w\"]"}"#, r#"{"op":"remove","path":"mails[type eq \"w\"]"}"#),
    ];
    for (op, expected) in rows {
        assert_eq!(patched(entry, op).unwrap(), expected);
    }
    let part = "rename: { names: { emails.value: emails.address } }";
    for (op, expected) in [
        (
            r#"{"op":"remove","path":"emails[type eq \"w\"].value"}"#,
            r#"{"op":"remove","path":"emails[type eq \"w\"].address"}"#,
        ),
        (r#"{"op":"remove","path":"emails[value eq \"w\"]"}"#, r#"{"op":"remove","path":"emails[address eq \"w\"]"}"#),
        (
            r#"{"op":"add","path":"emails[type eq \"w\"]","value":{"value":"a"}}"#,
            r#"{"op":"add","path":"emails[type eq \"w\"]","value":{"address":"a"}}"#,
        ),
        (r#"{"op":"remove","path":"emails[type eq \"w\"]"}"#, r#"{"op":"remove","path":"emails[type eq \"w\"]"}"#),
        (
            r#"{"op":"remove","path":"ims[type eq \"w\"].value"}"#,
            r#"{"op":"remove","path":"ims[type eq \"w\"].value"}"#,
        ),
        (r#"{"op":"replace","path":"title","value":"t"}"#, r#"{"op":"replace","path":"title","value":"t"}"#),
    ] {
        assert_eq!(patched(part, op).unwrap(), expected);
    }
    let leaves = r#"{"op":"remove","path":"things[x eq 1]"}"#;
    assert!(patched("rename: { names: { things.a: b } }", leaves).is_err(), "who holds what left can't be told");
    let out = "rename: { names: { 'ENT:manager.displayName': managerName } }";
    let emptied = r#"{"op":"add","value":{"ENT":{"manager":{}}}}"#;
    assert_eq!(patched(out, emptied).unwrap(), emptied, "to add nothing empties nothing");
}

#[test]
fn an_operation_without_a_value_follows_its_path() {
    assert_eq!(
        patched("rename: { names: { title: jobTitle } }", r#"{"op":"remove","path":"title"}"#).unwrap(),
        r#"{"op":"remove","path":"jobTitle"}"#
    );
    assert_eq!(
        patched("rename: { names: { title: jobTitle } }", r#"{"op":"add","path":"title"}"#).unwrap(),
        r#"{"op":"add","path":"jobTitle"}"#
    );
    assert_eq!(
        patched("rename: { names: { title: jobTitle } }", r#"{"op":"add","path":"nickName"}"#).unwrap(),
        r#"{"op":"add","path":"nickName"}"#
    );
}

#[test]
fn an_attribute_of_an_extension_gets_its_name_there() {
    let entry = "rename: { names: { 'ENT:department': 'ENT:dept' } }";
    assert_eq!(sent(entry, r#"{"ENT":{"department":"D"}}"#), r#"{"ENT":{"dept":"D"}}"#);
    assert_eq!(sent(entry, r#"{"department":"D"}"#), r#"{"department":"D"}"#);
}

#[test]
fn what_stands_in_the_way_is_lost_where_the_rule_says_so() {
    let entry = "rename: { names: { title: nickName }, on-conflict: lose }";
    assert_eq!(sent(entry, r#"{"nickName":"n"}"#), "{}");
    assert_eq!(sent(entry, r#"{"title":"t","nickName":"n"}"#), r#"{"nickName":"t"}"#);
}
