//! Requests between nodes: who asks, whom, when, with which body (`docs/protocol.md` §14).

use alloc::string::String;
use alloc::vec::Vec;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

use crate::base64url;
use crate::cbor::{self, Bytes, DecodeError};
use crate::cbor_map;
use crate::ed25519_keys::NodePublicKey;
use crate::hash::sha256;
use crate::id::{Hash, NodeFingerprint};
use crate::node_keys::{NodeKeys, fingerprint_of};
use crate::node_url::NodeUrl;
use crate::problem::ProblemCode;
use crate::signed::{Payload, Signed, SignedError, Verified, sign};
use crate::time::{Millis, is_recent};

/// The HTTP header that carries a signed [`PeerRequest`].
pub const PEER_HEADER: &str = "ZeChat-Peer";
/// Most forward boxes in one batch.
pub const MAX_BATCH: usize = 64;
/// Longest batch, in bytes.
pub const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;

cbor_map! {
    /// What a node signs about each request to another node.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PeerRequest {
        /// The asking node's URL.
        0 => pub sender: NodeUrl,
        /// The asking node's signing key.
        1 => pub signing_key: NodePublicKey,
        /// The asked node's key.
        2 => pub receiver: NodeFingerprint,
        /// When.
        3 => pub at: Millis,
        /// SHA-256 of the body.
        4 => pub body_hash: Hash,
    }
}

cbor_map! {
    /// A batch of forward boxes.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DeliverBatch {
        /// The boxes, each with a number that its result names.
        0 => pub items: Vec<DeliverItem>,
    }
}

cbor_map! {
    /// One forward box.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DeliverItem {
        /// The sender's number for it.
        0 => pub item: u64,
        /// The box.
        1 => pub forward_box: Bytes,
    }
}

cbor_map! {
    /// What became of a batch.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DeliverResults {
        /// One result for each item.
        0 => pub items: Vec<DeliverResult>,
    }
}

cbor_map! {
    /// What became of one forward box.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct DeliverResult {
        /// The sender's number for it.
        0 => pub item: u64,
        /// Why it was not stored; absent when it is there durably.
        1 => pub code: Option<ProblemCode>,
    }
}

/// Why a request of another node is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// The header is not base64url.
    #[error("the peer header is not base64url")]
    Header,
    /// Unreadable, or not signed by the key it names.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// It is for another node.
    #[error("the request is for another node")]
    OtherReceiver,
    /// Its time is more than five minutes off.
    #[error("the request's time is too far from ours")]
    Time,
    /// The body is another.
    #[error("the body is not the signed one")]
    Body,
}

impl Payload for PeerRequest {
    const NAMESPACE: &'static str = "zechat/peer/v1";
    const MAX_SIGNED: usize = 1_024;
}

impl PeerRequest {
    /// Signs a request; [`PeerRequest::to_header`] makes the header of it.
    ///
    /// # Errors
    /// [`SignedError`] if signing fails.
    pub fn sign<R: CryptoRng + ?Sized>(
        sender: &NodeUrl,
        keys: &NodeKeys,
        receiver: &NodeFingerprint,
        now: Millis,
        body: &[u8],
        rng: &mut R,
    ) -> Result<Verified<Self>, SignedError> {
        let request = Self {
            sender: sender.clone(),
            signing_key: keys.signing_public(),
            receiver: *receiver,
            at: now,
            body_hash: Hash::from_bytes(sha256(body)),
        };
        sign(request, keys.signing(), rng)
    }

    /// The value of the [`PEER_HEADER`].
    pub fn to_header(signed: &Verified<Self>) -> String {
        base64url::encode(signed.bytes())
    }

    /// Verifies a request by its header and body. Whether the sender's URL and key belong together
    /// is for the caller to find out from that node's document.
    ///
    /// # Errors
    /// [`PeerError`].
    pub fn verify(
        header: &str,
        body: &[u8],
        own: &NodeFingerprint,
        now: Millis,
    ) -> Result<Verified<Self>, PeerError> {
        // Four characters carry three bytes: refuse before decoding what cannot be short enough.
        if header.len() / 4 * 3 > Self::MAX_SIGNED {
            return Err(PeerError::Signed(SignedError::TooLong));
        }
        let bytes = base64url::decode(header).map_err(|_| PeerError::Header)?;
        Self::verify_bytes(&bytes, body, own, now)
    }

    /// [`PeerRequest::verify`] from the signed bytes.
    ///
    /// # Errors
    /// [`PeerError`].
    pub fn verify_bytes(
        bytes: &[u8],
        body: &[u8],
        own: &NodeFingerprint,
        now: Millis,
    ) -> Result<Verified<Self>, PeerError> {
        let request = Signed::<Self>::parse(bytes)?;
        let key = request.unverified().signing_key.clone();
        let request = request.verify(&key)?;
        if request.receiver != *own {
            return Err(PeerError::OtherReceiver);
        }
        if !is_recent(request.at, now) {
            return Err(PeerError::Time);
        }
        if !bool::from(request.body_hash.as_bytes().ct_eq(&sha256(body))) {
            return Err(PeerError::Body);
        }
        Ok(request)
    }

    /// The fingerprint of the asking node.
    pub fn fingerprint(&self) -> NodeFingerprint {
        fingerprint_of(&self.signing_key)
    }
}

impl DeliverBatch {
    /// Decodes a batch of bounded length.
    ///
    /// # Errors
    /// [`DecodeError`]; [`DecodeError::Shape`] for more than [`MAX_BATCH`] items,
    /// [`MAX_BATCH_BYTES`] bytes, or a repeated item number.
    pub fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_BATCH_BYTES {
            return Err(DecodeError::Shape);
        }
        let batch: Self = cbor::decode(bytes)?;
        if batch.items.len() > MAX_BATCH || is_repeated(batch.items.iter().map(|i| i.item)) {
            return Err(DecodeError::Shape);
        }
        Ok(batch)
    }

    /// The travelling bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(self)
    }
}

impl DeliverResults {
    /// Decodes the results of a batch.
    ///
    /// # Errors
    /// [`DecodeError`]; [`DecodeError::Shape`] for more than [`MAX_BATCH`] items or a repeated one.
    pub fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        let results: Self = cbor::decode(bytes)?;
        if results.items.len() > MAX_BATCH || is_repeated(results.items.iter().map(|i| i.item)) {
            return Err(DecodeError::Shape);
        }
        Ok(results)
    }

    /// The travelling bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(self)
    }
}

fn is_repeated(numbers: impl Iterator<Item = u64>) -> bool {
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers.windows(2).any(|pair| pair.first() == pair.last())
}
