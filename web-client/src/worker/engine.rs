//! One life of the client: from opening the store to the store's first failure.
//!
//! One task drives the client; sockets, timers, pages and HTTP calls only put things in its queue.
//! After a failure of the store everything of this life is dropped with it, the queue included, and
//! the next one starts from what is stored. Pages repeat what was not answered.

use std::collections::VecDeque;

use client_core::client::Client;
use client_core::driver::{Action, Call, Event, Output};
use client_core::request::Request;
use client_core::sealed::SealedStore;
use client_core::sorted::SortedMap;
use client_core::store::StoreError;
use gloo::timers::callback::Timeout;
use js_sys::Function;
use shared_crypto::lock::DataKey;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::rsa_keys::KeyError;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use super::database::IdbStore;
use super::keeper::{Keeper, Then};
use super::portions::portions;
use super::queue::Queue;
use super::random::BrowserRng;
use super::socket::Socket;
use super::{http, js, make_key};
use crate::bridge::{
    Answered, Asked, CallNumber, FromEngine, LockAnswer, LockAsk, Place, TabId, ToEngine,
};
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
    Begin,
    LockTimer,
    Online,
    NoKey(KeyError),
}

/// Why a life of the engine is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The store failed.
    Broken,
    /// The rows lie under another key now.
    Resealed,
    /// The lock was closed.
    Locked,
}

/// The client with its surroundings.
pub struct Engine {
    client: Client<SealedStore<IdbStore, BrowserRng>>,
    first: Output,
    queue: Queue<Work>,
    channel: Channel,
    calls: Calls,
    sockets: SortedMap<SocketNumber, Socket>,
    last_socket: SocketNumber,
    timer: Option<Timeout>,
    /// What is not begun yet, after a failure of the store.
    held: Option<Vec<Action>>,
    keeper: Keeper,
    lock_timer: Option<Timeout>,
    _online: OnlineListener,
}

impl Engine {
    /// Opens the client on its rows, and listens to the pages.
    ///
    /// # Errors
    /// When the store cannot be opened or read.
    pub async fn open(
        place: Place,
        rows: IdbStore,
        key: &DataKey,
        keeper: Keeper,
    ) -> Result<Self, StoreError> {
        let store = SealedStore::new(rows, key, BrowserRng);
        let (client, first) = Client::open(store, time::now(), &mut BrowserRng).await?;
        let queue = Queue::new();
        let channel = Channel::open(&place.channel(), {
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
            sockets: SortedMap::new(),
            last_socket: 0,
            timer: None,
            held: None,
            keeper,
            lock_timer: None,
            _online: online,
        })
    }

    /// Serves until it is over; with the key under which the rows lie then, if that is another one. The pages are served at once;
    /// nodes and timers when `wait` milliseconds are over, or a page needs a node.
    pub async fn run(mut self, wait: u32) -> (End, Option<DataKey>) {
        self.say(&FromEngine::Ready);
        self.lock_changed();
        let _begin = (wait > 0).then(|| {
            self.held = Some(Vec::new());
            let queue = self.queue.clone();
            Timeout::new(wait, move || queue.push(Work::Begin))
        });
        let first = core::mem::take(&mut self.first);
        self.carry_out(first);
        while !self.client.broken() {
            match self.queue.take().await {
                Work::Page(ToEngine { tab, call, asked }) => match asked {
                    Asked::Client(request) => self.page(tab, call, request).await,
                    Asked::Lock(ask) => match self.keeper.ask(ask.clone(), time::now()).await {
                        Then::Answer(answer) => self.lock_answer(tab, call, &ask, answer),
                        Then::Restart(key) => {
                            self.lock_answer(tab, call, &ask, LockAnswer::Done);
                            return (End::Resealed, Some(key));
                        }
                        Then::Lock => return self.lock().await,
                    },
                },
                Work::Happened(event) => self.event(event).await,
                Work::Socket(number) => self.socket(number).await,
                Work::Timer => self.timer().await,
                Work::Begin => self.begin(),
                Work::LockTimer => {
                    if self.keeper.is_over(time::now()) {
                        return self.lock().await;
                    }
                    self.set_lock_timer();
                }
                Work::Online => self.online().await,
                Work::NoKey(error) => {
                    self.say(&FromEngine::Broken(
                        format!("no key could be made: {error}").into(),
                    ));
                }
            }
        }
        (End::Broken, None)
    }

    /// Closes the lock and tells the pages, which forget what they show.
    async fn lock(self) -> (End, Option<DataKey>) {
        self.keeper.close().await;
        self.say(&FromEngine::Locked(self.keeper.view()));
        (End::Locked, None)
    }

    fn lock_answer(&mut self, tab: TabId, call: CallNumber, ask: &LockAsk, answer: LockAnswer) {
        let answer = Answered::Lock(answer);
        self.say(&FromEngine::Answer { tab, call, answer });
        if !matches!(ask, LockAsk::View | LockAsk::Active) {
            self.lock_changed();
        }
    }

    fn lock_changed(&mut self) {
        self.say(&FromEngine::Lock(self.keeper.view()));
        self.set_lock_timer();
    }

    fn set_lock_timer(&mut self) {
        let closes_at = self.keeper.closes_at();
        self.lock_timer = closes_at.map(|at| self.timeout(at, || Work::LockTimer));
    }

    async fn page(&mut self, tab: TabId, call: CallNumber, request: Request) {
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
        // A page wants something of a node, and the store is well enough to say so.
        let is_for_nodes = |action: &Action| !matches!(action, Action::WakeAt(_));
        if output.actions.iter().any(is_for_nodes) {
            self.begin();
        }
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
        // Too early as well: whether the clock was set is for the client to see.
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
                let answer = Answered::Client(answer);
                self.say(&FromEngine::Answer { tab, call, answer });
            }
        }
        // In one message as far as may be: the page draws once what changed together.
        for portion in portions(output.updates) {
            self.say(&FromEngine::Updates(portion));
        }
        for action in output.actions {
            match &mut self.held {
                Some(held) => held.push(action),
                None => self.act(action),
            }
        }
    }

    fn begin(&mut self) {
        for action in self.held.take().unwrap_or_default() {
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
            Action::WakeAt(at) => self.timer = Some(self.timeout(at, || Work::Timer)),
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

    fn timeout(&self, at: u64, work: fn() -> Work) -> Timeout {
        let wait = at.saturating_sub(time::now()).min(LONGEST_TIMER_MS);
        let queue = self.queue.clone();
        Timeout::new(u32::try_from(wait).unwrap_or(u32::MAX), move || {
            queue.push(work());
        })
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
    open: SortedMap<Call, (TabId, CallNumber)>,
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
