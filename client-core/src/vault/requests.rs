//! What the page asks of the vault.

use shared_crypto::recovery::RecoveryPhrase;

use crate::driver::Call;
use crate::ready::Ready;
use crate::request::{Answer, Failure, Request, Secret};
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
            Request::Restore { .. } | Request::ImportBackup { .. } => {
                turn.fail(call, Failure::IdentityExists);
            }
            _ => {
                let detail = "not in this version".to_owned();
                turn.fail(call, Failure::Internal { detail });
            }
        }
        Ok(())
    }

    /// The recovery phrase, until it is confirmed.
    pub(crate) fn phrase(&self) -> Option<RecoveryPhrase> {
        let entropy = self.own.row.entropy.0.as_slice().try_into().ok()?;
        Some(RecoveryPhrase::from_entropy(entropy))
    }
}
