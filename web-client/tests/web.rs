//! What only a browser can show: the store over IndexedDB, and RSA against the browser's own.
//! Runs in a dedicated worker, as the engine does.
#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]

#[path = "web/oracle.rs"]
mod oracle;
#[path = "web/storage.rs"]
mod storage;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
