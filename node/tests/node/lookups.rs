//! Sealed lookups and node documents through the home node.

use shared_crypto::id::{Hash, IdentityId};
use shared_crypto::live::{ClientBinary, ClientFrame, LookupReply, NodeBinary};
use shared_crypto::lookup::{LookupAnswer, LookupPending, LookupRequest, seal_lookup};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::{Chain, RecordChanges};
use zechat_node::random;

use super::support::*;

pub fn seal(node: &NodeDocument, identity: IdentityId, from: u64) -> (Vec<u8>, LookupPending) {
    seal_lookup(
        node,
        &LookupRequest { identity, from },
        &mut random::system(),
    )
    .unwrap()
}

pub async fn look_up(
    live: &mut Live,
    url: &NodeUrl,
    sealed: &[u8],
) -> Result<Vec<u8>, ProblemCode> {
    let node = url.clone();
    live.socket
        .send_binary(&ClientBinary::Lookup {
            request: 7,
            node,
            sealed,
        })
        .await;
    let Frame::Binary(frame) = live.socket.frame().await else {
        panic!("no binary frame")
    };
    match NodeBinary::parse(&frame).unwrap() {
        NodeBinary::LookupAnswer {
            request: 7,
            reply: LookupReply::Bytes(bytes),
        } => Ok(bytes.to_vec()),
        NodeBinary::LookupAnswer {
            request: 7,
            reply: LookupReply::Problem(code),
        } => Err(code),
        other => panic!("expected an answer, not {other:?}"),
    }
}

pub async fn fetch_document(live: &mut Live, url: &NodeUrl) -> Result<Vec<u8>, ProblemCode> {
    let node = url.clone();
    live.socket
        .send_binary(&ClientBinary::NodeDocument { request: 9, node })
        .await;
    let Frame::Binary(frame) = live.socket.frame().await else {
        panic!("no binary frame")
    };
    match NodeBinary::parse(&frame).unwrap() {
        NodeBinary::NodeDocument {
            request: 9,
            reply: LookupReply::Bytes(bytes),
        } => Ok(bytes.to_vec()),
        NodeBinary::NodeDocument {
            request: 9,
            reply: LookupReply::Problem(code),
        } => Err(code),
        other => panic!("expected a document, not {other:?}"),
    }
}

async fn records(
    live: &mut Live,
    node: &TestNode,
    identity: IdentityId,
    from: u64,
) -> LookupAnswer {
    let (sealed, pending) = seal(&node.document().await, identity, from);
    let answer = look_up(live, &node.url(), &sealed).await.unwrap();
    pending.open(&answer).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_looked_up_through_the_home_node() {
    let clock = clock();
    let home = TestNode::with(clock.clone(), |_| ()).await;
    let away = TestNode::with(clock, |_| ()).await;
    let alice = home.person(0).await;
    let mut bob = away.person(1).await;
    let change = RecordChanges {
        recovery: Some(Hash::from_bytes([9; 32])),
        ..RecordChanges::default()
    };
    bob.chain
        .append_update(change, &bob.signing, START, &mut random::system())
        .unwrap();
    assert_eq!(away.put_identity(&bob).await, (200, None));
    let mut live = home.connect(&alice).await;
    live.stored().await;
    let answer = records(&mut live, &away, bob.identity(), 0).await;
    assert!(answer.found && answer.more.is_none());
    let chain = Chain::verify(&answer.records.unwrap()).unwrap();
    assert_eq!(chain.head(), bob.chain.head());
    assert_eq!(answer.key_package.unwrap().0, bob.key_package.bytes());
    let answer = records(&mut live, &away, bob.identity(), 1).await;
    assert_eq!(answer.records.unwrap().len(), 1);
    let answer = records(&mut live, &away, bob.identity(), 2).await;
    assert!(answer.found && answer.records.unwrap().is_empty());
    // The home node itself is asked in the same way.
    let answer = records(&mut live, &home, alice.identity(), 0).await;
    assert!(answer.found);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_identity_is_told_to_whoever_asked_only() {
    let clock = clock();
    let home = TestNode::with(clock.clone(), |_| ()).await;
    let away = TestNode::with(clock, |_| ()).await;
    let alice = home.person(0).await;
    let bob = away.person(1).await;
    let mut live = home.connect(&alice).await;
    live.stored().await;
    for node in [&home, &away] {
        let stranger = IdentityId::from_bytes([5; 32]);
        let answer = records(&mut live, node, stranger, 0).await;
        assert_eq!(answer, LookupAnswer::not_found());
    }
    // From outside both answers look alike but for their padded size.
    let document = away.document().await;
    let (sealed, _) = seal(&document, IdentityId::from_bytes([5; 32]), 0);
    let unknown = look_up(&mut live, &away.url(), &sealed).await.unwrap();
    let (sealed, _) = seal(&document, bob.identity(), 1);
    let known = look_up(&mut live, &away.url(), &sealed).await.unwrap();
    assert_eq!(unknown.len(), known.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_chain_comes_in_parts() {
    let node = TestNode::start().await;
    let mut alice = node.person(0).await;
    let rng = &mut random::system();
    for byte in 0..200 {
        let change = RecordChanges {
            recovery: Some(Hash::from_bytes([byte; 32])),
            ..RecordChanges::default()
        };
        alice
            .chain
            .append_update(change, &alice.signing, START, rng)
            .unwrap();
    }
    assert_eq!(node.put_identity(&alice).await, (200, None));
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mut all = Vec::new();
    loop {
        let from = u64::try_from(all.len()).unwrap();
        let answer = records(&mut live, &node, alice.identity(), from).await;
        all.extend(answer.records.unwrap());
        if answer.more.is_none() {
            break;
        }
    }
    assert_eq!(Chain::verify(&all).unwrap().head(), alice.chain.head());
    // And no more of it is read than one answer holds.
    let store = &node.node().app().store;
    let read = store
        .find_bundle(alice.identity(), 0, 10_000)
        .await
        .unwrap();
    let read = read.unwrap().records;
    assert!(read.len() > 1 && read.len() < all.len(), "{}", read.len());
    let whole = store.find_bundle(alice.identity(), 0, usize::MAX).await;
    assert_eq!(whole.unwrap().unwrap().records.len(), all.len());
}

/// One account with many sockets, asking a node that does not answer, leaves room for all others.
#[tokio::test(flavor = "multi_thread")]
async fn one_account_does_not_hold_every_lookup() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = NodeUrl::parse(&format!("http://{}", silent.local_addr().unwrap())).unwrap();
    let home = TestNode::start().await;
    let alice = home.person(0).await;
    let (mut sockets, mut refused) = (Vec::new(), 0);
    for _ in 0..3 {
        let device = shared_crypto::id::DeviceId::from_bytes(random::bytes());
        let mut live = Live::connect(&home.url(), &alice, device, START).await;
        live.stored().await;
        for request in 0..16 {
            let node = url.clone();
            let ask = ClientBinary::NodeDocument { request, node };
            live.socket.send_binary(&ask).await;
        }
        let (add, remove) = (Vec::new(), Vec::new());
        let done = ClientFrame::Mailboxes {
            request: 1,
            add,
            remove,
        };
        live.socket.send(&done).await;
        // Refusals come before the answer to what was asked last.
        while let Frame::Binary(frame) = live.socket.frame().await {
            let NodeBinary::NodeDocument { reply, .. } = NodeBinary::parse(&frame).unwrap() else {
                panic!("another answer")
            };
            assert_eq!(reply, LookupReply::Problem(ProblemCode::RateLimited));
            refused += 1;
        }
        sockets.push(live);
    }
    assert_eq!(refused, 48 - 32);
    // Somebody else asks a node that answers.
    let bob = home.person(1).await;
    let mut live = home.connect(&bob).await;
    live.stored().await;
    assert!(fetch_document(&mut live, &home.url()).await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_that_cannot_be_opened_or_delivered_says_so() {
    let clock = clock();
    let home = TestNode::with(clock.clone(), |_| ()).await;
    let mut away = TestNode::with(clock, |_| ()).await;
    let alice = home.person(0).await;
    let mut live = home.connect(&alice).await;
    live.stored().await;
    let (sealed, _) = seal(&home.document().await, alice.identity(), 0);
    let refused = look_up(&mut live, &away.url(), &sealed).await;
    assert_eq!(refused, Err(ProblemCode::CannotOpen));
    let (sealed, _) = seal(&away.document().await, alice.identity(), 0);
    let refused = look_up(&mut live, &home.url(), &sealed).await;
    assert_eq!(refused, Err(ProblemCode::CannotOpen));
    away.stop().await;
    let refused = look_up(&mut live, &away.url(), &sealed).await;
    assert_eq!(refused, Err(ProblemCode::PeerUnreachable));
}

#[tokio::test(flavor = "multi_thread")]
async fn node_documents_come_through_the_home_node() {
    let clock = clock();
    let home = TestNode::with(clock.clone(), |_| ()).await;
    let mut away = TestNode::with(clock, |_| ()).await;
    let alice = home.person(0).await;
    let mut live = home.connect(&alice).await;
    live.stored().await;
    for node in [&home, &away] {
        let document = fetch_document(&mut live, &node.url()).await.unwrap();
        NodeDocument::verify(&document, &node.url(), None, START).unwrap();
    }
    // Kept for ten minutes, so that a short absence is not noticed
    let url = away.url();
    away.stop().await;
    assert!(fetch_document(&mut live, &url).await.is_ok());
    home.clock.advance(std::time::Duration::from_secs(601));
    let gone = fetch_document(&mut live, &url).await;
    assert_eq!(gone, Err(ProblemCode::PeerUnreachable));
}

#[tokio::test(flavor = "multi_thread")]
async fn private_networks_are_refused_without_the_flag() {
    let clock = clock();
    let home = TestNode::with(clock.clone(), |it| {
        it.federation.allow_private_networks = false
    })
    .await;
    let away = TestNode::with(clock, |_| ()).await;
    let alice = home.person(0).await;
    let mut live = home.connect(&alice).await;
    live.stored().await;
    let refused = Err(ProblemCode::PrivateAddress);
    let (sealed, _) = seal(&away.document().await, alice.identity(), 0);
    let names = [
        away.url().to_string(),
        format!("http://localhost:{}", away.url().port()),
        // By name the check is where names become addresses.
        format!("https://localhost:{}", away.url().port()),
        "https://127.0.0.1".into(),
        "https://10.0.0.1".into(),
        "https://[::1]".into(),
        "https://169.254.169.254".into(),
        "https://0.0.0.0".into(),
        "https://100.64.0.1".into(),
        // IPv4 inside of IPv6: mapped, translated (NAT64), by 6to4 and Teredo, each of loopback or a private network.
        "https://[::ffff:127.0.0.1]".into(),
        "https://[::ffff:10.0.0.1]:8443".into(),
        "https://[64:ff9b::7f00:1]".into(),
        "https://[64:ff9b:1::a00:1]".into(),
        "https://[2002:7f00:1::1]".into(),
        "https://[2002:a00:1::]".into(),
        "https://[2001::f5ff:fffe]".into(),
        "https://[fd00::1]".into(),
        "https://[fe80::1]".into(),
    ];
    for name in names {
        let url = NodeUrl::parse(&name).unwrap();
        assert_eq!(fetch_document(&mut live, &url).await, refused, "{name}");
        assert_eq!(look_up(&mut live, &url, &sealed).await, refused, "{name}");
        let id = submission();
        let boxed = boxed(&away.document().await, &mailbox(), &message());
        live.submit(id, &url, &boxed).await;
        let frame = live.socket.text().await;
        let code = ProblemCode::PrivateAddress;
        let expected = shared_crypto::live::NodeFrame::Refused {
            submission: id,
            code,
        };
        assert_eq!(frame, expected, "{name}");
    }
    // Its own address is no other node's.
    assert!(fetch_document(&mut live, &home.url()).await.is_ok());
}

/// Spellings of an address that some read as one and others as a name are no URL of a node: the connection that
/// sends such a frame ends before anybody is asked.
#[tokio::test(flavor = "multi_thread")]
async fn other_spellings_of_an_address_end_the_connection() {
    let node = TestNode::with(clock(), |it| {
        it.federation.allow_private_networks = false;
    })
    .await;
    let alice = node.person(0).await;
    let (sealed, _) = seal(&node.document().await, alice.identity(), 0);
    let forward_box = boxed(&node.document().await, &mailbox(), &message());
    for host in [
        "2130706433",
        "0x7f000001",
        "017700000001",
        "0177.0.0.1",
        "127.0.0.01",
        "127.1",
        "127.0x00.1",
        "127.0.0.1.",
        "[::ffff:7f00:1]",
        "[0:0:0:0:0:0:0:1]",
        "[::1%25lo]",
        "LOCALHOST",
    ] {
        // A name of that length in its place, so that the rest of the frame is as it should be.
        let name = format!("{}.b", "a".repeat(host.len() - 2));
        let url = NodeUrl::parse(&format!("https://{name}")).unwrap();
        let frames = [
            ClientBinary::NodeDocument {
                request: 1,
                node: url.clone(),
            },
            ClientBinary::Lookup {
                request: 1,
                node: url.clone(),
                sealed: &sealed,
            },
            ClientBinary::Submit {
                submission: submission(),
                node: url,
                forward_box: &forward_box,
            },
        ];
        for frame in frames {
            let mut bytes = frame.encode();
            let at = bytes
                .windows(name.len())
                .position(|part| part == name.as_bytes())
                .unwrap();
            bytes[at..][..host.len()].copy_from_slice(host.as_bytes());
            let mut live = node.connect(&alice).await;
            live.stored().await;
            let message = tokio_tungstenite::tungstenite::Message::binary(bytes);
            live.socket.send_raw(message).await;
            assert_eq!(live.socket.closed().await.0, 1008, "{host}");
        }
    }
}
