//! The actions: one file each, and THE LIST from which reading, help and tests are derived.
//!
//! A new action is one file (payload, summary, example, what it does in each carrier, its inverse or "one way") and one
//! entry in [`LIST`].

mod about;
mod affix;
mod convert;
mod default;
mod drop;
mod edit;
mod empty;
mod error;
mod fill;
mod header;
mod identify;
mod invert;
mod items;
mod keep;
mod list;
mod map;
mod path;
mod query;
mod reject;
mod rename;
mod respond;
mod schemas;
mod set;
mod shape;
mod single;
mod status;
mod text;

pub use about::{About, LIST, read};
use about::{PATCHES_PASS, QUERIES_PASS, VALUES_TRANSLATED};
pub use affix::Affix;
pub use convert::Convert;
pub use default::Default;
pub use drop::Drop;
pub(super) use edit::Edit;
pub use empty::Empty;
pub use error::Error;
pub use fill::Fill;
pub use header::Header;
pub use identify::Identify;
pub use invert::Invert;
pub use items::Items;
pub use keep::Keep;
pub use list::List;
pub use map::Map;
pub use path::Path;
pub use query::Query;
pub use reject::Reject;
pub use rename::Rename;
pub use respond::Respond;
pub use schemas::Schemas;
pub use set::Set;
pub use shape::Shape;
pub use status::Status;
pub use text::Text;

use crate::json::Object;
use crate::scim::{AttrPath, Urn};

use super::attribute::are_siblings;
use super::discovery::{Definitions, Fate};
use super::head::Reply;
use super::mapping::Mapping;
use super::message::{Facts, Refused, Request, Verdict};
use super::place::Place;
use super::{mapping, oneway};

/// What a rule does.
#[derive(Debug)]
pub enum Action {
    /// `rename`
    Rename(Rename),
    /// `invert`
    Invert(Invert),
    /// `convert`
    Convert(Convert),
    /// `map`
    Map(Map),
    /// `affix`
    Affix(Affix),
    /// `fill`
    Fill(Fill),
    /// `schemas`
    Schemas(Schemas),
    /// `shape`
    Shape(Shape),
    /// `identify`
    Identify(Identify),
    /// `empty`
    Empty(Empty),
    /// `drop`
    Drop(Drop),
    /// `keep`
    Keep(Keep),
    /// `items`
    Items(Items),
    /// `text`
    Text(Text),
    /// `default`
    Default(Default),
    /// `set`
    Set(Set),
    /// `query`
    Query(Query),
    /// `header`
    Header(Header),
    /// `path`
    Path(Path),
    /// `list`
    List(List),
    /// `status`
    Status(Status),
    /// `error`
    Error(Error),
    /// `respond`
    Respond(Respond),
    /// `reject`
    Reject(Reject),
}

/// Of which part of a message an action is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Of the resource, wherever the message carries it.
    Resource,
    /// Of a request as a whole.
    Request,
    /// Of an answer's status, fields and error.
    Answer,
    /// Of either, as the rule says by `to`.
    Either,
    /// Of a list as a whole.
    List,
}

impl Action {
    /// Whether responses undo what it does to requests.
    #[must_use]
    pub fn is_two_way(&self) -> bool {
        matches!(
            self,
            Self::Rename(_)
                | Self::Invert(_)
                | Self::Map(_)
                | Self::Convert(_)
                | Self::Affix(_)
                | Self::Fill(_)
                | Self::Schemas(_)
                | Self::Shape(_)
                | Self::Identify(_)
        )
    }

    /// Whether it takes attributes away, so that nobody may ask for them.
    #[must_use]
    pub fn hides(&self) -> bool {
        matches!(self, Self::Drop(_) | Self::Keep(_))
    }

    /// Whether it asks something of the resources of a list, which a query must then not leave out.
    #[must_use]
    pub fn sorts_out(&self) -> bool {
        matches!(self, Self::List(list) if list.sorts_out())
    }

    /// Whether it asks for attributes that the query leaves out, since it reads them in the answer.
    #[must_use]
    pub fn asks_for_more(&self) -> bool {
        matches!(self, Self::Fill(_) | Self::Identify(_)) || self.sorts_out()
    }

    /// Whether there are PATCHes that it can't translate without the resource.
    #[must_use]
    pub fn may_need_resource(&self) -> bool {
        match self {
            Self::Shape(_) => true,
            Self::Convert(convert) => convert.takes_the_whole(),
            Self::Rename(_) => self.pairs().iter().any(|(from, to)| !are_siblings(from, to)),
            _ => false,
        }
    }

    /// Keeps a query from asking for what the action takes away from the answer, and from leaving out what it needs
    /// there. True if anything changed.
    ///
    /// # Errors
    /// 400 `invalidFilter`.
    pub fn guard(&self, message: &mut Request<'_>) -> Result<bool, Refused> {
        match self {
            Self::Drop(drop) => oneway::guard(drop, message),
            Self::Keep(keep) => oneway::guard(keep, message),
            Self::List(list) => Ok(list.guard(message)),
            _ => Ok(false),
        }
    }

    /// Of which part of a message it is.
    #[must_use]
    pub fn reach(&self) -> Reach {
        match self {
            Self::Query(_) | Self::Path(_) | Self::Respond(_) => Reach::Request,
            Self::Header(_) => Reach::Either,
            Self::Status(_) | Self::Error(_) => Reach::Answer,
            Self::List(_) => Reach::List,
            _ => Reach::Resource,
        }
    }

    /// Whether it acts on an answer's status, fields and error, in a rule for answers.
    #[must_use]
    pub fn is_of_answers(&self) -> bool {
        matches!(self.reach(), Reach::Answer | Reach::Either)
    }

    /// Whether it also has a meaning where the call is about no resource: in discovery.
    #[must_use]
    pub fn is_of_messages(&self) -> bool {
        self.reach() != Reach::Resource || matches!(self, Self::Reject(_))
    }

    /// Whether it spells paths.
    #[must_use]
    pub fn is_path(&self) -> bool {
        matches!(self, Self::Path(_))
    }

    /// The path as SCIM spells it, of one that a client wrote.
    #[must_use]
    pub fn read_path(&self, written: String) -> String {
        match self {
            Self::Path(path) => path.read_as(&written).into_owned(),
            _ => written,
        }
    }

    /// The path as the backend spells it.
    #[must_use]
    pub fn spell_path(&self, path: String) -> String {
        match self {
            Self::Path(spelling) => spelling.spelled(&path),
            _ => path,
        }
    }

    /// The path under the name that a client has for it.
    #[must_use]
    pub fn alias_of(&self, path: String) -> String {
        match self {
            Self::Path(spelling) => spelling.alias_of(&path),
            _ => path,
        }
    }

    /// Acts on the status, fields and error of an answer.
    #[must_use]
    pub fn answer(&self, reply: &mut Reply, facts: Facts<'_>) -> Verdict {
        match self {
            Self::Header(header) => header.answer(reply),
            Self::Status(status) => status.answer(reply, facts),
            Self::Error(error) => error.answer(reply),
            _ => Verdict::of(false),
        }
    }

    /// Acts on a list whose resources are translated.
    #[must_use]
    pub fn list(&self, whole: &mut Object<'_>) -> Verdict {
        match self {
            Self::List(list) => list.list(whole),
            _ => Verdict::of(false),
        }
    }

    /// The attributes that it works on; none for a `rename`, which has pairs, and for queries.
    pub(super) fn places(&self) -> Vec<&Place> {
        match self {
            Self::Invert(invert) => vec![invert.place()],
            Self::Map(map) => vec![map.place()],
            Self::Convert(convert) => vec![convert.place()],
            Self::Affix(affix) => vec![affix.place()],
            Self::Fill(fill) => vec![fill.place()],
            Self::Identify(identify) => vec![identify.by()],
            Self::Empty(empty) => empty.places().iter().collect(),
            Self::Drop(drop) => drop.places().collect(),
            Self::Default(default) => vec![default.place()],
            Self::Set(set) => vec![set.place()],
            Self::Text(text) => text.places().iter().collect(),
            _ => Vec::new(),
        }
    }

    /// Whether it takes booleans only.
    pub(super) fn is_boolean(&self) -> bool {
        match self {
            Self::Invert(_) => true,
            Self::Convert(convert) => convert.is_boolean(),
            _ => false,
        }
    }

    /// Which names become which on the way to the backend.
    pub(super) fn pairs(&self) -> &[(AttrPath, AttrPath)] {
        match self {
            Self::Rename(rename) => rename.pairs(),
            _ => &[],
        }
    }

    /// Undoes in the schemas of a resource type what it does to resources; what it takes away has this fate. True if
    /// anything changed.
    pub fn define(&self, definitions: &mut Definitions<'_, '_>, fate: Fate) -> bool {
        match self {
            Self::Rename(rename) => rename.define(definitions),
            Self::Map(map) => mapping::define(map, definitions),
            Self::Affix(affix) => mapping::define(affix, definitions),
            Self::Convert(convert) => convert.define(definitions),
            Self::Schemas(schemas) => definitions.call(|urn| schemas.urn_back(urn)),
            Self::Shape(shape) => shape.define(definitions),
            Self::Fill(fill) => definitions.offer(&fill.place().attr),
            Self::Identify(identify) => identify.define(definitions),
            Self::Drop(drop) => oneway::define(drop, definitions, fate),
            Self::Keep(keep) => oneway::define(keep, definitions, fate),
            _ => false,
        }
    }

    /// What a URN becomes on the way to the backend; nothing if it stays.
    #[must_use]
    pub fn urn_there(&self, urn: &str) -> Option<String> {
        match self {
            Self::Schemas(schemas) => schemas.urn_there(urn),
            _ => None,
        }
    }

    /// What a URN becomes on the way back; nothing if it stays.
    #[must_use]
    pub fn urn_back(&self, urn: &str) -> Option<String> {
        match self {
            Self::Schemas(schemas) => schemas.urn_back(urn),
            _ => None,
        }
    }

    /// The URNs of extensions that it names.
    #[must_use]
    pub fn urns(&self) -> Vec<&Urn> {
        let paths = self.pairs().iter().flat_map(|(left, right)| [left, right]);
        let places = self.places().into_iter().map(|place| &place.attr);
        let named = paths.chain(places).filter_map(AttrPath::extension);
        match self {
            Self::Schemas(schemas) => schemas.urns().collect(),
            Self::Shape(shape) => shape.at().extension().into_iter().collect(),
            _ => named.collect(),
        }
    }

    /// Acts on a request.
    ///
    /// # Errors
    /// The action's refusal.
    pub fn request(&self, message: &mut Request<'_>) -> Result<Verdict, Refused> {
        match self {
            Self::Rename(rename) => rename.request(message),
            Self::Invert(invert) => mapping::request(invert, message),
            Self::Map(map) => mapping::request(map, message),
            Self::Convert(convert) => mapping::request(convert, message),
            Self::Affix(affix) => mapping::request(affix, message),
            Self::Fill(fill) => fill.request(message),
            Self::Schemas(schemas) => schemas.request(message),
            Self::Shape(shape) => shape.request(message),
            Self::Identify(identify) => identify.request(message),
            Self::Empty(empty) => oneway::request(empty, message),
            Self::Drop(drop) => oneway::request(drop, message),
            Self::Keep(keep) => oneway::request(keep, message),
            Self::Items(items) => oneway::request(items, message),
            Self::Text(text) => oneway::request(text, message),
            Self::Default(default) => oneway::request(default, message),
            Self::Set(set) => oneway::request(set, message),
            Self::Query(query) => query.request(message),
            Self::Header(header) => Ok(header.request(message)),
            Self::Path(path) => Ok(path.request(message)),
            Self::Respond(respond) => {
                message.envelope.reply = Some(respond.reply());
                Ok(Verdict::Applied)
            }
            Self::List(_) | Self::Status(_) | Self::Error(_) => Ok(Verdict::of(false)),
            Self::Reject(reject) => Err(reject.refusal()),
        }
    }

    /// Undoes a two-way action in a resource that goes to the client, or acts there as a one-way one.
    ///
    /// # Errors
    /// The action's refusal.
    pub fn response(&self, resource: &mut Object<'_>, facts: Facts<'_>) -> Result<Verdict, Refused> {
        match self {
            Self::Rename(rename) => rename.response(resource),
            Self::Invert(invert) => mapping::response(invert, resource),
            Self::Map(map) => mapping::response(map, resource),
            Self::Convert(convert) => mapping::response(convert, resource),
            Self::Affix(affix) => mapping::response(affix, resource),
            Self::Fill(fill) => fill.response(resource),
            Self::Schemas(schemas) => schemas.response(resource),
            Self::Shape(shape) => shape.response(resource),
            Self::Identify(identify) => identify.response(resource, facts),
            Self::Empty(empty) => oneway::resource(empty, resource, facts),
            Self::Drop(drop) => oneway::resource(drop, resource, facts),
            Self::Keep(keep) => oneway::resource(keep, resource, facts),
            Self::Items(items) => oneway::resource(items, resource, facts),
            Self::Text(text) => oneway::resource(text, resource, facts),
            Self::Default(default) => oneway::resource(default, resource, facts),
            Self::Set(set) => oneway::resource(set, resource, facts),
            Self::Query(_)
            | Self::Header(_)
            | Self::Path(_)
            | Self::List(_)
            | Self::Status(_)
            | Self::Error(_)
            | Self::Respond(_) => Ok(Verdict::of(false)),
            Self::Reject(reject) => Err(reject.refusal()),
        }
    }
}

#[cfg(test)]
mod tests;
