//! The service worker, which keeps the program for when no node can be reached.

use gloo::events::EventListener;
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::worker;
use crate::platform::get;

/// Address of its script.
const SCRIPT: &str = "/sw.js";

/// Has the browser keep it. Where there is none, the page needs a network to open; nothing else changes.
pub fn register() {
    let Some(container) = container() else { return };
    let registered = worker::trusted(SCRIPT).ok().and_then(|script| {
        let register: Function = get(&container, "register")?.dyn_into().ok()?;
        let promise = register.call1(&container, &script).ok()?;
        promise.dyn_into::<Promise>().ok()
    });
    if let Some(registered) = registered {
        spawn_local(async move {
            // A private window may refuse.
            let _ = JsFuture::from(registered).await;
        });
    }
}

/// The running service worker's registration, when there is one.
pub async fn registration() -> Option<JsValue> {
    let container = container()?;
    // `ready` waits for ever where nothing was registered.
    get(&container, "controller")?;
    let ready: Promise = get(&container, "ready")?.dyn_into().ok()?;
    JsFuture::from(ready).await.ok()
}

/// Hears the addresses that notifications lead to, until dropped.
pub fn on_message(heard: impl Fn(String) + 'static) -> Option<EventListener> {
    let target: web_sys::EventTarget = container()?.dyn_into().ok()?;
    Some(EventListener::new(&target, "message", move |event| {
        let address = get(event, "data").and_then(|data| data.as_string());
        if let Some(address) = address {
            heard(address);
        }
    }))
}

fn container() -> Option<JsValue> {
    get(&get(&js_sys::global(), "navigator")?, "serviceWorker")
}
