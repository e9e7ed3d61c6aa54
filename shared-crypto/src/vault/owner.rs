//! Who answers for a vault at a node: the identity whose account its bytes count against.

use rand_core::CryptoRng;

use crate::cbor_map;
use crate::id::{IdentityId, NodeFingerprint, VaultId};
use crate::node_url::NodeUrl;
use crate::rsa_keys::{SigningKeyPair, SigningPublicKey};
use crate::signed::{Payload, Signed, SignedError, Verified, sign};
use crate::time::{Millis, is_recent};

/// Longest signed [`VaultOwner`].
pub const MAX_VAULT_OWNER: usize = 2_048;

cbor_map! {
    /// An identity's word that a vault is its own.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct VaultOwner {
        /// The node's URL, as the client reaches it.
        0 => pub node: NodeUrl,
        /// The node's key.
        1 => pub fingerprint: NodeFingerprint,
        /// Which vault.
        2 => pub vault: VaultId,
        /// Whose.
        3 => pub identity: IdentityId,
        /// When.
        4 => pub at: Millis,
    }
}

/// Why a word about a vault's owner is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultOwnerError {
    /// Unreadable, or not signed by this key.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// It is for another node.
    #[error("meant for another node")]
    OtherNode,
    /// It is about another vault.
    #[error("about another vault")]
    OtherVault,
    /// Its time is more than five minutes off.
    #[error("the time is too far from the node's")]
    Time,
}

impl Payload for VaultOwner {
    const NAMESPACE: &'static str = "zechat/vault-owner/v1";
    const MAX_SIGNED: usize = MAX_VAULT_OWNER;
}

impl VaultOwner {
    /// Signs it.
    ///
    /// # Errors
    /// [`SignedError::Key`] if signing fails.
    pub fn sign<R: CryptoRng + ?Sized>(
        self,
        keys: &SigningKeyPair,
        rng: &mut R,
    ) -> Result<Verified<Self>, SignedError> {
        sign(self, keys, rng)
    }

    /// Verifies it by its identity's signing key; which identity is read from
    /// [`Signed::unverified`] before.
    ///
    /// # Errors
    /// [`VaultOwnerError`].
    pub fn verify(
        bytes: &[u8],
        url: &NodeUrl,
        fingerprint: &NodeFingerprint,
        vault: &VaultId,
        key: &SigningPublicKey,
        now: Millis,
    ) -> Result<Verified<Self>, VaultOwnerError> {
        let owner = Signed::<Self>::parse(bytes)?.verify(key)?;
        if owner.node != *url || owner.fingerprint != *fingerprint {
            return Err(VaultOwnerError::OtherNode);
        }
        if owner.vault != *vault {
            return Err(VaultOwnerError::OtherVault);
        }
        if !is_recent(owner.at, now) {
            return Err(VaultOwnerError::Time);
        }
        Ok(owner)
    }
}
