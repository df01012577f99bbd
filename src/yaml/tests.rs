use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Node {
    let mut faults = Faults::new();
    parse("a.yaml", text, &mut faults).unwrap_or_else(|| panic!("{}", faults.render(false)))
}

fn refusal(text: &str) -> String {
    let mut faults = Faults::new();
    assert!(parse("a.yaml", text, &mut faults).is_none(), "{text:?} was read");
    assert_eq!(faults.errors(), 1);
    faults.render(false)
}

#[test]
fn what_people_write_as_text_stays_text() {
    let node =
        read("[NO, no, off, on, yes, y, 2024-01-01, 0755, 1_000, +1555, 0x1F, 0o17, .5, .inf, '12', \"true\", 1:30]");
    let texts =
        ["NO", "no", "off", "on", "yes", "y", "2024-01-01", "0755", "1_000", "+1555", "0x1F", "0o17", ".5", ".inf"];
    let expected: Vec<Kind> =
        texts.iter().chain(&["12", "true", "1:30"]).map(|text| Kind::String((*text).into())).collect();
    let kinds: Vec<Kind> = node.list("", &mut Faults::new()).unwrap().iter().map(|node| node.kind.clone()).collect();
    assert_eq!(kinds, expected);
}

#[test]
fn numbers_keep_their_text_and_json_shows_it() {
    let node = read("a: [1, -0, 1.50, 1e3, 12345678901234567890123]\nb: { c: null, d: ~, e: true, f: \"q\\n\" }\ng:\n");
    let json = r#"{"a":[1,-0,1.50,1e3,12345678901234567890123],"b":{"c":null,"d":null,"e":true,"f":"q\n"},"g":null}"#;
    assert_eq!(node.to_json().to_string(), json);
}

#[test]
fn every_key_and_value_knows_its_place() {
    let node = read("# é\nä: { b: ü x }\nlist:\n  - 'c': &n 5\n  - *n\ntext: |\n  one\n  two\n");
    let Kind::Map(entries) = &node.kind else { panic!() };
    let at = |place: &Place| (place.line, place.column, place.end);
    assert_eq!(at(&node.place), (2, 1, 2));
    assert_eq!(at(&entries[0].0.place), (2, 1, 2));
    let Kind::Map(inner) = &entries[0].1.kind else { panic!() };
    assert_eq!((at(&entries[0].1.place), at(&inner[0].1.place)), ((2, 4, 5), (2, 9, 12)));
    let items = entries[1].1.list("", &mut Faults::new()).unwrap();
    assert_eq!((at(&items[0].place), at(&items[1].place)), ((4, 5, 8), (5, 5, 7)));
    assert_eq!(items[1].kind, Kind::Number("5".into()));
    assert_eq!(at(&entries[2].1.place), (7, 3, 6));
}

#[test]
fn empty_files_and_byte_order_marks_are_no_fault_of_yaml() {
    assert_eq!(read("").kind, Kind::Null);
    assert_eq!(read("# nothing\n").kind, Kind::Null);
    assert_eq!(read("\u{feff}a: 1\n"), read("a: 1\n"));
}

#[test]
fn syntax_errors_come_with_place_and_hint() {
    for (text, message, place, help) in [
        ("a: `x` y\n", "text can't start with ```", "1:4", "put it in quotes: \"`x` y\""),
        ("a: @.x\n", "text can't start with `@`", "1:4", "put it in quotes: \"@.x\""),
        ("a: *\n", "text can't start with `*`", "1:4", "put it in quotes: \"*\""),
        ("a: [*.x, b]\n", "text can't start with `*`", "1:5", "put it in quotes: \"*.x\""),
        ("a: %x\n", "text can't start with `%`", "1:4", "put it in quotes: \"%x\""),
        ("a: [emails[*].type]\n", "while scanning", "1:12", "put attribute paths with brackets in quotes"),
        ("a:\n\tb: 1\n", "a tab in the indentation", "2:2", "indent with spaces"),
        ("a: 1\n<<: { b: 2 }\n", "merge keys", "2:1", "write the entries out"),
        ("a: 1\nb: 2\na: 3\n", "`a` stands twice", "3:1", "remove one"),
        ("a: { Bc: 1, bC: 2 }\n", "`bC` stands twice", "1:13", "remove one"),
        ("a: 1\n---\nb: 2\n", "a second document", "3:1", "its own file"),
        ("a: b: c\n", "a second `:`", "1:5", "in quotes"),
        ("a: 'x\n", "unclosed quote", "1:4", "check quotes"),
        ("a: [1, 2\n", "unclosed bracket", "1:4", "check quotes"),
        ("a: !x y\n", "the tag `!x`", "1:7", "remove the tag"),
        ("null: 1\n", "a key has to be one text", "1:1", "in quotes"),
        ("? [a]\n: 1\n", "a key has to be one text", "1:3", "in quotes"),
        ("a: &x { b: *x }\n", "an alias inside", "1:12", "write it out"),
    ] {
        let shown = refusal(text);
        let whole = shown.contains(message) && shown.contains(&format!("--> a.yaml:{place}\n")) && shown.contains(help);
        assert!(whole, "{text:?}\n{shown}");
    }
}

#[test]
fn a_file_that_is_not_utf_8_says_where() {
    let mut faults = Faults::new();
    assert!(parse_bytes("a.yaml", b"a: 1\nb: \xe9\n", &mut faults).is_none());
    assert!(faults.render(false).contains("the file is not UTF-8\n --> a.yaml:2:4\n"), "{}", faults.render(false));
    assert_eq!(parse_bytes("a.yaml", "a: é".as_bytes(), &mut faults), Some(read("a: é")));
}

#[test]
fn a_thousand_rules_load_and_bombs_do_not() {
    let rule = "- { id: r, why: w, when: { resource: User, operations: [create, patch] }, do: [ { drop: { at: [a, b, c] } } ] }\n";
    assert_eq!(read(&rule.repeat(5_000)).list("", &mut Faults::new()).unwrap().len(), 5_000);

    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let below = format!("*a{}", level - 1);
        bomb += &format!("a{level}: &a{level} [{}]\n", [below.as_str(); 9].join(", "));
    }
    // Where reading stops says how much was read before.
    let stops = |text: &str, place: &str| {
        let refusal = refusal(text);
        assert!(refusal.contains("the file holds too much") && refusal.contains(place), "{refusal}");
    };
    stops(&bomb, "a.yaml:5:");
    stops(&"- x\n".repeat(300_000), "a.yaml:200000:");
    assert!(refusal(&format!("{}{}", "[".repeat(5_000), "]".repeat(5_000))).contains("a.yaml:1:33"));
    let deep: String = (0..200).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    stops(&deep, "a.yaml:33:");
}

#[test]
fn unknown_keys_and_missing_ones_are_named() {
    let mut faults = Faults::new();
    let node = parse("a.yaml", "id: x\nwhen: {}\nwhyy: y\nzzz: 1\n", &mut faults).unwrap();
    let mut fields = node.fields("a rule", &mut faults).unwrap();
    assert_eq!(fields.require("id", &mut faults).unwrap().text("an id", &mut faults), Some("x"));
    assert!(fields.require("why", &mut faults).is_none());
    assert!(fields.take("when").is_some());
    fields.finish(&mut faults);
    let expected = "\
error[R0106]: a rule lacks `why`
 --> a.yaml:1:1
  |
1 | id: x
  | ^^ in this one
  |
  = help: add `why: ..`

error[R0104]: unknown key `whyy` in a rule
 --> a.yaml:3:1
  |
3 | whyy: y
  | ^^^^ not a key here
  |
  = help: did you mean `why`?

error[R0104]: unknown key `zzz` in a rule
 --> a.yaml:4:1
  |
4 | zzz: 1
  | ^^^ not a key here
  |
  = help: the keys of a rule are `id`, `why` and `when`

3 errors
";
    assert_eq!(faults.render(false), expected);
}

#[test]
fn the_rest_is_what_was_not_asked_for() {
    let node = read("a: 1\nb: 2\nc: 3\n");
    let mut faults = Faults::new();
    let mut fields = node.fields("x", &mut faults).unwrap();
    fields.take("b");
    let rest: Vec<&str> = fields.rest().into_iter().map(|(key, _)| key.text.as_str()).collect();
    assert_eq!(rest, ["a", "c"]);
    fields.finish(&mut faults);
    assert!(faults.is_empty());
}

#[test]
fn values_of_the_wrong_kind_are_told_what_is_right() {
    let words = [("create", 1), ("patch", 2)];
    type Read = fn(&Node, &mut Faults) -> bool;
    let cases: [(&str, Read, &str); 9] = [
        ("5", |node, faults| node.text("a name", faults).is_some(), "a name can't be a number|put it in quotes: \"5\""),
        ("", |node, faults| node.text("a name", faults).is_some(), "a name is missing here|write one text"),
        ("x", |node, faults| node.list("a list of rules", faults).is_some(), "a list of rules can't be text|- `-`"),
        ("[x]", |node, faults| node.fields("a rule", faults).is_some(), "a rule can't be a list|`key: value`"),
        ("1", |node, faults| node.truth("a switch", faults).is_some(), "a switch can't be a number|`true` or `false`"),
        ("x", |node, faults| node.whole("a status", 200..=599, faults).is_some(), "can't be text|from 200 to 599"),
        (
            "600",
            |node, faults| node.whole("a status", 200..=599, faults).is_some(),
            "`600` can't be a status|from 200 to 599",
        ),
        (
            "1.5",
            |node, faults| node.whole("a status", 200..=599, faults).is_some(),
            "`1.5` can't be a status|whole number",
        ),
        ("2", |node, faults| node.whole("the version", 1..=1, faults).is_some(), "`2` can't be the version|write 1"),
    ];
    for (text, read_as, expected) in cases {
        let mut faults = Faults::new();
        let node = parse("a.yaml", text, &mut faults).unwrap();
        assert!(!read_as(&node, &mut faults));
        let shown = faults.render(false);
        assert!(expected.split('|').all(|part| shown.contains(part.trim_start_matches("- "))), "{text}: {shown}");
    }
    for (text, help) in [("pach", "did you mean `patch`?"), ("xyz", "write `create` or `patch`")] {
        let mut faults = Faults::new();
        assert_eq!(read(text).word("operation", &words, &mut faults), None);
        let fault = faults.iter().next().unwrap();
        assert_eq!(
            (fault.code, fault.label.as_deref(), fault.help.as_deref()),
            ("R0104", Some("not an operation"), Some(help))
        );
        assert_eq!(fault.message, format!("unknown operation `{text}`"));
    }
    assert_eq!(read("patch").word("operation", &words, &mut Faults::new()), Some(2));
}

#[test]
fn one_value_is_a_list_of_one() {
    assert_eq!(read("x").one_or_list().len(), 1);
    assert_eq!(read("[x, y]").one_or_list().len(), 2);
    assert_eq!(read("[]").one_or_list().len(), 0);
}

/// Any JSON document whose names differ by more than case.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let text = || proptest::string::string_regex("[ -~\n\t\u{e4}\u{1f600}]{0,12}").unwrap();
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        text().prop_map(Into::into),
    ];
    leaf.prop_recursive(6, 40, 6, move |inner| {
        let members =
            proptest::collection::btree_map(text().prop_map(|key| key.to_ascii_lowercase()), inner.clone(), 0..6);
        prop_oneof![
            proptest::collection::vec(inner, 0..6).prop_map(Into::into),
            members.prop_map(|members| members.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #[test]
    fn a_json_document_is_itself(document in json()) {
        let text = document.to_string();
        prop_assert_eq!(read(&text).to_json().to_string(), text);
    }

    #[test]
    fn no_text_panics_and_what_is_not_read_has_a_fault(text in "[-a&*!|>'\"%@`{}\\[\\],:#?<~0-9.\n\t \u{e4}\u{0}]{0,60}") {
        let mut faults = Faults::new();
        let node = parse("a.yaml", &text, &mut faults);
        prop_assert_eq!(node.is_none(), faults.errors() > 0);
        let shown = faults.render(false);
        prop_assert!(shown.is_empty() == faults.is_empty());
    }
}
