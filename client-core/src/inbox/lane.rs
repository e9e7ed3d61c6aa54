//! Messages of contacts.

use shared_crypto::bundle::verify_key_package;
use shared_crypto::cbor::Bytes;
use shared_crypto::envelope::{self, Header, ReceivedLane};
use shared_crypto::event::{Body, Content, Event, EventError, Name};
use shared_crypto::id::MailboxId;
use shared_crypto::record::{Chain, Record};
use shared_crypto::signed::{Signed, Verified};
use zeroize::Zeroizing;

use super::{Arrival, stored};
use crate::contact::Contact;
use crate::ready::Ready;
use crate::rows::{PairingRow, SeenRow, key};
use crate::store::{Store, StoreError};
use crate::trust::may_speak;
use crate::turn::Turn;
use crate::view::{BodyView, ContactNumber, ContactState, DeliveryView};

impl Ready {
    pub(super) async fn receive_lane<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        arrival: &Arrival<'_>,
        header: &Header,
        number: ContactNumber,
    ) -> Result<(), StoreError> {
        let me = self.own.identity();
        let Some(contact) = self.contacts.get(&number) else {
            return Ok(());
        };
        if !matches!(
            contact.state(),
            ContactState::Asked | ContactState::Accepted
        ) {
            return Ok(());
        }
        let Some((content, outdated)) = self.open_lane(turn, arrival, header, number) else {
            return self.cannot_open(turn, number, arrival).await;
        };
        let Some(contact) = self.contacts.get_mut(&number) else {
            return Ok(());
        };
        let Ok(content) = Content::parse(&content) else {
            return self.cannot_open(turn, number, arrival).await;
        };
        let offered = content
            .records
            .as_ref()
            .and_then(|records| branch(&contact.chain, records));
        let package = |chain: &Chain| {
            let package = content.key_package.as_ref()?;
            verify_key_package(&package.0, chain).ok()
        };
        if let Some(chain) = offered {
            self.learn(turn, number, &chain, package(&chain));
        }
        let Some(contact) = self.contacts.get_mut(&number) else {
            return Ok(());
        };
        let chain = contact.chain.clone();
        let event = match Event::verify(&content.event.0, &chain, &me, &arrival.message) {
            Ok(event) if may_speak(&event, &chain, arrival.arrived_at, turn.now) => event,
            refused => {
                if matches!(refused, Err(EventError::UnknownRecord)) {
                    self.look_again(turn, number);
                }
                return self.cannot_open(turn, number, arrival).await;
            }
        };
        self.learn(turn, number, &chain, package(&chain));
        turn.put(
            &key::seen(&arrival.mailbox, &arrival.message),
            &SeenRow { at: turn.now },
        );
        // Where to answer, and that they accepted, is told under secrets of after the recovery.
        let settles = matches!(
            event.body(),
            Ok(Body::Acceptance { .. } | Body::MailboxUpdate { .. })
        );
        if outdated && settles {
            self.add_event(turn, number, &event, None).await?;
            return Ok(());
        }
        self.receive_event(turn, number, &event).await
    }

    /// Tries the pair secrets there are; learns the responder's half where that is what is missing. With it, whether the
    /// secret is of before a recovery.
    fn open_lane<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        arrival: &Arrival<'_>,
        header: &Header,
        number: ContactNumber,
    ) -> Option<(Zeroizing<Vec<u8>>, bool)> {
        let me = self.own.identity();
        let (epoch, keys) = self.own.receive_keys(header.key_package())?;
        let contact = self.contacts.get_mut(&number)?;
        let them = contact.identity();
        let lane = ReceivedLane::new(arrival.envelope, keys).ok()?;
        let try_open = |contact: &Contact, pairing: &PairingRow| {
            let pair = contact.pair_secret(&me, pairing)?;
            lane.open(&them, &me, &arrival.mailbox, &pair).ok()
        };
        let complete = |pairing: &&PairingRow| pairing.r2.is_some();
        let known = contact
            .row
            .pairings
            .iter()
            .filter(complete)
            .rev()
            .find_map(|pairing| {
                try_open(contact, pairing).map(|content| (pairing.pairing, content))
            });
        let (proven, r2, content) = match known {
            Some((pairing, content)) => (pairing, None, content),
            None => {
                let open = |pairing: &&PairingRow| pairing.initiated && pairing.r2.is_none();
                let waiting: Vec<PairingRow> =
                    contact.row.pairings.iter().filter(open).cloned().collect();
                if waiting.is_empty() {
                    return None;
                }
                let old = self.own.old_sealing();
                let mut sealings = core::iter::once(&self.own.sealing).chain(&old);
                sealings.find_map(|sealing| {
                    let r2 = envelope::open_acceptance(arrival.envelope, sealing, turn.rng)?;
                    let r2 = Bytes(r2.to_vec());
                    waiting.iter().rev().find_map(|pairing| {
                        let pairing = PairingRow {
                            r2: Some(r2.clone()),
                            ..pairing.clone()
                        };
                        try_open(contact, &pairing)
                            .map(|content| (pairing.pairing, Some(r2.clone()), content))
                    })
                })?
            }
        };
        let record = self.own.record_of(epoch);
        let newest = contact.sending_pairing().map(|pairing| pairing.pairing);
        let mut pairings = contact.row.pairings.iter_mut();
        let pairing = pairings.find(|row| row.pairing == proven)?;
        if pairing.outdated.unwrap_or_default() {
            return Some((content, true));
        }
        // The other side counts on it from now on: it does not say its half again.
        let is_news = r2.is_some()
            || pairing.acceptance.is_some()
            || newest != Some(proven)
            || epoch > contact.row.epoch_sent
            || record > contact.row.record_known;
        contact.row.epoch_sent = contact.row.epoch_sent.max(epoch);
        contact.row.record_known = contact.row.record_known.max(record);
        if r2.is_some() {
            pairing.r2 = r2;
        }
        pairing.acceptance = None;
        pairing.at = turn.now;
        if is_news {
            contact.save(turn);
        }
        Some((content, false))
    }

    async fn receive_event<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        event: &Verified<Event>,
    ) -> Result<(), StoreError> {
        match event.body() {
            Ok(Body::Text(text)) => {
                self.add_event(turn, number, event, Some(BodyView::Text(text)))
                    .await?;
                self.owe_receipt(turn, number, event.message_id);
            }
            Ok(Body::Receipt { delivered, read }) => {
                self.add_event(turn, number, event, None).await?;
                for id in delivered {
                    self.set_delivery(turn, number, &id, &DeliveryView::Delivered)
                        .await?;
                }
                for id in read {
                    self.set_delivery(turn, number, &id, &DeliveryView::Read)
                        .await?;
                }
            }
            Ok(Body::Profile { name }) => {
                let newest = self.add_event(turn, number, event, None).await?;
                self.named(turn, number, event, newest, &name);
            }
            Ok(Body::Acceptance { name, mailbox }) => {
                let Some(contact) = self.contacts.get_mut(&number) else {
                    return Ok(());
                };
                let first = contact.state() == ContactState::Asked;
                contact.set_state(ContactState::Accepted);
                contact.save(turn);
                let shown = first.then_some(BodyView::Connected);
                let newest = self.add_event(turn, number, event, shown).await?;
                self.reachable_at(turn, number, event, newest, mailbox);
                self.named(turn, number, event, newest, &name);
                stored(self.send_kept(turn, number).await)?;
            }
            Ok(Body::Reply { text, to }) => {
                let shown = Some(BodyView::Text(text));
                self.add_reply(turn, number, event, shown, Some(to)).await?;
                self.owe_receipt(turn, number, event.message_id);
            }
            Ok(body @ (Body::Reaction { .. } | Body::Edit { .. } | Body::Delete { .. })) => {
                self.add_event(turn, number, event, None).await?;
                self.noted(turn, number, event, body).await?;
            }
            Ok(Body::Typing) => {
                self.add_event(turn, number, event, None).await?;
                self.typing_heard(turn, number, event.sent_at);
            }
            Ok(Body::Timer { seconds }) => {
                self.timer_heard(turn, number, event, seconds).await?;
            }
            // The records came with it and were read first.
            Ok(Body::RecordUpdate | Body::Reintroduction { .. }) => {
                self.add_event(turn, number, event, None).await?;
            }
            Ok(Body::MailboxUpdate { mailbox }) => {
                let newest = self.add_event(turn, number, event, None).await?;
                self.reachable_at(turn, number, event, newest, mailbox);
            }
            Ok(Body::FirstContact { .. } | Body::Unknown { .. }) | Err(_) => {
                let shown = BodyView::NeedsNewerVersion { kind: event.kind };
                self.add_event(turn, number, event, Some(shown)).await?;
            }
        }
        Ok(())
    }

    /// Takes over the name that a contact says, unless a newer event said another.
    pub(super) fn named(
        &mut self,
        turn: &mut Turn<'_, impl Store>,
        number: ContactNumber,
        event: &Event,
        newest: bool,
        name: &Name,
    ) {
        if let Some(contact) = self.contacts.get_mut(&number)
            && (newest || event.sent_at > contact.row.introduced_at)
        {
            contact.row.introduced_at = event.sent_at;
            contact.row.name = name.to_string();
            contact.save(turn);
        }
    }

    /// The same with the mailbox where a contact wants to be answered. Events overtake each other: one that says something
    /// else may be newer.
    pub(super) fn reachable_at(
        &mut self,
        turn: &mut Turn<'_, impl Store>,
        number: ContactNumber,
        event: &Event,
        newest: bool,
        mailbox: MailboxId,
    ) {
        if let Some(contact) = self.contacts.get_mut(&number)
            && (newest || contact.row.is_reached_better(event.sent_at, turn.now))
        {
            contact.row.theirs_at = Some(event.sent_at);
            contact.row.theirs = Some(mailbox);
            contact.save(turn);
        }
    }
}

/// The chain that records in a message stand for: they take up the pinned one somewhere.
fn branch(pinned: &Chain, records: &[Bytes]) -> Option<Chain> {
    let first = Signed::<Record>::parse(&records.first()?.0).ok()?;
    pinned.branch(first.unverified().number, records).ok()
}
