//! What waits for other nodes, and what became of it.

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;

use bytes::Bytes;
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Bool, Integer, Text};
use shared_crypto::id::{DeviceId, SubmissionId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;

use super::mail::Deliver;
use super::many::{self, Needs};
use super::outstanding::Outstanding;
use super::schema::outbox;
use super::statement::statement;
use super::usage::Usage;
use super::{
    AccountId, Apply, Batch, Connection, Event, OutboxId, StoreError, Urgency, from_db, id_from_db,
    on, size_to_db, to_db,
};
use crate::clock::Millis;
use crate::refused::Refused;

pub(super) const WAITING: i32 = 0;
pub(super) const SETTLED: i32 = 1;

/// Nodes that an account may have mail waiting for.
const DESTINATIONS: u32 = 256;

/// What tells submissions apart.
pub(super) type SubmissionKey = (AccountId, DeviceId, SubmissionId);

/// In words, not as a value, so that the index of what waits is used.
pub(super) fn is_waiting() -> SqlLiteral<Bool> {
    sql("state = 0")
}

/// In words, not as a value, so that the index of what is settled is used.
pub(super) fn is_settled() -> SqlLiteral<Bool> {
    sql("state = 1")
}

/// Where a submission goes.
#[derive(Debug, Clone)]
pub enum Route {
    /// To another node: the box as it came.
    Remote(Bytes),
    /// Into a mailbox of this node: the box was opened, or could not be.
    Local(Result<Deliver, ProblemCode>),
}

/// Takes a box for delivery. The same submission of the same device is taken once.
#[derive(Debug, Clone)]
pub struct Submit {
    /// Whose.
    pub account: AccountId,
    /// Who submits it.
    pub device: DeviceId,
    /// Under which id.
    pub submission: SubmissionId,
    /// For which node.
    pub destination: NodeUrl,
    /// How.
    pub route: Route,
}

/// A submission is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// Taken by this command, or earlier and still waiting.
    Accepted,
    /// The outcome is known already; nothing: their node has it durably.
    Settled(Option<ProblemCode>),
    /// It was for a mailbox here that does not take it. That is its outcome.
    Refused(Refused),
}

impl Apply for Submit {
    const URGENCY: Urgency = Urgency::Quick;

    type Output = Result<Submitted, Refused>;

    fn needs(&self, needs: &mut Needs) {
        needs.accounts.push(self.account);
        needs.submissions.push(self.key());
        if let Route::Local(Ok(deliver)) = &self.route {
            deliver.needs(needs);
        }
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let known = batch.submission(&self.key())?;
        match known {
            Some((SETTLED, code)) => return Ok(Ok(Submitted::Settled(code_from_db(&code)))),
            Some(_) => return Ok(Ok(Submitted::Accepted)),
            None => {}
        }
        let Some(usage) = batch.usage(self.account)? else {
            return Ok(Err(ProblemCode::UnknownIdentity.into()));
        };
        if from_db(usage.outbox_count) >= batch.limits.outbox_count {
            return refused("outbox_count");
        }
        match &self.route {
            Route::Local(delivery) => self.deliver(batch, delivery),
            Route::Remote(boxed) => self.enqueue(batch, &usage, boxed),
        }
    }
}

impl Submit {
    fn key(&self) -> SubmissionKey {
        (self.account, self.device, self.submission)
    }

    /// Delivery and outcome are one transaction.
    fn deliver(
        &self,
        batch: &mut Batch<'_>,
        delivery: &Result<Deliver, ProblemCode>,
    ) -> Result<Result<Submitted, Refused>, StoreError> {
        let refused = match delivery {
            Ok(deliver) => deliver.apply(batch)?.err(),
            Err(code) => Some((*code).into()),
        };
        let code = refused.map(|refused| refused.code);
        self.insert(batch, Bytes::new(), SETTLED, code)?;
        Ok(Ok(
            refused.map_or(Submitted::Settled(None), Submitted::Refused)
        ))
    }

    fn enqueue(
        &self,
        batch: &mut Batch<'_>,
        usage: &Usage,
        boxed: &Bytes,
    ) -> Result<Result<Submitted, Refused>, StoreError> {
        let size = size_to_db(boxed.len());
        if from_db(usage.outbox_bytes.saturating_add(size)) > batch.limits.outbox_bytes {
            return refused("outbox_bytes");
        }
        if !self.may_wait_there(batch, usage)? {
            return refused("outbox_nodes");
        }
        self.insert(batch, boxed.clone(), WAITING, None)?;
        batch.change_usage(self.account, |usage| {
            usage.outbox_bytes = usage.outbox_bytes.saturating_add(size);
        })?;
        let is_announced = batch.events.iter().any(|event| {
            matches!(event, Event::Queued { destination } if *destination == self.destination)
        });
        if !is_announced {
            batch.events.push(Event::Queued {
                destination: self.destination.clone(),
            });
        }
        Ok(Ok(Submitted::Accepted))
    }

    /// Mail for many nodes keeps many workers busy, so an account cannot have it for any number.
    fn may_wait_there(&self, batch: &mut Batch<'_>, usage: &Usage) -> Result<bool, StoreError> {
        let is_within = usage.outbox_count < i64::from(DESTINATIONS); // even if each were for another node
        let most = usize::try_from(DESTINATIONS).unwrap_or(usize::MAX);
        if let Some(outstanding) = &batch.outstanding {
            let destination = self.destination.as_str();
            return Ok(is_within || outstanding.may_begin(self.account, destination, most));
        }
        // A server is asked only if the account had so many lately: it looks through all that waits.
        if batch.seen.is_usual(self.account, &self.destination, most) || is_within {
            return Ok(true);
        }
        batch.flush_submissions()?;
        let waiting = || {
            outbox::table
                .filter(outbox::account.eq(self.account.0))
                .filter(outbox::state.eq(WAITING))
        };
        let is_known: bool = on!(batch.connection, |c| diesel::select(diesel::dsl::exists(
            waiting().filter(outbox::destination.eq(self.destination.as_str())),
        ))
        .get_result(c))?;
        if is_known {
            return Ok(true);
        }
        let destinations: i64 = on!(batch.connection, |c| waiting()
            .select(diesel::dsl::count(outbox::destination).aggregate_distinct())
            .get_result(c))?;
        let may_wait = destinations < i64::from(DESTINATIONS);
        if may_wait {
            batch.seen.forget(self.account); // the others have their mail
        }
        Ok(may_wait)
    }

    fn insert(
        &self,
        batch: &mut Batch<'_>,
        boxed: Bytes,
        state: i32,
        code: Option<ProblemCode>,
    ) -> Result<(), StoreError> {
        batch.submit(NewSubmission {
            account: self.account,
            device: self.device,
            submission: self.submission,
            destination: self.destination.clone(),
            boxed,
            state,
            code,
        })?;
        batch.change_usage(self.account, |usage| {
            usage.outbox_count = usage.outbox_count.saturating_add(1);
        })
    }
}

/// There is too much of it.
fn refused(rule: &'static str) -> Result<Result<Submitted, Refused>, StoreError> {
    Ok(Err(Refused::by(ProblemCode::RateLimited, rule)))
}

/// For which nodes accounts had mail lately, as far as this process took it.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<AccountId, HashSet<NodeUrl>>);

impl Seen {
    /// Accounts that are remembered; then all are forgotten.
    const ACCOUNTS: usize = 10_000;

    /// Whether the account had mail for this node, or else for fewer than so many; then it has now.
    fn is_usual(&mut self, account: AccountId, destination: &NodeUrl, most: usize) -> bool {
        if self.0.len() >= Self::ACCOUNTS && !self.0.contains_key(&account) {
            self.0.clear();
        }
        let nodes = self.0.entry(account).or_default();
        if nodes.contains(destination) {
            return true;
        }
        let has_room = nodes.len() < most;
        if has_room {
            nodes.insert(destination.clone());
        }
        has_room
    }

    fn forget(&mut self, account: AccountId) {
        self.0.remove(&account);
    }
}

/// A submission that is about to be stored.
#[derive(Debug)]
pub(super) struct NewSubmission {
    pub(super) account: AccountId,
    pub(super) device: DeviceId,
    pub(super) submission: SubmissionId,
    pub(super) destination: NodeUrl,
    pub(super) boxed: Bytes,
    pub(super) state: i32,
    pub(super) code: Option<ProblemCode>,
}

impl NewSubmission {
    pub(super) fn key(&self) -> SubmissionKey {
        (self.account, self.device, self.submission)
    }
}

statement! {
    FindSubmission -> (Integer, Text):
    "SELECT state, code FROM outbox WHERE id = " id: i64 as BigInt,
    " AND account = " account: i64 as BigInt,
    " AND device = " device: &'a [u8] as Binary,
    " AND submission = " submission: &'a [u8] as Binary; ""
}

/// What is stored of a submission, if it is in this row.
pub(super) fn find_submission(
    connection: &mut SqliteConnection,
    id: i64,
    (account, device, submission): &SubmissionKey,
) -> Result<Option<(i32, String)>, StoreError> {
    let query = FindSubmission {
        id,
        account: account.0,
        device: device.as_bytes().as_slice(),
        submission: submission.as_bytes().as_slice(),
        marker: PhantomData,
    };
    Ok(query.get_result(connection).optional()?)
}

/// Stores a submission.
pub(super) fn insert_submission(
    connection: &mut SqliteConnection,
    now: Millis,
    id: i64,
    row: &NewSubmission,
) -> Result<(), StoreError> {
    InsertSubmission {
        id,
        account: row.account.0,
        device: row.device.as_bytes().as_slice(),
        submission: row.submission.as_bytes().as_slice(),
        destination: row.destination.as_str(),
        created_at: to_db(now),
        state: row.state,
        code: code_to_db(row.code),
        boxed: row.boxed.as_ref(),
        marker: PhantomData,
    }
    .execute(connection)?;
    Ok(())
}

statement! {
    InsertSubmission:
    "INSERT INTO outbox (id, account, device, submission, destination, created_at, state, code, boxed) VALUES ("
    id: i64 as BigInt, ", " account: i64 as BigInt, ", " device: &'a [u8] as Binary,
    ", " submission: &'a [u8] as Binary, ", " destination: &'a str as Text,
    ", " created_at: i64 as BigInt, ", " state: i32 as Integer, ", " code: &'a str as Text,
    ", " boxed: &'a [u8] as Binary; ")"
}

/// These boxes were refused for now; each goes out again at its time.
#[derive(Debug, Clone)]
pub struct Postpone(pub Vec<(OutboxId, Millis)>);

impl Apply for Postpone {
    type Output = ();

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        for (id, retry_at) in &self.0 {
            on!(batch.connection, |c| diesel::update(
                outbox::table.find(id.0)
            )
            .set(outbox::retry_at.eq(to_db(*retry_at)))
            .execute(c))?;
        }
        Ok(())
    }
}

/// What became of boxes.
#[derive(Debug, Clone)]
pub struct Outcomes(pub Vec<(OutboxId, Option<ProblemCode>)>);

impl Apply for Outcomes {
    const URGENCY: Urgency = Urgency::Quick;

    type Output = ();

    fn weight(&self) -> usize {
        self.0.len()
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let codes: HashMap<i64, Option<ProblemCode>> =
            self.0.iter().map(|(id, code)| (id.0, *code)).collect();
        let settled = match batch.connection {
            Connection::Sqlite(c) => settle(c, batch.outstanding.as_deref_mut(), &self.0)?,
            Connection::Postgres(c) => many::settle(c, &self.0)?,
        };
        for (id, account, device, submission, size) in settled {
            let account = AccountId(account);
            batch.change_usage(account, |usage| {
                usage.outbox_bytes = usage.outbox_bytes.saturating_sub(i64::from(size));
            })?;
            batch.events.push(Event::Outcome {
                account,
                device: id_from_db(&device)?,
                submission: id_from_db(&submission)?,
                code: codes.get(&id).copied().flatten(),
            });
        }
        Ok(())
    }
}

statement! {
    FindWaiting -> ((BigInt, BigInt, Binary, Binary, Integer), Text):
    "SELECT id, account, device, submission, length(boxed), destination FROM outbox WHERE id = "
    id: i64 as BigInt,
    " AND state = " state: i32 as Integer; ""
}

statement! {
    Settle:
    "UPDATE outbox SET boxed = x'', state = " state: i32 as Integer, ", code = " code: &'a str as Text,
    " WHERE id = " id: i64 as BigInt; ""
}

/// Notes what became of boxes that waited; those that were settled by an earlier try are left out.
fn settle(
    connection: &mut SqliteConnection,
    mut outstanding: Option<&mut Outstanding>,
    outcomes: &[(OutboxId, Option<ProblemCode>)],
) -> Result<Vec<many::Settled>, StoreError> {
    let mut rows = Vec::with_capacity(outcomes.len());
    for (id, code) in outcomes {
        let find = FindWaiting {
            id: id.0,
            state: WAITING,
            marker: PhantomData,
        };
        let found: Option<(many::Settled, String)> = find.get_result(connection).optional()?;
        let Some((row, destination)) = found else {
            continue;
        };
        if let Some(outstanding) = &mut outstanding {
            outstanding.end(AccountId(row.1), &destination);
        }
        Settle {
            state: SETTLED,
            code: code_to_db(*code),
            id: id.0,
            marker: PhantomData,
        }
        .execute(connection)?;
        rows.push(row);
    }
    Ok(rows)
}

/// A device knows these outcomes; the node forgets them.
#[derive(Debug, Clone)]
pub struct OutcomesSeen {
    /// Whose.
    pub account: AccountId,
    /// Who.
    pub device: DeviceId,
    /// Which.
    pub submissions: Vec<SubmissionId>,
}

impl Apply for OutcomesSeen {
    const URGENCY: Urgency = Urgency::Patient;

    type Output = ();

    fn weight(&self) -> usize {
        self.submissions.len().div_ceil(4)
    }

    fn account(&self) -> Option<AccountId> {
        Some(self.account)
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let mut forgotten = 0_i64;
        match batch.connection {
            Connection::Sqlite(c) => {
                for submission in &self.submissions {
                    let key = (self.account, self.device, *submission);
                    let outstanding = batch.outstanding.as_deref_mut();
                    let deleted = delete_settled(c, outstanding, &key)?;
                    forgotten = size_to_db(deleted).saturating_add(forgotten);
                }
            }
            Connection::Postgres(c) => {
                let named = self.submissions.iter().map(|id| id.as_bytes().as_slice());
                let deleted = diesel::delete(
                    outbox::table
                        .filter(outbox::account.eq(self.account.0))
                        .filter(outbox::device.eq(self.device.as_bytes().as_slice()))
                        .filter(outbox::submission.eq_any(named.collect::<Vec<_>>()))
                        .filter(outbox::state.eq(SETTLED)),
                )
                .execute(c)?;
                forgotten = size_to_db(deleted);
            }
        }
        forget(batch, self.account, forgotten)
    }
}

statement! {
    DeleteSettled:
    "DELETE FROM outbox WHERE id = " id: i64 as BigInt,
    " AND account = " account: i64 as BigInt,
    " AND device = " device: &'a [u8] as Binary, " AND submission = " submission: &'a [u8] as Binary;
    " AND state = 1"
}

/// Forgets a submission whose outcome is known; says how many that were.
fn delete_settled(
    connection: &mut SqliteConnection,
    outstanding: Option<&mut Outstanding>,
    key: &SubmissionKey,
) -> Result<usize, StoreError> {
    let Some((outstanding, id)) = outstanding.and_then(|known| {
        let id = known.find(key)?;
        Some((known, id))
    }) else {
        return Ok(0);
    };
    let (account, device, submission) = key;
    let deleted = DeleteSettled {
        id,
        account: account.0,
        device: device.as_bytes().as_slice(),
        submission: submission.as_bytes().as_slice(),
        marker: PhantomData,
    }
    .execute(connection)?;
    if deleted != 0 {
        outstanding.remove(key);
    }
    Ok(deleted)
}

/// Takes outcomes that are gone off the account's count.
pub(super) fn forget(
    batch: &mut Batch<'_>,
    account: AccountId,
    count: i64,
) -> Result<(), StoreError> {
    if count == 0 {
        return Ok(());
    }
    batch.change_usage(account, |usage| {
        usage.outbox_count = usage.outbox_count.saturating_sub(count);
    })
}

pub(super) fn code_to_db(code: Option<ProblemCode>) -> &'static str {
    code.map_or("", ProblemCode::as_str)
}

pub(super) fn code_from_db(code: &str) -> Option<ProblemCode> {
    (!code.is_empty()).then(|| ProblemCode::parse_lenient(code))
}
