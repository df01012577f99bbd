//! `text`: what a text loses so that the other side takes it.

use regex::Regex;

use crate::fault::{Fault, Faults};
use crate::json::{Object, Value};
use crate::rules::attribute::{Relation, relation};
use crate::rules::filters::{self, Test};
use crate::rules::message::{Facts, Refused, Request};
use crate::rules::oneway::OneWay;
use crate::rules::place::{self, Place};
use crate::rules::select;
use crate::scim::filter::Edit;
use crate::scim::{AttrPath, CompareOp, Filter, Literal, Param, PatchPath, schema};
use crate::yaml::{Kind, Node};

use super::{About, Action};

pub(super) const ABOUT: About = About {
    word: "text",
    summary: "trims, lowers, cuts or replaces in texts, for good",
    example: "text: { at: [userName, \"emails[*].value\"], steps: [trim, lower] }",
    two_way: false,
    exact: "not undone; a cut or a replacement on `userName`, `externalId` or `displayName` is refused at load",
    operators: &[
        ("eq ne", "the literal goes through the same steps"),
        ("co sw ew gt ge lt le", "the literal is lowered if the text is, and nothing else"),
        ("pr, sortBy", "stays as it is"),
    ],
    patch: &[
        ("a path", "stays; literals of its value filter go through the same steps"),
        ("a value", "goes through the steps"),
    ],
    read: |node, faults| Text::read(node, faults).map(Action::Text),
};

/// By these clients find a resource again: two people whose texts become one would become one.
const LOOKED_UP: [&str; 3] = ["userName", "externalId", "displayName"];

/// The payload of `text`. What a client compares by `eq` and `ne` goes through the same steps, so that it finds what it has
/// written; with other operators it is lowered only. Plain texts in a multi-valued attribute are taken one by one. A step
/// may undo what another has done (`trim` after a cut): they are taken once, in their order.
#[derive(Debug)]
pub struct Text {
    at: Vec<Place>,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    /// White space at both ends goes.
    Trim,
    /// Upper case becomes lower case.
    Lower,
    /// Control characters go.
    StripControl,
    /// What is beyond so many characters goes.
    Truncate(usize),
    /// Whatever matches becomes this text; `$1` is the first group.
    Replace(Regex, String),
}

/// A step that is a word alone.
#[derive(Clone, Copy, Debug)]
enum Word {
    Trim,
    Lower,
    StripControl,
}

const WORDS: &[(&str, Word)] = &[("trim", Word::Trim), ("lower", Word::Lower), ("strip-control", Word::StripControl)];

impl Step {
    fn of(&self, text: &str) -> String {
        match self {
            Self::Trim => text.trim().to_owned(),
            Self::Lower => text.to_lowercase(),
            Self::StripControl => text.chars().filter(|c| !c.is_control()).collect(),
            Self::Truncate(most) => text.chars().take(*most).collect(),
            Self::Replace(pattern, with) => pattern.replace_all(text, with.as_str()).into_owned(),
        }
    }

    fn lowers(&self) -> bool {
        matches!(self, Self::Lower)
    }

    fn loses_difference(&self) -> bool {
        matches!(self, Self::Truncate(_) | Self::Replace(..))
    }

    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let Kind::Map(entries) = &node.kind else {
            return node.word("step", WORDS, faults).map(|word| match word {
                Word::Trim => Self::Trim,
                Word::Lower => Self::Lower,
                Word::StripControl => Self::StripControl,
            });
        };
        let mut fields = node.fields("a step", faults)?;
        let truncate = fields.take("truncate").and_then(|node| node.whole("a length", 1..=65_536, faults));
        let replace = fields.take("replace").and_then(|node| read_replace(node, faults));
        fields.finish(faults);
        match (truncate, replace, entries.len()) {
            (Some(most), None, 1) => usize::try_from(most).ok().map(Self::Truncate),
            (None, Some(replace), 1) => Some(replace),
            (None, None, _) => None,
            _ => {
                faults.push(
                    Fault::error("R0404", node.place.clone(), "two steps in one entry of `steps`".to_owned())
                        .label("one step here")
                        .help("write each step as its own list entry: `steps: [trim, { truncate: 64 }]`"),
                );
                None
            }
        }
    }
}

fn read_replace(node: &Node, faults: &mut Faults) -> Option<Step> {
    let [pattern, with] = node.list("a pattern and a text", faults)? else {
        faults.push(
            Fault::error("R0103", node.place.clone(), "`replace` takes a pattern and a text".to_owned())
                .label("not two entries")
                .help("write `{ replace: [\"[^a-z]\", \"-\"] }`"),
        );
        return None;
    };
    let text = with.text("a text", faults);
    let pattern = read_pattern(pattern, faults);
    Some(Step::Replace(pattern?, text?.to_owned()))
}

/// Reads a regular expression that may match anywhere.
pub(super) fn read_pattern(node: &Node, faults: &mut Faults) -> Option<Regex> {
    let text = node.text("a pattern", faults)?;
    select::pattern(text)
        .map_err(|fault| {
            faults.push(
                Fault::error("R0402", node.place.clone(), fault.to_string())
                    .label("not a pattern")
                    .help("write a regular expression in quotes, such as \"[^a-z0-9]\""),
            );
        })
        .ok()
}

impl Text {
    pub(super) fn places(&self) -> &[Place] {
        &self.at
    }

    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("text", faults)?;
        let at_node = fields.require("at", faults);
        let at = at_node.map(|node| place::read(node, faults));
        let steps = fields.require("steps", faults).map(|node| {
            let steps = node.one_or_list().into_iter();
            steps.filter_map(|step| Step::read(step, faults)).collect::<Vec<_>>()
        });
        fields.finish(faults);
        let text = Self { at: at?, steps: steps? };
        text.keeps_people_apart(at_node?, faults).then_some(text)
    }

    fn keeps_people_apart(&self, node: &Node, faults: &mut Faults) -> bool {
        let mut sound = true;
        for place in &self.at {
            let is_looked_up = place.attr.extension().is_none()
                && place.attr.sub.is_none()
                && place
                    .attr
                    .name
                    .as_ref()
                    .is_some_and(|name| LOOKED_UP.iter().any(|known| known.eq_ignore_ascii_case(name.as_str())));
            if is_looked_up && self.steps.iter().any(Step::loses_difference) {
                faults.push(
                    Fault::error("R0422", node.place.clone(), format!("`{place}` can't be cut or replaced in"))
                        .label("clients find people by it: two of them would become one")
                        .help("use `trim`, `lower` or `strip-control`, or change it at the client"),
                );
                sound = false;
            }
            if is_reference(&place.attr) && self.steps.iter().any(|step| step.loses_difference() || step.lowers()) {
                faults.push(
                    Fault::error(
                        "R0422",
                        node.place.clone(),
                        format!("`{place}` can't be lowered, cut or replaced in"),
                    )
                    .label("the id of a resource: it would become another one, or none")
                    .help("leave ids as they are"),
                );
                sound = false;
            } else if schema::is_case_exact(&place.attr) && self.steps.iter().any(|step| matches!(step, Step::Lower)) {
                faults.push(
                    Fault::error("R0423", node.place.clone(), format!("`{place}` can't be lowered"))
                        .label("its case matters (RFC 7643 section 2.2)")
                        .help("take `lower` out of the steps, or name other attributes"),
                );
                sound = false;
            }
        }
        sound
    }

    fn of(&self, text: &str) -> String {
        self.steps.iter().fold(text.to_owned(), |text, step| step.of(&text))
    }

    fn lowered(&self, text: &str) -> String {
        let lowers = self.steps.iter().any(|step| matches!(step, Step::Lower));
        if lowers { text.to_lowercase() } else { text.to_owned() }
    }

    fn value(&self, value: &mut Value<'_>) -> bool {
        match value {
            Value::String(text) => {
                let written = text.decoded();
                let mended = self.of(&written);
                if *written == mended {
                    return false;
                }
                *value = Value::string(&mended);
                true
            }
            Value::Array(list) => list
                .iter_mut()
                .fold(false, |changed, one| (matches!(one, Value::String(_)) && self.value(one)) | changed),
            _ => false,
        }
    }

    fn act(&self, resource: &mut Object<'_>) -> bool {
        let mut changed = false;
        for place in &self.at {
            place.visit_holders(resource, &mut |parent, name| {
                changed |= parent.get_mut(name).is_some_and(|value| self.value(value));
            });
        }
        changed
    }

    /// The filter as the other side's texts need it; nothing where it stays as it is.
    fn folded(&self, filter: &Filter, within: Option<&AttrPath>) -> Result<Option<Filter>, Refused> {
        let mut edits = Vec::new();
        for mention in filters::mentions(filter, within) {
            let Test::Compare(op, literal) = &mention.test else { continue };
            let Literal::String(text) = &literal.literal else { continue };
            if !self.at.iter().any(|place| compares(&mention.path, &place.attr)) {
                continue;
            }
            let is_equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
            let folded = if is_equality { self.of(text) } else { self.lowered(text) };
            if folded != *text {
                edits.push(Edit { span: literal.span.clone(), text: Value::string(&folded).to_string() });
            }
        }
        filters::splice(filter, edits)
    }
}

/// Whether the text there is the id or the URL of a resource (RFC 7643 sections 3.1, 4.1.2, 4.2 and 4.3).
fn is_reference(path: &AttrPath) -> bool {
    let is = |name: &Option<crate::scim::AttrName>, words: &[&str]| {
        name.as_ref().is_some_and(|name| words.iter().any(|word| word.eq_ignore_ascii_case(name.as_str())))
    };
    match &path.sub {
        None => path.extension().is_none() && is(&path.name, &["id"]),
        Some(_) => is(&path.name, &["members", "groups", "manager"]) && is(&path.sub, &["value", "$ref"]),
    }
}

/// Whether a comparison with `path` compares the text at `named`: also of a complex attribute, by its `value`
/// (RFC 7643 section 2.4).
fn compares(path: &AttrPath, named: &AttrPath) -> bool {
    let is_value = named.sub.as_ref().is_some_and(|sub| sub.as_str().eq_ignore_ascii_case("value"));
    match relation(path, named) {
        Relation::Same => true,
        Relation::Above => path.name.is_some() && is_value,
        _ => false,
    }
}

impl OneWay for Text {
    fn resource(&self, resource: &mut Object<'_>, _facts: Facts<'_>) -> Result<bool, Refused> {
        Ok(self.act(resource))
    }

    fn part(&self, part: &mut Object<'_>, _facts: Facts<'_>) -> Result<bool, Refused> {
        Ok(self.act(part))
    }

    /// A bare value at a value path (`emails[type eq "work"].value`) is a text like any other.
    fn reaches_bare(&self) -> bool {
        true
    }

    fn path(&self, path: &PatchPath) -> Option<PatchPath> {
        let filter = self.folded(path.filter.as_ref()?, Some(&path.attr)).ok().flatten()?;
        Some(PatchPath { filter: Some(filter), ..path.clone() })
    }

    fn selection(&self, request: &mut Request<'_>) -> Result<bool, Refused> {
        let selection = &mut request.selection;
        let Some(folded) = selection.filter.as_ref().map(|filter| self.folded(filter, None)).transpose()?.flatten()
        else {
            return Ok(false);
        };
        selection.filter = Some(folded);
        selection.touch(Param::Filter);
        Ok(true)
    }
}
