//! Everything durable. Only this module names Diesel.
//!
//! One thread writes: it takes whatever waits into one transaction, commits, then answers all of it
//! (`writer`). Readers come from a pool and see committed data only. Functions below take a
//! connection and return domain types; absent is `None`, never an error.
//!
//! The database is a SQLite file or a PostgreSQL server. A query is written once and compiled for both
//! (`connection`); each has its own migrations, with the same names and the same tables.

mod accounts;
mod batch;
mod connection;
mod database;
mod here;
mod invites;
mod key_packages;
mod listen;
mod mail;
mod maintenance;
mod many;
mod open;
mod operator;
mod outbox;
mod outstanding;
mod peers;
mod processes;
mod read;
mod retention;
pub(crate) mod schema;
mod statement;
mod usage;
mod vaults;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use diesel::r2d2::Pool;
use shared_crypto::id::{DeviceId, MailboxId, MessageId, SubmissionId};
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;

pub use accounts::{
    Admission, OpenDevice, Overruled, PutIdentity, PutIdentityOutcome, RecordRow, TouchDevices,
};
pub use batch::Batch;
use connection::{Connection, on};
pub(crate) use database::DEFAULT_FILE;
pub use database::{Database, PostgresUrl};
pub use here::Disk;
pub use invites::{CreateInvite, InviteHash, InviteRow, RevokeInvite};
pub use key_packages::PutKeyPackage;
pub use mail::{Ack, ChangeMailboxes, Deliver, Delivered, MailboxKind, MailboxRefusal};
pub use maintenance::{MigrationState, newest_migration};
pub use many::Needs;
pub use operator::{
    AccountView, BlockAccount, BlockPeer, DeleteAccount, Expirable, PeerView, PurgeMail,
    SetClosing, Stats,
};
pub use outbox::{Outcomes, OutcomesSeen, Postpone, Route, Submit, Submitted};
pub use peers::{PeerFailed, PeerReached, PeerState};
pub use processes::{Elsewhere, KeepKeys, Lease, Listener, ProcessId, Release};
pub use read::{AccountRow, BundleRow, OutboxItem, OutcomeRow, StoredEnvelope, StoredRecord};
pub use retention::{Expire, Expired, TombstoneRow, TombstonesSeen};
pub use vaults::{ForgetVault, Kept, OwnVault, PutChunk, PutManifest};
pub use writer::{Apply, Urgency, WriterLimits};

use crate::clock::{Clock, Millis};

/// The row of an account; never leaves the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(i64);

#[cfg(test)]
impl AccountId {
    /// Of a row that nobody looks for.
    pub(crate) const fn of(row: i64) -> Self {
        Self(row)
    }
}

/// Position in an account's mail: one more with every stored envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Cursor(u64);

impl Cursor {
    /// From the wire.
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// To the wire.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The position of the envelope after this one.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// The row of a submission in the outbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OutboxId(i64);

/// What a commit has made true, for those who push and forward.
#[derive(Debug, Clone)]
pub enum Event {
    /// An envelope was stored.
    Stored {
        /// Whose.
        account: AccountId,
        /// At which position.
        cursor: Cursor,
        /// When.
        arrived_at: Millis,
        /// In which mailbox.
        mailbox: MailboxId,
        /// Of which kind that is.
        kind: MailboxKind,
        /// Under which id.
        message_id: MessageId,
        /// What.
        envelope: Bytes,
    },
    /// The account is blocked or gone: nobody is connected to it any more.
    Closed {
        /// Whose.
        account: AccountId,
    },
    /// Operators have decided something about the whole node: which nodes are blocked, or its end.
    Decided,
    /// A box waits for another node.
    Queued {
        /// Which.
        destination: NodeUrl,
    },
    /// What became of a submission.
    Outcome {
        /// Whose.
        account: AccountId,
        /// Who submitted it.
        device: DeviceId,
        /// Which.
        submission: SubmissionId,
        /// Nothing: their node has it durably.
        code: Option<ProblemCode>,
    },
    /// The signing key of an account was replaced: whoever logged in with the old one has to go.
    KeyReplaced {
        /// Whose.
        account: AccountId,
    },
    /// Mail expired unread.
    Tombstone {
        /// Whose.
        account: AccountId,
        /// What is known of it.
        tombstone: TombstoneRow,
    },
    /// Another process has committed something.
    Elsewhere(Elsewhere),
}

/// Who hears of commits, in their order, before the callers of the same commit are answered.
pub type Observer = Box<dyn FnMut(&[Event]) + Send>;

/// Why the store could not do it. Never a refusal by a rule: those are values.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be opened or written now.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A statement failed.
    #[error("a database statement failed: {0}")]
    Statement(#[from] diesel::result::Error),
    /// A stored value is not what this node writes.
    #[error("the database holds a value that this node does not write: {0}")]
    Corrupt(&'static str),
    /// The database was written by a newer version.
    #[error(
        "the database {database} was written by a newer zechat-node (it has migration {version}): \
         use that version, or restore a backup made before the upgrade"
    )]
    Newer {
        /// Which.
        database: String,
        /// The first migration that is not known.
        version: String,
    },
    /// It is a database of something else.
    #[error("{database} is a database, but not one of zechat-node")]
    Foreign {
        /// Which.
        database: String,
    },
    /// A migration failed.
    #[error("the database could not be migrated: {0}")]
    Migration(String),
    /// The writer has ended.
    #[error("the writer of the database has ended")]
    Stopped,
}

/// Where the database is and how much it may hold.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Where it is.
    pub database: Database,
    /// How many connections read.
    pub readers: u32,
    /// What the writer enforces.
    pub limits: WriterLimits,
    /// Who this is among the processes on the database.
    pub process: ProcessId,
}

/// The database.
#[derive(Clone)]
pub struct Store(Access);

#[derive(Clone)]
enum Access {
    /// One thread writes, others read.
    Threads(Threads),
    /// Whoever calls reads and writes.
    Here(here::Here),
}

/// The writer's thread and the readers' pool.
#[derive(Clone)]
struct Threads {
    readers: Pool<open::Readers>,
    writer: writer::Handle,
}

impl Store {
    /// Opens the database, creates or migrates it, and starts the writer.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened, or is of a newer or foreign schema.
    pub fn open(
        options: &StoreOptions,
        clock: Arc<dyn Clock>,
        observer: Observer,
    ) -> Result<Self, StoreError> {
        let (connection, readers) = open::open(options)?;
        let database = options.database.clone();
        let reopen: writer::Reopen = Box::new(move || open::writer(&database));
        let writer = writer::start(writer::Writer {
            connection,
            reopen,
            clock,
            limits: options.limits.clone(),
            observer,
            process: options.process,
            outstanding: outstanding::Outstanding::default(),
            seen: outbox::Seen::default(),
        })?;
        Ok(Self(Access::Threads(Threads { readers, writer })))
    }

    /// Whether it works on threads of its own.
    pub fn has_threads(&self) -> bool {
        matches!(self.0, Access::Threads(_))
    }

    /// Writes; resolves after the commit that holds it.
    ///
    /// # Errors
    /// [`StoreError`] when nothing was written.
    pub async fn write<C: Apply>(&self, command: C) -> Result<C::Output, StoreError> {
        let (sender, receiver) = tokio::sync::oneshot::channel();
        self.write_then(command, move |result| {
            let _ = sender.send(result); // who asked may have gone
        })
        .await?;
        receiver.await.map_err(|_| StoreError::Stopped)?
    }

    /// Queues a write, waiting for room only; `reply` is called after its commit, on the writer's
    /// thread, and must not block.
    ///
    /// # Errors
    /// [`StoreError::Stopped`] when the writer has ended; `reply` is not called then.
    pub async fn write_then<C: Apply>(
        &self,
        command: C,
        reply: impl FnOnce(Result<C::Output, StoreError>) + Send + 'static,
    ) -> Result<(), StoreError> {
        match &self.0 {
            Access::Threads(threads) => threads.writer.send(command, Box::new(reply)).await,
            Access::Here(here) => here.write(command, Box::new(reply)),
        }
    }

    /// Reads on a thread that may block.
    ///
    /// # Errors
    /// [`StoreError`] from the pool or the statements.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let pool = match &self.0 {
            Access::Threads(threads) => threads.readers.clone(),
            Access::Here(here) => return here.read(read),
        };
        tokio::task::spawn_blocking(move || {
            let mut connection = pool
                .get()
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
            read(&mut connection)
        })
        .await
        .map_err(|_| StoreError::Stopped)?
    }

    /// Hears of what other processes on the same database commit, for as long as it is polled. A file
    /// has no other processes.
    pub fn listen(
        options: &StoreOptions,
        listener: Listener,
    ) -> impl Future<Output = ()> + Send + 'static {
        let (database, process) = (options.database.clone(), options.process);
        async move {
            if let Database::Postgres(url) = database {
                listen::run(url, process, listener).await;
            }
        }
    }

    /// Tries whether [`Store::listen`] will work.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the server cannot be listened to.
    pub async fn can_listen(options: &StoreOptions) -> Result<(), StoreError> {
        match &options.database {
            Database::Postgres(url) => listen::probe(url).await,
            Database::Sqlite(_) => Ok(()),
        }
    }

    /// Waits until nothing can be written any more.
    pub async fn ended(&self) {
        match &self.0 {
            Access::Threads(threads) => threads.writer.ended().await,
            Access::Here(_) => std::future::pending().await,
        }
    }

    /// Ends the writer after what it has been given, waiting no longer than `patience`.
    pub async fn close(&self, patience: Duration) {
        match &self.0 {
            Access::Threads(threads) => threads.writer.close(patience).await,
            Access::Here(here) => drop(here.take()),
        }
    }
}

/// Database integers are signed; ours are not and stay far below the limit.
fn to_db(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn from_db(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn size_to_db(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn id_from_db<'a, T: TryFrom<&'a [u8]>>(bytes: &'a [u8]) -> Result<T, StoreError> {
    T::try_from(bytes).map_err(|_| StoreError::Corrupt("an id of the wrong length"))
}
