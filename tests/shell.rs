//! What the words at the shell print, through the binary itself.

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

use serde_json::{Value, json};
use tempfile::TempDir;

/// A deployment before the demo's backend, and a call with its answer.
fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = home.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write(
        "gateway.yaml",
        "version: 1\nlisten: { address: 127.0.0.1:8080 }\ntokens: tokens.json\npublic-url: https://scim.example.com\n\
         backends: { hr: { url: \"https://hr.internal/scim/v2\", pack: demo } }\n\
         connections: { okta: { client: okta, backend: hr, packs: [stay] } }\n",
    );
    write(
        "connections/stay.yaml",
        "version: 1\npack: stay\nside: connection\nabout: nobody leaves\nrules:\n  - id: stay\n    why: people are \
         deactivated, never deleted\n    when: { operations: delete }\n    do: [ { reject: { status: 403, detail: \
         nobody leaves } } ]\ncases:\n  - name: a deletion\n    client: { sends: { request: \"DELETE /Users/7\" }, \
         receives: { status: 404 } } # no\n",
    );
    write("put.http", "PUT /Users/7\n\n{\"id\": \"7\", \"userName\": \"ada\", \"active\": true}\n");
    write("answer.json", "{\"id\": \"7\", \"login\": \"ada\", \"blocked\": \"false\"}");
    write("delete.http", "DELETE /Users/7\n");
    home
}

/// Whether it went well, and what was printed on standard output and on standard error.
fn run(home: &Path, words: &str) -> (bool, String, String) {
    let ran = Command::new(env!("CARGO_BIN_EXE_scimgate"))
        .args(words.split(' '))
        .current_dir(home)
        .env_remove("SCIMGATE_CONFIG")
        .output()
        .unwrap();
    (ran.status.success(), String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap())
}

#[test]
fn explain_says_which_rule_last_changed_an_attribute_on_each_way() {
    let home = home();
    let call = "explain put.http --config gateway.yaml --answer answer.json --why";
    let (sound, told, _) = run(home.path(), &format!("{call} active"));
    assert!(sound);
    assert_eq!(
        told.trim_end(),
        "to the backend: demo/blocked  `blocked` stands in place of `active`\n    - \"false\"\n    + (absent)\n\
         to the client: demo/opposite  its `blocked` means the opposite of `active`\n    - false\n    + true"
    );
    let (_, told, _) = run(home.path(), &format!("{call} id"));
    assert_eq!(told.trim_end(), "to the backend: no rule changes `id`\nto the client: no rule changes `id`");
    let (sound, _, fault) = run(home.path(), &format!("{call} a/b"));
    assert!(!sound && fault.contains("`a/b` is not an attribute path"), "{fault}");
}

#[test]
fn explain_tells_programs_the_same() {
    let home = home();
    let words = "explain put.http --config gateway.yaml --answer answer.json --format json --why userName";
    let (sound, told, _) = run(home.path(), words);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert!(sound);
    assert_eq!(told["backend"][0]["body"], json!({ "id": "7", "login": "ada", "blocked": "false" }));
    assert_eq!(told["client"]["body"], json!({ "id": "7", "userName": "ada", "active": true }));
    let fired: Vec<&str> = told["there"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["fired"] == true)
        .map(|step| step["rule"].as_str().unwrap())
        .collect();
    assert_eq!(fired, ["demo/login", "demo/opposite", "demo/string-boolean", "demo/blocked", "std/media-type"]);
    assert_eq!(
        (&told["why"]["there"]["rule"], &told["why"]["back"]["behind"]),
        (&json!("demo/login"), &json!("\"ada\""))
    );
}

#[test]
fn explain_names_the_rule_that_refused() {
    let home = home();
    let (_, told, _) = run(home.path(), "explain delete.http --config gateway.yaml");
    assert!(
        told.contains("stay/stay  people are deactivated, never deleted\n      refused: nobody leaves\n"),
        "{told}"
    );
}

#[test]
fn explain_prints_the_page_of_a_code() {
    let home = home();
    let (sound, told, _) = run(home.path(), "explain r0412");
    assert!(sound && told.starts_with("R0412: a rename that hides an attribute\n"), "{told}");
    let (sound, _, fault) = run(home.path(), "explain R0499");
    assert!(!sound && fault.starts_with("error: there is no code R0499"), "{fault}");
}

#[test]
fn check_tells_programs_on_standard_output_and_fails_on_errors() {
    let home = home();
    let (sound, told, fault) = run(home.path(), "check connections --format json");
    let told: Value = serde_json::from_str(&told).unwrap();
    assert!(!sound && fault.is_empty(), "{fault}");
    assert_eq!((told.as_array().unwrap().len(), &told[0]["code"], &told[0]["line"]), (1, &json!("R0506"), &json!(12)));
    let (sound, told, _) = run(home.path(), "check connections --format github");
    assert!(!sound && told.starts_with("::error file=connections/stay.yaml,line=12,col="), "{told}");
    assert!(told.ends_with("\n1 file, 1 pack, 1 case: 1 error\n"), "{told}");
}

#[test]
fn check_blesses_and_is_then_content() {
    let home = home();
    let path = home.path().join("connections/stay.yaml");
    let before = fs::read_to_string(&path).unwrap();
    let (sound, told, said) = run(home.path(), "check connections --bless");
    assert!(sound, "{told}{said}");
    assert_eq!(told, "1 file, 1 pack, 1 case: no errors\n");
    assert_eq!(fs::read_to_string(&path).unwrap(), before.replace("status: 404", "status: 403"));
}

#[test]
fn what_is_blessed_shows_the_schemas_that_a_rule_changes() {
    let home = home();
    let path = home.path().join("connections/listed.yaml");
    let pack = "version: 1\npack: listed\nside: connection\nabout: names a schema\nrules:\n  - id: listed\n    why: the \
                backend wants it named\n    when: { resource: User, operations: create, body: \"@['urn:a:b:2.0:User']\" \
                }\n    do: [ { set: { at: schemas, value: [\"urn:a:b:2.0:User\"] } } ]\ncases:\n  - name: named\n    \
                client: { sends: { request: \"POST /Users\", body: { schemas: [], \"urn:a:b:2.0:User\": { a: 1 } } } }\n    \
                backend:\n      receives: { request: \"POST /Users\", body: { a: 1 } }\n      answers: { status: 201 }\n    \
                fired: [listed]\n";
    fs::write(&path, pack).unwrap();
    let (sound, told, said) = run(home.path(), "check connections/listed.yaml --bless");
    assert!(sound && !told.contains("warning"), "{told}{said}");
    let blessed = pack.replace(
        "body: { a: 1 } }\n      answers",
        "body: { schemas: [\"urn:a:b:2.0:User\"], \"urn:a:b:2.0:User\": { a: 1 } } }\n      answers",
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), blessed);
}

#[test]
fn explain_reads_a_file_with_a_note_and_shows_no_line_for_its_comma() {
    let home = home();
    let text = "# from the proxy's log\nPOST /Users\n\n{\"userName\": \"ada\", \"groups\": []}\n";
    fs::write(home.path().join("post.http"), text).unwrap();
    let (sound, told, said) = run(home.path(), "explain post.http --config gateway.yaml");
    assert!(sound, "{said}");
    assert!(told.contains("      -   \"groups\": []\n") && !told.contains("+   \"userName\": \"ada\""), "{told}");
}

#[test]
fn the_schemas_are_json() {
    let home = home();
    for of in ["pack", "gateway"] {
        let (sound, told, _) = run(home.path(), &format!("schema {of}"));
        let schema: Value = serde_json::from_str(&told).unwrap();
        assert!(sound && schema["$schema"].is_string(), "{of}");
    }
}

/// The same deployment before a server without PATCH.
fn put_only() -> TempDir {
    let home = home();
    let write = |name: &str, text: &str| fs::write(home.path().join(name), text).unwrap();
    let gateway = fs::read_to_string(home.path().join("gateway.yaml")).unwrap();
    write("gateway.yaml", &gateway.replace("pack: demo", "pack: put-only"));
    write(
        "patch.http",
        "PATCH /Users/7\n\n{\"Operations\": [{\"op\": \"replace\", \"path\": \"active\", \"value\": false}]}\n",
    );
    write("read.json", "{\"id\": \"7\", \"userName\": \"ada\", \"active\": true}");
    write("put.json", "{\"id\": \"7\", \"userName\": \"ada\", \"active\": false}");
    home
}

#[test]
fn check_says_which_bridges_a_deployment_has() {
    let (sound, told, _) = run(put_only().path(), "check gateway.yaml");
    assert!(sound);
    assert!(
        told.ends_with("okta: patch of User over patch_to_put\nokta: patch of Group over patch_to_put\n1 file, 0 packs, 0 cases: no errors\n"),
        "{told}"
    );
}

#[test]
fn explain_shows_the_conversation_of_a_bridge() {
    let home = put_only();
    let (_, told, _) = run(home.path(), "explain patch.http --config gateway.yaml --answer read.json");
    assert!(told.contains("the backend receives: GET /Users/7\n"), "{told}");
    assert!(told.contains("the backend receives: PUT /Users/7\n"), "{told}");
    assert!(told.ends_with("bridge/patch_to_put goes on with the answer: show it by `--answer` number 2\n"), "{told}");
    let words = "explain patch.http --config gateway.yaml --answer read.json --answer put.json";
    let (sound, told, _) = run(home.path(), words);
    assert!(sound);
    let order = [
        "the client sends: PATCH /Users/7",
        "bridge/patch_to_put  the backend has no PATCH",
        "the backend receives: GET /Users/7",
        "the backend answers: 200",
        "the backend receives: PUT /Users/7",
        "the backend answers: 200",
        "the client receives: 200",
    ];
    let mut rest = &told[..];
    for line in order {
        rest = rest.split_once(line).unwrap_or_else(|| panic!("{line} in {told}")).1;
    }
}

#[test]
fn a_secret_that_can_not_be_shown_is_a_failure() {
    let home = put_only();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = Command::new(env!("CARGO_BIN_EXE_scimgate"))
        .args(["token", "create", "--config", "gateway.yaml", "--scope", "get:users"])
        .current_dir(&home)
        .stdout(full)
        .output()
        .unwrap();
    let told = String::from_utf8(ran.stderr).unwrap();
    assert!(!ran.status.success() && told.contains("scimgate token revoke"), "{told}");
}
