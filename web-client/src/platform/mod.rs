//! The page's calls into the browser, and only here. Nothing in this folder knows the application.

pub mod asset;
pub mod channel;
pub mod clipboard;
pub mod document;
pub mod file;
pub mod location;
pub mod notification;
pub mod panic;
pub mod passkey;
pub mod place;
pub mod preference;
pub mod random;
mod reader;
pub mod scan;
pub mod scroll;
pub mod service;
pub mod storage;
pub mod support;
pub mod time;
pub mod worker;

/// A member of an object, or `None` where it is absent, undefined or null.
fn get(object: &wasm_bindgen::JsValue, name: &str) -> Option<wasm_bindgen::JsValue> {
    js_sys::Reflect::get(object, &name.into())
        .ok()
        .filter(|value| !value.is_undefined() && !value.is_null())
}
