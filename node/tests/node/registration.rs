//! Accounts, records and key packages.

use shared_crypto::bundle::Bundle;
use shared_crypto::id::{Hash, IdentityId};
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::{Chain, RecordChanges};
use zechat_node::random;
use zechat_node::settings::RegistrationMode;

use super::support::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_identity_is_registered_once_and_served_to_everybody() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    assert_eq!(node.put_identity(&alice).await, (200, None));
    let path = node.at(&format!("/v1/identities/{}", alice.identity()));
    let response = http().get(path).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "application/cbor");
    assert_eq!(response.bytes().await.unwrap(), alice.bundle());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_identity_is_not_found() {
    let node = TestNode::start().await;
    let path = node.at(&format!(
        "/v1/identities/{}",
        IdentityId::from_bytes([7; 32])
    ));
    let response = http().get(path).send().await.unwrap();
    assert_eq!(code(response).await, (404, Some(ProblemCode::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_verify_is_not_stored() {
    let node = TestNode::start().await;
    let alice = Person::new(0, &[node.delivery().await], START);
    let mut broken = alice.bundle();
    let middle = broken.len() / 2;
    broken[middle] ^= 1;
    let (status, _) = node.put_bundle(&alice.identity(), broken).await;
    assert!(status >= 400);
    // The key package of somebody else
    let bob = Person::new(1, &[node.delivery().await], START);
    let mixed = Bundle::new(&alice.chain, &bob.key_package).to_bytes();
    let refused = (403, Some(ProblemCode::InvalidSignature));
    assert_eq!(node.put_bundle(&alice.identity(), mixed).await, refused);
    // Under another's id
    let refused = (422, Some(ProblemCode::InvalidRecord));
    assert_eq!(
        node.put_bundle(&bob.identity(), alice.bundle()).await,
        refused
    );
    let malformed = (400, Some(ProblemCode::Malformed));
    assert_eq!(
        node.put_bundle(&alice.identity(), vec![0xff; 100]).await,
        malformed
    );
    assert_eq!(
        node.put_bundle(&alice.identity(), Vec::new()).await,
        malformed
    );
    let path = node.at(&format!("/v1/identities/{}", alice.identity()));
    assert_eq!(http().get(path).send().await.unwrap().status(), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_names_another_node_is_for_another_node() {
    let node = TestNode::start().await;
    let other = TestNode::start().await;
    let alice = Person::new(0, &[other.delivery().await], START);
    let refused = (421, Some(ProblemCode::NotThisNode));
    assert_eq!(node.put_identity(&alice).await, refused);
    // The right URL with another key is another node as well.
    let mut delivery = node.delivery().await;
    delivery.fingerprint = other.document().await.fingerprint();
    let alice = Person::new(0, &[delivery], START);
    assert_eq!(node.put_identity(&alice).await, refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_node_takes_nobody_new() {
    let mut node = TestNode::start().await;
    let alice = node.person(0).await;
    node.settings.registration.mode = RegistrationMode::Closed;
    node.stop().await;
    node.start_again().await;
    assert_eq!(node.put_identity(&alice).await, (200, None));
    let bob = Person::new(1, &[node.delivery().await], START);
    assert_eq!(
        node.put_identity(&bob).await,
        (403, Some(ProblemCode::RegistrationClosed))
    );
    // Of an unknown identity nothing is verified.
    assert_eq!(
        node.put_bundle(&bob.identity(), vec![0xff; 100]).await,
        (403, Some(ProblemCode::RegistrationClosed))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_goes_forward_only() {
    let node = TestNode::start().await;
    let mut alice = node.person(0).await;
    let old = alice.bundle();
    let mut fork = alice.chain.clone();
    let rng = &mut random::system();
    let change = |byte| RecordChanges {
        recovery: Some(Hash::from_bytes([byte; 32])),
        ..RecordChanges::default()
    };
    alice
        .chain
        .append_update(change(2), &alice.signing, START, rng)
        .unwrap();
    fork.append_update(change(3), &alice.signing, START, rng)
        .unwrap();
    assert_eq!(node.put_identity(&alice).await, (200, None));
    let stale = (409, Some(ProblemCode::StaleRecord));
    assert_eq!(node.put_bundle(&alice.identity(), old).await, stale);
    let forked = (409, Some(ProblemCode::ForkedRecord));
    let bundle = |chain: &Chain| Bundle::new(chain, &alice.key_package).to_bytes();
    assert_eq!(
        node.put_bundle(&alice.identity(), bundle(&fork)).await,
        forked
    );
    fork.append_update(change(4), &alice.signing, START, rng)
        .unwrap();
    assert_eq!(
        node.put_bundle(&alice.identity(), bundle(&fork)).await,
        forked
    );
    let path = node.at(&format!("/v1/identities/{}", alice.identity()));
    let served = http()
        .get(path)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(served, alice.bundle());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_package_goes_forward_only() {
    let node = TestNode::start().await;
    let mut alice = node.person(0).await;
    let first = alice.bundle();
    alice.key_package = make_key_package(&alice.chain, &alice.signing, 5, START);
    assert_eq!(node.put_identity(&alice).await, (200, None));
    let stale = (409, Some(ProblemCode::StaleKeyPackage));
    assert_eq!(node.put_bundle(&alice.identity(), first).await, stale);
    let newest = alice.bundle();
    alice.key_package = make_key_package(&alice.chain, &alice.signing, 5, START);
    assert_eq!(node.put_identity(&alice).await, stale);
    let path = node.at(&format!("/v1/identities/{}", alice.identity()));
    assert_eq!(
        http()
            .get(path)
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap(),
        newest
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_new_signing_key_logs_in_and_the_old_one_does_not() {
    let node = TestNode::start().await;
    let mut alice = node.person(0).await;
    let (new, _) = shared_crypto::fixtures::person(10);
    let change = RecordChanges {
        signing_key: Some(new.public().clone()),
        ..RecordChanges::default()
    };
    let rng = &mut random::system();
    alice
        .chain
        .append_update(change, &alice.signing, START, rng)
        .unwrap();
    alice.key_package = make_key_package(&alice.chain, &new, 2, START);
    assert_eq!(node.put_identity(&alice).await, (200, None));
    let mut socket = node.socket().await;
    let (nonce, url, fingerprint) = socket.challenge().await;
    let login = shared_crypto::login::Login {
        node: url,
        fingerprint,
        nonce,
        identity: alice.identity(),
        device: alice.device,
        at: START,
    };
    socket.log_in(login, &alice.signing).await;
    assert_eq!(socket.closed().await, (4001, "key_replaced".into()));
    alice.signing = new;
    node.connect(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn anothers_intro_mailbox_cannot_be_claimed() {
    let node = TestNode::start().await;
    let alice = node.person(0).await;
    let mut delivery = node.delivery().await;
    delivery.intro = alice.intro();
    let bob = Person::new(1, &[delivery], START);
    assert_eq!(
        node.put_identity(&bob).await,
        (403, Some(ProblemCode::Unauthorized))
    );
    let path = node.at(&format!("/v1/identities/{}", bob.identity()));
    assert_eq!(http().get(path).send().await.unwrap().status(), 404);
}
