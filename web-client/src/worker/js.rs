//! Small helpers around the browser's objects.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DomException;

/// What the browser said, for a log or a bug report.
pub fn words(error: &JsValue) -> String {
    if let Some(exception) = error.dyn_ref::<DomException>() {
        return format!("{}: {}", exception.name(), exception.message());
    }
    if let Some(error) = error.dyn_ref::<js_sys::Error>() {
        return String::from(error.to_string());
    }
    error.as_string().unwrap_or_else(|| format!("{error:?}"))
}

/// A plain object with these members.
pub fn object(members: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        set(&object, name, value);
    }
    object
}

/// Sets a member of a plain object. It cannot fail there: only proxies and frozen objects refuse.
pub fn set(object: &Object, name: &str, value: &JsValue) {
    let _ = Reflect::set(object, &name.into(), value);
}

/// A member of an object, or `None` where it is absent, undefined or null.
pub fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into())
        .ok()
        .filter(|value| !value.is_undefined() && !value.is_null())
}

/// A member of an object, as a certain type.
pub fn get_as<T: JsCast>(object: &JsValue, name: &str) -> Option<T> {
    get(object, name)?.dyn_into().ok()
}

/// Writes a warning to the console.
pub fn warn(words: &str) {
    web_sys::console::warn_1(&words.into());
}
