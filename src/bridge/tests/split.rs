//! Writes before a backend that changes some attributes by PATCH only, and others by PUT only.

use super::*;

const TOUR: &str = r#"{"id": "7", "displayName": "Tour", "members": [{"value": "1"}]}"#;

fn paths(names: &[&str]) -> Option<Vec<crate::scim::AttrPath>> {
    Some(names.iter().map(|name| crate::scim::AttrPath::parse(name).unwrap()).collect())
}

fn of_groups() -> Split {
    Split { by_patch: paths(&["members"]), by_put: paths(&["displayName"]), ..Split::default() }
}

fn written(server: &mut Server, takes: &Split, operation: fn(Id) -> Operation, body: &str) -> Result<u16, ScimError> {
    let one = server.one();
    let takes = Split { patches: Patches { has_tags: server.tags, ..takes.patches }, ..takes.clone() };
    let ask = ask(one.asked(operation), Value::Object(read(body)), Conditions::default());
    now(split(server, &takes, Limits::default(), &one, ask, true)).map(|answer| answer.unwrap().status)
}

fn patched(server: &mut Server, ops: &str) -> Result<u16, ScimError> {
    written(server, &of_groups(), Operation::Patch, &format!("{{\"Operations\": [{ops}]}}"))
}

const NAME: &str = r#"{"op": "replace", "value": {"displayName": "Crew"}}"#;
const COMES: &str = r#"{"op": "add", "path": "members", "value": [{"value": "2"}]}"#;

#[test]
fn a_patch_of_its_own_goes_as_it_is() {
    let mut server = Server::with(Resource::Group, TOUR);
    assert_eq!((patched(&mut server, COMES), server.verbs()), (Ok(200), vec!["patch"]));
}

#[test]
fn what_only_a_put_changes_is_put() {
    let mut server = Server::with(Resource::Group, TOUR);
    assert_eq!((patched(&mut server, NAME), server.verbs()), (Ok(200), vec!["read", "replace"]));
    let crew = read(r#"{"id": "7", "displayName": "Crew", "members": [{"value": "1"}]}"#);
    assert_eq!((server.heard[1].1.as_deref(), server.heard[1].2.as_object()), (Some("W/\"1\""), Some(&crew)));
    let same = r#"{"op": "replace", "path": "displayName", "value": "Crew"}"#;
    server.heard.clear();
    assert_eq!((patched(&mut server, same), server.verbs()), (Ok(200), vec!["read"]));
}

#[test]
fn both_are_sent_where_a_patch_says_both() {
    let mut server = Server::with(Resource::Group, TOUR);
    let said = patched(&mut server, &format!("{NAME}, {COMES}"));
    assert_eq!((said, server.verbs()), (Ok(200), vec!["read", "replace", "patch"]));
    // The second stands on what the first has made.
    assert_eq!((server.heard[1].1.as_deref(), server.heard[2].1.as_deref()), (Some("W/\"1\""), None));
    let message = server.heard[2].2.as_object().unwrap().get("Operations").unwrap().to_string();
    assert_eq!(message, r#"[{"op":"add","path":"members","value":[{"value":"2"}]}]"#);
    // The name that is there already, with each change of members, as Okta says it.
    server.heard.clear();
    let comes = COMES.replace('2', "3");
    assert_eq!(patched(&mut server, &format!("{NAME}, {comes}")), Ok(200));
    assert_eq!(server.verbs(), ["read", "patch"]);
}

#[test]
fn a_put_is_parted_by_what_differs() {
    for (wanted, verbs) in [
        (TOUR, vec!["read"]),
        (r#"{"displayName": "Crew", "members": [{"value": "1"}]}"#, vec!["read", "replace"]),
        (r#"{"displayName": "Tour", "members": [{"value": "2"}]}"#, vec!["read", "patch"]),
        (r#"{"displayName": "Crew", "members": []}"#, vec!["read", "replace", "patch"]),
        // Of this, neither is known to change it: the backend is to say.
        (r#"{"displayName": "Tour", "members": [{"value": "1"}], "externalId": "x"}"#, vec!["read", "replace"]),
    ] {
        let mut server = Server::with(Resource::Group, TOUR);
        assert_eq!(written(&mut server, &of_groups(), Operation::Replace, wanted), Ok(200), "{wanted}");
        assert_eq!(server.verbs(), verbs, "{wanted}");
    }
}

#[test]
fn who_is_switched_off_is_so_first() {
    let ada = r#"{"id": "7", "userName": "ada", "title": "T", "active": true}"#;
    let off = r#"{"userName": "ada", "title": "U", "active": false}"#;
    for (by_patch, by_put, verbs) in [
        (paths(&["active"]), paths(&["title"]), vec!["read", "patch", "replace"]),
        (paths(&["title"]), paths(&["active"]), vec!["read", "replace", "patch"]),
    ] {
        let mut server = Server::with(Resource::User, ada);
        let takes = Split { by_patch, by_put, ..Split::default() };
        assert_eq!(written(&mut server, &takes, Operation::Replace, off), Ok(200));
        assert_eq!(server.verbs(), verbs);
    }
}

#[test]
fn who_is_taken_away_since_they_were_switched_off_is_shown_so() {
    let mut server = Server::with(Resource::User, r#"{"id": "7", "userName": "ada", "active": true}"#);
    let takes = Split { by_patch: paths(&["active"]), by_put: paths(&["title"]), ..Split::default() };
    (server.shows, server.fails) = (false, vec![(2, 404)]);
    let off = r#"{"userName": "ada", "active": false}"#;
    assert_eq!(written(&mut server, &takes, Operation::Replace, off), Ok(200));
    assert_eq!(server.verbs(), ["read", "patch", "read"]);
    // Anybody else who is gone is gone.
    let mut server = Server::with(Resource::User, r#"{"id": "7", "userName": "ada", "active": false}"#);
    (server.shows, server.fails) = (false, vec![(2, 404)]);
    let on = r#"{"userName": "ada", "active": true}"#;
    assert_eq!(written(&mut server, &takes, Operation::Replace, on), Ok(404));
}

#[test]
fn what_fails_says_so_and_a_repeat_makes_the_rest() {
    let wanted = r#"{"displayName": "Crew", "members": [{"value": "2"}]}"#;
    for (at, verbs) in [(1, vec!["read", "replace"]), (2, vec!["read", "replace", "patch"])] {
        let mut server = Server::with(Resource::Group, TOUR);
        server.fails = vec![(at, 503)];
        assert_eq!(written(&mut server, &of_groups(), Operation::Replace, wanted), Ok(503));
        assert_eq!(server.verbs(), verbs);
        server.fails.clear();
        assert_eq!(written(&mut server, &of_groups(), Operation::Replace, wanted), Ok(200));
        let held = &server.resource;
        assert_eq!(held.get("displayName"), Some(&Value::string("Crew")));
        assert_eq!(held.get("members").unwrap().to_string(), r#"[{"value":"2"}]"#);
    }
}

#[test]
fn who_is_overtaken_reads_again() {
    let mut server = Server::with(Resource::Group, TOUR);
    server.overtaken = vec![1];
    assert_eq!(patched(&mut server, NAME), Ok(200));
    assert_eq!(server.verbs(), ["read", "replace", "read", "replace"]);
}

const ENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn of_users() -> Split {
    let department = format!("{ENT}:department");
    Split {
        by_patch: paths(&["active", "name.familyName"]),
        by_put: paths(&["userName", "name", &department]),
        ..Split::default()
    }
}

/// The verbs that such a PATCH of a user takes.
fn user_patched(ops: &str) -> Vec<&'static str> {
    let held = format!(
        r#"{{"id": "7", "userName": "ada", "active": true, "name": {{"givenName": "Ada"}}, "{ENT}": {{"department": "A"}}}}"#
    );
    let mut server = Server::with(Resource::User, Box::leak(held.into_boxed_str()));
    let body = format!("{{\"Operations\": [{ops}]}}");
    assert_eq!(written(&mut server, &of_users(), Operation::Patch, &body), Ok(200), "{ops}");
    server.verbs()
}

#[test]
fn an_extension_goes_by_the_verb_that_changes_what_is_in_it() {
    let part = format!(r#"{{"{ENT}": {{"department": "B"}}}}"#);
    for said in [
        format!(r#"{{"op": "replace", "value": {part}}}"#),
        format!(r#"{{"op": "replace", "path": "{ENT}", "value": {{"department": "B"}}}}"#),
        format!(r#"{{"op": "remove", "path": "{ENT}"}}"#),
    ] {
        assert_eq!(user_patched(&said), ["read", "replace"], "{said}");
    }
    // Who goes, goes first, however `active` is called.
    for active in ["active", "urn:ietf:params:scim:schemas:core:2.0:User:active"] {
        let off = format!(r#"{{"op": "replace", "path": "{active}", "value": false}}"#);
        let both = format!(r#"{{"op": "replace", "value": {part}}}, {off}"#);
        assert_eq!(user_patched(&both), ["read", "patch", "replace"], "{active}");
    }
}

#[test]
fn an_attribute_of_which_one_verb_changes_a_part_goes_by_the_other() {
    assert_eq!(user_patched(r#"{"op": "replace", "path": "name", "value": {"givenName": "A"}}"#), ["read", "replace"]);
    assert_eq!(user_patched(r#"{"op": "replace", "path": "name.familyName", "value": "King"}"#), ["patch"]);
}
