//! The words at the shell: one file a command. The only room that speaks to people, and the only one that knows all rooms.

mod actions;
pub mod certs;
mod check;
mod demo;
mod explain;
mod paint;
mod probe;
mod schema;
mod serve;
mod token;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Config, Connection};
use crate::fault::Faults;

pub(crate) use paint::Paint;

/// Where the configuration is if nobody says.
const CONFIG: &str = "rules/gateway.yaml";

/// The gateway that makes any SCIM client work with any SCIM backend.
#[derive(Debug, Parser)]
#[command(name = "scimgate", version, about, max_term_width = 100)]
struct Words {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway
    Serve(serve::Words),
    /// Read configuration and packs, run every case, and say all that is wrong
    Check(check::Words),
    /// Show what the rules do to one request, and why; or what a code means
    Explain(explain::Words),
    /// Show the actions that rules may use, or one of them
    Actions(actions::Words),
    /// Print the JSON Schema of packs or of gateway.yaml, for editors
    Schema(schema::Words),
    /// Ask a backend what it can do, and print its pack
    Probe(probe::Words),
    /// Create, import, list and revoke tokens
    #[command(subcommand)]
    Token(token::Words),
    /// Make a development CA and a server certificate
    Certs(CertsWords),
    /// Play Okta's day against a legacy server, straight and through the gateway
    Demo(demo::Words),
}

/// The words of `scimgate certs`.
#[derive(Debug, clap::Args)]
struct CertsWords {
    /// The folder to write to
    #[arg(long, default_value = "certs")]
    dir: PathBuf,
    /// Names and addresses of the server beside localhost, 127.0.0.1 and ::1
    #[arg(long = "name")]
    names: Vec<String>,
    /// Overwrite what is there
    #[arg(long)]
    force: bool,
}

/// Why a command failed, as text for standard error.
#[derive(Debug)]
pub(crate) enum Failure {
    /// A sentence.
    Said(String),
    /// Faults in files, ready to print.
    Faults(String),
    /// It has been said already.
    Silent,
}

impl Failure {
    pub(crate) fn said(text: impl Into<String>) -> Self {
        Self::Said(text.into())
    }

    fn found(faults: &Faults) -> Self {
        Self::Faults(faults.render(Paint::for_errors().is_on()))
    }
}

/// Runs the words that the process was started with.
#[must_use]
pub fn main() -> ExitCode {
    let words = Words::parse();
    match run(words.command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure);
            ExitCode::FAILURE
        }
    }
}

/// Whether the binary knows these words; if not, what it would say of them. For the test of the README.
///
/// # Errors
/// The text that the shell would show.
pub fn knows<'w>(words: impl IntoIterator<Item = &'w str>) -> Result<(), String> {
    let words = std::iter::once("scimgate").chain(words);
    Words::try_parse_from(words).map(drop).map_err(|fault| fault.to_string())
}

#[allow(clippy::print_stderr, reason = "this is where people are spoken to")]
fn tell(failure: &Failure) {
    match failure {
        Failure::Said(text) => eprintln!("error: {text}"),
        Failure::Faults(text) => eprintln!("{}", text.trim_end()),
        Failure::Silent => {}
    }
}

/// Whoever reads may have seen enough and hung up, as `| head` does: that is no fault.
///
/// # Errors
/// It can't be written for any other reason.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(fault) if fault.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::said(format!("the output can't be written: {fault}")))
        }
        _ => Ok(()),
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Serve(words) => serve::run(&words),
        Command::Check(words) => alone()?.block_on(check::run(&words)).and_then(|text| say(&text)),
        Command::Explain(words) => {
            alone()?.block_on(explain::run(&words, Paint::for_output())).and_then(|text| say(&text))
        }
        Command::Actions(words) => actions::run(&words).and_then(|text| say(&text)),
        Command::Schema(words) => schema::run(&words).and_then(|text| say(&text)),
        Command::Probe(words) => alone()?.block_on(probe::run(&words)).and_then(|text| say(&text)),
        Command::Token(words) => token::run(words).and_then(|text| say(&text).map_err(token::lost)),
        Command::Certs(words) => make_certs(&words).and_then(|text| say(&text)),
        Command::Demo(words) => demo::run(&words),
    }
}

/// A runtime for commands that wait for nothing but themselves.
fn alone() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| Failure::said(format!("the runtime can't start: {fault}")))
}

fn make_certs(words: &CertsWords) -> Result<String, Failure> {
    let made = certs::make(&words.dir, &words.names, words.force, std::time::SystemTime::now());
    made.map(|made| made.to_string()).map_err(|fault| Failure::said(fault.to_string()))
}

/// Loads a configuration; warnings are printed, errors are the failure.
fn load(path: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Config, Failure> {
    let mut faults = Faults::default();
    match Config::load(path, env, &mut faults) {
        Some(config) if faults.errors() == 0 => {
            if !faults.is_empty() {
                tell(&Failure::found(&faults));
            }
            Ok(config)
        }
        _ => Err(Failure::found(&faults)),
    }
}

/// The connection of this name; the only one, if nobody says.
fn pick<'c>(config: &'c Config, name: Option<&str>) -> Result<&'c Connection, Failure> {
    let names = || config.connections.iter().map(|one| one.name.as_str()).collect::<Vec<_>>().join(", ");
    match (name, config.connections.as_slice()) {
        (None, [only]) => Ok(only),
        (None, _) => Err(Failure::said(format!("say which connection: --connection {}", names()))),
        (Some(name), all) => all
            .iter()
            .find(|one| one.name.as_str() == name)
            .ok_or_else(|| Failure::said(format!("there is no connection `{name}`; there is {}", names()))),
    }
}

#[allow(clippy::print_stderr, reason = "this is where people are spoken to")]
fn hint(text: &str) {
    eprintln!("{text}");
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
