//! Forwarding: brings what waits in the outbox to the nodes it is for.
//!
//! A dispatcher starts one worker per destination, on demand and up to a bound. A worker sends the
//! oldest boxes in batches and settles what the other node took or refused for good; everything else
//! stays and is tried again after a wait: a box that was refused for now by itself, everything for a
//! node that failed. A destination that rests holds no worker, and those that failed or were slow last get a part of
//! the workers only, as do those of which nothing is known yet: neither dead names nor names that somebody invents hold up the
//! mail for nodes that work. One that has much to get makes room for others now and then. The outbox in the database is all the
//! state there is: after a restart the work goes on.

use std::collections::{HashMap, HashSet};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt as _;
use shared_crypto::cbor::Bytes as CborBytes;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::{DeliverBatch, DeliverItem, DeliverResults, MAX_BATCH, MAX_BATCH_BYTES};
use shared_crypto::problem::ProblemCode;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;

use super::backoff;
use super::client::{PeerClient, PeerError};
use super::dispatch::{Dispatch, Pace, Rest};
use crate::clock::{Clock, Millis};
use crate::store::{
    Lease, OutboxId, OutboxItem, Outcomes, PeerFailed, PeerReached, Postpone, ProcessId, Release,
    Store, StoreError,
};

/// What the framing of one item adds to its box, at most.
const ITEM_FRAME: usize = 32;

/// How long to wait when the database does not answer.
const STORE_RETRY: Millis = 5_000;

/// How often a process says that it still serves a destination.
const KEEP_AFTER: Millis = 2_000;

/// How often a process looks whether others have left it something that it did not hear of.
const RESCAN_EVERY: Millis = 120_000;

/// How long a destination is served at once while others wait.
const TURN: Millis = 10_000;

/// An answer that took longer is one of a slow node.
const SLOW: Millis = 5_000;

/// A random number below the given one.
pub type Jitter = Arc<dyn Fn(u64) -> u64 + Send + Sync>;

/// Brings boxes to other nodes until it is dropped.
pub struct Forwarder {
    /// Where the boxes wait.
    pub store: Store,
    /// The way to other nodes.
    pub client: Arc<PeerClient>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Who this is, if other processes serve the same outbox.
    pub process: Option<ProcessId>,
    /// How long another node is served before that is said again.
    pub lease: Millis,
    /// After which time a box is given up.
    pub give_up_after: Millis,
    /// Destinations that are served at the same time.
    pub concurrent_peers: usize,
    /// Keeps many nodes from coming back in step.
    pub jitter: Jitter,
    /// Something may wait that nobody has announced.
    pub rescan: Arc<Notify>,
}

impl Forwarder {
    /// Serves whatever waits already, then whatever is announced. Dropping it stops the work.
    pub async fn run(
        self,
        mut announced: mpsc::UnboundedReceiver<NodeUrl>,
        mut retries: mpsc::UnboundedReceiver<NodeUrl>,
    ) {
        let forwarder = Arc::new(self);
        let mut dispatch = Dispatch::default();
        let mut workers: JoinSet<(NodeUrl, Rest, Pace)> = JoinSet::new();
        let mut looked_at = forwarder.process.map(|_| forwarder.clock.now());
        let (failing, destinations) = forwarder.remembered().await;
        dispatch.failing.extend(failing);
        for url in destinations {
            dispatch.announce(url);
        }
        loop {
            dispatch.wake(forwarder.clock.now());
            let at_most = forwarder.concurrent_peers.max(1);
            while workers.len() < at_most
                && let Some(url) = dispatch.next_ready(at_most)
            {
                let is_fresh = Arc::new(AtomicBool::new(false));
                dispatch.active.insert(url.clone(), Arc::clone(&is_fresh));
                let forwarder = Arc::clone(&forwarder);
                workers.spawn(async move {
                    let mut pace = Pace::Unknown;
                    let work = AssertUnwindSafe(forwarder.serve(&url, &is_fresh, &mut pace));
                    let rest = work.catch_unwind().await;
                    let rest = rest.unwrap_or_else(|_| forwarder.later());
                    (url, rest, pace)
                });
            }
            let next = dispatch.resting.first().map_or(Millis::MAX, |(at, _)| *at);
            let look_at = looked_at.map_or(Millis::MAX, |at| at.saturating_add(RESCAN_EVERY));
            tokio::select! {
                biased;
                url = announced.recv() => match url {
                    Some(url) => dispatch.announce(url),
                    None => return,
                },
                Some(url) = retries.recv() => dispatch.retry(url),
                Some(ended) = workers.join_next(), if !workers.is_empty() => {
                    let Ok((url, rest, pace)) = ended else { continue };
                    dispatch.ended(url, rest, pace);
                }
                () = forwarder.rescan.notified() => forwarder.look(&mut dispatch).await,
                () = forwarder.clock.sleep_until(look_at) => {
                    looked_at = Some(forwarder.clock.now());
                    forwarder.look(&mut dispatch).await;
                }
                () = forwarder.clock.sleep_until(next) => {}
            }
        }
    }

    /// Looks for whom something waits, whoever has accepted it.
    async fn look(&self, dispatch: &mut Dispatch) {
        match self.store.outbox_destinations().await {
            Ok(urls) => urls.into_iter().for_each(|url| dispatch.announce(url)),
            Err(error) => tracing::error!(%error, "the outbox cannot be read"),
        }
    }

    /// Who failed last, and for whom something waits.
    async fn remembered(&self) -> (Vec<NodeUrl>, Vec<NodeUrl>) {
        loop {
            let failing = self.store.failing_peers();
            match tokio::try_join!(failing, self.store.outbox_destinations()) {
                Ok(urls) => return urls,
                Err(StoreError::Stopped) => return <_>::default(),
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    self.clock
                        .sleep_until(self.clock.now().saturating_add(STORE_RETRY))
                        .await;
                }
            }
        }
    }

    async fn serve(&self, url: &NodeUrl, is_fresh: &AtomicBool, pace: &mut Pace) -> Rest {
        match self.work(url, is_fresh, pace).await {
            Ok(rest) => rest,
            Err(error) => {
                tracing::error!(%error, "forwarding cannot use the database");
                self.later()
            }
        }
    }

    /// When something went wrong here.
    fn later(&self) -> Rest {
        Rest::Failed(self.clock.now().saturating_add(STORE_RETRY))
    }

    /// One process at a time serves a destination.
    async fn work(
        &self,
        url: &NodeUrl,
        is_fresh: &AtomicBool,
        pace: &mut Pace,
    ) -> Result<Rest, StoreError> {
        let Some(holder) = self.process else {
            return self.forward(url, is_fresh, pace).await;
        };
        if let Err(held_until) = self.hold(url).await? {
            return Ok(Rest::Refused(held_until));
        }
        let rest = self.forward(url, is_fresh, pace).await;
        let peer = url.clone();
        self.store.write(Release { peer, holder }).await?;
        rest
    }

    /// Takes a destination, or keeps it; otherwise until when another process has it.
    async fn hold(&self, url: &NodeUrl) -> Result<Result<(), Millis>, StoreError> {
        let Some(holder) = self.process else {
            return Ok(Ok(()));
        };
        let lease = Lease {
            peer: url.clone(),
            holder,
            until: self.clock.now().saturating_add(self.lease),
        };
        self.store.write(lease).await
    }

    async fn forward(
        &self,
        url: &NodeUrl,
        is_fresh: &AtomicBool,
        pace: &mut Pace,
    ) -> Result<Rest, StoreError> {
        let begun_at = self.clock.now();
        let mut held_since = begun_at;
        let mut state = self.store.peer_state(url.clone()).await?;
        // If the clock was set back, the time is too far away.
        let latest = self.clock.now().saturating_add(backoff::LONGEST);
        let retry_at = state.retry_at.min(latest);
        if retry_at > self.clock.now() {
            return Ok(Rest::Failed(retry_at));
        }
        loop {
            if self.clock.now().saturating_sub(begun_at) > TURN {
                return Ok(Rest::Yielded);
            }
            is_fresh.store(false, Ordering::Release);
            // What is left of it must be enough for one request.
            let now = self.clock.now();
            if now.saturating_sub(held_since) > KEEP_AFTER {
                if let Err(held_until) = self.hold(url).await? {
                    return Ok(Rest::Refused(held_until));
                }
                held_since = now;
            }
            let limit = MAX_BATCH_BYTES.saturating_sub(MAX_BATCH.saturating_mul(ITEM_FRAME));
            let count = u32::try_from(MAX_BATCH).unwrap_or(u32::MAX);
            let now = self.clock.now();
            let waiting = self
                .store
                .outbox_batch(url.clone(), now, count, limit)
                .await?;
            if waiting.is_empty() {
                let next = self.store.outbox_next(url.clone()).await?;
                if next.is_none() && state.failures != 0 {
                    self.store.write(PeerReached(url.clone())).await?; // everything was given up
                }
                // Not each at its very moment: what is due within a second goes together.
                let soonest = now.saturating_add(backoff::FIRST);
                let latest = now.saturating_add(backoff::LONGEST);
                return Ok(next.map_or(Rest::Idle, |next| {
                    Rest::Refused(next.clamp(soonest, latest))
                }));
            }
            let waiting = self.give_up(waiting).await?;
            if waiting.is_empty() {
                continue;
            }
            let sent: Vec<(OutboxId, Millis)> = waiting
                .iter()
                .map(|item| (item.id, item.created_at))
                .collect();
            let asked_at = self.clock.now();
            let answer = self.client.deliver(url, &batch(waiting)).await;
            *pace = match self.clock.now().saturating_sub(asked_at) {
                0..=SLOW => Pace::Quick,
                _ => Pace::Slow,
            };
            let Sorted {
                settled,
                refused,
                failure,
            } = match answer {
                Ok(results) => sort(&sent, &results),
                Err(error) => match permanent(&error) {
                    Some(code) => Sorted {
                        settled: sent.iter().map(|(id, _)| (*id, Some(code))).collect(),
                        ..Sorted::default()
                    },
                    None => Sorted {
                        failure: Some(error),
                        ..Sorted::default()
                    },
                },
            };
            if settled
                .iter()
                .any(|(_, code)| *code == Some(ProblemCode::CannotOpen))
            {
                self.client.forget(url); // whoever seals again needs the present keys
            }
            if !settled.is_empty() {
                let waits = self.waits(&sent, &settled);
                self.store.write(Outcomes(settled)).await?;
                waits.into_iter().for_each(crate::metrics::delivered);
            }
            if !refused.is_empty() {
                let now = self.clock.now();
                let again = |created_at| {
                    let age = now.saturating_sub(created_at);
                    now.saturating_add(backoff::again(age, |bound| (self.jitter)(bound)))
                };
                let refused = refused.into_iter().map(|(id, at)| (id, again(at)));
                self.store.write(Postpone(refused.collect())).await?;
            }
            if let Some(error) = failure {
                state.failures = state.failures.saturating_add(1);
                let wait = backoff::wait(state.failures, |bound| (self.jitter)(bound));
                state.retry_at = self.clock.now().saturating_add(wait);
                tracing::info!(code = %error.code(), reason = %error, failures = state.failures, wait_ms = wait, "a peer failed");
                self.store
                    .write(PeerFailed {
                        url: url.clone(),
                        state,
                    })
                    .await?;
                return Ok(Rest::Failed(state.retry_at));
            }
            if state.failures != 0 {
                state.failures = 0;
                self.store.write(PeerReached(url.clone())).await?;
            }
        }
    }

    /// How long each that has arrived was on its way, if somebody counts.
    fn waits(&self, sent: &[(OutboxId, Millis)], settled: &[Settled]) -> Vec<Millis> {
        if !crate::metrics::is_on() {
            return Vec::new();
        }
        let now = self.clock.now();
        let arrived: HashSet<OutboxId> = settled
            .iter()
            .filter(|(_, code)| code.is_none())
            .map(|(id, _)| *id)
            .collect();
        let arrived = sent.iter().filter(|(id, _)| arrived.contains(id));
        arrived.map(|(_, at)| now.saturating_sub(*at)).collect()
    }

    /// Settles what has been tried for too long; the rest goes on.
    async fn give_up(&self, waiting: Vec<OutboxItem>) -> Result<Vec<OutboxItem>, StoreError> {
        let now = self.clock.now();
        let (old, rest): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|item| item.created_at.saturating_add(self.give_up_after) <= now);
        if !old.is_empty() {
            let code = Some(ProblemCode::Undeliverable);
            self.store
                .write(Outcomes(old.iter().map(|item| (item.id, code)).collect()))
                .await?;
        }
        Ok(rest)
    }
}

fn batch(waiting: Vec<OutboxItem>) -> DeliverBatch {
    let items = (0..)
        .zip(waiting)
        .map(|(item, waiting)| DeliverItem {
            item,
            forward_box: CborBytes(waiting.boxed),
        })
        .collect();
    DeliverBatch { items }
}

/// An entry of the outbox with its outcome.
type Settled = (OutboxId, Option<ProblemCode>);

/// What became of a batch.
#[derive(Default)]
struct Sorted {
    /// The outcomes that are known.
    settled: Vec<Settled>,
    /// What is to be tried again, with the time when it was submitted.
    refused: Vec<(OutboxId, Millis)>,
    /// Why the whole node is to be left alone for a while.
    failure: Option<PeerError>,
}

fn sort(sent: &[(OutboxId, Millis)], results: &DeliverResults) -> Sorted {
    let results: HashMap<u64, Option<ProblemCode>> = results
        .items
        .iter()
        .map(|result| (result.item, result.code))
        .collect();
    let mut sorted = Sorted::default();
    for (item, (id, created_at)) in (0_u64..).zip(sent) {
        match results.get(&item) {
            None => sorted.failure = Some(PeerError::Misbehaves("a result is missing")),
            Some(Some(code)) if is_temporary(*code) => {
                sorted.refused.push((*id, *created_at));
                if is_of_the_node(*code) {
                    sorted.failure = Some(PeerError::Refused(*code));
                }
            }
            Some(code) => sorted.settled.push((*id, *code)),
        }
    }
    sorted
}

/// Whether trying again may help.
fn is_temporary(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::Unavailable
            | ProblemCode::Internal
            | ProblemCode::RateLimited
            | ProblemCode::NodeFull
            | ProblemCode::MailboxFull
    )
}

/// Whether other messages would fare no better now.
fn is_of_the_node(code: ProblemCode) -> bool {
    !matches!(code, ProblemCode::MailboxFull | ProblemCode::Internal)
}

/// A failure of the whole request that trying again does not mend.
fn permanent(error: &PeerError) -> Option<ProblemCode> {
    match error {
        PeerError::PrivateAddress => Some(ProblemCode::PrivateAddress),
        PeerError::Denied | PeerError::Refused(ProblemCode::PeerRefused) => {
            Some(ProblemCode::PeerRefused)
        }
        _ => None,
    }
}
