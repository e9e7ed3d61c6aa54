//! A node's two keys: Ed25519 to sign with, X25519 for what is sealed to the node.

use core::fmt;

use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, Serializable};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::ed25519_keys::{NodePublicKey, NodeSigningKey};
use crate::hash::hash;
use crate::id::NodeFingerprint;

const FINGERPRINT_NAMESPACE: &str = "zechat/node-key/v1";

type ForwardPrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type ForwardPublicKey = <X25519HkdfSha256 as Kem>::PublicKey;

/// A node's private keys. Zeroed when dropped.
pub struct NodeKeys {
    signing: NodeSigningKey,
    forward: ForwardPrivateKey,
    forward_public: [u8; 32],
}

impl NodeKeys {
    /// Makes new keys.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let mut bytes = Zeroizing::new([0; 64]);
        rng.fill_bytes(bytes.as_mut());
        Self::from_bytes(&bytes)
    }

    /// Reads what [`NodeKeys::to_bytes`] gave: Ed25519 seed, then X25519 scalar. Any 64 bytes are
    /// keys.
    pub fn from_bytes(bytes: &[u8; 64]) -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        let mut scalar = Zeroizing::new([0; 32]);
        for (target, byte) in seed.iter_mut().chain(scalar.iter_mut()).zip(bytes) {
            *target = *byte;
        }
        #[expect(
            clippy::expect_used,
            reason = "any 32 bytes are an X25519 scalar (RFC 7748 §5)"
        )]
        let forward = ForwardPrivateKey::from_bytes(scalar.as_slice()).expect("32 bytes");
        let forward_public = X25519HkdfSha256::sk_to_pk(&forward).to_bytes().into();
        Self {
            signing: NodeSigningKey::from_seed(&seed),
            forward,
            forward_public,
        }
    }

    /// Ed25519 seed, then X25519 scalar.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 64]> {
        let mut bytes = Zeroizing::new([0; 64]);
        let seed = self.signing.to_seed();
        let scalar = Zeroizing::new(<[u8; 32]>::from(self.forward.to_bytes()));
        for (target, byte) in bytes.iter_mut().zip(seed.iter().chain(scalar.iter())) {
            *target = *byte;
        }
        bytes
    }

    /// The key that signs node documents and requests to other nodes.
    pub fn signing(&self) -> &NodeSigningKey {
        &self.signing
    }

    /// The public signing key.
    pub fn signing_public(&self) -> NodePublicKey {
        self.signing.public()
    }

    /// The public X25519 key that forward boxes and lookups are sealed to.
    pub fn forward_public(&self) -> &[u8; 32] {
        &self.forward_public
    }

    /// The fingerprint of the signing key.
    pub fn fingerprint(&self) -> NodeFingerprint {
        fingerprint_of(&self.signing_public())
    }

    pub(crate) fn forward(&self) -> &ForwardPrivateKey {
        &self.forward
    }
}

impl fmt::Debug for NodeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeKeys")
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}

/// `H("zechat/node-key/v1", signing key)`.
pub fn fingerprint_of(key: &NodePublicKey) -> NodeFingerprint {
    NodeFingerprint::from_bytes(*hash(FINGERPRINT_NAMESPACE, key.as_bytes()).as_bytes())
}

/// The library's form of a forward key; any 32 bytes are one, small order shows when it is used.
pub(crate) fn forward_public_key(bytes: &[u8; 32]) -> ForwardPublicKey {
    #[expect(
        clippy::expect_used,
        reason = "any 32 bytes are an X25519 point (RFC 7748 §5)"
    )]
    ForwardPublicKey::from_bytes(bytes).expect("32 bytes")
}
