//! Faults of the service, and the way out.

use super::*;

#[tokio::test]
async fn a_panic_ends_one_request_and_nothing_else() {
    let running = start(Limits::default()).await;
    let answers = running.say(b"GET /panic HTTP/1.1\r\nHost: h\r\n\r\nGET /after HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert_eq!(statuses(&answers), [500, 200], "{answers}");
    assert!(!answers.contains("asked to"), "{answers}");
    assert_eq!(running.count("panics_total"), 1);
}

#[tokio::test]
async fn a_panic_while_a_body_streams_cuts_that_answer() {
    let streams = |_| async { Response::new(Panics) };
    let running = serve(Limits::default(), None, streams, Arc::default()).await;
    let answer = running.say(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await;
    assert!(!answer.ends_with("0\r\n\r\n"), "the answer looks complete: {answer}");
    assert_eq!(running.count("panics_total"), 1);
}

struct Panics;

impl Body for Panics {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, BoxError>>> {
        panic!("midway")
    }
}

#[tokio::test]
async fn what_is_in_flight_is_finished_and_new_connections_are_refused() {
    let Gated { running, gate, came, .. } = gated(Limits::default()).await;
    let mut silent = running.connect().await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET /late HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    one(&came).await;
    running.life.enter(Stage::Stopping);
    assert_eq!(rest(&mut silent).await, "");
    let refused = async { while TcpStream::connect(running.address).await.is_ok() {} };
    timeout(CAP, refused).await.unwrap();
    gate.add_permits(1);
    let answer = rest(&mut stream).await;
    assert_eq!(statuses(&answer), [200]);
    assert!(answer.contains("connection: close"), "{answer}");
    assert!(running.ended.await.unwrap());
}

#[tokio::test]
async fn leaving_still_serves() {
    let running = start(Limits::default()).await;
    running.life.enter(Stage::Leaving);
    assert_eq!(statuses(&running.say(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await), [200]);
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_up_the_end() {
    let running = start(Limits::default()).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    let mut some = [0; 12];
    stream.read_exact(&mut some).await.unwrap();
    running.life.enter(Stage::Stopping);
    rest(&mut stream).await;
    assert!(timeout(CAP, running.ended).await.unwrap().unwrap());
}

#[tokio::test]
async fn the_end_does_not_wait_for_ever() {
    let Gated { running, came, .. } = gated(Limits { drain: Duration::from_millis(50), ..Limits::default() }).await;
    let mut stream = running.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    one(&came).await;
    running.life.enter(Stage::Stopping);
    assert!(!running.ended.await.unwrap());
}

#[tokio::test]
async fn a_port_in_use_is_named_with_what_to_do() {
    let first = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
    let said = Listener::bind(first.address()).await.unwrap_err().to_string();
    assert!(said.contains(&first.address().to_string()) && said.contains("choose another port"), "{said}");
    let said = Listener::bind("192.0.2.1:8080".parse().unwrap()).await.unwrap_err().to_string();
    assert!(said.contains("no address of this machine"), "{said}");
}

#[tokio::test]
async fn an_admin_listener_is_a_server_like_any_other() {
    struct Fixed;
    impl Insight for Fixed {
        fn metrics(&self) -> String {
            "up 1\n".to_owned()
        }
        fn generation(&self) -> String {
            "c0ffee".to_owned()
        }
        fn unready(&self) -> Option<String> {
            None
        }
    }
    let life = Life::default();
    let admin = Admin::new(Arc::new(Fixed), life.stages(), "127.0.0.1:9090".parse().unwrap());
    let running = serve(Limits::default(), None, admin, Arc::default()).await;
    let answer = running.say(b"GET /metrics HTTP/1.1\r\nHost: localhost:9090\r\n\r\n").await;
    assert!(answer.contains("text/plain; version=0.0.4") && answer.ends_with("up 1\n"), "{answer}");
    assert_eq!(statuses(&running.say(b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n").await), [421]);
}
