//! What a client signs about each request for a vault: who has the phrase, and nobody else, may read
//! and write it.

use alloc::string::String;

use rand_core::CryptoRng;

use super::keys::VaultAuth;
use crate::base64url;
use crate::ed25519_keys::Ed25519PublicKey;
use crate::id::{Hash, VaultId};
use crate::node_url::NodeUrl;
use crate::signed::{Payload, Signed, SignedError, Verified, sign};
use crate::time::{Millis, is_recent};
use crate::{cbor_map, cbor_uint};

/// The HTTP header that carries a signed [`VaultRequest`].
pub const VAULT_HEADER: &str = "ZeChat-Vault";

cbor_uint! {
    /// What is asked for.
    pub enum VaultCall {
        /// The manifest; the subject is zero.
        ReadManifest = 0,
        /// A chunk; the subject is its name.
        ReadChunk = 1,
        /// To keep a chunk; the subject is its name.
        WriteChunk = 2,
        /// To take a manifest in the place of the one whose hash is the subject; zero: of none.
        WriteManifest = 3,
        /// To make the vault an account's; the subject is zero.
        Own = 4,
        /// To forget the vault; the subject is zero.
        Forget = 5,
    }
}

cbor_map! {
    /// A request for a vault.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct VaultRequest {
        /// The node's URL, as the client reaches it.
        0 => pub node: NodeUrl,
        /// Which vault: the key that signs.
        1 => pub vault: VaultId,
        /// What is asked for.
        2 => pub call: VaultCall,
        /// Of what, see [`VaultCall`].
        3 => pub subject: Hash,
        /// When.
        4 => pub at: Millis,
    }
}

/// Why a request for a vault is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VaultRequestError {
    /// The header is not base64url.
    #[error("the vault header is not base64url")]
    Header,
    /// Unreadable, or not signed by the vault's key.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// It is for another node.
    #[error("the request is for another node")]
    OtherNode,
    /// It is about something else.
    #[error("the request is about something else")]
    OtherSubject,
    /// Its time is more than five minutes off.
    #[error("the request's time is too far from the node's")]
    Time,
}

impl Payload for VaultRequest {
    const NAMESPACE: &'static str = "zechat/vault-request/v1";
    const MAX_SIGNED: usize = 1_024;
}

/// What stands for no subject.
pub const NO_SUBJECT: Hash = Hash::from_bytes([0; 32]);

impl VaultRequest {
    /// Signs a request and makes the header's value of it.
    ///
    /// # Errors
    /// [`SignedError`] if signing fails.
    pub fn header<R: CryptoRng + ?Sized>(
        auth: &VaultAuth,
        node: &NodeUrl,
        call: VaultCall,
        subject: Option<Hash>,
        now: Millis,
        rng: &mut R,
    ) -> Result<String, SignedError> {
        let request = Self {
            node: node.clone(),
            vault: auth.vault(),
            call,
            subject: subject.unwrap_or(NO_SUBJECT),
            at: now,
        };
        let signed = sign(request, auth.keys(), rng)?;
        Ok(base64url::encode(signed.bytes()))
    }

    /// Verifies a header's value for a call on a vault. For [`VaultCall::WriteManifest`] the subject is
    /// what the caller believes to replace, and is read from what this returns.
    ///
    /// # Errors
    /// [`VaultRequestError`].
    pub fn verify(
        header: &str,
        node: &NodeUrl,
        vault: &VaultId,
        call: VaultCall,
        subject: Option<&Hash>,
        now: Millis,
    ) -> Result<Verified<Self>, VaultRequestError> {
        let bytes = base64url::decode(header).map_err(|_| VaultRequestError::Header)?;
        let key =
            Ed25519PublicKey::from_bytes(vault.as_bytes()).map_err(|_| SignedError::Signature)?;
        let request = Signed::<Self>::parse(&bytes)?.verify(&key)?;
        if request.node != *node {
            return Err(VaultRequestError::OtherNode);
        }
        let is_meant = call == VaultCall::WriteManifest
            || request.subject == subject.copied().unwrap_or(NO_SUBJECT);
        if request.vault != *vault || request.call != call || !is_meant {
            return Err(VaultRequestError::OtherSubject);
        }
        if !is_recent(request.at, now) {
            return Err(VaultRequestError::Time);
        }
        Ok(request)
    }

    /// The manifest that the caller believes to replace; `None`: none.
    pub fn replaces(&self) -> Option<Hash> {
        Some(self.subject).filter(|subject| *subject != NO_SUBJECT)
    }
}
