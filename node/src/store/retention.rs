//! Expiry: what nobody fetched in time goes, and leaves a tombstone.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::mail::MailboxKind;
use super::outbox::{self as submissions, is_settled};
use super::schema::{devices, messages, outbox, tombstones};
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

/// Deletes envelopes that nobody fetched, and leaves a tombstone for each owner.
pub(super) fn bury_all(batch: &mut Batch<'_>, expired: &[Expiring]) -> Result<(), StoreError> {
    let mut spans: BTreeMap<i64, Span> = BTreeMap::new();
    for (account, cursor, arrived_at, size, kind) in expired {
        on!(batch.connection, |c| diesel::delete(
            messages::table.find((account, cursor))
        )
        .execute(c))?;
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
    for (account, span) in spans {
        bury(batch, AccountId(account), span)?;
    }
    Ok(())
}

/// Tombstones that an account has at most. Of an owner who stays away for years the newest ones grow together.
const TOMBSTONES: i64 = 100;

/// If the account has all that it may have, takes its newest tombstone away, for the next one to hold it as well.
fn unbury(
    batch: &mut Batch<'_>,
    account: AccountId,
) -> Result<Option<(i64, i64, i64)>, StoreError> {
    let of_account = || tombstones::table.filter(tombstones::account.eq(account.0));
    let count: i64 = on!(batch.connection, |c| of_account().count().get_result(c))?;
    if count < TOMBSTONES {
        return Ok(None);
    }
    let newest: Option<(i64, i64, i64, i64)> = on!(batch.connection, |c| of_account()
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

fn bury(batch: &mut Batch<'_>, account: AccountId, mut span: Span) -> Result<(), StoreError> {
    if let Some((count, from, to)) = unbury(batch, account)? {
        span.count = span.count.saturating_add(count);
        span.from = span.from.min(from);
        span.to = span.to.max(to);
    }
    let id: i64 = on!(batch.connection, |c| diesel::insert_into(tombstones::table)
        .values((
            tombstones::account.eq(account.0),
            tombstones::count.eq(span.count),
            tombstones::from_at.eq(span.from),
            tombstones::to_at.eq(span.to),
        ))
        .returning(tombstones::id)
        .get_result(c))?;
    batch.events.push(Event::Tombstone {
        account,
        tombstone: TombstoneRow {
            id: from_db(id),
            count: from_db(span.count),
            from: from_db(span.from),
            to: from_db(span.to),
        },
    });
    Ok(())
}

/// What came while the clock was ahead counts from now: otherwise it would be kept for ever.
fn correct_future(batch: &mut Batch<'_>) -> Result<bool, StoreError> {
    let now = to_db(batch.now);
    let ahead: Vec<(i64, i64)> = on!(batch.connection, |c| messages::table
        .filter(messages::arrived_at.gt(now.saturating_add(AHEAD)))
        .limit(PAGE)
        .select((messages::account, messages::cursor))
        .load(c))?;
    for id in ahead.iter().copied() {
        on!(batch.connection, |c| diesel::update(
            messages::table.find(id)
        )
        .set(messages::arrived_at.eq(now))
        .execute(c))?;
    }
    Ok(size_to_db(ahead.len()) < PAGE)
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
    let stale: Vec<(i64, Vec<u8>)> = on!(batch.connection, |c| devices::table
        .filter(devices::last_seen.lt(before))
        .limit(PAGE)
        .select((devices::account, devices::device))
        .load(c))?;
    let is_last = size_to_db(stale.len()) < PAGE;
    for (account, device) in stale {
        on!(batch.connection, |c| diesel::delete(
            devices::table.find((account, device))
        )
        .execute(c))?;
        batch.acked.insert(AccountId(account));
    }
    Ok(is_last)
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
