//! Nobody gets another's answer (T-36).

use super::backend::Play;
use super::caller::{connect, replies, request};
use super::gate::{Gate, http};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

const CLIENTS: usize = 64;
const CALLS: usize = 25;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t_36_each_of_64_clients_gets_its_own_answers() {
    let gate = Gate::before(|seen| {
        let marker = match seen.method.as_str() {
            "POST" => seen.text(),
            _ => format!("{{\"id\":\"{}\"}}", seen.target.rsplit('/').next().unwrap()),
        };
        Play::Answer(http("200 OK", "", marker.as_bytes()))
    })
    .await;
    let mut clients = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let (address, token) = (gate.address, gate.all.clone());
        clients.spawn(async move {
            let mut stream = connect(address).await;
            for call in 0..CALLS {
                let marker = format!("{client}-{call}-{}", "m".repeat(client * 3));
                let body = format!("{{\"userName\":\"{marker}\"}}");
                let (bytes, expected) = match call % 2 {
                    0 => (request("POST", "/Users", &token, "", body.as_bytes()), body),
                    _ => (
                        request("GET", &format!("/Users/{marker}"), &token, "", b""),
                        format!("{{\"id\":\"{marker}\"}}"),
                    ),
                };
                stream.write_all(&bytes).await.unwrap();
                let mut got = Vec::new();
                while !ends_with(&got, &expected) {
                    assert_ne!(stream.read_buf(&mut got).await.unwrap(), 0, "{}", String::from_utf8_lossy(&got));
                }
                let replies = replies(&got, false);
                assert_eq!((replies.len(), replies[0].status, replies[0].text()), (1, 200, expected));
                replies[0].assert_guarded("marker");
            }
        });
    }
    tokio::time::timeout(super::caller::CAP, clients.join_all()).await.expect("an answer never came");
    assert_eq!(gate.backend.take().len(), CLIENTS * CALLS);
}

/// A whole answer has come; if it is another's it never ends so, and the next assertion says what it was.
fn ends_with(got: &[u8], expected: &str) -> bool {
    let Some(end) = got.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    got.len() - end - 4 >= expected.len()
}
