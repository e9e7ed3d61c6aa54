//! In what order the writer does what waits: what is asked at once, and from time to time what is patient.

use std::collections::VecDeque;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::work::{Urgency, Work};
use super::{Busy, Message, Writer};
use crate::store::AccountId;
use crate::store::connection::Connection;

/// What commands in one transaction may weigh together: enough that the sync is shared by many, and little
/// enough that the first of them does not wait long for the last.
const MAX_BATCH: usize = 256;

/// How long acknowledgements are gathered over a file. What is not committed when the process dies is pushed
/// again to its device, which knows it. On a server they are not: another process may see a difference.
const PATIENCE: Duration = Duration::from_millis(500);

/// What patient commands in one transaction may weigh: each may delete a window of mail.
const MAX_PATIENT: usize = 32;

/// Patient commands that are gathered at most.
const GATHERED: usize = 4096;

/// What the thread does in turns: the batches that wait, and from time to time what is patient.
pub(super) struct Turns {
    writer: Writer,
    queue: mpsc::Receiver<Message>,
    timer: tokio::runtime::Runtime,
    jobs: Vec<Box<dyn Work>>,
    /// Of the jobs.
    weight: usize,
    patient: VecDeque<Box<dyn Work>>,
    patience: Duration,
    /// When what is patient has waited long enough.
    due: Option<Instant>,
    busy: Busy,
}

/// What comes next.
enum Next {
    Message(Message),
    /// Nothing came before the patient were due.
    Due,
    /// Nobody can ask any more.
    End,
}

impl Turns {
    pub(super) fn new(
        writer: Writer,
        queue: mpsc::Receiver<Message>,
        busy: Busy,
    ) -> std::io::Result<Self> {
        let timer = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()?;
        let patience = match writer.connection {
            Connection::Sqlite(_) => PATIENCE,
            Connection::Postgres(_) => Duration::ZERO,
        };
        Ok(Self {
            writer,
            patience,
            queue,
            timer,
            jobs: Vec::with_capacity(MAX_BATCH),
            weight: 0,
            patient: VecDeque::new(),
            due: None,
            busy,
        })
    }

    pub(super) fn run(mut self) {
        let mut is_open = true;
        while is_open {
            match self.next() {
                Next::Message(Message::Work(first)) => {
                    self.take(first);
                    is_open = self.gather();
                    self.commit();
                }
                Next::Due => {}
                Next::Message(Message::Close) | Next::End => is_open = false,
            }
            self.commit_patient(is_open);
        }
    }

    fn next(&mut self) -> Next {
        let message = match self.due {
            None => self.queue.blocking_recv(),
            Some(due) => {
                let queue = &mut self.queue;
                let next = async { tokio::time::timeout_at(due, queue.recv()).await };
                match self.timer.block_on(next) {
                    Ok(message) => message,
                    Err(_) => return Next::Due,
                }
            }
        };
        message.map_or(Next::End, Next::Message)
    }

    /// Takes what else waits, up to a bound; says whether more may come.
    fn gather(&mut self) -> bool {
        while self.weight < MAX_BATCH && self.patient.len() < GATHERED {
            match self.queue.try_recv() {
                Ok(Message::Work(next)) => self.take(next),
                Ok(Message::Close) => return false,
                Err(_) => break,
            }
        }
        true
    }

    fn take(&mut self, job: Box<dyn Work>) {
        match job.urgency() {
            Urgency::Quick => self.push(job),
            Urgency::Patient => {
                if self.patient.is_empty() {
                    self.due = Some(Instant::now() + self.patience);
                }
                self.patient.push_back(job);
            }
            Urgency::Ordered => {
                // Before it, not with it: what a batch deletes it deletes at its end.
                let mut before = concerning(job.account(), &mut self.patient);
                if !before.is_empty() {
                    self.commit();
                }
                while !before.is_empty() {
                    self.jobs.extend(some_of(&mut before));
                    self.commit();
                }
                if self.patient.is_empty() {
                    self.due = None;
                }
                self.push(job);
            }
        }
    }

    fn push(&mut self, job: Box<dyn Work>) {
        self.weight = self.weight.saturating_add(job.weight());
        self.jobs.push(job);
    }

    fn commit(&mut self) {
        if !self.jobs.is_empty() {
            self.set_busy(Some(Instant::now()));
            self.writer.commit(&mut self.jobs);
            self.weight = 0;
            self.set_busy(None);
        }
    }

    fn set_busy(&self, since: Option<Instant>) {
        *self.busy.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    /// Some of what is patient, if its time has come; or all of it, at the end.
    fn commit_patient(&mut self, is_open: bool) {
        while self
            .due
            .is_some_and(|due| !is_open || due <= Instant::now() || self.patient.len() >= GATHERED)
        {
            self.jobs.extend(some_of(&mut self.patient));
            self.commit();
            if self.patient.is_empty() {
                self.due = None;
            } else if is_open {
                return; // others have their turn
            }
        }
    }
}

/// Takes those out that a command of this account, or of nobody in particular, may depend on.
fn concerning(
    account: Option<AccountId>,
    patient: &mut VecDeque<Box<dyn Work>>,
) -> VecDeque<Box<dyn Work>> {
    let (concerned, rest) = patient.drain(..).partition(|job| {
        let of_others = account.is_some() && job.account().is_some() && job.account() != account;
        !of_others
    });
    *patient = rest;
    concerned
}

/// The first of them, no more than others may have to wait for.
fn some_of(patient: &mut VecDeque<Box<dyn Work>>) -> Vec<Box<dyn Work>> {
    let mut some = Vec::new();
    let mut weight = 0_usize;
    while weight < MAX_PATIENT
        && let Some(job) = patient.pop_front()
    {
        weight = weight.saturating_add(job.weight());
        some.push(job);
    }
    some
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use shared_crypto::id::{DeviceId, Hash, MailboxId, VaultId};

    use super::*;
    use crate::store::writer::work::job;
    use crate::store::{Ack, ChangeMailboxes, Cursor, PutChunk, TombstonesSeen};

    fn ack(account: i64) -> Box<dyn Work> {
        let command = Ack {
            account: AccountId(account),
            device: DeviceId::from_bytes([1; 16]),
            cursor: Cursor(1),
            is_pushed: true,
        };
        job(command, Box::new(drop))
    }

    fn accounts(jobs: &VecDeque<Box<dyn Work>>) -> Vec<i64> {
        let accounts = jobs.iter().filter_map(|job| job.account());
        accounts.map(|account| account.0).collect()
    }

    /// Somebody who changes mailboxes all the time took from everybody that their acknowledgements are gathered.
    #[test]
    fn a_command_of_one_account_does_not_hurry_the_others() {
        let mut patient: VecDeque<_> = [1, 2, 1, 3].into_iter().map(ack).collect();
        let change = ChangeMailboxes {
            account: AccountId(1),
            add: Vec::new(),
            remove: vec![MailboxId::from_bytes([1; 32])],
        };
        let change = job(change, Box::new(drop));
        assert_eq!(change.urgency(), Urgency::Ordered);
        let before = concerning(change.account(), &mut patient);
        assert_eq!(
            (accounts(&before), accounts(&patient)),
            (vec![1, 1], vec![2, 3])
        );
        // What is about everybody comes after everything.
        let before = concerning(None, &mut patient);
        assert_eq!(
            (accounts(&before), accounts(&patient)),
            (vec![2, 3], vec![])
        );
    }

    /// Nor somebody who writes into a vault, which comes in many pieces.
    #[test]
    fn a_piece_of_a_vault_hurries_nobody() {
        let chunk = PutChunk {
            vault: VaultId::from_bytes([1; 32]),
            chunk: Hash::from_bytes([2; 32]),
            sealed: Bytes::new(),
        };
        assert_eq!(job(chunk, Box::new(drop)).urgency(), Urgency::Quick);
    }

    #[test]
    fn what_is_patient_is_done_in_parts() {
        let seen = TombstonesSeen {
            account: AccountId(1),
            ids: vec![1; 100],
        };
        let seen = job(seen, Box::new(drop));
        assert_eq!(seen.urgency(), Urgency::Patient);
        let mut patient: VecDeque<_> = (0..40).map(ack).collect();
        patient.push_front(seen);
        let parts = [some_of(&mut patient).len(), some_of(&mut patient).len()];
        assert_eq!((parts, patient.len()), ([8, 32], 1));
    }
}
