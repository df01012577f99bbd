//! How often a backend is called, where its pack says how often it lets itself be. A call waits for its turn: that is
//! sooner than a client would come back after the backend's 429.
//!
//! What takes access away never waits: it overtakes whoever does, and those who come later make up for it. Each kind of call has
//! its own turns, so that an import of groups doesn't hold up look-ups.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::bridge::{Loss, loss};
use crate::json::{Object, Value};
use crate::rules::can;
use crate::scim::{OperationKind, Resource, Target};

use super::answer;

/// The longest wait for a turn: well below the minute after which clients give up.
const LONGEST_WAIT: Duration = Duration::from_secs(20);

/// How often a backend may be called, and has been.
#[derive(Debug, Default)]
pub struct Budget {
    look_ups: Option<Turns>,
    user_writes: Option<Turns>,
    group_writes: Option<Turns>,
}

/// The budget that a call draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Share {
    LookUps,
    UserWrites,
    GroupWrites,
}

/// What a call draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    share: Share,
    /// It takes access away.
    overtakes: bool,
}

/// The turn would come too late: how long it would take until there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted(pub Duration);

impl Exhausted {
    /// In whole seconds, rounded up.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0)
    }
}

/// GCRA: calls at once, then one after each interval.
#[derive(Debug)]
struct Turns {
    /// Between two calls.
    interval: Duration,
    /// How far calls may be ahead of their intervals.
    ahead: Duration,
    /// When the next call would be due at an even rate.
    due: Mutex<Option<Instant>>,
}

impl Budget {
    /// What a backend's pack says.
    #[must_use]
    pub fn new(budget: &can::Budget) -> Self {
        let turns = |rate: Option<can::Rate>| rate.map(Turns::new);
        Self {
            look_ups: turns(budget.look_ups),
            user_writes: turns(budget.user_writes),
            group_writes: turns(budget.group_writes),
        }
    }

    /// What such a call draws; nothing where nobody counts.
    #[must_use]
    pub fn draw(&self, target: &Target, body: Option<&Value<'_>>, before: Option<&Object<'_>>) -> Option<Draw> {
        let share = match (answer::is_read(target.operation.kind()), &target.resource) {
            (true, _) => Share::LookUps,
            (false, Some(Resource::Group)) => Share::GroupWrites,
            (false, _) => Share::UserWrites,
        };
        self.turns(share)?;
        // Whose members a group would have is read first; whoever is taken out waits no longer than that.
        let overtakes = share != Share::LookUps && loss(target, body, before) != Loss::Counted(0);
        Some(Draw { share, overtakes })
    }

    /// Whether it has to be known what is written.
    #[must_use]
    pub fn looks_at(&self, kind: OperationKind) -> bool {
        !answer::is_read(kind) && (self.user_writes.is_some() || self.group_writes.is_some())
    }

    fn turns(&self, share: Share) -> Option<&Turns> {
        match share {
            Share::LookUps => self.look_ups.as_ref(),
            Share::UserWrites => self.user_writes.as_ref(),
            Share::GroupWrites => self.group_writes.as_ref(),
        }
    }

    /// Waits for a turn, at most until then.
    ///
    /// # Errors
    /// It would come later: then nothing is drawn.
    pub async fn wait(&self, draw: Option<Draw>, until: Option<Instant>) -> Result<(), Exhausted> {
        let Some((draw, turns)) = draw.and_then(|draw| Some((draw, self.turns(draw.share)?))) else { return Ok(()) };
        let now = Instant::now();
        let latest = until.map_or(now + LONGEST_WAIT, |until| until.min(now + LONGEST_WAIT));
        let turn = turns.take(now, latest, draw.overtakes)?;
        if turn > now {
            sleep_until(turn).await;
        }
        Ok(())
    }
}

impl Turns {
    fn new(rate: can::Rate) -> Self {
        let interval = rate.per / rate.calls.get();
        Self { interval, ahead: interval * (rate.burst.get() - 1), due: Mutex::default() }
    }

    /// Takes the next turn, and says when it is.
    fn take(&self, now: Instant, latest: Instant, overtakes: bool) -> Result<Instant, Exhausted> {
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        let even = due.map_or(now, |due| due.max(now));
        let turn = match even.checked_sub(self.ahead).filter(|turn| *turn > now) {
            Some(_) | None if overtakes => now,
            Some(turn) if turn > latest => return Err(Exhausted(turn - now)),
            Some(turn) => turn,
            None => now,
        };
        *due = Some(even + self.interval);
        Ok(turn)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;
    use crate::scim::{Id, Operation};

    const SECOND: Duration = Duration::from_secs(1);

    fn rate(calls: u32, burst: u32) -> Option<can::Rate> {
        let number = |number| NonZeroU32::new(number).unwrap();
        Some(can::Rate { calls: number(calls), per: SECOND, burst: number(burst) })
    }

    fn budget(look_ups: Option<can::Rate>, user_writes: Option<can::Rate>) -> Budget {
        Budget::new(&can::Budget { look_ups, user_writes, group_writes: None })
    }

    fn target(operation: Operation) -> Target {
        Target { resource: Some(Resource::User), operation }
    }

    fn patch(active: bool) -> Value<'static> {
        let text = format!(r#"{{"Operations":[{{"op":"replace","path":"active","value":{active}}}]}}"#);
        crate::json::parse(text.as_bytes()).unwrap().into_owned()
    }

    async fn waited(budget: &Budget, draw: Option<Draw>) -> Result<u128, Exhausted> {
        let started = Instant::now();
        budget.wait(draw, None).await?;
        Ok(started.elapsed().as_millis())
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_goes_at_once_and_the_rest_at_an_even_rate() {
        let budget = budget(rate(10, 3), None);
        let draw = budget.draw(&target(Operation::List), None, None);
        for expected in [0, 0, 0, 100, 100] {
            assert_eq!(waited(&budget, draw).await, Ok(expected));
        }
        tokio::time::advance(10 * SECOND).await;
        for expected in [0, 0, 0, 100] {
            assert_eq!(waited(&budget, draw).await, Ok(expected), "no more than the burst is saved up");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_deactivation_overtakes_an_import_which_makes_up_for_it() {
        let budget = budget(None, rate(1, 1));
        let import = budget.draw(&target(Operation::Create), None, None);
        let one = target(Operation::Patch(Id::parse("7").unwrap()));
        let (leaves, comes) =
            (budget.draw(&one, Some(&patch(false)), None), budget.draw(&one, Some(&patch(true)), None));
        let together = tokio::join!(
            waited(&budget, import),
            waited(&budget, import),
            waited(&budget, leaves),
            waited(&budget, comes)
        );
        assert_eq!(together, (Ok(0), Ok(1000), Ok(0), Ok(3000)));
    }

    #[tokio::test(start_paused = true)]
    async fn what_would_wait_too_long_draws_nothing() {
        let budget = budget(None, rate(1, 1));
        let draw = budget.draw(&target(Operation::Create), None, None);
        let mut waiting: Vec<_> = (0..21).map(|_| Box::pin(budget.wait(draw, None))).collect();
        for one in &mut waiting {
            assert!(futures_ready(one).is_none_or(|outcome| outcome.is_ok()));
        }
        for _ in 0..3 {
            assert_eq!(waited(&budget, draw).await, Err(Exhausted(21 * SECOND)));
        }
        assert_eq!(budget.wait(draw, Some(Instant::now() + SECOND)).await, Err(Exhausted(21 * SECOND)));
    }

    /// Looks once whether it is ready.
    fn futures_ready<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match std::pin::Pin::new(future).poll(&mut context) {
            std::task::Poll::Ready(outcome) => Some(outcome),
            std::task::Poll::Pending => None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_kind_of_call_has_its_own_turns_or_none() {
        let budget = budget(rate(1, 1), rate(1, 1));
        let group = Target { resource: Some(Resource::Group), operation: Operation::Create };
        assert_eq!(budget.draw(&group, None, None), None);
        let (list, create) = (target(Operation::List), target(Operation::Create));
        for target in [&list, &create] {
            assert_eq!(waited(&budget, budget.draw(target, None, None)).await, Ok(0));
        }
        assert!(budget.looks_at(OperationKind::Patch) && !budget.looks_at(OperationKind::List));
        assert!(!Budget::default().looks_at(OperationKind::Patch));
    }
}
