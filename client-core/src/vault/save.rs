//! Saving: asks the nodes what they have, brings them what they lack, and then replaces their manifests.
//!
//! One request at a time is under way, so that one chunk is in memory at a time. Nothing counts before a node
//! has the manifest; what was brought for nothing is forgotten there after an hour.

mod jobs;
mod packing;
mod planning;

use std::collections::VecDeque;
use std::rc::Rc;

use shared_crypto::id::Hash;
use shared_crypto::signed::Verified;
use shared_crypto::vault::{Manifest, VaultAuth, VaultKey, chunk_id, seal_chunk};

use super::journal::{self, Sequence};
use super::pack::Packer;
use super::row::{OwnSegmentRow, VaultRow};
use super::schedule::JITTER;
use super::targets::{COPIES, Target};
use super::{FIRST_CALL, Vault, keys};
use crate::driver::HttpCall;
use crate::ready::Ready;
use crate::request::{Answer, Failure, Secret};
use crate::rows::key;
use crate::sorted::{SortedSet, gather};
use crate::store::{Store, StoreError, Table};
use crate::turn::Turn;
use crate::view::VaultFault;

use packing::{pack_base, pack_changes};
use planning::Other;

/// How often a save begins anew because somebody else wrote meanwhile.
const MAX_CONFLICTS: u32 = 5;

/// A save that is under way.
pub(super) struct Save {
    targets: Vec<Target>,
    stage: Stage,
    jobs: VecDeque<Job>,
    running: Option<(HttpCall, Job)>,
    conflicts: u32,
    /// Write everything anew.
    whole: bool,
    /// Whether a row was removed that the segments before still hold.
    removed: bool,
    others: Vec<Other>,
    segments: Vec<OwnSegmentRow>,
    chunks: Vec<Hash>,
    packer: Packer,
    planned: Option<(Verified<Manifest>, VaultRow)>,
}

/// Where a save is.
enum Stage {
    Asking,
    /// Everything is being read, table by table.
    Base {
        from: Sequence,
        tables: Vec<Table>,
        after: Option<Vec<u8>>,
    },
    /// What changed is to be read.
    Changes,
    /// All chunks are there.
    Signing,
    /// The manifests are on their way.
    Ending,
}

enum Job {
    Ask(usize),
    Own(usize),
    /// Take a chunk from one node for another.
    Fetch {
        chunk: Hash,
        from: usize,
        to: usize,
    },
    Put {
        chunk: Hash,
        bytes: Rc<Vec<u8>>,
        to: usize,
    },
    Manifest(usize),
}

impl Job {
    fn target(&self) -> usize {
        match self {
            Self::Ask(target) | Self::Own(target) | Self::Manifest(target) => *target,
            Self::Fetch { to, .. } | Self::Put { to, .. } => *to,
        }
    }
}

impl Save {
    fn new(targets: Vec<Target>) -> Self {
        let jobs = (0..targets.len()).map(Job::Ask).collect();
        Self {
            targets,
            stage: Stage::Asking,
            jobs,
            running: None,
            conflicts: 0,
            whole: false,
            removed: false,
            others: Vec::new(),
            segments: Vec::new(),
            chunks: Vec::new(),
            packer: Packer::default(),
            planned: None,
        }
    }

    /// Asks all nodes again.
    fn restart(&mut self, whole: bool) {
        let targets = self
            .targets
            .drain(..)
            .map(|target| Target::new(target.url, target.fingerprint))
            .collect();
        let conflicts = self.conflicts.saturating_add(1);
        *self = Self::new(targets);
        self.conflicts = conflicts;
        self.whole = whole;
    }

    fn alive(&self) -> impl Iterator<Item = (usize, &Target)> {
        self.targets
            .iter()
            .enumerate()
            .filter(|(_, target)| target.is_alive())
    }

    fn next_job(&mut self) -> Option<Job> {
        while let Some(job) = self.jobs.pop_front() {
            if self.targets.get(job.target()).is_some_and(Target::is_alive) {
                return Some(job);
            }
        }
        None
    }

    fn fail(&mut self, target: usize, fault: VaultFault) {
        if let Some(target) = self.targets.get_mut(target) {
            target.fault = Some(fault);
        }
    }

    /// Seals a piece and has it brought to every node.
    fn bring(&mut self, turn: &mut dyn rand_core::CryptoRng, keys: &Keys, piece: &[u8]) {
        let vault = keys.auth.vault();
        let Ok(sealed) = seal_chunk(&keys.key, &vault, piece, turn) else {
            return;
        };
        let (chunk, bytes) = (chunk_id(&sealed), Rc::new(sealed));
        self.chunks.push(chunk);
        let alive: Vec<usize> = self.alive().map(|(index, _)| index).collect();
        for to in alive {
            let bytes = Rc::clone(&bytes);
            self.jobs.push_back(Job::Put { chunk, bytes, to });
        }
    }

    /// Ends the segment that is being written.
    fn end_segment(&mut self, end: Sequence) {
        let chunks = core::mem::take(&mut self.chunks);
        let bytes = core::mem::take(&mut self.packer).total;
        if !chunks.is_empty() || self.segments.is_empty() {
            self.segments.push(OwnSegmentRow { chunks, bytes, end });
        } else if let Some(last) = self.segments.last_mut() {
            last.end = end;
        }
    }

    /// Has every node get the chunks that it lacks.
    fn copy_missing(&mut self) {
        let own = self.segments.iter().flat_map(|segment| &segment.chunks);
        let others = self.others.iter().flat_map(|other| &other.segments);
        let wanted: SortedSet<Hash> = gather(own.chain(others.flatten()).copied());
        let being_brought: SortedSet<Hash> = gather(self.jobs.iter().filter_map(|job| match job {
            Job::Put { chunk, .. } => Some(*chunk),
            _ => None,
        }));
        for chunk in wanted
            .iter()
            .filter(|chunk| !being_brought.contains(*chunk))
        {
            let alive: Vec<(usize, bool)> = self
                .alive()
                .map(|(index, target)| (index, target.has.contains(chunk)))
                .collect();
            let Some((from, _)) = alive.iter().find(|(_, has)| *has) else {
                continue;
            };
            for (to, _) in alive.iter().filter(|(_, has)| !has) {
                self.jobs.push_back(Job::Fetch {
                    chunk: *chunk,
                    from: *from,
                    to: *to,
                });
            }
        }
    }
}

/// What a save needs of the vault's row.
struct Keys {
    auth: VaultAuth,
    key: VaultKey,
}

impl Vault {
    fn keys(&self) -> Option<Keys> {
        let auth = self.row.as_ref()?.auth()?;
        Some(Keys {
            auth,
            key: self.key()?,
        })
    }
}

impl Ready {
    /// Begins a save when one is due.
    pub(crate) async fn advance_vault<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        if self.vault.saving.is_none() && self.vault.is_due(turn.now) {
            self.vault.due_at = None;
            self.begin_save(turn).await?;
        }
        Ok(())
    }

    /// Begins a save, in the place of one that is under way.
    pub(super) async fn begin_save<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        if !self.ensure_vault(turn) {
            self.answer_waiting(turn, &Err(Failure::PhraseNotKept));
            return Ok(());
        }
        let targets = self
            .own
            .chain
            .active()
            .take(COPIES)
            .map(|entry| Target::new(entry.node.clone(), entry.fingerprint))
            .collect();
        self.vault.due_at = None;
        self.vault.saving = Some(Box::new(Save::new(targets)));
        turn.app_changed();
        self.run_save(turn).await
    }

    /// Makes the vault's keys from the phrase, where there are none or those of another phrase.
    pub(super) fn ensure_vault<S: Store>(&mut self, turn: &mut Turn<'_, S>) -> bool {
        if let Some(phrase) = self.phrase() {
            let vault = VaultAuth::of(&phrase).vault();
            if self.vault.row.as_ref().and_then(VaultRow::vault) != Some(vault)
                && let Ok(row) = keys::begin(&phrase, &Secret::default(), turn.rng)
            {
                turn.put(key::ONLY, &row);
                self.vault.row = Some(row);
            }
        }
        self.vault.row.is_some()
    }

    /// An HTTP call of the vault ended. Whether it was one.
    pub(crate) async fn vault_answered<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: HttpCall,
        answer: Option<(u16, Vec<u8>)>,
    ) -> Result<Option<Option<(u16, Vec<u8>)>>, StoreError> {
        if call < FIRST_CALL {
            return Ok(Some(answer));
        }
        if let Some(mut save) = self.vault.saving.take() {
            match save.running.take() {
                Some((running, job)) if running == call => {
                    self.job_answered(turn, &mut save, job, answer)?;
                    self.vault.saving = Some(save);
                    self.run_save(turn).await?;
                    return Ok(None);
                }
                running => save.running = running,
            }
            self.vault.saving = Some(save);
        }
        self.proof_answered(turn, call, answer).await?;
        Ok(None)
    }

    async fn run_save<S: Store>(&mut self, turn: &mut Turn<'_, S>) -> Result<(), StoreError> {
        let Some(mut save) = self.vault.saving.take() else {
            return Ok(());
        };
        loop {
            if save.running.is_some() {
                self.vault.saving = Some(save);
                return Ok(());
            }
            if save.alive().next().is_none() {
                return self.end_save(turn, *save).await;
            }
            if let Some(job) = save.next_job() {
                self.start_job(turn, &mut save, job);
                continue;
            }
            let Some(keys) = self.vault.keys() else {
                return self.end_save(turn, *save).await;
            };
            match save.stage {
                Stage::Asking => self.plan(turn, &mut save),
                Stage::Base { .. } => pack_base(turn, &mut save, &keys).await?,
                Stage::Changes => pack_changes(turn, &mut save, &keys).await?,
                Stage::Signing => self.sign_manifest(turn, &mut save, &keys),
                Stage::Ending => return self.end_save(turn, *save).await,
            }
        }
    }

    async fn end_save<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        save: Save,
    ) -> Result<(), StoreError> {
        turn.app_changed();
        let known = self.vault.row.take();
        self.vault.faults.clear();
        for target in &save.targets {
            let before = known.as_ref().and_then(|row| {
                row.nodes
                    .iter()
                    .find(|node| node.url == target.url.as_str())
            });
            let noticed = match (&target.found, before) {
                (None, Some(_)) if target.fault.is_none() => Some(VaultFault::Missing),
                (Some((manifest, _)), Some(before)) if manifest.version < before.version => {
                    Some(VaultFault::RolledBack)
                }
                _ => None,
            };
            if let Some(fault) = target.fault.clone().or(noticed) {
                self.vault.faults.insert(target.url.to_string(), fault);
            }
        }
        let everywhere = save.targets.iter().all(|target| target.done);
        let done = save.targets.iter().any(|target| target.done);
        match save.planned {
            Some((manifest, planned)) if done => {
                let mut row = known.unwrap_or_else(|| planned.clone());
                row.saved(&planned);
                for target in save.targets.iter().filter(|target| target.done) {
                    row.note_node(target.url.as_str(), manifest.version, turn.now);
                }
                let listed: SortedSet<&str> =
                    gather(save.targets.iter().map(|target| target.url.as_str()));
                row.nodes.retain(|node| listed.contains(node.url.as_str()));
                let base_end = row.segments.first().map_or(0, |base| base.end);
                journal::forget_before(turn, base_end).await?;
                turn.put(key::ONLY, &row);
                self.vault.dirty_since = None;
                self.vault.attempted = None;
                let (saved_to, is_rewrapped) = (row.saved_to(), row.rewrapped);
                self.vault.row = Some(row);
                self.vault.saved(turn.now, everywhere);
                if is_rewrapped || journal::has_since(turn, saved_to).await? {
                    let jitter = turn.random_below(JITTER);
                    self.vault.changed(turn.now, jitter);
                }
                self.answer_waiting(turn, &Ok(()));
                self.forget_replaced(turn);
            }
            _ => {
                if let Some(row) = &known {
                    turn.put(key::ONLY, row);
                }
                self.vault.row = known;
                let fault = save.targets.iter().find_map(|target| target.fault.clone());
                self.vault.full = fault == Some(VaultFault::Full);
                self.vault.failed(turn.now);
                self.answer_waiting(turn, &Err(failure_of(fault)));
            }
        }
        self.continue_proof(turn).await
    }

    fn answer_waiting<S: Store>(&mut self, turn: &mut Turn<'_, S>, done: &Result<(), Failure>) {
        for call in core::mem::take(&mut self.vault.waiting) {
            match done {
                Ok(()) => turn.answer(call, Answer::Done),
                Err(failure) => turn.fail(call, failure.clone()),
            }
        }
    }
}

/// What the page is told when no node has it.
pub(super) fn failure_of(fault: Option<VaultFault>) -> Failure {
    match fault {
        None | Some(VaultFault::Unreachable) => Failure::NodeUnreachable,
        Some(VaultFault::Missing) => Failure::NoVault,
        Some(VaultFault::RolledBack | VaultFault::Damaged) => Failure::VaultDamaged,
        Some(VaultFault::TooNew) => Failure::VaultTooNew,
        Some(VaultFault::Full) => Failure::VaultFull,
        Some(VaultFault::Refused { code }) => Failure::NodeRefused { code },
    }
}
