//! Strangers who wait for an answer: how many may, and how they are forgotten.

use crate::compose::Refusal;
use crate::contact::Contact;
use crate::ready::Ready;
use crate::rows::key::By;
use crate::rows::{
    ContactRow, ConversationRow, EntryRow, EventRow, ExpiringRow, PlaceRow, WaitingNotesRow, key,
};
use crate::store::{Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, Position};

/// Strangers who may wait at once. Postage makes it dear to fill this.
const MAX_REQUESTS: usize = 500;

impl Ready {
    /// Of too many strangers who wait, the one that has waited longest goes, counted: otherwise whoever came first with
    /// so many would keep everybody else out. Who came by a link that was made for somebody stays as long as there are others.
    pub(crate) async fn make_room_for_a_request<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        if self.request_count() < MAX_REQUESTS {
            return Ok(());
        }
        let asking = |contact: &&Contact| contact.state() == ContactState::Asking;
        let asking = self.contacts.values().filter(asking);
        let oldest = asking.min_by_key(|contact| {
            let is_expected = contact.row.by_link.is_some();
            (is_expected, contact.row.since, contact.number)
        });
        if let Some(number) = oldest.map(|contact| contact.number) {
            let count = self.own.row.too_many.unwrap_or_default();
            self.own.row.too_many = Some(count.saturating_add(1));
            self.own.save(turn);
            self.forget_request(turn, number).await?;
        }
        Ok(())
    }

    /// Forgets a stranger and what they wrote; they are not told.
    pub(crate) async fn refuse<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Result<(), Refusal> {
        self.in_state(number, &[ContactState::Asking])?;
        self.forget_request(turn, number).await?;
        Ok(())
    }

    /// Forgets a stranger who waits for an answer, with what they wrote.
    async fn forget_request<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Result<(), StoreError> {
        let Some(contact) = self.contacts.get_mut(&number) else {
            return Ok(());
        };
        // A restored copy counts what it says anew.
        if contact.conversation.counter > 0 || contact.conversation.spoke_at.is_some() {
            // We have talked before: that stays.
            contact.row.request = None;
            contact.row.forget_theirs();
            contact.row.pairings.clear();
            contact.set_state(ContactState::Resolved);
            contact.save(turn);
            return Ok(());
        }
        let all = key::entries(number, 0, Position::MAX);
        for (entry_key, row) in turn
            .scan::<EntryRow>(&all, Order::Ascending, usize::MAX)
            .await?
        {
            let message = key::message(number, By::Them, &row.id);
            turn.delete::<PlaceRow>(&message);
            turn.delete::<EventRow>(&message);
            turn.delete::<WaitingNotesRow>(&message);
            if let Some(position) = key::position(&entry_key) {
                turn.delete_entry(number, position, &row);
                if let Some(at) = row.expires_at {
                    turn.delete::<ExpiringRow>(&key::expiring(at, number, position));
                }
            }
        }
        turn.delete::<ContactRow>(&key::contact(number));
        turn.delete::<ConversationRow>(&key::contact(number));
        self.contacts.remove(&number);
        turn.app_changed();
        Ok(())
    }

    fn request_count(&self) -> usize {
        self.contacts
            .values()
            .filter(|contact| contact.state() == ContactState::Asking)
            .count()
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use pollster::block_on;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use shared_crypto::fixtures;
    use shared_crypto::id::{DeviceId, MessageId};
    use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};

    use super::*;
    use crate::entry::{self, Origin};
    use crate::memory::MemoryStore;
    use crate::own::Own;
    use crate::rows::IdentityRow;
    use crate::view::{BodyView, Millis};

    const NOW: Millis = 1_750_000_000_000;

    /// A client in which so many strangers wait, each longer than the one before.
    pub(crate) fn asked_by(turn: &mut Turn<'_, MemoryStore>, strangers: u32) -> Ready {
        let (signing, sealing) = fixtures::person(0);
        let chain = fixtures::chain(0, NOW, turn.rng);
        let keys = ReceiveKeyPair::generate(turn.rng);
        let identity = chain.identity();
        let package = KeyPackage::create(identity, 1, &keys, NOW, &signing, turn.rng).unwrap();
        let row = IdentityRow {
            device: DeviceId::from_bytes([4; 16]),
            ..IdentityRow::new(&chain, NOW)
        };
        let own = Own::store_new(
            turn,
            row,
            signing,
            sealing,
            chain.clone(),
            package.clone(),
            keys,
        );
        let mut ready = Ready::new(own);
        for number in 1..=strangers {
            let (state, since) = (ContactState::Asking, NOW - u64::from(number));
            let (chain, package) = (chain.clone(), package.clone());
            let contact = Contact::new(number, chain, package, state, since);
            contact.save(turn);
            ready.contacts.insert(number, contact);
        }
        ready
    }

    #[test]
    fn five_hundred_strangers_do_not_keep_the_next_one_out() {
        let (store, mut rng) = (MemoryStore::new(), ChaCha20Rng::seed_from_u64(1));
        let mut turn = Turn::new(&store, NOW, &mut rng);
        let mut ready = asked_by(&mut turn, 500);
        assert!(block_on(ready.make_room_for_a_request(&mut turn)).is_ok());
        assert_eq!(ready.request_count(), 499);
        assert!(
            !ready.contacts.contains_key(&500),
            "who waited longest goes"
        );
        assert_eq!(ready.own.row.too_many, Some(1));
        assert!(block_on(ready.make_room_for_a_request(&mut turn)).is_ok());
        assert_eq!(ready.request_count(), 499);
    }

    #[test]
    fn strangers_without_a_link_of_ours_push_nobody_out_who_has_one() {
        let (store, mut rng) = (MemoryStore::new(), ChaCha20Rng::seed_from_u64(3));
        let mut turn = Turn::new(&store, NOW, &mut rng);
        let mut ready = asked_by(&mut turn, 500);
        for number in [499, 500] {
            let contact = ready.contacts.get_mut(&number).unwrap();
            contact.row.by_link = Some("Ada".into());
        }
        assert!(block_on(ready.make_room_for_a_request(&mut turn)).is_ok());
        let left = [498, 499, 500].map(|number| ready.contacts.contains_key(&number));
        assert_eq!(left, [false, true, true]);
        // Where all have one, it is as where nobody has.
        for contact in ready.contacts.values_mut() {
            contact.row.by_link = Some(String::new());
        }
        let contact = Contact::new(
            501,
            ready.own.chain.clone(),
            ready.own.package().unwrap().clone(),
            ContactState::Asking,
            NOW,
        );
        ready.contacts.insert(501, contact);
        ready.contacts.get_mut(&501).unwrap().row.by_link = Some(String::new());
        assert!(block_on(ready.make_room_for_a_request(&mut turn)).is_ok());
        assert!(!ready.contacts.contains_key(&500), "who waited longest");
    }

    #[test]
    fn nothing_of_a_stranger_who_was_refused_is_left() {
        let (store, mut rng) = (MemoryStore::new(), ChaCha20Rng::seed_from_u64(2));
        let mut turn = Turn::new(&store, NOW, &mut rng);
        let mut ready = asked_by(&mut turn, 1);
        let contact = ready.contacts.get_mut(&1).unwrap();
        let origin = Origin {
            id: MessageId::from_bytes([5; 16]),
            mine: false,
            sent_at: NOW,
            stored_at: NOW,
        };
        let body = BodyView::Text("unmistakable words".into());
        let mut row = entry::to_row(origin, &body, None);
        row.expires_at = Some(NOW + 1_000);
        contact.append(&mut turn, &row);
        contact.save_conversation(&mut turn);
        assert!(block_on(turn.finish()).is_ok());
        let contains = |text: &str| {
            let bytes = text.as_bytes();
            let dump = store.dump();
            dump.iter()
                .any(|(_, _, value)| value.windows(bytes.len()).any(|part| part == bytes))
        };
        assert!(contains("unmistakable"));
        let rows = store.dump().len();
        let mut turn = Turn::new(&store, NOW, &mut rng);
        assert!(block_on(ready.refuse(&mut turn, 1)).is_ok());
        assert!(block_on(turn.finish()).is_ok());
        assert!(!contains("unmistakable"));
        // Contact, conversation, entry, search, and when it was to be forgotten.
        assert_eq!(store.dump().len(), rows - 5);
    }
}
