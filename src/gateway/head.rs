//! The head of a request as conditions may see it: what HTTP says, without credentials.

use http::request::Parts;

use crate::rules::{Head, SECRET};
use crate::scim::Query;

/// The head of a request. What is no text is left out: no condition can name it.
pub fn read(parts: &Parts) -> Head {
    let fields = parts.headers.iter().filter(|(name, _)| !SECRET.contains(&name.as_str()));
    let fields = fields.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    Head { headers: fields.collect(), params: Query::pairs(parts.uri.query().unwrap_or_default()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_credential_is_in_it() {
        let request = http::Request::get("/Users?aadOptscim062020&count=2&filter=a+eq%20%22b%22&%zz=1")
            .header("User-Agent", "Okta SCIM Client 1.0")
            .header("Authorization", "Bearer t")
            .header("Cookie", "t")
            .header("x-bytes", &b"\xff"[..])
            .body(())
            .unwrap();
        let head = read(&request.into_parts().0);
        assert_eq!(head.headers, [("user-agent".to_owned(), "Okta SCIM Client 1.0".to_owned())]);
        let params: Vec<_> = head.params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(params, [("aadOptscim062020", ""), ("count", "2"), ("filter", "a eq \"b\"")]);
    }
}
