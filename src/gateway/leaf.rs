//! A page of a backend's list on its way to a bridge: its resources one by one, and what it says of itself. Memory is bounded
//! by the largest resource, also where a backend answers with everything that it has.

use http_body_util::BodyExt;

use crate::bridge::Counters;
use crate::json::{self, Piece, Value, WalkFault, Walker};
use crate::scim::ScimError;

use super::answer::{Sent, untranslated};
use super::refusal::Refusal;
use super::translate::Untranslated;

/// Reads a translated list.
///
/// # Errors
/// It broke off, can't be translated or is no list; or who takes the resources doesn't want to go on.
pub async fn read(body: Sent, take: impl FnMut(&[u8]) -> Result<(), ScimError> + Send) -> Result<Counters, Refusal> {
    let mut leaf = Leaf { take, counters: Counters::default() };
    let mut walker = Walker::new("Resources");
    match body {
        Sent::Nothing => return Err(untranslated(Untranslated::NoResource)),
        Sent::Whole(bytes) => leaf.feed(&mut walker, &bytes)?,
        Sent::Long(held, mut rest, mut translator) => {
            leaf.feed(&mut walker, &held)?;
            let mut held = Vec::new();
            while let Some(frame) = rest.frame().await {
                let Ok(chunk) = frame.map_err(Refusal::Upstream)?.into_data() else { continue };
                translator.feed(&chunk, &mut held).map_err(untranslated)?;
                leaf.feed(&mut walker, &held)?;
                held.clear();
            }
            translator.finish(&mut held).map_err(untranslated)?;
            leaf.feed(&mut walker, &held)?;
        }
    }
    walker.finish(&mut |piece: Piece<'_>| leaf.piece(piece)).map_err(refused)?;
    if !walker.has_array() && leaf.counters.total != Some(0) {
        return Err(untranslated(Untranslated::NoResource));
    }
    Ok(leaf.counters)
}

struct Leaf<F> {
    take: F,
    counters: Counters,
}

impl<F: FnMut(&[u8]) -> Result<(), ScimError>> Leaf<F> {
    fn feed(&mut self, walker: &mut Walker, bytes: &[u8]) -> Result<(), Refusal> {
        walker.feed(bytes, &mut |piece: Piece<'_>| self.piece(piece)).map_err(refused)
    }

    fn piece(&mut self, piece: Piece<'_>) -> Result<(), ScimError> {
        match piece {
            Piece::Plain(_) => Ok(()),
            Piece::Element(bytes) => (self.take)(bytes),
            Piece::Scalar { key, text } => {
                if key.eq_ignore_ascii_case("totalResults") {
                    self.counters.total = std::str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok());
                } else if key.eq_ignore_ascii_case("nextCursor") {
                    let value = json::parse(text).ok();
                    self.counters.next = value.as_ref().and_then(Value::as_str).map(std::borrow::Cow::into_owned);
                }
                Ok(())
            }
        }
    }
}

fn refused(fault: WalkFault<ScimError>) -> Refusal {
    match fault {
        WalkFault::Json(fault) => untranslated(Untranslated::Json(fault)),
        WalkFault::Sink(error) => Refusal::Call(error),
    }
}
