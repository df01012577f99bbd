//! What becomes of one resource of an answer.

use std::sync::Arc;

use crate::json::{self, Array, Object, Pass, Piece, Value};
use crate::rules::Plan;
use crate::rules::stream::Fired;
use crate::scim::list;
use crate::scim::patch::Repair;

use super::super::plans::Cell;
use super::super::rebase::Rebase;
use super::super::watcher::Watcher;
use super::{First, Of, Untranslated};

/// What becomes of one resource.
#[derive(Debug)]
pub(super) struct Each {
    pub cell: Arc<Cell>,
    pub rebase: Rebase,
    pub watcher: Watcher,
    pub of: Of,
    pub fired: Fired,
    /// `totalResults` is 0.
    pub finds_nothing: bool,
    pub changed: bool,
}

impl Each {
    pub fn piece(&mut self, piece: Piece<'_>, out: &mut Vec<u8>) -> Result<(), Untranslated> {
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

    pub fn resource(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Untranslated> {
        if self.streamed(bytes, out) {
            return Ok(());
        }
        if self.cell.leaves_responses() {
            return self.pass(bytes, out);
        }
        let mut value = json::parse(bytes)?;
        let resource = value.as_object_mut().ok_or(Untranslated::NoResource)?;
        let cell = self.cell.clone();
        let mut changed = false;
        for plan in cell.back() {
            changed |= self.translated(plan, resource)?;
        }
        changed |= self.trimmed(resource);
        changed |= self.rebase.value(&mut value);
        if changed {
            self.changed = true;
            value.write(out);
        } else {
            out.extend_from_slice(bytes);
        }
        Ok(())
    }

    /// Translates without a tree. False, and nothing has come out, where it takes one: to decide, to say what is wrong,
    /// or to show somebody what each rule did.
    fn streamed(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> bool {
        let (Some(stream), Watcher::Count(_), None) = (&self.cell.answers, &self.watcher, &self.of.wanted) else {
            return false;
        };
        let before = out.len();
        let Ok(changed) = stream.translate(bytes, &mut self.rebase, &mut self.fired, out) else {
            out.truncate(before);
            return false;
        };
        self.count(changed);
        true
    }

    /// The same for the resource that begins these bytes, if it ends in them: how long it is.
    pub fn begun(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let (Some(stream), Watcher::Count(_), None) = (&self.cell.answers, &self.watcher, &self.of.wanted) else {
            return None;
        };
        let before = out.len();
        match stream.translate_first(bytes, &mut self.rebase, &mut self.fired, out) {
            Ok(Some((length, changed))) => {
                self.count(changed);
                Some(length)
            }
            Ok(None) | Err(_) => {
                out.truncate(before);
                None
            }
        }
    }

    /// Books which rules have changed the resource that was just translated.
    fn count(&mut self, changed: bool) {
        self.changed |= changed;
        if let (Some(stream), Watcher::Count(counters)) = (&self.cell.answers, &self.watcher) {
            stream.fired(&self.fired).for_each(|number| counters.fired(number));
        }
    }

    /// Takes out what only rules have asked for. True if there may be any.
    fn trimmed(&self, resource: &mut Object<'_>) -> bool {
        let Some(wanted) = &self.of.wanted else { return false };
        wanted.trim(resource);
        true
    }

    fn translated(&mut self, plan: &Plan, read: &mut Object<'_>) -> Result<bool, Untranslated> {
        plan.response(read, self.of.facts(), &mut self.watcher).map_err(Untranslated::Rule)
    }

    /// A list that rules see whole: each pack's resources first, then its list, from the backend's pack outwards.
    pub fn list(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Untranslated> {
        let mut value = json::parse(bytes)?;
        let whole = value.as_object_mut().ok_or(Untranslated::NoResource)?;
        let mut changed = self.counters(whole);
        let is_list = whole.get("Resources").is_some_and(|list| list.as_array().is_some());
        if !is_list && whole.get("totalResults") != Some(&Value::number(0)) {
            return Err(Untranslated::NoResource);
        }
        let cell = self.cell.clone();
        for plan in cell.back() {
            for resource in
                whole.get_mut("Resources").and_then(Value::as_array_mut).into_iter().flat_map(Array::iter_mut)
            {
                changed |= self.translated(plan, resource.as_object_mut().ok_or(Untranslated::NoResource)?)?;
            }
            changed |= plan.list(whole, self.of.facts(), &mut self.watcher).map_err(Untranslated::Rule)?;
        }
        let resources = whole.get_mut("Resources").and_then(Value::as_array_mut).into_iter().flat_map(Array::iter_mut);
        for resource in resources.filter_map(Value::as_object_mut) {
            changed |= self.trimmed(resource);
        }
        changed |= self.rebase.value(&mut value);
        self.changed |= changed;
        if changed {
            value.write(out)
        } else {
            out.extend_from_slice(bytes)
        }
        Ok(())
    }

    /// Makes numbers of counters that are strings, as in a list that streams.
    fn counters(&mut self, whole: &mut Object<'_>) -> bool {
        let mut changed = false;
        for member in whole.iter_mut() {
            let Value::String(text) = &member.value else { continue };
            let quoted = format!("\"{}\"", text.raw());
            if let Some(number) = list::counter(&member.key.decoded(), quoted.as_bytes()) {
                member.value = Value::Number(number.into());
                self.watcher.repaired(Repair::Counters);
                changed = true;
            }
        }
        changed
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
