//! A backend's answer, translated while it streams: one finished resource at a time.
//!
//! Memory is bounded by the largest resource, not by the list. Everything of a resource is settled before its bytes go
//! out. Where no rule looks at answers, bytes pass: checked, and with their URLs rebased, but never built into a tree.

mod each;

use std::sync::Arc;

use crate::bridge::Projection;
use crate::json::{JsonFault, Pass, Piece, Sink, WalkFault, Walker};
use crate::rules::stream::Fired;
use crate::rules::{Facts, Head, RuleRefusal, Scene};
use crate::scim::{OperationKind, Resource, ScimError, Target};

use super::documents::Document;
use super::message;
use super::plans::Cell;
use super::rebase::Rebase;
use super::recode::Recode;
use super::watcher::Watcher;

use each::Each;

/// The longest single resource, in bytes: a group of some 100,000 members.
pub const LONGEST: usize = 16 * 1024 * 1024;

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
    /// It doesn't have the document that was asked for.
    NoDocument,
    /// It can't be said in the other version of SCIM.
    Unsaid(ScimError),
}

impl From<JsonFault> for Untranslated {
    fn from(fault: JsonFault) -> Self {
        Self::Json(fault)
    }
}

/// What translates one answer.
#[derive(Debug)]
pub struct Translator {
    /// What brings it into SCIM 2.0 first.
    before: Option<Box<Stage>>,
    shape: Shape,
    each: Each,
    /// What brings it into the client's version at last.
    after: Option<Box<Stage>>,
    /// Whether another version has come.
    is_recoded: bool,
}

/// A change of version before or behind a translation, and what lies between the two.
#[derive(Debug)]
struct Stage {
    recode: Recode,
    between: Vec<u8>,
}

impl Stage {
    fn new(recode: Recode) -> Box<Self> {
        Box::new(Self { recode, between: Vec::new() })
    }
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
    /// It is a list that a rule has to see whole.
    Held(Vec<u8>),
    /// It says something of the service.
    Document(Vec<u8>, Document),
    /// It is what became of several operations, each of which is translated by what was asked there.
    Results(Vec<u8>),
}

/// What an answer is to, and how it came.
#[derive(Debug)]
pub struct Of {
    /// The resource type.
    pub resource: Option<Resource>,
    /// What was asked.
    pub operation: OperationKind,
    /// What of the service, where it may have to be told otherwise.
    pub document: Option<Document>,
    /// The id in the path, decoded.
    pub id: Option<String>,
    /// The head that the client sent.
    pub head: Arc<Head>,
    /// The status.
    pub status: u16,
    /// Which attributes the client wants, where rules may have asked for more.
    pub wanted: Option<Arc<Projection>>,
}

impl Of {
    /// An answer to a call whose client sent this head, which says nothing of the service.
    #[must_use]
    pub fn new(target: &Target, head: &Arc<Head>, status: u16) -> Self {
        Self {
            resource: target.resource.clone(),
            operation: target.operation.kind(),
            document: None,
            id: message::id(target),
            head: head.clone(),
            status,
            wanted: None,
        }
    }

    fn facts(&self) -> Facts<'_> {
        let scene = Scene { head: Some(&self.head), status: Some(self.status) };
        Facts { id: self.id.as_deref(), resource: self.resource.as_ref(), operation: self.operation, scene }
    }
}

impl Translator {
    /// For one answer to a call of this kind.
    #[must_use]
    pub fn new(cell: Arc<Cell>, rebase: Rebase, watcher: Watcher, mut of: Of) -> Self {
        let shape = match (of.operation, of.document.take()) {
            (_, Some(document)) => Shape::Document(Vec::new(), document),
            (OperationKind::List | OperationKind::Search, _) if cell.holds_lists() => Shape::Held(Vec::new()),
            (OperationKind::List | OperationKind::Search, _) => Shape::List(Box::new(Walker::new("Resources"))),
            (OperationKind::Bulk, _) => Shape::Results(Vec::new()),
            _ if cell.leaves_responses() => Shape::Pass(Box::new(Pass::new(rebase.clone())), First::default()),
            _ => Shape::One(Vec::new()),
        };
        let each = Each { cell, rebase, watcher, of, fired: Fired::default(), finds_nothing: false, changed: false };
        Self { before: None, shape, each, after: None, is_recoded: false }
    }

    /// The same for an answer that is brought into SCIM 2.0 first.
    #[must_use]
    pub fn behind(self, recode: Option<Recode>) -> Self {
        Self { is_recoded: recode.is_some(), before: recode.map(Stage::new), ..self }
    }

    /// What comes from now on is brought into the client's version at last.
    pub fn then(&mut self, recode: Recode) {
        self.after = Some(Stage::new(recode));
    }

    /// Takes the next bytes, and gives what is finished.
    ///
    /// # Errors
    /// The answer can't be translated; what has been given out so far is no complete document.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Untranslated> {
        let Some(mut before) = self.before.take() else { return self.feed_two(chunk, out) };
        before.between.clear();
        before.recode.feed(chunk, &mut before.between)?;
        self.feed_two(&before.between, out)?;
        self.before = Some(before);
        Ok(())
    }

    /// Takes the next bytes of SCIM 2.0.
    fn feed_two(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Untranslated> {
        let Some(mut after) = self.after.take() else { return self.translate(chunk, out) };
        after.between.clear();
        self.translate(chunk, &mut after.between)?;
        after.recode.feed(&after.between, out)?;
        self.after = Some(after);
        Ok(())
    }

    fn translate(&mut self, chunk: &[u8], out: &mut Vec<u8>) -> Result<(), Untranslated> {
        let each = &mut self.each;
        match &mut self.shape {
            Shape::Pass(pass, first) => {
                first.note(chunk);
                pass.feed(chunk, out).map_err(Untranslated::Json)
            }
            Shape::List(walker) => walker.feed(chunk, &mut Listed { each, out }).map_err(from_walk),
            Shape::One(held) | Shape::Held(held) | Shape::Results(held) | Shape::Document(held, _)
                if held.len() + chunk.len() > LONGEST =>
            {
                Err(Untranslated::TooLong)
            }
            Shape::One(held) | Shape::Held(held) | Shape::Results(held) | Shape::Document(held, _) => {
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
        if let Some(mut before) = self.before.take() {
            before.between.clear();
            before.recode.finish(&mut before.between)?;
            self.feed_two(&before.between, out)?;
        }
        let Some(mut after) = self.after.take() else { return self.end(out) };
        after.between.clear();
        self.end(&mut after.between)?;
        after.recode.feed(&after.between, out)?;
        after.recode.finish(out)
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Untranslated> {
        let each = &mut self.each;
        match &mut self.shape {
            Shape::Pass(pass, first) => {
                pass.finish(out)?;
                // Old servers answer `/Schemas` with a bare array.
                if each.of.operation == OperationKind::Discover { Ok(()) } else { first.is_of_object() }
            }
            Shape::List(walker) => {
                walker.finish(&mut Listed { each, out }).map_err(from_walk)?;
                // What stands elsewhere than in the list has met no rule. An empty list may be left out.
                let met = walker.has_array() || each.finds_nothing || each.cell.leaves_responses();
                if met { Ok(()) } else { Err(Untranslated::NoResource) }
            }
            Shape::One(held) => each.resource(&std::mem::take(held), out),
            Shape::Held(held) => each.list(&std::mem::take(held), out),
            Shape::Document(held, document) => {
                each.changed |= document.write(held, &each.rebase, &mut each.watcher, out)?;
                Ok(())
            }
            Shape::Results(held) => {
                out.append(held);
                Ok(())
            }
        }
    }

    /// Whether any byte came out other than it came in.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        match &self.shape {
            _ if self.is_recoded => true,
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

/// Why a list can't be translated.
pub fn from_walk(fault: WalkFault<Untranslated>) -> Untranslated {
    match fault {
        WalkFault::Json(fault) => Untranslated::Json(fault),
        WalkFault::Sink(fault) => fault,
    }
}

/// A list on its way through.
struct Listed<'l> {
    each: &'l mut Each,
    out: &'l mut Vec<u8>,
}

impl Sink for Listed<'_> {
    type Fault = Untranslated;

    fn piece(&mut self, piece: Piece<'_>) -> Result<(), Untranslated> {
        self.each.piece(piece, self.out)
    }

    fn begun(&mut self, bytes: &[u8]) -> Option<usize> {
        self.each.begun(bytes, self.out)
    }
}
