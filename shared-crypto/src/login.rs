//! The login that opens a live socket (`docs/protocol.md` §13).

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

use crate::cbor_map;
use crate::id::{DeviceId, IdentityId, NodeFingerprint, Nonce};
use crate::node_url::NodeUrl;
use crate::rsa_keys::{SigningKeyPair, SigningPublicKey};
use crate::signed::{Payload, Signed, SignedError, Verified, sign};
use crate::time::{Millis, is_recent};

cbor_map! {
    /// Who logs in, where, in answer to which challenge.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Login {
        /// The node's URL, as the client reached it.
        0 => pub node: NodeUrl,
        /// The node's key.
        1 => pub fingerprint: NodeFingerprint,
        /// The challenge.
        2 => pub nonce: Nonce,
        /// Who logs in.
        3 => pub identity: IdentityId,
        /// With which device.
        4 => pub device: DeviceId,
        /// When.
        5 => pub at: Millis,
    }
}

/// Why a login is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LoginError {
    /// Unreadable, or not signed by this key.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// It is for another node.
    #[error("the login is for another node")]
    OtherNode,
    /// It answers another challenge.
    #[error("the login answers another challenge")]
    OtherNonce,
    /// Its time is more than five minutes off.
    #[error("the login's time is too far from the node's")]
    Time,
}

impl Payload for Login {
    const NAMESPACE: &'static str = "zechat/login/v1";
    const MAX_SIGNED: usize = 2_048;
}

impl Login {
    /// Signs the login.
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

    /// Verifies a login by its identity's signing key. That the nonce is used once is the caller's
    /// to see to; who logs in is read from [`Signed::unverified`] before.
    ///
    /// # Errors
    /// [`LoginError`].
    pub fn verify(
        bytes: &[u8],
        url: &NodeUrl,
        fingerprint: &NodeFingerprint,
        nonce: &Nonce,
        key: &SigningPublicKey,
        now: Millis,
    ) -> Result<Verified<Self>, LoginError> {
        let login = Signed::<Self>::parse(bytes)?.verify(key)?;
        if login.node != *url || login.fingerprint != *fingerprint {
            return Err(LoginError::OtherNode);
        }
        if !bool::from(login.nonce.as_bytes().ct_eq(nonce.as_bytes())) {
            return Err(LoginError::OtherNonce);
        }
        if !is_recent(login.at, now) {
            return Err(LoginError::Time);
        }
        Ok(login)
    }
}
