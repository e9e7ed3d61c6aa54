//! Normalization form KC of Unicode (UAX #15).
//!
//! A browser has its tables anyway: there they would be a tenth of the program.

/// A text in form NFKC.
#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
pub(crate) fn nfkc(text: &str) -> String {
    js_sys::JsString::from(text).normalize("NFKC").into()
}

/// A text in form NFKC.
#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
pub(crate) fn nfkc(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;

    text.nfkc().collect()
}
