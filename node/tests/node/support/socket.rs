//! Live sockets.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use shared_crypto::id::{DeviceId, MailboxId, MessageId, Nonce, SubmissionId};
use shared_crypto::live::{
    Base64Bytes, ClientBinary, ClientFrame, MailboxEntry, MailboxKind, NodeBinary, NodeFrame,
    SUBPROTOCOL,
};
use shared_crypto::login::Login;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use shared_crypto::rsa_keys::SigningKeyPair;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use zechat_node::clock::Millis;
use zechat_node::random;

use super::frames::check_frame;
use super::people::{Person, mailbox};
use super::{PATIENCE, QUIET};

/// A frame of the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    Text(NodeFrame),
    Binary(Vec<u8>),
    Closed(u16, String),
}

fn address(url: &NodeUrl) -> String {
    format!("{}:{}", url.host(), url.port())
}

/// A live socket, whatever is sent on it.
pub struct Socket {
    pub stream: WebSocketStream<TcpStream>,
    /// The names of the text frames that went either way.
    pub seen: BTreeSet<String>,
}

impl Socket {
    pub async fn open(url: &NodeUrl) -> Self {
        let stream = TcpStream::connect(address(url)).await.unwrap();
        Self::over(stream, url).await
    }

    /// One for which the system keeps little of what nobody reads.
    pub async fn open_narrow(url: &NodeUrl) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(128 * 1024).unwrap();
        let stream = socket.connect(address(url).parse().unwrap()).await;
        Self::over(stream.unwrap(), url).await
    }

    async fn over(stream: TcpStream, url: &NodeUrl) -> Self {
        let address = address(url);
        let mut request = format!("ws://{address}/v1/live")
            .into_client_request()
            .unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", SUBPROTOCOL.parse().unwrap());
        request
            .headers_mut()
            .insert("origin", "https://elsewhere.example".parse().unwrap());
        let (socket, response) = tokio_tungstenite::client_async(request, stream)
            .await
            .unwrap();
        assert_eq!(response.headers()["sec-websocket-protocol"], SUBPROTOCOL);
        Self {
            stream: socket,
            seen: BTreeSet::new(),
        }
    }

    /// The next frame; `None` if nothing comes for this long.
    pub async fn frame_within(&mut self, patience: Duration) -> Option<Frame> {
        loop {
            let message = tokio::time::timeout(patience, self.stream.next())
                .await
                .ok()?;
            return Some(match message {
                Some(Ok(Message::Text(text))) => {
                    self.seen.insert(check_frame("NodeFrame", &text));
                    Frame::Text(NodeFrame::parse(&text).unwrap())
                }
                Some(Ok(Message::Binary(bytes))) => Frame::Binary(bytes.to_vec()),
                Some(Ok(Message::Close(Some(close)))) => {
                    Frame::Closed(close.code.into(), close.reason.to_string())
                }
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                other => Frame::Closed(0, format!("{other:?}")),
            });
        }
    }

    pub async fn frame(&mut self) -> Frame {
        self.frame_within(PATIENCE).await.expect("a frame in time")
    }

    pub async fn text(&mut self) -> NodeFrame {
        match self.frame().await {
            Frame::Text(frame) => frame,
            other => panic!("expected a text frame, not {other:?}"),
        }
    }

    pub async fn closed(&mut self) -> (u16, String) {
        match self.frame().await {
            Frame::Closed(code, reason) => (code, reason),
            other => panic!("expected a close, not {other:?}"),
        }
    }

    pub async fn challenge(&mut self) -> (Nonce, NodeUrl, shared_crypto::id::NodeFingerprint) {
        match self.text().await {
            NodeFrame::Challenge {
                nonce,
                url,
                fingerprint,
            } => (nonce, url, fingerprint),
            other => panic!("expected a challenge, not {other:?}"),
        }
    }

    pub async fn send(&mut self, frame: &ClientFrame) {
        let text = frame.to_text();
        self.seen.insert(check_frame("ClientFrame", &text));
        self.send_raw(Message::text(text)).await;
    }

    pub async fn send_binary(&mut self, frame: &ClientBinary<'_>) {
        self.send_raw(Message::binary(frame.encode())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        self.stream.send(message).await.unwrap();
    }

    pub async fn log_in(&mut self, login: Login, key: &SigningKeyPair) {
        let login = login.sign(key, &mut random::system()).unwrap();
        self.send(&ClientFrame::Login {
            login: Base64Bytes(login.bytes().to_vec()),
        })
        .await;
    }
}

/// An envelope as it was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    pub cursor: u64,
    pub arrived_at: Millis,
    pub mailbox: MailboxId,
    pub message: MessageId,
    pub envelope: Vec<u8>,
}

impl Pushed {
    pub fn parse(frame: &[u8]) -> Self {
        match NodeBinary::parse(frame).unwrap() {
            NodeBinary::Envelope {
                cursor,
                arrived_at,
                mailbox,
                message_id,
                envelope,
            } => Self {
                cursor,
                arrived_at,
                mailbox,
                message: message_id,
                envelope: envelope.to_vec(),
            },
            other => panic!("expected an envelope, not {other:?}"),
        }
    }
}

/// A logged-in device.
pub struct Live {
    pub socket: Socket,
    pub welcome: u64,
    request: u64,
}

impl Live {
    pub async fn connect(url: &NodeUrl, person: &Person, device: DeviceId, now: Millis) -> Self {
        Self::over(Socket::open(url).await, url, person, device, now).await
    }

    /// The same over a socket that is open.
    pub async fn over(
        mut socket: Socket,
        url: &NodeUrl,
        person: &Person,
        device: DeviceId,
        now: Millis,
    ) -> Self {
        let (nonce, node, fingerprint) = socket.challenge().await;
        assert_eq!(node, *url);
        let login = Login {
            node,
            fingerprint,
            nonce,
            identity: person.identity(),
            device,
            at: now,
        };
        socket.log_in(login, &person.signing).await;
        match socket.text().await {
            NodeFrame::Welcome { cursor, .. } => Self {
                socket,
                welcome: cursor,
                request: 0,
            },
            other => panic!("expected a welcome, not {other:?}"),
        }
    }

    /// Everything that was stored before the login.
    pub async fn stored(&mut self) -> Vec<Pushed> {
        let mut stored = Vec::new();
        loop {
            match self.socket.frame().await {
                Frame::Text(NodeFrame::CaughtUp) => return stored,
                Frame::Binary(frame) => stored.push(Pushed::parse(&frame)),
                other => panic!("expected stored mail, not {other:?}"),
            }
        }
    }

    pub async fn pushed(&mut self) -> Pushed {
        match self.socket.frame().await {
            Frame::Binary(frame) => Pushed::parse(&frame),
            other => panic!("expected an envelope, not {other:?}"),
        }
    }

    pub async fn nothing(&mut self) {
        let frame = self.socket.frame_within(QUIET).await;
        assert_eq!(frame, None);
    }

    pub async fn ack(&mut self, cursor: u64) {
        self.socket.send(&ClientFrame::Ack { cursor }).await;
    }

    pub async fn change(
        &mut self,
        add: &[(MailboxId, MailboxKind)],
        remove: &[MailboxId],
    ) -> Result<(), ProblemCode> {
        self.request += 1;
        let request = self.request;
        let entry = |(mailbox, kind): &(MailboxId, MailboxKind)| MailboxEntry {
            mailbox: *mailbox,
            kind: *kind,
        };
        let add = add.iter().map(entry).collect();
        let remove = remove.to_vec();
        self.socket
            .send(&ClientFrame::Mailboxes {
                request,
                add,
                remove,
            })
            .await;
        match self.socket.text().await {
            NodeFrame::Done { request: done } if done == request => Ok(()),
            NodeFrame::Failed {
                request: failed,
                code,
                ..
            } if failed == request => Err(code),
            other => panic!("expected an answer to the change, not {other:?}"),
        }
    }

    /// A new contact mailbox.
    pub async fn mailbox(&mut self) -> MailboxId {
        let mailbox = mailbox();
        assert_eq!(
            self.change(&[(mailbox, MailboxKind::Contact)], &[]).await,
            Ok(())
        );
        mailbox
    }

    pub async fn submit(&mut self, submission: SubmissionId, node: &NodeUrl, boxed: &[u8]) {
        let frame = ClientBinary::Submit {
            submission,
            node: node.clone(),
            forward_box: boxed,
        };
        self.socket.send_binary(&frame).await;
    }

    pub async fn accepted(&mut self) -> Vec<SubmissionId> {
        match self.socket.text().await {
            NodeFrame::Accepted { submissions } => submissions,
            other => panic!("expected an acceptance, not {other:?}"),
        }
    }

    pub async fn refused(&mut self) -> ProblemCode {
        match self.socket.text().await {
            NodeFrame::Refused { code, .. } => code,
            other => panic!("expected a refusal, not {other:?}"),
        }
    }

    pub async fn outcome(&mut self) -> (SubmissionId, Option<ProblemCode>) {
        match self.socket.text().await {
            NodeFrame::Outcomes { items } if items.len() == 1 => {
                (items[0].submission, items[0].code)
            }
            other => panic!("expected one outcome, not {other:?}"),
        }
    }

    /// Waits until everything that was sent before this has been handled and committed.
    pub async fn settle(&mut self) {
        assert_eq!(self.change(&[], &[]).await, Ok(()));
    }
}
