//! The backup file: the vault's format in one piece, made of what is stored here.

use shared_crypto::id::Hash;
use shared_crypto::vault::{
    Archive, FORMAT, Manifest, Section, Segment, VaultIndex, chunk_id, seal_chunk,
};

use super::pack::Packer;
use crate::ready::Ready;
use crate::request::Failure;
use crate::store::{Store, StoreError, Table};
use crate::turn::Turn;
use crate::view::FileView;

impl Ready {
    /// Everything in one encrypted file.
    pub(super) async fn backup<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<Result<FileView, Failure>, StoreError> {
        self.ensure_vault(turn);
        let Some(row) = &self.vault.row else {
            return Ok(Err(Failure::PhraseNotKept));
        };
        let (Some(auth), Some(key)) = (row.auth(), row.key()) else {
            return Err(StoreError::Damaged(Table::Vault.name()));
        };
        let mut packer = Packer::default();
        for table in Table::ALL.into_iter().filter(|table| table.is_in_vault()) {
            for (row_key, value) in turn.raw_scan(table, None, usize::MAX).await? {
                packer.add(table, row_key, Some(value));
            }
        }
        let mut chunks: Vec<Vec<u8>> = Vec::new();
        while let Some(piece) = packer.take() {
            match seal_chunk(&key, &auth.vault(), &piece, turn.rng) {
                Ok(chunk) => chunks.push(chunk),
                Err(error) => return Ok(Err(internal(&error))),
            }
        }
        let count = u64::try_from(chunks.len()).unwrap_or(u64::MAX);
        let index = VaultIndex {
            format: FORMAT,
            identity: self.own.identity(),
            saved_at: turn.now,
            nodes: self
                .own
                .chain
                .active()
                .map(|entry| entry.node.to_string())
                .collect(),
            sections: vec![Section {
                device: self.own.row.device,
                revision: row.revision,
                saved_at: turn.now,
                segments: vec![Segment { first: 0, count }],
                absorbed: row.absorbed(),
            }],
            has_passphrase: row.has_passphrase,
        };
        let names: Vec<Hash> = chunks.iter().map(|chunk| chunk_id(chunk)).collect();
        let (version, wrapped) = (row.version.max(1), row.wrapped.clone());
        let made = Manifest::create(&auth, &key, version, names, wrapped, &index, turn.rng);
        Ok(match made {
            Ok(manifest) => Ok(FileView {
                name: "zechat-backup.zechat".to_owned(),
                media_type: "application/octet-stream".to_owned(),
                bytes: Archive::to_bytes(&manifest, &chunks),
            }),
            Err(error) => Err(internal(&error)),
        })
    }
}

fn internal(error: &dyn core::fmt::Display) -> Failure {
    Failure::Internal {
        detail: error.to_string(),
    }
}
