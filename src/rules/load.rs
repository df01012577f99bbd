//! Reads packs: YAML with places in, meaning out, every fault of the file at once.

use std::sync::Arc;

use crate::fault::{Fault, Faults};
use crate::scim::Version;
use crate::yaml::Node;

use super::actions::{self, Action};
use super::can::Can;
use super::case::Case;
use super::direction;
use super::harm;
use super::proofs;
use super::rule::{Mode, OnError, Pack, Rule, RuleId, Side, To};
use super::when::When;

/// Reads one pack; nothing if it has a fault that leaves it without meaning.
pub fn pack(node: &Node, faults: &mut Faults) -> Option<Pack> {
    let before = faults.errors();
    let mut fields = node.fields("a pack", faults)?;
    if let Some(version) = fields.require("version", faults) {
        version.whole("the version of the rule language", 1..=1, faults);
    }
    let name = fields.require("pack", faults).and_then(|node| read_name(node, "the pack's name", faults));
    let side = fields.require("side", faults).and_then(|node| node.word("side", Side::WORDS, faults));
    let about = fields.require("about", faults).and_then(|node| node.text("a sentence", faults));
    let scim = fields.take("scim").and_then(|node| scim(node, side, faults)).unwrap_or_default();
    let can = fields.take("can").map(|node| can(node, side, faults)).unwrap_or_default();
    let rule_nodes = fields.take("rules").and_then(|node| node.list("a list of rules", faults)).unwrap_or_default();
    let case_nodes = fields.take("cases").and_then(|node| node.list("a list of cases", faults)).unwrap_or_default();
    fields.finish(faults);

    let pack = name.unwrap_or_default();
    let mut rules: Vec<Arc<Rule>> = Vec::with_capacity(rule_nodes.len());
    for node in rule_nodes {
        let Some(rule) = rule(node, &pack, side, faults) else { continue };
        if rules.iter().any(|other| other.id == rule.id) {
            faults.push(
                Fault::error("R0414", rule.place.clone(), format!("a second rule `{}`", rule.id.in_pack()))
                    .label("this id is taken")
                    .help("metrics, logs and `explain` name a rule by its id: give each its own"),
            );
        }
        rules.push(Arc::new(rule));
    }
    proofs::names_booleans(&rules, faults);
    proofs::keys_fit(&rules, faults);
    proofs::names_stay_apart(&rules, faults);
    proofs::texts_have_none(&rules, faults);
    harm::check(&rules, side, faults);
    let cases = case_nodes.iter().filter_map(|node| Case::read(node, faults)).collect();
    let sound = faults.errors() == before;
    let (side, about) = (side?, about?.to_owned());
    sound.then_some(Pack { name: pack, side, about, scim, can, rules, cases })
}

/// A name that can stand in a label and a file name.
fn read_name(node: &Node, what: &'static str, faults: &mut Faults) -> Option<String> {
    let text = node.text(what, faults)?;
    let sound = !text.is_empty()
        && text.len() <= 64
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !text.starts_with('-');
    if !sound {
        faults.push(
            Fault::error("R0105", node.place.clone(), format!("`{text}` can't be {what}"))
                .label("not a name")
                .help("use lower-case letters, digits and hyphens, at most 64, such as `empty-type`"),
        );
    }
    sound.then(|| text.to_owned())
}

/// `scim: 1.1`
fn scim(node: &Node, side: Option<Side>, faults: &mut Faults) -> Option<Version> {
    if side.is_some_and(|side| side != Side::Client) {
        faults.push(
            Fault::error(
                "R0104",
                node.place.clone(),
                "only a client pack says which SCIM its client speaks".to_owned(),
            )
            .label("not of this side")
            .help("of a backend, `can: { scim: 1.1 }` says it"),
        );
    }
    node.word("version of SCIM", Version::WORDS, faults)
}

fn can(node: &Node, side: Option<Side>, faults: &mut Faults) -> Can {
    if side.is_some_and(|side| side != Side::Backend) {
        let message = "only a backend pack says what a backend `can` do";
        faults.push(
            Fault::error("R0104", node.place.clone(), message.to_owned())
                .label("not of this side")
                .help("move it to the pack of the backend"),
        );
    }
    Can::read(node, faults)
}

fn rule(node: &Node, pack: &str, side: Option<Side>, faults: &mut Faults) -> Option<Rule> {
    let mut fields = node.fields("a rule", faults)?;
    let id = fields.require("id", faults).and_then(|node| read_name(node, "a rule's id", faults));
    let why = fields.require("why", faults).and_then(|node| node.text("a sentence", faults));
    let source = fields.take("source").and_then(|node| node.text("where the quirk is written down", faults));
    let when_node = fields.take("when");
    let when = match when_node {
        Some(node) => When::read(node, faults),
        None => Some(When::default()),
    };
    let to_node = fields.take("to");
    let words = [("backend", To::Backend), ("client", To::Client)];
    let to = to_node.map(|node| node.word("direction", &words, faults));
    let mode = fields.take("mode").map(|node| node.word("mode", Mode::WORDS, faults));
    let on_error_node = fields.take("on-error");
    let on_error = on_error_node.map(|node| node.word("what to do on an error", OnError::WORDS, faults));
    let actions = fields.require("do", faults).and_then(|node| node.list("a list of actions", faults));
    fields.finish(faults);
    let actions: Vec<Action> = actions?.iter().filter_map(|node| actions::read(node, faults)).collect();
    let rule = Rule {
        id: RuleId::new(pack, &id?),
        why: why?.to_owned(),
        source: source.map(str::to_owned),
        when: when?,
        to: to.flatten().unwrap_or_default(),
        mode: mode.flatten().unwrap_or_default(),
        on_error: on_error.flatten().unwrap_or_default(),
        actions,
        place: node.place.clone(),
    };
    check(&rule, when_node, to_node, faults);
    direction::check(&rule, side, when_node, on_error_node, faults);
    proofs::operations_fit(&rule, when_node, faults);
    Some(rule)
}

/// What holds between the parts of one rule.
fn check(rule: &Rule, when: Option<&Node>, to: Option<&Node>, faults: &mut Faults) {
    let two_way = rule.actions.iter().filter(|action| action.is_two_way()).count();
    if two_way > 0 && two_way < rule.actions.len() {
        faults.push(
            Fault::error("R0415", rule.place.clone(), "one rule holds two-way and one-way actions".to_owned())
                .label("this rule")
                .help("split it in two: what is undone on the way back and what is not have different conditions"),
        );
    }
    if let (true, Some(node)) = (two_way > 0 && !rule.when.is_resource_only(), when) {
        faults.push(
            Fault::error(
                "R0416",
                node.place.clone(),
                "a two-way action can't depend on the operation or the body".to_owned(),
            )
            .label("only `resource` may stand here")
            .help("what is rewritten in one operation must be undone in all: keep `resource` only"),
        );
    }
    if let (true, Some(node)) = (two_way > 0, to) {
        faults.push(
            Fault::error("R0417", node.place.clone(), "a two-way action works in both directions".to_owned())
                .label("no direction to state")
                .help("remove `to`"),
        );
    }
}
