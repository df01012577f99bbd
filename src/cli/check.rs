//! `scimgate check`: every fault of every file at once, and every case run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::config::{self, Config};
use crate::fault::Faults;
use crate::gateway::cases;

use super::Failure;

/// The words of `scimgate check`.
#[derive(Debug, clap::Args)]
pub struct Words {
    /// Files, or folders in which every .yaml file is read: packs, and configurations called gateway.yaml
    #[arg(default_value = "rules")]
    files: Vec<PathBuf>,
}

/// Runs the words.
///
/// # Errors
/// Faults in the files.
pub async fn run(words: &Words) -> Result<String, Failure> {
    let mut faults = Faults::default();
    let mut files = BTreeSet::new();
    for path in &words.files {
        gather(path, &mut files)?;
    }
    if files.is_empty() {
        return Err(Failure::said("there is no .yaml file to check"));
    }
    let (mut packs, mut ran) = (0, 0);
    for file in &files {
        if file.file_name().is_some_and(|name| name == "gateway.yaml") {
            // Secrets need not be here to check what is written about them.
            drop(Config::load(file, &|name| Some(name.to_owned()), &mut faults));
            continue;
        }
        if let Some(pack) = config::read_pack(file, &mut faults) {
            packs += 1;
            ran += pack.cases.len();
            cases::run(&pack, &mut faults).await;
        }
    }
    if faults.errors() > 0 {
        return Err(Failure::found(&faults));
    }
    let warnings = if faults.is_empty() { String::new() } else { faults.render(super::Paint::for_output().is_on()) };
    Ok(format!("{warnings}{} files, {packs} packs, {ran} cases: no errors", files.len()))
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
