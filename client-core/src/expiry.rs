//! Messages that are to be forgotten: how long, and doing it.
//!
//! The life of a message stands in its signed event, so that both sides count alike. When it is over, the
//! text, the signed bytes and the signs under it are deleted; the place stays known, so that nothing said of it later
//! brings it back, and its id stays among those seen.

use shared_crypto::event::{Body, Event, MAX_LIFETIME};
use shared_crypto::signed::Verified;

use crate::compose::Refusal;
use crate::entry::{self, Origin};
use crate::ready::Ready;
use crate::request::Failure;
use crate::rows::key::By;
use crate::rows::{EntryRow, EventRow, ExpiringRow, WaitingNotesRow, key};
use crate::sorted::SortedSet;
use crate::store::{Order, Store, StoreError};
use crate::turn::Turn;
use crate::view::{BodyView, ContactNumber, ContactState, Millis};

/// Entries forgotten in one turn.
const BATCH: usize = 500;

impl Ready {
    /// Sets how long new messages of a conversation live; the other person is told.
    pub(crate) fn set_timer<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        seconds: u64,
    ) -> Result<(), Refusal> {
        self.in_state(number, &[ContactState::Accepted])?;
        if seconds > MAX_LIFETIME {
            return Err(Failure::WrongState.into());
        }
        let timer = Some(seconds).filter(|seconds| *seconds > 0);
        if self.contact_mut(number)?.conversation.timer == timer {
            return Ok(());
        }
        self.say_quietly(turn, number, Body::Timer { seconds })?;
        let origin = Origin {
            id: shared_crypto::id::MessageId::from_bytes([0; 16]),
            mine: true,
            sent_at: turn.now,
            stored_at: turn.now,
        };
        let now = turn.now;
        let contact = self.contact_mut(number)?;
        contact.conversation.timer = timer;
        contact.conversation.timer_at = Some(now);
        let row = entry::to_row(origin, &BodyView::Timer { seconds }, None);
        contact.append(turn, &row);
        contact.save_conversation(turn);
        Ok(())
    }

    /// The other person set how long messages live. Of two wishes the later one holds; a clock that is ahead does
    /// not win by it.
    pub(crate) async fn timer_heard<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        event: &Verified<Event>,
        seconds: u64,
    ) -> Result<(), StoreError> {
        let sent_at = event.sent_at.min(turn.now);
        let Some(contact) = self.contacts.get_mut(&number) else {
            return Ok(());
        };
        let conversation = &mut contact.conversation;
        let timer = Some(seconds).filter(|seconds| *seconds > 0);
        let later = conversation.timer_at.is_none_or(|at| at <= sent_at);
        let news = later && conversation.timer != timer;
        if later {
            conversation.timer = timer;
            conversation.timer_at = Some(sent_at);
        }
        let shown = news.then_some(BodyView::Timer { seconds });
        self.add_event(turn, number, event, shown).await?;
        turn.app_changed();
        Ok(())
    }

    /// Forgets what is to be forgotten by now.
    pub(crate) async fn expire<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        let now = turn.now;
        if self.next_expiry.is_none_or(|at| at > now) {
            return Ok(());
        }
        let due = key::expiring_before(now.saturating_add(1));
        let due = turn
            .scan::<ExpiringRow>(&due, Order::Ascending, BATCH)
            .await?;
        let mut touched = SortedSet::new();
        for (expiring, _) in due {
            turn.delete::<ExpiringRow>(&expiring);
            let Some((_, number, position)) = key::expiring_entry(&expiring) else {
                continue;
            };
            let place = key::entry(number, position);
            let Some(row) = turn.get::<EntryRow>(&place).await? else {
                continue;
            };
            let by = if row.mine { By::Us } else { By::Them };
            let message = key::message(number, by, &row.id);
            turn.delete::<EventRow>(&message);
            turn.delete::<WaitingNotesRow>(&message);
            turn.delete_entry(number, position, &row);
            if entry::has_failed(&row) {
                self.ask_anew(turn, number, &row.id);
            }
            if let Some(contact) = self.contacts.get_mut(&number) {
                // What a stranger asked with stands in the list of requests, too.
                if contact.row.request.is_some() && contact.row.request == row.text {
                    contact.row.request = Some(String::new());
                    contact.save(turn);
                }
                contact.hide(turn, position).await?;
                touched.insert(number);
            }
        }
        for number in touched {
            if let Some(contact) = self.contacts.get_mut(&number) {
                contact.count_unread(turn).await?;
            }
            turn.app_changed();
        }
        self.read_next_expiry(turn).await
    }

    /// Learns when the next message is to be forgotten.
    pub(crate) async fn read_next_expiry<S: Store>(
        &mut self,
        turn: &Turn<'_, S>,
    ) -> Result<(), StoreError> {
        let all = key::expiring_before(u64::MAX);
        let first = turn.scan::<ExpiringRow>(&all, Order::Ascending, 1).await?;
        let first = first.first().and_then(|(key, _)| key::expiring_entry(key));
        self.next_expiry = first.map(|(at, ..)| at);
        Ok(())
    }

    /// Notes that something is to be forgotten then.
    pub(crate) fn expires(&mut self, at: Option<Millis>) {
        self.next_expiry = self.next_expiry.into_iter().chain(at).min();
    }
}
