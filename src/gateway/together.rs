//! Writes that go out together: what is written waits until everything else that is ready on its thread has run.
//!
//! A write wakes the process at the other end, and if that sleeps, this costs more than all else that a call does here. A
//! busy thread has several calls in hand. If it wrote for each as soon as it can, each would find the other end asleep
//! again; if it writes for all of them in a row, the first write wakes it, and the others find it awake. A thread that has
//! one call in hand goes on at once.

use std::task::{Context, Poll};

/// What is written next.
#[derive(Debug, Default)]
pub struct Together {
    has_waited: bool,
}

impl Together {
    /// Ready when all others that are ready now have run; until then whoever asks is not to write.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_waited {
            return Poll::Ready(());
        }
        self.has_waited = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// It is written: what comes next waits anew.
    pub fn written(&mut self) {
        self.has_waited = false;
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::{Arc, Mutex};
    use std::task::ready;

    use tokio::task::JoinSet;

    use super::*;

    #[tokio::test]
    async fn all_that_is_ready_is_read_before_anything_is_written() {
        let (done, mut calls) = (Arc::new(Mutex::new(Vec::new())), JoinSet::new());
        for _ in 0..3 {
            let done = done.clone();
            calls.spawn(async move {
                let mut together = Together::default();
                for _ in 0..2 {
                    done.lock().unwrap().push("reads");
                    poll_fn(|cx| {
                        ready!(together.poll(cx));
                        done.lock().unwrap().push("writes");
                        together.written();
                        Poll::Ready(())
                    })
                    .await;
                }
            });
        }
        calls.join_all().await;
        let expected = ["reads", "reads", "reads", "writes", "reads", "writes", "reads", "writes", "reads"];
        assert_eq!(done.lock().unwrap()[..9], expected);
    }
}
