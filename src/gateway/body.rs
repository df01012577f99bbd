//! Bodies: a request's is held whole and checked before the first byte goes upstream; an answer's streams.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::json::JsonFault;
use crate::scim::{ErrorStatus, ScimError, ScimType};

use super::answer::untranslated;
use super::pace::{Pace, STEP};
use super::record::Record;
use super::refusal::Refusal;
use super::translate::Translator;
use super::upstream::{UpstreamBody, UpstreamFault};

/// Why a request's body doesn't come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    /// It came too slowly.
    #[error("the request body came too slowly")]
    Slow,
    /// It broke off, or its framing is malformed.
    #[error("the request body broke off")]
    Broken,
}

/// How much of a translated answer is held, in bytes, so that one that fails becomes a SCIM error.
pub const HELD: usize = 1024 * 1024;

/// Reads a request's body whole.
///
/// # Errors
/// 413 beyond `limit` bytes, 408 if it came too slowly, 400 if it broke off.
pub async fn read<B>(body: B, limit: usize) -> Result<Bytes, ScimError>
where
    B: Body<Data = Bytes, Error = BodyFault> + Send,
{
    if body.size_hint().lower() > limit as u64 {
        return Err(too_long(limit));
    }
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(fault) if fault.is::<LengthLimitError>() => Err(too_long(limit)),
        Err(fault) => Err(broken(fault.downcast_ref().copied().unwrap_or(BodyFault::Broken))),
    }
}

fn broken(fault: BodyFault) -> ScimError {
    let status = match fault {
        BodyFault::Slow => ErrorStatus::RequestTimeout,
        BodyFault::Broken => ErrorStatus::BadRequest,
    };
    ScimError::new(status, fault.to_string())
}

fn too_long(limit: usize) -> ScimError {
    ScimError::new(ErrorStatus::PayloadTooLarge, format!("the request body is longer than {limit} bytes"))
}

/// 400 `invalidSyntax` for a body that is no JSON, or ambiguous JSON.
#[must_use]
pub fn syntax(fault: &JsonFault) -> ScimError {
    ScimError::bad_request(
        ScimType::InvalidSyntax,
        format!("the request body is not JSON that can be trusted: {fault}"),
    )
}

/// The body of a response.
#[derive(Debug)]
pub enum ResponseBody {
    /// It is here, or there is none.
    Whole(Option<Bytes>),
    /// The rest of a long answer is still on its way.
    Streaming(Box<Streaming>),
}

/// The rest of a long answer: what is held first, then what comes, translated as it comes.
#[derive(Debug)]
pub struct Streaming {
    held: Option<Bytes>,
    /// What has come and isn't translated yet, and what is translated of the same piece.
    come: Bytes,
    out: Vec<u8>,
    rest: UpstreamBody,
    translator: Option<Translator>,
    pace: Pace,
    record: Record,
}

impl Streaming {
    /// An answer of which `held` is already translated.
    #[must_use]
    pub fn new(held: Bytes, rest: UpstreamBody, translator: Translator, record: Record) -> Self {
        let (come, out, pace) = (Bytes::new(), Vec::new(), Pace::default());
        Self { held: Some(held), come, out, rest, translator: Some(translator), pace, record }
    }

    /// Once the head is out, a fault can only end the connection: no partial document may look complete.
    fn broken(&mut self, fault: &str) -> UpstreamFault {
        self.translator = None;
        self.out.clear();
        self.record.broke(fault);
        UpstreamFault::Truncated
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, UpstreamFault>>> {
        if let Some(held) = self.held.take() {
            return Poll::Ready(Some(Ok(held)));
        }
        loop {
            ready!(self.poll_come(cx))?;
            if !self.out.is_empty() {
                return Poll::Ready(Some(Ok(mem::take(&mut self.out).into())));
            }
            if self.translator.is_none() {
                return Poll::Ready(None);
            }
            match ready!(Pin::new(&mut self.rest).poll_frame(cx)) {
                Some(Ok(frame)) => self.come = frame.into_data().unwrap_or_default(),
                Some(Err(fault)) => {
                    self.broken(&Refusal::Upstream(fault).cause());
                    return Poll::Ready(Some(Err(fault)));
                }
                None => self.finish()?,
            }
        }
    }

    /// Translates all that has come, step by step.
    fn poll_come(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), UpstreamFault>> {
        while let (Some(translator), false) = (&mut self.translator, self.come.is_empty()) {
            let step = self.come.len().min(STEP);
            ready!(self.pace.poll(step, cx));
            if let Err(fault) = translator.feed(&self.come.split_to(step), &mut self.out) {
                return Poll::Ready(Err(self.broken(&untranslated(fault).cause())));
            }
        }
        Poll::Ready(Ok(()))
    }

    fn finish(&mut self) -> Result<(), UpstreamFault> {
        let Some(mut translator) = self.translator.take() else { return Ok(()) };
        translator.finish(&mut self.out).map_err(|fault| self.broken(&untranslated(fault).cause()))?;
        self.record.complete();
        Ok(())
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = UpstreamFault;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, UpstreamFault>>> {
        match self.get_mut() {
            Self::Whole(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Streaming(streaming) => streaming.poll(cx).map_ok(Frame::data),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Streaming(_) => SizeHint::default(),
        }
    }
}
