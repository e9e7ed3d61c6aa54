//! What waits for other nodes, and what became of it.

use bytes::Bytes;
use diesel::prelude::*;
use shared_crypto::id::{DeviceId, SubmissionId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;

use super::mail::Deliver;
use super::schema::outbox;
use super::{
    AccountId, Apply, Batch, Event, OutboxId, StoreError, from_db, id_from_db, on, size_to_db,
    to_db,
};
use crate::clock::Millis;

pub(super) const WAITING: i32 = 0;
pub(super) const SETTLED: i32 = 1;

/// Nodes that an account may have mail waiting for.
const DESTINATIONS: i64 = 256;

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
}

impl Apply for Submit {
    type Output = Result<Submitted, ProblemCode>;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError> {
        let known: Option<(i32, String)> = on!(batch.connection, |c| outbox::table
            .filter(outbox::account.eq(self.account.0))
            .filter(outbox::device.eq(self.device.as_bytes().as_slice()))
            .filter(outbox::submission.eq(self.submission.as_bytes().as_slice()))
            .select((outbox::state, outbox::code))
            .first(c)
            .optional())?;
        match known {
            Some((SETTLED, code)) => return Ok(Ok(Submitted::Settled(code_from_db(&code)))),
            Some(_) => return Ok(Ok(Submitted::Accepted)),
            None => {}
        }
        if from_db(batch.usage(self.account)?.outbox_count) >= batch.limits.outbox_count {
            return Ok(Err(ProblemCode::RateLimited));
        }
        match &self.route {
            Route::Local(delivery) => self.deliver(batch, delivery),
            Route::Remote(boxed) => self.enqueue(batch, boxed),
        }
    }
}

impl Submit {
    /// Delivery and outcome are one transaction.
    fn deliver(
        &self,
        batch: &mut Batch<'_>,
        delivery: &Result<Deliver, ProblemCode>,
    ) -> Result<Result<Submitted, ProblemCode>, StoreError> {
        let code = match delivery {
            Ok(deliver) => deliver.apply(batch)?.err(),
            Err(code) => Some(*code),
        };
        self.insert(batch, &[], SETTLED, code)?;
        Ok(Ok(Submitted::Settled(code)))
    }

    fn enqueue(
        &self,
        batch: &mut Batch<'_>,
        boxed: &Bytes,
    ) -> Result<Result<Submitted, ProblemCode>, StoreError> {
        let size = size_to_db(boxed.len());
        let used = batch.usage(self.account)?.outbox_bytes;
        if from_db(used.saturating_add(size)) > batch.limits.outbox_bytes
            || !self.may_wait_there(batch)?
        {
            return Ok(Err(ProblemCode::RateLimited));
        }
        self.insert(batch, boxed, WAITING, None)?;
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
    fn may_wait_there(&self, batch: &mut Batch<'_>) -> Result<bool, StoreError> {
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
            .first(c))?;
        Ok(destinations < DESTINATIONS)
    }

    fn insert(
        &self,
        batch: &mut Batch<'_>,
        boxed: &[u8],
        state: i32,
        code: Option<ProblemCode>,
    ) -> Result<(), StoreError> {
        on!(batch.connection, |c| diesel::insert_into(outbox::table)
            .values((
                outbox::account.eq(self.account.0),
                outbox::device.eq(self.device.as_bytes().as_slice()),
                outbox::submission.eq(self.submission.as_bytes().as_slice()),
                outbox::destination.eq(self.destination.as_str()),
                outbox::boxed.eq(boxed),
                outbox::created_at.eq(to_db(batch.now)),
                outbox::state.eq(state),
                outbox::code.eq(code_to_db(code)),
            ))
            .execute(c))?;
        batch.change_usage(self.account, |usage| {
            usage.outbox_count = usage.outbox_count.saturating_add(1);
        })
    }
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
    type Output = ();

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        for (id, code) in &self.0 {
            let row = on!(batch.connection, |c| outbox::table
                .find(id.0)
                .filter(outbox::state.eq(WAITING))
                .select((
                    outbox::account,
                    outbox::device,
                    outbox::submission,
                    outbox::boxed,
                ))
                .first::<(i64, Vec<u8>, Vec<u8>, Vec<u8>)>(c)
                .optional())?;
            let Some((account, device, submission, boxed)) = row else {
                continue; // settled by an earlier try
            };
            on!(batch.connection, |c| diesel::update(
                outbox::table.find(id.0)
            )
            .set((
                outbox::state.eq(SETTLED),
                outbox::code.eq(code_to_db(*code)),
                outbox::boxed.eq(Vec::<u8>::new()),
            ))
            .execute(c))?;
            let size = size_to_db(boxed.len());
            batch.change_usage(AccountId(account), |usage| {
                usage.outbox_bytes = usage.outbox_bytes.saturating_sub(size);
            })?;
            batch.events.push(Event::Outcome {
                account: AccountId(account),
                device: id_from_db(&device)?,
                submission: id_from_db(&submission)?,
                code: *code,
            });
        }
        Ok(())
    }
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
    type Output = ();

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let mut forgotten = 0_i64;
        for submission in &self.submissions {
            let deleted = on!(batch.connection, |c| diesel::delete(
                outbox::table
                    .filter(outbox::account.eq(self.account.0))
                    .filter(outbox::device.eq(self.device.as_bytes().as_slice()))
                    .filter(outbox::submission.eq(submission.as_bytes().as_slice()))
                    .filter(outbox::state.eq(SETTLED)),
            )
            .execute(c))?;
            forgotten = size_to_db(deleted).saturating_add(forgotten);
        }
        forget(batch, self.account, forgotten)
    }
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

fn code_to_db(code: Option<ProblemCode>) -> &'static str {
    code.map_or("", ProblemCode::as_str)
}

pub(super) fn code_from_db(code: &str) -> Option<ProblemCode> {
    (!code.is_empty()).then(|| ProblemCode::parse_lenient(code))
}
