//! `shape`: another form for a complex or multi-valued attribute on the right, there and back.
//!
//! Read [`form`] first: what a form says of an attribute. Then [`carriers`], which finds the attribute wherever the
//! protocol carries it, and the forms, one file each.

mod by_type;
mod carriers;
mod dotted;
mod fold;
mod form;
mod single;
mod strings;

use crate::fault::{Fault, Faults};
use crate::json::Object;
use crate::rules::discovery::Definitions;
use crate::rules::message::{Refused, Request, Verdict};
use crate::scim::AttrPath;
use crate::scim::schema::{self, Attribute, Kind};
use crate::yaml::{Fields, Node};

use super::invert::two_way_place;
use super::{About, Action};
use by_type::ByType;
use dotted::Dotted;
use form::Form;
use single::Single;
use strings::Strings;

pub(super) const ABOUT: About = About {
    word: "shape",
    summary: "gives a complex or multi-valued attribute another form on the backend's side",
    example: "shape: { at: emails, to: by-type, slots: { work: workEmail, home: homeEmail }, rest: keep }",
    two_way: true,
    exact: "`single`: a list of at most one value. `strings`: entries with a `value` and nothing else, which differ without \
            case. `dotted`: parts that the schema lists. `by-type`: at most one entry of each type, exactly {type, value}, \
            and no other, up to their order; with `rest: keep` any, since what doesn't fit stays. Outside it: 400 \
            invalidValue, or 502 for what the backend holds",
    operators: &[
        ("eq co sw ew gt ge lt le pr", "asked of the texts, the parts or each slot"),
        ("ne", "the same, and true where there is none; 400 invalidFilter with `rest: keep`"),
        (
            "emails[..]",
            "single: all of it, where there is one; strings: one comparison of `value`, or several under `or`; \
                        by-type: of each slot what its type leaves to ask; else 400 invalidFilter",
        ),
        ("sortBy", "a part of a dotted attribute stays; else 400 invalidFilter"),
    ],
    patch: &[
        ("remove of the whole", "removes all that stands for it"),
        ("replace of the whole", "split into its parts or slots; single: removed, then added"),
        ("add", "strings and dotted; by-type: entries of a type without a slot; else 400 invalidPath"),
        ("remove of `emails[..]`", "by-type, where nothing but the type is asked; else 400 invalidPath"),
        (
            "other elements, `emails[..]`",
            "needs the resource: over `patch_to_put` where the backend has PUT, else 400 invalidPath",
        ),
    ],
    read: |node, faults| Shape::read(node, faults).map(Action::Shape),
};

/// The payload of `shape`. Each form has its domain: a value outside it is refused, never guessed. What can only be
/// translated by someone who has read the resource is refused too: 400 `invalidPath` in a PATCH.
#[derive(Debug)]
pub struct Shape {
    form: Box<dyn Form>,
}

/// The word behind `to`.
#[derive(Clone, Copy)]
enum To {
    Single,
    Strings,
    Dotted,
    ByType,
}

impl To {
    const WORDS: &[(&str, Self)] =
        &[("single", Self::Single), ("strings", Self::Strings), ("dotted", Self::Dotted), ("by-type", Self::ByType)];
}

impl Shape {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("shape", faults)?;
        let at_node = fields.require("at", faults);
        let to = fields.require("to", faults).and_then(|node| node.word("form", To::WORDS, faults));
        let at = at_node.and_then(|node| whole_attribute(node, faults));
        let form = at.zip(to).and_then(|(at, to)| read_form(at, at_node?, to, &mut fields, faults));
        if form.is_some() {
            fields.finish(faults);
        }
        Some(Self { form: form? })
    }

    /// Gives the attribute its form in every carrier of a request.
    ///
    /// # Errors
    /// 400 for a value outside the form's domain, a filter or a PATCH that has no exact translation.
    pub fn request(&self, request: &mut Request<'_>) -> Result<Verdict, Refused> {
        carriers::request(&*self.form, request)
    }

    /// Takes the form off a resource.
    ///
    /// # Errors
    /// The backend's value is outside the form's domain.
    pub fn response(&self, resource: &mut Object<'_>) -> Result<Verdict, Refused> {
        carriers::in_holder(self.form.at(), resource, |holder| self.form.back(holder)).map(Verdict::of)
    }
}

impl Shape {
    /// Takes the form off the definition of the attribute. True if it was there.
    pub(super) fn define(&self, definitions: &mut Definitions<'_, '_>) -> bool {
        self.form.define(definitions)
    }

    /// Whether entries are texts on the right.
    pub(in crate::rules) fn makes_texts(&self) -> bool {
        self.form.makes_texts()
    }

    pub(in crate::rules) fn at(&self) -> &AttrPath {
        self.form.at()
    }
}

fn read_form(at: AttrPath, node: &Node, to: To, fields: &mut Fields<'_>, faults: &mut Faults) -> Option<Box<dyn Form>> {
    let known = schema::find(None, &at);
    let is_many = |one: &Attribute| one.is_multi_valued && one.kind == Kind::Complex;
    let misfit = match to {
        To::Single | To::ByType if known.is_some_and(|one| !is_many(one)) => Some("is no list of entries with parts"),
        To::Strings if known.is_some_and(|one| !one.parts.iter().any(|part| part.name == "value")) => {
            Some("has no part called `value`")
        }
        To::Dotted if known.is_none() => Some("has parts that no schema lists"),
        To::Dotted if known.is_some_and(|one| one.kind != Kind::Complex || is_many(one)) => {
            Some("is no single complex attribute")
        }
        To::ByType if at.extension().is_some() => Some("is in an extension"),
        _ => None,
    };
    if let Some(misfit) = misfit {
        faults.push(
            Fault::error("R0406", node.place.clone(), format!("`{at}` can't have this form: it {misfit}"))
                .label("another form, or another attribute")
                .help("by-type and single are for lists such as `emails`, strings for entries with a `value`, dotted for `name`"),
        );
        return None;
    }
    Some(match to {
        To::Single => Box::new(Single::new(at)),
        To::Strings => Box::new(Strings::new(at)),
        To::Dotted => Box::new(Dotted::new(at)?),
        To::ByType => Box::new(ByType::read(at, fields, faults)?),
    })
}

/// Reads the attribute: a whole one, which isn't one of those that keep their form.
fn whole_attribute(node: &Node, faults: &mut Faults) -> Option<AttrPath> {
    let at = two_way_place(node, faults)?.attr;
    if at.sub.is_some() {
        faults.push(
            Fault::error("R0406", node.place.clone(), format!("`{at}` is a part of an attribute"))
                .label("not a whole attribute")
                .help("name the attribute: `emails`, `name`"),
        );
        return None;
    }
    let reserved = ["id", "meta", "schemas"];
    if at.extension().is_none() && reserved.iter().any(|word| form::key(&at).eq_ignore_ascii_case(word)) {
        faults.push(
            Fault::error("R0410", node.place.clone(), format!("`{at}` can't have another form"))
                .label("keeps its form")
                .help("`id`, `meta` and `schemas` mean the same everywhere"),
        );
        return None;
    }
    Some(at)
}
