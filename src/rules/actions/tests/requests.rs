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
    assert_eq!(spell.spell_path("/Users/7".to_owned()), "/people/7");
    assert_eq!(spell.alias_of("/people".to_owned()), "/Users");
    assert_eq!(spell.alias_of("/Groups".to_owned()), "/Groups", "it has no name of its own");
    let drop = action("drop: { at: title }");
    let same = "/Users/7".to_owned();
    assert_eq!([drop.read_path(same.clone()), drop.spell_path(same.clone()), drop.alias_of(same)], ["/Users/7"; 3]);
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
fn a_number_is_held_within_its_bounds_where_there_is_a_list() {
    let counted = |operation, count: &str| {
        let mut request = request(operation, Body::None);
        request.envelope.query.set_named("count", Some(count.to_owned()));
        let verdict = action("query: { count: { min: 10, max: 20 }, y: { set: a } }").request(&mut request).unwrap();
        assert!(verdict.is_applied());
        request.envelope.query.named("count").map(str::to_owned).unwrap()
    };
    for (count, expected) in [("5", "10"), ("15", "15"), ("25", "20"), ("015", "015"), ("many", "many")] {
        assert_eq!(counted(OperationKind::List, count), expected);
        assert_eq!(counted(OperationKind::Read, count), count, "not of a list");
    }
    let codes = |payload: &str| codes(&format!("query: {{ {payload} }}"));
    assert_eq!(codes("x: {}"), ["R0429"]);
    assert_eq!(codes("x: { max: 3 }"), ["R0429"]);
    assert_eq!(codes("count: { max: 3 }"), [""; 0]);
    assert_eq!(codes(&format!("{}: {{ set: a }}", "x".repeat(64))), [""; 0]);
    assert_eq!(codes(&format!("{}: {{ set: a }}", "x".repeat(65))), ["R0105"]);
    assert_eq!(codes("\"\": { set: a }"), ["R0105"]);
    assert_eq!(codes("\"a b\": { set: a }"), ["R0105"]);
}

#[test]
fn what_a_query_says_of_attributes_is_written_where_it_stands() {
    let search = || Body::Search(value(r#"{"count":5}"#));
    for (entry, count) in
        [("{ default: 7 }", "5"), ("{ set: 7 }", "7"), ("{ max: 3 }", "3"), ("{ drop: true }", "null")]
    {
        let mut request = request(OperationKind::Search, search());
        action(&format!("query: {{ count: {entry} }}")).request(&mut request).unwrap();
        let body = request.body.value().and_then(Value::as_object).unwrap();
        assert_eq!(body.get("count").map_or_else(|| "null".to_owned(), Value::to_string), count, "{entry}");
    }
    let mut asked = request(OperationKind::Search, search());
    let entry = action("query: { attributes: { default: title }, x: { drop: true } }");
    assert!(entry.request(&mut asked).unwrap().is_applied(), "the first of two counts");
    assert_eq!(asked.selection.attributes, [AttrPath::parse("title").unwrap()]);
    assert!(!entry.request(&mut asked).unwrap().is_applied(), "it is there now");
}

#[test]
fn a_field_is_written_once_and_a_default_gives_way() {
    let mut request = request(OperationKind::Read, Body::None);
    let shown = |request: &Request<'_>| request.envelope.show().trim_end().replace('\n', " ");
    for (entry, expected) in [
        ("{ x-a: { set: \"1\" }, x-b: { default: \"2\" } }", "x-a: 1 x-b: 2"),
        ("{ x-a: { default: \"3\" } }", "x-a: 1 x-b: 2"),
        ("{ x-b: { set: \"4\" } }", "x-a: 1 x-b: 4"),
        ("{ x-a: { drop: true } }", "x-a: dropped x-b: 4"),
        ("{ x-a: { default: \"5\" } }", "x-a: 5 x-b: 4"),
    ] {
        assert!(action(&format!("header: {entry}")).request(&mut request).unwrap().is_applied());
        assert_eq!(shown(&request), expected);
    }
    for (name, fault) in [
        ("x-a", None),
        ("X_A", None),
        ("\"\"", Some("R0424")),
        ("a b", Some("R0424")),
        ("Authorization", Some("R0424")),
        ("x_original_url", Some("R0424")),
    ] {
        assert_eq!(codes(&format!("header: {{ {name}: {{ set: a }} }}")).first().copied(), fault, "{name}");
    }
    for (text, sound) in [("a b", true), ("", false), (" a", false), ("a ", false), ("é", false)] {
        assert_eq!(codes(&format!("header: {{ x: {{ set: \"{text}\" }} }}")).is_empty(), sound, "{text}");
    }
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

/// A plan without rules of messages doesn't look at such requests.
#[test]
fn what_speaks_of_resources_leaves_a_request_that_says_nothing_of_them() {
    for about in LIST {
        let action = action(about.example);
        for operation in [OperationKind::Read, OperationKind::List, OperationKind::Delete] {
            let mut asked = request(operation, Body::None);
            let before = asked.show();
            let verdict = if action.is_of_messages() { continue } else { action.request(&mut asked) };
            assert!(!verdict.unwrap_or_else(|error| panic!("{}: {error}", about.word)).is_applied(), "{}", about.word);
            assert_eq!((asked.show(), asked.selection.matches_nothing), (before, false), "{}", about.word);
            assert!(!action.guard(&mut asked).unwrap(), "{}", about.word);
        }
    }
}
