//! When what a contact says cannot be read here.
//!
//! It was sealed to a receive key or under a pair secret that is missing: whoever came back from an older copy lacks
//! what was agreed after it, and the contact cannot know. So the contact is told anew who we are, with our newest
//! receive key and a half of a new pair secret, and answers without being asked.
//!
//! Whoever knows the mailbox, as our own node does, can leave there what nobody can read. So this is not done at once,
//! which would tell them whose mailbox it is, not while the last time is on its way, and ever more seldom without an answer.

use shared_crypto::time::{DAY, HOUR};

use crate::contact::Contact;
use crate::ready::Ready;
use crate::receipts::receipt_time;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, Millis};

/// Wait before a contact is told again; doubles up to a day with each time that was not answered.
const AGAIN: Millis = HOUR;

impl Ready {
    /// Something of an accepted contact cannot be read: a new pair secret is begun soon, if it may be.
    pub(crate) fn heal<S: Store>(&mut self, turn: &mut Turn<'_, S>, number: ContactNumber) {
        if self.may_heal(number, turn.now)
            && let Some(contact) = self.contacts.get_mut(&number)
            && contact.heal_at.is_none()
        {
            contact.heal_at = Some(receipt_time(turn));
        }
    }

    /// This is what a copy held, which may be older than the answers to those who were asked then: the device that they came to
    /// is gone. Who agreed answers again without being asked.
    pub(crate) fn ask_again<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let is_asked = |contact: &&Contact| contact.state() == ContactState::Asked;
        let asked = self.contacts.values().filter(is_asked);
        let asked: Vec<ContactNumber> = asked.map(|contact| contact.number).collect();
        for number in asked {
            // A contact whose state does not allow it is told with the next message.
            let _untold = self.reintroduce(turn, number).is_err();
        }
    }

    /// When the first contact is to be told.
    pub(crate) fn heal_at(&self) -> Option<Millis> {
        let times = self.contacts.values();
        times.filter_map(|contact| contact.heal_at).min()
    }

    /// Tells those contacts whose time has come.
    pub(crate) fn heal_due<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let now = turn.now;
        let is_due = |contact: &&mut Contact| contact.heal_at.is_some_and(|at| at <= now);
        let mut due = Vec::new();
        for contact in self.contacts.values_mut().filter(is_due) {
            contact.heal_at = None;
            due.push(contact.number);
        }
        for number in due {
            if !self.may_heal(number, now) {
                continue;
            }
            if let Some(contact) = self.contacts.get_mut(&number) {
                contact.row.healed_at = Some(now);
                contact.save(turn);
            }
            // A contact whose state does not allow it is told with the next message.
            let _untold = self.reintroduce(turn, number).is_err();
        }
    }

    fn may_heal(&self, number: ContactNumber, now: Millis) -> bool {
        let Some(contact) = self.contacts.get(&number) else {
            return false;
        };
        let is_settled =
            contact.state() == ContactState::Accepted && contact.row.forked_at.is_none();
        let begun_at = contact.unanswered().map(|pairing| pairing.at).next();
        let last = contact.row.healed_at.max(begun_at).unwrap_or_default();
        let wait = AGAIN.saturating_mul(1 << contact.unanswered().count().min(5));
        // A clock that was set back does not keep it from happening.
        let is_again = last <= now && now < last.saturating_add(wait.min(DAY));
        is_settled && !is_again && !self.outbox.reintroduces(number)
    }
}
