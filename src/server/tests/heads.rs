//! Heads and framing: what is refused, what is taken, and that no byte is read twice.

use super::*;

/// A second request that stands behind each first one. Where the first is refused, or its length is in doubt, it must
/// never be seen.
const BEHIND: &str = "GET /behind HTTP/1.1\r\nHost: h\r\n\r\n";

/// A head without its `Host`, and what it gets.
struct Row(&'static str, &'static [u8], &'static [u16]);

/// Refused, by us or by hyper, and the connection closed.
const REFUSED: &[Row] = &[
    Row("length with a leading zero", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 02\r\n\r\nab", &[400]),
    Row("length of zeros", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 00\r\n\r\n", &[400]),
    Row("length with a sign", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +2\r\n\r\nab", &[400]),
    Row("negative length", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\nab", &[400]),
    Row("hexadecimal length", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x2\r\n\r\nab", &[400]),
    Row("empty length", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\nab", &[400]),
    Row("list of lengths", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2, 2\r\n\r\nab", &[400]),
    Row("two lengths", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nab", &[400]),
    Row("unknown coding", b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", &[400]),
    Row(
        "chunked not last",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        &[400],
    ),
    Row("quoted coding", b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n", &[400]),
    Row(
        "space before the colon",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        &[400],
    ),
    Row(
        "gzip before chunked",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        &[501],
    ),
    Row(
        "identity before chunked",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        &[501],
    ),
    Row(
        "two codings",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        &[501],
    ),
    Row("folded line", b"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", &[400]),
    Row("NUL", b"GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n", &[400]),
    Row("bare CR", b"GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n", &[400]),
    Row("empty name", b"GET / HTTP/1.1\r\nHost: h\r\n: a\r\n\r\n", &[400]),
    Row("name with `_`", b"GET / HTTP/1.1\r\nHost: h\r\nX_Forwarded_For: a\r\n\r\n", &[400]),
    Row("no host", b"GET / HTTP/1.1\r\n\r\n", &[400]),
    Row("two hosts", b"GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", &[400]),
    Row("empty host", b"GET / HTTP/1.1\r\nHost:\r\n\r\n", &[400]),
    Row("host beyond ASCII", b"GET / HTTP/1.1\r\nHost: h\xc3\xa9\r\n\r\n", &[400]),
    Row("host with user", b"GET / HTTP/1.1\r\nHost: u@h\r\n\r\n", &[400]),
    Row("authorization beyond ASCII", b"GET / HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer \xff\r\n\r\n", &[400]),
    Row("another host in the target", b"GET http://evil/ HTTP/1.1\r\nHost: h\r\n\r\n", &[400]),
    Row("user in the target", b"GET http://u@h/ HTTP/1.1\r\nHost: h\r\n\r\n", &[400]),
    Row("target without slash", b"GET Users HTTP/1.1\r\nHost: h\r\n\r\n", &[400]),
    Row("asterisk", b"GET * HTTP/1.1\r\nHost: h\r\n\r\n", &[400]),
    Row("target beyond ASCII", b"GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n", &[400]),
    Row("OPTIONS asterisk", b"OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", &[405]),
    Row("OPTIONS", b"OPTIONS / HTTP/1.1\r\nHost: h\r\nOrigin: https://evil\r\n\r\n", &[405]),
    Row("TRACE", b"TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", &[405]),
    Row("CONNECT", b"CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", &[405]),
    Row("unknown method", b"FOO / HTTP/1.1\r\nHost: h\r\n\r\n", &[501]),
    Row("lower-case method", b"get / HTTP/1.1\r\nHost: h\r\n\r\n", &[501]),
    Row("HTTP/1.2", b"GET / HTTP/1.2\r\nHost: h\r\n\r\n", &[400]),
    Row("HTTP/1.0 with a coding", b"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", &[400]),
    Row(
        "another expectation",
        b"POST / HTTP/1.1\r\nHost: h\r\nExpect: y 100-continue\r\nContent-Length: 0\r\n\r\n",
        &[417],
    ),
    Row(
        "compressed body",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab",
        &[415],
    ),
    Row("credential nominated", b"GET / HTTP/1.1\r\nHost: h\r\nConnection: close, Authorization\r\n\r\n", &[400]),
    Row(
        "length nominated",
        b"POST / HTTP/1.1\r\nHost: h\r\nConnection: content-length\r\nContent-Length: 2\r\n\r\nab",
        &[400],
    ),
    Row(
        "chunk size in hexadecimal prefix",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x2\r\nab\r\n0\r\n\r\n",
        &[400],
    ),
    Row(
        "chunk size too large",
        b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff1\r\nab\r\n0\r\n\r\n",
        &[400],
    ),
];

#[tokio::test]
async fn whatever_is_refused_gets_one_answer_and_nothing_behind_it_is_read() {
    let running = start(Limits::default()).await;
    for Row(name, head, expected) in REFUSED {
        let answers = running.say(&[head, BEHIND.as_bytes()].concat()).await;
        assert_eq!(statuses(&answers), *expected, "{name}: {answers}");
        assert_eq!(running.seen(), [""; 0], "{name}");
    }
}

#[tokio::test]
async fn what_is_taken_is_framed_once() {
    let running = start(Limits::default()).await;
    let rows: [(&str, &[u8], &str); 9] = [
        ("two equal lengths", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab", "POST / ab"),
        ("coding in capitals after a tab", b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\tCHUNKED\r\n\r\n2\r\nab\r\n0\r\n\r\n", "POST / ab"),
        ("chunk extension", b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n0\r\n\r\n", "POST / ab"),
        ("bare LF", b"GET / HTTP/1.1\nHost: h\n\n", "GET / "),
        ("target that names the host", b"GET http://H/Users HTTP/1.1\r\nHost: h\r\n\r\n", "GET /Users"),
        ("dots are the gateway's to judge", b"GET /Users/../Groups HTTP/1.1\r\nHost: h\r\n\r\n", "GET /Users/../Groups"),
        ("expectation", b"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab", "POST / ab"),
        ("upgrade is not done", b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n", "GET / "),
        ("encoding that is none", b"POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n\r\nab", "POST / ab"),
    ];
    for (name, bytes, expected) in rows {
        let answers = running.say(&[bytes, BEHIND.as_bytes()].concat()).await;
        let statuses: Vec<u16> = statuses(&answers).into_iter().filter(|status| *status != 100).collect();
        assert_eq!(statuses, [200, 200], "{name}: {answers}");
        let seen = std::mem::take(&mut *running.seen.lock().unwrap());
        assert!(seen[0].starts_with(expected), "{name}: {seen:?}");
        assert!(seen[1].starts_with("GET /behind"), "{name}: {seen:?}");
    }
}

#[tokio::test]
async fn a_length_beside_a_coding_ends_the_connection() {
    let running = start(Limits::default()).await;
    let both =
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    let answers = running.say(&[both.as_bytes(), BEHIND.as_bytes()].concat()).await;
    assert_eq!(statuses(&answers), [200], "{answers}");
    assert_eq!(running.seen(), ["POST / ab "]);
}

#[tokio::test]
async fn trailers_never_reach_the_service() {
    let running = start(Limits::default()).await;
    let request = "POST / HTTP/1.1\r\nHost: h\r\nTrailer: Authorization\r\nTransfer-Encoding: chunked\r\n\r\n\
                   2\r\nab\r\n0\r\nAuthorization: Bearer x\r\n\r\n";
    assert_eq!(statuses(&running.say(request.as_bytes()).await), [200]);
    assert_eq!(running.seen(), ["POST / ab "]);
}

#[tokio::test]
async fn a_body_that_nobody_read_is_never_taken_for_a_request() {
    let running = start(Limits::default()).await;
    for method in ["GET", "DELETE", "POST"] {
        let head = format!("{method} /unread HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", BEHIND.len());
        let answers = running.say(format!("{head}{BEHIND}{BEHIND}").as_bytes()).await;
        assert_eq!(statuses(&answers), [200], "{method}: {answers}");
        assert!(answers.contains("connection: close\r\n"), "{answers}");
    }
    assert_eq!(running.seen(), [""; 0]);
}

#[tokio::test]
async fn a_long_unread_body_does_not_keep_the_answer_from_its_caller() {
    let running = start(Limits::default()).await;
    let head = "POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n";
    let answers = running.say(&[head.as_bytes(), &[b'x'; 200_000]].concat()).await;
    assert!(answers.ends_with("unread"), "{answers}");
}

#[tokio::test]
async fn an_oversize_expectation_is_answered_without_asking_for_the_body() {
    let running = start(Limits::default()).await;
    let head = "POST /unread HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 999999999\r\n\r\n";
    assert_eq!(statuses(&running.say(head.as_bytes()).await), [200]);
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let running = start(Limits::default()).await;
    let first = "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\na";
    let last = "GET /3 HTTP/1.1\r\nHost: h\r\n\r\n";
    let answers = running.say(format!("{first}{BEHIND}{last}").as_bytes()).await;
    let at = |text| answers.find(text).unwrap();
    assert!(at("POST /1 a") < at("GET /behind") && at("GET /behind") < at("GET /3"), "{answers}");
}

#[tokio::test]
async fn every_refusal_is_a_scim_error_with_an_id_and_is_counted() {
    let running = start(Limits::default()).await;
    let answer = running.say(b"TRACE / HTTP/1.1\r\nHost: h\r\nX-Request-Id: mine\r\n\r\n").await;
    for line in [
        "content-type: application/scim+json",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "cross-origin-resource-policy: same-origin",
        "connection: close",
        "allow: GET, HEAD, POST, PUT, PATCH, DELETE",
        "x-request-id: ",
    ] {
        assert!(answer.contains(line), "{line}: {answer}");
    }
    assert!(answer.contains("urn:ietf:params:scim:api:messages:2.0:Error"), "{answer}");
    assert!(!answer.contains("mine") && !answer.contains("access-control"), "{answer}");
    assert_eq!(running.count(r#"requests_rejected_total{reason="method"}"#), 1);
}

#[tokio::test]
async fn too_long_heads_are_refused_and_counted() {
    let running = start(Limits::default()).await;
    let long = |target: usize, header: usize| {
        format!("GET /{} HTTP/1.1\r\nHost: h\r\nX: {}\r\n\r\n", "u".repeat(target), "v".repeat(header))
    };
    for (target, header, expected) in
        [(8000, 100, 200), (8192, 100, 414), (1, 32_000, 200), (1, 33_000, 431), (1, 99_000, 431)]
    {
        let answers = running.say(long(target, header).as_bytes()).await;
        assert_eq!(statuses(&answers), [expected], "{target} {header}: {answers}");
    }
    let many = format!("GET / HTTP/1.1\r\nHost: h\r\n{}\r\n", "X: y\r\n".repeat(101));
    assert_eq!(statuses(&running.say(many.as_bytes()).await), [431]);
    assert_eq!(running.count(r#"requests_rejected_total{reason="size"}"#), 3);
    assert_eq!(running.count(r#"requests_rejected_total{reason="path"}"#), 1);
}

#[tokio::test]
async fn head_has_the_length_of_get_and_no_body() {
    let running = start(Limits::default()).await;
    let answers = running.say(b"HEAD /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(statuses(&answers), [200, 200], "{answers}");
    assert!(answers.contains("content-length: 9\r\n"), "{answers}");
    assert!(!answers.contains("HEAD /a"), "{answers}");
}
