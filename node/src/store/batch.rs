//! One transaction of the writer while it is made, with what its commands share.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::marker::PhantomData;

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use shared_crypto::id::{DeviceId, MailboxId, MessageId};

use super::connection::Connection;
use super::mail::{self, MailboxRow, NewMessage};
use super::many::{self, Needs};
use super::operator;
use super::outbox::{self, NewSubmission, Seen, SubmissionKey};
use super::outstanding::Outstanding;
use super::processes::{Notice, ProcessId};
use super::schema::{accounts, messages};
use super::statement::statement;
use super::usage::{Columns, Usage};
use super::{AccountId, Event, StoreError, WriterLimits, on};
use crate::clock::Millis;

/// One transaction being made. On a file a statement costs microseconds, so each command does its own.
/// To a server it costs a round trip: what the commands need is fetched before, and what they store is
/// written after, each in one statement.
pub struct Batch<'a> {
    pub(super) connection: &'a mut Connection,
    pub(super) now: Millis,
    pub(super) limits: &'a WriterLimits,
    pub(super) events: Vec<Event>,
    /// How far devices acknowledged.
    pub(super) acks: Vec<(AccountId, DeviceId, i64)>,
    /// Accounts in which a device acknowledged more, or is gone.
    pub(super) acked: BTreeSet<AccountId>,
    /// Whether the node is being closed down; nothing: nobody has asked yet.
    is_closing: Option<bool>,
    mailboxes: HashMap<MailboxId, Option<MailboxRow>>,
    usage: BTreeMap<AccountId, Usage>,
    /// On a server: of what the commands bring, what is stored already.
    stored: HashSet<(i64, MessageId)>,
    /// On a file: which submissions are stored.
    pub(super) outstanding: Option<&'a mut Outstanding>,
    is_outbox_unknown: bool,
    /// On a server: for which nodes accounts had mail.
    pub(super) seen: &'a mut Seen,
    submissions: HashMap<SubmissionKey, Option<(i32, String)>>,
    /// On a server: what is to be written.
    new_messages: Vec<NewMessage>,
    new_submissions: Vec<NewSubmission>,
}

/// What a batch has done, if it is committed.
pub(super) struct Finished {
    pub(super) events: Vec<Event>,
    pub(super) is_outbox_unknown: bool,
}

impl<'a> Batch<'a> {
    pub(super) fn new(
        connection: &'a mut Connection,
        now: Millis,
        limits: &'a WriterLimits,
        outstanding: Option<&'a mut Outstanding>,
        seen: &'a mut Seen,
    ) -> Self {
        Self {
            connection,
            now,
            limits,
            events: Vec::new(),
            acks: Vec::new(),
            acked: BTreeSet::new(),
            is_closing: None,
            mailboxes: HashMap::new(),
            usage: BTreeMap::new(),
            stored: HashSet::new(),
            outstanding,
            is_outbox_unknown: false,
            seen,
            submissions: HashMap::new(),
            new_messages: Vec::new(),
            new_submissions: Vec::new(),
        }
    }

    /// Whether the database is asked once for all commands.
    pub(super) fn asks_once(&self) -> bool {
        matches!(self.connection, Connection::Postgres(_))
    }

    /// Fetches what the commands will look for.
    pub(super) fn prepare(&mut self, needs: &Needs) -> Result<(), StoreError> {
        let Connection::Postgres(c) = &mut *self.connection else {
            return Ok(());
        };
        let mut accounts: BTreeSet<i64> = needs.accounts.iter().map(|id| id.0).collect();
        if !needs.deliveries.is_empty() {
            let absent = needs.deliveries.iter().map(|(mailbox, _)| (*mailbox, None));
            self.mailboxes.extend(absent);
            for found in many::find_deliveries(c, &needs.deliveries)? {
                self.mailboxes.insert(found.mailbox, Some(found.row));
                self.usage.insert(found.row.account, found.usage);
                self.is_closing = Some(found.is_closing);
                if found.is_stored {
                    self.stored.insert((found.row.id, found.message));
                }
            }
            accounts.retain(|account| !self.usage.contains_key(&AccountId(*account)));
        }
        if !needs.submissions.is_empty() {
            let absent = needs.submissions.iter().map(|key| (*key, None));
            self.submissions.extend(absent);
            for (key, known) in many::find_submissions(c, &needs.submissions)? {
                self.submissions.insert(key, Some(known));
            }
        }
        if !accounts.is_empty() {
            let found = many::find_usage(c, accounts.into_iter().collect())?;
            self.usage.extend(found);
        }
        Ok(())
    }

    /// Whether the node is being closed down, looked up once per batch: another process may have decided it.
    pub(super) fn is_closing(&mut self) -> Result<bool, StoreError> {
        if let Some(is_closing) = self.is_closing {
            return Ok(is_closing);
        }
        let is_closing = operator::is_closing(self.connection)?;
        self.is_closing = Some(is_closing);
        Ok(is_closing)
    }

    /// The same from now on.
    pub(super) fn set_closing(&mut self, is_closing: bool) {
        self.is_closing = Some(is_closing);
    }

    /// A mailbox, looked up once per batch.
    pub(super) fn mailbox(
        &mut self,
        mailbox: &MailboxId,
    ) -> Result<Option<MailboxRow>, StoreError> {
        if let Some(row) = self.mailboxes.get(mailbox) {
            return Ok(*row);
        }
        let row = mail::find_mailbox(self.connection, mailbox)?;
        self.mailboxes.insert(*mailbox, row);
        Ok(row)
    }

    /// Mailboxes have changed: they are looked up again.
    pub(super) fn forget_mailboxes(&mut self) {
        self.mailboxes.clear();
    }

    /// Whether an envelope is stored.
    pub(super) fn is_stored(
        &mut self,
        mailbox: i64,
        message: &MessageId,
    ) -> Result<bool, StoreError> {
        if self.stored.contains(&(mailbox, *message)) {
            return Ok(true);
        }
        Ok(on!(&mut *self.connection, |c| diesel::select(
            diesel::dsl::exists(
                messages::table
                    .filter(messages::mailbox.eq(mailbox))
                    .filter(messages::message_id.eq(message.as_bytes().as_slice())),
            )
        )
        .get_result(c))?)
    }

    /// Stores an envelope; says whether it was not stored yet.
    pub(super) fn store(&mut self, row: NewMessage) -> Result<bool, StoreError> {
        match &mut *self.connection {
            Connection::Sqlite(c) => mail::insert_message(c, self.now, &row),
            Connection::Postgres(_) => {
                let is_new = self.stored.insert((row.mailbox, row.message_id));
                if is_new {
                    self.new_messages.push(row);
                }
                Ok(is_new)
            }
        }
    }

    /// What is stored of a submission: its state and outcome.
    pub(super) fn submission(
        &mut self,
        key: &SubmissionKey,
    ) -> Result<Option<(i32, String)>, StoreError> {
        match &mut *self.connection {
            Connection::Sqlite(c) => {
                match self.outstanding.as_ref().and_then(|known| known.find(key)) {
                    Some(id) => outbox::find_submission(c, id, key),
                    None => Ok(None),
                }
            }
            Connection::Postgres(_) => Ok(self.submissions.get(key).cloned().flatten()),
        }
    }

    /// Stores a submission that is not stored yet.
    pub(super) fn submit(&mut self, row: NewSubmission) -> Result<(), StoreError> {
        match &mut *self.connection {
            Connection::Sqlite(c) => {
                let outstanding = self.outstanding.as_mut().ok_or(StoreError::Stopped)?;
                let id = outstanding.next_id();
                outbox::insert_submission(c, self.now, id, &row)?;
                outstanding.add(&row.key(), id);
                if row.state == outbox::WAITING {
                    outstanding.begin(row.account, row.destination.as_str());
                }
                Ok(())
            }
            Connection::Postgres(_) => {
                let code = outbox::code_to_db(row.code).to_owned();
                self.submissions.insert(row.key(), Some((row.state, code)));
                self.new_submissions.push(row);
                Ok(())
            }
        }
    }

    /// Writes what was submitted so far, for those who count it.
    pub(super) fn flush_submissions(&mut self) -> Result<(), StoreError> {
        let rows = std::mem::take(&mut self.new_submissions);
        match &mut *self.connection {
            Connection::Postgres(c) if !rows.is_empty() => {
                many::insert_submissions(c, self.now, &rows)
            }
            _ => Ok(()),
        }
    }

    /// Reads what these occupy, at once where each would be a round trip.
    pub(super) fn fetch_usage(
        &mut self,
        accounts: impl Iterator<Item = AccountId>,
    ) -> Result<(), StoreError> {
        let Connection::Postgres(c) = &mut *self.connection else {
            return Ok(());
        };
        let unknown = accounts.filter(|account| !self.usage.contains_key(account));
        let unknown: BTreeSet<i64> = unknown.map(|account| account.0).collect();
        if !unknown.is_empty() {
            let found = many::find_usage(c, unknown.into_iter().collect())?;
            self.usage.extend(found);
        }
        Ok(())
    }

    /// What the account occupies, read once per batch; nothing if it was deleted meanwhile.
    pub(super) fn usage(&mut self, account: AccountId) -> Result<Option<Usage>, StoreError> {
        if let Some(usage) = self.usage.get(&account) {
            return Ok(Some(*usage));
        }
        let row: Option<Columns> = on!(&mut *self.connection, |c| accounts::table
            .find(account.0)
            .select((
                accounts::used_bytes,
                accounts::used_count,
                accounts::intro_bytes,
                accounts::intro_count,
                accounts::outbox_bytes,
                accounts::outbox_count,
                accounts::last_cursor,
                accounts::left_at,
            ))
            .get_result(c)
            .optional())?;
        let usage = row.map(Usage::from_db);
        self.usage.extend(usage.map(|usage| (account, usage)));
        Ok(usage)
    }

    /// Changes what the account occupies; written once, at the end of the batch.
    pub(super) fn change_usage(
        &mut self,
        account: AccountId,
        change: impl FnOnce(&mut Usage),
    ) -> Result<(), StoreError> {
        let Some(mut usage) = self.usage(account)? else {
            return Ok(());
        };
        change(&mut usage);
        usage.is_dirty = true;
        self.usage.insert(account, usage);
        Ok(())
    }

    /// Whether the owner has moved away, for what comes later in the batch.
    pub(super) fn set_left(&mut self, account: AccountId, has_left: bool) {
        if let Some(usage) = self.usage.get_mut(&account) {
            usage.has_left = has_left;
        }
    }

    /// Submissions were deleted, and nobody says which: they are read again before the next batch.
    pub(super) fn forget_outbox(&mut self) {
        self.is_outbox_unknown = true;
    }

    /// The account is gone: nothing that was read or is to be written of it holds any more.
    pub(super) fn forget(&mut self, account: AccountId) {
        self.forget_outbox();
        self.usage.remove(&account);
        self.acked.remove(&account);
        self.acks.retain(|ack| ack.0 != account);
        self.new_messages.retain(|row| row.account != account);
        self.new_submissions.retain(|row| row.account != account);
        self.mailboxes.clear();
    }

    /// Writes what is left to write.
    pub(super) fn finish(mut self, process: ProcessId) -> Result<Finished, StoreError> {
        self.flush_submissions()?;
        self.delete_acknowledged()?;
        let mut usage: Vec<(AccountId, Usage)> = std::mem::take(&mut self.usage)
            .into_iter()
            .filter(|(_, usage)| usage.is_dirty)
            .collect();
        match &mut *self.connection {
            Connection::Sqlite(c) => {
                for (account, usage) in usage.drain(..) {
                    update_usage(c, account, &usage)?;
                }
            }
            Connection::Postgres(c) => {
                let notice = Notice::of(process, &self.events);
                let notices = notice.map(Notice::into_texts).unwrap_or_default();
                let messages = &self.new_messages;
                if !messages.is_empty() || !usage.is_empty() || !notices.is_empty() {
                    many::write(c, self.now, messages, &usage, &notices)?;
                }
            }
        }
        Ok(Finished {
            events: self.events,
            is_outbox_unknown: self.is_outbox_unknown,
        })
    }

    fn delete_acknowledged(&mut self) -> Result<(), StoreError> {
        let since = self.now.saturating_sub(self.limits.retention);
        let acks = std::mem::take(&mut self.acks);
        let mut deleted = Vec::new();
        match &mut *self.connection {
            Connection::Sqlite(c) => {
                for ack in acks {
                    if mail::acknowledge(c, self.now, ack)? {
                        self.acked.insert(ack.0);
                    }
                }
                for account in &self.acked {
                    deleted.extend(mail::delete_acknowledged(c, *account, since)?);
                }
            }
            Connection::Postgres(c) => {
                if !acks.is_empty() {
                    many::acknowledge(c, self.now, &acks)?;
                    self.acked
                        .extend(acks.iter().map(|(account, _, _)| *account));
                }
                if !self.acked.is_empty() {
                    let accounts = self.acked.iter().map(|account| account.0).collect();
                    deleted = many::delete_acknowledged(c, accounts, since)?;
                }
            }
        }
        for (account, size, kind) in deleted {
            self.change_usage(account, |usage| usage.release(size, kind))?;
        }
        Ok(())
    }
}

statement! {
    UpdateUsage:
    "UPDATE accounts SET used_bytes = " used_bytes: i64 as BigInt,
    ", used_count = " used_count: i64 as BigInt,
    ", intro_bytes = " intro_bytes: i64 as BigInt,
    ", intro_count = " intro_count: i64 as BigInt,
    ", outbox_bytes = " outbox_bytes: i64 as BigInt,
    ", outbox_count = " outbox_count: i64 as BigInt,
    ", last_cursor = " last_cursor: i64 as BigInt,
    " WHERE id = " id: i64 as BigInt; ""
}

fn update_usage(
    connection: &mut SqliteConnection,
    account: AccountId,
    usage: &Usage,
) -> Result<(), StoreError> {
    UpdateUsage {
        used_bytes: usage.used_bytes.max(0),
        used_count: usage.used_count.max(0),
        intro_bytes: usage.intro_bytes.max(0),
        intro_count: usage.intro_count.max(0),
        outbox_bytes: usage.outbox_bytes.max(0),
        outbox_count: usage.outbox_count.max(0),
        last_cursor: usage.last_cursor,
        id: account.0,
        marker: PhantomData,
    }
    .execute(connection)?;
    Ok(())
}
