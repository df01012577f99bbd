//! Which way an action works, and whether its rule says so: an action on answers in a rule for requests would never act.

use crate::fault::{Fault, Faults};
use crate::yaml::Node;

use super::actions::{Action, Reach};
use super::rule::{Rule, Side, To};

/// Says if an action, a condition or `on-error` has no meaning in its rule.
pub fn check(rule: &Rule, side: Option<Side>, when: Option<&Node>, on_error: Option<&Node>, faults: &mut Faults) {
    for action in &rule.actions {
        let fault = action_fault(action, rule.to).or_else(|| match action {
            Action::Path(_) => path_fault(rule, side?),
            Action::Header(header) => header_fault(header.stranger(rule.to)?),
            _ => None,
        });
        if let Some((message, help)) = fault {
            faults.push(Fault::error("R0426", rule.place.clone(), message).label("in this rule").help(help));
        }
    }
    if let (Some(node), Some((message, help))) = (when, when_fault(rule)) {
        faults.push(Fault::error("R0427", node.place.clone(), message).label("never holds").help(help));
    }
    let is_skippable =
        |action: &Action| !action.is_two_way() && !matches!(action, Action::Reject(_) | Action::Respond(_));
    if let (Some(node), false) = (on_error, rule.actions.iter().all(is_skippable)) {
        faults.push(
            Fault::error("R0428", node.place.clone(), "these actions can't be skipped".to_owned())
                .label("`on-error` has no meaning here")
                .help("remove it: what is undone on the way back, or answers by itself, acts or refuses"),
        );
    }
}

type Told = (String, String);

fn action_fault(action: &Action, to: To) -> Option<Told> {
    let told = |message: &str, help: &str| Some((message.to_owned(), help.to_owned()));
    match (action.reach(), to) {
        (Reach::Request, To::Client) => told("`query`, `path` and `respond` act on requests", "remove `to: client`"),
        (Reach::Answer | Reach::List, To::Backend) => {
            told("`status`, `error` and `list` act on answers", "add `to: client` to the rule")
        }
        _ => None,
    }
}

fn header_fault(name: &str) -> Option<Told> {
    let message = format!("no answer has the header field `{name}`");
    Some((message, "towards the client only `etag`, `location` and `retry-after` are passed on".to_owned()))
}

/// In a client pack the path is read before anything else is known of the call.
fn path_fault(rule: &Rule, side: Side) -> Option<Told> {
    match side {
        Side::Backend => None,
        Side::Connection => Some((
            "`path` can't stand in a connection's own pack".to_owned(),
            "write it in the client's or the backend's pack: between them paths are SCIM's".to_owned(),
        )),
        Side::Client => {
            let free = rule.when.is_resource_only() && rule.when.resources.is_empty();
            let told = ("a client's paths can't depend on the call", "remove `when`: the path says what is called");
            (!free).then(|| (told.0.to_owned(), told.1.to_owned()))
        }
    }
}

fn when_fault(rule: &Rule) -> Option<Told> {
    let told = |message: &str, help: &str| Some((message.to_owned(), help.to_owned()));
    if rule.to == To::Backend && rule.when.asks(|when| !when.statuses.is_empty()) {
        return told("a request has no status", "add `to: client`, or remove `status`");
    }
    if rule.to == To::Client && rule.when.asks(|when| when.patch.is_some()) {
        return told("an answer is no PATCH", "remove `patch`, or `to: client`");
    }
    let asks_resource = rule.when.asks(|when| when.body.is_some() || when.filter.is_some());
    let sees_none = rule.actions.iter().any(|action| matches!(action.reach(), Reach::Answer | Reach::List));
    if rule.to == To::Client && asks_resource && sees_none {
        return told("an action on a whole answer sees no resource", "ask for `status`, `operations` or `resource`");
    }
    None
}
