//! What `drop`, `keep` and `items` take away.

use super::*;

#[test]
fn a_query_drops_each_place_once_in_whatever_order_it_names_them() {
    let rows = [
        ("$['title','title']", r#"{"title":1,"userName":2}"#, r#"{"userName":2}"#),
        ("$['b','a']", r#"{"a":1,"b":2,"c":3}"#, r#"{"c":3}"#),
        ("$.x[0,0]", r#"{"x":[1,2]}"#, r#"{"x":[2]}"#),
        ("$.x[1,0]", r#"{"x":[1,2,3]}"#, r#"{"x":[3]}"#),
        ("$['x','x'][0]", r#"{"x":[1]}"#, r#"{"x":[]}"#),
        ("$.x[1]", r#"{"x":[1,2]}"#, r#"{"x":[1]}"#),
        ("$..a", r#"{"a":{"a":1},"b":[{"a":2,"c":3}]}"#, r#"{"b":[{"c":3}]}"#),
    ];
    for (query, before, after) in rows {
        assert_eq!(sent(&format!("drop: {{ at: \"{query}\" }}"), before), after, "{query}");
    }
}

#[test]
fn a_keep_takes_out_whatever_it_does_not_name() {
    let rows = [
        ("title", r#"{"id":"1","title":"t","nickName":"n"}"#, r#"{"id":"1","title":"t"}"#),
        ("title", r#"{"title":"t"}"#, r#"{"title":"t"}"#),
        ("name.x, name.z", r#"{"name":{"x":1,"y":2,"z":3}}"#, r#"{"name":{"x":1,"z":3}}"#),
        ("name.x, title", r#"{"name":{"x":1,"y":2},"title":"t"}"#, r#"{"name":{"x":1},"title":"t"}"#),
        ("title", r#"{"title":"t","ENT":{"department":"D"}}"#, r#"{"title":"t"}"#),
        ("'ENT:department'", r#"{"ENT":{"department":"D","division":"E"}}"#, r#"{"ENT":{"department":"D"}}"#),
        ("'ENT:department'", r#"{"ENT":{"division":"E"},"id":"1"}"#, r#"{"id":"1"}"#),
    ];
    for (list, before, after) in rows {
        assert_eq!(sent(&format!("keep: {{ User: [{list}] }}"), before), after, "{list} {before}");
    }
}

#[test]
fn items_are_made_fewer_as_the_rule_says() {
    let rows = [
        (
            "needs: value",
            r#"[{"value":"a"},{"value":""},{"value":null},{"type":"x"},"b",null]"#,
            r#"[{"value":"a"},"b"]"#,
        ),
        ("needs: value", r#"[{"value":1},{"value":[]}]"#, r#"[{"value":1}]"#),
        ("unique: true", r#"["a","a","b"]"#, r#"["a","b"]"#),
        (
            "unique: true",
            r#"[{"value":"a","type":"x"},{"value":"a","type":"y"}]"#,
            r#"[{"value":"a","type":"x"},{"value":"a","type":"y"}]"#,
        ),
        ("unique: true", r#"[{"type":"x"},{"type":"x","a":1}]"#, r#"[{"type":"x"},{"type":"x","a":1}]"#),
        ("unique: true", r#"[{"value":"a"},{"value":"a","primary":true}]"#, r#"[{"value":"a","primary":true}]"#),
        ("unique: true", r#"[{"value":"a"},{"value":"a","primary":false}]"#, r#"[{"value":"a"}]"#),
        ("unique: true, primary: one", r#"[{"value":"a"},{"value":"a"}]"#, r#"[{"value":"a","primary":true}]"#),
        ("unique: true, primary: one", r#"[{"a":1},{"a":1,"primary":true}]"#, r#"[{"a":1},{"a":1,"primary":true}]"#),
        ("pick: first", r#"["a","b"]"#, r#"["a"]"#),
        ("pick: first", r#"["a"]"#, r#"["a"]"#),
        ("pick: primary", r#"[{"value":"a"},{"value":"b","primary":true}]"#, r#"[{"value":"b","primary":true}]"#),
        ("pick: primary", r#"[{"value":"a"},{"value":"b"}]"#, r#"[{"value":"a"}]"#),
        ("max: 2", r#"["a","b","c"]"#, r#"["a","b"]"#),
        ("max: 2", r#"["a"]"#, r#"["a"]"#),
    ];
    for (payload, before, after) in rows {
        let whole = |list: &str| format!(r#"{{"x":{list}}}"#);
        assert_eq!(sent(&format!("items: {{ at: x, {payload} }}"), &whole(before)), whole(after), "{payload} {before}");
    }
    assert_eq!(codes("items: { at: members }"), ["R0106"]);
    assert_eq!(codes("items: { at: members, max: 1 }"), ["R0407"]);
    assert_eq!(codes("items: { at: members, unique: true }"), [""; 0]);
}

#[test]
fn items_in_a_patch_are_those_of_the_whole_attribute() {
    let entry = "items: { at: emails, unique: true }";
    let twice = r#"{"op":"replace","path":"emails","value":[{"value":"a"},{"value":"a"}]}"#;
    assert_eq!(patched(entry, twice).unwrap(), r#"{"op":"replace","path":"emails","value":[{"value":"a"}]}"#);
    let pathless = r#"{"op":"replace","value":{"emails":[{"value":"a"},{"value":"a"}]}}"#;
    assert_eq!(patched(entry, pathless).unwrap(), r#"{"op":"replace","value":{"emails":[{"value":"a"}]}}"#);
    let one = "items: { at: emails, primary: one }";
    for some in [
        r#"{"op":"replace","path":"emails[type eq \"w\"]","value":{"value":"a"}}"#,
        r#"{"op":"replace","path":"emails[type eq \"w\"].value","value":"a"}"#,
    ] {
        assert_eq!(patched(one, some).as_deref(), Ok(some), "it doesn't speak of all");
    }
}
