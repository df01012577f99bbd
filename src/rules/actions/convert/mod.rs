//! `convert`: another JSON type for the same value, there and back. One form, one file.

mod boolean;
mod epoch;
mod json;
mod number;

use std::borrow::Cow;

use crate::fault::{Fault, Faults};
use crate::json::Value;
use crate::rules::discovery::Definitions;
use crate::rules::fold::{Asked, Rewrite};
use crate::rules::mapping::{Mapping, Order};
use crate::rules::place::Place;
use crate::scim::{CompareOp, Literal, schema};
use crate::yaml::Node;

use super::invert::two_way_place;
use super::{About, Action, single};

pub(super) const ABOUT: About = About {
    word: "convert",
    summary: "writes a value as another JSON type on the backend's side",
    example: "convert: { at: active, to: boolean-as-string }",
    two_way: true,
    exact: "for booleans; for whole numbers in plain spelling; for instants in whole seconds, which come back in UTC; for JSON in which something is present; any other value is refused",
    operators: &[
        ("eq ne", "the literal is translated; of `json-as-string` 400 invalidFilter"),
        ("pr", "stays as it is; of `json-as-string` also not `[]` and not `{}`"),
        ("gt ge lt le", "translated for `date-as-epoch`, else 400 invalidFilter"),
        ("co sw ew", "400 invalidFilter"),
        ("sortBy", "stays; 400 for `number-as-string` and `json-as-string`"),
    ],
    patch: &[
        ("a path", "stays; its value filter is translated as a filter is"),
        ("a value", "translated, with a path or without one"),
        (
            "a part of `json-as-string`, or what adds to it",
            "needs the resource: over `patch_to_put` where the backend has PUT, else 400 invalidPath",
        ),
    ],
    read: |node, faults| Convert::read(node, faults).map(Action::Convert),
};

/// The payload of `convert`.
///
/// | form | values | filters | `sortBy` |
/// |---|---|---|---|
/// | `boolean-as-string` | `"true"` and `"false"`, read in any case where the attribute has none | `eq`, `ne` | stays |
/// | `boolean-as-int` | 1 and 0 | `eq`, `ne` | stays |
/// | `number-as-string` | whole numbers, in the one spelling without sign, zeros and exponent that add nothing | `eq`, `ne` | refused |
/// | `date-as-epoch` | instants without a fraction, as seconds since 1970; they come back in UTC | `eq` `ne` `gt` `ge` `lt` `le` | stays |
/// | `json-as-string` | anything in which something is present, also empty lists and objects; its JSON text | `pr` of the whole | refused |
///
/// `pr` translates everywhere. Whatever else is sent is refused, on the way back as a 502.
#[derive(Debug)]
pub struct Convert {
    at: Place,
    to: Form,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Form {
    BooleanAsString,
    BooleanAsInt,
    NumberAsString,
    DateAsEpoch,
    JsonAsString,
}

impl Form {
    const WORDS: &[(&str, Self)] = &[
        ("boolean-as-string", Self::BooleanAsString),
        ("boolean-as-int", Self::BooleanAsInt),
        ("number-as-string", Self::NumberAsString),
        ("date-as-epoch", Self::DateAsEpoch),
        ("json-as-string", Self::JsonAsString),
    ];
}

impl Convert {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("convert", faults)?;
        let node = fields.require("at", faults);
        let to = fields.require("to", faults).and_then(|node| node.word("form", Form::WORDS, faults));
        fields.finish(faults);
        let (node, to) = (node?, to?);
        let at = match to {
            Form::DateAsEpoch => two_way_place(node, faults)?,
            Form::JsonAsString => two_way_place(node, faults).filter(|at| single::is_free(at, node, faults))?,
            _ => single::plain(node, faults)?,
        };
        // An instant of the backend's own may be written otherwise; its id may not, since URLs hold it too.
        let is_dated = to != Form::DateAsEpoch || is_no_other_kind(&at, node, faults);
        is_dated.then_some(Self { at, to })
    }

    /// Gives the attribute its own type in a schema. What was suggested for the other type goes.
    pub(super) fn define(&self, definitions: &mut Definitions<'_, '_>) -> bool {
        let kind = match self.to {
            Form::BooleanAsString | Form::BooleanAsInt => "boolean",
            Form::NumberAsString => "integer",
            Form::DateAsEpoch => "dateTime",
            Form::JsonAsString => "complex",
        };
        let standard = definitions.standard(&self.at.attr);
        let known = standard.as_ref().filter(|_| self.to == Form::JsonAsString);
        definitions.edit(&self.at.attr, |definition| {
            definition.remove("canonicalValues");
            definition.set("type", known.and_then(|known| known.get("type")).cloned().unwrap_or(Value::string(kind)));
            for name in ["multiValued", "subAttributes"] {
                if let Some(value) = known.and_then(|known| known.get(name)) {
                    definition.set(name, value.clone());
                }
            }
        })
    }

    /// Whether it takes booleans only.
    pub(super) fn is_boolean(&self) -> bool {
        matches!(self.to, Form::BooleanAsString | Form::BooleanAsInt)
    }

    fn is_case_exact(&self) -> bool {
        schema::is_case_exact(&self.at.attr)
    }
}

fn is_no_other_kind(at: &Place, node: &Node, faults: &mut Faults) -> bool {
    let may_date = |known: &schema::Attribute| matches!(known.kind, schema::Kind::DateTime | schema::Kind::String);
    let sound = schema::find(None, &at.attr).is_none_or(|known| may_date(known) && !known.is_case_exact);
    if !sound {
        faults.push(
            Fault::error("R0441", node.place.clone(), format!("`{at}` is no date"))
                .label("not a date")
                .help("name an attribute whose values are dates, such as `meta.created`"),
        );
    }
    sound
}

impl Mapping for Convert {
    fn place(&self) -> &Place {
        &self.at
    }

    fn there(&self, value: &Value<'_>) -> Option<Value<'static>> {
        match self.to {
            Form::BooleanAsString => value.as_bool().map(boolean::to_text),
            Form::BooleanAsInt => value.as_bool().map(boolean::to_int),
            Form::NumberAsString => number::to_text(value),
            Form::DateAsEpoch => epoch::seconds(&value.as_str()?).map(Value::number),
            Form::JsonAsString => json::to_text(value),
        }
    }

    fn back(&self, value: &Value<'_>) -> Option<Value<'static>> {
        match self.to {
            Form::BooleanAsString => boolean::of_text(&value.as_str()?, self.is_case_exact()).map(Value::Bool),
            Form::BooleanAsInt => boolean::of_int(value).map(Value::Bool),
            Form::NumberAsString => number::of_text(value),
            Form::DateAsEpoch => epoch::of_number(value),
            Form::JsonAsString => json::of_text(&value.as_str()?),
        }
    }

    fn comparison(&self, _asked: &Asked<'_>, op: CompareOp, literal: &Literal) -> Option<Rewrite> {
        let text = match (self.to, literal) {
            (Form::DateAsEpoch, Literal::String(text))
                if !matches!(op, CompareOp::Co | CompareOp::Sw | CompareOp::Ew) =>
            {
                return epoch::seconds(text).map(|seconds| Rewrite::Literal(seconds.to_string()));
            }
            (Form::BooleanAsString, Literal::Bool(truth)) => Some(boolean::to_text(*truth).to_string()),
            (Form::BooleanAsInt, Literal::Bool(truth)) => Some(boolean::to_int(*truth).to_string()),
            (Form::NumberAsString, Literal::Number(text)) => number::whole(text)?.map(|whole| format!("\"{whole}\"")),
            _ => return None,
        };
        match (op, text) {
            (CompareOp::Eq | CompareOp::Ne, Some(text)) => Some(Rewrite::Literal(text)),
            // A whole number is never equal to a fraction.
            (CompareOp::Eq | CompareOp::Ne, None) => Some(Rewrite::constant(op == CompareOp::Ne)),
            _ => None,
        }
    }

    fn presence(&self, asked: &Asked<'_>) -> Rewrite {
        match self.to {
            Form::JsonAsString => json::presence(&asked.name),
            _ => Rewrite::Keep,
        }
    }

    fn comparable(&self) -> &'static str {
        match self.to {
            Form::DateAsEpoch => "eq, ne, gt, ge, lt and le",
            Form::JsonAsString => "pr alone, not",
            _ => "eq and ne",
        }
    }

    fn domain(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self.to {
            Form::BooleanAsString | Form::BooleanAsInt => "true or false",
            Form::NumberAsString => "a whole number in its plain spelling",
            Form::DateAsEpoch => "a date and time with its zone, in whole seconds",
            Form::JsonAsString => "a value in which something is present",
        })
    }

    fn order(&self) -> Order {
        match self.to {
            Form::BooleanAsString | Form::BooleanAsInt | Form::DateAsEpoch => Order::Kept,
            Form::NumberAsString | Form::JsonAsString => Order::Lost,
        }
    }

    fn takes_the_whole(&self) -> bool {
        self.to == Form::JsonAsString
    }
}

#[cfg(test)]
mod tests;
