//! A store in memory, for tests and simulations.

use core::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::store::{Change, KeyRange, Order, Row, Store, StoreError, Table};

type Rows = BTreeMap<(Table, Vec<u8>), Vec<u8>>;

/// A store in memory. Clones share their rows, as reopening a database would.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    rows: Rc<RefCell<Rows>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// An independent copy of all rows, as somebody who copies the disk would have it.
    pub fn snapshot(&self) -> Self {
        Self {
            rows: Rc::new(RefCell::new(self.rows.borrow().clone())),
        }
    }

    /// Every row, for tests that search what is stored.
    pub fn dump(&self) -> Vec<(Table, Vec<u8>, Vec<u8>)> {
        let rows = self.rows.borrow();
        rows.iter()
            .map(|((table, key), value)| (*table, key.clone(), value.clone()))
            .collect()
    }

    /// Overwrites one row, for tests that damage what is stored.
    pub fn tamper(&self, table: Table, key: &[u8], value: Vec<u8>) {
        self.rows.borrow_mut().insert((table, key.to_vec()), value);
    }
}

impl Store for MemoryStore {
    async fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.rows.borrow().get(&(table, key.to_vec())).cloned())
    }

    async fn scan(
        &self,
        table: Table,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        if range.from >= range.to {
            return Ok(Vec::new());
        }
        let rows = self.rows.borrow();
        let found = rows
            .range((table, range.from.clone())..(table, range.to.clone()))
            .map(|((_, key), value)| (key.clone(), value.clone()));
        Ok(match order {
            Order::Ascending => found.take(limit).collect(),
            Order::Descending => found.rev().take(limit).collect(),
        })
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        let mut rows = self.rows.borrow_mut();
        for Change { table, key, value } in changes {
            match value {
                Some(value) => rows.insert((table, key), value),
                None => rows.remove(&(table, key)),
            };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conforms() {
        pollster::block_on(crate::conformance::run(async || MemoryStore::new()));
    }
}
