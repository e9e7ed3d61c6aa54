//! One call's work: what it reads, changes, answers and asks for, until it is committed.
//!
//! Nothing leaves a turn before its changes are durable. Reads see the turn's own changes.

use std::collections::BTreeMap;

use rand_core::CryptoRng;
use shared_crypto::cbor;

use crate::driver::{Action, Call, Output};
use crate::entry;
use crate::quote;
use crate::request::{Answer, Failure, Update};
use crate::rows::{EntryRow, ExpiringRow, StoredRow, key};
use crate::search;
use crate::sorted::{SortedMap, gather};
use crate::store::{Change, KeyRange, Order, Row, Store, StoreError, Table};
use crate::vault::journal::{self, Sequence};
use crate::view::{BodyView, ContactNumber, EntryView, Millis, Position};

/// The local identity that all rows of this client belong to; several may share a store later.
const LOCAL_IDENTITY: [u8; 4] = 0_u32.to_be_bytes();

/// One call's work.
pub(crate) struct Turn<'a, S> {
    store: &'a S,
    pub(crate) now: Millis,
    pub(crate) rng: &'a mut dyn CryptoRng,
    changes: BTreeMap<(Table, Vec<u8>), Option<Vec<u8>>>,
    answers: Vec<(Call, Answer)>,
    actions: Vec<Action>,
    shown: SortedMap<(ContactNumber, Position), EntryView>,
    cleared: Vec<ContactNumber>,
    /// Texts for the search, see [`crate::search`].
    pub(crate) texts: search::Changed,
    app_changed: bool,
    /// The number under which the commit's changes are noted for the vault; nothing: they are not.
    journal: Option<Sequence>,
    sequence: Sequence,
}

impl<'a, S: Store> Turn<'a, S> {
    pub(crate) fn new(store: &'a S, now: Millis, rng: &'a mut dyn CryptoRng) -> Self {
        Self {
            store,
            now,
            rng,
            changes: BTreeMap::new(),
            answers: Vec::new(),
            actions: Vec::new(),
            shown: SortedMap::new(),
            cleared: Vec::new(),
            texts: search::Changed::new(),
            app_changed: false,
            journal: None,
            sequence: 0,
        }
    }

    /// Has the commit's changes noted for the vault under this number.
    pub(crate) fn note_changes(&mut self, sequence: Sequence) {
        self.journal = Some(sequence);
        self.sequence = sequence;
    }

    /// The number of this turn's commit.
    pub(crate) fn journal_sequence(&self) -> Sequence {
        self.sequence
    }

    /// The changes of this turn are not noted for the vault.
    pub(crate) fn leave_out_of_journal(&mut self) {
        self.journal = None;
    }

    /// Forgets all changes, as if nothing had been done.
    pub(crate) fn discard(&mut self) {
        self.changes.clear();
    }

    /// Random bytes.
    pub(crate) fn random<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A random number below `bound`; zero when `bound` is.
    pub(crate) fn random_below(&mut self, bound: u64) -> u64 {
        u64::from_be_bytes(self.random())
            .checked_rem(bound)
            .unwrap_or(0)
    }

    pub(crate) fn answer(&mut self, call: Call, answer: Answer) {
        self.answers.push((call, answer));
    }

    pub(crate) fn fail(&mut self, call: Call, failure: Failure) {
        self.answer(call, Answer::Failed(failure));
    }

    pub(crate) fn act(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// The projection changed: pages are told when the turn ends.
    pub(crate) fn app_changed(&mut self) {
        self.app_changed = true;
    }

    pub(crate) async fn get<T: StoredRow>(&self, key: &[u8]) -> Result<Option<T>, StoreError> {
        let value = self.raw_get(T::TABLE, key).await?;
        value.map(|bytes| decode(&bytes)).transpose()
    }

    /// Reads rows with the keys they stand under. Rows changed in this turn come as they are now.
    pub(crate) async fn scan<T: StoredRow>(
        &self,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<(Vec<u8>, T)>, StoreError> {
        let rows = self.raw_rows(T::TABLE, range, order, limit).await?;
        let decoded = |(key, value): Row| decode(&value).map(|row| (key, row));
        rows.into_iter().map(decoded).collect()
    }

    /// The same for rows of whatever kind, as they are stored.
    async fn raw_rows(
        &self,
        table: Table,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let range = KeyRange {
            from: scoped(&range.from),
            to: scoped(&range.to),
        };
        let mut changed = Vec::new();
        if range.from < range.to {
            let (from, to) = (range.from.clone(), range.to.clone());
            changed.extend(self.changes.range((table, from)..(table, to)));
        }
        // Rows deleted in this turn are still in the store: read as many more.
        let deleted = changed.iter().filter(|(_, value)| value.is_none()).count();
        let more = limit.saturating_add(deleted);
        let stored = self.store.scan(table, &range, order, more).await?;
        let is_there = |(key, _): &Row| {
            let pending = self.changes.get(&(table, key.clone()));
            !pending.is_some_and(Option::is_none)
        };
        let mut rows: SortedMap<Vec<u8>, Vec<u8>> = gather(stored.into_iter().filter(is_there));
        for ((_, key), value) in changed {
            if let Some(value) = value {
                rows.insert(key.clone(), value.clone());
            }
        }
        let unscoped = |(key, value): Row| {
            let key = key.get(LOCAL_IDENTITY.len()..).unwrap_or_default();
            (key.to_vec(), value)
        };
        Ok(match order {
            Order::Ascending => rows.into_iter().take(limit).map(unscoped).collect(),
            Order::Descending => rows.into_iter().rev().take(limit).map(unscoped).collect(),
        })
    }

    /// Reads a row as it is stored, whatever it is.
    pub(crate) async fn raw_get(
        &self,
        table: Table,
        key: &[u8],
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let key = scoped(key);
        match self.changes.get(&(table, key.clone())) {
            Some(pending) => Ok(pending.clone()),
            None => self.store.get(table, &key).await,
        }
    }

    /// Reads the rows after a key as they are stored before this turn, in order, whatever they are.
    pub(crate) async fn raw_scan(
        &self,
        table: Table,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let from = match after {
            Some(after) => [&scoped(after)[..], &[0]].concat(),
            None => scoped(&[]),
        };
        let range = KeyRange {
            from,
            to: [&LOCAL_IDENTITY[..], &[0xff; 64]].concat(),
        };
        let rows = self
            .store
            .scan(table, &range, Order::Ascending, limit)
            .await?;
        let unscoped = |(key, value): Row| {
            (
                key.get(LOCAL_IDENTITY.len()..).unwrap_or_default().to_vec(),
                value,
            )
        };
        Ok(rows.into_iter().map(unscoped).collect())
    }

    /// Writes a row as it came from a vault.
    pub(crate) fn raw_put(&mut self, table: Table, key: &[u8], value: Vec<u8>) {
        self.changes.insert((table, scoped(key)), Some(value));
    }

    pub(crate) fn put<T: StoredRow>(&mut self, key: &[u8], row: &T) {
        self.changes
            .insert((T::TABLE, scoped(key)), Some(cbor::encode(row)));
    }

    pub(crate) fn delete<T: StoredRow>(&mut self, key: &[u8]) {
        self.changes.insert((T::TABLE, scoped(key)), None);
    }

    /// Stores an entry and shows it.
    pub(crate) fn put_entry(&mut self, contact: ContactNumber, position: Position, row: &EntryRow) {
        self.put(&key::entry(contact, position), row);
        if let Some(at) = row.expires_at {
            self.put(&key::expiring(at, contact, position), &ExpiringRow {});
        }
        let text = row.text.clone().filter(|_| entry::is_text(row));
        self.texts.insert((contact, position), text);
        self.shown
            .insert((contact, position), entry::to_view(position, row));
    }

    /// Removes an entry and has pages take it away.
    pub(crate) fn delete_entry(
        &mut self,
        contact: ContactNumber,
        position: Position,
        was: &EntryRow,
    ) {
        self.delete::<EntryRow>(&key::entry(contact, position));
        self.texts.insert((contact, position), None);
        let mut view = entry::to_view(position, was);
        view.body = BodyView::Gap { missing: 0 };
        self.shown.insert((contact, position), view);
    }

    /// Removes an entry of a conversation that is being cleared: pages are told of all at once.
    pub(crate) fn clear_entry(
        &mut self,
        contact: ContactNumber,
        position: Position,
        was: &EntryRow,
    ) {
        self.delete::<EntryRow>(&key::entry(contact, position));
        if let Some(at) = was.expires_at {
            self.delete::<ExpiringRow>(&key::expiring(at, contact, position));
        }
        self.texts.insert((contact, position), None);
    }

    /// Has pages read anew what is left of a conversation.
    pub(crate) fn cleared(&mut self, contact: ContactNumber) {
        self.cleared.push(contact);
        self.app_changed();
    }

    /// Commits the changes and hands over what follows from them.
    pub(crate) async fn finish(mut self) -> Result<Finished, StoreError> {
        search::write(&mut self).await?;
        let mut shown = core::mem::take(&mut self.shown);
        for ((contact, _), view) in shown.iter_mut() {
            quote::fill(&self, *contact, view).await?;
        }
        let noted = self.journal.and_then(|sequence| {
            let places = self
                .changes
                .keys()
                .map(|(table, key)| (*table, key.get(LOCAL_IDENTITY.len()..).unwrap_or_default()));
            journal::note(places).map(|row| (sequence, row))
        });
        if let Some((sequence, row)) = &noted {
            self.put(&key::number(*sequence), row);
        }
        let changes: Vec<Change> = self
            .changes
            .into_iter()
            .map(|((table, key), value)| Change { table, key, value })
            .collect();
        if !changes.is_empty() {
            self.store.commit(changes).await?;
        }
        let mut updates: Vec<Update> = self.cleared.into_iter().map(Update::Cleared).collect();
        for ((contact, _), view) in shown {
            match updates.last_mut() {
                Some(Update::Entries {
                    contact: last,
                    entries,
                }) if *last == contact => {
                    entries.push(view);
                }
                _ => updates.push(Update::Entries {
                    contact,
                    entries: vec![view],
                }),
            }
        }
        let output = Output {
            answers: self.answers,
            updates,
            actions: self.actions,
        };
        Ok(Finished {
            output,
            app_changed: self.app_changed,
            noted: noted.is_some(),
        })
    }
}

/// What a committed turn leads to.
pub(crate) struct Finished {
    pub(crate) output: Output,
    pub(crate) app_changed: bool,
    /// Whether something changed that belongs into the vault.
    pub(crate) noted: bool,
}

fn scoped(key: &[u8]) -> Vec<u8> {
    [&LOCAL_IDENTITY, key].concat()
}

fn decode<T: StoredRow>(bytes: &[u8]) -> Result<T, StoreError> {
    cbor::decode(bytes).map_err(|_| StoreError::Damaged(T::TABLE.name()))
}
