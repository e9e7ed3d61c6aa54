//! The vault: everything this client knows, encrypted, on the identity's nodes and in files.
//!
//! Every commit notes which rows it changed (`journal`). A *save* seals those rows into chunks, brings them to
//! the nodes and then replaces the manifest there, which fails if somebody else replaced it meanwhile: then
//! it begins anew with what the other one wrote. A *download* is the way back; a restore and a proof
//! share it. Each device writes a section of its own, see [`shared_crypto::vault`].

mod backup;
mod download;
mod install;
pub(crate) mod journal;
pub(crate) mod keys;
mod merge;
mod pack;
mod proof;
mod replacing;
mod requests;
pub(crate) mod restore;
mod row;
mod save;
mod schedule;
mod targets;

use shared_crypto::vault::VaultKey;

use crate::driver::{Call, HttpCall};
use crate::rows::key;
use crate::sorted::SortedMap;
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::view::{DeviceView, Millis, VaultActivity, VaultFault, VaultNodeView, VaultView};

use proof::Proof;
pub(crate) use row::VaultRow;
use save::Save;
pub(crate) use schedule::JITTER;

/// HTTP calls of the vault are numbered from here on; those of the rest of the client stay below.
pub(crate) const FIRST_CALL: HttpCall = 1 << 40;

/// What is held in memory of the vault.
#[derive(Default)]
pub(crate) struct Vault {
    /// Nothing until there is a phrase.
    pub(crate) row: Option<VaultRow>,
    /// Since when something is not saved.
    dirty_since: Option<Millis>,
    /// When it is to be saved.
    due_at: Option<Millis>,
    /// Failures in a row.
    attempts: u32,
    saving: Option<Box<Save>>,
    proof: Option<Box<Proof>>,
    /// Who waits for the next save to end.
    waiting: Vec<Call>,
    faults: SortedMap<String, VaultFault>,
    full: bool,
    calls: HttpCall,
    /// A manifest that may have arrived, with what is true if it has.
    attempted: Option<(shared_crypto::id::Hash, VaultRow)>,
}

impl Vault {
    /// Reads what is stored.
    pub(crate) async fn load<S: Store>(turn: &Turn<'_, S>) -> Result<Self, StoreError> {
        let mut row = turn.get::<VaultRow>(key::ONLY).await?;
        let mut vault = Self::default();
        // Versions up to 2026-11-22 could begin to number commits anew: what they noted so is in no segment.
        if let Some(row) = &mut row
            && let Some(last) = journal::last(turn).await?
            && last.saturating_add(1) < row.saved_to()
        {
            row.segments.clear();
        }
        let saved_to = row.as_ref().map_or(0, VaultRow::saved_to);
        let is_rewrapped = row.as_ref().is_some_and(|row| row.rewrapped);
        let unsaved = saved_to == 0 || is_rewrapped || journal::has_since(turn, saved_to).await?;
        if unsaved {
            vault.changed(turn.now, 0);
        }
        vault.row = row;
        Ok(vault)
    }

    fn next_call(&mut self) -> HttpCall {
        self.calls = self.calls.wrapping_add(1) % FIRST_CALL;
        FIRST_CALL.saturating_add(self.calls)
    }

    /// What the page may know.
    pub(crate) fn view(&self, phrase_kept: bool) -> VaultView {
        let activity = if self.saving.is_some() {
            VaultActivity::Saving
        } else if self.full {
            VaultActivity::Full
        } else {
            match self.due_at {
                Some(retry_at) if self.attempts > 0 => VaultActivity::Failing { retry_at },
                _ => VaultActivity::Resting,
            }
        };
        let mut view = VaultView {
            activity,
            unsaved: self.dirty_since.is_some(),
            phrase_kept,
            ..VaultView::default()
        };
        if let Some(row) = &self.row {
            view.saved_at = row.saved_at;
            view.phrase_confirmed = row.confirmed;
            view.has_passphrase = row.has_passphrase;
            view.nodes = row
                .nodes
                .iter()
                .map(|node| VaultNodeView {
                    node: node.url.clone(),
                    version: Some(node.version),
                    saved_at: Some(node.saved_at),
                    fault: self.faults.get(&node.url).cloned(),
                })
                .collect();
            let others = row.others.iter().flatten();
            view.devices = others
                .map(|other| DeviceView {
                    mark: other.device.to_string().chars().take(8).collect(),
                    saved_at: other.saved_at,
                })
                .collect();
        }
        for (node, fault) in &self.faults {
            if !view.nodes.iter().any(|known| known.node == *node) {
                view.nodes.push(VaultNodeView {
                    node: node.clone(),
                    version: None,
                    saved_at: None,
                    fault: Some(fault.clone()),
                });
            }
        }
        view
    }

    fn key(&self) -> Option<VaultKey> {
        self.row.as_ref()?.key()
    }
}
