//! The lock of a client's store: its data key, sealed under a passphrase or under what a passkey gives
//! (`docs/protocol.md` §22).
//!
//! A *slot* is one way to the data key. Slots lie beside the rows that the key opens and never travel; they
//! are here because they are a format that has to be read for years.

use alloc::vec::Vec;
use core::fmt;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::cannot_open::{CannotOpen, SealError};
use crate::cbor::{self, ByteArray, Bytes, DecodeError};
use crate::cbor_map;
use crate::hash::SUITE;
use crate::vault::keys::{MEMORY, PASSES, argon2id};
use crate::vault::sealed::{self, OVERHEAD};

const PASSPHRASE_NAMESPACE: &str = "zechat/lock-passphrase/v1";
const PASSKEY_NAMESPACE: &str = "zechat/lock-passkey/v1";

/// Length of a sealed data key.
const SEALED: usize = 32 + OVERHEAD;
/// Longest slot that is read.
const MAX_SLOT: usize = 2_048;
/// Longest credential id (WebAuthn Level 3).
const MAX_CREDENTIAL: usize = 1_023;
/// Memory that a slot may ask for, in KiB: what was stored must not be able to exhaust a telephone.
const MEMORY_BOUNDS: core::ops::RangeInclusive<u64> = 8_192..=262_144;
/// Passes that a slot may ask for.
const PASSES_BOUNDS: core::ops::RangeInclusive<u64> = 1..=16;

/// The key that the rows of a store are sealed under. Zeroed when dropped.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; 32]>);

cbor_map! {
    /// The data key, sealed under a passphrase.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PassphraseSlot {
        /// Random, for Argon2id.
        0 => pub salt: ByteArray<32>,
        /// Memory of Argon2id in KiB.
        1 => pub memory: u64,
        /// Passes of Argon2id.
        2 => pub passes: u64,
        /// The sealed data key.
        3 => pub sealed: Bytes,
    }
}

cbor_map! {
    /// The data key, sealed under what a passkey's pseudo-random function gives.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PasskeySlot {
        /// Which passkey.
        0 => pub credential: Bytes,
        /// What its function is asked for.
        1 => pub salt: ByteArray<32>,
        /// The sealed data key.
        2 => pub sealed: Bytes,
    }
}

/// Why bytes are not a slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SlotError {
    /// Of a later version of this program.
    #[error("suite {0} is later than this version's")]
    Newer(u8),
    /// Longer than a slot can be, or empty.
    #[error("not as long as a slot")]
    Length,
    /// Not the encoding of one.
    #[error(transparent)]
    Encoding(#[from] DecodeError),
}

impl DataKey {
    /// Makes a new key.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(key.as_mut());
        Self(key)
    }

    /// Reads what [`DataKey::as_bytes`] gave.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn from_opened(opened: &[u8]) -> Result<Self, CannotOpen> {
        opened.try_into().map(Self::from_bytes).or(Err(CannotOpen))
    }
}

impl PassphraseSlot {
    /// Seals the data key under a passphrase, which is UTF-8 in normalisation form NFKC. Takes a third of a second.
    ///
    /// # Errors
    /// [`SealError`] for an empty passphrase, or if the library cannot.
    pub fn seal<R: CryptoRng + ?Sized>(
        passphrase: &str,
        key: &DataKey,
        rng: &mut R,
    ) -> Result<Self, SealError> {
        if passphrase.is_empty() {
            return Err(SealError::Key);
        }
        let mut salt = [0; 32];
        rng.fill_bytes(&mut salt);
        let mut slot = Self {
            salt: ByteArray(salt),
            memory: u64::from(MEMORY),
            passes: u64::from(PASSES),
            sealed: Bytes::default(),
        };
        let stretched = slot.stretch(passphrase).ok_or(SealError::Key)?;
        let context = slot.context();
        let sealed = sealed::seal(
            PASSPHRASE_NAMESPACE,
            &stretched,
            &[&context],
            key.as_bytes(),
            rng,
        )?;
        slot.sealed = Bytes(sealed);
        Ok(slot)
    }

    /// Opens it. As slow with a wrong passphrase as with the right one.
    ///
    /// # Errors
    /// [`CannotOpen`] for another passphrase, or if the slot was changed.
    pub fn open(&self, passphrase: &str) -> Result<DataKey, CannotOpen> {
        let stretched = self.stretch(passphrase).ok_or(CannotOpen)?;
        let context = self.context();
        let opened = sealed::open(
            PASSPHRASE_NAMESPACE,
            &stretched,
            &[&context],
            &self.sealed.0,
        )?;
        DataKey::from_opened(&opened)
    }

    /// Reads a stored slot.
    ///
    /// # Errors
    /// [`SlotError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SlotError> {
        let slot: Self = cbor::decode(payload(bytes)?)?;
        let is_sound = slot.sealed.0.len() == SEALED
            && MEMORY_BOUNDS.contains(&slot.memory)
            && PASSES_BOUNDS.contains(&slot.passes);
        is_sound.then_some(slot).ok_or(DecodeError::Shape.into())
    }

    /// The bytes to store.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&[SUITE], cbor::encode(self).as_slice()].concat()
    }

    fn stretch(&self, passphrase: &str) -> Option<Zeroizing<[u8; 32]>> {
        let (memory, passes) = (self.memory.try_into().ok()?, self.passes.try_into().ok()?);
        argon2id(passphrase, &self.salt.0, memory, passes)
    }

    fn context(&self) -> Vec<u8> {
        let (memory, passes) = (self.memory.to_be_bytes(), self.passes.to_be_bytes());
        [self.salt.0.as_slice(), &memory, &passes].concat()
    }
}

impl PasskeySlot {
    /// Seals the data key under what the passkey's function gave for `salt`.
    ///
    /// # Errors
    /// [`SealError`] for a credential id of impossible length, or if the library cannot.
    pub fn seal<R: CryptoRng + ?Sized>(
        credential: &[u8],
        salt: [u8; 32],
        output: &[u8; 32],
        key: &DataKey,
        rng: &mut R,
    ) -> Result<Self, SealError> {
        if credential.is_empty() || credential.len() > MAX_CREDENTIAL {
            return Err(SealError::TooLong);
        }
        let sealed = sealed::seal(
            PASSKEY_NAMESPACE,
            output,
            &[&salt, credential],
            key.as_bytes(),
            rng,
        )?;
        Ok(Self {
            credential: Bytes(credential.to_vec()),
            salt: ByteArray(salt),
            sealed: Bytes(sealed),
        })
    }

    /// Opens it with what the passkey's function gave for the slot's salt.
    ///
    /// # Errors
    /// [`CannotOpen`] for another passkey, or if the slot was changed.
    pub fn open(&self, output: &[u8; 32]) -> Result<DataKey, CannotOpen> {
        let context: [&[u8]; 2] = [&self.salt.0, &self.credential.0];
        let opened = sealed::open(PASSKEY_NAMESPACE, output, &context, &self.sealed.0)?;
        DataKey::from_opened(&opened)
    }

    /// Reads a stored slot.
    ///
    /// # Errors
    /// [`SlotError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, SlotError> {
        let slot: Self = cbor::decode(payload(bytes)?)?;
        let is_sound = slot.sealed.0.len() == SEALED
            && (1..=MAX_CREDENTIAL).contains(&slot.credential.0.len());
        is_sound.then_some(slot).ok_or(DecodeError::Shape.into())
    }

    /// The bytes to store.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&[SUITE], cbor::encode(self).as_slice()].concat()
    }
}

/// What follows the suite.
fn payload(bytes: &[u8]) -> Result<&[u8], SlotError> {
    match bytes.split_first() {
        Some((suite, _)) if *suite > SUITE => Err(SlotError::Newer(*suite)),
        Some((&SUITE, payload)) if bytes.len() <= MAX_SLOT => Ok(payload),
        _ => Err(SlotError::Length),
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(…)")
    }
}
