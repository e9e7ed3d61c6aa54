//! What the writer says to PostgreSQL for a whole batch at once: there a statement costs a round trip.

use std::marker::PhantomData;

use diesel::RunQueryDsl as _;
use diesel::pg::PgConnection;
use diesel::sql_types::{Array, BigInt, Binary, Integer, Text};
use shared_crypto::id::{DeviceId, MailboxId, MessageId, SubmissionId};
use shared_crypto::problem::ProblemCode;

use super::mail::{MailboxKind, MailboxRow, NewMessage};
use super::operator::CLOSING;
use super::outbox::{NewSubmission, SETTLED, WAITING, code_to_db};
use super::processes::CHANNEL;
use super::statement::statement;
use super::usage::{Columns, Usage};
use super::{AccountId, OutboxId, StoreError, to_db};
use crate::clock::Millis;

/// What the commands of a batch will look for.
#[derive(Debug, Default)]
pub struct Needs {
    pub(super) deliveries: Vec<(MailboxId, MessageId)>,
    pub(super) submissions: Vec<(AccountId, DeviceId, SubmissionId)>,
    pub(super) accounts: Vec<AccountId>,
}

statement! {
    /// The mailbox of each delivery, whether the envelope is stored, what its owner's account occupies, and
    /// whether the node is being closed down.
    /// What is stored is asked for by itself: in a join the server looks through all that the mailbox ever had.
    FindDeliveries -> ((BigInt, BigInt, BigInt, Integer, BigInt, BigInt), UsageColumns, BigInt):
    "SELECT k.n, b.id, b.account, b.kind, b.removed_at, \
        (SELECT count(*) FROM messages m WHERE m.mailbox = b.id AND m.message_id = k.message_id), \
        a.used_bytes, a.used_count, a.intro_bytes, a.intro_count, a.outbox_bytes, a.outbox_count, \
        a.last_cursor, a.left_at, \
        (SELECT count(*) FROM node_state WHERE name = " closing: &'a str as Text,
    ") FROM unnest(" mailboxes: Vec<&'a [u8]> as Array<Binary>,
    ", " messages: Vec<&'a [u8]> as Array<Binary>;
    ") WITH ORDINALITY AS k(mailbox, message_id, n) \
     JOIN mailboxes b ON b.mailbox = k.mailbox \
     JOIN accounts a ON a.id = b.account"
}

type UsageColumns = (
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    BigInt,
    BigInt,
);

/// A delivery whose mailbox exists.
pub(super) struct Delivery {
    pub(super) mailbox: MailboxId,
    pub(super) message: MessageId,
    pub(super) row: MailboxRow,
    pub(super) is_stored: bool,
    /// Of the mailbox's owner.
    pub(super) usage: Usage,
    /// Whether the node is being closed down.
    pub(super) is_closing: bool,
}

/// Those deliveries whose mailbox exists.
pub(super) fn find_deliveries(
    connection: &mut PgConnection,
    deliveries: &[(MailboxId, MessageId)],
) -> Result<Vec<Delivery>, StoreError> {
    let query = FindDeliveries {
        closing: CLOSING,
        mailboxes: deliveries
            .iter()
            .map(|(id, _)| id.as_bytes().as_slice())
            .collect(),
        messages: deliveries
            .iter()
            .map(|(_, id)| id.as_bytes().as_slice())
            .collect(),
        marker: PhantomData,
    };
    type Row = ((i64, i64, i64, i32, i64, i64), Columns, i64);
    let rows: Vec<Row> = query.load(connection)?;
    rows.into_iter()
        .map(
            |((number, id, account, kind, removed_at, is_stored), usage, closing)| {
                let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
                let (mailbox, message) = index
                    .and_then(|index| deliveries.get(index))
                    .ok_or(StoreError::Corrupt("a row that nobody asked for"))?;
                Ok(Delivery {
                    mailbox: *mailbox,
                    message: *message,
                    row: MailboxRow::from_db(id, account, kind, removed_at)?,
                    is_stored: is_stored != 0,
                    usage: Usage::from_db(usage),
                    is_closing: closing != 0,
                })
            },
        )
        .collect()
}

statement! {
    /// What accounts occupy.
    FindUsage -> (BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt):
    "SELECT id, used_bytes, used_count, intro_bytes, intro_count, outbox_bytes, outbox_count, last_cursor, \
        left_at \
     FROM accounts WHERE id = ANY(" accounts: Vec<i64> as Array<BigInt>; ")"
}

type UsageTuple = (i64, i64, i64, i64, i64, i64, i64, i64, i64);

/// What accounts occupy.
pub(super) fn find_usage(
    connection: &mut PgConnection,
    accounts: Vec<i64>,
) -> Result<Vec<(AccountId, Usage)>, StoreError> {
    let query = FindUsage {
        accounts,
        marker: PhantomData,
    };
    let rows: Vec<UsageTuple> = query.load(connection)?;
    Ok(rows
        .into_iter()
        .map(|(id, a, b, c, d, e, f, g, h)| {
            (AccountId(id), Usage::from_db((a, b, c, d, e, f, g, h)))
        })
        .collect())
}

statement! {
    /// All that a batch leaves behind: one statement is one way to the server and back.
    Write:
    "WITH m AS (INSERT INTO messages (arrived_at, account, cursor, mailbox, kind, message_id, size, envelope) \
        SELECT " now: i64 as BigInt,
    ", n.* FROM unnest(" account: Vec<i64> as Array<BigInt>,
    ", " cursor: Vec<i64> as Array<BigInt>,
    ", " mailbox: Vec<i64> as Array<BigInt>,
    ", " kind: Vec<i32> as Array<Integer>,
    ", " message_id: Vec<&'a [u8]> as Array<Binary>,
    ", " size: Vec<i64> as Array<BigInt>,
    ", " envelope: Vec<&'a [u8]> as Array<Binary>,
    ") AS n(account, cursor, mailbox, kind, message_id, size, envelope)), \
    u AS (UPDATE accounts a SET used_bytes = u.b, used_count = u.c, intro_bytes = u.d, intro_count = u.e, \
        outbox_bytes = u.f, outbox_count = u.g, last_cursor = u.h \
        FROM unnest(" id: Vec<i64> as Array<BigInt>,
    ", " used_bytes: Vec<i64> as Array<BigInt>,
    ", " used_count: Vec<i64> as Array<BigInt>,
    ", " intro_bytes: Vec<i64> as Array<BigInt>,
    ", " intro_count: Vec<i64> as Array<BigInt>,
    ", " outbox_bytes: Vec<i64> as Array<BigInt>,
    ", " outbox_count: Vec<i64> as Array<BigInt>,
    ", " last_cursor: Vec<i64> as Array<BigInt>,
    ") AS u(id, b, c, d, e, f, g, h) WHERE a.id = u.id) \
    SELECT pg_notify(" channel: &'a str as Text,
    ", t.notice) FROM unnest(" notices: Vec<&'a str> as Array<Text>; ") AS t(notice)"
}

/// Stores envelopes that are not stored yet, writes what accounts occupy, and tells the other processes, who
/// hear of it after the commit.
pub(super) fn write(
    connection: &mut PgConnection,
    now: Millis,
    messages: &[NewMessage],
    usage: &[(AccountId, Usage)],
    notices: &[String],
) -> Result<(), StoreError> {
    let column = |of: fn(&Usage) -> i64| usage.iter().map(|(_, usage)| of(usage).max(0)).collect();
    Write {
        now: to_db(now),
        account: messages.iter().map(|row| row.account.0).collect(),
        cursor: messages.iter().map(|row| row.cursor).collect(),
        mailbox: messages.iter().map(|row| row.mailbox).collect(),
        kind: messages.iter().map(|row| row.kind.to_db()).collect(),
        message_id: messages
            .iter()
            .map(|row| row.message_id.as_bytes().as_slice())
            .collect(),
        size: messages.iter().map(NewMessage::size).collect(),
        envelope: messages.iter().map(|row| row.envelope.as_ref()).collect(),
        id: usage.iter().map(|(account, _)| account.0).collect(),
        used_bytes: column(|usage| usage.used_bytes),
        used_count: column(|usage| usage.used_count),
        intro_bytes: column(|usage| usage.intro_bytes),
        intro_count: column(|usage| usage.intro_count),
        outbox_bytes: column(|usage| usage.outbox_bytes),
        outbox_count: column(|usage| usage.outbox_count),
        last_cursor: column(|usage| usage.last_cursor),
        channel: CHANNEL,
        notices: notices.iter().map(String::as_str).collect(),
        marker: PhantomData,
    }
    .execute(connection)?;
    Ok(())
}

statement! {
    FindSubmissions -> (BigInt, Integer, Text):
    "SELECT k.n, o.state, o.code FROM unnest(" account: Vec<i64> as Array<BigInt>,
    ", " device: Vec<&'a [u8]> as Array<Binary>,
    ", " submission: Vec<&'a [u8]> as Array<Binary>;
    ") WITH ORDINALITY AS k(account, device, submission, n) \
     JOIN outbox o USING (account, device, submission)"
}

/// A submission with what is stored of it.
pub(super) type Known = ((AccountId, DeviceId, SubmissionId), (i32, String));

/// Those submissions that are stored.
pub(super) fn find_submissions(
    connection: &mut PgConnection,
    keys: &[(AccountId, DeviceId, SubmissionId)],
) -> Result<Vec<Known>, StoreError> {
    let query = FindSubmissions {
        account: keys.iter().map(|(account, _, _)| account.0).collect(),
        device: keys
            .iter()
            .map(|(_, device, _)| device.as_bytes().as_slice())
            .collect(),
        submission: keys
            .iter()
            .map(|(_, _, id)| id.as_bytes().as_slice())
            .collect(),
        marker: PhantomData,
    };
    let rows: Vec<(i64, i32, String)> = query.load(connection)?;
    rows.into_iter()
        .map(|(number, state, code)| {
            let index = usize::try_from(number).ok().and_then(|n| n.checked_sub(1));
            let key = index
                .and_then(|index| keys.get(index))
                .ok_or(StoreError::Corrupt("a row that nobody asked for"))?;
            Ok((*key, (state, code)))
        })
        .collect()
}

statement! {
    InsertSubmissions:
    "INSERT INTO outbox (created_at, account, device, submission, destination, boxed, state, code) \
     SELECT " created_at: i64 as BigInt,
    ", n.* FROM unnest(" account: Vec<i64> as Array<BigInt>,
    ", " device: Vec<&'a [u8]> as Array<Binary>,
    ", " submission: Vec<&'a [u8]> as Array<Binary>,
    ", " destination: Vec<&'a str> as Array<Text>,
    ", " boxed: Vec<&'a [u8]> as Array<Binary>,
    ", " state: Vec<i32> as Array<Integer>,
    ", " code: Vec<&'a str> as Array<Text>;
    ") AS n(account, device, submission, destination, boxed, state, code)"
}

/// Stores submissions that are not stored yet.
pub(super) fn insert_submissions(
    connection: &mut PgConnection,
    now: Millis,
    rows: &[NewSubmission],
) -> Result<(), StoreError> {
    InsertSubmissions {
        created_at: to_db(now),
        account: rows.iter().map(|row| row.account.0).collect(),
        device: rows
            .iter()
            .map(|row| row.device.as_bytes().as_slice())
            .collect(),
        submission: rows
            .iter()
            .map(|row| row.submission.as_bytes().as_slice())
            .collect(),
        destination: rows.iter().map(|row| row.destination.as_str()).collect(),
        boxed: rows.iter().map(|row| row.boxed.as_ref()).collect(),
        state: rows.iter().map(|row| row.state).collect(),
        code: rows.iter().map(|row| code_to_db(row.code)).collect(),
        marker: PhantomData,
    }
    .execute(connection)?;
    Ok(())
}

statement! {
    Acknowledge:
    "INSERT INTO devices (last_seen, account, device, acked) \
     SELECT " last_seen: i64 as BigInt,
    ", a.account, a.device, max(a.acked) FROM unnest(" account: Vec<i64> as Array<BigInt>,
    ", " device: Vec<&'a [u8]> as Array<Binary>,
    ", " acked: Vec<i64> as Array<BigInt>;
    ") AS a(account, device, acked) GROUP BY a.account, a.device \
     ON CONFLICT (account, device) DO UPDATE SET acked = excluded.acked, last_seen = excluded.last_seen \
     WHERE devices.acked < excluded.acked"
}

/// Devices have everything up to these cursors; none goes back.
pub(super) fn acknowledge(
    connection: &mut PgConnection,
    now: Millis,
    rows: &[(AccountId, DeviceId, i64)],
) -> Result<(), StoreError> {
    Acknowledge {
        last_seen: to_db(now),
        account: rows.iter().map(|(account, _, _)| account.0).collect(),
        device: rows
            .iter()
            .map(|(_, device, _)| device.as_bytes().as_slice())
            .collect(),
        acked: rows.iter().map(|(_, _, acked)| *acked).collect(),
        marker: PhantomData,
    }
    .execute(connection)?;
    Ok(())
}

statement! {
    Touch:
    "UPDATE devices d SET last_seen = " last_seen: i64 as BigInt,
    " FROM unnest(" account: Vec<i64> as Array<BigInt>,
    ", " device: Vec<&'a [u8]> as Array<Binary>;
    ") AS t(account, device) WHERE d.account = t.account AND d.device = t.device"
}

/// These devices are here now. Ids of devices are their clients' choice, so each counts with its account only.
pub(super) fn touch(
    connection: &mut PgConnection,
    now: Millis,
    rows: &[(AccountId, DeviceId)],
) -> Result<(), StoreError> {
    Touch {
        last_seen: to_db(now),
        account: rows.iter().map(|(account, _)| account.0).collect(),
        device: rows
            .iter()
            .map(|(_, device)| device.as_bytes().as_slice())
            .collect(),
        marker: PhantomData,
    }
    .execute(connection)?;
    Ok(())
}

statement! {
    DeleteAcknowledged -> (BigInt, BigInt, Integer):
    "WITH a AS (SELECT account, min(acked) AS acked FROM devices \
        WHERE account = ANY(" accounts: Vec<i64> as Array<BigInt>,
    ") AND last_seen >= " since: i64 as BigInt;
    " GROUP BY account) \
     DELETE FROM messages m USING a WHERE m.account = a.account AND m.cursor <= a.acked \
     RETURNING m.account, m.size, m.kind"
}

/// Deletes what every device that still comes has acknowledged; returns whose, how large and of
/// which kind of mailbox.
pub(super) fn delete_acknowledged(
    connection: &mut PgConnection,
    accounts: Vec<i64>,
    since: Millis,
) -> Result<Vec<(AccountId, i64, MailboxKind)>, StoreError> {
    let query = DeleteAcknowledged {
        accounts,
        since: to_db(since),
        marker: PhantomData,
    };
    let rows: Vec<(i64, i64, i32)> = query.load(connection)?;
    rows.into_iter()
        .map(|(account, size, kind)| Ok((AccountId(account), size, MailboxKind::from_db(kind)?)))
        .collect()
}

statement! {
    Settle -> (BigInt, BigInt, Binary, Binary, Integer):
    "WITH s AS (SELECT o.id, o.account, o.device, o.submission, length(o.boxed) AS size, u.code \
        FROM unnest(" id: Vec<i64> as Array<BigInt>,
    ", " code: Vec<&'a str> as Array<Text>,
    ") AS u(id, code) JOIN outbox o ON o.id = u.id AND o.state = " waiting: i32 as Integer,
    "), w AS (UPDATE outbox o SET state = " settled: i32 as Integer;
    ", code = s.code, boxed = '' FROM s WHERE o.id = s.id) \
     SELECT id, account, device, submission, size FROM s"
}

/// A row of the outbox that was settled: its id, account, device and submission, and the box's length.
pub(super) type Settled = (i64, i64, Vec<u8>, Vec<u8>, i32);

/// Notes what became of boxes that waited.
pub(super) fn settle(
    connection: &mut PgConnection,
    outcomes: &[(OutboxId, Option<ProblemCode>)],
) -> Result<Vec<Settled>, StoreError> {
    let query = Settle {
        id: outcomes.iter().map(|(id, _)| id.0).collect(),
        code: outcomes.iter().map(|(_, code)| code_to_db(*code)).collect(),
        waiting: WAITING,
        settled: SETTLED,
        marker: PhantomData,
    };
    Ok(query.load(connection)?)
}
