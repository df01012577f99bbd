//! The pace of long work: it stands back for all others now and then, so that a long list holds up nobody.
//!
//! To yield is not enough. What carries a long answer is woken all the time, by the connection to the backend and by
//! hyper itself, and whoever is woken is ready again before the thread has looked which sockets have something for others:
//! it would go on up to 61 times. So it goes on only when the thread has looked.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker, ready};

use tokio::task::yield_now;

/// How many bytes are translated in one step, which takes some 50 microseconds.
pub const STEP: usize = 16 * 1024;

/// The pace of one answer.
#[derive(Debug, Default)]
pub struct Pace {
    /// Bytes of this step.
    done: usize,
    /// There while others have their turn.
    others: Option<Arc<Others>>,
}

/// The turn of all others. tokio wakes it when it has run what is ready and looked at sockets and timers.
#[derive(Debug)]
struct Others {
    are_done: AtomicBool,
    waker: Waker,
}

impl Wake for Others {
    fn wake(self: Arc<Self>) {
        self.are_done.store(true, Ordering::Release);
        self.waker.wake_by_ref();
    }
}

impl Pace {
    /// Takes so many bytes, at most [`STEP`], into this step. If that is full, waits until others have had their turn.
    pub fn poll(&mut self, bytes: usize, cx: &mut Context<'_>) -> Poll<()> {
        if self.done + bytes > STEP {
            ready!(self.poll_others(cx));
            self.done = 0;
        }
        self.done += bytes;
        Poll::Ready(())
    }

    /// As [`Pace::poll`].
    pub async fn take(&mut self, bytes: usize) {
        poll_fn(|cx| self.poll(bytes, cx)).await;
    }

    fn poll_others(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match &self.others {
            Some(others) if others.are_done.load(Ordering::Acquire) => {
                self.others = None;
                return Poll::Ready(());
            }
            Some(others) if others.waker.will_wake(cx.waker()) => return Poll::Pending,
            _ => {}
        }
        let others = Arc::new(Others { are_done: AtomicBool::new(false), waker: cx.waker().clone() });
        self.others = Some(others.clone());
        pin!(yield_now()).poll(&mut Context::from_waker(&Waker::from(others)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::UnixStream;

    use super::*;

    /// Goes on for ever, and wakes itself whenever it is looked at.
    async fn long(steps: Arc<AtomicUsize>) {
        let mut pace = Pace::default();
        loop {
            let next = |cx: &mut Context<'_>| {
                cx.waker().wake_by_ref();
                pace.poll(STEP, cx)
            };
            poll_fn(next).await;
            steps.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn who_is_woken_all_the_time_still_waits_until_sockets_were_looked_at() {
        let (mut near, mut far) = UnixStream::pair().unwrap();
        let steps = Arc::new(AtomicUsize::new(0));
        tokio::spawn(long(steps.clone()));
        for _ in 0..100 {
            // It reads first, in vain, so that it has to be told of what is then written.
            let mut byte = [0];
            let (read, written) = tokio::join!(near.read_exact(&mut byte), far.write_all(b"x"));
            written.and(read).unwrap();
        }
        let steps = steps.load(Ordering::Relaxed);
        assert!((10..1000).contains(&steps), "{steps} steps");
    }

    #[tokio::test]
    async fn a_step_has_room_for_its_bytes_and_no_more() {
        let mut pace = Pace::default();
        let mut poll = |bytes| pace.poll(bytes, &mut Context::from_waker(Waker::noop()));
        assert_eq!(
            [poll(STEP / 2), poll(STEP / 2), poll(1), poll(1)],
            [Poll::Ready(()), Poll::Ready(()), Poll::Pending, Poll::Pending]
        );
        yield_now().await;
        assert!(poll(1).is_ready());
        assert!(poll(STEP - 1).is_ready() && poll(1).is_pending());
    }
}
