//! Sentences about the lock.

use crate::bridge::{LockFailure, SHORTEST_PASSPHRASE};
use crate::i18n::t;
use crate::platform::passkey::PasskeyError;

/// Why something about the lock was not done.
pub fn failure(failure: &LockFailure) -> String {
    match failure {
        LockFailure::WrongPassphrase => t!("lock-wrong"),
        LockFailure::WrongPasskey => t!("lock-wrong-passkey"),
        LockFailure::TooShort => t!("lock-too-short", count = SHORTEST_PASSPHRASE),
        LockFailure::WrongState => t!("lock-wrong-state"),
        LockFailure::Silent => t!("error-silent"),
        LockFailure::NoRoom => t!("error-no-room"),
        LockFailure::Storage { detail } => t!("error-storage", detail = detail.as_str()),
    }
}

/// Why a passkey gave nothing.
pub fn passkey(error: &PasskeyError) -> String {
    match error {
        PasskeyError::Missing => t!("passkey-missing"),
        PasskeyError::Refused => t!("passkey-refused"),
        PasskeyError::NoFunction => t!("passkey-no-function"),
        PasskeyError::Failed(detail) => t!("passkey-failed", detail = detail.as_str()),
    }
}

/// After how long the lock closes by itself.
pub fn minutes(minutes: u32) -> String {
    match minutes {
        0 => t!("lock-auto-never"),
        minutes => super::lifetime(u64::from(minutes).saturating_mul(60)),
    }
}
