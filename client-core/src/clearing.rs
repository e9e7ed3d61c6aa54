//! Clearing a conversation: what was said in it is deleted here, and nobody is told.
//!
//! Which messages there were, and how far the chains of their senders were followed, stays known: what comes later is
//! verified as before, and no deleted message comes back by being delivered again. A message that was missing and still
//! comes was never deleted: it is shown, in its place.

use shared_crypto::id::MessageId;

use crate::compose::Refusal;
use crate::entry;
use crate::ready::Ready;
use crate::rows::key::By;
use crate::rows::{EntryRow, EventRow, key};
use crate::store::{Order, Store};
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, Position};

impl Ready {
    /// Deletes everything in a conversation up to and with a place, here only.
    pub(crate) async fn clear<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        to: Position,
    ) -> Result<(), Refusal> {
        // What a stranger asked with goes with the stranger.
        let talking = [
            ContactState::Resolved,
            ContactState::Asked,
            ContactState::Accepted,
            ContactState::Blocked,
        ];
        self.in_state(number, &talking)?;
        let range = key::entries(number, 0, to.saturating_add(1));
        let entries = turn
            .scan::<EntryRow>(&range, Order::Ascending, usize::MAX)
            .await?;
        for (place, row) in entries {
            let Some(position) = key::position(&place) else {
                continue;
            };
            if entry::has_failed(&row) {
                self.ask_anew(turn, number, &row.id);
            }
            let by = if row.mine { By::Us } else { By::Them };
            turn.delete::<EventRow>(&key::message(number, by, &row.id));
            turn.clear_entry(number, position, &row);
        }
        self.contact_mut(number)?.clear(turn, to).await?;
        turn.cleared(number);
        self.read_next_expiry(turn).await?;
        Ok(())
    }

    /// Has a contact be asked with the next message if this was the request: it failed, and no entry is there to send
    /// it again from.
    pub(crate) fn ask_anew<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        failed: &MessageId,
    ) {
        if let Some(contact) = self.contacts.get_mut(&number)
            && contact.state() == ContactState::Asked
            && contact.row.asked == Some(*failed)
        {
            contact.set_state(ContactState::Resolved);
            contact.save(turn);
            turn.app_changed();
        }
    }
}
