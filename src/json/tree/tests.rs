use super::super::parse;
use super::object::FEW;
use super::*;

fn read(document: &str) -> Value<'_> {
    parse(document.as_bytes()).unwrap()
}

#[test]
fn a_text_is_what_it_says_not_how_it_is_written() {
    let content = "a\"\\/\u{8}\u{c}\n\r\t\0\u{1f}\u{7f}\u{e4}\u{1f600}";
    assert_eq!(Text::new(content), content);
    assert_eq!(Text::from_raw(r#"a\"\\\/\b\f\n\r\t\u0000\u001F\u007f\u00e4\uD83D\ude00"#), content);
    assert_eq!(read(&format!("\"{}\"", Text::new(content).raw())), Value::string(content));
}

#[test]
fn objects_are_equal_in_any_order_and_case() {
    assert_eq!(read(r#"{"a":1,"B":[{"c":2}]}"#), read(r#"{"b":[{"\u0043":2}],"A":1}"#));
    assert_ne!(read(r#"{"a":1}"#), read(r#"{"a":1.0}"#));
    assert_ne!(read(r#"{"a":1}"#), read(r#"{"b":1}"#));
    assert_ne!(read(r#"{"a":1}"#), read(r#"{"a":1,"b":2}"#));
}

#[test]
fn many_members_are_compared_like_few() {
    let document = |range: &mut dyn Iterator<Item = usize>, letter: char| {
        let members: Vec<_> = range.map(|number| format!("\"{letter}{number}\":{number}")).collect();
        format!("{{{}}}", members.join(","))
    };
    for count in [FEW, FEW + 1, 20_000] {
        let forth = document(&mut (0..count), 'k');
        let back = document(&mut (0..count).rev(), 'K');
        assert_eq!(read(&forth), read(&back));
        assert_ne!(read(&forth), read(&back.replace("\"K0\":0", "\"K0\":1")));
        assert_ne!(read(&forth), read(&back.replace("\"K0\"", "\"J0\"")));
    }
}

#[test]
fn a_change_keeps_the_order_and_the_text_of_the_rest() {
    let mut value = read(r#"{ "a": 1.0, "b": { "x" : [ 1 ] }, "c": "\u0041" }"#);
    let object = value.as_object_mut().unwrap();
    assert!(object.rename("A", "z"));
    assert!(!object.rename("none", "z"));
    object.set("B", Value::Bool(true));
    object.set("d", read(r#"{ "y" : 1e2 }"#));
    object.insert_at(1, "n", Value::number(-7));
    assert_eq!(object.remove("Z"), Some(Value::Number("1.0".into())));
    assert_eq!(value.to_string(), r#"{"n":-7,"b":true,"c":"\u0041","d":{ "y" : 1e2 }}"#);
}

#[test]
fn a_look_leaves_the_source_alone_and_a_change_within_does_not() {
    let document = r#"{ "a": [ {"b": 1}, {"b": 2} ] }"#;
    let mut value = read(document);
    let object = value.as_object_mut().unwrap();
    assert!(object.contains("A") && object.get("a").is_some_and(|items| items.as_array().is_some()));
    assert_eq!(value.to_string(), document);
    let items = value.as_object_mut().and_then(|object| object.get_mut("a")).and_then(Value::as_array_mut);
    items.unwrap().insert(9, Value::Null);
    assert_eq!(value.to_string(), r#"{"a":[{"b": 1},{"b": 2},null]}"#);
    assert_eq!(value.clone().into_owned().to_string(), r#"{"a":[{"b":1},{"b":2},null]}"#);
}

/// Found by fuzzing: one name is written as the other one reads.
#[test]
fn a_name_is_not_taken_for_one_that_is_written_like_it() {
    let text = r#"{"\\\\": 1, "\\\\\\\\": 2, "\u0069d": 3}"#;
    let value = read(text);
    let object = value.as_object().unwrap();
    let held = |name: &str| object.get(name).map(ToString::to_string);
    assert_eq!(held(r"\\").as_deref(), Some("1"));
    assert_eq!(held(r"\\\\").as_deref(), Some("2"));
    assert_eq!((held("ID").as_deref(), held(r"\u0069d")), (Some("3"), None));
    assert_eq!(value, read(text));
}
