//! What page and worker say to each other about the lock.

use core::fmt;

use client_core::request::Secret;
use serde::{Deserialize, Serialize};

/// Fewest characters of a passphrase (NIST SP 800-63B).
pub const SHORTEST_PASSPHRASE: usize = 8;

/// What a page asks of the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LockAsk {
    /// How it stands; answered with [`LockAnswer::View`].
    View,
    /// Opens it with the passphrase.
    Unlock(Secret),
    /// Opens it with what a passkey gave.
    UnlockWithPasskey(PasskeyOutput),
    /// Sets a lock where there is none. Everything stored is sealed anew.
    Set(Secret),
    /// Puts another passphrase in the place of the current one.
    Change {
        /// The current one.
        current: Secret,
        /// The new one.
        new: Secret,
    },
    /// Takes the lock away.
    Remove {
        /// The passphrase.
        current: Secret,
    },
    /// Adds a passkey as another way.
    AddPasskey {
        /// What it was asked for.
        salt: [u8; 32],
        /// What it gave.
        output: PasskeyOutput,
    },
    /// Forgets all passkeys; the passphrase stays.
    RemovePasskeys,
    /// Locks by itself after so many minutes without a person; 0: never.
    SetMinutes(u32),
    /// Locks now.
    Lock,
    /// A person is there.
    Active,
}

/// What a passkey gave, and which one it was.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyOutput {
    /// The credential's id.
    pub credential: Vec<u8>,
    /// What its pseudo-random function gave.
    pub output: [u8; 32],
}

/// What the worker answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LockAnswer {
    /// It is done.
    Done,
    /// How the lock stands.
    View(LockView),
    /// It is not done.
    Failed(LockFailure),
}

/// Why something about the lock was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LockFailure {
    /// It is not the passphrase.
    WrongPassphrase,
    /// It is none of the passkeys.
    WrongPasskey,
    /// The new passphrase is shorter than [`SHORTEST_PASSPHRASE`].
    TooShort,
    /// There is a lock already, or there is none.
    WrongState,
    /// No worker answered.
    Silent,
    /// The store has no room left.
    NoRoom,
    /// The store failed; the words are the browser's.
    Storage {
        /// What the browser said.
        detail: String,
    },
}

/// How the lock stands.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LockView {
    /// Whether there is one.
    pub is_set: bool,
    /// After how many minutes it locks by itself; 0: never.
    pub minutes: u32,
    /// The passkeys that open it.
    pub passkeys: Vec<PasskeyView>,
}

/// A passkey that opens the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyView {
    /// The credential's id.
    pub credential: Vec<u8>,
    /// What its function is asked for.
    pub salt: [u8; 32],
}

impl fmt::Debug for PasskeyOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasskeyOutput(…)")
    }
}
