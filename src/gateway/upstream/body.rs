//! The body of a backend's answer as it comes: never longer than may be, and never silent for longer than may be.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Sleep, sleep};

use crate::metrics::{BackendHandles, InFlight};

use super::fault::UpstreamFault;
use super::line::Line;
use super::pool::Pool;

/// How many pieces that nobody wants are taken to keep a connection.
const PIECES: usize = 4;

/// The body of a backend's answer; by default there is none.
#[derive(Debug, Default)]
pub struct UpstreamBody(Source);

#[derive(Debug, Default)]
enum Source {
    Scripted(VecDeque<Result<Bytes, UpstreamFault>>),
    Network(Box<Network>),
    #[default]
    Ended,
}

/// A call's place at its backend: held until its answer has ended, or nobody wants the rest.
#[derive(Debug)]
pub(super) struct Seat {
    /// One of so many.
    pub(super) _permit: OwnedSemaphorePermit,
    /// And counted.
    pub(super) _in_flight: InFlight,
}

/// A body on its way.
#[derive(Debug)]
pub(super) struct Network {
    pub(super) incoming: Incoming,
    /// The connection; none when it has gone back to the pool.
    pub(super) line: Option<Line>,
    pub(super) pool: Arc<Pool>,
    /// How many more bytes may come.
    pub(super) left: u64,
    pub(super) silence: Silence,
    pub(super) handles: BackendHandles,
    pub(super) _seat: Seat,
}

/// How long nothing has come though somebody was waiting. A client who reads slowly is not the backend's silence.
#[derive(Debug)]
pub(super) struct Silence {
    longest: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    runs: bool,
}

impl UpstreamBody {
    /// A body that is here, whole.
    #[must_use]
    pub fn whole(bytes: Bytes) -> Self {
        Self::scripted([Ok(bytes)])
    }

    /// A body that comes in these pieces, or breaks off.
    #[must_use]
    pub fn scripted(pieces: impl IntoIterator<Item = Result<Bytes, UpstreamFault>>) -> Self {
        Self(Source::Scripted(pieces.into_iter().collect()))
    }

    pub(super) fn network(network: Network) -> Self {
        Self(Source::Network(Box::new(network)))
    }
}

impl Body for UpstreamBody {
    type Data = Bytes;
    type Error = UpstreamFault;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, UpstreamFault>>> {
        let piece = match &mut self.0 {
            Source::Ended => None,
            Source::Scripted(pieces) => pieces.pop_front(),
            Source::Network(network) => ready!(network.poll(cx)),
        };
        if !matches!(piece, Some(Ok(_))) {
            // Whatever is left of the connection goes, and the seat with it.
            self.0 = Source::Ended;
        }
        Poll::Ready(piece.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Source::Network(network) => network.incoming.size_hint(),
            Source::Scripted(_) | Source::Ended => SizeHint::default(),
        }
    }
}

impl Network {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, UpstreamFault>>> {
        loop {
            let Some(line) = &mut self.line else { return Poll::Ready(None) };
            let Poll::Ready(frame) = line.poll_body(&mut self.incoming, cx) else {
                ready!(self.silence.poll(cx));
                return Poll::Ready(Some(Err(UpstreamFault::BodyTimeout.count(&self.handles))));
            };
            self.silence.broken();
            let piece = match frame {
                None => {
                    self.give_back();
                    return Poll::Ready(None);
                }
                Some(Err(error)) => Err(UpstreamFault::of_body(&error)),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => self.within(data),
                    // Trailers: SCIM has none.
                    Err(_) => continue,
                },
            };
            if piece.is_err() {
                self.line = None;
            }
            return Poll::Ready(Some(piece.map_err(|fault| fault.count(&self.handles))));
        }
    }

    /// The answer has ended: its connection is free for another call.
    fn give_back(&mut self) {
        if let Some(line) = self.line.take() {
            self.pool.put(line);
        }
    }

    fn within(&mut self, data: Bytes) -> Result<Bytes, UpstreamFault> {
        self.left = self.left.checked_sub(data.len() as u64).ok_or(UpstreamFault::TooLarge)?;
        Ok(data)
    }
}

/// An answer that nobody wants to the end. If the rest is here already, its connection can serve another call.
impl Drop for Network {
    fn drop(&mut self) {
        let Some(line) = &mut self.line else { return };
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..PIECES {
            match line.poll_body(&mut self.incoming, &mut cx) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(None) => return self.give_back(),
                Poll::Ready(Some(Err(_))) | Poll::Pending => return,
            }
        }
    }
}

impl Silence {
    /// Silence may last this long.
    pub(super) fn new(longest: Duration) -> Self {
        Self { longest, timer: None, runs: false }
    }

    /// Nothing has come: ready when that has lasted too long.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let longest = self.longest;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(longest)));
        if !self.runs {
            self.runs = true;
            timer.as_mut().reset(Instant::now() + longest);
        }
        timer.as_mut().poll(cx)
    }

    /// Something has come.
    fn broken(&mut self) {
        self.runs = false;
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_scripted_body_comes_in_its_pieces_and_ends_with_its_fault() {
        let pieces = [Ok(Bytes::from("a")), Err(UpstreamFault::Reset), Ok(Bytes::from("never"))];
        let mut body = UpstreamBody::scripted(pieces);
        assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "a");
        assert_eq!(body.frame().await.unwrap().unwrap_err(), UpstreamFault::Reset);
        assert!(body.frame().await.is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn silence_is_counted_from_the_last_sign_of_life() {
        let mut silence = Silence::new(Duration::from_secs(10));
        let mut waits = async |seconds| {
            let polled = std::future::poll_fn(|cx| silence.poll(cx));
            let over = tokio::time::timeout(Duration::from_secs(seconds), polled).await.is_ok();
            silence.broken();
            over
        };
        assert!(!waits(9).await);
        assert!(!waits(9).await);
        assert!(waits(11).await);
    }
}
