//! Nobody believes rolled-back records: what a client has pinned of somebody never goes back, and in the end it is what
//! they have themselves.

use std::collections::BTreeMap;

use shared_crypto::id::{Hash, IdentityId};

use crate::sequence::{PEOPLE, Sequence, Violation, check};

/// The highest record that each person has pinned of whom.
pub(crate) type Pins = BTreeMap<(usize, IdentityId), u64>;

impl Sequence {
    /// Looks at what everybody has pinned now.
    pub(crate) fn watch_pins(&mut self) -> Result<(), Violation> {
        for who in 0..PEOPLE {
            // What comes back from a vault may be older.
            if self.world.people[who].loss.is_some() {
                self.pins.retain(|(whose, _), _| *whose != who);
                continue;
            }
            for (identity, number, _) in self.heads(who).into_iter().skip(1) {
                let before = self.pins.insert((who, identity), number);
                let has_gone_back = before.is_some_and(|before| number < before);
                // A recovery overrules what a thief signed.
                check(!has_gone_back || self.is_stolen(&identity), || {
                    format!("believed a rolled-back record: {who} went from {before:?} to {number}")
                })?;
            }
            let known = self.world.people[who].app.conversations.iter();
            let mut contacts = known.map(|known| &known.contact);
            let forked = contacts.find(|it| it.forked && !self.is_stolen(&it.identity));
            check(forked.is_none(), || {
                format!("saw a fork that nobody made: {who} of {forked:?}")
            })?;
        }
        self.figures.checks += 2;
        Ok(())
    }

    /// Whether somebody has another newest record of another person than that person.
    pub(crate) fn is_behind(&self, who: usize, whom: usize) -> bool {
        let theirs = self.heads(whom).first().copied();
        let mine = self.heads(who).into_iter().skip(1);
        let mut same = mine.filter(|(identity, ..)| Some(*identity) == theirs.map(|it| it.0));
        same.next() != theirs
    }

    fn heads(&self, who: usize) -> Vec<(IdentityId, u64, Hash)> {
        let client = self.world.people[who].client.as_ref();
        client.map(|client| client.heads()).unwrap_or_default()
    }

    fn is_stolen(&self, identity: &IdentityId) -> bool {
        let mut victims = self.thieves.iter().map(|(victim, _)| *victim);
        victims.any(|victim| self.world.people[victim].identity.as_ref() == Some(identity))
    }
}
