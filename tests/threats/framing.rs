//! Where a message ends: the table of section 3.1 and its kin (T-40 to T-46), each row with another request behind it that
//! must never be seen where the first is refused or in doubt.

use tokio::io::AsyncWriteExt;

use super::caller::{connect, replies, request, rest, say};
use super::gate::Gate;

/// Who refuses: hyper, in an empty answer, or we, in SCIM.
#[derive(Clone, Copy, PartialEq)]
enum By {
    Hyper,
    Us,
}

use By::{Hyper, Us};

/// A row of section 3.1: its name, the lines after `Authorization`, the body, who refuses it, with what.
type Row = (&'static str, &'static [u8], &'static [u8], By, u16);

const REFUSED: &[Row] = &[
    ("CL 02", b"Content-Length: 02\r\n", b"{}", Us, 400),
    ("CL 00", b"Content-Length: 00\r\n", b"", Us, 400),
    ("CL +2", b"Content-Length: +2\r\n", b"{}", Hyper, 400),
    ("CL -1", b"Content-Length: -1\r\n", b"{}", Hyper, 400),
    ("CL 0x2", b"Content-Length: 0x2\r\n", b"{}", Hyper, 400),
    ("CL empty", b"Content-Length:\r\n", b"{}", Hyper, 400),
    ("CL 2, 2", b"Content-Length: 2, 2\r\n", b"{}", Hyper, 400),
    ("CL two different", b"Content-Length: 2\r\nContent-Length: 3\r\n", b"{} ", Hyper, 400),
    ("CL beyond 64 bits", b"Content-Length: 18446744073709551617\r\n", b"{}", Hyper, 400),
    ("CL with a space within", b"Content-Length: 2 2\r\n", b"{}", Hyper, 400),
    ("TE xchunked", b"Transfer-Encoding: xchunked\r\n", b"2\r\n{}\r\n0\r\n\r\n", Hyper, 400),
    ("TE chunked, identity", b"Transfer-Encoding: chunked, identity\r\n", b"2\r\n{}\r\n0\r\n\r\n", Hyper, 400),
    ("TE quoted", b"Transfer-Encoding: \"chunked\"\r\n", b"2\r\n{}\r\n0\r\n\r\n", Hyper, 400),
    ("TE with a parameter", b"Transfer-Encoding: chunked;q=1\r\n", b"2\r\n{}\r\n0\r\n\r\n", Hyper, 400),
    ("TE : with a space", b"Transfer-Encoding : chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n", Hyper, 400),
    ("TE after a vertical tab", b"Transfer-Encoding: \x0bchunked\r\n", b"2\r\n{}\r\n0\r\n\r\n", Hyper, 400),
    ("TE folded", b"Transfer-Encoding:\r\n chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n", Hyper, 400),
    ("TE gzip, chunked", b"Transfer-Encoding: gzip, chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n", Us, 501),
    ("TE identity, chunked", b"Transfer-Encoding: identity, chunked\r\n", b"2\r\n{}\r\n0\r\n\r\n", Us, 501),
    ("TE identity", b"Transfer-Encoding: identity\r\nContent-Length: 2\r\n", b"{}", Hyper, 400),
    ("TE gzip and then chunked", b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n", Us, 501),
    ("obs-fold", b"X: a\r\n b\r\nContent-Length: 2\r\n", b"{}", Hyper, 400),
    ("leading space", b" X: a\r\nContent-Length: 2\r\n", b"{}", Hyper, 400),
    ("NUL", b"X: a\0b\r\nContent-Length: 2\r\n", b"{}", Hyper, 400),
    ("0x01", b"X: a\x01b\r\nContent-Length: 2\r\n", b"{}", Hyper, 400),
    ("bare CR", b"X: a\rb\r\nContent-Length: 2\r\n", b"{}", Hyper, 400),
    ("empty name", b": a\r\nContent-Length: 2\r\n", b"{}", Hyper, 400),
    ("no colon", b"X\r\nContent-Length: 2\r\n", b"{}", Hyper, 400),
    ("name with _", b"X_Forwarded_For: a\r\nContent-Length: 2\r\n", b"{}", Us, 400),
    ("second host", b"Host: gate\r\nContent-Length: 2\r\n", b"{}", Us, 400),
    ("another expectation", b"Expect: y 100-continue\r\nContent-Length: 2\r\n", b"{}", Us, 417),
    ("two expectations", b"Expect: 100-continue, x\r\nContent-Length: 2\r\n", b"{}", Us, 417),
    ("chunk size overflow", b"Transfer-Encoding: chunked\r\n", b"ffffffffffffffff2\r\n{}\r\n0\r\n\r\n", Us, 400),
    ("chunk size 0x2", b"Transfer-Encoding: chunked\r\n", b"0x2\r\n{}\r\n0\r\n\r\n", Us, 400),
    ("chunk size after a space", b"Transfer-Encoding: chunked\r\n", b" 2\r\n{}\r\n0\r\n\r\n", Us, 400),
    ("chunk size with a sign", b"Transfer-Encoding: chunked\r\n", b"+2\r\n{}\r\n0\r\n\r\n", Us, 400),
    ("chunk size empty", b"Transfer-Encoding: chunked\r\n", b"\r\n{}\r\n0\r\n\r\n", Us, 400),
    ("chunks ended by LF", b"Transfer-Encoding: chunked\r\n", b"2\n{}\n0\n\n", Us, 400),
    ("newline in an extension", b"Transfer-Encoding: chunked\r\n", b"2;a\nb\r\n{}\r\n0\r\n\r\n", Us, 400),
    ("chunk longer than its size", b"Transfer-Encoding: chunked\r\n", b"2\r\n{}}\r\n0\r\n\r\n", Us, 400),
];

fn post(gate: &Gate, lines: &[u8], body: &[u8]) -> Vec<u8> {
    let head = format!("POST /scim/Users HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer {}\r\n", gate.all);
    [head.as_bytes(), lines, b"\r\n", body].concat()
}

fn behind(gate: &Gate) -> Vec<u8> {
    request("GET", "/Users/behind", &gate.all, "", b"")
}

#[tokio::test]
async fn t_40_t_41_t_42_what_can_be_framed_in_two_ways_is_refused_with_all_behind_it() {
    let gate = Gate::open().await;
    for (name, lines, body, by, status) in REFUSED {
        let reply = gate.one(name, &[post(&gate, lines, body), behind(&gate)].concat()).await;
        match by {
            Us => reply.assert_refused(name, *status),
            Hyper => assert_eq!((reply.status, reply.body.len()), (*status, 0), "{name}"),
        }
        assert_eq!(reply.header("connection"), Some("close"), "{name}");
        assert_eq!(gate.backend.bytes(), 0, "{name}: reached the backend");
    }
}

#[tokio::test]
async fn t_40_first_lines_and_hosts_that_are_in_doubt() {
    let gate = Gate::open().await;
    let token = format!("Authorization: Bearer {}\r\n", gate.all);
    let rows = [
        ("no host", format!("GET /scim/Users HTTP/1.1\r\n{token}\r\n"), Us),
        ("two hosts", format!("GET /scim/Users HTTP/1.1\r\nHost: gate\r\nHost: evil\r\n{token}\r\n"), Us),
        ("empty host", format!("GET /scim/Users HTTP/1.1\r\nHost:\r\n{token}\r\n"), Us),
        ("host with a path", format!("GET /scim/Users HTTP/1.1\r\nHost: gate/x\r\n{token}\r\n"), Us),
        ("host with a user", format!("GET /scim/Users HTTP/1.1\r\nHost: u@gate\r\n{token}\r\n"), Us),
        ("no host in HTTP/1.0", format!("GET /scim/Users HTTP/1.0\r\n{token}\r\n"), Us),
        (
            "HTTP/1.0 with chunks",
            format!(
                "POST /scim/Users HTTP/1.0\r\nHost: gate\r\n{token}Transfer-Encoding: chunked\r\n\r\n2\r\n{{}}\r\n0\r\n\r\n"
            ),
            Hyper,
        ),
        ("HTTP/1.2", format!("GET /scim/Users HTTP/1.2\r\nHost: gate\r\n{token}\r\n"), Hyper),
        ("HTTP/0.9", "GET /scim/Users\r\n".to_owned(), Hyper),
        ("two spaces", format!("GET  /scim/Users HTTP/1.1\r\nHost: gate\r\n{token}\r\n"), Hyper),
        ("a space in the target", format!("GET /scim/Users x HTTP/1.1\r\nHost: gate\r\n{token}\r\n"), Hyper),
        ("raw UTF-8 in the target", format!("GET /scim/Users/\u{e9} HTTP/1.1\r\nHost: gate\r\n{token}\r\n"), Us),
        ("host beyond ASCII", format!("GET /scim/Users HTTP/1.1\r\nHost: g\u{e9}te\r\n{token}\r\n"), Us),
        ("a tab in the target", format!("GET /scim/Users\t HTTP/1.1\r\nHost: gate\r\n{token}\r\n"), Hyper),
        ("NUL in the target", format!("GET /scim/Users\0 HTTP/1.1\r\nHost: gate\r\n{token}\r\n"), Hyper),
        ("an empty method", format!(" /scim/Users HTTP/1.1\r\nHost: gate\r\n{token}\r\n"), Hyper),
        ("a method with a NUL", format!("G\0T /scim/Users HTTP/1.1\r\nHost: gate\r\n{token}\r\n"), Hyper),
        ("asterisk", format!("OPTIONS * HTTP/1.1\r\nHost: gate\r\n{token}\r\n"), Us),
    ];
    for (name, bytes, by) in rows {
        let reply = gate.one(name, &[bytes.as_bytes(), &behind(&gate)].concat()).await;
        match by {
            Us => reply.assert_refused(name, if name == "asterisk" { 405 } else { 400 }),
            Hyper => assert_eq!((reply.status, reply.body.len()), (400, 0), "{name}"),
        }
        assert_eq!(gate.backend.bytes(), 0, "{name}: reached the backend");
    }
}

#[tokio::test]
async fn t_40_what_is_taken_arrives_once_and_framed_anew() {
    let gate = Gate::open().await;
    let rows: [(&str, &[u8], &[u8]); 6] = [
        ("TE after a tab", b"Transfer-Encoding:\tchunked\r\n", b"2\r\n{}\r\n0\r\n\r\n"),
        ("TE CHUNKED", b"Transfer-Encoding: CHUNKED\r\n", b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"),
        ("chunk extensions", b"Transfer-Encoding: chunked\r\n", b"2;a=\"b\"\r\n{}\r\n0;x\r\n\r\n"),
        ("trailers", b"Transfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\nContent-Length: 9\r\nX: y\r\n\r\n"),
        ("two equal CL, merged by hyper (RFC 9112 section 6.3)", b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"),
        ("bytes beyond ASCII in a header that nobody reads", b"X: \x80\xff\r\nContent-Length: 2\r\n", b"{}"),
    ];
    for (name, lines, body) in rows {
        let bytes = [post(&gate, lines, body), behind(&gate)].concat();
        let replies = say(connect(gate.address).await, &bytes).await;
        assert_eq!(replies.iter().map(|reply| reply.status).collect::<Vec<_>>(), [201, 200], "{name}");
        let seen = gate.backend.take();
        assert_eq!(
            seen.iter().map(super::backend::Seen::line).collect::<Vec<_>>(),
            ["POST /Users", "GET /Users/behind"]
        );
        assert_eq!((seen[0].all("content-length"), seen[0].text().as_str()), (vec!["2"], "{}"), "{name}");
    }
    let bare = format!("GET /scim/Users/7 HTTP/1.1\nHost: gate\nAuthorization: Bearer {}\n\n", gate.all);
    let (_, seen) = gate.reaches("bare LF in a head", bare.as_bytes(), 200).await;
    assert_eq!(seen.line(), "GET /Users/7");
}

#[tokio::test]
async fn t_40_a_length_beside_chunks_means_the_chunks_and_ends_the_connection() {
    let gate = Gate::open().await;
    let chunks = b"2\r\n{}\r\n0\r\n\r\n";
    let both: [&[u8]; 4] = [
        b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 2\r\n",
        b"Content-Length: 999\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
    ];
    for lines in both {
        let name = String::from_utf8_lossy(lines);
        let (_, seen) = gate.reaches(&name, &[post(&gate, lines, chunks), behind(&gate)].concat(), 201).await;
        assert_eq!((seen.line().as_str(), seen.text().as_str()), ("POST /Users", "{}"), "{name}");
    }
}

#[tokio::test]
async fn t_43_a_body_that_was_not_read_is_never_taken_for_a_request() {
    let gate = Gate::open().await;
    let hidden = behind(&gate);
    let long = "Content-Length: 2000000\r\n";
    let rows = [
        ("401", request("POST", "/Users", "wrong", "", &hidden), 401),
        ("403", request("POST", "/Users", &gate.groups, "", &hidden), 403),
        ("404", request("POST", "/users", &gate.all, "", &hidden), 404),
        ("405", request("POST", "/Users/7", &gate.all, "", &hidden), 405),
        ("415", request("POST", "/Users", &gate.all, "Content-Type: text/plain\r\n", &hidden), 415),
        ("417", request("POST", "/Users", &gate.all, "Expect: tea\r\n", &hidden), 417),
        ("501", request("POST", "/Bulk", &gate.all, "", &hidden), 501),
        ("413", [post(&gate, long.as_bytes(), &hidden), hidden.clone()].concat(), 413),
        ("400", request("POST", "/Users?count=x", &gate.all, "", &hidden), 400),
    ];
    for (name, bytes, status) in rows {
        let reply = gate.refuses(name, &[bytes, hidden.clone()].concat(), status).await;
        assert_eq!(reply.header("connection"), Some("close"), "{name}");
    }
}

#[tokio::test]
async fn t_43_a_body_on_a_get_or_delete_never_goes_on() {
    let gate = Gate::open().await;
    let hidden = behind(&gate);
    let chunked = [format!("{:x}\r\n", hidden.len()).as_bytes(), &hidden, b"\r\n0\r\n\r\n"].concat();
    for (method, status) in [("GET", 200), ("DELETE", 204), ("HEAD", 200)] {
        let length = format!("Content-Length: {}\r\n", hidden.len());
        for (headers, body) in [(length.as_str(), &hidden), ("Transfer-Encoding: chunked\r\n", &chunked)] {
            let bytes = [request(method, "/Users/7", &gate.all, headers, b""), body.clone(), hidden.clone()].concat();
            let (reply, seen) = gate.reaches(method, &bytes, status).await;
            assert_eq!((seen.target.as_str(), seen.body.len()), ("/scim/v2/Users/7", 0), "{method}");
            assert_eq!(reply.header("connection"), Some("close"), "{method}");
        }
    }
    for wire in gate.backend.wires() {
        assert!(!String::from_utf8(wire).unwrap().contains("behind"));
    }
}

#[tokio::test]
async fn t_43_a_body_that_breaks_off_never_goes_on() {
    let gate = Gate::open().await;
    for (name, lines, body) in [
        ("shorter than its length", "Content-Length: 9\r\n", "{}"),
        ("chunks without an end", "Transfer-Encoding: chunked\r\n", "2\r\n{}\r\n"),
        ("a chunk that breaks off", "Transfer-Encoding: chunked\r\n", "9\r\n{}"),
    ] {
        gate.refuses(name, &post(&gate, lines.as_bytes(), body.as_bytes()), 400).await;
    }
}

#[tokio::test]
async fn t_45_nothing_is_upgraded() {
    let gate = Gate::open().await;
    for lines in [
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZQ==\r\nSec-WebSocket-Version: 13\r\n",
    ] {
        let bytes = request("GET", "/Users/7", &gate.all, lines, b"");
        let hidden = b"\x00\x01raw bytes of the new protocol\r\n\r\n";
        let replies = say(connect(gate.address).await, &[bytes.as_slice(), hidden].concat()).await;
        assert_eq!(replies[0].status, 200, "{lines}");
        assert!(replies[1..].iter().all(|reply| reply.status == 400), "{lines}");
        let seen = gate.backend.take();
        assert_eq!(seen.len(), 1, "{lines}");
        for name in ["upgrade", "connection", "http2-settings", "sec-websocket-key"] {
            assert!(seen[0].all(name).is_empty(), "{name}: {seen:?}");
        }
        let with_body = request("POST", "/Users", &gate.all, lines, b"{}");
        let (_, seen) = gate.reaches("T-45: with a length", &with_body, 201).await;
        assert_eq!(seen.text(), "{}");
    }
}

#[tokio::test]
async fn t_46_the_body_is_asked_for_only_if_it_is_wanted() {
    let gate = Gate::open().await;
    let expect = "Expect: 100-continue\r\n";
    let all = |bytes: Vec<u8>| {
        let address = gate.address;
        async move { say(connect(address).await, &bytes).await.iter().map(|reply| reply.status).collect::<Vec<_>>() }
    };
    let head = |token: &str, length: usize| {
        let head = "POST /scim/Users HTTP/1.1\r\nHost: gate\r\nContent-Type: application/scim+json\r\n";
        format!("{head}Authorization: Bearer {token}\r\n{expect}Content-Length: {length}\r\n\r\n").into_bytes()
    };
    assert_eq!(all(head("wrong", 2)).await, [401], "no 100 without a token");
    assert_eq!(all(head(&gate.groups, 2)).await, [403], "no 100 without the scope");
    assert_eq!(all(head(&gate.all, 2_000_000)).await, [413], "no 100 for a body that is too long");
    assert_eq!(gate.backend.bytes(), 0);

    let mut stream = connect(gate.address).await;
    stream.write_all(&head(&gate.all, 2)).await.unwrap();
    let mut first = [0; 25];
    tokio::io::AsyncReadExt::read_exact(&mut stream, &mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 100 Continue\r\n\r\n");
    assert_eq!(gate.backend.bytes(), 0, "nothing goes on before the body has come");
    stream.write_all(b"{}").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(replies(&rest(&mut stream).await, false)[0].status, 201);
    assert!(gate.backend.take()[0].all("expect").is_empty());
}
