//! What an action can't take, and how it says so.

use super::*;

#[test]
fn a_value_outside_an_actions_domain_is_told_what_it_must_be() {
    let rows = [
        ("affix: { at: title, prefix: \"a:\" }", "a text, which the backend begins with `a:`"),
        ("affix: { at: title, suffix: \":z\" }", "a text, which the backend ends with `:z`"),
        (
            "affix: { at: title, prefix: \"a:\", suffix: \":z\" }",
            "a text, which the backend puts between `a:` and `:z`",
        ),
        ("convert: { at: title, to: boolean-as-string }", "true or false"),
        ("convert: { at: title, to: boolean-as-int }", "true or false"),
        ("convert: { at: title, to: number-as-string }", "a whole number in its plain spelling"),
        ("convert: { at: title, to: date-as-epoch }", "a date and time with its zone, in whole seconds"),
        ("map: { at: title, values: { a: b, c: d } }", "one of \"a\", \"c\""),
        ("invert: { at: title }", "true or false"),
    ];
    for (entry, domain) in rows {
        let mut request = request(OperationKind::Create, Body::Resource(value(r#"{"title":1.5}"#)));
        let error = action(entry).request(&mut request).unwrap_err().detail;
        assert_eq!(error, format!("`title` must be {domain}"), "{entry}");
    }
}

#[test]
fn a_filter_outside_an_actions_domain_is_told_what_it_may_ask() {
    let text = "with a text, which the backend begins with `a:`";
    let rows = [
        ("affix: { at: title, prefix: \"a:\" }", "title co \"a\"", format!("eq, ne, sw, gt, ge, lt and le, and by co and ew where the affix can't matter, {text}")),
        ("affix: { at: title, suffix: \":z\" }", "title gt \"a\"", "eq and ne, and by co, sw and ew where the affix can't matter, with a text, which the backend ends with `:z`".to_owned()),
        ("convert: { at: title, to: date-as-epoch }", "title sw \"2011\"", "eq, ne, gt, ge, lt and le with a date and time with its zone, in whole seconds".to_owned()),
        ("convert: { at: title, to: json-as-string }", "title eq \"a\"", "pr alone, not with a value in which something is present".to_owned()),
        ("convert: { at: title, to: boolean-as-string }", "title gt true", "eq and ne with true or false".to_owned()),
        ("map: { at: x, values: { a: b }, else: pass }", "x gt \"a\"", "eq and ne with a value that is not taken for another one on the other side".to_owned()),
    ];
    for (entry, filter, how) in rows {
        let place = if filter.starts_with('x') { "x" } else { "title" };
        let error = asked(entry, filter).unwrap_err().detail;
        assert_eq!(error, format!("`{place}` can be compared by {how}"), "{entry}");
    }
    assert_eq!(
        asked("convert: { at: title, to: json-as-string }", "title pr").unwrap(),
        "(title pr and title ne \"[]\" and title ne \"{}\")"
    );
}

#[test]
fn an_empty_text_is_compared_as_it_is() {
    for op in ["eq", "sw", "gt"] {
        let filter = format!("title {op} \"\"");
        assert_eq!(asked("affix: { at: title, prefix: \"a:\" }", &filter).unwrap(), filter);
    }
}

#[test]
fn only_json_as_string_takes_whole_values() {
    assert_eq!(codes("convert: { at: \"emails[type eq \\\"work\\\"].value\", to: json-as-string }"), ["R0406"]);
    assert_eq!(codes("convert: { at: \"ENT\", to: boolean-as-string }"), ["R0406"]);
    assert_eq!(codes("invert: { at: \"ENT\" }"), ["R0406"]);
    assert_eq!(sent("convert: { at: x, to: json-as-string }", r#"{"x":{"a":[1]}}"#), r#"{"x":"{\"a\":[1]}"}"#);
}
