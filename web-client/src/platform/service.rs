//! The service worker, which keeps the program for when no node can be reached.

use gloo::events::EventListener;
use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::worker;
use crate::platform::get;

/// Address of its script.
const SCRIPT: &str = "/sw.js";

/// What the service worker says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// The node serves another program than this one.
    Found,
    /// Another program is used from now on.
    Changed,
    /// Somebody opened a notification that leads to this address.
    Address(String),
}

/// Has the browser keep it. Where there is none, the page needs a network to open; nothing else changes.
/// A page in development has none: it would not change with its sources.
pub fn register() {
    if option_env!("ZECHAT_BUILD").is_none() {
        return;
    }
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

/// Hears what it says, until dropped.
pub fn on_word(heard: impl Fn(Word) + 'static) -> Option<EventListener> {
    let target: web_sys::EventTarget = container()?.dyn_into().ok()?;
    Some(EventListener::new(&target, "message", move |event| {
        let said = get(event, "data").and_then(|data| data.as_string());
        match said.as_deref() {
            Some("found") => heard(Word::Found),
            Some("changed") => heard(Word::Changed),
            Some(address) => heard(Word::Address(address.to_owned())),
            None => {}
        }
    }))
}

/// Has it ask the node for its program; [`Word::Found`] answers when that is another one.
pub fn look() {
    say("look");
}

/// Has it use the program that it found, in all tabs; [`Word::Changed`] answers.
pub fn change() {
    say("switch");
}

fn say(word: &'static str) {
    spawn_local(async move {
        let Some(registration) = registration().await else {
            return;
        };
        let Some(active) = get(&registration, "active") else {
            return;
        };
        let post = get(&active, "postMessage").and_then(|post| post.dyn_into::<Function>().ok());
        if let Some(post) = post {
            // Gone in the meantime: there is nobody to ask.
            let _ = post.call1(&active, &word.into());
        }
    });
}

fn container() -> Option<JsValue> {
    get(&get(&js_sys::global(), "navigator")?, "serviceWorker")
}
