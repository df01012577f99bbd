//! The program itself, at its most talkative: no secret in its token file, its log or its metrics (T-01, T-81), and a revoked
//! token is unknown at once on connections that are open (T-08).

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use super::backend::{Backend, Play};
use super::caller::{CAP, Reply, connect, replies, request, say};
use super::gate::{CREDENTIAL, scim, written};

/// A process that is killed when the test ends, however it ends.
struct Mortal(Child);

impl Drop for Mortal {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `scimgate serve`.
struct Program {
    process: Mortal,
    lines: UnboundedReceiver<String>,
    log: Vec<String>,
    address: SocketAddr,
    admin: SocketAddr,
}

fn scimgate(config: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimgate"));
    command.env("SCIMGATE_CONFIG", config).env("BACKEND_TOKEN", CREDENTIAL);
    command
}

fn token(config: &Path, words: &[&str]) -> String {
    let output = scimgate(config).arg("token").args(words).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

impl Program {
    async fn start(config: &Path) -> Self {
        let mut command = scimgate(config);
        let command = command.args(["serve", "--log", "trace"]).stdout(Stdio::piped());
        let mut process = Mortal(command.spawn().unwrap());
        let written = BufReader::new(process.0.stdout.take().unwrap()).lines();
        let (told, mut lines) = unbounded_channel();
        std::thread::spawn(move || written.map_while(Result::ok).try_for_each(|line| told.send(line)));
        let mut log = Vec::new();
        let address = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap().parse().unwrap();
        loop {
            let line = timeout(CAP, lines.recv()).await.expect("it does not start").expect("it has ended");
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            log.push(line);
            if read["msg"] == "serving" {
                return Self {
                    process,
                    lines,
                    log,
                    address: address(&read, "address"),
                    admin: address(&read, "admin"),
                };
            }
        }
    }

    /// Ends it, and returns all that it has logged.
    async fn log(mut self) -> Vec<String> {
        self.process.0.kill().unwrap();
        while let Some(line) = timeout(CAP, self.lines.recv()).await.unwrap() {
            self.log.push(line);
        }
        self.log
    }
}

/// One request on a connection that is kept.
async fn ask(stream: &mut TcpStream, bytes: &[u8]) -> Option<Reply> {
    stream.write_all(bytes).await.ok()?;
    let mut got = Vec::new();
    loop {
        if timeout(CAP, stream.read_buf(&mut got)).await.unwrap().ok()? == 0 {
            return None;
        }
        if got.windows(4).any(|window| window == b"\r\n\r\n") {
            let mut replies = replies(&got, false);
            if replies[0].whole {
                return Some(replies.remove(0));
            }
        }
    }
}

#[tokio::test]
async fn t_01_t_08_t_81_no_secret_is_written_down_and_none_outlives_its_revocation() {
    let backend = Backend::start(|seen| Play::Answer(scim(seen))).await;
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("gateway.yaml");
    let admin = "admin: { address: \"127.0.0.1:0\" }";
    std::fs::write(&config, written(backend.address(), admin, "", "")).unwrap();
    let shown = token(&config, &["create", "--preset", "entra", "--name", "probe"]);
    let secret = shown.split_whitespace().find(|word| word.len() > 40).unwrap_or_else(|| panic!("{shown}")).to_owned();
    let program = Program::start(&config).await;

    let canary = br#"{"userName":"canary-user","password":"canary-password","emails":[{"value":"canary-mail"}]}"#;
    let asked = [
        request("POST", "/Users", &secret, "Cookie: canary-cookie\r\n", canary),
        request(
            "GET",
            "/Users/7?filter=userName%20eq%20%22canary-filter%22",
            &secret,
            "User-Agent: canary-agent\r\n",
            b"",
        ),
        request("GET", &format!("/Users?access_token={secret}"), "canary-wrong-token", "", b""),
        request("GET", &format!("/Users/{secret}"), &secret, "", b""),
        request("POST", "/Users", &secret, "", &canary[..40]),
        request("GET", "/Groups/../canary-path", &secret, "X_Bad: canary-header\r\n", b""),
    ];
    let mut statuses = Vec::new();
    for bytes in &asked {
        statuses.extend(say(connect(program.address).await, bytes).await.iter().map(|reply| reply.status));
    }
    assert_eq!(statuses, [201, 200, 401, 200, 400, 400]);
    let scrape = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let metrics = say(TcpStream::connect(program.admin).await.unwrap(), scrape).await.remove(0);
    assert_eq!(metrics.status, 200);

    let mut stream = connect(program.address).await;
    let get = request("GET", "/Users/7", &secret, "", b"");
    assert_eq!(ask(&mut stream, &get).await.unwrap().status, 200);
    let list = token(&config, &["list"]);
    let id = list.lines().find(|line| line.contains("probe")).unwrap().split_whitespace().next().unwrap();
    token(&config, &["revoke", id]);
    let revoked = async { while ask(&mut stream, &get).await.unwrap().status == 200 {} };
    timeout(CAP, revoked).await.expect("a revoked token is served for ever");
    for _ in 0..10 {
        assert_eq!(ask(&mut stream, &get).await.unwrap().status, 401);
    }

    let log = program.log().await;
    for line in &log {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok_and(|line| line.is_object()), "{line}");
    }
    let store = std::fs::read_to_string(folder.path().join("tokens.json")).unwrap();
    let log = log.join("\n");
    assert!(log.contains("scimgate::access"), "the calls were logged");
    let random = &secret[secret.len() / 2..];
    for (place, text) in [("the token file", &store), ("the log", &log), ("the metrics", &metrics.text())] {
        for word in [secret.as_str(), random, CREDENTIAL, "canary"] {
            assert!(!text.contains(word), "{word} is in {place}:\n{}", around(text, word));
        }
    }
}

/// The line with a word.
fn around<'t>(text: &'t str, word: &str) -> &'t str {
    text.lines().find(|line| line.contains(word)).unwrap_or_default()
}
