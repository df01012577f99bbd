//! Pages before a backend whose pages are short, named by cursors, or none at all (RFC 7644 section 3.4.2.4, RFC 9865): they
//! are read one after the other, stitched and cut, and `totalResults` is counted where the backend doesn't count right.
//!
//! The order is the backend's. What comes twice, since the list has changed in between, is shown once; where it has become
//! shorter, reading goes back as far, so that nothing is passed over. A backend whose list ends before its end, or that gives
//! the same page again, is a 502: a part of a list is never called all of it.
//!
//! Costs a call a page of the backend. Before one with cursors, or without pages, every page of the client is counted from
//! the beginning. Loses nothing.

use std::collections::HashSet;

use crate::json::{self, Object, Value};
use crate::scim::{ErrorStatus, ScimError, ScimType};

use super::Limits;
use super::list::Wish;

/// How many resources are asked for at once where the pack doesn't say what the backend's longest page is.
const USUAL: u32 = 200;

/// How many bytes of resources one page for a client has before it ends: a client reads on from there.
const LONGEST: usize = 8 << 20;

/// How a backend pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pages {
    /// As RFC 7644 says, as far as anybody knows.
    AsSent,
    /// By `startIndex`, with so many on a page.
    ByIndex {
        /// The most resources on one page.
        max: Option<u32>,
    },
    /// By `cursor` only.
    ByCursor {
        /// The most resources on one page.
        max: Option<u32>,
    },
    /// Not at all: every list is the whole list.
    Whole,
}

impl Pages {
    /// The most resources on one page, where there is such a limit.
    #[must_use]
    pub fn max(self) -> Option<u32> {
        match self {
            Self::ByIndex { max } | Self::ByCursor { max } => max,
            Self::AsSent | Self::Whole => None,
        }
    }
}

/// Where reading stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// At this index, from 1.
    Index(u64),
    /// Behind this cursor; empty at the beginning.
    Cursor(String),
    /// At a list that comes whole.
    Whole,
}

/// What a page says of itself and the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// `totalResults`
    pub total: Option<u64>,
    /// `nextCursor` (RFC 9865)
    pub next: Option<String>,
    /// A rule may have left resources out of the page, so that what follows begins before it has to, and is read again.
    pub is_thinned: bool,
}

/// A list while it is read.
#[derive(Debug)]
pub struct Reading<'w> {
    wish: &'w Wish,
    limits: Limits,
    /// The index of the first resource that is read, less one.
    skipped: u64,
    /// Where the next page begins.
    pub place: Place,
    /// How many resources the client's page may have.
    wanted: u64,
    /// Resources read so far.
    read: u32,
    seen: HashSet<String>,
    /// Those that the client's filter finds.
    found: u64,
    /// What the backend says that there is.
    total: Option<u64>,
    /// How many are on the page for the client.
    kept: u64,
    bytes: Vec<u8>,
    /// The client's page has ended before it was full.
    is_cut: bool,
}

/// The page that is being read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Here {
    items: u64,
    fresh: u64,
}

impl<'w> Reading<'w> {
    /// Begins before the first resource that is needed.
    #[must_use]
    pub fn new(wish: &'w Wish, pages: Pages, limits: Limits) -> Self {
        // Who evaluates doesn't know how many the filter finds before that one.
        let skipped = if wish.evaluates { 0 } else { wish.start.saturating_sub(1) };
        let (place, skipped) = match pages {
            Pages::AsSent | Pages::ByIndex { .. } => (Place::Index(skipped + 1), skipped),
            Pages::ByCursor { .. } => (Place::Cursor(String::new()), 0),
            Pages::Whole => (Place::Whole, 0),
        };
        // A client that doesn't say how many gets one page of the backend's, or all that its filter finds.
        let usual = if wish.evaluates || pages == Pages::Whole { limits.scan } else { pages.max().unwrap_or(USUAL) };
        let wanted = wish.count.unwrap_or(u64::from(usual)).min(u64::from(limits.scan));
        Self {
            wish,
            limits,
            skipped,
            place,
            wanted,
            read: 0,
            seen: HashSet::new(),
            found: 0,
            total: None,
            kept: 0,
            bytes: Vec::new(),
            is_cut: false,
        }
    }

    /// How many resources the next page is to have.
    #[must_use]
    pub fn size(&self, pages: Pages) -> u64 {
        let most = u64::from(pages.max().unwrap_or(USUAL));
        match self.place {
            Place::Index(_) if !self.wish.evaluates => most.min(self.wanted.saturating_sub(self.kept).max(1)),
            _ => most,
        }
    }

    /// Takes one resource of a page.
    ///
    /// # Errors
    /// `tooMany` beyond the limit; 502 for what is no resource.
    pub fn take(&mut self, here: &mut Here, bytes: &[u8]) -> Result<(), ScimError> {
        self.read += 1;
        if self.read > self.limits.scan {
            return Err(too_many(self.limits.scan));
        }
        here.items += 1;
        let value = json::parse(bytes).map_err(|_| broken("the backend's list holds what is no JSON"))?;
        let Value::Object(mut resource) = value else { return Err(broken("the backend's list holds no resource")) };
        if let Some(id) = resource.get("id").and_then(Value::as_str)
            && !self.seen.insert(id.into_owned())
        {
            return Ok(());
        }
        here.fresh += 1;
        if self.wish.finds(&resource) {
            self.found += 1;
            self.keep(&mut resource, bytes);
        }
        Ok(())
    }

    fn keep(&mut self, resource: &mut Object<'_>, bytes: &[u8]) {
        let index = self.skipped + self.found;
        if index < self.wish.start || self.kept >= self.wanted || self.is_cut {
            return;
        }
        let before = self.bytes.len();
        if self.kept > 0 {
            self.bytes.push(b',');
        }
        match &self.wish.trims {
            Some(projection) => {
                projection.trim(resource);
                Value::Object(resource.clone()).write(&mut self.bytes);
            }
            None => self.bytes.extend_from_slice(bytes),
        }
        if self.kept > 0 && self.bytes.len() > LONGEST {
            self.bytes.truncate(before);
            self.is_cut = true;
            return;
        }
        self.kept += 1;
    }

    /// The page has ended. True if the list is to be read on.
    ///
    /// # Errors
    /// 502 if the backend's list can't be trusted.
    pub fn turn(&mut self, here: Here, counters: Counters) -> Result<bool, ScimError> {
        let before = self.total;
        self.total = counters.total.or(before);
        let goes_on = match &self.place {
            Place::Whole => false,
            Place::Cursor(cursor) => match counters.next.clone().filter(|next| !next.is_empty()) {
                Some(next) if next == *cursor => return Err(broken("the backend gives the same page again")),
                Some(next) => {
                    self.place = Place::Cursor(next);
                    true
                }
                None => false,
            },
            Place::Index(at) => {
                let gone = before.zip(self.total).map_or(0, |(before, now)| before.saturating_sub(now));
                // Who has gone stood before this page perhaps, and others have moved up from where it begins.
                let next = if gone > 0 { at.saturating_sub(gone).max(1) } else { at + here.items };
                let is_same = here.items > 0 && here.fresh == 0 && before == self.total;
                if is_same && !counters.is_thinned {
                    return Err(broken("the backend gives the same page again"));
                }
                self.place = Place::Index(next);
                self.goes_on(here, next, counters.is_thinned)?
            }
        };
        Ok(goes_on && !self.is_enough())
    }

    /// Whether there is more behind a page by index.
    fn goes_on(&self, here: Here, next: u64, is_thinned: bool) -> Result<bool, ScimError> {
        match self.total {
            Some(total) if next > total => Ok(false),
            Some(_) if here.items == 0 && self.wish.evaluates && !is_thinned => {
                Err(broken("the backend's list ends before its end"))
            }
            _ => Ok(here.items > 0),
        }
    }

    /// Whether nothing more has to be known: the client's page is full, and the backend counts the rest.
    fn is_enough(&self) -> bool {
        let is_full = self.is_cut || self.kept >= self.wanted;
        is_full && !self.wish.evaluates && self.total.is_some()
    }

    /// The list as the client gets it, in standard SCIM (RFC 7644 section 3.4.2).
    #[must_use]
    pub fn into_list(self) -> Vec<u8> {
        let counted = self.skipped + self.found;
        let total =
            if self.wish.evaluates || self.place == Place::Whole { counted } else { self.total.unwrap_or(counted) };
        let (start, kept) = (self.wish.start, self.kept);
        let mut list = format!(
            "{{\"schemas\":[\"{}\"],\"totalResults\":{total},\"startIndex\":{start},\"itemsPerPage\":{kept},",
            crate::scim::urn::LIST_RESPONSE
        );
        if let Some(cursor) = self.wish.next(start.saturating_add(kept)).filter(|_| start - 1 + kept < total) {
            list.push_str(&format!("\"nextCursor\":\"{cursor}\","));
        }
        let mut list = list.into_bytes();
        list.extend_from_slice(b"\"Resources\":[");
        list.extend_from_slice(&self.bytes);
        list.extend_from_slice(b"]}");
        list
    }
}

fn too_many(scan: u32) -> ScimError {
    let detail = format!("to answer this, more than {scan} resources would have to be read; ask for less");
    ScimError::bad_request(ScimType::TooMany, detail)
}

fn broken(detail: &str) -> ScimError {
    ScimError::new(ErrorStatus::BadGateway, detail)
}
