//! Making RSA keys. The browser's own generator is several times faster and comes first; where it is
//! absent or fails, our own makes the key, and holds the worker for one to four seconds.

use client_core::driver::Event;
use gloo::timers::future::TimeoutFuture;
use js_sys::{Array, ArrayBuffer, Uint8Array};
use shared_crypto::rsa_keys::{KeyError, SealingKeyPair, SigningKeyPair};
use wasm_bindgen::JsValue;
use web_sys::CryptoKey;
use zeroize::Zeroizing;

use super::data_key::{promised, subtle};
use super::js;
use super::random::BrowserRng;

const BITS: u32 = 3072;

/// Makes a signing key pair.
///
/// # Errors
/// When neither generator can.
pub async fn signing() -> Result<Event, KeyError> {
    let pair = match by_browser("RSA-PSS", ["sign", "verify"]).await {
        Some(der) => SigningKeyPair::from_pkcs8(&der).ok(),
        None => None,
    };
    let pair = match pair {
        Some(pair) => pair,
        None => {
            breathe().await;
            SigningKeyPair::generate(&mut BrowserRng)?
        }
    };
    Ok(Event::SigningKey(Box::new(pair)))
}

/// Makes a sealing key pair.
///
/// # Errors
/// When neither generator can.
pub async fn sealing() -> Result<Event, KeyError> {
    let pair = match by_browser("RSA-OAEP", ["encrypt", "decrypt"]).await {
        Some(der) => SealingKeyPair::from_pkcs8(&der).ok(),
        None => None,
    };
    let pair = match pair {
        Some(pair) => pair,
        None => {
            breathe().await;
            SealingKeyPair::generate(&mut BrowserRng)?
        }
    };
    Ok(Event::SealingKey(Box::new(pair)))
}

/// Lets what was said before reach the pages: nothing else moves while a key is made.
async fn breathe() {
    TimeoutFuture::new(0).await;
}

/// A private key in PKCS#8, made by the browser.
pub async fn by_browser(algorithm: &str, uses: [&str; 2]) -> Option<Zeroizing<Vec<u8>>> {
    let subtle = subtle()?;
    let [first, second] = uses;
    let algorithm = js::object(&[
        ("name", algorithm.into()),
        ("modulusLength", BITS.into()),
        ("publicExponent", Uint8Array::from(&[1, 0, 1][..]).into()),
        ("hash", "SHA-256".into()),
    ]);
    let uses = Array::of2(&first.into(), &second.into());
    let pair: JsValue = promised(subtle.generate_key_with_object(&algorithm, true, &uses))
        .await
        .ok()?;
    let private: CryptoKey = js::get_as(&pair, "privateKey")?;
    let exported: ArrayBuffer = promised(subtle.export_key("pkcs8", &private)).await.ok()?;
    let exported = Uint8Array::new(&exported);
    let der = Zeroizing::new(exported.to_vec());
    exported.fill(0, 0, exported.length());
    Some(der)
}
