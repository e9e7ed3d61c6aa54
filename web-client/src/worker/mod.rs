//! The worker: runs the engine for all tabs while it holds the Web Lock.
//!
//! Every tab starts one. Those that do not get the lock do nothing but wait for it; when the tab with
//! the engine goes, the browser gives the lock to the next, and the engine starts there from what is
//! stored. Keys, database and sockets are here and nowhere else.

pub mod data_key;
pub mod database;
mod engine;
mod http;
mod js;
pub mod make_key;
mod queue;
pub mod random;
mod socket;

use std::future::pending;
use std::panic::PanicHookInfo;

use gloo::timers::future::TimeoutFuture;
use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BroadcastChannel, DedicatedWorkerGlobalScope};

use self::engine::Engine;
use crate::bridge::{CHANNEL, FromEngine, LOCK, ToEngine};
use crate::platform::channel::Channel;
use crate::platform::time;

/// First wait after a failure of the store; doubles up to [`LONGEST_WAIT_MS`].
const SHORTEST_WAIT_MS: u32 = 500;

/// Longest wait after a failure of the store.
const LONGEST_WAIT_MS: u32 = 60_000;

/// An engine that ran this long was well: the waits begin again at the shortest.
const WELL_MS: u64 = 60_000;

/// Waits for the lock, then runs the engine for as long as this worker lives.
pub fn start() {
    std::panic::set_hook(Box::new(end));
    spawn_local(async {
        if let Err(error) = hold_lock().await {
            let _answers = Broken::tell(js::words(&error));
            pending::<()>().await;
        }
    });
}

/// Asks for the lock and runs the engine inside it. Returns only if the browser refuses.
async fn hold_lock() -> Result<(), JsValue> {
    let locks = js::get(&js_sys::global(), "navigator").and_then(|it| js::get(&it, "locks"));
    let locks = locks.ok_or_else(|| JsValue::from("this page has no Web Locks"))?;
    let request: Function =
        js::get_as(&locks, "request").ok_or_else(|| JsValue::from("Web Locks cannot be used"))?;
    // The lock is held until the promise settles, which it never does: it goes with the worker.
    let forever = Promise::new(&mut |_, _| {});
    let held = Closure::<dyn FnMut(JsValue) -> JsValue>::new({
        let forever = forever.clone();
        move |_| {
            spawn_local(serve());
            forever.clone().into()
        }
    });
    let options = js::object(&[("mode", "exclusive".into())]);
    let ends: Promise = request
        .call3(&locks, &LOCK.into(), &options, held.as_ref())?
        .dyn_into()?;
    JsFuture::from(ends).await.map(drop)
}

/// One engine after the other: each lasts until its store fails.
async fn serve() {
    let mut wait = SHORTEST_WAIT_MS;
    loop {
        let since = time::now();
        let broken = match Engine::open().await {
            Ok(engine) => {
                engine.run().await;
                js::warn("the store failed; the engine starts again");
                None
            }
            Err(error) => Some(Broken::tell(error.to_string())),
        };
        if time::now().saturating_sub(since) > WELL_MS {
            wait = SHORTEST_WAIT_MS;
        }
        TimeoutFuture::new(wait).await;
        drop(broken);
        wait = wait.saturating_mul(2).min(LONGEST_WAIT_MS);
    }
}

/// There is no engine now: tells the pages why, and those that ask later, for as long as it is kept.
struct Broken {
    _channel: Option<Channel>,
}

impl Broken {
    fn tell(detail: String) -> Self {
        say_broken(&detail);
        let channel = Channel::open(CHANNEL, move |bytes| {
            if ToEngine::decode(&bytes).is_ok() {
                say_broken(&detail);
            }
        });
        Self {
            _channel: channel.ok(),
        }
    }
}

fn say_broken(detail: &str) {
    let message = FromEngine::Broken {
        detail: detail.to_owned(),
    };
    if let (Some(bytes), Ok(channel)) = (message.encode(), BroadcastChannel::new(CHANNEL)) {
        let _ = channel.post_message(&Uint8Array::from(&bytes[..]));
        channel.close();
    }
}

/// A defect: says so everywhere and ends this worker, so that the lock goes to another tab's.
fn end(panic: &PanicHookInfo<'_>) {
    let words = panic.to_string();
    web_sys::console::error_1(&words.as_str().into());
    say_broken(&words);
    if let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() {
        scope.close();
    }
}
