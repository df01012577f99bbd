//! Issuing, importing and revoking tokens.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use super::credential;
use super::moment::Moment;
use super::name::{ConnectionName, Label};
use super::register::{Entry, Kind, Register};
use super::scope::ScopeSet;
use super::secret::{Digest, Secret};
use super::token::{self, NoRandomness, Random, TokenId};

/// How many live tokens a connection may have unless its operator says otherwise: the one in use, and the one that takes
/// its place.
pub const LIVE_TOKENS: usize = 2;

/// The shortest lifetime of a token.
pub const SHORTEST_LIFETIME: Duration = Duration::from_secs(900);

/// The least estimated strength of an imported secret, in bits.
const STRONG: f64 = 128.0;

/// The fewest different characters in a strong secret.
const DIFFERENT: usize = 10;

/// What a new token is to be.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The connection that it is for.
    pub connection: ConnectionName,
    /// What its operator calls it.
    pub name: Label,
    /// What it permits: at least one scope.
    pub scopes: ScopeSet,
    /// How long it is valid, in whole seconds, at least 900 s; nothing if until it is revoked.
    pub lifetime: Option<Duration>,
    /// How many live tokens its connection may have, this one included.
    pub at_most: usize,
}

/// What to do with a secret that could be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// Refuse it.
    Refuse,
    /// Take it: the operator has said so.
    Allow,
}

/// Why a token is not issued, imported or revoked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssueFault {
    /// The connection has its share of live tokens.
    #[error(
        "connection `{connection}` has {} live tokens and may have {at_most}: revoke one that is no longer used with \
         `scimgate token revoke {}`; it has {}", ids.len(), first(ids), list(ids)
    )]
    TooMany {
        /// The connection.
        connection: ConnectionName,
        /// How many it may have.
        at_most: usize,
        /// Those it has, oldest first.
        ids: Vec<TokenId>,
    },
    /// No scope: the token would permit nothing but discovery.
    #[error("a token needs at least one scope, such as `get:users`, or a preset, such as `okta`")]
    NoScopes,
    /// A lifetime under 900 s, or one that ends after the year 9999.
    #[error(
        "a lifetime is at least 900 seconds and ends before the year 10000; leave it out for a token that stays valid"
    )]
    Lifetime,
    /// An imported secret that could be guessed.
    #[error(
        "the secret could be guessed (about {bits} bits; 128 are needed, and 10 different characters): give the client a \
         token made by `scimgate token create`, or, if it can't be changed, allow a weak secret explicitly"
    )]
    TooWeak {
        /// Its estimated strength, in bits.
        bits: u32,
    },
    /// An imported secret that no client could send.
    #[error("a bearer token is 1 to 512 visible ASCII characters without spaces and commas; this secret is not")]
    NotSendable,
    /// An imported secret that begins as scimgate's own do.
    #[error(
        "the secret begins with `sg_` as tokens made by scimgate do, which can't be imported: use `scimgate token create`"
    )]
    OurOwn,
    /// An imported secret that the connection has already.
    #[error(
        "the connection has this secret already, as token `{id}`: revoke that first with `scimgate token revoke {id}`"
    )]
    Known {
        /// The token that has it.
        id: TokenId,
    },
    /// No token has this id.
    #[error("there is no token `{id}`: `scimgate token list` shows all")]
    NoSuchToken {
        /// The id.
        id: TokenId,
    },
    /// No secret can be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

fn first(ids: &[TokenId]) -> &str {
    ids.first().map_or("<id>", TokenId::as_str)
}

fn list(ids: &[TokenId]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
}

impl Register {
    /// Issues a token. Its secret is nowhere but in what is returned.
    ///
    /// # Errors
    /// Too many live tokens, no scope, a lifetime out of range, no randomness.
    pub fn create(
        &mut self,
        grant: Grant,
        now: SystemTime,
        random: &mut dyn FnMut(&mut [u8]) -> Result<(), NoRandomness>,
    ) -> Result<(Entry, Secret), IssueFault> {
        let id = self.free_id(random)?;
        let secret = token::mint(id, random)?;
        let entry = self.admit(grant, id, Kind::Issued, secret.digest(), now)?;
        Ok((entry, secret))
    }

    /// Takes over a secret that a client has already.
    ///
    /// # Errors
    /// Those of [`Register::create`], and a secret that is weak, can't be sent, or is known.
    pub fn import(
        &mut self,
        secret: &Secret,
        weak: Weak,
        grant: Grant,
        now: SystemTime,
        random: &mut dyn FnMut(&mut [u8]) -> Result<(), NoRandomness>,
    ) -> Result<Entry, IssueFault> {
        let (text, digest) = (secret.expose(), secret.digest());
        if !credential::is_sendable(text) {
            return Err(IssueFault::NotSendable);
        }
        if text.starts_with(token::PREFIX) {
            return Err(IssueFault::OurOwn);
        }
        let (bits, different) = strength(text);
        if weak == Weak::Refuse && (bits < STRONG || different < DIFFERENT) {
            return Err(IssueFault::TooWeak { bits: bits as u32 });
        }
        let is_known = |entry: &&Entry| entry.connection == grant.connection && entry.digest.matches(&digest);
        if let Some(known) = self.0.iter().find(is_known) {
            return Err(IssueFault::Known { id: known.id });
        }
        let id = self.free_id(random)?;
        self.admit(grant, id, Kind::Imported, digest, now)
    }

    /// Takes a token away: it is unknown from then on.
    ///
    /// # Errors
    /// No token with this id.
    pub fn revoke(&mut self, id: TokenId) -> Result<Entry, IssueFault> {
        let place = self.0.iter().position(|entry| entry.id == id).ok_or(IssueFault::NoSuchToken { id })?;
        Ok(self.0.remove(place))
    }

    fn free_id(&self, random: &mut Random<'_>) -> Result<TokenId, NoRandomness> {
        let id = TokenId::draw(random)?;
        // Of 36^16 ids the same one comes again only from a source that repeats itself.
        if self.0.iter().any(|entry| entry.id == id) { Err(NoRandomness) } else { Ok(id) }
    }

    fn admit(
        &mut self,
        grant: Grant,
        id: TokenId,
        kind: Kind,
        digest: Digest,
        now: SystemTime,
    ) -> Result<Entry, IssueFault> {
        let created_at = Moment::of(now);
        let expires_at = match grant.lifetime {
            None => None,
            Some(lifetime) if lifetime < SHORTEST_LIFETIME => return Err(IssueFault::Lifetime),
            Some(lifetime) => Some(created_at.after(lifetime).ok_or(IssueFault::Lifetime)?),
        };
        if grant.scopes.is_empty() {
            return Err(IssueFault::NoScopes);
        }
        let (connection, at_most) = (grant.connection, grant.at_most);
        let live = self.0.iter().filter(|entry| entry.connection == connection && entry.is_live(created_at));
        let ids: Vec<TokenId> = live.map(|entry| entry.id).collect();
        if ids.len() >= at_most {
            return Err(IssueFault::TooMany { connection, at_most, ids });
        }
        let entry =
            Entry { id, connection, name: grant.name, kind, scopes: grant.scopes, created_at, expires_at, digest };
        self.0.push(entry.clone());
        Ok(entry)
    }
}

/// An upper bound of a secret's strength, in bits, and how many different characters it has. It is what the secret would
/// be worth if it was drawn from the kinds of characters that it shows; words look stronger than they are. Hyphens of a
/// UUID are worth nothing.
fn strength(secret: &str) -> (f64, usize) {
    let is_hex = secret.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    let shows = |kind: fn(&u8) -> bool, size: u8| if secret.as_bytes().iter().any(kind) { size } else { 0 };
    let letters = shows(u8::is_ascii_lowercase, 26) + shows(u8::is_ascii_uppercase, 26);
    let alphabet =
        if is_hex { 16 } else { letters + shows(u8::is_ascii_digit, 10) + shows(u8::is_ascii_punctuation, 2) };
    let drawn = secret.bytes().filter(|byte| !is_hex || *byte != b'-').count();
    let different: HashSet<u8> = secret.bytes().collect();
    (drawn as f64 * f64::from(alphabet.max(1)).log2(), different.len())
}

#[cfg(test)]
mod tests;
