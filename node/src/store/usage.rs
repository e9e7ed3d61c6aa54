//! What an account occupies, counted in its row.

use super::mail::MailboxKind;

/// What an account occupies, and how far its mail has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub(super) used_bytes: i64,
    pub(super) used_count: i64,
    /// Of these, in its intro mailboxes.
    pub(super) intro_bytes: i64,
    pub(super) intro_count: i64,
    pub(super) outbox_bytes: i64,
    pub(super) outbox_count: i64,
    /// The position of its newest envelope.
    pub(super) last_cursor: i64,
    /// Whether the owner has moved away.
    pub(super) has_left: bool,
    /// Whether the row is to be written.
    pub(super) is_dirty: bool,
}

/// The columns, in their order here.
pub(super) type Columns = (i64, i64, i64, i64, i64, i64, i64, i64);

impl Usage {
    pub(super) fn from_db(row: Columns) -> Self {
        Self {
            used_bytes: row.0,
            used_count: row.1,
            intro_bytes: row.2,
            intro_count: row.3,
            outbox_bytes: row.4,
            outbox_count: row.5,
            last_cursor: row.6,
            has_left: row.7 != 0,
            is_dirty: false,
        }
    }

    /// An envelope is stored.
    pub(super) fn add(&mut self, size: i64, kind: MailboxKind) {
        self.used_bytes = self.used_bytes.saturating_add(size);
        self.used_count = self.used_count.saturating_add(1);
        if kind == MailboxKind::Intro {
            self.intro_bytes = self.intro_bytes.saturating_add(size);
            self.intro_count = self.intro_count.saturating_add(1);
        }
    }

    /// An envelope is gone.
    pub(super) fn release(&mut self, size: i64, kind: MailboxKind) {
        self.used_bytes = self.used_bytes.saturating_sub(size);
        self.used_count = self.used_count.saturating_sub(1);
        if kind == MailboxKind::Intro {
            self.intro_bytes = self.intro_bytes.saturating_sub(size);
            self.intro_count = self.intro_count.saturating_sub(1);
        }
    }
}
