//! The actions: one file each, and THE LIST from which reading, help and tests are derived.
//!
//! A new action is one file (payload, summary, example, what it does in each carrier, its inverse or "one way") and one
//! entry in [`LIST`].

mod convert;
mod default;
mod drop;
mod empty;
mod invert;
mod items;
mod keep;
mod reject;
mod rename;
mod set;
mod text;

pub use convert::Convert;
pub use default::Default;
pub use drop::Drop;
pub use empty::Empty;
pub use invert::Invert;
pub use items::Items;
pub use keep::Keep;
pub use reject::Reject;
pub use rename::Rename;
pub use set::Set;
pub use text::Text;

use crate::fault::{Fault, Faults, did_you_mean};
use crate::json::Object;
use crate::scim::AttrPath;
use crate::yaml::{Key, Node};

use super::mapping::Mapping;
use super::message::{Facts, Refused, Request, Verdict};
use super::place::Place;
use super::{mapping, oneway};

/// What a rule does.
#[derive(Debug)]
pub enum Action {
    /// `rename`
    Rename(Rename),
    /// `invert`
    Invert(Invert),
    /// `convert`
    Convert(Convert),
    /// `empty`
    Empty(Empty),
    /// `drop`
    Drop(Drop),
    /// `keep`
    Keep(Keep),
    /// `items`
    Items(Items),
    /// `text`
    Text(Text),
    /// `default`
    Default(Default),
    /// `set`
    Set(Set),
    /// `reject`
    Reject(Reject),
}

/// One entry of the list.
#[derive(Debug)]
pub struct About {
    /// The key in `do:`.
    pub word: &'static str,
    /// What it means, in a sentence.
    pub summary: &'static str,
    /// An entry of `do:`; a test reads and runs it.
    pub example: &'static str,
    /// Whether responses undo what it does to requests.
    pub two_way: bool,
    /// Where it is exact, and what becomes of the rest.
    pub exact: &'static str,
    /// The operator table: operators of a filter and `sortBy`, and what becomes of a term on the attribute.
    pub operators: &'static [(&'static str, &'static str)],
    /// The patch table: the parts of a PATCH, and what becomes of them.
    pub patch: &'static [(&'static str, &'static str)],
    /// Reads what stands behind the key.
    pub read: fn(&Node, &mut Faults) -> Option<Action>,
}

/// THE LIST.
pub const LIST: &[About] = &[
    rename::ABOUT,
    invert::ABOUT,
    convert::ABOUT,
    empty::ABOUT,
    drop::ABOUT,
    keep::ABOUT,
    items::ABOUT,
    text::ABOUT,
    default::ABOUT,
    set::ABOUT,
    reject::ABOUT,
];

impl Action {
    /// Whether responses undo what it does to requests.
    #[must_use]
    pub fn is_two_way(&self) -> bool {
        matches!(self, Self::Rename(_) | Self::Invert(_) | Self::Convert(_))
    }

    /// Whether it takes attributes away, so that nobody may ask for them.
    #[must_use]
    pub fn hides(&self) -> bool {
        matches!(self, Self::Drop(_) | Self::Keep(_))
    }

    /// Keeps a query from asking for what the action takes away from the answer.
    ///
    /// # Errors
    /// 400 `invalidFilter`.
    pub fn guard(&self, message: &mut Request<'_>) -> Result<(), Refused> {
        match self {
            Self::Drop(drop) => oneway::guard(drop, message),
            Self::Keep(keep) => oneway::guard(keep, message),
            _ => Ok(()),
        }
    }

    /// The attributes that it works on; none for a `rename`, which has pairs, and for queries.
    pub(super) fn places(&self) -> Vec<&Place> {
        match self {
            Self::Invert(invert) => vec![invert.place()],
            Self::Convert(convert) => vec![convert.place()],
            Self::Empty(empty) => empty.places().iter().collect(),
            Self::Drop(drop) => drop.places().collect(),
            Self::Default(default) => vec![default.place()],
            Self::Set(set) => vec![set.place()],
            Self::Text(text) => text.places().iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Which names become which on the way to the backend.
    pub(super) fn pairs(&self) -> &[(AttrPath, AttrPath)] {
        match self {
            Self::Rename(rename) => rename.pairs(),
            _ => &[],
        }
    }

    /// Acts on a request.
    ///
    /// # Errors
    /// The action's refusal.
    pub fn request(&self, message: &mut Request<'_>) -> Result<Verdict, Refused> {
        match self {
            Self::Rename(rename) => rename.request(message),
            Self::Invert(invert) => mapping::request(invert, message),
            Self::Convert(convert) => mapping::request(convert, message),
            Self::Empty(empty) => oneway::request(empty, message),
            Self::Drop(drop) => oneway::request(drop, message),
            Self::Keep(keep) => oneway::request(keep, message),
            Self::Items(items) => oneway::request(items, message),
            Self::Text(text) => oneway::request(text, message),
            Self::Default(default) => oneway::request(default, message),
            Self::Set(set) => oneway::request(set, message),
            Self::Reject(reject) => Err(reject.refusal()),
        }
    }

    /// Undoes a two-way action in a resource that goes to the client, or acts there as a one-way one.
    ///
    /// # Errors
    /// The action's refusal.
    pub fn response(&self, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<Verdict, Refused> {
        match self {
            Self::Rename(rename) => rename.response(resource),
            Self::Invert(invert) => mapping::response(invert, resource),
            Self::Convert(convert) => mapping::response(convert, resource),
            Self::Empty(empty) => oneway::resource(empty, resource, facts),
            Self::Drop(drop) => oneway::resource(drop, resource, facts),
            Self::Keep(keep) => oneway::resource(keep, resource, facts),
            Self::Items(items) => oneway::resource(items, resource, facts),
            Self::Text(text) => oneway::resource(text, resource, facts),
            Self::Default(default) => oneway::resource(default, resource, facts),
            Self::Set(set) => oneway::resource(set, resource, facts),
            Self::Reject(reject) => Err(reject.refusal()),
        }
    }
}

/// The operator table of an action that doesn't touch queries.
const QUERIES_PASS: &[(&str, &str)] = &[("every operator, sortBy", "stays as it is")];

/// The operator table of booleans that are written otherwise.
const EQUALITY_ONLY: &[(&str, &str)] = &[
    ("eq ne", "the literal is translated; `null` stays"),
    ("pr", "stays as it is"),
    ("co sw ew gt ge lt le", "400 invalidFilter: a boolean has no such order or text"),
];

/// The patch table of an action on values.
const VALUES_TRANSLATED: &[(&str, &str)] = &[
    ("a path", "stays; its value filter is translated as a filter is"),
    ("a value", "translated, with a path or without one"),
];

/// Reads one entry of `do:`, a mapping with exactly one key, so that every action keeps its own place in the file.
pub fn read(node: &Node, faults: &mut Faults) -> Option<Action> {
    let mut fields = node.fields("an action", faults)?;
    let entries = fields.rest();
    let [(key, payload)] = entries.as_slice() else {
        faults.push(
            Fault::error("R0404", node.place.clone(), format!("{} actions in one entry of `do`", entries.len()))
                .label("one action here")
                .help("write each action as its own list entry: `do: [ { rename: .. }, { invert: .. } ]`"),
        );
        return None;
    };
    match LIST.iter().find(|about| about.word == key.text) {
        Some(about) => (about.read)(payload, faults),
        None => {
            faults.push(unknown(key));
            None
        }
    }
}

fn unknown(key: &Key) -> Fault {
    let words = || LIST.iter().map(|about| about.word);
    let help = match did_you_mean(&key.text, words()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("the actions are {}", words().collect::<Vec<_>>().join(", ")),
    };
    Fault::error("R0104", key.place.clone(), format!("unknown action `{}`", key.text)).label("not an action").help(help)
}
