//! Mailboxes and the envelopes in them.

use std::collections::HashMap;
use std::marker::PhantomData;

use bytes::Bytes;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Integer};
use shared_crypto::id::{DeviceId, MailboxId, MessageId};
use shared_crypto::problem::ProblemCode;

use super::many::Needs;
use super::schema::{accounts, devices, mailboxes};
use super::statement::statement;
use super::usage::Usage;
use super::{
    AccountId, Apply, Batch, Connection, Cursor, Event, StoreError, Urgency, WriterLimits, from_db,
    id_from_db, on, size_to_db, to_db,
};
use crate::clock::Millis;
use crate::refused::Refused;

/// How many times as many mailboxes as an account may have open it may have had.
const KEPT_MAILBOXES: u64 = 4;

/// What counting the mailboxes of an account costs beside what a change of one does.
const COUNTING: usize = 64;

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

    pub(super) fn from_db(value: i32) -> Result<Self, StoreError> {
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

impl MailboxRow {
    pub(super) fn from_db(
        id: i64,
        account: i64,
        kind: i32,
        removed_at: i64,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            id,
            account: AccountId(account),
            kind: MailboxKind::from_db(kind)?,
            is_removed: removed_at != 0,
        })
    }
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
        .get_result(c)
        .optional())?;
    row.map(|(id, account, kind, removed_at)| MailboxRow::from_db(id, account, kind, removed_at))
        .transpose()
}

/// Those of these mailboxes that exist, asked for at once.
fn find_mailboxes<'a>(
    connection: &mut Connection,
    named: impl Iterator<Item = &'a MailboxId>,
) -> Result<HashMap<MailboxId, MailboxRow>, StoreError> {
    let named: Vec<&[u8]> = named.map(|mailbox| mailbox.as_bytes().as_slice()).collect();
    let rows: Vec<(Vec<u8>, i64, i64, i32, i64)> = on!(connection, |c| mailboxes::table
        .filter(mailboxes::mailbox.eq_any(&named))
        .select((
            mailboxes::mailbox,
            mailboxes::id,
            mailboxes::account,
            mailboxes::kind,
            mailboxes::removed_at,
        ))
        .load(c))?;
    rows.into_iter()
        .map(|(mailbox, id, account, kind, removed_at)| {
            let row = MailboxRow::from_db(id, account, kind, removed_at)?;
            Ok((id_from_db(&mailbox)?, row))
        })
        .collect()
}

/// An envelope that is about to be stored.
#[derive(Debug)]
pub(super) struct NewMessage {
    pub(super) account: AccountId,
    pub(super) cursor: i64,
    pub(super) mailbox: i64,
    pub(super) kind: MailboxKind,
    pub(super) message_id: MessageId,
    pub(super) envelope: Bytes,
}

impl NewMessage {
    pub(super) fn size(&self) -> i64 {
        size_to_db(self.envelope.len())
    }
}

statement! {
    InsertMessage:
    "INSERT INTO messages (account, cursor, mailbox, kind, message_id, arrived_at, size, envelope) VALUES ("
    account: i64 as BigInt, ", " cursor: i64 as BigInt, ", " mailbox: i64 as BigInt,
    ", " kind: i32 as Integer, ", " message_id: &'a [u8] as Binary, ", " arrived_at: i64 as BigInt,
    ", " size: i64 as BigInt, ", " envelope: &'a [u8] as Binary;
    ") ON CONFLICT (mailbox, message_id) DO NOTHING"
}

/// Stores an envelope; says whether it was not stored yet.
pub(super) fn insert_message(
    connection: &mut SqliteConnection,
    now: Millis,
    row: &NewMessage,
) -> Result<bool, StoreError> {
    let insert = InsertMessage {
        account: row.account.0,
        cursor: row.cursor,
        mailbox: row.mailbox,
        kind: row.kind.to_db(),
        message_id: row.message_id.as_bytes().as_slice(),
        arrived_at: to_db(now),
        size: row.size(),
        envelope: &row.envelope,
        marker: PhantomData,
    };
    Ok(insert.execute(connection)? != 0)
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
    const URGENCY: Urgency = Urgency::Quick;

    type Output = Result<Delivered, Refused>;

    fn needs(&self, needs: &mut Needs) {
        needs.deliveries.push((self.mailbox, self.message_id));
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let found = batch.mailbox(&self.mailbox)?;
        let Some(row) = found.filter(|row| !row.is_removed) else {
            return Ok(Err(ProblemCode::UnknownMailbox.into()));
        };
        let size = size_to_db(self.envelope.len());
        let Some(usage) = batch.usage(row.account)? else {
            return Ok(Err(ProblemCode::UnknownMailbox.into()));
        };
        let is_closing = batch.is_closing()?;
        let refused = if is_closing {
            Some(ProblemCode::NodeClosing.into())
        } else if usage.has_left {
            Some(ProblemCode::MailboxMoved.into())
        } else if let Some(rule) = self.full(batch.limits, &usage, row.kind) {
            Some(Refused::by(ProblemCode::MailboxFull, rule))
        } else if row.kind == MailboxKind::Intro && !self.is_paid {
            Some(ProblemCode::PostageRequired.into())
        } else {
            None
        };
        if let Some(refused) = refused {
            // What is stored already stays known, whatever it would cost now.
            return Ok(if batch.is_stored(row.id, &self.message_id)? {
                Ok(Delivered::Known)
            } else {
                Err(refused)
            });
        }
        let cursor = usage.last_cursor.saturating_add(1);
        let is_new = batch.store(NewMessage {
            account: row.account,
            cursor,
            mailbox: row.id,
            kind: row.kind,
            message_id: self.message_id,
            envelope: self.envelope.clone(),
        })?;
        if !is_new {
            return Ok(Ok(Delivered::Known));
        }
        batch.change_usage(row.account, |usage| {
            usage.add(size, row.kind);
            usage.last_cursor = cursor;
        })?;
        batch.events.push(Event::Stored {
            account: row.account,
            cursor: Cursor(from_db(cursor)),
            arrived_at: batch.now,
            mailbox: self.mailbox,
            kind: row.kind,
            message_id: self.message_id,
            envelope: self.envelope.clone(),
        });
        Ok(Ok(Delivered::Stored))
    }
}

impl Deliver {
    /// Which bound of the owner's leaves no room for it.
    fn full(
        &self,
        limits: &WriterLimits,
        usage: &Usage,
        kind: MailboxKind,
    ) -> Option<&'static str> {
        let size = size_to_db(self.envelope.len());
        if from_db(usage.used_bytes.saturating_add(size)) > limits.quota_bytes {
            return Some("quota_bytes");
        }
        if from_db(usage.used_count) >= limits.quota_count {
            return Some("quota_count");
        }
        // Whoever pays the postage may leave mail, so mail of strangers gets a share of the quota
        // only: they cannot take the room of contacts.
        let is_within_share = || {
            from_db(usage.intro_bytes.saturating_add(size)) <= limits.intro_room(from_db(size))
                && from_db(usage.intro_count) < limits.intro_count()
        };
        let is_stranger = kind == MailboxKind::Intro && self.is_paid;
        (is_stranger && !is_within_share()).then_some("strangers_share")
    }
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
    const URGENCY: Urgency = Urgency::Patient;

    type Output = ();

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }

    fn needs(&self, needs: &mut Needs) {
        if !self.is_pushed {
            needs.accounts.push(self.account);
        }
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let mut cursor = to_db(self.cursor.get());
        if !self.is_pushed {
            let Some(usage) = batch.usage(self.account)? else {
                return Ok(());
            };
            cursor = cursor.min(usage.last_cursor);
        }
        batch.acks.push((self.account, self.device, cursor));
        Ok(())
    }
}

/// A device has everything up to a cursor; says whether that is news.
pub(super) fn acknowledge(
    connection: &mut SqliteConnection,
    now: Millis,
    (account, device, cursor): (AccountId, DeviceId, i64),
) -> Result<bool, StoreError> {
    let advance = Advance {
        acked: cursor,
        last_seen: to_db(now),
        account: account.0,
        device: device.as_bytes().as_slice(),
        before: cursor,
        marker: PhantomData,
    };
    if advance.execute(connection)? != 0 {
        return Ok(true);
    }
    let has_account: bool = diesel::select(diesel::dsl::exists(accounts::table.find(account.0)))
        .get_result(connection)?;
    if !has_account {
        return Ok(false); // deleted meanwhile
    }
    // A device that was forgotten and is there all the same is remembered again.
    let remembered = diesel::insert_into(devices::table)
        .values((
            devices::account.eq(account.0),
            devices::device.eq(device.as_bytes().as_slice()),
            devices::acked.eq(cursor),
            devices::last_seen.eq(to_db(now)),
        ))
        .on_conflict((devices::account, devices::device))
        .do_nothing()
        .execute(connection)?;
    Ok(remembered != 0)
}

statement! {
    Advance:
    "UPDATE devices SET acked = " acked: i64 as BigInt, ", last_seen = " last_seen: i64 as BigInt,
    " WHERE account = " account: i64 as BigInt, " AND device = " device: &'a [u8] as Binary,
    " AND acked < " before: i64 as BigInt; ""
}

statement! {
    DeleteUpTo -> (BigInt, Integer):
    "DELETE FROM messages WHERE account = " account: i64 as BigInt,
    " AND cursor <= " acked: i64 as BigInt; " RETURNING size, kind"
}

/// Deletes what every device of an account that still comes has acknowledged; returns how large each
/// envelope was, and of which kind its mailbox is.
pub(super) fn delete_acknowledged(
    connection: &mut SqliteConnection,
    account: AccountId,
    since: Millis,
) -> Result<Vec<(AccountId, i64, MailboxKind)>, StoreError> {
    let acked: Option<i64> = devices::table
        .filter(devices::account.eq(account.0))
        .filter(devices::last_seen.ge(to_db(since)))
        .select(diesel::dsl::min(devices::acked))
        .get_result(connection)?;
    let Some(acked) = acked else {
        return Ok(Vec::new());
    };
    let delete = DeleteUpTo {
        account: account.0,
        acked,
        marker: PhantomData,
    };
    let rows: Vec<(i64, i32)> = delete.load(connection)?;
    rows.into_iter()
        .map(|(size, kind)| Ok((account, size, MailboxKind::from_db(kind)?)))
        .collect()
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

/// Why a change of mailboxes was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailboxRefusal {
    /// These have another owner or kind here.
    Taken(Vec<MailboxId>),
    /// Any other reason, such as too many.
    Other(Refused),
}

impl MailboxRefusal {
    /// What the client is told, and why.
    pub fn refused(&self) -> Refused {
        match self {
            Self::Taken(_) => ProblemCode::Unauthorized.into(),
            Self::Other(refused) => *refused,
        }
    }
}

impl From<Refused> for MailboxRefusal {
    fn from(refused: Refused) -> Self {
        Self::Other(refused)
    }
}

impl From<ProblemCode> for MailboxRefusal {
    fn from(code: ProblemCode) -> Self {
        Self::Other(code.into())
    }
}

impl Apply for ChangeMailboxes {
    type Output = Result<(), MailboxRefusal>;

    fn weight(&self) -> usize {
        let entries = self.add.len().saturating_add(self.remove.len());
        // Whether there is room takes a look at all that the account has.
        let looks = if self.add.is_empty() { 0 } else { COUNTING };
        entries.max(looks)
    }

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        // Everything is checked before anything is changed: a refusal leaves no trace.
        let mut taken = Vec::new();
        let mut to_insert = Vec::new();
        let mut to_open = Vec::new();
        let mut reopened = 0_i64;
        let named = self.add.iter().map(|(mailbox, _)| mailbox);
        let found = find_mailboxes(batch.connection, named.chain(&self.remove))?;
        for (mailbox, kind) in &self.add {
            match found.get(mailbox) {
                Some(row) if row.account != self.account || row.kind != *kind => {
                    taken.push(*mailbox);
                }
                Some(row) => {
                    reopened = reopened.saturating_add(i64::from(row.is_removed));
                    to_open.push(row.id);
                }
                None => to_insert.push((*mailbox, *kind)),
            }
        }
        if !taken.is_empty() {
            return Ok(Err(MailboxRefusal::Taken(taken)));
        }
        let removed = self.remove.iter().filter_map(|mailbox| found.get(mailbox));
        let to_remove: Vec<i64> = removed
            .filter(|row| row.account == self.account && !row.is_removed)
            .map(|row| row.id)
            .collect();
        if !self.has_room(batch, size_to_db(to_insert.len()), reopened)? {
            return Ok(Err(Refused::by(ProblemCode::TooLarge, "mailboxes").into()));
        }
        for (mailbox, kind) in to_insert {
            insert_mailbox(batch, self.account, &mailbox, kind)?;
        }
        for (ids, removed_at) in [(to_open, 0), (to_remove, to_db(batch.now).max(1))] {
            on!(batch.connection, |c| diesel::update(
                mailboxes::table.filter(mailboxes::id.eq_any(&ids))
            )
            .set(mailboxes::removed_at.eq(removed_at))
            .execute(c))?;
        }
        batch.forget_mailboxes();
        Ok(Ok(()))
    }
}

impl ChangeMailboxes {
    /// Removed mailboxes are kept for good, so they are bounded as well, more generously.
    fn has_room(&self, batch: &mut Batch<'_>, new: i64, reopened: i64) -> Result<bool, StoreError> {
        if new == 0 && reopened == 0 {
            return Ok(true);
        }
        let theirs = mailboxes::table.filter(mailboxes::account.eq(self.account.0));
        let all: i64 = on!(batch.connection, |c| theirs.count().get_result(c))?;
        let open = theirs.filter(mailboxes::removed_at.eq(0));
        let open: i64 = on!(batch.connection, |c| open.count().get_result(c))?;
        let all = all.saturating_add(new);
        let open = open.saturating_add(new).saturating_add(reopened);
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
    batch.forget_mailboxes();
    Ok(())
}
