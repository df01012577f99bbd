//! Bodies: a request's is held whole and checked before the first byte goes upstream; an answer's streams.

use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::task::yield_now;

use crate::json::JsonFault;
use crate::scim::{ErrorStatus, ScimError, ScimType};

use super::answer::untranslated;
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

/// How many bytes of an answer are translated before others have their turn, on the same thread: some 100 microseconds.
pub const TURN: usize = 64 * 1024;

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
    rest: UpstreamBody,
    translator: Option<Translator>,
    /// Bytes translated in this turn.
    turn: usize,
    record: Record,
}

impl Streaming {
    /// An answer of which `held` is already translated.
    #[must_use]
    pub fn new(held: Bytes, rest: UpstreamBody, translator: Translator, record: Record) -> Self {
        Self { held: Some(held), rest, translator: Some(translator), turn: 0, record }
    }

    /// Once the head is out, a fault can only end the connection: no partial document may look complete.
    fn broken(&mut self, fault: &str) -> UpstreamFault {
        self.translator = None;
        self.record.broke(fault);
        UpstreamFault::Truncated
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, UpstreamFault>>> {
        if let Some(held) = self.held.take() {
            return Poll::Ready(Some(Ok(held)));
        }
        loop {
            let Some(translator) = &mut self.translator else { return Poll::Ready(None) };
            if self.turn >= TURN {
                self.turn = 0;
                // Backend and client may both be so fast that nothing here ever waits.
                ready!(pin!(yield_now()).poll(cx));
            }
            let mut out = Vec::new();
            match ready!(Pin::new(&mut self.rest).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let Ok(chunk) = frame.into_data() else { continue };
                    self.turn += chunk.len();
                    if let Err(fault) = translator.feed(&chunk, &mut out) {
                        return Poll::Ready(Some(Err(self.broken(&untranslated(fault).cause()))));
                    }
                }
                Some(Err(fault)) => {
                    self.broken(&Refusal::Upstream(fault).cause());
                    return Poll::Ready(Some(Err(fault)));
                }
                None => {
                    if let Err(fault) = translator.finish(&mut out) {
                        return Poll::Ready(Some(Err(self.broken(&untranslated(fault).cause()))));
                    }
                    self.translator = None;
                    self.record.complete();
                }
            }
            if !out.is_empty() {
                return Poll::Ready(Some(Ok(out.into())));
            }
        }
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
