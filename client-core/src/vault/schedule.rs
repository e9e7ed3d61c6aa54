//! When the vault is saved.

use super::Vault;
use crate::view::Millis;

/// The first save comes soon: until then nothing could be restored.
const FIRST: Millis = 5_000;

/// Later ones wait for what else changes, also so that a node cannot tell one message from many.
const CALM: Millis = 30_000;

/// First wait after a failure; doubles.
const MIN_BACKOFF: Millis = 15_000;

/// Longest wait after a failure.
const MAX_BACKOFF: Millis = 60 * 60 * 1_000;

impl Vault {
    /// Something changed that is not saved.
    pub(crate) fn changed(&mut self, now: Millis, jitter: Millis) {
        self.dirty_since.get_or_insert(now);
        let never = self.row.as_ref().is_none_or(|row| row.saved_at.is_none());
        let wait = if never {
            FIRST
        } else {
            CALM.saturating_add(jitter)
        };
        self.due_at.get_or_insert(now.saturating_add(wait));
    }

    /// Somebody wants it to be saved now.
    pub(super) fn hurry(&mut self, now: Millis) {
        self.due_at = Some(now);
    }

    /// A save ended well, at some nodes or all.
    pub(super) fn saved(&mut self, now: Millis, everywhere: bool) {
        self.full = false;
        if everywhere {
            self.attempts = 0;
            self.due_at = None;
        } else {
            self.failed(now);
        }
    }

    /// A save failed, or not all nodes have it.
    pub(super) fn failed(&mut self, now: Millis) {
        let wait = MIN_BACKOFF
            .saturating_mul(1 << self.attempts.min(10))
            .min(MAX_BACKOFF);
        self.attempts = self.attempts.saturating_add(1);
        self.due_at = Some(now.saturating_add(wait));
    }

    /// When there is something to do.
    pub(crate) fn wake_at(&self) -> Option<Millis> {
        self.due_at.filter(|_| self.saving.is_none())
    }

    pub(super) fn is_due(&self, now: Millis) -> bool {
        self.wake_at().is_some_and(|at| at <= now)
    }
}

/// Most that a save is delayed at random.
pub(crate) const JITTER: Millis = 15_000;
