//! What is to be written: which sections of others stay, what of ours is written anew, and the manifest over all of it.

use shared_crypto::id::{DeviceId, Hash};
use shared_crypto::signed::Verified;
use shared_crypto::time::DAY;
use shared_crypto::vault::{Absorbed, FORMAT, Manifest, Section, Segment, VaultIndex};

use super::{Job, Keys, Save, Stage};
use crate::ready::Ready;
use crate::sorted::{SortedSet, gather, sort_by_key};
use crate::store::{Store, Table};
use crate::turn::Turn;
use crate::vault::row::OtherDeviceRow;
use crate::view::VaultFault;

/// Changes that are kept beside the base, however small it is.
const MIN_CHANGES: u64 = 256 * 1_024;

impl Ready {
    /// All nodes have answered: what is to be written?
    pub(super) fn plan<S: Store>(&mut self, turn: &mut Turn<'_, S>, save: &mut Save) {
        let me = self.own.row.device;
        let Some(row) = self.vault.row.as_mut() else {
            return;
        };
        let found: Vec<&(Verified<Manifest>, VaultIndex)> = save
            .alive()
            .filter_map(|(_, target)| target.found.as_ref())
            .collect();
        if let Some((manifest, index)) = found.iter().max_by_key(|(manifest, _)| manifest.version) {
            // An older one, which a node went back to, would bring back an older wrapping, perhaps without a passphrase.
            if manifest.version > row.version && !row.rewrapped {
                row.wrapped = manifest.wrapped.clone();
                row.has_passphrase = index.has_passphrase;
            }
            row.version = row.version.max(manifest.version);
        }
        let mut others: Vec<Other> = Vec::new();
        for (manifest, index) in &found {
            for section in &index.sections {
                if section.device == me {
                    // Somebody wrote for us: a copy of this store, or we did and forgot.
                    if section.revision > row.revision {
                        row.revision = section.revision;
                        row.segments.clear();
                    }
                } else if !row.contains(&section.device, section.revision) {
                    let other = other(section, &manifest.chunks);
                    match others.iter_mut().find(|it| it.device == other.device) {
                        Some(known) if known.revision >= other.revision => {}
                        Some(known) => *known = other,
                        None => others.push(other),
                    }
                }
            }
        }
        let there: SortedSet<Hash> = gather(
            save.alive()
                .flat_map(|(_, target)| target.has.iter().copied()),
        );
        let lost = row
            .segments
            .iter()
            .flat_map(|segment| &segment.chunks)
            .any(|chunk| !there.contains(chunk));
        let base = row.segments.first().map_or(0, |base| base.bytes);
        let changes = row
            .segments
            .iter()
            .skip(1)
            .map(|segment| segment.bytes)
            .sum::<u64>();
        let grown = changes > (base / 2).saturating_add(MIN_CHANGES);
        // What was removed (old keys, forgotten messages) is in the base until that is written anew.
        let stale = row.removed == Some(true)
            && row
                .whole_at
                .is_none_or(|at| turn.now >= at.saturating_add(DAY));
        let from = turn.journal_sequence();
        save.others = others;
        if save.whole || lost || grown || stale || row.segments.is_empty() {
            save.whole = true;
            save.segments.clear();
            let tables = Table::ALL
                .into_iter()
                .rev()
                .filter(|table| table.is_in_vault());
            save.stage = Stage::Base {
                from,
                tables: tables.collect(),
                after: None,
            };
        } else {
            save.segments = row.segments.clone();
            save.stage = Stage::Changes;
        }
    }

    pub(super) fn sign_manifest<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        save: &mut Save,
        keys: &Keys,
    ) {
        let Some(row) = self.vault.row.as_ref() else {
            return;
        };
        let mut planned = row.clone();
        planned.version = row.version.saturating_add(1);
        planned.revision = row.revision.saturating_add(1);
        planned.segments = save.segments.clone();
        planned.rewrapped = false;
        if save.whole {
            planned.whole_at = Some(turn.now);
            planned.removed = None;
        }
        if save.removed {
            planned.removed = Some(true);
        }
        planned.saved_at = Some(turn.now);
        let others = save.others.iter().map(|other| OtherDeviceRow {
            device: other.device,
            saved_at: other.saved_at,
        });
        planned.others = Some(others.collect());
        let own = Other {
            device: self.own.row.device,
            revision: planned.revision,
            saved_at: turn.now,
            absorbed: planned.absorbed(),
            segments: save.segments.iter().map(|it| it.chunks.clone()).collect(),
        };
        let mut chunks: Vec<Hash> = Vec::new();
        let mut sections: Vec<Section> = save
            .others
            .iter()
            .chain([&own])
            .map(|other| section(other, &mut chunks))
            .collect();
        sort_by_key(&mut sections, |section| section.device);
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
            sections,
            has_passphrase: planned.has_passphrase,
        };
        let wrapped = planned.wrapped.clone();
        let made = Manifest::create(
            &keys.auth,
            &keys.key,
            planned.version,
            chunks,
            wrapped,
            &index,
            turn.rng,
        );
        let alive: Vec<usize> = save.alive().map(|(index, _)| index).collect();
        match made {
            Ok(manifest) => {
                self.vault.attempted = Some((manifest.hash(), planned.clone()));
                save.planned = Some((manifest, planned));
                save.jobs.extend(alive.into_iter().map(Job::Manifest));
            }
            // More chunks than a manifest lists.
            Err(_) => alive
                .into_iter()
                .for_each(|target| save.fail(target, VaultFault::Full)),
        }
        save.stage = Stage::Ending;
    }
}

/// What another device wrote.
pub(super) struct Other {
    pub(super) device: DeviceId,
    pub(super) revision: u64,
    pub(super) saved_at: u64,
    pub(super) absorbed: Vec<Absorbed>,
    pub(super) segments: Vec<Vec<Hash>>,
}

fn other(section: &Section, chunks: &[Hash]) -> Other {
    let part = |segment: &Segment| {
        let first = usize::try_from(segment.first).unwrap_or(usize::MAX);
        let count = usize::try_from(segment.count).unwrap_or(usize::MAX);
        chunks.iter().skip(first).take(count).copied().collect()
    };
    Other {
        device: section.device,
        revision: section.revision,
        saved_at: section.saved_at,
        absorbed: section.absorbed.clone(),
        segments: section.segments.iter().map(part).collect(),
    }
}

fn section(other: &Other, chunks: &mut Vec<Hash>) -> Section {
    let number = |length: usize| u64::try_from(length).unwrap_or(u64::MAX);
    let segments = other
        .segments
        .iter()
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            let first = number(chunks.len());
            chunks.extend_from_slice(segment);
            let count = number(segment.len());
            Segment { first, count }
        })
        .collect();
    Section {
        device: other.device,
        revision: other.revision,
        saved_at: other.saved_at,
        segments,
        absorbed: other.absorbed.clone(),
    }
}
