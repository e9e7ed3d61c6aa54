//! The time of the world: the paused clock of the runtime, and jumps on top of it.
//!
//! Small waits (a network's delay, a time-out) pass on the runtime's clock, one after another in their
//! order. Days pass in jumps: whoever sleeps through one wakes once, as on a machine that was suspended.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use zechat_node::clock::{Clock, Millis, Sleep};

/// When every sequence begins.
pub const START: Millis = 1_800_000_000_000;

/// One hand for all.
#[derive(Clone)]
pub struct WorldClock {
    since: Instant,
    jumped: Arc<watch::Sender<Millis>>,
}

impl WorldClock {
    /// Starts it at `at`.
    pub fn new(at: Millis) -> Self {
        Self {
            since: Instant::now(),
            jumped: Arc::new(watch::Sender::new(at)),
        }
    }

    /// Moves the hand.
    pub fn jump(&self, by: Millis) {
        self.jumped.send_modify(|at| *at += by);
    }
}

impl Clock for WorldClock {
    fn now(&self) -> Millis {
        let passed = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        *self.jumped.borrow() + passed
    }

    fn sleep_until(&self, at: Millis) -> Sleep<'_> {
        let mut jumped = self.jumped.subscribe();
        Box::pin(async move {
            loop {
                let left = at.saturating_sub(self.now());
                if left == 0 {
                    return;
                }
                tokio::select! {
                    biased;
                    _ = jumped.changed() => {}
                    () = tokio::time::sleep(Duration::from_millis(left.min(86_400_000))) => {}
                }
            }
        })
    }
}
