//! What is drawn: rules of one theme, in any order, as the pack that they make.

use std::fmt;

use super::super::keyed::{self, Keyed};
use super::super::mapped::{FILLS, MAPPED, Mapped};
use super::super::shapes::{self, Shaped};
use super::super::two_way::TWO_WAY;
use super::super::{generate, one_way::ONE_WAY};
use super::themes::{LATER, THEMES};
use super::*;

/// A rule that may be drawn, with what is known of it.
#[derive(Clone, Copy)]
pub(super) enum Part {
    /// It takes whatever a user may hold.
    Any(&'static str),
    /// It takes some values.
    Mapped(&'static Mapped),
    /// It takes some forms.
    Shaped(&'static Shaped),
    /// It takes those with a key.
    Keyed(&'static Keyed),
    /// Nothing undoes it.
    OneWay(&'static str),
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.entry())
    }
}

impl Part {
    pub(super) fn entry(self) -> &'static str {
        match self {
            Self::Any(entry) | Self::OneWay(entry) => entry,
            Self::Mapped(mapped) => mapped.entry,
            Self::Shaped(shaped) => shaped.entry,
            Self::Keyed(keyed) => keyed.entry,
        }
    }

    fn is_two_way(self) -> bool {
        !matches!(self, Self::OneWay(_))
    }

    /// Whether it names one of the words.
    fn is_about(self, words: &[&str]) -> bool {
        self.entry().split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
    }
}

/// What may stand before the actions of a rule that nothing undoes.
const HEADS: &[&str] = &[
    "when: { operations: [create, replace] }",
    "when: { operations: [create, replace, patch] }",
    "when: { operations: create }",
    "to: client",
];

/// A rule in its pack: what is said before its actions, and whether it is a rule of its own or the next action of the one
/// before.
#[derive(Clone, Copy)]
struct Line {
    part: Part,
    head: &'static str,
    is_next: bool,
}

/// Up to six rules.
#[derive(Clone)]
pub(crate) struct Drawn {
    side: Side,
    lines: Vec<Line>,
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{}", self.yaml())
    }
}

impl Drawn {
    pub(super) fn parts(&self) -> impl Iterator<Item = Part> {
        self.lines.iter().map(|line| line.part)
    }

    /// The file of the pack.
    fn yaml(&self) -> String {
        let side = if self.side == Side::Client { "client" } else { "backend" };
        let mut text = format!("version: 1\npack: drawn\nside: {side}\nabout: drawn\nrules:\n");
        let mut before = None;
        for (number, line) in self.lines.iter().enumerate() {
            let continues = line.is_next && line.part.is_two_way() && before.is_some_and(Part::is_two_way);
            if !continues {
                let head = if line.part.is_two_way() { "" } else { line.head };
                text.push_str(&format!("  - id: r{number}\n    why: \"a law\"\n    {head}\n    do:\n"));
            }
            text.push_str(&format!("      - {}\n", line.part.entry().replace("ENT", ENT)));
            before = Some(line.part);
        }
        text
    }

    /// The pack; no case where it can't be loaded.
    pub(crate) fn pack(&self) -> Result<Pack, TestCaseError> {
        pack(&self.yaml()).map_err(|_| TestCaseError::reject("refused when it is loaded"))
    }

    /// Brings a user into the domain of each rule, as far as the rules before leave it where it was.
    fn enter(&self, user: &mut Object<'static>, choice: &[prop::sample::Index]) {
        for part in self.parts() {
            match part {
                Part::Mapped(mapped) => mapped.enter(user, choice),
                Part::Shaped(shaped) => (shaped.enter)(user),
                Part::Keyed(keyed) => keyed.enter(user),
                Part::Any(_) | Part::OneWay(_) => {}
            }
        }
    }

    /// A user that most of its rules take.
    pub(super) fn user(&self) -> BoxedStrategy<Object<'static>> {
        let drawn = self.clone();
        (generate::user(), prop::collection::vec(any::<prop::sample::Index>(), 5))
            .prop_map(move |(mut user, choice)| {
                drawn.enter(&mut user, &choice);
                user
            })
            .boxed()
    }

    /// A filter that asks for what one of its rules is about, or for anything.
    pub(super) fn filter(&self) -> BoxedStrategy<Filter> {
        let about = self.parts().filter_map(|part| match part {
            Part::Mapped(mapped) => Some(mapped.filter()),
            Part::Shaped(shaped) => Some(shapes::filter_about(shaped)),
            Part::Keyed(keyed) => Some(keyed.filter()),
            Part::Any(_) | Part::OneWay(_) => None,
        });
        prop::strategy::Union::new(about.chain([generate::filter()])).boxed()
    }

    /// A patch that changes what one of its rules is about, or anything.
    pub(super) fn patch(&self) -> BoxedStrategy<Value<'static>> {
        let about = self.parts().filter_map(|part| match part {
            Part::Mapped(mapped) => Some(mapped.patch()),
            Part::Shaped(shaped) => Some(shapes::patch_about(shaped)),
            Part::Keyed(keyed) => Some(keyed.patch()),
            Part::Any(_) | Part::OneWay(_) => None,
        });
        prop::strategy::Union::new(about.chain([generate::patch()])).boxed()
    }

    /// The attributes that have several values behind its rules.
    pub(super) fn many(&self) -> Vec<AttrPath> {
        let parts = schema::parts(None, &AttrPath::parse(crate::scim::urn::USER).unwrap()).unwrap();
        let mut many: Vec<_> = parts.into_iter().filter(schema::is_multi_valued).collect();
        for part in self.parts() {
            let action = action(part.entry());
            let (from, to): (Vec<_>, Vec<_>) = action.pairs().iter().cloned().unzip();
            let moved: Vec<_> = from.iter().zip(to).filter(|(from, _)| many.contains(from)).map(|(_, to)| to).collect();
            many.retain(|path| !from.contains(path));
            many.extend(moved);
            if let Part::Shaped(shaped) = part
                && !shaped.many.contains(&shaped.name)
            {
                many.retain(|path| *path != AttrPath::parse(&shaped.name.replace("ENT", ENT)).unwrap());
            }
        }
        many
    }

    /// Whether a rule shows what the backend doesn't hold.
    pub(super) fn fills(&self) -> bool {
        self.parts().any(|part| part.entry().starts_with("fill"))
    }

    /// Whether the backend's key is another attribute than `id`.
    pub(super) fn is_keyed(&self) -> bool {
        self.parts().any(|part| matches!(part, Part::Keyed(_)))
    }

    /// Whether a rule may change the attribute of this name.
    pub(super) fn names(&self, name: &str) -> bool {
        let named = |part: Part| {
            let entry = part.entry().replace("ENT", ENT);
            entry.contains(name) || entry.starts_with("keep") || entry.contains("$..")
        };
        name == "schemas" || self.parts().any(named)
    }

    /// Whether an attribute goes to another parent.
    pub(super) fn moves(&self) -> bool {
        self.parts().any(|part| match part {
            Part::Any(entry) => TWO_WAY.iter().all(|one| one.entry != entry || one.moves),
            Part::Mapped(_) | Part::Shaped(_) | Part::Keyed(_) | Part::OneWay(_) => false,
        })
    }
}

/// Packs of any rules.
pub(crate) fn drawn() -> BoxedStrategy<Drawn> {
    of(|_| true)
}

/// Packs of rules that are undone on the way back.
pub(super) fn two_way() -> BoxedStrategy<Drawn> {
    of(Part::is_two_way)
}

/// Packs of rules that nothing undoes.
pub(super) fn one_way() -> BoxedStrategy<Drawn> {
    of(|part| !part.is_two_way())
}

fn of(wanted: fn(Part) -> bool) -> BoxedStrategy<Drawn> {
    let all: Vec<Part> = pool().into_iter().filter(|part| wanted(*part)).collect();
    let of_themes = THEMES.iter().map(|words| {
        let some: Vec<Part> = all.iter().copied().filter(|part| part.is_about(words)).collect();
        (1, some)
    });
    let pools: Vec<(u32, Vec<Part>)> = of_themes.chain([(THEMES.len() as u32, all.clone())]).collect();
    let parts = pools.into_iter().map(|(weight, parts)| {
        let most = parts.len().min(6);
        (weight, prop::sample::subsequence(parts, 1..=most).prop_shuffle().boxed())
    });
    let parts = prop::strategy::Union::new_weighted(parts.collect());
    let lines = prop::collection::vec((prop::sample::select(HEADS), prop::bool::weighted(0.3)), 6);
    (parts, lines, any::<bool>())
        .prop_map(|(parts, lines, is_client)| {
            let side = if is_client { Side::Client } else { Side::Backend };
            let lines = parts.into_iter().zip(lines).map(|(part, (head, is_next))| Line { part, head, is_next });
            Drawn { side, lines: lines.collect() }
        })
        .boxed()
}

fn pool() -> Vec<Part> {
    let any = TWO_WAY.iter().map(|one| one.entry).chain(LATER.iter().copied()).map(Part::Any);
    let mapped = MAPPED.iter().chain(FILLS).map(Part::Mapped);
    any.chain(mapped)
        .chain(shapes::ALL.iter().map(Part::Shaped))
        .chain([Part::Keyed(&keyed::EXACT)])
        .chain(ONE_WAY.iter().copied().map(Part::OneWay))
        .collect()
}
