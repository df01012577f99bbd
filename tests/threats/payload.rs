//! Types, codings and sizes of bodies, and URLs within them (T-64 to T-72, T-86).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::TcpListener;

use super::backend::Play;
use super::caller::request;
use super::gate::{CREDENTIAL, Gate, http, scim};

#[tokio::test]
async fn t_64_only_json_in_utf_8() {
    let gate = Gate::open().await;
    for kind in [
        "text/plain",
        "text/json",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json-patch+json",
        "application/scim",
        "application/scim+json; charset=iso-8859-1",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; charset=utf-7",
        "application/json, text/plain",
        "*/*",
        "",
    ] {
        let line = format!("Content-Type: {kind}\r\n");
        gate.refuses(kind, &request("POST", "/Users", &gate.all, &line, b"{}"), 415).await;
    }
    let two = "Content-Type: application/json\r\nContent-Type: text/plain\r\n";
    gate.refuses("two types", &request("POST", "/Users", &gate.all, two, b"{}"), 415).await;
    for kind in [
        "application/scim+json",
        "application/json",
        "APPLICATION/JSON; Charset=\"UTF-8\"",
        "application/scim+json;charset=utf-8",
    ] {
        let line = format!("Content-Type: {kind}\r\n");
        let (reply, seen) = gate.reaches(kind, &request("POST", "/Users", &gate.all, &line, b"{}"), 201).await;
        assert_eq!(seen.all("content-type"), ["application/scim+json"]);
        assert_eq!(reply.header("content-type"), Some("application/scim+json"));
    }
}

#[tokio::test]
async fn t_65_nothing_compressed_in_either_direction() {
    let gate = Gate::open().await;
    for coding in ["gzip", "deflate", "br", "zstd", "x-gzip", "identity, gzip", "gzip, gzip", "unknown"] {
        let line = format!("Content-Encoding: {coding}\r\n");
        gate.refuses(coding, &request("POST", "/Users", &gate.all, &line, b"{}"), 415).await;
        let answer = http("200 OK", &line, br#"{"id":"7"}"#);
        let gate = Gate::before(move |_| Play::Answer(answer.clone())).await;
        for path in ["/Users/7", "/Users"] {
            gate.ask("GET", path, "").await.assert_refused(coding, 502);
        }
    }
    let two = http("200 OK", "Content-Encoding: identity\r\nContent-Encoding: gzip\r\n", br#"{"id":"7"}"#);
    let gate = Gate::before(move |_| Play::Answer(two.clone())).await;
    gate.ask("GET", "/Users/7", "").await.assert_refused("two codings", 502);
}

#[tokio::test]
async fn t_66_what_is_too_long_is_refused_before_it_has_been_read() {
    let gate = Gate::open().await;
    let claimed = |path: &str, length: &str| {
        let head = format!("POST /scim{path} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer {}\r\n", gate.all);
        format!("{head}Content-Length: {length}\r\n\r\n").into_bytes()
    };
    for (path, length) in [("/Users", "1048577"), ("/Groups", "16777217"), ("/Users", "18446744073709551613")] {
        gate.refuses(length, &claimed(path, length), 413).await;
    }
    let head = "Transfer-Encoding: chunked\r\n";
    let mut chunked =
        format!("POST /scim/Users HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer {}\r\n{head}\r\n", gate.all);
    for _ in 0..1100 {
        chunked.push_str(&format!("400\r\n{}\r\n", " ".repeat(1024)));
    }
    gate.refuses("chunks", chunked.as_bytes(), 413).await;
    let long = format!("{{\"x\":\"{}\"}}", "x".repeat(1024 * 1024 - 8));
    let (_, seen) = gate.reaches("the longest", &request("POST", "/Users", &gate.all, "", long.as_bytes()), 201).await;
    assert_eq!(seen.text(), long);
    let group = format!("{{\"x\":\"{}\"}}", "x".repeat(2 * 1024 * 1024));
    let (reply, _) =
        gate.reaches("a long group", &request("POST", "/Groups", &gate.all, "", group.as_bytes()), 201).await;
    assert!(reply.whole && reply.body == group.as_bytes());
}

#[tokio::test]
async fn t_66_an_answer_that_is_too_long_is_no_answer() {
    let gate = Gate::set("    longest-answer: 64KiB", "", &[], |seen| {
        let filling = "x".repeat(if seen.target.ends_with("/8") { 1000 } else { 70_000 });
        Play::Answer(http("200 OK", "", format!("{{\"id\":\"{filling}\",\"Resources\":[]}}").as_bytes()))
    })
    .await;
    for path in ["/Users/7", "/Users"] {
        gate.ask("GET", path, "").await.assert_refused(path, 502);
    }
    assert_eq!(gate.ask("GET", "/Users/8", "").await.status, 200);
}

/// Somebody who is not the backend, and how often anybody connects.
async fn canary() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let visits = Arc::new(AtomicUsize::new(0));
    let count = visits.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            count.fetch_add(1, Ordering::SeqCst);
        }
    });
    (address, visits)
}

#[tokio::test]
async fn t_70_urls_in_data_are_neither_visited_nor_changed() {
    let (canary, visits) = canary().await;
    let body = format!(
        r#"{{"id":"7","meta":{{"location":"http://{canary}/scim/v2/Users/7"}},"profileUrl":"http://{canary}/","photos":[{{"value":"http://{canary}/p"}}],"groups":[{{"$ref":"http://{canary}/g"}}]}}"#
    );
    let answer = body.clone();
    let located = format!("Location: http://{canary}/scim/v2/Users/7\r\nContent-Location: http://{canary}/\r\n");
    let gate = Gate::before(move |_| Play::Answer(http("201 Created", &located, answer.as_bytes()))).await;
    let (reply, seen) = gate.reaches("urls", &request("POST", "/Users", &gate.all, "", body.as_bytes()), 201).await;
    assert_eq!((seen.text(), reply.text()), (body.clone(), body));
    assert_eq!(reply.header("location"), None, "an address that is not the backend's is not ours to name");
    let filter = format!("/Users?filter=profileUrl%20eq%20%22http://{canary}/%22");
    gate.reaches("a URL in a filter", &request("GET", &filter, &gate.all, "", b""), 201).await;
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn t_71_redirects_are_not_followed() {
    let (canary, visits) = canary().await;
    for status in
        ["301 Moved Permanently", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"]
    {
        let location = format!("Location: http://{canary}/scim/v2/Users/7\r\n");
        let gate = Gate::before(move |_| Play::Answer(http(status, &location, b"<a href=/internal>"))).await;
        for (method, path, body) in [("GET", "/Users/7", ""), ("POST", "/Users", "{}"), ("DELETE", "/Users/7", "")] {
            let reply = gate.ask(method, path, body).await;
            reply.assert_refused(status, 502);
            assert!(!reply.everything().contains(&canary) && !reply.everything().contains("internal"), "{reply:?}");
        }
        assert_eq!(gate.backend.take().len(), 3, "{status}");
    }
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

/// A backend pack that keeps a number from clients.
const REDACT: &str = "
version: 1
pack: redact
side: backend
about: keeps the social security number inside
rules:
  - id: ssn
    why: for the test
    when: { resource: User }
    to: client
    do: [ { drop: { at: [ssn] } } ]
";

#[tokio::test]
async fn t_72_a_rule_that_cannot_be_applied_lets_nothing_through() {
    let row = |body: &'static str| async move {
        let files = [("backends/redact.yaml", REDACT)];
        let gate = Gate::set("    pack: redact", "    operations: [read, list]", &files, move |_| {
            Play::Answer(http("200 OK", "", body.as_bytes()))
        })
        .await;
        (gate.ask("GET", "/Users/7", "").await, gate.ask("GET", "/Users", "").await)
    };
    for body in [
        r#"{"id":"7","ssn":"078-05-1120""#,
        r#"{"id":"7","ssn":"078-05-1120","SSN":"078-05-1120"}"#,
        r#"[{"id":"7","ssn":"078-05-1120"}]"#,
        r#"{"Resources":[{"id":"7","ssn":"078-05-1120"},"#,
        r#"{"Resources":[{"ssn":"078-05-1120"}],"Resources":[{"ssn":"078-05-1120"}]}"#,
        r#""078-05-1120""#,
        "078-05-1120",
        r#"{"Resources":{"id":"7","ssn":"078-05-1120"},"#,
    ] {
        let (one, list) = row(body).await;
        for reply in [one, list] {
            reply.assert_refused(body, 502);
            assert!(!reply.everything().contains("078-05"), "{reply:?}");
        }
    }
    for body in [
        r#"{"Resources":{"id":"7","ssn":"078-05-1120"}}"#,
        r#"{"totalResults":0,"Resources":{"id":"7","ssn":"078-05-1120"}}"#,
        r#"{"resources":{"id":"7","ssn":"078-05-1120"}}"#,
        r#"{"Resources":["078-05-1120"]}"#,
        r#"{"Resources":[["078-05-1120"]]}"#,
        r#"{"Resources":"078-05-1120"}"#,
        r#"{"id":"7","ssn":"078-05-1120"}"#,
        r#"{"users":[{"id":"7","ssn":"078-05-1120"}]}"#,
        r#"{"totalResults":1,"result":{"ssn":"078-05-1120"}}"#,
    ] {
        let (_, list) = row(body).await;
        list.assert_refused(body, 502);
    }
    for body in
        [r#"{"totalResults":0}"#, r#"{"totalResults":0,"Resources":null}"#, r#"{"totalResults":"0","Resources":[]}"#]
    {
        let (_, list) = row(body).await;
        assert_eq!(list.status, 200, "{body}");
    }
    let (one, list) = row(r#"{"id":"7","\u0053sN":"078-05-1120","Resources":[{"SSN":"078-05-1120","id":"8"}]}"#).await;
    assert_eq!((one.status, list.status), (200, 200));
    assert!(!list.text().contains("{\"SSN"), "{}", list.text());
    assert!(!one.text().contains("\"\\u0053sN\""), "{}", one.text());
}

#[tokio::test]
async fn t_86_no_error_tells_of_the_inside() {
    let secret = "ORA-00942 at /srv/app.py line 7 on db7.internal";
    let urn = r#"{"error":"ORA-00942 at /srv/app.py line 7 on db7.internal"}"#;
    for (status, expected) in [
        ("400 Bad Request", 400),
        ("401 Unauthorized", 502),
        ("402 Payment Required", 402),
        ("403 Forbidden", 403),
        ("404 Not Found", 404),
        ("409 Conflict", 409),
        ("418 Teapot", 418),
        ("429 Too Many Requests", 429),
        ("500 ORA-00942 at db7.internal", 500),
        ("503 Service Unavailable", 503),
        ("599 Odd", 599),
    ] {
        for body in [secret, urn, ""] {
            let gate =
                Gate::before(move |_| Play::Answer(http(status, "X-Debug: db7.internal\r\n", body.as_bytes()))).await;
            let reply = gate.ask("POST", "/Users", "{}").await;
            assert_eq!(reply.status, expected, "{status}");
            assert_eq!(reply.header("content-type"), Some("application/scim+json"), "{status}");
            let text = reply.everything();
            let address = gate.backend.address().to_string();
            for word in ["ORA", "internal", "app.py", CREDENTIAL, &address] {
                assert!(!text.contains(word), "{status}: {text}");
            }
        }
    }
    let gate = Gate::before(|seen| Play::Answer(scim(seen))).await;
    for (name, bytes) in [
        ("400", request("POST", "/Users", &gate.all, "", b"{\"password\":\"hunter2\",}")),
        ("400", request("POST", "/Users?filter=hunter2%20hunter2", &gate.all, "", b"{}")),
        ("404", request("GET", "/hunter2", &gate.all, "", b"")),
        ("401", request("GET", "/Users", "hunter2", "", b"")),
    ] {
        let reply = gate.one(name, &bytes).await;
        let text = reply.everything();
        for word in ["hunter2", "src/", ".rs", "panicked", "os error", CREDENTIAL, &gate.backend.address().to_string()]
        {
            assert!(!text.contains(word), "{name}: {text}");
        }
    }
}

#[tokio::test]
async fn a_precondition_is_passed_on_or_refused_but_never_forgotten() {
    let gate = Gate::open().await;
    for name in ["If-Match", "If-None-Match"] {
        for (lines, tags) in [
            (format!("{name}: \"1\"\r\n"), "\"1\""),
            (format!("{name}: \"1\"\r\n{name}: W/\"2\"\r\n"), "\"1\", W/\"2\""),
            (format!("{name}: W/\"strong:1\"\r\n"), "\"1\""),
            (format!("{name}: *\r\n"), "*"),
        ] {
            let (_, seen) = gate.reaches(&lines, &request("PUT", "/Users/7", &gate.all, &lines, b"{}"), 200).await;
            assert_eq!(seen.all(name), [tags]);
        }
        let head =
            format!("PUT /scim/Users/7 HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer {}\r\n{name}: ", gate.all);
        let bytes = [head.as_bytes(), b"\"\xff\"\r\nContent-Length: 2\r\n\r\n{}"].concat();
        gate.refuses(name, &bytes, 400).await;
    }
}

#[tokio::test]
async fn t_32_t_63_an_identifier_that_is_no_text_goes_nowhere() {
    let gate = Gate::open().await;
    for value in ["1", "true", "[]", "{}", r#""a\u0000b""#] {
        for name in ["externalId", "userName", "ID"] {
            let whole = format!(r#"{{"title":"t","{name}":{value}}}"#);
            let calls = [
                ("POST", "/Users", whole.clone()),
                ("PUT", "/Users/7", whole.clone()),
                ("PATCH", "/Users/7", format!(r#"{{"Operations":[{{"op":"replace","value":{whole}}}]}}"#)),
                ("PATCH", "/Users/7", format!(r#"{{"Operations":[{{"op":"add","path":"{name}","value":{value}}}]}}"#)),
            ];
            for (method, path, body) in calls {
                let bytes = request(method, path, &gate.all, "", body.as_bytes());
                let reply = gate.refuses(&body, &bytes, 400).await;
                assert!(reply.text().contains("\"scimType\":\"invalidValue\""), "{body}: {}", reply.text());
            }
        }
        let members = format!(r#"{{"displayName":"g","members":[{{"value":{value}}}]}}"#);
        gate.refuses(&members, &request("PUT", "/Groups/7", &gate.all, "", members.as_bytes()), 400).await;
    }
    let none = br#"{"userName":"a","externalId":null}"#;
    gate.reaches("none", &request("PUT", "/Users/7", &gate.all, "", none), 200).await;
}
