//! Other nodes that lie about who they are: a document that does not hold is worth nothing, whether a client asks for
//! it, mail or a lookup is for that node, or that node comes and says that it is its own.

use std::time::Duration;

use shared_crypto::cbor::ByteArray;
use shared_crypto::node_document::NodeDocument;
use shared_crypto::node_keys::NodeKeys;
use shared_crypto::node_url::NodeUrl;
use shared_crypto::problem::ProblemCode;
use shared_crypto::time::DAY;
use zechat_node::random;

use super::federation::{Peer, ask};
use super::lookups::{fetch_document, look_up, seal};
use super::peers::{Manner, Papers, Rogue, submit};
use super::support::*;

/// A lie, and what a client is told who asks for that node.
struct Lie {
    name: &'static str,
    papers: Papers,
    code: ProblemCode,
}

fn signed(document: NodeDocument, keys: &NodeKeys) -> Vec<u8> {
    let signed = document.sign(keys, &mut random::system()).unwrap();
    signed.bytes().to_vec()
}

/// What a node can show that is not its document. `elsewhere` is another node, whose document holds.
fn lies(rogue: &Rogue, elsewhere: &Rogue) -> Vec<Lie> {
    let good = || rogue.document.clone();
    let keys = &rogue.keys;
    let whole = signed(good(), keys);
    let other = NodeKeys::generate(&mut random::system());
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let wrong = ProblemCode::PeerMisbehaves;
    let lie = |name, bytes| Lie {
        name,
        papers: Papers::Whole(bytes),
        code: wrong,
    };
    let long = [whole.as_slice(), &vec![0; 4_097]].concat();
    let mut lies = vec![
        lie("signed by another key", signed(good(), &other)),
        lie("a flipped bit in the signature", flipped),
        lie(
            "of another node",
            signed(elsewhere.document.clone(), &elsewhere.keys),
        ),
        lie(
            "of another address",
            signed(
                NodeDocument {
                    url: NodeUrl::parse("https://other.example").unwrap(),
                    ..good()
                },
                keys,
            ),
        ),
        lie(
            "the same host with another port",
            signed(
                NodeDocument {
                    url: elsewhere.url.clone(),
                    ..good()
                },
                keys,
            ),
        ),
        lie(
            "expired",
            signed(
                NodeDocument {
                    issued_at: START - 2 * DAY,
                    expires_at: START - DAY,
                    ..good()
                },
                keys,
            ),
        ),
        lie(
            "not yet issued",
            signed(
                NodeDocument {
                    issued_at: START + 300 * DAY,
                    ..good()
                },
                keys,
            ),
        ),
        lie("a byte less", whole[..whole.len() - 1].to_vec()),
        lie("a byte more", [whole.as_slice(), &[0]].concat()),
        lie("nothing", Vec::new()),
        lie("rubbish", vec![0xff; 300]),
        lie("longer than any document", long.clone()),
    ];
    let others = [
        ("longer, in pieces", Papers::InPieces(long), wrong),
        ("without an end", Papers::Flood, wrong),
        (
            "at another node",
            Papers::Redirect(format!("{}/v1/node", elsewhere.url)),
            wrong,
        ),
        (
            "at the same node",
            Papers::Redirect("/v1/node".into()),
            wrong,
        ),
        ("another success", Papers::Status("204 No Content"), wrong),
        ("not there", Papers::Status("404 Not Found"), wrong),
        (
            "half of it",
            Papers::HalfOf(whole),
            ProblemCode::PeerUnreachable,
        ),
        (
            "a byte now and then",
            Papers::Drip,
            ProblemCode::PeerUnreachable,
        ),
    ];
    lies.extend(others.map(|(name, papers, code)| Lie { name, papers, code }));
    lies
}

fn truth(rogue: &Rogue) -> Papers {
    Papers::InPieces(signed(rogue.document.clone(), &rogue.keys))
}

/// A node that does not wait long for others.
async fn impatient() -> TestNode {
    TestNode::with(clock(), |settings| {
        settings.federation.request_timeout_s = 1;
        // The tests let hours pass until they are asked again, on a slow machine often.
        settings.federation.give_up_after_s = 10 * 365 * 86_400;
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_does_not_hold_is_shown_to_nobody_and_nothing_is_looked_up_there() {
    let node = impatient().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let (rogue, elsewhere) = (
        Rogue::start(Manner::HangUp).await,
        Rogue::start(Manner::HangUp).await,
    );
    let (sealed, _) = seal(&rogue.document, alice.identity(), 0);
    for Lie { name, papers, code } in lies(&rogue, &elsewhere) {
        rogue.show(papers);
        let shown = fetch_document(&mut live, &rogue.url).await;
        assert_eq!(shown, Err(code), "{name}");
        let answered = look_up(&mut live, &rogue.url, &sealed).await;
        assert_eq!(answered, Err(code), "{name}");
        assert_eq!(rogue.asked_for_more(), 0, "{name}");
    }
    assert_eq!(elsewhere.asked_for_document(), 0, "nobody was sent there");
    rogue.show(truth(&rogue));
    assert!(fetch_document(&mut live, &rogue.url).await.is_ok());
    // On a slow machine the second that the node waits may be over before it has asked.
    for _ in 0..20 {
        assert!(look_up(&mut live, &rogue.url, &sealed).await.is_err());
        if rogue.asked_for_more() > 0 {
            break;
        }
    }
    assert_eq!(rogue.asked_for_more(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_waits_until_its_node_shows_who_it_is() {
    let node = impatient().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let (rogue, elsewhere) = (
        Rogue::start(Manner::Behave(None)).await,
        Rogue::start(Manner::Behave(None)).await,
    );
    let mut lies = lies(&rogue, &elsewhere).into_iter();
    rogue.show(lies.next().unwrap().papers);
    let id = submit(&mut live, &rogue).await;
    for Lie { name, papers, .. } in lies {
        rogue.show(papers);
        let before = rogue.asked_for_document();
        eventually("the node is asked again", || async {
            node.clock.advance(Duration::from_secs(300));
            tokio::time::sleep(Duration::from_millis(20)).await;
            rogue.asked_for_document() > before
        })
        .await;
        let told = live.socket.frame_within(Duration::from_millis(50)).await;
        assert_eq!(told, None, "{name}");
        assert_eq!(rogue.asked_for_more(), 0, "{name}");
    }
    rogue.show(truth(&rogue));
    eventually("the node is brought its mail", || async {
        node.clock.advance(Duration::from_secs(300));
        tokio::time::sleep(Duration::from_millis(20)).await;
        !rogue.batches.lock().unwrap().is_empty()
    })
    .await;
    assert_eq!(live.outcome().await, (id, None));
    assert_eq!(elsewhere.asked_for_document(), 0, "nobody was sent there");
}

/// Whoever asks for something names their own address: it is theirs only if what stands there says so.
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_is_who_it_says_only_if_its_document_holds() {
    let node = TestNode::with(clock(), |settings| {
        settings.federation.request_timeout_s = 1;
        settings.federation.deny = vec!["bad.example".into()];
    })
    .await;
    let (rogue, elsewhere) = (
        Rogue::start(Manner::HangUp).await,
        Rogue::start(Manner::HangUp).await,
    );
    let peer = Peer {
        keys: NodeKeys::from_bytes(&rogue.keys.to_bytes()),
        url: rogue.url.clone(),
    };
    let later = (503, Some(ProblemCode::Unavailable));
    for Lie { name, papers, .. } in lies(&rogue, &elsewhere) {
        rogue.show(papers);
        assert_eq!(ask(&node, &peer).await, later, "{name}");
        node.clock.advance(Duration::from_secs(61));
    }
    assert_eq!(elsewhere.asked_for_document(), 0, "nobody was sent there");
    // A document that holds, and is another's: that node has said that this peer is not it.
    let stranger = Peer {
        url: rogue.url.clone(),
        ..Peer::new()
    };
    rogue.show(truth(&rogue));
    let refused = (403, Some(ProblemCode::PeerRefused));
    assert_eq!(ask(&node, &stranger).await, refused);
    assert_eq!(ask(&node, &peer).await, (200, None));
}

/// The keys for sealing are the document's as well: one that names others' is no secret, and no lie about who it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_with_the_forward_key_of_another_gives_that_node_nothing() {
    let node = impatient().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let (rogue, elsewhere) = (
        Rogue::start(Manner::HangUp).await,
        Rogue::start(Manner::HangUp).await,
    );
    let borrowed = NodeDocument {
        forward_key: ByteArray(*elsewhere.keys.forward_public()),
        ..rogue.document.clone()
    };
    rogue.show(Papers::Whole(signed(borrowed.clone(), &rogue.keys)));
    // It is signed by the node that was asked: the client that trusts its fingerprint may seal to that key.
    assert!(fetch_document(&mut live, &rogue.url).await.is_ok());
    let (sealed, _) = seal(&borrowed, alice.identity(), 0);
    assert!(look_up(&mut live, &rogue.url, &sealed).await.is_err());
    // Nobody but the node that the document is of was asked for anything.
    assert_eq!(rogue.asked_for_more(), 1);
    assert_eq!(
        (elsewhere.asked_for_document(), elsewhere.asked_for_more()),
        (0, 0)
    );
}

/// A peer that claims an address inside the operator's network has nobody look there.
#[tokio::test(flavor = "multi_thread")]
async fn a_peer_that_claims_a_private_address_has_nobody_ask_there() {
    let node = TestNode::with(clock(), |settings| {
        settings.federation.allow_private_networks = false;
        settings.federation.deny = vec!["bad.example".into()];
    })
    .await;
    let rogue = Rogue::start(Manner::HangUp).await;
    let port = rogue.url.port();
    let refused = (403, Some(ProblemCode::PeerRefused));
    for claimed in [
        rogue.url.to_string(),
        format!("https://127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
        format!("https://localhost:{port}"),
        format!("https://a.localhost:{port}"),
        format!("https://[::ffff:127.0.0.1]:{port}"),
        format!("https://[64:ff9b::7f00:1]:{port}"),
        format!("https://[2002:7f00:1::1]:{port}"),
        format!("https://[::1]:{port}"),
        format!("https://0.0.0.0:{port}"),
        "https://169.254.169.254".into(),
        "https://10.0.0.1".into(),
    ] {
        let peer = Peer {
            keys: NodeKeys::from_bytes(&rogue.keys.to_bytes()),
            url: NodeUrl::parse(&claimed).unwrap(),
        };
        assert_eq!(ask(&node, &peer).await, refused, "{claimed}");
    }
    assert_eq!((rogue.asked_for_document(), rogue.asked_for_more()), (0, 0));
}
