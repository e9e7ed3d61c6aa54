//! Reading the rows that are to be saved, piece by piece.

use super::{Keys, Save, Stage};
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::vault::journal;
use crate::vault::pack::Packer;

/// Rows read at once.
const PAGE: usize = 64;

/// Reads rows until there is a piece, and has it brought.
pub(super) async fn pack_base<S: Store>(
    turn: &mut Turn<'_, S>,
    save: &mut Save,
    keys: &Keys,
) -> Result<(), StoreError> {
    let Stage::Base {
        from,
        tables,
        after,
    } = &mut save.stage
    else {
        return Ok(());
    };
    let from = *from;
    while !save.packer.is_full()
        && let Some(table) = tables.last().copied()
    {
        let rows = turn.raw_scan(table, after.as_deref(), PAGE).await?;
        match rows.last() {
            Some((last, _)) => *after = Some(last.clone()),
            None => {
                tables.pop();
                *after = None;
            }
        }
        for (key, value) in rows {
            save.packer.add(table, key, Some(value));
        }
    }
    let ended = tables.is_empty();
    // Row by row may have been more than one piece.
    while save.packer.is_full() || ended {
        let Some(piece) = save.packer.take() else {
            save.end_segment(from);
            save.stage = Stage::Changes;
            break;
        };
        save.bring(turn.rng, keys, &piece);
    }
    Ok(())
}

/// Reads what changed, together with earlier changes that are not much more, and has it brought.
pub(super) async fn pack_changes<S: Store>(
    turn: &mut Turn<'_, S>,
    save: &mut Save,
    keys: &Keys,
) -> Result<(), StoreError> {
    let end = turn.journal_sequence();
    loop {
        let first = save.segments.last().map_or(0, |segment| segment.end);
        save.packer = Packer::default();
        for (table, row_key) in journal::places_since(turn, first).await? {
            let value = turn.raw_get(table, &row_key).await?;
            save.removed |= value.is_none();
            save.packer.add(table, row_key, value);
        }
        let merges = save.segments.len() > 1
            && save.packer.total > 0
            && save
                .segments
                .last()
                .is_some_and(|last| last.bytes <= save.packer.total.saturating_mul(2));
        if !merges {
            break;
        }
        save.segments.pop();
    }
    while let Some(piece) = save.packer.take() {
        save.bring(turn.rng, keys, &piece);
    }
    save.end_segment(end);
    save.copy_missing();
    save.stage = Stage::Signing;
    Ok(())
}
