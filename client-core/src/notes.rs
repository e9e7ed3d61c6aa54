//! What is said of messages: signs under them, other texts for them, the wish that they be forgotten.
//!
//! Each is an event of its own and may overtake the message that it names; then it waits for it. Only the author
//! of a message changes or deletes it, and nothing brings a deleted or forgotten one back.

use shared_crypto::cbor::Bytes;
use shared_crypto::event::{Body, Event, MAX_REACTION};
use shared_crypto::id::MessageId;
use shared_crypto::signed::Verified;

use crate::compose::{Refusal, check_text, internal};
use crate::entry;
use crate::outbox::Shown;
use crate::ready::Ready;
use crate::request::Failure;
use crate::rows::key::By;
use crate::rows::{
    EntryRow, EventRow, PlaceRow, ReactionRow, VersionRow, WaitingNoteRow, WaitingNotesRow, key,
};
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, DeliveryView, Millis, Position};

/// Earlier texts of a message that are kept.
const MAX_VERSIONS: usize = 20;

/// Notes that wait for one message.
const MAX_WAITING: usize = 16;

/// Something said of a message.
enum Note {
    Reaction(String),
    Edit(String),
    Delete,
}

/// The message that a body names, and what it says of it.
fn read(body: Body) -> Option<(MessageId, Note)> {
    match body {
        Body::Reaction { to, sign } => Some((to, Note::Reaction(sign))),
        Body::Edit { of, text } => Some((of, Note::Edit(text))),
        Body::Delete { of } => Some((of, Note::Delete)),
        _ => None,
    }
}

impl Ready {
    /// Puts a sign under a message, or takes it back.
    pub(crate) async fn react<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        to: Position,
        sign: String,
    ) -> Result<(), Refusal> {
        if sign.len() > MAX_REACTION {
            let limit = u32::try_from(MAX_REACTION).unwrap_or(u32::MAX);
            return Err(Failure::TextTooLong { limit }.into());
        }
        let row = self.text_at(turn, number, to).await?;
        let mut reactions = row.reactions.iter().flatten();
        let current = reactions
            .find(|reaction| reaction.mine)
            .map_or("", |reaction| &reaction.sign);
        if current == sign {
            return Ok(());
        }
        self.in_state(number, &[ContactState::Accepted])?;
        let body = Body::Reaction {
            to: row.id,
            sign: sign.clone(),
        };
        self.say_quietly(turn, number, body)?;
        let now = turn.now;
        self.note(turn, number, to, By::Us, Note::Reaction(sign), now)
            .await?;
        Ok(())
    }

    /// Gives an own message another text.
    pub(crate) async fn edit<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        of: Position,
        text: String,
    ) -> Result<(), Refusal> {
        check_text(&text)?;
        let row = self.text_at(turn, number, of).await?;
        if !row.mine {
            return Err(Failure::WrongState.into());
        }
        if row.text.as_ref() == Some(&text) {
            return Ok(());
        }
        // What they have not been sent yet is simply another text.
        if entry::delivery(&row) != Some(DeliveryView::WaitingForAcceptance) {
            self.in_state(number, &[ContactState::Accepted])?;
            let body = Body::Edit {
                of: row.id,
                text: text.clone(),
            };
            self.say_quietly(turn, number, body)?;
        }
        let now = turn.now;
        self.note(turn, number, of, By::Us, Note::Edit(text), now)
            .await?;
        Ok(())
    }

    /// Deletes an own message here, and asks that it be deleted there. What stands in its place shows how far
    /// that wish got.
    pub(crate) async fn delete<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        of: Position,
    ) -> Result<(), Refusal> {
        let place = key::entry(number, of);
        let mut row = turn
            .get::<EntryRow>(&place)
            .await?
            .ok_or(Failure::NotFound)?;
        if entry::is_deleted(&row) {
            return Ok(());
        }
        if !row.mine || !entry::is_text(&row) {
            return Err(Failure::WrongState.into());
        }
        let unsent = entry::delivery(&row) == Some(DeliveryView::WaitingForAcceptance);
        if unsent || self.in_state(number, &[ContactState::Accepted]).is_err() {
            return self.forget(turn, number, of).await;
        }
        let id = MessageId::from_bytes(turn.random());
        self.say(turn, number, id, Body::Delete { of: row.id }, Shown::Entry)?;
        let was = key::message(number, By::Us, &row.id);
        // Its place stays known, so that no other copy of the conversation brings it back.
        turn.delete::<EventRow>(&was);
        entry::to_deleted(&mut row);
        row.id = id;
        entry::set_delivery(&mut row, &DeliveryView::Waiting);
        let place = PlaceRow {
            contact: number,
            position: of,
        };
        turn.put(&key::message(number, By::Us, &id), &place);
        self.show_changed(turn, number, of, &row).await?;
        self.contact_mut(number)?.forget_edit(turn, of);
        Ok(())
    }

    /// Deletes a message here only.
    pub(crate) async fn forget<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        of: Position,
    ) -> Result<(), Refusal> {
        self.contact_mut(number)?;
        let place = key::entry(number, of);
        let Some(row) = turn.get::<EntryRow>(&place).await? else {
            return Ok(());
        };
        let by = if row.mine { By::Us } else { By::Them };
        turn.delete::<EventRow>(&key::message(number, by, &row.id));
        turn.delete_entry(number, of, &row);
        let contact = self.contact_mut(number)?;
        contact.hide(turn, of).await?;
        contact.count_unread(turn).await?;
        if entry::has_failed(&row) {
            self.ask_anew(turn, number, &row.id);
        }
        turn.app_changed();
        Ok(())
    }

    /// Takes what the other person said of a message.
    pub(crate) async fn noted<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        event: &Verified<Event>,
        body: Body,
    ) -> Result<(), StoreError> {
        let (kind, bytes) = (event.kind, &event.body);
        let Some((target, note)) = read(body) else {
            return Ok(());
        };
        let deletes = matches!(note, Note::Delete);
        let theirs = key::message(number, By::Them, &target);
        let mut place = turn.get::<PlaceRow>(&theirs).await?;
        if place.is_none() && matches!(note, Note::Reaction(_)) {
            let ours = key::message(number, By::Us, &target);
            place = turn.get::<PlaceRow>(&ours).await?;
        }
        if let Some(place) = place {
            self.note(turn, number, place.position, By::Them, note, event.sent_at)
                .await?;
            if deletes {
                self.owe_receipt(turn, number, event.message_id);
            }
            return Ok(());
        }
        let mut waiting = turn
            .get::<WaitingNotesRow>(&theirs)
            .await?
            .unwrap_or_default();
        if deletes {
            // Nothing else that was said of it matters any more. It is confirmed, since it is going to be carried out.
            waiting.notes.clear();
            self.owe_receipt(turn, number, event.message_id);
        }
        if waiting.notes.len() < MAX_WAITING {
            waiting.notes.push(WaitingNoteRow {
                kind,
                body: Bytes(bytes.0.clone()),
                sent_at: event.sent_at,
            });
            turn.put(&theirs, &waiting);
        }
        Ok(())
    }

    /// Applies what was said of a message before it arrived.
    pub(crate) async fn apply_waiting<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: &MessageId,
        position: Position,
    ) -> Result<(), StoreError> {
        let message = key::message(number, By::Them, id);
        let Some(waiting) = turn.get::<WaitingNotesRow>(&message).await? else {
            return Ok(());
        };
        turn.delete::<WaitingNotesRow>(&message);
        for row in waiting.notes {
            let body = Body::decode(row.kind, &row.body.0).ok();
            if let Some((_, note)) = body.and_then(read) {
                self.note(turn, number, position, By::Them, note, row.sent_at)
                    .await?;
            }
        }
        Ok(())
    }

    async fn note<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        position: Position,
        by: By,
        note: Note,
        sent_at: Millis,
    ) -> Result<(), StoreError> {
        let place = key::entry(number, position);
        let Some(mut row) = turn.get::<EntryRow>(&place).await? else {
            return Ok(());
        };
        let own = row.mine == (by == By::Us);
        let rewrites = !matches!(note, Note::Reaction(_));
        let applied = entry::is_text(&row)
            && match note {
                Note::Reaction(sign) => react(&mut row, by, sign, sent_at),
                Note::Edit(text) => own && edit(&mut row, text, sent_at),
                Note::Delete => {
                    if own {
                        turn.delete::<EventRow>(&key::message(number, by, &row.id));
                        entry::to_deleted(&mut row);
                    }
                    own
                }
            };
        if applied {
            self.show_changed(turn, number, position, &row).await?;
            if rewrites && let Some(contact) = self.contacts.get_mut(&number) {
                contact.forget_edit(turn, position);
            }
        }
        Ok(())
    }

    /// Stores and shows an entry that is already there in another form.
    async fn show_changed<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        position: Position,
        row: &EntryRow,
    ) -> Result<(), StoreError> {
        turn.put_entry(number, position, row);
        if let Some(contact) = self.contacts.get_mut(&number) {
            contact.show(position, row);
            contact.count_unread(turn).await?;
        }
        turn.app_changed();
        Ok(())
    }

    pub(crate) async fn text_at<S: Store>(
        &self,
        turn: &Turn<'_, S>,
        number: ContactNumber,
        position: Position,
    ) -> Result<EntryRow, Refusal> {
        let row = turn.get::<EntryRow>(&key::entry(number, position)).await?;
        let text = row.filter(entry::is_text).ok_or(Failure::NotFound)?;
        Ok(text)
    }

    /// Says something that no entry shows.
    pub(crate) fn say_quietly<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        body: Body,
    ) -> Result<(), Refusal> {
        body.to_bytes().map_err(|error| internal(&error))?;
        let id = MessageId::from_bytes(turn.random());
        self.say(turn, number, id, body, Shown::Quietly)
    }
}

/// The one sent later holds. One that was taken back is kept as empty, so that an older one does not return.
fn react(row: &mut EntryRow, by: By, sign: String, sent_at: Millis) -> bool {
    let mine = by == By::Us;
    let reactions = row.reactions.get_or_insert_default();
    let earlier = reactions.iter().position(|reaction| reaction.mine == mine);
    if let Some(index) = earlier {
        if reactions
            .get(index)
            .is_some_and(|reaction| reaction.sent_at > sent_at)
        {
            return false;
        }
        reactions.remove(index);
    }
    reactions.push(ReactionRow {
        mine,
        sign,
        sent_at,
    });
    true
}

fn edit(row: &mut EntryRow, text: String, sent_at: Millis) -> bool {
    if row.edited_at.is_some_and(|at| at > sent_at) {
        return false;
    }
    let versions = row.versions.get_or_insert_default();
    if let Some(old) = row.text.replace(text) {
        versions.push(VersionRow {
            text: old,
            until: sent_at,
        });
    }
    let excess = versions.len().saturating_sub(MAX_VERSIONS);
    versions.drain(..excess);
    row.edited_at = Some(sent_at);
    true
}

#[cfg(test)]
mod tests {
    use pollster::block_on;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use shared_crypto::event::{NO_PREVIOUS, conversation_of};
    use shared_crypto::fixtures;
    use shared_crypto::id::{DeviceId, IdentityId};
    use shared_crypto::signed::sign;

    use super::*;
    use crate::memory::MemoryStore;
    use crate::strangers::tests::asked_by;

    const NOW: Millis = 1_750_000_000_000;

    /// What was said of a message that has not come may be more than is kept.
    #[test]
    fn a_delete_that_is_confirmed_is_carried_out_whatever_was_said_before() {
        let (store, mut rng) = (MemoryStore::new(), ChaCha20Rng::seed_from_u64(1));
        let mut turn = Turn::new(&store, NOW, &mut rng);
        let mut ready = asked_by(&mut turn, 1);
        let contact = ready.contacts.get_mut(&1).unwrap();
        contact.set_state(ContactState::Accepted);
        let (them, us) = (contact.identity(), IdentityId::from_bytes([7; 32]));
        let (target, record) = (MessageId::from_bytes([9; 16]), contact.chain.head());
        let edits = (0..20).map(|number| Body::Edit {
            of: target,
            text: format!("text {number}"),
        });
        for (number, body) in (1_u8..).zip(edits.chain([Body::Delete { of: target }])) {
            let event = Event {
                sender: them,
                record,
                recipient: us,
                conversation: conversation_of(&them, &us),
                device: DeviceId::from_bytes([1; 16]),
                counter: 1,
                previous: NO_PREVIOUS,
                sent_at: NOW,
                message_id: MessageId::from_bytes([number; 16]),
                kind: body.kind(),
                body: Bytes(body.to_bytes().unwrap()),
                lifetime: None,
            };
            let event = sign(event, &fixtures::signing_key(0), turn.rng).unwrap();
            assert!(block_on(ready.noted(&mut turn, 1, &event, body)).is_ok());
        }
        let waiting = key::message(1, By::Them, &target);
        let waiting = block_on(turn.get::<WaitingNotesRow>(&waiting)).unwrap();
        let kinds: Vec<u64> = waiting.unwrap().notes.iter().map(|it| it.kind).collect();
        assert_eq!(kinds, [Body::Delete { of: target }.kind()]);
        let owed = &ready.contacts.get(&1).unwrap().conversation.delivered;
        assert_eq!(owed.len(), 1, "the delete, and nothing else");
    }
}
