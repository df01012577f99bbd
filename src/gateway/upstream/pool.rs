//! Connections to one backend that wait for their next call.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use super::line::{Line, Origin};

/// The longest time between two looks at what waits.
const LOOK: Duration = Duration::from_secs(1);

/// The connections that wait.
#[derive(Debug)]
pub(super) struct Pool {
    /// How long one may wait.
    longest: Duration,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// The one that came last, and is the surest to be alive, at the end.
    lines: Vec<(Line, Instant)>,
    /// Whether somebody looks after them.
    kept: bool,
}

impl Pool {
    /// None yet.
    pub(super) fn new(longest: Duration) -> Self {
        Self { longest, waiting: Mutex::default() }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that leads there, if there is one of this runtime: what comes on another's wakes that one first.
    pub(super) fn take(&self, origin: &Origin) -> Option<Line> {
        let home = Handle::current().id();
        let mut waiting = self.waiting();
        let place = waiting.lines.iter().rposition(|(line, _)| line.home == home && line.origin == *origin)?;
        let (line, since) = waiting.lines.remove(place);
        (since.elapsed() < self.longest).then_some(line)
    }

    /// Keeps one for another call, if it can take one.
    pub(super) fn put(self: &Arc<Self>, line: Line) {
        if !line.is_free() {
            return;
        }
        line.rest();
        let mut waiting = self.waiting();
        waiting.lines.push((line, Instant::now()));
        if !std::mem::replace(&mut waiting.kept, true) {
            tokio::spawn(keep(Arc::downgrade(self), self.longest.min(LOOK)));
        }
    }

    /// Lets go of those that have waited too long, and those that the backend has ended. True if there are others.
    fn look(&self) -> bool {
        let mut waiting = self.waiting();
        waiting.lines.retain_mut(|(line, since)| {
            line.look();
            line.is_free() && since.elapsed() < self.longest
        });
        waiting.kept = !waiting.lines.is_empty();
        waiting.kept
    }
}

/// Looks after a pool for as long as anything waits in it.
async fn keep(pool: Weak<Pool>, every: Duration) {
    loop {
        sleep(every).await;
        if !pool.upgrade().is_some_and(|pool| pool.look()) {
            return;
        }
    }
}
