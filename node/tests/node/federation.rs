//! What other nodes may ask.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared_crypto::cbor::{ByteArray, Bytes as CborBytes};
use shared_crypto::lookup::SEALED_LOOKUP;
use shared_crypto::node_document::{NodeDocument, Registration};
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::{DeliverBatch, DeliverItem, DeliverResults, PeerRequest};
use shared_crypto::problem::ProblemCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use zechat_node::clock::Clock;
use zechat_node::random;

use super::support::*;

/// A signed request as another node would make it.
pub struct Peer {
    pub keys: NodeKeys,
    pub url: NodeUrl,
}

impl Peer {
    pub fn new() -> Self {
        let keys = NodeKeys::generate(&mut random::system());
        Self {
            keys,
            url: NodeUrl::parse("https://peer.example").unwrap(),
        }
    }

    pub fn header(&self, node: &NodeDocument, at: u64, body: &[u8]) -> String {
        let rng = &mut random::system();
        let receiver = node.fingerprint();
        let signed = PeerRequest::sign(&self.url, &self.keys, &receiver, at, body, rng).unwrap();
        PeerRequest::to_header(&signed)
    }
}

async fn post(node: &TestNode, path: &str, header: &str, body: Vec<u8>) -> reqwest::Response {
    let request = http()
        .post(node.at(path))
        .header("zechat-peer", header)
        .body(body);
    request.send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_answered_item_by_item() {
    let node = TestNode::start().await;
    let bob = node.person(1).await;
    let mut live = node.connect(&bob).await;
    live.stored().await;
    let mailbox = live.mailbox().await;
    let document = node.document().await;
    let (first, second) = (message(), message());
    let boxes = [
        boxed(&document, &mailbox, &first),
        boxed(&document, &super::support::mailbox(), &message()),
        vec![1; 17],
        boxed(&document, &mailbox, &first),
        boxed(&document, &mailbox, &second),
    ];
    let items = (10..)
        .zip(boxes)
        .map(|(item, boxed)| DeliverItem {
            item,
            forward_box: CborBytes(boxed),
        })
        .collect();
    let body = DeliverBatch { items }.to_bytes();
    let peer = Peer::new();
    // Repeating it changes nothing.
    for _ in 0..2 {
        let header = peer.header(&document, START, &body);
        let response = post(&node, "/v1/federation/deliver", &header, body.clone()).await;
        assert_eq!(response.status(), 200);
        let results = DeliverResults::parse(&response.bytes().await.unwrap()).unwrap();
        let codes: Vec<_> = results
            .items
            .iter()
            .map(|result| (result.item, result.code))
            .collect();
        let expected = [
            (10, None),
            (11, Some(ProblemCode::UnknownMailbox)),
            (12, Some(ProblemCode::CannotOpen)),
            (13, None),
            (14, None),
        ];
        assert_eq!(codes, expected);
    }
    assert_eq!(live.pushed().await.message, first);
    assert_eq!(live.pushed().await.message, second);
    live.nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_requests_signed_for_this_node_and_time_and_body_are_taken() {
    let node = TestNode::start().await;
    let other = TestNode::start().await;
    let document = node.document().await;
    let peer = Peer::new();
    let body = DeliverBatch { items: Vec::new() }.to_bytes();
    for path in ["/v1/federation/deliver", "/v1/federation/lookup"] {
        let unsigned = http()
            .post(node.at(path))
            .body(body.clone())
            .send()
            .await
            .unwrap();
        assert_eq!(code(unsigned).await, (403, Some(ProblemCode::Unauthorized)));
        let right = peer.header(&document, START, &body);
        let mut forged = right.clone();
        forged.replace_range(60..61, if &right[60..61] == "A" { "B" } else { "A" });
        let cases = [
            (
                peer.header(&other.document().await, START, &body),
                421,
                ProblemCode::NotThisNode,
            ),
            (
                peer.header(&document, START - 300_001, &body),
                403,
                ProblemCode::Unauthorized,
            ),
            (
                peer.header(&document, START + 300_001, &body),
                403,
                ProblemCode::Unauthorized,
            ),
            (
                peer.header(&document, START, b"other"),
                403,
                ProblemCode::InvalidSignature,
            ),
            ("!".into(), 400, ProblemCode::Malformed),
            ("AAAA".into(), 400, ProblemCode::Malformed),
            ("A".repeat(4_000), 400, ProblemCode::Malformed),
        ];
        for (header, status, problem) in cases {
            let response = post(&node, path, &header, body.clone()).await;
            assert_eq!(code(response).await, (status, Some(problem)), "{path}");
        }
        let (status, _) = code(post(&node, path, &forged, body.clone()).await).await;
        assert!((400..=403).contains(&status));
    }
    let header = peer.header(&document, START, &body);
    let response = post(&node, "/v1/federation/deliver", &header, body).await;
    assert_eq!(response.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_none_is_refused_whole() {
    let node = TestNode::start().await;
    let document = node.document().await;
    let peer = Peer::new();
    let item = |item| DeliverItem {
        item,
        forward_box: CborBytes(vec![0; 8]),
    };
    let malformed = [
        Vec::new(),
        vec![0xff; 40],
        DeliverBatch {
            items: vec![item(1), item(1)],
        }
        .to_bytes(),
        DeliverBatch {
            items: (0..65).map(item).collect(),
        }
        .to_bytes(),
    ];
    for body in malformed {
        let header = peer.header(&document, START, &body);
        let response = post(&node, "/v1/federation/deliver", &header, body).await;
        assert_eq!(code(response).await, (400, Some(ProblemCode::Malformed)));
    }
    let long = vec![0; 4 * 1024 * 1024 + 1];
    let header = peer.header(&document, START, &long);
    let response = post(&node, "/v1/federation/deliver", &header, long).await;
    assert_eq!(code(response).await, (413, Some(ProblemCode::TooLarge)));
    let short = vec![0; 10];
    let header = peer.header(&document, START, &short);
    let response = post(&node, "/v1/federation/lookup", &header, short).await;
    assert_eq!(code(response).await, (422, Some(ProblemCode::CannotOpen)));
    let long = vec![0; 500];
    let header = peer.header(&document, START, &long);
    let response = post(&node, "/v1/federation/lookup", &header, long).await;
    assert_eq!(code(response).await, (413, Some(ProblemCode::TooLarge)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_not_waited_for_when_its_header_is_wrong() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let node = TestNode::start().await;
    let other = TestNode::start().await;
    let header = Peer::new().header(&other.document().await, START, &[]);
    let url = node.url();
    let address = format!("{}:{}", url.host(), url.port());
    let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /v1/federation/deliver HTTP/1.1\r\nhost: {address}\r\n\
         zechat-peer: {header}\r\ncontent-length: 100000\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    let read = stream.read_exact(&mut answer);
    tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
    assert_eq!(&answer, b"HTTP/1.1 421");
}

/// The HTTP server of another node, or what stands before it: answers everything with what it is told.
struct Front {
    url: NodeUrl,
    answer: Arc<Mutex<(&'static str, Vec<u8>)>>,
    asked: Arc<AtomicUsize>,
}

impl Front {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = NodeUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let front = Self {
            url,
            answer: Arc::default(),
            asked: Arc::default(),
        };
        let (answer, asked) = (Arc::clone(&front.answer), Arc::clone(&front.asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4_096];
                let _ = stream.read(&mut request).await;
                asked.fetch_add(1, Ordering::SeqCst);
                let (status, body) = answer.lock().unwrap().clone();
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
            }
        });
        front
    }

    fn say(&self, status: &'static str, body: &[u8]) {
        *self.answer.lock().unwrap() = (status, body.to_vec());
    }

    fn document(&self, keys: &NodeKeys) -> Vec<u8> {
        let document = NodeDocument {
            url: self.url.clone(),
            signing_key: keys.signing_public(),
            forward_key: ByteArray(*keys.forward_public()),
            issued_at: START,
            expires_at: START + 86_400_000,
            software: "front".into(),
            registration: Registration::Closed,
            retention_seconds: 1,
            quota_bytes: 1,
            quota_count: 1,
            postage_bits: 0,
            name: None,
            closing_at: None,
            vault_quota_bytes: None,
        };
        let signed = document.sign(keys, &mut random::system()).unwrap();
        signed.bytes().to_vec()
    }
}

/// A node with a list of nodes that it does not talk with has to find out who asks.
async fn choosy() -> TestNode {
    TestNode::with(clock(), |settings| {
        settings.federation.deny = vec!["bad.example".into()];
    })
    .await
}

pub async fn ask(node: &TestNode, peer: &Peer) -> (u16, Option<ProblemCode>) {
    let body = DeliverBatch { items: Vec::new() }.to_bytes();
    let now = Clock::now(&node.clock);
    let header = peer.header(&node.document().await, now, &body);
    code(post(node, "/v1/federation/deliver", &header, body).await).await
}

/// `peer_refused` ends all that a node wanted to deliver, so what passes must not look like it.
#[tokio::test(flavor = "multi_thread")]
async fn a_passing_failure_of_a_peer_is_not_a_refusal_for_ever() {
    let node = choosy().await;
    let front = Front::start().await;
    let peer = Peer {
        url: front.url.clone(),
        ..Peer::new()
    };
    let later = (503, Some(ProblemCode::Unavailable));
    for (status, body) in [
        ("502 Bad Gateway", b"<html>".as_slice()),
        ("503 Service Unavailable", br#"{"code":"unavailable"}"#),
        ("429 Too Many Requests", br#"{"code":"rate_limited"}"#),
        ("403 Forbidden", br#"{"code":"peer_refused"}"#),
        ("200 OK", b"the page of a firewall"),
        ("302 Found", b""),
    ] {
        front.say(status, body);
        assert_eq!(ask(&node, &peer).await, later, "{status}");
        node.clock.advance(Duration::from_secs(61));
    }
    front.say("200 OK", &front.document(&peer.keys));
    assert_eq!(ask(&node, &peer).await, (200, None));
    // Once it is known, it is let in as long as its document holds, whatever stands before it.
    front.say("502 Bad Gateway", b"<html>");
    node.clock.advance(Duration::from_secs(3_600));
    assert_eq!(ask(&node, &peer).await, (200, None));
    // Another key under this address is refused, once the node itself has said that it is not its own.
    let thief = Peer {
        url: front.url.clone(),
        ..Peer::new()
    };
    assert_eq!(ask(&node, &thief).await, later);
    front.say("200 OK", &front.document(&peer.keys));
    node.clock.advance(Duration::from_secs(61));
    let refused = (403, Some(ProblemCode::PeerRefused));
    assert_eq!(ask(&node, &thief).await, refused);
}

/// Whoever names an address makes this node ask there: not more often than once a minute.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_uses_a_node_to_ask_another_again_and_again() {
    let node = choosy().await;
    let (silent, known) = (Front::start().await, Front::start().await);
    silent.say("503 Service Unavailable", b"");
    known.say("200 OK", &known.document(&Peer::new().keys));
    for front in [&silent, &known] {
        for _ in 0..10 {
            let peer = Peer {
                url: front.url.clone(),
                ..Peer::new()
            };
            assert!(ask(&node, &peer).await.0 >= 403);
        }
        assert_eq!(front.asked.load(Ordering::SeqCst), 1);
    }
    // The limit of the one who asks comes first.
    let limited = TestNode::with(clock(), |settings| {
        settings.federation.deny = vec!["bad.example".into()];
        settings.limits.peer_per_second = 1;
        settings.limits.peer_burst = 1;
    })
    .await;
    let peer = Peer {
        url: silent.url.clone(),
        ..Peer::new()
    };
    assert_eq!(ask(&limited, &peer).await.0, 503);
    assert_eq!(ask(&limited, &peer).await.0, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_asks_too_much_is_refused_and_others_are_not() {
    let node = TestNode::with(clock(), |settings| {
        settings.limits.peer_per_second = 1;
        settings.limits.peer_burst = 2;
    })
    .await;
    let document = node.document().await;
    let (greedy, modest) = (Peer::new(), Peer::new());
    let ask = async |peer: &Peer| {
        let body = vec![1; SEALED_LOOKUP];
        let header = peer.header(&document, START, &body);
        post(&node, "/v1/federation/lookup", &header, body).await
    };
    for _ in 0..2 {
        assert_eq!(ask(&greedy).await.status(), 422);
    }
    let refused = ask(&greedy).await;
    assert!(refused.headers().contains_key("retry-after"));
    let problem: serde_json::Value =
        serde_json::from_slice(&refused.bytes().await.unwrap()).unwrap();
    assert_eq!(problem["code"], "rate_limited");
    assert_eq!(problem["rule"], "peer_rate");
    assert_eq!(ask(&modest).await.status(), 422);
}
