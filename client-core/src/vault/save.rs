//! Saving: asks the nodes what they have, brings them what they lack, and then replaces their manifests.
//!
//! One request at a time is under way, so that one chunk is in memory at a time. Nothing counts before a node
//! has the manifest; what was brought for nothing is forgotten there after an hour.

use std::collections::VecDeque;
use std::rc::Rc;

use shared_crypto::id::{DeviceId, Hash};
use shared_crypto::problem::ProblemCode;
use shared_crypto::signed::Verified;
use shared_crypto::time::DAY;
use shared_crypto::vault::{
    Absorbed, FORMAT, MAX_CHUNK, MAX_MANIFEST, Manifest, OpenError, Section, Segment, VaultAuth,
    VaultCall, VaultIndex, VaultKey, VaultOwner, VaultRequest, chunk_id, seal_chunk, unlock_key,
};
use zeroize::Zeroizing;

use super::journal::{self, Sequence};
use super::pack::Packer;
use super::row::{OwnSegmentRow, VaultRow};
use super::schedule::JITTER;
use super::targets::{COPIES, Target, fault_of};
use super::{FIRST_CALL, Vault, keys};
use crate::creation::MAX_ANSWER;
use crate::driver::{Action, HttpCall};
use crate::problem::code_of;
use crate::ready::Ready;
use crate::request::{Answer, Failure, Secret};
use crate::rows::key;
use crate::sorted::{SortedSet, gather, sort_by_key};
use crate::store::{Store, StoreError, Table};
use crate::turn::Turn;
use crate::view::VaultFault;

/// How often a save begins anew because somebody else wrote meanwhile.
const MAX_CONFLICTS: u32 = 5;

/// Rows read at once.
const PAGE: usize = 64;

/// Changes that are kept beside the base, however small it is.
const MIN_CHANGES: u64 = 256 * 1_024;

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

/// What another device wrote.
struct Other {
    device: DeviceId,
    revision: u64,
    saved_at: u64,
    absorbed: Vec<Absorbed>,
    segments: Vec<Vec<Hash>>,
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

    fn start_job<S: Store>(&mut self, turn: &mut Turn<'_, S>, save: &mut Save, job: Job) {
        let Some(Keys { auth, .. }) = self.vault.keys() else {
            return;
        };
        let at = match &job {
            Job::Fetch { from, .. } => *from,
            job => job.target(),
        };
        let Some(target) = save.targets.get(at) else {
            return;
        };
        let base = format!("/v1/vaults/{}", auth.vault());
        let (path, what, subject, put, limit) = match &job {
            Job::Ask(_) => (base, VaultCall::ReadManifest, None, None, MAX_MANIFEST),
            Job::Own(_) => {
                let owner = VaultOwner {
                    node: target.url.clone(),
                    fingerprint: target.fingerprint,
                    vault: auth.vault(),
                    identity: self.own.identity(),
                    at: turn.now,
                };
                let Ok(owner) = owner.sign(&self.own.signing, turn.rng) else {
                    return;
                };
                let put = Some(owner.bytes().to_vec());
                (
                    format!("{base}/owner"),
                    VaultCall::Own,
                    None,
                    put,
                    MAX_ANSWER,
                )
            }
            Job::Fetch { chunk, .. } => {
                let path = format!("{base}/chunks/{chunk}");
                (path, VaultCall::ReadChunk, Some(*chunk), None, MAX_CHUNK)
            }
            Job::Put { chunk, bytes, .. } => {
                let path = format!("{base}/chunks/{chunk}");
                let put = Some(bytes.to_vec());
                (path, VaultCall::WriteChunk, Some(*chunk), put, MAX_ANSWER)
            }
            Job::Manifest(_) => {
                let replaces = target.found.as_ref().map(|(manifest, _)| manifest.hash());
                let put = save
                    .planned
                    .as_ref()
                    .map(|(manifest, _)| manifest.bytes().to_vec());
                (base, VaultCall::WriteManifest, replaces, put, MAX_ANSWER)
            }
        };
        let header = VaultRequest::header(&auth, &target.url, what, subject, turn.now, turn.rng);
        let call = self.vault.next_call();
        turn.act(Action::Http {
            call,
            node: target.url.clone(),
            path,
            vault: header.ok(),
            put,
            limit,
        });
        save.running = Some((call, job));
    }

    fn job_answered<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        save: &mut Save,
        job: Job,
        answer: Option<(u16, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        let succeeded = matches!(answer, Some((200 | 201, _)));
        match job {
            Job::Ask(target) => self.asked(turn, save, target, answer),
            Job::Fetch { chunk, to, .. } => match answer {
                Some((200, bytes)) if chunk_id(&bytes) == chunk => {
                    let bytes = Rc::new(bytes);
                    save.jobs.push_front(Job::Put { chunk, bytes, to });
                }
                _ => {
                    let own = save.segments.iter().any(|it| it.chunks.contains(&chunk));
                    if own && !save.whole && save.conflicts < MAX_CONFLICTS {
                        save.restart(true);
                    } else {
                        save.fail(to, VaultFault::Missing);
                    }
                }
            },
            Job::Own(_) | Job::Put { .. } if succeeded => {}
            Job::Manifest(target) if succeeded => {
                if let Some(target) = save.targets.get_mut(target) {
                    target.done = true;
                }
            }
            Job::Manifest(target) => {
                let code = answer.as_ref().and_then(|(_, body)| code_of(body));
                let is = |code: &Option<String>, problem: ProblemCode| {
                    code.as_deref() == Some(problem.as_str())
                };
                let missing = is(&code, ProblemCode::MissingChunk);
                if (missing || is(&code, ProblemCode::StaleVault)) && save.conflicts < MAX_CONFLICTS
                {
                    save.restart(missing);
                } else {
                    save.fail(target, fault_of(answer.as_ref()));
                }
            }
            Job::Own(target) | Job::Put { to: target, .. } => {
                save.fail(target, fault_of(answer.as_ref()));
            }
        }
        Ok(())
    }

    /// A node said what it has.
    fn asked<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        save: &mut Save,
        index: usize,
        answer: Option<(u16, Vec<u8>)>,
    ) {
        let (Some(keys), Some(row), Some(target)) = (
            self.vault.keys(),
            self.vault.row.as_mut(),
            save.targets.get_mut(index),
        ) else {
            return;
        };
        let bytes = match answer {
            Some((200, bytes)) => bytes,
            answer => {
                match fault_of(answer.as_ref()) {
                    VaultFault::Missing => save.jobs.push_front(Job::Own(index)),
                    fault => target.fault = Some(fault),
                }
                return;
            }
        };
        let manifest = match Manifest::verify(&bytes, &keys.auth.vault()) {
            Ok(manifest) => manifest,
            Err(error) => {
                target.fault = Some(if error.is_newer() {
                    VaultFault::TooNew
                } else {
                    VaultFault::Damaged
                });
                return;
            }
        };
        if let Some((hash, after)) = &self.vault.attempted
            && *hash == manifest.hash()
            && after.revision > row.revision
        {
            *row = after.clone();
            turn.put(key::ONLY, row);
        }
        let index = match manifest.open_index(&keys.key) {
            Err(OpenError::Index) => reopen(row, &keys.auth, &manifest).inspect(|_| {
                // Another copy of the identity began the vault: its key holds, and all of ours is written anew.
                row.segments.clear();
                save.whole = true;
            }),
            opened => opened,
        };
        match index {
            Ok(index) => {
                target.has = gather(manifest.chunks.iter().copied());
                target.found = Some((manifest, index));
            }
            Err(OpenError::Newer(_)) => target.fault = Some(VaultFault::TooNew),
            Err(_) => target.fault = Some(VaultFault::Damaged),
        }
    }

    /// All nodes have answered: what is to be written?
    fn plan<S: Store>(&mut self, turn: &mut Turn<'_, S>, save: &mut Save) {
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

    fn sign_manifest<S: Store>(&mut self, turn: &mut Turn<'_, S>, save: &mut Save, keys: &Keys) {
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
            Some((manifest, mut row)) if done => {
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
                let saved_to = row.saved_to();
                self.vault.row = Some(row);
                self.vault.saved(turn.now, everywhere);
                if journal::has_since(turn, saved_to).await? {
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

/// Tries what the phrase alone opens.
fn reopen(
    row: &mut VaultRow,
    auth: &VaultAuth,
    manifest: &Manifest,
) -> Result<VaultIndex, OpenError> {
    let half = row.half().ok_or(OpenError::Index)?;
    let unlock: Zeroizing<[u8; 32]> = unlock_key("", &half, &auth.vault());
    let opened = manifest.open(&unlock)?;
    row.key = shared_crypto::cbor::Bytes(opened.key.as_bytes().to_vec());
    row.wrapped = manifest.wrapped.clone();
    row.has_passphrase = false;
    row.rewrapped = false;
    Ok(opened.index)
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

/// Reads rows until there is a piece, and has it brought.
async fn pack_base<S: Store>(
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
async fn pack_changes<S: Store>(
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
