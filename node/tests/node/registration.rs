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

/// Anybody can bring somebody's published chain again and again: thousands of signatures each time. A node
/// that has it compares it and verifies nothing, even while it is busy with others.
#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_is_repeated_is_not_verified_again() {
    let node = TestNode::start().await;
    let mut alice = node.person(0).await;
    let older = alice.bundle();
    let rng = &mut random::system();
    let change = RecordChanges {
        recovery: Some(Hash::from_bytes([2; 32])),
        ..RecordChanges::default()
    };
    alice
        .chain
        .append_update(change, &alice.signing, START, rng)
        .unwrap();
    assert_eq!(node.put_identity(&alice).await, (200, None));
    let verifying = &node.node().app().verifying;
    let all = u32::try_from(verifying.available_permits()).unwrap();
    let busy = verifying.acquire_many(all).await.unwrap();
    assert_eq!(node.put_identity(&alice).await, (200, None));
    let stale = (409, Some(ProblemCode::StaleRecord));
    assert_eq!(node.put_bundle(&alice.identity(), older).await, stale);
    // A newer key package of the same chain is one signature.
    let newer = make_key_package(&alice.chain, &alice.signing, 2, START);
    let renewed = Bundle::new(&alice.chain, &newer).to_bytes();
    let put = node.put_bundle(&alice.identity(), renewed.clone()).await;
    assert_eq!(put, (200, None));
    let path = node.at(&format!("/v1/identities/{}", alice.identity()));
    let served = http().get(path).send().await.unwrap().bytes().await;
    assert_eq!(served.unwrap(), renewed);
    // One of the future, which would make all that come before it stale, is not taken.
    let late = make_key_package(&alice.chain, &alice.signing, 9, START + 3 * 86_400_000);
    let future = Bundle::new(&alice.chain, &late).to_bytes();
    let refused = (422, Some(ProblemCode::InvalidRecord));
    let put = node.put_bundle(&alice.identity(), future).await;
    assert_eq!(put, refused);
    // One that was replaced, or of somebody else, is not taken.
    let stale = (409, Some(ProblemCode::StaleKeyPackage));
    assert_eq!(node.put_identity(&alice).await, stale);
    let bob = Person::new(1, &[node.delivery().await], START);
    let foreign = Bundle::new(&alice.chain, &bob.key_package).to_bytes();
    let invalid = (403, Some(ProblemCode::InvalidSignature));
    let refused = node.put_bundle(&alice.identity(), foreign).await;
    assert_eq!(refused, invalid);
    drop(busy);
}

/// Only so many bundles wait to be verified: each of them is in memory.
#[tokio::test(flavor = "multi_thread")]
async fn bundles_that_wait_to_be_verified_are_few() {
    let node = TestNode::start().await;
    let verifying = &node.node().app().verifying;
    let all = u32::try_from(verifying.available_permits()).unwrap();
    let busy = verifying.acquire_many(all).await.unwrap();
    let alice = Person::new(0, &[node.delivery().await], START);
    let path = node.at(&format!("/v1/identities/{}", alice.identity()));
    let puts: Vec<_> = (0..40)
        .map(|_| tokio::spawn(http().put(&path).body(alice.bundle()).send()))
        .collect();
    eventually("most are refused at once", || async {
        puts.iter().filter(|put| put.is_finished()).count() >= 40 - 16
    })
    .await;
    drop(busy);
    let mut taken = 0;
    for put in puts {
        match code(put.await.unwrap().unwrap()).await {
            (200 | 201, None) => taken += 1,
            refused => assert_eq!(refused, (429, Some(ProblemCode::RateLimited))),
        }
    }
    assert!((1..=16).contains(&taken), "{taken}");
}

/// Whoever moves away or recovers must be able to say so, but nobody fills the rest of the disk with it.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_chain_does_not_fill_a_disk_that_is_full() {
    let mut node = TestNode::start().await;
    let mut alice = node.person(0).await;
    node.stop().await;
    node.settings.database.free_bytes = u64::MAX;
    node.start_again().await;
    let rng = &mut random::system();
    let change = RecordChanges {
        recovery: Some(Hash::from_bytes([2; 32])),
        ..RecordChanges::default()
    };
    alice
        .chain
        .append_update(change, &alice.signing, START, rng)
        .unwrap();
    assert_eq!(node.put_identity(&alice).await, (200, None));
    // What it says is not looked at.
    let mut records: Vec<_> = Bundle::new(&alice.chain, &alice.key_package).records;
    records.extend(vec![shared_crypto::cbor::Bytes(vec![1; 16_000]); 20]);
    let long = Bundle {
        records,
        ..Bundle::new(&alice.chain, &alice.key_package)
    };
    let full = (507, Some(ProblemCode::NodeFull));
    let put = node.put_bundle(&alice.identity(), long.to_bytes()).await;
    assert_eq!(put, full);
}
