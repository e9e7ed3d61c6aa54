//! What carries the frames of a live connection: a socket, or a pipe inside this process.

use actix_ws::{AggregatedMessage, CloseReason, Session};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc;

use super::session::FromClient;

/// The client is not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

/// Where frames for a client go.
pub enum ToClient {
    /// To a WebSocket.
    Socket(Session),
    /// To whoever holds the other end.
    Pipe(mpsc::UnboundedSender<Said>),
}

/// What a node says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A text frame.
    Text(String),
    /// A binary frame.
    Binary(Bytes),
    /// The end, with its code and reason.
    Closed(Option<(u16, String)>),
}

/// The client's end of a pipe.
pub struct Pipe {
    to_node: mpsc::UnboundedSender<AggregatedMessage>,
    from_node: mpsc::UnboundedReceiver<Said>,
}

impl Pipe {
    /// A pipe, and what the node's session takes of it. The pipe itself knows no bound: its two users keep
    /// theirs.
    pub fn new() -> (Self, ToClient, Box<FromClient>) {
        let (to_node, heard) = mpsc::unbounded_channel();
        let (says, from_node) = mpsc::unbounded_channel();
        let heard = stream::unfold(heard, |mut heard| async {
            heard.recv().await.map(|message| (Ok(message), heard))
        });
        let pipe = Self { to_node, from_node };
        (pipe, ToClient::Pipe(says), Box::new(heard.boxed_local()))
    }

    /// Sends a text frame. Whether anybody hears it is not known.
    pub fn send_text(&self, text: String) {
        let _ = self.to_node.send(AggregatedMessage::Text(text.into()));
    }

    /// Sends a binary frame. Whether anybody hears it is not known.
    pub fn send_binary(&self, frame: Vec<u8>) {
        let _ = self.to_node.send(AggregatedMessage::Binary(frame.into()));
    }

    /// The next of what the node has said so far.
    pub fn heard(&mut self) -> Option<Said> {
        self.from_node.try_recv().ok()
    }
}

impl ToClient {
    pub(super) async fn text(&mut self, text: String) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => session.text(text).await.map_err(|_| Gone),
            Self::Pipe(pipe) => pipe.send(Said::Text(text)).map_err(|_| Gone),
        }
    }

    pub(super) async fn binary(&mut self, frame: Bytes) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => session.binary(frame).await.map_err(|_| Gone),
            Self::Pipe(pipe) => pipe.send(Said::Binary(frame)).map_err(|_| Gone),
        }
    }

    /// A pipe needs none of these: it does not break unnoticed.
    pub(super) async fn ping(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => session.ping(bytes).await.map_err(|_| Gone),
            Self::Pipe(_) => Ok(()),
        }
    }

    pub(super) async fn pong(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => session.pong(bytes).await.map_err(|_| Gone),
            Self::Pipe(_) => Ok(()),
        }
    }

    pub(super) async fn close(self, reason: Option<CloseReason>) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => session.close(reason).await.map_err(|_| Gone),
            Self::Pipe(pipe) => {
                let reason = reason.map(|reason| {
                    let code = reason.code.into();
                    (code, reason.description.unwrap_or_default())
                });
                pipe.send(Said::Closed(reason)).map_err(|_| Gone)
            }
        }
    }
}
