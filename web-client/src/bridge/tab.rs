//! The page's end of the channel: starts this tab's worker, sends calls, matches answers.
//!
//! Calls stay here until they are answered. When an engine announces itself, everything that is
//! still open is sent again: requests are idempotent, and the engine that had them may be gone with
//! its tab.

use std::cell::RefCell;
use std::rc::Rc;

use client_core::request::{Failure, Request};
use client_core::sorted::SortedMap;
use futures_channel::oneshot;
use gloo::timers::callback::Timeout;
use yew::Callback;

use super::client::{Call, CallError, Engine, Event, LockCall};
use super::lock::{LockAnswer, LockAsk, LockFailure};
use super::place::Place;
use super::protocol::{Answered, Asked, CallNumber, FromEngine, TabId, ToEngine};
use crate::platform::channel::Channel;
use crate::platform::{random, worker};

/// Address of the worker's start script.
const WORKER_SCRIPT: &str = "/worker.js";

/// How long most calls may take. Far longer than any of them needs on a slow telephone.
const LIMIT_MS: u32 = 20_000;

/// Calls that make keys or ask other nodes have time limits of their own in the engine; this is
/// for the case that the engine itself has gone.
const SLOW_LIMIT_MS: u32 = 120_000;

/// The engine as this tab reaches it.
pub struct TabEngine {
    shared: Rc<Shared>,
}

struct Shared {
    tab: TabId,
    channel: RefCell<Option<Channel>>,
    /// Kept for the life of the page: a worker whose handle is dropped may be ended.
    worker: RefCell<Option<worker::Handle>>,
    calls: RefCell<Calls>,
    listener: RefCell<Callback<Event>>,
}

#[derive(Default)]
struct Calls {
    last: CallNumber,
    open: SortedMap<CallNumber, OpenCall>,
}

struct OpenCall {
    message: ToEngine,
    answer: oneshot::Sender<Answered>,
    _limit: Timeout,
}

impl TabEngine {
    /// Opens the channel and starts this tab's worker.
    pub fn start(place: Place) -> Self {
        let shared = Rc::new(Shared {
            tab: random::number(),
            channel: RefCell::new(None),
            worker: RefCell::new(None),
            calls: RefCell::default(),
            listener: RefCell::new(Callback::noop()),
        });
        let hears = Rc::downgrade(&shared);
        let channel = Channel::open(&place.channel(), move |bytes| {
            if let Some(shared) = hears.upgrade() {
                shared.hear(&bytes);
            }
        });
        let fails = Rc::downgrade(&shared);
        let worker = worker::spawn(WORKER_SCRIPT, &place.number().to_string(), move |detail| {
            if let Some(shared) = fails.upgrade() {
                shared.tell(Event::Broken(detail.into()));
            }
        });
        shared.channel.replace(channel.ok());
        shared.worker.replace(worker.ok());
        Self { shared }
    }
}

impl Engine for TabEngine {
    fn call(&self, request: Request) -> Call {
        let answer = self.shared.send(Asked::Client(request));
        Box::pin(async move {
            match answer.await {
                Ok(Answered::Client(answer)) => Ok(answer),
                Ok(Answered::Lock(_)) => Err(CallError::Failed(Failure::Internal {
                    detail: "the lock answered for the client".into(),
                })),
                Err(_) => Err(CallError::Silent),
            }
        })
    }

    fn lock(&self, ask: LockAsk) -> LockCall {
        let answer = self.shared.send(Asked::Lock(ask));
        Box::pin(async move {
            match answer.await {
                Ok(Answered::Lock(answer)) => answer,
                _ => LockAnswer::Failed(LockFailure::Silent),
            }
        })
    }

    fn listen(&self, listener: Callback<Event>) {
        self.shared.listener.replace(listener);
    }
}

impl Shared {
    fn send(self: &Rc<Self>, asked: Asked) -> oneshot::Receiver<Answered> {
        let (answer, receiver) = oneshot::channel();
        let limit_ms = limit_ms(&asked);
        let mut calls = self.calls.borrow_mut();
        calls.last = calls.last.wrapping_add(1);
        let call = calls.last;
        let message = ToEngine {
            tab: self.tab,
            call,
            asked,
        };
        self.post(&message);
        let shared = Rc::downgrade(self);
        let limit = Timeout::new(limit_ms, move || {
            // Dropping the sender is what the caller hears.
            if let Some(shared) = shared.upgrade() {
                let gone = shared.calls.borrow_mut().open.remove(&call);
                drop(gone);
            }
        });
        calls.open.insert(
            call,
            OpenCall {
                message,
                answer,
                _limit: limit,
            },
        );
        receiver
    }

    fn hear(&self, bytes: &[u8]) {
        // What does not decode comes from a page or from another build's engine.
        let Ok(message) = FromEngine::decode(bytes) else {
            return;
        };
        match message {
            FromEngine::Ready => {
                for open in self.calls.borrow().open.values() {
                    self.post(&open.message);
                }
                self.tell(Event::Ready);
            }
            FromEngine::Answer { tab, call, answer } if tab == self.tab => {
                let open = self.calls.borrow_mut().open.remove(&call);
                if let Some(open) = open {
                    // A caller that went away needs no answer.
                    let _ = open.answer.send(answer);
                }
            }
            FromEngine::Answer { .. } => {}
            FromEngine::Lock(view) => self.tell(Event::Lock(view)),
            FromEngine::Locked(view) => self.tell(Event::Locked(view)),
            FromEngine::Updates(updates) => {
                for update in updates {
                    self.tell(Event::Update(update));
                }
            }
            FromEngine::Broken(why) => self.tell(Event::Broken(why)),
        }
    }

    fn tell(&self, event: Event) {
        let listener = self.listener.borrow().clone();
        listener.emit(event);
    }

    fn post(&self, message: &ToEngine) {
        if let (Some(channel), Some(bytes)) = (self.channel.borrow().as_ref(), message.encode()) {
            channel.post(&bytes);
        }
    }
}

fn limit_ms(asked: &Asked) -> u32 {
    let request = match asked {
        Asked::Client(request) => request,
        Asked::Lock(LockAsk::Set(_)) => return SLOW_LIMIT_MS,
        Asked::Lock(_) => return LIMIT_MS,
    };
    match request {
        Request::CreateIdentity { .. }
        | Request::OpenLink { .. }
        | Request::Ask { .. }
        | Request::LookUpNode { .. }
        | Request::RotateKeys
        | Request::Recover { .. }
        | Request::Restore { .. }
        | Request::ImportBackup { .. }
        | Request::ConfirmPhrase { .. }
        | Request::ProveVault
        | Request::SaveVault
        | Request::SetPassphrase(_)
        | Request::ExportBackup
        | Request::Export(_) => SLOW_LIMIT_MS,
        _ => LIMIT_MS,
    }
}
