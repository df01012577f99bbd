//! Every shipped pack loads without a fault, keeps what its cases promise, and leaves no doubt.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap here is a failed test"
)]

use std::fs;
use std::path::Path;

use scimgate::fault::Faults;
use scimgate::gateway::cases;
use scimgate::{rules, yaml};

#[tokio::test]
async fn every_shipped_pack_keeps_its_promises() {
    let (mut packs, mut ran, mut faults) = (0, 0, Faults::default());
    for folder in ["clients", "backends"] {
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            let name = path.display().to_string();
            let node = yaml::parse(&name, &text, &mut faults);
            let Some(pack) = node.and_then(|node| rules::load::pack(&node, &mut faults)) else { continue };
            assert_eq!(path.file_stem().unwrap().to_str(), Some(pack.name.as_str()), "{name}");
            let fired = cases::run(&pack, &mut faults).await;
            rules::proofs::doubts(&pack, &fired, &mut faults);
            (packs, ran) = (packs + 1, ran + pack.cases.len());
        }
    }
    assert!(faults.is_empty(), "{}", faults.render(false));
    assert!(packs >= 5 && ran >= 20, "{packs} packs, {ran} cases");
}
