//! Header fields that lie, or that somebody on the way would take away (T-49 to T-54, T-36).

use super::backend::{BASE, Play};
use super::caller::request;
use super::gate::{CREDENTIAL, Gate, http};

#[tokio::test]
async fn t_49_nominating_takes_away_nothing_that_matters() {
    let gate = Gate::open().await;
    for name in ["Authorization", "Content-Length", "Transfer-Encoding", "Host", "content-type", "If-Match", "Expect"] {
        let line = format!("Connection: keep-alive, {name}\r\n");
        gate.refuses(&line, &request("POST", "/Users", &gate.all, &line, b"{}"), 400).await;
    }
    let line =
        "Connection: X-Forwarded-For, X-Request-Id, Accept-Encoding, Cookie, close\r\nX-Forwarded-For: theirs\r\n";
    let (reply, seen) = gate.reaches(line, &request("GET", "/Users/7", &gate.all, line, b""), 200).await;
    reply.assert_guarded(line);
    assert_eq!(seen.all("authorization"), [format!("Bearer {CREDENTIAL}")]);
    assert_eq!((seen.all("accept-encoding"), seen.all("x-request-id").len()), (vec!["identity"], 1));
    assert_eq!(seen.all("x-request-id")[0], reply.header("x-request-id").unwrap());
    assert!(seen.all("connection").is_empty() && seen.all("x-forwarded-for").is_empty(), "{seen:?}");
}

#[tokio::test]
async fn t_50_names_that_look_like_others() {
    let gate = Gate::open().await;
    for line in ["X_Forwarded_For: 1\r\n", "Authorization_: Bearer x\r\n", "_: 1\r\n", "content_length: 5\r\n"] {
        gate.refuses(line, &request("GET", "/Users", &gate.all, line, b""), 400).await;
    }
    for line in ["X-Forwarded-For : 1\r\n", "Authori\u{17f}ation: x\r\n"] {
        let reply = gate.one(line, &request("GET", "/Users", &gate.all, line, b"")).await;
        assert_eq!((reply.status, gate.backend.bytes()), (400, 0), "{line}");
    }
}

#[tokio::test]
async fn t_51_the_id_of_a_request_is_ours() {
    let gate = Gate::open().await;
    let long = format!("X-Request-Id: {}\r\n", "a".repeat(2048));
    let mut ids = Vec::new();
    for line in ["X-Request-Id: theirs\r\n", "X-Request-Id: a\r\nX-Request-Id: b\r\n", &long] {
        let (reply, seen) = gate.reaches(line, &request("GET", "/Users/7", &gate.all, line, b""), 200).await;
        let id = reply.header("x-request-id").unwrap().to_owned();
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        assert_eq!(seen.all("x-request-id"), [id.as_str()]);
        ids.push(id);
    }
    ids.dedup();
    assert_eq!(ids.len(), 3, "an id was given twice");
}

#[tokio::test]
async fn t_52_no_answer_bears_the_hosts_that_a_client_names() {
    let gate = Gate::set("", "", &[], |seen| {
        let own = format!("http://{}{BASE}/Users/7", seen.all("host")[0]);
        let body = format!("{{\"id\":\"7\",\"meta\":{{\"location\":\"{own}\"}}}}");
        Play::Answer(http("200 OK", &format!("Location: {own}\r\n"), body.as_bytes()))
    })
    .await;
    let bytes = format!(
        "GET /scim/Users/7 HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nAuthorization: Bearer {}\r\n\r\n",
        gate.all
    );
    let (reply, _) = gate.reaches("a foreign host", bytes.as_bytes(), 200).await;
    assert_eq!(reply.header("location"), Some("http://gate.example/scim/Users/7"));
    assert_eq!(reply.text(), r#"{"id":"7","meta":{"location":"http://gate.example/scim/Users/7"}}"#);
    assert!(!reply.everything().contains("evil"), "{reply:?}");
}

#[tokio::test]
async fn t_53_t_54_only_known_headers_of_the_backend_are_passed_on() {
    let gate = Gate::before(|_| {
        let headers = "Server: legacy/1.0\r\nSet-Cookie: session=secret\r\nX-Powered-By: legacy\r\nX-Internal-Id: 4711\r\n\
                       Connection: X-Nominated, keep-alive\r\nX-Nominated: secret\r\nKeep-Alive: timeout=5\r\n\
                       Upgrade: h2c\r\nTrailer: X\r\nTE: trailers\r\nProxy-Authenticate: Basic\r\nVia: 1.1 internal\r\n\
                       Access-Control-Allow-Origin: *\r\nCache-Control: public, max-age=999\r\nX-Request-Id: theirs\r\n\
                       Content-Type: text/html\r\nContent-Language: en\r\nLink: <http://internal>\r\nAge: 5\r\n\
                       X-Content-Type-Options: none\r\nWWW-Authenticate: Basic\r\nETag: W/\"1\"\r\nRefresh: 0; http://evil\r\n\
                       Location: http://elsewhere.example/Users/7\r\n";
        Play::Answer(http("200 OK", headers, br#"{"id":"7"}"#))
    })
    .await;
    let (reply, _) = gate.reaches("chatty", &request("GET", "/Users/7", &gate.all, "", b""), 200).await;
    reply.assert_guarded("chatty");
    let mut names: Vec<&str> = reply.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let known = [
        "cache-control",
        "content-length",
        "content-type",
        "cross-origin-resource-policy",
        "date",
        "etag",
        "x-content-type-options",
        "x-request-id",
    ];
    assert_eq!(names, known);
    assert_eq!(reply.header("content-type"), Some("application/scim+json"));
    assert_eq!(reply.header("etag"), Some("W/\"1\""));
}

#[tokio::test]
async fn t_53_what_stands_behind_an_answer_is_never_taken_for_the_next() {
    let gate = Gate::before(|seen| {
        let id = seen.target.rsplit('/').next().unwrap();
        let mut bytes = http("200 OK", "", format!("{{\"id\":\"{id}\"}}").as_bytes());
        bytes.extend(http("200 OK", "", br#"{"id":"poison"}"#));
        Play::Answer(bytes)
    })
    .await;
    for id in 0..20 {
        let reply = gate.ask("GET", &format!("/Users/{id}"), "").await;
        assert_eq!((reply.status, reply.text()), (200, format!("{{\"id\":\"{id}\"}}")));
    }
}

#[tokio::test]
async fn t_55_heads_that_are_too_long() {
    let gate = Gate::open().await;
    for (length, status) in [(30_000, 200), (33_000, 431)] {
        let line = format!("X-Long: {}\r\n", "v".repeat(length));
        let reply = gate.one("a long header", &request("GET", "/Users/7", &gate.all, &line, b"")).await;
        assert_eq!(reply.status, status, "{length}");
        assert_eq!(gate.backend.take().len(), usize::from(status == 200));
    }
    let many = "X: y\r\n".repeat(101);
    let reply = gate.one("many headers", &request("GET", "/Users/7", &gate.all, &many, b"")).await;
    assert_eq!((reply.status, gate.backend.take().len()), (431, 0));
}
