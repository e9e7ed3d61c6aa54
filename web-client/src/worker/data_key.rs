//! The key that every stored row is encrypted under.
//!
//! Random bytes, stored in *slots*, each sealed in another way. Without a lock there is one,
//! `browser`, sealed under an AES-GCM key that the browser keeps and gives to no script, this
//! program included. That is no lock: browsers keep such keys beside the database, so who copies the
//! whole profile has both. A lock has slots of its own ([`super::slots`]) in its place.

use client_core::store::StoreError;
use js_sys::{Array, ArrayBuffer, Object, Promise, Uint8Array};
use rand_core::CryptoRng;
use shared_crypto::lock::DataKey;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};
use zeroize::Zeroizing;

use super::database::{IdbStore, KEYS};
use super::js;

/// Name of the browser's slot.
pub(super) const SLOT: &str = "browser";
const CONTEXT: &[u8] = b"zechat/data-key/browser/v1";
const NONCE: usize = 12;

/// Reads the data key, or makes it in an empty database.
///
/// # Errors
/// When the browser fails, or when there are rows and no key to them: a new key would not open them.
pub async fn open<R>(store: &IdbStore, rng: &mut R) -> Result<DataKey, StoreError>
where
    R: CryptoRng + ?Sized,
{
    match store.value(KEYS, SLOT).await? {
        Some(slot) => unwrap(&slot).await,
        None if store.is_empty().await? => make(store, rng).await,
        None => Err(StoreError::Damaged(KEYS)),
    }
}

/// The browser's cryptography; absent where the page is not secure (plain HTTP to another machine).
pub(super) fn subtle() -> Option<SubtleCrypto> {
    js::get_as(&js::get(&js_sys::global(), "crypto")?, "subtle")
}

/// Waits for what a WebCrypto call promises.
pub(super) async fn promised<P: JsCast>(
    promise: Result<Promise, JsValue>,
) -> Result<P, StoreError> {
    let value = JsFuture::from(promise.map_err(refused)?)
        .await
        .map_err(refused)?;
    value.dyn_into().map_err(refused)
}

async fn make<R>(store: &IdbStore, rng: &mut R) -> Result<DataKey, StoreError>
where
    R: CryptoRng + ?Sized,
{
    let data_key = DataKey::generate(rng);
    let slot = slot(&data_key, rng).await?;
    store.add_value(KEYS, SLOT, &slot).await?;
    Ok(data_key)
}

/// A new slot of the browser's with this key.
///
/// # Errors
/// When the browser fails.
pub(super) async fn slot<R>(data_key: &DataKey, rng: &mut R) -> Result<JsValue, StoreError>
where
    R: CryptoRng + ?Sized,
{
    let subtle = subtle().ok_or_else(no_webcrypto)?;
    let mut nonce = [0; NONCE];
    rng.fill_bytes(&mut nonce);

    let algorithm = js::object(&[("name", "AES-GCM".into()), ("length", 256.into())]);
    let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
    let key: CryptoKey =
        promised(subtle.generate_key_with_object(&algorithm, false, &uses)).await?;
    let wrapped =
        subtle.encrypt_with_object_and_u8_array(&parameters(&nonce), &key, data_key.as_bytes());
    let wrapped: ArrayBuffer = promised(wrapped).await?;
    let slot = js::object(&[
        ("key", key.into()),
        ("nonce", Uint8Array::from(&nonce[..]).into()),
        ("wrapped", Uint8Array::new(&wrapped).into()),
    ]);
    Ok(slot.into())
}

async fn unwrap(slot: &JsValue) -> Result<DataKey, StoreError> {
    let subtle = subtle().ok_or_else(no_webcrypto)?;
    let damaged = || StoreError::Damaged(KEYS);
    let key: CryptoKey = js::get_as(slot, "key").ok_or_else(damaged)?;
    let nonce: Uint8Array = js::get_as(slot, "nonce").ok_or_else(damaged)?;
    let wrapped: Uint8Array = js::get_as(slot, "wrapped").ok_or_else(damaged)?;
    let opened =
        subtle.decrypt_with_object_and_buffer_source(&parameters(&nonce.to_vec()), &key, &wrapped);
    let opened: ArrayBuffer = promised(opened).await.map_err(|_| damaged())?;
    let opened = Uint8Array::new(&opened);
    let mut data_key = Zeroizing::new([0; 32]);
    if opened.length() != 32 {
        return Err(damaged());
    }
    opened.copy_to(&mut *data_key);
    opened.fill(0, 0, 32);
    Ok(DataKey::from_bytes(&data_key))
}

fn no_webcrypto() -> StoreError {
    StoreError::Platform("this page has no WebCrypto".into())
}

fn parameters(nonce: &[u8]) -> Object {
    js::object(&[
        ("name", "AES-GCM".into()),
        ("iv", Uint8Array::from(nonce).into()),
        ("additionalData", Uint8Array::from(CONTEXT).into()),
    ])
}

fn refused(error: JsValue) -> StoreError {
    StoreError::Platform(js::words(&error))
}
