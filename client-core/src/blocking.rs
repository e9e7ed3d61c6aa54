//! Contacts that are blocked: what they could write to is revoked, and what waits for them is dropped.

use crate::compose::Refusal;
use crate::contact::Contact;
use crate::ready::Ready;
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState};

impl Ready {
    /// Revokes the mailboxes they can write to, and drops what waits for them.
    pub(crate) async fn block<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Result<(), Refusal> {
        let contact = self.contact_mut(number)?;
        contact.row.ours = None;
        contact.set_state(ContactState::Blocked);
        contact.row.blocked_at = Some(turn.now);
        contact.row.request = None;
        contact.row.pairings.clear();
        contact.row.forget_theirs();
        contact.conversation.delivered.clear();
        contact.conversation.seen.clear();
        contact.conversation.receipts_at = None;
        contact.save(turn);
        contact.save_conversation(turn);
        self.drop_outbox_of(turn, number, "blocked").await?;
        let nodes = self.homes.fingerprints();
        for mailbox in self.mailboxes.of(number) {
            // What they left there before is known for theirs, and passed over.
            self.mailboxes
                .revoke_and_read(turn, mailbox, nodes.iter().copied());
        }
        self.tell_mailboxes(turn);
        Ok(())
    }

    /// Does for contacts that another device blocked what it did, and what it may not have come to: telling all our nodes
    /// which mailboxes are revoked.
    pub(crate) async fn carry_out_blocks<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        let nodes = self.homes.fingerprints();
        self.mailboxes.revoke_again(turn, &nodes);
        let is_blocked = |contact: &&Contact| contact.state() == ContactState::Blocked;
        let blocked = self.contacts.values().filter(is_blocked);
        let blocked: Vec<ContactNumber> = blocked.map(|contact| contact.number).collect();
        for number in blocked {
            self.drop_outbox_of(turn, number, "blocked").await?;
            for mailbox in self.mailboxes.of(number) {
                self.mailboxes
                    .revoke_and_read(turn, mailbox, nodes.iter().copied());
            }
        }
        Ok(())
    }

    /// Takes the blocking back. What they could write to stays revoked.
    pub(crate) fn unblock<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Result<(), Refusal> {
        self.in_state(number, &[ContactState::Blocked])?;
        let contact = self.contact_mut(number)?;
        contact.set_state(ContactState::Resolved);
        contact.row.blocked_at = Some(turn.now);
        contact.save(turn);
        Ok(())
    }
}
