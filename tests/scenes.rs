//! Scenes: cases that go through the whole service, client pack and backend pack together, with a scripted backend and no
//! sockets. A file in `tests/scenes` is a scene; it names its packs, or writes one out, and holds cases as
//! packs do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap here is a failed test"
)]

use std::fs;
use std::path::Path;

use scimgate::config::shipped;
use scimgate::fault::Faults;
use scimgate::gateway::cases;
use scimgate::rules::{Case, Pack, load};
use scimgate::yaml::{self, Kind, Node};

/// The pack that a scene names or writes out.
fn pack(kind: &str, node: &Node, faults: &mut Faults) -> Pack {
    let pack = match &node.kind {
        Kind::String(name) => shipped::pack(kind, name, faults),
        _ => load::pack(node, faults),
    };
    pack.unwrap_or_else(|| panic!("{kind}: {}", faults.render(false)))
}

#[tokio::test]
async fn every_scene_plays_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenes");
    let mut played = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let mut faults = Faults::default();
        let node = yaml::parse(&path.display().to_string(), &text, &mut faults).expect("a scene is YAML");
        let mut fields = node.fields("a scene", &mut faults).unwrap();
        let client = fields.require("client", &mut faults).unwrap();
        let backend = fields.require("backend", &mut faults).unwrap();
        let nodes = fields.require("cases", &mut faults).and_then(|node| node.list("cases", &mut faults)).unwrap();
        fields.finish(&mut faults);
        let (client, backend) = (pack("clients", client, &mut faults), pack("backends", backend, &mut faults));
        let scene: Vec<Case> = nodes.iter().filter_map(|node| Case::read(node, &mut faults)).collect();
        cases::between(&[&client], &backend, &scene, &mut faults).await;
        assert!(faults.is_empty(), "{}", faults.render(false));
        played += scene.len();
    }
    assert!(played >= 20, "only {played} cases played");
}
