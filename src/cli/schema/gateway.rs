//! The schema of gateway.yaml.

use serde_json::{Value, json};

use crate::access::Form;
use crate::bridge::{Conflict, Deactivation, Deletion, Inactive};
use crate::rules::Mode;
use crate::scim::OperationKind;

use super::{entries, file, mapping, name, one_or_list, text, whole, word};

pub(super) fn schema() -> Value {
    let keys = [
        ("version", json!({ "const": 1 })),
        ("listen", listen()),
        ("admin", mapping("admin", &["address"], &[("address", text("address and port: 127.0.0.1:9464"))])),
        ("tokens", text("the file of the tokens' digests")),
        ("public-url", text("the URL under which clients know the gateway")),
        (
            "timeouts",
            timeouts(&["first-byte", "tls", "head", "body-idle", "body-total", "keep-alive", "write", "drain"]),
        ),
        ("limits", limits()),
        ("backends", entries("backends", backend())),
        ("connections", entries("connections", connection())),
    ];
    let required = ["version", "listen", "tokens", "backends", "connections"];
    file("a deployment of scimgate", mapping("gateway.yaml", &required, &keys))
}

fn listen() -> Value {
    let tls = [("certificate", text("a PEM file")), ("key", text("a PEM file"))];
    let keys = [
        ("address", text("address and port: 0.0.0.0:8443")),
        ("tls", mapping("tls", &["certificate", "key"], &tls)),
        ("clear-text", json!({ "type": "boolean" })),
    ];
    mapping("listen", &["address"], &keys)
}

fn timeouts(names: &[&str]) -> Value {
    let keys: Vec<_> = names.iter().map(|name| (*name, duration())).collect();
    mapping("timeouts", &[], &keys)
}

fn duration() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]+(ms|s|m|h)$", "description": "a duration from 1ms to 1h" })
}

fn size() -> Value {
    json!({ "type": "string", "pattern": "^[0-9]+(B|KiB|MiB|GiB)$", "description": "a size from 1KiB to 1GiB" })
}

fn limits() -> Value {
    let keys = [
        ("connections", whole(1, 1_000_000)),
        ("requests", whole(1, 1_000_000)),
        ("streams", whole(1, 10_000)),
        ("target", size()),
        ("headers", size()),
        ("body", size()),
        ("group-body", size()),
    ];
    mapping("limits", &[], &keys)
}

fn backend() -> Value {
    let identity = [
        ("certificate", text("a PEM file: the certificate, then those between it and its authority")),
        ("key", text("a PEM file: its private key")),
    ];
    let keys = [
        ("url", text("the base URL: scheme, host and path")),
        ("pack", name()),
        ("credential", credential()),
        ("ca", text("a PEM file: only these authorities vouch for it")),
        ("client-certificate", mapping("client-certificate", &["certificate", "key"], &identity)),
        ("timeouts", timeouts(&["connect", "response", "body", "idle", "queue"])),
        ("max-connections", whole(1, 10_000)),
        ("longest-answer", size()),
    ];
    mapping("a backend", &["url"], &keys)
}

fn lifecycle() -> Value {
    let keys = [
        ("delete", word(Deletion::WORDS)),
        ("deactivate", word(Deactivation::WORDS)),
        ("inactive", word(Inactive::WORDS)),
    ];
    mapping("lifecycle", &[], &keys)
}

fn credential() -> Value {
    let basic = [("user", text("the user's name")), ("password", secret("password"))];
    let oauth2 = [
        ("token-url", text("the token endpoint of the authorization server")),
        ("client-id", text("the gateway's id there")),
        ("client-secret", secret("client-secret")),
        ("scope", text("the scopes to ask for, with spaces between them")),
        ("ca", text("a PEM file: only these authorities vouch for the token endpoint")),
    ];
    let header = [("name", text("the header field's name")), ("value", secret("value"))];
    let keys = [
        ("bearer", secret("bearer")),
        ("basic", mapping("basic", &["user", "password"], &basic)),
        ("header", mapping("header", &["name", "value"], &header)),
        ("oauth2", mapping("oauth2", &["token-url", "client-id", "client-secret"], &oauth2)),
    ];
    exactly_one(mapping("credential", &[], &keys))
}

/// Where a secret is; never the secret.
fn secret(title: &str) -> Value {
    let keys = [("env", text("a variable of the environment")), ("file", text("a file that holds it alone"))];
    exactly_one(mapping(title, &[], &keys))
}

fn exactly_one(mut schema: Value) -> Value {
    if let Value::Object(object) = &mut schema {
        object.insert("minProperties".to_owned(), json!(1));
        object.insert("maxProperties".to_owned(), json!(1));
    }
    schema
}

fn connection() -> Value {
    let limits = [
        ("per-token", rate("per-token")),
        ("per-connection", rate("per-connection")),
        ("scan", whole(1, 100_000_000)),
        ("writes", whole(1, 100_000_000)),
        ("deadline", duration()),
    ];
    let keys = [
        ("client", name()),
        ("scim", super::scim()),
        ("backend", name()),
        ("packs", one_or_list(name())),
        ("path", json!({ "type": "string", "pattern": "^/", "description": "its base path" })),
        ("public-url", text("the URL under which its clients know the gateway")),
        ("resources", one_or_list(text("a resource type beside User and Group, such as `Role`"))),
        ("operations", one_or_list(word(OperationKind::WORDS))),
        ("limits", mapping("limits", &[], &limits)),
        ("lifecycle", lifecycle()),
        ("conflict", word(Conflict::WORDS)),
        ("put-merge", json!({ "type": "boolean", "description": "a PUT keeps what it leaves out" })),
        ("brake", json!({ "type": "string", "pattern": "^[0-9]+/h$", "description": "losses an hour: 500/h" })),
        ("tokens-at-most", whole(1, 100)),
        ("authorization", word(Form::WORDS)),
        ("rules", entries("rules", word(Mode::WORDS))),
    ];
    mapping("a connection", &["client", "backend"], &keys)
}

fn rate(title: &str) -> Value {
    let per_second = json!({ "type": "string", "pattern": "^[0-9]+/s$", "description": "calls per second: 25/s" });
    mapping(title, &["rate"], &[("rate", per_second), ("burst", whole(1, 1_000_000))])
}
