//! What `check` proves of a pack beyond the parts of single actions: errors that need the whole rule or its neighbours,
//! and doubts, which are warnings and are told by `check` alone, never while serving.

mod doubts;
mod meeting;
mod parts;

use crate::fault::{Fault, Faults};
use crate::scim::schema::{self, Kind, Mutability};
use crate::scim::{AttrPath, OperationKind, Resource};
use crate::yaml::{Kind as YamlKind, Node};

use super::actions::Action;
use super::rule::{Rule, To};

use doubts::WITH_PART;

pub use doubts::doubts;
pub(super) use meeting::names_stay_apart;
pub(super) use parts::texts_have_none;

/// Says if a rule is for operations on which it would not do what it says.
pub(super) fn operations_fit(rule: &Rule, when: Option<&Node>, faults: &mut Faults) {
    let Some(when) = when else { return };
    let operations = &rule.when.operations;
    let defaults = rule.actions.iter().any(|action| matches!(action, Action::Default(_)));
    if defaults && operations.contains(&OperationKind::Patch) {
        faults.push(
            Fault::error("R0419", part(when, "operations").place.clone(), "`default` never acts on a PATCH")
                .label("`patch` among them")
                .help("remove `patch`: a PATCH leaves out whatever doesn't change"),
        );
    }
    let bare = operations.iter().find(|operation| !WITH_PART.contains(operation));
    if let (Some(bare), true, true) = (bare, rule.when.body.is_some(), rule.to == To::Backend) {
        let message = format!("a condition on the body can't be asked of `{}`", bare.word());
        faults.push(
            Fault::error("R0401", part(when, "body").place.clone(), message)
                .label("such a request holds no resource")
                .help("name the operations it is for: `operations: [create, replace]`"),
        );
    }
}

/// The value under a key, or the whole.
fn part<'n>(node: &'n Node, name: &str) -> &'n Node {
    let YamlKind::Map(entries) = &node.kind else { return node };
    entries.iter().find(|(key, _)| key.text == name).map_or(node, |(_, value)| value)
}

/// Says if a boolean action is on an attribute that is known to hold something else, and that nothing was renamed to.
pub(super) fn names_booleans(rules: &[impl AsRef<Rule>], faults: &mut Faults) {
    let mut renamed: Vec<&AttrPath> = Vec::new();
    for rule in rules.iter().map(AsRef::as_ref) {
        for action in &rule.actions {
            renamed.extend(action.pairs().iter().map(|(_, to)| to));
            if !action.is_boolean() {
                continue;
            }
            for place in action.places() {
                let known = schema::find(None, &place.attr).is_some_and(|attribute| attribute.kind != Kind::Boolean);
                if known && !renamed.contains(&&place.attr) {
                    faults.push(
                        Fault::error("R0421", rule.place.clone(), format!("`{place}` is no boolean"))
                            .label("in this rule")
                            .help("name an attribute that is true or false, such as `active`"),
                    );
                }
            }
        }
    }
}

/// Says if a resource type that a rule is for is known to lack the attribute that the rule has for its key, and nothing was
/// renamed to it.
pub(super) fn keys_fit(rules: &[impl AsRef<Rule>], faults: &mut Faults) {
    let mut renamed: Vec<&AttrPath> = Vec::new();
    for rule in rules.iter().map(AsRef::as_ref) {
        for action in &rule.actions {
            renamed.extend(action.pairs().iter().map(|(_, to)| to));
            let Action::Identify(identify) = action else { continue };
            let by = &identify.by().attr;
            let all = [Resource::User, Resource::Group];
            let is_for = |one: &Resource| rule.when.resources.is_empty() || rule.when.resources.contains(one);
            let lacks = |one: &Resource| schema::find(Some(one), by).is_none();
            let is_of_one = by.extension().is_none() && schema::is_known(by) && !renamed.contains(&by);
            if let Some(without) = all.iter().find(|one| is_of_one && is_for(one) && lacks(one)) {
                faults.push(
                    Fault::error(
                        "R0431",
                        rule.place.clone(),
                        format!("`{without}` has no `{by}` that could be its key"),
                    )
                    .label("in this rule")
                    .help("say by `when: { resource: .. }` of which resources it is the key"),
                );
            }
        }
    }
}

/// The attribute that a rule hides from clients, of those that a PUT of what the client saw would clear.
#[must_use]
pub fn hidden(rule: &Rule) -> Option<String> {
    if rule.to != To::Client {
        return None;
    }
    rule.actions.iter().find_map(|action| match action {
        Action::Keep(_) => Some("what is not on its list".to_owned()),
        Action::Drop(drop) => {
            let written = action.places().into_iter().find(|place| is_the_clients(&place.attr));
            written
                .map(|place| format!("`{place}`"))
                .or_else(|| drop.has_query().then(|| "what a query selects".to_owned()))
        }
        _ => None,
    })
}

/// The attribute that a rule writes anew in answers, of those that clients write: whoever reads a resource to write it takes
/// for what is there what the rule has made of it. What `empty` takes away means the same as nothing.
#[must_use]
pub fn rewritten(rule: &Rule) -> Option<String> {
    if rule.to != To::Client {
        return None;
    }
    rule.actions.iter().find_map(|action| match action {
        Action::Items(items) => is_the_clients(items.at()).then(|| format!("`{}`", items.at())),
        Action::Set(_) | Action::Default(_) | Action::Text(_) => {
            action.places().into_iter().find(|place| is_the_clients(&place.attr)).map(|place| format!("`{place}`"))
        }
        _ => None,
    })
}

/// Whether clients write the attribute and see it again.
fn is_the_clients(path: &AttrPath) -> bool {
    let top = AttrPath { sub: None, ..path.clone() };
    let mutability = |path: &AttrPath| schema::find(None, path).map(|attribute| attribute.mutability);
    let alone = |path: &AttrPath| matches!(mutability(path), Some(Mutability::ReadOnly | Mutability::WriteOnly));
    !alone(&top) && !alone(path)
}
