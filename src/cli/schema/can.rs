//! The schema of `can:`.

use serde_json::{Value, json};

use crate::rules::Media;
use crate::rules::can::{Form, Index, Logic, MemberChange, Operator};

use super::{mapping, one_or_list, text, whole, word};

pub(super) fn schema() -> Value {
    let keys = [
        ("users", able("users", &verbs())),
        ("groups", able("groups", &verbs())),
        ("filter", filter()),
        ("page", able("page", &[("max", limit()), ("default", limit()), ("index", word(Index::WORDS))])),
        ("sort", truth()),
        ("etag", json!({ "enum": [true, false, "required"] })),
        ("attributes", truth()),
        ("bulk", able("bulk", &[("max-operations", limit())])),
        ("limits", mapping("limits", &[], &[("scan", limit()), ("writes", limit())])),
        ("budget", mapping("budget", &[], &["look-ups", "user-writes", "group-writes"].map(|name| (name, rate())))),
        ("search", truth()),
        ("me", truth()),
        ("discovery", truth()),
        ("media", word(Media::WORDS)),
        ("scim", super::scim()),
    ];
    mapping("can", &[], &keys)
}

/// How often a backend lets itself be called.
fn rate() -> Value {
    let rate = || text("a number of calls and a unit of time: `5/s`, `180/min`, `25000/h`");
    let keys = [("rate", rate()), ("burst", whole(1, 100_000))];
    json!({ "anyOf": [rate(), mapping("rate", &["rate"], &keys)] })
}

/// `true`, `false`, or a mapping with limits.
fn able(title: &str, keys: &[(&str, Value)]) -> Value {
    json!({ "anyOf": [truth(), mapping(title, &[], keys)] })
}

fn verbs() -> [(&'static str, Value); 6] {
    [
        ("create", able("create", &[("max-members", limit())])),
        ("read", read()),
        ("replace", replace()),
        ("patch", patch()),
        ("delete", truth()),
        ("filter", filter()),
    ]
}

fn read() -> Value {
    able("read", &[("hides", attributes()), ("on-request", attributes()), ("list-hides", attributes())])
}

fn replace() -> Value {
    able("replace", &[("max-members", limit()), ("merges", truth()), ("attributes", attributes())])
}

fn patch() -> Value {
    let keys = [
        ("form", word(Form::WORDS)),
        ("members", one_or_list(word(MemberChange::WORDS))),
        ("repeats", truth()),
        ("value-paths", truth()),
        ("attributes", attributes()),
        ("max-operations", limit()),
        ("max-changes", limit()),
        ("max-bytes", limit()),
    ];
    able("patch", &keys)
}

fn filter() -> Value {
    let keys = [
        ("operators", one_or_list(word(Operator::WORDS))),
        ("logic", one_or_list(word(Logic::WORDS))),
        ("attributes", attributes()),
        ("ne-absent", truth()),
    ];
    able("filter", &keys)
}

fn attributes() -> Value {
    one_or_list(text("an attribute path, such as `userName` or `name.givenName`"))
}

fn limit() -> Value {
    whole(1, 100_000_000)
}

fn truth() -> Value {
    json!({ "type": "boolean" })
}
