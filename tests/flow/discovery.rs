//! What the service says of itself, kept in step with what rules make of its resources.

use bytes::Bytes;
use scimgate::gateway::rehearse::{self, Answered, Asked, Played, Stage};
use serde_json::{Value, json};

use super::pack;

const HERE: &str = "https://gateway.example/scim/v2/connections/rehearsal";
const THERE: &str = "http://backend.example/scim/v2";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

async fn play(outer: &[&str], inner: &[&str], path: &str, answer: &[u8]) -> Played {
    let (outer, inner) = (pack("client", outer).unwrap(), pack("backend", inner).unwrap());
    let stage = Stage::between(vec![&outer], &inner);
    let asked = Asked { method: "GET".to_owned(), target: path.to_owned(), ..Asked::default() };
    let answered = Answered { status: 200, headers: Vec::new(), body: vec![Bytes::copy_from_slice(answer)] };
    rehearse::play(&stage, &asked, vec![answered]).await.unwrap()
}

fn told(played: &Played) -> Value {
    assert_eq!(played.status, 200, "{}", String::from_utf8_lossy(&played.body));
    serde_json::from_slice(&played.body).unwrap()
}

fn string(name: &str) -> Value {
    json!({ "name": name, "type": "string", "multiValued": false })
}

fn schema(id: &str, attributes: &[Value]) -> Value {
    json!({ "id": id, "attributes": attributes, "meta": { "location": format!("{THERE}/Schemas/{id}") } })
}

fn list(schemas: &[Value]) -> Value {
    json!({ "totalResults": schemas.len(), "itemsPerPage": schemas.len(), "startIndex": 1, "Resources": schemas })
}

/// What the schemas of a backend become, as text: each with the paths that it defines.
async fn defined(rules: &[&str], schemas: &[Value]) -> Vec<String> {
    let played = play(&[], rules, "/Schemas", list(schemas).to_string().as_bytes()).await;
    assert_eq!(played.received[0].target, "/Schemas");
    let told = told(&played);
    let all = told["Resources"].as_array().unwrap();
    assert_eq!(
        (told["totalResults"].as_u64(), told["itemsPerPage"].as_u64()),
        (Some(all.len() as u64), Some(all.len() as u64))
    );
    all.iter().map(paths).collect()
}

fn paths(schema: &Value) -> String {
    let names = |list: &Value| -> Vec<String> {
        let each = list.as_array().into_iter().flatten();
        each.map(|one| {
            let parts = one["subAttributes"].as_array().into_iter().flatten();
            let parts: Vec<&str> = parts.map(|part| part["name"].as_str().unwrap()).collect();
            let name = one["name"].as_str().unwrap();
            if parts.is_empty() { name.to_owned() } else { format!("{name}({})", parts.join(" ")) }
        })
        .collect()
    };
    format!(
        "{}: {}",
        schema["id"].as_str().unwrap().rsplit(':').next().unwrap(),
        names(&schema["attributes"]).join(" ")
    )
}

#[tokio::test]
async fn names_and_places_are_those_that_clients_use() {
    let rules = &[
        "when: { resource: User }, do: [ { rename: { names: { userName: login } } } ]",
        "when: { resource: User }, do: [ { rename: { names: { title: nickName, nickName: title } } } ]",
        "when: { resource: User }, do: [ { rename: { names: { name.givenName: firstName, name.familyName: lastName } } } ]",
        "when: { resource: User }, do: [ { rename: { names: { emails: mails, \"emails.type\": \"mails.kind\" } } } ]",
    ];
    let mails = json!({ "name": "mails", "type": "complex", "multiValued": true, "subAttributes": [string("value"), string("kind")] });
    let of_title = json!({ "name": "title", "type": "string", "description": "what friends say" });
    let user =
        schema(USER, &[string("Login"), of_title, string("nickName"), string("firstName"), mails, string("lastName")]);
    let group = schema(GROUP, &[string("login"), string("title")]);
    let played = play(&[], rules, "/Schemas", list(&[user.clone(), group]).to_string().as_bytes()).await;
    let told = told(&played);
    assert_eq!(
        paths(&told["Resources"][0]),
        "User: userName nickName title emails(value type) name(givenName familyName)"
    );
    assert_eq!(told["Resources"][0]["attributes"][1]["description"], "what friends say");
    assert_eq!(paths(&told["Resources"][1]), "Group: login title", "no rule is about groups");
    assert_eq!(told["Resources"][0]["meta"]["location"], format!("{HERE}/Schemas/{USER}"));
}

#[tokio::test]
async fn what_moves_between_core_and_extension_moves_in_schemas_too() {
    let department = format!("\"{ENTERPRISE}:department\"");
    let up = format!("when: {{ resource: User }}, do: [ {{ rename: {{ names: {{ {department}: dept }} }} }} ]");
    let down =
        format!("when: {{ resource: User }}, do: [ {{ rename: {{ names: {{ badge: \"{ENTERPRISE}:badge\" }} }} }} ]");
    let user = schema(USER, &[string("userName"), string("dept")]);
    assert_eq!(defined(&[&up], std::slice::from_ref(&user)).await, ["User: userName", "User: department"]);
    let own = schema(ENTERPRISE, &[string("costCenter")]);
    assert_eq!(defined(&[&up], &[user, own]).await, ["User: userName", "User: costCenter department"]);
    let bare = schema(USER, &[string("userName")]);
    let extension = schema(ENTERPRISE, &[string("badge")]);
    assert_eq!(defined(&[&down], &[bare, extension]).await, ["User: userName badge"]);
}

#[tokio::test]
async fn one_schema_is_picked_from_all_so_that_it_is_whole() {
    let up = format!(
        "when: {{ resource: User }}, do: [ {{ rename: {{ names: {{ \"{ENTERPRISE}:department\": dept }} }} }} ]"
    );
    let all = list(&[schema(USER, &[string("userName"), string("dept")])]);
    let played = play(&[], &[&up], &format!("/Schemas/{ENTERPRISE}"), all.to_string().as_bytes()).await;
    assert_eq!(played.received[0].target, "/Schemas");
    assert_eq!(paths(&told(&played)), "User: department");
    let played = play(&[], &[&up], &format!("/Schemas/{GROUP}"), all.to_string().as_bytes()).await;
    assert_eq!(played.status, 404);
    let one = schema(USER, &[string("userName")]);
    let played = play(&[], &[], &format!("/Schemas/{USER}"), one.to_string().as_bytes()).await;
    assert_eq!(played.received[0].target, format!("/Schemas/{USER}"));
}

#[tokio::test]
async fn types_and_values_are_those_that_clients_see() {
    let rules = &[
        "when: { resource: User }, do: [ { convert: { at: active, to: boolean-as-string } } ]",
        "when: { resource: User }, do: [ { map: { at: \"emails[*].type\", values: { work: business, home: private } } } ]",
        "when: { resource: User }, do: [ { affix: { at: userType, prefix: \"hr-\" } } ]",
        "when: { resource: User }, do: [ { convert: { at: level, to: number-as-string } } ]",
        "when: { resource: User }, do: [ { convert: { at: hired, to: date-as-epoch } } ]",
        "when: { resource: User }, do: [ { shape: { at: phoneNumbers, to: strings } } ]",
        "when: { resource: User }, do: [ { shape: { at: addresses, to: single } } ]",
        "when: { resource: User }, do: [ { shape: { at: ims, to: by-type, slots: { aim: aim, icq: icq } } } ]",
        "when: { resource: User }, do: [ { shape: { at: name, to: dotted } } ]",
    ];
    let kind = json!({ "name": "type", "type": "string", "canonicalValues": ["business", "private", "spam"] });
    let user = schema(
        USER,
        &[
            json!({ "name": "active", "type": "string", "canonicalValues": ["true", "false"] }),
            json!({ "name": "emails", "type": "complex", "multiValued": true, "subAttributes": [string("value"), kind] }),
            json!({ "name": "userType", "type": "string", "canonicalValues": ["hr-Employee", "hr-Temp"] }),
            string("level"),
            json!({ "name": "hired", "type": "integer" }),
            json!({ "name": "phoneNumbers", "type": "string", "multiValued": true, "mutability": "readOnly" }),
            json!({ "name": "addresses", "type": "complex", "multiValued": false, "subAttributes": [string("locality")] }),
            string("aim"),
            string("icq"),
            string("name.givenName"),
        ],
    );
    let played = play(&[], rules, &format!("/Schemas/{USER}"), list(&[user]).to_string().as_bytes()).await;
    let told = told(&played);
    assert_eq!(
        paths(&told),
        "User: active emails(value type) userType level hired phoneNumbers(value) addresses(locality) ims(value type) name(givenName)"
    );
    let of = |name: &str| told["attributes"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap();
    assert_eq!((&of("active")["type"], of("active").get("canonicalValues")), (&json!("boolean"), None));
    assert_eq!(of("emails")["subAttributes"][1]["canonicalValues"], json!(["work", "home"]));
    assert_eq!(of("userType")["canonicalValues"], json!(["Employee", "Temp"]));
    assert_eq!((&of("level")["type"], &of("hired")["type"]), (&json!("integer"), &json!("dateTime")));
    let phones = of("phoneNumbers");
    assert_eq!(
        (&phones["type"], &phones["multiValued"], &phones["mutability"]),
        (&json!("complex"), &json!(true), &json!("readOnly"))
    );
    assert_eq!(of("addresses")["multiValued"], true);
    assert_eq!(of("ims")["subAttributes"][1]["canonicalValues"], json!(["aim", "icq"]));
}

#[tokio::test]
async fn what_is_taken_away_is_not_offered() {
    let user = schema(
        USER,
        &[
            string("userName"),
            json!({ "name": "name", "type": "complex", "subAttributes": [string("givenName"), string("familyName")] }),
            json!({ "name": "password", "type": "string", "mutability": "writeOnly" }),
            json!({ "name": "title", "type": "string", "mutability": "readWrite" }),
        ],
    );
    let one = async |rules: &[&str]| {
        let played =
            play(&[], rules, &format!("/Schemas/{USER}"), list(std::slice::from_ref(&user)).to_string().as_bytes())
                .await;
        told(&played)
    };
    let hidden =
        one(&["to: client, when: { resource: User }, do: [ { drop: { at: [title, name.givenName] } } ]"]).await;
    assert_eq!(paths(&hidden), "User: userName name(familyName) password");
    let whole =
        one(&["to: client, when: { resource: User }, do: [ { drop: { at: [name.givenName, name.familyName] } } ]"])
            .await;
    assert_eq!(paths(&whole), "User: userName password title");
    let unwritten = one(&["when: { resource: User }, do: [ { drop: { at: [title, password] } } ]"]).await;
    assert_eq!(paths(&unwritten), "User: userName name(givenName familyName) title");
    assert_eq!(unwritten["attributes"][2]["mutability"], "readOnly");
    let kept = one(&["to: client, do: [ { keep: { User: [userName, name.familyName] } } ]"]).await;
    assert_eq!(paths(&kept), "User: userName name(familyName)");
    for rule in [
        "when: { resource: User, operations: create }, do: [ { drop: { at: [title] } } ]",
        "to: client, when: { resource: User, operations: list }, do: [ { drop: { at: [title] } } ]",
        "mode: shadow, when: { resource: User }, do: [ { drop: { at: [title] } } ]",
        "mode: disabled, when: { resource: User }, do: [ { rename: { names: { userName: title, title: userName } } } ]",
        "to: client, when: { resource: User, header: { x-a: b } }, do: [ { drop: { at: [title] } } ]",
    ] {
        let played = play(&[], &[rule], "/Schemas", list(std::slice::from_ref(&user)).to_string().as_bytes()).await;
        let told = told(&played)["Resources"][0].clone();
        assert_eq!(paths(&told), "User: userName name(givenName familyName) password title", "{rule}");
    }
}

#[tokio::test]
async fn urns_are_the_clients_in_schemas_and_resource_types() {
    let rule = format!(
        "do: [ {{ schemas: {{ urns: {{ \"{ENTERPRISE}\": \"urn:acme:scim:2.0:Staff\", \"{USER}\": \"urn:acme:scim:2.0:Person\" }} }} }} ]"
    );
    let login = "when: { resource: User }, do: [ { rename: { names: { userName: login } } } ]";
    let department = format!(
        "when: {{ resource: User }}, do: [ {{ rename: {{ names: {{ \"{ENTERPRISE}:department\": \"{ENTERPRISE}:dept\" }} }} }} ]"
    );
    let rules = &[department.as_str(), rule.as_str(), login];
    let schemas = [
        schema("urn:acme:scim:2.0:Person", &[string("login")]),
        schema("urn:acme:scim:2.0:Staff", &[string("dept")]),
        schema("urn:acme:scim:2.0:Other", &[string("login")]),
    ];
    let played = play(&[], rules, "/Schemas", list(&schemas).to_string().as_bytes()).await;
    let all = told(&played);
    assert_eq!(
        json!([all["Resources"][0]["id"], all["Resources"][1]["id"], all["Resources"][2]["id"]]),
        json!([USER, ENTERPRISE, "urn:acme:scim:2.0:Other"])
    );
    assert_eq!(all["Resources"][0]["meta"]["location"], format!("{HERE}/Schemas/{USER}"));
    assert_eq!(paths(&all["Resources"][0]), "User: userName");
    assert_eq!(paths(&all["Resources"][1]), "User: department");
    assert_eq!(paths(&all["Resources"][2]), "Other: login");
    let described = json!({
        "name": "User", "endpoint": "/Users", "schema": "urn:acme:scim:2.0:Person",
        "schemaExtensions": [{ "schema": "urn:acme:scim:2.0:Staff", "required": true }],
    });
    let played = play(&[], rules, "/ResourceTypes/User", described.to_string().as_bytes()).await;
    assert_eq!(
        told(&played),
        json!({
            "name": "User", "endpoint": "/Users", "schema": USER,
            "schemaExtensions": [{ "schema": ENTERPRISE, "required": true }],
        })
    );
}

#[tokio::test]
async fn resource_types_have_the_endpoints_and_extensions_that_clients_use() {
    let up = format!(
        "when: {{ resource: User }}, do: [ {{ rename: {{ names: {{ \"{ENTERPRISE}:department\": dept }} }} }} ]"
    );
    let inner = &["do: [ { path: { alias: { /Users: /staff, /Groups: /teams } } } ]", up.as_str()];
    let outer = &["do: [ { path: { alias: { /People: /Users } } } ]"];
    let types = json!([
        { "name": "User", "endpoint": "/staff", "schema": USER, "meta": { "location": format!("{THERE}/ResourceTypes/User") } },
        { "name": "Group", "endpoint": "teams", "schema": GROUP },
        { "name": "Device", "endpoint": "/staff", "schema": "urn:acme:Device" },
    ]);
    let played = play(outer, inner, "/ResourceTypes", types.to_string().as_bytes()).await;
    assert_eq!(
        told(&played),
        json!([
            { "name": "User", "endpoint": "/People", "schema": USER,
              "meta": { "location": format!("{HERE}/ResourceTypes/User") },
              "schemaExtensions": [{ "schema": ENTERPRISE, "required": false }] },
            { "name": "Group", "endpoint": "Groups", "schema": GROUP },
            { "name": "Device", "endpoint": "/staff", "schema": "urn:acme:Device" },
        ])
    );
}

#[tokio::test]
async fn what_is_supported_is_what_goes_through() {
    // In a rehearsal Bulk is on: at most 1000 operations, and bodies of 16 MiB.
    let config = |bulk: Value| json!({ "patch": { "supported": true }, "bulk": bulk, "filter": { "supported": true, "maxResults": 200 } });
    let large = config(json!({ "supported": true, "maxOperations": 5000, "maxPayloadSize": 99999999 }));
    let played = play(&[], &[], "/ServiceProviderConfig", large.to_string().as_bytes()).await;
    assert_eq!(told(&played), config(json!({ "supported": true, "maxOperations": 1000, "maxPayloadSize": 16777216 })));
    for bulk in [
        json!({ "supported": true, "maxOperations": 5, "maxPayloadSize": 100 }),
        json!({ "supported": false }),
        json!(null),
    ] {
        let text = format!(" {:#} ", config(bulk));
        let played = play(&[], &[], "/ServiceProviderConfig", text.as_bytes()).await;
        assert_eq!(played.body, text.as_bytes());
    }
}

#[tokio::test]
async fn where_no_rule_says_anything_the_bytes_stay() {
    let text = br#" { "Resources" : [ {"id":"urn:ietf:params:scim:schemas:core:2.0:User", "attributes":[ {"name":"x","n":1.0} ]} ] , "totalResults":1 } "#;
    for rules in [&[][..], &["when: { resource: User }, do: [ { rename: { names: { userName: login } } } ]"][..]] {
        let played = play(&[], rules, "/Schemas", text).await;
        assert_eq!(played.body, text.as_slice());
    }
    for odd in [&b"[]"[..], b"null", b"{}", br#"{"Resources":[1,{"id":7},{"id":"urn:x:y","attributes":{}}]}"#] {
        let played = play(&[], &["do: [ { rename: { names: { userName: login } } } ]"], "/Schemas", odd).await;
        assert_eq!((played.status, &played.body[..]), (200, odd));
    }
}
