//! Users before a backend that shows their groups on the groups alone.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response};
use serde_json::{Value, json};

use crate::access::Brake;
use crate::rules::Can;
use crate::rules::can::{Able, Reading};
use crate::scim::{AttrPath, Param, Query};

use super::super::super::upstream::{Retry, Upstream, UpstreamBody, UpstreamFault};
use super::{answer, gateway};

/// A hundred and fifty groups of the user 7, and what was asked.
#[derive(Clone, Debug, Default)]
struct Office(Arc<Mutex<Vec<String>>>, Option<u16>);

const GROUPS: usize = 150;

impl Upstream for Office {
    async fn call(&self, request: Request<Bytes>, _: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        self.0.lock().unwrap().push(request.uri().path().to_owned());
        let query = Query::parse(request.uri().query().unwrap_or_default()).unwrap();
        let (status, body) = match (request.uri().path(), self.1) {
            ("/Groups", Some(status)) => (status, json!({})),
            ("/Groups", None) => (200, groups(&query)),
            _ => (200, json!({ "id": "7", "userName": "ada", "title": "T" })),
        };
        Ok(Response::builder().status(status).body(UpstreamBody::whole(Bytes::from(body.to_string()))).unwrap())
    }
}

fn groups(query: &Query) -> Value {
    assert_eq!(query.value(Param::Filter), Some("members.value eq \"7\""));
    let start: usize = query.value(Param::StartIndex).unwrap().parse().unwrap();
    let some = (start..=GROUPS).take(100);
    let some: Vec<Value> = some.map(|id| json!({ "id": format!("g{id}"), "displayName": format!("G {id}") })).collect();
    json!({ "totalResults": GROUPS, "startIndex": start, "itemsPerPage": some.len(), "Resources": some })
}

async fn read(office: &Office, query: &str, method: Method) -> (u16, Value) {
    let mut can = Can::default();
    let hides = vec![AttrPath::parse("groups").unwrap()];
    can.users.read = Able::Yes(Reading { hides, ..Reading::default() });
    let (gateway, secret) = gateway(office.clone(), can, Brake::off());
    let (status, body) = answer(&gateway, &secret, method, &format!("/Users/7{query}"), String::new()).await;
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

#[tokio::test]
async fn a_user_shows_the_groups_that_hold_them() {
    let office = Office::default();
    let (status, user) = read(&office, "", Method::GET).await;
    let groups = user["groups"].as_array().unwrap();
    assert_eq!((status, &user["title"], groups.len()), (200, &json!("T"), GROUPS));
    assert_eq!(groups[149], json!({ "value": "g150", "display": "G 150" }));
    assert_eq!(*office.0.lock().unwrap(), ["/Users/7", "/Groups", "/Groups"]);
}

#[tokio::test]
async fn who_doesn_t_want_them_costs_one_call() {
    for query in ["?attributes=userName", "?excludedAttributes=groups"] {
        let office = Office::default();
        assert_eq!(read(&office, query, Method::GET).await.0, 200);
        assert_eq!(*office.0.lock().unwrap(), ["/Users/7"], "{query}");
    }
    let (_, user) = read(&Office::default(), "?attributes=groups.value", Method::GET).await;
    assert_eq!(user["groups"][0], json!({ "value": "g1" }));
    assert_eq!(user.get("title"), None);
}

#[tokio::test]
async fn groups_that_can_t_be_read_are_not_called_none() {
    let office = Office(Arc::default(), Some(403));
    assert_eq!(read(&office, "", Method::GET).await.0, 403);
}
