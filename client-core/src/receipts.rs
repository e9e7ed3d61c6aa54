//! Receipts: batched, delayed by a random few seconds, only to accepted contacts, only where they are switched on.

use core::ops::RangeInclusive;

use shared_crypto::event::{Body, MAX_RECEIPTS};
use shared_crypto::id::MessageId;

use crate::compose::Refusal;
use crate::contact::Contact;
use crate::entry;
use crate::outbox::Shown;
use crate::ready::Ready;
use crate::request::Failure;
use crate::rows::{EntryRow, key};
use crate::store::{Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, Millis, Position};

/// Shortest wait before receipts go out.
const MIN_DELAY: Millis = 1_000;

/// What is added to it at random, at most.
const MAX_EXTRA_DELAY: Millis = 3_000;

impl Ready {
    /// Notes that a message arrived and is to be confirmed.
    pub(crate) fn owe_receipt<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        id: MessageId,
    ) {
        let general = self.own.row.receipts;
        let Some(contact) = self.contacts.get_mut(&number) else {
            return;
        };
        let wanted = contact.conversation.tells.unwrap_or(general);
        // Their message may overtake their acceptance; the receipt then waits for it.
        if !wanted
            || !matches!(
                contact.state(),
                ContactState::Asked | ContactState::Accepted
            )
        {
            return;
        }
        if contact.conversation.delivered.len() < MAX_RECEIPTS {
            contact.conversation.delivered.push(id);
        }
        let at = receipt_time(turn);
        contact.conversation.receipts_at.get_or_insert(at);
        contact.save_conversation(turn);
    }

    /// Moves the read mark to the end of what was seen, and notes what is to be confirmed as read: what lay between
    /// the two, and of what had come late what was seen.
    pub(crate) async fn mark_read<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        seen: RangeInclusive<Position>,
    ) -> Result<(), Refusal> {
        let general = self.own.row.receipts;
        let contact = self.contacts.get_mut(&number).ok_or(Failure::NotFound)?;
        let wanted = contact.conversation.tells.unwrap_or(general);
        let (before, position) = (contact.conversation.read, *seen.end());
        let mut late = contact.conversation.late.clone().unwrap_or_default();
        late.retain(|position| seen.contains(position));
        if position <= before && late.is_empty() {
            return Ok(());
        }
        if wanted && contact.state() == ContactState::Accepted {
            let range = key::entries(number, before.saturating_add(1), position.saturating_add(1));
            let mut read = Vec::new();
            for position in late {
                read.extend(turn.get::<EntryRow>(&key::entry(number, position)).await?);
            }
            let newest = turn
                .scan::<EntryRow>(&range, Order::Descending, MAX_RECEIPTS)
                .await?;
            read.extend(newest.into_iter().rev().map(|(_, row)| row));
            let read = read.iter().filter(|row| entry::counts(row));
            contact.conversation.seen.extend(read.map(|row| row.id));
            if !contact.conversation.seen.is_empty() {
                let at = receipt_time(turn);
                contact.conversation.receipts_at.get_or_insert(at);
            }
        }
        contact.mark_read(turn, &seen).await?;
        Ok(())
    }

    /// Sends the receipts whose time has come.
    pub(crate) fn send_receipts<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        let due: Vec<ContactNumber> = self
            .contacts
            .values()
            .filter(|contact| receipts_at(contact).is_some_and(|at| at <= turn.now))
            .map(|contact| contact.number)
            .collect();
        for number in due {
            let Some(contact) = self.contacts.get_mut(&number) else {
                continue;
            };
            let conversation = &mut contact.conversation;
            conversation.receipts_at = None;
            let wanted = conversation.tells.unwrap_or(self.own.row.receipts);
            let read = core::mem::take(&mut conversation.seen);
            let mut delivered = core::mem::take(&mut conversation.delivered);
            // What was read was delivered.
            delivered.retain(|id| !read.contains(id));
            contact.save_conversation(turn);
            if !wanted {
                continue;
            }
            let all: Vec<(MessageId, bool)> = delivered
                .into_iter()
                .map(|id| (id, false))
                .chain(read.into_iter().map(|id| (id, true)))
                .collect();
            for part in all.chunks(MAX_RECEIPTS) {
                let ids = |wanted: bool| {
                    part.iter()
                        .filter(|(_, read)| *read == wanted)
                        .map(|(id, _)| *id)
                        .collect()
                };
                let body = Body::Receipt {
                    delivered: ids(false),
                    read: ids(true),
                };
                let id = MessageId::from_bytes(turn.random());
                if let Err(Refusal::Store(error)) = self.say(turn, number, id, body, Shown::Quietly)
                {
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// When the next receipts are due.
    pub(crate) fn receipts_at(&self) -> Option<Millis> {
        self.contacts.values().filter_map(receipts_at).min()
    }
}

fn receipts_at(contact: &Contact) -> Option<Millis> {
    let accepted = contact.state() == ContactState::Accepted;
    contact.conversation.receipts_at.filter(|_| accepted)
}

pub(crate) fn receipt_time<S: Store>(turn: &mut Turn<'_, S>) -> Millis {
    let extra = turn.random_below(MAX_EXTRA_DELAY);
    turn.now.saturating_add(MIN_DELAY).saturating_add(extra)
}
