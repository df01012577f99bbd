//! Who may call: credentials in every wrong shape (T-01 to T-12).

use std::net::Ipv4Addr;

use tokio::io::AsyncWriteExt;

use super::caller::{connect, connect_from, replies, request, rest, say};
use super::gate::{CREDENTIAL, Gate};

/// A request with these header lines and no credential but theirs.
fn with(path: &str, lines: &str) -> Vec<u8> {
    format!("GET /scim{path} HTTP/1.1\r\nHost: gate\r\n{lines}\r\n").into_bytes()
}

#[tokio::test]
async fn t_02_a_token_outside_of_its_header_is_never_read() {
    let gate = Gate::open().await;
    let token = gate.all.clone();
    let form = format!("access_token={token}");
    let post = |headers: &str, body: &str| {
        let length = body.len();
        format!("POST /scim/Users HTTP/1.1\r\nHost: gate\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
            .into_bytes()
    };
    let rows = [
        ("in the query", with(&format!("/Users?access_token={token}"), "")),
        ("in the query, by another name", with(&format!("/Users?token={token}&authorization=Bearer%20{token}"), "")),
        ("in a cookie", with("/Users", &format!("Cookie: access_token={token}\r\n"))),
        ("in another header", with("/Users", &format!("X-Authorization: Bearer {token}\r\nX-Api-Key: {token}\r\n"))),
        ("for a proxy", with("/Users", &format!("Proxy-Authorization: Bearer {token}\r\n"))),
        ("in a form", post("Content-Type: application/x-www-form-urlencoded\r\n", &form)),
        ("in the body", post("Content-Type: application/scim+json\r\n", &format!("{{\"access_token\":\"{token}\"}}"))),
    ];
    for (name, bytes) in rows {
        let reply = gate.refuses(name, &bytes, 401).await;
        assert!(!reply.everything().contains(&token), "{name}");
    }
}

#[test]
fn t_03_digests_are_compared_in_constant_time_and_in_no_other_way() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/access/");
    let source = std::fs::read_to_string(format!("{folder}secret.rs")).unwrap();
    assert!(source.contains("ct_eq"), "digests are compared by `subtle`");
    let digest = source.find("pub struct Digest").unwrap();
    let derived = source[..digest].rsplit("#[derive(").next().unwrap().split(')').next().unwrap();
    assert!(!derived.contains("PartialEq"), "`==` on digests would be in variable time: {derived}");
    let tokens = std::fs::read_to_string(format!("{folder}tokens.rs")).unwrap();
    assert!(tokens.contains("Digest::NOBODY"), "an unknown id takes the same work as a known one");
}

#[tokio::test]
async fn t_04_what_is_not_one_bearer_token_is_a_401_that_says_so() {
    let gate = Gate::open().await;
    let token = &gate.all;
    let mut typo = token.clone();
    typo.pop();
    let lines = [
        String::new(),
        "Authorization:\r\n".to_owned(),
        "Authorization: Bearer\r\n".to_owned(),
        "Authorization: Bearer \r\n".to_owned(),
        "Authorization: Basic dXNlcjpwYXNz\r\n".to_owned(),
        format!("Authorization: {token}\r\n"),
        format!("Authorization: Bearer  {token}\r\n"),
        format!("Authorization: Bearer\t{token}\r\n"),
        format!("Authorization: Bearer {token},\r\n"),
        format!("Authorization: Bearer {token} x\r\n"),
        format!("Authorization: Bearer \"{token}\"\r\n"),
        format!("Authorization: Bearer={token}\r\n"),
        format!("Authorization: Bearer {}\r\n", token.to_ascii_uppercase()),
        format!("Authorization: Bearer {typo}\r\n"),
        format!("Authorization: Bearer {token}x\r\n"),
        format!("Authorization: Bearer {CREDENTIAL}\r\n"),
        format!("Authorization: Bearer {}\r\n", "a".repeat(10_240)),
        format!("Authorization: Token {token}\r\n"),
    ];
    for line in &lines {
        for path in ["/Users", "/ServiceProviderConfig", "/no-such-endpoint", "/Users/../Groups"] {
            let reply = gate.refuses(line, &with(path, line), 401).await;
            assert_eq!(reply.header("www-authenticate"), Some("Bearer realm=\"scim\""), "{line}");
        }
    }
    let bytes = [b"GET /scim/Users HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer \x80\r\n\r\n".as_slice()].concat();
    gate.refuses("bytes that are not ASCII", &bytes, 400).await;
}

#[tokio::test]
async fn t_04_the_scheme_has_no_case() {
    let gate = Gate::open().await;
    for scheme in ["bearer", "BEARER", "bEaReR"] {
        let line = format!("authorization: {scheme} {}\r\n", gate.all);
        gate.reaches(scheme, &with("/Users", &line), 200).await;
    }
}

#[tokio::test]
async fn t_04_outside_of_every_connection_nothing_is_told() {
    let gate = Gate::open().await;
    for path in ["/", "/scimx/Users", "/SCIM/Users", "/metrics", "/healthz", "/debug/pprof"] {
        let bytes = format!("GET {path} HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer {}\r\n\r\n", gate.all);
        gate.refuses(path, bytes.as_bytes(), 401).await;
    }
}

#[tokio::test]
async fn t_05_two_credentials_are_refused_in_either_order() {
    let gate = Gate::open().await;
    let (good, bad) = (&gate.all, "invalid");
    let two = |one: &str, other: &str| format!("Authorization: Bearer {one}\r\nAuthorization: Bearer {other}\r\n");
    let joined = |one: &str, other: &str| format!("Authorization: Bearer {one}, Bearer {other}\r\n");
    for lines in [
        two(good, bad),
        two(bad, good),
        two(good, good),
        joined(good, bad),
        joined(bad, good),
        joined(good, good),
        format!("Authorization: Bearer {good}\r\nauthorization: Basic dTpw\r\n"),
        format!("Authorization: Basic dTpw\r\nX: y\r\nAUTHORIZATION: Bearer {good}\r\n"),
    ] {
        gate.refuses(&lines, &with("/Users", &lines), 400).await;
    }
}

#[tokio::test]
async fn t_06_a_credential_in_trailers_is_none() {
    let gate = Gate::open().await;
    for trailer in ["Trailer: Authorization\r\n", ""] {
        let bytes = format!(
            "POST /scim/Users HTTP/1.1\r\nHost: gate\r\n{trailer}Transfer-Encoding: chunked\r\n\r\n\
             2\r\n{{}}\r\n0\r\nAuthorization: Bearer {}\r\n\r\n",
            gate.all
        );
        gate.refuses("trailer", bytes.as_bytes(), 401).await;
    }
}

#[tokio::test]
async fn t_09_the_backend_gets_its_own_credential_and_nothing_of_the_client() {
    let gate = Gate::open().await;
    let theirs = "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-Host: theirs.example\r\nForwarded: for=6.6.6.6\r\n\
                  X-Real-IP: 6.6.6.6\r\nCookie: session=theirs\r\nX-Request-Id: theirs-id\r\nTraceparent: 00-theirs-01\r\n\
                  X-HTTP-Method-Override: DELETE\r\nProxy-Authorization: Basic theirs\r\nX-Api-Key: theirs\r\n\
                  Accept: text/theirs\r\nAccept-Encoding: gzip\r\nUser-Agent: theirs/1\r\nOrigin: http://theirs.example\r\n\
                  Referer: http://theirs.example\r\nRange: bytes=0-1\r\nVia: 1.1 theirs\r\nMax-Forwards: 1\r\n";
    for (method, path, body, status) in [
        ("GET", "/Users/7", "", 200),
        ("POST", "/Users", "{}", 201),
        ("PUT", "/Users/7", "{}", 200),
        ("DELETE", "/Users/7", "", 204),
    ] {
        let bytes = request(method, path, &gate.all, theirs, body.as_bytes());
        let (_, seen) = gate.reaches(method, &bytes, status).await;
        assert_eq!(seen.all("authorization"), [format!("Bearer {CREDENTIAL}")], "{method}");
        assert_eq!(seen.all("host"), [gate.backend.address().to_string()], "{method}");
        let mut names: Vec<&str> = seen.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.retain(|name| !["content-type", "content-length"].contains(name));
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "authorization", "host", "user-agent", "x-request-id"]);
        assert_eq!(seen.all("accept-encoding"), ["identity"]);
    }
    for wire in gate.backend.wires() {
        let wire = String::from_utf8(wire).unwrap();
        assert!(!wire.contains("theirs") && !wire.contains(&gate.all) && !wire.contains("6.6.6.6"), "{wire}");
    }
}

#[tokio::test]
async fn t_10_guesses_are_limited_by_source_and_keep_no_valid_token_out() {
    let gate = Gate::open().await;
    let (attacker, other) = (Ipv4Addr::new(127, 1, 0, 1), Ipv4Addr::new(127, 1, 0, 2));
    let ask = |source, token: String| {
        let (address, bytes) = (gate.address, request("GET", "/Users/7", &token, "", b""));
        async move { say(connect_from(source, address).await, &bytes).await.remove(0) }
    };
    let mut limited = 0;
    for guess in 0..100 {
        let reply = ask(attacker, format!("guess-{guess}")).await;
        if reply.status == 429 {
            reply.assert_refused("guess", 429);
            assert!(reply.header("retry-after").unwrap().parse::<u32>().unwrap() >= 1);
            limited += 1;
        } else {
            reply.assert_refused("guess", 401);
        }
    }
    assert!(limited > 0, "100 guesses in a row were all looked at");
    assert_eq!(gate.backend.bytes(), 0);
    assert_eq!(ask(attacker, gate.all.clone()).await.status, 200, "a valid token from the same source");
    assert_eq!(ask(other, gate.all.clone()).await.status, 200, "a valid token from another source");
    ask(other, "guess".to_owned()).await.assert_refused("a first guess from another source", 401);
}

#[tokio::test]
async fn t_11_no_work_before_the_credential_is_known() {
    let gate = Gate::open().await;
    for (name, token, status) in [("a wrong token", "wrong", 401), ("no scope", gate.groups.as_str(), 403)] {
        let (mut reader, mut writer) = connect(gate.address).await.into_split();
        let head = format!(
            "POST /scim/Users HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer {token}\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        let endless = tokio::spawn(async move {
            let mut sent = writer.write_all(head.as_bytes()).await;
            while sent.is_ok() {
                sent = writer.write_all(b"400\r\n").await;
                sent = sent.and(writer.write_all(&[b'x'; 1024]).await).and(writer.write_all(b"\r\n").await);
            }
        });
        // The answer is whole before the body ends, which it never does: the gateway has to close.
        let mut bytes = Vec::new();
        let read = tokio::io::AsyncReadExt::read_to_end(&mut reader, &mut bytes);
        let _ = tokio::time::timeout(super::caller::CAP, read).await.expect("the body is read for ever");
        let replies = replies(&bytes, false);
        assert_eq!(replies.len(), 1, "{name}");
        replies[0].assert_refused(name, status);
        assert_eq!(replies[0].header("connection"), Some("close"), "{name}");
        tokio::time::timeout(super::caller::CAP, endless).await.expect("the body is taken for ever").unwrap();
    }
    assert_eq!(gate.backend.bytes(), 0);
}

#[tokio::test]
async fn t_44_each_pipelined_request_is_authorised_alone() {
    let gate = Gate::open().await;
    let mut stream = connect(gate.address).await;
    let asked = [
        request("GET", "/Users/1", &gate.users, "", b""),
        request("GET", "/Groups/2", &gate.users, "", b""),
        request("GET", "/Users/3", "wrong", "", b""),
        request("GET", "/Groups/4", &gate.groups, "Connection: close\r\n", b""),
    ];
    stream.write_all(&asked.concat()).await.unwrap();
    let replies = replies(&rest(&mut stream).await, false);
    let got: Vec<(u16, bool)> = replies
        .iter()
        .zip(1..)
        .map(|(reply, id)| (reply.status, reply.text().contains(&format!("\"id\":\"{id}\""))))
        .collect();
    assert_eq!(got, [(200, true), (403, false), (401, false), (200, true)]);
    let lines: Vec<String> = gate.backend.take().iter().map(super::backend::Seen::line).collect();
    assert_eq!(lines, ["GET /Users/1", "GET /Groups/4"]);
}
