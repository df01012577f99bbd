//! How often a backend is asked (section 5, T-96, T-97): a read at most twice, a write at most once, whatever happens on the
//! way.

use super::backend::{Backend, Play};
use super::gate::{Gate, http, scim};

const WRITES: &[(&str, &str, &str)] = &[
    ("POST", "/Users", "{\"userName\":\"ada\"}"),
    ("PUT", "/Users/7", "{}"),
    ("PATCH", "/Users/7", PATCH),
    ("DELETE", "/Users/7", ""),
];

const PATCH: &str = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}"#;

const READS: &[(&str, &str, &str)] =
    &[("GET", "/Users/7", ""), ("GET", "/Users", ""), ("POST", "/Users/.search", "{}")];

/// On how many connections any byte has come.
fn arrivals(backend: &Backend) -> usize {
    backend.wires().len()
}

/// How many writes are counted whose outcome nobody knows.
fn unknown(gate: &Gate) -> usize {
    let text = gate.metrics.encode();
    let lines = text.lines().filter(|line| line.starts_with("scimgate_upstream_unknown_outcomes_total{"));
    lines.map(|line| line.rsplit(' ').next().unwrap().parse::<usize>().unwrap()).sum()
}

#[tokio::test]
async fn t_97_a_write_that_is_cut_at_any_byte_arrives_once() {
    for (method, path, body) in WRITES {
        let gate = Gate::open().await;
        gate.ask(method, path, body).await;
        let length = gate.backend.bytes();
        let head = gate.backend.wires()[0].windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        for after in [1, 4, 5, 20, head / 2, head - 1, head, head + 1, length - 1, length] {
            let gate = Gate::open().await;
            gate.backend.cut(after.min(length));
            let reply = gate.ask(method, path, body).await;
            reply.assert_refused(&format!("{method} cut after {after} of {length}"), 502);
            assert_eq!(arrivals(&gate.backend), 1, "{method} cut after {after} of {length}");
            assert!(gate.backend.take().is_empty());
        }
    }
}

#[tokio::test]
async fn t_97_a_write_without_an_answer_arrives_once() {
    let half = "HTTP/1.1 201 Created\r\nContent-Type: application/scim+json\r\nContent-Length: 20\r\n\r\n{\"id\":\"7\"";
    let head = half.find("\r\n\r\n").unwrap() + 4;
    for cut in (0..half.len()).step_by(7).chain([half.len()]) {
        for reset in [false, true] {
            let bytes = half.as_bytes()[..cut].to_vec();
            let gate =
                Gate::before(move |_| if reset { Play::Reset(bytes.clone()) } else { Play::Last(bytes.clone()) }).await;
            for (method, path, body) in WRITES {
                let reply = gate.ask(method, path, body).await;
                if *method == "DELETE" && cut >= head {
                    assert_eq!(reply.status, 204, "it is deleted, whatever else was to be said");
                } else {
                    reply.assert_refused(&format!("{method} answered {cut} bytes, reset: {reset}"), 502);
                }
                let lines: Vec<String> = gate.backend.take().iter().map(super::backend::Seen::line).collect();
                assert_eq!(lines, [format!("{method} {path}")]);
            }
            // Once the head has come the outcome is known here, though not to the client.
            assert_eq!(unknown(&gate), if cut < head { WRITES.len() } else { 0 }, "C3: {cut}");
        }
    }
}

#[tokio::test]
async fn t_97_c1_a_read_without_an_answer_is_made_once_more() {
    for reset in [false, true] {
        for (method, path, body) in READS {
            let gate =
                Gate::before(move |_| if reset { Play::Reset(Vec::new()) } else { Play::Last(Vec::new()) }).await;
            gate.ask(method, path, body).await.assert_refused(path, 502);
            assert_eq!(gate.backend.take().len(), 2, "T-96: {method} {path}");
        }
    }
    for (method, path, body) in READS {
        let gate = Gate::open().await;
        gate.backend.cut(30);
        assert_eq!(gate.ask(method, path, body).await.status, 200, "{method} {path}");
        assert_eq!((gate.backend.take().len(), arrivals(&gate.backend)), (1, 2));
    }
}

#[tokio::test]
async fn t_97_c1_no_read_is_made_again_once_its_answer_has_begun() {
    let gate =
        Gate::before(|_| Play::Last(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{\"id\":\"7\"".to_vec())).await;
    for (method, path, body) in READS {
        gate.ask(method, path, body).await.assert_refused(path, 502);
        assert_eq!(gate.backend.take().len(), 1, "{method} {path}");
    }
}

#[tokio::test]
async fn t_96_an_error_is_an_answer_and_is_not_asked_for_again() {
    for (status, code, wait) in
        [("429 Too Many Requests", 429, "7"), ("503 Service Unavailable", 503, "120"), ("500 Error", 500, "1")]
    {
        let headers = format!("Retry-After: {wait}\r\n");
        let gate = Gate::before(move |_| Play::Answer(http(status, &headers, b"{}"))).await;
        for (method, path, body) in READS.iter().chain(WRITES) {
            let reply = gate.ask(method, path, body).await;
            assert_eq!((reply.status, reply.header("retry-after")), (code, Some(wait)), "{method} {path}");
            assert_eq!(gate.backend.take().len(), 1, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn t_97_a_kept_connection_that_dies_on_its_second_use() {
    for (method, path, body) in READS.iter().chain(WRITES) {
        let is_read = READS.iter().any(|read| read.1 == *path && read.0 == *method);
        let gate = Gate::before(|seen| match seen.target.as_str() {
            "/scim/v2/Users/first" => Play::Answer(scim(seen)),
            _ => Play::Last(Vec::new()),
        })
        .await;
        assert_eq!(gate.ask("GET", "/Users/first", "").await.status, 200);
        gate.ask(method, path, body).await.assert_refused(path, 502);
        assert_eq!(gate.backend.take().len(), if is_read { 3 } else { 2 }, "{method} {path}");
    }
}

#[tokio::test]
async fn c2_a_write_that_could_not_leave_is_a_503_that_says_when_to_come_back() {
    let gate = Gate::open().await;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let path = gate.folder.path().join("gateway.yaml");
    let text =
        std::fs::read_to_string(&path).unwrap().replace(&gate.backend.address().to_string(), &closed.to_string());
    std::fs::write(&path, text).unwrap();
    let gate = gate.again().await;
    for (method, path, body) in READS.iter().chain(WRITES) {
        let reply = gate.ask(method, path, body).await;
        reply.assert_refused(path, 503);
        assert!(reply.header("retry-after").is_some());
        assert!(!reply.everything().contains(&closed.to_string()) && !reply.everything().contains("os error"), "T-86");
    }
    assert_eq!(unknown(&gate), 0);
}
