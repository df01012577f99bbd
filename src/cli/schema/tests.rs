use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::config::{Config, shipped};
use crate::fault::Faults;
use crate::rules::{actions, load};
use crate::yaml::{self, asked};

use super::*;

/// What is wrong with a value by a schema, as far as our schemas go; nothing if it is valid.
fn wrong(schema: &Value, value: &Value) -> Option<String> {
    let Value::Object(rules) = schema else { return None };
    rules.iter().find_map(|(rule, is)| {
        let sound = match rule.as_str() {
            "$schema" | "title" | "description" | "properties" => true,
            "const" => is == value,
            "enum" => is.as_array().unwrap().contains(value),
            "type" => match is.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "integer" => value.is_i64(),
                "boolean" => value.is_boolean(),
                other => panic!("{other}"),
            },
            "minimum" => value.as_i64() >= is.as_i64(),
            "maximum" => value.as_i64() <= is.as_i64(),
            "pattern" => regex::Regex::new(is.as_str().unwrap()).unwrap().is_match(value.as_str().unwrap_or_default()),
            "required" => is.as_array().unwrap().iter().all(|key| value.get(key.as_str().unwrap()).is_some()),
            "minProperties" => value.as_object().is_some_and(|object| object.len() as u64 >= is.as_u64().unwrap()),
            "maxProperties" => value.as_object().is_some_and(|object| object.len() as u64 <= is.as_u64().unwrap()),
            "anyOf" => is.as_array().unwrap().iter().any(|one| wrong(one, value).is_none()),
            "items" => {
                return value.as_array().into_iter().flatten().find_map(|item| wrong(is, item));
            }
            "additionalProperties" => {
                let known = &rules.get("properties");
                return value.as_object().into_iter().flatten().find_map(|(key, value)| {
                    match known.and_then(|known| known.get(key)) {
                        Some(schema) => wrong(schema, value).map(|fault| format!("{key}: {fault}")),
                        None if is == &json!(false) => Some(format!("unknown key {key}")),
                        None => wrong(is, value).map(|fault| format!("{key}: {fault}")),
                    }
                });
            }
            other => panic!("{other} is no rule of ours"),
        };
        (!sound).then(|| format!("{value} against {rule} {is}"))
    })
}

fn as_json(text: &str) -> Value {
    let node = yaml::parse("a.yaml", text, &mut Faults::new()).unwrap();
    serde_json::from_slice(&node.to_json().to_bytes()).unwrap()
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// What fits a pack, a deployment with every setting, and every action.
fn load_all() {
    for shipped in shipped::ALL {
        shipped.read(&mut Faults::new());
    }
    let step = "text: { at: nickName, steps: [{ truncate: 9 }] }";
    let mut faults = Faults::new();
    load::pack(&yaml::parse("conditions.yaml", CONDITIONS, &mut faults).unwrap(), &mut faults);
    assert_eq!(faults.errors(), 0, "{}", faults.render(false));
    assert_eq!(wrong(&pack::schema(), &as_json(CONDITIONS)), None);
    let examples = actions::LIST.iter().map(|about| example(about.example, about.operations(), about.direction()));
    for text in examples.chain([example(step, "operations: [create, replace]", "")]) {
        let mut faults = Faults::new();
        load::pack(&yaml::parse("example.yaml", &text, &mut faults).unwrap(), &mut faults);
        assert_eq!(faults.errors(), 0, "{}", faults.render(false));
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gateway.yaml");
    fs::write(folder.path().join("a.pem"), "PEM").unwrap();
    for credential in [
        "bearer: { env: T }",
        "basic: { user: u, password: { env: T } }",
        "header: { name: X-A, value: { env: T } }",
        "oauth2: { token-url: \"https://id.example/token\", client-id: a, client-secret: { env: T }, scope: a b, ca: a.pem }",
    ] {
        fs::write(&path, EVERYTHING.replace("CREDENTIAL", credential)).unwrap();
        let mut faults = Faults::new();
        Config::load(&path, &|_| Some("s".to_owned()), &mut faults);
        assert!(faults.is_empty(), "{}", faults.render(false));
        assert_eq!(wrong(&gateway::schema(), &as_json(&EVERYTHING.replace("CREDENTIAL", credential))), None);
    }
}

fn example(entry: &str, operations: &str, direction: &str) -> String {
    format!(
        "version: 1\npack: example\nside: backend\nabout: one\ncan: {{ media: application/json }}\nrules:\n  \
         - id: one\n    why: shown\n    {direction}\n    when: {{ resource: User, {operations} }}\n    do:\n      - {entry}\n"
    )
}

const CONDITIONS: &str = "\
version: 1
pack: conditions
side: backend
about: every condition
can: { limits: { scan: 1, writes: 1 }, budget: { look-ups: 5/s, user-writes: { rate: 180/min, burst: 20 } } }
rules:
  - id: one
    why: shown
    on-error: skip
    when: { operations: [create], filter: title pr, header: { user-agent: [Okta*] }, query: { a: true }, any: [{ body: '@.a' }] }
    do: [ { drop: { at: title } } ]
  - { id: two, why: shown, to: client, when: { status: [404, 4xx], not: { operations: list } }, do: [ { error: { scrub: true } } ] }
  - { id: three, why: shown, when: { patch: { sets: title, equals: { active: false }, alone: true } }, do: [ { reject: { detail: no } } ] }
";

const EVERYTHING: &str = "\
version: 1
listen: { address: 0.0.0.0:8443, tls: { certificate: a.pem, key: a.key }, clear-text: false }
admin: { address: '[::1]:9000' }
tokens: tokens.json
public-url: https://scim.example.com
timeouts: { first-byte: 1s, drain: 250ms }
limits: { connections: 1, target: 1KiB }
backends: { hr: { url: https://hr.internal, credential: { CREDENTIAL }, ca: a.pem, client-certificate: { certificate: a.pem, key: a.pem }, timeouts: { connect: 1s } } }
connections:
  okta: { client: okta, backend: hr, path: /okta/, rules: { okta/no-password: enforce }, operations: [read], resources: Role,
          limits: { per-token: { rate: 5/s }, per-connection: { rate: 6/s, burst: 7 }, scan: 500, writes: 50, deadline: 25s }, brake: 500/h, tokens-at-most: 3,
          lifecycle: { delete: deactivate, deactivate: delete, inactive: hide }, conflict: reactivate, put-merge: true, authorization: raw }
";

#[test]
fn every_shipped_pack_every_example_and_the_deployment_in_the_repository_are_valid() {
    for shipped in shipped::ALL {
        assert_eq!(wrong(&pack::schema(), &as_json(shipped.text)), None, "{}", shipped.name);
    }
    for about in actions::LIST {
        assert_eq!(
            wrong(&pack::schema(), &as_json(&example(about.example, about.operations(), about.direction()))),
            None,
            "{}",
            about.word
        );
    }
    assert_eq!(wrong(&gateway::schema(), &as_json(&read("rules/gateway.yaml"))), None);
}

#[test]
fn what_the_loader_refuses_for_its_keys_and_words_is_not_valid() {
    let sound = example("rename: { names: { userName: login } }", "", "");
    for (from, to) in [
        ("why: shown", "wy: shown"),
        ("side: backend", "side: bakend"),
        ("resource: User", "resources: User"),
        ("version: 1", "version: 2"),
        ("- rename: { names", "- renam: { names"),
        ("rename: { names", "rename: { name"),
        ("media: application/json", "media: text/plain"),
        ("media: application/json", "users: { patch: { form: patched } }"),
        ("media: application/json", "page: 50"),
    ] {
        assert!(sound.contains(from), "{from}");
        assert!(wrong(&pack::schema(), &as_json(&sound.replacen(from, to, 1))).is_some(), "{to}");
    }
}

/// The mappings of a schema whose keys are fixed: title and keys.
fn mappings(schema: &Value, found: &mut BTreeSet<(String, BTreeSet<String>)>) {
    match schema {
        Value::Object(object) => {
            let title = object.get("title").and_then(Value::as_str);
            if let (Some(title), Some(Value::Object(properties))) = (title, object.get("properties")) {
                found.insert((title.to_owned(), properties.keys().cloned().collect()));
            }
            object.values().for_each(|value| mappings(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| mappings(item, found)),
        _ => {}
    }
}

#[test]
fn the_schemas_have_exactly_the_keys_that_the_loader_asks_for() {
    let (_, asked) = asked::during(load_all);
    // The keys of these are the operator's own words.
    let open = [
        "an action",
        "names",
        "backends",
        "connections",
        "rules",
        "keep",
        "values",
        "urns",
        "query",
        "header fields",
        "alias",
        "status",
        "equals",
        "the names and what they must be",
    ];
    let asked: BTreeSet<_> = asked.into_iter().filter(|(what, _)| !open.contains(&what.as_str())).collect();
    let mut written = BTreeSet::new();
    mappings(&pack::schema(), &mut written);
    mappings(&gateway::schema(), &mut written);
    let missing: Vec<_> = asked.difference(&written).collect();
    assert!(missing.is_empty(), "the loader asks for {missing:#?}");
    let unknown: Vec<_> = written.difference(&asked).collect();
    assert!(unknown.is_empty(), "the loader never asks for {unknown:#?}");
}
