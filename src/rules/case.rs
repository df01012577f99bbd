//! Cases: what a pack promises, as request and answer on both of its sides. `check` runs every one.

use crate::fault::{Fault, Faults, Place};
use crate::json::Value;
use crate::yaml::{Key, Kind, Node};

use super::rule::Mode;

/// One case.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it shows, in a few words.
    pub name: String,
    /// What the client sends.
    pub sends: Sent,
    /// What the backend is to receive and what it answers, call by call; empty if nothing must reach it.
    pub turns: Vec<Turn>,
    /// What the client is to receive.
    pub receives: Option<Answer>,
    /// The ids of the rules that are to fire, without the pack's name; `std/..` repairs with theirs.
    pub fired: Option<Vec<String>>,
    /// What is said of single rules, as a connection may say it: so a rule that a pack ships disabled has its case too.
    pub modes: Vec<(Key, Mode)>,
    /// Whether bodies may hold more than the case shows.
    pub subset: bool,
    /// Where it stands in its file.
    pub place: Place,
}

/// One call to the backend. A bridge may make several.
#[derive(Clone, Debug)]
pub struct Turn {
    /// What the backend is to receive, if the case says so.
    pub receives: Option<Sent>,
    /// What it answers.
    pub answers: Option<Answer>,
}

/// A request in a case.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// Path and query below the connection's base.
    pub target: String,
    /// Header fields. Where they are expected, others may be there too.
    pub headers: Vec<Field>,
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
    /// Header fields. Where they are expected, others may be there too.
    pub headers: Vec<Field>,
    /// The body.
    pub body: Option<Value<'static>>,
    /// Where it stands in its file.
    pub place: Place,
}

/// A header field: its name in lower case, and its value; `null` where it must not be there.
pub type Field = (String, Option<String>);

impl Case {
    /// Reads one entry of `cases`.
    pub fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("a case", faults)?;
        let name = fields.require("name", faults).and_then(|node| node.text("a few words", faults));
        let client = fields.require("client", faults);
        let backend = fields.take("backend");
        let fired = fields.take("fired").and_then(|node| read_fired(node, faults));
        let modes = fields.take("rules").map(|node| read_modes(node, faults)).unwrap_or_default();
        let words = [("exact", false), ("subset", true)];
        let subset = fields.take("match").map_or(Some(false), |node| node.word("match", &words, faults));
        fields.finish(faults);

        let mut client = client?.fields("client", faults)?;
        let sends = client.require("sends", faults).and_then(|node| Sent::read(node, faults));
        let receives = client.take("receives").and_then(|node| Answer::read(node, faults));
        client.finish(faults);
        let turns = backend.map(Node::one_or_list).unwrap_or_default();
        let turns: Vec<Turn> = turns.into_iter().filter_map(|node| Turn::read(node, faults)).collect();
        let reaches = turns.iter().any(|turn| turn.receives.is_some());
        if !reaches && receives.is_none() && fired.is_none() {
            faults.push(
                Fault::error("R0418", node.place.clone(), "a case that asserts nothing".to_owned())
                    .label("nothing is expected here")
                    .help("say what the backend or the client `receives`, or which rules have `fired`"),
            );
        }
        let place = node.place.clone();
        Some(Self { name: name?.to_owned(), sends: sends?, turns, receives, fired, modes, subset: subset?, place })
    }
}

fn read_fired(node: &Node, faults: &mut Faults) -> Option<Vec<String>> {
    let rules = node.list("a list of rule ids", faults)?;
    Some(rules.iter().filter_map(|rule| rule.text("a rule's id", faults)).map(str::to_owned).collect())
}

fn read_modes(node: &Node, faults: &mut Faults) -> Vec<(Key, Mode)> {
    let entries = node.fields("rules", faults).map(|mut fields| fields.rest()).unwrap_or_default();
    let entries = entries.into_iter();
    entries.filter_map(|(key, node)| Some((key.clone(), node.word("mode", Mode::WORDS, faults)?))).collect()
}

fn read_headers(node: &Node, faults: &mut Faults) -> Vec<Field> {
    let entries = node.fields("headers", faults).map(|mut fields| fields.rest()).unwrap_or_default();
    let value = |node: &Node, faults: &mut Faults| match &node.kind {
        Kind::Null => Some(None),
        Kind::Number(text) => Some(Some(text.clone())),
        _ => node.text("a header field's value", faults).map(|text| Some(text.to_owned())),
    };
    let read = entries.into_iter().map(|(key, node)| Some((key.text.to_ascii_lowercase(), value(node, faults)?)));
    read.flatten().collect()
}

impl Turn {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("backend", faults)?;
        let receives = fields.take("receives").and_then(|node| Sent::read(node, faults));
        let answers = fields.take("answers").and_then(|node| Answer::read(node, faults));
        fields.finish(faults);
        Some(Self { receives, answers })
    }
}

impl Sent {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("a request", faults)?;
        let request = fields.require("request", faults);
        let headers = fields.take("headers").map(|node| read_headers(node, faults)).unwrap_or_default();
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
        Some(Self { method: method.to_owned(), target: target.to_owned(), headers, body, place: node.place.clone() })
    }
}

impl Answer {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("an answer", faults)?;
        let status = fields.require("status", faults).and_then(|node| node.whole("a status", 200..=599, faults));
        let headers = fields.take("headers").map(|node| read_headers(node, faults)).unwrap_or_default();
        let body = fields.take("body").map(Node::to_json);
        fields.finish(faults);
        let status = u16::try_from(status?).ok()?;
        Some(Self { status, headers, body, place: node.place.clone() })
    }
}
