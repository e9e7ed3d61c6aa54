//! The client's store over IndexedDB: one database, one object store for each table, bytes as keys
//! and values. Values come here sealed; this module understands none of them.
//!
//! Written on the browser's own interface and not on a wrapper: a commit must ask for *strict*
//! durability, and must tell a full disk from other failures, which the wrappers leave out.

use client_core::sorted::sort_by_key;
use client_core::store::{Change, KeyRange, Order, Row, Store, StoreError, Table};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomException, IdbCursor, IdbCursorDirection, IdbDatabase, IdbFactory, IdbKeyRange,
    IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction, IdbTransactionMode,
};

use super::js;

/// The object store with the ways to the data key; see [`super::data_key`].
pub(super) const KEYS: &str = "keys";

/// Raised when an object store is added, or what the rows hold: an older program says then that this is newer, and not
/// that it is damaged. Existing object stores are never changed by an upgrade.
const VERSION: u32 = 5;

/// The client's tables in the browser's database.
#[derive(Debug)]
pub struct IdbStore {
    database: IdbDatabase,
}

impl IdbStore {
    /// Opens the database, and makes what it lacks.
    ///
    /// # Errors
    /// When the browser has no database for this page, or cannot open it.
    pub async fn open(name: &str) -> Result<Self, StoreError> {
        let factory: IdbFactory = js::get_as(&js_sys::global(), "indexedDB")
            .ok_or_else(|| StoreError::Platform("this browser has no IndexedDB".into()))?;
        let request = factory.open_with_u32(name, VERSION).map_err(failed)?;
        let upgrade = Closure::<dyn FnMut()>::new({
            let request = request.clone();
            move || make_object_stores(&request)
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let blocked = Closure::<dyn FnMut()>::new(|| {
            js::warn("another page still has an older database open; waiting for it");
        });
        request.set_onblocked(Some(blocked.as_ref().unchecked_ref()));
        let opened = settled(&request).await;
        request.set_onupgradeneeded(None);
        request.set_onblocked(None);
        let database: IdbDatabase = opened?.dyn_into().map_err(failed)?;
        // Somebody deletes the database or brings a newer one: make room. Calls after it fail.
        if let Some(close) = js::get_as::<Function>(&database, "close") {
            database.set_onversionchange(Some(&close.bind0(&database)));
        }
        Ok(Self { database })
    }

    /// Reads a value of the browser's own kind (not bytes) from an object store.
    pub(super) async fn value(&self, name: &str, key: &str) -> Result<Option<JsValue>, StoreError> {
        let rows = self
            .begin(&[name], IdbTransactionMode::Readonly)?
            .object_store(name);
        let value = settled(
            &rows
                .and_then(|rows| rows.get(&key.into()))
                .map_err(failed)?,
        )
        .await?;
        Ok(Some(value).filter(|value| !value.is_undefined()))
    }

    /// Adds a value of the browser's own kind; fails where there is one.
    pub(super) async fn add_value(
        &self,
        name: &str,
        key: &str,
        value: &JsValue,
    ) -> Result<(), StoreError> {
        let transaction = self.begin(&[name], IdbTransactionMode::Readwrite)?;
        let rows = transaction.object_store(name).map_err(failed)?;
        rows.add_with_key(value, &key.into()).map_err(failed)?;
        completed(&transaction).await
    }

    /// Applies changes of rows and of values of the browser's own kind (`None` removes one) in one transaction.
    pub(super) async fn commit_with(
        &self,
        changes: Vec<Change>,
        name: &str,
        values: &[(&str, Option<JsValue>)],
    ) -> Result<(), StoreError> {
        let mut names: Vec<&str> = changes.iter().map(|change| change.table.name()).collect();
        if !values.is_empty() {
            names.push(name);
        }
        sort_by_key(&mut names, |name| *name);
        names.dedup();
        if names.is_empty() {
            return Ok(());
        }
        let transaction = self.begin(&names, IdbTransactionMode::Readwrite)?;
        let done = completed(&transaction);
        let applied =
            apply(&transaction, &changes).and_then(|()| apply_values(&transaction, name, values));
        if let Err(error) = applied {
            // Nothing of a batch may stay. Where it is over already, nothing of it did.
            let _ = transaction.abort();
            return Err(failed(error));
        }
        done.await
    }

    /// Whether no table has a row.
    pub(super) async fn is_empty(&self) -> Result<bool, StoreError> {
        for table in Table::ALL {
            let count = settled(&self.rows(table)?.count().map_err(failed)?).await?;
            if count.as_f64() != Some(0.0) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn begin(
        &self,
        names: &[&str],
        mode: IdbTransactionMode,
    ) -> Result<IdbTransaction, StoreError> {
        let names: Array = names.iter().copied().map(JsValue::from).collect();
        // The typed call has no options yet: `durability` says that complete means on the disk.
        let begin: Function = js::get_as(&self.database, "transaction")
            .ok_or_else(|| StoreError::Platform("the database is not one".into()))?;
        let options = js::object(&[("durability", "strict".into())]);
        let started = begin
            .call3(&self.database, &names, &mode.into(), &options)
            .map_err(failed)?;
        started.dyn_into().map_err(failed)
    }

    fn rows(&self, table: Table) -> Result<IdbObjectStore, StoreError> {
        let name = table.name();
        let transaction = self.begin(&[name], IdbTransactionMode::Readonly)?;
        transaction.object_store(name).map_err(failed)
    }
}

/// The rows in one round trip, either way: what browsers have had since 2025. `None` where it is not there.
fn all_records(
    rows: &IdbObjectStore,
    range: &IdbKeyRange,
    order: Order,
    limit: u32,
) -> Result<Option<IdbRequest>, StoreError> {
    let Some(read) = js::get_as::<Function>(rows, "getAllRecords") else {
        return Ok(None);
    };
    let direction = match order {
        Order::Ascending => "next",
        Order::Descending => "prev",
    };
    let options = js::object(&[
        ("query", range.into()),
        ("count", limit.into()),
        ("direction", direction.into()),
    ]);
    let request = read.call1(rows, &options).map_err(failed)?;
    request.dyn_into().map(Some).map_err(failed)
}

/// A row of what [`all_records`] reads.
fn record(record: &JsValue, table: Table) -> Result<Row, StoreError> {
    let part = |name| bytes(&js::get(record, name).unwrap_or_default(), table);
    Ok((part("key")?, part("value")?))
}

/// The first rows of a range.
async fn ascending(
    rows: &IdbObjectStore,
    table: Table,
    range: &IdbKeyRange,
    limit: u32,
) -> Result<Vec<Row>, StoreError> {
    let keys = rows
        .get_all_keys_with_key_and_limit(range, limit)
        .map_err(failed)?;
    let values = rows
        .get_all_with_key_and_limit(range, limit)
        .map_err(failed)?;
    // Both wait already; the keys come first.
    let (keys, values) = (pending(&keys), pending(&values));
    let keys: Array = keys.await?.dyn_into().map_err(failed)?;
    let values: Array = values.await?.dyn_into().map_err(failed)?;
    keys.iter()
        .zip(values.iter())
        .map(|(key, value)| Ok((bytes(&key, table)?, bytes(&value, table)?)))
        .collect()
}

/// The last rows of a range, the last first. A cursor over them would be a round trip for each.
async fn descending(
    rows: &IdbObjectStore,
    table: Table,
    range: &IdbKeyRange,
    limit: u32,
) -> Result<Vec<Row>, StoreError> {
    let mut found = match first_of_last(rows, range, limit).await? {
        Some(first) => {
            let upper = range.upper().map_err(failed)?;
            let range =
                IdbKeyRange::bound_with_lower_open_and_upper_open(&first, &upper, false, true)
                    .map_err(failed)?;
            ascending(rows, table, &range, limit).await?
        }
        None => ascending(rows, table, range, limit).await?,
    };
    found.reverse();
    Ok(found)
}

/// The key with which the last rows of a range begin, so many as are wanted; `None` if that is all of them.
async fn first_of_last(
    rows: &IdbObjectStore,
    range: &IdbKeyRange,
    wanted: u32,
) -> Result<Option<JsValue>, StoreError> {
    if wanted == u32::MAX {
        return Ok(None);
    }
    let request = rows
        .open_key_cursor_with_range_and_direction(range, IdbCursorDirection::Prev)
        .map_err(failed)?;
    let mut here = settled(&request).await?;
    let further = wanted.saturating_sub(1);
    if further > 0
        && let Some(cursor) = here.dyn_ref::<IdbCursor>()
    {
        cursor.advance(further).map_err(failed)?;
        here = settled(&request).await?;
    }
    match here.dyn_into::<IdbCursor>() {
        Ok(cursor) => cursor.key().map(Some).map_err(failed),
        Err(_) => Ok(None),
    }
}

impl Drop for IdbStore {
    fn drop(&mut self) {
        self.database.set_onversionchange(None);
        self.database.close();
    }
}

impl Store for IdbStore {
    async fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let request = self
            .rows(table)?
            .get(&Uint8Array::from(key))
            .map_err(failed)?;
        let value = settled(&request).await?;
        if value.is_undefined() {
            Ok(None)
        } else {
            bytes(&value, table).map(Some)
        }
    }

    async fn scan(
        &self,
        table: Table,
        range: &KeyRange,
        order: Order,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        // The browser refuses an empty range, and reads a limit of nothing as no limit.
        if limit == 0 || range.from >= range.to {
            return Ok(Vec::new());
        }
        let (from, to) = (
            Uint8Array::from(&range.from[..]),
            Uint8Array::from(&range.to[..]),
        );
        let bounds = IdbKeyRange::bound_with_lower_open_and_upper_open(&from, &to, false, true)
            .map_err(failed)?;
        let limit = u32::try_from(limit).unwrap_or(u32::MAX);
        let rows = self.rows(table)?;
        if let Some(records) = all_records(&rows, &bounds, order, limit)? {
            let records: Array = settled(&records).await?.dyn_into().map_err(failed)?;
            return records.iter().map(|it| record(&it, table)).collect();
        }
        match order {
            Order::Ascending => ascending(&rows, table, &bounds, limit).await,
            Order::Descending => descending(&rows, table, &bounds, limit).await,
        }
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<(), StoreError> {
        self.commit_with(changes, KEYS, &[]).await
    }
}

fn apply(transaction: &IdbTransaction, changes: &[Change]) -> Result<(), JsValue> {
    for Change { table, key, value } in changes {
        let rows = transaction.object_store(table.name())?;
        let key = Uint8Array::from(&key[..]);
        match value {
            Some(value) => rows.put_with_key(&Uint8Array::from(&value[..]), &key)?,
            None => rows.delete(&key)?,
        };
    }
    Ok(())
}

fn apply_values(
    transaction: &IdbTransaction,
    name: &str,
    values: &[(&str, Option<JsValue>)],
) -> Result<(), JsValue> {
    for (key, value) in values {
        let rows = transaction.object_store(name)?;
        match value {
            Some(value) => rows.put_with_key(value, &(*key).into())?,
            None => rows.delete(&(*key).into())?,
        };
    }
    Ok(())
}

fn make_object_stores(request: &IdbOpenDbRequest) {
    let Some(database) = request
        .result()
        .ok()
        .and_then(|it| it.dyn_into::<IdbDatabase>().ok())
    else {
        return;
    };
    let there = database.object_store_names();
    for name in Table::ALL.iter().map(|table| table.name()).chain([KEYS]) {
        // A failure aborts the upgrade, and the opening reports it.
        if !there.contains(name) && database.create_object_store(name).is_err() {
            js::warn("an object store could not be made");
        }
    }
}

fn bytes(value: &JsValue, table: Table) -> Result<Vec<u8>, StoreError> {
    if value.is_instance_of::<Uint8Array>() || value.is_instance_of::<js_sys::ArrayBuffer>() {
        return Ok(Uint8Array::new(value).to_vec());
    }
    Err(StoreError::Damaged(table.name()))
}

/// Begins to listen to a request at once; the future ends with its result.
fn pending(request: &IdbRequest) -> impl Future<Output = Result<JsValue, StoreError>> + use<> {
    let request = request.clone();
    let settles = JsFuture::from(Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    }));
    async move {
        match settles.await {
            Ok(_) => request.result().map_err(failed),
            Err(_) => Err(request.error().ok().flatten().map_or_else(
                || StoreError::Platform("a database request failed".into()),
                |error| failed(error.into()),
            )),
        }
    }
}

async fn settled(request: &IdbRequest) -> Result<JsValue, StoreError> {
    pending(request).await
}

/// Begins to listen to a transaction at once; the future ends when it is on the disk, or failed.
fn completed(transaction: &IdbTransaction) -> impl Future<Output = Result<(), StoreError>> + use<> {
    let transaction = transaction.clone();
    let settles = JsFuture::from(Promise::new(&mut |resolve, reject| {
        transaction.set_oncomplete(Some(&resolve));
        // An error that nobody handles becomes an abort, so this is the only end besides.
        transaction.set_onabort(Some(&reject));
    }));
    async move {
        match settles.await {
            Ok(_) => Ok(()),
            Err(_) => Err(transaction.error().map_or_else(
                || StoreError::Platform("the transaction was aborted".into()),
                |error| failed(error.into()),
            )),
        }
    }
}

/// What the browser's error means to the client.
fn failed(error: JsValue) -> StoreError {
    match error
        .dyn_ref::<DomException>()
        .map(DomException::name)
        .as_deref()
    {
        Some("QuotaExceededError") => StoreError::Full,
        Some("VersionError") => StoreError::Newer,
        _ if Reflect::get(&error, &"name".into())
            .is_ok_and(|name| name == "QuotaExceededError") =>
        {
            StoreError::Full
        }
        _ => StoreError::Platform(js::words(&error)),
    }
}
