//! Who calls: tokens in memory, looked up and compared.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use crate::scim::Target;

use super::credential::{AuthFailure, Form};
use super::moment::Moment;
use super::name::{ConnectionName, Label};
use super::register::{Entry, Kind, Register};
use super::scope::{ScopeSet, Verb};
use super::secret::Digest;
use super::token::{self, TokenId};

/// All tokens, ready to be looked up. Made anew whenever the register changes; without any, nobody can call.
#[derive(Debug, Default)]
pub struct Tokens {
    issued: HashMap<TokenId, Arc<Entry>>,
    imported: HashMap<ConnectionName, HashMap<[u8; 32], Arc<Entry>>>,
}

impl Tokens {
    /// The tokens of a register.
    #[must_use]
    pub fn new(register: &Register) -> Self {
        let mut tokens = Self::none();
        for entry in register.entries() {
            let entry = Arc::new(entry.clone());
            match entry.kind {
                Kind::Issued => tokens.issued.insert(entry.id, entry),
                Kind::Imported => {
                    let of_connection = tokens.imported.entry(entry.connection.clone()).or_default();
                    of_connection.insert(entry.digest.key(), entry)
                }
            };
        }
        tokens
    }

    /// No tokens.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether there is no token at all. Expired ones count: whether they are is a matter of the time of each call.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.issued.is_empty() && self.imported.is_empty()
    }

    /// Who calls a connection with these values of `Authorization` headers, in the form that the connection takes.
    ///
    /// # Errors
    /// Why it is nobody. That a token has expired, or is for another connection, is told only to who knows its secret;
    /// the latter as unknown.
    pub fn authenticate(
        &self,
        headers: &[&[u8]],
        form: Form,
        connection: &ConnectionName,
        now: SystemTime,
    ) -> Result<Caller, AuthFailure> {
        let text = form.token(headers)?;
        let id = token::id_of(&text);
        if id.is_none() && text.starts_with(token::PREFIX) {
            return Err(AuthFailure::Malformed);
        }
        let digest = Digest::of(text.as_bytes());
        let entry = match id {
            Some(id) => self.issued.get(&id),
            None => self.imported.get(connection).and_then(|known| known.get(&digest.key())),
        };
        // Known or not, the work is the same: time doesn't tell which ids exist.
        let is_right = entry.map_or(&Digest::NOBODY, |entry| &entry.digest).matches(&digest);
        let entry = entry.filter(|entry| is_right && entry.connection == *connection).ok_or(AuthFailure::Unknown)?;
        if !entry.is_live(Moment::of(now)) {
            return Err(AuthFailure::Expired);
        }
        Ok(Caller(entry.clone()))
    }
}

/// Somebody with a valid token for the connection that is called.
#[derive(Clone, Debug)]
pub struct Caller(Arc<Entry>);

impl Caller {
    /// The token's id, for the log.
    #[must_use]
    pub fn id(&self) -> &str {
        self.0.id.as_str()
    }

    /// What the token's operator calls it.
    #[must_use]
    pub fn name(&self) -> &Label {
        &self.0.name
    }

    /// What the token permits.
    #[must_use]
    pub fn scopes(&self) -> &ScopeSet {
        &self.0.scopes
    }

    /// Whether the caller may read the resource type that a call is about.
    #[must_use]
    pub fn may_read(&self, target: &Target) -> bool {
        target.resource.as_ref().is_some_and(|resource| self.0.scopes.permits(Verb::Get, resource))
    }

    /// The token, as throttles know it.
    pub(super) fn token(&self) -> TokenId {
        self.0.id
    }
}

#[cfg(test)]
mod tests;
