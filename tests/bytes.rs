//! Bytes that no rule touches come out as they came in: key order, number spelling, escapes, white space.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap here is a failed test"
)]

use std::fs;
use std::path::Path;

use bytes::Bytes;
use scimgate::fault::Faults;
use scimgate::gateway::rehearse::{self, Answered, Asked, Stage};
use scimgate::rules::{self, Pack};
use scimgate::yaml;

const RENAMES: &str = r#"
version: 1
pack: renames
side: backend
about: two names changed
rules:
  - id: names
    why: for the test
    when: { resource: User }
    do: [ { rename: { names: { userName: login } } } ]
"#;

fn bodies() -> Vec<(String, Bytes)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bytes");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let found: Vec<_> = entries.map(|path| (path.display().to_string(), fs::read(path).unwrap().into())).collect();
    assert!(found.len() >= 3);
    found
}

async fn play(inner: &Pack, method: &str, body: Bytes, answer: Vec<Bytes>) -> rehearse::Played {
    let stage = Stage::between(Vec::new(), inner);
    let target = "/Users/2819".to_owned();
    let asked = Asked { method: method.to_owned(), target, headers: Vec::new(), body };
    let answered = Answered { status: 200, headers: Vec::new(), body: answer };
    rehearse::play(&stage, &asked, vec![answered]).await.unwrap()
}

/// A body cut into pieces of `size` bytes.
fn cut(body: &Bytes, size: usize) -> Vec<Bytes> {
    body.chunks(size).map(Bytes::copy_from_slice).collect()
}

#[tokio::test]
async fn a_body_that_no_rule_touches_is_the_same_to_the_byte() {
    let standard = Pack::standard();
    for (file, body) in bodies() {
        for size in [1, 7, body.len()] {
            let played = play(&standard, "PUT", body.clone(), cut(&body, size)).await;
            assert_eq!(played.received[0].body, body, "request of {file}");
            assert_eq!(played.body, body, "answer of {file} in pieces of {size}");
        }
    }
}

#[tokio::test]
async fn a_rename_leaves_every_other_token_as_it_was() {
    let mut faults = Faults::default();
    let node = yaml::parse("renames.yaml", RENAMES, &mut faults).unwrap();
    let pack = rules::load::pack(&node, &mut faults).unwrap_or_else(|| panic!("{}", faults.render(false)));
    for (file, body) in bodies() {
        let played = play(&pack, "PUT", body.clone(), cut(&body, 5)).await;
        let mut expected = String::from_utf8(body.to_vec()).unwrap();
        if expected.contains("\"userName\"") {
            expected = expected.replace("\"userName\"", "\"login\"");
        }
        assert_eq!(squeeze(&played.received[0].body), squeeze(expected.as_bytes()), "{file}");
    }
}

#[tokio::test]
async fn there_and_back_is_the_same() {
    let mut faults = Faults::default();
    let node = yaml::parse("renames.yaml", RENAMES, &mut faults).unwrap();
    let pack = rules::load::pack(&node, &mut faults).unwrap_or_else(|| panic!("{}", faults.render(false)));
    for (file, body) in bodies() {
        let there = play(&pack, "PUT", body.clone(), vec![Bytes::from_static(b"{}")]).await.received[0].body.clone();
        let back = play(&pack, "GET", Bytes::new(), cut(&there, 3)).await.body;
        assert_eq!(squeeze(&back), squeeze(&body), "{file}");
    }
}

/// A document without the white space between its tokens, which an object that was changed loses.
fn squeeze(bytes: &[u8]) -> String {
    let (mut out, mut quoted, mut escaped) = (String::new(), false, false);
    for c in String::from_utf8(bytes.to_vec()).unwrap().chars() {
        if quoted || !c.is_ascii_whitespace() {
            out.push(c);
        }
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
    }
    out
}
