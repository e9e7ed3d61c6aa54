//! Owners who move to another node, and keys that are replaced.

use shared_crypto::bundle::Bundle;
use shared_crypto::id::Hash;
use shared_crypto::live::MailboxKind;
use shared_crypto::login::Login;
use shared_crypto::problem::ProblemCode;
use shared_crypto::record::{Chain, Delivery, DeliveryState, RecordChanges, RecoveryChanges};
use shared_crypto::recovery::RecoveryPhrase;
use shared_crypto::rsa_keys::SigningKeyPair;
use zechat_node::clock::Clock;
use zechat_node::random;

use super::support::*;

impl Person {
    fn relocate(&mut self, delivery: Vec<Delivery>) {
        let changes = RecordChanges {
            delivery: Some(delivery),
            ..RecordChanges::default()
        };
        let rng = &mut random::system();
        self.chain
            .append_update(changes, &self.signing, START, rng)
            .unwrap();
    }

    fn rotate(&mut self, new: SigningKeyPair, epoch: u64) {
        let changes = RecordChanges {
            signing_key: Some(new.public().clone()),
            ..RecordChanges::default()
        };
        let rng = &mut random::system();
        self.chain
            .append_update(changes, &self.signing, START, rng)
            .unwrap();
        self.key_package = make_key_package(&self.chain, &new, epoch, START);
        self.signing = new;
    }
}

fn other_key() -> SigningKeyPair {
    shared_crypto::fixtures::signing_key(10)
}

async fn served(node: &TestNode, person: &Person) -> Vec<u8> {
    let path = node.at(&format!("/v1/identities/{}", person.identity()));
    let answer = http().get(path).send().await.unwrap();
    answer.bytes().await.unwrap().to_vec()
}

async fn refused_login(node: &TestNode, person: &Person, key: &SigningKeyPair) -> (u16, String) {
    let mut socket = node.socket().await;
    let (nonce, url, fingerprint) = socket.challenge().await;
    let login = Login {
        node: url,
        fingerprint,
        nonce,
        identity: person.identity(),
        device: person.device,
        at: node.clock.now(),
    };
    socket.log_in(login, key).await;
    socket.closed().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draining_node_takes_mail_and_one_that_was_left_says_so() {
    let (old, new) = (TestNode::start().await, TestNode::start().await);
    let mut alice = old.person(0).await;
    let mut device = old.connect(&alice).await;
    assert_eq!(device.stored().await, []);
    let mailbox = device.mailbox().await;

    let mut here = alice.chain.delivery()[0].clone();
    here.state = DeliveryState::Draining;
    alice.relocate(vec![here, new.delivery().await]);
    assert_eq!(old.put_identity(&alice).await, (200, None));
    assert_eq!(new.put_identity(&alice).await, (201, None));
    let known = message();
    assert_eq!(
        old.put(&mailbox, &known, &envelope(4096)).await,
        (201, None)
    );
    assert_eq!(device.pushed().await.message, known);

    alice.relocate(vec![new.delivery().await]);
    assert_eq!(old.put_identity(&alice).await, (200, None));
    let moved = (410, Some(ProblemCode::MailboxMoved));
    assert_eq!(
        old.put(&mailbox, &message(), &envelope(4096)).await,
        moved,
        "a contact"
    );
    assert_eq!(
        old.put(&alice.intro(), &message(), &first_contact()).await,
        (404, Some(ProblemCode::UnknownMailbox)),
        "the mailbox at the new node is not one of this node"
    );
    assert_eq!(
        old.put(&mailbox, &known, &envelope(4096)).await,
        (200, None),
        "what was accepted stays accepted"
    );
    // Whoever was sent away finds the way.
    assert_eq!(served(&old, &alice).await, alice.bundle());
    // What is stored stays until it was fetched, also for a connection that comes later.
    let mut again = old.connect(&alice).await;
    let stored = again.stored().await;
    assert_eq!(stored.len(), 1);
    again.ack(stored[0].cursor).await;
    again.settle().await;
    assert_eq!(old.connect(&alice).await.stored().await, []);
    // And back.
    alice.relocate(vec![old.delivery().await]);
    assert_eq!(old.put_identity(&alice).await, (200, None));
    assert_eq!(
        old.put(&mailbox, &message(), &envelope(4096)).await,
        (201, None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_learns_from_their_own_node_that_somebody_moved() {
    let (old, new, home) = (
        TestNode::start().await,
        TestNode::start().await,
        TestNode::start().await,
    );
    let mut alice = old.person(0).await;
    let mailbox = old.connect(&alice).await.mailbox_after_mail().await;
    alice.relocate(vec![new.delivery().await]);
    assert_eq!(old.put_identity(&alice).await, (200, None));

    let bob = home.person(1).await;
    let mut bob = home.connect(&bob).await;
    assert_eq!(bob.stored().await, []);
    let submission = submission();
    let boxed = boxed(&old.document().await, &mailbox, &message());
    bob.submit(submission, &old.url(), &boxed).await;
    assert_eq!(bob.accepted().await, [submission]);
    assert_eq!(
        bob.outcome().await,
        (submission, Some(ProblemCode::MailboxMoved))
    );
}

impl Live {
    async fn mailbox_after_mail(mut self) -> shared_crypto::id::MailboxId {
        self.stored().await;
        let mailbox = mailbox();
        let add = [(mailbox, MailboxKind::Contact)];
        assert_eq!(self.change(&add, &[]).await, Ok(()));
        mailbox
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_key_ends_its_connections_and_cannot_log_in_again() {
    let node = TestNode::start().await;
    let mut alice = node.person(0).await;
    let stolen = alice.signing.clone();
    let mut copy = node.connect(&alice).await;
    assert_eq!(copy.stored().await, []);
    alice.rotate(other_key(), 2);
    assert_eq!(node.put_identity(&alice).await, (200, None));
    let locked_out = (4001, "key_replaced".to_owned());
    assert_eq!(copy.socket.closed().await, locked_out);
    assert_eq!(refused_login(&node, &alice, &stolen).await, locked_out);
    let stranger = shared_crypto::fixtures::signing_key(11);
    assert_eq!(
        refused_login(&node, &alice, &stranger).await,
        (4001, "invalid_signature".to_owned())
    );
    node.connect(&alice).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_without_a_new_key_ends_no_connection() {
    let node = TestNode::start().await;
    let mut alice = node.person(0).await;
    let mut device = node.connect(&alice).await;
    assert_eq!(device.stored().await, []);
    alice.relocate(vec![node.delivery().await]);
    assert_eq!(node.put_identity(&alice).await, (200, None));
    device.nothing().await;
    device.settle().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_new_signing_key_only_its_key_packages_count_whatever_their_number() {
    let node = TestNode::start().await;
    let mut alice = node.person(0).await;
    alice.key_package = make_key_package(&alice.chain, &alice.signing, 9, START);
    assert_eq!(node.put_identity(&alice).await, (200, None));
    // Whoever recovered from the phrase alone does not know how far the numbers had come.
    alice.rotate(other_key(), 1);
    assert_eq!(node.put_identity(&alice).await, (200, None));
    assert_eq!(served(&node, &alice).await, alice.bundle());
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_corrects_a_node_need_not_know_the_newest_key_package() {
    let node = TestNode::start().await;
    let mut alice = node.person(0).await;
    let known_to_a_contact = alice.key_package.clone();
    alice.key_package = make_key_package(&alice.chain, &alice.signing, 2, START);
    assert_eq!(node.put_identity(&alice).await, (200, None));
    alice.relocate(vec![node.delivery().await]);
    let correction = Bundle::new(&alice.chain, &known_to_a_contact).to_bytes();
    assert_eq!(
        node.put_bundle(&alice.identity(), correction.clone()).await,
        (200, None)
    );
    assert_eq!(served(&node, &alice).await, alice.bundle());
    // Without a newer record it is just an old package.
    let stale = (409, Some(ProblemCode::StaleKeyPackage));
    assert_eq!(node.put_bundle(&alice.identity(), correction).await, stale);
}

/// A thief's records, the owner's recovery over them, and the keys that the owner has then.
struct Recovery {
    owner: Person,
    thief: Vec<u8>,
    recovered: Vec<u8>,
    key: SigningKeyPair,
}

impl Recovery {
    fn new(mut owner: Person, phrase: &RecoveryPhrase, stolen_at: u64, recovered_at: u64) -> Self {
        let rng = &mut random::system();
        let mut thief = owner.chain.clone();
        let changes = RecordChanges {
            signing_key: Some(shared_crypto::fixtures::signing_key(12).public().clone()),
            ..RecordChanges::default()
        };
        thief
            .append_update(changes, &owner.signing, stolen_at, rng)
            .unwrap();
        let stolen = shared_crypto::fixtures::signing_key(12);
        let thief_package = make_key_package(&thief, &stolen, 50, START);
        let (key, sealing) = shared_crypto::fixtures::person(13);
        let changes = RecoveryChanges {
            signing_key: key.public().clone(),
            sealing_key: sealing.public().clone(),
            recovery: Hash::from_bytes([4; 32]),
            delivery: None,
        };
        owner
            .chain
            .append_recovery(changes, &phrase.recovery_key(), recovered_at, rng)
            .unwrap();
        owner.key_package = make_key_package(&owner.chain, &key, 1, START);
        Self {
            thief: Bundle::new(&thief, &thief_package).to_bytes(),
            recovered: owner.bundle(),
            owner,
            key,
        }
    }
}

/// What a thief with the signing key makes: a recovery by a key that the thief committed to.
fn stolen_and_recovered(owner: &Person) -> Vec<u8> {
    let rng = &mut random::system();
    let phrase = RecoveryPhrase::generate(rng);
    let mut chain = owner.chain.clone();
    let changes = RecordChanges {
        recovery: Some(phrase.commitment()),
        ..RecordChanges::default()
    };
    chain
        .append_update(changes, &owner.signing, START, rng)
        .unwrap();
    let (key, sealing) = shared_crypto::fixtures::person(12);
    let changes = RecoveryChanges {
        signing_key: key.public().clone(),
        sealing_key: sealing.public().clone(),
        recovery: Hash::from_bytes([4; 32]),
        delivery: None,
    };
    chain
        .append_recovery(changes, &phrase.recovery_key(), START, rng)
        .unwrap();
    let package = make_key_package(&chain, &key, 50, START);
    Bundle::new(&chain, &package).to_bytes()
}

async fn recoverable(node: &TestNode) -> (Person, RecoveryPhrase) {
    let rng = &mut random::system();
    let phrase = RecoveryPhrase::generate(rng);
    let (signing, sealing) = shared_crypto::fixtures::person(0);
    let commitment = shared_crypto::record::recovery_commitment(&phrase.recovery_key().public());
    let delivery = vec![node.delivery().await];
    let chain =
        Chain::create(&signing, sealing.public(), commitment, delivery, START, rng).unwrap();
    let person = Person {
        key_package: make_key_package(&chain, &signing, 1, START),
        signing,
        chain,
        device: shared_crypto::id::DeviceId::from_bytes(random::bytes()),
    };
    assert_eq!(node.put_identity(&person).await, (201, None));
    (person, phrase)
}

const HOUR: u64 = 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_overrules_a_thief_within_72_hours() {
    let node = TestNode::start().await;
    let (alice, phrase) = recoverable(&node).await;
    let stolen = alice.signing.clone();
    // The thief says that it was long ago.
    let mut it = Recovery::new(alice, &phrase, START - 1_000 * HOUR, START + 71 * HOUR);
    let identity = it.owner.identity();
    assert_eq!(
        node.put_bundle(&identity, it.thief.clone()).await,
        (200, None)
    );
    let thief = shared_crypto::fixtures::signing_key(12);
    let mut copy = {
        let mut person = Person {
            signing: thief,
            ..it.owner
        };
        let live = node.connect(&person).await;
        person.signing = it.key.clone();
        it.owner = person;
        live
    };
    assert_eq!(copy.stored().await, []);
    assert_eq!(
        node.put_bundle(&identity, it.recovered.clone()).await,
        (200, None)
    );
    assert_eq!(
        copy.socket.closed().await,
        (4001, "key_replaced".to_owned())
    );
    assert_eq!(served(&node, &it.owner).await, it.recovered);
    node.connect(&it.owner).await;
    // Nothing brings the thief's records back.
    let forked = (409, Some(ProblemCode::ForkedRecord));
    assert_eq!(node.put_bundle(&identity, it.thief).await, forked);
    let locked_out = (4001, "key_replaced".to_owned());
    assert_eq!(refused_login(&node, &it.owner, &stolen).await, locked_out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thiefs_own_recovery_neither_overrules_nor_withstands_the_owners() {
    let forked = (409, Some(ProblemCode::ForkedRecord));
    // Against what the owner signed.
    let node = TestNode::start().await;
    let (mut owner, _) = recoverable(&node).await;
    let (identity, stolen) = (owner.identity(), stolen_and_recovered(&owner));
    owner.rotate(other_key(), 2);
    assert_eq!(node.put_identity(&owner).await, (200, None));
    assert_eq!(node.put_bundle(&identity, stolen).await, forked);
    assert_eq!(served(&node, &owner).await, owner.bundle());
    // At a node that the thief reached first.
    let node = TestNode::start().await;
    let (alice, phrase) = recoverable(&node).await;
    let (identity, stolen) = (alice.identity(), stolen_and_recovered(&alice));
    assert_eq!(
        node.put_bundle(&identity, stolen.clone()).await,
        (200, None)
    );
    let it = Recovery::new(alice, &phrase, START, START + 71 * HOUR);
    assert_eq!(
        node.put_bundle(&identity, it.recovered.clone()).await,
        (200, None)
    );
    assert_eq!(node.put_bundle(&identity, stolen).await, forked);
    assert_eq!(served(&node, &it.owner).await, it.recovered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recovery_after_72_hours_is_a_fork_like_any_other() {
    let node = TestNode::start().await;
    let (alice, phrase) = recoverable(&node).await;
    let it = Recovery::new(alice, &phrase, START, START + 72 * HOUR + 1);
    let identity = it.owner.identity();
    assert_eq!(
        node.put_bundle(&identity, it.thief.clone()).await,
        (200, None)
    );
    let forked = (409, Some(ProblemCode::ForkedRecord));
    assert_eq!(node.put_bundle(&identity, it.recovered).await, forked);
    assert_eq!(served(&node, &it.owner).await, it.thief);
}
