//! What the stream makes of any bytes, the tree makes of them too, or the stream leaves them to it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use scimgate::fault::Faults;
use scimgate::json::{Rewrite, Text, parse};
use scimgate::rules::head::Scene;
use scimgate::rules::stream::{Fired, Stream};
use scimgate::rules::{Difference, Facts, Modes, Observer, Plan, Rule, Verdict, load};
use scimgate::scim::{OperationKind, Resource};
use scimgate::yaml;

const PACK: &str = r#"
version: 1
pack: drawn
side: backend
about: what one member alone decides
rules:
  - { id: names, why: fuzz, do: [ { rename: { names: { a: b, c.d: c.e, "urn:x:y:1.0:a": "urn:x:y:1.0:b" } } } ] }
  - { id: words, why: fuzz, do: [ { map: { at: e.t, values: { a: b, b: a }, else: pass } } ] }
  - { id: truth, why: fuzz, do: [ { invert: { at: f } } ] }
  - { id: gone, why: fuzz, to: client, do: [ { drop: { at: [g, c.g, e.g] } } ] }
  - { id: hollow, why: fuzz, to: client, do: [ { empty: { of: ["", null, [], {}], at: [h, e.h, c.h] } } ] }
"#;

static PLAN: LazyLock<(Plan, Stream)> = LazyLock::new(|| {
    let mut faults = Faults::default();
    let node = yaml::parse("fuzz.yaml", PACK, &mut faults).expect("YAML");
    let pack = load::pack(&node, &mut faults).unwrap_or_else(|| panic!("{}", faults.render(false)));
    let plan = Plan::new(&[&pack], &Modes::default(), 0, Some(&Resource::User), OperationKind::Read);
    let stream = Stream::of_answers([&plan]).expect("each rule is decided by one member");
    (plan, stream)
});

struct Nobody;

impl Observer for Nobody {
    fn met(&mut self, _number: usize, _rule: &Rule, _verdict: Verdict, _shown: &dyn Fn() -> String) {}

    fn shadowed(&mut self, _number: usize, _rule: &Rule, _differences: &[Difference]) {}
}

impl Rewrite for Nobody {
    fn wants<'k>(&self, _key: &[u8], _parent_key: impl Fn() -> Option<&'k [u8]>) -> bool {
        false
    }

    fn string(&mut self, _key: &[u8], _parent_key: Option<&[u8]>, _value: &Text<'_>) -> Option<Text<'static>> {
        None
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (plan, stream) = &*PLAN;
    let mut streamed = Vec::new();
    let Ok(changed) = stream.translate(bytes, &mut Nobody, &mut Fired::default(), &mut streamed) else { return };
    let mut value = parse(bytes).expect("what is streamed is JSON");
    let facts =
        Facts { id: None, resource: Some(&Resource::User), operation: OperationKind::Read, scene: Scene::default() };
    let resource = value.as_object_mut().expect("what is streamed is an object");
    assert_eq!(plan.response(resource, facts, &mut Nobody).expect("what is streamed is not refused"), changed);
    let again = parse(&streamed).expect("what comes out is JSON");
    assert_eq!(again.into_owned().to_string(), value.into_owned().to_string());
    assert!(changed || streamed == bytes);
});
