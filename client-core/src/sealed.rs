//! Rows encrypted on their way to a store that others might read.
//!
//! Each value is `nonce (12) ‖ AES-256-GCM` under one data key, with the table and the key as associated data, so
//! that a row cannot be moved to another place. Nonces are random: 2³² rows are far below the bound of
//! NIST SP 800-38D for one key.

use core::cell::RefCell;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::store::{Change, KeyRange, Order, Row, Store, StoreError, Table};

const NONCE: usize = 12;

/// A store whose values are encrypted.
pub struct SealedStore<S, R> {
    inner: S,
    cipher: Aes256Gcm,
    rng: RefCell<R>,
}

impl<S: Store, R: CryptoRng> SealedStore<S, R> {
    /// Encrypts what goes to `inner` under `data_key`.
    pub fn new(inner: S, data_key: Zeroizing<[u8; 32]>, rng: R) -> Self {
        let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(*data_key));
        Self {
            inner,
            cipher,
            rng: RefCell::new(rng),
        }
    }

    fn seal(&self, table: Table, key: &[u8], value: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE];
        self.rng.borrow_mut().fill_bytes(&mut nonce);
        let payload = Payload {
            msg: value,
            aad: &place(table, key),
        };
        let sealed = self
            .cipher
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
            Zeroizing::new([key; 32]),
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
}
