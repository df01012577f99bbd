//! `affix`: something before or behind a text, there and back.

use std::borrow::Cow;

use crate::fault::{Fault, Faults};
use crate::json::Value;
use crate::rules::fold::{Asked, Rewrite};
use crate::rules::mapping::{Mapping, Order};
use crate::rules::place::Place;
use crate::scim::{CompareOp, Literal, schema};
use crate::yaml::Node;

use super::{About, Action, VALUES_TRANSLATED, single};

pub(super) const ABOUT: About = About {
    word: "affix",
    summary: "puts a prefix or suffix round a text on the backend's side",
    example: "affix: { at: userName, suffix: \"@corp.example\" }",
    two_way: true,
    exact: "for every text, an empty one stays empty; what the backend holds without the affix is refused as a 502",
    operators: &[
        ("eq ne", "the literal gets the affix"),
        ("pr", "stays as it is"),
        ("sw ew", "the literal gets the prefix or suffix; 400 where it could touch the other one"),
        ("co", "stays; 400 where the literal could touch the affix"),
        ("gt ge lt le, sortBy", "the literal gets the prefix; 400 with a suffix"),
    ],
    patch: VALUES_TRANSLATED,
    read: |node, faults| Affix::read(node, faults).map(Action::Affix),
};

/// The payload of `affix`. Exact for every text; an empty one stays empty, since it counts as absent. On the way back a
/// text without the affix, in its very spelling, is refused as a 502.
///
/// | operator | prefix | suffix |
/// |---|---|---|
/// | `eq` `ne` `pr` | translate | translate |
/// | `sw` | translates | if the literal can't touch the suffix |
/// | `ew` | if the literal can't touch the prefix | translates |
/// | `co` | if the literal can't touch it | if the literal can't touch it |
/// | `gt` `ge` `lt` `le`, `sortBy` | translate | refused |
#[derive(Debug)]
pub struct Affix {
    at: Place,
    prefix: String,
    suffix: String,
}

impl Affix {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("affix", faults)?;
        let at = fields
            .require("at", faults)
            .and_then(|node| single::plain(node, faults).filter(|at| is_text(at, node, faults)));
        let mut text = |name| match fields.take(name) {
            Some(node) => node.text("a text", faults).map(str::to_owned),
            None => Some(String::new()),
        };
        let (prefix, suffix) = (text("prefix"), text("suffix"));
        fields.finish(faults);
        let (at, prefix, suffix) = (at?, prefix?, suffix?);
        if prefix.is_empty() && suffix.is_empty() {
            faults.push(
                Fault::error("R0103", node.place.clone(), "an affix of nothing".to_owned())
                    .label("neither prefix nor suffix")
                    .help("write `prefix`, `suffix` or both, each a text"),
            );
            return None;
        }
        Some(Self { at, prefix, suffix })
    }

    fn with(&self, text: &str) -> String {
        if text.is_empty() { String::new() } else { format!("{}{text}{}", self.prefix, self.suffix) }
    }

    /// Whether a text that is looked for could be found where it reaches into `affix`: a sufficient test.
    fn can_touch(&self, affix: &str, literal: &str, end: End) -> bool {
        let fold =
            |text: &str| if schema::is_case_exact(&self.at.attr) { text.to_owned() } else { text.to_lowercase() };
        let (affix, literal) = (fold(affix), fold(literal));
        let reaches = affix.char_indices().any(|(at, first)| match end {
            End::Prefix => affix.get(at..).is_some_and(|tail| literal.starts_with(tail)),
            End::Suffix => affix.get(..at + first.len_utf8()).is_some_and(|head| literal.ends_with(head)),
        });
        affix.contains(&literal) || reaches
    }

    fn text(&self, op: CompareOp, text: &str) -> Option<Rewrite> {
        let touches_prefix = self.can_touch(&self.prefix, text, End::Prefix);
        let touches_suffix = self.can_touch(&self.suffix, text, End::Suffix);
        let looked_for = match op {
            // It is less than any text and in any text, on both sides.
            _ if text.is_empty() => return Some(Rewrite::Keep),
            CompareOp::Eq | CompareOp::Ne => self.with(text),
            CompareOp::Gt | CompareOp::Ge | CompareOp::Lt | CompareOp::Le if self.suffix.is_empty() => self.with(text),
            CompareOp::Sw if !touches_suffix => format!("{}{text}", self.prefix),
            CompareOp::Ew if !touches_prefix => format!("{text}{}", self.suffix),
            CompareOp::Co if !touches_prefix && !touches_suffix => text.to_owned(),
            _ => return None,
        };
        Some(Rewrite::Literal(Value::string(&looked_for).to_string()))
    }
}

/// On which side of a text an affix stands.
#[derive(Clone, Copy)]
enum End {
    Prefix,
    Suffix,
}

fn is_text(at: &Place, node: &Node, faults: &mut Faults) -> bool {
    let is_text = schema::find(None, &at.attr)
        .is_none_or(|known| matches!(known.kind, schema::Kind::String | schema::Kind::Reference));
    if !is_text {
        faults.push(
            Fault::error("R0444", node.place.clone(), format!("`{at}` is no text"))
                .label("can't have a prefix or suffix")
                .help("name an attribute whose values are texts, such as `userName`"),
        );
    }
    is_text
}

impl Mapping for Affix {
    fn place(&self) -> &Place {
        &self.at
    }

    fn there(&self, value: &Value<'_>) -> Option<Value<'static>> {
        value.as_str().map(|text| Value::string(&self.with(&text)))
    }

    fn back(&self, value: &Value<'_>) -> Option<Value<'static>> {
        let text = value.as_str()?;
        if text.is_empty() {
            return Some(Value::string(""));
        }
        let bare = text.strip_prefix(self.prefix.as_str())?.strip_suffix(self.suffix.as_str())?;
        (!bare.is_empty()).then(|| Value::string(bare))
    }

    fn comparison(&self, _asked: &Asked<'_>, op: CompareOp, literal: &Literal) -> Option<Rewrite> {
        match literal {
            Literal::String(text) => self.text(op, text),
            _ => None,
        }
    }

    fn comparable(&self) -> &'static str {
        if self.suffix.is_empty() {
            "eq, ne, sw, gt, ge, lt and le, and by co and ew where the affix can't matter,"
        } else {
            "eq and ne, and by co, sw and ew where the affix can't matter,"
        }
    }

    fn domain(&self) -> Cow<'static, str> {
        Cow::Owned(match (self.prefix.is_empty(), self.suffix.is_empty()) {
            (false, true) => format!("a text, which the backend begins with `{}`", self.prefix),
            (true, _) => format!("a text, which the backend ends with `{}`", self.suffix),
            (false, false) => format!("a text, which the backend puts between `{}` and `{}`", self.prefix, self.suffix),
        })
    }

    fn order(&self) -> Order {
        if self.suffix.is_empty() { Order::Kept } else { Order::Lost }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn affix(prefix: &str, suffix: &str) -> Affix {
        Affix { at: Place::parse("userName").unwrap(), prefix: prefix.to_owned(), suffix: suffix.to_owned() }
    }

    fn translated(affix: &Affix, op: CompareOp, text: &str) -> Option<String> {
        match affix.text(op, text)? {
            Rewrite::Literal(text) => Some(text),
            Rewrite::Keep => Some(Value::string(text).to_string()),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_operator_has_its_row() {
        use CompareOp::{Co, Eq, Ew, Ge, Gt, Le, Lt, Ne, Sw};
        let prefix = affix("acme:", "");
        for op in [Eq, Ne, Sw, Gt, Ge, Lt, Le] {
            assert_eq!(translated(&prefix, op, "Ada").as_deref(), Some("\"acme:Ada\""), "{op}");
        }
        let suffix = affix("", "@x");
        for (op, expected) in
            [(Eq, "\"ada@x\""), (Ne, "\"ada@x\""), (Ew, "\"ada@x\""), (Sw, "\"ada\""), (Co, "\"ada\"")]
        {
            assert_eq!(translated(&suffix, op, "ada").as_deref(), Some(expected), "{op}");
        }
        for op in [Gt, Ge, Lt, Le] {
            assert_eq!(translated(&suffix, op, "ada"), None, "{op}");
        }
        let both = affix("a:", "@x");
        for (op, expected) in [(Eq, "\"a:d@x\""), (Sw, "\"a:d\""), (Ew, "\"d@x\""), (Co, "\"d\"")] {
            assert_eq!(translated(&both, op, "d").as_deref(), Some(expected), "{op}");
        }
        assert_eq!(translated(&both, Ge, "d"), None);
    }

    #[test]
    fn a_literal_that_can_reach_into_the_affix_is_refused() {
        let prefix = affix("acme:", "");
        for touching in ["a", "CM", ":", ":b", "e:b", "ACME:x", "acme:"] {
            assert_eq!(translated(&prefix, CompareOp::Co, touching), None, "{touching}");
            assert_eq!(translated(&prefix, CompareOp::Ew, touching), None, "{touching}");
        }
        for apart in ["b", "a:", "ab", "b:", "acmee"] {
            assert!(translated(&prefix, CompareOp::Co, apart).is_some(), "{apart}");
        }
        let suffix = affix("", "@Éx");
        for touching in ["@", "é", "b@", "b@é", "b@éx"] {
            assert_eq!(translated(&suffix, CompareOp::Sw, touching), None, "{touching}");
        }
        assert!(translated(&suffix, CompareOp::Sw, "@éb").is_some());
    }

    #[test]
    fn only_the_very_affix_comes_off_and_what_is_empty_stays_empty() {
        let affix = affix("acme:", "@x");
        assert_eq!(affix.back(&Value::string("acme:ada@x")), Some(Value::string("ada")));
        assert_eq!(affix.there(&Value::string("")), Some(Value::string("")));
        assert_eq!(affix.back(&Value::string("")), Some(Value::string("")));
        for foreign in ["ada", "ACME:ada@x", "acme:ada", "ada@x", "acme:@x", "acme:"] {
            assert_eq!(affix.back(&Value::string(foreign)), None, "{foreign}");
        }
        assert_eq!(affix.there(&Value::Bool(true)), None);
    }
}
