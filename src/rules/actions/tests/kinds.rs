//! What an action is, and of what.

use super::*;

/// The entry of the action's own example.
fn example(word: &str) -> &'static str {
    LIST.iter().find(|about| about.word == word).unwrap().example
}

fn words(is: impl Fn(&Action) -> bool) -> Vec<&'static str> {
    LIST.iter().filter(|about| is(&action(about.example))).map(|about| about.word).collect()
}

#[test]
fn each_action_is_of_its_part_of_a_message() {
    assert_eq!(words(|action| action.reach() == Reach::Request), ["query", "path", "respond"]);
    assert_eq!(words(|action| action.reach() == Reach::Either), ["header"]);
    assert_eq!(words(|action| action.reach() == Reach::Answer), ["status", "error"]);
    assert_eq!(words(|action| action.reach() == Reach::List), ["list"]);
    assert_eq!(words(Action::is_of_answers), ["header", "status", "error"]);
    let of_messages = ["query", "header", "path", "list", "status", "error", "respond", "reject"];
    assert_eq!(words(Action::is_of_messages), of_messages);
    assert_eq!(words(Action::is_path), ["path"]);
}

#[test]
fn only_what_takes_away_hides_and_only_a_list_sorts_out() {
    assert_eq!(words(Action::hides), ["drop", "keep"]);
    assert!(action("list: { drop-items: 'userName sw \"svc-\"' }").sorts_out());
    assert!(!action("list: { integers: true }").sorts_out());
    assert_eq!(words(|action| action.sorts_out() && !matches!(action, Action::List(_))), [""; 0]);
}

#[test]
fn a_rule_with_an_example_says_what_it_has_to() {
    let of = |word: &str| LIST.iter().find(|about| about.word == word).unwrap();
    let client: Vec<_> = LIST.iter().filter(|about| !about.direction().is_empty()).map(|about| about.word).collect();
    assert_eq!(client, ["list", "status", "error"]);
    assert_eq!(of("list").direction(), "to: client");
    assert_eq!(of("rename").operations(), "");
    assert_eq!(of("respond").operations(), "operations: [read, list]");
    assert_eq!(of("drop").operations(), "operations: [create, replace]");
}

#[test]
fn an_action_tells_the_attributes_it_works_on() {
    let rows = [
        ("invert: { at: suspended }", "suspended"),
        ("map: { at: userType, values: { a: b } }", "userType"),
        ("convert: { at: active, to: boolean-as-string }", "active"),
        ("affix: { at: userName, prefix: x }", "userName"),
        ("fill: { at: active, value: true }", "active"),
        ("empty: { of: [\"\"], at: [title, emails.type] }", "title emails.type"),
        ("drop: { at: [title, \"$.x\", nickName] }", "title nickName"),
        ("default: { at: active, value: true }", "active"),
        ("set: { at: active, value: true }", "active"),
        ("text: { at: [title, nickName], steps: [trim] }", "title nickName"),
        ("keep: { User: [userName] }", ""),
        ("rename: { names: { userName: login } }", ""),
    ];
    for (entry, expected) in rows {
        let action = action(entry);
        let shown: Vec<_> = action.places().iter().map(|place| place.attr.to_string()).collect();
        assert_eq!(shown.join(" "), expected, "{entry}");
    }
}

#[test]
fn an_action_tells_whether_it_takes_booleans_only_and_what_it_renames() {
    assert_eq!(words(Action::is_boolean), ["invert", "convert"]);
    assert!(!action("convert: { at: x, to: number-as-string }").is_boolean());
    let pairs = |entry| action(entry).pairs().iter().map(|(from, to)| format!("{from}>{to}")).collect::<Vec<_>>();
    assert_eq!(pairs("rename: { names: { userName: login } }"), ["userName>login"]);
    assert_eq!(pairs(example("drop")), [""; 0]);
}

#[test]
fn a_drop_tells_what_its_queries_take() {
    let Action::Drop(drop) = action("drop: { at: [title, \"$.nickName\"] }") else { panic!("no drop") };
    assert!(drop.has_query() && drop.takes_by_query("nickName") && !drop.takes_by_query("title"));
    let Action::Drop(plain) = action("drop: { at: [title] }") else { panic!("no drop") };
    assert!(!plain.has_query());
}

#[test]
fn a_keep_loses_what_its_list_leaves_out_and_a_query_what_it_overwrites() {
    let Action::Keep(keep) = action("keep: { User: [userName] }") else { panic!("no keep") };
    let loses = |path: &str| keep.loses(&AttrPath::parse(path).unwrap(), &Resource::User);
    assert!(loses("title") && !loses("userName") && !loses("id"));
    let query = |entry: &str| match action(&format!("query: {{ {entry} }}")) {
        Action::Query(query) => query.loses_filter(),
        other => panic!("{other:?}"),
    };
    assert!(query("filter: { drop: true }") && query("filter: { set: title pr }"));
    assert!(!query("filter: { default: title pr }") && !query("count: { set: 1 }"));
}

#[test]
fn an_answer_is_kept_from_what_the_client_may_not_ask() {
    let guarded = |entry: &str, filter: &str| {
        let mut request = request(OperationKind::List, Body::None);
        request.selection.filter = Some(Filter::parse(filter).unwrap());
        request.selection.attributes = vec![AttrPath::parse("userName").unwrap()];
        let changed = action(entry).guard(&mut request).ok()?;
        Some((changed, request.selection.attributes.len()))
    };
    let untouched = Some((false, 1));
    assert_eq!(guarded("drop: { at: [title] }", "title pr"), None);
    assert_eq!(guarded("drop: { at: [title] }", "userName pr"), untouched);
    assert_eq!(guarded("keep: { User: [userName] }", "title pr"), None);
    assert_eq!(guarded("keep: { User: [userName] }", "userName pr"), untouched);
    assert_eq!(guarded("list: { drop-items: active eq false }", "title pr"), Some((true, 2)));
    let two = "list: { drop-items: 'active eq false and title pr' }";
    assert_eq!(guarded(two, "title pr"), Some((true, 3)));
    assert_eq!(guarded("list: { integers: true }", "title pr"), untouched);
    assert_eq!(guarded("set: { at: title, value: x }", "title pr"), untouched);
}

#[test]
fn what_one_member_alone_tells_is_done_where_it_stands() {
    use crate::json::{Deed, Stands};
    use crate::rules::rule::To;
    let deed = |entry: &str, to: To, held: &str, stands: Stands| {
        action(entry).edit(to).map(|edit| edit.value(&value(held), stands))
    };
    let map = "map: { at: title, values: { a: b } }";
    let text = |text: &str| Some(Deed::Put(Value::string(text)));
    assert_eq!(deed(map, To::Backend, "\"a\"", Stands::Named), text("b"));
    assert_eq!(deed(map, To::Client, "\"b\"", Stands::Named), text("a"));
    assert_eq!(deed(map, To::Backend, "\"x\"", Stands::Named), Some(Deed::Stop));
    assert_eq!(deed(map, To::Backend, "null", Stands::Named), Some(Deed::Keep), "there is no value");
    assert_eq!(deed(map, To::Backend, "null", Stands::Listed), Some(Deed::Stop), "here it is one of several");
    let empty = "empty: { of: [null], at: title }";
    assert_eq!(deed(empty, To::Client, "null", Stands::Named), Some(Deed::Leave));
    assert_eq!(deed(empty, To::Client, "null", Stands::Listed), Some(Deed::Keep));
    let rename = "rename: { names: { title: jobTitle } }";
    assert_eq!(deed(rename, To::Client, "null", Stands::Named), Some(Deed::Keep));
    let whole = "convert: { at: x, to: json-as-string }";
    assert_eq!(deed(whole, To::Backend, "true", Stands::Named), None, "it takes more than one member");
}
