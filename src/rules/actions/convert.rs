//! `convert`: another JSON type for the same value, there and back.

use crate::fault::Faults;
use crate::json::Value;
use crate::rules::mapping::Mapping;
use crate::rules::place::Place;
use crate::scim::Literal;
use crate::yaml::Node;

use super::invert::two_way_place;
use super::{About, Action, EQUALITY_ONLY, VALUES_TRANSLATED};

pub(super) const ABOUT: About = About {
    word: "convert",
    summary: "writes a value as another JSON type on the backend's side",
    example: "convert: { at: active, to: boolean-as-string }",
    two_way: true,
    exact: "for every boolean; the backend's text is read in any case, any other value is refused",
    operators: EQUALITY_ONLY,
    patch: VALUES_TRANSLATED,
    read: |node, faults| Convert::read(node, faults).map(Action::Convert),
};

/// The payload of `convert`. `boolean-as-string` writes `"true"` and `"false"` and reads them in any case; in filters
/// `eq` and `ne` translate.
#[derive(Debug)]
pub struct Convert {
    at: Place,
    to: Form,
}

#[derive(Clone, Copy, Debug)]
enum Form {
    BooleanAsString,
}

impl Form {
    const WORDS: &[(&str, Self)] = &[("boolean-as-string", Self::BooleanAsString)];
}

impl Convert {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("convert", faults)?;
        let at = fields.require("at", faults).and_then(|node| two_way_place(node, faults));
        let to = fields.require("to", faults).and_then(|node| node.word("form", Form::WORDS, faults));
        fields.finish(faults);
        Some(Self { at: at?, to: to? })
    }
}

impl Mapping for Convert {
    fn place(&self) -> &Place {
        &self.at
    }

    fn there(&self, value: &Value<'_>) -> Option<Value<'static>> {
        match self.to {
            Form::BooleanAsString => value.as_bool().map(|truth| Value::string(&truth.to_string())),
        }
    }

    fn back(&self, value: &Value<'_>) -> Option<Value<'static>> {
        match self.to {
            Form::BooleanAsString => {
                let text = value.as_str()?;
                let truth = text.eq_ignore_ascii_case("true");
                (truth || text.eq_ignore_ascii_case("false")).then_some(Value::Bool(truth))
            }
        }
    }

    fn literal(&self, literal: &Literal) -> Option<String> {
        match (self.to, literal) {
            (Form::BooleanAsString, Literal::Bool(truth)) => Some(format!("\"{truth}\"")),
            _ => None,
        }
    }

    fn domain(&self) -> &'static str {
        "true or false"
    }

    fn turns_order(&self) -> bool {
        false
    }
}
