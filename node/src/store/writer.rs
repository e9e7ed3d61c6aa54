//! The one thread that writes.
//!
//! It takes the first command and everything else that waits, up to a bound, into one transaction,
//! commits, tells the observer, then answers everybody. A transaction that fails is done again
//! command by command, so that one bad command does not fail its neighbours. Nobody is answered
//! before the commit that holds what they asked for.
//!
//! Acknowledgements can wait: they delete what nobody will ask for, which is as much work as storing
//! it was. They are gathered for a moment and committed by themselves, so that mail which comes
//! meanwhile does not wait for them; but whoever could see a difference finds them done ([`Urgency`]).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use super::batch::Batch;
use super::connection::Connection;
use super::many::Needs;
use super::outbox::Seen;
use super::outstanding::Outstanding;
use super::processes::{Elsewhere, ProcessId};
use super::{AccountId, Event, Observer, StoreError};
use crate::clock::{Clock, Millis};

/// What commands in one transaction may weigh together: enough that the sync is shared by many, and little
/// enough that the first of them does not wait long for the last.
const MAX_BATCH: usize = 256;

/// Commands that may wait. A sender waits for room beyond that.
const QUEUE: usize = 1024;

/// How long acknowledgements are gathered over a file. What is not committed when the process dies is pushed
/// again to its device, which knows it. On a server they are not: another process may see a difference.
const PATIENCE: Duration = Duration::from_millis(500);

/// What patient commands in one transaction may weigh: each may delete a window of mail.
const MAX_PATIENT: usize = 32;

/// Patient commands that are gathered at most.
const GATHERED: usize = 4096;

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
    pub(super) fn intro_bytes(&self) -> u64 {
        self.quota_bytes.div_euclid(STRANGERS_SHARE).max(65_536)
    }

    /// Bytes up to which an envelope of this size is taken into intro mailboxes. The largest ones get half of
    /// them: with the same work they fill four times as much, and what most strangers send must still fit.
    pub(super) fn intro_room(&self, size: u64) -> u64 {
        let all = self.intro_bytes();
        if size > USUAL_FIRST_CONTACT {
            all.div_euclid(2).max(size)
        } else {
            all
        }
    }

    /// Envelopes in an account's intro mailboxes.
    pub(super) fn intro_count(&self) -> u64 {
        self.quota_count.div_euclid(STRANGERS_SHARE).max(1)
    }
}

/// When a command is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// In the next transaction, after everything that was asked before.
    Ordered,
    /// In the next transaction, before what can wait: it does not depend on that.
    Quick,
    /// Some time later.
    Patient,
}

/// A command of the writer. It may be applied again, so it has no effect but on its batch.
pub trait Apply: Send + 'static {
    /// What it answers.
    type Output: Send + 'static;

    /// When it is done. Most do not come often, and may depend on what was asked before.
    const URGENCY: Urgency = Urgency::Ordered;

    /// How much work it is, compared with storing one envelope.
    fn weight(&self) -> usize {
        1
    }

    /// Whose it is, if nothing that it reads or changes is of another account: then it does not have to wait
    /// for what patient commands of others do, nor they for it.
    fn account(&self) -> Option<AccountId> {
        None
    }

    /// Names what it will look for, so that the database can be asked once for all commands.
    fn needs(&self, _needs: &mut Needs) {}

    /// Does it inside the batch's transaction. A refusal by a rule is a value and has changed
    /// nothing; an error undoes the whole batch.
    ///
    /// # Errors
    /// [`StoreError`] from a statement.
    fn apply(&self, batch: &mut Batch<'_>) -> Result<Self::Output, StoreError>;
}

pub(super) type Reply<T> = Box<dyn FnOnce(Result<T, StoreError>) + Send>;

/// A command with its reply, whatever their types.
pub(super) trait Work: Send {
    fn urgency(&self) -> Urgency;
    fn weight(&self) -> usize;
    fn account(&self) -> Option<AccountId>;
    fn needs(&self, needs: &mut Needs);
    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), StoreError>;
    fn succeed(self: Box<Self>);
    fn fail(self: Box<Self>, error: StoreError);
}

struct Job<C: Apply> {
    command: C,
    output: Option<C::Output>,
    reply: Reply<C::Output>,
}

impl<C: Apply> Work for Job<C> {
    fn urgency(&self) -> Urgency {
        C::URGENCY
    }

    fn weight(&self) -> usize {
        self.command.weight().max(1)
    }

    fn account(&self) -> Option<AccountId> {
        self.command.account()
    }

    fn needs(&self, needs: &mut Needs) {
        self.command.needs(needs);
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        self.output = Some(self.command.apply(batch)?);
        Ok(())
    }

    fn succeed(self: Box<Self>) {
        (self.reply)(self.output.ok_or(StoreError::Stopped));
    }

    fn fail(self: Box<Self>, error: StoreError) {
        (self.reply)(Err(error));
    }
}

pub(super) fn job<C: Apply>(command: C, reply: Reply<C::Output>) -> Box<dyn Work> {
    Box::new(Job {
        command,
        output: None,
        reply,
    })
}

enum Message {
    Work(Box<dyn Work>),
    Close,
}

/// The way to the writer.
#[derive(Clone)]
pub(super) struct Handle {
    queue: mpsc::Sender<Message>,
    ended: watch::Receiver<bool>,
    busy: Busy,
}

/// Since when the writer has been at one commit.
type Busy = Arc<Mutex<Option<Instant>>>;

impl Handle {
    pub(super) async fn send<C: Apply>(
        &self,
        command: C,
        reply: Reply<C::Output>,
    ) -> Result<(), StoreError> {
        let work = Message::Work(job(command, reply));
        self.queue.send(work).await.map_err(|_| StoreError::Stopped)
    }

    /// Whether it takes commands.
    pub(super) fn is_running(&self) -> bool {
        !*self.ended.borrow() && self.ended.has_changed().is_ok()
    }

    /// Whether it has been at one commit for so long.
    pub(super) fn hangs(&self, patience: Duration) -> bool {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.is_some_and(|since| since.elapsed() > patience)
    }

    /// Waits for its end, whether it was closed or broke.
    pub(super) async fn ended(&self) {
        // An error means that the thread is gone without a word.
        let _ = self.ended.clone().wait_for(|ended| *ended).await;
    }

    pub(super) async fn close(&self, patience: Duration) {
        let end = async {
            let _ = self.queue.send(Message::Close).await; // fails only when it has ended already
            self.ended().await;
        };
        if tokio::time::timeout(patience, end).await.is_err() {
            tracing::warn!("the writer did not end in time");
        }
    }
}

/// Opens the writer's connection again after it has failed for good.
pub(super) type Reopen = Box<dyn Fn() -> Result<Connection, StoreError> + Send>;

/// What the writer's thread owns.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) reopen: Reopen,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) limits: WriterLimits,
    pub(super) observer: Observer,
    pub(super) process: ProcessId,
    /// Of a file.
    pub(super) outstanding: Outstanding,
    /// On a server.
    pub(super) seen: Seen,
}

/// Starts the writer's thread.
pub(super) fn start(writer: Writer) -> Result<Handle, StoreError> {
    let (sender, queue) = mpsc::channel::<Message>(QUEUE);
    let (has_ended, ended) = watch::channel(false);
    let unavailable = |error: std::io::Error| StoreError::Unavailable(error.to_string());
    let timer = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(unavailable)?;
    let patience = match writer.connection {
        Connection::Sqlite(_) => PATIENCE,
        Connection::Postgres(_) => Duration::ZERO,
    };
    let turns = Turns {
        writer,
        patience,
        queue,
        timer,
        jobs: Vec::with_capacity(MAX_BATCH),
        weight: 0,
        patient: VecDeque::new(),
        due: None,
        busy: Busy::default(),
    };
    let busy = Arc::clone(&turns.busy);
    std::thread::Builder::new()
        .name("store-writer".into())
        .spawn(move || {
            turns.run();
            let _ = has_ended.send(true);
        })
        .map_err(unavailable)?;
    Ok(Handle {
        queue: sender,
        ended,
        busy,
    })
}

/// What the thread does in turns: the batches that wait, and from time to time what is patient.
struct Turns {
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
    fn run(mut self) {
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

impl Writer {
    /// Commits all the jobs together, or each alone when that fails, and answers them.
    pub(super) fn commit(&mut self, jobs: &mut Vec<Box<dyn Work>>) {
        let error = match self.transact(jobs) {
            Ok(events) => {
                (self.observer)(&events);
                jobs.drain(..).for_each(|job| job.succeed());
                return;
            }
            Err(error) => error,
        };
        let is_usable = self.mend();
        if jobs.len() > 1 && is_usable {
            tracing::warn!(%error, cause = cause(&error), jobs = jobs.len(), "a batch failed; doing it one by one");
            for job in jobs.drain(..) {
                self.commit(&mut vec![job]);
            }
            return;
        }
        tracing::error!(%error, cause = cause(&error), jobs = jobs.len(), "a write failed");
        jobs.drain(..).for_each(|job| job.fail(failed(&error)));
    }

    fn transact(&mut self, jobs: &mut [Box<dyn Work>]) -> Result<Vec<Event>, StoreError> {
        let (now, limits, process) = (self.clock.now(), &self.limits, self.process);
        let mut outstanding = None;
        if let Connection::Sqlite(c) = &mut self.connection {
            self.outstanding.load(c)?;
            outstanding = Some(&mut self.outstanding);
        }
        let seen = &mut self.seen;
        let written = self.connection.write(|connection| {
            let mut batch = Batch::new(connection, now, limits, outstanding, seen);
            if batch.asks_once() {
                let mut needs = Needs::default();
                jobs.iter().for_each(|job| job.needs(&mut needs));
                batch.prepare(&needs)?;
            }
            for job in jobs.iter_mut() {
                job.apply(&mut batch)?;
            }
            batch.finish(process)
        });
        match &written {
            Ok(done) if done.is_outbox_unknown => self.outstanding.forget(),
            Ok(_) => self.outstanding.keep(),
            Err(_) => self.outstanding.undo(),
        }
        written.map(|done| done.events)
    }

    /// After an error: opens the connection again if the server was ended, or a transaction could
    /// neither end nor be undone. Says whether there is a connection now.
    fn mend(&mut self) -> bool {
        if !self.connection.is_broken() {
            return true;
        }
        match (self.reopen)() {
            Ok(fresh) => {
                self.connection = fresh;
                self.outstanding.forget();
                // What failed may have been committed all the same; it is not told of again.
                (self.observer)(&[Event::Elsewhere(Elsewhere::Anything)]);
                true
            }
            Err(error) => {
                tracing::error!(%error, "the database cannot be reopened");
                false
            }
        }
    }
}

fn cause(error: &StoreError) -> Option<String> {
    std::error::Error::source(error).map(ToString::to_string)
}

/// What the caller learns; the log has the rest.
fn failed(error: &StoreError) -> StoreError {
    match error {
        StoreError::Corrupt(what) => StoreError::Corrupt(what),
        other => StoreError::Unavailable(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use shared_crypto::id::{DeviceId, Hash, MailboxId, VaultId};

    use super::*;
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
