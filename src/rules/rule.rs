//! What a pack means, once it has been read: rules with their conditions and actions.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::fault::Place as FilePlace;
use crate::scim::Version;

use super::actions::Action;
use super::can::Can;
use super::case::Case;
use super::when::When;

/// Between whom a pack stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Between one client's dialect and standard SCIM.
    Client,
    /// What one deployment wants on top, between two standard sides.
    Connection,
    /// Between standard SCIM and one backend's dialect.
    Backend,
}

impl Side {
    /// The words of `side:`, for reading a pack.
    pub const WORDS: &[(&str, Self)] =
        &[("client", Self::Client), ("connection", Self::Connection), ("backend", Self::Backend)];
}

/// Which way a one-way action works: `to:`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum To {
    /// On requests.
    #[default]
    Backend,
    /// On responses.
    Client,
}

/// Whether a rule acts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// It acts.
    #[default]
    Enforce,
    /// It acts on a copy, whose differences are counted; the message itself passes as if there were no such rule.
    Shadow,
    /// It is read and checked, and does nothing: a rule that ops may switch on.
    Disabled,
}

impl Mode {
    /// The words of `mode:`.
    pub const WORDS: &[(&str, Self)] =
        &[("enforce", Self::Enforce), ("shadow", Self::Shadow), ("disabled", Self::Disabled)];
}

/// What becomes of a call where a one-way rule can't act: `on-error:`. What a rule refuses on purpose stays refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// The call is refused.
    #[default]
    Refuse,
    /// The call goes on as if there were no such rule.
    Skip,
}

impl OnError {
    /// The words of `on-error:`.
    pub const WORDS: &[(&str, Self)] = &[("refuse", Self::Refuse), ("skip", Self::Skip)];
}

/// What one deployment says of single rules, over what their packs say: nobody edits a shipped pack to switch a rule on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Modes(BTreeMap<RuleId, Mode>);

impl Modes {
    /// Sets the mode of one rule.
    pub fn set(&mut self, rule: RuleId, mode: Mode) {
        self.0.insert(rule, mode);
    }

    /// The mode of a rule.
    #[must_use]
    pub fn of(&self, rule: &Rule) -> Mode {
        self.0.get(&rule.id).copied().unwrap_or(rule.mode)
    }
}

/// `pack/rule`, the one name of a rule in metrics, logs and `explain`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(Arc<str>);

impl RuleId {
    /// The id of `rule` in `pack`.
    #[must_use]
    pub fn new(pack: &str, rule: &str) -> Self {
        Self(format!("{pack}/{rule}").into())
    }

    /// The whole id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part behind the pack's name.
    #[must_use]
    pub fn in_pack(&self) -> &str {
        self.0.split_once('/').map_or(&*self.0, |(_, rule)| rule)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One pack: a file of rules for one side.
#[derive(Debug)]
pub struct Pack {
    /// Its name, the first half of its rules' ids.
    pub name: String,
    /// Between whom it stands.
    pub side: Side,
    /// What it is for, in a sentence.
    pub about: String,
    /// `scim:` which version of SCIM a client speaks. Of a backend, `can` says it.
    pub scim: Version,
    /// What the backend can do.
    pub can: Can,
    /// Its rules in the order of the file.
    pub rules: Vec<Arc<Rule>>,
    /// Its cases.
    pub cases: Vec<Case>,
}

impl Pack {
    /// The backend pack that translates nothing: for what stands opposite to a pack that is looked at alone.
    #[must_use]
    pub fn standard() -> Self {
        let (name, about) = ("standard".to_owned(), "any backend that speaks SCIM 2.0 as written".to_owned());
        let (scim, can) = (Version::default(), Can::default());
        Self { name, side: Side::Backend, about, scim, can, rules: Vec::new(), cases: Vec::new() }
    }
}

/// One rule: when, and what is then done.
#[derive(Debug)]
pub struct Rule {
    /// Its name everywhere.
    pub id: RuleId,
    /// Why it exists, for the person at 3 a.m.
    pub why: String,
    /// Where the quirk is written down.
    pub source: Option<String>,
    /// When it acts.
    pub when: When,
    /// Which way its one-way actions work.
    pub to: To,
    /// Whether it acts at all.
    pub mode: Mode,
    /// What becomes of a call on which it can't act.
    pub on_error: OnError,
    /// What it does, in this order towards the backend and backwards towards the client.
    pub actions: Vec<Action>,
    /// Where it stands in its file.
    pub place: FilePlace,
}
