//! Held against `serde_json_path`, which passes all of the compliance suite: the same texts are taken, but for what is
//! refused here on purpose, and the same places are found.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json_path::JsonPath;

use super::tests::{pointer, tree};
use super::{Condition, Query, SelectFault};

/// Documents over few names, so that queries meet them; none differ in case only.
fn document() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        (-3_i64..4).prop_map(Into::into),
        (-30_i32..40).prop_map(|number| (f64::from(number) / 10.0).into()),
        prop::sample::select(vec!["", "a", "ab", "b", "é", "𝄞", "\u{ffff}", "a\nb"]).prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Into::into),
            prop::collection::btree_map(name(), inner, 0..5)
                .prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "é"]).prop_map(str::to_owned)
}

fn one_of(words: Vec<&'static str>) -> BoxedStrategy<String> {
    prop::sample::select(words).prop_map(str::to_owned).boxed()
}

/// Without negative indexes: in a singular query the oracle finds nothing there, so they stand outside filters only.
fn single() -> BoxedStrategy<String> {
    let step = one_of(vec![".a", ".b", "['c']", "[\"é\"]", "[0]", "[1]"]);
    prop::collection::vec(step, 0..3).prop_map(|steps| format!("@{}", steps.concat())).boxed()
}

fn selector(inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let fixed = one_of(vec!["'a'", "'b'", "*", "0", "-1:", "1:", ":2", "::2", "::-1", "-2:-1", "3:0:-2", "0:3:0"]);
    prop_oneof![4 => fixed, 1 => inner.prop_map(|logic| format!("?{logic}"))].boxed()
}

fn segment(inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let bracketed =
        prop::collection::vec(selector(inner), 1..3).prop_map(|selectors| format!("[{}]", selectors.join(", ")));
    prop_oneof![one_of(vec![".a", ".b", ".c", ".*", ".é"]), bracketed].boxed()
}

fn operand(inner: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let nodes = prop::collection::vec(segment(inner), 0..3).prop_map(|segments| format!("@{}", segments.concat()));
    prop_oneof![
        3 => single(),
        3 => one_of(vec!["1", "-2", "0.5", "1.0", "1e0", "-0", "null", "true", "'a'", "'ab'", "\"é\"", "'\\uD834\\uDD1E'"]),
        1 => single().prop_map(|of| format!("length({of})")),
        1 => nodes.clone().prop_map(|of| format!("count({of})")),
        1 => nodes.prop_map(|of| format!("value({of})")),
    ]
    .boxed()
}

/// The oracle orders truths and objects, and takes `<=` between nothing and nothing as false; by RFC 9535 section
/// 2.3.5.2.2 only numbers and texts have an order, and `<=` is true because `==` is. So order is asked of it only where
/// one side is a number or a text.
fn comparison(left: &str, relation: &str, right: &str) -> String {
    let is_ordered = |operand: &str| operand.starts_with(|c: char| c.is_ascii_digit() || "-'\"c".contains(c));
    let relation = match relation {
        "<=" | ">=" | "<" | ">" if !is_ordered(left) && !is_ordered(right) => "==",
        other => other,
    };
    format!("{left} {relation} {right}")
}

fn logic() -> BoxedStrategy<String> {
    let leaf = single().prop_map(|path| path + "[*]").boxed();
    leaf.prop_recursive(3, 12, 3, |inner| {
        let inner = inner.boxed();
        let relation = one_of(vec!["==", "!=", "<", "<=", ">", ">="]);
        prop_oneof![
            3 => (operand(inner.clone()), relation, operand(inner.clone())).prop_map(|(l, op, r)| comparison(&l, &op, &r)),
            1 => (one_of(vec!["match", "search"]), single(), one_of(vec!["'a'", "'a.?b*'", "'.*'", "'[^a]'", "'a|b'"]))
                .prop_map(|(function, text, pattern)| format!("{function}({text}, {pattern})")),
            1 => (single(), segment(inner.clone())).prop_map(|(path, segment)| path + &segment),
            1 => inner.clone().prop_map(|logic| format!("!({logic})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(l, r)| format!("{l} && {r}")),
            1 => (inner.clone(), inner).prop_map(|(l, r)| format!("({l} || {r})")),
        ]
    })
    .boxed()
}

fn query() -> BoxedStrategy<String> {
    let deep = (any::<bool>(), prop_oneof![9 => segment(logic()), 1 => Just("[-1]".to_owned())]).prop_map(
        |(deep, segment)| match (deep, segment.strip_prefix('.')) {
            (true, Some(name)) => format!("..{name}"),
            (true, None) => format!("..{segment}"),
            (false, _) => segment,
        },
    );
    prop::collection::vec(deep, 1..4).prop_map(|segments| format!("${}", segments.concat())).boxed()
}

fn soup() -> BoxedStrategy<String> {
    let words = vec![
        "@", "$", ".", "..", "a", "b", "[", "]", "(", ")", "'a'", "\"b\"", "*", ":", "0", "-1", "01", "-0", "1.5",
        "1e2", "?", "!", "&&", "||", "==", "<", ",", " ", "\n", "length", "count", "value", "match", "search", "null",
        "true", "\\", "'", "é", "_",
    ];
    prop::collection::vec(one_of(words), 0..12).prop_map(|words| words.concat()).boxed()
}

/// Whether a text is refused here although the RFC has it.
fn is_on_purpose(fault: &SelectFault) -> bool {
    matches!(
        fault,
        SelectFault::AbsoluteInFilter
            | SelectFault::DescendantInFilter
            | SelectFault::RootCondition
            | SelectFault::WholeDocument
            | SelectFault::TooManyCalls
            | SelectFault::PatternNotLiteral(_)
            | SelectFault::Pattern(_)
    )
}

/// Whether a text is taken here although the oracle doesn't: a space before `..` (`segments = *(S segment)`).
fn is_right(query: &str) -> bool {
    [" ..", "\n..", "\t.."].iter().any(|spaced| query.contains(spaced))
}

/// Whether both agree that `query` is one.
fn agrees(query: &str, found: Result<(), SelectFault>) -> Result<(), TestCaseError> {
    match (found, JsonPath::parse(query)) {
        (Ok(()), Err(fault)) if !is_right(query) => Err(TestCaseError::fail(format!("taken, but {fault}: {query}"))),
        (Err(fault), Ok(_)) if !is_on_purpose(&fault) => {
            Err(TestCaseError::fail(format!("refused by {fault}: {query}")))
        }
        _ => Ok(()),
    }
}

proptest! {
    #[test]
    fn a_query_finds_what_the_oracle_finds(query in query(), document in document()) {
        let ours = tree(&document);
        let places = Query::parse(&query).unwrap().select(&ours).unwrap();
        let found: BTreeSet<String> = places.iter().map(|place| pointer(&ours, place)).collect();
        let expected: BTreeSet<String> = JsonPath::parse(&query)
            .unwrap()
            .query_located(&document)
            .locations()
            .map(|location| location.to_json_pointer())
            .collect();
        prop_assert_eq!(places.len(), found.len());
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_condition_holds_where_the_oracle_finds_something(condition in logic(), document in document()) {
        let expected = !JsonPath::parse(&format!("$[?{condition}]")).unwrap().query(&serde_json::json!([&document])).is_empty();
        prop_assert_eq!(Condition::parse(&condition).unwrap().holds(&tree(&document)).unwrap(), expected);
    }

    #[test]
    fn any_text_is_a_query_for_both_or_for_neither(text in soup()) {
        let query = format!("${text}");
        agrees(&query, Query::parse(&query).map(drop))?;
    }

    #[test]
    fn a_space_may_stand_where_it_may_for_the_oracle(query in query(), at in any::<prop::sample::Index>(), space in "[ \n\t]{1,2}") {
        let places: Vec<usize> = query.char_indices().skip(1).map(|(index, _)| index).collect();
        let (before, after) = query.split_at(places[at.index(places.len())]);
        let query = format!("{before}{space}{after}");
        agrees(&query, Query::parse(&query).map(drop))?;
    }

    #[test]
    fn any_text_is_a_condition_for_both_or_for_neither(text in soup()) {
        match Condition::parse(&text) {
            // Two expressions are one query with two selectors or segments.
            Err(SelectFault::NotOne) => {}
            found => agrees(&format!("$[?{text}]"), found.map(drop))?,
        }
    }

    #[test]
    fn no_text_makes_reading_panic(text in any::<String>()) {
        let _ = (Condition::parse(&text), Query::parse(&text), Query::parse(&format!("$[?@.a == '{text}']")));
    }
}
