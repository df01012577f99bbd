//! `reject`: a no that the operator wrote.

use crate::fault::{Fault, Faults};
use crate::scim::{ErrorStatus, ScimError, ScimType};
use crate::yaml::{Node, settle};

use super::{About, Action, QUERIES_PASS};

pub(super) const ABOUT: About = About {
    word: "reject",
    summary: "refuses the call with a SCIM error",
    example: "reject: { status: 403, detail: \"contractors are managed by hand\" }",
    two_way: false,
    exact: "answers every call that meets its `when`; the backend is not asked",
    operators: QUERIES_PASS,
    patch: &[("everything", "refused")],
    read: |node, faults| Reject::read(node, faults).map(Action::Reject),
};

/// The payload of `reject`: a SCIM error (RFC 7644 section 3.12).
#[derive(Debug)]
pub struct Reject {
    status: ErrorStatus,
    scim_type: Option<ScimType>,
    detail: String,
}

impl Reject {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("reject", faults)?;
        let status = match fields.take("status") {
            Some(node) => read_status(node, faults),
            None => Some(ErrorStatus::BadRequest),
        };
        let scim_type = fields.take("scim-type").map(|node| node.word("scimType", ScimType::WORDS, faults));
        let detail = fields.require("detail", faults).and_then(|node| node.text("a sentence", faults));
        fields.finish(faults);
        Some(Self { status: status?, scim_type: settle(scim_type)?, detail: detail?.to_owned() })
    }

    /// The refusal.
    #[must_use]
    pub fn refusal(&self) -> ScimError {
        ScimError { scim_type: self.scim_type, ..ScimError::new(self.status, self.detail.clone()) }
    }
}

fn read_status(node: &Node, faults: &mut Faults) -> Option<ErrorStatus> {
    let number = node.whole("a status", 400..=504, faults)?;
    let status = u16::try_from(number).ok().and_then(ErrorStatus::from_code);
    if status.is_none() {
        faults.push(
            Fault::error("R0105", node.place.clone(), format!("{number} is not a status that SCIM clients know"))
                .label("not a refusal")
                .help("write 400, 401, 403, 404, 409, 412, 413, 500, 501, 502 or 503"),
        );
    }
    status
}
