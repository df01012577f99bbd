//! A backend's answer, translated while it streams: one finished resource at a time.
//!
//! Memory is bounded by the largest resource, not by the list. Everything of a resource is settled before its bytes go
//! out. Where no rule looks at answers, bytes pass: checked, and with their URLs rebased, but never built into a tree.

use std::sync::Arc;

use crate::json::{self, JsonFault, Pass, Piece, WalkFault, Walker};
use crate::rules::{Facts, RuleRefusal};
use crate::scim::patch::Repair;
use crate::scim::{OperationKind, Resource, list};

use super::connection::{Cell, Watcher};
use super::rebase::Rebase;

/// The longest single resource, in bytes: a group of some 100,000 members.
const LONGEST: usize = 16 * 1024 * 1024;

/// Why an answer can't be translated.
#[derive(Debug)]
pub enum Untranslated {
    /// It is no JSON, or ambiguous JSON.
    Json(JsonFault),
    /// It is JSON, but no resource.
    NoResource,
    /// One resource is longer than 16 MiB.
    TooLong,
    /// A rule refused.
    Rule(RuleRefusal),
}

impl From<JsonFault> for Untranslated {
    fn from(fault: JsonFault) -> Self {
        Self::Json(fault)
    }
}

/// What translates one answer.
#[derive(Debug)]
pub struct Translator {
    shape: Shape,
    each: Each,
}

/// How the answer is cut into resources.
#[derive(Debug)]
enum Shape {
    /// Not at all: it passes.
    Pass(Box<Pass<Rebase>>, First),
    /// It is one resource.
    One(Vec<u8>),
    /// It is a list of them (RFC 7644 section 3.4.2).
    List(Box<Walker>),
}

/// What becomes of one resource.
#[derive(Debug)]
struct Each {
    cell: Arc<Cell>,
    rebase: Rebase,
    watcher: Watcher,
    id: Option<String>,
    resource: Option<Resource>,
    operation: OperationKind,
    /// `totalResults` is 0.
    finds_nothing: bool,
    changed: bool,
}

impl Translator {
    /// For one answer to a call of this kind.
    #[must_use]
    pub fn new(
        cell: Arc<Cell>,
        rebase: Rebase,
        watcher: Watcher,
        resource: Option<Resource>,
        operation: OperationKind,
        id: Option<String>,
    ) -> Self {
        let shape = match operation {
            OperationKind::List | OperationKind::Search => Shape::List(Box::new(Walker::new("Resources"))),
            _ if cell.leaves_responses() => Shape::Pass(Box::new(Pass::new(rebase.clone())), First::default()),
            _ => Shape::One(Vec::new()),
        };
        let each = Each { cell, rebase, watcher, id, resource, operation, finds_nothing: false, changed: false };
        Self { shape, each }
    }

    /// Takes the next bytes, and gives what is finished.
    ///
    /// # Errors
    /// The answer can't be translated; what has been given out so far is no complete document.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Untranslated> {
        let each = &mut self.each;
        match &mut self.shape {
            Shape::Pass(pass, first) => {
                first.note(chunk);
                pass.feed(chunk, out).map_err(Untranslated::Json)
            }
            Shape::List(walker) => walker.feed(chunk, &mut |piece| each.piece(piece, out)).map_err(from_walk),
            Shape::One(held) if held.len() + chunk.len() > LONGEST => Err(Untranslated::TooLong),
            Shape::One(held) => {
                held.extend_from_slice(chunk);
                Ok(())
            }
        }
    }

    /// The answer has ended.
    ///
    /// # Errors
    /// It ended too early, or can't be translated.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Untranslated> {
        let each = &mut self.each;
        match &mut self.shape {
            Shape::Pass(pass, first) => {
                pass.finish(out)?;
                // Old servers answer `/Schemas` with a bare array.
                if each.operation == OperationKind::Discover { Ok(()) } else { first.is_of_object() }
            }
            Shape::List(walker) => {
                walker.finish(&mut |piece| each.piece(piece, out)).map_err(from_walk)?;
                // What stands elsewhere than in the list has met no rule. An empty list may be left out.
                let met = walker.has_array() || each.finds_nothing || each.cell.leaves_responses();
                if met { Ok(()) } else { Err(Untranslated::NoResource) }
            }
            Shape::One(held) => each.resource(&std::mem::take(held), out),
        }
    }

    /// Whether any byte came out other than it came in.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        match &self.shape {
            Shape::Pass(pass, _) => pass.changed(),
            _ => self.each.changed,
        }
    }
}

/// The first byte of a document that isn't white space.
#[derive(Debug, Default)]
struct First(Option<u8>);

impl First {
    fn note(&mut self, bytes: &[u8]) {
        self.0 = self.0.or(bytes.iter().copied().find(|byte| !byte.is_ascii_whitespace()));
    }

    /// A resource is an object: `null` and `[]` are JSON, and no answer.
    fn is_of_object(&self) -> Result<(), Untranslated> {
        if self.0 == Some(b'{') { Ok(()) } else { Err(Untranslated::NoResource) }
    }
}

fn from_walk(fault: WalkFault<Untranslated>) -> Untranslated {
    match fault {
        WalkFault::Json(fault) => Untranslated::Json(fault),
        WalkFault::Sink(fault) => fault,
    }
}

impl Each {
    fn piece(&mut self, piece: Piece<'_>, out: &mut Vec<u8>) -> Result<(), Untranslated> {
        match piece {
            Piece::Plain(bytes) => out.extend_from_slice(bytes),
            Piece::Scalar { key, text } => {
                let repaired = list::counter(key, text);
                let written = repaired.as_ref().map_or(text, |text| text.as_bytes());
                self.finds_nothing |= key.eq_ignore_ascii_case("totalResults") && written == b"0";
                if repaired.is_some() {
                    self.changed = true;
                    self.watcher.repaired(Repair::Counters);
                }
                out.extend_from_slice(written);
            }
            Piece::Element(bytes) => self.resource(bytes, out)?,
        }
        Ok(())
    }

    fn resource(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Untranslated> {
        if self.cell.leaves_responses() {
            return self.pass(bytes, out);
        }
        let mut value = json::parse(bytes)?;
        let resource = value.as_object_mut().ok_or(Untranslated::NoResource)?;
        let facts = Facts { id: self.id.as_deref(), resource: self.resource.as_ref(), operation: self.operation };
        let mut changed = false;
        for plan in self.cell.back() {
            changed |= plan.response(resource, facts, &mut self.watcher).map_err(Untranslated::Rule)?;
        }
        changed |= self.rebase.value(&mut value);
        if changed {
            self.changed = true;
            value.write(out);
        } else {
            out.extend_from_slice(bytes);
        }
        Ok(())
    }

    fn pass(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Untranslated> {
        let (mut pass, mut first) = (Pass::new(self.rebase.clone()), First::default());
        first.note(bytes);
        pass.feed(bytes, out)?;
        pass.finish(out)?;
        first.is_of_object()?;
        self.changed |= pass.changed();
        Ok(())
    }
}
