//! Any request with any body, and any answer, through Okta's pack and the demo's: an answer comes back, and never a 500.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use scimgate::config::shipped;
use scimgate::fault::Faults;
use scimgate::gateway::rehearse::{Answered, Asked, Stage, play};
use scimgate::rules::Pack;

static PACKS: LazyLock<(Pack, Pack)> = LazyLock::new(|| {
    let pack = |kind, name| shipped::pack(kind, name, &mut Faults::default()).expect("a shipped pack");
    (pack("clients", "okta"), pack("backends", "demo"))
});

const CALLS: &[(&str, &str)] = &[
    ("POST", "/Users"),
    ("PUT", "/Users/7"),
    ("PATCH", "/Users/7"),
    ("PATCH", "/Groups/7"),
    ("PUT", "/Groups/7"),
    ("GET", "/Users/7"),
    ("GET", "/Users"),
    ("POST", "/Users/.search"),
];

fuzz_target!(|input: (u8, u8, &[u8], &[u8])| {
    let (call, size, body, answer) = input;
    let (method, target) = CALLS[usize::from(call) % CALLS.len()];
    let pieces = answer.chunks(usize::from(size).max(1)).map(|piece| piece.to_vec().into()).collect();
    let (client, backend) = &*PACKS;
    let stage = Stage::between(vec![client], backend);
    let asked = Asked {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: Vec::new(),
        body: body.to_vec().into(),
    };
    let answered = Answered { status: 200, headers: Vec::new(), body: pieces };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    match runtime.block_on(play(&stage, &asked, vec![answered])) {
        Ok(played) => assert_ne!(played.status, 500),
        Err(broken) => assert!(broken.contains("broke off"), "{broken}"),
    }
});
