//! Sentences about recovery phrase, vault and restoring.

use client_core::view::{RecoveryStep, RestoreStep, VaultActivity, VaultFault, VaultView};

use super::{full_time, problem};
use crate::i18n::t;
use crate::state::restore::{Way, Wrong};

/// How the vault stands.
pub fn vault(vault: &VaultView) -> String {
    match (&vault.activity, vault.saved_at) {
        (VaultActivity::Saving, _) => t!("vault-saving"),
        (VaultActivity::Full, _) => t!("vault-full"),
        (VaultActivity::Failing { .. }, None) => t!("vault-failing-never"),
        (VaultActivity::Failing { .. }, Some(at)) => t!("vault-failing", time = full_time(at)),
        (VaultActivity::Resting, None) => t!("vault-never"),
        (VaultActivity::Resting, Some(at)) if vault.unsaved => {
            t!("vault-unsaved", time = full_time(at))
        }
        (VaultActivity::Resting, Some(at)) => t!("vault-saved", time = full_time(at)),
    }
}

/// The stable name of how the vault stands, for tests and style sheets.
pub fn vault_key(vault: &VaultView) -> &'static str {
    match (&vault.activity, vault.saved_at) {
        (VaultActivity::Saving, _) => "saving",
        (VaultActivity::Full, _) => "full",
        (VaultActivity::Failing { .. }, _) => "failing",
        (VaultActivity::Resting, None) => "never",
        (VaultActivity::Resting, Some(_)) if vault.unsaved => "unsaved",
        (VaultActivity::Resting, Some(_)) => "saved",
    }
}

/// What is wrong with the vault on a node.
pub fn fault(fault: &VaultFault) -> String {
    match fault {
        VaultFault::Unreachable => t!("vault-unreachable"),
        VaultFault::Missing => t!("vault-missing"),
        VaultFault::RolledBack => t!("vault-rolled-back"),
        VaultFault::Damaged => t!("vault-damaged"),
        VaultFault::TooNew => t!("vault-too-new"),
        VaultFault::Full => t!("vault-node-full"),
        VaultFault::Refused { code } => problem(code),
    }
}

/// A way to bring an identity here.
pub fn way(way: Way) -> String {
    match way {
        Way::Vault => t!("restore-way-vault"),
        Way::File => t!("restore-way-file"),
        Way::TakeBack => t!("restore-way-take-back"),
    }
}

/// What a way is good for.
pub fn way_explained(way: Way) -> String {
    match way {
        Way::Vault => t!("restore-vault-lead"),
        Way::File => t!("restore-file-lead"),
        Way::TakeBack => t!("restore-take-back-lead"),
    }
}

/// What is missing in the form.
pub fn wrong(wrong: Wrong) -> String {
    match wrong {
        Wrong::Phrase => t!("restore-phrase-needed"),
        Wrong::From => t!("restore-from-needed"),
        Wrong::File => t!("restore-file-needed"),
        Wrong::Name => t!("welcome-name-needed"),
    }
}

/// A step of restoring.
pub fn restore_step(step: RestoreStep) -> String {
    match step {
        RestoreStep::AskingNodes => t!("restoring-asking"),
        RestoreStep::Downloading { done, of } => t!("restoring-downloading", done = done, of = of),
    }
}

/// A step of taking an identity back.
pub fn recovery_step(step: RecoveryStep) -> String {
    match step {
        RecoveryStep::Fetching => t!("recovering-fetching"),
        RecoveryStep::Keys => t!("recovering-keys"),
        RecoveryStep::Registering => t!("recovering-registering"),
    }
}
