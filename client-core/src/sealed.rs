//! Rows encrypted on their way to a store that others might read.
//!
//! Each value is `nonce (12) ‖ AES-256-GCM` under one data key, with the table and the key as associated data, so
//! that a row cannot be moved to another place. Nonces are random: 2³² rows are far below the bound of
//! NIST SP 800-38D for one key.

use core::cell::RefCell;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use rand_core::CryptoRng;
use shared_crypto::lock::DataKey;

use crate::store::{Change, KeyRange, Order, Row, Store, StoreError, Table};

const NONCE: usize = 12;

/// Behind every key: keys are numbers and ids of at most 64 bytes.
const LAST_KEY: [u8; 65] = [0xff; 65];

/// Rows that are read at once when all are.
const BATCH: usize = 2_000;

/// A store whose values are encrypted.
pub struct SealedStore<S, R> {
    inner: S,
    cipher: Aes256Gcm,
    rng: RefCell<R>,
}

impl<S: Store, R: CryptoRng> SealedStore<S, R> {
    /// Encrypts what goes to `inner` under `key`.
    pub fn new(inner: S, key: &DataKey, rng: R) -> Self {
        Self {
            inner,
            cipher: cipher(key),
            rng: RefCell::new(rng),
        }
    }

    /// Every row, sealed anew under another key: the changes that put them in the place of what is there. Nothing
    /// else may be written until these are.
    ///
    /// # Errors
    /// [`StoreError`] when a row cannot be read: better the old key than rows that nothing opens.
    pub async fn resealed(&self, key: &DataKey) -> Result<Vec<Change>, StoreError> {
        let cipher = cipher(key);
        let mut changes = Vec::new();
        for table in Table::ALL {
            let mut range = KeyRange {
                from: Vec::new(),
                to: LAST_KEY.to_vec(),
            };
            loop {
                let rows = self.scan(table, &range, Order::Ascending, BATCH).await?;
                let Some((last, _)) = rows.last() else { break };
                range.from = [last.as_slice(), &[0]].concat();
                for (key, value) in rows {
                    let value = Some(self.seal_under(&cipher, table, &key, &value)?);
                    changes.push(Change { table, key, value });
                }
            }
        }
        Ok(changes)
    }

    fn seal(&self, table: Table, key: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.seal_under(&self.cipher, table, key, value)
    }

    fn seal_under(
        &self,
        cipher: &Aes256Gcm,
        table: Table,
        key: &[u8],
        value: &[u8],
    ) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE];
        self.rng.borrow_mut().fill_bytes(&mut nonce);
        let payload = Payload {
            msg: value,
            aad: &place(table, key),
        };
        let sealed = cipher
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| StoreError::Damaged(table.name()))?;
        Ok([&nonce[..], &sealed].concat())
    }

    fn open(&self, table: Table, key: &[u8], stored: &[u8]) -> Result<Vec<u8>, StoreError> {
        let damaged = || StoreError::Damaged(table.name());
        let (nonce, sealed) = stored.split_first_chunk::<NONCE>().ok_or_else(damaged)?;
        let payload = Payload {
            msg: sealed,
            aad: &place(table, key),
        };
        self.cipher
            .decrypt(&Nonce::from(*nonce), payload)
            .map_err(|_| damaged())
    }
}

fn cipher(key: &DataKey) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.as_bytes()))
}

fn place(table: Table, key: &[u8]) -> Vec<u8> {
    let name = table.name().as_bytes();
    [name, &[0], key].concat()
}

impl<S: Store, R: CryptoRng> Store for SealedStore<S, R> {
    async fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let stored = self.inner.get(table, key).await?;
        stored
            .map(|value| self.open(table, key, &value))
            .transpose()
    }

    async fn scan(
        &self,
        table: Table,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let rows = self.inner.scan(table, range, order, limit).await?;
        rows.into_iter()
            .map(|(key, value)| self.open(table, &key, &value).map(|value| (key, value)))
            .collect()
    }

    async fn commit(&self, mut changes: Vec<Change>) -> Result<(), StoreError> {
        for change in &mut changes {
            if let Some(value) = &change.value {
                change.value = Some(self.seal(change.table, &change.key, value)?);
            }
        }
        self.inner.commit(changes).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::MemoryStore;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn sealed(inner: MemoryStore, key: u8) -> SealedStore<MemoryStore, ChaCha20Rng> {
        SealedStore::new(
            inner,
            &DataKey::from_bytes(&[key; 32]),
            ChaCha20Rng::from_seed([1; 32]),
        )
    }

    fn put(key: &[u8], value: &[u8]) -> Change {
        Change {
            table: Table::Entries,
            key: key.to_vec(),
            value: Some(value.to_vec()),
        }
    }

    #[test]
    fn conforms() {
        pollster::block_on(crate::conformance::run(async || {
            sealed(MemoryStore::new(), 7)
        }));
    }

    #[test]
    fn plaintext_never_reaches_the_inner_store() {
        let inner = MemoryStore::new();
        pollster::block_on(sealed(inner.clone(), 7).commit(vec![put(b"k", b"a secret text")]))
            .unwrap();
        for (_, _, value) in inner.dump() {
            assert!(!value.windows(6).any(|window| window == b"secret"));
        }
    }

    #[test]
    fn a_changed_moved_or_foreign_row_is_damaged() {
        let inner = MemoryStore::new();
        let store = sealed(inner.clone(), 7);
        pollster::block_on(store.commit(vec![put(b"k", b"value")])).unwrap();
        let stored = inner.dump().remove(0).2;
        for at in 0..stored.len() {
            let mut changed = stored.clone();
            changed[at] ^= 1;
            inner.tamper(Table::Entries, b"k", changed);
            assert!(pollster::block_on(store.get(Table::Entries, b"k")).is_err());
        }
        for length in 0..stored.len() {
            inner.tamper(Table::Entries, b"k", stored[..length].to_vec());
            assert!(pollster::block_on(store.get(Table::Entries, b"k")).is_err());
        }
        inner.tamper(Table::Entries, b"elsewhere", stored.clone());
        assert!(pollster::block_on(store.get(Table::Entries, b"elsewhere")).is_err());
        inner.tamper(Table::Entries, b"k", stored);
        assert!(pollster::block_on(sealed(inner, 8).get(Table::Entries, b"k")).is_err());
    }

    fn everything(store: &SealedStore<MemoryStore, ChaCha20Rng>) -> Vec<(Table, Vec<Row>)> {
        let all = KeyRange {
            from: Vec::new(),
            to: LAST_KEY.to_vec(),
        };
        let rows =
            |table| pollster::block_on(store.scan(table, &all, Order::Ascending, usize::MAX));
        Table::ALL.map(|table| (table, rows(table).unwrap())).into()
    }

    #[test]
    fn rows_that_were_sealed_anew_open_under_the_new_key_alone() {
        let inner = MemoryStore::new();
        let old = sealed(inner.clone(), 7);
        let in_all = Table::ALL.map(|table| Change {
            table,
            ..put(b"k", b"in every table")
        });
        pollster::block_on(old.commit(in_all.into())).unwrap();
        let many = (0..2 * BATCH + 1).map(|n| put(&n.to_be_bytes(), &[1, 2, 3]));
        pollster::block_on(old.commit(many.collect())).unwrap();
        let before = everything(&old);

        let changes = pollster::block_on(old.resealed(&DataKey::from_bytes(&[8; 32]))).unwrap();
        pollster::block_on(inner.commit(changes)).unwrap();
        assert_eq!(everything(&sealed(inner.clone(), 8)), before);
        for (table, key, _) in inner.dump() {
            assert!(pollster::block_on(old.get(table, &key)).is_err());
        }
    }

    #[test]
    fn with_a_row_that_does_not_open_the_key_stays() {
        let inner = MemoryStore::new();
        let store = sealed(inner.clone(), 7);
        pollster::block_on(store.commit(vec![put(b"k", b"value")])).unwrap();
        inner.tamper(Table::Entries, b"l", vec![0; 40]);
        let resealed = pollster::block_on(store.resealed(&DataKey::from_bytes(&[8; 32])));
        assert!(resealed.is_err());
    }
}
