//! What the page asks of the vault.

use shared_crypto::recovery::RecoveryPhrase;

use super::keys;
use crate::driver::Call;
use crate::ready::Ready;
use crate::request::{Answer, Failure, Request, Secret};
use crate::rows::key;
use crate::store::{Store, StoreError};
use crate::turn::Turn;

impl Ready {
    /// Carries out a request that is about the vault.
    pub(crate) async fn vault_request<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        request: Request,
    ) -> Result<(), StoreError> {
        match request {
            Request::RecoveryPhrase => match self.phrase() {
                Some(phrase) => {
                    let words = Secret(phrase.words().to_string());
                    turn.answer(call, Answer::RecoveryPhrase(words));
                }
                None => turn.fail(call, Failure::PhraseNotKept),
            },
            Request::ConfirmPhrase { phrase, passphrase } => {
                self.confirm(turn, call, &phrase, &passphrase).await?;
            }
            Request::ProveVault => {
                self.ensure_vault(turn);
                self.prove(turn, call).await?;
            }
            Request::SaveVault => {
                self.vault.waiting.push(call);
                self.begin_save(turn).await?;
            }
            Request::SetPassphrase(passphrase) => {
                self.set_passphrase(turn, call, &passphrase).await?;
            }
            Request::ExportBackup => match self.backup(turn).await? {
                Ok(file) => turn.answer(call, Answer::File(file)),
                Err(failure) => turn.fail(call, failure),
            },
            Request::Export(format) => {
                let file = self.export(turn, &format).await?;
                turn.answer(call, Answer::File(file));
            }
            _ => turn.fail(call, Failure::IdentityExists),
        }
        Ok(())
    }

    async fn set_passphrase<S: Store>(
        &mut self,
        turn: &mut Turn<'_, S>,
        call: Call,
        passphrase: &Secret,
    ) -> Result<(), StoreError> {
        self.ensure_vault(turn);
        let Some(row) = &mut self.vault.row else {
            turn.fail(call, Failure::PhraseNotKept);
            return Ok(());
        };
        let (Some(auth), Some(half), Some(vault_key)) = (row.auth(), row.half(), row.key()) else {
            return Err(StoreError::Damaged("vault"));
        };
        let Ok(wrapped) = keys::wrap(passphrase, &half, &auth, &vault_key, turn.rng) else {
            turn.fail(call, Failure::WrongPassphrase);
            return Ok(());
        };
        row.wrapped = wrapped;
        row.has_passphrase = !passphrase.0.is_empty();
        row.rewrapped = true;
        turn.put(key::ONLY, row);
        turn.app_changed();
        self.vault.waiting.push(call);
        self.begin_save(turn).await
    }

    /// The recovery phrase, until it is confirmed.
    pub(crate) fn phrase(&self) -> Option<RecoveryPhrase> {
        let entropy = self.own.row.entropy.0.as_slice().try_into().ok()?;
        Some(RecoveryPhrase::from_entropy(entropy))
    }
}
