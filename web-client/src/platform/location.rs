//! The address bar and the history.

use wasm_bindgen::JsValue;

/// Where the page is, as far as routes need it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Path, with its slash.
    pub path: String,
    /// Fragment without `#`, percent-encoded as the browser has it.
    pub fragment: String,
    /// The whole address.
    pub href: String,
}

/// The present address.
pub fn current() -> Address {
    let location = web_sys::window().map(|window| window.location());
    let part = |read: fn(&web_sys::Location) -> Result<String, JsValue>| {
        location
            .as_ref()
            .and_then(|location| read(location).ok())
            .unwrap_or_default()
    };
    Address {
        path: part(web_sys::Location::pathname),
        fragment: part(web_sys::Location::hash)
            .trim_start_matches('#')
            .to_owned(),
        href: part(web_sys::Location::href),
    }
}

/// An address within this page, as if the page were there.
pub fn inside(address: &str) -> Address {
    let (path, fragment) = address.split_once('#').unwrap_or((address, ""));
    Address {
        path: path.to_owned(),
        fragment: fragment.to_owned(),
        href: address.to_owned(),
    }
}

/// Scheme and host of the page.
pub fn origin() -> String {
    web_sys::window()
        .and_then(|window| window.location().origin().ok())
        .unwrap_or_default()
}

/// Goes to an address of this page, with a new place in the history.
pub fn push(address: &str) {
    if let Some(history) = history() {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

/// Changes the address and leaves no trace of the old one in the history.
pub fn replace(address: &str) {
    if let Some(history) = history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(address));
    }
}

/// Loads the page again.
pub fn reload() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().reload();
    }
}

/// Loads an address of this page.
pub fn load(address: &str) {
    if let Some(window) = web_sys::window() {
        let _ = window.location().assign(address);
    }
}

/// Loads the page from its beginning.
pub fn to_start() {
    if let Some(window) = web_sys::window() {
        let _ = window.location().replace("/");
    }
}

fn history() -> Option<web_sys::History> {
    web_sys::window()?.history().ok()
}
