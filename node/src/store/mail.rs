//! Mailboxes and the envelopes in them.

use bytes::Bytes;
use diesel::prelude::*;
use shared_crypto::id::{DeviceId, MailboxId, MessageId};
use shared_crypto::problem::ProblemCode;

use super::schema::{devices, mailboxes, messages};
use super::{
    AccountId, Apply, Batch, Connection, Cursor, Event, StoreError, from_db, on, size_to_db, to_db,
};
use crate::clock::Millis;

/// How many times as many mailboxes as an account may have open it may have had.
const KEPT_MAILBOXES: u64 = 4;

/// Who may deliver to a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailboxKind {
    /// Public, for strangers: wants postage.
    Intro,
    /// Known to one contact.
    Contact,
}

impl MailboxKind {
    pub(super) fn to_db(self) -> i32 {
        match self {
            Self::Intro => 0,
            Self::Contact => 1,
        }
    }

    fn from_db(value: i32) -> Result<Self, StoreError> {
        match value {
            0 => Ok(Self::Intro),
            1 => Ok(Self::Contact),
            _ => Err(StoreError::Corrupt("a mailbox kind")),
        }
    }
}

/// A mailbox as the writer needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct MailboxRow {
    pub(super) id: i64,
    pub(super) account: AccountId,
    pub(super) kind: MailboxKind,
    pub(super) is_removed: bool,
}

pub(super) fn find_mailbox(
    connection: &mut Connection,
    mailbox: &MailboxId,
) -> Result<Option<MailboxRow>, StoreError> {
    let row: Option<(i64, i64, i32, i64)> = on!(connection, |c| mailboxes::table
        .filter(mailboxes::mailbox.eq(mailbox.as_bytes().as_slice()))
        .select((
            mailboxes::id,
            mailboxes::account,
            mailboxes::kind,
            mailboxes::removed_at,
        ))
        .first(c)
        .optional())?;
    row.map(|(id, account, kind, removed_at)| {
        Ok(MailboxRow {
            id,
            account: AccountId(account),
            kind: MailboxKind::from_db(kind)?,
            is_removed: removed_at != 0,
        })
    })
    .transpose()
}

/// Stores an envelope for whoever owns the mailbox.
#[derive(Debug, Clone)]
pub struct Deliver {
    /// Where.
    pub mailbox: MailboxId,
    /// Under which id; the same id in the same mailbox is the same envelope.
    pub message_id: MessageId,
    /// What; its size was checked.
    pub envelope: Bytes,
    /// Whether the postage that came with it is enough for an intro mailbox.
    pub is_paid: bool,
}

/// An envelope is in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Stored by this command.
    Stored,
    /// Stored earlier.
    Known,
}

impl Apply for Deliver {
    type Output = Result<Delivered, ProblemCode>;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let row = match batch.mailboxes.get(&self.mailbox) {
            Some(row) => *row,
            None => match find_mailbox(batch.connection, &self.mailbox)? {
                Some(row) => {
                    batch.mailboxes.insert(self.mailbox, row);
                    row
                }
                None => return Ok(Err(ProblemCode::UnknownMailbox)),
            },
        };
        if row.is_removed {
            return Ok(Err(ProblemCode::UnknownMailbox));
        }
        let size = size_to_db(self.envelope.len());
        let usage = batch.usage(row.account)?;
        let has_room = from_db(usage.used_bytes.saturating_add(size)) <= batch.limits.quota_bytes
            && from_db(usage.used_count) < batch.limits.quota_count
            && (row.kind == MailboxKind::Contact
                || !self.is_paid
                || has_room_for_strangers(batch, row.account, size)?);
        let refusal = if usage.has_left {
            Some(ProblemCode::MailboxMoved)
        } else if !has_room {
            Some(ProblemCode::MailboxFull)
        } else if row.kind == MailboxKind::Intro && !self.is_paid {
            Some(ProblemCode::PostageRequired)
        } else {
            None
        };
        if let Some(code) = refusal {
            // What is stored already stays known, whatever it would cost now.
            let is_known: bool = on!(batch.connection, |c| diesel::select(diesel::dsl::exists(
                messages::table
                    .filter(messages::mailbox.eq(row.id))
                    .filter(messages::message_id.eq(self.message_id.as_bytes().as_slice())),
            ))
            .get_result(c))?;
            return Ok(if is_known {
                Ok(Delivered::Known)
            } else {
                Err(code)
            });
        }
        let cursor: Option<i64> = on!(batch.connection, |c| diesel::insert_into(messages::table)
            .values((
                messages::account.eq(row.account.0),
                messages::mailbox.eq(row.id),
                messages::message_id.eq(self.message_id.as_bytes().as_slice()),
                messages::arrived_at.eq(to_db(batch.now)),
                messages::size.eq(size),
                messages::envelope.eq(self.envelope.as_ref()),
            ))
            .on_conflict((messages::mailbox, messages::message_id))
            .do_nothing()
            .returning(messages::id)
            .get_result(c)
            .optional())?;
        let Some(cursor) = cursor else {
            return Ok(Ok(Delivered::Known));
        };
        batch.change_usage(row.account, |usage| {
            usage.used_bytes = usage.used_bytes.saturating_add(size);
            usage.used_count = usage.used_count.saturating_add(1);
        })?;
        batch.events.push(Event::Stored {
            account: row.account,
            cursor: Cursor(from_db(cursor)),
            arrived_at: batch.now,
            mailbox: self.mailbox,
            message_id: self.message_id,
            envelope: self.envelope.clone(),
        });
        Ok(Ok(Delivered::Stored))
    }
}

/// Whoever pays the postage may leave mail, so mail of strangers gets a share of the quota only: they
/// cannot take the room of contacts.
fn has_room_for_strangers(
    batch: &mut Batch<'_>,
    account: AccountId,
    size: i64,
) -> Result<bool, StoreError> {
    let sizes: Vec<i64> = on!(batch.connection, |c| messages::table
        .inner_join(mailboxes::table.on(mailboxes::id.eq(messages::mailbox)))
        .filter(mailboxes::account.eq(account.0))
        .filter(mailboxes::kind.eq(MailboxKind::Intro.to_db()))
        .select(messages::size)
        .load(c))?;
    let bytes = sizes
        .iter()
        .fold(size, |sum, size| sum.saturating_add(*size));
    let count = from_db(size_to_db(sizes.len()));
    Ok(from_db(bytes) <= batch.limits.intro_bytes() && count < batch.limits.intro_count())
}

/// A device has everything up to a cursor.
#[derive(Debug, Clone, Copy)]
pub struct Ack {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub device: DeviceId,
    /// Up to where.
    pub cursor: Cursor,
    /// Whether the caller knows that it was pushed. A device may also acknowledge what it got on an
    /// earlier connection, but nothing that has not come yet.
    pub is_pushed: bool,
}

impl Apply for Ack {
    type Output = ();

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let cursor = if self.is_pushed {
            to_db(self.cursor.get())
        } else {
            let newest: Option<i64> = on!(batch.connection, |c| messages::table
                .filter(messages::account.eq(self.account.0))
                .select(diesel::dsl::max(messages::id))
                .first(c))?;
            to_db(self.cursor.get()).min(newest.unwrap_or(0))
        };
        let mut changed = on!(batch.connection, |c| diesel::update(
            devices::table
                .find((self.account.0, self.device.as_bytes().as_slice()))
                .filter(devices::acked.lt(cursor)),
        )
        .set((
            devices::acked.eq(cursor),
            devices::last_seen.eq(to_db(batch.now)),
        ))
        .execute(c))?;
        if changed == 0 {
            // A device that was forgotten and is there all the same is remembered again.
            changed = on!(batch.connection, |c| diesel::insert_into(devices::table)
                .values((
                    devices::account.eq(self.account.0),
                    devices::device.eq(self.device.as_bytes().as_slice()),
                    devices::acked.eq(cursor),
                    devices::last_seen.eq(to_db(batch.now)),
                ))
                .on_conflict((devices::account, devices::device))
                .do_nothing()
                .execute(c))?;
        }
        if changed != 0 {
            batch.acked.insert(self.account);
        }
        Ok(())
    }
}

/// Deletes what every device that still comes has acknowledged.
pub(super) fn delete_acknowledged(
    batch: &mut Batch<'_>,
    account: AccountId,
) -> Result<(), StoreError> {
    let since: Millis = batch.now.saturating_sub(batch.limits.retention);
    let acked: Option<i64> = on!(batch.connection, |c| devices::table
        .filter(devices::account.eq(account.0))
        .filter(devices::last_seen.ge(to_db(since)))
        .select(diesel::dsl::min(devices::acked))
        .first(c))?;
    let Some(acked) = acked else {
        return Ok(());
    };
    let sizes: Vec<i64> = on!(batch.connection, |c| messages::table
        .filter(messages::account.eq(account.0))
        .filter(messages::id.le(acked))
        .select(messages::size)
        .load(c))?;
    if sizes.is_empty() {
        return Ok(());
    }
    on!(batch.connection, |c| diesel::delete(
        messages::table
            .filter(messages::account.eq(account.0))
            .filter(messages::id.le(acked)),
    )
    .execute(c))?;
    release(batch, account, &sizes)
}

/// Takes envelopes that are gone off the account's quota.
pub(super) fn release(
    batch: &mut Batch<'_>,
    account: AccountId,
    sizes: &[i64],
) -> Result<(), StoreError> {
    let bytes = sizes
        .iter()
        .fold(0_i64, |sum, size| sum.saturating_add(*size));
    batch.change_usage(account, |usage| {
        usage.used_bytes = usage.used_bytes.saturating_sub(bytes);
        usage.used_count = usage.used_count.saturating_sub(size_to_db(sizes.len()));
    })
}

/// Opens and closes mailboxes of an account; all of it or nothing.
#[derive(Debug, Clone)]
pub struct ChangeMailboxes {
    /// Whose.
    pub account: AccountId,
    /// To take mail from now on. One that is there already stays.
    pub add: Vec<(MailboxId, MailboxKind)>,
    /// To take no more mail. What is in them stays until it is acknowledged. One that is not theirs
    /// needs no removing.
    pub remove: Vec<MailboxId>,
}

impl Apply for ChangeMailboxes {
    type Output = Result<(), ProblemCode>;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        // Everything is checked before anything is changed: a refusal leaves no trace.
        let mut to_insert = Vec::new();
        let mut to_open = Vec::new();
        let mut reopened = 0_i64;
        for (mailbox, kind) in &self.add {
            match find_mailbox(batch.connection, mailbox)? {
                Some(row) if row.account != self.account || row.kind != *kind => {
                    return Ok(Err(ProblemCode::Unauthorized));
                }
                Some(row) => {
                    reopened = reopened.saturating_add(i64::from(row.is_removed));
                    to_open.push((row.id, 0));
                }
                None => to_insert.push((*mailbox, *kind)),
            }
        }
        for mailbox in &self.remove {
            match find_mailbox(batch.connection, mailbox)? {
                Some(row) if row.account == self.account && !row.is_removed => {
                    to_open.push((row.id, to_db(batch.now).max(1)));
                }
                _ => {}
            }
        }
        if !self.has_room(batch, size_to_db(to_insert.len()), reopened)? {
            return Ok(Err(ProblemCode::TooLarge));
        }
        for (mailbox, kind) in to_insert {
            insert_mailbox(batch, self.account, &mailbox, kind)?;
        }
        for (id, removed_at) in to_open {
            on!(batch.connection, |c| diesel::update(
                mailboxes::table.find(id)
            )
            .set(mailboxes::removed_at.eq(removed_at))
            .execute(c))?;
        }
        batch.mailboxes.clear();
        Ok(Ok(()))
    }
}

impl ChangeMailboxes {
    /// Removed mailboxes are kept for good, so they are bounded as well, more generously.
    fn has_room(&self, batch: &mut Batch<'_>, new: i64, reopened: i64) -> Result<bool, StoreError> {
        if new == 0 && reopened == 0 {
            return Ok(true);
        }
        let removed: Vec<bool> = on!(batch.connection, |c| mailboxes::table
            .filter(mailboxes::account.eq(self.account.0))
            .select(mailboxes::removed_at.ne(0))
            .load(c))?;
        let all = size_to_db(removed.len()).saturating_add(new);
        let open = size_to_db(removed.iter().filter(|is_removed| !**is_removed).count())
            .saturating_add(new)
            .saturating_add(reopened);
        let limit = batch.limits.mailboxes;
        Ok(from_db(open) <= limit && from_db(all) <= limit.saturating_mul(KEPT_MAILBOXES))
    }
}

pub(super) fn insert_mailbox(
    batch: &mut Batch<'_>,
    account: AccountId,
    mailbox: &MailboxId,
    kind: MailboxKind,
) -> Result<(), StoreError> {
    on!(batch.connection, |c| diesel::insert_into(mailboxes::table)
        .values((
            mailboxes::mailbox.eq(mailbox.as_bytes().as_slice()),
            mailboxes::account.eq(account.0),
            mailboxes::kind.eq(kind.to_db()),
        ))
        .on_conflict(mailboxes::mailbox) // repeated within one command
        .do_nothing()
        .execute(c))?;
    Ok(())
}
