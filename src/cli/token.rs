//! `scimgate token`: create, import, list and revoke. A secret is shown once, and never read from the command line, where
//! other users of the machine could see it.

use std::io::{IsTerminal, Read};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use crate::access::store::{self, Edit};
use crate::access::{Entry, Grant, Label, Moment, Preset, Scope, ScopeSet, Secret, TokenId, Weak, os_random};
use crate::config::{Config, Connection};

use super::Failure;

/// The words of `scimgate token`.
#[derive(Debug, clap::Subcommand)]
pub enum Words {
    /// Make a token for a connection; its secret is shown once
    Create(Create),
    /// Take over the secret of a client that can't be changed; it is read from standard input
    Import(Import),
    /// List the tokens
    List(List),
    /// Take a token away: from the next second on it is unknown
    Revoke(Revoke),
}

/// What a new token is to be.
#[derive(Debug, clap::Args)]
struct Wanted {
    /// The connection that it is for; may be left out where there is only one
    #[arg(long)]
    connection: Option<String>,
    /// The scopes of a known client: okta, okta-groups, okta-catalogue or entra
    #[arg(long)]
    preset: Option<String>,
    /// A scope, such as get:users; may be said several times
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
    /// What you call it, for lists and logs
    #[arg(long, default_value = "token")]
    name: String,
    /// How long it is valid: 900s at least, 90d for instance; without it, until it is revoked
    #[arg(long, value_name = "DURATION")]
    lifetime: Option<String>,
    /// The configuration
    #[arg(long, default_value = super::CONFIG, env = "SCIMGATE_CONFIG")]
    config: PathBuf,
}

/// The words of `scimgate token create`.
#[derive(Debug, clap::Args)]
pub struct Create {
    #[command(flatten)]
    wanted: Wanted,
}

/// The words of `scimgate token import`.
#[derive(Debug, clap::Args)]
pub struct Import {
    #[command(flatten)]
    wanted: Wanted,
    /// Take a secret that could be guessed
    #[arg(long)]
    allow_weak: bool,
}

/// The words of `scimgate token list`.
#[derive(Debug, clap::Args)]
pub struct List {
    /// The configuration
    #[arg(long, default_value = super::CONFIG, env = "SCIMGATE_CONFIG")]
    config: PathBuf,
}

/// The words of `scimgate token revoke`.
#[derive(Debug, clap::Args)]
pub struct Revoke {
    /// The token's id, as `scimgate token list` shows it
    id: String,
    /// The configuration
    #[arg(long, default_value = super::CONFIG, env = "SCIMGATE_CONFIG")]
    config: PathBuf,
}

/// Runs the words.
///
/// # Errors
/// Why the token is not made, found or revoked; nothing has changed then.
pub fn run(words: Words) -> Result<String, Failure> {
    match words {
        Words::Create(words) => create(&words.wanted),
        Words::Import(words) => import(&words),
        Words::List(words) => list(&words),
        Words::Revoke(words) => revoke(&words),
    }
}

fn create(wanted: &Wanted) -> Result<String, Failure> {
    let config = settings(wanted)?;
    let connection = super::pick(&config, wanted.connection.as_deref())?;
    let mut edit = Edit::begin(&config.tokens).map_err(said)?;
    let (entry, secret) =
        edit.register.create(grant(wanted, connection)?, SystemTime::now(), &mut os_random).map_err(said)?;
    edit.save().map_err(said)?;
    Ok(issued(&entry, connection, secret.expose()))
}

fn import(words: &Import) -> Result<String, Failure> {
    let config = settings(&words.wanted)?;
    let connection = super::pick(&config, words.wanted.connection.as_deref())?;
    let secret = read_secret()?;
    let weak = if words.allow_weak { Weak::Allow } else { Weak::Refuse };
    let mut edit = Edit::begin(&config.tokens).map_err(said)?;
    let grant = grant(&words.wanted, connection)?;
    let imported = edit.register.import(&secret, weak, grant, SystemTime::now(), &mut os_random);
    let entry = imported.map_err(|fault| said(format!("{fault}{}", weak_hint(&fault))))?;
    edit.save().map_err(said)?;
    Ok(format!("token {} imported for connection {}: {}", entry.id, entry.connection, scopes(&entry)))
}

fn weak_hint(fault: &crate::access::IssueFault) -> &'static str {
    if matches!(fault, crate::access::IssueFault::TooWeak { .. }) { " with --allow-weak" } else { "" }
}

fn list(words: &List) -> Result<String, Failure> {
    let config = super::load(&words.config, &named)?;
    let register = store::read(&config.tokens).map_err(said)?;
    let now = Moment::of(SystemTime::now());
    let mut rows = vec![["ID", "CONNECTION", "NAME", "CREATED", "EXPIRES", "SCOPES"].map(str::to_owned).to_vec()];
    for entry in register.entries() {
        let expires = match entry.expires_at {
            None => "never".to_owned(),
            Some(moment) if entry.is_live(now) => moment.to_string(),
            Some(_) => "expired".to_owned(),
        };
        rows.push(vec![
            entry.id.to_string(),
            entry.connection.to_string(),
            entry.name.to_string(),
            entry.created_at.to_string(),
            expires,
            scopes(entry),
        ]);
    }
    if rows.len() == 1 {
        return Ok(format!("no tokens in {}: every call is answered 401", config.tokens.display()));
    }
    Ok(table(&rows))
}

fn revoke(words: &Revoke) -> Result<String, Failure> {
    let config = super::load(&words.config, &named)?;
    let id = TokenId::parse(&words.id).map_err(said)?;
    let mut edit = Edit::begin(&config.tokens).map_err(said)?;
    let entry = edit.register.revoke(id).map_err(said)?;
    edit.save().map_err(said)?;
    Ok(format!(
        "token {} of connection {} is revoked; a running gateway notices within a second",
        entry.id, entry.connection
    ))
}

/// The configuration; secrets of backends need not be here to make a token.
fn settings(wanted: &Wanted) -> Result<Config, Failure> {
    super::load(&wanted.config, &named)
}

fn named(name: &str) -> Option<String> {
    Some(name.to_owned())
}

/// What was printed is lost, and with it the secret of a token.
pub(super) fn lost(failure: Failure) -> Failure {
    match failure {
        Failure::Said(text) => Failure::said(format!(
            "{text}; what was done stays done: revoke a token whose secret is lost by `scimgate token revoke`"
        )),
        other => other,
    }
}

fn said(fault: impl std::fmt::Display) -> Failure {
    Failure::said(fault.to_string())
}

fn grant(wanted: &Wanted, connection: &Connection) -> Result<Grant, Failure> {
    let mut scopes: Vec<Scope> = Vec::new();
    if let Some(name) = &wanted.preset {
        let preset = Preset::named(name).ok_or_else(|| {
            let names: Vec<_> =
                Preset::ALL.iter().map(|preset| format!("{} ({})", preset.name, preset.summary)).collect();
            Failure::said(format!("`{name}` is no preset; there are {}", names.join("; ")))
        })?;
        scopes.extend(preset.scopes().iter().cloned());
    }
    for scope in &wanted.scopes {
        scopes.push(Scope::parse(scope).map_err(said)?);
    }
    let scopes: ScopeSet = scopes.into_iter().collect();
    if let Some(scope) = scopes.undeclared(&connection.resources).next() {
        let name = &connection.name;
        return Err(Failure::said(format!(
            "connection `{name}` has no such resource as in `{scope}`: declare it under `resources`"
        )));
    }
    let lifetime = wanted.lifetime.as_deref().map(read_lifetime).transpose()?;
    let name = Label::parse(&wanted.name).map_err(said)?;
    Ok(Grant { connection: connection.name.clone(), name, scopes, lifetime, at_most: connection.tokens_at_most })
}

fn read_lifetime(text: &str) -> Result<Duration, Failure> {
    let fault = || Failure::said(format!("`{text}` is not a duration: write 900s, 12h or 90d"));
    let unit = text.chars().last().ok_or_else(fault)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(fault()),
    };
    let number: u64 = text.trim_end_matches(unit).parse().map_err(|_| fault())?;
    number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(fault)
}

fn read_secret() -> Result<Secret, Failure> {
    if std::io::stdin().is_terminal() {
        super::hint("paste the secret, then press Enter and Ctrl-D");
    }
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).map_err(said)?;
    Ok(Secret::new(text.trim().to_owned()))
}

fn scopes(entry: &Entry) -> String {
    entry.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Where a client's administrator puts the two.
fn where_to(client: &str) -> &'static str {
    match client {
        "entra" => "Paste both into Entra: they are its Tenant URL and Secret Token.",
        "okta" | "okta-scim11" => "Paste both into Okta; choose HTTP Header and userName there.",
        _ => "Paste both into the client.",
    }
}

fn issued(entry: &Entry, connection: &Connection, secret: &str) -> String {
    let expires =
        entry.expires_at.map_or("it is valid until it is revoked".to_owned(), |at| format!("it expires {at}"));
    format!(
        "token {} for connection {}; {expires}\n\n  SCIM base URL  {}{}\n  token          {secret}\n  scopes         {}\n\n\
         The token is shown this once. {}",
        entry.id,
        entry.connection,
        connection.public_url,
        connection.path,
        scopes(entry),
        where_to(&connection.client.name),
    )
}

/// Columns as wide as their widest word.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width =
        |column: usize| rows.iter().filter_map(|row| row.get(column)).map(String::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_have_units() {
        assert_eq!(read_lifetime("900s").unwrap(), Duration::from_secs(900));
        assert_eq!(read_lifetime("90d").unwrap(), Duration::from_secs(90 * 86_400));
        for wrong in ["", "90", "d", "1w", "-1d", "99999999999999999999d", "999999999999999999d"] {
            assert!(read_lifetime(wrong).is_err(), "{wrong}");
        }
    }
}
