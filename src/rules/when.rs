//! When a rule acts: `when`.
//!
//! Resource and operations are known before a call and decide at load which rules a plan holds; what is asked of the body
//! is asked per resource.

use crate::fault::Faults;
use crate::json::{Object, Value};
use crate::scim::{OperationKind, Resource};
use crate::yaml::Node;

use super::select::Condition;

/// The conditions of one rule: all that are present must hold.
#[derive(Debug, Default)]
pub struct When {
    /// Any of these resource types; empty means every type.
    pub resources: Vec<Resource>,
    /// Any of these operations; empty means every operation.
    pub operations: Vec<OperationKind>,
    /// A JSONPath filter expression with `@` as the resource.
    pub body: Option<Condition>,
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
        self.operations.is_empty() && self.body.is_none()
    }

    /// Whether `resource` meets the condition on the body. A condition that can't be answered within its budget holds
    /// for nobody and says so: the rule's action then refuses the call.
    ///
    /// # Errors
    /// The condition's own fault, as text for the log.
    pub fn holds(&self, resource: &Object<'_>) -> Result<bool, String> {
        match &self.body {
            None => Ok(true),
            Some(condition) => condition.holds(&Value::Object(resource.clone())).map_err(|fault| fault.to_string()),
        }
    }

    /// Reads `when:`.
    pub fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("when", faults)?;
        let mut when = Self::default();
        if let Some(node) = fields.take("resource") {
            when.resources = node.one_or_list().into_iter().filter_map(|one| resource(one, faults)).collect();
        }
        if let Some(node) = fields.take("operations") {
            let words = OperationKind::WORDS;
            when.operations =
                node.one_or_list().into_iter().filter_map(|one| one.word("operation", words, faults)).collect();
        }
        if let Some(node) = fields.take("body") {
            when.body = condition(node, faults);
            let patched = when.operations.is_empty() || when.operations.contains(&OperationKind::Patch);
            if patched {
                faults.push(
                    crate::fault::Fault::error(
                        "R0401",
                        node.place.clone(),
                        "a condition on the body can't be asked of a PATCH".to_owned(),
                    )
                    .label("a PATCH carries changes, not the resource")
                    .help("name the operations it is for: `operations: [create, replace]`"),
                );
            }
        }
        fields.finish(faults);
        Some(when)
    }
}

fn resource(node: &Node, faults: &mut Faults) -> Option<Resource> {
    let text = node.text("a resource type", faults)?;
    Resource::named(text).or_else(|| {
        faults.push(
            crate::fault::Fault::error("R0104", node.place.clone(), format!("`{text}` is not a resource type"))
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
            faults.push(
                crate::fault::Fault::error("R0402", node.place.clone(), fault.to_string())
                    .label("not a condition on the resource")
                    .help("write a filter expression of RFC 9535 with `@` as the resource: \"@.userType == 'Admin'\""),
            );
        })
        .ok()
}
