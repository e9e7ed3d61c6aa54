//! Files: given to the person, and taken from them.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, File, HtmlAnchorElement, HtmlInputElement, Url};

use super::document;

/// The browser did not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// Hands a file to the browser's downloads.
pub fn save(name: &str, media_type: &str, bytes: &[u8]) -> Result<(), Refused> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let blob =
        Blob::new_with_u8_array_sequence_and_options(&parts, &options).map_err(|_| Refused)?;
    let address = Url::create_object_url_with_blob(&blob).map_err(|_| Refused)?;
    let result = click_download(name, &address);
    // The download that has begun keeps what it needs.
    let _ = Url::revoke_object_url(&address);
    result
}

fn click_download(name: &str, address: &str) -> Result<(), Refused> {
    let document = document::document().ok_or(Refused)?;
    let element = document.create_element("a").map_err(|_| Refused)?;
    let link: HtmlAnchorElement = element.dyn_into().map_err(|_| Refused)?;
    link.set_href(address);
    link.set_download(name);
    link.click();
    Ok(())
}

/// The file that was chosen in a field: its name and its bytes. `None` when there is none, it is larger than
/// `limit`, or it cannot be read.
pub async fn read(field: HtmlInputElement, limit: u32) -> Option<(String, Vec<u8>)> {
    let file: File = field.files()?.get(0)?;
    if file.size() > f64::from(limit) {
        return None;
    }
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    let buffer: ArrayBuffer = buffer.dyn_into().ok()?;
    Some((file.name(), Uint8Array::new(&buffer).to_vec()))
}
