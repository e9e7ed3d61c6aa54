//! Passkeys with a pseudo-random function (WebAuthn Level 3, extension `prf`): a secret that the device gives to
//! who can unlock it, the same each time. Only a page may ask, not a worker.

use js_sys::{Array, Function, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::DomException;

use super::{get, random};

/// Bytes that the function gives.
const OUTPUT: usize = 32;

/// What a passkey gave.
pub struct Given {
    /// The credential's id.
    pub credential: Vec<u8>,
    /// What its function gave.
    pub output: [u8; OUTPUT],
}

/// Why a passkey gave nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasskeyError {
    /// There are no passkeys in this browser or on this page.
    Missing,
    /// The person or the device said no, or let the time pass.
    Refused,
    /// The passkey has no such function.
    NoFunction,
    /// Something else; the words are the browser's.
    Failed(String),
}

/// Whether there may be passkeys.
pub fn is_there() -> bool {
    get(&js_sys::global(), "PublicKeyCredential").is_some() && credentials().is_some()
}

/// Makes a passkey and asks its function.
pub async fn make(name: &str, salt: &[u8; 32]) -> Result<Given, PasskeyError> {
    let user = object(&[
        ("id", bytes(&random::number().to_be_bytes())),
        ("name", name.into()),
        ("displayName", name.into()),
    ]);
    // ES256, EdDSA and RS256: the signature is not used, but one has to be chosen.
    let algorithms: Array = [-7, -8, -257]
        .into_iter()
        .map(|number: i32| {
            JsValue::from(object(&[
                ("type", "public-key".into()),
                ("alg", number.into()),
            ]))
        })
        .collect();
    let selection = object(&[
        ("residentKey", "preferred".into()),
        ("userVerification", "required".into()),
    ]);
    let options = object(&[
        ("challenge", bytes(&random::number().to_be_bytes())),
        ("rp", object(&[("name", "ZeChat".into())]).into()),
        ("user", user.into()),
        ("pubKeyCredParams", algorithms.into()),
        ("authenticatorSelection", selection.into()),
        ("extensions", evaluate(salt)),
    ]);
    let made = call("create", options).await?;
    let credential = id_of(&made)?;
    let results = results(&made);
    if let Some(output) = results.as_ref().and_then(output) {
        return Ok(Given { credential, output });
    }
    let is_enabled = results
        .and_then(|results| get(&results, "enabled"))
        .is_some_and(|enabled| enabled.is_truthy());
    if !is_enabled {
        return Err(PasskeyError::NoFunction);
    }
    // Many devices make the passkey first, and answer only when asked again.
    ask(&[(credential, *salt)]).await
}

/// Asks the function of whichever of these passkeys the person has at hand.
pub async fn ask(passkeys: &[(Vec<u8>, [u8; 32])]) -> Result<Given, PasskeyError> {
    let allowed: Array = passkeys
        .iter()
        .map(|(credential, _)| {
            let id = bytes(credential);
            JsValue::from(object(&[("type", "public-key".into()), ("id", id)]))
        })
        .collect();
    let by_credential = Object::new();
    for (credential, salt) in passkeys {
        let id = shared_crypto::base64url::encode(credential);
        set(&by_credential, &id, &object(&[("first", bytes(salt))]));
    }
    let function = object(&[("evalByCredential", by_credential.into())]);
    let options = object(&[
        ("challenge", bytes(&random::number().to_be_bytes())),
        ("allowCredentials", allowed.into()),
        ("userVerification", "required".into()),
        ("extensions", object(&[("prf", function.into())]).into()),
    ]);
    let given = call("get", options).await?;
    let output = results(&given).as_ref().and_then(output);
    Ok(Given {
        credential: id_of(&given)?,
        output: output.ok_or(PasskeyError::NoFunction)?,
    })
}

fn evaluate(salt: &[u8; 32]) -> JsValue {
    let first = object(&[("first", bytes(salt))]);
    let function = object(&[("eval", first.into())]);
    object(&[("prf", function.into())]).into()
}

async fn call(method: &str, options: Object) -> Result<JsValue, PasskeyError> {
    let credentials = credentials().ok_or(PasskeyError::Missing)?;
    let method: Function = get(&credentials, method)
        .and_then(|method| method.dyn_into().ok())
        .ok_or(PasskeyError::Missing)?;
    let options = object(&[("publicKey", options.into())]);
    let promise: Promise = method
        .call1(&credentials, &options)
        .map_err(failed)?
        .dyn_into()
        .map_err(failed)?;
    let given = JsFuture::from(promise).await.map_err(failed)?;
    if given.is_null() {
        return Err(PasskeyError::Refused);
    }
    Ok(given)
}

fn id_of(credential: &JsValue) -> Result<Vec<u8>, PasskeyError> {
    let id = get(credential, "rawId").ok_or(PasskeyError::NoFunction)?;
    Ok(Uint8Array::new(&id).to_vec())
}

/// What the extension says.
fn results(credential: &JsValue) -> Option<JsValue> {
    let read: Function = get(credential, "getClientExtensionResults")?
        .dyn_into()
        .ok()?;
    get(&read.call0(credential).ok()?, "prf")
}

fn output(function: &JsValue) -> Option<[u8; OUTPUT]> {
    let first = get(&get(function, "results")?, "first")?;
    let view = Uint8Array::new(&first);
    let output = view.to_vec().try_into().ok();
    view.fill(0, 0, view.length());
    output
}

fn credentials() -> Option<JsValue> {
    get(&get(&js_sys::global(), "navigator")?, "credentials")
}

fn failed(error: JsValue) -> PasskeyError {
    let name = error.dyn_ref::<DomException>().map(DomException::name);
    match name.as_deref() {
        Some("NotAllowedError" | "AbortError") => PasskeyError::Refused,
        Some("NotSupportedError") => PasskeyError::NoFunction,
        Some("SecurityError") => PasskeyError::Missing,
        _ => PasskeyError::Failed(error.dyn_ref::<DomException>().map_or_else(
            || format!("{error:?}"),
            |exception| format!("{}: {}", exception.name(), exception.message()),
        )),
    }
}

fn object(members: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        set(&object, name, value);
    }
    object
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // It cannot fail: only proxies and frozen objects refuse.
    let _ = Reflect::set(object, &name.into(), value);
}

fn bytes(bytes: &[u8]) -> JsValue {
    Uint8Array::from(bytes).into()
}
