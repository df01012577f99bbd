//! `fill`: what an absent attribute of the backend means.

use crate::fault::{Fault, Faults};
use crate::json::{Object, Value};
use crate::rules::attribute::{self, Relation, relation};
use crate::rules::filters::{Test, invalid};
use crate::rules::fold::{self, Asked, Rewrite};
use crate::rules::mapping::unsortable;
use crate::rules::message::{Refused, Request, Verdict};
use crate::rules::place::Place;
use crate::scim::filter::is_present;
use crate::scim::{AttrName, AttrPath, CompareOp, ErrorStatus, Literal, ScimError, filter, schema};
use crate::yaml::Node;

use super::{About, Action, single};

pub(super) const ABOUT: About = About {
    word: "fill",
    summary: "says what it means that the backend doesn't show an attribute: the client is told that value",
    example: "fill: { at: active, value: true }",
    two_way: true,
    exact: "up to absent = value: towards the backend nothing is taken out, so that no change to that value gets lost",
    operators: &[
        ("pr", "always true"),
        ("eq co sw ew gt ge lt le", "also finds the absent attribute where the value compares so"),
        ("ne", "only of what is there, unless the value compares so"),
        ("sortBy", "400: what is absent sorts otherwise"),
        ("attributes, excludedAttributes", "the attribute is always asked for"),
    ],
    patch: &[("everything", "stays as it is")],
    read: |node, faults| Fill::read(node, faults).map(Action::Fill),
};

/// The payload of `fill`. Towards the client an absent or empty attribute gets the value; towards the backend nothing is
/// taken out, so that no change to that value gets lost. Exact up to absent = value.
///
/// In filters `pr` is true, and a comparison that holds of the value also finds the absent attribute; so the attribute is
/// always asked for where `attributes` or `excludedAttributes` would leave it out. `sortBy` is refused.
#[derive(Debug)]
pub struct Fill {
    at: Place,
    value: Value<'static>,
}

impl Fill {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("fill", faults)?;
        let at = fields.require("at", faults).and_then(|node| {
            let at = single::plain(node, faults)?;
            is_of_the_resource(&at, node, faults).then_some(at)
        });
        let value = fields.require("value", faults).and_then(|node| read_value(node, faults));
        fields.finish(faults);
        Some(Self { at: at?, value: value? })
    }

    pub(super) fn place(&self) -> &Place {
        &self.at
    }

    /// Translates the query; the body passes as it is.
    ///
    /// # Errors
    /// 400 for `sortBy`, and for a filter on what has no single value.
    pub fn request(&self, request: &mut Request<'_>) -> Result<Verdict, Refused> {
        let selection = &mut request.selection;
        let mut changed = fold::query(selection, request.operation, &|asked| self.test(asked))?;
        let is_same = |path: &AttrPath| relation(path, &self.at.attr) == Relation::Same;
        if selection.sort_by.as_ref().is_some_and(is_same) {
            return Err(unsortable(&self.at.attr));
        }
        // What isn't asked for can't be told from what is absent.
        changed |= selection.ask_for(&self.at.attr);
        Ok(Verdict::of(changed))
    }

    /// Fills in what is absent.
    ///
    /// # Errors
    /// 502 where something else stands in the way.
    pub fn response(&self, resource: &mut Object<'_>) -> Result<Verdict, Refused> {
        if attribute::find(resource, &self.at.attr).is_some_and(is_present) {
            return Ok(Verdict::of(false));
        }
        attribute::put(resource, &self.at.attr, self.value.clone()).map_err(|_| {
            let detail = format!("`{}` can't be filled in: what it is part of is no single object", self.at);
            ScimError::new(ErrorStatus::BadGateway, detail)
        })?;
        Ok(Verdict::of(true))
    }

    fn test(&self, asked: &Asked<'_>) -> Result<Rewrite, Refused> {
        let attr = &self.at.attr;
        match (relation(&asked.path, attr), asked.test) {
            (Relation::Same, Test::Compare(op, literal)) => Ok(self.comparison(&asked.name, op, &literal.literal)),
            (Relation::Above, Test::Compare(op, literal)) if self.is_by_value(&asked.path) => {
                Ok(self.comparison(&format!("{}.value", asked.name), op, &literal.literal))
            }
            (Relation::Same | Relation::Above, Test::Present) => Ok(Rewrite::Always),
            (Relation::Above | Relation::Same, Test::Elements) => Err(invalid(format!("`{attr}` has no elements"))),
            (_, Test::Compare(op, literal)) => self.schemas(&asked.path, op, &literal.literal),
            _ => Ok(Rewrite::Keep),
        }
    }

    /// A complex attribute is compared by its `value` (RFC 7643 section 2.4).
    fn is_by_value(&self, path: &AttrPath) -> bool {
        let value = AttrPath { sub: AttrName::parse("value").ok(), ..path.clone() };
        path.sub.is_none() && path.name.is_some() && relation(&value, &self.at.attr) == Relation::Same
    }

    /// The value stands for what is absent or empty, of which only `ne`, and some operators with an empty text, are true.
    fn comparison(&self, name: &str, op: CompareOp, literal: &Literal) -> Rewrite {
        if *literal == Literal::Null {
            return match op {
                CompareOp::Eq => Rewrite::Never,
                CompareOp::Ne => Rewrite::Always,
                _ => Rewrite::Keep,
            };
        }
        let holds = |value: &Value<'_>| filter::satisfies(value, &self.at.attr, op, literal);
        let test = format!("{name} {op} {literal}");
        if holds(&self.value) {
            return Rewrite::any(vec![test, format!("not ({name} pr)")]);
        }
        if op == CompareOp::Ne || holds(&Value::string("")) {
            return Rewrite::all(vec![format!("{name} pr"), test]);
        }
        Rewrite::Keep
    }

    /// An extension in which the value is filled in is there for every resource.
    fn schemas(&self, path: &AttrPath, op: CompareOp, literal: &Literal) -> Result<Rewrite, Refused> {
        let is_schemas = path.extension().is_none()
            && path.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("schemas"));
        let (Some(urn), Literal::String(text), true) = (self.at.attr.extension(), literal, is_schemas) else {
            return Ok(Rewrite::Keep);
        };
        match (op, text.eq_ignore_ascii_case(urn.as_str())) {
            (CompareOp::Eq, true) => Ok(Rewrite::Always),
            (CompareOp::Eq, false) => Ok(Rewrite::Keep),
            _ => Err(invalid("`schemas` can only be compared by eq here")),
        }
    }
}

/// Of an element, or of what has several values, absent could mean many things.
fn is_of_the_resource(at: &Place, node: &Node, faults: &mut Faults) -> bool {
    let in_elements = attribute::parent(&at.attr).is_some_and(|above| schema::is_multi_valued(&above));
    let is_one = !in_elements && !schema::is_multi_valued(&at.attr);
    if !is_one {
        faults.push(
            Fault::error("R0445", node.place.clone(), format!("`{at}` can have several values"))
                .label("not one value of the resource")
                .help("`fill` takes an attribute with a single value; for elements use one-way `set` or `default`"),
        );
    }
    is_one
}

fn read_value(node: &Node, faults: &mut Faults) -> Option<Value<'static>> {
    let value = node.to_json();
    let is_plain = is_present(&value) && Literal::of(&value).is_some();
    if !is_plain {
        faults.push(
            Fault::error(
                "R0442",
                node.place.clone(),
                "an attribute can only be filled with a text, a number, true or false".to_owned(),
            )
            .label("not a plain value")
            .help("write the value that it means when the attribute is absent, such as `true`"),
        );
    }
    is_plain.then_some(value)
}
