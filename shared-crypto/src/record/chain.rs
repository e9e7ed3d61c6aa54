//! A verified chain of records, from genesis on. A value of [`Chain`] exists only verified.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use subtle::ConstantTimeEq;

use super::{
    Delivery, DeliveryState, MAX_CHAIN, MAX_RECORDS, RECOVERY_BYTES, RECOVERY_RECORDS, Record,
    RecordKind, recovery_commitment,
};
use crate::id::{Hash, IdentityId, NodeFingerprint};
use crate::rsa_keys::{SealingPublicKey, SigningPublicKey};
use crate::signed::{Signed, SignedError, Verified};
use crate::time::Millis;

/// A verified chain: at least the genesis record.
#[derive(Clone)]
pub struct Chain {
    identity: IdentityId,
    pub(super) steps: Vec<Step>,
    records: Vec<Vec<u8>>,
    /// How long the records are together.
    pub(super) bytes: usize,
}

/// What is remembered of each record, and what is in force from it on.
#[derive(Clone)]
pub(super) struct Step {
    pub(super) hash: Hash,
    pub(super) kind: RecordKind,
    pub(super) signed_at: Millis,
    pub(super) signing_key: Arc<SigningPublicKey>,
    pub(super) recovery: Hash,
    sealing_key: Arc<SealingPublicKey>,
    delivery: Arc<[Delivery]>,
}

/// How another chain relates to this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainOrder {
    /// Both end in the same record.
    Same,
    /// The other continues this one.
    Newer,
    /// This one continues the other.
    Older,
    /// They contradict each other, or belong to different identities.
    Forked,
}

/// Why records are not a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// No record at all.
    #[error("there is no record")]
    Empty,
    /// More than [`MAX_RECORDS`].
    #[error("more than {MAX_RECORDS} records")]
    TooMany,
    /// More than [`MAX_CHAIN`] bytes.
    #[error("more than {MAX_CHAIN} bytes of records")]
    TooLarge,
    /// A record is unreadable or its signature does not verify.
    #[error(transparent)]
    Record(#[from] SignedError),
    /// The first record is not a genesis record, or a later one is.
    #[error("a genesis record comes first and only there")]
    Genesis,
    /// A number was skipped or repeated.
    #[error("record {expected} was expected, not {found}")]
    Number {
        /// The number that would follow.
        expected: u64,
        /// The number found.
        found: u64,
    },
    /// The hash of the record before is another.
    #[error("the record does not continue this chain")]
    Previous,
    /// The record belongs to another identity.
    #[error("the record belongs to another identity")]
    Identity,
    /// The revealed recovery key is not the one committed to.
    #[error("the recovery key is not the one committed to")]
    Recovery,
    /// The key to sign with is not the one in force.
    #[error("the signing key is not the one in force")]
    KeyNotInForce,
}

impl Chain {
    /// Verifies a chain from its genesis record on.
    ///
    /// # Errors
    /// The first [`ChainError`] met.
    pub fn verify<B: AsRef<[u8]>>(records: &[B]) -> Result<Self, ChainError> {
        if records.len() > MAX_RECORDS {
            return Err(ChainError::TooMany);
        }
        if records
            .iter()
            .map(|record| record.as_ref().len())
            .sum::<usize>()
            > MAX_CHAIN
        {
            return Err(ChainError::TooLarge);
        }
        let (first, rest) = records.split_first().ok_or(ChainError::Empty)?;
        let genesis = Signed::<Record>::parse(first.as_ref())?;
        if genesis.unverified().kind != RecordKind::Genesis {
            return Err(ChainError::Genesis);
        }
        let key = genesis
            .unverified()
            .signing_key
            .clone()
            .ok_or(ChainError::Genesis)?;
        let mut chain = Self::start(genesis.verify(&key)?)?;
        for record in rest {
            chain.append(record.as_ref())?;
        }
        Ok(chain)
    }

    /// Verifies records that continue this chain and adds all of them, or none.
    ///
    /// # Errors
    /// The first [`ChainError`] met; the chain is then unchanged.
    pub fn extend(&mut self, records: &[impl AsRef<[u8]>]) -> Result<(), ChainError> {
        let mut longer = self.clone();
        for record in records {
            longer.append(record.as_ref())?;
        }
        *self = longer;
        Ok(())
    }

    /// Whose chain it is.
    pub fn identity(&self) -> IdentityId {
        self.identity
    }

    /// The number of the last record.
    pub fn number(&self) -> u64 {
        self.next_number().saturating_sub(1)
    }

    /// The hash of the last record.
    pub fn head(&self) -> Hash {
        self.last().hash
    }

    /// The hash of the record with this number.
    pub fn hash_at(&self, number: u64) -> Option<Hash> {
        let index = usize::try_from(number).ok()?;
        self.steps.get(index).map(|step| step.hash)
    }

    /// The number of the record with this hash.
    pub fn number_of(&self, record: &Hash) -> Option<u64> {
        let index = self.steps.iter().rposition(|step| step.hash == *record)?;
        u64::try_from(index).ok()
    }

    /// The signing key in force.
    pub fn signing_key(&self) -> &SigningPublicKey {
        &self.last().signing_key
    }

    /// The signing key in force from the record with this hash on, for what was signed then. Whether
    /// a key replaced since may still speak is for the reader to decide.
    pub fn signing_key_of(&self, record: &Hash) -> Option<&SigningPublicKey> {
        let step = self.steps.iter().rev().find(|step| step.hash == *record)?;
        Some(&step.signing_key)
    }

    /// Every signing key that was in force, the newest first. One that stayed is named once.
    pub fn signing_keys(&self) -> impl Iterator<Item = &SigningPublicKey> {
        let same = |one: &Step, other: &Step| Arc::ptr_eq(&one.signing_key, &other.signing_key);
        let runs = self.steps.chunk_by(same);
        runs.rev()
            .filter_map(|run| run.first().map(|step| &*step.signing_key))
    }

    /// The sealing key in force.
    pub fn sealing_key(&self) -> &SealingPublicKey {
        &self.last().sealing_key
    }

    /// The commitment to the recovery key in force.
    pub fn recovery(&self) -> Hash {
        self.last().recovery
    }

    /// The delivery list in force.
    pub fn delivery(&self) -> &[Delivery] {
        &self.last().delivery
    }

    /// Where new mail may be left, lowest priority number first.
    pub fn active(&self) -> impl Iterator<Item = &Delivery> {
        let is_active = |entry: &&Delivery| entry.state == DeliveryState::Active;
        let mut active: Vec<_> = self.delivery().iter().filter(is_active).collect();
        active.sort_by_key(|entry| entry.priority);
        active.into_iter()
    }

    /// Whether the delivery list names this node, in whatever state.
    pub fn lists(&self, node: &NodeFingerprint) -> bool {
        self.delivery()
            .iter()
            .any(|entry| entry.fingerprint == *node)
    }

    /// The signed records, from genesis on.
    pub fn records(&self) -> &[Vec<u8>] {
        &self.records
    }

    /// How `other` relates to this chain.
    pub fn compare(&self, other: &Self) -> ChainOrder {
        let mut pairs = self.steps.iter().zip(&other.steps);
        if pairs.any(|(mine, theirs)| mine.hash != theirs.hash) {
            return ChainOrder::Forked;
        }
        match other.steps.len().cmp(&self.steps.len()) {
            core::cmp::Ordering::Less => ChainOrder::Older,
            core::cmp::Ordering::Equal => ChainOrder::Same,
            core::cmp::Ordering::Greater => ChainOrder::Newer,
        }
    }

    pub(super) fn start(genesis: Verified<Record>) -> Result<Self, ChainError> {
        if genesis.kind != RecordKind::Genesis {
            return Err(ChainError::Genesis);
        }
        let hash = genesis.hash();
        let bytes = genesis.bytes().to_vec();
        let record = genesis.into_inner();
        let step = Step {
            hash,
            kind: record.kind,
            signed_at: record.signed_at,
            signing_key: Arc::new(record.signing_key.ok_or(ChainError::Genesis)?),
            recovery: record.recovery.ok_or(ChainError::Genesis)?,
            sealing_key: Arc::new(record.sealing_key.ok_or(ChainError::Genesis)?),
            delivery: record.delivery.ok_or(ChainError::Genesis)?.into(),
        };
        Ok(Self {
            identity: IdentityId::from_bytes(*hash.as_bytes()),
            steps: alloc::vec![step],
            bytes: bytes.len(),
            records: alloc::vec![bytes],
        })
    }

    /// The chain as it was when it had so many records; `None` for none, or for more than there are.
    pub(super) fn truncated(&self, records: usize) -> Option<Self> {
        let kept = self
            .records
            .get(..records)
            .filter(|kept| !kept.is_empty())?;
        Some(Self {
            identity: self.identity,
            steps: self.steps.get(..records)?.to_vec(),
            bytes: kept.iter().map(Vec::len).sum(),
            records: kept.to_vec(),
        })
    }

    /// Verifies one record as the next and adds it.
    fn append(&mut self, bytes: &[u8]) -> Result<(), ChainError> {
        let record = Signed::<Record>::parse(bytes)?;
        self.check_link(record.unverified(), bytes.len())?;
        let record = match record.unverified().recovery_key.clone() {
            Some(key) => record.verify(&key)?,
            None => record.verify(self.signing_key())?,
        };
        self.follow(record)
    }

    /// Everything about a next record but its signature.
    fn check_link(&self, record: &Record, length: usize) -> Result<(), ChainError> {
        // However much a thief signed, there is room for a recovery.
        let (records, bytes) = match record.kind {
            RecordKind::Recovery => (0, 0),
            RecordKind::Genesis | RecordKind::Update => (RECOVERY_RECORDS, RECOVERY_BYTES),
        };
        if self.steps.len() >= MAX_RECORDS.saturating_sub(records) {
            return Err(ChainError::TooMany);
        }
        if self.bytes.saturating_add(length) > MAX_CHAIN.saturating_sub(bytes) {
            return Err(ChainError::TooLarge);
        }
        if record.kind == RecordKind::Genesis {
            return Err(ChainError::Genesis);
        }
        if record.identity != Some(self.identity) {
            return Err(ChainError::Identity);
        }
        if record.number != self.next_number() {
            let expected = self.next_number();
            return Err(ChainError::Number {
                expected,
                found: record.number,
            });
        }
        if record.previous != Some(self.head()) {
            return Err(ChainError::Previous);
        }
        match &record.recovery_key {
            Some(key) if !is_committed(&self.recovery(), &recovery_commitment(key)) => {
                Err(ChainError::Recovery)
            }
            _ => Ok(()),
        }
    }

    /// Adds a record whose signature has been checked.
    pub(super) fn follow(&mut self, record: Verified<Record>) -> Result<(), ChainError> {
        self.check_link(&record, record.bytes().len())?;
        let hash = record.hash();
        let bytes = record.bytes().to_vec();
        let record = record.into_inner();
        let last = self.last();
        let step = Step {
            hash,
            kind: record.kind,
            signed_at: record.signed_at,
            signing_key: in_force(record.signing_key, &last.signing_key),
            recovery: record.recovery.unwrap_or(last.recovery),
            sealing_key: in_force(record.sealing_key, &last.sealing_key),
            delivery: match record.delivery {
                Some(list) => list.into(),
                None => Arc::clone(&last.delivery),
            },
        };
        self.steps.push(step);
        self.bytes = self.bytes.saturating_add(bytes.len());
        self.records.push(bytes);
        Ok(())
    }

    pub(super) fn next_number(&self) -> u64 {
        u64::try_from(self.steps.len()).unwrap_or(u64::MAX)
    }

    fn last(&self) -> &Step {
        #[expect(
            clippy::expect_used,
            reason = "start() puts in one step and none is taken out"
        )]
        self.steps.last().expect("a genesis step")
    }
}

/// What a record sets, or else what the record before left in force.
fn in_force<T>(set: Option<T>, before: &Arc<T>) -> Arc<T> {
    set.map_or_else(|| Arc::clone(before), Arc::new)
}

fn is_committed(commitment: &Hash, revealed: &Hash) -> bool {
    commitment.as_bytes().ct_eq(revealed.as_bytes()).into()
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chain")
            .field("identity", &self.identity)
            .field("number", &self.number())
            .field("head", &self.head())
            .finish_non_exhaustive()
    }
}
