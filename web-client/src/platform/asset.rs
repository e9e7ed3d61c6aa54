//! Files that came with the page, and are loaded when they are needed.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, RequestInit, Response};

/// How long a file may take.
const PATIENCE_MS: u32 = 5_000;

/// The text of a file; `None` if it is not there, is not the one with this hash, or does not come in time.
pub async fn text(path: &str, integrity: &str) -> Option<String> {
    let options = RequestInit::new();
    options.set_integrity(integrity);
    options.set_signal(Some(&AbortSignal::timeout_with_u32(PATIENCE_MS)));
    let asked = web_sys::window()?.fetch_with_str_and_init(path, &options);
    let response: Response = JsFuture::from(asked).await.ok()?.dyn_into().ok()?;
    if !response.ok() {
        return None;
    }
    JsFuture::from(response.text().ok()?)
        .await
        .ok()?
        .as_string()
}
