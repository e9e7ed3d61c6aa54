//! What the browser does with what is stored here.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

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

fn storage() -> Option<JsValue> {
    get(&get(&js_sys::global(), "navigator")?, "storage")
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into())
        .ok()
        .filter(|value| !value.is_undefined() && !value.is_null())
}
