//! One life of the client: from opening the store to the store's first failure.
//!
//! One task drives the client; sockets, timers, pages and HTTP calls only put things in its queue.
//! After a failure of the store everything of this life is dropped with it, the queue included, and
//! the next one starts from what is stored. Pages repeat what was not answered.

use std::collections::{BTreeMap, VecDeque};

use client_core::client::Client;
use client_core::driver::{Action, Call, Event, Output};
use client_core::request::Request;
use client_core::sealed::SealedStore;
use client_core::store::StoreError;
use gloo::timers::callback::Timeout;
use js_sys::Function;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::rsa_keys::KeyError;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use super::database::{DATABASE, IdbStore};
use super::queue::Queue;
use super::random::BrowserRng;
use super::socket::Socket;
use super::{data_key, http, js, make_key};
use crate::bridge::{CHANNEL, CallNumber, FromEngine, TabId, ToEngine};
use crate::platform::channel::Channel;
use crate::platform::time;

/// Longest wait of one timer. A machine that sleeps stops timers: after it wakes, what is due is
/// noticed this late at most.
const LONGEST_TIMER_MS: u64 = 30_000;

/// Calls of pages that are remembered, so that a repeated one is not done twice.
const REMEMBERED_CALLS: usize = 1_024;

type SocketNumber = u64;

enum Work {
    Page(ToEngine),
    Happened(Event),
    Socket(SocketNumber),
    Timer,
    Online,
    NoKey(KeyError),
}

/// The client with its surroundings.
pub struct Engine {
    client: Client<SealedStore<IdbStore, BrowserRng>>,
    first: Output,
    queue: Queue<Work>,
    channel: Channel,
    calls: Calls,
    sockets: BTreeMap<SocketNumber, Socket>,
    last_socket: SocketNumber,
    wake_at: Option<u64>,
    timer: Option<Timeout>,
    _online: OnlineListener,
}

impl Engine {
    /// Opens the store and the client, and listens to the pages.
    ///
    /// # Errors
    /// When the store cannot be opened or read.
    pub async fn open() -> Result<Self, StoreError> {
        let store = IdbStore::open(DATABASE).await?;
        let data_key = data_key::open(&store, &mut BrowserRng).await?;
        let store = SealedStore::new(store, data_key, BrowserRng);
        let (client, first) = Client::open(store, time::now(), &mut BrowserRng).await?;
        let queue = Queue::new();
        let channel = Channel::open(CHANNEL, {
            let queue = queue.clone();
            move |bytes| {
                // What does not decode comes from another engine or another build's page.
                if let Ok(message) = ToEngine::decode(&bytes) {
                    queue.push(Work::Page(message));
                }
            }
        })
        .map_err(|error| StoreError::Platform(js::words(&error)))?;
        let online = OnlineListener::new({
            let queue = queue.clone();
            move || queue.push(Work::Online)
        });
        Ok(Self {
            client,
            first,
            queue,
            channel,
            calls: Calls::default(),
            sockets: BTreeMap::new(),
            last_socket: 0,
            wake_at: None,
            timer: None,
            _online: online,
        })
    }

    /// Serves until the store fails.
    pub async fn run(mut self) {
        self.say(&FromEngine::Ready);
        let first = core::mem::take(&mut self.first);
        self.carry_out(first);
        while !self.client.broken() {
            match self.queue.take().await {
                Work::Page(message) => self.page(message).await,
                Work::Happened(event) => self.event(event).await,
                Work::Socket(number) => self.socket(number).await,
                Work::Timer => self.timer().await,
                Work::Online => self.online().await,
                Work::NoKey(error) => {
                    self.say(&FromEngine::Broken {
                        detail: format!("no key could be made: {error}"),
                    });
                }
            }
        }
    }

    async fn page(&mut self, ToEngine { tab, call, request }: ToEngine) {
        let Some(call) = self.calls.begin(tab, call) else {
            return;
        };
        self.request(call, with_origin(request)).await;
    }

    async fn request(&mut self, call: Call, request: Request) {
        let output = self
            .client
            .request(call, request, time::now(), &mut BrowserRng)
            .await;
        self.carry_out(output);
    }

    async fn event(&mut self, event: Event) {
        let output = self.client.event(event, time::now(), &mut BrowserRng).await;
        self.carry_out(output);
    }

    async fn socket(&mut self, number: SocketNumber) {
        let Some(socket) = self.sockets.get(&number) else {
            return;
        };
        let Some(event) = socket.take() else { return };
        if socket.has_more() {
            // Behind what waits already, so that a busy socket does not keep the pages waiting.
            self.queue.push(Work::Socket(number));
        }
        if matches!(event, Event::Closed(..)) {
            self.sockets.remove(&number);
        }
        self.event(event).await;
    }

    async fn timer(&mut self) {
        let Some(at) = self.wake_at else { return };
        if time::now() < at {
            return self.set_timer(at);
        }
        self.wake_at = None;
        self.event(Event::Wake).await;
    }

    /// The network is back: sockets from before it went are dead, whether they know it or not.
    async fn online(&mut self) {
        for socket in self.sockets.values() {
            socket.lose();
        }
        let numbers: Vec<SocketNumber> = self.sockets.keys().copied().collect();
        for number in numbers {
            while self.sockets.contains_key(&number) && !self.client.broken() {
                self.socket(number).await;
            }
        }
        let call = self.calls.begin_own();
        self.request(call, Request::Reconnect).await;
    }

    fn carry_out(&mut self, output: Output) {
        for (call, answer) in output.answers {
            if let Some((tab, call)) = self.calls.end(call) {
                self.say(&FromEngine::Answer { tab, call, answer });
            }
        }
        for update in output.updates {
            self.say(&FromEngine::Update(update));
        }
        for action in output.actions {
            self.act(action);
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Open(node) => self.open_socket(node),
            Action::Close(node) => self.sockets.retain(|_, socket| socket.node() != node),
            Action::SendText(node, text) => {
                if let Some(socket) = self.socket_to(&node) {
                    socket.send_text(&text);
                }
            }
            Action::SendBinary(node, bytes) => {
                if let Some(socket) = self.socket_to(&node) {
                    socket.send_binary(&bytes);
                }
            }
            Action::Http {
                call,
                node,
                path,
                vault,
                put,
                limit,
            } => {
                let queue = self.queue.clone();
                spawn_local(async move {
                    let answer = http::call(&node, &path, vault, put, limit).await;
                    queue.push(Work::Happened(Event::Http { call, answer }));
                });
            }
            Action::MakeSigningKey => self.make_key(make_key::signing()),
            Action::MakeSealingKey => self.make_key(make_key::sealing()),
            Action::WakeAt(at) => {
                self.wake_at = Some(at);
                self.set_timer(at);
            }
        }
    }

    fn make_key(&self, key: impl Future<Output = Result<Event, KeyError>> + 'static) {
        let queue = self.queue.clone();
        spawn_local(async move {
            queue.push(match key.await {
                Ok(event) => Work::Happened(event),
                Err(error) => Work::NoKey(error),
            });
        });
    }

    fn open_socket(&mut self, node: NodeUrl) {
        self.sockets.retain(|_, socket| socket.node() != node);
        self.last_socket = self.last_socket.wrapping_add(1);
        let number = self.last_socket;
        let queue = self.queue.clone();
        self.sockets.insert(
            number,
            Socket::open(node, move || queue.push(Work::Socket(number))),
        );
    }

    fn socket_to(&self, node: &NodeUrl) -> Option<&Socket> {
        self.sockets.values().find(|socket| socket.node() == *node)
    }

    fn set_timer(&mut self, at: u64) {
        let wait = at.saturating_sub(time::now()).min(LONGEST_TIMER_MS);
        let queue = self.queue.clone();
        let timer = Timeout::new(u32::try_from(wait).unwrap_or(u32::MAX), move || {
            queue.push(Work::Timer)
        });
        self.timer = Some(timer);
    }

    fn say(&self, message: &FromEngine) {
        match message.encode() {
            Some(bytes) => self.channel.post(&bytes),
            None => js::warn("a message to the pages cannot be encoded"),
        }
    }
}

/// An identity is made on the node that served the page unless another one was named.
fn with_origin(request: Request) -> Request {
    match request {
        Request::CreateIdentity { name, node: None } => {
            let origin = js::get(&js_sys::global(), "location")
                .and_then(|location| js::get(&location, "origin"))
                .and_then(|origin| origin.as_string());
            Request::CreateIdentity { name, node: origin }
        }
        request => request,
    }
}

/// The open calls of the pages, under numbers of the engine's own.
#[derive(Default)]
struct Calls {
    last: Call,
    open: BTreeMap<Call, (TabId, CallNumber)>,
    recent: VecDeque<(TabId, CallNumber)>,
}

impl Calls {
    /// A new call, or `None` if it has been made already.
    fn begin(&mut self, tab: TabId, call: CallNumber) -> Option<Call> {
        if self.recent.contains(&(tab, call)) {
            return None;
        }
        if self.recent.len() >= REMEMBERED_CALLS {
            self.recent.pop_front();
        }
        self.recent.push_back((tab, call));
        let number = self.begin_own();
        self.open.insert(number, (tab, call));
        Some(number)
    }

    /// A call of the engine's own: nobody hears its answer.
    fn begin_own(&mut self) -> Call {
        self.last = self.last.wrapping_add(1);
        self.last
    }

    fn end(&mut self, number: Call) -> Option<(TabId, CallNumber)> {
        self.open.remove(&number)
    }
}

/// Hears when the browser says that the network is back.
struct OnlineListener {
    listener: Closure<dyn FnMut(JsValue)>,
}

impl OnlineListener {
    fn new(mut hear: impl FnMut() + 'static) -> Self {
        let this = Self {
            listener: Closure::new(move |_| hear()),
        };
        this.call("addEventListener");
        this
    }

    fn call(&self, method: &str) {
        let scope = js_sys::global();
        if let Some(method) = js::get_as::<Function>(&scope, method) {
            let _ = method.call2(
                &scope,
                &"online".into(),
                self.listener.as_ref().unchecked_ref(),
            );
        }
    }
}

impl Drop for OnlineListener {
    fn drop(&mut self) {
        self.call("removeEventListener");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_call_is_made_once() {
        let mut calls = Calls::default();
        let first = calls.begin(7, 1).unwrap();
        assert_eq!(calls.begin(7, 1), None);
        let second = calls.begin(8, 1).unwrap();
        assert_ne!(first, second);
        assert_eq!(calls.end(second), Some((8, 1)));
        assert_eq!(calls.end(second), None);
        assert_eq!(calls.begin(8, 1), None);
        assert_eq!(calls.end(calls.last), None);
        assert_eq!(calls.end(first), Some((7, 1)));
    }

    #[test]
    fn calls_are_forgotten_in_the_end() {
        let mut calls = Calls::default();
        for call in 0..=CallNumber::try_from(REMEMBERED_CALLS).unwrap() {
            calls.begin(1, call).unwrap();
        }
        assert_eq!(calls.recent.len(), REMEMBERED_CALLS);
        assert!(calls.begin(1, 0).is_some());
    }
}
