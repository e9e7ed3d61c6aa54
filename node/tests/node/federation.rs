//! What other nodes may ask.

use shared_crypto::cbor::Bytes as CborBytes;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::peer::{DeliverBatch, DeliverItem, DeliverResults, PeerRequest};
use shared_crypto::problem::ProblemCode;
use zechat_node::random;

use super::support::*;

/// A signed request as another node would make it.
struct Peer {
    keys: NodeKeys,
    url: NodeUrl,
}

impl Peer {
    fn new() -> Self {
        let keys = NodeKeys::generate(&mut random::system());
        Self {
            keys,
            url: NodeUrl::parse("https://peer.example").unwrap(),
        }
    }

    fn header(&self, node: &NodeDocument, at: u64, body: &[u8]) -> String {
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
