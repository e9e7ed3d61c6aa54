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

mod limits;
mod turns;
mod work;

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
use super::{Event, Observer, StoreError};
use crate::clock::Clock;

pub use limits::WriterLimits;
use turns::Turns;
pub use work::{Apply, Urgency};
pub(super) use work::{Reply, Work, job};

/// Commands that may wait. A sender waits for room beyond that.
const QUEUE: usize = 1024;

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
    let busy = Busy::default();
    let turns = Turns::new(writer, queue, Arc::clone(&busy)).map_err(unavailable)?;
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
