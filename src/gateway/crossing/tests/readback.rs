//! Writes whose answers show nothing: what they have made is read, and no write is made twice.

use http::header::LOCATION;
use serde_json::{Value, json};

use super::*;

/// A backend that shows nothing of what it writes, answers reads with this status, and says where a new user is.
#[derive(Clone, Debug)]
struct Silent {
    reads: u16,
    location: Option<&'static str>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Upstream for Silent {
    async fn call(&self, request: Request<Bytes>, _retry: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        self.asked.lock().unwrap().push(format!("{} {}", request.method(), request.uri().path()));
        let user = Bytes::from(json!({"id": "7", "userName": "ada"}).to_string());
        Ok(match *request.method() {
            Method::GET => Response::builder().status(self.reads).body(UpstreamBody::whole(user)),
            Method::PUT => Response::builder().status(204).body(UpstreamBody::default()),
            _ => self
                .location
                .into_iter()
                .fold(Response::builder().status(201), |made, location| made.header(LOCATION, location))
                .body(UpstreamBody::default()),
        }
        .unwrap())
    }
}

async fn written(reads: u16, location: Option<&'static str>, method: Method, path: &str) -> (u16, Value, Vec<String>) {
    let silent = Silent { reads, location, asked: Arc::default() };
    let (gateway, secret) = gateway(silent.clone(), Can::default(), Brake::off());
    let (status, bytes) = answer(&gateway, &secret, method, path, r#"{"userName": "ada"}"#.to_owned()).await;
    let asked = silent.asked.lock().unwrap().clone();
    (status, serde_json::from_slice(&bytes).unwrap_or_default(), asked)
}

const WHERE: Option<&str> = Some("http://backend.example/Users/7");

#[tokio::test]
async fn what_a_write_has_made_is_read_where_its_answer_is_empty() {
    let (status, body, asked) = written(200, None, Method::PUT, "/Users/7").await;
    assert_eq!(
        (status, &body["userName"], asked),
        (200, &json!("ada"), vec!["PUT /Users/7".into(), "GET /Users/7".into()])
    );
    let (status, body, asked) = written(200, WHERE, Method::POST, "/Users").await;
    assert_eq!((status, &body["id"], asked), (201, &json!("7"), vec!["POST /Users".into(), "GET /Users/7".into()]));
}

#[tokio::test]
async fn it_is_written_whatever_becomes_of_reading_it() {
    for (method, path, status) in [(Method::PUT, "/Users/7", 204), (Method::POST, "/Users", 201)] {
        let (answered, body, asked) = written(500, WHERE, method, path).await;
        assert_eq!((answered, body, asked.len()), (status, Value::Null, 2), "{path}");
    }
    // Nobody knows what was made, so it can't be said.
    let (status, _, asked) = written(200, None, Method::POST, "/Users").await;
    assert_eq!((status, asked), (502, vec!["POST /Users".to_owned()]));
    let (status, ..) = written(200, Some("http://elsewhere.example/Users/7"), Method::POST, "/Users").await;
    assert_eq!(status, 502);
}
