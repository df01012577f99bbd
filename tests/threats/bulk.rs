//! What a Bulk request may hide (T-29, T-32, T-85): every operation in it is a call of its own.

use super::backend::Play;
use super::caller::request;
use super::gate::{Gate, http};

const ENABLED: &str = "    operations: [create, read, list, replace, patch, delete, bulk]";

/// A gate before a backend that answers every operation it gets with 200.
async fn gate(connection_lines: &str, files: &[(&str, &str)]) -> Gate {
    Gate::set("", connection_lines, files, |seen| {
        let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
        let operations = body["Operations"].as_array().unwrap();
        let result = |one: &serde_json::Value| {
            serde_json::json!({ "method": one["method"], "bulkId": one["bulkId"], "status": "200" })
        };
        let results: Vec<_> = operations.iter().map(result).collect();
        Play::Answer(http("200 OK", "", serde_json::json!({ "Operations": results }).to_string().as_bytes()))
    })
    .await
}

fn bulk(operations: &str) -> Vec<u8> {
    format!("{{\"Operations\":[{operations}]}}").into_bytes()
}

fn statuses(body: &[u8]) -> Vec<String> {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    body["Operations"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
}

const USER: &str = r#"{"method":"POST","path":"/Users","bulkId":"u","data":{"userName":"ada"}}"#;
const GROUP: &str = r#"{"method":"POST","path":"/Groups","bulkId":"g","data":{"displayName":"admins"}}"#;

#[tokio::test]
async fn t_29_bulk_is_off_unless_it_is_asked_for() {
    let gate = Gate::open().await;
    gate.refuses("bulk", &request("POST", "/Bulk", &gate.all, "", &bulk(USER)), 501).await;
}

#[tokio::test]
async fn t_29_an_operation_without_its_scope_is_a_403_of_its_own_and_is_not_sent() {
    let gate = gate(ENABLED, &[]).await;
    let bytes = request("POST", "/Bulk", &gate.writer, "", &bulk(&format!("{GROUP},{USER}")));
    let (reply, seen) = gate.reaches("a user and a group", &bytes, 200).await;
    assert_eq!(seen.line(), "POST /Bulk");
    assert!(seen.text().contains("ada") && !seen.text().contains("admins"), "{}", seen.text());
    assert_eq!(statuses(&reply.body), ["403", "200"]);
    let metrics = gate.metrics.encode();
    for line in [
        "scimgate_bulk_operations_total{code=\"403\",connection=\"main\",method=\"POST\",route=\"/Groups\"} 1",
        "scimgate_bulk_operations_total{code=\"200\",connection=\"main\",method=\"POST\",route=\"/Users\"} 1",
        "scimgate_scope_denied_total{connection=\"main\",method=\"POST\",route=\"/Groups\"} 1",
    ] {
        assert!(metrics.contains(line), "{line}");
    }
    for (token, status) in [(&gate.users, ["403", "403"]), (&gate.groups, ["403", "403"])] {
        let before = gate.backend.bytes();
        let bytes = request("POST", "/Bulk", token, "", &bulk(&format!("{USER},{GROUP}")));
        let reply = gate.one("without a scope to write", &bytes).await;
        assert_eq!((reply.status, gate.backend.bytes()), (200, before));
        assert_eq!(statuses(&reply.body), status);
    }
}

#[tokio::test]
async fn t_29_no_spelling_of_a_path_leads_to_another_endpoint() {
    let gate = gate(ENABLED, &[]).await;
    for (path, status) in [
        ("/Users/../Groups/1", "400"),
        ("/Users/%2e%2e/Groups/1", "400"),
        ("/Users/..", "400"),
        ("/Users/%2e%2e", "400"),
        ("/Users/a%2Fb", "400"),
        ("/Users/a%5Cb", "400"),
        ("/Users/1?x=/Groups", "400"),
        ("/Users/1#x", "400"),
        ("/Users/1/", "404"),
        ("//Groups/1", "404"),
        ("Groups/1", "400"),
        ("", "404"),
        ("/", "404"),
        ("/groups/1", "404"),
        ("/Groups%2F1", "404"),
        ("/Users/1%00", "400"),
        ("/Users/1\\r\\nHost: x", "400"),
        ("http://gate.example/scim/Groups/1", "400"),
        ("https://other.example/Groups/1", "400"),
        ("/scim/Groups/1", "404"),
        ("/Bulk", "405"),
        ("/Me", "501"),
        ("/Schemas", "405"),
        ("/ServiceProviderConfig", "405"),
        ("/Groups", "405"),
        ("/Groups/.search", "405"),
        ("/Groups/1", "403"),
        ("/%47roups/1", "403"),
    ] {
        let operation = format!(r#"{{"method":"DELETE","path":"{path}"}}"#);
        let reply = gate.one(path, &request("POST", "/Bulk", &gate.writer, "", &bulk(&operation))).await;
        assert_eq!((reply.status, gate.backend.bytes()), (200, 0), "{path}");
        assert_eq!(statuses(&reply.body), [status], "{path}");
    }
    let operation = r#"{"method":"DELETE","path":"/%55sers/%41"}"#;
    let (_, seen) =
        gate.reaches("encoded letters", &request("POST", "/Bulk", &gate.writer, "", &bulk(operation)), 200).await;
    assert_eq!(seen.text(), r#"{"Operations":[{"method":"DELETE","path":"/Users/A"}]}"#);
}

#[tokio::test]
async fn t_29_what_can_not_be_read_in_one_way_is_not_read() {
    let gate = gate(ENABLED, &[]).await;
    for body in [
        r#"{"Operations":[{"method":"delete","path":"/Users/1"}]}"#.to_owned(),
        r#"{"Operations":[{"method":"GET","path":"/Users/1"}]}"#.to_owned(),
        r#"{"Operations":[{"method":"POST","path":"/Users","data":{}}]}"#.to_owned(),
        r#"{"Operations":[{"method":"PUT","METHOD":"DELETE","path":"/Users/1","data":{}}]}"#.to_owned(),
        r#"{"Operations":[{"method":"PUT","path":"/Users/1","path":"/Groups/1","data":{}}]}"#.to_owned(),
        r#"{"Operations":[],"operations":[{"method":"DELETE","path":"/Users/1"}]}"#.to_owned(),
        format!(r#"{{"Operations":[{USER},{USER}]}}"#),
        r#"[{"method":"DELETE","path":"/Users/1"}]"#.to_owned(),
        "{}".to_owned(),
    ] {
        gate.refuses(&body, &request("POST", "/Bulk", &gate.all, "", body.as_bytes()), 400).await;
    }
}

#[tokio::test]
async fn t_29_an_operation_that_is_not_enabled_is_not_enabled_inside() {
    let gate = gate("    operations: [create, read, bulk]", &[]).await;
    let operations = format!(r#"{{"method":"DELETE","path":"/Users/1"}},{USER}"#);
    let (reply, seen) = gate.reaches("delete", &request("POST", "/Bulk", &gate.all, "", &bulk(&operations)), 200).await;
    assert!(!seen.text().contains("DELETE"), "{}", seen.text());
    assert_eq!(statuses(&reply.body), ["501", "200"]);
}

#[tokio::test]
async fn t_32_what_rules_take_out_does_not_pass_inside() {
    let pack = "version: 1\npack: acme\nside: connection\nabout: a test\nrules:\n  - id: roles\n    why: because\n    do: [ { drop: { at: [roles] } } ]\n";
    let lines = format!("{ENABLED}\n    packs: [acme]");
    let gate = gate(&lines, &[("connections/acme.yaml", pack)]).await;
    let operations = [
        r#"{"method":"POST","path":"/Users","bulkId":"u","data":{"userName":"a","ROLES":[{"value":"admin"}]}}"#,
        r#"{"method":"PUT","path":"/Users/7","data":{"userName":"a","roles":["admin"]}}"#,
        r#"{"method":"PATCH","path":"/Users/7","data":{"Operations":[{"op":"add","value":{"roles":["admin"],"title":"x"}}]}}"#,
    ];
    for operation in operations {
        let bytes = request("POST", "/Bulk", &gate.writer, "", &bulk(operation));
        let (_, seen) = gate.reaches(operation, &bytes, 200).await;
        assert!(!seen.text().contains("admin"), "{}", seen.text());
    }
}

#[tokio::test]
async fn t_32_an_identifier_that_is_no_text_does_not_pass_inside() {
    let gate = gate(ENABLED, &[]).await;
    let operations = r#"{"method":"POST","path":"/Users","bulkId":"u","data":{"userName":"a","externalId":1}}"#;
    let before = gate.backend.bytes();
    let reply = gate.one("a number", &request("POST", "/Bulk", &gate.writer, "", &bulk(operations))).await;
    assert_eq!((statuses(&reply.body), gate.backend.bytes()), (vec!["400".to_owned()], before));
}

#[tokio::test]
async fn t_66_t_85_each_operation_counts_as_a_call_and_limits_are_told() {
    let gate = gate(ENABLED, &[]).await;
    let file = gate.folder.path().join("gateway.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    let (wide, narrow) = ("per-token: { rate: 10000/s, burst: 10000 }", "per-token: { rate: 1/s, burst: 5 }");
    std::fs::write(&file, text.replace(wide, narrow)).unwrap();
    let gate = gate.again().await;
    let delete = r#"{"method":"DELETE","path":"/Users/1"}"#;
    let many = |count: usize| request("POST", "/Bulk", &gate.all, "", &bulk(&vec![delete; count].join(",")));
    let reply = gate.refuses("6 of at most 5", &many(6), 413).await;
    assert!(reply.text().contains("more than 5 operations") && reply.text().contains("maxOperations"), "{reply:?}");
    let mut sent = 0;
    let last = loop {
        let reply = gate.one("5 at once", &many(5)).await;
        if reply.status == 429 {
            break reply;
        }
        sent += 1;
        assert!(sent < 10, "each takes five seconds' worth of calls");
    };
    assert!(last.header("retry-after").is_some());
    assert_eq!(gate.backend.take().len(), sent);
    let long = vec![b' '; 2 << 20];
    let reply = gate.refuses("2 MiB", &request("POST", "/Bulk", &gate.writer, "", &long), 413).await;
    assert!(reply.text().contains("longer than 1048576 bytes"), "{reply:?}");
}

#[tokio::test]
async fn t_31_what_is_said_of_bulk_is_what_goes_through() {
    let config =
        r#"{"patch":{"supported":true},"bulk":{"supported":true,"maxOperations":99999,"maxPayloadSize":99999999}}"#;
    let script = move |_: &_| Play::Answer(http("200 OK", "", config.as_bytes()));
    let off = Gate::set("", "    operations: [create, discover]", &[], script).await;
    let on = Gate::set("", "    operations: [patch, discover, bulk]", &[], script).await;
    for (gate, patch, bulk) in [
        (off, false, serde_json::json!({ "supported": false, "maxOperations": 0, "maxPayloadSize": 0 })),
        (on, true, serde_json::json!({ "supported": true, "maxOperations": 1000, "maxPayloadSize": 1048576 })),
    ] {
        let get = request("GET", "/ServiceProviderConfig", &gate.users, "", b"");
        let (reply, _) = gate.reaches("what is supported", &get, 200).await;
        let told: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!((&told["bulk"], &told["patch"]["supported"]), (&bulk, &serde_json::json!(patch)));
    }
}
