//! Actions on the status, fields, error and list of an answer.

use super::*;

fn reply(status: u16, text: &str, body: ReplyBody) -> Reply {
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Reply { status, headers: vec![field("etag", "1"), field("location", "/x")], text: text.to_owned(), body }
}

fn error(text: &str) -> ReplyBody {
    ReplyBody::Error(object(text))
}

/// The answer after the action, which tells whether it changed anything.
fn answered(entry: &str, operation: OperationKind, mut reply: Reply) -> (bool, Reply) {
    let verdict = action(entry).answer(&mut reply, facts(operation));
    (verdict.is_applied(), reply)
}

#[test]
fn fields_of_an_answer_are_set_where_they_are_missing_or_go() {
    let headers = |entry| {
        let (changed, reply) = answered(entry, OperationKind::Read, reply(200, "", ReplyBody::Kept));
        let shown: Vec<_> = reply.headers.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (changed, shown.join(" "))
    };
    let rows = [
        ("header: { etag: { set: \"2\" } }", true, "location=/x etag=2"),
        ("header: { etag: { default: \"2\" } }", false, "etag=1 location=/x"),
        ("header: { retry-after: { default: \"9\" } }", true, "etag=1 location=/x retry-after=9"),
        ("header: { etag: { drop: true } }", true, "location=/x"),
        ("header: { retry-after: { drop: true } }", false, "etag=1 location=/x"),
        ("set: { at: title, value: x }", false, "etag=1 location=/x"),
    ];
    for (entry, changed, shown) in rows {
        assert_eq!(headers(entry), (changed, shown.to_owned()), "{entry}");
    }
}

#[test]
fn a_status_brings_a_body_that_fits_it() {
    let rows = [
        ("404: { become: 200, operations: list, body: empty-list }", 404, Some((200, ReplyBody::EmptyList))),
        ("404: { become: 204, operations: delete }", 404, None),
        (
            "400: { become: 409, matches: taken }",
            400,
            Some((409, error(r#"{"status":"409","detail":"name is taken"}"#))),
        ),
        ("400: { become: 409, matches: absent }", 400, None),
        ("409: { become: 400 }", 400, None),
    ];
    for (entry, status, expected) in rows {
        let before = reply(status, "name is taken", error(r#"{"status":"400","detail":"name is taken"}"#));
        let after = answered(&format!("status: {{ {entry} }}"), OperationKind::List, before.clone());
        let changed = expected.is_some();
        let (status, body) = expected.unwrap_or((before.status, before.body.clone()));
        assert_eq!(after, (changed, Reply { status, body, ..before }), "{entry}");
    }
    let gone = reply(404, "", error("{}"));
    let (_, after) = answered("status: { 404: { become: 204, operations: delete } }", OperationKind::Delete, gone);
    assert_eq!((after.status, after.body), (204, ReplyBody::Nothing));
    let made = reply(200, "", ReplyBody::Kept);
    let (_, after) = answered("status: { 200: { become: 201 } }", OperationKind::Create, made.clone());
    assert_eq!((after.status, after.body), (201, ReplyBody::Kept));
    let (_, after) = answered("status: { 200: { become: 404 } }", OperationKind::Read, made);
    let ReplyBody::Error(error) = after.body else { panic!("no error") };
    assert_eq!(error.get("status"), Some(&Value::string("404")));
    assert_eq!(error.get("detail"), Some(&Value::string("the backend refused the request")));
}

#[test]
fn an_error_says_what_the_rule_says_where_its_text_matches() {
    let said = |entry: &str, text: &str| {
        let before = reply(409, text, error(r#"{"status":"409","detail":"SQL 23505"}"#));
        let (changed, after) = answered(entry, OperationKind::Create, before);
        let ReplyBody::Error(error) = after.body else { panic!("no error") };
        (changed, Value::Object(error).to_string())
    };
    let entry = "error: { matches: duplicate, scim-type: uniqueness, scrub: true }";
    let mended = r#"{"status":"409","detail":"the backend refused the request","scimType":"uniqueness"}"#;
    assert_eq!(said(entry, "duplicate key"), (true, mended.to_owned()));
    let as_it_was = (false, r#"{"status":"409","detail":"SQL 23505"}"#.to_owned());
    assert_eq!(said(entry, "no such table"), as_it_was);
    assert_eq!(said("error: { detail: SQL 23505 }", "duplicate key"), as_it_was);
    assert_eq!(said("set: { at: title, value: x }", "duplicate key"), as_it_was);
    let kept = reply(200, "", ReplyBody::Kept);
    assert_eq!(answered("error: { detail: x }", OperationKind::Read, kept.clone()), (false, kept));
}

#[test]
fn only_a_list_rule_acts_on_a_list() {
    let mut whole = object(r#"{"totalResults":"1"}"#);
    assert!(!action("set: { at: title, value: x }").list(&mut whole).is_applied());
    assert!(action("list: { integers: true }").list(&mut whole).is_applied());
    assert_eq!(Value::Object(whole).to_string(), r#"{"totalResults":1}"#);
    let mut whole = object(r#"{"Resources":[{"userName":"a"},{"userName":"b"}]}"#);
    let sort_out = action("list: { drop-items: 'userName eq \"a\"' }");
    assert!(sort_out.list(&mut whole).is_applied() && !sort_out.list(&mut whole).is_applied());
    assert_eq!(Value::Object(whole).to_string(), r#"{"Resources":[{"userName":"b"}]}"#);
}
