//! The five-minute guide, followed literally: its files are written, its commands run, and they print what it shows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap here is a failed test"
)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// A fenced block of the guide: its language and its text.
fn blocks(guide: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = guide;
    while let Some((_, opened)) = rest.split_once("\n```") {
        let (language, body) = opened.split_once('\n').unwrap();
        let (text, after) = body.split_once("\n```\n").unwrap();
        found.push((language.to_owned(), text.to_owned()));
        rest = after;
    }
    found
}

/// A text without the width of its columns, which follows the longest rule's name.
fn even(text: &str) -> String {
    let lines = text.lines().map(|line| line.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_guide_does_what_it_says() {
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/FIRST-RULE.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (mut printed, mut ran, mut compared) = (String::new(), 0, 0);
    for (language, text) in blocks(&guide) {
        match language.as_str() {
            "sh" => {
                let words = text.strip_prefix("scimgate ").unwrap().split_ascii_whitespace();
                let mut command = Command::new(env!("CARGO_BIN_EXE_scimgate"));
                let output = command.args(words).current_dir(folder.path()).output().unwrap();
                assert!(output.status.success(), "{text}: {}", String::from_utf8_lossy(&output.stderr));
                printed = String::from_utf8(output.stdout).unwrap();
                ran += 1;
            }
            "text" => {
                assert!(even(&printed).contains(&even(&text)), "expected:\n{text}\nprinted:\n{printed}");
                compared += 1;
            }
            "yaml" | "http" => {
                let (name, body) = text.split_once('\n').unwrap();
                let name = name.strip_prefix("# ").unwrap();
                let (name, append) = name.strip_suffix(" +").map_or((name, false), |name| (name, true));
                let path = folder.path().join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                let before = if append { fs::read_to_string(&path).unwrap() + "\n" } else { String::new() };
                fs::write(&path, format!("{before}{body}\n")).unwrap();
            }
            other => panic!("a block in `{other}`"),
        }
    }
    assert_eq!((ran, compared), (3, 3));
}
