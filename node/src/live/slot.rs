//! The letterbox of one connected device: other threads put in, its session takes out.
//!
//! Everything in it is bounded. Fresh mail that does not fit is dropped here and read from the
//! database instead; nothing is lost by that.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use bytes::Bytes;
use shared_crypto::id::{DeviceId, SubmissionId};
use shared_crypto::live::CloseCode;
use tokio::sync::Notify;

use crate::metrics::Since;
use crate::refused::Refused;
use crate::store::{AccountId, Cursor, MailboxRefusal, OutcomeRow, Submitted, TombstoneRow};

/// Fresh envelopes that may wait in memory for one device.
const FRESH_COUNT: usize = 256;

/// Bytes of those.
const FRESH_BYTES: usize = 2 * 1024 * 1024;

/// Outcomes and tombstones that may wait; the database has them all, a later login brings them.
const NEWS: usize = 10_000;

/// An answer to something that the client asked.
#[derive(Debug)]
pub(super) enum Answer {
    /// To a submission.
    Submission(SubmissionId, Result<Submitted, Refused>),
    /// To a change of mailboxes.
    Mailboxes(u64, Result<(), MailboxRefusal>),
    /// To a lookup or a request for a node document: the frame as it goes out, and why it holds no more.
    Relayed(Bytes, Option<Refused>),
}

/// What waits for a session.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    pub(super) fresh: VecDeque<(Cursor, Bytes, Since)>,
    pub(super) answers: Vec<Answer>,
    pub(super) outcomes: Vec<OutcomeRow>,
    pub(super) tombstones: Vec<TombstoneRow>,
    /// Fresh mail was dropped: read the database.
    pub(super) has_missed: bool,
    /// Outcomes or tombstones came that are not here: read the database.
    pub(super) has_news_elsewhere: bool,
    pub(super) close: Option<CloseCode>,
    fresh_bytes: usize,
}

/// The letterbox.
#[derive(Debug)]
pub struct Slot {
    pub(super) account: AccountId,
    pub(super) device: DeviceId,
    waiting: Mutex<Waiting>,
    pub(super) wake: Notify,
}

impl Slot {
    pub(super) fn new(account: AccountId, device: DeviceId) -> Self {
        Self {
            account,
            device,
            waiting: Mutex::default(),
            wake: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting
            .lock()
            .unwrap_or_else(|poison| poison.into_inner())
    }

    /// A fresh envelope, as the frame that goes out, and since when it is stored.
    pub(super) fn push_mail(&self, cursor: Cursor, frame: &Bytes, since: Since) {
        let mut waiting = self.lock();
        let bytes = waiting.fresh_bytes.saturating_add(frame.len());
        if waiting.fresh.len() >= FRESH_COUNT || bytes > FRESH_BYTES {
            waiting.has_missed = true;
        } else if !waiting.has_missed {
            waiting.fresh_bytes = bytes;
            waiting.fresh.push_back((cursor, frame.clone(), since));
        }
        drop(waiting);
        self.wake.notify_one();
    }

    /// There is mail in the database that did not come here.
    pub(super) fn miss_mail(&self) {
        self.lock().has_missed = true;
        self.wake.notify_one();
    }

    /// There are outcomes or tombstones in the database that did not come here.
    pub(super) fn miss_news(&self) {
        self.lock().has_news_elsewhere = true;
        self.wake.notify_one();
    }

    pub(super) fn push_outcome(&self, outcome: OutcomeRow) {
        let mut waiting = self.lock();
        if waiting.outcomes.len() < NEWS {
            waiting.outcomes.push(outcome);
        }
        drop(waiting);
        self.wake.notify_one();
    }

    pub(super) fn push_tombstone(&self, tombstone: TombstoneRow) {
        let mut waiting = self.lock();
        if waiting.tombstones.len() < NEWS {
            waiting.tombstones.push(tombstone);
        }
        drop(waiting);
        self.wake.notify_one();
    }

    /// An answer; the session bounds how many it waits for.
    pub(super) fn push_answer(&self, answer: Answer) {
        self.lock().answers.push(answer);
        self.wake.notify_one();
    }

    pub(super) fn close(&self, code: CloseCode) {
        self.lock().close.get_or_insert(code);
        self.wake.notify_one();
    }

    /// Everything but the mail.
    pub(super) fn take_news(&self) -> Waiting {
        let mut waiting = self.lock();
        Waiting {
            answers: std::mem::take(&mut waiting.answers),
            outcomes: std::mem::take(&mut waiting.outcomes),
            tombstones: std::mem::take(&mut waiting.tombstones),
            has_news_elsewhere: std::mem::take(&mut waiting.has_news_elsewhere),
            close: waiting.close,
            ..Waiting::default()
        }
    }

    /// The next fresh envelope.
    pub(super) fn take_mail(&self) -> Option<(Cursor, Bytes, Since)> {
        let mut waiting = self.lock();
        let next = waiting.fresh.pop_front()?;
        waiting.fresh_bytes = waiting.fresh_bytes.saturating_sub(next.1.len());
        Some(next)
    }

    /// Whether mail was dropped since this was last asked and nothing fresh comes before it.
    pub(super) fn take_missed(&self) -> bool {
        let mut waiting = self.lock();
        let is_due = waiting.has_missed && waiting.fresh.is_empty();
        if is_due {
            waiting.has_missed = false;
        }
        is_due
    }
}
