//! Things that exist at the same time, in all and for each address, account or node: live connections, bytes
//! of long answers, requests to other nodes.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard};

use shared_crypto::problem::ProblemCode;

use super::address::ClientAddress;
use crate::service::Refusal;

/// After how many seconds a client may try again.
const RETRY_AFTER_S: u32 = 30;

/// Counts them.
pub struct Shares<K: Hash + Eq + Clone> {
    open: Arc<Mutex<Open<K>>>,
    most: usize,
    most_per_key: usize,
    refusal: ProblemCode,
    rule: &'static str,
    rule_per_key: &'static str,
}

struct Open<K> {
    all: usize,
    keys: HashMap<K, usize>,
}

/// A place among them; free again when this is dropped.
pub struct Held<K: Hash + Eq + Clone> {
    open: Arc<Mutex<Open<K>>>,
    key: Option<K>,
    weight: usize,
}

impl Shares<ClientAddress> {
    /// Live connections with these caps; 0 is none.
    pub fn connections(most: usize, most_per_address: usize) -> Self {
        let rules = ["connections", "connections_per_address"];
        Self::new(
            most,
            most_per_address,
            ProblemCode::TooManyConnections,
            rules,
        )
    }

    /// Bytes of long answers with these caps; 0 is none.
    pub fn answers(most: usize, most_per_address: usize) -> Self {
        let rules = ["answers", "answers_per_address"];
        Self::new(most, most_per_address, ProblemCode::RateLimited, rules)
    }
}

impl Shares<ClientAddress> {
    /// Other nodes that are being asked who they are, with these caps. Whoever finds no place tries again soon.
    pub fn introductions(most: usize, most_per_address: usize) -> Self {
        let rules = ["introductions", "introductions_per_address"];
        Self::new(most, most_per_address, ProblemCode::Unavailable, rules)
    }
}

impl<K: Hash + Eq + Clone> Shares<K> {
    /// Requests to other nodes with this cap for each.
    pub fn relays(most_per_key: usize, rule: &'static str) -> Self {
        Self::new(0, most_per_key, ProblemCode::RateLimited, [rule, rule])
    }

    fn new(
        most: usize,
        most_per_key: usize,
        refusal: ProblemCode,
        [rule, rule_per_key]: [&'static str; 2],
    ) -> Self {
        let open = Open {
            all: 0,
            keys: HashMap::new(),
        };
        Self {
            open: Arc::new(Mutex::new(open)),
            most,
            most_per_key,
            refusal,
            rule,
            rule_per_key,
        }
    }

    /// Takes a place.
    ///
    /// # Errors
    /// [`Refusal`] when there are too many.
    pub fn hold(&self, key: Option<K>) -> Result<Held<K>, Refusal> {
        self.hold_part(key, 1)
    }

    /// Takes so much.
    ///
    /// # Errors
    /// [`Refusal`] when there is too much.
    pub fn hold_part(&self, key: Option<K>, weight: usize) -> Result<Held<K>, Refusal> {
        let full = |rule| Err(Refusal::from(self.refusal).by(rule, RETRY_AFTER_S));
        let mut open = lock(&self.open);
        let all = open.all.saturating_add(weight);
        if self.most != 0 && all > self.most {
            return full(self.rule);
        }
        if let Some(key) = &key {
            let before = open.keys.get(key).copied().unwrap_or(0);
            let of_key = before.saturating_add(weight);
            if self.most_per_key != 0 && of_key > self.most_per_key {
                return full(self.rule_per_key);
            }
            open.keys.insert(key.clone(), of_key);
        }
        open.all = all;
        drop(open);
        Ok(Held {
            open: Arc::clone(&self.open),
            key,
            weight,
        })
    }

    /// How much there is.
    pub fn count(&self) -> usize {
        lock(&self.open).all
    }
}

impl<K: Hash + Eq + Clone> Drop for Held<K> {
    fn drop(&mut self) {
        let mut open = lock(&self.open);
        open.all = open.all.saturating_sub(self.weight);
        if let Some(key) = &self.key
            && let Some(of_key) = open.keys.get_mut(key)
        {
            *of_key = of_key.saturating_sub(self.weight);
            if *of_key == 0 {
                open.keys.remove(key);
            }
        }
    }
}

fn lock<K>(open: &Mutex<Open<K>>) -> MutexGuard<'_, Open<K>> {
    open.lock().unwrap_or_else(|poison| poison.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_given_back() {
        let connections = Shares::connections(3, 2);
        let here = ClientAddress::of("203.0.113.1".parse().unwrap());
        let first = connections.hold(here).unwrap();
        let second = connections.hold(here).unwrap();
        let rule = |refused: Result<Held<ClientAddress>, Refusal>| {
            refused.err().and_then(|refusal| refusal.rule)
        };
        assert_eq!(
            rule(connections.hold(here)),
            Some("connections_per_address")
        );
        let third = connections.hold(None).unwrap();
        assert_eq!(rule(connections.hold(None)), Some("connections"));
        drop((first, third));
        assert_eq!(connections.count(), 1);
        drop((connections.hold(here).unwrap(), second));
        assert_eq!(connections.count(), 0);
        assert!(lock(&connections.open).keys.is_empty());
    }

    /// Names of nodes cost nothing, and slow ones hold a place long.
    #[test]
    fn slow_names_from_one_address_leave_places_for_others_to_introduce_themselves() {
        let introductions = Shares::introductions(3, 2);
        let (greedy, honest) = ["203.0.113.1", "203.0.113.2"]
            .map(|text| ClientAddress::of(text.parse().unwrap()))
            .into();
        let held = [introductions.hold(greedy), introductions.hold(greedy)];
        assert!(held.iter().all(Result::is_ok));
        let refusal = introductions.hold(greedy).err().unwrap();
        assert_eq!(refusal.code, ProblemCode::Unavailable, "it may try again");
        assert_eq!(refusal.rule, Some("introductions_per_address"));
        assert!(introductions.hold(honest).is_ok());
    }

    #[test]
    fn one_address_does_not_take_the_room_of_all() {
        let answers = Shares::answers(100, 40);
        let (greedy, modest) = ["203.0.113.1", "203.0.113.2"]
            .map(|text| ClientAddress::of(text.parse().unwrap()))
            .into();
        let held = answers.hold_part(greedy, 40).unwrap();
        let rule = |refused: Result<Held<ClientAddress>, Refusal>| {
            refused.err().and_then(|refusal| refusal.rule)
        };
        let refused = answers.hold_part(greedy, 1);
        assert_eq!(rule(refused), Some("answers_per_address"));
        let theirs = answers.hold_part(modest, 40).unwrap();
        assert_eq!(rule(answers.hold_part(None, 21)), Some("answers"));
        drop((held, theirs));
        assert_eq!(answers.count(), 0);
    }
}
