//! Members of a group, before a backend that does only some of it, or only so much at once.

use super::*;
use crate::scim::PatchOp;

fn group(ids: &[&str]) -> Server {
    let members: Vec<String> = ids.iter().map(|id| format!("{{\"value\": \"{id}\"}}")).collect();
    Server::with(Resource::Group, &format!("{{\"displayName\": \"g\", \"members\": [{}]}}", members.join(", ")))
}

/// What is sent of these operations: verb by verb, the operations of each PATCH.
fn sent(server: &mut Server, takes: Patches, ops: &str) -> (Result<u16, ScimError>, Vec<String>) {
    let one = server.one();
    let body = Value::Object(read(&format!("{{\"Operations\": [{ops}]}}")));
    let ask = ask(one.asked(Operation::Patch), body, Conditions::default());
    let limits = Limits { writes: 3, ..Limits::default() };
    let answer = now(patch(server, takes, limits, &one, ask, true)).map(|answer| answer.unwrap().status);
    (answer, told(server))
}

fn told(server: &Server) -> Vec<String> {
    let each =
        server.heard.iter().map(|(kind, _, body)| match body.as_object().and_then(|body| body.get("Operations")) {
            Some(ops) => ops
                .as_array()
                .unwrap()
                .iter()
                .map(|op| short(&PatchOp::read(op).unwrap()))
                .collect::<Vec<_>>()
                .join(" "),
            None => kind.word().to_owned(),
        });
    each.collect()
}

/// `+1,2` for an addition, `-1` for a removal, `=1` for a replacement of members; of anything else, its path.
fn short(op: &PatchOp<'_>) -> String {
    let path = op.path.as_ref().map(ToString::to_string).unwrap_or_default();
    let sign = ["+", "-", "="][[crate::scim::OpKind::Add, crate::scim::OpKind::Remove, crate::scim::OpKind::Replace]
        .iter()
        .position(|kind| *kind == op.kind)
        .unwrap()];
    if let Some(id) = path.strip_prefix("members[value eq \"").and_then(|rest| rest.strip_suffix("\"]")) {
        return format!("{sign}{id}");
    }
    match &op.value {
        Some(Value::Array(list)) if path == "members" => {
            let ids =
                list.iter().map(|one| one.as_object().unwrap().get("value").unwrap().as_str().unwrap().into_owned());
            format!("{sign}{}", ids.collect::<Vec<_>>().join(","))
        }
        _ => format!("{sign}({path})"),
    }
}

fn taking(members: Members, changes: Option<u32>) -> Patches {
    Patches { members, pieces: Pieces { changes, ..Pieces::default() }, ..Patches::default() }
}

fn one_by_one() -> Members {
    Members { replaces: false, ..Members::default() }
}

const REPLACED: &str = r#"{"op": "replace", "path": "members", "value": [{"value": "2"}, {"value": "4"}]}"#;

#[test]
fn what_can_t_be_replaced_is_compared() {
    let mut server = group(&["1", "2", "3"]);
    let (status, told) = sent(&mut server, taking(one_by_one(), None), REPLACED);
    assert_eq!((status, told), (Ok(200), vec!["read".to_owned(), "-1 -3 +4".to_owned()]));
    let mut same = group(&["4", "2"]);
    assert_eq!(sent(&mut same, taking(one_by_one(), None), REPLACED), (Ok(200), vec!["read".to_owned()]));
    let mut emptied = group(&["1", "2"]);
    for op in [r#"{"op": "replace", "value": {"members": []}}"#, r#"{"op": "remove", "path": "members"}"#] {
        emptied.heard.clear();
        emptied.resource = group(&["1", "2"]).resource;
        let told = sent(&mut emptied, taking(one_by_one(), None), op).1;
        assert_eq!(told, ["read", "-1 -2"], "{op}");
    }
}

#[test]
fn what_is_asked_beside_members_goes_with_them() {
    let mut server = group(&["1"]);
    let ops = r#"{"op": "replace", "value": {"displayName": "h", "members": [{"value": "2"}]}}, {"op": "add", "path": "externalId", "value": "e"}"#;
    let (status, told) = sent(&mut server, taking(one_by_one(), None), ops);
    assert_eq!((status, told), (Ok(200), vec!["read".to_owned(), "=() +(externalId) -1 +2".to_owned()]));
    assert_eq!(server.resource.get("displayName"), Some(&Value::string("h")));
    assert_eq!(server.resource.get("members"), group(&["2"]).resource.get("members"));
}

#[test]
fn what_the_backend_can_is_sent_as_it_is() {
    let (add, remove) = (
        r#"{"op": "add", "path": "members", "value": [{"value": "1"}]}"#,
        r#"{"op": "remove", "path": "members[value eq \"9\"]"}"#,
    );
    for op in [add, remove] {
        let mut server = group(&["1"]);
        assert_eq!(sent(&mut server, taking(one_by_one(), Some(2)), op).1.len(), 1, "{op}");
    }
    let mut server = group(&["1"]);
    assert_eq!(sent(&mut server, taking(Members::default(), Some(2)), REPLACED).1, ["=2,4"]);
}

#[test]
fn who_is_there_already_or_not_any_more_is_a_success() {
    let minds = Members { repeats: false, ..Members::default() };
    for op in [
        r#"{"op": "add", "path": "members", "value": [{"value": "1"}]}"#,
        r#"{"op": "remove", "path": "members[value eq \"9\"]"}"#,
        r#"{"op": "remove", "path": "members", "value": [{"value": "9"}]}"#,
    ] {
        let mut server = group(&["1"]);
        assert_eq!(sent(&mut server, taking(minds, None), op), (Ok(200), vec!["read".to_owned()]), "{op}");
    }
    let mut server = group(&["1"]);
    let op = r#"{"op": "add", "path": "members", "value": [{"value": "1"}, {"value": "2"}]}"#;
    assert_eq!(sent(&mut server, taking(minds, None), op).1, ["read", "+2"]);
}

#[test]
fn one_that_only_replaces_gets_all_of_them() {
    let only = Members { adds: false, removes: false, filters: false, ..Members::default() };
    let mut server = group(&["1", "2"]);
    let ops = r#"{"op": "add", "path": "members", "value": [{"value": "3"}]}, {"op": "remove", "path": "members[value eq \"1\"]"}"#;
    assert_eq!(sent(&mut server, taking(only, None), ops).1, ["read", "=2,3"]);
}

#[test]
fn members_that_nobody_sees_can_t_be_compared() {
    let hidden = Members { are_shown: false, ..one_by_one() };
    let mut server = group(&["1"]);
    let (status, told) = sent(&mut server, taking(hidden, None), REPLACED);
    assert_eq!((status.unwrap_err().status, told), (ErrorStatus::NotImplemented, Vec::<String>::new()));
    let one = server.one();
    let put = PutToPatch { patches: Patches::default(), hides_members: true };
    let body = Value::Object(read(r#"{"displayName": "g", "members": []}"#));
    let ask = ask(one.asked(Operation::Replace), body, Conditions::default());
    let refused = now(put_to_patch(&mut server, put, Limits::default(), &one, ask)).map(drop).unwrap_err();
    assert_eq!((refused.status, server.heard.len()), (ErrorStatus::NotImplemented, 0));
}

#[test]
fn what_is_too_much_goes_in_pieces_in_order() {
    let ops = r#"{"op": "replace", "path": "displayName", "value": "h"},
        {"op": "add", "path": "members", "value": [{"value": "3"}, {"value": "4"}, {"value": "5"}]},
        {"op": "remove", "path": "members[value eq \"1\"]"}, {"op": "remove", "path": "members[value eq \"2\"]"}"#;
    let mut server = group(&["1", "2"]);
    let (status, told) = sent(&mut server, taking(Members::default(), Some(2)), ops);
    assert_eq!((status, told), (Ok(200), ["=(displayName) +3,4", "+5 -1", "-2"].map(str::to_owned).to_vec()));
    assert_eq!(server.resource.get("members"), group(&["3", "4", "5"]).resource.get("members"));
    let mut server = group(&["1", "2"]);
    let pieces = Pieces { operations: Some(1), ..Pieces::default() };
    let (status, told) = sent(&mut server, Patches { pieces, ..Patches::default() }, REPLACED);
    assert_eq!((status, told.len()), (Ok(200), 1));
    let (status, told) = sent(&mut server, Patches { pieces, ..Patches::default() }, ops);
    assert_eq!((status.unwrap_err().status, told.len()), (ErrorStatus::PayloadTooLarge, 1));
}

#[test]
fn a_put_of_more_than_can_be_replaced_goes_in_pieces() {
    let mut server = group(&["1", "2", "3"]);
    let one = server.one();
    let put = PutToPatch { patches: taking(Members::default(), Some(2)), hides_members: false };
    let body = read(r#"{"displayName": "g", "members": [{"value": "4"}, {"value": "5"}, {"value": "6"}]}"#);
    let asked = ask(one.asked(Operation::Replace), Value::Object(body), Conditions::default());
    let answer = now(put_to_patch(&mut server, put, Limits::default(), &one, asked)).unwrap();
    assert_eq!((answer.status, told(&server)), (200, ["read", "-1 -2", "-3 +4", "+5,6"].map(str::to_owned).to_vec()));
}

#[test]
fn only_the_first_piece_has_a_precondition() {
    let mut server = group(&["1", "2", "3"]);
    let takes = Patches { has_tags: true, ..taking(one_by_one(), Some(2)) };
    assert_eq!(sent(&mut server, takes, r#"{"op": "remove", "path": "members"}"#).1, ["read", "-1 -2", "-3"]);
    let tags: Vec<_> = server.heard.iter().map(|(_, tag, _)| tag.is_some()).collect();
    assert_eq!(tags, [false, true, false]);
}

#[test]
fn what_stops_amid_pieces_is_made_by_a_repeat() {
    let mut server = group(&["1", "2", "3"]);
    server.fails = vec![(2, 500)];
    let takes = taking(one_by_one(), Some(2));
    let emptied = r#"{"op": "remove", "path": "members"}"#;
    assert_eq!(sent(&mut server, takes, emptied).0, Ok(500));
    assert_eq!(server.resource.get("members"), group(&["3"]).resource.get("members"));
    server.heard.clear();
    server.fails.clear();
    assert_eq!(sent(&mut server, takes, emptied), (Ok(200), vec!["read".to_owned(), "-3".to_owned()]));
}
