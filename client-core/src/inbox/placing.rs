//! Where an event stands: in its place in the conversation, with what is missing before it.

use shared_crypto::cbor::Bytes;
use shared_crypto::event::Event;
use shared_crypto::id::MessageId;
use shared_crypto::signed::Verified;

use super::Arrival;
use crate::entry::{self, Origin};
use crate::mailboxes::Purpose;
use crate::ready::Ready;
use crate::rows::key::By;
use crate::rows::{EntryRow, EventRow, MissingRow, PlaceRow, SeenRow, key};
use crate::sequence::{self, Link, Placed};
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::{BodyView, ContactNumber, Position};

impl Ready {
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
    pub(super) async fn add_reply<S: Store>(
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
            if contact.shows_gap_at(*at) {
                contact.insert(turn, *at, &gap(*missing));
            }
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
    pub(super) async fn cannot_open<S: Store>(
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
