//! The worker: runs the engine for all tabs while it holds the Web Lock.
//!
//! Every tab starts one. Those that do not get the lock do nothing but wait for it; when the tab with
//! the engine goes, the browser gives the lock to the next, and the engine starts there from what is
//! stored. Keys, database and sockets are here and nowhere else. Where there is a lock, the engine starts
//! when somebody has opened it (`gate`), and closing it ends the worker (`keeper`).

pub mod data_key;
pub mod database;
mod engine;
mod gate;
mod handover;
mod http;
mod js;
mod keeper;
pub mod make_key;
mod portions;
mod queue;
pub mod random;
pub mod slots;
mod socket;

use std::future::pending;
use std::panic::PanicHookInfo;

use client_core::store::StoreError;
use gloo::timers::future::TimeoutFuture;
use js_sys::{Function, Promise, Uint8Array};
use shared_crypto::lock::DataKey;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BroadcastChannel, DedicatedWorkerGlobalScope};

use self::database::IdbStore;
use self::engine::{End, Engine};
use self::handover::Handover;
use self::keeper::Keeper;
use self::random::BrowserRng;
use self::slots::Slots;
use crate::bridge::{Breakdown, FromEngine, Place, ToEngine};
use crate::platform::channel::Channel;
use crate::platform::{time, worker};

/// First wait after a failure of the store; doubles up to [`LONGEST_WAIT_MS`].
const SHORTEST_WAIT_MS: u32 = 500;

/// Longest wait of what pages ask, if the store can be opened: one can read in a full one. But a page that asks again and again for
/// what the store refuses does not open it all the time.
const LONGEST_PAUSE_MS: u32 = 5_000;

/// Longest wait after a failure of the store.
const LONGEST_WAIT_MS: u32 = 30_000;

/// An engine that ran this long was well: the waits begin again at the shortest.
const WELL_MS: u64 = 60_000;

/// Waits for the Web Lock, then runs the engine for as long as this worker lives.
pub fn start() {
    std::panic::set_hook(Box::new(end));
    let place = place();
    let handover = Handover::start(place);
    spawn_local(async move {
        if let Err(error) = hold_lock(place, handover).await {
            let _answers = Broken::tell(place, js::words(&error).into());
            pending::<()>().await;
        }
    });
}

/// Which identity this worker is about: pages name it so.
fn place() -> Place {
    Place::parse(&worker::name())
}

/// Asks for the Web Lock and runs the engine inside it. Returns only if the browser refuses.
async fn hold_lock(place: Place, handover: Handover) -> Result<(), JsValue> {
    let locks = js::get(&js_sys::global(), "navigator").and_then(|it| js::get(&it, "locks"));
    let locks = locks.ok_or_else(|| JsValue::from("this page has no Web Locks"))?;
    let request: Function =
        js::get_as(&locks, "request").ok_or_else(|| JsValue::from("Web Locks cannot be used"))?;
    // The lock is held until the promise settles, which it never does: it goes with the worker.
    let forever = Promise::new(&mut |_, _| {});
    let held = Closure::<dyn FnMut(JsValue) -> JsValue>::new({
        let forever = forever.clone();
        move |_| {
            spawn_local(serve(place, handover.clone()));
            forever.clone().into()
        }
    });
    let options = js::object(&[("mode", "exclusive".into())]);
    let ends: Promise = request
        .call3(&locks, &place.lock().into(), &options, held.as_ref())?
        .dyn_into()?;
    JsFuture::from(ends).await.map(drop)
}

/// One engine after the other: each lasts until its store fails, or until the rows lie under another key.
async fn serve(place: Place, handover: Handover) {
    let mut wait = 0;
    let mut known = None;
    loop {
        let since = time::now();
        let ended = live(place, &handover, &mut known, wait).await;
        if time::now().saturating_sub(since) > WELL_MS.saturating_add(wait.into()) {
            wait = 0;
        }
        wait = wait
            .saturating_mul(2)
            .clamp(SHORTEST_WAIT_MS, LONGEST_WAIT_MS);
        match ended {
            Ok(End::Resealed) => wait = 0,
            Ok(End::Locked) => return close(),
            Ok(End::Broken) => {
                js::warn("the store failed; the engine starts again");
                TimeoutFuture::new(wait.min(LONGEST_PAUSE_MS)).await;
            }
            Err(error) => {
                let _answers = Broken::tell(place, (&error).into());
                TimeoutFuture::new(wait).await;
            }
        }
    }
}

/// One life of the engine, which does nothing of its own accord for the first `wait` milliseconds. `known` is the data key, once
/// it is: a store that fails does not close the lock.
async fn live(
    place: Place,
    handover: &Handover,
    known: &mut Option<DataKey>,
    wait: u32,
) -> Result<End, StoreError> {
    let store = IdbStore::open(&place.database()).await?;
    let slots = Slots::read(&store).await?;
    let key = match &slots {
        None => data_key::open(&store, &mut BrowserRng).await?,
        Some(slots) => open_lock(place, &store, slots, handover, known.take()).await?,
    };
    *known = Some(key.clone());
    let rows = IdbStore::open(&place.database()).await?;
    let keeper = Keeper::new(
        place,
        store,
        key.clone(),
        slots,
        handover.clone(),
        time::now(),
    );
    let engine = Engine::open(place, rows, &key, keeper).await?;
    let (end, key) = engine.run(wait).await;
    if let Some(key) = key {
        *known = Some(key);
    }
    Ok(end)
}

/// The data key behind a lock: the one that is known, else another worker's, else somebody has to bring it.
async fn open_lock(
    place: Place,
    store: &IdbStore,
    slots: &Slots,
    handover: &Handover,
    known: Option<DataKey>,
) -> Result<DataKey, StoreError> {
    let session = slots::session(store).await?;
    if let Some(key) = known.or_else(|| handover.key(session)) {
        let session = match session {
            Some(session) => session,
            None => slots::begin_session(store, &mut BrowserRng).await?,
        };
        handover.give(session, &key);
        return Ok(key);
    }
    let key = gate::wait(place, slots).await?;
    handover.give(slots::begin_session(store, &mut BrowserRng).await?, &key);
    Ok(key)
}

/// Ends this worker, and with it all that it knew.
fn close() {
    if let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() {
        scope.close();
    }
}

/// There is no engine now: tells the pages why, and those that ask later, for as long as it is kept.
struct Broken {
    _channel: Option<Channel>,
}

impl Broken {
    fn tell(place: Place, why: Breakdown) -> Self {
        say_broken(place, &why);
        let channel = Channel::open(&place.channel(), move |bytes| {
            if ToEngine::decode(&bytes).is_ok() {
                say_broken(place, &why);
            }
        });
        Self {
            _channel: channel.ok(),
        }
    }
}

fn say_broken(place: Place, why: &Breakdown) {
    let message = FromEngine::Broken(why.clone());
    if let (Some(bytes), Ok(channel)) = (message.encode(), BroadcastChannel::new(&place.channel()))
    {
        let _ = channel.post_message(&Uint8Array::from(&bytes[..]));
        channel.close();
    }
}

/// A defect: says so everywhere and ends this worker, so that the lock goes to another tab's.
fn end(panic: &PanicHookInfo<'_>) {
    let words = panic.to_string();
    web_sys::console::error_1(&words.as_str().into());
    say_broken(place(), &words.into());
    close();
}
