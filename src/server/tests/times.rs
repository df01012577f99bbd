//! Limits of time and number. Nothing is measured: a limit is short, or so long that only a fault could reach it.

use super::*;

const SHORT: Duration = Duration::from_millis(80);

fn lenient() -> Limits {
    let never = Duration::from_secs(3600);
    Limits {
        first_byte: never,
        tls: never,
        head: never,
        body_idle: never,
        body_total: never,
        keep_alive: never,
        write: never,
        ..Limits::default()
    }
}

/// Sends the bytes, keeps the connection open, and expects the server to close it for this phase.
async fn closed(limits: Limits, bytes: &[u8], phase: &str) -> String {
    let running = start(limits).await;
    let mut stream = running.connect().await;
    stream.write_all(bytes).await.unwrap();
    let answers = rest(&mut stream).await;
    assert_eq!(running.count(&format!(r#"socket_timeouts_total{{phase="{phase}"}}"#)), 1, "{phase}: {answers}");
    answers
}

#[tokio::test]
async fn who_does_not_say_what_it_speaks_is_closed() {
    let limits = Limits { first_byte: SHORT, ..lenient() };
    for bytes in ["", "P", "PRI * HTTP/2.0\r\n"] {
        assert_eq!(closed(limits.clone(), bytes.as_bytes(), "first_byte").await, "");
    }
}

#[tokio::test]
async fn a_head_that_does_not_end_is_closed() {
    let limits = Limits { head: SHORT, ..lenient() };
    assert_eq!(closed(limits, b"GET / HTTP/1.1\r\nHost:", "head").await, "");
}

#[tokio::test]
async fn a_dripping_head_is_closed() {
    let running = start(Limits { head: SHORT, ..lenient() }).await;
    let (mut read, mut write) = running.connect().await.into_split();
    let drip = tokio::spawn(async move {
        write.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n").await.unwrap();
        while write.write_all(b"X: y\r\n").await.is_ok() {
            sleep(SHORT / 8).await;
        }
    });
    assert_eq!(rest(&mut read).await, "");
    drip.await.unwrap();
    assert_eq!(running.count(r#"socket_timeouts_total{phase="head"}"#), 1);
}

#[tokio::test]
async fn a_silent_body_gets_408_and_the_connection_closes() {
    let request = b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nab";
    let answers = closed(Limits { body_idle: SHORT, ..lenient() }, request, "body").await;
    assert_eq!(statuses(&answers), [408]);
    assert!(answers.contains("connection: close"), "{answers}");
}

#[tokio::test]
async fn a_dripping_body_gets_408_when_its_whole_time_is_over() {
    let running = start(Limits { body_total: SHORT, ..lenient() }).await;
    let (mut read, mut write) = running.connect().await.into_split();
    let drip = tokio::spawn(async move {
        write.write_all(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n").await.unwrap();
        while write.write_all(b"x").await.is_ok() {
            sleep(SHORT / 8).await;
        }
    });
    assert_eq!(statuses(&rest(&mut read).await), [408]);
    drip.await.unwrap();
}

#[tokio::test]
async fn an_idle_connection_is_closed_after_its_answer() {
    let limits = Limits { keep_alive: SHORT, ..lenient() };
    let answers = closed(limits, b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "idle").await;
    assert_eq!(statuses(&answers), [200]);
}

#[tokio::test]
async fn an_http2_client_that_only_greets_is_closed() {
    let limits = Limits { keep_alive: SHORT, ..lenient() };
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    closed(limits, preface, "idle").await;
}

#[tokio::test]
async fn who_does_not_take_its_answer_is_closed() {
    let big = |_| async { Response::new(Full::new(Bytes::from(vec![b'x'; 32 * 1024 * 1024]))) };
    let running = serve(Limits { write: SHORT, ..lenient() }, None, big, Arc::default()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    let given_up = async {
        while running.count(r#"socket_timeouts_total{phase="write"}"#) == 0 {
            tokio::task::yield_now().await;
        }
    };
    timeout(CAP, given_up).await.unwrap();
    assert!(rest(&mut stream).await.len() < 32 * 1024 * 1024);
}

#[tokio::test]
async fn beyond_the_cap_connections_are_closed_at_once_and_counted() {
    let running = start(Limits { connections: 1, ..lenient() }).await;
    let mut first = running.connect().await;
    first.write_all(b"GET /1 HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    let mut some = [0; 12];
    first.read_exact(&mut some).await.unwrap();
    let mut second = running.connect().await;
    assert_eq!(rest(&mut second).await, "");
    assert_eq!(running.count("sockets_refused_total"), 1);
    first.shutdown().await.unwrap();
    rest(&mut first).await;
    let later = async {
        while running.say(b"GET /2 HTTP/1.1\r\nHost: h\r\n\r\n").await.is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(CAP, later).await.unwrap();
}

#[tokio::test]
async fn beyond_the_cap_requests_are_asked_to_come_again() {
    let Gated { running, gate, came, .. } = gated(Limits { requests: 1, ..lenient() }).await;
    let mut first = running.connect().await;
    first.write_all(b"GET /1 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").await.unwrap();
    one(&came).await;
    let second = running.say(b"GET /2 HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(statuses(&second), [503]);
    assert!(second.contains("retry-after: 1\r\n"), "{second}");
    assert_eq!(running.count(r#"rate_limited_total{limit="gateway"}"#), 1);
    gate.add_permits(2);
    assert_eq!(statuses(&rest(&mut first).await), [200]);
    assert_eq!(statuses(&running.say(b"GET /3 HTTP/1.1\r\nHost: h\r\n\r\n").await), [200]);
}
