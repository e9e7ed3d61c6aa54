//! What opens a vault, and what may write it.

use alloc::vec::Vec;
use core::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::ed25519_keys::Ed25519KeyPair;
use crate::hash::{derive, hash};
use crate::id::VaultId;
use crate::recovery::RecoveryPhrase;

const AUTH_NAMESPACE: &str = "zechat/vault-auth/v1";
const SALT_NAMESPACE: &str = "zechat/vault-salt/v1";
const UNLOCK_NAMESPACE: &str = "zechat/vault-unlock/v1";

/// Memory of the passphrase's derivation, in KiB.
pub(crate) const MEMORY: u32 = 64 * 1024;
/// Passes over it.
pub(crate) const PASSES: u32 = 3;
/// Lanes.
const LANES: u32 = 1;

/// The phrase's key that finds a vault and signs what is done to it.
#[derive(Clone)]
pub struct VaultAuth(Ed25519KeyPair);

/// The phrase's half of what opens a vault. Zeroed when dropped.
#[derive(Clone)]
pub struct VaultHalf(Zeroizing<[u8; 32]>);

/// The random key that a vault's content is sealed under. Zeroed when dropped.
#[derive(Clone)]
pub struct VaultKey(Zeroizing<[u8; 32]>);

impl VaultAuth {
    /// The key that a phrase gives.
    pub fn of(phrase: &RecoveryPhrase) -> Self {
        let seed = derive(AUTH_NAMESPACE, phrase.entropy(), &hash(AUTH_NAMESPACE, &[]));
        Self::from_seed(&seed)
    }

    /// Reads what [`VaultAuth::to_seed`] gave.
    pub fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Ed25519KeyPair::from_seed(seed))
    }

    /// The seed, for the client's sealed store.
    pub fn to_seed(&self) -> Zeroizing<[u8; 32]> {
        self.0.to_seed()
    }

    /// The vault: where nodes keep it and whose signature they ask for.
    pub fn vault(&self) -> VaultId {
        VaultId::from_bytes(*self.0.public().as_bytes())
    }

    pub(super) fn keys(&self) -> &Ed25519KeyPair {
        &self.0
    }
}

impl VaultHalf {
    /// The half that a phrase gives.
    pub fn of(phrase: &RecoveryPhrase) -> Self {
        Self(phrase.vault_half())
    }

    /// Reads what [`VaultHalf::as_bytes`] gave.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The bytes, for the client's sealed store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl VaultKey {
    /// Makes a new key.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(key.as_mut());
        Self(key)
    }

    /// Reads what [`VaultKey::as_bytes`] gave.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(*bytes))
    }

    /// The bytes, for the client's sealed store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Derives the key that the vault key is wrapped under from passphrase and phrase. Takes a third of
/// a second for a passphrase, and no time without one: then the phrase alone protects the vault, and
/// its 128 bits need no stretching.
///
/// `passphrase` is UTF-8 in normalisation form NFKC.
pub fn unlock_key(passphrase: &str, half: &VaultHalf, vault: &VaultId) -> Zeroizing<[u8; 32]> {
    let stretched = stretch(passphrase, vault);
    let mut secret = Zeroizing::new(Vec::with_capacity(64));
    secret.extend_from_slice(stretched.as_slice());
    secret.extend_from_slice(half.as_bytes());
    let transcript = hash(UNLOCK_NAMESPACE, vault.as_bytes());
    derive(UNLOCK_NAMESPACE, &secret, &transcript)
}

fn stretch(passphrase: &str, vault: &VaultId) -> Zeroizing<[u8; 32]> {
    if passphrase.is_empty() {
        return Zeroizing::new([0; 32]);
    }
    let salt = hash(SALT_NAMESPACE, vault.as_bytes());
    #[expect(clippy::expect_used, reason = "constants within the library's bounds")]
    argon2id(passphrase, salt.as_bytes(), MEMORY, PASSES).expect("permitted parameters")
}

/// Argon2id (RFC 9106, version 0x13, one lane) of a passphrase; `None` for a cost that the library refuses.
pub(crate) fn argon2id(
    passphrase: &str,
    salt: &[u8; 32],
    memory: u32,
    passes: u32,
) -> Option<Zeroizing<[u8; 32]>> {
    let mut output = Zeroizing::new([0; 32]);
    let params = Params::new(memory, passes, LANES, Some(32)).ok()?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, output.as_mut())
        .ok()?;
    Some(output)
}

impl PartialEq for VaultKey {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for VaultKey {}

impl fmt::Debug for VaultAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VaultAuth({:?})", self.vault())
    }
}

impl fmt::Debug for VaultHalf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultHalf(…)")
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultKey(…)")
    }
}
