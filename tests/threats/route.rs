//! Where a request goes: paths and targets that could mean something else behind us (T-20 to T-23, T-28, T-31).

use scimgate::scim::Resource;

use super::caller::request;
use super::gate::{Gate, type_of};

/// Paths that some server takes for an endpoint of another type, or of another connection; what a token with every scope
/// gets. None may reach the backend.
const TRICKS: &[(&str, u16)] = &[
    // Other spellings of `/Groups` (section 3.4).
    ("/groups", 404),
    ("/GROUPS", 404),
    ("/gROUPS/7", 404),
    ("/Groups/", 404),
    ("/Groups//", 404),
    ("//Groups//7", 404),
    ("/Groups/7/", 404),
    ("/Groups/7/members", 404),
    ("/Groups.", 404),
    ("/Groups%20", 404),
    ("/%20Groups", 404),
    ("/Groups+", 404),
    ("/Groups.json", 404),
    ("/Groups;x", 404),
    ("/Groups;jsessionid=1/7", 404),
    ("/Users;/../Groups", 400),
    // Dots.
    ("/.", 400),
    ("/./Users", 400),
    ("/./", 400),
    ("/../", 400),
    ("/..", 400),
    ("/../Groups", 400),
    ("/Users/..", 400),
    ("/Users/../Groups", 400),
    ("/Users/./7", 400),
    ("/Users/%2e%2e/Groups", 400),
    ("/Users/%2E%2E/Groups", 400),
    ("/Users/.%2e/Groups", 400),
    ("/%2e/Users", 400),
    ("/Users/%2e%2e", 400),
    ("/Users/..%2fGroups", 400),
    ("/Users/..%2FGroups", 400),
    ("/Users/..%5cGroups", 400),
    ("/Users/..\\Groups", 400),
    ("/Users\\..\\Groups", 400),
    ("/Users/%2e%2e%2fGroups", 400),
    ("/Users/..;/Groups", 404),
    ("/Users/.../Groups", 404),
    // Slashes.
    ("/Users%2F7", 404),
    ("/Users%2f..%2fGroups", 404),
    ("/%2fGroups", 404),
    ("/Users%5C7", 404),
    ("/\\Groups", 400),
    ("/Users//7", 404),
    ("///Users", 404),
    ("/Users/7//", 404),
    // Encoded twice, wrongly, or in another way.
    ("/%2547roups", 404),
    ("/Users/%", 400),
    ("/Users/%4", 400),
    ("/Users/%zz", 400),
    ("/Users/%u002f", 400),
    ("/Users/%c0%af", 400),
    ("/Users/%c0%ae%c0%ae/Groups", 400),
    ("/Users/%ff", 400),
    ("/Users/%00", 400),
    ("/Users%00", 400),
    ("/Users/7%00.json", 400),
    ("/Users/%09", 400),
    ("/Users/a%0d%0aX:%20y", 400),
    ("/Users/%0a", 400),
    ("/Users/%7f", 400),
    ("/Users/%c2%85", 400),
    ("/%EF%BC%A7roups", 404),
    ("/Users/\"", 400),
    ("/Users/a|b", 400),
    ("/Users/{id}", 400),
    ("/Users/a^b", 400),
    // Ids that are other endpoints, or no ids (T-22).
    ("/Users/.search", 405),
    ("/Users/.SEARCH", 400),
    ("/Users/a/.search", 404),
    ("/Users/a%2Fb", 400),
    ("/Users/a%5Cb", 400),
    // The base, and what stands beside the grammar (T-28, T-31).
    ("", 404),
    ("/", 404),
    ("?filter=userName%20pr", 404),
    ("/?filter=userName%20pr", 404),
    ("/Roles", 404),
    ("/Devices/7", 404),
    ("/v2/Users", 404),
    ("/Users/7/Groups", 404),
    ("/serviceproviderconfig", 404),
    ("/ServiceProviderConfigs", 404),
    ("/ServiceProviderConfig/7", 404),
    ("/Schemas/", 404),
    ("/schemas", 404),
    ("/ResourceTypes/User/x", 404),
    ("/.search", 405),
    ("/Bulk", 405),
    ("/Me", 501),
    ("/Me/x", 404),
    ("/me", 404),
];

/// What does reach the backend, and the one way in which it is written there.
const WRITTEN: &[(&str, &str)] = &[
    ("/Users", "/Users"),
    ("//Users", "/Users"),
    ("//Groups", "/Groups"),
    ("/%47roups", "/Groups"),
    ("/Grou%70s", "/Groups"),
    ("/%55%73%65%72%73/%37", "/Users/7"),
    ("/Users/%41%2d%7E", "/Users/A-~"),
    ("/Users/a;b", "/Users/a%3Bb"),
    ("/Users/a%3Fb", "/Users/a%3Fb"),
    ("/Users/a%23b", "/Users/a%23b"),
    ("/Users/a%2523b", "/Users/a%2523b"),
    ("/Users/%252e%252e", "/Users/%252e%252e"),
    ("/Users/%252E%252E%252FGroups", "/Users/%252E%252E%252FGroups"),
    ("/Users/Me", "/Users/Me"),
    ("/Users/...", "/Users/..."),
    ("/Users/Groups", "/Users/Groups"),
    ("/Users/a@b.example", "/Users/a@b.example"),
    ("/Users/%C3%A9", "/Users/%C3%A9"),
    ("/Users/%c3%a9", "/Users/%C3%A9"),
    ("/Users/a%20b", "/Users/a%20b"),
    ("/Users/a+b", "/Users/a%2Bb"),
    ("/Users/7#/../Groups", "/Users/7"),
    ("/Users?x=/../Groups", "/Users"),
    ("/Schemas", "/Schemas"),
    ("/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User"),
    ("/ResourceTypes/User", "/ResourceTypes/User"),
];

#[tokio::test]
async fn t_20_t_22_t_28_t_31_a_path_that_is_no_endpoint_goes_nowhere() {
    let gate = Gate::open().await;
    for (path, status) in TRICKS {
        gate.refuses(path, &request("GET", path, &gate.all, "", b""), *status).await;
    }
    for long in ["u".repeat(257), "%41".repeat(257), "u".repeat(8000)] {
        gate.refuses("a long id", &request("GET", &format!("/Users/{long}"), &gate.all, "", b""), 400).await;
    }
    let long = request("GET", &format!("/Users/{}", "u".repeat(9000)), &gate.all, "", b"");
    gate.refuses("T-55: a long target", &long, 414).await;
}

#[tokio::test]
async fn t_21_t_22_the_backend_gets_the_one_canonical_way_to_write_a_path() {
    let gate = Gate::open().await;
    for (path, written) in WRITTEN {
        let (_, seen) = gate.reaches(path, &request("GET", path, &gate.all, "", b""), 200).await;
        assert_eq!(seen.line(), format!("GET {written}"), "{path}");
    }
    let id = "u".repeat(256);
    let (_, seen) =
        gate.reaches("the longest id", &request("GET", &format!("/Users/{id}"), &gate.all, "", b""), 200).await;
    assert_eq!(seen.line(), format!("GET /Users/{id}"));
}

/// The property behind the tables: whatever the path, what the backend serves is within the scope.
#[tokio::test]
async fn t_20_what_reaches_the_backend_is_covered_by_the_scope() {
    let gate = Gate::open().await;
    let paths = TRICKS.iter().map(|(path, _)| *path).chain(WRITTEN.iter().map(|(path, _)| *path));
    let discovery = ["/scim/v2/Schemas", "/scim/v2/ResourceTypes", "/scim/v2/ServiceProviderConfig"];
    for path in paths {
        for (token, scope) in [(&gate.users, Resource::User), (&gate.groups, Resource::Group)] {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                let reply = gate.one(path, &request(method, path, token, "", b"")).await;
                for seen in gate.backend.take() {
                    let covered = type_of(&seen).map_or_else(
                        || discovery.iter().any(|endpoint| seen.target.starts_with(endpoint)),
                        |resource| resource == scope,
                    );
                    assert!(covered && seen.method == "GET", "{method} {path} with {scope} reached {seen:?}");
                }
                assert!([200, 400, 403, 404, 405, 501].contains(&reply.status), "{method} {path}: {}", reply.status);
            }
        }
    }
}

#[tokio::test]
async fn t_23_forms_of_a_target_that_are_no_path() {
    let gate = Gate::open().await;
    let ask = |target: &str, host: &str| {
        let token = &gate.all;
        format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n").into_bytes()
    };
    for target in
        ["Users", "*", "http://evil.example/scim/Users", "http://gate@evil/scim/Users", "http://u@gate/scim/Users"]
    {
        gate.refuses(target, &ask(target, "gate"), 400).await;
    }
    for target in ["scim/Users", "/scim/Users/<x>", "/scim/Users/`", "http://", "gate:443/x", "\\\\evil\\scim\\Users"] {
        let reply = gate.one(target, &ask(target, "gate")).await;
        assert_eq!((reply.status, reply.body.len(), gate.backend.bytes()), (400, 0, 0), "{target}: hyper refuses it");
    }
    for target in
        ["//evil.example/scim/Users", "//gate/scim/Users", "/http://gate/scim/Users", "//scim/Users", "/./scim/Users"]
    {
        gate.refuses(target, &ask(target, "gate"), 401).await;
    }
    let (_, seen) = gate.reaches("our own host", &ask("http://GATE/scim/Users", "gate"), 200).await;
    assert_eq!(seen.line(), "GET /Users");
    let (_, seen) = gate.reaches("T-52: whatever host", &ask("/scim/Users", "other.example:99"), 200).await;
    assert_eq!(seen.all("host"), [gate.backend.address().to_string()]);
}
