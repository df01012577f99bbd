//! The process's life: serving, leaving, stopping.

use std::io;
use std::pin::pin;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Where the process stands. It only goes forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Takes requests.
    Serving,
    /// Takes requests, but tells load balancers to send no more.
    Leaving,
    /// Takes no connections, and finishes what is in flight.
    Stopping,
}

/// Says which stage it is.
#[derive(Debug)]
pub struct Life(watch::Sender<Stage>);

/// Hears which stage it is. When the [`Life`] is gone, the last stage has come.
#[derive(Clone, Debug)]
pub struct Stages(watch::Receiver<Stage>);

impl Default for Life {
    fn default() -> Self {
        Self(watch::Sender::new(Stage::Serving))
    }
}

impl Life {
    /// For those who have to hear it.
    #[must_use]
    pub fn stages(&self) -> Stages {
        Stages(self.0.subscribe())
    }

    /// Goes forward.
    pub fn enter(&self, stage: Stage) {
        self.0.send_if_modified(|now| {
            let forward = stage > *now;
            *now = stage.max(*now);
            forward
        });
    }
}

impl Stages {
    /// The stage.
    #[must_use]
    pub fn now(&self) -> Stage {
        *self.0.borrow()
    }

    /// Waits for a stage, or a later one.
    pub async fn reached(&mut self, stage: Stage) {
        let _ = self.0.wait_for(|now| *now >= stage).await;
    }
}

/// SIGTERM and SIGINT: both ask to stop.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From now on the signals no longer end the process by themselves.
    ///
    /// # Errors
    /// If the system doesn't let us.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// The next of them.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Runs `serving` until it ends by itself or because `asked` was: once to leave, wait `delay` for load balancers to
/// notice, stop and finish; a second time, at any point, to end at once, which returns nothing.
pub async fn until_stopped<T>(
    serving: impl Future<Output = T>,
    life: &Life,
    delay: Duration,
    mut asked: impl AsyncFnMut(),
) -> Option<T> {
    let stop = async {
        asked().await;
        tracing::info!(delay_s = delay.as_secs_f64(), "asked to stop; a second signal ends at once");
        life.enter(Stage::Leaving);
        tokio::select! {
            () = tokio::time::sleep(delay) => life.enter(Stage::Stopping),
            () = asked() => return,
        }
        asked().await;
    };
    let mut serving = pin!(serving);
    tokio::select! {
        served = &mut serving => Some(served),
        () = stop => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks to stop so many times, then never again.
    fn asked(times: usize) -> impl AsyncFnMut() {
        let mut left = times;
        async move || {
            if left == 0 {
                std::future::pending::<()>().await;
            }
            left -= 1;
        }
    }

    #[tokio::test]
    async fn one_signal_leaves_then_stops_and_lets_finish() {
        let life = Life::default();
        let mut stages = life.stages();
        let serving = async {
            stages.reached(Stage::Leaving).await;
            stages.reached(Stage::Stopping).await;
            "finished"
        };
        assert_eq!(until_stopped(serving, &life, Duration::ZERO, asked(1)).await, Some("finished"));
    }

    #[tokio::test]
    async fn a_second_signal_ends_at_once_even_while_waiting_for_load_balancers() {
        let life = Life::default();
        let never = std::future::pending::<()>();
        assert_eq!(until_stopped(never, &life, Duration::from_secs(3600), asked(2)).await, None);
        assert_eq!(life.stages().now(), Stage::Leaving);
    }

    #[test]
    fn a_stage_never_goes_back() {
        let life = Life::default();
        life.enter(Stage::Stopping);
        life.enter(Stage::Leaving);
        assert_eq!(life.stages().now(), Stage::Stopping);
    }
}
