//! What a node does with hostile frames on a live socket, before the login and after it, with what other nodes
//! answer when it asks them for that client, and with hostile requests over HTTP: it must not panic, nor fail
//! where it should refuse, and whoever else is connected must not notice.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::mem::ManuallyDrop;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use shared_crypto::bundle::Bundle;
use shared_crypto::fixtures;
use shared_crypto::id::{DeviceId, Hash, IdentityId, MailboxId, MessageId};
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::live::{
    Base64Bytes, ClientFrame, CloseCode, MailboxEntry, MailboxKind, NodeBinary, NodeFrame,
};
use shared_crypto::login::Login;
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::PEER_HEADER;
use shared_crypto::postage::POSTAGE_HEADER;
use shared_crypto::record::{Chain, Delivery, DeliveryState};
use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;
use zechat_node::clock::MockClock;
use zechat_node::federation::client::PeerError;
use zechat_node::federation::transport::{Answered, PeerCall, Transport};
use zechat_node::in_process::{HttpRequest, InProcess, Method, Parts};
use zechat_node::live::wire::{Pipe, Said};
use zechat_node::settings::{RegistrationMode, Settings};
use zechat_node::store::Disk;

const NOW: u64 = 1_790_000_000_000;

/// Long enough for everything to have been done; it passes at once.
const A_WHILE: Duration = Duration::from_millis(10);

/// A node that is so old is replaced, so that what it stores stays little.
const OLD: u64 = 256;

thread_local! {
    /// Never dropped with its thread: the node's handlers would look for other such values that are gone by then.
    static WORLD: RefCell<Option<ManuallyDrop<World>>> = const { RefCell::new(None) };
}

/// A node and two people: one sends what is hostile, the other watches.
struct World {
    // Before the runtime that it needs: fields are dropped in order.
    inside: Inside,
    local: LocalSet,
    runtime: Runtime,
}

struct Inside {
    node: InProcess,
    peers: Peers,
    attacker: IdentityId,
    watcher: Line,
    inputs: u64,
}

/// What other nodes are going to answer.
#[derive(Clone, Default)]
struct Peers(Arc<Mutex<VecDeque<Vec<u8>>>>);

/// One end of a live connection.
struct Line {
    pipe: Pipe,
    said: Rc<RefCell<Vec<Said>>>,
}

/// Whether there is a login, in the first byte; then frames of a client and answers of other nodes, each behind
/// a byte for its kind and its length in two.
pub fn node(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else {
        return;
    };
    in_world(async |inside| {
        let line = inside.connect();
        if first % 2 == 1 {
            log_in(&line, 0, inside.attacker).await;
        }
        let mut rest = rest;
        while let Some(([kind, high, low], after)) = rest.split_first_chunk() {
            let length = usize::from(u16::from_be_bytes([*high, *low])).min(after.len());
            let (frame, after) = after.split_at(length);
            rest = after;
            match (kind % 3, std::str::from_utf8(frame)) {
                (0, Ok(text)) => line.pipe.send_text(text.to_owned()),
                (2, _) => inside.peers.0.lock().unwrap().push_back(frame.to_vec()),
                _ => line.pipe.send_binary(frame.to_vec()),
            }
        }
        tokio::time::sleep(A_WHILE).await;
        for said in line.said.take() {
            match said {
                Said::Text(text) => drop(NodeFrame::parse(&text).unwrap()),
                Said::Binary(frame) => drop(NodeBinary::parse(&frame).unwrap()),
                Said::Ping => {}
                Said::Closed(reason) => {
                    let code = reason.and_then(|(code, _)| CloseCode::from_number(code));
                    assert!(code.is_some_and(|code| code != CloseCode::GoingDown));
                }
            }
        }
        inside.peers.0.lock().unwrap().clear();
    });
}

/// A byte for the method, a path, and headers: each behind a byte for its name; all of them lines. Then a body.
pub fn http(data: &[u8]) {
    let Some((method, mut rest)) = data.split_first() else {
        return;
    };
    let path = line_of(&mut rest);
    let mut headers = Vec::new();
    while let [name, value @ ..] = line_of(&mut rest) {
        let names = [
            POSTAGE_HEADER,
            PEER_HEADER,
            "ZeChat-Vault",
            "X-Forwarded-For",
            "Accept-Encoding",
            "Content-Type",
            "Content-Length",
            "If-None-Match",
            "Range",
            "Origin",
        ];
        let plain = |byte: &u8| char::from(*byte);
        let value = value
            .iter()
            .filter(|byte| (b' '..0x7f).contains(*byte))
            .map(plain);
        headers.extend(
            names
                .get(usize::from(*name))
                .map(|name| (*name, value.collect())),
        );
    }
    let methods = [
        Method::GET,
        Method::PUT,
        Method::POST,
        Method::HEAD,
        Method::OPTIONS,
    ];
    let Some(method) = methods.get(usize::from(*method)).cloned() else {
        return;
    };
    let body = Bytes::copy_from_slice(rest);
    in_world(async |inside| {
        let path = format!("/{}", percent_encoded(path));
        let request = HttpRequest {
            method,
            path,
            headers,
            body,
        };
        let (status, _) = inside.node.http(request).await;
        assert!(status < 500 || status == 503, "{status}");
    });
}

/// Does something hostile, and then looks whether the node goes on for everybody else.
fn in_world(attack: impl AsyncFnOnce(&mut Inside)) {
    WORLD.with_borrow_mut(|slot| {
        if slot
            .as_ref()
            .is_some_and(|world| world.inside.inputs >= OLD)
        {
            slot.take().map(ManuallyDrop::into_inner);
        }
        let world = slot.get_or_insert_with(|| ManuallyDrop::new(World::new()));
        let World {
            inside,
            local,
            runtime,
        } = &mut **world;
        local.block_on(runtime, async {
            attack(inside).await;
            inside.goes_on().await;
        });
    });
}

impl World {
    fn new() -> Self {
        fixtures::take_small_keys();
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build();
        let (runtime, local) = (runtime.unwrap(), LocalSet::new());
        let inside = local.block_on(&runtime, Inside::new());
        Self {
            inside,
            local,
            runtime,
        }
    }
}

impl Inside {
    async fn new() -> Self {
        let mut settings = Settings::default();
        settings.registration.mode = RegistrationMode::Open;
        settings.mail.postage_bits = 0;
        let limits = &mut settings.limits;
        limits.account_per_second = 0;
        limits.address_per_second = 0;
        limits.peer_per_second = 0;
        limits.registrations_per_hour = 0;
        let peers = Peers::default();
        let parts = Parts {
            settings,
            keys: keys(),
            url: url(),
            clock: Arc::new(MockClock::new(NOW)),
            disk: Disk::new().unwrap(),
            transport: Arc::new(peers.clone()),
            // The longest waits: time stands still here, and without a wait a node that is away is tried for ever.
            jitter: Arc::new(|bound| bound.saturating_sub(1)),
        };
        let mut node = InProcess::start(parts).await.unwrap();
        let attacker = register(&node, 0).await;
        let person = register(&node, 1).await;
        let watcher = connect(&mut node);
        log_in(&watcher, 1, person).await;
        let list = ClientFrame::Mailboxes {
            request: 1,
            add: vec![MailboxEntry {
                mailbox: mailbox(),
                kind: MailboxKind::Contact,
            }],
            remove: Vec::new(),
        };
        watcher.pipe.send_text(list.to_text());
        tokio::time::sleep(A_WHILE).await;
        watcher.said.take();
        Self {
            node,
            peers,
            attacker,
            watcher,
            inputs: 0,
        }
    }

    fn connect(&mut self) -> Line {
        connect(&mut self.node)
    }

    /// Mail is taken, and pushed to the one who watches.
    async fn goes_on(&mut self) {
        self.inputs += 1;
        let envelope = [&[1, 2], [0; 4_086].as_slice(), &self.inputs.to_be_bytes()].concat();
        let mut id = [0xee; 16];
        id[..8].copy_from_slice(&self.inputs.to_be_bytes());
        let id = MessageId::from_bytes(id);
        let path = format!("/v1/mailboxes/{}/messages/{id}", mailbox());
        let status = put(&self.node, path, envelope.clone()).await;
        assert_eq!(status, 201);
        tokio::time::sleep(A_WHILE).await;
        let said = self.watcher.said.take();
        let Some(Said::Binary(last)) = said.last() else {
            panic!("{said:?}");
        };
        match NodeBinary::parse(last).unwrap() {
            NodeBinary::Envelope {
                cursor,
                envelope: pushed,
                ..
            } => {
                assert_eq!(pushed, envelope);
                self.watcher
                    .pipe
                    .send_text(ClientFrame::Ack { cursor }.to_text());
            }
            other => panic!("{other:?}"),
        }
    }
}

impl Transport for Peers {
    fn call(&self, call: PeerCall) -> Answered<'_> {
        let answer = self.0.lock().unwrap().pop_front();
        let answer = answer.ok_or(PeerError::Unreachable).and_then(|answer| {
            let fits = answer.len() <= call.limit;
            fits.then(|| answer.into())
                .ok_or(PeerError::Misbehaves("too long"))
        });
        Box::pin(async { answer })
    }
}

async fn register(node: &InProcess, person: usize) -> IdentityId {
    let (signing, sealing) = fixtures::person(person);
    let rng = &mut ChaCha20Rng::seed_from_u64(17);
    let delivery = Delivery {
        node: url(),
        fingerprint: keys().fingerprint(),
        intro: MailboxId::from_bytes([u8::try_from(person).unwrap(); 32]),
        state: DeliveryState::Active,
        priority: 0,
    };
    let recovery = Hash::from_bytes([1; 32]);
    let (public, list) = (sealing.public(), vec![delivery]);
    let chain = Chain::create(&signing, public, recovery, list, NOW, rng).unwrap();
    let receive = ReceiveKeyPair::generate(rng);
    let identity = chain.identity();
    let package = KeyPackage::create(identity, 1, &receive, NOW, &signing, rng).unwrap();
    let bundle = Bundle::new(&chain, &package).to_bytes();
    let status = put(node, format!("/v1/identities/{identity}"), bundle).await;
    assert_eq!(status, 201);
    identity
}

async fn put(node: &InProcess, path: String, body: Vec<u8>) -> u16 {
    let request = HttpRequest {
        method: Method::PUT,
        path,
        headers: Vec::new(),
        body: body.into(),
    };
    node.http(request).await.0
}

fn connect(node: &mut InProcess) -> Line {
    let said = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&said);
    let pipe = node.connect(move |it| heard.borrow_mut().push(it)).unwrap();
    Line { pipe, said }
}

async fn log_in(line: &Line, person: usize, identity: IdentityId) {
    tokio::time::sleep(A_WHILE).await;
    let said = line.said.take();
    let [Said::Text(challenge)] = said.as_slice() else {
        panic!("{said:?}");
    };
    let NodeFrame::Challenge {
        nonce,
        url,
        fingerprint,
    } = NodeFrame::parse(challenge).unwrap()
    else {
        panic!("{challenge}");
    };
    let login = Login {
        node: url,
        fingerprint,
        nonce,
        identity,
        device: DeviceId::from_bytes([9; 16]),
        at: NOW,
    };
    let rng = &mut ChaCha20Rng::seed_from_u64(23);
    let login = login.sign(&fixtures::signing_key(person), rng).unwrap();
    let login = Base64Bytes(login.bytes().to_vec());
    line.pipe.send_text(ClientFrame::Login { login }.to_text());
    tokio::time::sleep(A_WHILE).await;
    let said = line.said.take();
    let is_in = |said: &Said| matches!(said, Said::Text(text) if text.contains("welcome"));
    assert!(said.first().is_some_and(is_in), "{said:?}");
}

/// The next line, which is taken off.
fn line_of<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let mut parts = rest.splitn(2, |byte| *byte == b'\n');
    let line = parts.next().unwrap_or_default();
    *rest = parts.next().unwrap_or_default();
    line
}

/// A path that a URI can have, whatever the bytes are.
fn percent_encoded(path: &[u8]) -> String {
    let encoded = path.iter().map(|byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(*byte).to_string(),
        byte if b"/._-~%?=&:@!$'()*+,;".contains(byte) => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    encoded.collect()
}

/// The mailbox of the one who watches.
fn mailbox() -> MailboxId {
    MailboxId::from_bytes([0xb0; 32])
}

fn url() -> NodeUrl {
    NodeUrl::parse("https://node-1.example").unwrap()
}

fn keys() -> NodeKeys {
    NodeKeys::from_bytes(&[0xc1; 64])
}
