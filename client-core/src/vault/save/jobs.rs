//! The requests of a save: what is asked of a node, and what its answer means.

use std::rc::Rc;

use shared_crypto::problem::ProblemCode;
use shared_crypto::vault::{
    MAX_CHUNK, MAX_MANIFEST, Manifest, OpenError, VaultAuth, VaultCall, VaultIndex, VaultOwner,
    VaultRequest, chunk_id, unlock_key,
};
use zeroize::Zeroizing;

use super::{Job, Keys, MAX_CONFLICTS, Save};
use crate::creation::MAX_ANSWER;
use crate::driver::Action;
use crate::problem::code_of;
use crate::ready::Ready;
use crate::rows::key;
use crate::sorted::gather;
use crate::store::{Store, StoreError};
use crate::turn::Turn;
use crate::vault::row::VaultRow;
use crate::vault::targets::fault_of;
use crate::view::VaultFault;

impl Ready {
    pub(super) fn start_job<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        save: &mut Save,
        job: Job,
    ) {
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

    pub(super) fn job_answered<S: Store>(
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
            row.saved(after);
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
