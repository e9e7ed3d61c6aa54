//! Finding an identity's newest records: asks every node that may have them, and those that their answers name.
//!
//! A node may be dead, may have been left long ago, or may hold the records of a thief. What one of them says is
//! therefore compared with what the others say.

use std::collections::BTreeSet;

use shared_crypto::bundle::Bundle;
use shared_crypto::id::{Hash, IdentityId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::record::{Chain, ChainOrder, RECOVERY_WINDOW};
use shared_crypto::time::HOUR;

use super::refused;
use crate::request::Failure;
use crate::sorted::gather;
use crate::view::Millis;

/// Nodes asked at most.
pub(super) const MAX_ASKED: usize = 8;

/// Updates for which a chain should have room after a recovery: people move.
const ROOM: usize = 8;

/// How much earlier than it might a recovery takes up: its readers see it later than it was signed.
const MARGIN: Millis = 6 * HOUR;

/// The place in a chain where a recovery by the phrase takes up. A thief may have put records of their own on top,
/// and may have replaced the commitment in them: then it is before them. If somebody filled the chain, it is before
/// what was signed in the time that a recovery overrules, so that there is room for what its owner signs later.
pub(super) fn place(chain: &Chain, commitment: &Hash, now: Millis) -> Option<Chain> {
    let longest = chain.committed_to(commitment)?;
    if longest.room() >= ROOM {
        return Some(longest);
    }
    let since = now.saturating_sub(RECOVERY_WINDOW.saturating_sub(MARGIN));
    let earlier = longest.signed_until(since);
    let roomy = earlier.filter(|it| it.recovery() == *commitment && it.room() >= ROOM);
    Some(roomy.unwrap_or(longest))
}

/// Whether the phrase signed a recovery already: another one would contradict that for ever.
pub(super) fn is_spent(chain: &Chain, commitment: &Hash) -> bool {
    let place = chain.committed_to(commitment);
    place.is_some_and(|place| chain.recovered_since(place.number().saturating_add(1)))
}

/// The better of two: what continues the other, or overrules it. Of two that contradict each other the one that
/// was known before is kept.
fn better(known: Chain, other: Chain, now: Millis) -> Chain {
    match known.compare(&other) {
        ChainOrder::Newer => other,
        ChainOrder::Forked if known.is_overruled_by(&other, now) => other,
        _ => known,
    }
}

struct Source {
    node: NodeUrl,
    said: Option<Result<(), Failure>>,
}

/// A search that is under way.
pub(crate) struct Search {
    identity: IdentityId,
    commitment: Hash,
    sources: Vec<Source>,
    /// The newest records up to where the phrase is the right one.
    best: Option<Chain>,
    /// Whether the phrase was used already.
    spent: bool,
}

impl Search {
    /// Begins with what is known already.
    pub(crate) fn new(identity: IdentityId, commitment: Hash, known: Option<Chain>) -> Self {
        Self {
            identity,
            commitment,
            sources: Vec::new(),
            best: known,
            spent: false,
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
    pub(crate) fn answered(
        &mut self,
        number: usize,
        answer: Option<(u16, Vec<u8>)>,
        now: Millis,
    ) -> Vec<NodeUrl> {
        if number >= self.sources.len() {
            return Vec::new();
        }
        let (said, named) = match self.read(answer) {
            Ok(chain) => self.take(&chain, now),
            Err(failure) => (Err(failure), Vec::new()),
        };
        if let Some(source) = self.sources.get_mut(number) {
            source.said = Some(said);
        }
        named
    }

    /// Takes verified records, wherever they are from: whether the phrase is one of theirs, and the nodes that they name.
    pub(super) fn take(
        &mut self,
        chain: &Chain,
        now: Millis,
    ) -> (Result<(), Failure>, Vec<NodeUrl>) {
        let committed = chain.committed_to(&self.commitment);
        // A thief's list may leave out the nodes of before.
        let chains = core::iter::once(chain).chain(&committed);
        let named = chains.flat_map(Chain::delivery);
        let named: BTreeSet<NodeUrl> = gather(named.map(|entry| entry.node.clone()));
        self.spent |= is_spent(chain, &self.commitment);
        let said = match committed {
            Some(chain) => {
                self.best = Some(match self.best.take() {
                    Some(best) => better(best, chain, now),
                    None => chain,
                });
                Ok(())
            }
            None => Err(Failure::WrongPhrase),
        };
        (said, named.into_iter().collect())
    }

    /// The nodes that were asked, whatever they said.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &NodeUrl> {
        self.sources.iter().map(|source| &source.node)
    }

    fn read(&self, answer: Option<(u16, Vec<u8>)>) -> Result<Chain, Failure> {
        let (status, body) = answer.ok_or(Failure::NodeUnreachable)?;
        match status {
            200 => {}
            404 => return Err(Failure::IdentityUnknown),
            _ => return Err(refused(&body)),
        }
        let (chain, _) = Bundle::verify(&body).map_err(|_| Failure::IdentityInvalid)?;
        if chain.identity() != self.identity {
            return Err(Failure::IdentityInvalid);
        }
        Ok(chain)
    }

    /// Whether every node has answered, or will not.
    pub(crate) fn is_over(&self) -> bool {
        self.sources.iter().all(|source| source.said.is_some())
    }

    /// The records to take up from, and the nodes that may be told of new ones, in the order in which they were added:
    /// what the person named comes before what a list names, which a thief may have written.
    pub(crate) fn end(self, now: Millis) -> Result<(Chain, Vec<NodeUrl>), Failure> {
        let failures = self.sources.iter().filter_map(|source| match &source.said {
            Some(Err(failure)) => Some(failure),
            _ => None,
        });
        let worst = failures
            .clone()
            .max_by_key(|failure| weight(failure))
            .cloned();
        if self.spent {
            return Err(Failure::WrongPhrase);
        }
        let found = self.best.as_ref();
        let Some(found) = found.and_then(|chain| place(chain, &self.commitment, now)) else {
            return Err(worst.unwrap_or(Failure::NodeUnreachable));
        };
        let silent = Some(Err(Failure::NodeUnreachable));
        let there = self.sources.iter().filter(|source| source.said != silent);
        let nodes: Vec<NodeUrl> = there.map(|source| source.node.clone()).collect();
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

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;
    use shared_crypto::fixtures;
    use shared_crypto::id::{MailboxId, NodeFingerprint};
    use shared_crypto::record::{Delivery, DeliveryState, MAX_DELIVERY, RecordChanges};
    use shared_crypto::recovery::RecoveryPhrase;
    use shared_crypto::time::DAY;

    use super::*;

    const NOW: Millis = 1_750_000_000_000;

    fn chain(commitment: Hash) -> Chain {
        let (signing, sealing) = fixtures::person(0);
        let entry = entry(0);
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let at = NOW - 100 * DAY;
        let list = vec![entry];
        Chain::create(&signing, sealing.public(), commitment, list, at, &mut rng).unwrap()
    }

    fn entry(number: u8) -> Delivery {
        let host = ["a".repeat(60).as_str(); 3].join(".");
        Delivery {
            node: NodeUrl::parse(&format!("https://{number}.{host}.b")).unwrap(),
            fingerprint: NodeFingerprint::from_bytes([number; 32]),
            intro: MailboxId::from_bytes([2; 32]),
            state: DeliveryState::Active,
            priority: 0,
        }
    }

    fn update(chain: &mut Chain, changes: RecordChanges, at: Millis) -> bool {
        let mut rng = ChaCha20Rng::seed_from_u64(chain.number());
        chain
            .append_update(changes, &fixtures::signing_key(0), at, &mut rng)
            .is_ok()
    }

    #[test]
    fn a_recovery_takes_up_before_the_records_with_which_a_thief_filled_a_chain() {
        let phrase = RecoveryPhrase::from_entropy(&[3; 16]).commitment();
        let mut mine = chain(phrase);
        assert!(update(&mut mine, RecordChanges::default(), NOW - 4 * DAY));
        let mut full = mine.clone();
        let list: Vec<Delivery> = (0..5).map(entry).take(MAX_DELIVERY).collect();
        let changes = || RecordChanges {
            signing_key: Some(fixtures::signing_key(0).public().clone()),
            sealing_key: Some(fixtures::sealing_key(0).public().clone()),
            delivery: Some(list.clone()),
            ..RecordChanges::default()
        };
        while update(&mut full, changes(), NOW - DAY) {}
        let found = place(&full, &phrase, NOW).unwrap();
        assert_eq!(found.head(), mine.head());
        // What a recovery would not overrule any more it has to follow, as long as that may be.
        assert_eq!(
            place(&full, &phrase, NOW + 4 * DAY).unwrap().head(),
            full.head()
        );
        // A thief's phrase is in force on top: it takes up before that, too.
        let mut other = mine.clone();
        let stolen = RecordChanges {
            recovery: Some(RecoveryPhrase::from_entropy(&[4; 16]).commitment()),
            ..RecordChanges::default()
        };
        assert!(update(&mut other, stolen, NOW));
        assert_eq!(place(&other, &phrase, NOW).unwrap().head(), mine.head());
    }
}
