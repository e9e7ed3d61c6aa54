//! A node's signed description of itself (`docs/protocol.md` §12).

use alloc::string::String;

use rand_core::CryptoRng;

use crate::cbor::{ByteArray, DecodeError};
use crate::ed25519_keys::NodePublicKey;
use crate::id::NodeFingerprint;
use crate::node_keys::{NodeKeys, fingerprint_of};
use crate::node_url::NodeUrl;
use crate::signed::{Payload, Signed, SignedError, Verified, sign};
use crate::time::{CLOCK_SKEW, Millis};
use crate::{cbor_map, cbor_uint};

/// Longest software and name texts, in bytes.
const MAX_TEXT: usize = 256;
/// A proof of work beyond this many bits would never end; a document that asks for it is refused.
const MAX_POSTAGE_BITS: u64 = 40;

cbor_uint! {
    /// Who may have an account.
    pub enum Registration {
        /// Everybody.
        Open = 0,
        /// Whoever has an invite.
        Invite = 1,
        /// Nobody new.
        Closed = 2,
    }
}

cbor_map! {
    /// A node's description of itself.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct NodeDocument {
        /// The URL that the document is for.
        0 => pub url: NodeUrl,
        /// The node's signing key.
        1 => pub signing_key: NodePublicKey,
        /// The X25519 key that forward boxes and lookups are sealed to.
        2 => pub forward_key: ByteArray<32>,
        /// When it was signed.
        3 => pub issued_at: Millis,
        /// Until when it holds.
        4 => pub expires_at: Millis,
        /// Name and version of the software.
        5 => pub software: String,
        /// Who may have an account.
        6 => pub registration: Registration,
        /// How long mail is kept, in seconds.
        7 => pub retention_seconds: u64,
        /// Bytes of mail kept per account.
        8 => pub quota_bytes: u64,
        /// Envelopes kept per account.
        9 => pub quota_count: u64,
        /// Zero bits of the proof of work that an intro mailbox wants.
        10 => pub postage_bits: u64,
        /// What the operator calls the node.
        11 => pub name: Option<String>,
        /// When the node is closed down, if it is: its people should move before.
        64 => pub closing_at: Option<Millis>,
        /// Bytes kept per vault, if the node keeps vaults.
        65 => pub vault_quota_bytes: Option<u64>,
    }
}

/// Why a node document is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NodeDocumentError {
    /// Unreadable, or not signed by the key it names.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// It is for another URL.
    #[error("the document is for another address")]
    OtherUrl,
    /// Its key is not the expected one.
    #[error("the node has another key than expected")]
    OtherKey,
    /// It has expired, or is from the future.
    #[error("the document does not hold now")]
    NotNow,
}

impl Payload for NodeDocument {
    const NAMESPACE: &'static str = "zechat/node/v1";
    const MAX_SIGNED: usize = 2_048;

    fn check(&self) -> Result<(), DecodeError> {
        let is_text = |text: &str| text.len() <= MAX_TEXT && !text.chars().any(char::is_control);
        let is_sound = is_text(&self.software)
            && self.name.as_deref().is_none_or(is_text)
            && self.postage_bits <= MAX_POSTAGE_BITS
            && self.issued_at <= self.expires_at;
        if is_sound {
            Ok(())
        } else {
            Err(DecodeError::Shape)
        }
    }
}

impl NodeDocument {
    /// Signs the document.
    ///
    /// # Errors
    /// [`SignedError::Payload`] for what a reader would refuse.
    pub fn sign<R: CryptoRng + ?Sized>(
        self,
        keys: &NodeKeys,
        rng: &mut R,
    ) -> Result<Verified<Self>, SignedError> {
        sign(self, keys.signing(), rng)
    }

    /// Verifies a document that was asked of `expected_url`, by the key it names and, where the
    /// fingerprint is known, only if it is that key.
    ///
    /// # Errors
    /// [`NodeDocumentError`].
    pub fn verify(
        bytes: &[u8],
        expected_url: &NodeUrl,
        expected: Option<&NodeFingerprint>,
        now: Millis,
    ) -> Result<Verified<Self>, NodeDocumentError> {
        let document = Signed::<Self>::parse(bytes)?;
        let key = document.unverified().signing_key.clone();
        let document = document.verify(&key)?;
        if document.url != *expected_url {
            return Err(NodeDocumentError::OtherUrl);
        }
        if expected.is_some_and(|expected| *expected != document.fingerprint()) {
            return Err(NodeDocumentError::OtherKey);
        }
        let is_future = document.issued_at > now.saturating_add(CLOCK_SKEW);
        if is_future || document.expires_at < now {
            return Err(NodeDocumentError::NotNow);
        }
        Ok(document)
    }

    /// The fingerprint of the signing key.
    pub fn fingerprint(&self) -> NodeFingerprint {
        fingerprint_of(&self.signing_key)
    }
}
