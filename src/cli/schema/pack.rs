//! The schema of a pack.

use serde_json::{Value, json};

use crate::rules::actions::{self, About};
use crate::rules::{Media, Mode, Side};
use crate::scim::{OperationKind, ScimType};

use super::{file, list, mapping, name, one_or_list, text, whole, word};

pub(super) fn schema() -> Value {
    let keys = [
        ("version", json!({ "const": 1 })),
        ("pack", name()),
        ("side", word(Side::WORDS)),
        ("about", text("what it is for, in a sentence")),
        ("can", mapping("can", &[], &[("media", word(Media::WORDS))])),
        ("rules", list(rule())),
        ("cases", list(case())),
    ];
    file("a pack of scimgate", mapping("a pack", &["version", "pack", "side", "about"], &keys))
}

fn rule() -> Value {
    let keys = [
        ("id", name()),
        ("why", text("why the rule exists, for the person at 3 a.m.")),
        ("source", text("where the quirk is written down")),
        ("when", when()),
        ("to", json!({ "enum": ["backend", "client"], "description": "which way one-way actions work" })),
        ("mode", word(Mode::WORDS)),
        ("do", list(json!({ "anyOf": actions::LIST.iter().map(action).collect::<Vec<_>>() }))),
    ];
    mapping("a rule", &["id", "why", "do"], &keys)
}

fn when() -> Value {
    let keys = [
        ("resource", one_or_list(text("`User`, `Group`, or the name of a declared resource type"))),
        ("operations", one_or_list(word(OperationKind::WORDS))),
        ("body", text("a filter expression of JSONPath with `@` as the resource: @.userType == 'Admin'")),
    ];
    mapping("when", &[], &keys)
}

/// One entry of `do`: a mapping with exactly this key.
fn action(about: &About) -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": [about.word], "description": about.summary,
        "properties": { about.word: payload(about.word) },
    })
}

fn payload(word_of_list: &str) -> Value {
    let path = || text("an attribute path, such as `userName` or `emails[*].type`");
    match word_of_list {
        "rename" => mapping("rename", &["names"], &[("names", names()), ("on-conflict", conflict())]),
        "invert" => mapping("invert", &["at"], &[("at", path())]),
        "convert" => {
            mapping("convert", &["at", "to"], &[("at", path()), ("to", json!({ "enum": ["boolean-as-string"] }))])
        }
        "empty" => {
            let of = list(json!({ "enum": ["", null, [], {}] }));
            let keys =
                [("of", of), ("at", one_or_list(path())), ("become", json!({ "enum": ["absent", "null", null] }))];
            mapping("empty", &["of", "at"], &keys)
        }
        "drop" => mapping("drop", &["at"], &[("at", one_or_list(path()))]),
        "default" | "set" => mapping(word_of_list, &["at", "value"], &[("at", path()), ("value", json!(true))]),
        "reject" => {
            let keys =
                [("status", whole(400, 504)), ("scim-type", word(ScimType::WORDS)), ("detail", text("a sentence"))];
            mapping("reject", &["detail"], &keys)
        }
        "keep" => super::entries("keep", list(path())),
        "items" => {
            let keys = [
                ("at", path()),
                ("pick", json!({ "enum": ["primary", "first"] })),
                ("max", whole(1, 10_000)),
                ("primary", json!({ "enum": ["one"] })),
                ("unique", json!({ "type": "boolean" })),
                ("needs", text("a sub-attribute without which an element goes, such as `value`")),
            ];
            mapping("items", &["at"], &keys)
        }
        "text" => mapping("text", &["at", "steps"], &[("at", one_or_list(path())), ("steps", one_or_list(step()))]),
        // An action that has no table here yet takes any mapping; a test says so.
        _ => json!({ "type": "object" }),
    }
}

fn step() -> Value {
    let keys = [("truncate", whole(1, 65_536)), ("replace", list(text("a pattern, then the text")))];
    json!({ "anyOf": [{ "enum": ["trim", "lower", "strip-control"] }, mapping("a step", &[], &keys)] })
}

fn names() -> Value {
    json!({ "title": "names", "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" } })
}

fn conflict() -> Value {
    json!({ "enum": ["refuse", "swap", "lose"], "description": "what becomes of an attribute that bears the new name" })
}

fn case() -> Value {
    let client = [("sends", request()), ("receives", answer())];
    let backend = [("receives", request()), ("answers", answer())];
    let keys = [
        ("name", text("what it shows, in a few words")),
        ("client", mapping("client", &["sends"], &client)),
        ("backend", mapping("backend", &[], &backend)),
        ("fired", list(text("a rule's id without the pack, or `std/..`"))),
        ("match", json!({ "enum": ["exact", "subset"] })),
    ];
    mapping("a case", &["name", "client"], &keys)
}

fn request() -> Value {
    let line = json!({ "type": "string", "pattern": "^[^ ]+ /", "description": "method and path: PUT /Users/7" });
    mapping("a request", &["request"], &[("request", line), ("body", json!(true))])
}

fn answer() -> Value {
    mapping("an answer", &["status"], &[("status", whole(200, 599)), ("body", json!(true))])
}
