//! A token for dry runs of the flow.

use std::time::UNIX_EPOCH;

use crate::scim::Resource;

use super::issue::Grant;
use super::name::{ConnectionName, Label};
use super::register::Register;
use super::scope::ScopeSet;
use super::token::os_random;
use super::tokens::Tokens;

/// Tokens with one in them, which has every scope of a connection that declares these resource types; and its secret. It
/// is a new one each time and known to nobody else. Should the operating system have no randomness, there is no token and
/// the rehearsal gets a 401.
#[must_use]
pub fn rehearsal(connection: &ConnectionName, declared: &[Resource]) -> (Tokens, String) {
    let mut register = Register::default();
    let issued = Label::parse("rehearsal").ok().and_then(|name| {
        let (connection, scopes) = (connection.clone(), ScopeSet::every(declared));
        let grant = Grant { connection, name, scopes, lifetime: None, at_most: 1 };
        register.create(grant, UNIX_EPOCH, &mut os_random).ok()
    });
    let secret = issued.map(|(_, secret)| secret.expose().to_owned()).unwrap_or_default();
    (Tokens::new(&register), secret)
}

#[cfg(test)]
mod tests {
    use super::super::credential::Form;
    use super::*;

    #[test]
    fn a_rehearsal_has_every_scope_on_its_own_connection() {
        let (name, other) = (ConnectionName::parse("rehearsal").unwrap(), ConnectionName::parse("okta").unwrap());
        let declared = [Resource::named("Role").unwrap()];
        let (tokens, secret) = rehearsal(&name, &declared);
        let header = format!("Bearer {secret}");
        let caller = tokens.authenticate(&[header.as_bytes()], Form::Bearer, &name, UNIX_EPOCH).unwrap();
        assert_eq!(caller.scopes(), &ScopeSet::every(&declared));
        assert!(tokens.authenticate(&[header.as_bytes()], Form::Bearer, &other, UNIX_EPOCH).is_err());
        assert_ne!(rehearsal(&name, &declared).1, secret);
    }
}
