//! What operators look at and decide: accounts, other nodes, retention, and the end of the node.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use shared_crypto::id::IdentityId;
use shared_crypto::problem::ProblemCode;

use super::outbox::is_waiting;
use super::retention::{Expiring, WEIGHT, bury_all};
use super::schema::{
    accounts, blocked_peers, devices, invites, key_packages, mailboxes, messages, node_state,
    outbox, peers, records,
};
use super::{
    AccountId, Apply, Batch, Connection, Event, OutboxId, Outcomes, Store, StoreError, from_db,
    id_from_db, on, to_db,
};
use crate::clock::Millis;

/// The name of the node's end in its state.
pub(super) const CLOSING: &str = "closing_at";

/// Accounts listed at once.
const PAGE: i64 = 500;
const PAGE_LENGTH: usize = 500;

/// What the node holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stats {
    /// Accounts.
    pub accounts: u64,
    /// Those of them that are blocked.
    pub blocked_accounts: u64,
    /// Mailboxes that take mail.
    pub mailboxes: u64,
    /// Envelopes that wait for their owners.
    pub envelopes: u64,
    /// Their bytes.
    pub envelope_bytes: u64,
    /// Submissions that wait for other nodes.
    pub outbox: u64,
    /// Their bytes.
    pub outbox_bytes: u64,
    /// Nodes that failed when they were last tried.
    pub failing_peers: u64,
    /// Invites that are out.
    pub invites: u64,
}

/// An account as operators see it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct AccountView {
    /// Whose.
    pub identity: IdentityId,
    /// Since when.
    pub created_at: Millis,
    /// Since when it is blocked; 0: not.
    pub blocked_at: Millis,
    /// Bytes of mail that waits for it.
    pub used_bytes: u64,
    /// Envelopes that wait for it.
    pub used_count: u64,
    /// When one of its devices was last seen; 0: none is known.
    pub last_seen: Millis,
}

/// Another node as operators see it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PeerView {
    /// Its address, or a pattern that is blocked.
    pub node: String,
    /// Whether it was blocked by command.
    pub is_blocked: bool,
    /// Failures since the last success.
    pub failures: u64,
    /// Not before.
    pub retry_at: Millis,
    /// Submissions that wait for it.
    pub waiting: u64,
}

/// What expiry would delete now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Expirable {
    /// Envelopes.
    pub envelopes: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Accounts that would find a tombstone.
    pub accounts: u64,
}

/// Blocks an account, or lets it in again.
#[derive(Debug, Clone, Copy)]
pub struct BlockAccount {
    /// Whose.
    pub identity: IdentityId,
    /// Which of both.
    pub is_blocked: bool,
}

impl Apply for BlockAccount {
    /// The account, if there is one.
    type Output = Option<AccountId>;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let Some(account) = super::accounts::find_account(batch.connection, &self.identity)? else {
            return Ok(None);
        };
        let since = if self.is_blocked {
            to_db(batch.now).max(1)
        } else {
            0
        };
        on!(batch.connection, |c| diesel::update(
            accounts::table.find(account.0)
        )
        .set(accounts::blocked_at.eq(since))
        .execute(c))?;
        if self.is_blocked {
            batch.events.push(Event::Closed { account });
        }
        Ok(Some(account))
    }
}

/// Deletes an account with its mail, its mailboxes and what is published of it.
#[derive(Debug, Clone, Copy)]
pub struct DeleteAccount(pub IdentityId);

impl Apply for DeleteAccount {
    /// The account that was.
    type Output = Option<AccountId>;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let Some(account) = super::accounts::find_account(batch.connection, &self.0)? else {
            return Ok(None);
        };
        let identity = self.0.as_bytes().as_slice();
        on!(batch.connection, |c| diesel::delete(
            accounts::table.find(account.0)
        )
        .execute(c))?;
        on!(batch.connection, |c| diesel::delete(
            records::table.filter(records::identity.eq(identity))
        )
        .execute(c))?;
        on!(batch.connection, |c| diesel::delete(
            key_packages::table.find(identity)
        )
        .execute(c))?;
        batch.forget(account);
        batch.events.push(Event::Closed { account });
        Ok(Some(account))
    }
}

/// Puts a pattern on the list of blocked nodes, or takes it off.
#[derive(Debug, Clone)]
pub struct BlockPeer {
    /// As in the settings.
    pub pattern: String,
    /// Which of both.
    pub is_blocked: bool,
}

impl Apply for BlockPeer {
    /// Whether that changed anything.
    type Output = bool;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<bool, StoreError> {
        let changed = if self.is_blocked {
            on!(batch.connection, |c| diesel::insert_into(
                blocked_peers::table
            )
            .values((
                blocked_peers::pattern.eq(&self.pattern),
                blocked_peers::created_at.eq(to_db(batch.now)),
            ))
            .on_conflict(blocked_peers::pattern)
            .do_nothing()
            .execute(c))?
        } else {
            on!(batch.connection, |c| diesel::delete(
                blocked_peers::table.find(&self.pattern)
            )
            .execute(c))?
        };
        batch.events.push(Event::Decided);
        Ok(changed != 0)
    }
}

/// Begins the end of the node, or calls it off.
#[derive(Debug, Clone, Copy)]
pub struct SetClosing(pub Option<Millis>);

impl Apply for SetClosing {
    type Output = ();

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        on!(batch.connection, |c| diesel::delete(
            node_state::table.find(CLOSING)
        )
        .execute(c))?;
        if let Some(at) = self.0 {
            on!(batch.connection, |c| diesel::insert_into(node_state::table)
                .values((
                    node_state::name.eq(CLOSING),
                    node_state::value.eq(to_db(at)),
                ))
                .execute(c))?;
        }
        batch.set_closing(self.0.is_some());
        batch.events.push(Event::Decided);
        Ok(())
    }
}

/// Deletes the mail of every account: the last step of closing a node. Its owners find tombstones, and
/// whoever sent what still waits learns that it was not delivered. Records stay, so that contacts still
/// learn where somebody went.
#[derive(Debug, Clone, Copy)]
pub struct PurgeMail;

impl Apply for PurgeMail {
    /// Envelopes and submissions that are gone, and whether that was all.
    type Output = (u64, bool);

    fn weight(&self) -> usize {
        WEIGHT
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(u64, bool), StoreError> {
        let envelopes: Vec<Expiring> = on!(batch.connection, |c| messages::table
            .limit(PAGE)
            .select((
                messages::account,
                messages::cursor,
                messages::arrived_at,
                messages::size,
                messages::kind,
            ))
            .load(c))?;
        bury_all(batch, &envelopes)?;
        batch.flush_submissions()?;
        let waiting: Vec<i64> = on!(batch.connection, |c| outbox::table
            .filter(is_waiting())
            .limit(PAGE)
            .select(outbox::id)
            .load(c))?;
        let gone = envelopes.len().saturating_add(waiting.len());
        let undelivered = waiting
            .into_iter()
            .map(|id| (OutboxId(id), Some(ProblemCode::Undeliverable)));
        Outcomes(undelivered.collect()).apply(batch)?;
        Ok((u64::try_from(gone).unwrap_or(u64::MAX), gone == 0))
    }
}

/// Whether the node is being closed down, for a command in the middle of a batch.
pub(super) fn is_closing(connection: &mut Connection) -> Result<bool, StoreError> {
    Ok(on!(connection, |c| diesel::select(diesel::dsl::exists(
        node_state::table.find(CLOSING)
    ))
    .get_result(c))?)
}

impl Store {
    /// What the node holds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn stats(&self) -> Result<Stats, StoreError> {
        self.read(|connection| {
            let sum = |column| diesel::dsl::sql::<BigInt>(column);
            let (envelopes, envelope_bytes, outbox_bytes): (i64, i64, i64) =
                on!(connection, |c| accounts::table
                    .select((
                        sum("CAST(COALESCE(SUM(used_count), 0) AS BIGINT)"),
                        sum("CAST(COALESCE(SUM(used_bytes), 0) AS BIGINT)"),
                        sum("CAST(COALESCE(SUM(outbox_bytes), 0) AS BIGINT)"),
                    ))
                    .get_result(c))?;
            let accounts: i64 = on!(connection, |c| accounts::table.count().get_result(c))?;
            let blocked: i64 = on!(connection, |c| accounts::table
                .filter(accounts::blocked_at.ne(0))
                .count()
                .get_result(c))?;
            let mailboxes: i64 = on!(connection, |c| mailboxes::table
                .filter(mailboxes::removed_at.eq(0))
                .count()
                .get_result(c))?;
            let waiting: i64 = on!(connection, |c| outbox::table
                .filter(is_waiting())
                .count()
                .get_result(c))?;
            let failing: i64 = on!(connection, |c| peers::table
                .filter(peers::failures.gt(0))
                .count()
                .get_result(c))?;
            let invites: i64 = on!(connection, |c| invites::table.count().get_result(c))?;
            Ok(Stats {
                accounts: from_db(accounts),
                blocked_accounts: from_db(blocked),
                mailboxes: from_db(mailboxes),
                envelopes: from_db(envelopes),
                envelope_bytes: from_db(envelope_bytes),
                outbox: from_db(waiting),
                outbox_bytes: from_db(outbox_bytes),
                failing_peers: from_db(failing),
                invites: from_db(invites),
            })
        })
        .await
    }

    /// Every account, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accounts(&self) -> Result<Vec<AccountView>, StoreError> {
        self.read(|connection| {
            let mut all = Vec::new();
            let mut after = 0_i64;
            loop {
                let rows: Vec<(i64, Vec<u8>, i64, i64, i64, i64)> =
                    on!(connection, |c| accounts::table
                        .filter(accounts::id.gt(after))
                        .order(accounts::id)
                        .limit(PAGE)
                        .select((
                            accounts::id,
                            accounts::identity,
                            accounts::created_at,
                            accounts::blocked_at,
                            accounts::used_bytes,
                            accounts::used_count,
                        ))
                        .load(c))?;
                let Some((last, ..)) = rows.last() else {
                    return Ok(all);
                };
                after = *last;
                let ids: Vec<i64> = rows.iter().map(|(id, ..)| *id).collect();
                let mut last_seen: BTreeMap<i64, i64> = BTreeMap::new();
                let seen: Vec<(i64, i64)> = on!(connection, |c| devices::table
                    .filter(devices::account.eq_any(&ids))
                    .select((devices::account, devices::last_seen))
                    .load(c))?;
                for (account, at) in seen {
                    let last = last_seen.entry(account).or_default();
                    *last = at.max(*last);
                }
                for (id, identity, created_at, blocked_at, used_bytes, used_count) in rows {
                    all.push(AccountView {
                        identity: id_from_db(&identity)?,
                        created_at: from_db(created_at),
                        blocked_at: from_db(blocked_at),
                        used_bytes: from_db(used_bytes),
                        used_count: from_db(used_count),
                        last_seen: last_seen.get(&id).copied().map_or(0, from_db),
                    });
                }
            }
        })
        .await
    }

    /// Nodes that failed, that mail waits for, or that were blocked by command.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn peers(&self) -> Result<Vec<PeerView>, StoreError> {
        self.read(|connection| {
            let empty = |node: String| PeerView {
                node,
                is_blocked: false,
                failures: 0,
                retry_at: 0,
                waiting: 0,
            };
            let mut views: BTreeMap<String, PeerView> = BTreeMap::new();
            let failing: Vec<(String, i64, i64)> = on!(connection, |c| peers::table
                .select((peers::url, peers::failures, peers::retry_at))
                .load(c))?;
            for (node, failures, retry_at) in failing {
                let view = views.entry(node.clone()).or_insert_with(|| empty(node));
                view.failures = from_db(failures);
                view.retry_at = from_db(retry_at);
            }
            let waiting: Vec<(String, i64)> = on!(connection, |c| outbox::table
                .filter(is_waiting())
                .group_by(outbox::destination)
                .select((outbox::destination, diesel::dsl::count_star()))
                .load(c))?;
            for (node, count) in waiting {
                let view = views.entry(node.clone()).or_insert_with(|| empty(node));
                view.waiting = from_db(count);
            }
            let blocked: Vec<String> = on!(connection, |c| blocked_peers::table
                .select(blocked_peers::pattern)
                .load(c))?;
            for node in blocked {
                let view = views.entry(node.clone()).or_insert_with(|| empty(node));
                view.is_blocked = true;
            }
            Ok(views.into_values().collect())
        })
        .await
    }

    /// Patterns of nodes that were blocked by command.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn blocked_peers(&self) -> Result<Vec<String>, StoreError> {
        self.read(|connection| {
            Ok(on!(connection, |c| blocked_peers::table
                .order(blocked_peers::pattern)
                .select(blocked_peers::pattern)
                .load(c))?)
        })
        .await
    }

    /// Those of these accounts that are blocked or gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn barred(
        &self,
        mut of: BTreeSet<AccountId>,
    ) -> Result<BTreeSet<AccountId>, StoreError> {
        self.read(move |connection| {
            let ids: Vec<i64> = of.iter().map(|account| account.0).collect();
            for page in ids.chunks(PAGE_LENGTH) {
                let admitted: Vec<i64> = on!(connection, |c| accounts::table
                    .filter(accounts::id.eq_any(page))
                    .filter(accounts::blocked_at.eq(0))
                    .select(accounts::id)
                    .load(c))?;
                for id in admitted {
                    of.remove(&AccountId(id));
                }
            }
            Ok(of)
        })
        .await
    }

    /// When the node ends, if it is being closed down.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn closing_at(&self) -> Result<Option<Millis>, StoreError> {
        self.read(|connection| {
            let at: Option<i64> = on!(connection, |c| node_state::table
                .find(CLOSING)
                .select(node_state::value)
                .get_result(c)
                .optional())?;
            Ok(at.map(from_db))
        })
        .await
    }

    /// What expiry would delete, were it run with everything before this time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn expirable(&self, before: Millis) -> Result<Expirable, StoreError> {
        self.read(move |connection| {
            let (envelopes, bytes, accounts): (i64, i64, i64) =
                on!(connection, |c| messages::table
                    .filter(messages::arrived_at.lt(to_db(before)))
                    .select((
                        diesel::dsl::count_star(),
                        diesel::dsl::sql::<BigInt>("CAST(COALESCE(SUM(size), 0) AS BIGINT)"),
                        diesel::dsl::count(messages::account).aggregate_distinct(),
                    ))
                    .get_result(c))?;
            Ok(Expirable {
                envelopes: from_db(envelopes),
                bytes: from_db(bytes),
                accounts: from_db(accounts),
            })
        })
        .await
    }

    /// Bytes that the database holds; what was deleted and may be used again does not count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn used_bytes(&self) -> Result<u64, StoreError> {
        #[derive(QueryableByName)]
        struct Size {
            #[diesel(sql_type = BigInt)]
            value: i64,
        }
        self.read(|connection| {
            let size: Size = match connection {
                Connection::Sqlite(c) => diesel::sql_query(
                    "SELECT (page_count - freelist_count) * page_size AS value \
                     FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
                )
                .get_result(c)?,
                // The size of the files on a server rises only: rows that are gone leave their room to new ones.
                Connection::Postgres(c) => diesel::sql_query(
                    "SELECT (SELECT COALESCE(SUM(used_bytes + outbox_bytes), 0) FROM accounts)::BIGINT \
                     + (SELECT COALESCE(SUM(used_bytes), 0) FROM vaults)::BIGINT AS value",
                )
                .get_result(c)?,
            };
            Ok(from_db(size.value))
        })
        .await
    }
}
