//! What lies between: requests of nodes and clients reach the world as input, and the world decides what
//! becomes of them.

use bytes::Bytes;
use client_core::driver::HttpCall;
use tokio::sync::{mpsc, oneshot};
use zechat_node::federation::client::PeerError;
use zechat_node::federation::transport::{Answered, PeerCall, Transport};
use zechat_node::in_process::HttpAnswer;
use zechat_node::live::wire::Said;

/// Names a live connection.
pub type Connection = u64;

/// Something that a task of the world has to say.
pub enum Input {
    /// A node asks another.
    Peer {
        /// Which node.
        from: usize,
        /// What.
        call: PeerCall,
        /// Where the answer goes.
        reply: oneshot::Sender<Result<Bytes, PeerError>>,
    },
    /// A node has handled another's request.
    PeerAnswer {
        /// Who asked.
        from: usize,
        /// Who answers.
        to: usize,
        /// What.
        answer: HttpAnswer,
        /// Where it goes.
        reply: oneshot::Sender<Result<Bytes, PeerError>>,
    },
    /// A node has handled a client's request.
    HttpAnswer {
        /// Whose.
        who: usize,
        /// In which life of the client.
        life: u64,
        /// Which.
        call: HttpCall,
        /// What.
        answer: HttpAnswer,
    },
    /// A node said something on a live connection.
    Said(Connection, Said),
}

/// A node's way to others.
pub struct Wire {
    /// Which node.
    pub from: usize,
    /// To the world.
    pub world: mpsc::UnboundedSender<Input>,
}

impl Transport for Wire {
    fn call(&self, call: PeerCall) -> Answered<'_> {
        let (reply, answer) = oneshot::channel();
        let from = self.from;
        let asked = self.world.send(Input::Peer { from, call, reply });
        Box::pin(async move {
            if asked.is_err() {
                return Err(PeerError::Unreachable);
            }
            answer.await.unwrap_or(Err(PeerError::Unreachable))
        })
    }
}
