//! Whether this browser has what the client needs.

use js_sys::{Reflect, global};
use wasm_bindgen::JsValue;

/// Something without which the client cannot run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// IndexedDB: nothing could be kept.
    Storage,
    /// Web Locks: two tabs would harm each other.
    Locks,
    /// BroadcastChannel: page and engine could not talk.
    Channel,
    /// A secure context (https or localhost): the browser withholds the rest.
    SecureContext,
}

/// The first thing that is missing, the most telling one first.
pub fn missing() -> Option<Missing> {
    let scope: JsValue = global().into();
    if get(&scope, "isSecureContext").as_bool() == Some(false) {
        return Some(Missing::SecureContext);
    }
    if is_absent(&scope, "indexedDB") {
        return Some(Missing::Storage);
    }
    if is_absent(&scope, "BroadcastChannel") {
        return Some(Missing::Channel);
    }
    is_absent(&get(&scope, "navigator"), "locks").then_some(Missing::Locks)
}

fn is_absent(object: &JsValue, name: &str) -> bool {
    let value = get(object, name);
    value.is_undefined() || value.is_null()
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}
