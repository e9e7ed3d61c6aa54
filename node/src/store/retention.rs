//! Expiry: what nobody fetched in time goes, and leaves a tombstone.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::mail::MailboxKind;
use super::outbox::{self as submissions, is_settled};
use super::schema::{messages, outbox, tombstones};
use super::vaults;
use super::{
    AccountId, Apply, Batch, Event, Store, StoreError, Urgency, from_db, id_from_db, on,
    size_to_db, to_db,
};
use crate::clock::Millis;

/// Rows that one command looks at: expiry must not hold up the mail.
const PAGE: i64 = 500;

/// What such a command weighs.
pub(super) const WEIGHT: usize = 256;

/// Further ahead than the clock can be by a correction, in milliseconds.
const AHEAD: i64 = 3_600_000;

/// Mail that expired unread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TombstoneRow {
    /// Which.
    pub id: u64,
    /// How many envelopes.
    pub count: u64,
    /// When the first of them came.
    pub from: Millis,
    /// When the last of them came.
    pub to: Millis,
}

/// Deletes some of what is older than the retention.
#[derive(Debug, Clone, Copy)]
pub struct Expire;

/// What one [`Expire`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expired {
    /// Envelopes deleted.
    pub envelopes: usize,
    /// Whether there is more to do now.
    pub is_done: bool,
}

struct Span {
    count: i64,
    from: i64,
    to: i64,
}

impl Apply for Expire {
    type Output = Expired;

    fn weight(&self) -> usize {
        WEIGHT
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Expired, StoreError> {
        let before = to_db(batch.now.saturating_sub(batch.limits.retention));
        let expired: Vec<Expiring> = on!(batch.connection, |c| messages::table
            .filter(messages::arrived_at.lt(before))
            .order(messages::arrived_at)
            .limit(PAGE)
            .select((
                messages::account,
                messages::cursor,
                messages::arrived_at,
                messages::size,
                messages::kind,
            ))
            .load(c))?;
        bury_all(batch, &expired)?;
        // The rest waits until there is no such page any more.
        let is_done = size_to_db(expired.len()) < PAGE
            && correct_future(batch)?
            && forget_outcomes(batch, before)?
            && forget_devices(batch, before)?
            && vaults::forget_abandoned(batch)?;
        Ok(Expired {
            envelopes: expired.len(),
            is_done,
        })
    }
}

/// Account, position, time of arrival, size and kind of mailbox of an envelope that goes.
pub(super) type Expiring = (i64, i64, i64, i64, i32);

/// Numbers as the rows of a statement.
fn rows<const N: usize>(numbers: impl IntoIterator<Item = [i64; N]>) -> String {
    let rows = numbers.into_iter().map(|row| {
        let row = row.map(|number| number.to_string());
        format!("({})", row.join(", "))
    });
    rows.collect::<Vec<_>>().join(", ")
}

/// Deletes envelopes that nobody fetched, and leaves a tombstone for each owner: in a few statements, since to a server
/// each is a round trip.
pub(super) fn bury_all(batch: &mut Batch<'_>, expired: &[Expiring]) -> Result<(), StoreError> {
    if expired.is_empty() {
        return Ok(());
    }
    let ids = expired
        .iter()
        .map(|(account, cursor, ..)| [*account, *cursor]);
    let gone = rows(ids);
    batch.connection.run(&format!(
        "DELETE FROM messages WHERE (account, cursor) IN (VALUES {gone})"
    ))?;
    batch.fetch_usage(expired.iter().map(|(account, ..)| AccountId(*account)))?;
    let mut spans: BTreeMap<i64, Span> = BTreeMap::new();
    for (account, _, arrived_at, size, kind) in expired {
        let kind = MailboxKind::from_db(*kind)?;
        batch.change_usage(AccountId(*account), |usage| usage.release(*size, kind))?;
        let span = spans.entry(*account).or_insert_with(|| Span {
            count: 0,
            from: *arrived_at,
            to: *arrived_at,
        });
        span.count = span.count.saturating_add(1);
        span.from = span.from.min(*arrived_at);
        span.to = span.to.max(*arrived_at);
    }
    bury(batch, spans)
}

/// Tombstones that an account has at most. Of an owner who stays away for years the newest ones grow together.
const TOMBSTONES: i64 = 100;

/// Takes the newest tombstone of an account away, for the next one to hold it as well.
fn unbury(batch: &mut Batch<'_>, account: i64) -> Result<Option<(i64, i64, i64)>, StoreError> {
    let newest: Option<(i64, i64, i64, i64)> = on!(batch.connection, |c| tombstones::table
        .filter(tombstones::account.eq(account))
        .order(tombstones::id.desc())
        .select((
            tombstones::id,
            tombstones::count,
            tombstones::from_at,
            tombstones::to_at
        ))
        .first(c)
        .optional())?;
    let Some((id, count, from, to)) = newest else {
        return Ok(None);
    };
    on!(batch.connection, |c| diesel::delete(
        tombstones::table.find(id)
    )
    .execute(c))?;
    Ok(Some((count, from, to)))
}

/// A tombstone that was made.
#[derive(QueryableByName)]
struct Buried {
    #[diesel(sql_type = BigInt)]
    id: i64,
    #[diesel(sql_type = BigInt)]
    account: i64,
}

fn bury(batch: &mut Batch<'_>, mut spans: BTreeMap<i64, Span>) -> Result<(), StoreError> {
    let full: Vec<i64> = on!(batch.connection, |c| tombstones::table
        .filter(tombstones::account.eq_any(spans.keys().copied().collect::<Vec<_>>()))
        .group_by(tombstones::account)
        .having(diesel::dsl::count_star().ge(TOMBSTONES))
        .select(tombstones::account)
        .load(c))?;
    for account in full {
        if let Some((count, from, to)) = unbury(batch, account)?
            && let Some(span) = spans.get_mut(&account)
        {
            span.count = span.count.saturating_add(count);
            span.from = span.from.min(from);
            span.to = span.to.max(to);
        }
    }
    let values = spans
        .iter()
        .map(|(account, span)| [*account, span.count, span.from, span.to]);
    let insert = format!(
        "INSERT INTO tombstones (account, count, from_at, to_at) VALUES {} RETURNING id, account",
        rows(values)
    );
    let buried: Vec<Buried> = on!(batch.connection, |c| diesel::sql_query(&insert).load(c))?;
    for Buried { id, account } in buried {
        let Some(span) = spans.get(&account) else {
            continue;
        };
        batch.events.push(Event::Tombstone {
            account: AccountId(account),
            tombstone: TombstoneRow {
                id: from_db(id),
                count: from_db(span.count),
                from: from_db(span.from),
                to: from_db(span.to),
            },
        });
    }
    Ok(())
}

/// What came while the clock was ahead counts from now: otherwise it would be kept for ever.
fn correct_future(batch: &mut Batch<'_>) -> Result<bool, StoreError> {
    let now = to_db(batch.now);
    let correct = format!(
        "UPDATE messages SET arrived_at = {now} WHERE (account, cursor) IN \
         (SELECT account, cursor FROM messages WHERE arrived_at > {} LIMIT {PAGE})",
        now.saturating_add(AHEAD)
    );
    let corrected = on!(batch.connection, |c| diesel::sql_query(&correct).execute(c))?;
    Ok(size_to_db(corrected) < PAGE)
}

/// Outcomes that nobody asks for any more.
fn forget_outcomes(batch: &mut Batch<'_>, before: i64) -> Result<bool, StoreError> {
    let old: Vec<(i64, i64, Vec<u8>, Vec<u8>)> = on!(batch.connection, |c| outbox::table
        .filter(is_settled())
        .filter(outbox::created_at.lt(before))
        .limit(PAGE)
        .select((
            outbox::id,
            outbox::account,
            outbox::device,
            outbox::submission,
        ))
        .load(c))?;
    let ids: Vec<i64> = old.iter().map(|row| row.0).collect();
    on!(batch.connection, |c| diesel::delete(
        outbox::table.filter(outbox::id.eq_any(&ids))
    )
    .execute(c))?;
    for (_, account, device, submission) in &old {
        let account = AccountId(*account);
        if let Some(outstanding) = &mut batch.outstanding {
            outstanding.remove(&(account, id_from_db(device)?, id_from_db(submission)?));
        }
        submissions::forget(batch, account, 1)?;
    }
    Ok(size_to_db(old.len()) < PAGE)
}

/// A device that does not come holds nothing back any longer, and is forgotten.
fn forget_devices(batch: &mut Batch<'_>, before: i64) -> Result<bool, StoreError> {
    let forget = format!(
        "DELETE FROM devices WHERE (account, device) IN \
         (SELECT account, device FROM devices WHERE last_seen < {before} LIMIT {PAGE}) RETURNING account"
    );
    let stale: Vec<Forgotten> = on!(batch.connection, |c| diesel::sql_query(&forget).load(c))?;
    let is_last = size_to_db(stale.len()) < PAGE;
    let accounts = stale.into_iter().map(|device| AccountId(device.account));
    batch.acked.extend(accounts);
    Ok(is_last)
}

/// A device that is not known any more.
#[derive(QueryableByName)]
struct Forgotten {
    #[diesel(sql_type = BigInt)]
    account: i64,
}

/// The owner knows of these.
#[derive(Debug, Clone)]
pub struct TombstonesSeen {
    /// Whose.
    pub account: AccountId,
    /// Which.
    pub ids: Vec<u64>,
}

impl Apply for TombstonesSeen {
    const URGENCY: Urgency = Urgency::Patient;

    type Output = ();

    fn weight(&self) -> usize {
        self.ids.len().div_ceil(4)
    }

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let ids: Vec<i64> = self.ids.iter().map(|id| to_db(*id)).collect();
        on!(batch.connection, |c| diesel::delete(
            tombstones::table
                .filter(tombstones::id.eq_any(&ids))
                .filter(tombstones::account.eq(self.account.0)),
        )
        .execute(c))?;
        Ok(())
    }
}

impl Store {
    /// Tombstones that the owner has not said they know.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tombstones(&self, account: AccountId) -> Result<Vec<TombstoneRow>, StoreError> {
        self.read(move |connection| {
            let rows: Vec<(i64, i64, i64, i64)> = on!(connection, |c| tombstones::table
                .filter(tombstones::account.eq(account.0))
                .order(tombstones::id)
                .select((
                    tombstones::id,
                    tombstones::count,
                    tombstones::from_at,
                    tombstones::to_at,
                ))
                .load(c))?;
            Ok(rows
                .into_iter()
                .map(|(id, count, from, to)| TombstoneRow {
                    id: from_db(id),
                    count: from_db(count),
                    from: from_db(from),
                    to: from_db(to),
                })
                .collect())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use diesel::connection::{Connection as _, InstrumentationEvent};

    use super::super::Database;
    use super::super::connection::Connection;
    use super::super::open;
    use super::super::outbox::Seen;
    use super::super::tests::Fixture;
    use super::super::tests::database::TestDatabase;
    use super::*;

    /// To a server each statement is a round trip, and all others wait for it.
    #[test]
    fn a_page_of_expired_mail_takes_few_statements() {
        let folder = tempfile::tempdir().unwrap();
        let server = TestDatabase::create();
        let url = server.as_ref().map_or("", TestDatabase::url);
        let database = Database::parse(url, folder.path());
        let mut connection = open::writer(&database).unwrap();
        open::migrate(&mut connection, &database).unwrap();
        let (accounts, each) = (20, 25);
        for account in 1..=accounts {
            connection
                .run(&format!(
                    "INSERT INTO accounts (identity, signing_key, created_at, used_bytes, used_count) \
                     VALUES ('{account}', 'k', 1, 100, {each})"
                ))
                .unwrap();
            for cursor in 1..=each {
                connection
                    .run(&format!(
                        "INSERT INTO messages \
                             (account, cursor, mailbox, kind, message_id, arrived_at, size, envelope) \
                         VALUES ({account}, {cursor}, {account}, 1, '{cursor}', {cursor}, 4, 'abcd')"
                    ))
                    .unwrap();
            }
        }
        let statements = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&statements);
        let count = move |event: InstrumentationEvent<'_>| {
            if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        };
        match &mut connection {
            Connection::Sqlite(c) => c.set_instrumentation(count),
            Connection::Postgres(c) => c.set_instrumentation(count),
        }
        let (limits, mut seen) = (Fixture::limits(), Seen::default());
        let now = limits.retention.saturating_add(1_000);
        let mut batch = Batch::new(&mut connection, now, &limits, None, &mut seen);
        let expired = Expire.apply(&mut batch).unwrap();
        assert_eq!((expired.envelopes, batch.events.len()), (500, 20));
        // What each account occupies is read one by one from a file, where that costs nothing.
        let of_accounts = if server.is_some() { 0 } else { accounts };
        let statements = statements.load(Ordering::Relaxed);
        assert!(statements <= of_accounts + 10, "{statements} statements");
    }
}
