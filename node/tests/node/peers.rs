//! Other nodes that do not behave.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use shared_crypto::cbor::ByteArray;
use shared_crypto::live::NodeFrame;
use shared_crypto::node_document::{NodeDocument, Registration};
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::{DeliverBatch, DeliverResult, DeliverResults};
use shared_crypto::problem::ProblemCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use zechat_node::clock::Millis;
use zechat_node::random;

use super::support::*;

/// What the peer does with the next batch.
#[derive(Debug, Clone)]
pub enum Manner {
    Answer(&'static str, Vec<u8>),
    Redirect(String),
    HangUp,
    /// Every item gets this.
    Behave(Option<ProblemCode>),
    /// One result is missing.
    Forget,
}

/// What the peer shows of itself.
#[derive(Debug, Clone)]
pub enum Papers {
    /// These bytes.
    Whole(Vec<u8>),
    /// These bytes in pieces, without a word of how many there will be.
    InPieces(Vec<u8>),
    /// A part of what was announced, and then it hangs up.
    HalfOf(Vec<u8>),
    /// Where else to look.
    Redirect(String),
    /// A byte now and then, for ever.
    Drip,
    /// As much as the other side takes, for ever.
    Flood,
    /// An answer that is none.
    Status(&'static str),
}

/// The boxes of a batch.
pub type Boxes = Vec<Vec<u8>>;

/// A node that answers as it is told.
pub struct Rogue {
    pub url: NodeUrl,
    pub keys: NodeKeys,
    pub document: NodeDocument,
    manner: Arc<Mutex<Manner>>,
    papers: Arc<Mutex<Papers>>,
    /// What was in each batch that it was brought.
    pub batches: Arc<Mutex<Vec<Boxes>>>,
    /// How often it was asked for its document, and for anything else.
    pub asked: Arc<[AtomicUsize; 2]>,
}

impl Rogue {
    pub async fn start(manner: Manner) -> Self {
        Self::start_at(START, manner).await
    }

    /// The same by another clock.
    pub async fn start_at(now: Millis, manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = NodeUrl::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
        let keys = NodeKeys::generate(&mut random::system());
        let document = NodeDocument {
            url: url.clone(),
            signing_key: keys.signing_public(),
            forward_key: ByteArray(*keys.forward_public()),
            issued_at: now,
            expires_at: now + 400 * 86_400_000,
            software: "rogue".into(),
            registration: Registration::Closed,
            retention_seconds: 1,
            quota_bytes: 1,
            quota_count: 1,
            postage_bits: 0,
            name: None,
            closing_at: None,
            vault_quota_bytes: None,
        };
        let signed = document
            .clone()
            .sign(&keys, &mut random::system())
            .unwrap()
            .bytes()
            .to_vec();
        let manner = Arc::new(Mutex::new(manner));
        let papers = Arc::new(Mutex::new(Papers::Whole(signed)));
        let batches = Arc::new(Mutex::new(Vec::new()));
        let asked = Arc::default();
        let rogue = Self {
            url,
            keys,
            document,
            manner,
            papers,
            batches,
            asked,
        };
        let (manner, batches) = (Arc::clone(&rogue.manner), Arc::clone(&rogue.batches));
        let (papers, asked) = (Arc::clone(&rogue.papers), Arc::clone(&rogue.asked));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (manner, batches) = (Arc::clone(&manner), Arc::clone(&batches));
                let (papers, asked) = (Arc::clone(&papers), Arc::clone(&asked));
                tokio::spawn(
                    async move { serve(stream, &papers, &asked, &manner, &batches).await },
                );
            }
        });
        rogue
    }

    pub fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub fn show(&self, papers: Papers) {
        *self.papers.lock().unwrap() = papers;
    }

    pub fn asked_for_document(&self) -> usize {
        self.asked[0].load(Ordering::SeqCst)
    }

    pub fn asked_for_more(&self) -> usize {
        self.asked[1].load(Ordering::SeqCst)
    }
}

async fn show(mut stream: TcpStream, papers: Papers) -> Option<()> {
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let piece = |bytes: &[u8]| {
        let length = format!("{:x}\r\n", bytes.len());
        [length.as_bytes(), bytes, b"\r\n"].concat()
    };
    match papers {
        Papers::Whole(bytes) => reply(stream, "200 OK", "", &bytes).await,
        Papers::Status(status) => reply(stream, status, "", b"").await,
        Papers::Redirect(to) => {
            reply(stream, "307 Moved", &format!("location: {to}\r\n"), b"").await
        }
        Papers::InPieces(bytes) => {
            stream.write_all(chunked).await.ok()?;
            for part in bytes.chunks(100) {
                stream.write_all(&piece(part)).await.ok()?;
            }
            stream.write_all(&piece(b"")).await.ok()
        }
        Papers::HalfOf(bytes) => {
            let length = bytes.len();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n");
            let half = &bytes[..length / 2];
            stream
                .write_all(&[head.as_bytes(), half].concat())
                .await
                .ok()?;
            stream.shutdown().await.ok()
        }
        Papers::Drip => {
            stream.write_all(chunked).await.ok()?;
            loop {
                stream.write_all(&piece(b"a")).await.ok()?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        Papers::Flood => {
            stream.write_all(chunked).await.ok()?;
            loop {
                stream.write_all(&piece(&[b'a'; 1_000])).await.ok()?;
            }
        }
    }
}

async fn serve(
    mut stream: TcpStream,
    papers: &Mutex<Papers>,
    asked: &[AtomicUsize; 2],
    manner: &Mutex<Manner>,
    batches: &Mutex<Vec<Boxes>>,
) -> Option<()> {
    let mut request = Vec::new();
    let head_end = loop {
        stream
            .read_buf(&mut request)
            .await
            .ok()
            .filter(|read| *read != 0)?;
        if let Some(end) = request.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&request[..head_end]).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok())
        .unwrap_or(0);
    while request.len() < head_end + length {
        stream
            .read_buf(&mut request)
            .await
            .ok()
            .filter(|read| *read != 0)?;
    }
    if head.starts_with("get /v1/node ") {
        asked[0].fetch_add(1, Ordering::SeqCst);
        let papers = papers.lock().unwrap().clone();
        return show(stream, papers).await;
    }
    asked[1].fetch_add(1, Ordering::SeqCst);
    let batch = DeliverBatch::parse(&request[head_end..]).unwrap();
    let boxes = batch.items.iter().map(|item| item.forward_box.0.clone());
    batches.lock().unwrap().push(boxes.collect());
    let manner = manner.lock().unwrap().clone();
    let results = |code| {
        let items = batch.items.iter().map(|item| DeliverResult {
            item: item.item,
            code,
        });
        items.collect::<Vec<_>>()
    };
    match manner {
        Manner::Answer(status, body) => reply(stream, status, "", &body).await,
        Manner::Redirect(to) => {
            reply(stream, "307 Moved", &format!("location: {to}\r\n"), b"").await
        }
        Manner::HangUp => None,
        Manner::Behave(code) => {
            let body = DeliverResults {
                items: results(code),
            }
            .to_bytes();
            reply(stream, "200 OK", "", &body).await
        }
        Manner::Forget => {
            let mut items = results(None);
            items.pop();
            reply(stream, "200 OK", "", &DeliverResults { items }.to_bytes()).await
        }
    }
}

async fn reply(mut stream: TcpStream, status: &str, headers: &str, body: &[u8]) -> Option<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n"
    );
    stream
        .write_all(&[head.as_bytes(), body].concat())
        .await
        .ok()?;
    stream.shutdown().await.ok()
}

pub async fn submit(live: &mut Live, rogue: &Rogue) -> shared_crypto::id::SubmissionId {
    let id = submission();
    let boxed = boxed(&rogue.document, &mailbox(), &message());
    live.submit(id, &rogue.url, &boxed).await;
    assert_eq!(live.accepted().await, [id]);
    id
}

/// Moves the clock until the peer has been asked once more.
async fn until_asked_again(node: &TestNode, rogue: &Rogue) {
    let before = rogue.batches.lock().unwrap().len();
    eventually("the peer is asked again", || async {
        node.clock.advance(Duration::from_secs(300));
        tokio::time::sleep(Duration::from_millis(20)).await;
        rogue.batches.lock().unwrap().len() > before
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_misbehaves_loses_nothing() {
    let trap = Rogue::start(Manner::Behave(None)).await;
    let manners = [
        Manner::Answer("200 OK", b"rubbish".to_vec()),
        Manner::Answer("200 OK", vec![0; 1024 * 1024]),
        Manner::Answer("204 No Content", Vec::new()),
        Manner::Answer("500 Internal Server Error", b"<html>".to_vec()),
        Manner::Answer("404 Not Found", Vec::new()),
        Manner::Answer("421 Misdirected", br#"{"code":"not_this_node"}"#.to_vec()),
        Manner::Redirect(format!("{}/v1/federation/deliver", trap.url)),
        Manner::HangUp,
        Manner::Forget,
        Manner::Behave(Some(ProblemCode::Unavailable)),
        Manner::Behave(Some(ProblemCode::Internal)),
    ];
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let rogue = Rogue::start(Manner::HangUp).await;
    let id = submit(&mut live, &rogue).await;
    for manner in manners {
        rogue.behave(manner.clone());
        until_asked_again(&node, &rogue).await;
        assert_eq!(
            live.socket.frame_within(Duration::from_millis(50)).await,
            None,
            "{manner:?}"
        );
    }
    rogue.behave(Manner::Behave(None));
    until_asked_again(&node, &rogue).await;
    assert_eq!(live.outcome().await, (id, None));
    assert_eq!(
        trap.batches.lock().unwrap().len(),
        0,
        "redirects are not followed"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_refuses_us_is_not_asked_again() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let refusal = br#"{"code":"peer_refused"}"#.to_vec();
    let rogue = Rogue::start(Manner::Answer("403 Forbidden", refusal)).await;
    let id = submit(&mut live, &rogue).await;
    assert_eq!(live.outcome().await, (id, Some(ProblemCode::PeerRefused)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_rests_is_left_alone() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let rogue = Rogue::start(Manner::HangUp).await;
    let mut ids = vec![submit(&mut live, &rogue).await];
    eventually("the peer was asked", || async {
        !rogue.batches.lock().unwrap().is_empty()
    })
    .await;
    // Full jitter may end a rest at once; the next one is longer. After a few, it is quiet.
    for _ in 0..8 {
        until_asked_again(&node, &rogue).await;
    }
    tokio::time::sleep(QUIET).await;
    let asked = rogue.batches.lock().unwrap().len();
    for _ in 0..5 {
        ids.push(submit(&mut live, &rogue).await);
    }
    tokio::time::sleep(QUIET).await;
    assert!(
        rogue.batches.lock().unwrap().len() <= asked + 1,
        "new mail does not end the rest"
    );
    rogue.behave(Manner::Behave(None));
    until_asked_again(&node, &rogue).await;
    let mut settled = Vec::new();
    while settled.len() < ids.len() {
        match live.socket.text().await {
            NodeFrame::Outcomes { items } => settled.extend(items.iter().map(|it| it.submission)),
            other => panic!("expected outcomes, not {other:?}"),
        }
    }
    assert_eq!(settled, ids);
}
