//! One client of what several devices wrote.
//!
//! The newest section is the base. From each other one comes what the base has not: contacts, messages, mailboxes,
//! pairings, what waits to be sent. Nothing that only one device knew is lost; messages that only another device
//! had are put at the end of their conversation. What a recovery put an end to does not come back.

mod cleared;
#[cfg(test)]
mod tests;

use core::cmp::Ordering;

use shared_crypto::cbor::{self, Bytes};
use shared_crypto::id::{Hash, IdentityId, MessageId};
use shared_crypto::record::{Chain, ChainOrder};
use shared_crypto::time::RETENTION;
use shared_crypto::vault::Section;

use super::pack::Rows;
use crate::contact::state_number;
use crate::passes;
use crate::request::Failure;
use crate::rows::key::By;
use crate::rows::{
    ContactRow, ConversationRow, EntryRow, ExpiringRow, IdentityRow, KeyPackageRow, MailboxRow,
    OutboxRow, PassRow, PlaceRow, StoredRow, key,
};
use crate::sorted::{SortedMap, sort_by_key};
use crate::store::Table;
use crate::view::{ContactNumber, ContactState, Millis, Position};

/// Puts the rows of several sections together.
pub(super) fn merge(mut sections: Vec<(Section, Rows)>) -> Result<Rows, Failure> {
    sort_by_key(&mut sections, |(section, _)| {
        (section.saved_at, section.device)
    });
    let (newest, mut rows) = sections.pop().ok_or(Failure::VaultDamaged)?;
    let saved_at = newest.saved_at;
    while let Some((older, other)) = sections.pop() {
        Merge::new(&mut rows, &other, saved_at, older.saved_at)?.run()?;
    }
    Ok(rows)
}

/// How a contact of the other section is known in the base.
#[derive(Clone, Copy)]
struct Mapped {
    number: ContactNumber,
    is_new: bool,
    /// Whether what the other section knows of how to write to each other is of before a recovery.
    is_outdated: bool,
}

struct Merge<'a> {
    base: &'a mut Rows,
    other: &'a Rows,
    /// When the base was saved.
    saved_at: Millis,
    /// When the other section was.
    other_saved_at: Millis,
    identity: IdentityRow,
    contacts: SortedMap<ContactNumber, Mapped>,
}

impl<'a> Merge<'a> {
    fn new(
        base: &'a mut Rows,
        other: &'a Rows,
        saved_at: Millis,
        other_saved_at: Millis,
    ) -> Result<Self, Failure> {
        let identity = get(base, key::ONLY)?.ok_or(Failure::VaultDamaged)?;
        Ok(Self {
            base,
            other,
            saved_at,
            other_saved_at,
            identity,
            contacts: SortedMap::new(),
        })
    }

    fn run(mut self) -> Result<(), Failure> {
        self.identity()?;
        self.contacts()?;
        self.cleared()?;
        self.entries()?;
        self.mailboxes()?;
        self.outbox()?;
        self.key_packages()?;
        self.passes()?;
        for ((table, row_key), value) in self.other {
            let keep = match table {
                Table::Seen | Table::Nodes | Table::Tombstones => Some(row_key.clone()),
                // Rows of contacts that the base did not have; those of the others came with their entries.
                Table::Events | Table::WaitingNotes | Table::Search => self.moved(row_key),
                _ => None,
            };
            if let Some(row_key) = keep {
                self.base
                    .entry((*table, row_key))
                    .or_insert_with(|| value.clone());
            }
        }
        put(self.base, key::ONLY, &self.identity);
        Ok(())
    }

    /// The newer chain holds, or the one with the recovery, with its keys.
    fn identity(&mut self) -> Result<(), Failure> {
        let other: IdentityRow = get(self.other, key::ONLY)?.ok_or(Failure::VaultDamaged)?;
        if relation(&self.identity.records, &other.records, Millis::MAX).is_theirs() {
            self.identity = IdentityRow {
                next_contact: self.identity.next_contact,
                next_outbox: self.identity.next_outbox,
                ..other
            };
        }
        Ok(())
    }

    fn contacts(&mut self) -> Result<(), Failure> {
        let mut known: SortedMap<IdentityId, ContactNumber> = SortedMap::new();
        for (number, row) in all::<ContactRow>(self.base)? {
            known.insert(row.identity, contact_of(&number)?);
        }
        for (other_key, row) in all::<ContactRow>(self.other)? {
            let other_number = contact_of(&other_key)?;
            let mapped = match known.get(&row.identity) {
                Some(number) => Mapped {
                    number: *number,
                    is_new: false,
                    is_outdated: false,
                },
                None => {
                    let number = self.identity.next_contact;
                    self.identity.next_contact = number.saturating_add(1);
                    Mapped {
                        number,
                        is_new: true,
                        is_outdated: false,
                    }
                }
            };
            self.contacts.insert(other_number, mapped);
            let here = key::contact(mapped.number);
            let conversation: Option<ConversationRow> = get(self.other, &other_key)?;
            if mapped.is_new {
                put(self.base, &here, &row);
                if let Some(conversation) = conversation {
                    put(self.base, &here, &conversation);
                }
                continue;
            }
            if let Some(mut ours) = get::<ContactRow>(self.base, &here)? {
                let is_outdated = join_contact(&mut ours, row, self.saved_at);
                self.contacts.insert(
                    other_number,
                    Mapped {
                        is_outdated,
                        ..mapped
                    },
                );
                put(self.base, &here, &ours);
            }
            if let (Some(mut ours), Some(theirs)) =
                (get::<ConversationRow>(self.base, &here)?, conversation)
            {
                join_conversation(&mut ours, theirs);
                put(self.base, &here, &ours);
            }
        }
        Ok(())
    }

    fn entries(&mut self) -> Result<(), Failure> {
        for (other_key, row) in all::<EntryRow>(self.other)? {
            let Some(mapped) = self.mapped(&other_key) else {
                continue;
            };
            let by = if row.mine { By::Us } else { By::Them };
            let here = key::message(mapped.number, by, &row.id);
            let there = [
                other_key.get(..4).unwrap_or_default(),
                here.get(4..).unwrap_or_default(),
            ]
            .concat();
            let position = if mapped.is_new {
                key::position(&other_key).ok_or(Failure::VaultDamaged)?
            } else {
                // Notices about this device's view of things are no messages, and have no place under an id.
                let is_notice = !self.other.contains_key(&(Table::Places, there.clone()));
                if is_notice || self.base.contains_key(&(Table::Places, here.clone())) {
                    continue;
                }
                let Some(position) = self.next_position(mapped.number)? else {
                    continue;
                };
                position
            };
            put(self.base, &key::entry(mapped.number, position), &row);
            if let Some(at) = row.expires_at {
                let expiring = key::expiring(at, mapped.number, position);
                put(self.base, &expiring, &ExpiringRow {});
            }
            if self.other.contains_key(&(Table::Places, there.clone())) {
                let place = PlaceRow {
                    contact: mapped.number,
                    position,
                };
                put(self.base, &here, &place);
            }
            if let Some(event) = self.other.get(&(Table::Events, there)) {
                self.base.insert((Table::Events, here), event.clone());
            }
        }
        Ok(())
    }

    /// The end of a conversation of the base, which moves on.
    fn next_position(&mut self, number: ContactNumber) -> Result<Option<Position>, Failure> {
        let here = key::contact(number);
        let Some(mut conversation) = get::<ConversationRow>(self.base, &here)? else {
            return Ok(None);
        };
        let position = conversation.next;
        conversation.next = position.saturating_add(1);
        put(self.base, &here, &conversation);
        Ok(Some(position))
    }

    /// Those of blocked contacts too: they are revoked after the restore.
    fn mailboxes(&mut self) -> Result<(), Failure> {
        for (row_key, row) in all::<MailboxRow>(self.other)? {
            let mapped = row.contact.and_then(|contact| self.contacts.get(&contact));
            let contact = match mapped {
                Some(mapped) if mapped.is_outdated => {
                    let contact = get::<ContactRow>(self.base, &key::contact(mapped.number))?;
                    contact
                        .filter(|contact| is_state(contact, ContactState::Blocked))
                        .map(|_| mapped.number)
                }
                mapped => mapped.map(|mapped| mapped.number),
            };
            if row.contact.is_some() == contact.is_some()
                && !self.base.contains_key(&(Table::Mailboxes, row_key.clone()))
            {
                put(self.base, &row_key, &MailboxRow { contact, ..row });
            }
        }
        Ok(())
    }

    /// Receive keys, but for those that were to be destroyed by the time the base was saved.
    fn key_packages(&mut self) -> Result<(), Failure> {
        for (row_key, row) in all::<KeyPackageRow>(self.other)? {
            let replaced_at = row.replaced_at.unwrap_or(self.other_saved_at);
            let place = (Table::KeyPackages, row_key);
            let destroyed = replaced_at.saturating_add(RETENTION) <= self.saved_at;
            if !destroyed && !self.base.contains_key(&place) {
                put(self.base, &place.1, &row);
            }
        }
        Ok(())
    }

    fn outbox(&mut self) -> Result<(), Failure> {
        let waiting: Vec<MessageId> = all::<OutboxRow>(self.base)?
            .into_iter()
            .map(|(_, row)| row.message)
            .collect();
        for (_, row) in all::<OutboxRow>(self.other)? {
            let Some(mapped) = self.contacts.get(&row.contact) else {
                continue;
            };
            if !waiting.contains(&row.message) {
                let number = self.identity.next_outbox;
                self.identity.next_outbox = number.saturating_add(1);
                let contact = mapped.number;
                put(
                    self.base,
                    &key::number(number),
                    &OutboxRow { contact, ..row },
                );
            }
        }
        Ok(())
    }

    /// What was used up or taken back stays so, whichever section knows it. A section that keeps as many closed ones as it may has forgotten
    /// those that were made before: what it does not know of them is taken for closed.
    fn passes(&mut self) -> Result<(), Failure> {
        let (ours, theirs) = (all::<PassRow>(self.base)?, all::<PassRow>(self.other)?);
        let (we_forgot, they_forgot) = (forgotten_to(&ours), forgotten_to(&theirs));
        for (pass, mut row) in ours {
            match get::<PassRow>(self.other, &pass)? {
                Some(other) => {
                    row.used_by = row.used_by.or(other.used_by);
                    row.revoked = row.revoked.max(other.revoked);
                    put(self.base, &pass, &row);
                }
                None if row.is_open() && Some(row.made_at) <= they_forgot => {
                    self.base.remove(&(Table::Passes, pass));
                }
                None => {}
            }
        }
        for (pass, row) in theirs {
            let is_forgotten = row.is_open() && Some(row.made_at) <= we_forgot;
            if !is_forgotten && !self.base.contains_key(&(Table::Passes, pass.clone())) {
                put(self.base, &pass, &row);
            }
        }
        let joined = all::<PassRow>(self.base)?;
        let joined = joined
            .iter()
            .map(|(pass, row)| (pass.as_slice(), row.made_at, row.is_open()));
        for pass in passes::too_many_closed(joined) {
            self.base.remove(&(Table::Passes, pass.to_vec()));
        }
        Ok(())
    }

    fn mapped(&self, row_key: &[u8]) -> Option<Mapped> {
        let contact = ContactNumber::from_be_bytes(*row_key.first_chunk()?);
        self.contacts.get(&contact).copied()
    }

    /// The key of a row of a contact that the base did not have.
    fn moved(&self, row_key: &[u8]) -> Option<Vec<u8>> {
        let mapped = self.mapped(row_key).filter(|mapped| mapped.is_new)?;
        Some([&mapped.number.to_be_bytes()[..], row_key.get(4..)?].concat())
    }
}

/// Up to when passes were made of which closed ones may be forgotten.
fn forgotten_to(passes: &[(Vec<u8>, PassRow)]) -> Option<Millis> {
    let closed = passes.iter().filter(|(_, row)| !row.is_open());
    let is_full = closed.clone().count() >= passes::MAX_CLOSED;
    closed.map(|(_, row)| row.made_at).min().filter(|_| is_full)
}

/// How the records of another section stand to those of the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Same,
    /// Theirs are newer, or overrule ours; and whether a recovery came in them.
    Theirs(bool),
    /// The other way.
    Ours(bool),
    /// They contradict each other, theirs from this record on.
    Forked(Option<Hash>),
}

impl Relation {
    fn is_theirs(self) -> bool {
        matches!(self, Self::Theirs(_))
    }
}

/// `first_seen` is when the first record of ours that theirs lack was first seen.
fn relation(ours: &[Bytes], theirs: &[Bytes], first_seen: Millis) -> Relation {
    if ours == theirs {
        return Relation::Same;
    }
    let (Ok(mine), Ok(other)) = (Chain::verify(ours), Chain::verify(theirs)) else {
        return match Chain::verify(ours) {
            Ok(_) => Relation::Ours(false),
            Err(_) => Relation::Theirs(false),
        };
    };
    match mine.compare(&other) {
        ChainOrder::Same => Relation::Same,
        ChainOrder::Newer => Relation::Theirs(other.has_recovery(mine.number().saturating_add(1))),
        ChainOrder::Older => Relation::Ours(mine.has_recovery(other.number().saturating_add(1))),
        ChainOrder::Forked if mine.is_overruled_by(&other, first_seen) => Relation::Theirs(true),
        ChainOrder::Forked if other.is_overruled_by(&mine, Millis::MAX) => Relation::Ours(true),
        ChainOrder::Forked => {
            let from = mine.fork_point(&other);
            Relation::Forked(from.and_then(|from| other.hash_at(from)))
        }
    }
}

/// Takes over what the base lacks of a contact. Whether theirs is of before a recovery, or the base forbids it: then
/// their mailboxes and secrets are of no use any more.
fn join_contact(ours: &mut ContactRow, mut theirs: ContactRow, saved_at: Millis) -> bool {
    let pairs = ours.records.iter().zip(&theirs.records);
    let common = pairs.take_while(|(mine, other)| mine == other).count();
    let first_seen = ours.seen_at.get(common).copied().unwrap_or_default();
    let relation = relation(&ours.records, &theirs.records, first_seen);
    let blocked = is_blocked(ours, &theirs);
    let state = if is_state(&theirs, ContactState::Blocked) {
        // That was taken back since.
        state_number(ContactState::Resolved)
    } else {
        theirs.state
    };
    ours.blocked_at = ours.blocked_at.max(theirs.blocked_at);
    if theirs.petname_at > ours.petname_at {
        ours.petname = theirs.petname.take();
        ours.petname_at = theirs.petname_at;
    }
    join_forks(ours, &theirs);
    if let Relation::Theirs(recovered) = relation {
        ours.records = core::mem::take(&mut theirs.records);
        ours.package = core::mem::take(&mut theirs.package);
        ours.seen_at = core::mem::take(&mut theirs.seen_at);
        if recovered {
            // Ours is of before it.
            ours.pairings.clear();
            ours.forget_theirs();
            ours.ours = None;
            ours.epoch_sent = 0;
            ours.record_known = 0;
            ours.state = state;
        }
    }
    if let Relation::Forked(Some(fork)) = relation
        && !ours.forks.contains(&fork)
    {
        ours.forks.push(fork);
        ours.forked_at = Some(saved_at);
        ours.forked_from = u64::try_from(common).ok();
    }
    if blocked {
        ours.state = state_number(ContactState::Blocked);
        ours.request = None;
        ours.pairings.clear();
        ours.forget_theirs();
        ours.ours = None;
        return true;
    }
    if is_state(ours, ContactState::Blocked) {
        ours.state = state;
    }
    if relation == Relation::Ours(true) {
        return true;
    }
    ours.pass = ours.pass.or(theirs.pass);
    ours.by_link = ours.by_link.take().or(theirs.by_link.take());
    let is_accepted = is_state(&theirs, ContactState::Accepted);
    for pairing in core::mem::take(&mut theirs.pairings) {
        match ours
            .pairings
            .iter_mut()
            .find(|it| it.pairing == pairing.pairing)
        {
            Some(known) if known.r2.is_none() => *known = pairing,
            Some(_) => {}
            None => ours.pairings.push(pairing),
        }
    }
    if is_accepted {
        ours.state = theirs.state;
        ours.request = None;
    }
    if theirs.theirs.is_some()
        && (ours.theirs.is_none() || theirs.reachable_since() > ours.reachable_since())
    {
        ours.theirs = theirs.theirs;
        ours.theirs_at = theirs.theirs_at;
    }
    ours.ours = ours.ours.or(theirs.ours);
    false
}

fn is_state(row: &ContactRow, state: ContactState) -> bool {
    row.state == state_number(state)
}

/// Whether a contact is blocked: what the person decided last holds, whatever else a section knows. A contact could recover to
/// be unblocked.
fn is_blocked(ours: &ContactRow, theirs: &ContactRow) -> bool {
    let (mine, other) = (
        is_state(ours, ContactState::Blocked),
        is_state(theirs, ContactState::Blocked),
    );
    match ours.blocked_at.cmp(&theirs.blocked_at) {
        Ordering::Less => other,
        Ordering::Equal => mine || other,
        Ordering::Greater => mine,
    }
}

/// A fork that one section knows of is not forgotten, unless the other knew of it too and it was settled there.
fn join_forks(ours: &mut ContactRow, theirs: &ContactRow) {
    let knows = |row: &ContactRow, of: &ContactRow| {
        let mut forks = of.forks.iter();
        forks.all(|fork| row.forks.contains(fork))
    };
    let at = match (ours.forked_at, theirs.forked_at) {
        (Some(_), None) if knows(theirs, ours) => None,
        (None, Some(_)) if knows(ours, theirs) => None,
        (mine, other) => mine.or(other),
    };
    let from = ours.forked_from.into_iter().chain(theirs.forked_from).min();
    ours.forked_at = at;
    ours.forked_from = at.and(from);
    for fork in &theirs.forks {
        if !ours.forks.contains(fork) {
            ours.forks.push(*fork);
        }
    }
}

fn join_conversation(ours: &mut ConversationRow, theirs: ConversationRow) {
    if ours.draft.is_empty() {
        ours.draft = theirs.draft;
    }
    // An edit that was begun there names a place of that section, which is another one here.
    ours.active_at = ours.active_at.max(theirs.active_at);
    for chain in theirs.chains {
        match ours.chains.iter_mut().find(|it| it.device == chain.device) {
            // Places of missing events are those of the section they come from.
            Some(known) if known.counter < chain.counter => {
                known.counter = chain.counter;
                known.hash = chain.hash;
                known.lost_to = chain.counter;
            }
            Some(_) => {}
            None => ours.chains.push(crate::rows::ChainRow {
                missing: Vec::new(),
                lost_to: chain.counter,
                ..chain
            }),
        }
    }
}

fn contact_of(row_key: &[u8]) -> Result<ContactNumber, Failure> {
    row_key
        .first_chunk()
        .map(|bytes| ContactNumber::from_be_bytes(*bytes))
        .ok_or(Failure::VaultDamaged)
}

fn get<T: StoredRow>(rows: &Rows, row_key: &[u8]) -> Result<Option<T>, Failure> {
    rows.get(&(T::TABLE, row_key.to_vec()))
        .map(|value| cbor::decode(value).map_err(|_| Failure::VaultDamaged))
        .transpose()
}

fn put<T: StoredRow>(rows: &mut Rows, row_key: &[u8], row: &T) {
    rows.insert((T::TABLE, row_key.to_vec()), cbor::encode(row));
}

/// All rows of a table, with their keys.
fn all<T: StoredRow>(rows: &Rows) -> Result<Vec<(Vec<u8>, T)>, Failure> {
    rows.iter()
        .filter(|((table, _), _)| *table == T::TABLE)
        .map(|((_, row_key), value)| {
            cbor::decode(value)
                .map(|row| (row_key.clone(), row))
                .map_err(|_| Failure::VaultDamaged)
        })
        .collect()
}
