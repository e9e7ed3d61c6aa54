//! Mailboxes of ours that somebody else has at a node: ids are known to some, and whoever comes first has one there.
//! Others take their place, so that nobody keeps us from a node.

use shared_crypto::id::{MailboxId, NodeFingerprint};
use shared_crypto::record::Delivery;

use crate::contact::Contact;
use crate::mailboxes::Purpose;
use crate::ready::Ready;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState};

impl Ready {
    /// A node refused mailboxes, since somebody else has them there.
    pub(crate) fn mailboxes_taken<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        request: u64,
        mailboxes: &[MailboxId],
    ) {
        let Some((node, replaced)) = self.mailboxes.refused(turn, request, mailboxes) else {
            return;
        };
        for (mailbox, purpose) in replaced {
            match purpose {
                Purpose::Strangers => {
                    self.rename_intro(turn, &node, &mailbox);
                }
                Purpose::Contact(number) => self.replace_mailbox(turn, number, mailbox),
            }
        }
        self.tell_mailboxes(turn);
        self.tell_homes(turn);
    }

    /// A node does not take us, since somebody else has the mailbox there that our record names for strangers. Whether
    /// another one is named now.
    pub(crate) fn intro_taken<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: NodeFingerprint,
    ) -> bool {
        let mut listed = self.own.chain.delivery().iter();
        let entry = listed.find(|entry| entry.fingerprint == node).cloned();
        entry.is_some_and(|entry| {
            self.mailboxes.note_taken(turn, &entry.intro, node)
                && self.rename_intro(turn, &node, &entry.intro)
        })
    }

    /// Names another mailbox for strangers at a node. Whether it was named there.
    fn rename_intro<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        node: &NodeFingerprint,
        old: &MailboxId,
    ) -> bool {
        let mut list = self.own.chain.delivery().to_vec();
        let is_it = |entry: &&mut Delivery| entry.fingerprint == *node && entry.intro == *old;
        let Some(entry) = list.iter_mut().find(is_it) else {
            return false;
        };
        entry.intro = MailboxId::from_bytes(turn.random());
        if self.own.deliver_to(turn, list).is_err() {
            return false;
        }
        let chain = self.own.chain.clone();
        self.mailboxes.follow(turn, &chain);
        true
    }

    fn replace_mailbox<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        old: MailboxId,
    ) {
        let is_used = |contact: &&mut Contact| contact.row.ours == Some(old);
        let Some(contact) = self.contacts.get_mut(&number).filter(is_used) else {
            return;
        };
        match contact.state() {
            ContactState::Accepted => self.renew_mailbox(turn, number, Some(old)),
            // They are told anew where to answer.
            ContactState::Asked => {
                contact.row.ours = None;
                contact.save(turn);
                self.mailboxes.retire(turn, old);
                let _untold = self.reintroduce(turn, number).is_err();
            }
            _ => {}
        }
    }
}
