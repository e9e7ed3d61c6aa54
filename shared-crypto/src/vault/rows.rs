//! The rows that a segment holds, one after the other.

use alloc::vec::Vec;

use crate::cbor::{self, Bytes, minicbor};
use crate::cbor_map;

cbor_map! {
    /// A row of a client's store.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct VaultRow {
        /// Number of the table.
        0 => pub table: u64,
        /// Its key.
        1 => pub key: Bytes,
        /// Its value; absent: the row was removed.
        2 => pub value: Option<Bytes>,
    }
}

/// A segment's bytes are not rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a sequence of rows")]
pub struct RowsError;

/// Reads the rows of a segment's bytes.
///
/// # Errors
/// [`RowsError`] for whatever is not a sequence of rows in their one encoding.
pub fn split_rows(mut bytes: &[u8]) -> Result<Vec<VaultRow>, RowsError> {
    let mut rows = Vec::new();
    while !bytes.is_empty() {
        let mut decoder = minicbor::Decoder::new(bytes);
        decoder.skip().map_err(|_| RowsError)?;
        let (row, rest) = bytes
            .split_at_checked(decoder.position())
            .ok_or(RowsError)?;
        rows.push(cbor::decode(row).map_err(|_| RowsError)?);
        bytes = rest;
    }
    Ok(rows)
}
