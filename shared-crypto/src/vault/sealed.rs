//! The box that manifests, chunks and the slots of the lock are made of: `nonce (32) ‖ commitment (32) ‖ AES-256-GCM`.
//!
//! Each has its own key, derived from the random nonce, and a commitment to it that is checked first,
//! so that no box opens under two keys.

use alloc::vec::Vec;

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::aead;
use crate::cannot_open::{CannotOpen, SealError};
use crate::hash::{derive, hash_parts};
use crate::id::Hash;

const NONCE: usize = 32;
const COMMITMENT: usize = 32;
const KEYS: usize = 32 + 12 + COMMITMENT;

/// Bytes that sealing adds.
pub(crate) const OVERHEAD: usize = NONCE + COMMITMENT + aead::TAG;

/// Seals under a fresh key; `context` has to be the same when opening.
pub(crate) fn seal<R: CryptoRng + ?Sized>(
    namespace: &str,
    key: &[u8; 32],
    context: &[&[u8]],
    plaintext: &[u8],
    rng: &mut R,
) -> Result<Vec<u8>, SealError> {
    let mut nonce = [0; NONCE];
    rng.fill_bytes(&mut nonce);
    let keys = keys(namespace, key, context, &nonce);
    let (key, iv, commitment) = split(&keys).ok_or(SealError::Key)?;
    let sealed = aead::seal(key, iv, commitment, plaintext)?;
    Ok([nonce.as_slice(), commitment, &sealed].concat())
}

/// Opens what [`seal`] made.
pub(crate) fn open(
    namespace: &str,
    key: &[u8; 32],
    context: &[&[u8]],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE>().ok_or(CannotOpen)?;
    let (claimed, rest) = rest.split_first_chunk::<COMMITMENT>().ok_or(CannotOpen)?;
    let keys = keys(namespace, key, context, nonce);
    let (key, iv, commitment) = split(&keys).ok_or(CannotOpen)?;
    if !bool::from(commitment.ct_eq(claimed.as_slice())) {
        return Err(CannotOpen);
    }
    aead::open(key, iv, commitment, rest)
}

fn keys(
    namespace: &str,
    key: &[u8; 32],
    context: &[&[u8]],
    nonce: &[u8; NONCE],
) -> Zeroizing<[u8; KEYS]> {
    let parts: Vec<&[u8]> = context.iter().copied().chain([nonce.as_slice()]).collect();
    let transcript: Hash = hash_parts(namespace, &parts);
    derive(namespace, key, &transcript)
}

fn split(keys: &[u8; KEYS]) -> Option<(&[u8; 32], &[u8; 12], &[u8])> {
    let (key, rest) = keys.split_first_chunk()?;
    let (iv, commitment) = rest.split_first_chunk()?;
    Some((key, iv, commitment))
}
