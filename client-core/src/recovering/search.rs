//! Finding an identity's newest records: asks every node that may have them, and those that their answers name.
//!
//! A node may be dead, may have been left long ago, or may hold the records of a thief. What one of them says is
//! therefore compared with what the others say.

use shared_crypto::bundle::Bundle;
use shared_crypto::id::{Hash, IdentityId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, ChainOrder, DeliveryState};

use super::refused;
use crate::request::Failure;
use crate::sorted::sort_by_key;
use crate::view::Millis;

/// Nodes asked at most.
pub(super) const MAX_ASKED: usize = 8;

/// Records up to where the phrase is the right one.
#[derive(Clone)]
pub(crate) struct Found {
    pub(super) chain: Chain,
    /// Epoch of the newest key package known.
    pub(super) epoch: u64,
}

impl Found {
    /// Finds the place in a chain where the phrase is the right one. A thief may have put records of their own on
    /// top, and may have replaced the commitment in them: the recovery record then takes up before them.
    pub(crate) fn new(chain: Chain, epoch: u64, commitment: &Hash) -> Option<Self> {
        if chain.recovery() == *commitment {
            return Some(Self { chain, epoch });
        }
        let mut records = chain.records();
        while let Some((_, earlier)) = records.split_last() {
            let chain = Chain::verify(earlier).ok()?;
            if chain.recovery() == *commitment {
                return Some(Self { chain, epoch });
            }
            records = earlier;
        }
        None
    }

    /// The better of two: what continues the other, or overrules it. Of two that contradict each other the one that
    /// was known before is kept.
    fn or(self, other: Self, now: Millis) -> Self {
        let epoch = self.epoch.max(other.epoch);
        let better = match self.chain.compare(&other.chain) {
            ChainOrder::Newer => other,
            ChainOrder::Forked if self.chain.is_overruled_by(&other.chain, now) => other,
            _ => self,
        };
        Self { epoch, ..better }
    }
}

struct Source {
    node: NodeUrl,
    said: Option<Result<(), Failure>>,
}

/// A search that is under way.
pub(super) struct Search {
    identity: IdentityId,
    commitment: Hash,
    sources: Vec<Source>,
    best: Option<Found>,
}

impl Search {
    /// Begins with what is known already.
    pub(super) fn new(identity: IdentityId, commitment: Hash, known: Option<Found>) -> Self {
        Self {
            identity,
            commitment,
            sources: Vec::new(),
            best: known,
        }
    }

    /// Adds a node; the number that it is asked under, when it is new.
    pub(super) fn add(&mut self, node: &NodeUrl) -> Option<usize> {
        let number = self.sources.len();
        if number >= MAX_ASKED || self.sources.iter().any(|source| source.node == *node) {
            return None;
        }
        self.sources.push(Source {
            node: node.clone(),
            said: None,
        });
        Some(number)
    }

    /// Takes what a node said; the nodes that it names.
    pub(super) fn answered(
        &mut self,
        number: usize,
        answer: Option<(u16, Vec<u8>)>,
        now: Millis,
    ) -> Vec<NodeUrl> {
        let read = self.read(answer);
        let Some(source) = self.sources.get_mut(number) else {
            return Vec::new();
        };
        let (chain, epoch) = match read {
            Ok(read) => read,
            Err(failure) => {
                source.said = Some(Err(failure));
                return Vec::new();
            }
        };
        let named = chain.delivery().iter().map(|entry| entry.node.clone());
        let named = named.collect();
        source.said = Some(Ok(()));
        match Found::new(chain, epoch, &self.commitment) {
            Some(found) => {
                self.best = Some(match self.best.take() {
                    Some(best) => best.or(found, now),
                    None => found,
                });
            }
            None => source.said = Some(Err(Failure::WrongPhrase)),
        }
        named
    }

    fn read(&self, answer: Option<(u16, Vec<u8>)>) -> Result<(Chain, u64), Failure> {
        let (status, body) = answer.ok_or(Failure::NodeUnreachable)?;
        match status {
            200 => {}
            404 => return Err(Failure::IdentityUnknown),
            _ => return Err(refused(&body)),
        }
        let (chain, package) = Bundle::verify(&body).map_err(|_| Failure::IdentityInvalid)?;
        if chain.identity() != self.identity {
            return Err(Failure::IdentityInvalid);
        }
        Ok((chain, package.epoch))
    }

    /// Whether every node has answered, or will not.
    pub(super) fn is_over(&self) -> bool {
        self.sources.iter().all(|source| source.said.is_some())
    }

    /// The newest records, and the nodes that may be told of new ones, the best first.
    pub(super) fn end(self) -> Result<(Found, Vec<NodeUrl>), Failure> {
        let failures = self.sources.iter().filter_map(|source| match &source.said {
            Some(Err(failure)) => Some(failure),
            _ => None,
        });
        let worst = failures
            .clone()
            .max_by_key(|failure| weight(failure))
            .cloned();
        let Some(found) = self.best else {
            return Err(worst.unwrap_or(Failure::NodeUnreachable));
        };
        let rank = |source: &Source| {
            let entry = found
                .chain
                .delivery()
                .iter()
                .find(|it| it.node == source.node);
            let place = match entry {
                Some(entry) if entry.state == DeliveryState::Active => (0, entry.priority),
                Some(entry) => (1, entry.priority),
                None => (2, 0),
            };
            (place, source.said != Some(Ok(())))
        };
        let silent = Some(Err(Failure::NodeUnreachable));
        let mut there: Vec<&Source> = self
            .sources
            .iter()
            .filter(|source| source.said != silent)
            .collect();
        sort_by_key(&mut there, |source| rank(source));
        let nodes: Vec<NodeUrl> = there.iter().map(|source| source.node.clone()).collect();
        if nodes.is_empty() {
            return Err(Failure::NodeUnreachable);
        }
        Ok((found, nodes))
    }
}

/// Of several failures the person is told the one that says most.
fn weight(failure: &Failure) -> u8 {
    match failure {
        Failure::WrongPhrase => 4,
        Failure::IdentityInvalid => 3,
        Failure::NodeUnreachable => 1,
        Failure::IdentityUnknown => 0,
        _ => 2,
    }
}
