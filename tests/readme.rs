//! The README can't drift: its commands are words that the binary knows, its files are files that it reads, its tables are
//! the code's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed unwrap here is a failed test"
)]

use std::fs;
use std::path::Path;

use scimgate::access::Preset;
use scimgate::bridge::Bridge;
use scimgate::config::{Config, read_pack, shipped};
use scimgate::fault::Faults;
use scimgate::gateway::cases;
use scimgate::rules::{actions, proofs};

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The blocks of a language.
fn blocks(language: &str) -> Vec<String> {
    let readme = read("README.md");
    let fence = format!("```{language}\n");
    let opened = readme.split(&fence).skip(1);
    opened.map(|rest| rest.split("\n```").next().unwrap().to_owned()).collect()
}

#[test]
fn its_commands_are_words_that_the_binary_knows() {
    let mut known = 0;
    for line in blocks("sh").iter().flat_map(|block| block.lines()) {
        let line = line.split(['#', '>']).next().unwrap().split(" <").next().unwrap().trim();
        let words = line.strip_prefix("scimgate ").or_else(|| line.split_once(" -- ").map(|(_, words)| words));
        if let Some(words) = words {
            scimgate::cli::knows(words.split_ascii_whitespace()).unwrap_or_else(|fault| panic!("{line}: {fault}"));
            known += 1;
        }
    }
    assert!(known >= 10, "only {known} commands found");
}

#[test]
fn its_two_commands_are_the_ones_that_ci_runs() {
    let (readme, ci) = (read("README.md"), read(".ci/run"));
    for name in ["demo", "tests"] {
        assert!(readme.contains(&format!("<!-- {name} -->\n```sh\n")), "{name}");
        assert!(ci.contains(&format!("$(command_of {name})\"")), "{name}");
    }
}

#[tokio::test]
async fn its_files_are_read_and_keep_their_promises() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = 0;
    for block in blocks("yaml") {
        let name = block.lines().next().unwrap().strip_prefix("# ").expect("a block begins with its file's name");
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &block).unwrap();
        let mut faults = Faults::default();
        if name == "gateway.yaml" {
            Config::load(&path, &|_| Some("secret".to_owned()), &mut faults);
        } else if let Some(pack) = read_pack(&path, &mut faults) {
            assert!(!pack.cases.is_empty());
            let fired = cases::run(&pack, &mut faults).await;
            proofs::doubts(&pack, &fired, &mut faults);
        }
        assert!(faults.is_empty(), "{name}: {}", faults.render(false));
        files += 1;
    }
    assert_eq!(files, 2);
}

#[test]
fn its_tables_are_the_codes_own() {
    let readme = read("README.md");
    for about in actions::LIST {
        assert!(readme.contains(&format!("| `{}` | {} |", about.word, about.summary)), "{}", about.word);
    }
    for preset in Preset::ALL {
        assert!(readme.contains(&format!("| `{}` | {} |", preset.name, preset.summary)), "{}", preset.name);
    }
    for bridge in Bridge::ALL {
        assert!(readme.contains(&format!("\n| `{}` | ", bridge.name())), "{}", bridge.name());
    }
    let shipped_line = readme.split("Shipped:").nth(1).unwrap().split("Some repairs").next().unwrap();
    for pack in shipped::ALL {
        assert!(shipped_line.contains(&format!("`{}`", pack.name)), "{}", pack.name);
    }
}

/// Each credential that it shows is one that opens a backend.
#[test]
fn its_credentials_are_read() {
    let table =
        read("README.md").split("## Opening the backend").nth(1).unwrap().split("\n## ").next().unwrap().to_owned();
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split("` |").next());
    let mut shown = Vec::new();
    for credential in rows.filter(|row| !row.starts_with("backends")) {
        let text = format!(
            "version: 1\nlisten: {{ address: 127.0.0.1:0 }}\ntokens: tokens.json\npublic-url: https://scim.example.com\nbackends:\n  hr:\n    url: https://hr.example.com/\n    \
             pack: standard\n    credential: {{ {credential} }}\nconnections:\n  okta: {{ client: okta, backend: hr }}\n"
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gateway.yaml");
        fs::write(&path, text).unwrap();
        let mut faults = Faults::default();
        Config::load(&path, &|_| Some("secret".to_owned()), &mut faults);
        assert!(faults.is_empty(), "{credential}: {}", faults.render(false));
        shown.push(credential.split(':').next().unwrap());
    }
    assert_eq!(shown, ["bearer", "basic", "header", "oauth2"]);
}

#[test]
fn every_example_of_an_action_is_one_that_check_accepts() {
    for about in actions::LIST {
        let text = format!(
            "version: 1\npack: example\nside: backend\nabout: one example\nrules:\n  - id: example\n    why: shown\n    {}\n    \
             when: {{ resource: User, {} }}\n    do:\n      - {}\n",
            about.direction(),
            about.operations(),
            about.example
        );
        let mut faults = Faults::default();
        let node = scimgate::yaml::parse("example.yaml", &text, &mut faults).unwrap();
        let pack = scimgate::rules::load::pack(&node, &mut faults);
        assert!(faults.is_empty(), "{}: {}", about.word, faults.render(false));
        let rule = &pack.unwrap().rules[0];
        assert_eq!(rule.actions[0].is_two_way(), about.two_way, "{}", about.word);
    }
}
