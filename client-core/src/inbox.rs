//! Reading: from an envelope that a node pushed to an entry, once.
//!
//! Everything is checked before anything is stored: that the envelope opens, that the event is signed by
//! the contact whose mailbox it came to, that it is for us, for this conversation and under this message id.

mod astray;
mod first_contact;
mod lane;
mod placing;

use shared_crypto::envelope::{self, EnvelopeKind};
use shared_crypto::id::{MailboxId, MessageId};

use crate::compose::Refusal;
use crate::mailboxes::Purpose;
use crate::ready::Ready;
use crate::rows::{SeenRow, key};
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::Millis;

/// Messages of nobody known that are counted until the person sees it: each takes a row, and our node can invent them.
const MAX_UNREADABLE: u64 = 1_000;

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
                self.receive_lane(turn, arrival, &header, number).await?;
                if self.mailboxes.is_adopted(&arrival.mailbox) {
                    self.heal(turn, number);
                }
                Ok(())
            }
            _ => Ok(()),
        }
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
    async fn unreadable<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        arrival: &Arrival<'_>,
    ) -> Result<(), StoreError> {
        let seen = key::unreadable(&arrival.mailbox, &arrival.message);
        let count = self.own.row.unreadable.unwrap_or_default();
        if count < MAX_UNREADABLE && turn.get::<SeenRow>(&seen).await?.is_none() {
            self.own.row.unreadable = Some(count.saturating_add(1));
            self.own.save(turn);
            turn.app_changed();
            turn.put(&seen, &SeenRow { at: turn.now });
        }
        Ok(())
    }
}

/// Only the store's failures stop the reading of mail; a refusal here is a state that somebody else caused.
fn stored(done: Result<(), Refusal>) -> Result<(), StoreError> {
    match done {
        Err(Refusal::Store(error)) => Err(error),
        Ok(()) | Err(Refusal::Request(_)) => Ok(()),
    }
}
