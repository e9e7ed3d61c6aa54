//! What a first message of a stranger costs now: more, while there are many.
//!
//! Once a minute the node looks at how many were let in. Above the operator's number the target rises by
//! a bit, below half of it it falls by one. A higher target is stated at once and demanded only when
//! everybody who may hold an older document has had time to ask again, so that work that was done in
//! good faith counts.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use shared_crypto::id::{MailboxId, MessageId};

use crate::clock::Millis;

/// How often the target is looked at.
pub const EVERY: Millis = 60_000;

/// How much the target may rise above what the operator set.
const MOST_ABOVE: u32 = 8;

/// Documents are believed for ten minutes on the way and as long by a client.
const OLD_DOCUMENTS: Millis = 25 * 60_000;

/// What a document may state at most.
const MOST: u32 = 40;

/// Letters that are remembered: one that is delivered again after it was read was paid for once.
const REMEMBERED: usize = 65_536;

/// The target, and what it follows from.
pub struct PostageTarget {
    base: u32,
    calm: u64,
    let_in: AtomicU64,
    paid: Mutex<Paid>,
    hasher: RandomState,
    demanded: AtomicU32,
    /// Targets that some document out there may state, newest last, and since when.
    stated: Mutex<VecDeque<(Millis, u32)>>,
}

/// The letters that were counted last.
#[derive(Default)]
struct Paid {
    letters: HashSet<u64>,
    in_order: VecDeque<u64>,
}

impl Paid {
    fn is_new(&mut self, letter: u64) -> bool {
        if !self.letters.insert(letter) {
            return false;
        }
        self.in_order.push_back(letter);
        if self.in_order.len() > REMEMBERED
            && let Some(oldest) = self.in_order.pop_front()
        {
            self.letters.remove(&oldest);
        }
        true
    }
}

impl PostageTarget {
    /// Starts at what the operator set; `calm` first messages a minute are no reason to raise it, and 0
    /// means that nothing is.
    pub fn new(base: u32, calm: u64, now: Millis) -> Self {
        Self {
            base,
            calm,
            let_in: AtomicU64::new(0),
            paid: Mutex::default(),
            hasher: RandomState::new(),
            demanded: AtomicU32::new(base),
            stated: Mutex::new(VecDeque::from([(now, base)])),
        }
    }

    /// Zero bits that work must have to be accepted.
    pub fn demanded(&self) -> u32 {
        self.demanded.load(Ordering::Relaxed)
    }

    /// A stranger's message was stored; it was paid for with work, which is bound to mailbox, id and envelope.
    pub fn paid(&self, mailbox: &MailboxId, message: &MessageId, envelope: &[u8]) {
        let letter = self
            .hasher
            .hash_one((mailbox.as_bytes(), message.as_bytes(), envelope));
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        if paid.is_new(letter) {
            self.let_in.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Looks at the last minute; gives the target to state from now on.
    pub fn tick(&self, now: Millis) -> u32 {
        let let_in = self.let_in.swap(0, Ordering::Relaxed);
        let mut stated = self.stated.lock().unwrap_or_else(PoisonError::into_inner);
        let current = stated.back().map_or(self.base, |(_, bits)| *bits);
        let highest = self
            .base
            .saturating_add(MOST_ABOVE)
            .min(MOST.max(self.base));
        let next = if self.calm != 0 && self.base != 0 && let_in > self.calm {
            current.saturating_add(1).min(highest)
        } else if let_in <= self.calm.div_euclid(2) {
            current.saturating_sub(1).max(self.base)
        } else {
            current
        };
        if next != current {
            stated.push_back((now, next));
        }
        // One that was replaced so long ago is in no document that anybody believes.
        while stated.len() > 1
            && stated
                .get(1)
                .is_some_and(|(replaced, _)| replaced.saturating_add(OLD_DOCUMENTS) <= now)
        {
            stated.pop_front();
        }
        let least = stated.iter().map(|(_, bits)| *bits).min();
        self.demanded
            .store(least.unwrap_or(self.base), Ordering::Relaxed);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pay(target: &PostageTarget, letter: u128) {
        let mailbox = MailboxId::from_bytes([1; 32]);
        target.paid(&mailbox, &MessageId::from_bytes(letter.to_be_bytes()), b"");
    }

    fn minute(target: &PostageTarget, now: &mut Millis, let_in: u64) -> u32 {
        let first = u128::from(*now) << 64;
        (0..let_in).for_each(|number| pay(target, first | u128::from(number)));
        *now += EVERY;
        target.tick(*now)
    }

    #[test]
    fn it_rises_under_load_and_falls_again() {
        let mut now = 0;
        let target = PostageTarget::new(16, 10, now);
        assert_eq!(minute(&target, &mut now, 10), 16);
        assert_eq!(minute(&target, &mut now, 11), 17);
        assert_eq!(minute(&target, &mut now, 11), 18);
        assert_eq!(minute(&target, &mut now, 8), 18, "neither calm nor flooded");
        assert_eq!(minute(&target, &mut now, 5), 17);
        for _ in 0..20 {
            minute(&target, &mut now, 100);
        }
        assert_eq!(
            minute(&target, &mut now, 100),
            24,
            "never more than 8 bits above"
        );
    }

    #[test]
    fn letters_that_are_read_and_delivered_again_raise_nothing() {
        let mut now = 0;
        let target = PostageTarget::new(16, 10, now);
        for _ in 0..5 {
            (0..100).for_each(|again| pay(&target, again % 10));
            now += EVERY;
            assert_eq!(target.tick(now), 16);
        }
    }

    #[test]
    fn what_a_document_states_is_accepted_as_long_as_it_is_believed() {
        let mut now = 0;
        let target = PostageTarget::new(16, 10, now);
        assert_eq!(minute(&target, &mut now, 11), 17);
        for _ in 0..24 {
            minute(&target, &mut now, 8);
            assert_eq!(target.demanded(), 16);
        }
        minute(&target, &mut now, 8);
        assert_eq!(target.demanded(), 17);
        assert_eq!(minute(&target, &mut now, 0), 16);
        assert_eq!(target.demanded(), 16, "what becomes cheaper is so at once");
    }

    #[test]
    fn who_wants_none_never_does() {
        let mut now = 0;
        let target = PostageTarget::new(0, 10, now);
        assert_eq!(minute(&target, &mut now, 1_000), 0);
        let fixed = PostageTarget::new(12, 0, now);
        assert_eq!(minute(&fixed, &mut now, 1_000), 12);
    }
}
