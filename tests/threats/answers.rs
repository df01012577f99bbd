//! Answers of a backend that can't be trusted: framing, status and length (section 3.2, T-53), and long ones.

use super::backend::Play;
use super::caller::{connect, request, say};
use super::gate::{Gate, http};

const BODY: &str = r#"{"id":"7"}"#;

/// Answers that are none, and what a read of them gets. The connection is closed after each.
fn bad() -> Vec<(&'static str, Vec<u8>)> {
    let ok = |headers: &str, body: &str| format!("HTTP/1.1 200 OK\r\n{headers}\r\n{body}").into_bytes();
    vec![
        ("CL and TE", ok("Content-Length: 10\r\nTransfer-Encoding: chunked\r\n", "a\r\n{\"id\":\"7\"}\r\n0\r\n\r\n")),
        ("TE and CL", ok("Transfer-Encoding: chunked\r\nContent-Length: 10\r\n", "a\r\n{\"id\":\"7\"}\r\n0\r\n\r\n")),
        ("CL two different", ok("Content-Length: 10\r\nContent-Length: 11\r\n", BODY)),
        ("CL too long", ok("Content-Length: 11\r\n", BODY)),
        ("CL too short", ok("Content-Length: 9\r\n", BODY)),
        ("CL +10", ok("Content-Length: +10\r\n", BODY)),
        ("CL 10, 11", ok("Content-Length: 10, 11\r\n", BODY)),
        (
            "HTTP/1.0 with chunks",
            b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n{\"id\":\"7\"}\r\n0\r\n\r\n".to_vec(),
        ),
        ("chunked twice", ok("Transfer-Encoding: chunked, chunked\r\n", "a\r\n{\"id\":\"7\"}\r\n0\r\n\r\n")),
        ("chunked not last", ok("Transfer-Encoding: chunked, identity\r\n", "a\r\n{\"id\":\"7\"}\r\n0\r\n\r\n")),
        ("another coding", ok("Transfer-Encoding: xchunked\r\nContent-Length: 10\r\n", BODY)),
        ("identity", ok("Transfer-Encoding: identity\r\n", BODY)),
        ("CL is no number", ok("Content-Length: ten\r\n", BODY)),
        ("bad chunk size", ok("Transfer-Encoding: chunked\r\n", "zz\r\n{\"id\":\"7\"}\r\n0\r\n\r\n")),
        ("chunk shorter than its size", ok("Transfer-Encoding: chunked\r\n", "f\r\n{\"id\":\"7\"}\r\n0\r\n\r\n")),
        ("chunks without an end", ok("Transfer-Encoding: chunked\r\n", "a\r\n{\"id\":\"7\"}\r\n")),
        ("chunks cut in a size", ok("Transfer-Encoding: chunked\r\n", "a\r\n{\"id\":\"7\"}\r\n0")),
        ("no length, cut JSON", ok("", r#"{"id":"7""#)),
        ("no length, nothing", ok("", "")),
        ("empty", ok("Content-Length: 0\r\n", "")),
        ("obs-fold", ok("X: a\r\n b\r\nContent-Length: 10\r\n", BODY)),
        ("NUL", ok("X: a\0b\r\nContent-Length: 10\r\n", BODY)),
        ("space before a colon", ok("X : a\r\nContent-Length: 10\r\n", BODY)),
        ("compressed framing", ok("Transfer-Encoding: gzip, chunked\r\n", "a\r\n{\"id\":\"7\"}\r\n0\r\n\r\n")),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()),
        ("HTTP/0.9", BODY.as_bytes().to_vec()),
        ("HTTP/2", b"HTTP/2 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":\"7\"}".to_vec()),
        ("status 999", http("999 Odd", "", BODY.as_bytes())),
        ("status 600", http("600 Odd", "", BODY.as_bytes())),
        ("status 0", http("000 Odd", "", BODY.as_bytes())),
        ("status 42", http("42 Odd", "", BODY.as_bytes())),
        ("101", b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nraw".to_vec()),
        ("300", http("300 Multiple Choices", "", BODY.as_bytes())),
        (
            "206",
            b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-4/99\r\nContent-Length: 5\r\n\r\n{\"id\"".to_vec(),
        ),
        ("nothing", Vec::new()),
        ("half a head", b"HTTP/1.1 200 OK\r\nContent-Le".to_vec()),
    ]
}

#[tokio::test]
async fn t_53_an_answer_that_cannot_be_trusted_is_a_502_and_not_a_byte_of_it() {
    for (name, answer) in bad() {
        let gate = Gate::before(move |_| Play::Last(answer.clone())).await;
        for (method, path, body) in
            [("GET", "/Users/7", ""), ("GET", "/Users", ""), ("PUT", "/Users/7", "{}"), ("POST", "/Users", "{}")]
        {
            let reply = gate.ask(method, path, body).await;
            reply.assert_refused(&format!("{name}: {method} {path}"), 502);
        }
    }
}

#[tokio::test]
async fn t_53_odd_answers_that_are_clear() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n{\"id\"\r\n5\r\n:\"7\"}\r\n0\r\nX-Secret: y\r\n\r\n";
    for (name, answer, status, body) in [
        ("bare LF", "HTTP/1.1 200 OK\nContent-Length: 10\n\n{\"id\":\"7\"}", 200, BODY),
        ("chunks, an extension, a trailer", chunked, 200, BODY),
        ("no length, whole JSON", "HTTP/1.1 200 OK\r\n\r\n{\"id\":\"7\"}", 200, BODY),
        (
            "a 100 and a 103 before it",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":\"7\"}",
            200,
            BODY,
        ),
        ("HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":\"7\"}", 200, BODY),
        ("204 with a body", "HTTP/1.1 204 No Content\r\nContent-Length: 10\r\n\r\n{\"id\":\"7\"}", 204, ""),
        ("204 with a body and no length", "HTTP/1.1 204 No Content\r\n\r\n{\"id\":\"7\"}", 204, ""),
        ("304", "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n", 304, ""),
    ] {
        let gate = Gate::before(move |_| Play::Last(answer.as_bytes().to_vec())).await;
        for _ in 0..2 {
            let reply = gate.ask(if status == 204 { "DELETE" } else { "GET" }, "/Users/7", "").await;
            assert_eq!((reply.status, reply.text().as_str()), (status, body), "{name}");
            reply.assert_guarded(name);
            assert!(!reply.everything().contains("secret"), "{reply:?}");
        }
    }
}

/// A list of more than may be held back, with `end` in place of its end.
fn long_list(end: &str) -> Vec<u8> {
    let resource = format!("{{\"id\":\"7\",\"x\":\"{}\"}}", "x".repeat(10_000));
    format!("{{\"Resources\":[{}{end}", vec![resource; 300].join(",")).into_bytes()
}

#[tokio::test]
async fn t_53_a_long_answer_that_breaks_off_never_looks_whole() {
    let rows: [(&str, &str, bool); 5] = [
        ("whole", "],\"totalResults\":300}", true),
        ("cut", ",{\"id\":", false),
        ("more than one document", "]}{}", false),
        ("a duplicate key at the end", "],\"a\":1,\"A\":2}", false),
        ("a second list", "],\"Resources\":[]}", false),
    ];
    for (name, end, whole) in rows {
        for framed in [true, false] {
            let list = long_list(end);
            let answer = match framed {
                true => http("200 OK", "", &list),
                false => [b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &list].concat(),
            };
            let gate = Gate::before(move |_| Play::Last(answer.clone())).await;
            let reply = gate.ask("GET", "/Users", "").await;
            assert_eq!((reply.status, reply.whole), (200, whole), "{name}");
            assert!(list.starts_with(&reply.body), "{name}");
        }
    }
}

/// What the gateway counts for a route, by code.
fn codes(gate: &Gate) -> Vec<String> {
    let text = gate.metrics.encode();
    let lines = text.lines().filter(|line| line.starts_with("scimgate_http_requests_total{") && !line.ends_with(" 0"));
    lines.filter_map(|line| Some(line.split("code=\"").nth(1)?.split('"').next()?.to_owned())).collect()
}

#[tokio::test]
async fn a_long_answer_to_head_is_an_answer() {
    let gate = Gate::before(|_| Play::Answer(http("200 OK", "ETag: \"1\"\r\n", &long_list("]}")))).await;
    let bytes = [request("HEAD", "/Users", &gate.all, "", b""), request("HEAD", "/Users", &gate.all, "", b"")].concat();
    let replies = say(connect(gate.address).await, &bytes).await;
    assert_eq!(replies.iter().map(|reply| reply.status).collect::<Vec<_>>(), [200, 200]);
    for reply in &replies {
        assert_eq!(reply.header("content-length"), None, "its length is not known: {reply:?}");
        assert_eq!(reply.header("content-type"), Some("application/scim+json"));
        reply.assert_guarded("HEAD");
    }
    assert_eq!(codes(&gate), ["200"], "nobody has hung up");
}

#[tokio::test]
async fn an_answer_without_a_body_has_no_length_of_one() {
    let answer = "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n";
    let gate = Gate::before(move |_| Play::Answer(answer.as_bytes().to_vec())).await;
    for method in ["GET", "HEAD"] {
        let bytes = request(method, "/Users/7", &gate.all, "If-None-Match: \"1\"\r\n", b"");
        let (reply, seen) = gate.reaches(method, &bytes, 304).await;
        assert_eq!(seen.all("if-none-match"), ["\"1\""]);
        assert_eq!(reply.header("content-length"), None, "{method}: RFC 9110 section 8.6");
    }
}
