//! What a request asks for: methods, scopes and queries (T-24 to T-35).

use super::backend::Play;
use super::caller::request;
use super::gate::{Gate, scim};

#[tokio::test]
async fn t_24_only_known_methods_in_their_one_spelling() {
    let gate = Gate::open().await;
    let long = "M".repeat(200);
    for (method, status) in [
        ("OPTIONS", 405),
        ("TRACE", 405),
        ("delete", 501),
        ("get", 501),
        ("Patch", 501),
        ("Get", 501),
        ("FOO", 501),
        ("PROPFIND", 501),
        ("QUERY", 501),
        (long.as_str(), 501),
    ] {
        let reply = gate.refuses(method, &request(method, "/Users/7", &gate.all, "", b""), status).await;
        assert!(!reply.everything().contains("access-control"), "T-99: {reply:?}");
    }
    let connect = format!("CONNECT gate:443 HTTP/1.1\r\nHost: gate:443\r\nAuthorization: Bearer {}\r\n\r\n", gate.all);
    gate.refuses("CONNECT", connect.as_bytes(), 405).await;
    for (method, path, allow) in [
        ("POST", "/Users/7", "GET, HEAD, PUT, PATCH, DELETE"),
        ("DELETE", "/Users", "GET, HEAD, POST"),
        ("PUT", "/Groups", "GET, HEAD, POST"),
        ("PATCH", "/Users/.search", "POST"),
        ("DELETE", "/Schemas", "GET, HEAD"),
    ] {
        let reply = gate.refuses(path, &request(method, path, &gate.all, "", b""), 405).await;
        assert_eq!(reply.header("allow"), Some(allow), "{method} {path}");
    }
}

#[tokio::test]
async fn t_25_nothing_overrides_the_method() {
    let gate = Gate::open().await;
    for header in ["X-HTTP-Method-Override: DELETE\r\n", "X-HTTP-Method: DELETE\r\n", "X-Method-Override: DELETE\r\n"] {
        let get = request("GET", "/Users/7?_method=DELETE&_METHOD=PUT", &gate.users, header, b"");
        let (_, seen) = gate.reaches(header, &get, 200).await;
        assert_eq!(seen.line(), "GET /Users/7");
        assert!(!format!("{seen:?}").contains("DELETE"), "{seen:?}");
        gate.refuses(header, &request("POST", "/Users?_method=GET", &gate.users, header, b"{}"), 403).await;
        gate.refuses(header, &request("POST", "/Users/7", &gate.users, header, b"{}"), 405).await;
    }
}

#[tokio::test]
async fn t_25_on_a_connection_of_scim_1_1_the_method_that_is_meant_needs_the_scope() {
    let gate = Gate::set("", "    scim: 1.1", &[], |seen| Play::Answer(scim(seen))).await;
    let means = |method: &str| format!("X-HTTP-Method-Override: {method}\r\n");
    let refuses = async |name: &str, bytes: &[u8], status: u16| {
        let before = gate.backend.bytes();
        let reply = gate.one(name, bytes).await;
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (status, Some("application/json")),
            "{name}: {reply:?}"
        );
        assert!(reply.body.starts_with(b"{\"Errors\":"), "{name}: {reply:?}");
        assert_eq!(gate.backend.bytes(), before, "{name}: reached the backend");
        reply
    };
    let read_only = request("POST", "/Users/7", &gate.users, &means("DELETE"), b"");
    let refused = refuses("no scope", &read_only, 403).await;
    assert!(String::from_utf8_lossy(&refused.body).contains("delete:users"), "{refused:?}");
    let deletes = request("POST", "/Users/7", &gate.writer, &means("DELETE"), b"");
    let (_, seen) = gate.reaches("the scope of what is meant", &deletes, 200).await;
    assert_eq!(seen.line(), "DELETE /Users/7");
    assert!(!format!("{seen:?}").to_lowercase().contains("override"), "{seen:?}");
    for (method, meant) in [("GET", "DELETE"), ("DELETE", "GET"), ("POST", "GET"), ("POST", "delete"), ("PUT", "PATCH")]
    {
        let request = request(method, "/Users/7", &gate.all, &means(meant), b"{}");
        refuses(&format!("{method} meaning {meant}"), &request, 400).await;
    }
    let twice = [means("PUT"), means("DELETE")].concat();
    refuses("twice", &request("POST", "/Users/7", &gate.all, &twice, b"{}"), 400).await;
}

#[tokio::test]
async fn t_26_t_27_t_29_t_30_each_way_to_read_needs_the_scope_to_read() {
    let gate = Gate::open().await;
    let search = br#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":"userName pr"}"#;
    let rows: [(&str, &str, &str, &[u8], u16); 12] = [
        ("HEAD with another scope", "/Groups", &gate.users, b"", 403),
        ("GET with scopes to write", "/Users/7", &gate.writer, b"", 403),
        ("search with scopes to write", "/Users/.search", &gate.writer, search, 403),
        ("search of another type", "/Groups/.search", &gate.users, search, 403),
        ("search over every type", "/.search", &gate.users, search, 403),
        ("search over every type, to write", "/.search", &gate.writer, search, 403),
        ("bulk", "/Bulk", &gate.writer, br#"{"Operations":[{"method":"POST","path":"/Groups","data":{}}]}"#, 501),
        ("bulk with every scope", "/Bulk", &gate.all, br#"{"Operations":[{"method":"GET","path":"/Users"}]}"#, 501),
        ("me", "/Me", &gate.users, b"", 501),
        ("me, to change", "/Me", &gate.all, b"{}", 501),
        ("to write with the scope to read", "/Users", &gate.users, b"{}", 403),
        ("another type to write", "/Groups", &gate.writer, b"{}", 403),
    ];
    for (name, path, token, body, status) in rows {
        let method = if body.is_empty() { "GET" } else { "POST" };
        let method = if name == "me, to change" { "PATCH" } else { method };
        let reply = gate.refuses(name, &request(method, path, token, "", body), status).await;
        assert_eq!(status == 403, reply.header("www-authenticate").is_some(), "{name}: RFC 6750 section 3");
    }
    let reply = gate.one("HEAD", &request("HEAD", "/Groups", &gate.users, "", b"")).await;
    assert_eq!((reply.status, reply.body.len(), gate.backend.bytes()), (403, 0, 0));
    let (_, seen) = gate.reaches("search", &request("POST", "/Users/.search", &gate.users, "", search), 200).await;
    assert_eq!((seen.line().as_str(), seen.body.as_slice()), ("POST /Users/.search", search.as_slice()));
    for path in ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"] {
        gate.reaches(path, &request("GET", path, &gate.writer, "", b""), 200).await;
        gate.refuses(path, &request("POST", path, &gate.all, "", b"{}"), 405).await;
    }
}

#[tokio::test]
async fn t_35_a_query_is_read_once_and_written_anew() {
    let gate = Gate::open().await;
    let deep = format!("filter={}userName%20pr{}", "(".repeat(500), ")".repeat(500));
    for query in [
        "filter=userName%20pr&filter=id%20pr",
        "filter=userName%20pr&FILTER=id%20pr",
        "count=1&%63ount=2",
        "count=1e9",
        "count=99999999999",
        "count=+1",
        "count=1.0",
        "count=",
        "startIndex=x",
        "startIndex=0x1",
        "filter=%00",
        "filter=a%0d%0ab",
        "filter=%ff",
        "filter=%zz",
        "filter=userName%20eq",
        "filter=userName%20eq%20%22a%22%20or",
        "attributes=%zz",
        "%zz=1",
        &deep,
    ] {
        gate.refuses(query, &request("GET", &format!("/Users?{query}"), &gate.all, "", b""), 400).await;
    }
    for (query, written) in [
        ("", ""),
        ("aadOptscim062020&_method=DELETE&access_token=x&x[]=1", ""),
        ("count=-1&startIndex=0", "?count=-1&startIndex=0"),
        ("COUNT=5", "?count=5"),
        ("filter=userName%20eq%20%22a;b%22", "?filter=userName%20eq%20%22a%3Bb%22"),
        ("filter=userName%20eq%20%22a%26count=9%22", "?filter=userName%20eq%20%22a%26count=9%22"),
        ("count=5;filter=id%20pr", "400"),
        ("sortBy=userName&sortOrder=descending", "?sortBy=userName&sortOrder=descending"),
    ] {
        let bytes = request("GET", &format!("/Users?{query}"), &gate.all, "", b"");
        if written == "400" {
            gate.refuses(query, &bytes, 400).await;
            continue;
        }
        let (_, seen) = gate.reaches(query, &bytes, 200).await;
        assert_eq!(seen.line(), format!("GET /Users{written}"), "{query}");
    }
}

#[tokio::test]
async fn a_head_is_a_get_to_the_backend_and_has_no_body_here() {
    let gate = Gate::open().await;
    let (reply, seen) = gate.reaches("HEAD", &request("HEAD", "/Users/7", &gate.users, "", b""), 200).await;
    assert_eq!(seen.line(), "GET /Users/7");
    assert_eq!((reply.header("content-length"), reply.body.len()), (Some("10"), 0));
}
