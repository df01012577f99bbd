//! The files that a configuration is read from, and what it is called after them.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::fault::{Fault, Faults, Place};

/// All that was read so far, as hashes: of what anybody may know, and of the secrets too.
#[derive(Default)]
pub(super) struct Files {
    open: Sha256,
    all: Sha256,
}

impl Files {
    /// Reads a file that was named on the command line; if it can't be read, that is a fault of the file itself.
    pub(super) fn named(&mut self, name: &str, path: &Path, faults: &mut Faults) -> Option<Vec<u8>> {
        match fs::read(path) {
            Ok(bytes) => {
                self.count(name, &bytes);
                Some(bytes)
            }
            Err(fault) => {
                let place = Place::whole(&path.display().to_string());
                let message = format!("the file can't be read: {}", reason(&fault));
                faults.push(Fault::error("R0107", place, message).help("name a file that exists and may be read"));
                None
            }
        }
    }

    /// Counts what was read under a name that doesn't depend on the folder.
    pub(super) fn count(&mut self, name: &str, bytes: &[u8]) {
        add(&mut self.open, name, bytes);
        add(&mut self.all, name, bytes);
    }

    /// Counts a secret.
    pub(super) fn count_secret(&mut self, name: &str, bytes: &[u8]) {
        add(&mut self.all, name, bytes);
    }

    /// 12 hexadecimal digits of what anybody may know.
    pub(super) fn generation(&self) -> String {
        let digest = self.open.clone().finalize();
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The hash of everything.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        Fingerprint(self.all.clone().finalize().into())
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

/// What a configuration was read from, secrets included: equal for the same contents. It isn't printed, because guesses
/// at a weak secret could be tried on it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}
