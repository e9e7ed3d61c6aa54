//! Time as a parameter: the node reads the clock here and nowhere else.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use tokio::sync::watch;

/// Milliseconds since 1970.
pub type Millis = u64;

/// A future that a [`Clock`] hands out.
pub type Sleep<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Where the node takes the time from.
pub trait Clock: Send + Sync + 'static {
    /// The present.
    fn now(&self) -> Millis;

    /// Waits until the clock shows `at` or later, or for as long as that would have been: when the clock is set
    /// back meanwhile, it is not yet `at`.
    fn sleep_until(&self, at: Millis) -> Sleep<'_>;

    /// Milliseconds since some moment, by a clock that nobody can set.
    fn passed(&self) -> Millis {
        self.now()
    }
}

/// Compares a clock with the time that really passed.
#[derive(Debug, Clone, Copy)]
pub struct Steadiness {
    now: Millis,
    passed: Millis,
}

impl Steadiness {
    /// From now on.
    pub fn of(clock: &dyn Clock) -> Self {
        Self {
            now: clock.now(),
            passed: clock.passed(),
        }
    }

    /// How far the clock was set ahead, or else back, since this was last asked.
    pub fn look(&mut self, clock: &dyn Clock) -> (Millis, Millis) {
        let before = std::mem::replace(self, Self::of(clock));
        let passed = self.passed.saturating_sub(before.passed);
        let expected = before.now.saturating_add(passed);
        (
            self.now.saturating_sub(expected),
            expected.saturating_sub(self.now),
        )
    }
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is the one place that reads the clock"
        )]
        let now = std::time::SystemTime::now();
        now.duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| {
                u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
            })
    }

    fn sleep_until(&self, at: Millis) -> Sleep<'_> {
        let begun = self.passed();
        let wait = at.saturating_sub(self.now());
        Box::pin(async move {
            // Slept in slices: a machine that was suspended or whose clock was set wakes soon.
            loop {
                let slept = self.passed().saturating_sub(begun);
                let left = at.saturating_sub(self.now());
                let left = left.min(wait.saturating_sub(slept));
                if left == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(left.min(60_000))).await;
            }
        })
    }

    fn passed(&self) -> Millis {
        static BEGAN: LazyLock<tokio::time::Instant> = LazyLock::new(tokio::time::Instant::now);
        u64::try_from(BEGAN.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// A clock for tests: clones share one hand, and moving it wakes whoever sleeps.
#[derive(Debug, Clone)]
pub struct MockClock(Arc<watch::Sender<Hand>>);

#[derive(Debug, Clone, Copy)]
struct Hand {
    now: Millis,
    passed: Millis,
}

impl MockClock {
    /// A clock that shows `now` until it is moved.
    pub fn new(now: Millis) -> Self {
        let passed = 0;
        Self(Arc::new(watch::Sender::new(Hand { now, passed })))
    }

    /// Moves the hand forward.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.send_modify(|hand| {
            hand.now = hand.now.saturating_add(by);
            hand.passed = hand.passed.saturating_add(by);
        });
    }

    /// Sets it, and no time passes.
    pub fn set(&self, now: Millis) {
        self.0.send_modify(|hand| hand.now = now);
    }
}

impl Clock for MockClock {
    fn now(&self) -> Millis {
        self.0.borrow().now
    }

    fn sleep_until(&self, at: Millis) -> Sleep<'_> {
        let mut hand = self.0.subscribe();
        let begun = *hand.borrow();
        let until = begun.passed.saturating_add(at.saturating_sub(begun.now));
        Box::pin(async move {
            // An error means that the clock is gone, and with it everybody who waits for it.
            let _ = hand
                .wait_for(|hand| hand.now >= at || hand.passed >= until)
                .await;
        })
    }

    fn passed(&self) -> Millis {
        self.0.borrow().passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_is_noticed_and_time_that_passes_is_not() {
        let clock = MockClock::new(1_000_000);
        let mut steadiness = Steadiness::of(&clock);
        clock.advance(Duration::from_millis(500_000));
        assert_eq!(steadiness.look(&clock), (0, 0));
        clock.set(9_000_000);
        clock.advance(Duration::from_millis(10));
        assert_eq!(steadiness.look(&clock), (7_500_000, 0));
        clock.set(9_000_000);
        assert_eq!(steadiness.look(&clock), (0, 10));
        assert_eq!(steadiness.look(&clock), (0, 0));
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_keeps_nobody_asleep() {
        let clock = MockClock::new(1_000_000);
        let sleep = clock.sleep_until(1_060_000);
        clock.set(0);
        clock.advance(Duration::from_millis(60_000));
        sleep.await;
    }
}
