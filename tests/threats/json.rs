//! JSON that two parsers read differently, in both directions (section 3.3, T-60 to T-63): what a client sends so is a 400,
//! what a backend sends so is a 502, and what is neither goes through to the byte.

use super::backend::Play;
use super::caller::request;
use super::gate::{Gate, http};

/// Documents that nobody may pass on, as they would stand in place of `{"id":"7"}`.
fn bad() -> Vec<(&'static str, Vec<u8>)> {
    let nested = |depth: usize, open: &str, close: &str| {
        format!("{{\"x\":{}0{}}}", open.repeat(depth), close.repeat(depth)).into_bytes()
    };
    let bytes = |raw: &[u8]| raw.to_vec();
    vec![
        ("T-60 duplicate key", bytes(br#"{"id":"7","id":"8"}"#)),
        ("T-60 duplicate key, escaped", bytes(br#"{"a":1,"\u0061":2}"#)),
        ("T-60 duplicate key, nested", bytes(br#"{"id":"7","name":{"x":1,"x":2}}"#)),
        ("T-60 duplicate key, in an array", bytes(br#"{"emails":[{"value":"a","value":"b"}]}"#)),
        ("T-60 duplicate key, by case", bytes(br#"{"userName":"a","USERNAME":"b"}"#)),
        ("T-60 duplicate key, by case, nested", bytes(br#"{"name":{"familyName":"a","FamilyName":"b"}}"#)),
        ("T-60 duplicate key, by case, escaped", bytes(br#"{"active":true,"\u0041ctive":false}"#)),
        ("T-61 65 arrays", nested(64, "[", "]")),
        ("T-61 65 objects", nested(64, "{\"x\":", "}")),
        ("T-61 127", nested(126, "[", "]")),
        ("T-61 5,000 arrays", nested(5_000, "[", "]")),
        ("T-61 100,000 arrays without an end", b"[".repeat(100_000)),
        ("T-61 100,000 objects without an end", b"{\"x\":".repeat(100_000)),
        ("T-62 1e999", bytes(br#"{"x":1e999}"#)),
        ("T-62 -1e999", bytes(br#"{"x":-1e999}"#)),
        ("T-62 NaN", bytes(br#"{"x":NaN}"#)),
        ("T-62 Infinity", bytes(br#"{"x":Infinity}"#)),
        ("T-62 01", bytes(br#"{"x":01}"#)),
        ("T-62 +1", bytes(br#"{"x":+1}"#)),
        ("T-62 1.", bytes(br#"{"x":1.}"#)),
        ("T-62 .1", bytes(br#"{"x":.1}"#)),
        ("T-62 0x1", bytes(br#"{"x":0x1}"#)),
        ("T-62 1e", bytes(br#"{"x":1e}"#)),
        ("T-63 byte order mark", bytes(b"\xef\xbb\xbf{\"id\":\"7\"}")),
        ("T-63 UTF-16", bytes(b"\xff\xfe{\0}\0")),
        ("T-63 invalid UTF-8", bytes(b"{\"x\":\"\xff\"}")),
        ("T-63 overlong UTF-8", bytes(b"{\"x\":\"\xc0\xaf\"}")),
        ("T-63 surrogate in UTF-8", bytes(b"{\"x\":\"\xed\xa0\x80\"}")),
        ("T-63 lone surrogate", bytes(br#"{"x":"\ud800"}"#)),
        ("T-63 low surrogate first", bytes(br#"{"x":"\udc00\ud800"}"#)),
        ("T-63 raw control", bytes(b"{\"x\":\"\x01\"}")),
        ("T-63 raw newline", bytes(b"{\"x\":\"a\nb\"}")),
        ("T-63 NUL between tokens", bytes(b"{\"x\":1}\0")),
        ("T-63 form feed between tokens", bytes(b"{\"x\":\x0c1}")),
        ("T-63 no-break space between tokens", bytes("{\"x\":\u{a0}1}".as_bytes())),
        ("unknown escape", bytes(br#"{"x":"\x41"}"#)),
        ("comment", bytes(b"{\"x\":1/* y */}")),
        ("line comment", bytes(b"{\"x\":1}// y")),
        ("trailing comma", bytes(br#"{"x":1,}"#)),
        ("trailing comma in an array", bytes(br#"{"x":[1,]}"#)),
        ("trailing data", bytes(br#"{"id":"7"}{"id":"8"}"#)),
        ("trailing word", bytes(br#"{"id":"7"} x"#)),
        ("single quotes", bytes(b"{'x':1}")),
        ("name without quotes", bytes(b"{x:1}")),
        ("capital True", bytes(b"{\"x\":True}")),
        ("breaks off in a string", bytes(br#"{"id":"7"#)),
        ("breaks off after a value", bytes(br#"{"id":"7""#)),
        ("breaks off before a value", bytes(br#"{"id":"#)),
        ("an array", bytes(br#"[{"id":"7"}]"#)),
        ("a string", bytes(br#""id""#)),
        ("null", bytes(b"null")),
        ("a number", bytes(b"7")),
        ("white space", bytes(b"  ")),
        ("HTML", bytes(b"<html><body>db7.internal</body></html>")),
    ]
}

/// Documents that go through to the byte.
fn good() -> Vec<String> {
    let nested =
        |depth: usize, open: &str, close: &str| format!("{{\"x\":{}0{}}}", open.repeat(depth), close.repeat(depth));
    vec![
        r#"{"x":[1.0,1e2,1E+2,-0,0.10,9007199254740993,18446744073709551616,100000000000000000000000]}"#.to_owned(),
        format!("{{\"x\":{}}}", "9".repeat(300)),
        format!("{{\"x\":0.{}}}", "3".repeat(400)),
        r#"{ "b" : 1 , "a":2,"\u0063":"\u00e9\ud83d\ude00\/\u002f\n" }"#.to_owned(),
        "{\"x\":\"\u{2028}\u{2029}\u{feff}\u{1f600}\u{7f}\"}".to_owned(),
        "\r\n\t {\"id\":\"7\"} \n".to_owned(),
        nested(63, "[", "]"),
        nested(63, "{\"x\":", "}"),
        r#"{"":1," ":2,"a.b":3,"$ref":4,"__proto__":{"constructor":5}}"#.to_owned(),
    ]
}

#[tokio::test]
async fn t_60_t_63_a_request_that_is_not_plain_json_goes_nowhere() {
    let gate = Gate::open().await;
    for (name, body) in bad() {
        for (method, path) in
            [("POST", "/Users"), ("PUT", "/Groups/7"), ("PATCH", "/Users/7"), ("POST", "/Users/.search")]
        {
            let name = format!("{name}: {method} {path}");
            let reply = gate.refuses(&name, &request(method, path, &gate.all, "", &body), 400).await;
            assert!(reply.text().contains("\"scimType\":\"invalidSyntax\""), "{name}: {}", reply.text());
        }
    }
    gate.refuses("no body", &request("POST", "/Users", &gate.all, "", b""), 400).await;
}

#[tokio::test]
async fn t_60_t_63_an_answer_that_is_not_plain_json_reaches_nobody() {
    for (name, body) in bad() {
        let one = body.clone();
        let gate = Gate::before(move |_| Play::Answer(http("200 OK", "", &one))).await;
        let calls = [("GET", "/Users/7", ""), ("POST", "/Users", "{}"), ("GET", "/Users", ""), ("GET", "/Schemas", "")];
        // Discovery may be a bare array, as RFC 7643 section 8.7 shows it.
        let may_be_anything =
            |path: &str| path == "/Schemas" && ["an array", "a string", "null", "a number"].contains(&name);
        for (method, path, sent) in calls.into_iter().filter(|(_, path, _)| !may_be_anything(path)) {
            let reply = gate.ask(method, path, sent).await;
            reply.assert_refused(&format!("{name}: {method} {path}"), 502);
            assert!(!reply.everything().contains("internal"), "T-86: {reply:?}");
        }
        if name == "white space" {
            continue;
        }
        let list = [br#"{"totalResults":1,"Resources":["#, &body[..], b"]}"].concat();
        let gate = Gate::before(move |_| Play::Answer(http("200 OK", "", &list))).await;
        gate.ask("GET", "/Users", "").await.assert_refused(&format!("{name}: within a list"), 502);
    }
}

#[tokio::test]
async fn t_62_what_is_plain_json_goes_through_to_the_byte() {
    for body in good() {
        let answer = body.clone();
        let gate = Gate::before(move |_| Play::Answer(http("200 OK", "", answer.as_bytes()))).await;
        let bytes = request("PUT", "/Users/7", &gate.all, "", body.as_bytes());
        let (reply, seen) = gate.reaches(&body, &bytes, 200).await;
        assert_eq!((seen.text(), reply.text()), (body.clone(), body));
    }
    let list = format!("{{\"Resources\":[{{\"x\":{}1.0{}}}],\"x\":1.0}}", "[".repeat(61), "]".repeat(61));
    let answer = list.clone();
    let gate = Gate::before(move |_| Play::Answer(http("200 OK", "", answer.as_bytes()))).await;
    assert_eq!(gate.ask("GET", "/Users", "").await.text(), list);
}

#[tokio::test]
async fn t_60_an_error_of_the_backend_that_is_not_plain_json_is_replaced() {
    let urn = "urn:ietf:params:scim:api:messages:2.0:Error";
    let double = format!(r#"{{"schemas":["{urn}"],"detail":"a","detail":"db7.internal"}}"#);
    let open = format!(r#"{{"schemas":["{urn}"],"detail":"db7.internal"#);
    for body in [double, open] {
        let gate = Gate::before(move |_| Play::Answer(http("409 Conflict", "", body.as_bytes()))).await;
        let reply = gate.ask("POST", "/Users", "{}").await;
        reply.assert_refused("409", 409);
        assert!(!reply.text().contains("internal"), "{}", reply.text());
    }
}
