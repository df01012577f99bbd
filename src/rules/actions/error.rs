//! `error`: what a backend's error says.

use regex::Regex;

use crate::fault::{Fault, Faults};
use crate::json::Value;
use crate::rules::head::{Reply, ReplyBody};
use crate::rules::message::Verdict;
use crate::scim::ScimType;
use crate::yaml::Node;

use super::text::read_pattern;
use super::{About, Action, PATCHES_PASS, QUERIES_PASS};

pub(super) const ABOUT: About = About {
    word: "error",
    summary: "gives an error its `scimType` and a `detail` that tells nothing it should not",
    example: "error: { matches: \"(?i)duplicate|already exists\", scim-type: uniqueness, scrub: true }",
    two_way: false,
    exact: "not undone",
    operators: QUERIES_PASS,
    patch: PATCHES_PASS,
    read: |node, faults| Error::read(node, faults).map(Action::Error),
};

/// What a scrubbed error says.
const SCRUBBED: &str = "the backend refused the request";

/// The payload of `error`. It acts on errors of which the text, as the backend wrote it, matches; what the client gets is always
/// a SCIM error (RFC 7644 section 3.12). Which status it is about is said by `when: { status: .. }`.
#[derive(Debug)]
pub struct Error {
    matches: Option<Regex>,
    scim_type: Option<ScimType>,
    detail: Option<String>,
}

impl Error {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("error", faults)?;
        let matches = fields.take("matches").map(|node| read_pattern(node, faults));
        let scim_type = fields.take("scim-type").map(|node| node.word("scimType", ScimType::WORDS, faults));
        let detail = fields.take("detail").map(|node| node.text("a sentence", faults).map(str::to_owned));
        let scrub = fields.take("scrub").map(|node| node.truth("scrub", faults));
        fields.finish(faults);
        let scrub = scrub.unwrap_or(Some(false))?;
        let detail = detail.map_or(Some(None), |read| read.map(Some))?;
        if (scrub && detail.is_some()) || (!scrub && detail.is_none() && scim_type.is_none()) {
            faults.push(
                Fault::error("R0429", node.place.clone(), "what the error is to say isn't clear".to_owned())
                    .label("nothing, or two things")
                    .help("write `scim-type`, and `detail: \"..\"` or `scrub: true`"),
            );
            return None;
        }
        Some(Self {
            matches: matches.map_or(Some(None), |read| read.map(Some))?,
            scim_type: scim_type.map_or(Some(None), |read| read.map(Some))?,
            detail: detail.or_else(|| scrub.then(|| SCRUBBED.to_owned())),
        })
    }

    /// Acts on an answer.
    #[must_use]
    pub fn answer(&self, reply: &mut Reply) -> Verdict {
        let ReplyBody::Error(error) = &mut reply.body else { return Verdict::of(false) };
        if self.matches.as_ref().is_some_and(|pattern| !pattern.is_match(&reply.text)) {
            return Verdict::of(false);
        }
        let before = error.clone();
        if let Some(scim_type) = self.scim_type {
            error.set("scimType", Value::string(scim_type.as_str()));
        }
        if let Some(detail) = &self.detail {
            error.set("detail", Value::string(detail));
        }
        Verdict::of(*error != before)
    }
}
