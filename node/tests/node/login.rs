//! Logging in on the live socket.

use std::time::Duration;

use shared_crypto::id::{DeviceId, Nonce};
use shared_crypto::live::ClientFrame;
use shared_crypto::login::Login;
use shared_crypto::problem::ProblemCode;
use zechat_node::clock::Clock as _;
use zechat_node::random;

use super::support::*;

/// Logs in with a login that differs from the right one, and returns how the node closes.
async fn refused(
    node: &TestNode,
    person: &Person,
    change: impl FnOnce(&mut Login),
) -> (u16, String) {
    let mut socket = node.socket().await;
    let (nonce, url, fingerprint) = socket.challenge().await;
    let mut login = Login {
        node: url,
        fingerprint,
        nonce,
        identity: person.identity(),
        device: person.device,
        at: node.clock.now(),
    };
    change(&mut login);
    socket.log_in(login, &person.signing).await;
    socket.closed().await
}

fn with(code: ProblemCode) -> (u16, String) {
    (4001, code.as_str().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_opens_the_socket() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    assert_eq!(live.welcome, 0);
    assert_eq!(live.stored().await, []);
    live.nothing().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_for_another_node_is_refused() {
    let node = TestNode::start().await;
    let other = TestNode::start().await;
    let alice = node.person(0).await;
    let url = other.url();
    let fingerprint = other.document().await.fingerprint();
    let answer = refused(&node, &alice, |login| login.node = url.clone()).await;
    assert_eq!(answer, with(ProblemCode::NotThisNode));
    let answer = refused(&node, &alice, |login| login.fingerprint = fingerprint).await;
    assert_eq!(answer, with(ProblemCode::NotThisNode));
    // A whole challenge of another node, passed on
    let mut there = other.socket().await;
    let (nonce, url, fingerprint) = there.challenge().await;
    let answer = refused(&node, &alice, |login| {
        (login.node, login.fingerprint, login.nonce) = (url, fingerprint, nonce);
    })
    .await;
    assert_eq!(answer, with(ProblemCode::NotThisNode));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_serves_its_own_socket_once() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut first = node.socket().await;
    let (nonce, ..) = first.challenge().await;
    let answer = refused(&node, &alice, |login| login.nonce = nonce).await;
    assert_eq!(answer, with(ProblemCode::LoginExpired));
    let answer = refused(&node, &alice, |login| {
        login.nonce = Nonce::from_bytes([0; 32])
    })
    .await;
    assert_eq!(answer, with(ProblemCode::LoginExpired));
    // Twice on its own socket
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let login = shared_crypto::live::Base64Bytes(Vec::new());
    live.socket.send(&ClientFrame::Login { login }).await;
    assert_eq!(live.socket.closed().await.0, 1008);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_by_another_key_is_refused() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut bob = node.person(1).await;
    let alices = alice.identity();
    let answer = refused(&node, &bob, |login| login.identity = alices).await;
    assert_eq!(answer, with(ProblemCode::InvalidSignature));
    bob.chain = alice.chain.clone();
    let answer = refused(&node, &bob, |_| ()).await;
    assert_eq!(answer, with(ProblemCode::InvalidSignature));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_of_another_time_is_refused() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    for at in [START - 300_001, START + 300_001, 0, u64::MAX] {
        let answer = refused(&node, &alice, |login| login.at = at).await;
        assert_eq!(answer, with(ProblemCode::LoginExpired), "{at}");
    }
    Live::connect(&node.url(), &alice, alice.device, START - 300_000).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_without_an_account_is_refused() {
    let node = TestNode::start().await;
    let stranger = Person::new(3, &[node.delivery().await], START);
    let answer = refused(&node, &stranger, |_| ()).await;
    assert_eq!(answer, with(ProblemCode::UnknownIdentity));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_does_not_answer_is_closed() {
    let node = TestNode::start().await;
    let mut socket = node.socket().await;
    socket.challenge().await;
    assert_eq!(socket.frame_within(Duration::from_secs(8)).await, None);
    assert_eq!(socket.closed().await, with(ProblemCode::LoginExpired));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_device_replaces_itself_and_another_does_not() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut first = node.connect(&alice).await;
    first.stored().await;
    let other = DeviceId::from_bytes(random::bytes());
    let mut tablet = Live::connect(&node.url(), &alice, other, START).await;
    tablet.stored().await;
    first.nothing().await;
    let mut second = node.connect(&alice).await;
    second.stored().await;
    assert_eq!(first.socket.closed().await.0, 4003);
    let mailbox = second.mailbox().await;
    let id = message();
    assert_eq!(node.put(&mailbox, &id, &envelope(4096)).await, (201, None));
    assert_eq!(second.pushed().await.message, id);
    assert_eq!(tablet.pushed().await.message, id);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_wants_its_subprotocol_and_its_handshake() {
    let node = TestNode::start().await;
    let plain = http().get(node.at("/v1/live")).send().await.unwrap();
    assert_eq!(code(plain).await, (400, Some(ProblemCode::Malformed)));
    for protocol in [None, Some("other.v1")] {
        let mut request = http()
            .get(node.at("/v1/live"))
            .header("connection", "upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "x3JJHMbDL1EzLkh9GBhXDw==");
        if let Some(protocol) = protocol {
            request = request.header("sec-websocket-protocol", protocol);
        }
        let answer = code(request.send().await.unwrap()).await;
        assert_eq!(answer, (400, Some(ProblemCode::Malformed)), "{protocol:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_goes_down_says_so() {
    let mut node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut live = node.connect(&alice).await;
    live.stored().await;
    let mut waiting = node.socket().await;
    waiting.challenge().await;
    let begun = tokio::time::Instant::now();
    node.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(live.socket.closed().await.0, 1001);
    assert_eq!(waiting.closed().await.0, 1001);
}
