//! What happens when this program breaks: a page that says so, never a frozen one.

use std::panic::PanicHookInfo;

use wasm_bindgen::JsValue;

use super::document::document;

/// Id of the element in index.html that is shown then.
const NOTICE: &str = "broken";

/// Id of the element that holds the application.
const APPLICATION: &str = "app";

/// From now on a panic reveals the notice. The notice is part of the page itself: nothing of this
/// program can be relied on any more.
pub fn install() {
    yew::set_custom_panic_hook(Box::new(reveal));
}

fn reveal(info: &PanicHookInfo<'_>) {
    web_sys::console::error_1(&JsValue::from_str(&info.to_string()));
    let Some(document) = document() else { return };
    if let Some(application) = document.get_element_by_id(APPLICATION) {
        let _ = application.set_attribute("hidden", "");
    }
    if let Some(notice) = document.get_element_by_id(NOTICE) {
        let _ = notice.remove_attribute("hidden");
    }
}
