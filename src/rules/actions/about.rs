//! What each action says of itself, and THE LIST of them.

use crate::fault::{Fault, Faults, did_you_mean};
use crate::yaml::{Key, Node};

use super::{
    Action, affix, convert, default, drop, empty, error, fill, header, identify, invert, items, keep, list, map, path,
    query, reject, rename, respond, schemas, set, shape, status, text,
};

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

impl About {
    /// The direction that a rule with it has to state, as it is written: nothing where the usual one is right.
    #[must_use]
    pub fn direction(&self) -> &'static str {
        if [list::ABOUT.word, status::ABOUT.word, error::ABOUT.word].contains(&self.word) { "to: client" } else { "" }
    }

    /// Operations for which a rule with the example is sound, as they are written; nothing where it is for all.
    #[must_use]
    pub fn operations(&self) -> &'static str {
        match self.word {
            _ if self.two_way => "",
            word if word == respond::ABOUT.word => "operations: [read, list]",
            _ => "operations: [create, replace]",
        }
    }
}

/// THE LIST.
pub const LIST: &[About] = &[
    rename::ABOUT,
    invert::ABOUT,
    map::ABOUT,
    convert::ABOUT,
    affix::ABOUT,
    fill::ABOUT,
    schemas::ABOUT,
    shape::ABOUT,
    identify::ABOUT,
    empty::ABOUT,
    drop::ABOUT,
    keep::ABOUT,
    items::ABOUT,
    text::ABOUT,
    default::ABOUT,
    set::ABOUT,
    query::ABOUT,
    header::ABOUT,
    path::ABOUT,
    list::ABOUT,
    status::ABOUT,
    error::ABOUT,
    respond::ABOUT,
    reject::ABOUT,
];

/// The operator table of an action that doesn't touch queries.
pub(super) const QUERIES_PASS: &[(&str, &str)] = &[("every operator, sortBy", "stays as it is")];

/// The patch table of an action that doesn't touch bodies.
pub(super) const PATCHES_PASS: &[(&str, &str)] = &[("a path, a value", "stays as it is")];

/// The patch table of an action on values.
pub(super) const VALUES_TRANSLATED: &[(&str, &str)] = &[
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
