//! Which submissions are stored in a file, and for which nodes each account has boxes waiting, kept in memory
//! by the file's only writer.
//!
//! Clients choose the ids of submissions at random, so an index of them would be written at as many places
//! as there are submissions in a commit: that costs as much as the boxes themselves. For how many nodes an
//! account has boxes waiting would have to be counted in all that waits. What is here is read from the file
//! when the writer first writes, and changes with it: [`Outstanding::keep`] after a commit,
//! [`Outstanding::undo`] when there was none, [`Outstanding::forget`] when nobody can say what changed. On a
//! server the database has an index: there may be several writers, and it logs changes of pages instead of pages.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use diesel::connection::DefaultLoadingMode;
use diesel::prelude::*;

use super::outbox::{SubmissionKey, WAITING};
use super::schema::outbox;
use super::{AccountId, StoreError, id_from_db};

/// What of the outbox is asked for with each submission.
#[derive(Debug, Default)]
pub(super) struct Outstanding {
    /// The row under the hash of its key. Whoever finds one compares the key in the row.
    rows: HashMap<u64, i64>,
    /// Chosen for this process, so that nobody can make two keys meet.
    hasher: RandomState,
    /// For which nodes an account has how many boxes waiting.
    waiting: HashMap<AccountId, HashMap<String, usize>>,
    /// The highest id that was given out.
    last: i64,
    /// Whether the rest is what the file has.
    is_known: bool,
    /// What undoes the changes since the last commit.
    journal: Vec<Undo>,
}

#[derive(Debug)]
enum Undo {
    Row(u64, Option<i64>),
    Began(AccountId, String),
    Ended(AccountId, String),
}

impl Outstanding {
    /// Reads the outbox, if that was not done. Boxes are not read: they are the last column.
    pub(super) fn load(&mut self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        if self.is_known {
            return Ok(());
        }
        self.forget(); // what an earlier try has read
        type Row = (i64, i64, Vec<u8>, Vec<u8>, i32, String);
        let rows = outbox::table
            .select((
                outbox::id,
                outbox::account,
                outbox::device,
                outbox::submission,
                outbox::state,
                outbox::destination,
            ))
            .load_iter::<Row, DefaultLoadingMode>(connection)?;
        for row in rows {
            let (id, account, device, submission, state, destination) = row?;
            let account = AccountId(account);
            let key = (account, id_from_db(&device)?, id_from_db(&submission)?);
            self.add(&key, id);
            if state == WAITING {
                self.begin(account, &destination);
            }
            self.last = self.last.max(id);
            self.keep();
        }
        self.is_known = true;
        Ok(())
    }

    /// What is stored has changed in a way that nobody has told: it is read again. Ids still rise.
    pub(super) fn forget(&mut self) {
        self.rows.clear();
        self.waiting.clear();
        self.journal.clear();
        self.is_known = false;
    }

    /// The id of the next row. One that was given out is not given out again, even if nothing came of it:
    /// somebody may be forwarding the box that had it.
    pub(super) fn next_id(&mut self) -> i64 {
        self.last = self.last.saturating_add(1);
        self.last
    }

    /// The row that may be of this submission.
    pub(super) fn find(&self, key: &SubmissionKey) -> Option<i64> {
        self.rows.get(&self.hasher.hash_one(key)).copied()
    }

    /// A submission is stored.
    pub(super) fn add(&mut self, key: &SubmissionKey, id: i64) {
        let hash = self.hasher.hash_one(key);
        let before = self.rows.insert(hash, id);
        self.journal.push(Undo::Row(hash, before));
    }

    /// A submission is stored no more.
    pub(super) fn remove(&mut self, key: &SubmissionKey) {
        let hash = self.hasher.hash_one(key);
        let before = self.rows.remove(&hash);
        self.journal.push(Undo::Row(hash, before));
    }

    /// A box waits.
    pub(super) fn begin(&mut self, account: AccountId, destination: &str) {
        self.count(account, destination);
        self.journal
            .push(Undo::Began(account, destination.to_owned()));
    }

    /// A box waits no more.
    pub(super) fn end(&mut self, account: AccountId, destination: &str) {
        self.discount(account, destination);
        self.journal
            .push(Undo::Ended(account, destination.to_owned()));
    }

    /// Whether boxes of an account wait for this node, or else for fewer than so many.
    pub(super) fn may_begin(&self, account: AccountId, destination: &str, most: usize) -> bool {
        self.waiting
            .get(&account)
            .is_none_or(|nodes| nodes.contains_key(destination) || nodes.len() < most)
    }

    /// The changes are committed.
    pub(super) fn keep(&mut self) {
        self.journal.clear();
    }

    /// The changes are not committed.
    pub(super) fn undo(&mut self) {
        while let Some(undo) = self.journal.pop() {
            match undo {
                Undo::Row(hash, Some(id)) => drop(self.rows.insert(hash, id)),
                Undo::Row(hash, None) => drop(self.rows.remove(&hash)),
                Undo::Began(account, destination) => self.discount(account, &destination),
                Undo::Ended(account, destination) => self.count(account, &destination),
            }
        }
    }

    /// Whether it is what the file has.
    #[cfg(test)]
    fn is_true(&self, connection: &mut SqliteConnection) -> Result<bool, StoreError> {
        let mut read = Self {
            hasher: self.hasher.clone(),
            ..Self::default()
        };
        read.load(connection)?;
        Ok(self.rows == read.rows && self.waiting == read.waiting && self.last >= read.last)
    }

    fn count(&mut self, account: AccountId, destination: &str) {
        let nodes = self.waiting.entry(account).or_default();
        match nodes.get_mut(destination) {
            Some(count) => *count = count.saturating_add(1),
            None => drop(nodes.insert(destination.to_owned(), 1)),
        }
    }

    fn discount(&mut self, account: AccountId, destination: &str) {
        let Some(nodes) = self.waiting.get_mut(&account) else {
            return;
        };
        if let Some(count) = nodes.get_mut(destination) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                nodes.remove(destination);
            }
        }
        if nodes.is_empty() {
            self.waiting.remove(&account);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use shared_crypto::id::{DeviceId, IdentityId, SubmissionId};
    use shared_crypto::node_url::NodeUrl;
    use shared_crypto::problem::ProblemCode;

    use super::super::tests::{Both, Fixture, Run, registration, submit};
    use super::super::{
        Apply, Batch, Connection, DeleteAccount, Disk, Expire, OutboxId, Outcomes, OutcomesSeen,
        PurgeMail, Route, Store, Submit, Submitted,
    };
    use super::*;
    use crate::clock::{Clock as _, MockClock};

    const DAY: u64 = 86_400_000;

    fn key(number: u8) -> SubmissionKey {
        let device = DeviceId::from_bytes([1; 16]);
        (AccountId(1), device, SubmissionId::from_bytes([number; 16]))
    }

    #[test]
    fn what_was_not_committed_is_as_before() {
        let mut it = Outstanding::default();
        it.add(&key(1), 1);
        it.begin(AccountId(1), "https://a.example");
        it.keep();
        it.add(&key(2), 2);
        it.add(&key(1), 3);
        it.remove(&key(1));
        it.end(AccountId(1), "https://a.example");
        it.begin(AccountId(1), "https://b.example");
        assert_eq!((it.find(&key(1)), it.find(&key(2))), (None, Some(2)));
        assert!(!it.may_begin(AccountId(1), "https://a.example", 1));
        it.undo();
        assert_eq!((it.find(&key(1)), it.find(&key(2))), (Some(1), None));
        assert!(it.may_begin(AccountId(1), "https://a.example", 1));
        assert!(!it.may_begin(AccountId(1), "https://b.example", 1));
    }

    /// Looks whether the writer's memory is what the file has.
    struct Compare;

    impl Apply for Compare {
        type Output = bool;

        fn apply(&self, batch: &mut Batch<'_>) -> Result<bool, StoreError> {
            match (&mut *batch.connection, &batch.outstanding) {
                (Connection::Sqlite(c), Some(known)) => known.is_true(c),
                _ => Ok(false),
            }
        }
    }

    /// A store in memory with some accounts.
    struct World {
        store: Store,
        clock: MockClock,
        accounts: Vec<(IdentityId, AccountId)>,
    }

    impl World {
        async fn new(accounts: usize) -> Self {
            let clock = MockClock::new(100 * DAY);
            let store = Store::on_disk(
                Disk::new().unwrap(),
                Fixture::limits(),
                Arc::new(clock.clone()),
                Box::new(|_| ()),
            );
            let mut world = Self {
                store,
                clock,
                accounts: Vec::new(),
            };
            for _ in 0..accounts {
                world.register().await;
            }
            world
        }

        async fn register(&mut self) {
            let command = registration();
            let identity = command.identity;
            self.store.write(command).await.unwrap().unwrap();
            let account = self.store.find_account(identity).await.unwrap().unwrap();
            self.accounts.push((identity, account.id));
        }

        async fn ids(&self) -> Vec<i64> {
            let mut ids = Vec::new();
            for node in ["https://a.example", "https://b.example"] {
                let node = NodeUrl::parse(node).unwrap();
                let waiting = self
                    .store
                    .outbox_batch(node, self.clock.now(), 100, 1 << 20);
                ids.extend(waiting.await.unwrap().iter().map(|item| item.id.0));
            }
            ids
        }
    }

    /// Numbers that look like chance, and are the same in every run.
    struct Chance(u64);

    impl Chance {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (self.0 >> 33) % bound
        }
    }

    #[tokio::test]
    async fn what_is_known_of_submissions_is_what_is_stored_whatever_deletes_them() {
        for seed in 0..40 {
            let mut chance = Chance(seed);
            let mut world = World::new(3).await;
            for step in 0..60 {
                let place = usize::try_from(chance.below(3)).unwrap();
                let (identity, account) = world.accounts[place];
                let number = u16::try_from(chance.below(6)).unwrap();
                let node = ["https://a.example", "https://b.example"][usize::from(number % 2)];
                let one = submit(account, number, node);
                match chance.below(16) {
                    0..=5 => {
                        let _ = world.store.write(one).await.unwrap();
                    }
                    6 => {
                        let route = Route::Local(Err(ProblemCode::CannotOpen));
                        let _ = world.store.write(Submit { route, ..one }).await.unwrap();
                    }
                    7 | 8 => {
                        let ids = world.ids().await.into_iter();
                        let some = ids.filter(|id| id % 2 == i64::from(number % 2));
                        let outcomes = some.map(|id| (OutboxId(id), None)).collect();
                        world.store.write(Outcomes(outcomes)).await.unwrap();
                    }
                    9 | 10 => {
                        let seen = OutcomesSeen {
                            account,
                            device: one.device,
                            submissions: vec![one.submission; 2],
                        };
                        world.store.write(seen).await.unwrap();
                    }
                    11 => {
                        world.clock.advance(Duration::from_millis(8 * DAY));
                        world.store.write(Expire).await.unwrap();
                    }
                    12 => {
                        let _ = world.store.write(PurgeMail).await.unwrap();
                    }
                    13 => {
                        world.store.write(DeleteAccount(identity)).await.unwrap();
                        world.accounts.remove(place);
                        world.register().await;
                    }
                    _ => {
                        let failing = Both(one, Run("SELECT no_such_column"));
                        assert!(world.store.write(failing).await.is_err());
                    }
                }
                let is_true = world.store.write(Compare).await.unwrap();
                assert!(is_true, "seed {seed}, step {step}");
            }
        }
    }

    /// A worker that was forwarding its box would tell of somebody else's, and sessions would pass it over.
    #[tokio::test]
    async fn the_place_of_a_deleted_accounts_box_is_not_given_to_anothers() {
        let world = World::new(2).await;
        let [(_, stays), (leaves, gone)] = world.accounts[..] else {
            panic!("two accounts");
        };
        for (account, number) in [(stays, 1), (gone, 2)] {
            let one = submit(account, number, "https://a.example");
            world.store.write(one).await.unwrap().unwrap();
        }
        let ids = world.ids().await;
        world.store.write(DeleteAccount(leaves)).await.unwrap();
        let next = submit(stays, 3, "https://a.example");
        world.store.write(next.clone()).await.unwrap().unwrap();
        let late = Outcomes(vec![(OutboxId(ids[1]), Some(ProblemCode::MailboxFull))]);
        world.store.write(late).await.unwrap();
        let again = world.store.write(next).await.unwrap();
        assert_eq!(again, Ok(Submitted::Accepted), "it waits still");
        assert!(world.ids().await[1] > ids[1]);
    }
}
