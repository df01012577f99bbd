//! Whether a file's contents have changed, without reading them each time: a file of 100,000 tokens has 40 MB.

use std::hash::{BuildHasher, RandomState};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::file;

/// A change within this time of another may not show in the times that a file system keeps.
const UNSETTLED: Duration = Duration::from_secs(2);

/// What was last seen of a file.
#[derive(Debug)]
pub(super) struct Seen {
    /// Its contents; nothing if it can't be read.
    contents: Option<u64>,
    /// When it had them, and which file it was, if they can't have changed since without telling.
    settled: Option<Stamp>,
    hasher: RandomState,
}

/// What the file system tells of a file: device, number, length, and when anything of it last changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    file: (u64, u64),
    length: u64,
    changed: (i64, i64),
}

impl Seen {
    /// As it is now.
    pub(super) fn now(path: &Path) -> Self {
        let mut seen = Self { contents: None, settled: None, hasher: RandomState::new() };
        seen.has_changed(path);
        seen
    }

    /// Whether its contents differ from those that were last seen, which they then are.
    pub(super) fn has_changed(&mut self, path: &Path) -> bool {
        let stamp = Stamp::of(path);
        if stamp.is_some() && stamp == self.settled {
            return false;
        }
        let contents = file::read(path).ok().map(|bytes| self.hasher.hash_one(bytes));
        // Asked before the contents were read: whatever changed since has a later time.
        self.settled = stamp.filter(|stamp| stamp.is_old(SystemTime::now()));
        std::mem::replace(&mut self.contents, contents) != contents
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        // A network file system asks its server anew when a file is opened, and not whenever it is asked about one.
        let about = file::open(path).and_then(|file| file.metadata()).ok()?;
        let changed = (about.ctime(), about.ctime_nsec());
        Some(Self { file: (about.dev(), about.ino()), length: about.len(), changed })
    }

    fn is_old(&self, now: SystemTime) -> bool {
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        u64::try_from(self.changed.0).is_ok_and(|changed| changed + UNSETTLED.as_secs() < now)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn contents_count_and_not_the_file_that_holds_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.json");
        let mut seen = Seen::now(&path);
        assert!(!seen.has_changed(&path), "it is still missing");
        fs::write(&path, "a").unwrap();
        assert!(seen.has_changed(&path));
        fs::write(&path, "a").unwrap();
        assert!(!seen.has_changed(&path), "written anew with the same");
        fs::write(&path, "b").unwrap();
        assert!(seen.has_changed(&path), "of the same length, in the same moment");
        fs::remove_file(&path).unwrap();
        assert!(seen.has_changed(&path));
    }

    #[test]
    fn a_file_is_trusted_only_when_it_has_been_quiet() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tokens.json");
        fs::write(&path, "a").unwrap();
        let stamp = Stamp::of(&path).unwrap();
        let changed = UNIX_EPOCH + Duration::from_secs(u64::try_from(stamp.changed.0).unwrap());
        assert!(!stamp.is_old(changed) && !stamp.is_old(changed + UNSETTLED));
        assert!(stamp.is_old(changed + 2 * UNSETTLED));
        let mut seen = Seen { settled: Some(stamp), ..Seen::now(&path) };
        assert!(!seen.has_changed(&path));
        fs::rename(&path, folder.path().join("old")).unwrap();
        fs::write(&path, "b").unwrap();
        assert!(seen.has_changed(&path), "another file of the same length");
    }
}
