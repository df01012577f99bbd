//! Actions on what surrounds a request's body.

use super::*;

#[test]
fn a_path_is_spelled_as_the_backend_does() {
    let spell = action("path: { alias: { /Users: /people } }");
    let spelled = |path: Option<&str>| {
        let mut request = request(OperationKind::Read, Body::None);
        request.envelope.path = path.map(str::to_owned);
        let verdict = spell.request(&mut request).unwrap();
        (verdict.is_applied(), request.envelope.path)
    };
    assert_eq!(spelled(Some("/Users/7")), (true, Some("/people/7".to_owned())));
    assert_eq!(spelled(Some("/Groups/7")), (false, Some("/Groups/7".to_owned())));
    assert_eq!(spelled(None), (false, None));
    assert_eq!(spell.read_path("/Users/7".to_owned()), "/people/7");
    assert_eq!(action("drop: { at: title }").read_path("/Users/7".to_owned()), "/Users/7");
}

#[test]
fn a_parameter_is_a_text_a_number_or_a_truth() {
    let query = |entry: &str| {
        let mut request = request(OperationKind::List, Body::None);
        action(&format!("query: {{ {entry} }}")).request(&mut request).unwrap();
        request.envelope.query.named("x").map(str::to_owned)
    };
    assert_eq!(query("x: { set: true }").as_deref(), Some("true"));
    assert_eq!(query("x: { default: 1 }").as_deref(), Some("1"));
    assert_eq!(query("x: { set: a b }").as_deref(), Some("a b"));
    assert_eq!(query("x: { drop: true }"), None);
    assert_eq!(codes("query: { x: { set: a, drop: true } }"), ["R0429"]);
}

#[test]
fn a_search_gets_its_numbers_as_numbers_and_its_cursor_as_a_text() {
    let searched = |entry: &str| {
        let mut request = request(OperationKind::Search, Body::Search(value("{}")));
        action(&format!("query: {{ {entry} }}")).request(&mut request).unwrap();
        request.body.value().unwrap().to_string()
    };
    assert_eq!(searched("count: { set: 5 }"), r#"{"count":5}"#);
    assert_eq!(searched("cursor: { set: 5 }"), r#"{"cursor":"5"}"#);
}
