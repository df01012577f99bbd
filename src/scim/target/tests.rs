//! The grammar against the tricks that real backends fall for.

use proptest::prelude::*;

use super::*;

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

fn declared() -> Vec<Resource> {
    vec![Resource::named("Role").unwrap()]
}

fn parse(method: &str, path: &str) -> Result<Target, TargetFault> {
    Target::parse(method, path, &declared())
}

#[test]
fn every_endpoint_has_its_operations_and_its_route() {
    let rows = [
        ("GET", "/Users", "list", Some("User"), "/Users"),
        ("HEAD", "/Users", "list", Some("User"), "/Users"),
        ("POST", "/Groups", "create", Some("Group"), "/Groups"),
        ("GET", "/Users/1", "read", Some("User"), "/Users/{id}"),
        ("HEAD", "/Users/1", "read", Some("User"), "/Users/{id}"),
        ("PUT", "/Users/1", "replace", Some("User"), "/Users/{id}"),
        ("PATCH", "/Groups/1", "patch", Some("Group"), "/Groups/{id}"),
        ("DELETE", "/Roles/1", "delete", Some("Role"), "/Roles/{id}"),
        ("GET", "/Users/Me", "read", Some("User"), "/Users/{id}"),
        ("POST", "/Users/.search", "search", Some("User"), "/Users/.search"),
        ("POST", "/.search", "search", None, "/.search"),
        ("POST", "/Bulk", "bulk", None, "/Bulk"),
        ("GET", "/Me", "me", None, "/Me"),
        ("PATCH", "/Me", "me", None, "/Me"),
        ("DELETE", "/Me", "me", None, "/Me"),
        ("GET", "/ServiceProviderConfig", "discover", None, "/ServiceProviderConfig"),
        ("GET", "/Schemas", "discover", None, "/Schemas"),
        ("GET", "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "discover", None, "/Schemas/{id}"),
        ("HEAD", "/ResourceTypes", "discover", None, "/ResourceTypes"),
        ("GET", "/ResourceTypes/User", "discover", None, "/ResourceTypes/{id}"),
    ];
    for (method, path, kind, resource, route) in rows {
        let target = parse(method, path).unwrap();
        assert_eq!(target.operation.kind().word(), kind, "{method} {path}");
        assert_eq!(target.resource.as_ref().map(Resource::name), resource, "{method} {path}");
        assert_eq!(target.route(), route);
        assert_eq!(target.path(), path);
    }
}

#[test]
fn paths_that_backends_would_take_for_an_endpoint_are_unknown() {
    let rows = [
        "",
        "/",
        "/groups",
        "/GROUPS",
        "/uSERS",
        "/Groups/",
        "//Groups",
        "//",
        "/Users//1",
        "/Users/1/",
        "/Users/1/2",
        "/Users;x",
        "/Groups;a=b",
        "/Users.",
        "/Users%20",
        "/Users%2E",
        "/Users%2F1",
        "/Users%5C1",
        "/Users%3Fa",
        "/%2547roups",
        "/Users/.search/",
        "/Users/.search/1",
        "/.search/1",
        "/Bulk/1",
        "/bulk",
        "/Me/1",
        "/me",
        "/ServiceProviderConfig/1",
        "/ServiceProviderConfigs",
        "/schemas",
        "/Schemas/",
        "/Entitlements",
        "/roles",
        "/%EF%BC%B5sers",
        "/%E2%80%8BUsers",
        "/User",
        "/.SEARCH",
        "/Roles/1/Users",
    ];
    for path in rows {
        for method in METHODS {
            assert_eq!(parse(method, path), Err(TargetFault::NotFound), "{method} {path}");
        }
    }
}

#[test]
fn paths_that_could_mean_something_else_are_malformed() {
    let rows = [
        "/./Users",
        "/../Groups",
        "/Users/../Groups",
        "/Users/%2e%2e/Groups",
        "/Users/%2E",
        "/Users/..",
        "/%2e%2e/Users",
        "/Users/a%2Fb",
        "/Users/%2e%2e%2fGroups",
        "/Users/a%5Cb",
        "/Users/..%5cGroups",
        "/Users\\1",
        "/Users/a\\b",
        "/Users%00",
        "/Users/%00",
        "/Users/a%0d%0aHost:x",
        "/Users/%09",
        "/Users/\t",
        "/Users ",
        "/Users/a b",
        "/Users/%c0%af",
        "/Users/%u002f",
        "/Users/%zz",
        "/Users/%",
        "/Users/%4",
        "/Users/%ff",
        "/Users/é",
        "/Ｕsers",
        "/Users/a?b",
        "/Users/a#b",
        "/Users/.SEARCH",
        "/Schemas/a%2Fb",
        "/ResourceTypes/..",
        "Users",
        "*",
        "http://other/Users",
    ];
    for path in rows {
        for method in METHODS {
            assert_eq!(parse(method, path), Err(TargetFault::Malformed), "{method} {path}");
        }
    }
    let long = format!("/Users/{}", "a".repeat(10_000));
    assert_eq!(parse("GET", &long), Err(TargetFault::Malformed));
}

#[test]
fn what_is_encoded_without_need_is_forwarded_canonical() {
    let rows = [
        ("/%47roups", "/Groups"),
        ("/Grou%70s", "/Groups"),
        ("/Users/%41%2Db", "/Users/A-b"),
        ("/Users/a;b", "/Users/a%3Bb"),
        ("/Users/a%3fb", "/Users/a%3Fb"),
        ("/Users/a%23b", "/Users/a%23b"),
        ("/Users/%2547", "/Users/%2547"),
        ("/Users/%252e%252e", "/Users/%252e%252e"),
        ("/Users/a%40b", "/Users/a@b"),
        ("/Users/%c3%a9", "/Users/%C3%A9"),
    ];
    for (sent, forwarded) in rows {
        assert_eq!(parse("GET", sent).unwrap().path(), forwarded, "{sent}");
    }
    assert_eq!(parse("POST", "/Users/%2Esearch").unwrap().path(), "/Users/.search");
}

#[test]
fn methods_are_known_in_one_spelling_only() {
    let long = "A".repeat(200);
    let methods = ["delete", "get", "Patch", "TRACE", "CONNECT", "FOO", "PROPFIND", "OPTIONS", "", " GET", &long];
    for path in ["/Users", "/Users/1", "/Users/.search", "/.search", "/Bulk", "/Me", "/Schemas"] {
        for method in methods {
            let fault = parse(method, path).unwrap_err();
            assert!(matches!(fault, TargetFault::MethodNotAllowed { .. }), "{method} {path}");
        }
    }
}

#[test]
fn allow_lists_exactly_what_is_known() {
    let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    for path in ["/Users", "/Roles/1", "/Users/.search", "/.search", "/Bulk", "/Me", "/Schemas", "/ResourceTypes/User"]
    {
        let Err(TargetFault::MethodNotAllowed { allow }) = parse("TRACE", path) else { panic!("{path}") };
        let known: Vec<_> = methods.into_iter().filter(|method| parse(method, path).is_ok()).collect();
        assert_eq!(allow, known.join(", "), "{path}");
    }
}

#[test]
fn an_undeclared_type_is_unknown() {
    assert_eq!(Target::parse("GET", "/Roles", &[]), Err(TargetFault::NotFound));
    assert_eq!(Target::parse("PATCH", "/Users", &[]), Err(TargetFault::MethodNotAllowed { allow: "GET, HEAD, POST" }));
}

#[test]
fn an_id_without_a_type_never_stands_at_the_root() {
    let operation = Operation::Delete(Id::parse("Groups").unwrap());
    assert_eq!(Target { resource: None, operation }.path(), "/");
}

fn paths() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        4 => prop::sample::select(vec!["Users", "Groups", "Roles", ".search", "Bulk", "Me", "Schemas", "ResourceTypes"])
            .prop_map(str::to_owned),
        4 => "[a-zA-Z0-9._~;:@=+-]{0,6}",
        2 => "(%[0-9a-fA-F]{2}|[a-z.%/]){0,4}",
        1 => ".{0,4}",
    ];
    prop::collection::vec(word, 0..4).prop_map(|words| words.iter().map(|word| format!("/{word}")).collect())
}

proptest! {
    #[test]
    fn a_canonical_path_is_read_as_the_same_target(method in prop::sample::select(METHODS.to_vec()), path in paths()) {
        if let Ok(target) = parse(method, &path) {
            let canonical = target.path();
            prop_assert_eq!(parse(method, &canonical), Ok(target.clone()));
            let number = target.route_number(&declared()).unwrap();
            prop_assert_eq!(Target::routes(&declared()).nth(number), Some(target.route()));
            let first = canonical.split('/').nth(1).unwrap_or_default();
            if let Some(resource) = &target.resource {
                prop_assert_eq!(first, resource.endpoint());
            }
            prop_assert!(canonical.bytes().all(|byte| byte == b'/' || percent::is_segment(byte)));
        }
    }

    #[test]
    fn any_id_is_read_back_from_its_path(text in ".{1,20}") {
        if let Some(id) = Id::parse(&text) {
            let target = Target { resource: Some(Resource::User), operation: Operation::Read(id) };
            prop_assert_eq!(parse("GET", &target.path()), Ok(target));
        }
    }
}
