//! `empty`: what emptiness becomes.

use crate::fault::{Fault, Faults};
use crate::json::{Deed, Object, Value};
use crate::rules::attribute::{self, Relation, relation};
use crate::rules::message::{Facts, Refused};
use crate::rules::oneway::OneWay;
use crate::rules::place::{self, Place};
use crate::rules::{filters, filters::Test};
use crate::scim::filter::Edit;
use crate::scim::{AttrPath, CompareOp, Literal, PatchPath};
use crate::yaml::{Kind, Node};

use super::{About, Action, QUERIES_PASS};

pub(super) const ABOUT: About = About {
    word: "empty",
    summary: "makes an empty value absent, or null",
    example: "empty: { of: [\"\"], at: [\"emails[*].type\"], become: absent }",
    two_way: false,
    exact: "not undone; an element that is left with nothing but `primary` goes too, `members` never",
    operators: QUERIES_PASS,
    patch: &[
        ("a path", "`[type eq \"\"]` becomes `[not (type pr)]`, any other stays"),
        ("a value", "emptied; a `replace` of which nothing is left becomes a `remove`, an `add` goes"),
    ],
    read: |node, faults| Empty::read(node, faults).map(Action::Empty),
};

/// The payload of `empty`. An element that this action changed and that is left with nothing but `primary` goes too; an
/// array or an extension which that empties goes from a body (absent and empty are the same at rest, RFC 7643 section 2.5)
/// and stays in a PATCH, where to remove it would clear more. `members` is never touched: an empty list of members removes everybody, and that must be said
/// by the client alone.
#[derive(Debug)]
pub struct Empty {
    of: Vec<Emptiness>,
    at: Vec<Place>,
    become_null: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Emptiness {
    Text,
    Null,
    List,
    Object,
}

impl Emptiness {
    fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::String(text) if text.is_empty() => Some(Self::Text),
            Value::Null => Some(Self::Null),
            Value::Array(list) if list.is_empty() => Some(Self::List),
            Value::Object(object) if object.is_empty() => Some(Self::Object),
            _ => None,
        }
    }

    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let found = match &node.kind {
            Kind::String(text) if text.is_empty() => Some(Self::Text),
            Kind::Null => Some(Self::Null),
            Kind::List(items) if items.is_empty() => Some(Self::List),
            Kind::Map(entries) if entries.is_empty() => Some(Self::Object),
            _ => None,
        };
        if found.is_none() {
            faults.push(
                Fault::error("R0103", node.place.clone(), "not an empty value".to_owned())
                    .label("this holds something")
                    .help("the empty values are \"\", null, [] and {}"),
            );
        }
        found
    }
}

impl Empty {
    fn read(node: &Node, faults: &mut Faults) -> Option<Self> {
        let mut fields = node.fields("empty", faults)?;
        let of = fields.require("of", faults).and_then(|node| node.list("a list of empty values", faults));
        let of = of.map(|items| items.iter().filter_map(|item| Emptiness::read(item, faults)).collect());
        let at_node = fields.require("at", faults);
        let at = at_node.map(|node| place::read(node, faults));
        let words = [("absent", false), ("null", true)];
        let become_null = match fields.take("become") {
            Some(Node { kind: Kind::Null, .. }) => Some(true),
            Some(node) => node.word("what emptiness becomes", &words, faults),
            None => Some(false),
        };
        fields.finish(faults);
        let empty = Self { of: of?, at: at?, become_null: become_null? };
        empty.spares_members(at_node?, faults).then_some(empty)
    }

    pub(in crate::rules) fn places(&self) -> &[Place] {
        &self.at
    }

    fn spares_members(&self, node: &Node, faults: &mut Faults) -> bool {
        let spared = !self.at.iter().any(|place| place.attr.sub.is_none() && is_members(place));
        if !spared {
            faults.push(
                Fault::error("R0407", node.place.clone(), "`members` can't be emptied by a rule".to_owned())
                    .label("an empty list of members removes everybody")
                    .help("name sub-attributes of `members` instead, such as `members[*].display`"),
            );
        }
        spared
    }

    fn act(&self, resource: &mut Object<'_>, whole: bool) -> bool {
        let mut changed = false;
        for place in &self.at {
            let mut acted = false;
            let emptied = place.prune(resource, &mut |parent, name| {
                let here = self.act_on(parent, name);
                acted |= here;
                !here || self.become_null || is_members(place) || !says_nothing(parent)
            });
            if emptied && whole {
                attribute::take(resource, &AttrPath { sub: None, ..place.attr.clone() });
            }
            if acted && whole {
                attribute::tidy(resource, &place.attr);
            }
            changed |= acted;
        }
        changed
    }

    /// What becomes of a value on its own; whether its element goes with it is not said.
    pub(super) fn deed(&self, value: &Value<'_>) -> Deed {
        match Emptiness::of(value) {
            Some(kind) if self.of.contains(&kind) => {}
            _ => return Deed::Keep,
        }
        match (self.become_null, value) {
            (true, Value::Null) => Deed::Keep,
            (true, _) => Deed::Put(Value::Null),
            (false, _) => Deed::Leave,
        }
    }

    fn act_on(&self, parent: &mut Object<'_>, name: &str) -> bool {
        match parent.get(name).map_or(Deed::Keep, |value| self.deed(value)) {
            Deed::Put(value) => parent.set(name, value),
            Deed::Leave => drop(parent.remove(name)),
            Deed::Keep | Deed::Stop => return false,
        }
        true
    }
}

fn is_members(place: &Place) -> bool {
    place.attr.extension().is_none()
        && place.attr.name.as_ref().is_some_and(|name| name.as_str().eq_ignore_ascii_case("members"))
}

/// Whether nothing but `primary` is left of an element.
fn says_nothing(element: &Object<'_>) -> bool {
    element.iter().all(|member| member.key.decoded().eq_ignore_ascii_case("primary"))
}

impl OneWay for Empty {
    fn resource(&self, resource: &mut Object<'_>, _facts: Facts<'_>) -> Result<bool, Refused> {
        Ok(self.act(resource, true))
    }

    fn part(&self, part: &mut Object<'_>, _facts: Facts<'_>) -> Result<bool, Refused> {
        Ok(self.act(part, false))
    }

    fn clears(&self) -> bool {
        true
    }

    /// `emails[type eq ""]` names elements without a type once the empty ones are gone: `emails[not (type pr)]`.
    fn path(&self, path: &PatchPath) -> Option<PatchPath> {
        let filter = path.filter.as_ref().filter(|_| self.of.contains(&Emptiness::Text) && !self.become_null)?;
        let mut edits = Vec::new();
        for mention in filters::mentions(filter, Some(&path.attr)) {
            let Test::Compare(CompareOp::Eq, literal) = &mention.test else { continue };
            let named = self.at.iter().any(|place| relation(&mention.path, &place.attr) == Relation::Same);
            if named && literal.literal == Literal::String(String::new()) {
                let name = filter.text().get(mention.name.clone())?;
                edits.push(Edit { text: format!("not ({name} pr)"), span: mention.whole.clone() });
            }
        }
        let filter = filters::splice(filter, edits).ok().flatten()?;
        Some(PatchPath { filter: Some(filter), ..path.clone() })
    }
}
