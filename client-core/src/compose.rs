//! Writing: from what a person says to an envelope in the outbox.

mod sealing;

use shared_crypto::cbor::Bytes;
use shared_crypto::envelope::seal_acceptance;
use shared_crypto::event::{Body, MAX_TEXT, Name};
use shared_crypto::id::{MessageId, Pass};

use crate::entry::{self, Origin};
use crate::outbox::Shown;
use crate::own_code;
use crate::ready::Ready;
use crate::request::Failure;
use crate::rows::key::By;
use crate::rows::{EntryRow, EventRow, PlaceRow, key};
use crate::store::{Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{BodyView, ContactNumber, ContactState, DeliveryView, Position};

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
            pass: self.contact_mut(number)?.row.pass,
        };
        self.say(turn, number, id, body, Shown::Entry)?;
        let contact = self.contact_mut(number)?;
        contact.row.asked = Some(id);
        contact.save(turn);
        Ok(())
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
                give_new_id(turn, number, &place, &mut row);
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
        self.show_waiting(turn, number, &place, row)
    }

    /// Somebody whom we asked gave us a link: they are asked again by it, since by another they may not have heard us.
    pub(crate) async fn ask_by<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        pass: Pass,
    ) -> Done {
        self.in_state(number, &[ContactState::Asked])?;
        let contact = self.contact_mut(number)?;
        if contact.row.pass == Some(pass) {
            return Ok(());
        }
        contact.row.pass = Some(pass);
        contact.save(turn);
        // What was deleted here since is not said again.
        let Some(asked) = contact.row.asked else {
            return Ok(());
        };
        let message = key::message(number, By::Us, &asked);
        let Some(place) = turn.get::<PlaceRow>(&message).await? else {
            return Ok(());
        };
        let entry = key::entry(number, place.position);
        let row = turn.get::<EntryRow>(&entry).await?;
        let Some(mut row) = row.filter(|row| row.id == asked) else {
            return Ok(());
        };
        let Some(text) = row.text.clone() else {
            return Ok(());
        };
        give_new_id(turn, number, &place, &mut row);
        self.say_first(turn, number, row.id, &text)?;
        self.show_waiting(turn, number, &place, row)
    }

    fn show_waiting<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        place: &PlaceRow,
        mut row: EntryRow,
    ) -> Done {
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

    /// Whether an entry shows a message of ours.
    pub(crate) async fn is_shown<S: Store>(
        &self,
        turn: &Turn<'_, S>,
        number: ContactNumber,
        id: &MessageId,
    ) -> Result<bool, StoreError> {
        let place = key::message(number, By::Us, id);
        let Some(place) = turn.get::<PlaceRow>(&place).await? else {
            return Ok(false);
        };
        let entry = key::entry(number, place.position);
        Ok(turn.get::<EntryRow>(&entry).await?.is_some())
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

/// Has an entry stand for another message, which is said in the place of the one of before.
fn give_new_id<S: Store>(
    turn: &mut Turn<'_, S>,
    number: ContactNumber,
    place: &PlaceRow,
    row: &mut EntryRow,
) {
    let before = key::message(number, By::Us, &row.id);
    turn.delete::<PlaceRow>(&before);
    turn.delete::<EventRow>(&before);
    row.id = MessageId::from_bytes(turn.random());
    turn.put(&key::message(number, By::Us, &row.id), place);
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
