//! `respond`: an answer that the operator wrote.

use crate::fault::{Fault, Faults};
use crate::json::Value;
use crate::rules::head::{Reply, ReplyBody};
use crate::yaml::Node;

use super::{About, Action, PATCHES_PASS, QUERIES_PASS};

pub(super) const ABOUT: About = About {
    word: "respond",
    summary: "answers here, so that the backend is never asked",
    example: "respond: { status: 200, body: { totalResults: 0, Resources: [] } }",
    two_way: false,
    exact: "the backend is never asked; the answer goes to the client as it is written",
    operators: QUERIES_PASS,
    patch: PATCHES_PASS,
    read: |node, faults| Respond::read(node, faults).map(Action::Respond),
};

/// The payload of `respond`: a success. Whoever calls has been authorised as for the call itself. The client gets the body as
/// it is written, whichever pack it stands in. A no is said by `reject`.
#[derive(Debug)]
pub struct Respond {
    status: u16,
    body: Option<Value<'static>>,
}

impl Respond {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("respond", faults)?;
        let status = fields.require("status", faults).and_then(|node| node.whole("a status", 200..=299, faults));
        let body = fields.take("body");
        fields.finish(faults);
        let status = u16::try_from(status?).ok()?;
        if let Some(node) = body
            && (status == 204 || node.to_json().as_object().is_none())
        {
            let message = if status == 204 { "204 has no body" } else { "a body must be a JSON object" };
            faults.push(
                Fault::error("R0103", node.place.clone(), message.to_owned())
                    .label("not the body of this answer")
                    .help("write a mapping, or `status: 204` without `body`"),
            );
            return None;
        }
        Some(Self { status, body: body.map(Node::to_json) })
    }

    /// The answer.
    #[must_use]
    pub fn reply(&self) -> Reply {
        let body = self.body.clone().map_or(ReplyBody::Nothing, ReplyBody::Written);
        Reply { status: self.status, headers: Vec::new(), text: String::new(), body }
    }
}
