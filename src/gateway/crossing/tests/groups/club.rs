//! A backend with one large group, among others that have no members.

use super::*;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Failure {
    /// It is refused, and nothing is done.
    Refused,
    /// It is done, and an error all the same.
    DoneAndRefused,
    /// It is done, and the answer gets lost.
    Lost,
    /// It never arrives.
    Unsent,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub members: BTreeSet<String>,
    pub calls: usize,
    pub in_flight: usize,
    pub longest: usize,
    pub fails: Option<(usize, Failure)>,
    /// The most changes that it takes at once, where that isn't a hundred.
    pub most: Option<usize>,
    /// How long an answer takes, by a clock that the test moves.
    pub takes: Duration,
}

/// The backend: one group with members, among others that have none.
#[derive(Clone, Debug, Default)]
pub(super) struct Club(pub Arc<Mutex<State>>);

/// Groups at the backend.
const GROUPS: usize = 120;

impl Upstream for Club {
    async fn call(&self, request: Request<Bytes>, _: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        {
            let mut state = self.0.lock().unwrap();
            state.in_flight += 1;
            assert_eq!(state.in_flight, 1, "one call at a time");
            state.longest = state.longest.max(request.body().len());
        }
        tokio::task::yield_now().await;
        let takes = self.0.lock().unwrap().takes;
        if !takes.is_zero() {
            tokio::time::sleep(takes).await;
        }
        let mut state = self.0.lock().unwrap();
        state.in_flight -= 1;
        let failure = state.fails.filter(|(at, _)| *at == state.calls).map(|(_, failure)| failure);
        state.calls += 1;
        let (status, body) = match failure {
            Some(Failure::Unsent) => return Err(UpstreamFault::Refused),
            Some(Failure::Refused) => (503, Value::Null),
            _ => state.does(&request),
        };
        match failure {
            Some(Failure::Lost) => Err(UpstreamFault::Reset),
            Some(Failure::DoneAndRefused) => Ok(of(500, &Value::Null)),
            _ => Ok(of(status, &body)),
        }
    }
}

fn of(status: u16, body: &Value) -> Response<UpstreamBody> {
    let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    Response::builder().status(status).body(UpstreamBody::whole(body)).unwrap()
}

impl State {
    fn does(&mut self, request: &Request<Bytes>) -> (u16, Value) {
        match (request.method(), request.uri().path()) {
            (&Method::GET, "/Groups") => (200, page(request.uri().query().unwrap_or_default())),
            (&Method::GET, _) => {
                let members: Vec<_> = self.members.iter().map(|id| json!({ "value": id })).collect();
                (200, json!({ "id": "7", "displayName": "Tour 7", "members": members }))
            }
            (&Method::PATCH, _) => (self.patch(&serde_json::from_slice(request.body()).unwrap()), Value::Null),
            (&Method::POST, "/Groups") => {
                let group: Value = serde_json::from_slice(request.body()).unwrap();
                let members = group["members"].as_array().unwrap().iter();
                self.members = members.map(|one| one["value"].as_str().unwrap().to_owned()).collect();
                (201, json!({ "id": "7", "displayName": "Tour 7", "members": group["members"] }))
            }
            _ => (405, Value::Null),
        }
    }

    fn patch(&mut self, message: &Value) -> u16 {
        let (mut gone, mut come) = (BTreeSet::new(), Vec::new());
        for op in message["Operations"].as_array().unwrap() {
            let id = op["path"].as_str().and_then(|path| path.strip_prefix("members[value eq \"")?.strip_suffix("\"]"));
            match (op["op"].as_str().unwrap(), op["path"].as_str(), id) {
                ("add", Some("members"), _) => {
                    let values = op["value"].as_array().unwrap().iter();
                    come.extend(values.map(|one| one["value"].as_str().unwrap().to_owned()));
                }
                ("remove", _, Some(id)) => gone.extend([id.to_owned()]),
                _ => return 400,
            }
        }
        if gone.len() + come.len() > self.most.unwrap_or(100) {
            return 400;
        }
        self.members.retain(|id| !gone.contains(id));
        self.members.extend(come);
        204
    }
}

/// Fifty groups at most.
fn page(query: &str) -> Value {
    let number = |name: &str| {
        let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        value.map(|value| value.parse::<usize>().unwrap())
    };
    let start = number("startIndex").unwrap_or(1);
    let count = number("count").unwrap_or(50).min(50);
    let ids = (start..=GROUPS).take(count);
    let groups: Vec<_> = ids.map(|id| json!({ "id": id.to_string(), "displayName": format!("Tour {id}") })).collect();
    json!({ "totalResults": GROUPS, "startIndex": start, "itemsPerPage": groups.len(), "Resources": groups })
}
