//! Our home nodes: which there are, how far each is, and the links to them.
//!
//! Each step is stored before it is taken, and is taken again after a restart until it is known to have worked:
//! *joining* (in our record as draining, so that nobody delivers there before it knows our mailboxes), *active*,
//! *draining*, *leaving* (not in our record any more; it is still told where we went).

use shared_crypto::hash::hash;
use shared_crypto::id::{Hash, NodeFingerprint};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, Delivery, DeliveryState};
use shared_crypto::time::{DAY, HOUR, MINUTE, RETENTION};

use crate::live::{Live, backoff};
use crate::mailboxes::Trust;
use crate::rows::HomeRow;
use crate::sorted::{SortedMap, sort_by_key};
use crate::store::{KeyRange, Order, Store, StoreError, Table};
use crate::turn::Turn;
use crate::view::{ConnectionView, Millis, NodeStep, NodeView};

/// How long a node that is not ours any more is told where we went.
const FAREWELL: Millis = 60 * DAY;

/// Longest wait before a node that does not answer is told again.
const SLOWEST_TELLING: Millis = HOUR;

/// Wait before a node is told again that says again, within [`LOST_AGAIN`], that it does not know us, or holds something
/// older; doubles up to [`SLOWEST_TELLING`].
const LOST_WAIT: Millis = MINUTE;

/// See [`LOST_WAIT`]. Longer than the longest wait, which would otherwise end the row.
const LOST_AGAIN: Millis = DAY;

/// One of our home nodes.
pub(crate) struct Home {
    pub(crate) row: HomeRow,
    pub(crate) live: Live,
    /// Whether our records are on their way to it.
    pub(crate) telling: bool,
    /// Before when it is not told again.
    tell_at: Option<Millis>,
    attempt: u32,
    /// Whether it clearly refused a recovery record when it was last given it.
    pub(crate) refuses: bool,
    /// When it was last seen to lack what it was told.
    lost_at: Option<Millis>,
    /// How often in a row, each time after it was told.
    losses: u32,
    /// When it was last asked what it holds of us.
    checked_at: Option<Millis>,
}

/// Our home nodes.
#[derive(Default)]
pub(crate) struct Homes {
    all: SortedMap<NodeUrl, Home>,
}

/// The stored number of a step.
pub(crate) fn step_number(step: NodeStep) -> u64 {
    match step {
        NodeStep::Joining => 0,
        NodeStep::Active => 1,
        NodeStep::Draining => 2,
        NodeStep::Leaving => 3,
    }
}

impl Home {
    pub(crate) fn step(&self) -> NodeStep {
        match self.row.step {
            0 => NodeStep::Joining,
            1 => NodeStep::Active,
            2 => NodeStep::Draining,
            _ => NodeStep::Leaving,
        }
    }

    /// What it may know of our mailboxes. A node that only a list names, and that is drained, may be a thief's: after a recovery it
    /// would learn of every contact that is made.
    pub(crate) fn trust(&self) -> Trust {
        if self.row.adopted == Some(true) && self.step() == NodeStep::Draining {
            Trust::Revocations
        } else {
            Trust::Everything
        }
    }

    /// Whether there is to be a connection to it: it knows us, and is ours.
    fn wants_link(&self) -> bool {
        match self.step() {
            NodeStep::Joining => self.row.head.is_some(),
            NodeStep::Active | NodeStep::Draining => true,
            NodeStep::Leaving => false,
        }
    }

    /// Whether it lacks our newest record or key package, as far as we know.
    pub(crate) fn lacks(&self, head: &Hash, epoch: u64) -> bool {
        self.row.head != Some(*head) || self.row.epoch < epoch
    }

    /// Whether it may be told now.
    pub(crate) fn may_be_told(&self, now: Millis) -> bool {
        !self.telling && self.tell_at.is_none_or(|at| at <= now)
    }

    /// It did not take what it was told: tried again later.
    pub(crate) fn not_told<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        self.telling = false;
        let wait = backoff(self.attempt)
            .saturating_mul(1 << self.attempt.min(6))
            .min(SLOWEST_TELLING);
        self.attempt = self.attempt.saturating_add(1);
        let half = wait / 2;
        let jitter = turn.random_below(half.max(1));
        self.tell_at = Some(turn.now.saturating_add(half).saturating_add(jitter));
    }

    /// How often in a row it did not take what it was told.
    pub(crate) fn tries(&self) -> u32 {
        self.attempt
    }

    /// It is told at once again, and patiently.
    pub(crate) fn ask_anew(&mut self) {
        (self.tell_at, self.attempt, self.refuses) = (None, 0, false);
    }

    /// It says that it does not know us, or holds something older. The first time it is told at once; one that does so again,
    /// whatever it answered meanwhile, is told ever more seldom, and not asked to let us in before.
    pub(crate) fn lost_us(&mut self, now: Millis) {
        self.row.head = None;
        let is_again = |at: Millis| now < at.saturating_add(LOST_AGAIN);
        let is_in_a_row = self.lost_at.replace(now).is_some_and(is_again);
        match self.tell_at {
            None if is_in_a_row => {
                let wait = LOST_WAIT.saturating_mul(1 << self.losses.min(6));
                self.losses = self.losses.saturating_add(1);
                self.tell_at = Some(now.saturating_add(wait.min(SLOWEST_TELLING)));
            }
            None => self.losses = 0,
            // It was not told since.
            Some(_) => {}
        }
        if let Some(at) = self.tell_at {
            self.live.not_before(at);
        }
    }

    /// It has what it was told.
    pub(crate) fn told(&mut self, head: Hash, epoch: u64) {
        self.telling = false;
        self.tell_at = None;
        self.attempt = 0;
        self.row.head = Some(head);
        self.row.epoch = epoch;
        self.row.problem = None;
        self.row.invite = None;
    }

    /// Notes what the node says of its end.
    pub(crate) fn closes<S: Store>(&mut self, turn: &mut Turn<'_, S>, at: Option<Millis>) {
        if self.row.closing_at != at {
            self.row.closing_at = at;
            self.save(turn);
        }
    }

    pub(crate) fn save<S: Store>(&self, turn: &mut Turn<'_, S>) {
        turn.put(&row_key(&self.live.node), &self.row);
        turn.app_changed();
    }

    pub(crate) fn set_step<S: Store>(&mut self, turn: &mut Turn<'_, S>, step: NodeStep) {
        self.row.step = step_number(step);
        self.row.since = turn.now;
        self.row.remove_at = None;
        self.row.replaces = None;
        self.save(turn);
    }

    /// Whether it is time to ask it what it holds of us; it is asked then.
    pub(crate) fn is_check_due(&mut self, now: Millis) -> bool {
        let due = self
            .checked_at
            .is_none_or(|at| at.saturating_add(DAY) <= now);
        if due {
            self.checked_at = Some(now);
        }
        due
    }

    fn view(&self) -> NodeView {
        NodeView {
            node: self.live.node.to_string(),
            step: self.step(),
            connection: self.live.view(),
            retention: Some(self.row.retention),
            remove_at: self.row.remove_at,
            problem: self.row.problem.clone(),
            closing_at: self.row.closing_at,
        }
    }
}

impl Homes {
    /// Reads the home nodes; the record says which there are.
    pub(crate) async fn load<S: Store>(
        turn: &mut Turn<'_, S>,
        chain: &Chain,
    ) -> Result<Self, StoreError> {
        let all = KeyRange {
            from: Vec::new(),
            to: vec![0xff; 33],
        };
        let mut homes = Self::default();
        let stored = turn
            .scan::<HomeRow>(&all, Order::Ascending, usize::MAX)
            .await?;
        for (_, row) in stored {
            let damaged = |_| StoreError::Damaged(Table::Homes.name());
            let node = NodeUrl::parse(&row.node).map_err(damaged)?;
            homes.insert(node, row);
        }
        homes.follow(turn, chain);
        Ok(homes)
    }

    fn insert(&mut self, node: NodeUrl, row: HomeRow) {
        let live = Live::new(node.clone(), row.fingerprint);
        let home = Home {
            row,
            live,
            telling: false,
            tell_at: None,
            attempt: 0,
            refuses: false,
            lost_at: None,
            losses: 0,
            checked_at: None,
        };
        self.all.insert(node, home);
    }

    /// Adds a home node.
    pub(crate) fn add<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        entry: &Delivery,
        step: NodeStep,
        retention: Millis,
    ) -> Option<&mut Home> {
        let row = HomeRow {
            node: entry.node.to_string(),
            fingerprint: entry.fingerprint,
            step: step_number(step),
            since: turn.now,
            retention,
            head: None,
            epoch: 0,
            remove_at: None,
            replaces: None,
            problem: None,
            invite: None,
            closing_at: None,
            adopted: None,
        };
        self.insert(entry.node.clone(), row);
        let home = self.all.get_mut(&entry.node)?;
        home.save(turn);
        Some(home)
    }

    /// Follows a delivery list that another copy of this identity may have written.
    pub(crate) fn follow<S: Store>(&mut self, turn: &mut Turn<'_, S>, chain: &Chain) {
        for entry in chain.delivery() {
            let step = match entry.state {
                DeliveryState::Active => NodeStep::Active,
                DeliveryState::Draining => NodeStep::Draining,
            };
            match self.all.get_mut(&entry.node) {
                None => {
                    if let Some(home) = self.add(turn, entry, step, RETENTION) {
                        home.row.adopted = Some(true);
                        home.save(turn);
                    }
                }
                Some(home) => {
                    let known = home.step();
                    let fits =
                        known == step || known == NodeStep::Joining && step == NodeStep::Draining;
                    if !fits {
                        home.set_step(turn, step);
                    }
                }
            }
        }
        for home in self.all.values_mut() {
            let fingerprint = home.row.fingerprint;
            if home.step() != NodeStep::Leaving && !chain.lists(&fingerprint) {
                home.set_step(turn, NodeStep::Leaving);
            }
        }
    }

    /// Some of them are not nodes that somebody here chose to leave mail at, as it turns out: as if only a list named them.
    pub(crate) fn unchoose<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        is_meant: impl Fn(&Home) -> bool,
    ) {
        for home in self.all.values_mut() {
            if is_meant(home) {
                home.row.adopted = Some(true);
                if home.step() == NodeStep::Joining {
                    home.set_step(turn, NodeStep::Draining);
                }
                home.save(turn);
            }
        }
    }

    /// Those that are only fetched from are removed when nothing can be left there any more.
    pub(crate) fn let_drained_go<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let now = turn.now;
        let draining = |home: &&mut Home| home.step() == NodeStep::Draining;
        for home in self.all.values_mut().filter(draining) {
            let over = now.saturating_add(home.row.retention);
            home.row.remove_at.get_or_insert(over);
            home.save(turn);
        }
    }

    pub(crate) fn get(&self, node: &NodeUrl) -> Option<&Home> {
        self.all.get(node)
    }

    pub(crate) fn get_mut(&mut self, node: &NodeUrl) -> Option<&mut Home> {
        self.all.get_mut(node)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Home> {
        self.all.values()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Home> {
        self.all.values_mut()
    }

    pub(crate) fn fingerprints(&self) -> Vec<NodeFingerprint> {
        self.all
            .values()
            .filter(|home| home.step() != NodeStep::Leaving)
            .map(|home| home.row.fingerprint)
            .collect()
    }

    /// The nodes that are connected, the best first: active ones in the order of our record, then the others.
    pub(crate) fn online(&self, chain: &Chain) -> Vec<NodeUrl> {
        let mut online: Vec<&Home> = self
            .all
            .values()
            .filter(|home| home.live.is_online())
            .collect();
        sort_by_key(&mut online, |home| rank(home, chain));
        online
            .into_iter()
            .map(|home| home.live.node.clone())
            .collect()
    }

    /// All of them, those first that were chosen here: another copy of this identity may be a thief's.
    pub(crate) fn chosen_first(&self) -> Vec<NodeUrl> {
        let mut homes: Vec<&Home> = self.all.values().collect();
        sort_by_key(&mut homes, |home| (home.row.adopted, home.row.step));
        let urls = homes.into_iter().map(|home| home.live.node.clone());
        urls.collect()
    }

    pub(crate) fn is_any_online(&self) -> bool {
        self.all.values().any(|home| home.live.is_online())
    }

    /// Opens the links that there are to be.
    pub(crate) fn connect<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        for home in self.all.values_mut() {
            if home.wants_link() {
                home.live.connect(turn);
            }
        }
    }

    /// Opens those links that there are to be that nobody has tried yet.
    pub(crate) fn connect_idle<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        for home in self.all.values_mut() {
            if home.wants_link() && home.live.is_idle() {
                home.live.connect(turn);
            }
        }
    }

    /// Somebody wants the links now.
    pub(crate) fn wanted<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        for home in self.all.values_mut() {
            home.tell_at = None;
            if home.wants_link() {
                home.live.wanted(turn);
            }
        }
    }

    /// Forgets nodes that left and know where we went, or cannot be told.
    pub(crate) fn forget_gone<S: Store>(&mut self, turn: &mut Turn<'_, S>, head: &Hash) {
        let now = turn.now;
        self.all.retain(|node, home| {
            let told = home.row.head == Some(*head) && home.row.problem.is_none();
            let given_up = home.row.since.saturating_add(FAREWELL) <= now;
            let gone = home.step() == NodeStep::Leaving && !home.telling && (told || given_up);
            if gone {
                turn.delete::<HomeRow>(&row_key(node));
                turn.app_changed();
            }
            !gone
        });
    }

    /// Forgets a node at once.
    pub(crate) fn forget<S: Store>(&mut self, turn: &mut Turn<'_, S>, node: &NodeUrl) {
        if self.all.remove(node).is_some() {
            turn.delete::<HomeRow>(&row_key(node));
            turn.app_changed();
        }
    }

    /// When a home node wants attention.
    pub(crate) fn wake_at(&self, now: Millis) -> Option<Millis> {
        let of = |home: &Home| {
            let telling = home.tell_at.filter(|at| *at > now && !home.telling);
            [home.live.wake_at(), telling, home.row.remove_at]
                .into_iter()
                .flatten()
                .min()
        };
        self.all.values().filter_map(of).min()
    }

    /// All links in one: as good as the best of them.
    pub(crate) fn connection(&self, chain: &Chain) -> ConnectionView {
        let views: Vec<(u8, u64, ConnectionView)> = self
            .all
            .values()
            .filter(|home| home.step() != NodeStep::Leaving)
            .map(|home| (home.live.view(), rank(home, chain)))
            .map(|(view, (_, rank))| (goodness(&view), rank, view))
            .collect();
        views
            .into_iter()
            .min_by_key(|(goodness, rank, _)| (*goodness, *rank))
            .map(|(_, _, view)| view)
            .unwrap_or_default()
    }

    /// What the page shows.
    pub(crate) fn views(&self, chain: &Chain) -> Vec<NodeView> {
        let mut homes: Vec<&Home> = self.all.values().collect();
        sort_by_key(&mut homes, |home| rank(home, chain));
        homes.into_iter().map(Home::view).collect()
    }
}

/// Active nodes first, in the order of the record.
fn rank(home: &Home, chain: &Chain) -> (u64, u64) {
    let listed = chain
        .delivery()
        .iter()
        .find(|entry| entry.fingerprint == home.row.fingerprint);
    let priority = listed.map_or(u64::MAX, |entry| entry.priority);
    let step = match home.step() {
        NodeStep::Active => 0,
        NodeStep::Joining => 1,
        NodeStep::Draining => 2,
        NodeStep::Leaving => 3,
    };
    (step, priority)
}

fn goodness(view: &ConnectionView) -> u8 {
    match view {
        ConnectionView::Online => 0,
        ConnectionView::Connecting => 1,
        ConnectionView::Offline { .. } => 2,
        ConnectionView::Refused { .. } => 3,
        ConnectionView::Idle => 4,
    }
}

fn row_key(node: &NodeUrl) -> [u8; 32] {
    *hash("zechat/home-row/v1", node.as_str().as_bytes()).as_bytes()
}
