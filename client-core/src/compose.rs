//! Writing: from what a person says to an envelope in the outbox.

use shared_crypto::cbor::Bytes;
use shared_crypto::envelope::{seal_acceptance, seal_first_contact, seal_lane};
use shared_crypto::event::{Body, Content, Event, MAX_TEXT, Name, conversation_of};
use shared_crypto::id::MessageId;
use shared_crypto::signed::{Signed, Verified, sign};

use crate::entry::{self, Origin};
use crate::outbox::Shown;
use crate::own_code;
use crate::ready::Ready;
use crate::request::Failure;
use crate::rows::key::By;
use crate::rows::{EntryRow, EventRow, PairingRow, PlaceRow, SealedRow, key};
use crate::store::{Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{BodyView, ContactNumber, ContactState, DeliveryView, Position};

/// Most bytes of our records in one message.
const MAX_NEWS: usize = 40_000;

/// A request was refused, or the store failed.
pub(crate) enum Refusal {
    Request(Failure),
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Request(failure)
    }
}

type Done = Result<(), Refusal>;

impl Ready {
    /// Sends the first message to somebody who was looked up.
    pub(crate) async fn ask_contact<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
        text: &str,
    ) -> Done {
        check_text(text)?;
        if turn
            .get::<PlaceRow>(&key::message(number, By::Us, &id))
            .await?
            .is_some()
        {
            return Ok(());
        }
        self.in_state(number, &[ContactState::Resolved])?;
        self.say_first(turn, number, id, text)?;
        self.add_own_entry(turn, number, id, text, &DeliveryView::Waiting)?;
        let contact = self.contact_mut(number)?;
        contact.set_state(ContactState::Asked);
        contact.save(turn);
        Ok(())
    }

    /// Signs a first contact and puts it into the outbox.
    fn say_first<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
        text: &str,
    ) -> Done {
        let mailbox = self.mailbox_for(turn, number)?;
        let name = Name::parse(&self.own.row.name).map_err(|_| Failure::BadName)?;
        let body = Body::FirstContact {
            name,
            mailbox,
            text: text.to_owned(),
        };
        self.say(turn, number, id, body, Shown::Entry)
    }

    /// Sends a text, or keeps it until the request is accepted.
    pub(crate) async fn send_text<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
        text: &str,
    ) -> Done {
        self.send_said(turn, number, id, text, None).await
    }

    /// Sends a text that answers the message at a place.
    pub(crate) async fn send_reply<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
        text: &str,
        to: Position,
    ) -> Done {
        let answered = turn.get::<EntryRow>(&key::entry(number, to)).await?;
        // Forgotten while the answer was written: it stands for itself then.
        let answered = answered.filter(entry::is_text).map(|row| row.id);
        self.send_said(turn, number, id, text, answered).await
    }

    async fn send_said<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
        text: &str,
        reply: Option<MessageId>,
    ) -> Done {
        check_text(text)?;
        if turn
            .get::<PlaceRow>(&key::message(number, By::Us, &id))
            .await?
            .is_some()
        {
            return Ok(());
        }
        match self.in_state(number, &[ContactState::Accepted, ContactState::Asked])? {
            ContactState::Accepted => {
                let body = said(text.to_owned(), reply);
                self.say(turn, number, id, body, Shown::Entry)?;
                self.add_own_reply(turn, number, id, text, &DeliveryView::Waiting, reply)
            }
            _ => {
                let kept = DeliveryView::WaitingForAcceptance;
                self.add_own_reply(turn, number, id, text, &kept, reply)
            }
        }
    }

    /// Accepts a stranger's request.
    pub(crate) async fn accept<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Done {
        let allowed = [ContactState::Asking, ContactState::Accepted];
        if self.in_state(number, &allowed)? == ContactState::Accepted {
            return Ok(());
        }
        self.answer_request(turn, number)?;
        let all = key::entries(number, 0, Position::MAX);
        for (_, row) in turn
            .scan::<EntryRow>(&all, Order::Ascending, usize::MAX)
            .await?
        {
            if entry::counts(&row) {
                self.owe_receipt(turn, number, row.id);
            }
        }
        self.send_kept(turn, number).await
    }

    /// Answers the newest pairing of a contact that asked: from here on both can talk.
    pub(crate) fn answer_request<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Done {
        let r2: [u8; 32] = turn.random();
        let contact = self.contact_mut(number)?;
        let renews = contact.state() == ContactState::Accepted;
        let acceptance = seal_acceptance(&r2, contact.chain.sealing_key(), turn.rng)
            .map_err(|error| internal(&error))?;
        let open = contact
            .row
            .pairings
            .iter_mut()
            .rev()
            .find(|pairing| !pairing.initiated && !pairing.outdated.unwrap_or_default());
        let pairing = open.ok_or(Failure::WrongState)?;
        pairing.r2 = Some(Bytes(r2.to_vec()));
        pairing.acceptance = Some(Bytes(acceptance));
        pairing.at = turn.now;
        contact.set_state(ContactState::Accepted);
        contact.row.request = None;
        let ours = self.mailbox_for(turn, number)?;
        let name = Name::parse(&self.own.row.name).map_err(|_| Failure::BadName)?;
        let id = MessageId::from_bytes(turn.random());
        self.say(
            turn,
            number,
            id,
            Body::Acceptance {
                name,
                mailbox: ours,
            },
            Shown::Quietly,
        )?;
        let origin = Origin {
            id,
            mine: true,
            sent_at: turn.now,
            stored_at: turn.now,
        };
        let row = entry::to_row(origin, &BodyView::Connected, None);
        let contact = self.contact_mut(number)?;
        // Between those who talk already it is no news.
        if !renews {
            contact.append(turn, &row);
        }
        contact.save(turn);
        contact.save_conversation(turn);
        Ok(())
    }

    /// Sends what was typed before the request was accepted, in order.
    pub(crate) async fn send_kept<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Done {
        let all = key::entries(number, 0, Position::MAX);
        for (_, row) in turn
            .scan::<EntryRow>(&all, Order::Ascending, usize::MAX)
            .await?
        {
            if entry::delivery(&row) != Some(DeliveryView::WaitingForAcceptance) {
                continue;
            }
            let Some(text) = row.text else { continue };
            let delivery = match self.say(turn, number, row.id, said(text, row.reply), Shown::Entry)
            {
                Ok(()) => DeliveryView::Waiting,
                Err(Refusal::Request(_)) => DeliveryView::Failed {
                    code: own_code::WRONG_STATE.to_owned(),
                },
                Err(store) => return Err(store),
            };
            self.set_delivery(turn, number, &row.id, &delivery).await?;
        }
        Ok(())
    }

    /// Sends a failed message again: the same event, sealed anew. If it failed because they took back the mailbox
    /// that we had, it asks anew.
    pub(crate) async fn retry<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
    ) -> Done {
        let message = key::message(number, By::Us, &id);
        let place = turn
            .get::<PlaceRow>(&message)
            .await?
            .ok_or(Failure::NotFound)?;
        let entry_key = key::entry(number, place.position);
        let mut row = turn
            .get::<EntryRow>(&entry_key)
            .await?
            .filter(|row| row.id == id)
            .ok_or(Failure::NotFound)?;
        let Some(DeliveryView::Failed { code }) = entry::delivery(&row) else {
            return Err(Failure::WrongState.into());
        };
        let state = self.in_state(number, &[ContactState::Asked, ContactState::Accepted])?;
        if let Some(delivery) = self.contact_mut(number)?.delivery().cloned() {
            self.nodes.forget(&delivery.node);
        }
        let stored = turn.get::<EventRow>(&message).await?;
        let revoked = code == "unknown_mailbox" && state == ContactState::Accepted;
        match (stored, &row.text) {
            (Some(stored), _) if !revoked => {
                self.enqueue(turn, number, id, &stored.event.0, Shown::Entry);
            }
            (_, Some(text)) => {
                let text = text.clone();
                turn.delete::<PlaceRow>(&message);
                turn.delete::<EventRow>(&message);
                row.id = MessageId::from_bytes(turn.random());
                turn.put(&key::message(number, By::Us, &row.id), &place);
                match state {
                    ContactState::Accepted if !revoked => {
                        let body = said(text, row.reply);
                        self.say(turn, number, row.id, body, Shown::Entry)?;
                    }
                    _ => self.say_first(turn, number, row.id, &text)?,
                }
            }
            _ => return Err(Failure::NotFound.into()),
        }
        entry::set_delivery(&mut row, &DeliveryView::Waiting);
        turn.put_entry(number, place.position, &row);
        self.contact_mut(number)?.show(place.position, &row);
        turn.app_changed();
        Ok(())
    }

    /// Tells somebody whom we know, or who knew us, who we are and where to answer, and begins a new pair secret.
    pub(crate) fn reintroduce<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Done {
        let mailbox = self.mailbox_for(turn, number)?;
        let name = Name::parse(&self.own.row.name).map_err(|_| Failure::BadName)?;
        let id = MessageId::from_bytes(turn.random());
        let body = Body::Reintroduction { name, mailbox };
        self.say(turn, number, id, body, Shown::Quietly)
    }

    /// Signs an event and puts it into the outbox; keeps it when an entry shows it.
    pub(crate) fn say<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
        body: Body,
        shown: Shown,
    ) -> Done {
        let event = self.make_event(turn, number, id, body)?;
        if shown == Shown::Entry {
            let row = EventRow {
                event: Bytes(event.bytes().to_vec()),
            };
            turn.put(&key::message(number, By::Us, &id), &row);
        }
        self.enqueue(turn, number, id, event.bytes(), shown);
        Ok(())
    }

    fn make_event<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
        body: Body,
    ) -> Result<Verified<Event>, Refusal> {
        let me = self.own.identity();
        let contact = self.contacts.get_mut(&number).ok_or(Failure::NotFound)?;
        let recipient = contact.identity();
        let counter = contact.conversation.counter.saturating_add(1);
        let kind = body.kind();
        let forgettable = matches!(
            body,
            Body::Text(_) | Body::Reply { .. } | Body::FirstContact { .. }
        );
        let lifetime = contact.conversation.timer.filter(|_| forgettable);
        let body = body.to_bytes().map_err(|error| internal(&error))?;
        let event = Event {
            sender: me,
            record: self.own.chain.head(),
            recipient,
            conversation: conversation_of(&me, &recipient),
            device: self.own.row.device,
            counter,
            previous: contact.conversation.previous,
            sent_at: turn.now,
            message_id: id,
            kind,
            body: Bytes(body),
            lifetime,
        };
        let event = sign(event, &self.own.signing, turn.rng).map_err(|error| internal(&error))?;
        contact.conversation.counter = counter;
        contact.conversation.previous = event.hash();
        let before = contact.conversation.spoke_at.unwrap_or_default();
        contact.conversation.spoke_at = Some(before.max(turn.now));
        contact.save_conversation(turn);
        Ok(event)
    }

    /// Seals an event of ours to a contact as it is known now.
    pub(crate) fn seal_event<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        event: &[u8],
    ) -> Result<SealedRow, Refusal> {
        let damaged = StoreError::Damaged("outbox");
        let event = Signed::<Event>::parse(event).map_err(|_| damaged.clone())?;
        // The key may have been replaced since it was said.
        let key = self.own.chain.signing_key_of(&event.unverified().record);
        let key = key.ok_or_else(|| damaged.clone())?;
        let event = event.verify(key).map_err(|_| damaged)?;
        match event.body() {
            Ok(Body::FirstContact { .. } | Body::Reintroduction { .. }) => {
                self.seal_first(turn, number, &event)
            }
            _ => self.seal_later(turn, number, &event),
        }
    }

    fn seal_first<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        event: &Verified<Event>,
    ) -> Result<SealedRow, Refusal> {
        let package = self.own.package().ok_or(Failure::NoIdentity)?;
        let epoch = package.epoch;
        let content = Content {
            event: Bytes(event.bytes().to_vec()),
            key_package: Some(Bytes(package.bytes().to_vec())),
            records: Some(self.own.records()),
        };
        let contact = self.contact_mut(number)?;
        let delivery = contact
            .delivery()
            .cloned()
            .ok_or(Failure::IdentityInvalid)?;
        // Somebody who has given us a mailbox wants no postage.
        let known = contact
            .row
            .theirs
            .filter(|_| matches!(event.body(), Ok(Body::Reintroduction { .. })));
        let mailbox = known.unwrap_or(delivery.intro);
        let sealed = seal_first_contact(
            &content.to_bytes(),
            &contact.identity(),
            &mailbox,
            contact.package.as_ref().ok_or(Failure::WrongState)?,
            contact.chain.sealing_key(),
            turn.rng,
        )
        .map_err(|error| internal(&error))?;
        contact.add_pairing(PairingRow {
            pairing: sealed.pairing,
            r1: Bytes(sealed.r1.to_vec()),
            r2: None,
            initiated: true,
            acceptance: None,
            at: turn.now,
            outdated: None,
        });
        contact.row.epoch_sent = epoch;
        contact.save(turn);
        Ok(SealedRow {
            mailbox,
            envelope: Bytes(sealed.envelope),
            intro: known.is_none(),
        })
    }

    fn seal_later<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        event: &Verified<Event>,
    ) -> Result<SealedRow, Refusal> {
        let me = self.own.identity();
        let package = self.own.package().ok_or(Failure::NoIdentity)?;
        let (epoch, package) = (package.epoch, package.bytes().to_vec());
        let contact = self.contacts.get_mut(&number).ok_or(Failure::NotFound)?;
        let lacking = self
            .own
            .records_from(contact.row.record_known.saturating_add(1));
        let size: usize = lacking.iter().map(|record| record.0.len()).sum();
        // Who was away for so many records looks them up.
        let records = (!lacking.is_empty() && size <= MAX_NEWS).then_some(lacking);
        let mailbox = contact.row.theirs.ok_or(Failure::WrongState)?;
        let pairing = contact
            .sending_pairing()
            .cloned()
            .ok_or(Failure::WrongState)?;
        let pair = contact
            .pair_secret(&me, &pairing)
            .ok_or(Failure::WrongState)?;
        // Records that overrule others may leave them without a key package of ours that they can use.
        let recovered = records.is_some()
            && (self.own.chain).has_recovery(contact.row.record_known.saturating_add(1));
        let news = (contact.row.epoch_sent < epoch || recovered).then_some(Bytes(package));
        if news.is_some() {
            contact.row.epoch_sent = epoch;
            contact.save(turn);
        }
        let event = Bytes(event.bytes().to_vec());
        let content = Content {
            event,
            key_package: news,
            records,
        };
        let envelope = seal_lane(
            &content.to_bytes(),
            &me,
            &contact.identity(),
            &mailbox,
            contact.package.as_ref().ok_or(Failure::WrongState)?,
            &pair,
            pairing.acceptance.as_ref().map(Bytes::as_slice),
            turn.rng,
        )
        .map_err(|error| internal(&error))?;
        Ok(SealedRow {
            mailbox,
            envelope: Bytes(envelope),
            intro: false,
        })
    }

    fn add_own_entry<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
        text: &str,
        delivery: &DeliveryView,
    ) -> Done {
        self.add_own_reply(turn, number, id, text, delivery, None)
    }

    fn add_own_reply<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
        text: &str,
        delivery: &DeliveryView,
        reply: Option<MessageId>,
    ) -> Done {
        let origin = Origin {
            id,
            mine: true,
            sent_at: turn.now,
            stored_at: turn.now,
        };
        let mut row = entry::to_row(origin, &BodyView::Text(text.to_owned()), Some(delivery));
        entry::note_time(&mut row, turn.now);
        row.reply = reply;
        let contact = self.contact_mut(number)?;
        row.expires_at = contact
            .conversation
            .timer
            .map(|seconds| turn.now.saturating_add(seconds.saturating_mul(1_000)));
        let expires_at = row.expires_at;
        let position = contact.append(turn, &row);
        contact.conversation.draft.clear();
        contact.save_conversation(turn);
        let place = PlaceRow {
            contact: number,
            position,
        };
        turn.put(&key::message(number, By::Us, &id), &place);
        self.expires(expires_at);
        Ok(())
    }

    /// Our mailbox for a contact's mail, made when there is none.
    fn mailbox_for<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Result<shared_crypto::id::MailboxId, Refusal> {
        let contact = self.contacts.get_mut(&number).ok_or(Failure::NotFound)?;
        if let Some(mailbox) = contact.row.ours {
            return Ok(mailbox);
        }
        let mailbox = self.mailboxes.make(turn, number);
        contact.row.ours = Some(mailbox);
        contact.save(turn);
        self.tell_mailboxes(turn);
        Ok(mailbox)
    }

    /// Notes how far a message got, even if that is further back.
    pub(crate) async fn put_delivery<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: &MessageId,
        delivery: &DeliveryView,
    ) -> Result<(), StoreError> {
        let message = key::message(number, By::Us, id);
        let Some(place) = turn.get::<PlaceRow>(&message).await? else {
            return Ok(());
        };
        let entry_key = key::entry(number, place.position);
        let row = turn.get::<EntryRow>(&entry_key).await?;
        let Some(mut row) = row.filter(|row| row.id == *id) else {
            return Ok(());
        };
        entry::set_delivery(&mut row, delivery);
        turn.put_entry(number, place.position, &row);
        if let Some(contact) = self.contacts.get_mut(&number) {
            contact.show(place.position, &row);
            turn.app_changed();
        }
        Ok(())
    }

    /// Notes how far a message got, if that is news.
    pub(crate) async fn set_delivery<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: &MessageId,
        delivery: &DeliveryView,
    ) -> Result<(), StoreError> {
        let Some(place) = turn
            .get::<PlaceRow>(&key::message(number, By::Us, id))
            .await?
        else {
            return Ok(());
        };
        let entry_key = key::entry(place.contact, place.position);
        // What was deleted since has its place under the id of the wish that it be.
        let row = turn.get::<EntryRow>(&entry_key).await?;
        let Some(mut row) = row.filter(|row| row.id == *id) else {
            return Ok(());
        };
        let current = entry::delivery(&row);
        let kept = current == Some(DeliveryView::WaitingForAcceptance);
        let news = current.is_some_and(|current| entry::is_progress(&current, delivery)) || kept;
        if place.contact != number || !row.mine || !news {
            return Ok(());
        }
        entry::set_delivery(&mut row, delivery);
        entry::note_time(&mut row, turn.now);
        turn.put_entry(number, place.position, &row);
        if let Some(contact) = self.contacts.get_mut(&number) {
            contact.show(place.position, &row);
            turn.app_changed();
        }
        Ok(())
    }
}

fn said(text: String, reply: Option<MessageId>) -> Body {
    match reply {
        Some(to) => Body::Reply { text, to },
        None => Body::Text(text),
    }
}

pub(crate) fn check_text(text: &str) -> Result<(), Failure> {
    if text.trim().is_empty() {
        return Err(Failure::EmptyText);
    }
    if text.len() > MAX_TEXT {
        let limit = u32::try_from(MAX_TEXT).unwrap_or(u32::MAX);
        return Err(Failure::TextTooLong { limit });
    }
    Ok(())
}

pub(crate) fn internal(error: &impl core::fmt::Display) -> Failure {
    Failure::Internal {
        detail: error.to_string(),
    }
}
