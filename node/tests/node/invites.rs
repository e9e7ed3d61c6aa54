//! Accounts by invite.

use std::time::Duration;

use shared_crypto::bundle::Bundle;
use shared_crypto::node_document::Registration;
use shared_crypto::problem::ProblemCode;
use zechat_node::clock::Clock as _;
use zechat_node::settings::RegistrationMode;
use zechat_node::store::{CreateInvite, InviteHash, RevokeInvite};

use super::support::*;

async fn node() -> TestNode {
    let by_invite = |settings: &mut zechat_node::settings::Settings| {
        settings.registration.mode = RegistrationMode::Invite;
    };
    TestNode::with(clock(), by_invite).await
}

async fn invite(node: &TestNode, token: [u8; 16], uses: u64) -> u64 {
    let create = CreateInvite {
        hash: InviteHash::of(&token),
        note: "for a friend".into(),
        uses,
        lifetime: 86_400_000,
    };
    node.node().app().store.write(create).await.unwrap().id
}

async fn register(
    node: &TestNode,
    number: usize,
    token: Option<[u8; 16]>,
) -> (u16, Option<ProblemCode>) {
    let person = Person::new(number, &[node.delivery().await], node.clock.now());
    let bundle = Bundle::new(&person.chain, &person.key_package).with_invite(token);
    node.put_bundle(&person.identity(), bundle.to_bytes()).await
}

const REQUIRED: (u16, Option<ProblemCode>) = (403, Some(ProblemCode::InviteRequired));
const INVALID: (u16, Option<ProblemCode>) = (403, Some(ProblemCode::InviteInvalid));
const CREATED: (u16, Option<ProblemCode>) = (201, None);

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_lets_in_as_many_as_it_is_for() {
    let node = node().await;
    assert_eq!(node.document().await.registration, Registration::Invite);
    assert_eq!(register(&node, 0, None).await, REQUIRED);
    assert_eq!(register(&node, 0, Some([9; 16])).await, INVALID);
    invite(&node, [1; 16], 2).await;
    assert_eq!(register(&node, 0, Some([1; 16])).await, CREATED);
    assert_eq!(register(&node, 1, Some([1; 16])).await, CREATED);
    assert_eq!(register(&node, 2, Some([1; 16])).await, INVALID);
    assert!(node.node().app().store.invites().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_an_account_needs_no_invite() {
    let node = node().await;
    invite(&node, [1; 16], 1).await;
    let person = Person::new(0, &[node.delivery().await], node.clock.now());
    let bundle = Bundle::new(&person.chain, &person.key_package).with_invite(Some([1; 16]));
    let identity = person.identity();
    let put = || node.put_bundle(&identity, bundle.to_bytes());
    assert_eq!(put().await, CREATED);
    assert_eq!(put().await, (200, None));
    assert_eq!(node.put_identity(&person).await, (200, None));
    // The token stays between the two of them.
    let path = node.at(&format!("/v1/identities/{}", person.identity()));
    let served = http()
        .get(path)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    assert_eq!(served, person.bundle());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_ends_with_its_time_or_when_it_is_revoked() {
    let node = node().await;
    invite(&node, [1; 16], 5).await;
    let revoked = invite(&node, [2; 16], 5).await;
    let store = &node.node().app().store;
    assert!(store.write(RevokeInvite(revoked)).await.unwrap());
    assert!(!store.write(RevokeInvite(revoked)).await.unwrap());
    assert_eq!(register(&node, 0, Some([2; 16])).await, INVALID);
    assert_eq!(register(&node, 0, Some([1; 16])).await, CREATED);
    node.clock.advance(Duration::from_secs(86_400));
    assert_eq!(register(&node, 1, Some([1; 16])).await, INVALID);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invite_opens_no_closed_node() {
    let closed = |settings: &mut zechat_node::settings::Settings| {
        settings.registration.mode = RegistrationMode::Closed;
    };
    let node = TestNode::with(clock(), closed).await;
    invite(&node, [1; 16], 1).await;
    let refused = (403, Some(ProblemCode::RegistrationClosed));
    assert_eq!(register(&node, 0, Some([1; 16])).await, refused);
}
