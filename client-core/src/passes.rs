//! Passes: contact links that are made for somebody, so that their owner knows who was given which.
//!
//! A pass is open until the first identity has used it, if it is for one person, or until it is taken back. Closed
//! ones are kept, so that no copy of before opens them again; of too many those that were made first go.

use shared_crypto::event::Name;
use shared_crypto::id::{IdentityId, Pass};
use shared_crypto::link::ContactLink;

use crate::compose::Refusal;
use crate::ready::Ready;
use crate::request::Failure;
use crate::rows::{PassRow, key};
use crate::sorted::{SortedMap, sort_by_key};
use crate::store::{KeyRange, Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{Millis, PassView};

/// Passes that may be open at once.
pub(crate) const MAX_OPEN: usize = 32;

/// Closed ones that are kept.
pub(crate) const MAX_CLOSED: usize = 256;

impl PassRow {
    /// Whether somebody new may use it.
    pub(crate) fn is_open(&self) -> bool {
        let is_used_up = self.once && self.used_by.is_some();
        !self.is_revoked() && !is_used_up
    }

    /// Whether it counts for somebody.
    fn counts_for(&self, them: &IdentityId) -> bool {
        let is_theirs = self.used_by.is_none_or(|by| by == *them);
        !self.is_revoked() && (!self.once || is_theirs)
    }

    fn is_revoked(&self) -> bool {
        self.revoked.unwrap_or_default()
    }
}

/// Which closed passes are to be forgotten, given all that there are.
pub(crate) fn too_many_closed<K: Copy + Ord>(
    passes: impl Iterator<Item = (K, Millis, bool)>,
) -> Vec<K> {
    let closed = passes.filter(|(_, _, is_open)| !is_open);
    let mut closed: Vec<(K, Millis, bool)> = closed.collect();
    sort_by_key(&mut closed, |(pass, made_at, _)| (*made_at, *pass));
    let excess = closed.len().saturating_sub(MAX_CLOSED);
    let first = closed.iter().take(excess);
    first.map(|(pass, ..)| *pass).collect()
}

/// All passes of ours that are not forgotten.
#[derive(Default)]
pub(crate) struct Passes(SortedMap<Pass, PassRow>);

impl Passes {
    pub(crate) async fn load<S: Store>(turn: &Turn<'_, S>) -> Result<Self, StoreError> {
        let all = KeyRange {
            from: Vec::new(),
            to: vec![0xff; Pass::LENGTH.saturating_add(1)],
        };
        let rows = turn.scan::<PassRow>(&all, Order::Ascending, usize::MAX);
        let mut passes = SortedMap::new();
        for (pass, row) in rows.await? {
            passes.extend(Pass::try_from(pass.as_slice()).ok().map(|pass| (pass, row)));
        }
        Ok(Self(passes))
    }

    /// The open ones, the newest first, as links of ours.
    pub(crate) fn views(&self, link: &ContactLink) -> Vec<PassView> {
        let open = self.0.iter().filter(|(_, row)| row.is_open());
        let mut views: Vec<PassView> = open
            .map(|(pass, row)| PassView {
                pass: *pass,
                link: ContactLink {
                    pass: Some(*pass),
                    ..link.clone()
                }
                .to_string(),
                label: row.label.clone(),
                once: row.once,
                made_at: row.made_at,
            })
            .collect();
        sort_by_key(&mut views, |view| core::cmp::Reverse(view.made_at));
        views
    }

    /// What a pass is for, if it counts for somebody.
    pub(crate) fn label_for(&self, pass: &Pass, them: &IdentityId) -> Option<&str> {
        let row = self.0.get(pass).filter(|row| row.counts_for(them));
        row.map(|row| row.label.as_str())
    }

    /// Somebody used a pass that counts for them.
    pub(crate) fn used<S: Store>(&mut self, turn: &mut Turn<'_, S>, pass: &Pass, by: IdentityId) {
        let mut row = self.0.get_mut(pass);
        if let Some(row) = row.as_mut().filter(|row| row.once && row.used_by.is_none()) {
            row.used_by = Some(by);
            self.changed(turn, pass);
        }
    }

    fn changed<S: Store>(&mut self, turn: &mut Turn<'_, S>, pass: &Pass) {
        if let Some(row) = self.0.get(pass) {
            turn.put(&key::pass(pass), row);
        }
        let all = self.0.iter();
        let all = all.map(|(pass, row)| (*pass, row.made_at, row.is_open()));
        for pass in too_many_closed(all) {
            self.0.remove(&pass);
            turn.delete::<PassRow>(&key::pass(&pass));
        }
        turn.app_changed();
    }
}

impl Ready {
    /// Makes a link for somebody. The page chose its pass, so that a repeated request makes no second one.
    pub(crate) fn make_link<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        pass: Pass,
        label: &str,
        once: bool,
    ) -> Result<(), Refusal> {
        let passes = &mut self.passes;
        if passes.0.contains_key(&pass) {
            return Ok(());
        }
        let label = match label.trim() {
            "" => String::new(),
            label => Name::parse(label)
                .map_err(|_| Failure::BadName)?
                .to_string(),
        };
        if passes.0.values().filter(|row| row.is_open()).count() >= MAX_OPEN {
            let limit = u32::try_from(MAX_OPEN).unwrap_or(u32::MAX);
            return Err(Failure::TooManyLinks { limit }.into());
        }
        let row = PassRow {
            label,
            once,
            made_at: turn.now,
            used_by: None,
            revoked: None,
        };
        passes.0.insert(pass, row);
        passes.changed(turn, &pass);
        Ok(())
    }

    /// Takes a link back: from now on it counts for nobody.
    pub(crate) fn revoke_link<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        pass: &Pass,
    ) -> Result<(), Refusal> {
        let row = self.passes.0.get_mut(pass).ok_or(Failure::NotFound)?;
        row.revoked = Some(true);
        self.passes.changed(turn, pass);
        Ok(())
    }

    /// Whether somebody may ask, or has no need to: of those who were never in contact a pass may be wanted.
    pub(crate) fn may_ask(
        &self,
        them: &IdentityId,
        pass: Option<&Pass>,
        is_reintroduction: bool,
        now: Millis,
    ) -> bool {
        if !self.own.row.only_by_pass.unwrap_or_default() {
            return true;
        }
        let has_pass = pass.is_some_and(|pass| self.passes.label_for(pass, them).is_some());
        let contact = self.find_contact(them);
        // Who comes back to us may be one of those whom an older copy does not know. At other times it is said by a
        // stranger who has no pass.
        let is_forgotten = is_reintroduction && self.is_outdated(now);
        has_pass || is_forgotten || contact.is_some_and(|contact| !contact.is_new())
    }
}

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    use super::*;
    use crate::memory::MemoryStore;
    use crate::strangers::tests::asked_by;

    const NOW: Millis = 1_750_000_000_000;

    fn pass(number: u64) -> Pass {
        Pass::from_bytes(number.to_be_bytes())
    }

    #[test]
    fn so_many_links_are_open_and_a_closed_one_makes_room() {
        let (store, mut rng) = (MemoryStore::new(), ChaCha20Rng::seed_from_u64(1));
        let mut turn = Turn::new(&store, NOW, &mut rng);
        let mut ready = asked_by(&mut turn, 0);
        let mut make = |ready: &mut Ready, number, label: &str| {
            ready
                .make_link(&mut turn, pass(number), label, true)
                .is_ok()
        };
        for number in 0..32 {
            assert!(make(&mut ready, number, "Ada"));
        }
        assert!(make(&mut ready, 31, "Ada"), "asked again");
        assert!(!make(&mut ready, 32, "Ada"));
        let link = ready.own.link();
        assert_eq!(ready.passes.views(&link).len(), 32);
        let mut turn = Turn::new(&store, NOW, &mut rng);
        assert!(ready.revoke_link(&mut turn, &pass(3)).is_ok());
        let mut make = |number, label: &str| {
            ready
                .make_link(&mut turn, pass(number), label, true)
                .is_ok()
        };
        assert!(!make(32, &"x".repeat(65)));
        assert!(!make(32, "two\nlines"));
        assert!(make(32, ""));
    }

    /// A page repeats what it asked for when the worker of another tab takes over.
    #[test]
    fn a_link_that_was_taken_back_is_not_made_again_and_the_newest_stands_first() {
        let (store, mut rng) = (MemoryStore::new(), ChaCha20Rng::seed_from_u64(3));
        let mut turn = Turn::new(&store, NOW, &mut rng);
        let mut ready = asked_by(&mut turn, 0);
        for (number, now) in [(1, NOW), (2, NOW + 1), (3, NOW + 2)] {
            turn.now = now;
            let made = ready.make_link(&mut turn, pass(number), "Ada", true);
            assert!(made.is_ok());
        }
        assert!(ready.revoke_link(&mut turn, &pass(1)).is_ok());
        let again = ready.make_link(&mut turn, pass(1), "Ada", true);
        assert!(again.is_ok());
        let open = ready.passes.views(&ready.own.link());
        let open: Vec<Pass> = open.into_iter().map(|view| view.pass).collect();
        assert_eq!(open, [pass(3), pass(2)]);
    }

    #[test]
    fn closed_passes_are_kept_up_to_a_number_and_the_oldest_go() {
        let (store, mut rng) = (MemoryStore::new(), ChaCha20Rng::seed_from_u64(2));
        let mut ready = {
            let mut turn = Turn::new(&store, NOW, &mut rng);
            asked_by(&mut turn, 0)
        };
        // Their order is not that in which they were made.
        let made = |number| pass(1_000 - number);
        for number in 0..300 {
            let mut turn = Turn::new(&store, NOW + number, &mut rng);
            assert!(ready.make_link(&mut turn, made(number), "", false).is_ok());
            if number > 0 {
                assert!(ready.revoke_link(&mut turn, &made(number)).is_ok());
            }
            assert!(block_on(turn.finish()).is_ok());
        }
        let turn = Turn::new(&store, NOW, &mut rng);
        let stored = block_on(Passes::load(&turn)).unwrap();
        assert_eq!(stored.0.len(), 1 + MAX_CLOSED);
        assert!(stored.0.contains_key(&made(0)), "it is open");
        assert!(!stored.0.contains_key(&made(43)) && stored.0.contains_key(&made(44)));
        let link = ready.own.link();
        assert_eq!(stored.views(&link).len(), 1);
    }
}
