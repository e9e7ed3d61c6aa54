//! Copying and sharing text.

use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// The browser did not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// Puts text on the clipboard.
pub async fn copy(text: &str) -> Result<(), Refused> {
    let navigator = web_sys::window().ok_or(Refused)?.navigator();
    // Absent where the context is not secure.
    let clipboard = get(&navigator, "clipboard").ok_or(Refused)?;
    let clipboard: web_sys::Clipboard = clipboard.unchecked_into();
    JsFuture::from(clipboard.write_text(text))
        .await
        .map(drop)
        .map_err(|_| Refused)
}

/// Whether the browser can hand text to other programs.
pub fn can_share() -> bool {
    web_sys::window().is_some_and(|window| get(&window.navigator(), "share").is_some())
}

/// Opens the system's share sheet. Closing it without sharing is no error worth telling.
pub async fn share(title: &str, text: &str, url: &str) {
    let Some(window) = web_sys::window() else {
        return;
    };
    let navigator = window.navigator();
    let Some(share) = get(&navigator, "share").and_then(|share| share.dyn_into::<Function>().ok())
    else {
        return;
    };
    let data = Object::new();
    for (name, value) in [("title", title), ("text", text), ("url", url)] {
        let _ = Reflect::set(&data, &JsValue::from_str(name), &JsValue::from_str(value));
    }
    if let Some(promise) = share
        .call1(&navigator, &data)
        .ok()
        .and_then(|it| it.dyn_into::<Promise>().ok())
    {
        let _ = JsFuture::from(promise).await;
    }
}

fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(name))
        .ok()
        .filter(|value| !value.is_undefined() && !value.is_null())
}
