//! Lies about records: what a node answers about an identity that its owner never signed.

use client_core::request::{Answer, Request};
use client_core::view::BodyView;
use shared_crypto::fixtures;
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::record::{Record, RecordKind};
use shared_crypto::rsa_keys::SigningKeyPair;
use shared_crypto::signed::{Signed, sign};
use shared_crypto::time::{DAY, MINUTE};

use super::{forked, held, look_up_again};
use crate::people::{lines, link_of, say, talking, texts};
use crate::world::{Act, World};

/// A name, records from number 0 on, and a key package.
type Lie = (&'static str, Vec<Vec<u8>>, Vec<u8>);

fn flipped(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[at] ^= 1;
    bytes
}

/// What a node can answer about the first person that is not theirs. Their first record is the true one, for those who
/// know it and ask for what came after it.
fn forged_continuations(world: &mut World) -> Vec<Lie> {
    let (chain, package) = held(world, 0, 0);
    let (others, others_package) = held(world, 1, 1);
    let (now, identity) = (world.now, chain.identity());
    let (owner, thief) = (fixtures::signing_key(0), fixtures::signing_key(40));
    let next = Record {
        kind: RecordKind::Update,
        number: 1,
        previous: Some(chain.head()),
        identity: Some(identity),
        signing_key: Some(thief.public().clone()),
        sealing_key: None,
        recovery: None,
        delivery: None,
        signed_at: now,
        recovery_key: None,
    };
    let rng = &mut world.rng;
    let mut signed =
        |record: Record, key: &SigningKeyPair| sign(record, key, rng).unwrap().bytes().to_vec();
    let good = signed(
        Record {
            signing_key: None,
            ..next.clone()
        },
        &owner,
    );
    let by_thief = signed(next.clone(), &thief);
    let of_another = signed(
        Record {
            identity: Some(others.identity()),
            ..next.clone()
        },
        &owner,
    );
    let elsewhere = signed(
        Record {
            previous: Some(others.head()),
            ..next.clone()
        },
        &owner,
    );
    let of_others = signed(
        Record {
            previous: Some(others.head()),
            identity: Some(others.identity()),
            signing_key: None,
            ..next.clone()
        },
        &fixtures::signing_key(1),
    );
    let later = signed(
        Record {
            number: 2,
            signing_key: None,
            ..next
        },
        &owner,
    );
    let keys = ReceiveKeyPair::generate(rng);
    let mut packaged = |key: &SigningKeyPair| {
        let package = KeyPackage::create(identity, 900, &keys, now, key, rng).unwrap();
        package.bytes().to_vec()
    };
    let (true_package, thiefs_package) = (packaged(&owner), packaged(&thief));
    let first = &chain.records()[0];
    let then = |record: Vec<u8>| vec![first.clone(), record];
    let (end, package) = (good.len() - 1, package.bytes().to_vec());
    vec![
        (
            "a flipped bit in the signature",
            then(flipped(&good, end)),
            true_package.clone(),
        ),
        (
            "a flipped bit in what it says",
            then(flipped(&good, 40)),
            true_package.clone(),
        ),
        (
            "a flipped bit in its length",
            then(flipped(&good, 4)),
            true_package.clone(),
        ),
        (
            "a cut record",
            then(good[..end].to_vec()),
            true_package.clone(),
        ),
        (
            "an update by a foreign key",
            then(by_thief),
            thiefs_package.clone(),
        ),
        (
            "an update of another identity",
            then(of_another),
            thiefs_package.clone(),
        ),
        (
            "an update of another chain",
            then(elsewhere),
            thiefs_package.clone(),
        ),
        (
            "the first record exchanged",
            vec![others.records()[0].clone(), of_others],
            others_package.bytes().to_vec(),
        ),
        ("a record left out", then(later), true_package.clone()),
        ("rubbish", then(vec![0xa5; 600]), true_package.clone()),
        ("an empty record", then(Vec::new()), true_package.clone()),
        (
            "a key package by a foreign key",
            vec![first.clone()],
            thiefs_package,
        ),
        (
            "a flipped bit in the key package",
            vec![first.clone()],
            flipped(&true_package, 100),
        ),
        (
            "the key package of another",
            vec![first.clone()],
            others_package.bytes().to_vec(),
        ),
        ("no key package", vec![first.clone()], Vec::new()),
        (
            "a cut key package",
            vec![first.clone()],
            package[..100].to_vec(),
        ),
    ]
}

/// The same for those who know nothing yet: the first record is none of theirs.
fn forged_beginnings(world: &mut World) -> Vec<Lie> {
    let (chain, package) = held(world, 0, 0);
    let (others, others_package) = held(world, 1, 1);
    let thief = fixtures::signing_key(40);
    let first = &chain.records()[0];
    let genesis = Signed::<Record>::parse(first).unwrap().unverified().clone();
    // The identity is the hash of what it says, which is the same.
    let by_thief = sign(genesis.clone(), &thief, &mut world.rng).unwrap();
    let of_thief = Record {
        signing_key: Some(thief.public().clone()),
        ..genesis
    };
    let of_thief = sign(of_thief, &thief, &mut world.rng).unwrap();
    let (end, package) = (first.len() - 1, package.bytes().to_vec());
    let others_package = others_package.bytes().to_vec();
    vec![
        (
            "a flipped bit in the signature",
            vec![flipped(first, end)],
            package.clone(),
        ),
        (
            "a flipped bit in what it says",
            vec![flipped(first, 60)],
            package.clone(),
        ),
        ("a cut record", vec![first[..end].to_vec()], package.clone()),
        (
            "signed by a foreign key",
            vec![by_thief.bytes().to_vec()],
            package.clone(),
        ),
        (
            "with a foreign key",
            vec![of_thief.bytes().to_vec()],
            package.clone(),
        ),
        (
            "the first record exchanged",
            others.records().to_vec(),
            others_package.clone(),
        ),
        (
            "another first record before it",
            vec![others.records()[0].clone(), first.clone()],
            package.clone(),
        ),
        (
            "the same record twice",
            vec![first.clone(), first.clone()],
            package,
        ),
        (
            "the key package of another",
            vec![first.clone()],
            others_package,
        ),
        ("nothing", Vec::new(), Vec::new()),
        ("rubbish", vec![vec![0xa5; 600]], vec![0xa5; 600]),
    ]
}

/// None of it verifies: the contact stays as it is, nothing is shown, and what is said waits or goes where it went before.
#[test]
fn a_node_that_forges_what_follows_a_record_is_not_believed() {
    let mut world = talking(3);
    let identity = held(&world, 0, 0).0.identity();
    world.switch_off(0);
    world.run_for(10 * DAY);
    for (name, records, package) in forged_continuations(&mut world) {
        world.nodes[0].lies.insert(identity, (records, package));
        let (before, lied) = (
            world.people[1].app.conversations[0].contact.clone(),
            world.nodes[0].lied,
        );
        world.run_for(DAY);
        say(&mut world, 1, 0, name);
        world.run_for(5 * MINUTE);
        assert!(world.nodes[0].lied > lied, "{name}: nobody asked");
        let contact = &world.people[1].app.conversations[0].contact;
        assert_eq!(*contact, before, "{name}");
        for kind in [BodyView::Forked, BodyView::KeyChanged { recovered: false }] {
            let shown = lines(&mut world, 1, 0, |body| *body == kind);
            assert_eq!(shown, 0, "{name}");
        }
    }
    world.nodes[0].lies.clear();
    say(&mut world, 1, 0, "are you there");
    world.switch_on(0);
    world.run_for(DAY);
    assert!(texts(&mut world, 0, 1).contains(&"are you there".to_owned()));
    // What the owner's key has signed is believed, in the same place.
    let (old, _) = held(&world, 0, 0);
    let (chain, package) = forked(&mut world, 0, &old);
    world.nodes[0].serve(chain, package);
    look_up_again(&mut world, 1, 0);
    let changed = BodyView::KeyChanged { recovered: false };
    assert_eq!(lines(&mut world, 1, 0, |body| *body == changed), 1);
}

#[test]
fn a_node_that_forges_a_beginning_introduces_nobody() {
    let mut world = talking(3);
    let identity = held(&world, 0, 0).0.identity();
    let link = link_of(&world, 0);
    let stranger = world.add_person();
    world.act_after(0, stranger, Act::Create { node: 1 });
    world.run_for(MINUTE);
    for (name, records, package) in forged_beginnings(&mut world) {
        world.nodes[0].lies.insert(identity, (records, package));
        let lied = world.nodes[0].lied;
        let link = link.clone();
        let answer = world.ask(stranger, Request::OpenLink { link });
        assert!(matches!(answer, Answer::Failed(_)), "{name}: {answer:?}");
        assert!(world.nodes[0].lied > lied, "{name}: nobody asked");
        assert_eq!(world.people[stranger].app.conversations.len(), 0, "{name}");
    }
    world.nodes[0].lies.clear();
    let answer = world.ask(stranger, Request::OpenLink { link });
    assert!(matches!(answer, Answer::Contact(_)), "{answer:?}");
}

#[test]
fn a_node_that_serves_a_forged_record_is_not_believed() {
    let mut world = talking(3);
    let (chain, _) = held(&world, 0, 0);
    // Nothing of it is forged: it is another identity's, whole.
    let other = held(&world, 1, 1);
    let identity = chain.identity();
    world.nodes[0].impersonate(identity, other);
    let before = world.people[1].app.conversations[0].contact.clone();
    look_up_again(&mut world, 1, 0);
    assert_eq!(world.people[1].app.conversations[0].contact, before);
    for kind in [BodyView::Forked, BodyView::KeyChanged { recovered: false }] {
        assert_eq!(lines(&mut world, 1, 0, |body| *body == kind), 0);
    }
}
