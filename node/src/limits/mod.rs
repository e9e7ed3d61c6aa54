//! How much at once: rates per account, client address and other node, and caps on live connections.
//!
//! Rates are GCRA: so much a second, with a burst. They are kept in memory, measured with a clock that
//! nobody can set, and know keys only as long as they have used something lately.

pub mod address;
pub mod disk;
pub mod postage;
mod shares;

use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use shared_crypto::id::NodeFingerprint;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;

pub use shares::{Held, Shares};

use crate::service::Refusal;
use crate::settings::LimitSettings;
use crate::store::AccountId;
use address::ClientAddress;

/// How often keys that used nothing lately are forgotten.
pub const FORGET_EVERY: Duration = Duration::from_secs(10);

/// Bytes of long answers under way: what slow readers can hold of the node's memory.
const ANSWERS: usize = 64 * 1024 * 1024;

/// Of those, for one address.
const ANSWERS_PER_ADDRESS: usize = 8 * 1024 * 1024;

/// Requests to other nodes under way for one account: an eighth of what there are for all.
const RELAYS_PER_ACCOUNT: usize = 32;

/// Documents of other nodes that are fetched at the same time to learn who asks.
const INTRODUCTIONS: usize = 16;

/// Of those, for those who ask from one address: names cost nothing, and slow ones hold a place long.
const INTRODUCTIONS_PER_ADDRESS: usize = 2;

/// Requests to one other node under way: a slow one leaves room for the others.
const RELAYS_PER_NODE: usize = 64;

/// Bytes of records that cost as much as a request.
const BUNDLE_PART: usize = 16 * 1024;

/// Entries that an account's lists may have for each message that it may send.
const UPKEEP: u32 = 4;

/// All limits.
pub struct Limits {
    accounts: Rate<AccountId>,
    upkeep: Rate<AccountId>,
    addresses: Rate<ClientAddress>,
    registrations: Rate<ClientAddress>,
    peers: Rate<NodeFingerprint>,
    /// Live connections.
    pub connections: Shares<ClientAddress>,
    /// Bytes of long answers of the API that are under way.
    pub answers: Shares<ClientAddress>,
    /// Requests to other nodes that are under way for an account.
    pub relays: Shares<AccountId>,
    /// Requests to another node that are under way for all accounts.
    pub destinations: Shares<NodeUrl>,
    /// Other nodes that are being asked who they are.
    pub introductions: Shares<ClientAddress>,
    /// Live connections of one account; 0 for no limit.
    pub connections_per_account: usize,
}

impl Limits {
    /// As the operator set them.
    pub fn new(settings: &LimitSettings) -> Self {
        let registrations = NonZeroU32::new(settings.registrations_per_hour);
        Self {
            accounts: Rate::per_second(
                settings.account_per_second,
                settings.account_burst,
                "account_rate",
            ),
            upkeep: Rate::per_second(
                settings.account_per_second.saturating_mul(UPKEEP),
                settings.account_burst.saturating_mul(UPKEEP),
                "account_upkeep",
            ),
            addresses: Rate::per_second(
                settings.address_per_second,
                settings.address_burst,
                "address_rate",
            ),
            registrations: Rate::new(registrations.map(Quota::per_hour), 0, "registration_rate"),
            peers: Rate::per_second(settings.peer_per_second, settings.peer_burst, "peer_rate"),
            connections: Shares::connections(
                settings.connections,
                settings.connections_per_address,
            ),
            answers: Shares::answers(ANSWERS, ANSWERS_PER_ADDRESS),
            relays: Shares::relays(RELAYS_PER_ACCOUNT, "relays_per_account"),
            destinations: Shares::relays(RELAYS_PER_NODE, "relays_per_node"),
            introductions: Shares::introductions(INTRODUCTIONS, INTRODUCTIONS_PER_ADDRESS),
            connections_per_account: settings.connections_per_account,
        }
    }

    /// A message or lookup of an account.
    ///
    /// # Errors
    /// [`Refusal`] with `rate_limited`.
    pub fn account(&self, account: AccountId) -> Result<(), Refusal> {
        self.accounts.check(&account)
    }

    /// Entries of an account's lists: mailboxes, and what it has seen.
    ///
    /// # Errors
    /// [`Refusal`] with `rate_limited`.
    pub fn upkeep(&self, account: AccountId, entries: usize) -> Result<(), Refusal> {
        let entries = u32::try_from(entries).unwrap_or(u32::MAX);
        let entries = NonZeroU32::new(entries).unwrap_or(NonZeroU32::MIN);
        self.upkeep.check_many(&account, entries)
    }

    /// A request from an address; this machine's own is nobody's.
    ///
    /// # Errors
    /// [`Refusal`] with `rate_limited`.
    pub fn address(&self, address: Option<ClientAddress>) -> Result<(), Refusal> {
        address.map_or(Ok(()), |address| self.addresses.check(&address))
    }

    /// Records from an address: the more, the more there is to verify.
    ///
    /// # Errors
    /// [`Refusal`] with `rate_limited`.
    pub fn bundle(&self, address: Option<ClientAddress>, bytes: usize) -> Result<(), Refusal> {
        let parts = u32::try_from(bytes.div_euclid(BUNDLE_PART)).unwrap_or(u32::MAX);
        match (address, NonZeroU32::new(parts)) {
            (Some(address), Some(parts)) => self.addresses.check_many(&address, parts),
            _ => Ok(()),
        }
    }

    /// A new account from an address.
    ///
    /// # Errors
    /// [`Refusal`] with `rate_limited`.
    pub fn registration(&self, address: Option<ClientAddress>) -> Result<(), Refusal> {
        address.map_or(Ok(()), |address| self.registrations.check(&address))
    }

    /// A request of another node.
    ///
    /// # Errors
    /// [`Refusal`] with `rate_limited`.
    pub fn peer(&self, peer: &NodeFingerprint) -> Result<(), Refusal> {
        self.peers.check(peer)
    }

    /// Forgets who used nothing lately.
    pub fn forget(&self) {
        self.accounts.forget();
        self.upkeep.forget();
        self.addresses.forget();
        self.registrations.forget();
        self.peers.forget();
    }
}

/// One rate, for each key; none when it is not limited.
struct Rate<K: Hash + Eq + Clone> {
    limiter: Option<RateLimiter<K, HashMapStateStore<K>, DefaultClock>>,
    clock: DefaultClock,
    burst: NonZeroU32,
    rule: &'static str,
}

impl<K: Hash + Eq + Clone> Rate<K> {
    fn per_second(rate: u32, burst: u32, rule: &'static str) -> Self {
        Self::new(NonZeroU32::new(rate).map(Quota::per_second), burst, rule)
    }

    fn new(quota: Option<Quota>, burst: u32, rule: &'static str) -> Self {
        let quota = quota.map(|quota| match NonZeroU32::new(burst) {
            Some(burst) => quota.allow_burst(burst),
            None => quota,
        });
        let clock = DefaultClock::default();
        let state = HashMapStateStore::default();
        let burst = quota.map_or(NonZeroU32::MIN, |quota| quota.burst_size());
        Self {
            limiter: quota.map(|quota| RateLimiter::new(quota, state, clock.clone())),
            clock,
            burst,
            rule,
        }
    }

    fn check(&self, key: &K) -> Result<(), Refusal> {
        self.check_many(key, NonZeroU32::MIN)
    }

    /// As many at once; more than the burst count as the burst.
    fn check_many(&self, key: &K, count: NonZeroU32) -> Result<(), Refusal> {
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        let refused = |wait| Refusal::from(ProblemCode::RateLimited).by(self.rule, seconds(wait));
        match limiter.check_key_n(key, count.min(self.burst)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(until)) => Err(refused(until.wait_time_from(self.clock.now()))),
            Err(_) => Err(refused(Duration::from_secs(1))), // never: it is no more than the burst
        }
    }

    fn forget(&self) {
        if let Some(limiter) = &self.limiter {
            limiter.retain_recent();
        }
    }
}

/// Whole seconds, at least one.
fn seconds(wait: Duration) -> u32 {
    let rounded = wait.as_millis().div_ceil(1_000);
    u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn address(text: &str) -> Option<ClientAddress> {
        ClientAddress::of(text.parse::<IpAddr>().unwrap())
    }

    #[test]
    fn who_asks_too_much_is_refused_and_others_are_not() {
        let limits = Limits::new(&LimitSettings {
            address_per_second: 1,
            address_burst: 3,
            ..LimitSettings::default()
        });
        let (greedy, modest) = (address("203.0.113.1"), address("203.0.113.2"));
        for _ in 0..3 {
            limits.address(greedy).unwrap();
        }
        let refused = limits.address(greedy).unwrap_err();
        assert_eq!(refused.code, ProblemCode::RateLimited);
        assert_eq!(refused.rule, Some("address_rate"));
        assert_eq!(refused.retry_after_s, Some(1));
        limits.address(modest).unwrap();
    }

    #[test]
    fn an_hourly_rate_says_how_long_to_wait() {
        let limits = Limits::new(&LimitSettings {
            registrations_per_hour: 2,
            ..LimitSettings::default()
        });
        let somebody = address("2001:db8::1");
        limits.registration(somebody).unwrap();
        limits.registration(address("2001:db8::2")).unwrap();
        let refused = limits.registration(somebody).unwrap_err();
        assert!(
            refused
                .retry_after_s
                .is_some_and(|wait| wait > 1_700 && wait <= 1_800)
        );
    }

    #[test]
    fn long_records_cost_more_than_short_ones() {
        let limits = Limits::new(&LimitSettings {
            address_per_second: 1,
            address_burst: 40,
            ..LimitSettings::default()
        });
        let somebody = address("203.0.113.1");
        for _ in 0..1_000 {
            limits.bundle(somebody, 10_000).unwrap();
        }
        limits.bundle(somebody, 500_000).unwrap();
        let refused = limits.bundle(somebody, 500_000).unwrap_err();
        assert_eq!(refused.rule, Some("address_rate"));
        // However long it is, it is let in when nothing else was asked.
        limits.bundle(address("203.0.113.2"), 50_000_000).unwrap();
    }

    #[test]
    fn each_entry_of_a_list_counts() {
        let limits = Limits::new(&LimitSettings {
            account_per_second: 1,
            account_burst: 300,
            ..LimitSettings::default()
        });
        let account = AccountId::of(1);
        limits.upkeep(account, 512).unwrap();
        limits.upkeep(account, 512).unwrap();
        let refused = limits.upkeep(account, 512).unwrap_err();
        assert_eq!(refused.rule, Some("account_upkeep"));
        limits.account(account).unwrap();
    }

    /// Each key takes what it gets, in parts of this weight; gives back how much each has and what all hold.
    fn take_all<K: Hash + Eq + Clone>(
        shares: &Shares<K>,
        keys: &[K],
        weight: usize,
    ) -> (Vec<usize>, Vec<Held<K>>) {
        let mut held = Vec::new();
        let mut of_each = Vec::new();
        for key in keys {
            let before = held.len();
            while let Ok(part) = shares.hold_part(Some(key.clone()), weight) {
                held.push(part);
            }
            of_each.push((held.len() - before) * weight);
        }
        (of_each, held)
    }

    /// Memory, sockets and tasks are a process's: however many come, there is no more of them than for all.
    #[test]
    fn many_together_hold_no_more_of_a_process_than_there_is_for_all() {
        let settings = LimitSettings {
            connections: 100,
            connections_per_address: 7,
            ..LimitSettings::default()
        };
        let (limits, another) = (Limits::new(&settings), Limits::new(&settings));
        let addresses: Vec<ClientAddress> = (1..=100)
            .map(|last| address(&format!("203.0.113.{last}")).unwrap())
            .collect();
        let bounds = [
            (&limits.connections, 100, 7, 1),
            (&limits.answers, ANSWERS, ANSWERS_PER_ADDRESS, 1024 * 1024),
            (
                &limits.introductions,
                INTRODUCTIONS,
                INTRODUCTIONS_PER_ADDRESS,
                1,
            ),
        ];
        for (shares, most, most_of_each, weight) in bounds {
            let (of_each, held) = take_all(shares, &addresses, weight);
            assert_eq!((of_each.iter().sum(), shares.count()), (most, most));
            assert!(of_each.iter().all(|share| *share <= most_of_each));
            // Another process of the node counts for itself.
            assert!(another.connections.hold(Some(addresses[0])).is_ok());
            // Places that become free are for whoever comes next, and no more than those.
            drop(held);
            assert_eq!(shares.count(), 0);
            let (of_each, _held) = take_all(shares, &addresses[50..], weight);
            assert_eq!((of_each[0], of_each.iter().sum()), (most_of_each, most));
        }
        // These are for each alone.
        let accounts = [1, 2, 3].map(AccountId::of);
        let (of_each, _held) = take_all(&limits.relays, &accounts, 1);
        assert_eq!(of_each, [RELAYS_PER_ACCOUNT; 3]);
        let nodes = ["https://a.example", "https://b.example"];
        let nodes = nodes.map(|node| NodeUrl::parse(node).unwrap());
        let (of_each, _held) = take_all(&limits.destinations, &nodes, 1);
        assert_eq!(of_each, [RELAYS_PER_NODE; 2]);
    }

    #[test]
    fn zero_is_no_limit() {
        let limits = Limits::new(&LimitSettings {
            address_per_second: 0,
            ..LimitSettings::default()
        });
        for _ in 0..10_000 {
            limits.address(address("203.0.113.1")).unwrap();
        }
    }
}
