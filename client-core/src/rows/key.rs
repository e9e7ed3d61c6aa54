//! Keys of rows.

use shared_crypto::hash::hash_parts;
use shared_crypto::id::{IdentityId, MailboxId, MessageId, Pass};

use crate::store::KeyRange;
use crate::view::{ContactNumber, Position};

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum By {
    Us,
    Them,
}

/// The single row of a table.
pub(crate) const ONLY: &[u8] = b"";

/// A contact, or the conversation with it.
pub(crate) fn contact(number: ContactNumber) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// A numbered row: an epoch, a place in the outbox, a tombstone.
pub(crate) fn number(number: u64) -> Vec<u8> {
    number.to_be_bytes().to_vec()
}

/// An entry.
pub(crate) fn entry(contact: ContactNumber, position: Position) -> Vec<u8> {
    [&contact.to_be_bytes()[..], &position.to_be_bytes()].concat()
}

/// Entries of one conversation from `from` (inclusive) to `to` (exclusive).
pub(crate) fn entries(contact: ContactNumber, from: Position, to: Position) -> KeyRange {
    KeyRange {
        from: entry(contact, from),
        to: entry(contact, to),
    }
}

/// A message of a conversation. Ids of others are not trusted to differ from ours, or from those of
/// somebody else.
pub(crate) fn message(contact: ContactNumber, by: By, id: &MessageId) -> Vec<u8> {
    let by = match by {
        By::Us => 1,
        By::Them => 0,
    };
    [&contact.to_be_bytes()[..], &[by], id.as_bytes()].concat()
}

/// When an entry is forgotten.
pub(crate) fn expiring(at: u64, contact: ContactNumber, position: Position) -> Vec<u8> {
    [&at.to_be_bytes()[..], &entry(contact, position)].concat()
}

/// The entries that are forgotten before a moment.
pub(crate) fn expiring_before(at: u64) -> KeyRange {
    KeyRange {
        from: Vec::new(),
        to: at.to_be_bytes().to_vec(),
    }
}

/// Contact and position of an entry that is to be forgotten, and when.
pub(crate) fn expiring_entry(key: &[u8]) -> Option<(u64, ContactNumber, Position)> {
    let (at, rest) = key.split_first_chunk()?;
    let (contact, rest) = rest.split_first_chunk()?;
    let position = rest.first_chunk()?;
    Some((
        u64::from_be_bytes(*at),
        ContactNumber::from_be_bytes(*contact),
        Position::from_be_bytes(*position),
    ))
}

/// A message as it came to a mailbox of ours.
pub(crate) fn seen(mailbox: &MailboxId, id: &MessageId) -> Vec<u8> {
    [&mailbox.as_bytes()[..], id.as_bytes()].concat()
}

/// A first contact that came to the mailbox where strangers write. Not by its id alone: one of our nodes reads the id,
/// and can leave there under it what somebody else wrote.
pub(crate) fn seen_from(mailbox: &MailboxId, from: &IdentityId, id: &MessageId) -> Vec<u8> {
    seen_as("zechat/seen-from/v1", mailbox, from.as_bytes(), id)
}

/// What nobody can read and was counted. It is not noted as the message whose id it has: that one may still come.
pub(crate) fn unreadable(mailbox: &MailboxId, id: &MessageId) -> Vec<u8> {
    seen_as("zechat/unreadable/v1", mailbox, &[], id)
}

fn seen_as(namespace: &str, mailbox: &MailboxId, from: &[u8], id: &MessageId) -> Vec<u8> {
    let digest = hash_parts(namespace, &[from, id.as_bytes()]);
    let id = digest.as_bytes().first_chunk().copied().unwrap_or_default();
    seen(mailbox, &MessageId::from_bytes(id))
}

/// A mailbox.
pub(crate) fn mailbox(id: &MailboxId) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// A link that was made for somebody.
pub(crate) fn pass(pass: &Pass) -> Vec<u8> {
    pass.as_bytes().to_vec()
}

/// The position at the end of an entry's key.
pub(crate) fn position(key: &[u8]) -> Option<Position> {
    key.last_chunk()
        .map(|bytes| Position::from_be_bytes(*bytes))
}
