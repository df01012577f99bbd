//! A list or a search over the bridges that it needs: `filter_eval`, `page` and `project` in one conversation, since each
//! page that is read is filtered, trimmed and counted on its way; and then `hydrate`.
//!
//! What the backend can answer by itself is one call, which streams.

use crate::json::{Object, Value};
use crate::scim::{AttrPath, Filter, Param, ScimError, ScimType};

use super::filter_eval::{self, Filters, Weakened, covers};
use super::hydrate::{Hydrated, Missing, hydrate};
use super::page::{Counters, Here, Pages, Place, Reading};
use super::project::Projection;
use super::{Answer, Ask, Bridge, Content, Exchange, Limits, nobody};

/// How many resources are on a page that a client asks for by a cursor without saying how many.
const CURSOR_PAGE: u64 = 100;

/// How a backend lists resources of one type.
#[derive(Clone, Debug, PartialEq)]
pub struct Lists {
    /// How it filters.
    pub filters: Filters,
    /// How it pages.
    pub pages: Pages,
    /// It keeps to `attributes` and `excludedAttributes`.
    pub projects: bool,
    /// What it shows of one resource, but not in a list.
    pub hidden: Vec<AttrPath>,
}

/// What came of one page.
#[derive(Debug)]
pub enum Leaf<B> {
    /// It was read.
    Read(Counters),
    /// The backend's pack has left nothing to ask: nothing can match.
    Unasked,
    /// Another answer than a list of the backend.
    Answered(Answer<B>),
}

/// What a client wishes to be listed.
#[derive(Debug)]
pub struct Wish {
    filter: Option<Filter>,
    /// The filter is asked of every resource here.
    pub evaluates: bool,
    /// The index of the first resource on the client's page, from 1.
    pub start: u64,
    /// How many it may have.
    pub count: Option<u64>,
    /// What of each resource is shown, where that is settled here.
    pub trims: Option<Projection>,
    /// The client pages by cursor: what the list is recognised by.
    cursor: Option<u64>,
}

impl Lists {
    /// Whether it lists as RFC 7644 says, as far as anybody knows.
    #[must_use]
    pub fn are_full(&self) -> bool {
        self.filters.are_full() && self.pages == Pages::AsSent && self.projects && self.hidden.is_empty()
    }

    /// The bridges that a list may go over.
    pub fn bridges(&self) -> impl Iterator<Item = Bridge> {
        let page = (self.pages != Pages::AsSent).then_some(Bridge::Page);
        let hydrate = (!self.hidden.is_empty()).then_some(Bridge::Hydrate);
        self.filters.gaps().chain(page).chain((!self.projects).then_some(Bridge::Project)).chain(hydrate)
    }

    /// Whether the backend answers such a page by itself.
    fn pages_so(&self, params: &Params) -> bool {
        let fits = |max: Option<u32>| max.is_none_or(|max| params.count.is_none_or(|count| count <= i64::from(max)));
        match self.pages {
            Pages::AsSent => true,
            Pages::ByIndex { max } => params.cursor.is_none() && fits(max),
            Pages::ByCursor { .. } => params.cursor.is_some(),
            Pages::Whole => params.cursor.is_none() && params.start.is_none() && params.count.is_none(),
        }
    }
}

/// The parameters of a list, from a query or from a search request (RFC 7644 sections 3.4.2 and 3.4.3).
#[derive(Debug)]
struct Params {
    filter: Option<Filter>,
    start: Option<i64>,
    count: Option<i64>,
    cursor: Option<String>,
    projection: Projection,
    /// What the list is recognised by, beside its page.
    mark: u64,
}

impl Params {
    fn read(ask: &Ask<'_>) -> Result<Self, ScimError> {
        let value = |param: Param| text(ask, param);
        let filter = value(Param::Filter).map(|text| {
            Filter::parse(&text).map_err(|fault| ScimError::bad_request(ScimType::InvalidFilter, fault.to_string()))
        });
        let number = |param: Param| value(param).and_then(|text| text.trim().parse::<i64>().ok());
        let named = [Param::Filter, Param::SortBy, Param::SortOrder].map(|param| value(param).unwrap_or_default());
        Ok(Self {
            filter: filter.transpose()?,
            start: number(Param::StartIndex),
            count: number(Param::Count),
            cursor: value(Param::Cursor),
            projection: Projection::read(value)?,
            mark: mark(&named),
        })
    }
}

/// A parameter as text, of a query or of a search request's body.
fn text(ask: &Ask<'_>, param: Param) -> Option<String> {
    let Some(body) = ask.body.value() else { return ask.query.value(param).map(str::to_owned) };
    match body.as_object()?.get(param.as_str())? {
        Value::String(text) => Some(text.decoded().into_owned()),
        Value::Number(text) => Some(text.clone().into_owned()),
        Value::Array(list) => Some(list.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")),
        _ => None,
    }
}

/// FNV-1a of these texts: the same in every process, so that a cursor is read by another one too.
fn mark(texts: &[String]) -> u64 {
    let bytes = texts.iter().flat_map(|text| text.bytes().chain([0]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

impl Wish {
    fn new(params: Params, sent: Option<&Weakened>, lists: &Lists) -> Result<Self, ScimError> {
        let evaluates = sent.is_some_and(|sent| sent.lacks.is_some());
        if let (true, Some(filter)) = (evaluates, &params.filter)
            && let Some(unseen) = lists.filters.unseen(filter)
        {
            let detail = format!("`{unseen}` can't be filtered by: the backend neither does it nor shows it in lists");
            return Err(ScimError::bad_request(ScimType::InvalidFilter, detail));
        }
        let asked = params.start.unwrap_or(1);
        let (start, count, cursor) = match &params.cursor {
            Some(cursor) => (resume(cursor, params.mark)?, Some(CURSOR_PAGE), Some(params.mark)),
            None => (u64::try_from(asked).unwrap_or(1).max(1), None, None),
        };
        let count = params.count.map(|count| u64::try_from(count).unwrap_or(0)).or(count);
        let trims = (!lists.projects || evaluates).then_some(params.projection).filter(|one| !one.is_all());
        Ok(Self { filter: params.filter, evaluates, start, count, trims, cursor })
    }

    /// Whether the client's filter finds a resource that the backend has listed.
    pub fn finds(&self, resource: &Object<'_>) -> bool {
        match &self.filter {
            Some(filter) if self.evaluates => filter_eval::finds(filter, resource),
            _ => true,
        }
    }

    /// The cursor of the page that begins there, where the client pages by cursor (RFC 9865 section 2).
    #[must_use]
    pub fn next(&self, start: u64) -> Option<String> {
        self.cursor.map(|mark| format!("{start}.{mark:x}"))
    }
}

/// Where a page begins, by its cursor.
fn resume(cursor: &str, mark: u64) -> Result<u64, ScimError> {
    let read = || {
        let (start, of) = cursor.split_once('.')?;
        let is_this = u64::from_str_radix(of, 16).ok()? == mark;
        start.parse::<u64>().ok().filter(|start| is_this && *start > 0)
    };
    let refused = || {
        let detail = "the cursor belongs to no list that is asked for so; begin again with an empty one";
        ScimError::bad_request(ScimType::InvalidCursor, detail)
    };
    if cursor.is_empty() { Ok(1) } else { read().ok_or_else(refused) }
}

/// Answers a list or a search; nothing if nothing can match.
///
/// # Errors
/// 400 `invalidFilter` for what can't be filtered by, `tooMany` beyond the limit, 502 for a list that can't be trusted, and
/// whatever the exchange fails with.
pub async fn list<E: Exchange>(
    exchange: &mut E,
    lists: &Lists,
    limits: Limits,
    ask: Ask<'_>,
) -> Result<Option<Answer<E::Body>>, E::Failure> {
    let params = Params::read(&ask)?;
    let sent = params.filter.as_ref().map(|filter| lists.filters.weaken(filter));
    let lacks = sent.as_ref().and_then(|sent| sent.lacks);
    let projects = lists.projects || params.projection.is_all();
    let pages = lists.pages_so(&params);
    let missing = Missing::of(&lists.hidden, &params.projection);
    if lacks.is_none() && pages && projects && missing.is_none() {
        return exchange.call(ask).await;
    }
    let page = (!pages).then_some(Bridge::Page);
    let over = lacks.into_iter().chain(page).chain((!projects).then_some(Bridge::Project));
    over.for_each(|bridge| exchange.over(bridge));
    let wish = Wish::new(params, sent.as_ref(), lists)?;
    let request = Request { ask: &ask, lists, sent: sent.and_then(|sent| sent.sent), wish: &wish };
    let mut reading = Reading::new(&wish, lists.pages, limits);
    loop {
        let mut here = Here::default();
        let page = request.page(&reading.place, reading.size(lists.pages));
        let counters = match exchange.leaf(page, |bytes| reading.take(&mut here, bytes)).await? {
            Leaf::Read(counters) => counters,
            Leaf::Unasked => return Ok(Some(nobody(exchange))),
            Leaf::Answered(answer) => return Ok(Some(answer)),
        };
        if reading.turn(here, counters)? {
            continue;
        }
        let list = reading.into_list();
        let (Some(missing), Some(resource)) = (&missing, &ask.target.resource) else {
            return exchange.list(list).map(Some);
        };
        exchange.over(Bridge::Hydrate);
        return match hydrate(exchange, missing, resource, &list).await? {
            Hydrated::List(list) => exchange.list(list).map(Some),
            Hydrated::Refused(answer) => Ok(Some(answer)),
        };
    }
}

/// What the backend is asked, page by page.
struct Request<'r, 'v> {
    ask: &'r Ask<'v>,
    lists: &'r Lists,
    sent: Option<String>,
    wish: &'r Wish,
}

impl<'v> Request<'_, 'v> {
    fn page(&self, place: &Place, size: u64) -> Ask<'v> {
        let mut query = self.ask.query.clone();
        let mut body = self.ask.body.value().cloned();
        for (param, value) in self.params(place, size) {
            match body.as_mut().and_then(Value::as_object_mut) {
                Some(body) => write(body, param, value),
                None => query.set(param, value),
            }
        }
        Ask {
            target: self.ask.target.clone(),
            query,
            body: body.map_or(Content::None, Content::Changed),
            conditions: self.ask.conditions.clone(),
            before: None,
        }
    }

    fn params(&self, place: &Place, size: u64) -> Vec<(Param, Option<String>)> {
        let (start, count, cursor) = match place {
            Place::Index(at) => (Some(at.to_string()), Some(size.to_string()), None),
            Place::Cursor(cursor) => (None, Some(size.to_string()), Some(cursor.clone())),
            Place::Whole => (None, None, None),
        };
        let page = [(Param::StartIndex, start), (Param::Count, count), (Param::Cursor, cursor)];
        let filter = self.wish.filter.is_some().then(|| (Param::Filter, self.sent.clone()));
        page.into_iter().chain(filter).chain(self.attributes()).collect()
    }

    /// Which attributes are asked for: those that the client wants, and those that the filter asks of.
    fn attributes(&self) -> Vec<(Param, Option<String>)> {
        let Some(projection) = &self.wish.trims else { return Vec::new() };
        let (mut only, mut without) = (projection.only.clone(), projection.without.clone());
        if !self.lists.projects {
            (only, without) = (Vec::new(), Vec::new());
        }
        for path in self.wish.filter.iter().flat_map(filter_eval::mentioned) {
            without.retain(|one| !covers(one, &path) && !covers(&path, one));
            if !only.is_empty() && !only.iter().any(|one| covers(one, &path)) {
                only.push(path);
            }
        }
        vec![(Param::Attributes, named(&only)), (Param::ExcludedAttributes, named(&without))]
    }
}

fn named(paths: &[AttrPath]) -> Option<String> {
    let words: Vec<String> = paths.iter().map(ToString::to_string).collect();
    (!words.is_empty()).then(|| words.join(","))
}

/// Writes a parameter into a search request's body.
fn write(body: &mut Object<'_>, param: Param, value: Option<String>) {
    let number = |text: &str| text.parse::<i64>().ok().map(Value::number);
    match (param, value) {
        (param, None) => drop(body.remove(param.as_str())),
        (Param::StartIndex | Param::Count, Some(text)) => {
            body.set(param.as_str(), number(&text).unwrap_or_else(|| Value::string(&text)));
        }
        (Param::Attributes | Param::ExcludedAttributes, Some(text)) => {
            let words: Vec<_> = text.split(',').map(Value::string).collect();
            body.set(param.as_str(), Value::Array(words.into()));
        }
        (param, Some(text)) => body.set(param.as_str(), Value::string(&text)),
    }
}
