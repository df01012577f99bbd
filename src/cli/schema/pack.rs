//! The schema of a pack.

use serde_json::{Value, json};

use crate::rules::actions::{self, About};
use crate::rules::{Mode, OnError, Side};
use crate::scim::{OperationKind, ScimType};

use super::{entries, file, list, mapping, name, one_or_list, text, whole, word};

pub(super) fn schema() -> Value {
    let keys = [
        ("version", json!({ "const": 1 })),
        ("pack", name()),
        ("side", word(Side::WORDS)),
        ("about", text("what it is for, in a sentence")),
        ("scim", super::scim()),
        ("can", super::can::schema()),
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
        ("on-error", word(OnError::WORDS)),
        ("do", list(json!({ "anyOf": actions::LIST.iter().map(action).collect::<Vec<_>>() }))),
    ];
    mapping("a rule", &["id", "why", "do"], &keys)
}

fn when() -> Value {
    let keys = [
        ("resource", one_or_list(text("`User`, `Group`, or the name of a declared resource type"))),
        ("operations", one_or_list(word(OperationKind::WORDS))),
        ("body", text("a filter expression of JSONPath with `@` as the resource: @.userType == 'Admin'")),
        ("filter", text("a SCIM filter on the resource")),
        ("patch", changes()),
        ("header", entries("the names and what they must be", json!(true))),
        ("query", entries("the names and what they must be", json!(true))),
        ("status", one_or_list(json!({ "description": "404, or `4xx` for all from 400 to 499" }))),
        // Conditions inside conditions are read like these; no editor has to look deeper.
        ("not", json!({ "type": "object" })),
        ("any", one_or_list(json!({ "type": "object" }))),
    ];
    mapping("when", &[], &keys)
}

fn changes() -> Value {
    let keys = [
        ("sets", one_or_list(text("an attribute of which the PATCH sets one"))),
        ("equals", entries("equals", json!(true))),
        ("alone", json!({ "type": "boolean", "description": "whether it names nothing else" })),
    ];
    mapping("patch", &[], &keys)
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
            let forms = ["boolean-as-string", "boolean-as-int", "number-as-string", "date-as-epoch", "json-as-string"];
            mapping("convert", &["at", "to"], &[("at", path()), ("to", json!({ "enum": forms }))])
        }
        "map" => {
            let words = json!(true);
            let values = entries("values", words);
            let keys = [("at", path()), ("values", values), ("else", json!({ "enum": ["refuse", "pass"] }))];
            mapping("map", &["at", "values"], &keys)
        }
        "affix" => {
            let keys = [
                ("at", path()),
                ("prefix", text("what the backend's value begins with")),
                ("suffix", text("what the backend's value ends with")),
            ];
            mapping("affix", &["at"], &keys)
        }
        "fill" => {
            let value = json!(true);
            mapping("fill", &["at", "value"], &[("at", path()), ("value", value)])
        }
        "identify" => mapping("identify", &["by"], &[("by", path())]),
        "schemas" => mapping("schemas", &["urns"], &[("urns", entries("urns", text("what it becomes")))]),
        "shape" => json!({ "anyOf": [shape(path()), slots(path())] }),
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
        "keep" => entries("keep", list(path())),
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
        "query" => entries("query", edit("a parameter", true)),
        "header" => entries("header fields", edit("a header field", false)),
        "path" => {
            let keys = [
                ("alias", entries("alias", text("the path on the other side"))),
                ("suffix", text("what stands at the end, such as `.json`")),
                ("slash", json!({ "type": "boolean" })),
            ];
            mapping("path", &[], &keys)
        }
        "list" => {
            let keys = [
                ("integers", json!({ "type": "boolean" })),
                ("items-per-page", json!({ "enum": ["actual"] })),
                ("drop-items", text("a SCIM filter on the resources that are left out")),
            ];
            mapping("list", &[], &keys)
        }
        "status" => entries("status", one_or_list(line())),
        "error" => {
            let keys = [
                ("matches", text("a pattern that the backend's text has to match")),
                ("scim-type", word(ScimType::WORDS)),
                ("detail", text("a sentence")),
                ("scrub", json!({ "type": "boolean" })),
            ];
            mapping("error", &[], &keys)
        }
        "respond" => {
            mapping("respond", &["status"], &[("status", whole(200, 299)), ("body", json!({ "type": "object" }))])
        }
        // An action that has no table here yet takes any mapping; a test says so.
        _ => json!({ "type": "object" }),
    }
}

/// What becomes of a parameter or field.
fn edit(title: &str, is_counted: bool) -> Value {
    let mut keys = vec![("set", json!(true)), ("default", json!(true)), ("drop", json!({ "enum": [true] }))];
    if is_counted {
        keys.extend([("min", whole(0, i64::from(i32::MAX))), ("max", whole(0, i64::from(i32::MAX)))]);
    }
    mapping(title, &[], &keys)
}

/// One line of a status table.
fn line() -> Value {
    let keys = [
        ("operations", one_or_list(word(OperationKind::WORDS))),
        ("matches", text("a pattern that the backend's text has to match")),
        ("become", whole(200, 599)),
        ("body", json!({ "enum": ["empty-list", "keep"] })),
    ];
    mapping("a status", &["become"], &keys)
}

/// The forms that need no more to be said.
fn shape(path: Value) -> Value {
    mapping("shape", &["at", "to"], &[("at", path), ("to", json!({ "enum": ["single", "strings", "dotted"] }))])
}

/// The form in which each type has a slot of its own.
fn slots(path: Value) -> Value {
    let slots = json!({
        "title": "slots", "type": "object", "minProperties": 1, "additionalProperties": { "type": "string" },
        "description": "each type, and the attribute that holds its value",
    });
    let keys = [
        ("at", path),
        ("to", json!({ "const": "by-type" })),
        ("rest", json!({ "enum": ["refuse", "keep"], "description": "what becomes of other entries" })),
        ("slots", slots),
    ];
    mapping("shape", &["at", "to", "slots"], &keys)
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
    let turn = mapping("backend", &[], &[("receives", request()), ("answers", answer())]);
    let keys = [
        ("name", text("what it shows, in a few words")),
        ("client", mapping("client", &["sends"], &client)),
        ("backend", json!({ "anyOf": [turn, list(turn.clone())] })),
        ("fired", list(text("a rule's id without the pack, `std/..`, or `bridge/..`"))),
        ("rules", entries("rules", word(Mode::WORDS))),
        ("match", json!({ "enum": ["exact", "subset"] })),
    ];
    mapping("a case", &["name", "client"], &keys)
}

fn request() -> Value {
    let line = json!({ "type": "string", "pattern": "^[^ ]+ /", "description": "method and path: PUT /Users/7" });
    mapping("a request", &["request"], &[("request", line), ("headers", headers()), ("body", json!(true))])
}

fn answer() -> Value {
    mapping("an answer", &["status"], &[("status", whole(200, 599)), ("headers", headers()), ("body", json!(true))])
}

fn headers() -> Value {
    let value = json!({ "anyOf": [{ "type": "string" }, { "type": "integer" }, { "const": null }] });
    json!({ "type": "object", "additionalProperties": value, "description": "header fields; null: must not be there" })
}
