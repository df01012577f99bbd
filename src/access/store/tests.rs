use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, UNIX_EPOCH};

use tempfile::TempDir;

use super::super::issue::{Grant, Weak};
use super::super::name::{ConnectionName, Label};
use super::super::scope::ScopeSet;
use super::super::secret::Secret;
use super::super::token::os_random;
use super::*;

const ENTRY: &str = r#"{
  "id": "0123456789abcdef",
  "connection": "okta",
  "name": "Okta",
  "kind": "issued",
  "scopes": ["get:users"],
  "created_at": "2026-11-25T02:30:00Z",
  "digest": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
}"#;

fn grant(lifetime: Option<Duration>) -> Grant {
    Grant {
        connection: ConnectionName::parse("okta").unwrap(),
        name: Label::parse("Okta").unwrap(),
        scopes: ScopeSet::every(&[]),
        lifetime,
        at_most: 2,
    }
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tokens.json");
    (folder, path)
}

fn file(text: &str, mode: u32) -> (TempDir, PathBuf) {
    let (folder, path) = folder();
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    (folder, path)
}

fn whole(entries: &str) -> String {
    format!("{{\n  \"version\": 1,\n  \"tokens\": [{entries}]\n}}")
}

#[test]
fn t_04_a_missing_or_empty_file_holds_no_tokens() {
    let (_folder, path) = folder();
    assert!(read(&path).unwrap().entries().is_empty());
    for text in ["", " \n", r#"{"version": 1, "tokens": []}"#] {
        let (_folder, path) = file(text, 0o600);
        assert!(read(&path).unwrap().entries().is_empty(), "{text:?}");
    }
}

#[test]
fn t_01_a_file_that_others_may_read_or_write_is_refused() {
    for mode in [0o644, 0o640, 0o604, 0o620, 0o602, 0o700, 0o666, 0o777, 0o4600] {
        let (_folder, path) = file("", mode);
        let fault = read(&path).unwrap_err().to_string();
        let told = format!("is open to others (mode {mode:04o}): run `chmod 600 {}`", path.display());
        assert!(fault.contains(&told), "{fault}");
    }
    for mode in [0o600, 0o400] {
        let (_folder, path) = file("", mode);
        assert!(read(&path).is_ok(), "{mode:o}");
    }
}

#[test]
fn t_01_a_file_of_another_user_is_refused() {
    let (_folder, path) = file("", 0o600);
    let me = rustix::process::geteuid();
    if !me.is_root() {
        // Only root can give a file away; what can be shown to others is that one's own is taken.
        assert!(read(&path).is_ok());
        return;
    }
    std::os::unix::fs::chown(&path, Some(65_534), None).unwrap();
    let fault = read(&path).unwrap_err().to_string();
    assert!(fault.contains("belongs to user 65534, but scimgate runs as user 0: run `chown 0 "), "{fault}");
}

#[test]
fn t_01_the_written_file_is_closed_to_others_and_holds_no_secret() {
    let (folder, path) = folder();
    let mut edit = Edit::begin(&path).unwrap();
    let (_, made) = edit.register.create(grant(None), UNIX_EPOCH, &mut os_random).unwrap();
    let taken = Secret::new("9f86d081884c7d659a2feaa0c55ad015".to_owned());
    edit.register.import(&taken, Weak::Refuse, grant(None), UNIX_EPOCH, &mut os_random).unwrap();
    edit.save().unwrap();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().mode() & 0o777, 0o600, "{entry:?}");
        let text = fs::read_to_string(entry.path()).unwrap();
        let (_, random) = made.expose().rsplit_once('_').unwrap();
        assert!(!text.contains(random) && !text.contains(taken.expose()));
    }
}

#[test]
fn what_was_written_is_read() {
    let (_folder, path) = folder();
    let mut edit = Edit::begin(&path).unwrap();
    edit.register.create(grant(Some(Duration::from_secs(900))), UNIX_EPOCH, &mut os_random).unwrap();
    edit.register.create(grant(None), UNIX_EPOCH, &mut os_random).unwrap();
    let before = serde_json::to_string(&edit.register).unwrap();
    edit.save().unwrap();
    assert_eq!(serde_json::to_string(&read(&path).unwrap()).unwrap(), before);
    assert!(fs::read_to_string(&path).unwrap().contains("\"expires_at\": \"1970-01-01T00:15:00Z\""));
}

#[test]
fn a_broken_file_is_refused_with_place_and_reason() {
    let short = ENTRY.replace("f61f20015ad", "f61f20015a");
    let empty = ENTRY.replace("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "");
    let rows = [
        ("[]".to_owned(), ":1:", "expected an object with `version` and `tokens`"),
        ("{".to_owned(), ":1:", "EOF while parsing"),
        (whole(ENTRY).replace(": 1,", ": 2,"), ":2:", "version 2 is not known here, only version 1"),
        (whole(ENTRY).replace("tokens", "token"), ":3:", "unknown field `token`, expected `version` or `tokens`"),
        (whole(&ENTRY.replace("\"name\"", "\"secret\"")), ":6:", "unknown field `secret`, expected one of `id`"),
        (whole(&short), ":11:", "a digest is 64 of `0-9` and `a-f`"),
        (whole(&empty), ":11:", "a digest is 64 of `0-9` and `a-f`"),
        (whole(&ENTRY.replace("get:users", "get:user")), ":8:", "is not a scope"),
        (whole(&ENTRY.replace("02:30:00Z", "02:30")), ":9:", "such as `2026-11-25T02:30:00Z`"),
        (whole(&ENTRY.replace("issued", "guessed")), ":7:", "unknown variant `guessed`"),
        (whole(&ENTRY.replace("\"okta\"", "\"Okta\"")), ":5:", "is not a name"),
        (whole(&ENTRY.replace("9abcdef", "9ABCDEF")), ":4:", "a token's id is 16 of"),
        (whole(&ENTRY.replace("\"kind\"", "\"name\"")), ":7:", "duplicate field `name`"),
        (whole(&format!("{ENTRY},{ENTRY}")), ":", "the token `0123456789abcdef` is here twice"),
    ];
    assert!(parse(whole(ENTRY).as_bytes()).is_ok());
    for (text, place, what) in rows {
        let (_folder, path) = file(&text, 0o600);
        let fault = read(&path).unwrap_err().to_string();
        assert!(fault.starts_with(&format!("{}{place}", path.display())), "{place} {fault}");
        assert!(fault.contains(what), "{what} {fault}");
    }
}

#[test]
fn one_secret_is_taken_over_once_for_each_connection() {
    let imported = ENTRY.replace("issued", "imported");
    let other = |entry: &str, id: &str| entry.replace("0123456789abcdef", id);
    let again = other(&imported, "0123456789abcdeg");
    let elsewhere = other(&imported, "0123456789abcdeh").replace("\"okta\"", "\"entra\"");
    let issued = other(ENTRY, "0123456789abcdek");
    let read = |entries: &[&str]| parse(whole(&entries.join(",")).as_bytes());
    assert_eq!(read(&[&issued, &imported, &elsewhere]).unwrap().entries().len(), 3);
    let (_, _, what) = read(&[&elsewhere, &imported, &issued, &again]).unwrap_err();
    assert!(what.contains("the token `0123456789abcdef` is here twice"), "{what}");
}

#[test]
fn two_changes_at_once_are_refused() {
    let (_folder, path) = folder();
    let edit = Edit::begin(&path).unwrap();
    assert!(matches!(Edit::begin(&path), Err(StoreFault::Busy { .. })));
    drop(edit);
    assert!(Edit::begin(&path).is_ok());
}

#[test]
fn what_a_crash_left_behind_is_no_obstacle() {
    let (_folder, path) = folder();
    fs::write(beside(&path, "new"), "half a fi").unwrap();
    fs::write(beside(&path, "lock"), "").unwrap();
    Edit::begin(&path).unwrap().save().unwrap();
    assert!(read(&path).unwrap().entries().is_empty());
    assert!(!beside(&path, "new").exists());
}

#[test]
fn a_link_stays_a_link() {
    let (folder, path) = file("", 0o600);
    let link = folder.path().join("link.json");
    symlink(&path, &link).unwrap();
    let mut edit = Edit::begin(&link).unwrap();
    edit.register.create(grant(None), UNIX_EPOCH, &mut os_random).unwrap();
    edit.save().unwrap();
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(read(&path).unwrap().entries().len(), 1);
}

#[test]
fn a_folder_is_no_token_file() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(read(folder.path()), Err(StoreFault::NoFile { .. })));
    let nowhere = folder.path().join("nowhere/tokens.json");
    assert!(matches!(Edit::begin(&nowhere), Err(StoreFault::Unwritable { .. })));
}
