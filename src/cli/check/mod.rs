//! `scimgate check`: every fault of every file at once, every case run, and whatever makes one doubt a rule.

mod bless;
mod format;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::bridge::Bridge;
use crate::config::{self, Config, Connection};
use crate::fault::Faults;
use crate::gateway::cases;
use crate::rules::proofs;
use crate::scim::{OperationKind, Resource};

use super::{Failure, say};

use format::Format;

/// The words of `scimgate check`.
#[derive(Debug, clap::Args)]
pub struct Words {
    /// Files, or folders in which every .yaml file is read: packs, and configurations called gateway.yaml
    #[arg(default_value = "rules")]
    files: Vec<PathBuf>,
    /// How faults are printed: for people, for programs, or as annotations of GitHub
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write into failing cases what was received and which rules fired, where they expect something else
    #[arg(long)]
    bless: bool,
}

/// Runs the words.
///
/// # Errors
/// Faults in the files.
pub async fn run(words: &Words) -> Result<String, Failure> {
    let mut files = BTreeSet::new();
    for path in &words.files {
        gather(path, &mut files)?;
    }
    if files.is_empty() {
        return Err(Failure::said("there is no .yaml file to check"));
    }
    if words.bless {
        for file in files.iter().filter(|file| !is_deployment(file)) {
            bless::file(file).await?;
        }
    }
    let mut faults = Faults::default();
    let counted = check(&files, &mut faults).await;
    report(&faults, words.format, &counted)
}

/// Checks the files; what was checked, in words.
async fn check(files: &BTreeSet<PathBuf>, faults: &mut Faults) -> String {
    let (mut packs, mut ran, mut told) = (0, 0, String::new());
    for file in files {
        if is_deployment(file) {
            // Secrets need not be here to check what is written about them.
            let config = Config::load(file, &|name| Some(name.to_owned()), faults);
            for connection in config.iter().flat_map(|config| &config.connections) {
                told.push_str(&versions_of(connection));
                told.push_str(&bridges_of(connection));
            }
        } else if let Some(pack) = config::read_pack(file, faults) {
            packs += 1;
            ran += pack.cases.len();
            let fired = cases::run(&pack, faults).await;
            proofs::doubts(&pack, &fired, faults);
        }
    }
    format!("{told}{}, {}, {}", plural(files.len(), "file"), plural(packs, "pack"), plural(ran, "case"))
}

/// A line for each side that speaks SCIM 1.1: `okta: its client speaks SCIM 1.1`; and for what that takes.
fn versions_of(connection: &Connection) -> String {
    let sides = [("client", connection.scim), ("backend", connection.inner().can.scim)];
    let old = sides.into_iter().filter(|(_, version)| version.is_old());
    let mut told: String = old.map(|(side, _)| format!("{}: its {side} speaks SCIM 1.1\n", connection.name)).collect();
    if connection.scim.is_old() && connection.operations.contains(&OperationKind::Patch) {
        told.push_str(&format!("{}: patch of User over {}\n", connection.name, Bridge::Merge.name()));
    }
    told
}

/// A line for each kind of call that goes over a bridge: `okta: patch of Group over patch_to_put`.
fn bridges_of(connection: &Connection) -> String {
    let line = |(kind, resource, bridge): (OperationKind, Resource, Bridge)| {
        format!("{}: {} of {resource} over {}\n", connection.name, kind.word(), bridge.name())
    };
    let enabled = |(kind, ..): &(OperationKind, Resource, Bridge)| connection.operations.contains(kind);
    config::bridges::chosen(connection.inner(), &connection.modes, connection.choices)
        .filter(enabled)
        .map(line)
        .collect()
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Programs read standard output, whatever is wrong; people are told of errors on standard error.
fn report(faults: &Faults, format: Format, counted: &str) -> Result<String, Failure> {
    let failed = faults.errors() > 0;
    let text = match format {
        Format::Text if failed => return Err(Failure::found(faults)),
        Format::Text => format!("{}{counted}: no errors", faults.render(super::Paint::for_output().is_on())),
        Format::Json => format::json(faults),
        Format::Github => format::github(faults, counted),
    };
    if failed {
        say(&text)?;
        return Err(Failure::Silent);
    }
    Ok(text)
}

fn is_deployment(file: &Path) -> bool {
    file.file_name().is_some_and(|name| name == "gateway.yaml")
}

fn gather(path: &Path, files: &mut BTreeSet<PathBuf>) -> Result<(), Failure> {
    let failure = |fault: std::io::Error| Failure::said(format!("{}: {fault}", path.display()));
    if !fs::metadata(path).map_err(failure)?.is_dir() {
        files.insert(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        if path.is_dir() || path.extension().is_some_and(|extension| extension == "yaml") {
            gather(&path, files)?;
        }
    }
    Ok(())
}
