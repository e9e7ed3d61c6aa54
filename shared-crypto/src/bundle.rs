//! What a node stores and serves of an identity: its chain and its newest key package.

use alloc::vec::Vec;

use crate::cbor::{self, ByteArray, Bytes, DecodeError};
use crate::cbor_map;
use crate::key_package::KeyPackage;
use crate::record::{Chain, ChainError};
use crate::signed::{Signed, SignedError, Verified};

cbor_map! {
    /// The whole chain and the newest key package, as they travel.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct Bundle {
        /// Signed records from genesis on.
        0 => pub records: Vec<Bytes>,
        /// Signed key package.
        1 => pub key_package: Bytes,
        /// The token of an invite, when a new account needs one.
        64 => pub invite: Option<ByteArray<16>>,
    }
}

/// Why a bundle cannot be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// Not the encoding of a bundle.
    #[error("not a bundle: {0}")]
    Encoding(#[from] DecodeError),
    /// The chain does not verify.
    #[error("the records do not verify: {0}")]
    Chain(#[from] ChainError),
    /// The key package does not verify.
    #[error("the key package does not verify: {0}")]
    KeyPackage(SignedError),
    /// The key package belongs to another identity.
    #[error("the key package belongs to another identity")]
    OtherIdentity,
}

impl Bundle {
    /// Puts a bundle together from verified parts.
    pub fn new(chain: &Chain, key_package: &Verified<KeyPackage>) -> Self {
        Self {
            records: chain
                .records()
                .iter()
                .map(|record| Bytes(record.clone()))
                .collect(),
            key_package: Bytes(key_package.bytes().to_vec()),
            invite: None,
        }
    }

    /// With the token of an invite.
    #[must_use]
    pub fn with_invite(mut self, token: Option<[u8; 16]>) -> Self {
        self.invite = token.map(ByteArray);
        self
    }

    /// The travelling bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        cbor::encode(self)
    }

    /// Verifies the chain, then the key package by the signing key in force.
    ///
    /// # Errors
    /// [`BundleError`] for the first thing that does not hold.
    pub fn verify(bytes: &[u8]) -> Result<(Chain, Verified<KeyPackage>), BundleError> {
        Self::parse(bytes)?.verify_parts()
    }

    /// Reads a bundle; nothing is verified.
    ///
    /// # Errors
    /// [`BundleError::Encoding`].
    pub fn parse(bytes: &[u8]) -> Result<Self, BundleError> {
        Ok(cbor::decode(bytes)?)
    }

    /// Verifies the chain, then the key package by the signing key in force.
    ///
    /// # Errors
    /// [`BundleError`] for the first thing that does not hold.
    pub fn verify_parts(&self) -> Result<(Chain, Verified<KeyPackage>), BundleError> {
        let bundle = self;
        let chain = Chain::verify(&bundle.records)?;
        let key_package = verify_key_package(&bundle.key_package.0, &chain)?;
        Ok((chain, key_package))
    }
}

/// Verifies a key package as one of the chain's identity, by the signing key in force.
///
/// # Errors
/// [`BundleError::KeyPackage`] or [`BundleError::OtherIdentity`].
pub fn verify_key_package(
    bytes: &[u8],
    chain: &Chain,
) -> Result<Verified<KeyPackage>, BundleError> {
    let package = Signed::<KeyPackage>::parse(bytes)
        .and_then(|package| package.verify(chain.signing_key()))
        .map_err(BundleError::KeyPackage)?;
    if package.identity != chain.identity() {
        return Err(BundleError::OtherIdentity);
    }
    Ok(package)
}
