//! When a rule acts: `when`.
//!
//! Resource and operations are known before a call and decide at load which rules a plan holds; what is asked of the body
//! is asked per resource.

use crate::fault::{Fault, Faults};
use crate::json::{Object, Value};
use crate::scim::filter::matches;
use crate::scim::{Filter, OperationKind, Resource};
use crate::yaml::{Kind, Node};

use super::changes::Changes;
use super::head::{Head, SECRET, Scene};
use super::message::Facts;
use super::select::Condition;
use super::wildcard::Wanted;

/// The conditions of one rule: all that are present must hold; of a list, any.
#[derive(Debug, Default)]
pub struct When {
    /// Any of these resource types; empty means every type.
    pub resources: Vec<Resource>,
    /// Any of these operations; empty means every operation.
    pub operations: Vec<OperationKind>,
    /// A JSONPath filter expression with `@` as the resource.
    pub body: Option<Condition>,
    /// A SCIM filter on the resource.
    pub filter: Option<Filter>,
    /// What a PATCH changes.
    pub patch: Option<Changes>,
    /// Header fields of the client's request, names in lower case.
    pub headers: Vec<(String, Vec<Wanted>)>,
    /// Parameters of the client's query.
    pub params: Vec<(String, Vec<Wanted>)>,
    /// Any of these statuses of the backend's answer; empty means every status.
    pub statuses: Vec<Statuses>,
    /// What must not hold.
    pub not: Option<Box<When>>,
    /// Of these, one must hold; empty asks nothing.
    pub any: Vec<When>,
}

/// A status, or a hundred of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statuses {
    /// `404`
    One(u16),
    /// `4xx`
    Hundred(u16),
}

impl Statuses {
    fn has(self, status: u16) -> bool {
        match self {
            Self::One(one) => one == status,
            Self::Hundred(hundred) => hundred == status / 100,
        }
    }

    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let found = match &node.kind {
            Kind::Number(text) => text.parse().ok().filter(|code| (200..=599).contains(code)).map(Self::One),
            Kind::String(text) => match text.as_bytes() {
                [digit @ b'2'..=b'5', b'x', b'x'] => Some(Self::Hundred(u16::from(digit - b'0'))),
                _ => None,
            },
            _ => None,
        };
        if found.is_none() {
            faults.push(
                Fault::error("R0103", node.place.clone(), "not a status of an answer".to_owned())
                    .label("neither a status nor a hundred of them")
                    .help("write a status such as 404, or `4xx` for all from 400 to 499"),
            );
        }
        found
    }
}

/// What a condition is asked of.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'s> {
    /// The call.
    pub facts: Facts<'s>,
    /// The resource; nothing where the message carries none.
    pub resource: Option<&'s Object<'s>>,
    /// The PATCH message; nothing on any other.
    pub patch: Option<&'s Value<'s>>,
}

impl When {
    /// Whether a call of this kind can meet the rule at all.
    #[must_use]
    pub fn admits(&self, resource: Option<&Resource>, operation: OperationKind) -> bool {
        let resource_ok =
            self.resources.is_empty() || resource.is_some_and(|resource| self.resources.contains(resource));
        resource_ok && (self.operations.is_empty() || self.operations.contains(&operation))
    }

    /// Whether the rule may stand on a two-way action: what is rewritten in one operation must be undone in all.
    #[must_use]
    pub fn is_resource_only(&self) -> bool {
        self.operations.is_empty() && self.asks_nothing_of_calls()
    }

    /// Whether the kind of call decides it.
    pub(super) fn asks_nothing_of_calls(&self) -> bool {
        self.body.is_none()
            && self.filter.is_none()
            && self.patch.is_none()
            && self.headers.is_empty()
            && self.params.is_empty()
            && self.statuses.is_empty()
            && self.not.is_none()
            && self.any.is_empty()
    }

    /// Whether it, or a condition inside it, is true of this.
    #[must_use]
    pub fn asks(&self, of: fn(&Self) -> bool) -> bool {
        of(self) || self.not.iter().any(|not| not.asks(of)) || self.any.iter().any(|any| any.asks(of))
    }

    /// Whether the head of the request is looked at.
    #[must_use]
    pub fn asks_head(&self) -> bool {
        self.asks(|when| !when.headers.is_empty() || !when.params.is_empty())
    }

    /// Whether what is seen meets the conditions. One that asks for what isn't there (the resource of a read, the PATCH of
    /// a create) doesn't hold. One that can't be answered within its budget holds for nobody and says so: the rule then
    /// refuses the call.
    ///
    /// # Errors
    /// The condition's own fault, as text for the log.
    pub fn holds(&self, seen: Seen<'_>) -> Result<bool, String> {
        if self.asks_nothing_of_calls() {
            return Ok(true);
        }
        if !self.holds_of_head(seen.facts.scene) || !self.holds_of_patch(seen.patch) {
            return Ok(false);
        }
        if !self.holds_of_resource(seen.resource)? {
            return Ok(false);
        }
        if let Some(not) = &self.not
            && not.holds_within(seen)?
        {
            return Ok(false);
        }
        for any in &self.any {
            if any.holds_within(seen)? {
                return Ok(true);
            }
        }
        Ok(self.any.is_empty())
    }

    /// As [`When::holds`], for a condition inside another one, which no plan has asked of the kind of call.
    fn holds_within(&self, seen: Seen<'_>) -> Result<bool, String> {
        Ok(self.admits(seen.facts.resource, seen.facts.operation) && self.holds(seen)?)
    }

    fn holds_of_patch(&self, patch: Option<&Value<'_>>) -> bool {
        self.patch.as_ref().is_none_or(|changes| patch.is_some_and(|patch| changes.hold(patch)))
    }

    fn holds_of_head(&self, scene: Scene<'_>) -> bool {
        let status_ok = self.statuses.is_empty()
            || scene.status.is_some_and(|status| self.statuses.iter().any(|one| one.has(status)));
        let none = Head::default();
        let head = scene.head.unwrap_or(&none);
        let meets = |fields: &[(String, String)], wanted: &[(String, Vec<Wanted>)]| {
            wanted.iter().all(|(name, any)| {
                any.iter().any(|one| {
                    let named = fields.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
                    one.meets(named.map(|(_, value)| value))
                })
            })
        };
        status_ok && meets(&head.headers, &self.headers) && meets(&head.params, &self.params)
    }

    fn holds_of_resource(&self, resource: Option<&Object<'_>>) -> Result<bool, String> {
        if self.body.is_none() && self.filter.is_none() {
            return Ok(true);
        }
        let Some(resource) = resource else { return Ok(false) };
        if self.filter.as_ref().is_some_and(|filter| !matches(filter.root(), resource)) {
            return Ok(false);
        }
        match &self.body {
            None => Ok(true),
            Some(condition) => condition.holds(&Value::Object(resource.clone())).map_err(|fault| fault.to_string()),
        }
    }

    /// Reads `when:`.
    pub fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        Self::read_within(node, faults, &[])
    }

    /// Reads conditions inside others, which have said for which `operations` they are.
    fn read_within(node: &Node, faults: &mut Faults, outer: &[OperationKind]) -> Option<Self> {
        let mut fields = node.fields("when", faults)?;
        let mut when = Self::default();
        if let Some(node) = fields.take("resource") {
            when.resources = some(node, "resource", faults).filter_map(|one| resource(one, faults)).collect();
        }
        if let Some(node) = fields.take("operations") {
            let words = OperationKind::WORDS;
            let named = some(node, "operations", faults);
            when.operations = named.filter_map(|one| one.word("operation", words, faults)).collect();
        }
        let operations = if when.operations.is_empty() { outer.to_vec() } else { when.operations.clone() };
        if let Some(node) = fields.take("body") {
            when.body = condition(node, faults);
            spares_patches(node, &operations, faults);
        }
        if let Some(node) = fields.take("filter") {
            when.filter = filter(node, faults);
            spares_patches(node, &operations, faults);
        }
        when.patch = fields.take("patch").and_then(|node| Changes::read(node, faults));
        when.headers = fields.take("header").map(|node| wanted(node, faults)).unwrap_or_default();
        when.params = fields.take("query").map(|node| wanted(node, faults)).unwrap_or_default();
        if let Some(node) = fields.take("status") {
            when.statuses = some(node, "status", faults).filter_map(|one| Statuses::read(one, faults)).collect();
        }
        when.not = fields.take("not").and_then(|node| Self::read_within(node, faults, &operations)).map(Box::new);
        if let Some(node) = fields.take("any") {
            let each = some(node, "any", faults);
            when.any = each.filter_map(|one| Self::read_within(one, faults, &operations)).collect();
        }
        fields.finish(faults);
        Some(when)
    }
}

/// One, or each of a list. An empty list would read as nothing, and be taken for everything.
fn some<'n>(node: &'n Node, key: &str, faults: &mut Faults) -> impl Iterator<Item = &'n Node> + use<'n> {
    let each = node.one_or_list();
    if each.is_empty() {
        faults.push(
            Fault::error("R0103", node.place.clone(), format!("`{key}` names nothing"))
                .label("an empty list")
                .help(format!("name one or more, or leave `{key}` out: then the rule asks nothing of it")),
        );
    }
    each.into_iter()
}

/// A PATCH carries no resource that could be asked.
fn spares_patches(node: &Node, operations: &[OperationKind], faults: &mut Faults) {
    if operations.is_empty() || operations.contains(&OperationKind::Patch) {
        faults.push(
            Fault::error("R0401", node.place.clone(), "a condition on the body can't be asked of a PATCH".to_owned())
                .label("a PATCH carries changes, not the resource")
                .help("name the operations it is for: `operations: [create, replace]`"),
        );
    }
}

/// `header: { user-agent: "Okta*" }`
fn wanted(node: &Node, faults: &mut Faults) -> Vec<(String, Vec<Wanted>)> {
    let Some(mut fields) = node.fields("the names and what they must be", faults) else { return Vec::new() };
    let entries = fields.rest();
    fields.finish(faults);
    let mut wanted = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        if SECRET.iter().any(|name| name.eq_ignore_ascii_case(&key.text)) {
            faults.push(
                Fault::error("R0424", key.place.clone(), format!("no rule sees `{}`", key.text))
                    .label("a credential")
                    .help("connections, not rules, tell clients apart: give each client its own"),
            );
            continue;
        }
        let any = node.one_or_list().into_iter().filter_map(|one| Wanted::read(one, faults)).collect();
        wanted.push((key.text.to_ascii_lowercase(), any));
    }
    wanted
}

/// Reads a filter on resources.
pub(super) fn filter(node: &Node, faults: &mut Faults) -> Option<Filter> {
    let text = node.text("a SCIM filter", faults)?;
    Filter::parse(text)
        .map_err(|fault| {
            faults.push(
                Fault::error("R0425", node.place.clone(), fault.to_string())
                    .label("not a filter on the resource")
                    .help("write it as clients do (RFC 7644 section 3.4.2.2): 'userType eq \"Admin\"'"),
            );
        })
        .ok()
}

fn resource(node: &Node, faults: &mut Faults) -> Option<Resource> {
    let text = node.text("a resource type", faults)?;
    Resource::named(text).or_else(|| {
        faults.push(
            Fault::error("R0104", node.place.clone(), format!("`{text}` is not a resource type"))
                .label("not the name of a resource type")
                .help(
                    "write `User`, `Group`, or the name of a resource type that a connection declares, such as `Role`",
                ),
        );
        None
    })
}

fn condition(node: &Node, faults: &mut Faults) -> Option<Condition> {
    let text = node.text("a JSONPath filter expression", faults)?;
    Condition::parse(text)
        .map_err(|fault| {
            let help = if text.contains("urn:") && !text.contains("['") {
                "a name with colons stands in brackets and quotes: \"@['urn:..:User'].department == 'R'\""
            } else {
                "write a filter expression of RFC 9535 with `@` as the resource: \"@.userType == 'Admin'\""
            };
            faults.push(
                Fault::error("R0402", node.place.clone(), fault.to_string())
                    .label("not a condition on the resource")
                    .help(help),
            );
        })
        .ok()
}
