//! Base URLs and base paths, in the one form in which they can be compared.

use http::Uri;

use crate::fault::{Fault, Faults};
use crate::yaml::Node;

/// A base URL: scheme and host in lower case, no default port, no trailing slash, nothing behind the path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The URL.
    pub text: String,
    /// Whether it is `https`.
    pub is_secure: bool,
    /// Whether it stays on this machine.
    pub is_loopback: bool,
}

/// Reads a base URL.
pub(super) fn base(node: &Node, faults: &mut Faults) -> Option<Base> {
    let text = node.text("a URL", faults)?;
    match parse(text) {
        Ok(base) => Some(base),
        Err(why) => {
            // Between `//` and `@` a password may stand.
            let shown = if text.contains('@') { "this".to_owned() } else { format!("`{text}`") };
            if text.contains('@') {
                faults.conceal(&node.place);
            }
            faults.push(
                Fault::error("R0303", node.place.clone(), format!("{shown} can't be a base URL"))
                    .label(why)
                    .help("write scheme, host and path only, such as `https://hr.example.com/scim/v2`"),
            );
            None
        }
    }
}

/// Reads a base URL.
///
/// # Errors
/// Why it is none: no `http` or `https`, no host, a user, a query or a fragment.
pub fn parse(text: &str) -> Result<Base, &'static str> {
    if text.contains(['#', '?']) {
        return Err("no query and no fragment may follow");
    }
    let uri: Uri = text.parse().map_err(|_| "not a URL")?;
    let (scheme, default_port) = match uri.scheme_str() {
        Some("http") => ("http", 80_u16),
        Some("https") => ("https", 443),
        _ => return Err("has to start with `http://` or `https://`"),
    };
    let authority = uri.authority().ok_or("has no host")?;
    if authority.as_str().contains('@') {
        return Err("no user and no password belong here");
    }
    let host = authority.host().to_ascii_lowercase();
    let port = match authority.as_str().get(host.len()..).filter(|port| !port.is_empty()) {
        None => default_port,
        Some(port) => port.trim_start_matches(':').parse().ok().filter(|port| *port > 0).ok_or("not a port")?,
    };
    let path = path(uri.path())?;
    let port = if port == default_port { String::new() } else { format!(":{port}") };
    if host.is_empty() {
        return Err("has no host");
    }
    let is_loopback = host == "localhost" || host.starts_with("127.") || host == "[::1]";
    Ok(Base { text: format!("{scheme}://{host}{port}{path}"), is_secure: scheme == "https", is_loopback })
}

/// Reads the base path of a connection.
pub(super) fn base_path(node: &Node, faults: &mut Faults) -> Option<String> {
    let text = node.text("a path", faults)?;
    let known = |c: char| c.is_ascii_alphanumeric() || "/-._~".contains(c);
    let read = match text {
        _ if !text.starts_with('/') => Err("has to start with `/`"),
        _ if !text.chars().all(known) => Err("only letters, digits and `-._~` may stand between slashes"),
        _ => path(text),
    };
    match read {
        Ok(path) if !path.is_empty() => Some(path),
        other => {
            let why = other.err().unwrap_or("the root can't be a connection's path");
            faults.push(
                Fault::error("R0303", node.place.clone(), format!("`{text}` can't be a connection's path"))
                    .label(why)
                    .help("write a path such as `/scim/v2/connections/okta`"),
            );
            None
        }
    }
}

/// A path without slashes at its end; empty for the root.
fn path(text: &str) -> Result<String, &'static str> {
    let path = text.trim_end_matches('/');
    if path.split('/').skip(1).any(|segment| matches!(segment, "" | "." | "..")) {
        return Err("no part of the path may be empty, `.` or `..`");
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_write_a_base_are_one_base() {
        for (written, base) in [
            ("https://hr.internal/scim/v2/", "https://hr.internal/scim/v2"),
            ("HTTPS://HR.Internal:443/scim//", "https://hr.internal/scim"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://localhost:80/", "http://localhost"),
            ("https://[::1]:8443/a", "https://[::1]:8443/a"),
        ] {
            assert_eq!(parse(written).unwrap().text, base, "{written}");
        }
    }

    #[test]
    fn what_is_no_base_is_refused() {
        for bad in [
            "",
            "hr.internal/scim",
            "ftp://hr",
            "https://",
            "https:///x",
            "https://u:p@hr/",
            "https://hr/?a=b",
            "https://hr/#x",
            "https://hr/a/../b",
            "https://hr/a//b",
            "https://hr:0/",
            "https://hr:99999/",
            "https://hr:/x y",
            "/scim",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn it_knows_whether_it_leaves_the_machine() {
        for (url, secure, loopback) in [
            ("http://127.0.0.1:1", false, true),
            ("http://localhost", false, true),
            ("http://[::1]", false, true),
            ("https://hr.example.com", true, false),
            ("http://localhost.example.com", false, false),
        ] {
            let base = parse(url).unwrap();
            assert_eq!((base.is_secure, base.is_loopback), (secure, loopback), "{url}");
        }
    }
}
