//! The brake: how much of what a backend holds may be taken away through one connection, in an hour.
//!
//! A client whose source has lost half its people deletes them everywhere, one call at a time, each of them permitted. What
//! goes through the brake is counted in losses: a resource deleted, an account deactivated, a member taken out of a group.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::{Quota, RateLimiter};

use super::{Single, Wait};

/// The allowance of one connection.
pub struct Brake<C: Clock = MonotonicClock>(Option<Allowance<C>>);

struct Allowance<C: Clock> {
    clock: C,
    losses: Single<C>,
}

impl Brake {
    /// So many losses at once, which come back evenly within an hour.
    #[must_use]
    pub fn new(per_hour: NonZeroU32) -> Self {
        Self::with_clock(per_hour, MonotonicClock)
    }

    /// No brake.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }
}

impl<C: Clock + Clone> Brake<C> {
    /// The same, by another clock.
    #[must_use]
    pub fn with_clock(per_hour: NonZeroU32, clock: C) -> Self {
        let losses = RateLimiter::direct_with_clock(Quota::per_hour(per_hour), clock.clone());
        Self(Some(Allowance { clock, losses }))
    }

    /// Whether losses are counted at all.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Takes so many losses out of the allowance: all, or none of them.
    ///
    /// # Errors
    /// How long to wait until it may be enough; an hour where it never is.
    pub fn draw(&self, losses: u32) -> Result<(), Wait> {
        let (Some(allowance), Some(losses)) = (&self.0, NonZeroU32::new(losses)) else { return Ok(()) };
        match allowance.losses.check_n(losses) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(refused)) => Err(Wait::until(&refused, allowance.clock.now())),
            Err(_) => Err(Wait(Duration::from_secs(3600))),
        }
    }
}

impl<C: Clock> fmt::Debug for Brake<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Brake" } else { "Brake::off" })
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    fn brake(per_hour: u32) -> (Brake<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Brake::with_clock(NonZeroU32::new(per_hour).unwrap(), clock.clone()), clock)
    }

    #[test]
    fn an_allowance_is_used_up_and_comes_back() {
        let (brake, clock) = brake(60);
        assert_eq!(brake.draw(50), Ok(()));
        assert_eq!(brake.draw(11).map_err(Wait::seconds), Err(60));
        assert_eq!(brake.draw(10), Ok(()));
        assert_eq!(brake.draw(1).map_err(Wait::seconds), Err(60));
        clock.advance(Duration::from_secs(120));
        assert_eq!(brake.draw(2), Ok(()));
    }

    #[test]
    fn what_is_more_than_all_of_it_never_goes() {
        let (brake, _) = brake(60);
        assert_eq!(brake.draw(61).map_err(Wait::seconds), Err(3600));
        assert_eq!(brake.draw(60), Ok(()));
    }

    #[test]
    fn what_takes_nothing_away_draws_nothing() {
        let (brake, _) = brake(1);
        for _ in 0..3 {
            assert_eq!(brake.draw(0), Ok(()));
        }
        assert_eq!(brake.draw(1), Ok(()));
        assert_eq!(Brake::off().draw(u32::MAX), Ok(()));
        assert!(!Brake::off().is_on() && brake.is_on());
    }
}
