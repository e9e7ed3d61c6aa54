//! Key packages: signed, short-lived X-Wing receive keys (`docs/protocol.md` §5).

use alloc::boxed::Box;
use core::fmt;
use std::sync::OnceLock;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::cbor::{ByteArray, DecodeError};
use crate::cbor_map;
use crate::id::{Hash, IdentityId};
use crate::rsa_keys::SigningKeyPair;
use crate::signed::{Payload, SignedError, Verified, sign};
use crate::time::{Millis, REFRESH, SECOND};
use crate::x_wing_kem::{self, PrivateKey};

/// Length of a receive key's public part.
pub const PUBLIC_KEY_LENGTH: usize = x_wing_kem::PUBLIC_KEY;

cbor_map! {
    /// The receive key of one epoch.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct KeyPackage {
        /// Whose key it is.
        0 => pub identity: IdentityId,
        /// From 1, rising with each package, and never above the seconds since 1970 when it was made.
        1 => pub epoch: u64,
        /// X-Wing public key.
        2 => pub public_key: ByteArray<PUBLIC_KEY_LENGTH>,
        /// When it was made.
        3 => pub created_at: Millis,
        /// When its owner means to replace it.
        4 => pub refresh_at: Millis,
    }
}

impl Payload for KeyPackage {
    const NAMESPACE: &'static str = "zechat/key-package/v1";
    const MAX_SIGNED: usize = 2_048;

    fn check(&self) -> Result<(), DecodeError> {
        let is_refresh = self.created_at.checked_add(REFRESH) == Some(self.refresh_at);
        // One more each second is more than anybody makes, and leaves room for the next one whatever a thief signed.
        let is_epoch = self.epoch > 0 && self.epoch.saturating_mul(SECOND) <= self.created_at;
        let is_sound = is_epoch && is_refresh && x_wing_kem::is_public_key(&self.public_key.0);
        if is_sound {
            Ok(())
        } else {
            Err(DecodeError::Shape)
        }
    }
}

impl KeyPackage {
    /// Signs a package for a receive key.
    ///
    /// # Errors
    /// [`SignedError::Payload`] for epoch 0 or one that is ahead of time, [`SignedError::Key`] if signing fails.
    pub fn create<R: CryptoRng + ?Sized>(
        identity: IdentityId,
        epoch: u64,
        receive: &ReceiveKeyPair,
        now: Millis,
        keys: &SigningKeyPair,
        rng: &mut R,
    ) -> Result<Verified<Self>, SignedError> {
        let package = Self {
            identity,
            epoch,
            public_key: ByteArray(receive.public()),
            created_at: now,
            refresh_at: now.saturating_add(REFRESH),
        };
        sign(package, keys, rng)
    }
}

impl Verified<KeyPackage> {
    /// The id of the package: the hash of its payload.
    pub fn id(&self) -> Hash {
        self.hash()
    }
}

/// An X-Wing private key, kept as its seed. Zeroed when dropped.
#[derive(Clone)]
pub struct ReceiveKeyPair {
    seed: Zeroizing<[u8; 32]>,
    /// Made when it is first needed.
    expanded: OnceLock<Box<PrivateKey>>,
}

impl ReceiveKeyPair {
    /// Makes a new key.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::of(seed)
    }

    /// Reads what [`ReceiveKeyPair::to_bytes`] gave; any 32 bytes are a key.
    pub fn from_bytes(seed: &[u8; 32]) -> Self {
        Self::of(Zeroizing::new(*seed))
    }

    fn of(seed: Zeroizing<[u8; 32]>) -> Self {
        Self {
            seed,
            expanded: OnceLock::new(),
        }
    }

    /// The 32-byte seed.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.seed.clone()
    }

    /// The public key.
    pub fn public(&self) -> [u8; PUBLIC_KEY_LENGTH] {
        self.private().public()
    }

    pub(crate) fn private(&self) -> &PrivateKey {
        let expand = || Box::new(PrivateKey::expand(&self.seed));
        self.expanded.get_or_init(expand)
    }
}

impl fmt::Debug for ReceiveKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiveKeyPair(…)")
    }
}
