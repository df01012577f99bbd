//! A connection's clock: who is waited for, and since when.
//!
//! hyper times a request's head and nothing else (and only over HTTP/1.1). This is the rest: silence between requests,
//! a dripping head, an answer that the client doesn't take. What happens on the connection is noted as it happens; the
//! connection's own task looks at the clock now and then. The time is a parameter.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;

use crate::metrics::Phase;

use super::limits::Limits;

/// The clock, shared by the connection's socket, its requests and its task.
#[derive(Clone, Debug)]
pub struct Pulse(Arc<Mutex<State>>);

#[derive(Debug)]
struct State {
    /// What is waited for while nothing is in flight.
    waiting: Waiting,
    /// Requests in flight.
    in_flight: usize,
    /// Bytes wait for their turn to be written.
    queued: bool,
    /// Since when the socket takes no bytes.
    blocked: Option<Instant>,
    /// Answers of which a piece waits to be taken, and since when. As many as there are streams at most.
    offered: Vec<(u64, Instant)>,
    /// The number of the next request.
    next: u64,
}

#[derive(Clone, Copy, Debug)]
enum Waiting {
    Request(Instant),
    Head(Instant),
    /// HTTP/2, where bytes between requests may be pings.
    AnyStream(Instant),
}

impl Pulse {
    /// An HTTP/1.1 connection of which the first bytes have come.
    pub fn one_at_a_time(now: Instant) -> Self {
        Self::new(Waiting::Head(now))
    }

    /// An HTTP/2 connection.
    pub fn multiplexed(now: Instant) -> Self {
        Self::new(Waiting::AnyStream(now))
    }

    fn new(waiting: Waiting) -> Self {
        let (blocked, offered) = (None, Vec::new());
        Self(Arc::new(Mutex::new(State { waiting, in_flight: 0, queued: false, blocked, offered, next: 0 })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes have come.
    pub fn came(&self, now: Instant) {
        let mut state = self.state();
        if state.in_flight == 0 && matches!(state.waiting, Waiting::Request(_)) {
            state.waiting = Waiting::Head(now);
        }
    }

    /// Bytes are there for the socket, which is soon asked to take them.
    pub fn queued(&self) {
        self.state().queued = true;
    }

    /// The socket takes no bytes.
    pub fn blocked(&self, now: Instant) {
        self.state().blocked.get_or_insert(now);
    }

    /// The socket took bytes.
    pub fn flowed(&self) {
        let mut state = self.state();
        (state.queued, state.blocked) = (false, None);
    }

    /// A request's head has come; until the guard is dropped it is in flight.
    pub fn begin(&self) -> InFlight {
        let mut state = self.state();
        state.in_flight += 1;
        state.next += 1;
        InFlight { pulse: self.clone(), number: state.next }
    }

    /// Since when an HTTP/1.1 client has asked nothing, having taken all its answers.
    pub fn rests(&self) -> Option<Instant> {
        let state = self.state();
        match state.waiting {
            Waiting::Request(since) if state.in_flight == 0 && !state.queued && state.blocked.is_none() => Some(since),
            _ => None,
        }
    }

    /// The limit that is passed, if any.
    pub fn overdue(&self, now: Instant, limits: &Limits) -> Option<Phase> {
        let state = self.state();
        let passed = |since: Instant, limit| now.saturating_duration_since(since) >= limit;
        let untaken = state
            .offered
            .iter()
            .map(|(_, since)| since)
            .chain(&state.blocked)
            .any(|since| passed(*since, limits.write));
        if untaken {
            return Some(Phase::Write);
        }
        if state.in_flight > 0 {
            return None;
        }
        match state.waiting {
            Waiting::Head(since) => passed(since, limits.head).then_some(Phase::Head),
            Waiting::Request(since) | Waiting::AnyStream(since) => {
                passed(since, limits.keep_alive).then_some(Phase::Idle)
            }
        }
    }
}

impl State {
    fn forget(&mut self, number: u64) {
        self.offered.retain(|(offered, _)| *offered != number);
    }
}

/// A request in flight.
#[derive(Debug)]
pub struct InFlight {
    pulse: Pulse,
    number: u64,
}

impl InFlight {
    /// A piece of the answer is there for the client to take.
    pub fn offer(&self, now: Instant) {
        let mut state = self.pulse.state();
        state.forget(self.number);
        state.offered.push((self.number, now));
    }

    /// The client took it.
    pub fn taken(&self) {
        self.pulse.state().forget(self.number);
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut state = self.pulse.state();
        state.forget(self.number);
        state.in_flight -= 1;
        state.waiting = match state.waiting {
            Waiting::AnyStream(_) => Waiting::AnyStream(now),
            Waiting::Request(_) | Waiting::Head(_) => Waiting::Request(now),
        };
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn after(start: Instant, seconds: u64) -> Instant {
        start + Duration::from_secs(seconds)
    }

    #[test]
    fn a_dripping_head_is_not_kept_alive_by_its_drops() {
        let (start, limits) = (Instant::now(), Limits::default());
        let pulse = Pulse::one_at_a_time(start);
        for second in 0..10 {
            pulse.came(after(start, second));
            assert_eq!(pulse.overdue(after(start, second), &limits), None);
        }
        assert_eq!(pulse.overdue(after(start, 10), &limits), Some(Phase::Head));
    }

    #[test]
    fn between_requests_the_longer_limit_holds_until_the_next_head_begins() {
        let limits = Limits::default();
        let pulse = Pulse::one_at_a_time(Instant::now());
        drop(pulse.begin());
        let start = Instant::now();
        assert_eq!(pulse.overdue(after(start, 59), &limits), None);
        assert_eq!(pulse.overdue(after(start, 61), &limits), Some(Phase::Idle));
        pulse.came(after(start, 59));
        assert_eq!(pulse.overdue(after(start, 61), &limits), None);
        assert_eq!(pulse.overdue(after(start, 69), &limits), Some(Phase::Head));
    }

    #[test]
    fn a_connection_rests_when_its_answers_are_taken_and_nothing_has_come() {
        let start = Instant::now();
        let pulse = Pulse::one_at_a_time(start);
        assert_eq!(pulse.rests(), None, "its first request has begun");
        let request = pulse.begin();
        assert_eq!(pulse.rests(), None);
        pulse.blocked(start);
        drop(request);
        assert_eq!(pulse.rests(), None, "an answer is on its way");
        pulse.flowed();
        assert!(pulse.rests().is_some());
        pulse.queued();
        assert_eq!(pulse.rests(), None, "an answer waits to be written");
        pulse.flowed();
        pulse.came(Instant::now());
        assert_eq!(pulse.rests(), None, "the next request has begun");
        assert_eq!(Pulse::multiplexed(start).rests(), None);
    }

    #[test]
    fn a_request_in_flight_has_no_limit_here() {
        let start = Instant::now();
        let pulse = Pulse::multiplexed(start);
        let _request = pulse.begin();
        assert_eq!(pulse.overdue(after(start, 3600), &Limits::default()), None);
    }

    #[test]
    fn an_answer_that_is_not_taken_is_overdue_even_beside_others_that_are() {
        let (start, limits) = (Instant::now(), Limits::default());
        let pulse = Pulse::multiplexed(start);
        let (stalled, lively) = (pulse.begin(), pulse.begin());
        stalled.offer(start);
        lively.offer(after(start, 29));
        lively.taken();
        assert_eq!(pulse.overdue(after(start, 29), &limits), None);
        assert_eq!(pulse.overdue(after(start, 30), &limits), Some(Phase::Write));
        stalled.taken();
        assert_eq!(pulse.overdue(after(start, 30), &limits), None);
    }

    #[test]
    fn a_socket_that_takes_no_bytes_is_overdue() {
        let (start, limits) = (Instant::now(), Limits::default());
        let pulse = Pulse::one_at_a_time(start);
        let _request = pulse.begin();
        pulse.blocked(start);
        pulse.blocked(after(start, 20));
        assert_eq!(pulse.overdue(after(start, 30), &limits), Some(Phase::Write));
        pulse.flowed();
        assert_eq!(pulse.overdue(after(start, 30), &limits), None);
    }
}
