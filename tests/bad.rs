//! Every fault that `check` knows: each file of `tests/bad` is checked as an operator would, and what is printed is
//! compared to the letter. `BLESS=1 cargo test --test bad` writes what is printed beside the files; read it before it is
//! committed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap here is a failed test"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use scimgate::fault::codes;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad")
}

/// The bad files of a folder, in order.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.to_str().unwrap().ends_with(".bad.yaml")).collect();
    files.sort();
    files
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap().strip_suffix(".bad.yaml").unwrap()
}

/// What `check` prints of a file that is called `called`, in a folder of its own.
fn told(path: &Path, called: &str) -> String {
    let home = tempfile::tempdir().unwrap();
    fs::copy(path, home.path().join(called)).unwrap();
    if called == "gateway.yaml" {
        fs::write(home.path().join("secret"), "").unwrap();
        for packs in ["backends", "connections"] {
            fs::create_dir(home.path().join(packs)).unwrap();
            for entry in fs::read_dir(folder().join("gateway").join(packs)).unwrap() {
                let entry = entry.unwrap();
                fs::copy(entry.path(), home.path().join(packs).join(entry.file_name())).unwrap();
            }
        }
    }
    let ran = Command::new(env!("CARGO_BIN_EXE_scimgate")).args(["check", called]).current_dir(&home).output().unwrap();
    let told = String::from_utf8(ran.stdout).unwrap() + &String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.success(), !told.contains("error["), "{told}");
    told
}

#[test]
fn every_bad_file_is_told_as_expected_with_place_caret_and_help() {
    let bless = std::env::var_os("BLESS").is_some();
    let packs = files(&folder()).into_iter().map(|path| (format!("{}.yaml", name(&path)), path));
    let deployments = files(&folder().join("gateway")).into_iter().map(|path| ("gateway.yaml".to_owned(), path));
    let mut wrong = Vec::new();
    let mut all = String::new();
    for (called, path) in packs.chain(deployments) {
        let told = told(&path, &called);
        let expected = path.with_file_name(format!("{}.expected", name(&path)));
        if bless {
            fs::write(&expected, &told).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != told {
            wrong.push(format!("{}:\n{told}", path.display()));
        }
        if let Some(code) = name(&path).split('-').next().filter(|code| codes::is_code(code)) {
            let code = code.to_uppercase();
            assert!(told.contains(&format!("[{code}]")), "{}: no {code} in\n{told}", path.display());
        }
        let count = |text: &str| told.matches(text).count();
        let faults = count("error[R") + count("warning[R");
        let parts = (count("--> "), count("= help: "), count("^") > 0);
        assert_eq!(parts, (faults, faults, true), "a place, a caret and help for each: {}\n{told}", path.display());
        all.push_str(&told);
    }
    assert!(wrong.is_empty(), "{}\nBLESS=1 writes what is printed", wrong.join("\n"));
    for code in codes::all() {
        assert!(all.contains(&format!("[{}]", code.code)), "no bad file is told {}", code.code);
    }
}
