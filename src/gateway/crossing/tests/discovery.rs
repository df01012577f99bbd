//! What is said of a backend that says nothing of itself, or says less than is made up for.

use serde_json::{Value, json};

use super::*;
use crate::rules::can::{Filtering, Verbs};

/// A backend that answers with one document, or must not be asked.
#[derive(Clone, Debug)]
struct Says(Option<Value>);

impl Upstream for Says {
    async fn call(&self, request: Request<Bytes>, _retry: Retry) -> Result<Response<UpstreamBody>, UpstreamFault> {
        let document = self.0.as_ref().unwrap_or_else(|| panic!("it is asked {}", request.uri()));
        Ok(Response::new(UpstreamBody::whole(Bytes::from(document.to_string()))))
    }
}

async fn told(says: Option<Value>, can: Can, path: &str) -> (u16, Value) {
    let (gateway, secret) = gateway(Says(says), can, Brake::off());
    let (status, bytes) = answer(&gateway, &secret, Method::GET, path, String::new()).await;
    (status, serde_json::from_slice(&bytes).unwrap())
}

fn silent() -> Can {
    Can { discovery: Able::No, sort: Able::No, ..Can::default() }
}

#[tokio::test]
async fn a_backend_that_says_nothing_of_itself_is_described() {
    let (status, config) = told(None, silent(), "/ServiceProviderConfig").await;
    assert_eq!(status, 200);
    let supported = |name: &str| config[name]["supported"].as_bool().unwrap();
    assert_eq!(["patch", "filter", "sort", "etag", "bulk"].map(supported), [true, true, false, true, false]);
    let (_, schemas) = told(None, silent(), "/Schemas").await;
    let ids: Vec<_> = schemas["Resources"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), &schemas["totalResults"]), (3, &json!(3)));
    for id in ids {
        let (status, schema) = told(None, silent(), &format!("/Schemas/{id}")).await;
        assert_eq!((status, schema["id"].as_str()), (200, Some(id)));
        assert!(!schema["attributes"].as_array().unwrap().is_empty());
    }
    let (_, user) = told(None, silent(), "/ResourceTypes/User").await;
    assert_eq!(user["endpoint"], "/Users");
    for missing in ["/Schemas/urn:x", "/ResourceTypes/Device"] {
        assert_eq!(told(None, silent(), missing).await.0, 404, "{missing}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_described() {
    let none = Verbs { create: Able::No, read: Able::No, replace: Able::No, patch: Able::No, ..Verbs::default() };
    let can = Can { groups: none, ..silent() };
    let (_, types) = told(None, can.clone(), "/ResourceTypes").await;
    assert_eq!((&types["totalResults"], &types["Resources"][0]["id"]), (&json!(1), &json!("User")));
    assert_eq!(told(None, can, "/ResourceTypes/Group").await.0, 404);
}

#[tokio::test]
async fn where_there_are_no_groups_a_backend_that_speaks_of_them_is_not_believed() {
    let none = Verbs { create: Able::No, read: Able::No, replace: Able::No, patch: Able::No, ..Verbs::default() };
    let can = Can { groups: none, ..Can::default() };
    let user = json!({"id": "User", "name": "User", "endpoint": "/Users", "schema": "urn:ietf:params:scim:schemas:core:2.0:User"});
    let group =
        json!({"name": "Group", "endpoint": "/Groups", "schema": "urn:ietf:params:scim:schemas:core:2.0:Group"});
    let both = json!({"totalResults": 2, "Resources": [user, group]});
    let (_, types) = told(Some(both.clone()), can.clone(), "/ResourceTypes").await;
    assert_eq!(types, json!({"totalResults": 1, "Resources": [user]}));
    assert_eq!(told(Some(both.clone()), Can::default(), "/ResourceTypes").await.1, both);
    assert_eq!(told(Some(group.clone()), can.clone(), "/ResourceTypes/Group").await.0, 404);
    assert_eq!(told(Some(user.clone()), can.clone(), "/ResourceTypes/User").await, (200, user));
    let schema = json!({"id": "urn:ietf:params:scim:schemas:core:2.0:Group", "attributes": []});
    let (_, schemas) = told(Some(json!([schema])), can.clone(), "/Schemas").await;
    assert_eq!(schemas, json!([]));
    let path = "/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group";
    assert_eq!(told(Some(schema), can, path).await.0, 404);
}

#[tokio::test]
async fn what_is_made_up_for_is_told() {
    let says = json!({"patch": {"supported": false}, "filter": {"supported": false}, "sort": {"supported": false}});
    let mut can = Can::default();
    (can.users.patch, can.groups.patch) = (Able::No, Able::No);
    can.filter = Able::No;
    let (_, config) = told(Some(says.clone()), can, "/ServiceProviderConfig").await;
    assert_eq!(
        config,
        json!({"patch": {"supported": true}, "filter": {"supported": true}, "sort": {"supported": false}})
    );
    let (_, config) = told(Some(says.clone()), Can::default(), "/ServiceProviderConfig").await;
    assert_eq!(config, says);
    let few = Filtering { logic: Vec::new(), ..Filtering::default() };
    let can = Can { filter: Able::Yes(few), ..Can::default() };
    let (_, config) = told(Some(says), can, "/ServiceProviderConfig").await;
    assert_eq!(config["filter"]["supported"], true);
}
