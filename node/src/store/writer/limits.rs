//! What an account may keep.

use crate::clock::Millis;

/// Mail of strangers may take one part in so many of an account's quota.
const STRANGERS_SHARE: u64 = 16;

/// What a first contact usually has; only a long chain or text needs more.
const USUAL_FIRST_CONTACT: u64 = 16_384;

/// What the writer enforces.
#[derive(Debug, Clone)]
pub struct WriterLimits {
    /// Envelope bytes per account.
    pub quota_bytes: u64,
    /// Envelopes per account.
    pub quota_count: u64,
    /// How long a device that does not come may hold envelopes back, in milliseconds.
    pub retention: Millis,
    /// Submissions that an account may have whose outcome it has not seen.
    pub outbox_count: u64,
    /// Bytes that it may have waiting for other nodes.
    pub outbox_bytes: u64,
    /// Mailboxes per account.
    pub mailboxes: u64,
    /// Bytes per vault.
    pub vault_bytes: u64,
}

impl WriterLimits {
    /// Envelope bytes in an account's intro mailboxes: a sixteenth, but one envelope in any case.
    pub(in crate::store) fn intro_bytes(&self) -> u64 {
        self.quota_bytes.div_euclid(STRANGERS_SHARE).max(65_536)
    }

    /// Bytes up to which an envelope of this size is taken into intro mailboxes. The largest ones get half of
    /// them: with the same work they fill four times as much, and what most strangers send must still fit.
    pub(in crate::store) fn intro_room(&self, size: u64) -> u64 {
        let all = self.intro_bytes();
        if size > USUAL_FIRST_CONTACT {
            all.div_euclid(2).max(size)
        } else {
            all
        }
    }

    /// Envelopes in an account's intro mailboxes.
    pub(in crate::store) fn intro_count(&self) -> u64 {
        self.quota_count.div_euclid(STRANGERS_SHARE).max(1)
    }
}
