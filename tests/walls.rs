//! The walls of the house: which room may import which, read from the source itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap here is a failed test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Which rooms a room may import; the table of `src/lib.rs`.
const WALLS: &[(&str, &[&str])] = &[
    ("json", &[]),
    ("fault", &[]),
    ("metrics", &[]),
    ("log", &[]),
    ("file", &[]),
    ("yaml", &["json", "fault"]),
    ("scim", &["json"]),
    ("rules", &["scim", "json", "fault", "yaml"]),
    ("access", &["scim", "json", "fault", "file"]),
    ("bridge", &["scim", "json"]),
    ("config", &["scim", "rules", "access", "bridge", "fault", "yaml", "file"]),
    ("gateway", &["config", "scim", "json", "rules", "access", "bridge", "fault", "metrics", "log"]),
    ("server", &["gateway", "config", "metrics", "log", "file"]),
    ("demo", &["scim", "json", "server"]),
    ("probe", &["scim", "json"]),
    (
        "cli",
        &[
            "json", "fault", "metrics", "log", "yaml", "scim", "rules", "access", "bridge", "config", "gateway",
            "server", "demo", "probe", "file",
        ],
    ),
];

/// Words that may stand in some places only.
const HOMES: &[(&str, &[&str])] = &[
    ("hyper::", &["gateway", "server", "cli"]),
    ("hyper_util::", &["gateway", "server", "cli"]),
    ("tokio::", &["gateway", "server", "cli"]),
    ("tower::", &["gateway", "server", "cli"]),
    ("jsonpath_rust::", &["rules/select"]),
    ("governor::", &["access/throttle"]),
    ("prometheus::", &["metrics"]),
    ("std::env", &["cli", "config"]),
];

fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(found.len() > 40, "only {} source files found", found.len());
    found
}

fn room(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

/// The code of a file without comments and without its unit tests, which may use whatever they need.
fn code(source: &str) -> String {
    let source = source.split("#[cfg(test)]\nmod ").next().unwrap();
    let lines = source.lines().map(|line| line.split("//").next().unwrap());
    lines.collect::<Vec<_>>().join("\n")
}

/// The rooms that a file names: `crate::room`, and `super::` chains that climb out of the file's own room.
fn imports(file: &str, code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let group = group.split('}').next().unwrap();
            found.extend(group.split(',').map(|name| first_word(name.trim())));
        } else {
            found.push(first_word(rest));
        }
    }
    let parts = file.trim_end_matches(".rs").split('/').filter(|part| *part != "mod").count();
    let climbs = "super::".repeat(parts);
    found.extend(code.match_indices(&climbs).map(|(at, _)| first_word(&code[at + climbs.len()..])));
    found
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[test]
fn no_room_imports_what_it_may_not() {
    let walls: BTreeMap<_, _> = WALLS.iter().copied().collect();
    let mut broken = Vec::new();
    for (file, source) in sources() {
        let room = room(&file);
        if room == "lib" || room == "main" {
            continue;
        }
        let may = walls.get(room).unwrap_or_else(|| panic!("`{file}` stands in no room of the table"));
        for import in imports(&file, &code(&source)) {
            if walls.contains_key(import.as_str()) && import != room && !may.contains(&import.as_str()) {
                broken.push(format!("src/{file} imports {import}, but {room} may import only {may:?}"));
            }
        }
    }
    assert!(broken.is_empty(), "walls are broken:\n{}", broken.join("\n"));
}

#[test]
fn libraries_stay_in_their_rooms() {
    let mut broken = Vec::new();
    for (file, source) in sources() {
        let code = code(&source);
        for (word, homes) in HOMES {
            let strays = code
                .match_indices(word)
                .any(|(at, _)| !code[..at].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric() || c == '_'));
            if strays && !homes.iter().any(|home| file.starts_with(home)) {
                broken.push(format!("src/{file} names `{word}`, which lives in {homes:?}"));
            }
        }
    }
    assert!(broken.is_empty(), "libraries have strayed:\n{}", broken.join("\n"));
}

#[test]
fn the_table_is_the_one_in_the_docs() {
    let lib = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    for (room, may) in WALLS {
        let row = lib.lines().find(|line| line.starts_with(&format!("//! | [`{room}`]")));
        let row = row.unwrap_or_else(|| panic!("src/lib.rs has no row for {room}"));
        let cell = row.trim_end_matches('|').rsplit('|').next().unwrap().trim();
        match *room {
            "cli" => assert_eq!(cell, "everything"),
            _ if may.is_empty() => assert_eq!(cell, "-", "row of {room}"),
            _ => assert_eq!(cell, may.join(", "), "row of {room}"),
        }
    }
}

#[test]
fn a_broken_wall_is_seen() {
    assert_eq!(imports("json/tree.rs", "use crate::scim::AttrPath;"), ["scim"]);
    assert_eq!(imports("json/tree.rs", "use crate::{scim::Id, rules};"), ["scim", "rules"]);
    assert_eq!(imports("json/tree.rs", "use super::super::scim::Id;"), ["scim"]);
    assert_eq!(imports("json/mod.rs", "use super::scim::Id;"), ["scim"]);
    assert!(imports("json/tree.rs", "use super::parse;").is_empty());
    assert!(code("a // crate::scim\n").trim() == "a");
}
