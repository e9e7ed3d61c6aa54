//! From the rows of a vault to a client of its own: a new device of the same identity.

use shared_crypto::cbor::{self, Bytes};
use shared_crypto::event::NO_PREVIOUS;
use shared_crypto::id::DeviceId;
use shared_crypto::vault::{Section, VaultAuth, VaultHalf};

use super::download::Found;
use super::keys;
use super::merge;
use super::pack::Rows;
use super::row::{AbsorbedRow, VaultRow};
use crate::request::Failure;
use crate::rows::{ConversationRow, IdentityRow, MailboxRow, OutboxRow, StoredRow, key};
use crate::store::{Store, Table};
use crate::turn::Turn;

/// Puts what was found into the store.
pub(super) fn install<S: Store>(
    turn: &mut Turn<'_, S>,
    auth: &VaultAuth,
    half: &VaultHalf,
    found: Found,
) -> Result<(), Failure> {
    let contained = |section: &Section| {
        let own = AbsorbedRow {
            device: section.device,
            revision: section.revision,
        };
        let earlier = section.absorbed.iter().map(|it| AbsorbedRow {
            device: it.device,
            revision: it.revision,
        });
        core::iter::once(own).chain(earlier).collect::<Vec<_>>()
    };
    let mut absorbed: Vec<AbsorbedRow> = Vec::new();
    for it in found
        .sections
        .iter()
        .flat_map(|(section, _)| contained(section))
    {
        match absorbed.iter_mut().find(|known| known.device == it.device) {
            Some(known) => known.revision = known.revision.max(it.revision),
            None => absorbed.push(it),
        }
    }
    let (wrapped, has_passphrase) = (found.manifest.wrapped.clone(), found.index.has_passphrase);
    let vault = VaultRow {
        confirmed: true,
        version: found.manifest.version,
        absorbed,
        ..keys::row(auth, half, &found.key, wrapped, has_passphrase)
    };
    let mut rows = merge::merge(found.sections)?;
    become_a_device(turn, &mut rows)?;
    turn.leave_out_of_journal();
    for ((table, row_key), value) in rows {
        turn.raw_put(table, &row_key, value);
    }
    turn.put(key::ONLY, &vault);
    Ok(())
}

/// A copy is a device of its own: its events are numbered anew, and what waits is handed over anew. Message ids
/// make that harmless.
fn become_a_device<S: Store>(turn: &mut Turn<'_, S>, rows: &mut Rows) -> Result<(), Failure> {
    let device = DeviceId::from_bytes(turn.random());
    change::<IdentityRow>(rows, |row| {
        row.device = device;
        row.entropy = Bytes::default();
        row.recovering = None;
    })?;
    change::<ConversationRow>(rows, |row| {
        row.counter = 0;
        row.previous = NO_PREVIOUS;
    })?;
    change::<OutboxRow>(rows, |row| {
        row.sealed = None;
        row.copies.clear();
    })?;
    change::<MailboxRow>(rows, |row| row.at.clear())?;
    if rows.contains_key(&(Table::Identity, key::ONLY.to_vec())) {
        Ok(())
    } else {
        Err(Failure::VaultDamaged)
    }
}

fn change<T: StoredRow>(rows: &mut Rows, mut change: impl FnMut(&mut T)) -> Result<(), Failure> {
    for ((table, _), value) in rows.iter_mut() {
        if *table == T::TABLE {
            let mut row: T = cbor::decode(value).map_err(|_| Failure::VaultDamaged)?;
            change(&mut row);
            *value = cbor::encode(&row);
        }
    }
    Ok(())
}
