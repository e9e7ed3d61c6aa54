//! When what a contact says cannot be read here.
//!
//! It was sealed to a receive key or under a pair secret that is missing: whoever came back from an older copy lacks
//! what was agreed after it, and the contact cannot know. So the contact is told anew who we are, with our newest
//! receive key and a half of a new pair secret, and answers without being asked.

use shared_crypto::time::HOUR;

use crate::ready::Ready;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, Millis};

/// Wait before a contact is told again: whoever knows the mailbox can leave there what nobody can read.
const AGAIN: Millis = HOUR;

impl Ready {
    /// Something of an accepted contact cannot be read: begins a new pair secret, unless that was done just now.
    pub(crate) fn heal<S: Store>(&mut self, turn: &mut Turn<'_, S>, number: ContactNumber) {
        let Some(contact) = self.contacts.get_mut(&number) else {
            return;
        };
        let last = contact.row.healed_at.unwrap_or_default();
        // A clock that was set back does not keep it from happening.
        let is_again = last <= turn.now && turn.now < last.saturating_add(AGAIN);
        if contact.state() != ContactState::Accepted || is_again {
            return;
        }
        contact.row.healed_at = Some(turn.now);
        contact.save(turn);
        // A contact whose state does not allow it is told with the next message.
        let _untold = self.reintroduce(turn, number).is_err();
    }
}
