//! What a driver (the browser's worker, a simulation) does for the client, and what it reports.
//!
//! The client has no I/O. A driver calls [`crate::client::Client`], carries out the actions in order and
//! reports what happened. Everything that must be durable before an action is durable when the
//! action is handed out.

use shared_crypto::node_url::NodeUrl;
use shared_crypto::rsa_keys::{SealingKeyPair, SigningKeyPair};

use crate::request::{Answer, Update};
use crate::view::Millis;

/// Ties an answer to the request it belongs to; chosen by the driver.
pub type Call = u64;

/// Ties an HTTP answer to its request; chosen by the client.
pub type HttpCall = u64;

/// Something for the driver to do.
#[derive(Debug)]
pub enum Action {
    /// Open a live socket (`wss://…/v1/live`, subprotocol `zechat.v1`) to the node; close an older one to it.
    Open(NodeUrl),
    /// Close the socket to the node.
    Close(NodeUrl),
    /// Send a text frame.
    SendText(NodeUrl, String),
    /// Send a binary frame.
    SendBinary(NodeUrl, Vec<u8>),
    /// Make an HTTP request; report [`Event::Http`]. Give up after 20 seconds.
    Http {
        /// Names the request.
        call: HttpCall,
        /// The node.
        node: NodeUrl,
        /// Path with a leading slash.
        path: String,
        /// Value of the header `ZeChat-Vault`, when there is one.
        vault: Option<String>,
        /// `None`: GET. Some: PUT with this body as `application/cbor`.
        put: Option<Vec<u8>>,
        /// Largest answer to read.
        limit: usize,
    },
    /// Make a signing key pair; report [`Event::SigningKey`].
    MakeSigningKey,
    /// Make a sealing key pair; report [`Event::SealingKey`].
    MakeSealingKey,
    /// Report [`Event::Wake`] at this time, or before. Replaces an earlier one. Report it within half a minute where the
    /// clock was set back since.
    WakeAt(Millis),
}

/// Something that happened.
#[derive(Debug)]
pub enum Event {
    /// The socket to the node is open.
    Opened(NodeUrl),
    /// The socket to the node is closed or could not be opened; what the node said, if it did.
    Closed(NodeUrl, Option<CloseReason>),
    /// Text frames or binary frames arrived, in order. Drivers hand over all that is waiting at once, up
    /// to some 64, so that one commit holds them.
    Frames(NodeUrl, Vec<Frame>),
    /// An HTTP request ended.
    Http {
        /// The request's name.
        call: HttpCall,
        /// Status and body, or `None` when there was no answer.
        answer: Option<(u16, Vec<u8>)>,
    },
    /// The signing key pair is made.
    SigningKey(Box<SigningKeyPair>),
    /// The sealing key pair is made.
    SealingKey(Box<SealingKeyPair>),
    /// The time asked for has come.
    Wake,
}

/// What a node says when it closes a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseReason {
    /// The close code (RFC 6455 §7.4, and `docs/protocol.md` §14).
    pub code: u16,
    /// The reason; of a node of this protocol it is a problem code.
    pub reason: String,
}

/// A WebSocket frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Vec<u8>),
}

/// What a call to the client leads to. Carry out in the order of the fields.
#[derive(Debug, Default)]
pub struct Output {
    /// Answers to requests, this one's or earlier ones'.
    pub answers: Vec<(Call, Answer)>,
    /// What the pages should be told.
    pub updates: Vec<Update>,
    /// What to do.
    pub actions: Vec<Action>,
}
