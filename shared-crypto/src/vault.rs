//! The vault: an encrypted copy of everything a client knows, kept by nodes and in backup files
//! (`docs/protocol.md` §20).
//!
//! A *manifest*, signed by a key that the recovery phrase gives, lists *chunks* by their hashes. Who
//! has the phrase (and the passphrase, if there is one) can find, verify and open it; a node can
//! verify and count, and no more.

mod archive;
mod chunk;
mod index;
pub(crate) mod keys;
mod manifest;
mod owner;
mod request;
mod rows;
pub(crate) mod sealed;

pub use archive::{Archive, ArchiveError, MAGIC, MAX_ARCHIVE};
pub use chunk::{CHUNK_CLASSES, MAX_CHUNK, MAX_CHUNK_CONTENT, chunk_id, open_chunk, seal_chunk};
pub use index::{Absorbed, FORMAT, Section, Segment, VaultIndex};
pub use keys::{VaultAuth, VaultHalf, VaultKey, unlock_key};
pub use manifest::{MAX_CHUNKS, MAX_MANIFEST, Manifest, ManifestError, OpenError, Opened};
pub use owner::{MAX_VAULT_OWNER, VaultOwner, VaultOwnerError};
pub use request::{VAULT_HEADER, VaultCall, VaultRequest, VaultRequestError};
pub use rows::{RowsError, VaultRow, split_rows};
