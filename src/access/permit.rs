//! What a caller may do: the only place where a [`Permit`] and a [`Cleared`] are made.

use std::sync::Arc;

use crate::scim::{Resource, Target};

use super::scope::Scope;
use super::throttle::{Brake, Wait};
use super::tokens::Caller;

/// One call may be made, as far as its method and resource type go.
#[derive(Debug)]
#[must_use = "a permit is for the call that it was asked for"]
pub struct Permit(());

/// One call may go to a backend, and take away as much as the brake allows.
#[derive(Debug)]
#[must_use = "without this no exchange with a backend can be made"]
pub struct Cleared(Arc<Brake>);

/// The caller's token lacks a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The scope that is missing; the first, if several are.
    pub missing: Scope,
}

/// Whether a caller may make a call, on a connection that declares these resource types beside User and Group.
///
/// # Errors
/// The scope that the caller's token lacks.
pub fn permit(caller: &Caller, target: &Target, declared: &[Resource]) -> Result<Permit, Denied> {
    match caller.scopes().lacks(Scope::needed(target), declared) {
        None => Ok(Permit(())),
        Some(missing) => Err(Denied { missing }),
    }
}

impl Permit {
    /// Lets the call go to the backend, once its body has been read and translated.
    pub fn clear(self, brake: &Arc<Brake>) -> Cleared {
        Cleared(brake.clone())
    }
}

impl Cleared {
    /// Whether what the call takes away is counted.
    #[must_use]
    pub fn counts_losses(&self) -> bool {
        self.0.is_on()
    }

    /// Draws losses from the allowance: all, or none of them. They are drawn before the call is made, and stay drawn if it
    /// fails.
    ///
    /// # Errors
    /// How long to wait, if the allowance is used up.
    pub fn draw(&self, losses: u32) -> Result<(), Wait> {
        self.0.draw(losses)
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::super::credential::Form;
    use super::super::issue::Grant;
    use super::super::name::{ConnectionName, Label};
    use super::super::register::Register;
    use super::super::scope::{ScopeSet, Verb};
    use super::super::token::os_random;
    use super::super::tokens::Tokens;
    use super::*;

    fn declared() -> Vec<Resource> {
        ["Role", "Entitlement"].map(|name| Resource::named(name).unwrap()).to_vec()
    }

    fn caller(scopes: ScopeSet) -> Caller {
        let connection = ConnectionName::parse("okta").unwrap();
        let name = Label::parse("Okta").unwrap();
        let grant = Grant { connection: connection.clone(), name, scopes, lifetime: None, at_most: 1 };
        let mut register = Register::default();
        let (_, secret) = register.create(grant, UNIX_EPOCH, &mut os_random).unwrap();
        let header = format!("Bearer {}", secret.expose());
        Tokens::new(&register).authenticate(&[header.as_bytes()], Form::Bearer, &connection, UNIX_EPOCH).unwrap()
    }

    fn only(scope: &str) -> Caller {
        caller([Scope::parse(scope).unwrap()].into_iter().collect())
    }

    fn missing(caller: &Caller, request: &str) -> Option<String> {
        let (method, path) = request.split_once(' ').unwrap();
        let target = Target::parse(method, path, &declared()).unwrap();
        permit(caller, &target, &declared()).err().map(|denied| denied.missing.to_string())
    }

    /// Every request on every resource type, with the one scope that permits it.
    fn table() -> Vec<(String, String)> {
        let requests = [
            ("GET", "", "get"),
            ("HEAD", "", "get"),
            ("POST", "/.search", "get"),
            ("GET", "/1", "get"),
            ("HEAD", "/1", "get"),
            ("POST", "", "post"),
            ("PUT", "/1", "put"),
            ("PATCH", "/1", "patch"),
            ("DELETE", "/1", "delete"),
        ];
        let types = ["Users", "Groups", "Roles", "Entitlements"];
        let of = |endpoint: &str| {
            requests.map(|(method, rest, verb)| {
                (format!("{method} /{endpoint}{rest}"), format!("{verb}:{}", endpoint.to_lowercase()))
            })
        };
        types.into_iter().flat_map(of).collect()
    }

    #[test]
    fn each_request_is_permitted_by_its_own_scope_and_by_no_other() {
        for scope in ScopeSet::every(&declared()).iter().map(Scope::to_string) {
            let caller = only(&scope);
            for (request, needed) in table() {
                let expected = (scope != needed).then_some(needed);
                assert_eq!(missing(&caller, &request), expected, "{scope} {request}");
            }
        }
    }

    #[test]
    fn all_scopes_but_one_are_not_that_one() {
        for (request, needed) in table() {
            let others =
                ScopeSet::every(&declared()).iter().filter(|scope| scope.to_string() != needed).cloned().collect();
            assert_eq!(missing(&caller(others), &request), Some(needed), "{request}");
        }
    }

    #[test]
    fn discovery_and_the_envelope_of_bulk_need_any_token() {
        let requests = [
            "GET /ServiceProviderConfig",
            "GET /Schemas",
            "GET /Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
            "GET /ResourceTypes",
            "HEAD /ResourceTypes/User",
            "POST /Bulk",
        ];
        for request in requests {
            assert_eq!(missing(&only("delete:roles"), request), None, "{request}");
        }
    }

    #[test]
    fn a_search_at_the_root_reads_every_resource_type() {
        let reads: Vec<Scope> = ["get:users", "get:groups", "get:roles", "get:entitlements"]
            .map(|scope| Scope::parse(scope).unwrap())
            .to_vec();
        assert_eq!(missing(&caller(reads.iter().cloned().collect()), "POST /.search"), None);
        for lacking in &reads {
            let others = reads.iter().filter(|scope| *scope != lacking).cloned().collect();
            assert_eq!(missing(&caller(others), "POST /.search"), Some(lacking.to_string()));
        }
        let undeclared = Target::parse("POST", "/.search", &[]).unwrap();
        let standard = caller(reads.iter().take(2).cloned().collect());
        assert!(permit(&standard, &undeclared, &[]).is_ok());
    }

    #[test]
    fn me_could_be_anything_and_needs_everything() {
        for method in ["GET", "PATCH", "DELETE"] {
            assert_eq!(missing(&only("get:users"), &format!("{method} /Me")), Some("post:users".to_owned()));
        }
        assert_eq!(missing(&caller(ScopeSet::every(&declared())), "GET /Me"), None);
    }

    #[test]
    fn may_read_is_get_on_the_same_resource_type() {
        let patch = Target::parse("PATCH", "/Users/1", &[]).unwrap();
        for scope in ScopeSet::every(&declared()).iter() {
            let expected = *scope == Scope::new(Verb::Get, &Resource::User);
            assert_eq!(caller([scope.clone()].into_iter().collect()).may_read(&patch), expected, "{scope}");
        }
    }
}
