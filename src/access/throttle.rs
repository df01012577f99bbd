//! How often: limits per token and per connection, and on guesses by strangers.
//!
//! The algorithm is GCRA: a burst at once, then an even rate. Clocks are monotonic: a wall clock that jumps changes
//! nothing here.

mod brake;

use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, Quota, RateLimiter};

use super::token::TokenId;
use super::tokens::Caller;

pub use brake::Brake;

type Single<C> = RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<<C as Clock>::Instant>>;
type PerKey<K, C> = RateLimiter<K, HashMapStateStore<K>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// A rate of calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls per second, in the long run.
    pub per_second: NonZeroU32,
    /// Calls at once, after a while without any.
    pub burst: NonZeroU32,
}

impl Rate {
    const fn of(per_second: u32, burst: u32) -> Self {
        match (NonZeroU32::new(per_second), NonZeroU32::new(burst)) {
            (Some(per_second), Some(burst)) => Self { per_second, burst },
            _ => Self { per_second: NonZeroU32::MIN, burst: NonZeroU32::MIN },
        }
    }

    fn quota(self) -> Quota {
        Quota::per_second(self.per_second).allow_burst(self.burst)
    }
}

/// 25 per second, 50 at once.
impl Default for Rate {
    fn default() -> Self {
        Self::of(25, 50)
    }
}

/// Too many calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttled {
    /// Whose limit was met.
    pub limit: Limited,
    /// How long to wait.
    pub wait: Wait,
}

impl Throttled {
    /// How long to wait, in whole seconds: see [`Wait::seconds`].
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.wait.seconds()
    }
}

/// Whose limit was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limited {
    /// The token's.
    Token,
    /// The connection's, which all its tokens share.
    Connection,
}

/// How long to wait before the next try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wait(Duration);

impl Wait {
    /// In whole seconds, rounded up, at least 1: the form of `Retry-After` that every client reads.
    #[must_use]
    pub fn seconds(self) -> u64 {
        let part = u64::from(self.0.subsec_nanos() > 0);
        self.0.as_secs().saturating_add(part).max(1)
    }

    fn until<I: governor::clock::Reference>(refused: &NotUntil<I>, now: I) -> Self {
        Self(refused.wait_time_from(now))
    }
}

/// The limits of one connection.
pub struct Throttles<C: Clock = MonotonicClock>(Option<Limits<C>>);

struct Limits<C: Clock> {
    clock: C,
    /// The smaller of both bursts.
    at_once: u32,
    /// By id, so that a token keeps its count when tokens are reloaded. Only valid tokens come this far: it has at most as
    /// many keys as the connection has had tokens.
    token: PerKey<TokenId, C>,
    connection: Single<C>,
}

impl Throttles {
    /// Limits for each token, and for all of a connection together.
    #[must_use]
    pub fn new(token: Rate, connection: Rate) -> Self {
        Self::with_clock(token, connection, MonotonicClock)
    }

    /// No limits: for rehearsals.
    #[must_use]
    pub fn unlimited() -> Self {
        Self(None)
    }
}

impl<C: Clock + Clone> Throttles<C> {
    /// The same, by another clock.
    #[must_use]
    pub fn with_clock(token: Rate, connection: Rate, clock: C) -> Self {
        let at_once = token.burst.min(connection.burst).get();
        let connection = RateLimiter::direct_with_clock(connection.quota(), clock.clone());
        let token = RateLimiter::hashmap_with_clock(token.quota(), clock.clone());
        Self(Some(Limits { clock, at_once, token, connection }))
    }

    /// Counts one call. The token's limit comes first: a call that it refuses takes nothing from the other tokens of the
    /// connection.
    ///
    /// # Errors
    /// Which limit was met, and how long to wait.
    pub fn check(&self, caller: &Caller) -> Result<(), Throttled> {
        let Some(limits) = &self.0 else { return Ok(()) };
        let throttled = |limit, refused| Throttled { limit, wait: Wait::until(&refused, limits.clock.now()) };
        limits.token.check_key(&caller.token()).map_err(|refused| throttled(Limited::Token, refused))?;
        limits.connection.check().map_err(|refused| throttled(Limited::Connection, refused))
    }
}

impl<C: Clock + Clone> Throttles<C> {
    /// Counts so many more calls that come in one: all of them, or none.
    ///
    /// # Errors
    /// As for [`Throttles::check`]. More than [`Throttles::at_once`] are never let through.
    pub fn check_further(&self, caller: &Caller, calls: u32) -> Result<(), Throttled> {
        let (Some(limits), Some(calls)) = (&self.0, NonZeroU32::new(calls)) else { return Ok(()) };
        let never = |limit| Throttled { limit, wait: Wait(Duration::MAX) };
        let throttled = |limit, refused| Throttled { limit, wait: Wait::until(&refused, limits.clock.now()) };
        let token = limits.token.check_key_n(&caller.token(), calls).map_err(|_| never(Limited::Token))?;
        token.map_err(|refused| throttled(Limited::Token, refused))?;
        let connection = limits.connection.check_n(calls).map_err(|_| never(Limited::Connection))?;
        connection.map_err(|refused| throttled(Limited::Connection, refused))
    }

    /// How many calls can be made at once; nothing where there are no limits.
    #[must_use]
    pub fn at_once(&self) -> Option<u32> {
        self.0.as_ref().map(|limits| limits.at_once)
    }
}

impl<C: Clock> fmt::Debug for Throttles<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Throttles" } else { "Throttles::unlimited" })
    }
}

/// Wrong tokens by where they come from. Only failures are counted, so a valid token is never kept out by others.
pub struct Strangers<C: Clock = MonotonicClock> {
    clock: C,
    by_source: PerKey<Source, C>,
    /// For sources that are unknown, or find no room.
    shared: Single<C>,
    /// When sources that have been quiet are forgotten: seldom, since that looks at every one.
    sweep: Single<C>,
}

/// Where a guess comes from: an IPv4 address, or the /64 that one IPv6 subscriber has to itself.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    V4([u8; 4]),
    V6([u8; 8]),
}

impl Source {
    fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address.octets()),
            IpAddr::V6(address) => {
                let [a, b, c, d, e, f, g, h, ..] = address.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

impl Strangers {
    /// How many sources are told apart; further ones share a limit.
    pub const SOURCES: usize = 10_000;

    /// Guesses from one source.
    pub const EACH: Rate = Rate::of(1, 30);

    /// Guesses from all sources that share a limit.
    pub const SHARED: Rate = Rate::of(10, 100);

    /// How often quiet sources are forgotten.
    const SWEEP: Duration = Duration::from_secs(10);

    /// Nobody has guessed yet.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(MonotonicClock)
    }
}

impl Default for Strangers {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: Clock + Clone> Strangers<C> {
    /// The same, by another clock.
    #[must_use]
    pub fn with_clock(clock: C) -> Self {
        let seldom = Quota::with_period(Strangers::SWEEP).unwrap_or(Rate::of(1, 1).quota());
        Self {
            by_source: RateLimiter::hashmap_with_clock(Strangers::EACH.quota(), clock.clone()),
            shared: RateLimiter::direct_with_clock(Strangers::SHARED.quota(), clock.clone()),
            sweep: RateLimiter::direct_with_clock(seldom, clock.clone()),
            clock,
        }
    }

    /// Counts one wrong token.
    ///
    /// # Errors
    /// How long to wait, if there were too many from there.
    pub fn guess(&self, address: Option<IpAddr>) -> Result<(), Wait> {
        if self.sweep.check().is_ok() {
            self.by_source.retain_recent();
            self.by_source.shrink_to_fit();
        }
        let source = address.map(Source::of).filter(|_| self.by_source.len() < Strangers::SOURCES);
        let counted = match source {
            Some(source) => self.by_source.check_key(&source),
            None => self.shared.check(),
        };
        counted.map_err(|refused| Wait::until(&refused, self.clock.now()))
    }
}

impl<C: Clock> fmt::Debug for Strangers<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Strangers")
    }
}

#[cfg(test)]
mod tests;
