//! What every [`Store`] must do. Each implementation runs this suite; a failure panics.
//!
//! Compiled with the feature `conformance` (and in this crate's own tests), so that implementations in
//! other crates can run it.

#![expect(clippy::unwrap_used, reason = "a test suite: a failure is a panic")]

use crate::store::{Change, KeyRange, Order, Row, Store, Table};

fn put(table: Table, key: &[u8], value: &[u8]) -> Change {
    Change {
        table,
        key: key.to_vec(),
        value: Some(value.to_vec()),
    }
}

fn remove(table: Table, key: &[u8]) -> Change {
    Change {
        table,
        key: key.to_vec(),
        value: None,
    }
}

fn range(from: &[u8], to: &[u8]) -> KeyRange {
    KeyRange {
        from: from.to_vec(),
        to: to.to_vec(),
    }
}

fn row(key: &[u8], value: &[u8]) -> Row {
    (key.to_vec(), value.to_vec())
}

/// Runs the whole suite; `make` gives a new, empty store each time.
pub async fn run<S: Store>(make: impl AsyncFn() -> S) {
    absent_rows_are_none(&make().await).await;
    rows_are_read_back(&make().await).await;
    tables_are_apart(&make().await).await;
    a_batch_applies_in_order(&make().await).await;
    scans_are_ordered_and_bounded(&make().await).await;
    any_bytes_are_kept(&make().await).await;
    large_batches_are_kept(&make().await).await;
}

async fn absent_rows_are_none<S: Store>(store: &S) {
    assert_eq!(store.get(Table::Identity, b"").await.unwrap(), None);
    let all = range(b"", &[0xff; 8]);
    assert!(
        store
            .scan(Table::Entries, &all, Order::Ascending, 10)
            .await
            .unwrap()
            .is_empty()
    );
    store
        .commit(vec![remove(Table::Entries, b"never there")])
        .await
        .unwrap();
    store.commit(Vec::new()).await.unwrap();
}

async fn rows_are_read_back<S: Store>(store: &S) {
    store
        .commit(vec![
            put(Table::Contacts, b"a", b"1"),
            put(Table::Contacts, b"b", b""),
        ])
        .await
        .unwrap();
    assert_eq!(
        store.get(Table::Contacts, b"a").await.unwrap().as_deref(),
        Some(&b"1"[..])
    );
    assert_eq!(
        store.get(Table::Contacts, b"b").await.unwrap().as_deref(),
        Some(&b""[..])
    );
    store
        .commit(vec![put(Table::Contacts, b"a", b"2")])
        .await
        .unwrap();
    assert_eq!(
        store.get(Table::Contacts, b"a").await.unwrap().as_deref(),
        Some(&b"2"[..])
    );
    store
        .commit(vec![remove(Table::Contacts, b"a")])
        .await
        .unwrap();
    assert_eq!(store.get(Table::Contacts, b"a").await.unwrap(), None);
}

async fn tables_are_apart<S: Store>(store: &S) {
    let changes = Table::ALL
        .iter()
        .map(|table| put(*table, b"k", table.name().as_bytes()))
        .collect();
    store.commit(changes).await.unwrap();
    for table in Table::ALL {
        let all = range(b"", &[0xff; 8]);
        let rows = store.scan(table, &all, Order::Ascending, 10).await.unwrap();
        assert_eq!(rows, vec![row(b"k", table.name().as_bytes())]);
    }
}

async fn a_batch_applies_in_order<S: Store>(store: &S) {
    let changes = vec![
        put(Table::Outbox, b"k", b"first"),
        remove(Table::Outbox, b"k"),
        put(Table::Outbox, b"k", b"last"),
        put(Table::Outbox, b"gone", b"x"),
        remove(Table::Outbox, b"gone"),
    ];
    store.commit(changes).await.unwrap();
    assert_eq!(
        store.get(Table::Outbox, b"k").await.unwrap().as_deref(),
        Some(&b"last"[..])
    );
    assert_eq!(store.get(Table::Outbox, b"gone").await.unwrap(), None);
}

async fn scans_are_ordered_and_bounded<S: Store>(store: &S) {
    let keys: [&[u8]; 6] = [b"", b"a", b"a\0", b"a\xff", b"b", b"\xff\xff"];
    for key in [4, 0, 5, 2, 1, 3].map(|index: usize| keys.get(index).copied().unwrap()) {
        store
            .commit(vec![put(Table::Entries, key, key)])
            .await
            .unwrap();
    }
    let rows = |keys: &[&[u8]]| keys.iter().map(|key| row(key, key)).collect::<Vec<_>>();
    let scan = async |from: &[u8], to: &[u8], order, limit| {
        store
            .scan(Table::Entries, &range(from, to), order, limit)
            .await
            .unwrap()
    };
    let end = [0xff; 8];
    assert_eq!(scan(b"", &end, Order::Ascending, 100).await, rows(&keys));
    assert_eq!(
        scan(b"", &end, Order::Ascending, 2).await,
        rows(&[b"", b"a"])
    );
    assert_eq!(
        scan(b"", &end, Order::Descending, 2).await,
        rows(&[b"\xff\xff", b"b"])
    );
    assert_eq!(
        scan(b"a", b"b", Order::Ascending, 100).await,
        rows(&[b"a", b"a\0", b"a\xff"])
    );
    assert_eq!(
        scan(b"a", b"b", Order::Descending, 1).await,
        rows(&[b"a\xff"])
    );
    assert_eq!(scan(b"a", b"a", Order::Ascending, 100).await, rows(&[]));
    assert_eq!(scan(b"b", b"a", Order::Ascending, 100).await, rows(&[]));
    assert_eq!(scan(b"", &end, Order::Ascending, 0).await, rows(&[]));
}

async fn any_bytes_are_kept<S: Store>(store: &S) {
    let value: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let key: Vec<u8> = (0..=255).collect();
    store
        .commit(vec![put(Table::Events, &key, &value)])
        .await
        .unwrap();
    assert_eq!(store.get(Table::Events, &key).await.unwrap(), Some(value));
}

async fn large_batches_are_kept<S: Store>(store: &S) {
    let key = |n: u32| n.to_be_bytes();
    let changes = (0..1_000)
        .map(|n| put(Table::Seen, &key(n), &key(n)))
        .collect();
    store.commit(changes).await.unwrap();
    let rows = store
        .scan(
            Table::Seen,
            &range(&key(0), &key(u32::MAX)),
            Order::Descending,
            2_000,
        )
        .await;
    let expected: Vec<Row> = (0..1_000).rev().map(|n| row(&key(n), &key(n))).collect();
    assert_eq!(rows.unwrap(), expected);
}
