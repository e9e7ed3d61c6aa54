//! Rows on their way into chunks and out of them.

use std::collections::BTreeMap;

use shared_crypto::cbor::{self, Bytes};
use shared_crypto::vault::{MAX_CHUNK_CONTENT, VaultRow, split_rows};

use super::journal::Place;
use crate::store::Table;

/// The rows of a store, the vault's own tables left out.
pub(crate) type Rows = BTreeMap<Place, Vec<u8>>;

/// Collects rows and cuts them into pieces that fit into chunks.
#[derive(Debug, Default)]
pub(super) struct Packer {
    bytes: Vec<u8>,
    /// Bytes of all rows so far.
    pub(super) total: u64,
}

impl Packer {
    /// Adds a row; without a value it was removed.
    pub(super) fn add(&mut self, table: Table, key: Vec<u8>, value: Option<Vec<u8>>) {
        let row = VaultRow {
            table: table.number(),
            key: Bytes(key),
            value: value.map(Bytes),
        };
        let encoded = cbor::encode(&row);
        let length = u64::try_from(encoded.len()).unwrap_or(u64::MAX);
        self.total = self.total.saturating_add(length);
        self.bytes.extend_from_slice(&encoded);
    }

    /// Whether there is a whole piece.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= MAX_CHUNK_CONTENT
    }

    /// The next whole piece, or at the end what is left.
    pub(super) fn take(&mut self) -> Option<Vec<u8>> {
        let length = self.bytes.len().min(MAX_CHUNK_CONTENT);
        let piece: Vec<u8> = self.bytes.drain(..length).collect();
        (!piece.is_empty()).then_some(piece)
    }
}

/// Why a segment cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnpackError {
    /// Not rows.
    Damaged,
    /// A table that this version does not have.
    Newer,
}

/// Applies a segment's rows.
pub(super) fn unpack(bytes: &[u8], rows: &mut Rows) -> Result<(), UnpackError> {
    for row in split_rows(bytes).map_err(|_| UnpackError::Damaged)? {
        let table = Table::from_number(row.table).ok_or(UnpackError::Newer)?;
        if !table.is_in_vault() {
            return Err(UnpackError::Damaged);
        }
        let place = (table, row.key.0);
        match row.value {
            Some(value) => rows.insert(place, value.0),
            None => rows.remove(&place),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn what_was_packed_is_unpacked(values in prop::collection::btree_map(
            prop::collection::vec(any::<u8>(), 0..6), (any::<u8>(), 0..120_000_usize), 0..6,
        )) {
            let mut packer = Packer::default();
            let mut expected = Rows::new();
            for (key, (byte, length)) in values {
                let value = vec![byte; length];
                packer.add(Table::Entries, key.clone(), Some(value.clone()));
                expected.insert((Table::Entries, key), value);
            }
            packer.add(Table::Entries, b"gone".to_vec(), None);
            let mut bytes = Vec::new();
            while let Some(piece) = packer.take() {
                prop_assert!(piece.len() <= MAX_CHUNK_CONTENT);
                bytes.extend_from_slice(&piece);
            }
            let mut rows = Rows::from([((Table::Entries, b"gone".to_vec()), vec![1])]);
            prop_assert_eq!(unpack(&bytes, &mut rows), Ok(()));
            prop_assert_eq!(rows, expected);
        }
    }

    #[test]
    fn the_vaults_own_tables_and_unknown_ones_do_not_come_back() {
        let mut packer = Packer::default();
        packer.add(Table::Vault, Vec::new(), Some(vec![1]));
        let bytes = packer.take().unwrap();
        assert_eq!(unpack(&bytes, &mut Rows::new()), Err(UnpackError::Damaged));
        let row = VaultRow {
            table: 9_999,
            key: Bytes(vec![1]),
            value: None,
        };
        let bytes = cbor::encode(&row);
        assert_eq!(unpack(&bytes, &mut Rows::new()), Err(UnpackError::Newer));
    }
}
