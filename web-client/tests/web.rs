//! What only a browser can show: the store over IndexedDB, RSA against the browser's own, and the
//! vectors read there.
//! Runs in a dedicated worker, as the engine does.
#![cfg(all(target_arch = "wasm32", target_os = "unknown"))]

#[path = "../../shared-crypto/tests/vectors/checks.rs"]
mod checks;
#[path = "../../shared-crypto/tests/vectors/exports.rs"]
mod exports;
#[path = "../../shared-crypto/tests/vectors/families.rs"]
mod families;
#[path = "../../shared-crypto/tests/vectors/input.rs"]
mod input;
#[path = "../../shared-crypto/tests/vectors/locks.rs"]
mod locks;
#[path = "web/normal.rs"]
mod normal;
#[path = "web/oracle.rs"]
mod oracle;
#[path = "../../shared-crypto/tests/vectors/run.rs"]
mod run;
#[path = "web/storage.rs"]
mod storage;
#[path = "../../shared-crypto/tests/vectors/vaults.rs"]
mod vaults;
#[path = "web/vectors.rs"]
mod vectors;

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_dedicated_worker);
