//! Which rows changed since when: one row for each commit, in the same commit.

use shared_crypto::cbor::Bytes;
use shared_crypto::cbor_map;

use super::VaultRow;
use crate::rows::{StoredRow, key};
use crate::sorted::{SortedSet, gather};
use crate::store::{KeyRange, Order, Store, StoreError, Table};
use crate::turn::Turn;

/// Number of a commit.
pub(crate) type Sequence = u64;

/// A row's place: its table and its key.
pub(crate) type Place = (Table, Vec<u8>);

cbor_map! {
    /// What one commit changed.
    #[derive(Debug, Clone)]
    pub(crate) struct ChangesRow {
        /// Which rows.
        0 => pub(crate) rows: Vec<ChangedRow>,
    }
}

cbor_map! {
    /// A row that was changed.
    #[derive(Debug, Clone)]
    pub(crate) struct ChangedRow {
        /// Number of its table.
        0 => pub(crate) table: u64,
        /// Its key.
        1 => pub(crate) key: Bytes,
    }
}

impl StoredRow for ChangesRow {
    const TABLE: Table = Table::VaultChanges;
}

/// The row that notes a commit.
pub(crate) fn note<'a>(places: impl Iterator<Item = (Table, &'a [u8])>) -> Option<ChangesRow> {
    let rows: Vec<ChangedRow> = places
        .filter(|(table, _)| table.is_in_vault())
        .map(|(table, key)| ChangedRow {
            table: table.number(),
            key: Bytes(key.to_vec()),
        })
        .collect();
    (!rows.is_empty()).then_some(ChangesRow { rows })
}

/// The number that the next commit gets: one that no commit had. What was saved tells of commits too, of which nothing else may be
/// left.
pub(crate) async fn next<S: Store>(turn: &Turn<'_, S>) -> Result<Sequence, StoreError> {
    let saved_to = turn.get::<VaultRow>(key::ONLY).await?;
    let saved_to = saved_to.as_ref().map_or(1, VaultRow::saved_to);
    let noted = last(turn).await?.map_or(1, |last| last.saturating_add(1));
    Ok(noted.max(saved_to))
}

/// The last commit of which it is noted what it changed.
pub(super) async fn last<S: Store>(turn: &Turn<'_, S>) -> Result<Option<Sequence>, StoreError> {
    let last = turn
        .scan::<ChangesRow>(&from(0), Order::Descending, 1)
        .await?;
    Ok(last.first().and_then(|(key, _)| number(key)))
}

/// Whether anything was changed by that commit or later ones.
pub(crate) async fn has_since<S: Store>(
    turn: &Turn<'_, S>,
    first: Sequence,
) -> Result<bool, StoreError> {
    let found = turn
        .scan::<ChangesRow>(&from(first), Order::Ascending, 1)
        .await?;
    Ok(!found.is_empty())
}

/// What was changed by that commit and later ones.
pub(crate) async fn places_since<S: Store>(
    turn: &Turn<'_, S>,
    first: Sequence,
) -> Result<SortedSet<Place>, StoreError> {
    let found = turn
        .scan::<ChangesRow>(&from(first), Order::Ascending, usize::MAX)
        .await?;
    let rows = found.into_iter().flat_map(|(_, changes)| changes.rows);
    Ok(gather(rows.filter_map(|row| {
        Some((Table::from_number(row.table)?, row.key.0))
    })))
}

/// Forgets commits before that one.
pub(crate) async fn forget_before<S: Store>(
    turn: &mut Turn<'_, S>,
    end: Sequence,
) -> Result<(), StoreError> {
    let range = KeyRange {
        from: key::number(0),
        to: key::number(end),
    };
    let found = turn
        .scan::<ChangesRow>(&range, Order::Ascending, usize::MAX)
        .await?;
    for (key, _) in found {
        turn.delete::<ChangesRow>(&key);
    }
    Ok(())
}

fn from(first: Sequence) -> KeyRange {
    KeyRange {
        from: key::number(first),
        to: vec![0xff; 9],
    }
}

fn number(key: &[u8]) -> Option<Sequence> {
    key.last_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}
