//! Making records: the owner's side of a chain.

use alloc::vec::Vec;

use rand_core::CryptoRng;

use super::{Chain, ChainError, Delivery, Record, RecordKind};
use crate::ed25519_keys::RecoveryKey;
use crate::id::Hash;
use crate::rsa_keys::{SealingPublicKey, SigningKeyPair, SigningPublicKey};
use crate::signed::sign;
use crate::time::Millis;

/// What an update changes; absent means unchanged.
#[derive(Debug, Clone, Default)]
pub struct RecordChanges {
    /// A new signing key.
    pub signing_key: Option<SigningPublicKey>,
    /// A new sealing key.
    pub sealing_key: Option<SealingPublicKey>,
    /// A new recovery commitment.
    pub recovery: Option<Hash>,
    /// A new delivery list.
    pub delivery: Option<Vec<Delivery>>,
}

/// What a recovery sets.
#[derive(Debug, Clone)]
pub struct RecoveryChanges {
    /// The new signing key.
    pub signing_key: SigningPublicKey,
    /// The new sealing key.
    pub sealing_key: SealingPublicKey,
    /// The commitment to the next recovery key.
    pub recovery: Hash,
    /// A new delivery list, if it changes.
    pub delivery: Option<Vec<Delivery>>,
}

impl Chain {
    /// Signs a genesis record.
    ///
    /// # Errors
    /// [`ChainError::Record`] for a delivery list that no reader would accept, or if signing fails.
    pub fn create<R: CryptoRng + ?Sized>(
        keys: &SigningKeyPair,
        sealing: &SealingPublicKey,
        recovery_commitment: Hash,
        delivery: Vec<Delivery>,
        now: Millis,
        rng: &mut R,
    ) -> Result<Self, ChainError> {
        let record = Record {
            kind: RecordKind::Genesis,
            number: 0,
            previous: None,
            identity: None,
            signing_key: Some(keys.public().clone()),
            sealing_key: Some(sealing.clone()),
            recovery: Some(recovery_commitment),
            delivery: Some(delivery),
            signed_at: now,
            recovery_key: None,
        };
        Self::start(sign(record, keys, rng)?)
    }

    /// Signs and adds an update.
    ///
    /// # Errors
    /// [`ChainError::KeyNotInForce`], [`ChainError::TooMany`] or [`ChainError::Record`].
    pub fn append_update<R: CryptoRng + ?Sized>(
        &mut self,
        changes: RecordChanges,
        keys: &SigningKeyPair,
        now: Millis,
        rng: &mut R,
    ) -> Result<(), ChainError> {
        if keys.public() != self.signing_key() {
            return Err(ChainError::KeyNotInForce);
        }
        let record = Record {
            kind: RecordKind::Update,
            number: self.next_number(),
            previous: Some(self.head()),
            identity: Some(self.identity()),
            signing_key: changes.signing_key,
            sealing_key: changes.sealing_key,
            recovery: changes.recovery,
            delivery: changes.delivery,
            signed_at: now,
            recovery_key: None,
        };
        self.follow(sign(record, keys, rng)?)
    }

    /// Signs and adds a recovery by the key that the phrase gives.
    ///
    /// # Errors
    /// [`ChainError::Recovery`], [`ChainError::TooMany`] or [`ChainError::Record`].
    pub fn append_recovery<R: CryptoRng + ?Sized>(
        &mut self,
        changes: RecoveryChanges,
        key: &RecoveryKey,
        now: Millis,
        rng: &mut R,
    ) -> Result<(), ChainError> {
        let record = Record {
            kind: RecordKind::Recovery,
            number: self.next_number(),
            previous: Some(self.head()),
            identity: Some(self.identity()),
            signing_key: Some(changes.signing_key),
            sealing_key: Some(changes.sealing_key),
            recovery: Some(changes.recovery),
            delivery: changes.delivery,
            signed_at: now,
            recovery_key: Some(key.public()),
        };
        self.follow(sign(record, key, rng)?)
    }
}
