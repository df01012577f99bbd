//! `rename`: another name or another place for an attribute, there and back.
//!
//! Several names at once are simultaneous, so two can swap. Read [`names`] first: how a path of the message is seen
//! through the table. Then the carriers: [`resource`], [`operation`], [`query`].

mod definition;
mod names;
mod operation;
mod query;
mod resource;

use crate::fault::{Fault, Faults};
use crate::json::{Object, Value};
use crate::rules::attribute::{are_siblings, parent};
use crate::rules::message::{Body, Refused, Request, Verdict};
use crate::rules::patch;
use crate::rules::rule::To;
use crate::scim::schema;
use crate::scim::{AttrPath, ScimError, ScimType};
use crate::yaml::{Key, Node};

use super::{About, Action};
pub(in crate::rules) use names::Names;

pub(super) const ABOUT: About = About {
    word: "rename",
    summary: "gives an attribute another name or place on the backend's side",
    example: "rename: { names: { userName: login } }",
    two_way: true,
    exact: "where no attribute of the client's bears the new name: one that does is refused with 400 invalidValue; with \
            `on-conflict: swap` it takes the old name, which is exact everywhere, with `lose` it is lost",
    operators: &[
        ("eq ne co sw ew gt ge lt le", "the name is rewritten, also under `not` and inside `emails[..]`"),
        ("pr", "the name is rewritten; a parent also stands for the parts that moved out of it"),
        ("sortBy", "the name is rewritten"),
    ],
    patch: &[
        ("a path", "rewritten, with its value filter"),
        ("a value", "its keys are rewritten; an operation is split where one of them moves elsewhere"),
        ("remove of a parent", "also removes the parts that moved out of it"),
        (
            "elements, `emails[..]`",
            "in place; where a part of them would move out it needs the resource: over `patch_to_put` where the backend has PUT, else 400 invalidPath",
        ),
    ],
    read: |node, faults| Rename::read(node, faults).map(Action::Rename),
};

/// The payload of `rename`. Exact where the right-hand name is absent on the left; a client that sends it is refused,
/// unless `on-conflict` says what else.
#[derive(Debug)]
pub struct Rename {
    there: Names,
    back: Names,
}

/// What happens to an attribute that already bears the new name.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum OnConflict {
    /// The call is refused.
    #[default]
    Refuse,
    /// It takes the old name.
    Swap,
    /// It is lost.
    Lose,
}

impl OnConflict {
    const WORDS: &[(&str, Self)] = &[("refuse", Self::Refuse), ("swap", Self::Swap), ("lose", Self::Lose)];
}

impl Rename {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("rename", faults)?;
        let names = fields.require("names", faults);
        let conflict = match fields.take("on-conflict") {
            Some(node) => node.word("what becomes of the other attribute", OnConflict::WORDS, faults),
            None => Some(OnConflict::default()),
        };
        fields.finish(faults);
        let (names, conflict) = (names?, conflict?);
        let mut table = read_names(names, conflict, faults)?;
        if conflict == OnConflict::Swap {
            let swapped: Vec<_> = table.iter().map(|(from, to)| (to.clone(), from.clone())).collect();
            for pair in swapped {
                if !table.contains(&pair) {
                    table.push(pair);
                }
            }
        }
        if meet(&table) {
            faults.push(
                Fault::error("R0411", names.place.clone(), "two swaps name one attribute".to_owned())
                    .label("each swap goes both ways")
                    .help("write every pair out, as in `{ a: b, b: c, c: a }`, without `on-conflict`"),
            );
            return None;
        }
        let lose = conflict == OnConflict::Lose;
        let back = table.iter().map(|(from, to)| (to.clone(), from.clone())).collect();
        Some(Self { there: Names::new(table, lose), back: Names::new(back, lose) })
    }

    pub(super) fn pairs(&self) -> &[Pair] {
        &self.there.pairs
    }

    /// What becomes of names on the way.
    pub(super) fn names(&self, to: To) -> &Names {
        match to {
            To::Backend => &self.there,
            To::Client => &self.back,
        }
    }

    /// Renames in every carrier of a request.
    ///
    /// # Errors
    /// 400 for a name that is hidden, or a PATCH that can't be translated without reading the resource.
    pub fn request(&self, request: &mut Request<'_>) -> Result<Verdict, Refused> {
        let selected = query::rename(&self.there, request.resource.as_ref(), &mut request.selection)?;
        let body = match &mut request.body {
            Body::Resource(Value::Object(body)) => Verdict::of(resource::rename(&self.there, body)?),
            Body::Patch(message) => {
                let resource = request.resource.as_ref();
                patch::each(message, |op| operation::rename(&self.there, resource, op))?
            }
            Body::None | Body::Resource(_) | Body::Search(_) => Verdict::of(false),
        };
        Ok(selected.or(body))
    }

    /// Renames a resource back.
    ///
    /// # Errors
    /// The backend's resource holds both names.
    pub fn response(&self, resource: &mut Object<'_>) -> Result<Verdict, Refused> {
        resource::rename(&self.back, resource).map(Verdict::of)
    }
}

/// 400 `invalidValue` for an attribute that stands where another one is to go.
fn hidden(path: &AttrPath) -> Refused {
    let detail = format!("`{path}` is not an attribute here");
    ScimError::bad_request(ScimType::InvalidValue, detail)
}

/// What is renamed, and to what.
type Pair = (AttrPath, AttrPath);

/// A code, what is wrong, and what can be done.
type PairFault = (&'static str, String, String);

fn read_names(node: &Node, conflict: OnConflict, faults: &mut Faults) -> Option<Vec<Pair>> {
    let entries = node.fields("names", faults)?.rest();
    if entries.is_empty() {
        faults.push(
            Fault::error("R0103", node.place.clone(), "no attribute is renamed".to_owned())
                .label("an empty table")
                .help("write each name with the other one: `{ title: jobTitle }`"),
        );
    }
    let read: Vec<_> = entries.iter().map(|(key, value)| read_pair(key, value, faults)).collect();
    let table: Vec<Pair> = read.iter().flatten().cloned().collect();
    let mut sound = table.len() == entries.len();
    for ((_, value), pair) in entries.iter().zip(&read) {
        let Some((code, message, help)) = pair.as_ref().and_then(|pair| pair_fault(pair, &table, conflict)) else {
            continue;
        };
        faults.push(Fault::error(code, value.place.clone(), message).label("can't go there").help(help));
        sound = false;
    }
    (sound && !table.is_empty()).then_some(table)
}

fn read_pair(key: &Key, value: &Node, faults: &mut Faults) -> Option<(AttrPath, AttrPath)> {
    let right = value.text("an attribute path", faults)?;
    let mut read = |text: &str, place: &crate::fault::Place| match AttrPath::parse(text) {
        Ok(path) if path.name.is_some() => Some(path),
        Ok(_) => {
            faults.push(
                Fault::error("R0406", place.clone(), format!("`{text}` is a whole extension"))
                    .label("not one attribute")
                    .help("name its attributes one by one"),
            );
            None
        }
        Err(fault) => {
            faults.push(
                Fault::error("R0403", place.clone(), format!("`{text}` is not an attribute path: {fault}"))
                    .label("not an attribute path")
                    .help("write it as SCIM does: `userName`, `name.givenName`, `urn:..:User:department`"),
            );
            None
        }
    };
    let left = read(&key.text, &key.place);
    let right = read(right, &value.place);
    Some((left?, right?))
}

/// Whether one attribute is renamed twice, or two become one.
fn meet(table: &[Pair]) -> bool {
    let twice = |(at, (from, to)): (usize, &Pair)| {
        table.iter().take(at).any(|(other_from, other_to)| other_from == from || other_to == to)
    };
    table.iter().enumerate().any(twice)
}

/// What `check` proves of one pair: no two to one name, no hidden standard attribute, no element torn apart.
fn pair_fault(pair: &Pair, table: &[Pair], conflict: OnConflict) -> Option<PairFault> {
    is_reserved(pair)
        .or_else(|| is_taken(pair, table, conflict))
        .or_else(|| is_torn(pair, table))
        .or_else(|| has_parts(pair, table))
}

fn is_taken((from, to): &Pair, table: &[Pair], conflict: OnConflict) -> Option<PairFault> {
    if table.iter().filter(|(other, _)| other == from).count() > 1 {
        let message = format!("`{from}` is renamed twice");
        return Some(("R0411", message, "keep one of the two".to_owned()));
    }
    let earlier = table.iter().take_while(|(other, _)| other != from);
    if earlier.into_iter().any(|(_, taken)| taken == to) {
        let message = format!("two attributes are renamed to `{to}`");
        return Some(("R0411", message, "give each its own name".to_owned()));
    }
    let moves_away = table.iter().any(|(other, _)| other == to);
    (conflict == OnConflict::Refuse && schema::is_known(to) && !moves_away).then(|| {
        let message = format!("`{to}` is an attribute of its own, and is not moved away");
        let help = format!("say what becomes of it: rename `{to}` too, or add `on-conflict: swap` or `lose`");
        ("R0412", message, help)
    })
}

fn is_torn((from, to): &Pair, table: &[Pair]) -> Option<PairFault> {
    let in_element = |path: &AttrPath| parent(path).is_some_and(|above| schema::is_multi_valued(&above));
    let whole_moves =
        table.iter().any(|(above, image)| parent(from).as_ref() == Some(above) && parent(to).as_ref() == Some(image));
    ((in_element(from) || in_element(to)) && !are_siblings(from, to) && !whole_moves).then(|| {
        let message = format!("`{from}` can't leave its element for `{to}`");
        let help =
            "an element of a multi-valued attribute keeps its parts; rename the part in place, or the whole attribute";
        ("R0413", message, help.to_owned())
    })
}

fn has_parts((from, to): &Pair, table: &[Pair]) -> Option<PairFault> {
    let is_leaf = schema::is_known(from) && schema::parts(None, from).is_none();
    (is_leaf && table.iter().any(|(_, below)| parent(below).as_ref() == Some(to))).then(|| {
        let message = format!("`{from}` becomes `{to}`, which has parts here");
        ("R0413", message, "an attribute is a value or has parts, not both: give one of them another name".to_owned())
    })
}

fn is_reserved((from, to): &Pair) -> Option<PairFault> {
    let reserved = ["id", "meta", "schemas"];
    let stands = |path: &AttrPath| {
        path.extension().is_none()
            && path
                .name
                .as_ref()
                .is_some_and(|name| reserved.iter().any(|word| name.as_str().eq_ignore_ascii_case(word)))
    };
    (stands(from) || stands(to)).then(|| {
        let message = format!("`{from}` can't become `{to}`");
        ("R0410", message, "`id`, `meta` and `schemas` keep their names".to_owned())
    })
}
