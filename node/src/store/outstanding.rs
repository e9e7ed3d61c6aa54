//! Which submissions are stored in a file, kept in memory by its only writer.
//!
//! Clients choose the ids of submissions at random, so an index of them would be written at as many places
//! as there are submissions in a commit: that costs as much as the boxes themselves. What is here is read
//! from the file when the writer starts, and changes with it: [`Outstanding::keep`] after a commit,
//! [`Outstanding::undo`] when there was none. On a server the database has an index: there may be several
//! writers, and it logs changes of pages instead of pages.

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
    last: i64,
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
    /// Reads the outbox. Boxes are not read: they are the last column.
    pub(super) fn load(connection: &mut SqliteConnection) -> Result<Self, StoreError> {
        type Row = (i64, i64, Vec<u8>, Vec<u8>, i32, String);
        let mut loaded = Self::default();
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
            loaded.add(&key, id);
            if state == WAITING {
                loaded.begin(account, &destination);
            }
            loaded.last = loaded.last.max(id);
            loaded.keep();
        }
        Ok(loaded)
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
    use shared_crypto::id::{DeviceId, SubmissionId};

    use super::*;

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
}
