//! Time as a parameter: the node reads the clock here and nowhere else.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
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

    /// Waits until the clock shows `at` or later.
    fn sleep_until(&self, at: Millis) -> Sleep<'_>;
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
        Box::pin(async move {
            // Slept in slices: a machine that was suspended or whose clock was set wakes soon.
            loop {
                let left = at.saturating_sub(self.now());
                if left == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(left.min(60_000))).await;
            }
        })
    }
}

/// A clock for tests: clones share one hand, and moving it wakes whoever sleeps.
#[derive(Debug, Clone)]
pub struct MockClock(Arc<watch::Sender<Millis>>);

impl MockClock {
    /// A clock that shows `now` until it is moved.
    pub fn new(now: Millis) -> Self {
        Self(Arc::new(watch::Sender::new(now)))
    }

    /// Moves the hand forward.
    pub fn advance(&self, by: Duration) {
        let by = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.send_modify(|now| *now = now.saturating_add(by));
    }
}

impl Clock for MockClock {
    fn now(&self) -> Millis {
        *self.0.borrow()
    }

    fn sleep_until(&self, at: Millis) -> Sleep<'_> {
        let mut hand = self.0.subscribe();
        Box::pin(async move {
            // An error means that the clock is gone, and with it everybody who waits for it.
            let _ = hand.wait_for(|now| *now >= at).await;
        })
    }
}
