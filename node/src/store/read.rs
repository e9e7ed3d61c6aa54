//! What the readers read.

use std::time::Duration;

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;
use shared_crypto::id::{DeviceId, Hash, IdentityId, MailboxId, MessageId, SubmissionId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;

use super::outbox::{code_from_db, is_settled, is_waiting};
use super::schema::{accounts, key_packages, mailboxes, messages, outbox, records};
use super::{
    Access, AccountId, Cursor, OutboxId, Store, StoreError, from_db, id_from_db, on, size_to_db,
    to_db,
};
use crate::clock::Millis;
use crate::federation::backoff;

/// How long one commit may take: no disk and no server is so slow.
const HANGS: Duration = Duration::from_secs(60);

/// Records read at once.
const RECORDS_PAGE: i64 = 16;

fn to_u64(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// An account, as a login needs it.
#[derive(Debug, Clone)]
pub struct AccountRow {
    /// Which.
    pub id: AccountId,
    /// Modulus of the signing key in force.
    pub signing_key: Vec<u8>,
    /// Whether the operator has blocked it.
    pub is_blocked: bool,
}

/// What is published of an identity.
#[derive(Debug, Clone)]
pub struct BundleRow {
    /// Signed records from the wanted number on.
    pub records: Vec<Vec<u8>>,
    /// The signed key package.
    pub key_package: Vec<u8>,
}

/// A record as it is stored.
#[derive(Debug, Clone)]
pub struct StoredRecord {
    /// The signed bytes.
    pub signed: Vec<u8>,
    /// When it came.
    pub stored_at: Millis,
}

/// An envelope on its way to its owner.
#[derive(Debug, Clone)]
pub struct StoredEnvelope {
    /// Its position.
    pub cursor: Cursor,
    /// When it came.
    pub arrived_at: Millis,
    /// Where it was left.
    pub mailbox: MailboxId,
    /// Under which id.
    pub message_id: MessageId,
    /// The bytes.
    pub envelope: Vec<u8>,
}

/// A box on its way to another node.
#[derive(Debug, Clone)]
pub struct OutboxItem {
    /// Which.
    pub id: OutboxId,
    /// Since when it waits.
    pub created_at: Millis,
    /// The bytes.
    pub boxed: Vec<u8>,
}

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutcomeRow {
    /// Which.
    pub submission: SubmissionId,
    /// Nothing: their node has it durably.
    pub code: Option<ProblemCode>,
}

impl Store {
    /// Whether the database answers, and can be written.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn check(&self) -> Result<(), StoreError> {
        let is_running = match &self.0 {
            Access::Threads(threads) => threads.writer.is_running(),
            Access::Here(here) => here.is_running(),
        };
        if !is_running {
            return Err(StoreError::Stopped);
        }
        if self.hangs(HANGS) {
            return Err(StoreError::Unavailable("the writer hangs".to_owned()));
        }
        self.read(|connection| {
            on!(connection, |c| diesel::sql_query("SELECT 1").execute(c))?;
            Ok(())
        })
        .await
    }

    /// Whether one commit has taken so long.
    pub(super) fn hangs(&self, patience: Duration) -> bool {
        match &self.0 {
            Access::Threads(threads) => threads.writer.hangs(patience),
            Access::Here(_) => false,
        }
    }

    /// The account of an identity.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_account(
        &self,
        identity: IdentityId,
    ) -> Result<Option<AccountRow>, StoreError> {
        self.read(move |connection| {
            let row: Option<(i64, Vec<u8>, i64)> = on!(connection, |c| accounts::table
                .filter(accounts::identity.eq(identity.as_bytes().as_slice()))
                .select((accounts::id, accounts::signing_key, accounts::blocked_at))
                .get_result(c)
                .optional())?;
            Ok(row.map(|(id, signing_key, blocked_at)| AccountRow {
                id: AccountId(id),
                signing_key,
                is_blocked: blocked_at != 0,
            }))
        })
        .await
    }

    /// What is published of an identity: its records from `from` on, until so many bytes are reached, and
    /// its key package.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_bundle(
        &self,
        identity: IdentityId,
        from: u64,
        bytes: usize,
    ) -> Result<Option<BundleRow>, StoreError> {
        self.read(move |connection| {
            // One snapshot: a chain and a key package that belong together.
            connection.snapshot(|connection| {
                let key_package: Option<Vec<u8>> = on!(connection, |c| key_packages::table
                    .find(identity.as_bytes().as_slice())
                    .select(key_packages::signed)
                    .get_result(c)
                    .optional())?;
                let Some(key_package) = key_package else {
                    return Ok(None);
                };
                let mut records: Vec<Vec<u8>> = Vec::new();
                let mut total = 0_usize;
                while total < bytes {
                    let next = from.saturating_add(to_u64(records.len()));
                    let page: Vec<Vec<u8>> = on!(connection, |c| records::table
                        .filter(records::identity.eq(identity.as_bytes().as_slice()))
                        .filter(records::number.ge(to_db(next)))
                        .order(records::number)
                        .limit(RECORDS_PAGE)
                        .select(records::signed)
                        .load(c))?;
                    if page.is_empty() {
                        break;
                    }
                    total = page
                        .iter()
                        .fold(total, |total, record| total.saturating_add(record.len()));
                    records.extend(page);
                }
                Ok(Some(BundleRow {
                    records,
                    key_package,
                }))
            })
        })
        .await
    }

    /// The hash of a record of an identity.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_record_hash(
        &self,
        identity: IdentityId,
        number: u64,
    ) -> Result<Option<Hash>, StoreError> {
        self.read(move |connection| {
            let hash: Option<Vec<u8>> = on!(connection, |c| records::table
                .find((identity.as_bytes().as_slice(), to_db(number)))
                .select(records::hash)
                .get_result(c)
                .optional())?;
            hash.map(|hash| id_from_db(&hash)).transpose()
        })
        .await
    }

    /// Number and hash of an identity's last record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_head(&self, identity: IdentityId) -> Result<Option<(u64, Hash)>, StoreError> {
        self.read(move |connection| {
            let row: Option<(i64, Vec<u8>)> = on!(connection, |c| records::table
                .filter(records::identity.eq(identity.as_bytes().as_slice()))
                .order(records::number.desc())
                .select((records::number, records::hash))
                .first(c)
                .optional())?;
            row.map(|(number, hash)| Ok((from_db(number), id_from_db(&hash)?)))
                .transpose()
        })
        .await
    }

    /// The stored chain of an identity, from genesis on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn chain(&self, identity: IdentityId) -> Result<Vec<StoredRecord>, StoreError> {
        self.read(move |connection| {
            let rows: Vec<(Vec<u8>, i64)> = on!(connection, |c| records::table
                .filter(records::identity.eq(identity.as_bytes().as_slice()))
                .order(records::number)
                .select((records::signed, records::stored_at))
                .load(c))?;
            let record = |(signed, stored_at)| StoredRecord {
                signed,
                stored_at: from_db(stored_at),
            };
            Ok(rows.into_iter().map(record).collect())
        })
        .await
    }

    /// The last records of an identity, the newest first: at most `count`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn newest_records(
        &self,
        identity: IdentityId,
        count: u32,
    ) -> Result<Vec<Vec<u8>>, StoreError> {
        self.read(move |connection| {
            Ok(on!(connection, |c| records::table
                .filter(records::identity.eq(identity.as_bytes().as_slice()))
                .order(records::number.desc())
                .limit(i64::from(count))
                .select(records::signed)
                .load(c))?)
        })
        .await
    }

    /// An account's envelopes after a cursor: at most `count`, and no more once `bytes` are reached.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn envelopes_after(
        &self,
        account: AccountId,
        after: Cursor,
        count: u32,
        bytes: usize,
    ) -> Result<Vec<StoredEnvelope>, StoreError> {
        self.read(move |connection| {
            on!(connection, |c| page(
                messages::table
                    .inner_join(mailboxes::table.on(mailboxes::id.eq(messages::mailbox)))
                    .filter(messages::account.eq(account.0))
                    .filter(messages::cursor.gt(to_db(after.get())))
                    .order(messages::cursor)
                    .limit(i64::from(count))
                    .select((
                        messages::cursor,
                        messages::arrived_at,
                        mailboxes::mailbox,
                        messages::message_id,
                        messages::envelope,
                    ))
                    .load_iter::<_, DefaultLoadingMode>(c)?,
                bytes
            ))
        })
        .await
    }

    /// Outcomes that a device has not said it knows, oldest first: at most `count` after `after`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outcomes(
        &self,
        account: AccountId,
        device: DeviceId,
        after: Option<OutboxId>,
        count: usize,
    ) -> Result<Vec<(OutboxId, OutcomeRow)>, StoreError> {
        self.read(move |connection| {
            let rows: Vec<(i64, Vec<u8>, String)> = on!(connection, |c| outbox::table
                .filter(outbox::account.eq(account.0))
                .filter(outbox::device.eq(device.as_bytes().as_slice()))
                .filter(is_settled())
                .filter(outbox::id.gt(after.map_or(0, |after| after.0)))
                .order(outbox::id)
                .limit(size_to_db(count))
                .select((outbox::id, outbox::submission, outbox::code))
                .load(c))?;
            rows.iter()
                .map(|(id, submission, code)| {
                    let row = OutcomeRow {
                        submission: id_from_db(submission)?,
                        code: code_from_db(code),
                    };
                    Ok((OutboxId(*id), row))
                })
                .collect()
        })
        .await
    }

    /// The oldest boxes for a node whose time has come: at most `count`, and together no more than `bytes`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_batch(
        &self,
        destination: NodeUrl,
        now: Millis,
        count: u32,
        bytes: usize,
    ) -> Result<Vec<OutboxItem>, StoreError> {
        self.read(move |connection| {
            on!(connection, |c| batch(
                outbox::table
                    .filter(outbox::destination.eq(destination.as_str()))
                    .filter(is_waiting())
                    .filter(
                        outbox::retry_at
                        .le(to_db(now))
                        // No wait is that long: the clock was set back.
                        .or(outbox::retry_at.gt(to_db(now.saturating_add(backoff::LONGEST)))),
                    )
                    .order(outbox::id)
                    .limit(i64::from(count))
                    .select((outbox::id, outbox::created_at, outbox::boxed))
                    .load_iter::<_, DefaultLoadingMode>(c)?,
                bytes
            ))
        })
        .await
    }

    /// When the next box for a node may go out, if one waits.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_next(&self, destination: NodeUrl) -> Result<Option<Millis>, StoreError> {
        self.read(move |connection| {
            let next: Option<i64> = on!(connection, |c| outbox::table
                .filter(outbox::destination.eq(destination.as_str()))
                .filter(is_waiting())
                .select(diesel::dsl::min(outbox::retry_at))
                .get_result(c))?;
            Ok(next.map(from_db))
        })
        .await
    }

    /// Every node that boxes wait for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn outbox_destinations(&self) -> Result<Vec<NodeUrl>, StoreError> {
        self.read(|connection| {
            let urls: Vec<String> = on!(connection, |c| outbox::table
                .filter(is_waiting())
                .select(outbox::destination)
                .distinct()
                .load(c))?;
            urls.iter()
                .map(|url| NodeUrl::parse(url).map_err(|_| StoreError::Corrupt("a node's URL")))
                .collect()
        })
        .await
    }
}

/// Envelopes until so many bytes are reached.
fn page(
    rows: impl Iterator<Item = QueryResult<(i64, i64, Vec<u8>, Vec<u8>, Vec<u8>)>>,
    bytes: usize,
) -> Result<Vec<StoredEnvelope>, StoreError> {
    let mut page = Vec::new();
    let mut total = 0_usize;
    for row in rows {
        let (id, arrived_at, mailbox, message_id, envelope) = row?;
        total = total.saturating_add(envelope.len());
        page.push(StoredEnvelope {
            cursor: Cursor(from_db(id)),
            arrived_at: from_db(arrived_at),
            mailbox: id_from_db(&mailbox)?,
            message_id: id_from_db(&message_id)?,
            envelope,
        });
        if total >= bytes {
            break;
        }
    }
    Ok(page)
}

/// Boxes that are together no longer than this; one in any case.
fn batch(
    rows: impl Iterator<Item = QueryResult<(i64, i64, Vec<u8>)>>,
    bytes: usize,
) -> Result<Vec<OutboxItem>, StoreError> {
    let mut batch = Vec::new();
    let mut total = 0_usize;
    for row in rows {
        let (id, created_at, boxed) = row?;
        total = total.saturating_add(boxed.len());
        if total > bytes && !batch.is_empty() {
            break;
        }
        batch.push(OutboxItem {
            id: OutboxId(id),
            created_at: from_db(created_at),
            boxed,
        });
    }
    Ok(batch)
}
