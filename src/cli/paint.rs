//! Colour, where a terminal is at the other end and nobody has said `NO_COLOR`.

use std::io::IsTerminal;

/// Whether to paint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint(bool);

impl Paint {
    /// For standard output.
    pub(crate) fn for_output() -> Self {
        Self(std::io::stdout().is_terminal() && is_wanted())
    }

    /// For standard error.
    pub(crate) fn for_errors() -> Self {
        Self(std::io::stderr().is_terminal() && is_wanted())
    }

    pub(crate) fn is_on(self) -> bool {
        self.0
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.dress("1", text)
    }

    pub(crate) fn dim(self, text: &str) -> String {
        self.dress("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.dress("31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.dress("32", text)
    }

    fn dress(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

fn is_wanted() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}
