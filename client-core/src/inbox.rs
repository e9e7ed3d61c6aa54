//! Reading: from an envelope that a node pushed to an entry, once.
//!
//! Everything is checked before anything is stored: that the envelope opens, that the event is signed by
//! the contact whose mailbox it came to, that it is for us, for this conversation and under this message id.

use shared_crypto::bundle::verify_key_package;
use shared_crypto::cbor::Bytes;
use shared_crypto::envelope::{self, EnvelopeKind, Header, ReceivedLane};
use shared_crypto::event::{Body, Content, Event, EventError, Name};
use shared_crypto::id::{IdentityId, MailboxId, MessageId};
use shared_crypto::key_package::KeyPackage;
use shared_crypto::record::{Chain, Record};
use shared_crypto::signed::{Signed, Verified};
use zeroize::Zeroizing;

use crate::compose::Refusal;
use crate::contact::Contact;
use crate::entry::{self, Origin};
use crate::mailboxes::Purpose;
use crate::ready::Ready;
use crate::rows::key::By;
use crate::rows::{EntryRow, EventRow, MissingRow, PairingRow, PlaceRow, SeenRow, key};
use crate::sequence::{self, Link, Placed};
use crate::store::{Store, StoreError};
use crate::trust::{is_of_now, may_speak};
use crate::turn::Turn;
use crate::view::{BodyView, ContactNumber, ContactState, DeliveryView, Millis, Position};

/// An envelope as a node pushed it.
pub(crate) struct Arrival<'a> {
    pub(crate) mailbox: MailboxId,
    pub(crate) message: MessageId,
    pub(crate) arrived_at: Millis,
    pub(crate) envelope: &'a [u8],
}

impl Ready {
    /// Reads one envelope.
    pub(crate) async fn receive<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        arrival: &Arrival<'_>,
    ) -> Result<(), StoreError> {
        let seen = key::seen(&arrival.mailbox, &arrival.message);
        if turn.get::<SeenRow>(&seen).await?.is_some() {
            return Ok(());
        }
        let Ok(header) = envelope::peek(arrival.envelope) else {
            return Ok(());
        };
        if !self.mailboxes.knows(&arrival.mailbox) {
            return match header.kind() {
                EnvelopeKind::Lane => self.receive_astray(turn, arrival, &header).await,
                EnvelopeKind::FirstContact => {
                    self.receive_first_contact(turn, arrival, &header, None)
                        .await
                }
            };
        }
        match (self.mailboxes.purpose(&arrival.mailbox), header.kind()) {
            (Some(purpose), EnvelopeKind::FirstContact) => {
                self.receive_first_contact(turn, arrival, &header, Some(purpose))
                    .await
            }
            (Some(Purpose::Contact(number)), EnvelopeKind::Lane) => {
                self.receive_lane(turn, arrival, &header, number).await
            }
            _ => Ok(()),
        }
    }

    async fn receive_first_contact<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        arrival: &Arrival<'_>,
        header: &Header,
        purpose: Option<Purpose>,
    ) -> Result<(), StoreError> {
        let me = self.own.identity();
        let Some((_, keys)) = self.own.receive_keys(header.key_package()) else {
            return self.unopened(turn, arrival, purpose).await;
        };
        let old = self.own.old_sealing();
        let opened = core::iter::once(&self.own.sealing)
            .chain(&old)
            .find_map(|sealing| {
                let (envelope, mailbox) = (arrival.envelope, &arrival.mailbox);
                envelope::open_first_contact(envelope, &me, mailbox, keys, sealing, turn.rng).ok()
            });
        let Some(opened) = opened else {
            return self.unopened(turn, arrival, purpose).await;
        };
        let Some(stranger) = read_stranger(&opened.content, &me, &arrival.message) else {
            return Ok(());
        };
        let Stranger {
            chain,
            package,
            event,
        } = stranger;
        let (name, mailbox, text) = match event.body() {
            Ok(Body::FirstContact {
                name,
                mailbox,
                text,
            }) => (name, mailbox, Some(text)),
            Ok(Body::Reintroduction { name, mailbox }) => (name, mailbox, None),
            _ => return Ok(()),
        };
        let them = chain.identity();
        let known = self.find_contact(&them).map(|contact| contact.number);
        let is_theirs = match purpose {
            Some(Purpose::Strangers) => true,
            // A contact's mailbox is theirs alone.
            Some(Purpose::Contact(number)) => known == Some(number),
            None => known.is_some(),
        };
        if !is_theirs {
            return Ok(());
        }
        let seen = match purpose {
            Some(Purpose::Contact(_)) => key::seen(&arrival.mailbox, &arrival.message),
            _ => key::seen_from(&arrival.mailbox, &them, &arrival.message),
        };
        if turn.get::<SeenRow>(&seen).await?.is_some() {
            return Ok(());
        }
        let number = match known {
            Some(number) => number,
            // What is answered could not be read.
            None if !is_of_now(&package, turn.now) => return Ok(()),
            None => {
                self.make_room_for_a_request(turn).await?;
                let number = self.new_number(turn);
                let (state, now) = (ContactState::Asking, arrival.arrived_at);
                let contact = Contact::new(number, chain.clone(), package.clone(), state, now);
                self.contacts.insert(number, contact);
                number
            }
        };
        let Some(contact) = self.contacts.get_mut(&number) else {
            return Ok(());
        };
        turn.put(&seen, &SeenRow { at: turn.now });
        let before = contact.state();
        if before == ContactState::Blocked {
            return Ok(());
        }
        self.learn(turn, number, &chain, Some(package));
        let Some(contact) = self.contacts.get_mut(&number) else {
            return Ok(());
        };
        // What it is now: a chain that came with it may have made them a stranger again.
        let before = contact.state();
        let is_of_chain = contact.chain.number_of(&event.record).is_some();
        if !is_of_chain || contact.too_many_requests() {
            return Ok(());
        }
        // Signed by a key that was replaced since: no key and no mailbox is taken from it. But where the
        // contact's events continue through it, it is not missing.
        if contact.chain.replaced(&event.record).is_some() {
            let continues = text.is_none()
                && matches!(before, ContactState::Asked | ContactState::Accepted)
                && may_speak(&event, &contact.chain, arrival.arrived_at, turn.now);
            if continues {
                self.add_event(turn, number, &event, None).await?;
            }
            return Ok(());
        }
        contact.add_pairing(PairingRow {
            pairing: opened.pairing,
            r1: Bytes(opened.r1.to_vec()),
            r2: None,
            initiated: false,
            acceptance: None,
            at: turn.now,
            outdated: None,
        });
        if matches!(before, ContactState::Resolved | ContactState::Asking) {
            contact.set_state(ContactState::Asking);
            let text = text.clone().unwrap_or_default();
            contact.row.request.get_or_insert(text);
        }
        contact.save(turn);
        if text.is_none() {
            contact.begin_late(&event);
        }
        let asked = text.is_some();
        let shown = text.map(BodyView::Text);
        let newest = self.add_event(turn, number, &event, shown).await?;
        self.named(turn, number, &event, newest, &name);
        self.reachable_at(turn, number, &event, newest, mailbox);
        // We asked them too, or agreed before they lost what they had: nobody needs to be asked again.
        if matches!(before, ContactState::Asked | ContactState::Accepted) {
            self.settle(turn, number).await?;
            if asked {
                self.owe_receipt(turn, number, arrival.message);
            }
        }
        Ok(())
    }

    async fn unopened<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        arrival: &Arrival<'_>,
        purpose: Option<Purpose>,
    ) -> Result<(), StoreError> {
        match purpose {
            Some(_) => self.unreadable(turn, arrival).await,
            None => self.lost(turn, arrival).await,
        }
    }

    /// Counts what could not be opened and is of nobody known, once. It is not noted as the message whose id it came under: one of our
    /// nodes can leave there what nobody can read, and the message itself comes from another one.
    pub(crate) async fn unreadable<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        arrival: &Arrival<'_>,
    ) -> Result<(), StoreError> {
        let seen = key::unreadable(&arrival.mailbox, &arrival.message);
        if turn.get::<SeenRow>(&seen).await?.is_none() {
            let count = self.own.row.unreadable.unwrap_or_default();
            self.own.row.unreadable = Some(count.saturating_add(1));
            self.own.save(turn);
            turn.app_changed();
            turn.put(&seen, &SeenRow { at: turn.now });
        }
        Ok(())
    }

    async fn settle<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Result<(), StoreError> {
        stored(self.answer_request(turn, number))?;
        stored(self.send_kept(turn, number).await)
    }

    pub(crate) async fn receive_lane<S: Store>(
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
        let mut pairings = contact.row.pairings.iter_mut();
        let pairing = pairings.find(|row| row.pairing == proven)?;
        if pairing.outdated.unwrap_or_default() {
            return Some((content, true));
        }
        contact.row.epoch_sent = contact.row.epoch_sent.max(epoch);
        contact.row.record_known = contact.row.record_known.max(record);
        if r2.is_some() {
            pairing.r2 = r2;
        }
        pairing.acceptance = None;
        pairing.at = turn.now;
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
                self.named(turn, number, event, newest, &name);
                self.reachable_at(turn, number, event, newest, mailbox);
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
    fn named(
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
    fn reachable_at(
        &mut self,
        turn: &mut Turn<'_, impl Store>,
        number: ContactNumber,
        event: &Event,
        newest: bool,
        mailbox: MailboxId,
    ) {
        if let Some(contact) = self.contacts.get_mut(&number)
            && (newest || event.sent_at > contact.row.theirs_at.unwrap_or_default())
        {
            contact.row.theirs_at = Some(event.sent_at);
            contact.row.theirs = Some(mailbox);
            contact.save(turn);
        }
    }

    /// Puts an event in its place and shows what it says, what is missing before it and whether its chain broke.
    /// Whether it is the newest of its device.
    pub(crate) async fn add_event<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        event: &Verified<Event>,
        shown: Option<BodyView>,
    ) -> Result<bool, StoreError> {
        self.add_reply(turn, number, event, shown, None).await
    }

    /// As [`Self::add_event`], of an event that answers another.
    async fn add_reply<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        event: &Verified<Event>,
        shown: Option<BodyView>,
        reply: Option<MessageId>,
    ) -> Result<bool, StoreError> {
        // What was said again, because it was thought lost, is shown once.
        let message = key::message(number, By::Them, &event.message_id);
        let again = turn.get::<PlaceRow>(&message).await?.is_some();
        let shown = shown.filter(|_| !again);
        let Some(contact) = self.contacts.get_mut(&number) else {
            return Ok(false);
        };
        contact.presence.heard(turn.now, shown.is_some());
        let mut next = contact.conversation.next;
        let Some(chain) = contact.device_chain(event.device) else {
            return Ok(false);
        };
        let newest = event.counter > chain.counter;
        let is_missing = |missing: &MissingRow| missing.counter == event.counter;
        if !newest && !chain.missing.iter().any(is_missing) {
            // Handed over again to another mailbox, because we gave the contact that one meanwhile. This time is noted already.
            let mut times = 0_usize;
            for (mailbox, purpose) in self.mailboxes.of_or_strangers(number) {
                let seen = match purpose {
                    Purpose::Contact(_) => key::seen(&mailbox, &event.message_id),
                    Purpose::Strangers => {
                        key::seen_from(&mailbox, &event.sender, &event.message_id)
                    }
                };
                let seen = turn.get::<SeenRow>(&seen).await?;
                times = times.saturating_add(usize::from(seen.is_some()));
            }
            if times > 1 {
                return Ok(false);
            }
        }
        let before = sequence::gaps(chain);
        let link = Link {
            counter: event.counter,
            previous: event.previous,
            hash: event.hash(),
        };
        let Placed {
            position,
            fits,
            forgotten,
        } = sequence::place(chain, link, &mut next);
        let after = sequence::gaps(chain);
        contact.conversation.next = next;

        let stored_at = turn.now;
        let notice = Origin {
            id: MessageId::from_bytes([0; 16]),
            mine: false,
            sent_at: stored_at,
            stored_at,
        };
        let gap = |missing| entry::to_row(notice, &BodyView::Gap { missing }, None);
        for (at, missing) in before.iter().filter(|run| !after.contains(run)) {
            turn.delete_entry(number, *at, &gap(*missing));
            contact.hide(turn, *at).await?;
        }
        for (at, missing) in after.iter().filter(|run| !before.contains(run)) {
            contact.insert(turn, *at, &gap(*missing));
        }
        let expires_at = event.expires_at(stored_at);
        let expired = expires_at.is_some_and(|at| at <= stored_at);
        let told = shown.is_some();
        if let Some(body) = shown {
            let body = if expired { BodyView::Expired } else { body };
            let id = event.message_id;
            let origin = Origin {
                id,
                mine: false,
                sent_at: event.sent_at,
                stored_at,
            };
            let mut row = entry::to_row(origin, &body, None);
            row.reply = reply.filter(|_| !expired);
            row.expires_at = expires_at.filter(|_| !expired);
            contact.insert(turn, position, &row);
            let message = key::message(number, By::Them, &id);
            turn.put(
                &message,
                &PlaceRow {
                    contact: number,
                    position,
                },
            );
            if !expired {
                turn.put(
                    &message,
                    &EventRow {
                        event: Bytes(event.bytes().to_vec()),
                    },
                );
            }
        }
        if forgotten > 0 {
            contact.append(turn, &gap(forgotten));
        }
        if !fits {
            contact.append(turn, &entry::to_row(notice, &BodyView::Broken, None));
        }
        contact.save_conversation(turn);
        if told {
            self.expires(expires_at.filter(|_| !expired));
            self.apply_waiting(turn, number, &event.message_id, position)
                .await?;
        }
        Ok(newest)
    }

    /// Shows that something came that cannot be opened; many in a row are shown once.
    async fn cannot_open<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        arrival: &Arrival<'_>,
    ) -> Result<(), StoreError> {
        let Some(contact) = self.contacts.get_mut(&number) else {
            return Ok(());
        };
        let origin = Origin {
            id: arrival.message,
            mine: false,
            sent_at: arrival.arrived_at,
            stored_at: turn.now,
        };
        let row = entry::to_row(origin, &BodyView::CannotOpen, None);
        let last: Position = contact.conversation.next.saturating_sub(1);
        let last = turn.get::<EntryRow>(&key::entry(number, last)).await?;
        if last.is_none_or(|last| last.kind != row.kind) {
            contact.append(turn, &row);
            contact.save_conversation(turn);
        }
        self.heal(turn, number);
        Ok(())
    }
}

struct Stranger {
    chain: Chain,
    package: Verified<KeyPackage>,
    event: Verified<Event>,
}

fn read_stranger(content: &[u8], me: &IdentityId, message: &MessageId) -> Option<Stranger> {
    let content = Content::parse(content).ok()?;
    let chain = Chain::verify(&content.records?).ok()?;
    let package = verify_key_package(&content.key_package?.0, &chain).ok()?;
    let event = Event::verify(&content.event.0, &chain, me, message).ok()?;
    Some(Stranger {
        chain,
        package,
        event,
    })
}

/// The chain that records in a message stand for: they take up the pinned one somewhere.
fn branch(pinned: &Chain, records: &[Bytes]) -> Option<Chain> {
    let first = Signed::<Record>::parse(&records.first()?.0).ok()?;
    pinned.branch(first.unverified().number, records).ok()
}

/// Only the store's failures stop the reading of mail; a refusal here is a state that somebody else caused.
fn stored(done: Result<(), Refusal>) -> Result<(), StoreError> {
    match done {
        Err(Refusal::Store(error)) => Err(error),
        Ok(()) | Err(Refusal::Request(_)) => Ok(()),
    }
}
