//! Operations that choose elements by a filter, before a backend that can't.

use super::*;

const GRACE: &str = r#"{"id": "7", "userName": "grace", "emails": [{"value": "a", "type": "work"}, {"value": "b"}],
    "phoneNumbers": [{"value": "1", "type": "home"}]}"#;

fn sent(ops: &str) -> (Server, Result<u16, ScimError>) {
    let mut server = Server::with(Resource::User, GRACE);
    let one = server.one();
    let body = Value::Object(read(&format!("{{\"Operations\": [{ops}]}}")));
    let ask = ask(one.asked(Operation::Patch), body, Conditions::default());
    let takes = Patches { whole_lists: true, has_tags: true, ..Patches::default() };
    let answer = now(patch(&mut server, takes, Limits::default(), &one, ask, true));
    let status = answer.map(|answer| answer.unwrap().status);
    (server, status)
}

#[test]
fn the_list_is_sent_whole_and_the_rest_as_it_is() {
    let (server, status) = sent(
        r#"{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "c"}, {"op": "remove", "path": "active"},
        {"op": "add", "path": "emails", "value": [{"value": "d"}]}"#,
    );
    assert_eq!((server.verbs(), status), (vec!["read", "patch"], Ok(200)));
    assert_eq!(server.heard[1].1.as_deref(), Some("W/\"1\""));
    assert_eq!(
        ops(&server),
        r#"[{"op":"remove","path":"active"},{"op":"replace","path":"emails","value":[{"value":"c","type":"work"},{"value":"b"},{"value":"d"}]}]"#
    );
}

#[test]
fn a_list_that_is_left_empty_is_removed() {
    let (server, status) = sent(r#"{"op": "remove", "path": "phoneNumbers[type eq \"home\"]"}"#);
    assert_eq!((ops(&server), status), (r#"[{"op":"remove","path":"phoneNumbers"}]"#.to_owned(), Ok(200)));
}

#[test]
fn what_changes_nothing_is_not_sent_and_what_finds_nothing_is_refused() {
    let (server, status) = sent(r#"{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a"}"#);
    assert_eq!((server.verbs(), status), (vec!["read"], Ok(200)));
    let (server, status) = sent(r#"{"op": "replace", "path": "emails[type eq \"other\"].value", "value": "a"}"#);
    assert_eq!((server.verbs(), status.unwrap_err().status), (vec!["read"], ErrorStatus::BadRequest));
}

#[test]
fn what_chooses_nothing_goes_as_it_is() {
    let (server, status) = sent(r#"{"op": "replace", "path": "userName", "value": "hopper"}"#);
    assert_eq!((server.verbs(), status), (vec!["patch"], Ok(200)));
}
