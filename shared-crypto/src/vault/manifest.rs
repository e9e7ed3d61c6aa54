//! The manifest of a vault: which chunks it has, signed by the phrase's key
//! (`zechat/vault-manifest/v1`).

use alloc::vec::Vec;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::index::{FORMAT, VaultIndex};
use super::keys::{VaultAuth, VaultKey};
use super::sealed::{self, OVERHEAD};
use crate::cannot_open::SealError;
use crate::cbor::{self, Bytes, DecodeError};
use crate::cbor_map;
use crate::ed25519_keys::Ed25519PublicKey;
use crate::hash::SUITE;
use crate::id::{Hash, VaultId};
use crate::padding::{self, pad, unpad};
use crate::signed::{Payload, Signed, SignedError, Verified, sign};

const WRAP_NAMESPACE: &str = "zechat/vault-wrap/v1";
const INDEX_NAMESPACE: &str = "zechat/vault-index/v1";

/// Most chunks of one vault: 1 GiB.
pub const MAX_CHUNKS: usize = 4_096;
/// Longest signed manifest.
pub const MAX_MANIFEST: usize = 256 * 1024;
/// The sizes that a sealed index is padded to.
const INDEX_CLASSES: [usize; 3] = [1_024, 8_192, 65_536];
/// Length of a wrapped vault key.
const WRAPPED: usize = 32 + OVERHEAD;

cbor_map! {
    /// Which chunks a vault has.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Manifest {
        /// The vault: the key that signs.
        0 => pub vault: VaultId,
        /// Rises with every change.
        1 => pub version: u64,
        /// The chunks by name.
        2 => pub chunks: Vec<Hash>,
        /// The vault key, wrapped under what passphrase and phrase give.
        3 => pub wrapped: Bytes,
        /// The sealed [`VaultIndex`].
        4 => pub index: Bytes,
    }
}

/// Why bytes are not a manifest of this vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// Unreadable, or not signed by the vault's key.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// It is the manifest of another vault.
    #[error("the manifest of another vault")]
    OtherVault,
}

impl ManifestError {
    /// Whether a newer version of the protocol may read it.
    pub fn is_newer(&self) -> bool {
        matches!(self, Self::Signed(SignedError::UnknownSuite(suite)) if *suite > SUITE)
    }
}

/// Why a verified manifest does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The vault key was wrapped under another passphrase.
    #[error("another passphrase")]
    Passphrase,
    /// The index was sealed under another vault key, or is not one.
    #[error("the index cannot be read")]
    Index,
    /// The index is of a later format.
    #[error("format {0} is later than this version's")]
    Newer(u64),
}

/// What opening a manifest gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// The key of the chunks.
    pub key: VaultKey,
    /// What the chunks are.
    pub index: VaultIndex,
}

impl Payload for Manifest {
    const NAMESPACE: &'static str = "zechat/vault-manifest/v1";
    const MAX_SIGNED: usize = MAX_MANIFEST;

    fn check(&self) -> Result<(), DecodeError> {
        let is_sound = self.version > 0
            && self.chunks.len() <= MAX_CHUNKS
            && self.wrapped.0.len() == WRAPPED
            && INDEX_CLASSES
                .iter()
                .any(|class| self.index.0.len() == class.saturating_add(OVERHEAD));
        if is_sound {
            Ok(())
        } else {
            Err(DecodeError::Shape)
        }
    }
}

impl Manifest {
    /// Wraps a vault key for [`Manifest::create`].
    ///
    /// # Errors
    /// [`SealError`] if the library cannot.
    pub fn wrap<R: CryptoRng + ?Sized>(
        unlock: &[u8; 32],
        key: &VaultKey,
        vault: &VaultId,
        rng: &mut R,
    ) -> Result<Bytes, SealError> {
        let context = [vault.as_bytes().as_slice()];
        sealed::seal(WRAP_NAMESPACE, unlock, &context, key.as_bytes(), rng).map(Bytes)
    }

    /// Opens what [`Manifest::wrap`] made.
    ///
    /// # Errors
    /// [`OpenError::Passphrase`].
    pub fn unwrap(
        unlock: &[u8; 32],
        wrapped: &Bytes,
        vault: &VaultId,
    ) -> Result<VaultKey, OpenError> {
        let context = [vault.as_bytes().as_slice()];
        let key = sealed::open(WRAP_NAMESPACE, unlock, &context, &wrapped.0)
            .map_err(|_| OpenError::Passphrase)?;
        let key: &[u8; 32] = key
            .as_slice()
            .try_into()
            .map_err(|_| OpenError::Passphrase)?;
        Ok(VaultKey::from_bytes(key))
    }

    /// Seals the index and signs.
    ///
    /// # Errors
    /// [`SignedError`] for what a reader would refuse.
    pub fn create<R: CryptoRng + ?Sized>(
        auth: &VaultAuth,
        key: &VaultKey,
        version: u64,
        chunks: Vec<Hash>,
        wrapped: Bytes,
        index: &VaultIndex,
        rng: &mut R,
    ) -> Result<Verified<Self>, SignedError> {
        index.check(chunks.len())?;
        let vault = auth.vault();
        let encoded = cbor::encode(index);
        let plaintext = INDEX_CLASSES
            .iter()
            .find_map(|class| pad(&encoded, *class))
            .ok_or(SignedError::TooLong)?;
        let number = version.to_be_bytes();
        let context = [vault.as_bytes().as_slice(), &number];
        let index = sealed::seal(INDEX_NAMESPACE, key.as_bytes(), &context, &plaintext, rng)
            .map_err(|_| SignedError::TooLong)?;
        let manifest = Self {
            vault,
            version,
            chunks,
            wrapped,
            index: Bytes(index),
        };
        sign(manifest, auth.keys(), rng)
    }

    /// Verifies a manifest of this vault.
    ///
    /// # Errors
    /// [`ManifestError`].
    pub fn verify(bytes: &[u8], vault: &VaultId) -> Result<Verified<Self>, ManifestError> {
        let manifest = Signed::<Self>::parse(bytes)?;
        if manifest.unverified().vault != *vault {
            return Err(ManifestError::OtherVault);
        }
        let key = Ed25519PublicKey::from_bytes(vault.as_bytes())
            .map_err(|_| ManifestError::Signed(SignedError::Signature))?;
        Ok(manifest.verify(&key)?)
    }

    /// Opens the manifest with what passphrase and phrase give.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, unlock: &[u8; 32]) -> Result<Opened, OpenError> {
        let key = Self::unwrap(unlock, &self.wrapped, &self.vault)?;
        let index = self.open_index(&key)?;
        Ok(Opened { key, index })
    }

    /// Opens the index with the vault key.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_index(&self, key: &VaultKey) -> Result<VaultIndex, OpenError> {
        let version = self.version.to_be_bytes();
        let context = [self.vault.as_bytes().as_slice(), &version];
        let plaintext: Zeroizing<Vec<u8>> =
            sealed::open(INDEX_NAMESPACE, key.as_bytes(), &context, &self.index.0)
                .map_err(|_| OpenError::Index)?;
        let encoded = unpad(&plaintext).ok_or(OpenError::Index)?;
        match format_of(encoded) {
            Some(FORMAT) => {}
            Some(newer) if newer > FORMAT => return Err(OpenError::Newer(newer)),
            _ => return Err(OpenError::Index),
        }
        let index: VaultIndex = cbor::decode(encoded).map_err(|_| OpenError::Index)?;
        index
            .check(self.chunks.len())
            .map_err(|_| OpenError::Index)?;
        Ok(index)
    }
}

/// The format that an index says it has; a later one may have fields that this version refuses.
fn format_of(encoded: &[u8]) -> Option<u64> {
    let mut decoder = cbor::minicbor::Decoder::new(encoded);
    decoder.map().ok()??;
    (decoder.u64().ok()? == 0).then_some(())?;
    decoder.u64().ok()
}

const _: () = {
    let [.., largest] = INDEX_CLASSES;
    // 35 bytes a chunk, the index, and the rest.
    assert!(MAX_CHUNKS * 35 + largest + padding::LENGTH + 1_024 <= MAX_MANIFEST);
};
