//! From text to nodes: serde-saphyr reads, with a budget, and every syntax error becomes a fault with a hint.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::options::{AliasLimits, NonFiniteFloatPolicy};
use serde_saphyr::{Location, Options, Spanned};

use crate::fault::{Fault, Faults, Place};

use super::syntax::twice;
use super::{Key, Kind, Node};

/// The most values in a file: some thousand rules with their cases.
pub(super) const MOST_VALUES: usize = 200_000;

/// The most values that aliases may stand for together.
pub(super) const MOST_REPEATED: usize = 20_000;

/// How deep values may nest. Reading takes tens of kilobytes of stack per level where nothing is optimised.
pub(super) const DEEPEST: usize = 32;

/// Reads a file whose text is at hand; nothing if it isn't YAML as it is read here. The text is kept with the faults.
pub fn parse(file: &str, text: &str, faults: &mut Faults) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    faults.add_source(file, text);
    let source = Source { file: file.into(), text };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options()) {
        Ok(raw) => source.node(raw, faults),
        Err(error) => {
            faults.push(source.syntax(&error));
            None
        }
    }
}

/// Reads a file from its bytes, which have to be UTF-8.
pub fn parse_bytes(file: &str, bytes: &[u8], faults: &mut Faults) -> Option<Node> {
    let fault = match str::from_utf8(bytes) {
        Ok(text) => return parse(file, text, faults),
        Err(fault) => fault,
    };
    let before = String::from_utf8_lossy(bytes.get(..fault.valid_up_to()).unwrap_or_default());
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
    faults.add_source(file, String::from_utf8_lossy(bytes));
    let place = Place { file: file.into(), line, column, end: column + 1 };
    faults.push(
        Fault::error("R0101", place, "the file is not UTF-8".to_owned())
            .label("no character of UTF-8")
            .help("save the file as UTF-8"),
    );
    None
}

fn options() -> Options {
    let mut alias_limits = AliasLimits::default();
    alias_limits.max_total_replayed_events = MOST_REPEATED;
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: MOST_VALUES,
            max_events: 3 * MOST_VALUES,
            max_depth: DEEPEST,
            flow_nesting_limit: DEEPEST,
            max_aliases: MOST_REPEATED,
            max_anchors: MOST_REPEATED,
        },
        alias_limits: alias_limits,
        strict_booleans: true,
        merge_keys: serde_saphyr::MergeKeyPolicy::Error,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        reject_unsupported_tags: true,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        with_snippet: false,
    }
}

/// A value as the parser hands it over; what a number looked like is still in the text.
enum Raw {
    Null,
    Bool(bool),
    Number,
    String(String),
    List(Vec<Spanned<Self>>),
    Map(Vec<(Spanned<String>, Spanned<Self>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Raw, E> {
        Ok(Raw::Bool(truth))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Number)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

/// The file that is read.
pub(super) struct Source<'t> {
    pub(super) file: Arc<str>,
    pub(super) text: &'t str,
}

impl Source<'_> {
    fn node(&self, raw: Spanned<Raw>, faults: &mut Faults) -> Option<Node> {
        let mut place = self.place(raw.referenced);
        let kind = match raw.value {
            Raw::Null => Kind::Null,
            Raw::Bool(truth) => Kind::Bool(truth),
            Raw::String(text) => Kind::String(text),
            Raw::Number => number(self.slice(raw.defined)),
            Raw::List(items) => {
                let items: Vec<_> = items.into_iter().map(|item| self.node(item, faults)).collect();
                Kind::List(items.into_iter().collect::<Option<_>>()?)
            }
            Raw::Map(entries) => {
                let entries = self.entries(entries, faults)?;
                if let (Some((first, _)), true) = (entries.first(), place.end == place.column) {
                    place.end = first.place.end;
                }
                Kind::Map(entries)
            }
        };
        Some(Node { place, kind })
    }

    /// The entries of a mapping. SCIM compares names without case, so a key that differs from another by case only is the
    /// same key twice.
    fn entries(&self, raw: Vec<(Spanned<String>, Spanned<Raw>)>, faults: &mut Faults) -> Option<Vec<(Key, Node)>> {
        let mut seen = std::collections::HashSet::new();
        let mut entries = Vec::with_capacity(raw.len());
        let mut sound = true;
        for (key, value) in raw {
            let place = self.place(key.referenced);
            if !seen.insert(key.value.to_ascii_lowercase()) {
                faults.push(twice(place.clone(), &key.value));
                sound = false;
            }
            match self.node(value, faults) {
                Some(value) => entries.push((Key { text: key.value, place }, value)),
                None => sound = false,
            }
        }
        sound.then_some(entries)
    }

    /// A place; `end` is on the first line of what goes on in later lines.
    pub(super) fn place(&self, location: Location) -> Place {
        let first = self.slice(location).lines().next().unwrap_or_default();
        let (line, column) = (number_of(location.line()), number_of(location.column()));
        Place { file: self.file.clone(), line, column, end: column + first.chars().count() }
    }

    /// What was written there; nothing where the parser doesn't say.
    fn slice(&self, location: Location) -> &str {
        let span = location.span();
        let (Some(start), Some(len)) = (span.byte_offset(), span.byte_len()) else { return "" };
        let (start, len) = (number_of(start), number_of(len));
        self.text.get(start..start.saturating_add(len)).unwrap_or_default()
    }
}

/// A number only if JSON would call it one: `+1555` is a telephone number, `0x1F` a badge.
fn number(text: &str) -> Kind {
    let text = text.trim_matches(['"', '\'']); // `!!int "5"`
    let is_number = serde_json::from_str::<f64>(text).is_ok_and(f64::is_finite);
    if is_number { Kind::Number(text.to_owned()) } else { Kind::String(text.to_owned()) }
}

fn number_of(counted: u64) -> usize {
    usize::try_from(counted).unwrap_or(usize::MAX)
}
