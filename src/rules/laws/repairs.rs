//! What one-way actions do, by example: in a body, in a PATCH and in a query.

use super::*;

fn object(text: &str) -> Object<'static> {
    match generate::read(&text.replace("ENT", ENT)) {
        Value::Object(object) => object,
        other => panic!("{other}"),
    }
}

/// The body behind the action.
fn mended(entry: &str, body: &str) -> String {
    shown(&there(&action(entry), &object(body)).unwrap()).replace(ENT, "ENT")
}

/// The operations behind the action.
fn patched(entry: &str, ops: &str) -> String {
    let message = generate::read(&format!("{{\"Operations\": [{}]}}", ops.replace("ENT", ENT)));
    let message = patch_there(&action(entry), &message).unwrap();
    message.as_object().unwrap().get("Operations").unwrap().to_string().replace(ENT, "ENT")
}

/// The filter behind the action, or the refusal's type.
fn asked(entry: &str, filter: &str) -> Result<String, ScimType> {
    let filter = filter_there(&action(entry), &Filter::parse(&filter.replace("ENT", ENT)).unwrap());
    filter.map(|filter| filter.text().replace(ENT, "ENT")).map_err(|error| error.scim_type.unwrap())
}

/// The codes of the faults with which an entry of `do` is refused.
fn codes(entry: &str) -> Vec<&'static str> {
    let mut faults = Faults::new();
    let node = yaml::parse("laws.yaml", entry, &mut faults).unwrap();
    actions::read(&node, &mut faults);
    faults.iter().map(|fault| fault.code).collect()
}

const KEEP: &str = "keep: { User: [userName, name.givenName, \"emails[*].value\", \"ENT:department\"] }";

#[test]
fn keep_leaves_what_is_listed_and_nothing_empty() {
    let body = r#"{"schemas":["u","ENT"],"id":"7","userName":"a","title":"t","name":{"givenName":"A","x":1},
        "emails":[{"value":"e","type":"work"},{"type":"home"}],"ENT":{"department":"R","costCenter":"1"}}"#;
    let left = r#"{"schemas":["u","ENT"],"id":"7","userName":"a","name":{"givenName":"A"},"emails":[{"value":"e"}],"ENT":{"department":"R"}}"#;
    assert_eq!(mended(KEEP, body), left);
    let body = r#"{"schemas":["u","ENT"],"name":{"x":1},"emails":[{"type":"home"}],"ENT":{"costCenter":"1"}}"#;
    assert_eq!(mended(KEEP, body), r#"{"schemas":["u"]}"#);
    assert_eq!(mended(KEEP, r#"{"name":{},"emails":[]}"#), r#"{"name":{},"emails":[]}"#);
    assert_eq!(mended("keep: { Group: [displayName] }", r#"{"title":"t"}"#), r#"{"title":"t"}"#);
    assert_eq!(mended("keep: { User: [\"ENT\"] }", r#"{"title":"t","ENT":{"a":1}}"#), r#"{"ENT":{"a":1}}"#);
}

#[test]
fn keep_leaves_no_operation_on_another_attribute() {
    let op = r#"{"op":"replace","path":"title","value":"t"}"#;
    let kept = r#"{"op":"replace","path":"name.givenName","value":"A"}"#;
    assert_eq!(patched(KEEP, &format!("{op},{kept}")), format!("[{kept}]"));
    let part = r#"{"op":"add","value":{"title":"t","name":{"givenName":"A","familyName":"B"}}}"#;
    assert_eq!(patched(KEEP, part), r#"[{"op":"add","value":{"name":{"givenName":"A"}}}]"#);
    assert_eq!(patched(KEEP, r#"{"op":"remove","path":"emails[type eq \"work\"].type"}"#), "[]");
    assert_eq!(patched(KEEP, r#"{"op":"remove","path":"ENT:costCenter"}"#), "[]");
}

#[test]
fn what_is_not_kept_cant_be_asked_for() {
    assert_eq!(asked(KEEP, "title eq \"t\""), Err(ScimType::InvalidFilter));
    assert_eq!(asked(KEEP, "emails[type eq \"work\"]"), Err(ScimType::InvalidFilter));
    assert_eq!(asked(KEEP, "ENT:costCenter pr"), Err(ScimType::InvalidFilter));
    for seen in ["userName eq \"a\"", "name pr", "meta.lastModified gt \"2026\"", "id eq \"7\"", "ENT:department pr"] {
        assert_eq!(asked(KEEP, seen).as_deref(), Ok(seen));
    }
}

#[test]
fn keep_takes_whole_attributes_only() {
    assert_eq!(codes("keep: { User: ['emails[type eq \"work\"].value'] }"), ["R0406"]);
    assert_eq!(codes("keep: { 'Us er': [userName] }"), ["R0104"]);
}

#[test]
fn items_go_by_their_order() {
    let emails = r#"{"emails":[{"type":"a"},{"value":"1","type":"work"},{"value":"2"},{"value":"1","type":"work","primary":true}]}"#;
    assert_eq!(
        mended("items: { at: emails, needs: value, unique: true, primary: one }", emails),
        r#"{"emails":[{"value":"1","type":"work","primary":true},{"value":"2"}]}"#
    );
    assert_eq!(
        mended("items: { at: emails, pick: primary }", emails),
        r#"{"emails":[{"value":"1","type":"work","primary":true}]}"#
    );
    assert_eq!(mended("items: { at: emails, pick: first }", emails), r#"{"emails":[{"type":"a"}]}"#);
    assert_eq!(mended("items: { at: emails, needs: value }", r#"{"emails":[{"type":"a"}]}"#), "{}");
    assert_eq!(mended("items: { at: emails, needs: value }", r#"{"emails":[]}"#), r#"{"emails":[]}"#);
    assert_eq!(mended("items: { at: tags, max: 1, unique: true }", r#"{"tags":["a","a"]}"#), r#"{"tags":["a"]}"#);
    let two = r#"{"emails":[{"value":"1","primary":true},{"value":"2","primary":true}]}"#;
    assert_eq!(
        mended("items: { at: emails, primary: one }", two),
        r#"{"emails":[{"value":"1","primary":true},{"value":"2","primary":false}]}"#
    );
}

#[test]
fn items_leave_operations_on_some_elements_alone() {
    for op in [
        r#"{"op":"replace","path":"emails[type eq \"work\"]","value":{"type":"home"}}"#,
        r#"{"op":"replace","path":"emails.type","value":"home"}"#,
        r#"{"op":"add","path":"emails","value":[{"value":"1"},{"value":"2"}]}"#,
    ] {
        assert_eq!(
            patched("items: { at: emails, needs: value, pick: primary, primary: one, max: 1 }", op),
            format!("[{op}]")
        );
    }
    let replace = r#"{"op":"replace","path":"emails","value":[{"value":"1"},{"value":"2"}]}"#;
    assert_eq!(
        patched("items: { at: emails, max: 1, primary: one }", replace),
        r#"[{"op":"replace","path":"emails","value":[{"value":"1","primary":true}]}]"#
    );
}

#[test]
fn no_rule_makes_members_fewer() {
    assert_eq!(codes("items: { at: members, max: 100 }"), ["R0407"]);
    assert_eq!(codes("items: { at: members, needs: value }"), ["R0407"]);
    assert_eq!(codes("items: { at: members, unique: true }"), Vec::<&str>::new());
    assert_eq!(codes("items: { at: emails }"), ["R0106"]);
    assert_eq!(codes("items: { at: emails.type, max: 1 }"), ["R0403"]);
}

#[test]
fn a_text_is_found_as_it_was_written() {
    let entry = "text: { at: [userName, \"emails[*].value\"], steps: [trim, lower] }";
    assert_eq!(
        mended(entry, r#"{"userName":" Ada ","emails":[{"value":"A@X"}],"title":" T "}"#),
        r#"{"userName":"ada","emails":[{"value":"a@x"}],"title":" T "}"#
    );
    assert_eq!(
        asked(entry, "userName eq \" Ada\" and title eq \"T\"").unwrap(),
        "userName eq \"ada\" and title eq \"T\""
    );
    assert_eq!(
        asked(entry, "userName co \" A\" or emails[value eq \"A\"]").unwrap(),
        "userName co \" a\" or emails[value eq \"a\"]"
    );
    assert_eq!(asked(entry, "emails eq \"A\"").unwrap(), "emails eq \"a\"");
    let op = r#"{"op":"replace","path":"emails[value eq \"A@X\"].value","value":"B@X"}"#;
    assert_eq!(patched(entry, op), r#"[{"op":"replace","path":"emails[value eq \"a@x\"].value","value":"b@x"}]"#);
}

#[test]
fn the_steps_of_a_text() {
    let title = |steps: &str, text: &str| {
        let body = serde_json::json!({ "title": text }).to_string();
        let mended = mended(&format!("text: {{ at: title, steps: {steps} }}"), &body);
        serde_json::from_str::<serde_json::Value>(&mended).unwrap()["title"].as_str().unwrap().to_owned()
    };
    assert_eq!(title("[strip-control]", "a\u{0}b\nc"), "abc");
    assert_eq!(title("[{ truncate: 2 }]", "é🎈x"), "é🎈");
    assert_eq!(title("[{ replace: [\"[^a-z]+\", \"-\"] }, trim]", "a, b"), "a-b");
    assert_eq!(title("[lower]", "Straße ΑΣ"), "straße ας");
}

#[test]
fn no_text_step_makes_two_people_one() {
    for at in ["userName", "externalId", "displayName", "USERNAME"] {
        assert_eq!(codes(&format!("text: {{ at: {at}, steps: [{{ truncate: 8 }}] }}")), ["R0422"], "{at}");
        assert_eq!(codes(&format!("text: {{ at: {at}, steps: [{{ replace: [a, b] }}] }}")), ["R0422"], "{at}");
    }
    assert_eq!(codes("text: { at: externalId, steps: [lower] }"), ["R0423"]);
    assert_eq!(codes("text: { at: title, steps: [{ replace: [\"(\", b] }] }"), ["R0402"]);
    assert_eq!(codes("text: { at: title, steps: [upper] }"), ["R0104"]);
    assert_eq!(codes("text: { at: title, steps: [{ truncate: 1, replace: [a, b] }] }"), ["R0404"]);
}
