//! One write of a resource at a time, where a write is made of several calls: what was read must still hold when it is
//! written back. This process knows of its own writers only; of others, the backend's ETags tell.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

use super::upstream::UpstreamFault;

/// How long a write waits for those before it: well below the minute after which clients give up.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

type Turns = HashMap<String, Weak<Turn<()>>>;

/// The resources of one backend that are being written, by their path. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Holds(Arc<Mutex<Turns>>);

/// A resource that nobody else here writes, for as long as this lives.
#[derive(Debug)]
pub struct Hold {
    turn: Option<OwnedMutexGuard<()>>,
    path: String,
    holds: Holds,
}

impl Holds {
    /// Waits for its turn to write a resource. Those who come first, go first.
    ///
    /// # Errors
    /// The wait would be longer than a client waits.
    pub async fn take(&self, path: String) -> Result<Hold, UpstreamFault> {
        let turn = {
            let mut turns = self.turns();
            let known = turns.get(&path).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let fresh = Arc::new(Turn::new(()));
                turns.insert(path.clone(), Arc::downgrade(&fresh));
                fresh
            })
        };
        let mut hold = Hold { turn: None, path, holds: self.clone() };
        let turn = tokio::time::timeout(LONGEST_WAIT, turn.lock_owned()).await;
        hold.turn = Some(turn.map_err(|_| UpstreamFault::Busy)?);
        Ok(hold)
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        // Each change of the map is one step, so a panic elsewhere leaves it whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        drop(self.turn.take());
        let mut turns = self.holds.turns();
        if turns.get(&self.path).is_some_and(|turn| turn.strong_count() == 0) {
            turns.remove(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_writes_at_a_time_and_nothing_is_left_behind() {
        let holds = Holds::default();
        let first = holds.take("/Groups/7".to_owned()).await.unwrap();
        let other = holds.take("/Groups/8".to_owned()).await.unwrap();
        let second = tokio::spawn({
            let holds = holds.clone();
            async move { holds.take("/Groups/7".to_owned()).await.map(drop) }
        });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        drop((first, other));
        second.await.unwrap().unwrap();
        assert!(holds.turns().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_waits_longer_than_a_client_does() {
        let holds = Holds::default();
        let first = holds.take("/Groups/7".to_owned()).await.unwrap();
        assert_eq!(holds.take("/Groups/7".to_owned()).await.map(drop), Err(UpstreamFault::Busy));
        drop(first);
        assert!(holds.turns().is_empty());
    }
}
