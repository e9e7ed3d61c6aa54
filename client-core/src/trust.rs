//! What contacts' records say, and what of it is believed: the newest chain is pinned, nothing older is taken back, and
//! what contradicts it is shown loudly.

use shared_crypto::event::Event;
use shared_crypto::id::MessageId;
use shared_crypto::key_package::KeyPackage;
use shared_crypto::record::{Chain, ChainOrder};
use shared_crypto::signed::{Signed, Verified};
use shared_crypto::time::{CLOCK_SKEW, DAY, RETENTION};

use crate::compose::Refusal;
use crate::contact::{Contact, records};
use crate::entry::{self, Origin};
use crate::own::verify_by_any_key;
use crate::ready::Ready;
use crate::request::Failure;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{BodyView, ContactNumber, ContactState, DeliveryView, Millis};

/// Forks that are remembered of one contact.
const MAX_FORKS: usize = 8;

/// What a chain told about a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Learned {
    /// Nothing that was not known, or nothing that is believed.
    Nothing,
    /// A newer key package.
    Package,
    /// A chain that takes the place of the pinned one.
    Chain,
    /// A contradiction.
    Fork,
    /// A chain that would take the place of the pinned one, without a key package that can be used with it.
    Incomplete,
}

/// Whether a key package was made until now, as far as clocks differ. Of the future are those of somebody who has the signing
/// key and would take all epochs, so that none of the owner's can follow.
pub(crate) fn is_of_now(package: &KeyPackage, now: Millis) -> bool {
    package.created_at <= now.saturating_add(DAY)
}

impl Contact {
    fn learn(
        &mut self,
        chain: &Chain,
        package: Option<Verified<KeyPackage>>,
        now: Millis,
    ) -> Learned {
        if chain.identity() != self.identity() {
            return Learned::Nothing;
        }
        let order = self.chain.compare(chain);
        let learned = match order {
            ChainOrder::Newer => Learned::Chain,
            ChainOrder::Same | ChainOrder::Older => Learned::Nothing,
            ChainOrder::Forked if self.is_overruled_by(chain) => Learned::Chain,
            // It was settled already.
            ChainOrder::Forked if chain.is_overruled_by(&self.chain, now) => Learned::Nothing,
            ChainOrder::Forked => self.note_fork(chain, now),
        };
        let mine = |package: &Verified<KeyPackage>| package.identity == self.row.identity;
        let package = package.filter(|package| mine(package) && is_of_now(package, now));
        if learned == Learned::Chain && package.is_none() && !self.package_stands(chain) {
            return Learned::Incomplete;
        }
        if learned == Learned::Chain {
            self.pin(chain, now);
        }
        let counts = learned == Learned::Chain || order == ChainOrder::Same;
        let Some(package) = package.filter(|package| counts && self.is_newer(package)) else {
            return learned;
        };
        self.row.package = shared_crypto::cbor::Bytes(package.bytes().to_vec());
        self.package = Some(package);
        match learned {
            Learned::Nothing => Learned::Package,
            learned => learned,
        }
    }

    /// The key package there is, as it was signed.
    fn signed_package(&self) -> Option<Signed<KeyPackage>> {
        Signed::parse(&self.row.package.0).ok()
    }

    /// Whether the key package there is was signed by a key of this chain. A thief's is not, once the thief's records
    /// are overruled.
    fn package_stands(&self, chain: &Chain) -> bool {
        let package = self.signed_package();
        package.is_some_and(|package| verify_by_any_key(&package, chain).is_some())
    }

    /// Whether a key package that the key in force signed takes the place of the one there is. Epochs are compared
    /// under one signing key: under another they may begin anew.
    fn is_newer(&self, package: &KeyPackage) -> bool {
        let Some(mine) = &self.package else {
            return true;
        };
        let same_key = || {
            let signed = self.signed_package();
            signed.is_some_and(|signed| signed.verify(self.chain.signing_key()).is_ok())
        };
        package.epoch > mine.epoch || !same_key()
    }

    fn is_overruled_by(&self, chain: &Chain) -> bool {
        let from = self.chain.fork_point(chain).unwrap_or_default();
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let first_seen = self.row.seen_at.get(from).copied().unwrap_or_default();
        self.chain.is_overruled_by(chain, first_seen)
    }

    fn pin(&mut self, chain: &Chain, now: Millis) {
        let kept = match self.chain.fork_point(chain) {
            Some(from) => usize::try_from(from).unwrap_or(usize::MAX),
            None => self.chain.records().len(),
        };
        self.row.seen_at.truncate(kept);
        self.row.seen_at.resize(chain.records().len(), now);
        self.row.records = records(chain);
        self.chain = chain.clone();
    }

    fn note_fork(&mut self, chain: &Chain, now: Millis) -> Learned {
        let from = self.chain.fork_point(chain).unwrap_or_default();
        let Some(hash) = chain.hash_at(from) else {
            return Learned::Nothing;
        };
        if self.row.forks.contains(&hash) {
            return Learned::Nothing;
        }
        self.row.forks.push(hash);
        let before = self
            .row
            .forked_from
            .filter(|_| self.row.forked_at.is_some());
        self.row.forked_from = Some(before.map_or(from, |before| before.min(from)));
        let excess = self.row.forks.len().saturating_sub(MAX_FORKS);
        self.row.forks.drain(..excess);
        self.row.forked_at = Some(now);
        Learned::Fork
    }
}

impl Ready {
    /// Takes over what a verified chain and a key package verified by it say of a contact, as far as it is
    /// believed. Whether anything is new.
    pub(crate) fn learn<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        chain: &Chain,
        package: Option<Verified<KeyPackage>>,
    ) -> bool {
        let Some(contact) = self.contacts.get_mut(&number) else {
            return false;
        };
        let before = contact.chain.clone();
        let learned = contact.learn(chain, package, turn.now);
        if !matches!(learned, Learned::Nothing | Learned::Incomplete) {
            contact.save(turn);
        }
        match learned {
            Learned::Nothing => false,
            Learned::Package => true,
            Learned::Incomplete => {
                // A stranger would learn from being looked up that we are here, and have read what they wrote.
                if matches!(
                    contact.state(),
                    ContactState::Asked | ContactState::Accepted
                ) {
                    self.look_again(turn, number);
                }
                false
            }
            Learned::Fork => {
                self.remark(turn, number, &BodyView::Forked);
                false
            }
            Learned::Chain => {
                self.changed(turn, number, &before);
                true
            }
        }
    }

    /// A contact's pinned chain was replaced by one that continues or overrules it.
    fn changed<S: Store>(&mut self, turn: &mut Turn<'_, S>, number: ContactNumber, before: &Chain) {
        let Some(contact) = self.contacts.get_mut(&number) else {
            return;
        };
        let chain = contact.chain.clone();
        let since = before
            .fork_point(&chain)
            .unwrap_or_else(|| before.number().saturating_add(1));
        let recovered = chain.recovered_since(since);
        // A recovery settles a fork only if the key committed to before the fork stands behind it.
        let forked_from = contact.row.forked_from.unwrap_or(since).min(since);
        let settles = chain.last_recovery(forked_from) >= Some(since);
        let settled = settles && contact.row.forked_at.take().is_some();
        contact.save(turn);
        if settled {
            self.remark(turn, number, &BodyView::ForkSettled { recovered: true });
        }
        let first = |chain: &Chain| chain.active().next().map(|entry| entry.node.clone());
        if let Some(node) = first(&chain).filter(|node| first(before).as_ref() != Some(node)) {
            let node = node.to_string();
            self.remark(turn, number, &BodyView::Moved { node });
        }
        if before.signing_key() != chain.signing_key() {
            self.remark(turn, number, &BodyView::KeyChanged { recovered });
        }
        if chain.has_recovery(since) {
            self.start_over(turn, number);
        }
        if before.delivery() != chain.delivery() || before.sealing_key() != chain.sealing_key() {
            self.outbox.seal_again(turn, number);
        }
    }

    /// A contact used the recovery phrase. They may have lost all that they knew of us, and somebody else may know it:
    /// what is of before only opens what was left before, and they are asked anew.
    fn start_over<S: Store>(&mut self, turn: &mut Turn<'_, S>, number: ContactNumber) {
        let Some(contact) = self.contacts.get_mut(&number) else {
            return;
        };
        if !matches!(
            contact.state(),
            ContactState::Accepted | ContactState::Asked
        ) {
            return;
        }
        contact.outdate_pairings(turn.now);
        contact.row.forget_theirs();
        contact.row.asked = None;
        contact.row.epoch_sent = 0;
        contact.row.record_known = 0;
        contact.set_state(ContactState::Asked);
        let old = contact.row.ours.take();
        contact.save(turn);
        if let Some(old) = old {
            let nodes = self.homes.fingerprints();
            self.mailboxes.revoke_and_read(turn, old, nodes);
        }
        self.keep_unsent(turn, number);
        if self.reintroduce(turn, number).is_err() {
            return;
        }
        self.tell_mailboxes(turn);
    }

    /// What has not gone out waits for their answer; it is said again then.
    pub(crate) fn keep_unsent<S: Store>(&mut self, turn: &mut Turn<'_, S>, number: ContactNumber) {
        for row in self.outbox.take_of(turn, number) {
            if !row.quiet {
                self.kept.push((number, row.message));
            }
        }
    }

    /// Shows that messages wait for an answer again.
    pub(crate) async fn keep_for_later<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), crate::store::StoreError> {
        for (number, message) in core::mem::take(&mut self.kept) {
            let waits = DeliveryView::WaitingForAcceptance;
            self.put_delivery(turn, number, &message, &waits).await?;
        }
        Ok(())
    }

    /// Goes on with the keys that were known before a fork.
    pub(crate) fn trust_pinned<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Result<(), Refusal> {
        let contact = self.contact_mut(number)?;
        if contact.row.forked_at.take().is_none() {
            return Err(Failure::WrongState.into());
        }
        contact.save(turn);
        self.remark(turn, number, &BodyView::ForkSettled { recovered: false });
        Ok(())
    }

    /// Puts a line of the program's own into a conversation, if there is one.
    fn remark<S: Store>(&mut self, turn: &mut Turn<'_, S>, number: ContactNumber, says: &BodyView) {
        let Some(contact) = self.contacts.get_mut(&number) else {
            return;
        };
        if contact.conversation_view().is_none() {
            return;
        }
        let notice = Origin {
            id: MessageId::from_bytes([0; 16]),
            mine: false,
            sent_at: turn.now,
            stored_at: turn.now,
        };
        contact.append(turn, &entry::to_row(notice, says, None));
        contact.save_conversation(turn);
    }
}

/// Whether an event may be signed by the key that signed it: the one in force, or one that was replaced later.
pub(crate) fn may_speak(event: &Event, chain: &Chain, arrived_at: Millis, now: Millis) -> bool {
    let Some(replaced) = chain.replaced(&event.record) else {
        return true;
    };
    let until = replaced.at.saturating_add(CLOCK_SKEW);
    let in_time = now <= replaced.at.saturating_add(RETENTION);
    arrived_at <= until || !replaced.recovered && event.sent_at <= until && in_time
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use shared_crypto::bundle::verify_key_package;
    use shared_crypto::cbor::Bytes;
    use shared_crypto::event::{NO_PREVIOUS, conversation_of};
    use shared_crypto::fixtures;
    use shared_crypto::id::{DeviceId, Hash};
    use shared_crypto::key_package::ReceiveKeyPair;
    use shared_crypto::record::{RecordChanges, RecoveryChanges};
    use shared_crypto::recovery::RecoveryPhrase;
    use shared_crypto::time::HOUR;

    use super::*;
    use crate::memory::MemoryStore;

    const NOW: Millis = 1_750_000_000_000;

    fn chain() -> Chain {
        fixtures::chain(0, NOW, &mut ChaCha20Rng::seed_from_u64(1))
    }

    /// Whose signing key is `chain`'s, made at `at`.
    fn package(chain: &Chain, signer: usize, epoch: u64, at: Millis) -> Verified<KeyPackage> {
        let mut rng = ChaCha20Rng::seed_from_u64(epoch);
        let (keys, signing) = (
            ReceiveKeyPair::generate(&mut rng),
            fixtures::signing_key(signer),
        );
        KeyPackage::create(chain.identity(), epoch, &keys, at, &signing, &mut rng).unwrap()
    }

    /// The chain with another signing key, and with another commitment too.
    fn updated(from: &Chain, signer: usize, to: usize, commitment: Option<u8>) -> Chain {
        let mut chain = from.clone();
        let changes = RecordChanges {
            signing_key: Some(fixtures::signing_key(to).public().clone()),
            recovery: commitment.map(|it| RecoveryPhrase::from_entropy(&[it; 16]).commitment()),
            ..RecordChanges::default()
        };
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let keys = fixtures::signing_key(signer);
        chain.append_update(changes, &keys, NOW, &mut rng).unwrap();
        chain
    }

    /// The chain as the phrase of this entropy takes it back.
    fn recovered(from: &Chain, phrase: u8, to: usize, at: Millis) -> Chain {
        let mut chain = from.clone();
        let changes = RecoveryChanges {
            signing_key: fixtures::signing_key(to).public().clone(),
            sealing_key: fixtures::sealing_key(to).public().clone(),
            recovery: RecoveryPhrase::from_entropy(&[20; 16]).commitment(),
            delivery: None,
        };
        let key = RecoveryPhrase::from_entropy(&[phrase; 16]).recovery_key();
        let mut rng = ChaCha20Rng::seed_from_u64(8);
        chain.append_recovery(changes, &key, at, &mut rng).unwrap();
        chain
    }

    fn contact(chain: &Chain, package: &Verified<KeyPackage>) -> Contact {
        let state = ContactState::Accepted;
        Contact::new(1, chain.clone(), package.clone(), state, NOW)
    }

    #[test]
    fn a_thief_with_a_recovery_key_of_their_own_overrules_nobody() {
        let genesis = chain();
        let owner = updated(&genesis, 0, 5, None);
        let thief = recovered(&updated(&genesis, 0, 6, Some(9)), 9, 6, NOW);
        let mut contact = contact(&owner, &package(&owner, 5, 1, NOW));
        let theirs = Some(package(&thief, 6, 1, NOW));
        assert_eq!(contact.learn(&thief, theirs, NOW), Learned::Fork);
        assert_eq!(contact.chain.head(), owner.head());
        assert_eq!(contact.row.forked_from, Some(1));
    }

    #[test]
    fn the_owner_overrules_a_thief_who_recovered_by_a_key_of_their_own() {
        let genesis = chain();
        let thief = recovered(&updated(&genesis, 0, 6, Some(9)), 9, 6, NOW);
        let owner = recovered(&genesis, 3, 5, NOW + DAY);
        let mut contact = contact(&thief, &package(&thief, 6, 1, NOW));
        let mine = Some(package(&owner, 5, 1, NOW));
        assert_eq!(contact.learn(&owner, mine, NOW + DAY), Learned::Chain);
        assert_eq!(contact.chain.head(), owner.head());
        assert_eq!(contact.learn(&thief, None, NOW + DAY), Learned::Nothing);
    }

    #[test]
    fn an_overruling_message_without_a_key_package_leaves_a_contact_that_can_be_read() {
        let genesis = chain();
        let rotated = updated(&genesis, 0, 5, None);
        let overruling = recovered(&genesis, 3, 6, NOW);
        let mut contact = contact(&rotated, &package(&rotated, 5, 2, NOW));
        assert_eq!(contact.learn(&overruling, None, NOW), Learned::Incomplete);
        assert_eq!(contact.chain.head(), rotated.head());
        // Nor one of the future, which takes nobody's place.
        let future = package(&overruling, 6, 1, NOW + 2 * DAY);
        let learned = contact.learn(&overruling, Some(future), NOW);
        assert_eq!(learned, Learned::Incomplete);
        assert_eq!(contact.chain.head(), rotated.head());
        // One that another key signed is none.
        let foreign = Some(package(&chain(), 0, 3, NOW));
        let foreign = foreign.filter(|it| verify_key_package(it.bytes(), &overruling).is_ok());
        assert_eq!(
            contact.learn(&overruling, foreign, NOW),
            Learned::Incomplete
        );
        let own = Some(package(&overruling, 6, 1, NOW));
        assert_eq!(contact.learn(&overruling, own, NOW), Learned::Chain);
        assert_eq!(contact.package.as_ref().unwrap().epoch, 1);
        let store = MemoryStore::default();
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut turn = Turn::new(&store, NOW, &mut rng);
        contact.save(&mut turn);
        let load = |row| pollster::block_on(Contact::load(&turn, 1, row)).unwrap();
        assert!(load(contact.row.clone()).unwrap().package.is_some());
        // What an earlier version let in is looked up again, and stops nothing.
        let mut damaged = contact.row.clone();
        damaged.package = Bytes(package(&rotated, 5, 2, NOW).bytes().to_vec());
        let loaded = load(damaged.clone()).unwrap();
        assert!(loaded.package.is_none() && loaded.package_is_stale(NOW));
        damaged.records.pop();
        damaged.records.remove(0);
        assert!(load(damaged).is_none());
    }

    #[test]
    fn an_older_key_package_does_not_come_in_with_a_newer_record() {
        let genesis = chain();
        let mut contact = contact(&genesis, &package(&genesis, 0, 7, NOW));
        let mut longer = genesis.clone();
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        let keys = fixtures::signing_key(0);
        longer
            .append_update(RecordChanges::default(), &keys, NOW, &mut rng)
            .unwrap();
        let old = Some(package(&longer, 0, 6, NOW));
        assert_eq!(contact.learn(&longer, old, NOW), Learned::Chain);
        assert_eq!(contact.package.as_ref().unwrap().epoch, 7);
        // Under another key the count begins anew, also when the record came first.
        let rotated = updated(&longer, 0, 5, None);
        assert_eq!(contact.learn(&rotated, None, NOW), Learned::Chain);
        let first = Some(package(&rotated, 5, 1, NOW));
        assert_eq!(contact.learn(&rotated, first, NOW), Learned::Package);
        assert_eq!(contact.package.as_ref().unwrap().epoch, 1);
        let future = Some(package(&rotated, 5, 9, NOW + 2 * DAY));
        assert_eq!(contact.learn(&rotated, future, NOW), Learned::Nothing);
    }

    fn event(chain: &Chain, record: Hash, sent_at: Millis) -> Event {
        let me = chain.identity();
        Event {
            sender: me,
            record,
            recipient: me,
            conversation: conversation_of(&me, &me),
            device: DeviceId::from_bytes([1; 16]),
            counter: 1,
            previous: NO_PREVIOUS,
            sent_at,
            message_id: MessageId::from_bytes([1; 16]),
            kind: 1,
            body: Bytes(Vec::new()),
            lifetime: None,
        }
    }

    #[test]
    fn late_mail_under_a_replaced_key_is_read_for_three_weeks() {
        let mut chain = chain();
        let old = chain.head();
        let at = NOW + DAY;
        let changes = RecordChanges {
            signing_key: Some(fixtures::signing_key(5).public().clone()),
            ..RecordChanges::default()
        };
        let mut rng = ChaCha20Rng::seed_from_u64(2);
        chain
            .append_update(changes, &fixtures::signing_key(0), at, &mut rng)
            .unwrap();
        let before = event(&chain, old, at - HOUR);
        assert!(may_speak(&before, &chain, at + DAY, at + DAY));
        assert!(!may_speak(&before, &chain, at + 22 * DAY, at + 22 * DAY));
        let after = event(&chain, old, at + HOUR);
        assert!(!may_speak(&after, &chain, at + HOUR, at + HOUR));
        let new = event(&chain, chain.head(), at + HOUR);
        assert!(may_speak(&new, &chain, at + HOUR, at + HOUR));
    }

    #[test]
    fn after_a_recovery_only_the_nodes_clock_speaks_for_the_old_key() {
        let mut chain = chain();
        let old = chain.head();
        let at = NOW + DAY;
        let changes = RecoveryChanges {
            signing_key: fixtures::signing_key(5).public().clone(),
            sealing_key: fixtures::sealing_key(5).public().clone(),
            recovery: RecoveryPhrase::from_entropy(&[4; 16]).commitment(),
            delivery: None,
        };
        let key = RecoveryPhrase::from_entropy(&[3; 16]).recovery_key();
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        chain.append_recovery(changes, &key, at, &mut rng).unwrap();
        // A thief can say that it was sent before.
        let said = event(&chain, old, at - HOUR);
        assert!(!may_speak(&said, &chain, at + HOUR, at + HOUR));
        assert!(may_speak(&said, &chain, at - HOUR, at + HOUR));
    }
}
