//! A filter that is read comes out as its own text, and reading that again gives the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scimgate::json::parse;
use scimgate::scim::Filter;
use scimgate::scim::filter::matches;

fuzz_target!(|text: &str| {
    let Ok(filter) = Filter::parse(text) else { return };
    let again = filter.splice(Vec::new()).expect("no edits leave a filter");
    assert_eq!(again.text(), filter.text());
    let resource = parse(br#"{"userName":"ada","emails":[{"value":"a@b","type":"work","primary":true}],"n":1.0}"#);
    let resource = resource.expect("JSON");
    let object = resource.as_object().expect("an object");
    assert_eq!(matches(filter.root(), object), matches(again.root(), object));
});
