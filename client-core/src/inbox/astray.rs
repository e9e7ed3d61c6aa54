//! Mail in a mailbox of ours that is not known here: a newer copy of us, or this one before its store was set back, made
//! it for a contact, who writes to it and cannot know.
//!
//! What can be read says whose mailbox it is. It is read from then on, until the contact has been told anew where to
//! write. What cannot be read may be anybody's, so every contact is told: once a day at most, and only while this is known
//! to be an older copy. Our node can leave anything there, and would see from it to which nodes we write.

use shared_crypto::envelope::{Header, ReceivedLane};
use shared_crypto::time::{DAY, RETENTION};

use super::Arrival;
use crate::contact::Contact;
use crate::ready::Ready;
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, Millis};

impl Ready {
    /// Reads a message of a contact from a mailbox that is not known.
    pub(super) async fn receive_astray<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        arrival: &Arrival<'_>,
        header: &Header,
    ) -> Result<(), StoreError> {
        let Some(number) = self.writer_of(arrival, header) else {
            return self.lost(turn, arrival).await;
        };
        if self.mailboxes.adopt(turn, arrival.mailbox, number) {
            self.tell_mailboxes(turn);
        }
        self.receive_lane(turn, arrival, header, number).await?;
        self.heal(turn, number);
        Ok(())
    }

    /// It cannot be known whose it was: every contact is told anew where to write, and with which keys.
    pub(super) async fn lost<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        arrival: &Arrival<'_>,
    ) -> Result<(), StoreError> {
        self.unreadable(turn, arrival).await?;
        let now = turn.now;
        if !self.is_outdated(now) {
            return Ok(());
        }
        // A clock that was set back does not keep it from happening.
        let is_again = |at: &Millis| *at <= now && now < at.saturating_add(DAY);
        let contacts = self.contacts.values();
        let due = contacts.filter(|contact| !contact.row.healed_at.as_ref().is_some_and(is_again));
        let due: Vec<ContactNumber> = due.map(|contact| contact.number).collect();
        for number in due {
            self.heal(turn, number);
        }
        Ok(())
    }

    /// Whether this is known to be an older copy, of late.
    pub(crate) fn is_outdated(&self, now: Millis) -> bool {
        let of_late =
            |at: Millis| at <= now.saturating_add(DAY) && now < at.saturating_add(RETENTION);
        self.own.row.outdated_at.is_some_and(of_late)
    }

    /// The contact under whose pair secret a message opens.
    fn writer_of(&self, arrival: &Arrival<'_>, header: &Header) -> Option<ContactNumber> {
        let me = self.own.identity();
        let (_, keys) = self.own.receive_keys(header.key_package())?;
        let lane = ReceivedLane::new(arrival.envelope, keys).ok()?;
        let talks = |contact: &&Contact| contact.state() == ContactState::Accepted;
        let opens = |contact: &&Contact| {
            let them = contact.identity();
            let pairings = contact.row.pairings.iter();
            let secrets = pairings.filter_map(|pairing| contact.pair_secret(&me, pairing));
            let mut tried = secrets.map(|pair| lane.open(&them, &me, &arrival.mailbox, &pair));
            tried.any(|opened| opened.is_ok())
        };
        let mut writers = self.contacts.values().filter(talks);
        writers.find(opens).map(|contact| contact.number)
    }
}
