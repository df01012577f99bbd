//! What one request of a client may cost its backend where the gateway makes several calls of it: they share it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::time::Instant;

use crate::bridge::Limits;
use crate::scim::{ErrorStatus, ScimError};

use super::refusal::Refusal;

/// What is left for the calls that one request is made of. Clones share it.
#[derive(Clone, Debug)]
pub struct Purse {
    limits: Limits,
    until: Instant,
    written: Arc<AtomicU32>,
    read: Arc<AtomicU32>,
}

impl Purse {
    /// All of it; time runs from now on.
    #[must_use]
    pub fn of(limits: Limits) -> Self {
        let until = Instant::now() + limits.deadline;
        Self { limits, until, written: Arc::default(), read: Arc::default() }
    }

    /// What the next call may cost.
    #[must_use]
    pub fn left(&self) -> Limits {
        let left = |most: u32, used: &AtomicU32| most.saturating_sub(used.load(Ordering::Relaxed));
        let (scan, writes) = (left(self.limits.scan, &self.read), left(self.limits.writes, &self.written));
        Limits { scan, writes, ..self.limits }
    }

    /// When all has to be done.
    #[must_use]
    pub fn until(&self) -> Instant {
        self.until
    }

    /// So many writes are about to be made.
    ///
    /// # Errors
    /// 503 if that is more than is left.
    pub fn write(&self, writes: usize) -> Result<(), Refusal> {
        let writes = u32::try_from(writes).unwrap_or(u32::MAX);
        let most = self.limits.writes;
        let more = |used: u32| used.checked_add(writes).filter(|used| *used <= most);
        self.written.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).map_err(|_| spent(most))?;
        Ok(())
    }

    /// So many resources have been read.
    pub fn read(&self, resources: u32) {
        self.read.fetch_add(resources, Ordering::Relaxed);
    }

    /// Whether another write may begin.
    ///
    /// # Errors
    /// 503 with why not.
    pub fn is_open(&self) -> Result<(), Refusal> {
        if self.left().writes == 0 {
            return Err(spent(self.limits.writes));
        }
        if self.until <= Instant::now() {
            let detail = "not tried: what came before it has taken as long as a client waits; send it again";
            return Err(ScimError::new(ErrorStatus::ServiceUnavailable, detail).into());
        }
        Ok(())
    }
}

fn spent(most: u32) -> Refusal {
    let detail =
        format!("not tried: one request may make {most} writes at the backend, and they are made; send it again");
    ScimError::new(ErrorStatus::ServiceUnavailable, detail).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_share_what_one_request_may_cost() {
        let limits = Limits { scan: 10, writes: 3, ..Limits::default() };
        let (one, other) = (Purse::of(limits), Purse::of(limits));
        let same = one.clone();
        one.write(2).unwrap();
        same.read(4);
        assert_eq!((one.left().writes, one.left().scan), (1, 6));
        assert!(same.write(2).is_err(), "all of them, or none");
        assert!(same.is_open().is_ok());
        same.write(1).unwrap();
        assert_eq!(one.is_open().unwrap_err().error().status, ErrorStatus::ServiceUnavailable);
        assert!(other.is_open().is_ok());
        tokio::time::advance(limits.deadline).await;
        assert!(other.is_open().is_err());
    }
}
