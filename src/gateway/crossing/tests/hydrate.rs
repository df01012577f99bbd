//! Lists before a backend that leaves names and e-mails out of them.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use crate::access::Brake;
use crate::rules::Can;
use crate::rules::can::{Able, Reading};
use crate::scim::AttrPath;

use super::super::super::upstream::{Retry, Upstream, UpstreamBody, UpstreamFault};
use super::{answer, gateway};

#[derive(Debug, Default)]
struct State {
    calls: Vec<String>,
    in_flight: usize,
    most: usize,
    /// What is answered for one user in place of them.
    fails: Option<(usize, u16)>,
}

/// Twenty users, of whom a list says the user name alone.
#[derive(Clone, Debug, Default)]
struct Staff(Arc<Mutex<State>>);

const ALL: usize = 20;

impl Upstream for Staff {
    async fn call(&self, request: Request<Bytes>, _: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let path = request.uri().path().to_owned();
        let turns = {
            let mut state = self.0.lock().unwrap();
            state.in_flight += 1;
            state.most = state.most.max(state.in_flight);
            state.calls.push(path.clone());
            // Later ones answer sooner.
            ALL.saturating_sub(state.calls.len() % 8)
        };
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        let mut state = self.0.lock().unwrap();
        state.in_flight -= 1;
        let (status, body) = match path.strip_prefix("/Users/").map(|id| id.parse::<usize>().unwrap()) {
            None => (200, list()),
            Some(id) => match state.fails.filter(|(failing, _)| *failing == id) {
                Some((_, status)) => (status, json!({ "detail": "no" })),
                None => (200, user(id)),
            },
        };
        Ok(Response::builder().status(status).body(UpstreamBody::whole(Bytes::from(body.to_string()))).unwrap())
    }
}

fn user(id: usize) -> Value {
    json!({ "id": id.to_string(), "userName": format!("u{id}"), "name": { "givenName": "A", "familyName": format!("F{id}") } })
}

fn list() -> Value {
    let users: Vec<Value> = (0..ALL).map(|id| json!({ "id": id.to_string(), "userName": format!("u{id}") })).collect();
    json!({ "totalResults": ALL, "startIndex": 1, "itemsPerPage": ALL, "Resources": users })
}

async fn listed(staff: &Staff, query: &str) -> (u16, Value) {
    let list_hides = ["name", "emails"].map(|name| AttrPath::parse(name).unwrap()).to_vec();
    let mut can = Can::default();
    can.users.read = Able::Yes(Reading { list_hides, ..Reading::default() });
    let (gateway, secret) = gateway(staff.clone(), can, Brake::off());
    let (status, body) = answer(&gateway, &secret, Method::GET, &format!("/Users{query}"), String::new()).await;
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn each_that_is_listed_is_read_and_the_order_stays() {
    let staff = Staff::default();
    let (status, list) = listed(&staff, "").await;
    let all: Vec<Value> = (0..ALL).map(user).collect();
    assert_eq!((status, &list["Resources"], &list["totalResults"]), (200, &json!(all), &json!(ALL)));
    let state = staff.0.lock().unwrap();
    assert_eq!(state.calls.len(), 1 + ALL);
    assert!((2..=8).contains(&state.most), "{} at once", state.most);
}

#[tokio::test]
async fn who_wants_nothing_of_it_costs_one_call() {
    for query in ["?attributes=userName", "?excludedAttributes=name,emails"] {
        let staff = Staff::default();
        assert_eq!(listed(&staff, query).await.0, 200);
        assert_eq!(staff.0.lock().unwrap().calls, ["/Users"], "{query}");
    }
    let staff = Staff::default();
    let (_, list) = listed(&staff, "?attributes=name.familyName").await;
    assert_eq!(list["Resources"][3], json!({ "id": "3", "name": { "familyName": "F3" } }));
}

#[tokio::test]
async fn who_is_gone_stays_as_they_were_listed_and_any_other_no_is_the_answer() {
    let staff = Staff::default();
    staff.0.lock().unwrap().fails = Some((4, 404));
    let (status, list) = listed(&staff, "").await;
    assert_eq!((status, &list["Resources"][4]), (200, &json!({ "id": "4", "userName": "u4" })));
    assert_eq!(list["Resources"][5], user(5));
    let staff = Staff::default();
    staff.0.lock().unwrap().fails = Some((4, 403));
    assert_eq!(listed(&staff, "").await.0, 403);
}
