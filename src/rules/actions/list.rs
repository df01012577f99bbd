//! `list`: lists whose envelope isn't what clients count on.

use crate::fault::Faults;
use crate::json::{Array, Object, Value};
use crate::rules::filters;
use crate::rules::message::{Request, Verdict};
use crate::rules::when;
use crate::scim::filter::matches;
use crate::scim::{Filter, OperationKind, list};
use crate::yaml::Node;

use super::{About, Action, PATCHES_PASS, QUERIES_PASS};

pub(super) const ABOUT: About = About {
    word: "list",
    summary: "repairs the counters of a list, or leaves resources out of it",
    example: "list: { items-per-page: actual, drop-items: 'userName sw \"svc-\"' }",
    two_way: false,
    exact: "not undone; `totalResults` stays, since the backend counts its pages by it; the list is held whole",
    operators: QUERIES_PASS,
    patch: PATCHES_PASS,
    read: |node, faults| List::read(node, faults).map(Action::List),
};

/// The payload of `list`. Such a list is held whole, at most 16 MiB, before its first byte goes to the client: its counters
/// may stand before what they count. `drop-items` sees resources as the pack's left side does,
/// with all that it asks of them, even where the client's `attributes` leave it out; it hides nobody from a read by id. `totalResults` stays as it is,
/// since the backend counts its pages by it.
#[derive(Debug)]
pub struct List {
    integers: bool,
    count_items: bool,
    drop_items: Option<Filter>,
}

/// The members that count (RFC 7644 section 3.4.2).
const COUNTERS: [&str; 3] = ["totalResults", "startIndex", "itemsPerPage"];

impl List {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("list", faults)?;
        let integers = fields.take("integers").map(|node| node.truth("integers", faults));
        let words = [("actual", true)];
        let count_items =
            fields.take("items-per-page").map(|node| node.word("what `itemsPerPage` must be", &words, faults));
        let drop_items = fields.take("drop-items").map(|node| when::filter(node, faults));
        fields.finish(faults);
        let drop_items = drop_items.map_or(Some(None), |read| read.map(Some))?;
        Some(Self {
            integers: integers.unwrap_or(Some(false))?,
            count_items: count_items.unwrap_or(Some(false))?,
            drop_items,
        })
    }

    /// Whether it leaves resources out.
    #[must_use]
    pub fn sorts_out(&self) -> bool {
        self.drop_items.is_some()
    }

    /// Asks for what `drop-items` looks at: of what isn't there, `not (active eq true)` is true of everybody. True if the
    /// query left something of it out.
    #[must_use]
    pub fn guard(&self, request: &mut Request<'_>) -> bool {
        let lists = matches!(request.operation, OperationKind::List | OperationKind::Search);
        let Some(filter) = self.drop_items.as_ref().filter(|_| lists) else { return false };
        let mentions = filters::mentions(filter, None).into_iter();
        mentions.fold(false, |changed, mention| request.selection.ask_for(&mention.path) | changed)
    }

    /// Acts on a list whose resources are translated.
    #[must_use]
    pub fn list(&self, whole: &mut Object<'_>) -> Verdict {
        let mut changed = false;
        if let Some(filter) = &self.drop_items {
            changed |= drop_items(filter, whole);
        }
        if self.integers {
            for name in COUNTERS {
                changed |= make_integer(name, whole);
            }
        }
        if self.count_items {
            let count = whole.get("Resources").and_then(Value::as_array).map_or(0, Array::len);
            let count = Value::number(i64::try_from(count).unwrap_or(i64::MAX));
            if whole.get("itemsPerPage") != Some(&count) {
                whole.set("itemsPerPage", count);
                changed = true;
            }
        }
        Verdict::of(changed)
    }
}

fn drop_items(filter: &Filter, whole: &mut Object<'_>) -> bool {
    let Some(Value::Array(resources)) = whole.get_mut("Resources") else { return false };
    let before = resources.len();
    resources.retain(|one| !one.as_object().is_some_and(|resource| matches(filter.root(), resource)));
    resources.len() < before
}

/// `"12"`, `12.0` and `1.2e1` are 12.
fn make_integer(name: &str, whole: &mut Object<'_>) -> bool {
    let Some(value) = whole.get(name) else { return false };
    let number = match value {
        Value::Number(text) if text.contains(['.', 'e', 'E']) => {
            let number =
                text.parse::<f64>().ok().filter(|number| number.fract() == 0.0 && (0.0..=2e9).contains(number));
            // Within the range and whole, so that nothing is cut off.
            number.map(|number| format!("{number:.0}"))
        }
        Value::String(text) => list::counter(name, format!("\"{}\"", text.raw()).as_bytes()),
        _ => None,
    };
    let Some(number) = number.and_then(|text| text.parse().ok()) else { return false };
    whole.set(name, Value::number(number));
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(entry: &str, whole: &str) -> String {
        let mut faults = Faults::new();
        let node = crate::yaml::parse("test.yaml", entry, &mut faults).unwrap();
        let list = List::read(&node, &mut faults).unwrap();
        let mut value = crate::json::parse(whole.as_bytes()).unwrap();
        let verdict = list.list(value.as_object_mut().unwrap());
        assert_eq!(verdict.is_applied(), value.to_string() != whole);
        let again = value.to_string();
        assert!(!list.list(value.as_object_mut().unwrap()).is_applied(), "twice is once");
        again
    }

    #[test]
    fn counters_count() {
        let whole = r#"{"totalResults":1.2e1,"itemsPerPage":"10","startIndex":1.0,"Resources":[{"userName":"a"}]}"#;
        assert_eq!(
            mended("{ integers: true }", whole),
            r#"{"totalResults":12,"itemsPerPage":10,"startIndex":1,"Resources":[{"userName":"a"}]}"#
        );
        assert_eq!(
            mended("{ items-per-page: actual }", r#"{"totalResults":0}"#),
            r#"{"totalResults":0,"itemsPerPage":0}"#
        );
        assert_eq!(mended("{ integers: true }", r#"{"totalResults":1.5}"#), r#"{"totalResults":1.5}"#);
    }

    #[test]
    fn resources_are_left_out() {
        let whole = r#"{"totalResults":2,"Resources":[{"userName":"svc-1"},{"userName":"ada"}]}"#;
        assert_eq!(
            mended("{ drop-items: 'userName sw \"svc-\"', items-per-page: actual }", whole),
            r#"{"totalResults":2,"Resources":[{"userName":"ada"}],"itemsPerPage":1}"#
        );
    }
}
