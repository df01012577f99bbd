//! Requests as Okta sends them, through `okta.yaml` to a standard backend: `NAME.http` goes in, and the backend receives
//! `NAME.backend.json` to the byte. Key order, number text and everything that no rule names are as they were sent.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap here is a failed test"
)]

use std::fs;
use std::path::Path;

use bytes::Bytes;
use scimgate::config::shipped;
use scimgate::fault::Faults;
use scimgate::gateway::rehearse::{self, Answered, Asked, Stage};
use scimgate::rules::Pack;

#[tokio::test]
async fn the_backend_receives_what_stands_beside_each_request() {
    let okta = shipped::pack("clients", "okta", &mut Faults::default()).unwrap();
    let standard = Pack::standard();
    let mut played = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "http") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let (head, body) = text.split_once("\n\n").unwrap();
        let mut words = head.split(' ');
        let (method, target) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
        let body = Bytes::copy_from_slice(body.trim_end().as_bytes());
        let stage = Stage::between(vec![&okta], &standard);
        let asked = Asked { method, target: target.clone(), headers: Vec::new(), body: body.clone() };
        let answer = Answered { status: 200, headers: Vec::new(), body: vec![body] };
        let heard = rehearse::play(&stage, &asked, vec![answer]).await.unwrap().received;
        let expected = fs::read_to_string(path.with_extension("backend.json")).unwrap();
        assert_eq!(heard.len(), 1, "{}", path.display());
        assert_eq!(heard[0].target, target, "{}", path.display());
        assert_eq!(String::from_utf8_lossy(&heard[0].body), expected.trim_end(), "{}", path.display());
        played += 1;
    }
    assert!(played >= 10, "only {played} requests played");
}
