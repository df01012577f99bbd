//! The token file: JSON that only its owner may read, written whole or not at all.
//!
//! It holds digests, never secrets. Still, who can write it can let anybody in, and who can read it can try guesses at
//! weak imported secrets: so it must belong to the user that scimgate runs as and be closed to all others.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::file;

use super::register::Register;

/// What only the owner may do: read and write.
const OWNER_ONLY: u32 = 0o600;

/// Why the token file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreFault {
    /// It can't be opened or read.
    #[error("can't read the token file {}: {fault}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        fault: io::Error,
    },
    /// It is a folder, a pipe or a device.
    #[error("the token file {} is no regular file", path.display())]
    NoFile {
        /// The file.
        path: PathBuf,
    },
    /// Others than its owner may read or write it.
    #[error("the token file {0} is open to others (mode {mode:04o}): run `chmod 600 {0}`", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// It belongs to somebody else.
    #[error(
        "the token file {0} belongs to user {owner}, but scimgate runs as user {runs_as}: run `chown {runs_as} {0}`",
        path.display()
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// The number of its owner.
        owner: u32,
        /// The number of the user that scimgate runs as.
        runs_as: u32,
    },
    /// It doesn't hold what it should.
    #[error("{}:{line}:{column}: {what}; `scimgate token` writes this file, so restore it or make its tokens anew", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// The line, from 1; 0 if the fault has no place.
        line: usize,
        /// The column, from 1; 0 if the fault has no place.
        column: usize,
        /// What is wrong, and what would be right.
        what: String,
    },
    /// Somebody else is changing it.
    #[error("another scimgate is changing the token file {}: try again when it has finished", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// It can't be written.
    #[error("can't write the token file {}: {fault}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        #[source]
        fault: io::Error,
    },
}

/// The file's shape.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "expected an object with `version` and `tokens`")]
struct Written {
    version: Version,
    tokens: Register,
}

/// The version of the file's shape.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
struct Version;

impl TryFrom<u64> for Version {
    type Error = String;

    fn try_from(version: u64) -> Result<Self, String> {
        (version == 1).then_some(Self).ok_or_else(|| format!("version {version} is not known here, only version 1"))
    }
}

impl From<Version> for u64 {
    fn from(_: Version) -> Self {
        1
    }
}

/// Reads the token file. One that is missing or empty holds no tokens, so nobody can call.
///
/// # Errors
/// A file that others may read, that belongs to somebody else, or that doesn't hold what it should.
pub fn read(path: &Path) -> Result<Register, StoreFault> {
    let unreadable = |fault| StoreFault::Unreadable { path: path.to_owned(), fault };
    let mut file = match file::open(path) {
        Ok(file) => file,
        Err(fault) if fault.kind() == ErrorKind::NotFound => return Ok(Register::default()),
        Err(fault) => return Err(unreadable(fault)),
    };
    // Asked of the open file, so that it can't be exchanged in between.
    let about = file.metadata().map_err(unreadable)?;
    let path = path.to_owned();
    let (mode, owner, runs_as) = (about.mode() & 0o7777, about.uid(), rustix::process::geteuid().as_raw());
    if !about.is_file() {
        return Err(StoreFault::NoFile { path });
    }
    if mode & !OWNER_ONLY != 0 {
        return Err(StoreFault::Open { path, mode });
    }
    if owner != runs_as {
        return Err(StoreFault::Foreign { path, owner, runs_as });
    }
    let mut text = Vec::new();
    file.read_to_end(&mut text).map_err(unreadable)?;
    parse(&text).map_err(|(line, column, what)| StoreFault::Broken { path, line, column, what })
}

fn parse(text: &[u8]) -> Result<Register, (usize, usize, String)> {
    if text.trim_ascii().is_empty() {
        return Ok(Register::default());
    }
    let written: Written = serde_json::from_slice(text).map_err(|fault| {
        let (line, column) = (fault.line(), fault.column());
        let what = fault.to_string();
        let place = format!(" at line {line} column {column}");
        (line, column, what.strip_suffix(&place).unwrap_or(&what).to_owned())
    })?;
    Ok(written.tokens)
}

/// A change to the token file. While it lasts, nobody else can begin one.
#[derive(Debug)]
pub struct Edit {
    path: PathBuf,
    /// What the file holds, to be changed.
    pub register: Register,
    /// Unlocked by the operating system when it is dropped, even by a crash. The lock is on a file of its own, since the
    /// token file is exchanged for a new one.
    _lock: File,
}

impl Edit {
    /// Locks the token file and reads it. It need not exist; its folder must.
    ///
    /// # Errors
    /// Those of [`read`]; a folder that can't be written; somebody else's change under way.
    pub fn begin(path: &Path) -> Result<Self, StoreFault> {
        // Through links, so that the file they lead to is exchanged and not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let unwritable = |fault| StoreFault::Unwritable { path: path.clone(), fault };
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).mode(OWNER_ONLY).open(beside(&path, "lock"));
        let lock = lock.map_err(unwritable)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(StoreFault::Busy { path }),
            Err(TryLockError::Error(fault)) => return Err(unwritable(fault)),
        }
        let register = read(&path)?;
        Ok(Self { path, register, _lock: lock })
    }

    /// Writes the register: after a crash the file holds the old tokens or the new ones, and never a part.
    ///
    /// # Errors
    /// What the operating system says; the file is as it was.
    pub fn save(self) -> Result<(), StoreFault> {
        let written = Written { version: Version, tokens: self.register };
        let replace = || -> io::Result<()> {
            let mut text = serde_json::to_vec_pretty(&written)?;
            text.push(b'\n');
            exchange(&self.path, &text)
        };
        replace().map_err(|fault| StoreFault::Unwritable { path: self.path.clone(), fault })
    }
}

fn exchange(path: &Path, text: &[u8]) -> io::Result<()> {
    let new = beside(path, "new");
    // Only a crash leaves one behind: whoever has the lock is alone. It is made anew, for its mode and owner.
    match fs::remove_file(&new) {
        Err(fault) if fault.kind() != ErrorKind::NotFound => return Err(fault),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(&new)?;
    file.write_all(text)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

/// The path of a file beside another: `tokens.json.lock`.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

#[cfg(test)]
mod tests;
