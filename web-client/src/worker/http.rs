//! HTTP calls to nodes: no cookies, no referrer, no redirects, a time limit and a size limit.

use gloo::timers::callback::Timeout;
use js_sys::{Function, Promise, Uint8Array};
use shared_crypto::node_url::NodeUrl;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, Response};

use super::js;

const LIMIT_MS: u32 = 20_000;

/// Calls a node. `None` when there is no answer, or one larger than `limit`.
pub async fn call(
    node: &NodeUrl,
    path: &str,
    vault: Option<String>,
    put: Option<Vec<u8>>,
    limit: usize,
) -> Option<(u16, Vec<u8>)> {
    let controller = AbortController::new().ok()?;
    let _time_limit = Timeout::new(LIMIT_MS, {
        let controller = controller.clone();
        move || controller.abort()
    });
    let answer = fetch(&format!("{node}{path}"), vault, put, limit, &controller).await;
    if answer.is_none() {
        // Nothing more of it is wanted.
        controller.abort();
    }
    answer
}

async fn fetch(
    address: &str,
    vault: Option<String>,
    put: Option<Vec<u8>>,
    limit: usize,
    controller: &AbortController,
) -> Option<(u16, Vec<u8>)> {
    let options = js::object(&[
        ("method", if put.is_some() { "PUT" } else { "GET" }.into()),
        ("mode", "cors".into()),
        ("credentials", "omit".into()),
        ("redirect", "error".into()),
        ("referrerPolicy", "no-referrer".into()),
        ("cache", "no-store".into()),
        ("signal", controller.signal().into()),
    ]);
    let headers = js::object(&[]);
    if let Some(vault) = vault {
        js::set(&headers, "ZeChat-Vault", &vault.into());
    }
    if let Some(body) = put {
        js::set(&options, "body", &Uint8Array::from(&body[..]));
        js::set(&headers, "Content-Type", &"application/cbor".into());
    }
    js::set(&options, "headers", &headers);
    let fetch: Function = js::get_as(&js_sys::global(), "fetch")?;
    let answer = fetch
        .call2(&JsValue::UNDEFINED, &address.into(), &options)
        .ok()?;
    let response: Response = promised(answer).await?.dyn_into().ok()?;
    Some((response.status(), read(&response, limit).await?))
}

/// Reads a body piece by piece, so that a node cannot fill the memory.
async fn read(response: &Response, limit: usize) -> Option<Vec<u8>> {
    let Some(stream) = response.body() else {
        return Some(Vec::new());
    };
    let reader: ReadableStreamDefaultReader = stream.get_reader().dyn_into().ok()?;
    let mut body = Vec::new();
    loop {
        let piece = JsFuture::from(reader.read()).await.ok()?;
        if js::get(&piece, "done").is_some_and(|done| done.is_truthy()) {
            return Some(body);
        }
        let bytes: Uint8Array = js::get_as(&piece, "value")?;
        let length = usize::try_from(bytes.length()).ok()?;
        if body.len().checked_add(length)? > limit {
            return None;
        }
        body.extend_from_slice(&bytes.to_vec());
    }
}

async fn promised(value: JsValue) -> Option<JsValue> {
    JsFuture::from(value.dyn_into::<Promise>().ok()?).await.ok()
}
