//! Conversations with a backend that can't do a thing by itself: one bridge, one file.
//!
//! A bridge works on standard SCIM through the [`Exchange`] it is handed, so that tests drive it with a scripted one. It
//! knows neither rules nor sockets. A call that needs no bridge is one exchange: [`direct()`].

mod choices;
mod chunk;
mod conflict;
mod create;
mod differ;
mod direct;
mod elements;
mod every_type;
mod filter_eval;
mod hydrate;
mod if_match;
mod lifecycle;
mod list;
mod loss;
mod lower;
mod members;
mod memberships;
mod merge;
mod nobody;
mod page;
mod patch_to_put;
mod pieces;
mod project;
mod put_merge;
mod put_to_patch;
mod readback;
mod rewriting;
mod search;
mod split;
mod synthesize;
mod tags;
#[cfg(test)]
mod tests;
mod write;

use std::future::Future;
use std::time::Duration;

use crate::json::{Object, Value};
use crate::scim::{Id, Operation, Query, Resource, ScimError, Target};

pub use choices::{Choices, Conflict};
pub use chunk::{Patches, patch};
pub use conflict::{Created, bring_back, create_or_find};
pub use create::{Creation, create};
pub use direct::direct;
pub use every_type::{Everything, of_type};
pub use filter_eval::{Filters, covers};
pub use if_match::if_match;
pub use lifecycle::{
    Deactivation, Deletion, Inactive, Lifecycle, Turned, as_deleted, deactivation_as_delete, of_active, read_active,
    switched_off,
};
pub use list::{Leaf, Lists, list};
pub use loss::{Loss, loss};
pub use lower::{Lower, Written};
pub use members::Members;
pub use memberships::{memberships, wants_groups};
pub use merge::{Merged, merge, merges};
pub use nobody::nobody;
pub use page::{Counters, Pages};
pub use patch_to_put::{PatchToPut, patch_to_put};
pub use pieces::Pieces;
pub use project::{Projection, asks_for_less, project};
pub use put_merge::put_merge;
pub use put_to_patch::{PutToPatch, put_to_patch};
pub use readback::{readback, written};
pub use search::as_list;
pub use split::{Split, split};
pub use synthesize::{Offered, no_groups, synthesize};

/// What one call may cost a backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most resources that are read for it.
    pub scan: u32,
    /// The most writes that are made of it.
    pub writes: u32,
    /// The longest time for all that is asked for it. Clients give up after a minute.
    pub deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { scan: 10_000, writes: 200, deadline: Duration::from_secs(50) }
    }
}

/// How a kind of call gets to a backend: chosen when the configuration is loaded, from what the backend can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// As it is.
    #[default]
    Direct,
    /// A PATCH as a PUT.
    PatchToPut(PatchToPut),
    /// A PATCH as it is where SCIM 1.1 can say it exactly, else as a PUT.
    PatchOrPut(PatchToPut),
    /// A PUT as a PATCH.
    PutToPatch(PutToPatch),
    /// A PATCH as far as the backend takes it.
    Patch(Patches),
    /// A PATCH or a PUT, each of what it changes.
    Split(Split),
    /// A PUT as it is up to so many members, else as a PATCH.
    PutOrPatch(u32, PutToPatch),
    /// A POST of a group, as far as the backend takes it.
    Create(Creation),
}

/// A bridge that a call has gone over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bridge {
    /// The operations of a Bulk request are made as calls of their own.
    Bulk,
    /// [`patch()`] and [`create()`], in pieces.
    Chunk,
    /// [`patch()`], without filters in paths.
    Elements,
    /// [`Everything`]
    EveryType,
    /// [`list()`], for words that the backend doesn't know in filters.
    FilterEval,
    /// [`list()`], for attributes that it doesn't filter by.
    Lookup,
    /// [`create_or_find()`]
    Conflict,
    /// [`list()`], for attributes that only a single resource shows; [`memberships()`]
    Hydrate,
    /// [`if_match()`]
    IfMatch,
    /// [`switched_off()`], [`deactivation_as_delete()`], [`of_active()`], [`read_active()`]
    Lifecycle,
    /// [`patch()`], in another form.
    Lower,
    /// [`patch()`], from a difference of members.
    Members,
    /// [`merge()`]
    Merge,
    /// [`nobody()`]
    Nobody,
    /// [`list()`], for pages.
    Page,
    /// [`patch_to_put()`]
    PatchToPut,
    /// [`project()`], and [`list()`]
    Project,
    /// [`put_merge()`]
    PutMerge,
    /// [`put_to_patch()`]
    PutToPatch,
    /// [`readback()`]
    Readback,
    /// [`as_list()`]
    Search,
    /// [`split()`]
    Split,
    /// [`synthesize()`], [`no_groups()`]
    Synthesize,
    /// The group is read, so that the brake can count who is taken out of it.
    Weigh,
}

impl Bridge {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Bulk,
        Self::Chunk,
        Self::Conflict,
        Self::Elements,
        Self::EveryType,
        Self::FilterEval,
        Self::Hydrate,
        Self::IfMatch,
        Self::Lifecycle,
        Self::Lookup,
        Self::Lower,
        Self::Members,
        Self::Merge,
        Self::Nobody,
        Self::Page,
        Self::PatchToPut,
        Self::Project,
        Self::PutMerge,
        Self::PutToPatch,
        Self::Readback,
        Self::Search,
        Self::Split,
        Self::Synthesize,
        Self::Weigh,
    ];

    /// Its name, in metrics, logs and `explain`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bulk => "bulk",
            Self::Chunk => "chunk",
            Self::Members => "members",
            Self::Elements => "elements",
            Self::EveryType => "every_type",
            Self::FilterEval => "filter_eval",
            Self::Hydrate => "hydrate",
            Self::IfMatch => "if_match",
            Self::Lookup => "lookup",
            Self::Conflict => "conflict",
            Self::Lifecycle => "lifecycle",
            Self::Lower => "lower",
            Self::Merge => "merge",
            Self::Nobody => "nobody",
            Self::Page => "page",
            Self::PatchToPut => "patch_to_put",
            Self::Project => "project",
            Self::PutMerge => "put_merge",
            Self::PutToPatch => "put_to_patch",
            Self::Readback => "readback",
            Self::Search => "search",
            Self::Split => "split",
            Self::Synthesize => "synthesize",
            Self::Weigh => "weigh",
        }
    }

    /// What it does, for the person at 3 a.m.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Bulk => {
                "the backend can't do this in one request: its operations are made as calls of their own, one after the other"
            }
            Self::Chunk => {
                "the backend takes only so many changes at once: they are sent in pieces, one after the other"
            }
            Self::Members => "the backend can't change members so: the group is read, and what differs is sent",
            Self::Elements => {
                "the backend can't choose elements by a filter in a path: the resource is read, and the list is sent whole"
            }
            Self::EveryType => "a search over every type is asked of each type by itself, and the results are joined",
            Self::FilterEval => {
                "the backend can't filter so: it is sent what it can, and what comes back is filtered here"
            }
            Self::Lookup => "the backend doesn't filter by this attribute: what it lists is filtered here",
            Self::Hydrate => "the backend leaves attributes out of what it shows: they are read elsewhere",
            Self::IfMatch => "the backend changes nothing without `If-Match`, so the resource is read for its tag",
            Self::Page => "the backend pages in another way: its pages are read one by one, stitched and cut",
            Self::Project => "the backend always shows all attributes: what the client doesn't want is taken out here",
            Self::Conflict => "the backend has a user of that name, switched off, so they are brought back",
            Self::Lifecycle => "this connection deletes and deactivates otherwise than its client says",
            Self::Lower => "the backend reads a PATCH in one form only",
            Self::Merge => {
                "an element of SCIM 1.1 that is there already is merged with it, so the resource is read first"
            }
            Self::Nobody => "nothing at the backend can match, so the answer is an empty list",
            Self::PatchToPut => {
                "the backend has no PATCH: the resource is read, changed here as RFC 7644 says, and put back"
            }
            Self::PutMerge => "what the PUT leaves out is filled in from what the backend holds",
            Self::PutToPatch => "the backend has no PUT: the resource is read, and what differs is sent as a PATCH",
            Self::Readback => "the resource is read, since nothing is left to change, or the backend doesn't show it",
            Self::Search => "the backend has no search by POST, so it is asked as a list",
            Self::Split => {
                "the backend changes some attributes by PATCH only, and others by PUT only: each gets its own"
            }
            Self::Synthesize => "the backend has no such endpoint, so what it would say is said here",
            Self::Weigh => "the brake counts who is taken out of a group, so the group is read first",
        }
    }
}

impl Way {
    /// Whether it may take several calls, so that others have to wait.
    #[must_use]
    pub fn takes_several(&self) -> bool {
        match self {
            Self::Direct | Self::Create(_) => false,
            Self::PatchToPut(_) | Self::PatchOrPut(_) | Self::PutToPatch(_) | Self::PutOrPatch(..) | Self::Split(_) => {
                true
            }
            Self::Patch(server) => server.take_several(),
        }
    }

    /// Whether the resource is read anyhow before it is written.
    #[must_use]
    pub fn reads_tags(&self) -> bool {
        matches!(self, Self::PatchToPut(_) | Self::PutToPatch(_))
    }

    /// The bridges that may stand in this way.
    pub fn bridges(&self) -> impl Iterator<Item = Bridge> + use<> {
        let (first, patches) = match self {
            Self::Direct => (None, None),
            Self::PatchToPut(_) | Self::PatchOrPut(_) => (Some(Bridge::PatchToPut), None),
            Self::PutToPatch(server) | Self::PutOrPatch(_, server) => (Some(Bridge::PutToPatch), Some(server.patches)),
            Self::Create(_) => (Some(Bridge::Chunk), None),
            Self::Patch(server) => (None, Some(*server)),
            Self::Split(server) => (Some(Bridge::Split), Some(server.patches)),
        };
        first.into_iter().chain(patches.into_iter().flat_map(|server| server.bridges().collect::<Vec<_>>()))
    }

    /// The first of them.
    #[must_use]
    pub fn bridge(&self) -> Option<Bridge> {
        self.bridges().next()
    }
}

/// One resource, as a bridge speaks of it.
#[derive(Clone, Debug)]
pub struct One {
    /// Its type.
    pub resource: Resource,
    /// Its id.
    pub id: Id,
}

impl One {
    /// The one that a call is about, of those on which bridges stand.
    #[must_use]
    pub fn of(target: &Target) -> Option<Self> {
        match (&target.resource, &target.operation) {
            (Some(resource), Operation::Patch(id) | Operation::Replace(id) | Operation::Delete(id)) => {
                Some(Self { resource: resource.clone(), id: id.clone() })
            }
            _ => None,
        }
    }

    fn asked(&self, operation: impl FnOnce(Id) -> Operation) -> Target {
        Target { resource: Some(self.resource.clone()), operation: operation(self.id.clone()) }
    }

    /// A PATCH of it.
    fn patched(&self) -> Target {
        self.asked(Operation::Patch)
    }

    /// Reads all of it.
    #[must_use]
    pub fn read(&self) -> Ask<'static> {
        let (query, conditions) = (Query::default(), Conditions::default());
        Ask { target: self.asked(Operation::Read), query, body: Content::None, conditions, before: None }
    }
}

/// What is asked of the backend, in standard SCIM.
#[derive(Clone, Debug)]
pub struct Ask<'v> {
    /// What is asked, of what.
    pub target: Target,
    /// Which resources, and which of their attributes.
    pub query: Query,
    /// The body.
    pub body: Content<'v>,
    /// Preconditions (RFC 7644 section 3.14), as the backend knows them.
    pub conditions: Conditions,
    /// The state before it, where a bridge has read it: what a write takes away is then known.
    pub before: Option<&'v Object<'v>>,
}

/// The body of an ask.
#[derive(Clone, Debug)]
pub enum Content<'v> {
    /// There is none.
    None,
    /// Nothing has changed in it: the bytes as they came, and what they say.
    AsSent(&'v [u8], Value<'v>),
    /// Something has.
    Changed(Value<'v>),
    /// Already what the backend gets: no rule and no bridge looks at it any more.
    Ready(Vec<u8>),
}

impl<'v> Content<'v> {
    /// What it says, where anybody may still look at it.
    #[must_use]
    pub fn value(&self) -> Option<&Value<'v>> {
        match self {
            Self::None | Self::Ready(_) => None,
            Self::AsSent(_, value) | Self::Changed(value) => Some(value),
        }
    }

    /// The bytes, where nothing has changed in them, and what they say.
    #[must_use]
    pub fn parts(self) -> (Option<&'v [u8]>, Option<Value<'v>>) {
        match self {
            Self::None | Self::Ready(_) => (None, None),
            Self::AsSent(bytes, value) => (Some(bytes), Some(value)),
            Self::Changed(value) => (None, Some(value)),
        }
    }
}

/// Preconditions of a request.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    /// `If-Match`.
    pub if_match: Option<String>,
    /// `If-None-Match`.
    pub if_none_match: Option<String>,
}

/// What came back: its head, and a body that may still be on its way.
#[derive(Debug)]
pub struct Answer<B> {
    /// The HTTP status.
    pub status: u16,
    /// `ETag`, as the client is to see it.
    pub etag: Option<String>,
    /// `Location`, as the client is to see it.
    pub location: Option<String>,
    /// Seconds to wait, from `Retry-After`.
    pub retry_after: Option<u32>,
    /// The body.
    pub body: B,
}

/// What a bridge hears of a call that it makes for itself.
#[derive(Debug)]
pub enum Heard<B> {
    /// A resource in standard SCIM, its tag as the backend knows it.
    Resource(Box<Answer<Object<'static>>>),
    /// It is done, and nothing is shown.
    Done,
    /// The backend's pack has left nothing to ask.
    Unasked,
    /// The backend's no, as the client is to see it.
    Refused(Answer<B>),
}

/// What came of writes that belong together.
#[derive(Debug)]
pub enum Series<B> {
    /// All are made; what the last was answered.
    Done(Heard<B>),
    /// The one at this place is longer than may be, and none is made.
    TooLong(usize),
    /// The backend's no.
    Stopped {
        /// How many were made before.
        done: usize,
        /// What it said, as the client is to see it.
        answer: Answer<B>,
    },
    /// It broke off.
    Broken {
        /// How many were made before.
        done: usize,
        /// Whether the next one may have been made.
        is_unknown: bool,
        /// Why.
        error: ScimError,
    },
}

/// The one way to a backend. Made from a permit; every call goes through the backend's pack and back.
pub trait Exchange: Send {
    /// The body of an answer.
    type Body: Send;

    /// Why there is no answer.
    type Failure: From<ScimError> + Send;

    /// Makes one call; nothing if the backend's pack has left nothing to ask: of a PATCH no operation, of a query none
    /// that anything can match.
    fn call(&mut self, ask: Ask<'_>) -> impl Future<Output = Result<Option<Answer<Self::Body>>, Self::Failure>> + Send;

    /// Makes one call for the bridge itself: the answer is there whole, and has met the backend's pack only.
    fn consult(&mut self, ask: Ask<'_>) -> impl Future<Output = Result<Heard<Self::Body>, Self::Failure>> + Send;

    /// Reads these, several at once; in their order. For the bridge itself, as [`Exchange::consult`].
    fn reads(
        &mut self,
        asks: Vec<Ask<'_>>,
    ) -> impl Future<Output = Result<Vec<Heard<Self::Body>>, Self::Failure>> + Send;

    /// Makes these writes one after the other until one fails, each body no `longest` bytes; also if nobody waits for it any
    /// more. None is made where one of them can't be.
    fn series(
        &mut self,
        asks: Vec<Ask<'_>>,
        longest: Option<u32>,
    ) -> impl Future<Output = Result<Series<Self::Body>, Self::Failure>> + Send;

    /// A no with a word more.
    fn note(&mut self, answer: Answer<Self::Body>, note: &str) -> Answer<Self::Body>;

    /// Reads a list, and hands over its resources one by one, in standard SCIM.
    fn leaf(
        &mut self,
        ask: Ask<'_>,
        take: impl FnMut(&[u8]) -> Result<(), ScimError> + Send,
    ) -> impl Future<Output = Result<Leaf<Self::Body>, Self::Failure>> + Send;

    /// The answer with this list, in standard SCIM, as the client is to see it.
    ///
    /// # Errors
    /// The client's packs refuse it.
    fn list(&mut self, list: Vec<u8>) -> Result<Answer<Self::Body>, Self::Failure>;

    /// The call goes over this bridge.
    fn over(&mut self, bridge: Bridge);

    /// The answer with this resource, in standard SCIM, as the client is to see it.
    ///
    /// # Errors
    /// The client's packs refuse it.
    fn show(&mut self, answer: Answer<Object<'static>>) -> Result<Answer<Self::Body>, Self::Failure>;

    /// An empty body.
    fn nothing(&self) -> Self::Body;

    /// A body that is here.
    fn text(&self, text: &'static str) -> Self::Body;
}
