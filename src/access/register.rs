//! The register of tokens: what is known of each, which never includes its secret.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::moment::Moment;
use super::name::{ConnectionName, Label};
use super::scope::ScopeSet;
use super::secret::Digest;
use super::token::TokenId;

/// What is known of one token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its id, which may be shown and logged.
    pub id: TokenId,
    /// The connection that it is for. On any other it is nothing.
    pub connection: ConnectionName,
    /// What its operator calls it.
    pub name: Label,
    /// Where it comes from.
    pub kind: Kind,
    /// What it permits.
    pub scopes: ScopeSet,
    /// When it was issued or imported.
    pub created_at: Moment,
    /// The first second at which it is no longer valid; nothing if it stays valid until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Moment>,
    /// The digest of its whole text.
    pub digest: Digest,
}

/// Where a token comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// scimgate made it: it is found by its id.
    Issued,
    /// Its client had it before: it is found by its digest.
    Imported,
}

impl Entry {
    /// Whether it is still valid.
    #[must_use]
    pub fn is_live(&self, now: Moment) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// All tokens. No two share an id; no two imported ones share connection and secret.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<Entry>", into = "Vec<Entry>")]
pub struct Register(pub(super) Vec<Entry>);

impl Register {
    /// What is known of each token, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }
}

/// Two entries for the same token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the token `{id}` is here twice, by its id or by its digest: keep one of them")]
pub struct Twice {
    id: TokenId,
}

impl TryFrom<Vec<Entry>> for Register {
    type Error = Twice;

    fn try_from(entries: Vec<Entry>) -> Result<Self, Twice> {
        let (mut ids, mut imported) = (HashSet::with_capacity(entries.len()), HashMap::new());
        for entry in &entries {
            let by_digest = match entry.kind {
                Kind::Issued => None,
                Kind::Imported => imported.insert((&entry.connection, entry.digest.key()), entry.id),
            };
            let by_id = (!ids.insert(entry.id)).then_some(entry.id);
            if let Some(id) = by_id.or(by_digest) {
                return Err(Twice { id });
            }
        }
        Ok(Self(entries))
    }
}

impl From<Register> for Vec<Entry> {
    fn from(register: Register) -> Self {
        register.0
    }
}
