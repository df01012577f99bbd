//! HTTP/2, by hyper's own client.

use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};

use super::*;

async fn client(running: &Running) -> (SendRequest<Full<Bytes>>, JoinHandle<hyper::Result<()>>) {
    let io = TokioIo::new(running.connect().await);
    let (send, connection) = handshake(TokioExecutor::new(), io).await.unwrap();
    (send, tokio::spawn(connection))
}

async fn ask(
    send: &mut SendRequest<Full<Bytes>>,
    request: http::request::Builder,
    body: &'static str,
) -> (u16, String) {
    let response = send.send_request(request.body(Full::from(body)).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    (status, String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

#[tokio::test]
async fn both_protocols_are_spoken_on_one_port() {
    let running = start(Limits::default()).await;
    let (mut send, _) = client(&running).await;
    assert_eq!(ask(&mut send, Request::post("http://h/a"), "x").await, (200, "POST /a x content-length".to_owned()));
    assert_eq!(statuses(&running.say(b"GET /b HTTP/1.1\r\nHost: h\r\n\r\n").await), [200]);
}

#[tokio::test]
async fn heads_are_checked_as_over_http1() {
    let running = start(Limits::default()).await;
    let (mut send, _) = client(&running).await;
    assert_eq!(ask(&mut send, Request::get("http://h/").header("host", "evil"), "").await.0, 400);
    assert_eq!(ask(&mut send, Request::get("http://h/").header("x_y", "z"), "").await.0, 400);
    assert_eq!(ask(&mut send, Request::options("http://h/"), "").await.0, 405);
    assert_eq!(ask(&mut send, Request::get("http://h/fine"), "").await.0, 200);
}

#[tokio::test]
async fn head_has_no_body_and_a_panic_ends_one_stream() {
    let running = start(Limits::default()).await;
    let (mut send, _) = client(&running).await;
    assert_eq!(ask(&mut send, Request::head("http://h/a"), "").await, (200, String::new()));
    assert_eq!(ask(&mut send, Request::get("http://h/panic"), "").await.0, 500);
    assert_eq!(ask(&mut send, Request::get("http://h/after"), "").await.0, 200);
}

#[tokio::test]
async fn a_stopping_server_says_goodbye_and_finishes_what_is_in_flight() {
    let Gated { running, gate, came, .. } = gated(Limits::default()).await;
    let (mut send, connection) = client(&running).await;
    let late = tokio::spawn(async move { ask(&mut send, Request::get("http://h/late"), "").await });
    one(&came).await;
    running.life.enter(Stage::Stopping);
    gate.add_permits(1);
    assert_eq!(late.await.unwrap().0, 200);
    assert!(timeout(CAP, running.ended).await.unwrap().unwrap());
    let _ = timeout(CAP, connection).await.expect("the connection was not ended");
}

#[tokio::test]
async fn a_write_is_finished_though_its_caller_has_hung_up_and_a_read_is_not() {
    let Gated { running, gate, came, left } = gated(Limits::default()).await;
    for method in ["DELETE", "GET"] {
        let (mut send, connection) = client(&running).await;
        let request = Request::builder().method(method).uri("http://h/a").body(Full::default()).unwrap();
        let answer = tokio::spawn(send.send_request(request));
        one(&came).await;
        answer.abort();
        connection.abort();
    }
    one(&left).await;
    gate.add_permits(2);
    one(&left).await;
    running.life.enter(Stage::Stopping);
    assert!(running.ended.await.unwrap());
    assert_eq!(running.seen.lock().unwrap().clone(), ["DELETE /a  "]);
}
