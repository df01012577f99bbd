//! Cases: what a pack promises, as request and answer on both of its sides. `check` runs every one.

use crate::fault::{Fault, Faults, Place};
use crate::json::Value;
use crate::yaml::Node;

/// One case.
#[derive(Debug)]
pub struct Case {
    /// What it shows, in a few words.
    pub name: String,
    /// What the client sends.
    pub sends: Sent,
    /// What the backend is to receive; nothing if the call must not reach it.
    pub reaches: Option<Sent>,
    /// What the backend answers.
    pub answers: Option<Answer>,
    /// What the client is to receive.
    pub receives: Option<Answer>,
    /// The ids of the rules that are to fire, without the pack's name; `std/..` repairs with theirs.
    pub fired: Option<Vec<String>>,
    /// Whether bodies may hold more than the case shows.
    pub subset: bool,
    /// Where it stands in its file.
    pub place: Place,
}

/// A request in a case.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// Path and query below the connection's base.
    pub target: String,
    /// The body.
    pub body: Option<Value<'static>>,
    /// Where it stands in its file.
    pub place: Place,
}

/// An answer in a case.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Option<Value<'static>>,
    /// Where it stands in its file.
    pub place: Place,
}

impl Case {
    /// Reads one entry of `cases`.
    pub fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("a case", faults)?;
        let name = fields.require("name", faults).and_then(|node| node.text("a few words", faults));
        let client = fields.require("client", faults);
        let backend = fields.take("backend");
        let fired = fields.take("fired").and_then(|node| read_fired(node, faults));
        let words = [("exact", false), ("subset", true)];
        let subset = fields.take("match").map_or(Some(false), |node| node.word("match", &words, faults));
        fields.finish(faults);

        let mut client = client?.fields("client", faults)?;
        let sends = client.require("sends", faults).and_then(|node| Sent::read(node, faults));
        let receives = client.take("receives").and_then(|node| Answer::read(node, faults));
        client.finish(faults);
        let (reaches, answers) = match backend {
            Some(node) => {
                let mut backend = node.fields("backend", faults)?;
                let reaches = backend.take("receives").and_then(|node| Sent::read(node, faults));
                let answers = backend.take("answers").and_then(|node| Answer::read(node, faults));
                backend.finish(faults);
                (reaches, answers)
            }
            None => (None, None),
        };
        if reaches.is_none() && receives.is_none() && fired.is_none() {
            faults.push(
                Fault::error("R0418", node.place.clone(), "a case that asserts nothing".to_owned())
                    .label("nothing is expected here")
                    .help("say what the backend or the client `receives`, or which rules have `fired`"),
            );
        }
        let place = node.place.clone();
        Some(Self { name: name?.to_owned(), sends: sends?, reaches, answers, receives, fired, subset: subset?, place })
    }
}

fn read_fired(node: &Node, faults: &mut Faults) -> Option<Vec<String>> {
    let rules = node.list("a list of rule ids", faults)?;
    Some(rules.iter().filter_map(|rule| rule.text("a rule's id", faults)).map(str::to_owned).collect())
}

impl Sent {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("a request", faults)?;
        let request = fields.require("request", faults);
        let body = fields.take("body").map(Node::to_json);
        fields.finish(faults);
        let request = request?;
        let text = request.text("a method and a path", faults)?;
        let Some((method, target)) = text.split_once(' ').filter(|(_, target)| target.starts_with('/')) else {
            faults.push(
                Fault::error("R0103", request.place.clone(), format!("`{text}` is not a request"))
                    .label("not a method and a path")
                    .help("write it as on the first line of HTTP: \"PUT /Users/7\""),
            );
            return None;
        };
        Some(Self { method: method.to_owned(), target: target.to_owned(), body, place: node.place.clone() })
    }
}

impl Answer {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("an answer", faults)?;
        let status = fields.require("status", faults).and_then(|node| node.whole("a status", 200..=599, faults));
        let body = fields.take("body").map(Node::to_json);
        fields.finish(faults);
        let status = u16::try_from(status?).ok()?;
        Some(Self { status, body, place: node.place.clone() })
    }
}
