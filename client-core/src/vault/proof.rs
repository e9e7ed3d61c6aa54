//! Proving the vault: really downloading and opening it, and saying what is in it.

use shared_crypto::cbor::{self, Bytes};
use shared_crypto::vault::{VaultAuth, VaultHalf};

use super::download::{Asking, Download, Found, Opener, Progress};
use super::pack::Rows;
use super::{keys, merge};
use crate::driver::{Call, HttpCall};
use crate::entry;
use crate::ready::Ready;
use crate::request::{Answer, Failure, Secret};
use crate::rows::{EntryRow, IdentityRow, key};
use crate::store::{Store, StoreError, Table};
use crate::turn::Turn;
use crate::view::{Millis, VaultProofView};

/// A proof that is under way.
pub(super) struct Proof {
    call: Call,
    /// Whether the phrase is forgotten here when it succeeds.
    confirms: bool,
    download: Download,
    /// Nothing can be proven before the first save.
    started: bool,
}

impl Proof {
    /// Who waits for it.
    pub(super) fn call(&self) -> Call {
        self.call
    }
}

impl Ready {
    /// Downloads and opens the vault with the keys of this device.
    pub(super) async fn prove<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
    ) -> Result<(), StoreError> {
        let keys = self
            .vault
            .row
            .as_ref()
            .and_then(|row| Some((row.auth()?, row.key()?)));
        match keys {
            Some((auth, key)) => {
                let download = Download::new(auth, Opener::Kept(key), Some(self.own.identity()));
                self.start_proof(turn, call, download, false).await
            }
            None => {
                turn.fail(call, Failure::NoVault);
                Ok(())
            }
        }
    }

    /// Downloads and opens the vault with what a person typed.
    pub(super) async fn confirm<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        phrase: &Secret,
        passphrase: &Secret,
    ) -> Result<(), StoreError> {
        let phrase = match keys::parse_phrase(phrase) {
            Ok(phrase) if phrase.commitment() == self.own.chain.recovery() => phrase,
            Ok(_) => {
                turn.fail(call, Failure::WrongPhrase);
                return Ok(());
            }
            Err(failure) => {
                turn.fail(call, failure);
                return Ok(());
            }
        };
        let (auth, half) = (VaultAuth::of(&phrase), VaultHalf::of(&phrase));
        let known = self.vault.row.as_ref().and_then(super::VaultRow::vault);
        if known != Some(auth.vault())
            && let Ok(row) = keys::begin(&phrase, passphrase, turn.rng)
        {
            turn.put(key::ONLY, &row);
            self.vault.row = Some(row);
        }
        let passphrase = passphrase.normal();
        let opener = Opener::Typed { half, passphrase };
        let download = Download::new(auth, opener, Some(self.own.identity()));
        self.start_proof(turn, call, download, true).await
    }

    async fn start_proof<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        download: Download,
        confirms: bool,
    ) -> Result<(), StoreError> {
        if self.vault.proof.is_some() {
            turn.fail(call, Failure::WrongState);
            return Ok(());
        }
        self.vault.proof = Some(Box::new(Proof {
            call,
            confirms,
            download,
            started: false,
        }));
        let saved = self
            .vault
            .row
            .as_ref()
            .is_some_and(|row| row.saved_at.is_some());
        if self.vault.saving.is_some() {
            return Ok(());
        }
        if saved {
            self.continue_proof(turn).await
        } else {
            self.begin_save(turn).await
        }
    }

    /// Goes on with a proof that waited for a save.
    pub(super) async fn continue_proof<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
    ) -> Result<(), StoreError> {
        let Some(proof) = self.vault.proof.as_mut().filter(|proof| !proof.started) else {
            return Ok(());
        };
        proof.started = true;
        for entry in self.own.chain.active().take(super::targets::COPIES) {
            proof.download.add_source(&entry.node);
        }
        self.advance_proof(turn);
        Ok(())
    }

    pub(super) async fn proof_answered<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: HttpCall,
        answer: Option<(u16, Vec<u8>)>,
    ) -> Result<(), StoreError> {
        if let Some(proof) = &mut self.vault.proof
            && proof.download.expects(call)
        {
            proof.download.answered(answer);
            self.advance_proof(turn);
        }
        Ok(())
    }

    fn advance_proof<S: Store>(&mut self, turn: &mut Turn<'_, S>) {
        let call = self.vault.next_call();
        let Some(mut proof) = self.vault.proof.take() else {
            return;
        };
        let mut actions = Vec::new();
        let asking = Asking {
            now: turn.now,
            rng: turn.rng,
            call,
        };
        let progress = proof
            .download
            .advance(asking, |action| actions.push(action));
        actions.into_iter().for_each(|action| turn.act(action));
        match progress {
            Progress::Going => self.vault.proof = Some(proof),
            Progress::Found(found) => self.proven(turn, &proof, *found),
            Progress::Failed(failure) => {
                if failure == Failure::VaultDamaged
                    && let Some(row) = &mut self.vault.row
                {
                    // What cannot be read back is written anew.
                    row.segments.clear();
                    turn.put(key::ONLY, row);
                    self.vault.changed(turn.now, 0);
                    self.vault.hurry(turn.now);
                }
                turn.fail(proof.call, failure);
            }
        }
    }

    fn proven<S: Store>(&mut self, turn: &mut Turn<'_, S>, proof: &Proof, found: Found) {
        let view = match view_of(found) {
            Ok(view) => view,
            Err(failure) => return turn.fail(proof.call, failure),
        };
        if proof.confirms {
            self.own.row.entropy = Bytes::default();
            self.own.save(turn);
            if let Some(row) = &mut self.vault.row {
                row.confirmed = true;
                turn.put(key::ONLY, row);
            }
            turn.app_changed();
        }
        turn.answer(proof.call, Answer::VaultProof(view));
    }
}

fn view_of(found: Found) -> Result<VaultProofView, Failure> {
    let (saved_at, bytes, nodes) = (found.index.saved_at, found.bytes, found.nodes);
    let devices = u64::try_from(found.sections.len()).unwrap_or(u64::MAX);
    let rows = merge::merge(found.sections)?;
    let (name, contacts, messages, newest_message_at) = contents(&rows)?;
    Ok(VaultProofView {
        name,
        contacts,
        messages,
        newest_message_at,
        saved_at,
        bytes,
        devices,
        nodes,
    })
}

fn contents(rows: &Rows) -> Result<(String, u64, u64, Option<Millis>), Failure> {
    let damaged = |_| Failure::VaultDamaged;
    let identity = rows
        .get(&(Table::Identity, key::ONLY.to_vec()))
        .ok_or(Failure::VaultDamaged)?;
    let identity: IdentityRow = cbor::decode(identity).map_err(damaged)?;
    let (mut contacts, mut messages, mut newest) = (0_u64, 0_u64, None);
    for ((table, _), value) in rows {
        match table {
            Table::Contacts => contacts = contacts.saturating_add(1),
            Table::Entries => {
                let row: EntryRow = cbor::decode(value).map_err(damaged)?;
                if entry::is_text(&row) {
                    messages = messages.saturating_add(1);
                    newest = newest.max(Some(row.sent_at));
                }
            }
            _ => {}
        }
    }
    Ok((identity.name, contacts, messages, newest))
}
