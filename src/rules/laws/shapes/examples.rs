//! One value and lists of texts, by example.

use super::*;

#[test]
fn counterexample_3_a_second_value_does_not_silently_replace_the_single_one() {
    table(
        SINGLE.entry,
        patched,
        &[
            (r#"{"op":"add","path":"emails","value":[{"value":"y"}]}"#, "invalidPath"),
            (r#"{"op":"add","value":{"emails":[{"value":"y"}]}}"#, "invalidPath"),
            (r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"y"}"#, "invalidPath"),
            (r#"{"op":"replace","path":"emails","value":[{"value":"x"},{"value":"y"}]}"#, "invalidValue"),
            (r#"{"op":"remove","path":"emails"}"#, r#"{"op":"remove","path":"emails"}"#),
            (r#"{"op":"replace","path":"emails","value":[]}"#, r#"{"op":"remove","path":"emails"}"#),
            (
                r#"{"op":"replace","value":{"title":"t","emails":[{"value":"x"}]}}"#,
                r#"{"op":"replace","value":{"title":"t"}},{"op":"remove","path":"emails"},{"op":"add","path":"emails","value":{"value":"x"}}"#,
            ),
        ],
    );
}

#[test]
fn a_value_path_is_guarded_where_there_is_only_one_value() {
    table(
        SINGLE.entry,
        asked,
        &[
            ("emails[type eq \"work\"]", "(emails pr and emails.type eq \"work\")"),
            ("not (emails[not (type eq \"work\")])", "not ((emails pr and not (emails.type eq \"work\")))"),
            (
                "emails[type eq \"work\" and value co \"a\"]",
                "(emails pr and (emails.type eq \"work\" and emails.value co \"a\"))",
            ),
            (
                "emails[type eq \"work\"].value ne \"a\"",
                "(not (emails pr and emails.type eq \"work\") or emails.value ne \"a\")",
            ),
            ("emails.value eq \"a\" and emails pr", "emails.value eq \"a\" and emails pr"),
        ],
    );
    table(
        "shape: { at: tags, to: single }",
        asked,
        &[("tags eq \"a\"", "tags eq \"a\""), ("tags[value pr]", "invalidFilter")],
    );
}

#[test]
fn counterexample_4_what_is_asked_of_one_entry_is_not_asked_of_a_list_of_texts() {
    table(
        STRINGS.entry,
        asked,
        &[
            ("emails[not (value ne \"b\")]", "invalidFilter"),
            ("emails[value co \"a\" and value co \"b\"]", "invalidFilter"),
            ("emails[value eq \"a\" or value co \"b\"]", "(emails eq \"a\" or emails co \"b\")"),
            ("emails[value ne \"b\"]", "(emails pr and emails ne \"b\")"),
            ("emails.value ne \"b\"", "emails ne \"b\""),
            ("emails[type eq \"work\"]", "invalidFilter"),
            ("emails.value pr", "emails pr"),
        ],
    );
    let strings = action(STRINGS.entry);
    let o = object(r#"{"emails": ["ab", "b"]}"#);
    let r = back(&strings, &o).unwrap();
    for text in ["emails[value ne \"b\"]", "emails.value ne \"b\"", "not (emails[value eq \"c\"])"] {
        let f = Filter::parse(text).unwrap();
        let found = filter_there(&strings, &f).unwrap();
        assert_eq!(filter::matches(found.root(), &o), filter::matches(f.root(), &r), "{text}");
    }
}

#[test]
fn texts_are_patched_as_a_whole() {
    table(
        STRINGS.entry,
        patched,
        &[
            (
                r#"{"op":"add","path":"emails","value":[{"value":"a"}]}"#,
                r#"{"op":"add","path":"emails","value":["a"]}"#,
            ),
            (
                r#"{"op":"replace","value":{"emails":[{"value":"a"}],"title":"t"}}"#,
                r#"{"op":"replace","value":{"emails":["a"],"title":"t"}}"#,
            ),
            (r#"{"op":"add","path":"emails","value":[{"value":"a","type":"work"}]}"#, "invalidValue"),
            (r#"{"op":"remove","path":"emails[value eq \"a\"]"}"#, "invalidPath"),
        ],
    );
    let strings = action(STRINGS.entry);
    for refused in [r#"[{"value":"a"},{"value":"A"}]"#, r#"[{"value":""}]"#, r#"[{"display":"a"}]"#, r#"["a"]"#] {
        let error = there(&strings, &object(&format!("{{\"emails\": {refused}}}"))).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{refused}");
    }
    assert!(back(&strings, &object(r#"{"emails": [{"value": "a"}]}"#)).is_err());
}

#[test]
fn a_list_becomes_one_text_by_two_shapes() {
    let (single, strings) = (action(SINGLE.entry), action(STRINGS.entry));
    let r = object(r#"{"emails": [{"value": "a"}]}"#);
    let o = there(&strings, &there(&single, &r).unwrap()).unwrap();
    assert_eq!(shown(&o), r#"{"emails":"a"}"#);
    assert!(same(&back(&single, &back(&strings, &o).unwrap()).unwrap(), &r));
    let f = Filter::parse("emails[value eq \"a\"]").unwrap();
    let translated = filter_there(&strings, &filter_there(&single, &f).unwrap()).unwrap();
    assert_eq!(translated.text(), "(emails pr and emails eq \"a\")");
}
