//! Chunks: sealed pieces of a vault, of one of four sizes, named by their hash and never changed.

use alloc::vec::Vec;

use rand_core::CryptoRng;
use zeroize::Zeroizing;

use super::keys::VaultKey;
use super::sealed::{self, OVERHEAD};
use crate::cannot_open::{CannotOpen, SealError};
use crate::hash::{SUITE, hash};
use crate::id::{Hash, VaultId};
use crate::padding::{self, pad, unpad};

const NAMESPACE: &str = "zechat/vault-chunk/v1";

/// The sizes that chunks have: a node sees which, and no more.
pub const CHUNK_CLASSES: [usize; 4] = [4_096, 16_384, 65_536, 262_144];
/// The largest chunk.
pub const MAX_CHUNK: usize = {
    let [.., largest] = CHUNK_CLASSES;
    largest
};
/// Most content of one chunk.
pub const MAX_CHUNK_CONTENT: usize = MAX_CHUNK - 1 - OVERHEAD - padding::LENGTH;

/// The name of a sealed chunk.
pub fn chunk_id(sealed: &[u8]) -> Hash {
    hash(NAMESPACE, sealed)
}

/// Seals a piece of content, padded to the smallest size that holds it.
///
/// # Errors
/// [`SealError::TooLong`] beyond [`MAX_CHUNK_CONTENT`].
pub fn seal_chunk<R: CryptoRng + ?Sized>(
    key: &VaultKey,
    vault: &VaultId,
    content: &[u8],
    rng: &mut R,
) -> Result<Vec<u8>, SealError> {
    let plaintext = CHUNK_CLASSES
        .iter()
        .find_map(|class| pad(content, class.checked_sub(1 + OVERHEAD)?))
        .ok_or(SealError::TooLong)?;
    let context = [vault.as_bytes().as_slice()];
    let sealed = sealed::seal(NAMESPACE, key.as_bytes(), &context, &plaintext, rng)?;
    Ok([&[SUITE], sealed.as_slice()].concat())
}

/// Opens a chunk. Whether it is the right one, its name says.
///
/// # Errors
/// [`CannotOpen`], whatever is wrong.
pub fn open_chunk(
    key: &VaultKey,
    vault: &VaultId,
    chunk: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
    if !CHUNK_CLASSES.contains(&chunk.len()) {
        return Err(CannotOpen);
    }
    let (suite, rest) = chunk.split_first().ok_or(CannotOpen)?;
    if *suite != SUITE {
        return Err(CannotOpen);
    }
    let context = [vault.as_bytes().as_slice()];
    let plaintext = sealed::open(NAMESPACE, key.as_bytes(), &context, rest)?;
    let content = unpad(&plaintext).ok_or(CannotOpen)?;
    Ok(Zeroizing::new(content.to_vec()))
}
