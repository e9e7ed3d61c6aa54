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
    /// To whoever wants to know.
    Pipe(Box<dyn FnMut(Said)>),
}

/// What a node says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A text frame.
    Text(String),
    /// A binary frame.
    Binary(Bytes),
    /// A ping.
    Ping,
    /// The end, with its code and reason.
    Closed(Option<(u16, String)>),
}

/// The client's end of a pipe. When it is dropped, the connection is broken.
pub struct Pipe(mpsc::UnboundedSender<AggregatedMessage>);

impl Pipe {
    /// A pipe, and what the node's session hears of it. It knows no bound: its two users keep theirs.
    pub fn new() -> (Self, Box<FromClient>) {
        let (to_node, heard) = mpsc::unbounded_channel();
        let heard = stream::unfold(heard, |mut heard| async {
            heard.recv().await.map(|message| (Ok(message), heard))
        });
        (Self(to_node), Box::new(heard.fuse().boxed_local()))
    }

    /// Sends a text frame. Whether anybody hears it is not known.
    pub fn send_text(&self, text: String) {
        let _ = self.0.send(AggregatedMessage::Text(text.into()));
    }

    /// Sends a binary frame. Whether anybody hears it is not known.
    pub fn send_binary(&self, frame: Vec<u8>) {
        let _ = self.0.send(AggregatedMessage::Binary(frame.into()));
    }
}

impl ToClient {
    pub(super) async fn text(&mut self, text: String) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => session.text(text).await.map_err(|_| Gone),
            Self::Pipe(hear) => {
                hear(Said::Text(text));
                Ok(())
            }
        }
    }

    pub(super) async fn binary(&mut self, frame: Bytes) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => session.binary(frame).await.map_err(|_| Gone),
            Self::Pipe(hear) => {
                hear(Said::Binary(frame));
                Ok(())
            }
        }
    }

    pub(super) async fn ping(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => session.ping(bytes).await.map_err(|_| Gone),
            Self::Pipe(hear) => {
                hear(Said::Ping);
                Ok(())
            }
        }
    }

    /// Nobody pings over a pipe, which does not break unnoticed.
    pub(super) async fn pong(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => session.pong(bytes).await.map_err(|_| Gone),
            Self::Pipe(_) => Ok(()),
        }
    }

    pub(super) async fn close(self, reason: Option<CloseReason>) -> Result<(), Gone> {
        match self {
            Self::Socket(session) => session.close(reason).await.map_err(|_| Gone),
            Self::Pipe(mut hear) => {
                let reason = reason.map(|reason| {
                    let code = reason.code.into();
                    (code, reason.description.unwrap_or_default())
                });
                hear(Said::Closed(reason));
                Ok(())
            }
        }
    }
}
