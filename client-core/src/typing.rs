//! Who is writing: told and shown only when the person wants it, only to accepted contacts who were heard of lately,
//! and seldom, as each telling is a message.

use shared_crypto::event::Body;
use shared_crypto::time::MINUTE;

use crate::compose::Refusal;
use crate::ready::Ready;
use crate::store::Store;
use crate::turn::Turn;
use crate::view::{ContactNumber, ContactState, Millis};

/// Least time between two tellings.
const INTERVAL: Millis = 10_000;

/// How long somebody who told is shown to be writing.
const SHOWN: Millis = 15_000;

/// Only who was heard of so lately is told.
const LATELY: Millis = 10 * MINUTE;

/// What is known of a contact's presence; not stored.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Presence {
    heard_at: Option<Millis>,
    told_at: Option<Millis>,
    writing_until: Option<Millis>,
}

impl Presence {
    /// Something came from them; a message that is shown ends their writing.
    pub(crate) fn heard(&mut self, now: Millis, shown: bool) {
        self.heard_at = Some(now);
        if shown {
            self.writing_until = None;
        }
    }

    /// They told at `sent_at` that they are writing; true when that is news.
    fn writes(&mut self, sent_at: Millis, now: Millis) -> bool {
        let is_fresh = sent_at.abs_diff(now) < SHOWN;
        let before = self.is_writing();
        if is_fresh {
            self.writing_until = Some(now.saturating_add(SHOWN));
        }
        is_fresh && !before
    }

    /// Whether they are shown to be writing.
    pub(crate) fn is_writing(&self) -> bool {
        self.writing_until.is_some()
    }

    fn stop(&mut self, now: Millis) -> bool {
        let over = self.writing_until.is_some_and(|until| until <= now);
        if over {
            self.writing_until = None;
        }
        over
    }

    fn may_tell(&self, now: Millis) -> bool {
        let since = |at: Millis| now.saturating_sub(at);
        self.heard_at.is_some_and(|at| since(at) < LATELY)
            && self.told_at.is_none_or(|at| since(at) >= INTERVAL)
    }
}

impl Ready {
    /// The person typed something.
    pub(crate) fn typed<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
    ) -> Result<(), Refusal> {
        let now = turn.now;
        let (general, is_online) = (self.own.row.typing, self.homes.is_any_online());
        let contact = self.contact_mut(number)?;
        let tells = contact.conversation.tells.or(general);
        let wanted = tells.unwrap_or_default() && is_online;
        let may = contact.state() == ContactState::Accepted && contact.presence.may_tell(now);
        if wanted && may {
            contact.presence.told_at = Some(now);
            self.say_quietly(turn, number, Body::Typing)?;
        }
        Ok(())
    }

    /// The other person is writing.
    pub(crate) fn typing_heard<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        number: ContactNumber,
        sent_at: Millis,
    ) {
        let general = self.own.row.typing;
        if let Some(contact) = self.contacts.get_mut(&number)
            && contact.conversation.tells.or(general).unwrap_or_default()
            && contact.presence.writes(sent_at, turn.now)
        {
            turn.app_changed();
        }
    }

    /// Nobody writes for ever.
    pub(crate) fn typing_over<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        for contact in self.contacts.values_mut() {
            if contact.presence.stop(turn.now) {
                turn.app_changed();
            }
        }
    }

    /// When somebody is no longer shown to be writing.
    pub(crate) fn typing_until(&self) -> Option<Millis> {
        let contacts = self.contacts.values();
        contacts
            .filter_map(|contact| contact.presence.writing_until)
            .min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telling_is_shown_for_a_while_and_an_old_one_not_at_all() {
        let mut presence = Presence::default();
        assert!(!presence.writes(1_000, 1_000 + SHOWN), "too late");
        assert!(presence.writes(1_000, 2_000));
        assert!(!presence.writes(1_500, 2_500), "no news");
        assert!(!presence.stop(2_500 + SHOWN - 1));
        assert!(presence.stop(2_500 + SHOWN));
        assert!(!presence.is_writing());
    }

    #[test]
    fn a_message_ends_the_writing() {
        let mut presence = Presence::default();
        presence.writes(1_000, 1_000);
        presence.heard(1_500, false);
        assert!(presence.is_writing(), "a receipt does not");
        presence.heard(2_000, true);
        assert!(!presence.is_writing());
    }

    #[test]
    fn tellings_are_seldom_and_only_to_somebody_who_is_there() {
        let mut presence = Presence::default();
        assert!(!presence.may_tell(1_000));
        presence.heard(1_000, true);
        assert!(presence.may_tell(2_000));
        presence.told_at = Some(2_000);
        assert!(!presence.may_tell(2_000 + INTERVAL - 1));
        assert!(presence.may_tell(2_000 + INTERVAL));
        assert!(!presence.may_tell(1_000 + LATELY));
    }
}
