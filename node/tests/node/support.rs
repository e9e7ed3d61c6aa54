//! Nodes, people and sockets for the tests.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use shared_crypto::bundle::Bundle;
use shared_crypto::fixtures;
use shared_crypto::forward::seal_forward;
use shared_crypto::id::{DeviceId, Hash, IdentityId, MailboxId, MessageId, Nonce, SubmissionId};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::live::{
    Base64Bytes, ClientBinary, ClientFrame, MailboxEntry, MailboxKind, NodeBinary, NodeFrame,
    SUBPROTOCOL,
};
use shared_crypto::login::Login;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::postage::Postage;
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::{Chain, Delivery, DeliveryState};
use shared_crypto::rsa_keys::SigningKeyPair;
use shared_crypto::signed::Verified;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use zechat_node::Node;
use zechat_node::clock::{Clock, Millis, MockClock};
use zechat_node::random;
use zechat_node::settings::Settings;

/// The hand of the mock clock when a test begins.
pub const START: Millis = 1_800_000_000_000;

/// How long a test waits for what must come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// How long a test waits to see that nothing comes.
pub const QUIET: Duration = Duration::from_millis(200);

pub fn clock() -> MockClock {
    MockClock::new(START)
}

/// A node on a free port, with its own folder.
pub struct TestNode {
    node: Option<Node>,
    pub settings: Settings,
    pub clock: MockClock,
    _folder: TempDir,
}

impl TestNode {
    pub async fn start() -> Self {
        Self::with(clock(), |_| ()).await
    }

    pub async fn with(clock: MockClock, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.server.listen = "127.0.0.1:0".parse().unwrap();
        settings.server.data = folder.path().to_owned();
        settings.server.workers = 1;
        settings.mail.postage_bits = 8;
        settings.federation.allow_private_networks = true;
        change(&mut settings);
        let node = Node::start(settings.clone(), Arc::new(clock.clone()))
            .await
            .unwrap();
        // A restart comes back at the same address.
        settings.server.listen = node.address();
        Self {
            node: Some(node),
            settings,
            clock,
            _folder: folder,
        }
    }

    pub fn node(&self) -> &Node {
        self.node.as_ref().expect("the node runs")
    }

    pub fn url(&self) -> NodeUrl {
        NodeUrl::parse(&format!("http://{}", self.settings.server.listen)).unwrap()
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url())
    }

    pub async fn stop(&mut self) {
        if let Some(node) = self.node.take() {
            node.stop().await;
        }
    }

    pub async fn start_again(&mut self) {
        let clock = Arc::new(self.clock.clone());
        self.node = Some(Node::start(self.settings.clone(), clock).await.unwrap());
    }

    pub async fn document(&self) -> NodeDocument {
        document(&self.url(), self.clock.now()).await
    }

    pub async fn socket(&self) -> Socket {
        Socket::open(&self.url()).await
    }

    /// A person with an account here.
    pub async fn person(&self, number: usize) -> Person {
        let person = Person::new(number, &[self.delivery().await], self.clock.now());
        assert_eq!(self.put_identity(&person).await.0, 201);
        person
    }

    /// This node as an entry of a delivery list.
    pub async fn delivery(&self) -> Delivery {
        delivery(&self.url(), &self.document().await)
    }

    pub async fn put_identity(&self, person: &Person) -> (u16, Option<ProblemCode>) {
        self.put_bundle(&person.identity(), person.bundle()).await
    }

    pub async fn put_bundle(
        &self,
        identity: &IdentityId,
        bundle: Vec<u8>,
    ) -> (u16, Option<ProblemCode>) {
        let path = self.at(&format!("/v1/identities/{identity}"));
        code(http().put(path).body(bundle).send().await.unwrap()).await
    }

    /// A logged-in device with an empty mail queue ahead of it.
    pub async fn connect(&self, person: &Person) -> Live {
        Live::connect(&self.url(), person, person.device, self.clock.now()).await
    }

    pub async fn put(
        &self,
        mailbox: &MailboxId,
        message: &MessageId,
        envelope: &[u8],
    ) -> (u16, Option<ProblemCode>) {
        self.put_paid(mailbox, message, envelope, None).await
    }

    pub async fn put_paid(
        &self,
        mailbox: &MailboxId,
        message: &MessageId,
        envelope: &[u8],
        postage: Option<&Postage>,
    ) -> (u16, Option<ProblemCode>) {
        let path = self.at(&format!("/v1/mailboxes/{mailbox}/messages/{message}"));
        let mut request = http().put(path).body(envelope.to_vec());
        if let Some(postage) = postage {
            request = request.header("ZeChat-Postage", postage.to_text());
        }
        code(request.send().await.unwrap()).await
    }
}

/// A client that follows no redirect and no proxy.
pub fn http() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .tls_certs_only([])
        .build()
        .unwrap()
}

/// The status of an answer, and the code of a problem. Every problem is checked to be a whole one.
pub async fn code(response: reqwest::Response) -> (u16, Option<ProblemCode>) {
    let status = response.status().as_u16();
    if status < 400 {
        return (status, None);
    }
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let problem: serde_json::Value =
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
    assert_eq!(problem["status"], status);
    assert!(
        problem["detail"]
            .as_str()
            .is_some_and(|detail| !detail.is_empty())
    );
    let code = problem["code"].as_str().and_then(ProblemCode::parse);
    assert!(code.is_some(), "{problem}");
    (status, code)
}

pub async fn document(url: &NodeUrl, now: Millis) -> NodeDocument {
    let response = http().get(format!("{url}/v1/node")).send().await.unwrap();
    let bytes = response.bytes().await.unwrap();
    NodeDocument::verify(&bytes, url, None, now)
        .unwrap()
        .into_inner()
}

pub fn delivery(url: &NodeUrl, document: &NodeDocument) -> Delivery {
    Delivery {
        node: url.clone(),
        fingerprint: document.fingerprint(),
        intro: MailboxId::from_bytes(random::bytes()),
        state: DeliveryState::Active,
        priority: 0,
    }
}

/// Somebody with an identity.
pub struct Person {
    pub signing: SigningKeyPair,
    pub chain: Chain,
    pub key_package: Verified<KeyPackage>,
    pub device: DeviceId,
}

impl Person {
    pub fn new(number: usize, delivery: &[Delivery], now: Millis) -> Self {
        let (signing, sealing) = fixtures::person(number);
        let recovery = Hash::from_bytes([1; 32]);
        let rng = &mut random::system();
        let chain = Chain::create(
            &signing,
            sealing.public(),
            recovery,
            delivery.to_vec(),
            now,
            rng,
        )
        .unwrap();
        let key_package = make_key_package(&chain, &signing, 1, now);
        Self {
            signing,
            chain,
            key_package,
            device: DeviceId::from_bytes(random::bytes()),
        }
    }

    pub fn identity(&self) -> IdentityId {
        self.chain.identity()
    }

    pub fn intro(&self) -> MailboxId {
        self.chain.delivery()[0].intro
    }

    pub fn bundle(&self) -> Vec<u8> {
        Bundle::new(&self.chain, &self.key_package).to_bytes()
    }
}

pub fn make_key_package(
    chain: &Chain,
    signing: &SigningKeyPair,
    epoch: u64,
    now: Millis,
) -> Verified<KeyPackage> {
    let rng = &mut random::system();
    let receive = ReceiveKeyPair::generate(rng);
    KeyPackage::create(chain.identity(), epoch, &receive, now, signing, rng).unwrap()
}

pub fn mailbox() -> MailboxId {
    MailboxId::from_bytes(random::bytes())
}

pub fn message() -> MessageId {
    MessageId::from_bytes(random::bytes())
}

pub fn submission() -> SubmissionId {
    SubmissionId::from_bytes(random::bytes())
}

/// An envelope that a node takes for one: nobody can open it.
pub fn envelope(size: usize) -> Vec<u8> {
    let mut envelope = vec![0; size];
    envelope[0] = 1;
    envelope[1] = 2;
    let noise: [u8; 32] = random::bytes();
    envelope[size - 32..].copy_from_slice(&noise);
    envelope
}

/// The same for a first contact.
pub fn first_contact() -> Vec<u8> {
    let mut envelope = envelope(16_384);
    envelope[1] = 1;
    envelope[2 + 16 + 1120..][..2].copy_from_slice(&384_u16.to_be_bytes());
    envelope
}

pub fn boxed(node: &NodeDocument, mailbox: &MailboxId, message: &MessageId) -> Vec<u8> {
    let rng = &mut random::system();
    seal_forward(
        node,
        mailbox,
        message,
        &Postage::none(),
        &envelope(4096),
        rng,
    )
    .unwrap()
}

/// A frame of the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    Text(NodeFrame),
    Binary(Vec<u8>),
    Closed(u16, String),
}

/// A live socket, whatever is sent on it.
pub struct Socket(pub WebSocketStream<TcpStream>);

impl Socket {
    pub async fn open(url: &NodeUrl) -> Self {
        let address = format!("{}:{}", url.host(), url.port());
        let stream = TcpStream::connect(&address).await.unwrap();
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
        Self(socket)
    }

    /// The next frame; `None` if nothing comes for this long.
    pub async fn frame_within(&mut self, patience: Duration) -> Option<Frame> {
        loop {
            let message = tokio::time::timeout(patience, self.0.next()).await.ok()?;
            return Some(match message {
                Some(Ok(Message::Text(text))) => Frame::Text(NodeFrame::parse(&text).unwrap()),
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
        self.send_raw(Message::text(frame.to_text())).await;
    }

    pub async fn send_binary(&mut self, frame: &ClientBinary<'_>) {
        self.send_raw(Message::binary(frame.encode())).await;
    }

    pub async fn send_raw(&mut self, message: Message) {
        self.0.send(message).await.unwrap();
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
        let mut socket = Socket::open(url).await;
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

/// Tries until it is true.
pub async fn eventually<F: Future<Output = bool>>(what: &str, mut check: impl FnMut() -> F) {
    let tries = async {
        while !check().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, tries).await.is_ok(),
        "never came true: {what}"
    );
}
