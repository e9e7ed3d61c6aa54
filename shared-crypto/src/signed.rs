//! Signed objects: `suite ‖ length of payload ‖ payload ‖ signature` (`docs/protocol.md` §3).
//!
//! The bytes that were signed are the bytes that travel and are hashed. [`Signed`] has been parsed;
//! only [`Signed::verify`] (and signing itself) makes a [`Verified`]. The namespace of a payload's
//! type is part of what is signed, so a signature over one kind never verifies as another.

use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use rand_core::CryptoRng;

use crate::cbor::{self, DecodeError};
use crate::ed25519_keys::{Ed25519KeyPair, Ed25519PublicKey};
use crate::hash::{SUITE, hash, prefix};
use crate::id::Hash;
use crate::rsa_keys::{KeyError, SigningKeyPair, SigningPublicKey};

/// Length of the framing before the payload.
const FRAME: usize = 5;
/// Ed25519 gives the shortest signature, RSA-4096 the longest.
const SIGNATURES: core::ops::RangeInclusive<usize> = 64..=512;

/// What can be signed.
pub trait Payload: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()> {
    /// `zechat/<kind>/v1`.
    const NAMESPACE: &'static str;
    /// The longest permitted signed object, framing and signature included.
    const MAX_SIGNED: usize;

    /// Checks what the encoding alone cannot say, before anything is verified.
    ///
    /// # Errors
    /// [`DecodeError::Shape`] for a field out of range.
    fn check(&self) -> Result<(), DecodeError> {
        Ok(())
    }
}

/// Why bytes are not a signed object, or not by this key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignedError {
    /// Longer than this kind may be.
    #[error("longer than this kind of object may be")]
    TooLong,
    /// Cut short, or lengths that do not add up.
    #[error("the framing is broken")]
    Framing,
    /// A suite that this version does not know.
    #[error("suite {0} is unknown")]
    UnknownSuite(u8),
    /// The payload is not the deterministic encoding of this kind.
    #[error("the payload is not readable: {0}")]
    Payload(#[from] DecodeError),
    /// The signature is not this key's over this payload.
    #[error("the signature does not verify")]
    Signature,
    /// Signing failed.
    #[error("signing failed: {0}")]
    Key(#[from] KeyError),
}

/// A signed object that has been parsed but **not** verified.
#[derive(Clone)]
pub struct Signed<T> {
    payload: T,
    payload_length: usize,
    bytes: Vec<u8>,
    hash: Hash,
}

/// A signed object whose signature has been checked.
#[derive(Clone)]
pub struct Verified<T> {
    payload: T,
    bytes: Vec<u8>,
    hash: Hash,
}

mod sealed {
    pub trait Sealed {}
}

/// A public key that can verify signed objects.
pub trait VerifyingKey: sealed::Sealed {
    /// Whether the signature is this key's over the message.
    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool;
}

/// A private key that can sign objects.
pub trait Signer: sealed::Sealed {
    /// Signs a message that already carries its namespace.
    ///
    /// # Errors
    /// [`KeyError::Operation`] if the library cannot.
    fn sign_message<R: CryptoRng + ?Sized>(
        &self,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, KeyError>;
}

impl<T: Payload> Signed<T> {
    /// Parses framing and payload. Does not verify.
    ///
    /// # Errors
    /// [`SignedError`] for everything but the signature.
    pub fn parse(bytes: &[u8]) -> Result<Self, SignedError> {
        if bytes.len() > T::MAX_SIGNED {
            return Err(SignedError::TooLong);
        }
        let (suite, rest) = bytes.split_first().ok_or(SignedError::Framing)?;
        if *suite != SUITE {
            return Err(SignedError::UnknownSuite(*suite));
        }
        let (length, rest) = rest.split_first_chunk::<4>().ok_or(SignedError::Framing)?;
        let length =
            usize::try_from(u32::from_be_bytes(*length)).map_err(|_| SignedError::Framing)?;
        let (encoded, signature) = rest.split_at_checked(length).ok_or(SignedError::Framing)?;
        if !SIGNATURES.contains(&signature.len()) {
            return Err(SignedError::Framing);
        }
        let payload: T = cbor::decode(encoded)?;
        payload.check()?;
        Ok(Self {
            payload,
            payload_length: length,
            bytes: bytes.to_vec(),
            hash: hash(T::NAMESPACE, encoded),
        })
    }

    /// Checks the signature.
    ///
    /// # Errors
    /// [`SignedError::Signature`].
    pub fn verify(self, key: &impl VerifyingKey) -> Result<Verified<T>, SignedError> {
        let body = self.bytes.get(FRAME..).ok_or(SignedError::Framing)?;
        let (encoded, signature) = body
            .split_at_checked(self.payload_length)
            .ok_or(SignedError::Framing)?;
        if !key.verifies(
            &[prefix(T::NAMESPACE).as_slice(), encoded].concat(),
            signature,
        ) {
            return Err(SignedError::Signature);
        }
        Ok(Verified {
            payload: self.payload,
            bytes: self.bytes,
            hash: self.hash,
        })
    }
}

impl<T> Signed<T> {
    /// What the object claims; for finding the key that must verify it, and nothing else.
    pub fn unverified(&self) -> &T {
        &self.payload
    }

    /// The travelling bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The namespaced hash of the payload.
    pub fn hash(&self) -> Hash {
        self.hash
    }
}

impl<T> Verified<T> {
    /// The travelling bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The namespaced hash of the payload.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// The payload alone.
    pub fn into_inner(self) -> T {
        self.payload
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.payload
    }
}

impl<T: fmt::Debug> fmt::Debug for Signed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signed").field(&self.payload).finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for Verified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Verified").field(&self.payload).finish()
    }
}

/// Signs a payload. What a reader would refuse is refused here too.
///
/// # Errors
/// [`SignedError::Payload`], [`SignedError::TooLong`] or [`SignedError::Key`].
pub fn sign<T: Payload, R: CryptoRng + ?Sized>(
    payload: T,
    key: &impl Signer,
    rng: &mut R,
) -> Result<Verified<T>, SignedError> {
    payload.check()?;
    let encoded = cbor::encode(&payload);
    let length = u32::try_from(encoded.len()).map_err(|_| SignedError::TooLong)?;
    let signature = key.sign_message(&[prefix(T::NAMESPACE), encoded.clone()].concat(), rng)?;
    let bytes = [
        &[SUITE],
        length.to_be_bytes().as_slice(),
        &encoded,
        &signature,
    ]
    .concat();
    if bytes.len() > T::MAX_SIGNED {
        return Err(SignedError::TooLong);
    }
    Ok(Verified {
        payload,
        bytes,
        hash: hash(T::NAMESPACE, &encoded),
    })
}

impl sealed::Sealed for SigningPublicKey {}
impl VerifyingKey for SigningPublicKey {
    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.is_valid(message, signature)
    }
}

impl sealed::Sealed for Ed25519PublicKey {}
impl VerifyingKey for Ed25519PublicKey {
    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.is_valid(message, signature)
    }
}

impl sealed::Sealed for SigningKeyPair {}
impl Signer for SigningKeyPair {
    fn sign_message<R: CryptoRng + ?Sized>(
        &self,
        message: &[u8],
        rng: &mut R,
    ) -> Result<Vec<u8>, KeyError> {
        self.sign(message, rng)
    }
}

impl sealed::Sealed for Ed25519KeyPair {}
impl Signer for Ed25519KeyPair {
    fn sign_message<R: CryptoRng + ?Sized>(
        &self,
        message: &[u8],
        _: &mut R,
    ) -> Result<Vec<u8>, KeyError> {
        Ok(self.sign(message).to_vec())
    }
}
