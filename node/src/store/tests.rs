//! The store by itself: what the writer promises.

use std::sync::{Arc, Mutex};

use super::*;
use crate::clock::{Clock as _, MockClock};
use crate::random;

#[path = "../../tests/node/support/database.rs"]
pub(super) mod database;

use database::TestDatabase;

const DAY: Millis = 86_400_000;

pub(super) struct Fixture {
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

    pub(super) fn limits() -> WriterLimits {
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

/// Keeps the writer busy, so that what follows waits for it together.
struct Wait;

impl Apply for Wait {
    type Output = ();

    fn apply(&self, _: &mut Batch<'_>) -> Result<(), StoreError> {
        std::thread::sleep(Duration::from_millis(100));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_together_is_committed_together() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    it.store.write_then(Wait, drop).await.unwrap();
    let writes = (0..100).map(|_| it.store.write(deliver(mailbox)));
    for written in futures_util::future::join_all(writes).await {
        assert_eq!(written.unwrap(), Ok(Delivered::Stored));
    }
    let commits: Vec<usize> = it
        .events
        .lock()
        .unwrap()
        .iter()
        .map(Vec::len)
        .filter(|len| *len != 0)
        .collect();
    assert_eq!(commits.iter().sum::<usize>(), 100);
    assert!(commits.len() <= 3, "{commits:?}");
    assert_eq!(it.usage(account).await, (100 * 4096, 100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_command_fails_alone() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    it.store.write_then(Wait, drop).await.unwrap();
    let before = (0..10).map(|_| it.store.write(deliver(mailbox)));
    let bad = it.store.write(Run("INSERT INTO nowhere VALUES (1)"));
    let after = (0..10).map(|_| it.store.write(deliver(mailbox)));
    let (before, bad, after) = futures_util::future::join3(
        futures_util::future::join_all(before),
        bad,
        futures_util::future::join_all(after),
    )
    .await;
    assert!(matches!(bad, Err(StoreError::Unavailable(_))));
    for written in before.into_iter().chain(after) {
        assert_eq!(written.unwrap(), Ok(Delivered::Stored));
    }
    assert_eq!(it.usage(account).await.1, 20);
    let stored = it.all(account).await;
    assert!(
        stored
            .windows(2)
            .all(|pair| pair[0].cursor < pair[1].cursor)
    );
    let told: Vec<Cursor> = it
        .events
        .lock()
        .unwrap()
        .iter()
        .flatten()
        .map(|event| match event {
            Event::Stored { cursor, .. } => *cursor,
            other => panic!("{other:?}"),
        })
        .collect();
    let expected: Vec<Cursor> = stored.iter().map(|envelope| envelope.cursor).collect();
    assert_eq!(told, expected, "told once, in the order of their cursors");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_and_recovers() {
    let it = Fixture::new();
    if !it.is_file() {
        return; // a pragma of SQLite plays the full disk
    }
    let (account, mailbox) = it.account().await;
    assert_eq!(
        it.store.write(deliver(mailbox)).await.unwrap(),
        Ok(Delivered::Stored)
    );
    // SQLite behaves as on a full disk, and undoes the transaction by itself.
    it.store
        .write(Run("PRAGMA max_page_count = 60"))
        .await
        .unwrap();
    let mut stored = 1;
    let failed = loop {
        match it.store.write(deliver(mailbox)).await {
            Ok(Ok(Delivered::Stored)) => stored += 1,
            other => break other,
        }
        assert!(stored < 100, "the disk is never full");
    };
    assert!(matches!(failed, Err(StoreError::Unavailable(_))));
    assert_eq!(it.all(account).await.len(), stored);
    for _ in 0..3 {
        assert!(it.store.write(deliver(mailbox)).await.is_err());
    }
    it.store
        .write(Run("PRAGMA max_page_count = 100000"))
        .await
        .unwrap();
    assert_eq!(
        it.store.write(deliver(mailbox)).await.unwrap(),
        Ok(Delivered::Stored)
    );
    assert_eq!(
        it.usage(account).await.1,
        u64::try_from(stored).unwrap() + 1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_somebody_ends_does_not_stop_the_writer() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    assert!(it.store.write(Run("ROLLBACK")).await.is_err());
    for _ in 0..3 {
        assert_eq!(
            it.store.write(deliver(mailbox)).await.unwrap(),
            Ok(Delivered::Stored)
        );
    }
    assert_eq!(it.usage(account).await.1, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_usage_is_right_after_acknowledgement_and_expiry() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let device = DeviceId::from_bytes([1; 16]);
    for _ in 0..10 {
        it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    }
    assert_eq!(
        it.store
            .write(OpenDevice { account, device })
            .await
            .unwrap(),
        Cursor(0)
    );
    let cursor = it.all(account).await[3].cursor;
    it.store
        .write(Ack {
            account,
            device,
            cursor,
            is_pushed: true,
        })
        .await
        .unwrap();
    assert_eq!(it.usage(account).await, (6 * 4096, 6));
    // Never back
    it.store
        .write(Ack {
            account,
            device,
            cursor: Cursor(1),
            is_pushed: true,
        })
        .await
        .unwrap();
    assert_eq!(
        it.store
            .write(OpenDevice { account, device })
            .await
            .unwrap(),
        cursor
    );
    it.clock.advance(Duration::from_millis(21 * DAY + 1));
    assert_eq!(
        it.store.write(Expire).await.unwrap(),
        Expired {
            envelopes: 6,
            is_done: true
        }
    );
    assert_eq!(it.usage(account).await, (0, 0));
    let tombstones = it.store.tombstones(account).await.unwrap();
    assert_eq!(
        tombstones
            .iter()
            .map(|tombstone| tombstone.count)
            .sum::<u64>(),
        6
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn expiry_goes_in_pages() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let writes = (0..1_200).map(|_| it.store.write(deliver(mailbox)));
    futures_util::future::join_all(writes).await;
    it.clock.advance(Duration::from_millis(22 * DAY));
    let mut deleted = Vec::new();
    loop {
        let expired = it.store.write(Expire).await.unwrap();
        deleted.push(expired.envelopes);
        if expired.is_done {
            break;
        }
    }
    assert_eq!(deleted, [500, 500, 200]);
    assert_eq!(it.usage(account).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_devices_are_not_remembered_for_ever() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let mut cursor = Cursor(0);
    it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    for number in 0..40 {
        let device = DeviceId::from_bytes([number; 16]);
        it.clock.advance(Duration::from_millis(1));
        it.store
            .write(OpenDevice { account, device })
            .await
            .unwrap();
        cursor = it.all(account).await[0].cursor;
    }
    // The 16 newest hold it back, the 24 others are forgotten.
    for number in 24..40 {
        assert_eq!(it.usage(account).await.1, 1, "{number}");
        let device = DeviceId::from_bytes([number; 16]);
        it.store
            .write(Ack {
                account,
                device,
                cursor,
                is_pushed: true,
            })
            .await
            .unwrap();
    }
    assert_eq!(it.usage(account).await.1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_writer_finishes_what_it_was_given() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    it.store.write_then(Wait, drop).await.unwrap();
    for _ in 0..50 {
        it.store.write_then(deliver(mailbox), drop).await.unwrap();
    }
    it.store.close(Duration::from_secs(5)).await;
    assert!(matches!(
        it.store.write(deliver(mailbox)).await,
        Err(StoreError::Stopped)
    ));
    let again = open(&it.options, &it.clock, &it.events).unwrap();
    let stored = again
        .envelopes_after(account, Cursor(0), 100, usize::MAX)
        .await
        .unwrap();
    assert_eq!(stored.len(), 50);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_could_see_a_difference_finds_acknowledgements_done() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let device = DeviceId::from_bytes([1; 16]);
    let open = OpenDevice { account, device };
    it.store.write(open).await.unwrap();
    let stored = it.store.write(deliver(mailbox)).await.unwrap();
    assert_eq!(stored, Ok(Delivered::Stored));
    let ack = Ack {
        account,
        device,
        cursor: Cursor(1),
        is_pushed: true,
    };
    it.store.write_then(ack, drop).await.unwrap();
    assert_eq!(it.store.write(open).await.unwrap(), Cursor(1));
    assert_eq!(it.usage(account).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_is_taken_once_however_often_the_store_is_opened() {
    let it = Fixture::new();
    let (account, _) = it.account().await;
    let one = submit(account, 1, "https://a.example");
    let settled = Ok(Submitted::Settled(None));
    assert_eq!(
        it.store.write(one.clone()).await.unwrap(),
        Ok(Submitted::Accepted)
    );
    let waiting = async |store: &Store| {
        let node = NodeUrl::parse("https://a.example").unwrap();
        store
            .outbox_batch(node, it.clock.now(), 10, 1 << 20)
            .await
            .unwrap()
    };
    let [item] = waiting(&it.store).await.try_into().unwrap();
    it.store.close(Duration::from_secs(10)).await;
    let store = open(&it.options, &it.clock, &it.events).unwrap();
    assert_eq!(
        store.write(one.clone()).await.unwrap(),
        Ok(Submitted::Accepted)
    );
    assert_eq!(waiting(&store).await.len(), 1);
    store.write(Outcomes(vec![(item.id, None)])).await.unwrap();
    assert_eq!(store.write(one.clone()).await.unwrap(), settled);
    store.close(Duration::from_secs(10)).await;
    let store = open(&it.options, &it.clock, &it.events).unwrap();
    assert_eq!(store.write(one.clone()).await.unwrap(), settled);
    let seen = OutcomesSeen {
        account,
        device: one.device,
        submissions: vec![one.submission],
    };
    store.write(seen).await.unwrap();
    assert_eq!(store.write(one).await.unwrap(), Ok(Submitted::Accepted));
    let [again] = waiting(&store).await.try_into().unwrap();
    assert_ne!(
        again.id, item.id,
        "somebody may still be forwarding the first"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_submission_of_a_batch_that_failed_is_not_known() {
    let it = Fixture::new();
    let (account, _) = it.account().await;
    let one = submit(account, 1, "https://a.example");
    let batch = Both(one.clone(), Run("SELECT no_such_column"));
    assert!(it.store.write(batch).await.is_err());
    assert_eq!(it.store.write(one).await.unwrap(), Ok(Submitted::Accepted));
    let node = NodeUrl::parse("https://a.example").unwrap();
    let waiting = it
        .store
        .outbox_batch(node, it.clock.now(), 10, 1 << 20)
        .await;
    assert_eq!(waiting.unwrap().len(), 1, "it is in the file");
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_are_not_used_twice() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let device = DeviceId::from_bytes([1; 16]);
    it.store
        .write(OpenDevice { account, device })
        .await
        .unwrap();
    it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    let cursor = it.all(account).await[0].cursor;
    it.store
        .write(Ack {
            account,
            device,
            cursor,
            is_pushed: true,
        })
        .await
        .unwrap();
    it.store.close(Duration::from_secs(5)).await;
    let again = open(&it.options, &it.clock, &it.events).unwrap();
    again.write(deliver(mailbox)).await.unwrap().unwrap();
    let next = again
        .envelopes_after(account, Cursor(0), 1, usize::MAX)
        .await
        .unwrap();
    assert!(next[0].cursor > cursor);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_version_is_refused_in_words() {
    let it = Fixture::new();
    it.store
        .write(Run(
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('99990101000000')",
        ))
        .await
        .unwrap();
    it.store.close(Duration::from_secs(5)).await;
    let refused = open(&it.options, &it.clock, &it.events).err().unwrap();
    assert!(matches!(&refused, StoreError::Newer { version, .. } if version == "99990101000000"));
    assert!(
        refused.to_string().contains("newer zechat-node"),
        "{refused}"
    );
}

#[test]
fn a_database_of_something_else_is_refused() {
    use diesel::Connection as _;
    use diesel::connection::SimpleConnection as _;
    let it = Fixture::new();
    let server = TestDatabase::create();
    let database = if let Some(server) = &server {
        let mut other = diesel::PgConnection::establish(server.url()).unwrap();
        other
            .batch_execute("CREATE TABLE recipes (name TEXT)")
            .unwrap();
        Database::parse(server.url(), it.folder.path())
    } else {
        let path = it.folder.path().join("other.db");
        let mut other = diesel::SqliteConnection::establish(path.to_str().unwrap()).unwrap();
        other
            .batch_execute("CREATE TABLE recipes (name TEXT)")
            .unwrap();
        Database::Sqlite(path)
    };
    let options = StoreOptions {
        database,
        ..it.options.clone()
    };
    let refused = open(&options, &it.clock, &it.events).err().unwrap();
    assert!(matches!(refused, StoreError::Foreign { .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_cannot_take_the_room_of_contacts() {
    let it = Fixture::with(|limits| limits.quota_count = 32);
    let (account, mailbox) = it.account().await;
    let intro = MailboxId::from_bytes(random::bytes());
    let command = ChangeMailboxes {
        account,
        add: vec![(intro, MailboxKind::Intro)],
        remove: Vec::new(),
    };
    assert_eq!(it.store.write(command).await.unwrap(), Ok(()));
    let paid = || Deliver {
        is_paid: true,
        ..deliver(intro)
    };
    for expected in [
        Ok(Delivered::Stored),
        Ok(Delivered::Stored),
        Err(ProblemCode::MailboxFull),
    ] {
        assert_eq!(it.store.write(paid()).await.unwrap(), expected);
    }
    for _ in 0..30 {
        let written = it.store.write(deliver(mailbox)).await.unwrap();
        assert_eq!(written, Ok(Delivered::Stored));
    }
    let full = it.store.write(deliver(mailbox)).await.unwrap();
    assert_eq!(full, Err(ProblemCode::MailboxFull));
}

/// With the same work the largest envelopes fill four times as much: they get half of the strangers' share.
#[tokio::test(flavor = "multi_thread")]
async fn large_letters_of_strangers_leave_room_for_usual_ones() {
    let it = Fixture::with(|limits| limits.quota_bytes = 16 * 4 * 65_536);
    let (account, _) = it.account().await;
    let intro = MailboxId::from_bytes(random::bytes());
    let command = ChangeMailboxes {
        account,
        add: vec![(intro, MailboxKind::Intro)],
        remove: Vec::new(),
    };
    assert_eq!(it.store.write(command).await.unwrap(), Ok(()));
    let paid = |size| Deliver {
        is_paid: true,
        envelope: vec![1; size].into(),
        ..deliver(intro)
    };
    let (stored, full) = (Ok(Delivered::Stored), Err(ProblemCode::MailboxFull));
    for expected in [stored, stored, full] {
        assert_eq!(it.store.write(paid(65_536)).await.unwrap(), expected);
    }
    for _ in 0..8 {
        assert_eq!(it.store.write(paid(16_384)).await.unwrap(), stored);
    }
    assert_eq!(it.store.write(paid(16_384)).await.unwrap(), full);
}

/// A device that was still connected when its account was deleted spoils nobody else's writing.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_deleted_account_still_sends_is_refused_and_harms_nobody() {
    let it = Fixture::new();
    let registered = registration();
    let identity = registered.identity;
    it.store.write(registered).await.unwrap().unwrap();
    let account = it.store.find_account(identity).await.unwrap().unwrap().id;
    let device = DeviceId::from_bytes(random::bytes());
    it.store
        .write(OpenDevice { account, device })
        .await
        .unwrap();
    it.store.write(DeleteAccount(identity)).await.unwrap();
    let submit = Submit {
        account,
        device,
        submission: SubmissionId::from_bytes(random::bytes()),
        destination: NodeUrl::parse("https://away.example").unwrap(),
        route: Route::Remote(vec![1; 100].into()),
    };
    let refused = it.store.write(submit).await.unwrap();
    assert_eq!(refused, Err(ProblemCode::UnknownIdentity));
    let ack = Ack {
        account,
        device,
        cursor: Cursor::new(1),
        is_pushed: false,
    };
    it.store.write(ack).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_chain_opens_the_intro_mailbox_it_names() {
    let it = Fixture::new();
    let first = registration();
    let later = PutIdentity {
        intro: Some(MailboxId::from_bytes(random::bytes())),
        ..first.clone()
    };
    it.store.write(first).await.unwrap().unwrap();
    let known = it.store.write(later.clone()).await.unwrap();
    assert_eq!(known, Ok(PutIdentityOutcome::Known));
    let paid = Deliver {
        is_paid: true,
        ..deliver(later.intro.unwrap())
    };
    let written = it.store.write(paid).await.unwrap();
    assert_eq!(written, Ok(Delivered::Stored));
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

#[tokio::test(flavor = "multi_thread")]
async fn outcomes_count_until_they_are_seen() {
    let it = Fixture::with(|limits| limits.outbox_count = 3);
    let (account, _) = it.account().await;
    let local = |number| Submit {
        route: Route::Local(Err(ProblemCode::CannotOpen)),
        ..submit(account, number, "https://a.example")
    };
    for number in 0..3 {
        assert!(it.store.write(local(number)).await.unwrap().is_ok());
    }
    let refused = it.store.write(local(3)).await.unwrap();
    assert_eq!(refused, Err(ProblemCode::RateLimited));
    let seen = OutcomesSeen {
        account,
        device: DeviceId::from_bytes([1; 16]),
        submissions: vec![local(0).submission, local(0).submission],
    };
    it.store.write(seen).await.unwrap();
    assert!(it.store.write(local(3)).await.unwrap().is_ok());
    assert!(it.store.write(local(4)).await.unwrap().is_err());
    // In pages, each once
    let mut after = None;
    for number in [1, 2, 3] {
        let device = DeviceId::from_bytes([1; 16]);
        let page = it.store.outcomes(account, device, after, 1).await.unwrap();
        assert_eq!(page[0].1.submission, local(number).submission);
        after = Some(page[0].0);
    }
    it.clock.advance(Duration::from_millis(22 * DAY));
    it.store.write(Expire).await.unwrap();
    for number in 10..13 {
        assert!(it.store.write(local(number)).await.unwrap().is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_of_an_account_waits_for_so_many_nodes_only() {
    let it = Fixture::new();
    let (account, _) = it.account().await;
    let to = |number: u16| submit(account, number, &format!("https://n{number}.example"));
    for number in 0..256 {
        assert!(it.store.write(to(number)).await.unwrap().is_ok());
    }
    let refused = it.store.write(to(256)).await.unwrap();
    assert_eq!(refused, Err(ProblemCode::RateLimited));
    let known = submit(account, 1_000, "https://n7.example");
    assert!(it.store.write(known).await.unwrap().is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_does_not_come_is_forgotten_until_it_does() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    let device = DeviceId::from_bytes([1; 16]);
    let open = OpenDevice { account, device };
    it.store.write(open).await.unwrap();
    it.clock.advance(Duration::from_millis(22 * DAY));
    it.store.write(Expire).await.unwrap();
    it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    let cursor = it.all(account).await[0].cursor;
    let ack = Ack {
        account,
        device,
        cursor,
        is_pushed: true,
    };
    it.store.write(ack).await.unwrap();
    assert_eq!(it.store.write(open).await.unwrap(), cursor);
    assert_eq!(it.usage(account).await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_removed_mailbox_is_nobody_elses_for_ever() {
    let it = Fixture::with(|limits| limits.mailboxes = 2);
    let (alice, mailbox) = it.account().await;
    let (bob, _) = it.account().await;
    let change = |account, add: &[MailboxId], remove: &[MailboxId]| ChangeMailboxes {
        account,
        add: add.iter().map(|id| (*id, MailboxKind::Contact)).collect(),
        remove: remove.to_vec(),
    };
    let removed = it.store.write(change(alice, &[], &[mailbox])).await;
    assert_eq!(removed.unwrap(), Ok(()));
    it.clock.advance(Duration::from_millis(100 * DAY));
    it.store.write(Expire).await.unwrap();
    let taken = it.store.write(change(bob, &[mailbox], &[])).await;
    assert_eq!(taken.unwrap(), Err(MailboxRefusal::Taken(vec![mailbox])));
    // Six more may come and go; then there were four times as many as may be open.
    for number in 0..7 {
        let fresh = MailboxId::from_bytes([number; 32]);
        let added = it.store.write(change(alice, &[fresh], &[])).await.unwrap();
        assert_eq!(added.is_ok(), number < 6, "{number}");
        let removed = it.store.write(change(alice, &[], &[fresh])).await;
        assert_eq!(removed.unwrap(), Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_that_came_while_the_clock_was_ahead_expires_all_the_same() {
    let it = Fixture::new();
    let (account, mailbox) = it.account().await;
    it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    let ahead = Run("UPDATE messages SET arrived_at = arrived_at * 100");
    it.store.write(ahead).await.unwrap();
    // A younger one behind it does not wait for it.
    it.store.write(deliver(mailbox)).await.unwrap().unwrap();
    it.clock.advance(Duration::from_millis(22 * DAY));
    assert_eq!(it.store.write(Expire).await.unwrap().envelopes, 1);
    assert_eq!(it.usage(account).await.1, 1);
    it.clock.advance(Duration::from_millis(22 * DAY));
    assert_eq!(it.store.write(Expire).await.unwrap().envelopes, 1);
    assert_eq!(it.usage(account).await.1, 0);
}

/// A mistake in a command.
struct Break;

impl Apply for Break {
    type Output = ();

    fn apply(&self, _: &mut Batch<'_>) -> Result<(), StoreError> {
        panic!("as the test wants it")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_breaks_is_noticed() {
    let it = Fixture::new();
    it.store.check().await.unwrap();
    assert!(it.store.write(Break).await.is_err());
    it.store.ended().await;
    assert!(it.store.check().await.is_err());
}

/// Waits until it may end.
struct Hang(std::sync::mpsc::Receiver<()>);

impl Apply for Hang {
    type Output = ();

    fn apply(&self, _: &mut Batch<'_>) -> Result<(), StoreError> {
        let _ = self.0.recv();
        Ok(())
    }
}

/// A disk or a server that does not answer looked like a node that is well.
#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_hangs_is_noticed() {
    let it = Fixture::new();
    let (end, ended) = std::sync::mpsc::channel();
    let mut written = std::pin::pin!(it.store.write(Hang(ended)));
    let until = async |hangs: bool| {
        while it.store.hangs(Duration::ZERO) != hangs {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        _ = &mut written => panic!("it ended"),
        () = until(true) => {}
    }
    assert!(!it.store.hangs(Duration::from_secs(600)));
    end.send(()).unwrap();
    written.await.unwrap();
    until(false).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_may_read_the_database() {
    use std::os::unix::fs::PermissionsExt as _;
    let it = Fixture::new();
    if !it.is_file() {
        return; // whoever runs the server says who may
    }
    it.account().await;
    let files: Vec<_> = std::fs::read_dir(it.folder.path())
        .unwrap()
        .map(|file| file.unwrap())
        .collect();
    assert!(files.len() >= 2, "the database and its log");
    for file in files {
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.file_name());
    }
}

/// A table's columns with their kinds, as a query gives them.
#[derive(diesel::QueryableByName, Debug, PartialEq, Eq)]
struct ColumnRow {
    #[diesel(sql_type = diesel::sql_types::Text)]
    place: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    kind: String,
}

#[test]
fn both_databases_have_the_same_columns() {
    use diesel::prelude::*;
    let Some(server) = TestDatabase::create() else {
        return; // compared when there is a server
    };
    let folder = tempfile::tempdir().unwrap();
    let columns = |url: &str, query: &str| -> Vec<ColumnRow> {
        let database = Database::parse(url, folder.path());
        let limits = Fixture::limits();
        let options = StoreOptions {
            database,
            readers: 1,
            limits,
            process: ProcessId::make(),
        };
        let (mut connection, _) = super::open::open(&options).unwrap();
        let mut columns: Vec<ColumnRow> =
            on!(&mut connection, |c| diesel::sql_query(query).load(c)).unwrap();
        columns.sort_by(|a, b| a.place.cmp(&b.place));
        columns
    };
    let sqlite = columns(
        "",
        "SELECT t.name || '.' || c.name AS place, \
             CASE c.type WHEN 'BLOB' THEN 'bytea' WHEN 'TEXT' THEN 'text' \
                 WHEN 'INTEGER' THEN CASE c.pk WHEN 0 THEN 'integer' ELSE 'bigint' END \
                 ELSE 'bigint' END \
             || CASE c.\"notnull\" WHEN 1 THEN '' ELSE ' or null' END \
             || CASE c.pk WHEN 0 THEN ' ' || COALESCE(c.dflt_value, '') ELSE '' END AS kind \
         FROM sqlite_master t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '\\_\\_%' ESCAPE '\\'",
    );
    let postgres = columns(
        server.url(),
        "SELECT c.table_name || '.' || c.column_name AS place, \
             c.data_type || CASE c.is_nullable WHEN 'NO' THEN '' ELSE ' or null' END \
             || CASE WHEN k.column_name IS NULL \
                 THEN ' ' || COALESCE(replace(c.column_default, '::text', ''), '') ELSE '' END AS kind \
         FROM information_schema.columns c \
         LEFT JOIN information_schema.table_constraints p \
             ON p.table_name = c.table_name AND p.constraint_type = 'PRIMARY KEY' \
         LEFT JOIN information_schema.key_column_usage k \
             ON k.constraint_name = p.constraint_name AND k.column_name = c.column_name \
         WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_\\_%'",
    );
    assert!(sqlite.len() > 40, "{sqlite:?}");
    for (ours, theirs) in sqlite.iter().zip(&postgres) {
        assert_eq!(ours, theirs);
    }
    assert_eq!(sqlite.len(), postgres.len());
}
