//! Constants are folded so that what is left says the same.

use proptest::prelude::*;

use super::*;
use crate::json::{Object, Value};
use crate::scim::filter::matches;

/// `t` is true and `f` false of everything; `s` is renamed, `l` compares with `"L"`, `o` becomes two.
fn rewriting(asked: &Asked<'_>) -> Result<Rewrite, Refused> {
    let last = asked.path.sub.as_ref().or(asked.path.name.as_ref()).unwrap().as_str();
    Ok(match last {
        "t" => Rewrite::Always,
        "f" => Rewrite::Never,
        "l" => Rewrite::Literal("\"L\"".to_owned()),
        "o" => Rewrite::any(vec![format!("{} pr", asked.name), format!("{} eq 1", asked.name)]),
        "s" => Rewrite::Name(format!("{}2", asked.name)),
        "no" => return Err(invalid("`no`")),
        _ => Rewrite::Keep,
    })
}

fn folded(text: &str) -> String {
    let filter = Filter::parse(text).unwrap();
    match whole(&filter, None, &rewriting).unwrap() {
        Part::Same => "same".to_owned(),
        Part::Always => "always".to_owned(),
        Part::Never => "never".to_owned(),
        Part::Text(text) => spliced(&filter, text).unwrap().text().to_owned(),
    }
}

#[test]
fn constants_disappear_and_nothing_else_changes() {
    for (asked, expected) in [
        ("a pr  AND (b pr)", "same"),
        ("t pr", "always"),
        ("not ( t pr )", "never"),
        ("t pr and a  pr", "a  pr"),
        ("f pr or a  pr", "a  pr"),
        ("f pr and a pr", "never"),
        ("t pr or a pr", "always"),
        ("a pr and t pr and (b pr or c pr)", "a pr and (b pr or c pr)"),
        ("a pr and (t pr and (b pr or c pr))", "a pr and (b pr or c pr)"),
        ("not (t pr and (b pr or c pr))", "not (b pr or c pr)"),
        ("a pr or t pr and (b pr or c pr)", "a pr or b pr or c pr"),
        ("a pr and (f pr or b pr and c pr)", "a pr and (b pr and c pr)"),
        ("a pr or f pr or b pr and c pr", "a pr or (b pr and c pr)"),
        ("a  pr AND l  eq  \"x\"", "a  pr AND l  eq  \"L\""),
        ("not (o pr)", "not ((o pr or o eq 1))"),
        ("e[f pr]", "never"),
        ("e[f pr].a ne 1", "always"),
        ("e[f pr].a eq null", "always"),
        ("e[f pr].a ne null", "never"),
        ("e[f pr].a gt 1", "never"),
        ("e[f pr].a pr", "never"),
        ("e[ t pr and x pr ]", "e[ x pr ]"),
        ("e[t pr or x pr]", "e[t pr or not (t pr)]"),
        ("e[o pr].l eq \"x\"", "e[(o pr or o eq 1)].l eq \"L\""),
        ("e[l eq 1].o pr", "(e[l eq \"L\"].o pr or e[l eq \"L\"].o eq 1)"),
        ("s pr and s[s eq 1]", "s2 pr and s2[s2 eq 1]"),
    ] {
        assert_eq!(folded(asked), expected, "{asked}");
    }
}

#[test]
fn a_refused_test_refuses_the_filter_also_where_it_would_not_matter() {
    for text in ["f pr and no pr", "t pr or no pr", "e[f pr and no pr]"] {
        assert!(whole(&Filter::parse(text).unwrap(), None, &rewriting).is_err(), "{text}");
    }
}

fn asking(filter: &str) -> Selection {
    let mut selection = Selection::default();
    selection.filter = Filter::parse(filter).ok();
    selection
}

#[test]
fn a_query_that_nothing_can_match_has_no_filter_and_says_so() {
    let mut selection = asking("f pr");
    assert_eq!(query(&mut selection, OperationKind::List, &rewriting), Ok(true));
    assert!(selection.filter.is_none() && selection.matches_nothing);
    let mut selection = asking("t pr");
    assert_eq!(query(&mut selection, OperationKind::Search, &rewriting), Ok(true));
    assert!(selection.filter.is_none() && !selection.matches_nothing);
    let mut selection = asking("f pr");
    let refused = query(&mut selection, OperationKind::Read, &rewriting).unwrap_err();
    assert_eq!(refused.scim_type, Some(ScimType::InvalidFilter));
}

#[test]
fn brackets_that_nothing_can_match_have_no_target() {
    let rewritten = |text: &str, kind| path(&PatchPath::parse(text).unwrap(), kind, &rewriting);
    for kind in [OpKind::Add, OpKind::Remove, OpKind::Replace] {
        assert_eq!(rewritten("e[f pr].v", kind).unwrap_err().scim_type, Some(ScimType::NoTarget));
    }
    let shown = |text: &str, kind| rewritten(text, kind).unwrap().unwrap().to_string();
    assert_eq!(shown("e[t pr]", OpKind::Remove), "e");
    assert_eq!(shown("e[t pr].v", OpKind::Remove), "e[t pr or not (t pr)].v");
    assert_eq!(shown("e[t pr]", OpKind::Replace), "e[t pr or not (t pr)]");
    assert_eq!(shown("e[ l eq 1 ].v", OpKind::Add), "e[ l eq \"L\" ].v");
    assert_eq!(rewritten("e[v pr]", OpKind::Add), Ok(None));
    assert_eq!(rewritten("e", OpKind::Add), Ok(None));
}

fn filters() -> impl Strategy<Value = String> {
    let name = || prop::sample::select(vec!["a", "b", "t", "f"]);
    let leaf = name().prop_map(|name| format!("{name} eq 1"));
    let logic = |leaf: BoxedStrategy<String>| {
        leaf.prop_recursive(4, 16, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..4).prop_map(|terms| format!("({})", terms.join(" and "))),
                prop::collection::vec(inner.clone(), 2..4).prop_map(|terms| format!("({})", terms.join(" or "))),
                (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} or {b} and {c})")),
                inner.prop_map(|inner| format!("not ({inner})")),
            ]
        })
        .boxed()
    };
    let inner = logic(leaf.clone().boxed());
    let element = (inner, prop::sample::select(vec!["", ".a eq 1", ".a ne 1", ".t ne 1", ".f eq 1"]))
        .prop_map(|(inner, sub)| format!("e[{inner}]{sub}"));
    logic(prop_oneof![3 => leaf, 1 => element].boxed())
}

proptest! {
    /// Of a resource in which `t` is always 1 and `f` never, constants change nothing.
    #[test]
    fn what_is_left_says_the_same(text in filters(), held in prop::collection::vec((any::<bool>(), any::<bool>()), 1..4)) {
        let objects: Vec<_> = held.iter().map(|(a, b)| {
            let mut object = Object::new();
            for (name, value) in [("a", i64::from(*a)), ("b", i64::from(*b)), ("t", 1), ("f", 0)] {
                object.set(name, Value::number(value));
            }
            object
        }).collect();
        let (resource, elements) = objects.split_first().unwrap();
        let mut resource = resource.clone();
        let elements: Vec<_> = elements.iter().cloned().map(Value::Object).collect();
        resource.set("e", Value::Array(elements.into()));
        let filter = Filter::parse(&text).unwrap();
        let expected = matches(filter.root(), &resource);
        // Behind brackets `t` and `f` may be asked of no element, so there they are no constants.
        let rewriting = |asked: &Asked<'_>| if asked.stand == Stand::Behind { Ok(Rewrite::Keep) } else { rewriting(asked) };
        let found = match whole(&filter, None, &rewriting).unwrap() {
            Part::Same => expected,
            Part::Always => true,
            Part::Never => false,
            Part::Text(text) => matches(spliced(&filter, text).unwrap().root(), &resource),
        };
        prop_assert_eq!(found, expected);
    }
}
