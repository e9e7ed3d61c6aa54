//! One live socket to a node.
//!
//! A browser cannot be told to stop reading. What arrives is therefore kept in order in an inbox, and
//! the engine takes it out in batches when it gets to it. An inbox that grows past its bound ends the
//! socket: the node still has what was not acknowledged.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use client_core::driver::{CloseReason, Event, Frame};
use gloo::timers::callback::Timeout;
use js_sys::{ArrayBuffer, Uint8Array};
use shared_crypto::node_url::NodeUrl;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

const SUBPROTOCOL: &str = "zechat.v1";

/// A socket that does not open in this time counts as closed.
const OPENING_LIMIT_MS: u32 = 20_000;

/// Frames in one event: one commit holds them.
const BATCH: usize = 64;

/// Bytes that may wait in an inbox: a thousand of the largest envelopes.
const INBOX_LIMIT: usize = 64 * 1024 * 1024;

/// Close codes that the browser makes up when it got none.
const MADE_UP: [u16; 3] = [1005, 1006, 1015];

/// A live socket; closed when dropped, and then reports nothing any more.
pub struct Socket {
    websocket: Option<WebSocket>,
    inbox: Rc<RefCell<Inbox>>,
    _listeners: Vec<Closure<dyn FnMut(JsValue)>>,
    opening: Rc<RefCell<Option<Timeout>>>,
}

struct Inbox {
    node: NodeUrl,
    waiting: VecDeque<Happened>,
    bytes: usize,
    ended: bool,
    notify: Rc<dyn Fn()>,
}

enum Happened {
    Opened,
    Frame(Frame),
    Closed(Option<CloseReason>),
}

impl Socket {
    /// Opens a socket. `notify` is called when the inbox is not empty any more.
    pub fn open(node: NodeUrl, notify: impl Fn() + 'static) -> Self {
        // http: becomes ws:, https: becomes wss:.
        let address = node.as_str().replacen("http", "ws", 1) + "/v1/live";
        let inbox = Rc::new(RefCell::new(Inbox {
            node,
            waiting: VecDeque::new(),
            bytes: 0,
            ended: false,
            notify: Rc::new(notify),
        }));
        let opening = Rc::new(RefCell::new(None));
        let Ok(websocket) = WebSocket::new_with_str(&address, SUBPROTOCOL) else {
            put(&inbox, Happened::Closed(None));
            return Self {
                websocket: None,
                inbox,
                _listeners: Vec::new(),
                opening,
            };
        };
        websocket.set_binary_type(BinaryType::Arraybuffer);

        let on_open = listener({
            let (inbox, opening) = (Rc::clone(&inbox), Rc::clone(&opening));
            move |_| {
                opening.borrow_mut().take();
                put(&inbox, Happened::Opened);
            }
        });
        websocket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        let on_message = listener({
            let (inbox, websocket) = (Rc::clone(&inbox), websocket.clone());
            move |event| {
                let Some(frame) = frame_of(&event) else {
                    return;
                };
                put(&inbox, Happened::Frame(frame));
                if inbox.borrow().bytes > INBOX_LIMIT {
                    give_up(&inbox, &websocket);
                }
            }
        });
        websocket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_close = listener({
            let (inbox, opening) = (Rc::clone(&inbox), Rc::clone(&opening));
            move |event| {
                opening.borrow_mut().take();
                let said = event.dyn_ref::<CloseEvent>().map(|event| CloseReason {
                    code: event.code(),
                    reason: event.reason(),
                });
                let said = said.filter(|said| !MADE_UP.contains(&said.code));
                put(&inbox, Happened::Closed(said));
            }
        });
        websocket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        opening.replace(Some(Timeout::new(OPENING_LIMIT_MS, {
            let (inbox, websocket) = (Rc::clone(&inbox), websocket.clone());
            move || give_up(&inbox, &websocket)
        })));
        let listeners = vec![on_open, on_message, on_close];
        Self {
            websocket: Some(websocket),
            inbox,
            _listeners: listeners,
            opening,
        }
    }

    /// Which node it goes to.
    pub fn node(&self) -> NodeUrl {
        self.inbox.borrow().node.clone()
    }

    /// Takes the next thing that happened out of the inbox; frames that follow each other come together.
    pub fn take(&self) -> Option<Event> {
        let inbox = &mut *self.inbox.borrow_mut();
        let node = inbox.node.clone();
        let mut frames = Vec::new();
        while frames.len() < BATCH && matches!(inbox.waiting.front(), Some(Happened::Frame(_))) {
            if let Some(Happened::Frame(frame)) = inbox.waiting.pop_front() {
                inbox.bytes = inbox.bytes.saturating_sub(length(&frame));
                frames.push(frame);
            }
        }
        if !frames.is_empty() {
            return Some(Event::Frames(node, frames));
        }
        match inbox.waiting.pop_front()? {
            Happened::Opened => Some(Event::Opened(node)),
            Happened::Closed(reason) => Some(Event::Closed(node, reason)),
            Happened::Frame(frame) => Some(Event::Frames(node, vec![frame])),
        }
    }

    /// Whether something waits in the inbox.
    pub fn has_more(&self) -> bool {
        !self.inbox.borrow().waiting.is_empty()
    }

    /// Sends a text frame; a socket that is not open drops it, and says that it is closed.
    pub fn send_text(&self, text: &str) {
        if let Some(websocket) = self.ready() {
            let _ = websocket.send_with_str(text);
        }
    }

    /// Sends a binary frame; a socket that is not open drops it, and says that it is closed.
    pub fn send_binary(&self, bytes: &[u8]) {
        if let Some(websocket) = self.ready() {
            let _ = websocket.send_with_u8_array(bytes);
        }
    }

    /// Ends the socket as the network would have, without waiting for the network.
    pub fn lose(&self) {
        match &self.websocket {
            Some(websocket) => give_up(&self.inbox, websocket),
            None => put(&self.inbox, Happened::Closed(None)),
        }
    }

    fn ready(&self) -> Option<&WebSocket> {
        self.websocket
            .as_ref()
            .filter(|websocket| websocket.ready_state() == WebSocket::OPEN)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.opening.borrow_mut().take();
        if let Some(websocket) = &self.websocket {
            websocket.set_onopen(None);
            websocket.set_onmessage(None);
            websocket.set_onclose(None);
            let _ = websocket.close();
        }
    }
}

fn listener(listen: impl FnMut(JsValue) + 'static) -> Closure<dyn FnMut(JsValue)> {
    Closure::new(listen)
}

/// Reports the end now: the browser's own report can take minutes on a dead network.
fn give_up(inbox: &Rc<RefCell<Inbox>>, websocket: &WebSocket) {
    let _ = websocket.close();
    put(inbox, Happened::Closed(None));
}

fn put(inbox: &Rc<RefCell<Inbox>>, happened: Happened) {
    let notify = {
        let mut inbox = inbox.borrow_mut();
        if inbox.ended {
            return;
        }
        match &happened {
            Happened::Frame(frame) => inbox.bytes = inbox.bytes.saturating_add(length(frame)),
            Happened::Closed(_) => inbox.ended = true,
            Happened::Opened => {}
        }
        inbox.waiting.push_back(happened);
        // More than one: the engine knows already and has not come yet.
        (inbox.waiting.len() == 1).then(|| Rc::clone(&inbox.notify))
    };
    if let Some(notify) = notify {
        notify();
    }
}

fn frame_of(event: &JsValue) -> Option<Frame> {
    let data = event.dyn_ref::<MessageEvent>()?.data();
    if let Some(text) = data.as_string() {
        return Some(Frame::Text(text));
    }
    let bytes: ArrayBuffer = data.dyn_into().ok()?;
    Some(Frame::Binary(Uint8Array::new(&bytes).to_vec()))
}

fn length(frame: &Frame) -> usize {
    match frame {
        Frame::Text(text) => text.len(),
        Frame::Binary(bytes) => bytes.len(),
    }
}
