//! One client of what several devices wrote.
//!
//! The newest section is the base. From each other one comes what the base has not: contacts, messages, mailboxes,
//! pairings, what waits to be sent. Nothing that only one device knew is lost; messages that only another device
//! had are put at the end of their conversation.

use std::collections::BTreeMap;

use shared_crypto::cbor;
use shared_crypto::id::{IdentityId, MessageId};
use shared_crypto::vault::Section;

use super::pack::Rows;
use crate::contact::state_number;
use crate::request::Failure;
use crate::rows::key::By;
use crate::rows::{
    ContactRow, ConversationRow, EntryRow, ExpiringRow, IdentityRow, MailboxRow, OutboxRow,
    PlaceRow, StoredRow, key,
};
use crate::sorted::sort_by_key;
use crate::store::Table;
use crate::view::{ContactNumber, ContactState};

/// Puts the rows of several sections together.
pub(super) fn merge(mut sections: Vec<(Section, Rows)>) -> Result<Rows, Failure> {
    sort_by_key(&mut sections, |(section, _)| {
        (section.saved_at, section.device)
    });
    let (_, mut rows) = sections.pop().ok_or(Failure::VaultDamaged)?;
    while let Some((_, other)) = sections.pop() {
        Merge::new(&mut rows, &other)?.run()?;
    }
    Ok(rows)
}

/// How a contact of the other section is known in the base.
#[derive(Clone, Copy)]
struct Mapped {
    number: ContactNumber,
    is_new: bool,
}

struct Merge<'a> {
    base: &'a mut Rows,
    other: &'a Rows,
    identity: IdentityRow,
    contacts: BTreeMap<ContactNumber, Mapped>,
}

impl<'a> Merge<'a> {
    fn new(base: &'a mut Rows, other: &'a Rows) -> Result<Self, Failure> {
        let identity = get(base, key::ONLY)?.ok_or(Failure::VaultDamaged)?;
        Ok(Self {
            base,
            other,
            identity,
            contacts: BTreeMap::new(),
        })
    }

    fn run(mut self) -> Result<(), Failure> {
        self.identity()?;
        self.contacts()?;
        self.entries()?;
        self.mailboxes()?;
        self.outbox()?;
        for ((table, row_key), value) in self.other {
            let keep = match table {
                Table::KeyPackages | Table::Seen | Table::Nodes | Table::Tombstones => {
                    Some(row_key.clone())
                }
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

    /// The longer chain holds, with its keys.
    fn identity(&mut self) -> Result<(), Failure> {
        let other: IdentityRow = get(self.other, key::ONLY)?.ok_or(Failure::VaultDamaged)?;
        if other.records.len() > self.identity.records.len() {
            self.identity = IdentityRow {
                next_contact: self.identity.next_contact,
                next_outbox: self.identity.next_outbox,
                ..other
            };
        }
        Ok(())
    }

    fn contacts(&mut self) -> Result<(), Failure> {
        let mut known: BTreeMap<IdentityId, ContactNumber> = BTreeMap::new();
        for (number, row) in all::<ContactRow>(self.base)? {
            known.insert(row.identity, contact_of(&number)?);
        }
        for (other_key, row) in all::<ContactRow>(self.other)? {
            let other_number = contact_of(&other_key)?;
            let mapped = match known.get(&row.identity) {
                Some(number) => Mapped {
                    number: *number,
                    is_new: false,
                },
                None => {
                    let number = self.identity.next_contact;
                    self.identity.next_contact = number.saturating_add(1);
                    Mapped {
                        number,
                        is_new: true,
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
                join_contact(&mut ours, row);
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
            let position = if mapped.is_new {
                key::position(&other_key).ok_or(Failure::VaultDamaged)?
            } else {
                // Notices about this device's view of things have no id of their own.
                let is_notice = row.id == MessageId::from_bytes([0; 16]);
                if is_notice || self.base.contains_key(&(Table::Places, here.clone())) {
                    continue;
                }
                let conversation_key = key::contact(mapped.number);
                let Some(mut conversation) = get::<ConversationRow>(self.base, &conversation_key)?
                else {
                    continue;
                };
                let position = conversation.next;
                conversation.next = position.saturating_add(1);
                put(self.base, &conversation_key, &conversation);
                position
            };
            put(self.base, &key::entry(mapped.number, position), &row);
            if let Some(at) = row.expires_at {
                let expiring = key::expiring(at, mapped.number, position);
                put(self.base, &expiring, &ExpiringRow {});
            }
            let there = [
                other_key.get(..4).unwrap_or_default(),
                here.get(4..).unwrap_or_default(),
            ]
            .concat();
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

    fn mailboxes(&mut self) -> Result<(), Failure> {
        for (row_key, row) in all::<MailboxRow>(self.other)? {
            let contact = row
                .contact
                .and_then(|contact| self.contacts.get(&contact))
                .map(|mapped| mapped.number);
            if row.contact.is_some() == contact.is_some()
                && !self.base.contains_key(&(Table::Mailboxes, row_key.clone()))
            {
                put(self.base, &row_key, &MailboxRow { contact, ..row });
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

fn join_contact(ours: &mut ContactRow, theirs: ContactRow) {
    if theirs.records.len() > ours.records.len() {
        ours.records = theirs.records;
        ours.package = theirs.package;
    }
    for pairing in theirs.pairings {
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
    let talks = |state: u64| {
        [ContactState::Accepted, ContactState::Blocked]
            .iter()
            .any(|it| state_number(*it) == state)
    };
    if talks(theirs.state) && !talks(ours.state) {
        ours.state = theirs.state;
        ours.request = None;
    }
    ours.theirs = ours.theirs.or(theirs.theirs);
    ours.ours = ours.ours.or(theirs.ours);
}

fn join_conversation(ours: &mut ConversationRow, theirs: ConversationRow) {
    if ours.draft.is_empty() {
        ours.draft = theirs.draft;
    }
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
