//! Actions on resources and PATCH operations.

use super::*;

#[test]
fn texts_are_mended_in_lists_too() {
    let entry = "text: { at: [title, tags], steps: [trim] }";
    assert_eq!(sent(entry, r#"{"title":" a ","tags":[" b ","c",1]}"#), r#"{"title":"a","tags":["b","c",1]}"#);
    assert_eq!(sent(entry, r#"{"tags":["c"," b "]}"#), r#"{"tags":["c","b"]}"#);
    assert_eq!(sent(entry, r#"{"tags":["c",[" b "]]}"#), r#"{"tags":["c",[" b "]]}"#);
    assert_eq!(sent(entry, r#"{"tags":["c"]}"#), r#"{"tags":["c"]}"#);
}

#[test]
fn an_element_that_was_emptied_goes_with_the_list_it_leaves() {
    let entry = "empty: { of: [\"\"], at: [emails.value] }";
    assert_eq!(sent(entry, r#"{"emails":[{"value":"","primary":true}],"title":"t"}"#), r#"{"title":"t"}"#);
    let kept = r#"{"emails":[{"type":"work"}]}"#;
    assert_eq!(sent(entry, r#"{"emails":[{"value":"","type":"work"}]}"#), kept);
    assert_eq!(codes("empty: { of: [[]], at: [members] }"), ["R0407"]);
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
}

#[test]
fn items_in_a_patch_are_those_of_the_whole_attribute() {
    let entry = "items: { at: emails, unique: true }";
    let twice = r#"{"op":"replace","path":"emails","value":[{"value":"a"},{"value":"a"}]}"#;
    assert_eq!(patched(entry, twice).unwrap(), r#"{"op":"replace","path":"emails","value":[{"value":"a"}]}"#);
    let pathless = r#"{"op":"replace","value":{"emails":[{"value":"a"},{"value":"a"}]}}"#;
    assert_eq!(patched(entry, pathless).unwrap(), r#"{"op":"replace","value":{"emails":[{"value":"a"}]}}"#);
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
