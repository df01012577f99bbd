//! Which server it is: one with flaws, or one that lacks something as a whole.

/// A way in which the server leaves the standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flaw {
    /// Refuses a user with an empty `type`.
    EmptyType,
    /// Calls the user name `login`.
    Login,
    /// Has `blocked` in place of `active`, with the opposite meaning.
    Blocked,
    /// Writes booleans as strings, and takes them in no other form.
    StringBooleans,
    /// Takes `application/json` only.
    JsonOnly,
    /// Writes the counters of a list as strings.
    StringCounters,
    /// Refuses the read-only `id` inside a PATCH.
    IdInPatch,
}

impl Flaw {
    /// Every flaw.
    pub const ALL: &[Self] = &[
        Self::EmptyType,
        Self::Login,
        Self::Blocked,
        Self::StringBooleans,
        Self::JsonOnly,
        Self::StringCounters,
        Self::IdInPatch,
    ];

    /// Its name at the shell.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::EmptyType => "empty-type",
            Self::Login => "login",
            Self::Blocked => "blocked",
            Self::StringBooleans => "string-booleans",
            Self::JsonOnly => "json-only",
            Self::StringCounters => "string-counters",
            Self::IdInPatch => "id-in-patch",
        }
    }

    /// The rules of `rules/backends/demo.yaml` that translate it, to be switched off with it.
    #[must_use]
    pub fn rules(self) -> &'static [&'static str] {
        match self {
            Self::Login => &["login"],
            Self::Blocked => &["opposite", "blocked"],
            Self::StringBooleans => &["string-boolean"],
            Self::EmptyType | Self::JsonOnly | Self::StringCounters | Self::IdInPatch => &[],
        }
    }
}

/// Which server it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// One with flaws.
    #[default]
    Flawed,
    /// One without PATCH.
    PutOnly,
    /// One that takes filters and ignores them.
    NoFilter,
    /// One that speaks SCIM 1.1.
    Scim11,
}

impl Kind {
    /// Those that lack something, by their names at the shell.
    pub const LACKING: &[(&str, Self)] =
        &[("put-only", Self::PutOnly), ("no-filter", Self::NoFilter), ("scim11", Self::Scim11)];

    /// The shipped pack for it.
    #[must_use]
    pub fn pack(self) -> &'static str {
        let named = Self::LACKING.iter().find(|(_, kind)| *kind == self);
        named.map_or("demo", |(word, _)| word)
    }
}
