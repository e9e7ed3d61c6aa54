//! Forwarding: brings what waits in the outbox to the nodes it is for.
//!
//! A dispatcher starts one worker per destination, on demand and up to a bound. A worker sends the
//! oldest boxes in batches and settles what the other node took or refused for good; everything else
//! stays and is tried again after a wait. A destination that rests holds no worker. The outbox in the
//! database is all the state there is: after a restart the work goes on.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use shared_crypto::cbor::Bytes as CborBytes;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::{DeliverBatch, DeliverItem, DeliverResults, MAX_BATCH, MAX_BATCH_BYTES};
use shared_crypto::problem::ProblemCode;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::backoff;
use super::client::{PeerClient, PeerError};
use crate::clock::{Clock, Millis};
use crate::random;
use crate::store::{OutboxId, OutboxItem, Outcomes, PeerFailed, PeerReached, Store, StoreError};

/// What the framing of one item adds to its box, at most.
const ITEM_FRAME: usize = 32;

/// How long to wait when the database does not answer.
const STORE_RETRY: Millis = 5_000;

/// Brings boxes to other nodes until it is dropped.
pub struct Forwarder {
    /// Where the boxes wait.
    pub store: Store,
    /// The way to other nodes.
    pub client: Arc<PeerClient>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// After which time a box is given up.
    pub give_up_after: Millis,
    /// Destinations that are served at the same time.
    pub concurrent_peers: usize,
}

/// Why a worker has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Nothing waits.
    Idle,
    /// Not before this time.
    Until(Millis),
}

/// What the dispatcher knows.
#[derive(Default)]
struct Dispatch {
    /// Destinations with a worker, and whether new boxes came for them since it last looked.
    active: HashMap<NodeUrl, Arc<AtomicBool>>,
    /// Destinations that wait for their time.
    resting: BTreeSet<(Millis, NodeUrl)>,
    resting_urls: HashSet<NodeUrl>,
    /// Destinations that wait for a worker.
    ready: VecDeque<NodeUrl>,
    ready_urls: HashSet<NodeUrl>,
}

impl Dispatch {
    /// There is something for this destination.
    fn announce(&mut self, url: NodeUrl) {
        if let Some(is_fresh) = self.active.get(&url) {
            is_fresh.store(true, Ordering::Release);
        } else if !self.resting_urls.contains(&url) && self.ready_urls.insert(url.clone()) {
            self.ready.push_back(url);
        }
    }

    fn rest(&mut self, url: NodeUrl, until: Millis) {
        self.resting_urls.insert(url.clone());
        self.resting.insert((until, url));
    }

    /// Ends the rest of those whose time has come.
    fn wake(&mut self, now: Millis) {
        while let Some((at, _)) = self.resting.first()
            && *at <= now
            && let Some((_, url)) = self.resting.pop_first()
        {
            self.resting_urls.remove(&url);
            self.announce(url);
        }
    }

    fn next_ready(&mut self) -> Option<NodeUrl> {
        let url = self.ready.pop_front()?;
        self.ready_urls.remove(&url);
        Some(url)
    }
}

impl Forwarder {
    /// Serves whatever waits already, then whatever is announced. Dropping it stops the work.
    pub async fn run(self, mut announced: mpsc::UnboundedReceiver<NodeUrl>) {
        let forwarder = Arc::new(self);
        let mut dispatch = Dispatch::default();
        let mut workers: JoinSet<(NodeUrl, Rest)> = JoinSet::new();
        for url in forwarder.destinations().await {
            dispatch.announce(url);
        }
        loop {
            dispatch.wake(forwarder.clock.now());
            while workers.len() < forwarder.concurrent_peers.max(1)
                && let Some(url) = dispatch.next_ready()
            {
                let is_fresh = Arc::new(AtomicBool::new(false));
                dispatch.active.insert(url.clone(), Arc::clone(&is_fresh));
                let forwarder = Arc::clone(&forwarder);
                workers.spawn(async move {
                    let rest = forwarder.serve(&url, &is_fresh).await;
                    (url, rest)
                });
            }
            let next = dispatch.resting.first().map_or(Millis::MAX, |(at, _)| *at);
            tokio::select! {
                url = announced.recv() => match url {
                    Some(url) => dispatch.announce(url),
                    None => return,
                },
                Some(ended) = workers.join_next(), if !workers.is_empty() => {
                    let Ok((url, rest)) = ended else { continue };
                    let is_fresh = dispatch.active.remove(&url);
                    match rest {
                        Rest::Until(at) => dispatch.rest(url, at),
                        Rest::Idle if is_fresh.is_some_and(|it| it.load(Ordering::Acquire)) => {
                            dispatch.announce(url);
                        }
                        Rest::Idle => {}
                    }
                }
                () = forwarder.clock.sleep_until(next) => {}
            }
        }
    }

    async fn destinations(&self) -> Vec<NodeUrl> {
        loop {
            match self.store.outbox_destinations().await {
                Ok(urls) => return urls,
                Err(StoreError::Stopped) => return Vec::new(),
                Err(error) => {
                    tracing::error!(%error, "the outbox cannot be read");
                    self.clock
                        .sleep_until(self.clock.now().saturating_add(STORE_RETRY))
                        .await;
                }
            }
        }
    }

    async fn serve(&self, url: &NodeUrl, is_fresh: &AtomicBool) -> Rest {
        match self.work(url, is_fresh).await {
            Ok(rest) => rest,
            Err(error) => {
                tracing::error!(%error, "forwarding cannot use the database");
                Rest::Until(self.clock.now().saturating_add(STORE_RETRY))
            }
        }
    }

    async fn work(&self, url: &NodeUrl, is_fresh: &AtomicBool) -> Result<Rest, StoreError> {
        let mut state = self.store.peer_state(url.clone()).await?;
        if state.retry_at > self.clock.now() {
            return Ok(Rest::Until(state.retry_at));
        }
        loop {
            is_fresh.store(false, Ordering::Release);
            let limit = MAX_BATCH_BYTES.saturating_sub(MAX_BATCH.saturating_mul(ITEM_FRAME));
            let count = u32::try_from(MAX_BATCH).unwrap_or(u32::MAX);
            let waiting = self.store.outbox_batch(url.clone(), count, limit).await?;
            if waiting.is_empty() {
                return Ok(Rest::Idle);
            }
            let waiting = self.give_up(waiting).await?;
            if waiting.is_empty() {
                continue;
            }
            let ids: Vec<OutboxId> = waiting.iter().map(|item| item.id).collect();
            let (settled, failure) = match self.client.deliver(url, &batch(waiting)).await {
                Ok(results) => sort(&ids, &results),
                Err(error) => match permanent(&error) {
                    Some(code) => (ids.iter().map(|id| (*id, Some(code))).collect(), None),
                    None => (Vec::new(), Some(error)),
                },
            };
            if settled
                .iter()
                .any(|(_, code)| *code == Some(ProblemCode::CannotOpen))
            {
                self.client.forget(url); // whoever seals again needs the present keys
            }
            if !settled.is_empty() {
                self.store.write(Outcomes(settled)).await?;
            }
            if let Some(error) = failure {
                state.failures = state.failures.saturating_add(1);
                let wait = backoff::wait(state.failures, random::below);
                state.retry_at = self.clock.now().saturating_add(wait);
                tracing::info!(code = %error.code(), reason = %error, failures = state.failures, wait_ms = wait, "a peer failed");
                self.store
                    .write(PeerFailed {
                        url: url.clone(),
                        state,
                    })
                    .await?;
                return Ok(Rest::Until(state.retry_at));
            }
            if state.failures != 0 {
                state.failures = 0;
                self.store.write(PeerReached(url.clone())).await?;
            }
        }
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

type Settled = Vec<(OutboxId, Option<ProblemCode>)>;

/// What is settled by the results, and whether something else must be tried again.
fn sort(ids: &[OutboxId], results: &DeliverResults) -> (Settled, Option<PeerError>) {
    let results: HashMap<u64, Option<ProblemCode>> = results
        .items
        .iter()
        .map(|result| (result.item, result.code))
        .collect();
    let mut settled = Vec::new();
    let mut failure = None;
    for (item, id) in (0_u64..).zip(ids) {
        match results.get(&item) {
            None => failure = Some(PeerError::Misbehaves("a result is missing")),
            Some(Some(code)) if is_temporary(*code) => failure = Some(PeerError::Refused(*code)),
            Some(code) => settled.push((*id, *code)),
        }
    }
    (settled, failure)
}

/// Whether trying again may help.
fn is_temporary(code: ProblemCode) -> bool {
    matches!(
        code,
        ProblemCode::Unavailable
            | ProblemCode::Internal
            | ProblemCode::RateLimited
            | ProblemCode::NodeFull
    )
}

/// A failure of the whole request that trying again does not mend.
fn permanent(error: &PeerError) -> Option<ProblemCode> {
    match error {
        PeerError::PrivateAddress => Some(ProblemCode::PrivateAddress),
        PeerError::Refused(ProblemCode::PeerRefused) => Some(ProblemCode::PeerRefused),
        _ => None,
    }
}
