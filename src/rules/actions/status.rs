//! `status`: answers whose status says another thing than SCIM's does.

use regex::Regex;

use crate::fault::{Fault, Faults};
use crate::json::{Object, Value};
use crate::rules::head::{Reply, ReplyBody};
use crate::rules::message::{Facts, Verdict};
use crate::scim::{ErrorStatus, OperationKind, ScimError};
use crate::yaml::{Key, Node};

use super::text::read_pattern;
use super::{About, Action, PATCHES_PASS, QUERIES_PASS};

pub(super) const ABOUT: About = About {
    word: "status",
    summary: "gives an answer another status, and a body that fits it",
    example: "status: { 404: { operations: list, become: 200, body: empty-list } }",
    two_way: false,
    exact: "not undone; 401 is never mapped, since it refuses the gateway; a change that failed never becomes a success",
    operators: QUERIES_PASS,
    patch: PATCHES_PASS,
    read: |node, faults| Status::read(node, faults).map(Action::Status),
};

/// The errors that say that there is nothing.
const MISSING: [u16; 3] = [404, 410, 501];

/// The payload of `status`: a table of which the first line that fits counts. An error that becomes a success needs a body,
/// or none by `become: 204`; a success that becomes another keeps its own; whatever becomes an error gets a SCIM error.
/// 401 can't stand in the table: it means that the backend refused the gateway.
#[derive(Debug)]
pub struct Status {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    from: u16,
    operations: Vec<OperationKind>,
    matches: Option<Regex>,
    to: u16,
    empty_list: bool,
}

impl Status {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("status", faults)?;
        let entries = fields.rest();
        fields.finish(faults);
        let before = faults.errors();
        let mut lines = Vec::new();
        for (key, node) in entries {
            lines.extend(node.one_or_list().into_iter().filter_map(|one| Line::read(key, one, faults)));
        }
        (faults.errors() == before).then_some(Self { lines })
    }

    /// Acts on an answer.
    #[must_use]
    pub fn answer(&self, reply: &mut Reply, facts: Facts<'_>) -> Verdict {
        let Some(line) = self.lines.iter().find(|line| line.fits(reply, facts)) else { return Verdict::of(false) };
        reply.status = line.to;
        match (line.empty_list, ErrorStatus::from_code(line.to), &mut reply.body) {
            (true, ..) => reply.body = ReplyBody::EmptyList,
            (false, Some(status), ReplyBody::Error(error)) => {
                error.set("status", Value::string(&status.code().to_string()));
            }
            (false, Some(status), body) => {
                *body = ReplyBody::Error(scim_error(status, "the backend refused the request"));
            }
            (false, None, _) if line.to == 204 => reply.body = ReplyBody::Nothing,
            (false, None, _) => {}
        }
        Verdict::Applied
    }
}

/// A SCIM error (RFC 7644 section 3.12) as an object.
fn scim_error(status: ErrorStatus, detail: &str) -> Object<'static> {
    let bytes = ScimError::new(status, detail).to_bytes();
    match crate::json::parse(&bytes).map(Value::into_owned) {
        Ok(Value::Object(error)) => error,
        _ => Object::new(),
    }
}

impl Line {
    fn fits(&self, reply: &Reply, facts: Facts<'_>) -> bool {
        self.from == reply.status
            && (self.operations.is_empty() || self.operations.contains(&facts.operation))
            && self.matches.as_ref().is_none_or(|pattern| pattern.is_match(&reply.text))
    }

    fn read(key: &Key, node: &Node, faults: &mut Faults) -> Option<Self> {
        let from = key.text.parse::<u16>().ok().filter(|code| (200..=599).contains(code) && *code != 401);
        if from.is_none() {
            faults.push(
                Fault::error("R0103", key.place.clone(), format!("`{}` is not a status that can be mapped", key.text))
                    .label("not the status of an answer")
                    .help("write 200 to 599 but 401, by which the backend refuses the gateway's own credential"),
            );
        }
        let mut fields = node.fields("a status", faults)?;
        let words = OperationKind::WORDS;
        let operations: Option<Vec<_>> = fields.take("operations").map_or(Some(Vec::new()), |node| {
            node.one_or_list().into_iter().map(|one| one.word("operation", words, faults)).collect()
        });
        let matches = fields.take("matches").map(|node| read_pattern(node, faults));
        let to = fields.require("become", faults).and_then(|node| node.whole("a status", 200..=599, faults));
        let words = [("empty-list", true), ("keep", false)];
        let empty_list = fields.take("body").map_or(Some(false), |node| node.word("body", &words, faults));
        fields.finish(faults);
        let (from, to) = (from?, u16::try_from(to?).ok()?);
        let matches = matches.map_or(Some(None), |read| read.map(Some))?;
        let line = Self { from, operations: operations?, matches, to, empty_list: empty_list? };
        let fault = line.fault().map(|told| ("R0430", told)).or_else(|| line.lie().map(|told| ("R0432", told)));
        match fault {
            None => Some(line),
            Some((code, (message, help))) => {
                faults
                    .push(Fault::error(code, node.place.clone(), message.to_owned()).label("in this line").help(help));
                None
            }
        }
    }

    /// An error that would look like a success, though nobody knows that what was asked is so: a write that failed is never
    /// one, but for the deletion of what isn't there.
    fn lie(&self) -> Option<(&'static str, &'static str)> {
        let tells_nothing_is_there = MISSING.contains(&self.from) || self.matches.is_some();
        if self.from < 400 {
            return None;
        }
        if self.to >= 400 {
            let misleads = MISSING.contains(&self.to) && !tells_nothing_is_there && !self.spares_missing();
            return misleads.then_some((
                "this error doesn't say that there is nothing, and what is missing counts as deleted",
                "add `matches` with the words that say so, or name operations other than delete, list and search",
            ));
        }
        if self.empty_list {
            return (!tells_nothing_is_there).then_some((
                "this error doesn't say that there is nothing: a client would create everybody again",
                "map 404, 410 or 501, or add `matches` with the words that say so",
            ));
        }
        let is_gone = [404, 410].contains(&self.from);
        let deletes = !self.operations.is_empty() && self.operations.iter().all(|kind| *kind == OperationKind::Delete);
        (!(is_gone && deletes)).then_some((
            "a change that failed would be reported as done",
            "only 404 and 410 become 204, with `operations: delete`; what the error says is mended by `error`",
        ))
    }

    /// Whether it is for operations of which no other line makes a success.
    fn spares_missing(&self) -> bool {
        use OperationKind::{Delete, List, Search};
        !self.operations.is_empty() && !self.operations.iter().any(|kind| [Delete, List, Search].contains(kind))
    }

    fn fault(&self) -> Option<(&'static str, &'static str)> {
        let is_error = |status: u16| status >= 400;
        let lists = |kind: &OperationKind| matches!(kind, OperationKind::List | OperationKind::Search);
        if self.empty_list && (self.to != 200 || self.operations.is_empty() || !self.operations.iter().all(lists)) {
            return Some(("only a list can be empty", "write `operations: [list, search]` and `become: 200`"));
        }
        if (300..400).contains(&self.from) || (300..400).contains(&self.to) {
            return Some(("no SCIM answer redirects", "write a success or an error"));
        }
        if is_error(self.to) && ErrorStatus::from_code(self.to).is_none() || self.to == 401 {
            return Some((
                "this is not a status that SCIM clients know",
                "write 400, 403, 404, 409, 412, 429, 500, 501 or 503",
            ));
        }
        if is_error(self.from) && !is_error(self.to) && !self.empty_list && self.to != 204 {
            return Some(("this success has no body", "write `become: 204`, or `body: empty-list` for a list"));
        }
        let all =
            |of: &[OperationKind]| !self.operations.is_empty() && self.operations.iter().all(|kind| of.contains(kind));
        if self.to == 204 && !is_error(self.from) && !all(&[OperationKind::Delete, OperationKind::Patch]) {
            return Some((
                "only a DELETE or a PATCH is answered without a body",
                "write `operations: [delete, patch]`",
            ));
        }
        if self.matches.is_some() && !is_error(self.from) {
            return Some(("only the text of an error can be matched", "remove `matches`"));
        }
        None
    }
}
