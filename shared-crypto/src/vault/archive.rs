//! The backup file: a manifest and its chunks in one piece.
//!
//! `magic ‖ length of manifest (4) ‖ manifest ‖ for each chunk of its list: length (4) ‖ chunk`.

use alloc::vec::Vec;

use super::chunk::{CHUNK_CLASSES, chunk_id};
use super::manifest::{Manifest, ManifestError};
use crate::id::VaultId;
use crate::signed::Verified;

/// The first bytes of a backup file.
pub const MAGIC: &[u8; 16] = b"ZeChat backup 1\n";
/// What a backup file begins with, whatever its version.
const FAMILY: &[u8] = b"ZeChat backup ";
/// Longest file that is read.
pub const MAX_ARCHIVE: usize = 1 << 30;

/// A backup file that was taken apart and verified.
#[derive(Debug, Clone)]
pub struct Archive {
    /// The manifest.
    pub manifest: Verified<Manifest>,
    /// Its chunks, in its order; each has the name that the manifest lists.
    pub chunks: Vec<Vec<u8>>,
}

/// Why bytes are not a backup file of this vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    /// Not a backup file.
    #[error("not a backup file")]
    NotOne,
    /// A backup file of a later version.
    #[error("a backup file of a later version")]
    Newer,
    /// Cut short, or with bytes to spare.
    #[error("cut short or too long")]
    Framing,
    /// The manifest is unreadable or of another vault.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A chunk is not the one that the manifest lists.
    #[error("chunk {0} is not the one that the manifest lists")]
    Chunk(usize),
}

impl Archive {
    /// Makes the file.
    pub fn to_bytes(manifest: &Verified<Manifest>, chunks: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        for part in core::iter::once(manifest.bytes()).chain(chunks.iter().map(Vec::as_slice)) {
            let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    /// Takes a file of this vault apart and verifies it.
    ///
    /// # Errors
    /// [`ArchiveError`].
    pub fn verify(bytes: &[u8], vault: &VaultId) -> Result<Self, ArchiveError> {
        if bytes.len() > MAX_ARCHIVE {
            return Err(ArchiveError::Framing);
        }
        let rest = match bytes.strip_prefix(MAGIC.as_slice()) {
            Some(rest) => rest,
            None if bytes.starts_with(FAMILY) => return Err(ArchiveError::Newer),
            None => return Err(ArchiveError::NotOne),
        };
        let (manifest, mut rest) = part(rest)?;
        let manifest = Manifest::verify(manifest, vault)?;
        let mut chunks = Vec::with_capacity(manifest.chunks.len());
        for (index, name) in manifest.chunks.iter().enumerate() {
            let (chunk, after) = part(rest)?;
            if !CHUNK_CLASSES.contains(&chunk.len()) || chunk_id(chunk) != *name {
                return Err(ArchiveError::Chunk(index));
            }
            chunks.push(chunk.to_vec());
            rest = after;
        }
        if rest.is_empty() {
            Ok(Self { manifest, chunks })
        } else {
            Err(ArchiveError::Framing)
        }
    }
}

fn part(bytes: &[u8]) -> Result<(&[u8], &[u8]), ArchiveError> {
    let (length, rest) = bytes
        .split_first_chunk::<4>()
        .ok_or(ArchiveError::Framing)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| ArchiveError::Framing)?;
    rest.split_at_checked(length).ok_or(ArchiveError::Framing)
}
