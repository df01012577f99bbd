//! The files that a configuration is read from, and what it is called after them.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::fault::{Fault, Faults, Place};
use crate::file;

/// All that was read so far: the hash of what anybody may know, and what stood in which file.
#[derive(Default)]
pub(super) struct Files {
    open: Sha256,
    looked: Vec<(PathBuf, Option<Contents>)>,
}

/// The hash of a file's contents.
type Contents = [u8; 32];

impl Files {
    /// Reads a file, and keeps in mind what was there, or that nothing was.
    pub(super) fn read(&mut self, path: &Path) -> io::Result<Vec<u8>> {
        let read = file::read(path);
        self.looked.push((path.to_owned(), contents(&read)));
        read
    }

    /// What was looked at.
    pub(super) fn sources(self) -> Sources {
        Sources(self.looked)
    }

    /// Reads a file that was named on the command line; if it can't be read, that is a fault of the file itself.
    pub(super) fn named(&mut self, name: &str, path: &Path, faults: &mut Faults) -> Option<Vec<u8>> {
        match self.read(path) {
            Ok(bytes) => {
                self.count(name, &bytes);
                Some(bytes)
            }
            Err(fault) => {
                let place = Place::whole(&path.display().to_string());
                let message = format!("the file can't be read: {}", reason(&fault));
                let help = match name {
                    "gateway.yaml" => "start where it is, or name it by `--config` or SCIMGATE_CONFIG",
                    _ => "name a file that exists and may be read",
                };
                faults.push(Fault::error("R0107", place, message).help(help));
                None
            }
        }
    }

    /// Counts what was read, but for secrets, under a name that doesn't depend on the folder.
    pub(super) fn count(&mut self, name: &str, bytes: &[u8]) {
        add(&mut self.open, name, bytes);
    }

    /// 12 hexadecimal digits of what anybody may know.
    pub(super) fn generation(&self) -> String {
        let digest = self.open.clone().finalize();
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }
}

fn contents(read: &io::Result<Vec<u8>>) -> Option<Contents> {
    read.as_ref().ok().map(|bytes| Sha256::digest(bytes).into())
}

/// The files that a configuration was read from, and those that were looked for in vain.
#[derive(Clone)]
pub struct Sources(Vec<(PathBuf, Option<Contents>)>);

impl Sources {
    /// Whether any of them holds something else now, has come or has gone. Contents are compared, so that files which
    /// change under links, as Kubernetes does it, are seen.
    #[must_use]
    pub fn have_changed(&self) -> bool {
        self.0.iter().any(|(path, held)| contents(&file::read(path)) != *held)
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(path, _)| path)).finish()
    }
}

/// Lengths come first, so that no two lists of files hash alike.
fn add(hash: &mut Sha256, name: &str, bytes: &[u8]) {
    for part in [name.as_bytes(), bytes] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
}

/// Why a file can't be read, without the number of the error.
pub(super) fn reason(fault: &io::Error) -> String {
    match fault.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        _ => fault.to_string(),
    }
}
