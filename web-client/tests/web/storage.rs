//! The store that the engine uses, on the browser's real database.

use std::cell::Cell;

use client_core::conformance;
use client_core::sealed::SealedStore;
use client_core::store::{Change, KeyRange, Order, Store, StoreError, Table};
use js_sys::{Function, Promise, Reflect, Uint8Array};
use shared_crypto::lock::{DataKey, PassphraseSlot};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_client::worker::data_key;
use web_client::worker::database::IdbStore;
use web_client::worker::random::BrowserRng;
use web_client::worker::slots::{self, Slots};
use web_sys::{IdbDatabase, IdbFactory, IdbRequest, IdbTransactionMode};

type Sealed = SealedStore<IdbStore, BrowserRng>;

#[wasm_bindgen_test]
async fn the_store_conforms() {
    let names = Names::new("plain");
    conformance::run(async || IdbStore::open(&names.next()).await.unwrap()).await;
}

#[wasm_bindgen_test]
async fn the_sealed_store_conforms() {
    let names = Names::new("sealed");
    conformance::run(async || sealed(&names.next()).await).await;
}

#[wasm_bindgen_test]
async fn the_store_conforms_where_rows_cannot_be_read_in_one_go() {
    let global = js_sys::global();
    let stores = Reflect::get(&global, &"IDBObjectStore".into()).unwrap();
    let prototype = Reflect::get(&stores, &"prototype".into()).unwrap();
    let name = JsValue::from("getAllRecords");
    let known = Reflect::get(&prototype, &name).unwrap();
    Reflect::set(&prototype, &name, &JsValue::UNDEFINED).unwrap();
    let names = Names::new("older");
    conformance::run(async || IdbStore::open(&names.next()).await.unwrap()).await;
    Reflect::set(&prototype, &name, &known).unwrap();
}

#[wasm_bindgen_test]
async fn rows_are_there_again_after_reopening() {
    let name = "reopened";
    let written = sealed(name).await;
    written
        .commit(vec![put(b"k", b"a secret text"), put(b"l", b"another")])
        .await
        .unwrap();
    drop(written);
    let read = sealed(name).await;
    let rows = read
        .scan(Table::Entries, &everything(), Order::Ascending, 10)
        .await
        .unwrap();
    let expected = vec![
        (b"k".to_vec(), b"a secret text".to_vec()),
        (b"l".to_vec(), b"another".to_vec()),
    ];
    assert_eq!(rows, expected);
}

#[wasm_bindgen_test]
async fn no_plaintext_reaches_the_database() {
    let name = "raw";
    let store = sealed(name).await;
    for table in Table::ALL {
        let value = Some(b"a secret text".to_vec());
        store
            .commit(vec![Change {
                table,
                key: vec![1],
                value,
            }])
            .await
            .unwrap();
    }
    drop(store);
    let raw = IdbStore::open(name).await.unwrap();
    for table in Table::ALL {
        let rows = raw
            .scan(table, &everything(), Order::Ascending, 10)
            .await
            .unwrap();
        assert_eq!(rows.len(), 1);
        for (_, value) in rows {
            assert!(!value.windows(6).any(|window| window == b"secret"));
        }
    }
}

#[wasm_bindgen_test]
async fn two_stores_have_two_keys() {
    let first = IdbStore::open("key one").await.unwrap();
    let second = IdbStore::open("key two").await.unwrap();
    let first = data_key::open(&first, &mut BrowserRng).await.unwrap();
    let second = data_key::open(&second, &mut BrowserRng).await.unwrap();
    assert_ne!(first.as_bytes(), &[0; 32]);
    assert_ne!(first.as_bytes(), second.as_bytes());
}

#[wasm_bindgen_test]
async fn a_lock_leaves_no_other_way_to_the_rows() {
    let name = "locked";
    let store = sealed(name).await;
    store.commit(vec![put(b"k", b"v")]).await.unwrap();
    let key = DataKey::generate(&mut BrowserRng);
    let slots = Slots::new(PassphraseSlot::seal("a passphrase", &key, &mut BrowserRng).unwrap());
    let rows = store.resealed(&key).await.unwrap();
    drop(store);
    let store = IdbStore::open(name).await.unwrap();
    slots.write(&store, rows).await.unwrap();

    let opened = data_key::open(&store, &mut BrowserRng).await;
    assert_eq!(opened.unwrap_err(), StoreError::Damaged("keys"));
    let slots = Slots::read(&store).await.unwrap().unwrap();
    assert!(slots.passphrase.open("another").is_err());
    let key = slots.passphrase.open("a passphrase").unwrap();
    let store = SealedStore::new(store, &key, BrowserRng);
    assert_eq!(
        store.get(Table::Entries, b"k").await,
        Ok(Some(b"v".to_vec()))
    );
}

#[wasm_bindgen_test]
async fn a_session_is_over_when_it_was_ended() {
    let store = IdbStore::open("sessions").await.unwrap();
    assert_eq!(slots::session(&store).await, Ok(None));
    let first = slots::begin_session(&store, &mut BrowserRng).await.unwrap();
    assert_eq!(slots::session(&store).await, Ok(Some(first)));
    slots::end_session(&store).await.unwrap();
    assert_eq!(slots::session(&store).await, Ok(None));
    let second = slots::begin_session(&store, &mut BrowserRng).await.unwrap();
    assert_ne!(first, second);
}

#[wasm_bindgen_test]
async fn a_lost_key_is_reported_and_never_replaced() {
    let name = "lost key";
    let store = sealed(name).await;
    store.commit(vec![put(b"k", b"v")]).await.unwrap();
    drop(store);
    clear_keys(name).await;
    let store = IdbStore::open(name).await.unwrap();
    let opened = data_key::open(&store, &mut BrowserRng).await;
    assert_eq!(opened.unwrap_err(), StoreError::Damaged("keys"));
}

#[wasm_bindgen_test]
async fn a_deleted_database_fails_and_does_not_hang() {
    let name = "deleted";
    let store = IdbStore::open(name).await.unwrap();
    store.commit(vec![put(b"k", b"v")]).await.unwrap();
    // Succeeds only because the store makes room.
    done(&factory().delete_database(name).unwrap()).await;
    let read = store.get(Table::Entries, b"k").await;
    assert!(matches!(read, Err(StoreError::Platform(_))), "{read:?}");
    let written = store.commit(vec![put(b"k", b"v")]).await;
    assert!(
        matches!(written, Err(StoreError::Platform(_))),
        "{written:?}"
    );
    let again = IdbStore::open(name).await.unwrap();
    assert_eq!(again.get(Table::Entries, b"k").await, Ok(None));
}

/// The object stores that came with each version of the database before the present one.
const EARLIER: [&[&str]; 4] = [
    &[
        "identity",
        "key_packages",
        "contacts",
        "conversations",
        "entries",
        "events",
        "places",
        "outbox",
        "seen",
        "mailboxes",
        "nodes",
        "tombstones",
        "keys",
    ],
    &["expiring", "waiting_notes", "search"],
    &["homes", "vault", "vault_changes"],
    &[],
];

#[wasm_bindgen_test]
async fn a_database_of_an_earlier_version_keeps_its_rows_and_gets_what_it_lacks() {
    let mut names = Vec::new();
    for (version, added) in (1..).zip(EARLIER) {
        names.extend(added);
        let database = format!("of version {version}");
        make_earlier(&database, version, names.clone()).await;
        let store = IdbStore::open(&database).await.unwrap();
        for table in Table::ALL {
            let was_there = names.contains(&table.name()).then(|| b"v".to_vec());
            let there = store.get(table, b"k").await;
            assert_eq!(there, Ok(was_there), "{database}, {}", table.name());
            let value = Some(b"w".to_vec());
            let key = b"l".to_vec();
            let change = Change { table, key, value };
            store.commit(vec![change]).await.unwrap();
            assert_eq!(store.get(table, b"l").await, Ok(Some(b"w".to_vec())));
        }
        // It is of the present version by now.
        let older = factory().open_with_u32(&database, version).unwrap();
        assert!(ended(&older).await.is_err());
    }
}

/// Makes a database as that version did, with a row in each object store.
async fn make_earlier(database: &str, version: u32, names: Vec<&'static str>) {
    let open = factory().open_with_u32(database, version).unwrap();
    let upgrade = Closure::once({
        let open = open.clone();
        move || {
            let database: IdbDatabase = open.result().unwrap().dyn_into().unwrap();
            for name in names {
                let rows = database.create_object_store(name).unwrap();
                let (key, value) = (Uint8Array::from(&b"k"[..]), Uint8Array::from(&b"v"[..]));
                rows.put_with_key(&value, &key).unwrap();
            }
        }
    });
    open.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
    done(&open).await;
    let database: IdbDatabase = open.result().unwrap().dyn_into().unwrap();
    database.close();
}

struct Names {
    prefix: &'static str,
    last: Cell<u32>,
}

impl Names {
    fn new(prefix: &'static str) -> Self {
        Self {
            prefix,
            last: Cell::new(0),
        }
    }

    fn next(&self) -> String {
        self.last.set(self.last.get() + 1);
        format!("{} {}", self.prefix, self.last.get())
    }
}

async fn sealed(name: &str) -> Sealed {
    let store = IdbStore::open(name).await.unwrap();
    let data_key = data_key::open(&store, &mut BrowserRng).await.unwrap();
    SealedStore::new(store, &data_key, BrowserRng)
}

fn put(key: &[u8], value: &[u8]) -> Change {
    Change {
        table: Table::Entries,
        key: key.to_vec(),
        value: Some(value.to_vec()),
    }
}

fn everything() -> KeyRange {
    KeyRange {
        from: Vec::new(),
        to: vec![0xff; 8],
    }
}

fn factory() -> IdbFactory {
    let factory = Reflect::get(&js_sys::global(), &"indexedDB".into()).unwrap();
    factory.dyn_into().unwrap()
}

async fn clear_keys(name: &str) {
    let open = factory().open(name).unwrap();
    done(&open).await;
    let database: IdbDatabase = open.result().unwrap().dyn_into().unwrap();
    let transaction = database
        .transaction_with_str_and_mode("keys", IdbTransactionMode::Readwrite)
        .unwrap();
    done(&transaction.object_store("keys").unwrap().clear().unwrap()).await;
    database.close();
}

async fn done(request: &IdbRequest) {
    ended(request).await.unwrap();
}

async fn ended(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let ends = Promise::new(&mut |resolve: Function, reject: Function| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(ends).await
}
