//! What is wrong with a document, and where. Never prints a value: values are people's data.

/// How many characters of a name a fault shows.
const SHOWN: usize = 64;

/// Why bytes are no document that can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} at byte {}", self.inner.kind, self.inner.offset)]
pub struct JsonFault {
    // Boxed, because every token comes out of a `Result`, and what comes out should fit in registers.
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: FaultKind,
    offset: u64,
}

/// What is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultKind {
    /// Nothing at all, `{"a":1`, `"ab`
    #[error("end of input in the middle of a document")]
    Ended,
    /// `{} {}`
    #[error("more input after the end of the document")]
    Trailing,
    /// `[1 2]`, `{a:1}`, `NaN`, `[1,]`: what would be right stands in the field.
    #[error("expected {0}")]
    Expected(&'static str),
    /// U+FEFF before the document.
    #[error("byte order mark")]
    ByteOrderMark,
    /// A string that is no UTF-8.
    #[error("invalid UTF-8")]
    Utf8,
    /// A character below U+0020 in a string that is not escaped.
    #[error("control character in a string that is not escaped")]
    Control,
    /// `"\x"`, `"\u12g4"`
    #[error("unknown escape in a string")]
    Escape,
    /// `"\ud800"`, `"\udc00"`
    #[error("lone surrogate in a string")]
    Surrogate,
    /// `01`, `1.`, `-`, `1e`
    #[error("malformed number")]
    Number,
    /// `1e999`
    #[error("number out of range")]
    Range,
    /// `{"a":1,"A":2}`: the second name, cut to 64 characters.
    #[error("duplicate key `{0}`")]
    Duplicate(String),
    /// More than 64 arrays and objects within each other.
    #[error("nesting deeper than 64")]
    Depth,
    /// A part that has to be held whole is longer than the bytes in the field.
    #[error("a single part longer than {0} bytes")]
    TooLong(usize),
    /// `[]` where only an object can be meant.
    #[error("a document that is no object")]
    NoObject,
    /// `{"Resources":{}}` where an array is walked through.
    #[error("a list that is no array")]
    NoArray,
}

impl JsonFault {
    #[cold]
    pub(super) fn new(kind: FaultKind, offset: u64) -> Self {
        Self { inner: Box::new(Inner { kind, offset }) }
    }

    /// The same fault, seen from `by` bytes before. Offsets wrap: a character that is bad here may have begun in an
    /// earlier chunk.
    pub(super) fn shifted(mut self, by: u64) -> Self {
        self.inner.offset = self.inner.offset.wrapping_add(by);
        self
    }

    /// What is wrong.
    #[must_use]
    pub fn kind(&self) -> &FaultKind {
        &self.inner.kind
    }

    /// Where, in bytes from the start of the document.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.inner.offset
    }
}

impl FaultKind {
    /// For a name that occurs twice; it comes from outside, so it is cut and made printable.
    pub(super) fn duplicate(name: &str) -> Self {
        let mut shown = String::new();
        for c in name.chars().take(SHOWN) {
            match c {
                '"' | '\'' | '\\' => shown.push(c),
                c => shown.extend(c.escape_debug()),
            }
        }
        Self::Duplicate(shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_what_and_where() {
        let fault = JsonFault::new(FaultKind::duplicate("userName"), 17);
        assert_eq!(fault.to_string(), "duplicate key `userName` at byte 17");
        let fault = JsonFault::new(FaultKind::Expected("`:`"), 4);
        assert_eq!(fault.to_string(), "expected `:` at byte 4");
    }

    #[test]
    fn a_name_is_cut_and_made_printable() {
        assert_eq!(
            FaultKind::duplicate("a\n\0b\u{202e}\"\u{e4}"),
            FaultKind::Duplicate("a\\n\\0b\\u{202e}\"\u{e4}".into())
        );
        assert_eq!(FaultKind::duplicate(&"x".repeat(1000)), FaultKind::Duplicate("x".repeat(64)));
    }
}
