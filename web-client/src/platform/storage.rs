//! What the browser does with what is stored here.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::bridge::Place;

/// Asks the browser not to clear this site's storage when it runs short of space. Only a page may
/// ask, not a worker. Nothing depends on the answer; the next start asks again.
pub fn keep() {
    let asked = storage().and_then(|storage| {
        let persist: Function = get(&storage, "persist")?.dyn_into().ok()?;
        persist.call0(&storage).ok()?.dyn_into::<Promise>().ok()
    });
    if let Some(asked) = asked {
        spawn_local(async move {
            // A refusal is not an error, and an error is a refusal.
            let _ = JsFuture::from(asked).await;
        });
    }
}

/// What the browser says of what is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Estimate {
    /// Bytes in use.
    pub used: u64,
    /// Bytes that may be in use.
    pub quota: u64,
    /// Whether it promised not to clear it away.
    pub kept: bool,
}

/// Asks how much is stored.
pub async fn estimate() -> Option<Estimate> {
    let estimate = call("estimate").await?;
    let number = |name: &str| get(&estimate, name).and_then(|it| it.as_f64());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::as_conversions,
        reason = "a count of bytes, clamped; there is no other way out of a float"
    )]
    let whole = |number: f64| number.clamp(0.0, 9e15) as u64;
    Some(Estimate {
        used: whole(number("usage")?),
        quota: whole(number("quota")?),
        kept: call("persisted").await.and_then(|it| it.as_bool()) == Some(true),
    })
}

async fn call(name: &str) -> Option<JsValue> {
    let storage = storage()?;
    let call: Function = get(&storage, name)?.dyn_into().ok()?;
    let promise: Promise = call.call0(&storage).ok()?.dyn_into().ok()?;
    JsFuture::from(promise).await.ok()
}

/// Deletes what is stored of one identity. The page is to be loaded again afterwards.
pub async fn delete(place: Place) {
    let Some(request) = get(&js_sys::global(), "indexedDB")
        .and_then(|factory| factory.dyn_into::<web_sys::IdbFactory>().ok())
        .and_then(|factory| factory.delete_database(&place.database()).ok())
    else {
        return;
    };
    let done = Promise::new(&mut |resolve, _| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&resolve));
    });
    let _ = JsFuture::from(done).await;
}

/// Deletes what this site keeps besides identities: preferences, and the program itself, as the service worker keeps it.
pub async fn delete_rest() {
    if let Some(window) = web_sys::window()
        && let Ok(Some(kept)) = window.local_storage()
    {
        let _ = kept.clear();
    }
    let deleted = get(&js_sys::global(), "caches").and_then(|caches| {
        let delete: Function = get(&caches, "delete")?.dyn_into().ok()?;
        let promise = delete.call1(&caches, &"zechat-shell".into()).ok()?;
        promise.dyn_into::<Promise>().ok()
    });
    if let Some(deleted) = deleted {
        let _ = JsFuture::from(deleted).await;
    }
}

fn storage() -> Option<JsValue> {
    get(&get(&js_sys::global(), "navigator")?, "storage")
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into())
        .ok()
        .filter(|value| !value.is_undefined() && !value.is_null())
}
