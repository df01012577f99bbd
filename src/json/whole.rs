//! A part of a document that is wanted whole: borrowed if one chunk holds all of it, gathered if not.

use super::fault::FaultKind;

/// The longest part that is gathered, in bytes: a group of some 100,000 members.
const LONGEST: usize = 16 * 1024 * 1024;

/// What has come of the part so far.
#[derive(Debug, Default)]
pub(super) struct Whole {
    held: Vec<u8>,
    is_complete: bool,
}

impl Whole {
    /// Adds bytes; all of the part if these are its last. The next ones begin a new part then.
    pub(super) fn add<'b>(&'b mut self, bytes: &'b [u8], is_last: bool) -> Result<Option<&'b [u8]>, FaultKind> {
        if std::mem::replace(&mut self.is_complete, is_last) {
            self.held.clear();
        }
        if self.held.len().saturating_add(bytes.len()) > LONGEST {
            return Err(FaultKind::TooLong(LONGEST));
        }
        if is_last && self.held.is_empty() {
            return Ok(Some(bytes));
        }
        self.held.extend_from_slice(bytes);
        Ok(is_last.then_some(&self.held))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_in_one_piece_is_borrowed_and_one_in_many_is_joined() {
        let mut whole = Whole::default();
        assert_eq!(whole.add(b"one", true), Ok(Some(&b"one"[..])));
        assert!(whole.held.is_empty());
        assert_eq!(whole.add(b"t", false), Ok(None));
        assert_eq!(whole.add(b"", false), Ok(None));
        assert_eq!(whole.add(b"wo", true), Ok(Some(&b"two"[..])));
        assert_eq!(whole.add(b"three", true), Ok(Some(&b"three"[..])));
    }

    #[test]
    fn a_part_ends_at_16_mib() {
        let most = vec![b'x'; LONGEST];
        assert_eq!(Whole::default().add(&most, true), Ok(Some(&most[..])));
        let mut whole = Whole::default();
        assert_eq!(whole.add(&most, false), Ok(None));
        assert_eq!(whole.add(b"x", true), Err(FaultKind::TooLong(LONGEST)));
    }
}
