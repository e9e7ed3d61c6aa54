//! The store by itself: what its tests share.

use std::sync::{Arc, Mutex};

use super::*;
use crate::clock::{Clock as _, MockClock};
use crate::random;
use crate::refused::Refused;

#[path = "../../tests/node/support/database.rs"]
pub(super) mod database;
mod keeping;
mod opening;
mod submissions;
mod writing;

use database::TestDatabase;

const DAY: Millis = 86_400_000;

pub(crate) struct Fixture {
    store: Store,
    options: StoreOptions,
    clock: MockClock,
    events: Arc<Mutex<Vec<Vec<Event>>>>,
    folder: tempfile::TempDir,
    _database: Option<TestDatabase>,
}

impl Fixture {
    fn new() -> Self {
        Self::with(|_| ())
    }

    fn with(change: impl FnOnce(&mut WriterLimits)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut limits = Self::limits();
        change(&mut limits);
        let server = TestDatabase::create();
        let url = server.as_ref().map_or("", TestDatabase::url);
        let options = StoreOptions {
            database: Database::parse(url, folder.path()),
            process: ProcessId::make(),
            readers: 2,
            limits,
        };
        let clock = MockClock::new(100 * DAY);
        let events = Arc::new(Mutex::new(Vec::new()));
        let store = open(&options, &clock, &events).unwrap();
        Self {
            store,
            options,
            clock,
            events,
            folder,
            _database: server,
        }
    }

    pub(crate) fn limits() -> WriterLimits {
        WriterLimits {
            vault_bytes: 1 << 20,
            quota_bytes: 1 << 30,
            quota_count: 1_000_000,
            retention: 21 * DAY,
            outbox_count: 1_000,
            outbox_bytes: 1 << 30,
            mailboxes: 100,
        }
    }

    /// Some things are true of files only.
    fn is_file(&self) -> bool {
        !self.options.database.is_shared()
    }

    async fn account(&self) -> (AccountId, MailboxId) {
        let mailbox = MailboxId::from_bytes(random::bytes());
        let command = registration();
        let identity = command.identity;
        assert_eq!(
            self.store.write(command).await.unwrap(),
            Ok(PutIdentityOutcome::Created)
        );
        let account = self.store.find_account(identity).await.unwrap().unwrap().id;
        let add = vec![(mailbox, MailboxKind::Contact)];
        let command = ChangeMailboxes {
            account,
            add,
            remove: Vec::new(),
        };
        assert_eq!(self.store.write(command).await.unwrap(), Ok(()));
        (account, mailbox)
    }

    async fn usage(&self, account: AccountId) -> (u64, u64) {
        let usage = self.store.write(Inspect(account)).await.unwrap();
        assert_eq!(
            usage.stated, usage.counted,
            "the stated usage is the real one"
        );
        usage.stated
    }

    async fn all(&self, account: AccountId) -> Vec<StoredEnvelope> {
        self.store
            .envelopes_after(account, Cursor(0), 10_000, usize::MAX)
            .await
            .unwrap()
    }
}

pub(super) fn registration() -> PutIdentity {
    PutIdentity {
        identity: shared_crypto::id::IdentityId::from_bytes(random::bytes()),
        records: vec![RecordRow {
            number: 0,
            hash: shared_crypto::id::Hash::from_bytes(random::bytes()),
            signed: vec![1],
        }],
        signing_key: vec![2],
        overrules: None,
        epoch: 1,
        key_package_hash: shared_crypto::id::Hash::from_bytes([3; 32]),
        key_package: vec![4],
        intro: Some(MailboxId::from_bytes(random::bytes())),
        admission: Admission::Open,
    }
}

fn open(
    options: &StoreOptions,
    clock: &MockClock,
    events: &Arc<Mutex<Vec<Vec<Event>>>>,
) -> Result<Store, StoreError> {
    let events = Arc::clone(events);
    let observer: Observer =
        Box::new(move |committed| events.lock().unwrap().push(committed.to_vec()));
    Store::open(options, Arc::new(clock.clone()), observer)
}

fn full(rule: &'static str) -> Result<Delivered, Refused> {
    Err(Refused::by(ProblemCode::MailboxFull, rule))
}

fn deliver(mailbox: MailboxId) -> Deliver {
    Deliver {
        mailbox,
        message_id: MessageId::from_bytes(random::bytes()),
        envelope: Bytes::from(vec![7; 4096]),
        is_paid: false,
    }
}

/// Compares what an account is said to occupy with what is there.
struct Inspect(AccountId);

struct Inspected {
    stated: (u64, u64),
    counted: (u64, u64),
}

impl Apply for Inspect {
    type Output = Inspected;

    fn apply(&self, batch: &mut Batch<'_>) -> Result<Inspected, StoreError> {
        use diesel::prelude::*;
        use schema::{accounts, messages};
        let (bytes, count): (i64, i64) = on!(batch.connection, |c| accounts::table
            .find(self.0.0)
            .select((accounts::used_bytes, accounts::used_count))
            .first(c))?;
        let sizes: Vec<i64> = on!(batch.connection, |c| messages::table
            .filter(messages::account.eq(self.0.0))
            .select(messages::size)
            .load(c))?;
        let counted = (
            from_db(sizes.iter().sum()),
            u64::try_from(sizes.len()).unwrap(),
        );
        Ok(Inspected {
            stated: (from_db(bytes), from_db(count)),
            counted,
        })
    }
}

/// Runs a statement inside the batch.
pub(super) struct Run(pub(super) &'static str);

impl Apply for Run {
    type Output = ();

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        batch.connection.run(self.0)?;
        Ok(())
    }
}

/// A submission, and something else in the same transaction.
pub(super) struct Both(pub(super) Submit, pub(super) Run);

impl Apply for Both {
    type Output = ();

    fn needs(&self, needs: &mut Needs) {
        self.0.needs(needs);
    }

    fn apply(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        let _ = self.0.apply(batch)?;
        self.1.apply(batch)
    }
}

pub(super) fn submit(account: AccountId, number: u16, destination: &str) -> Submit {
    Submit {
        account,
        device: DeviceId::from_bytes([1; 16]),
        submission: SubmissionId::from_bytes(u128::from(number).to_be_bytes()),
        destination: NodeUrl::parse(destination).unwrap(),
        route: Route::Remote(Bytes::from_static(b"box")),
    }
}
