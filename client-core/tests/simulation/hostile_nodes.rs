//! Nodes that do what no node should: each test is named after the behaviour.

use client_core::driver::Frame;
use client_core::request::{Answer, Removal, Request};
use client_core::view::{BodyView, DeliveryView, EntryView, NodeStep};
use shared_crypto::fixtures;
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::live::NodeBinary;
use shared_crypto::record::{Chain, Record, RecordChanges, RecordKind};
use shared_crypto::rsa_keys::SigningKeyPair;
use shared_crypto::signed::{Signed, Verified, sign};
use shared_crypto::time::{DAY, HOUR, MINUTE, SECOND};

use crate::node::Manner;
use crate::people::{add, lines, say, steps, talking, texts};
use crate::world::{Act, World};

/// What a node holds of a person.
pub fn held(world: &World, node: usize, who: usize) -> (Chain, Verified<KeyPackage>) {
    let identity = world.people[who].app.me.as_ref().unwrap().identity;
    world.nodes[node].account(&identity).clone()
}

/// Records that somebody with a person's first signing key signs on top of what they had.
pub fn forked(world: &mut World, who: usize, from: &Chain) -> (Chain, Verified<KeyPackage>) {
    let mut chain = from.clone();
    let thief = fixtures::signing_key(40);
    let changes = RecordChanges {
        signing_key: Some(thief.public().clone()),
        ..RecordChanges::default()
    };
    let (now, owner) = (world.now, fixtures::signing_key(who));
    chain
        .append_update(changes, &owner, now, &mut world.rng)
        .unwrap();
    let keys = ReceiveKeyPair::generate(&mut world.rng);
    let package =
        KeyPackage::create(chain.identity(), 900, &keys, now, &thief, &mut world.rng).unwrap();
    (chain, package)
}

fn move_away(world: &mut World, who: usize, from: usize, to: usize) {
    let (from, to) = (
        world.nodes[from].url.to_string(),
        world.nodes[to].url.to_string(),
    );
    assert_eq!(world.ask(who, Request::Move { from, to }), Answer::Done);
    world.run_for(5 * MINUTE);
}

fn remove(world: &mut World, who: usize, node: usize) {
    let (node, when) = (world.nodes[node].url.to_string(), Removal::AtOnce);
    assert_eq!(
        world.ask(who, Request::RemoveNode { node, when }),
        Answer::Done
    );
    world.run_for(5 * MINUTE);
}

/// Has a person look the other one up again: their key package is long due.
pub fn look_up_again(world: &mut World, who: usize, whom: usize) {
    world.switch_off(whom);
    world.run_for(10 * DAY);
    say(world, who, whom, "are you there");
    world.run_for(5 * MINUTE);
}

/// Runs on, and ends as soon as the first node is given records, or asked to let somebody in, more often than it should: a
/// storm takes its time here, too. How often each was.
pub fn run_unstormed(world: &mut World, time: u64, given: usize, logins: usize) -> (usize, usize) {
    let now = |world: &World| (world.nodes[0].given, world.nodes[0].logins);
    let before = now(world);
    for _ in 0..time / SECOND {
        world.run_for(SECOND);
        let after = (now(world).0 - before.0, now(world).1 - before.1);
        assert!(after.0 <= given, "given records {} times", after.0);
        assert!(after.1 <= logins, "{} logins", after.1);
    }
    (now(world).0 - before.0, now(world).1 - before.1)
}

#[test]
fn a_node_that_serves_the_old_record_changes_nothing() {
    let mut world = talking(3);
    let old = held(&world, 0, 0);
    move_away(&mut world, 0, 0, 2);
    world.nodes[0].serve(old.0, old.1);
    let node = world.people[1].app.conversations[0].contact.node.clone();
    assert_eq!(node, world.nodes[2].url.to_string());
    look_up_again(&mut world, 1, 0);
    // The contact pinned the newer record and does not go back.
    let contact = world.people[1].app.conversations[0].contact.clone();
    assert_eq!(contact.node, world.nodes[2].url.to_string());
    assert!(!contact.forked);
    world.switch_on(0);
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "are you there");
}

#[test]
fn a_node_that_was_set_back_is_corrected_by_the_client() {
    let mut world = talking(3);
    let old = held(&world, 0, 0);
    add(&mut world, 0, 2);
    world.run_for(5 * MINUTE);
    let newest = held(&world, 2, 0).0.head();
    world.nodes[0].serve(old.0, old.1);
    world.crash_node_after(DAY, 0);
    world.run_for(DAY + 10 * MINUTE);
    assert_eq!(held(&world, 0, 0).0.head(), newest);
}

#[test]
fn a_node_that_drops_mail_is_outdone_by_the_other() {
    let mut world = talking(3);
    add(&mut world, 0, 2);
    world.run_for(5 * MINUTE);
    world.nodes[0].swallows = true;
    for number in 0..5 {
        say(&mut world, 1, 0, &format!("message {number}"));
        world.run_for(MINUTE);
    }
    let all = texts(&mut world, 0, 1);
    assert_eq!(all.len(), 7, "{all:?}");
    assert_eq!(
        lines(&mut world, 0, 1, |body| matches!(
            body,
            BodyView::Gap { .. }
        )),
        0
    );
}

#[test]
fn a_node_that_replays_mail_shows_nothing_twice() {
    let mut world = talking(3);
    add(&mut world, 0, 2);
    world.run_for(5 * MINUTE);
    say(&mut world, 1, 0, "once");
    world.run_for(MINUTE);
    let before = world.conversation(0, 1);
    let heard: Vec<_> = world
        .heard
        .iter()
        .filter(|(who, _)| *who == 0)
        .map(|(_, frame)| frame.clone())
        .collect();
    for frame in heard {
        if matches!(&frame, client_core::driver::Frame::Binary(bytes) if bytes[0] == 1) {
            world.inject(0, frame);
        }
    }
    world.run_for(MINUTE);
    assert_eq!(world.conversation(0, 1), before);
}

/// The other of two homes brings the message. What nobody can read is left under its id, as if it were of a stranger.
#[test]
fn a_node_that_leaves_rubbish_under_the_id_of_a_message_is_outdone_by_the_other() {
    let mut world = talking(3);
    add(&mut world, 0, 2);
    world.run_for(5 * MINUTE);
    world.switch_off(0);
    say(&mut world, 1, 0, "read this");
    world.run_for(5 * MINUTE);
    let left = world.nodes[2].waiting();
    assert_eq!(left, world.nodes[0].waiting());
    // The first node keeps them for itself, and the other is away while it leaves something else.
    world.nodes[0].forget_mail();
    world.kill_node(2);
    world.switch_on(0);
    world.run_for(5 * SECOND);
    let mut rubbish = vec![0; 16_384];
    rubbish[..2].copy_from_slice(&[1, 1]);
    rubbish[18 + 1_120..18 + 1_122].copy_from_slice(&384_u16.to_be_bytes());
    for (mailbox, message_id) in left {
        let frame = NodeBinary::Envelope {
            cursor: 1,
            arrived_at: world.now,
            mailbox,
            message_id,
            envelope: &rubbish,
        };
        world.inject(0, Frame::Binary(frame.encode()));
    }
    assert!(world.people[0].app.dropped.unreadable > 0);
    world.revive_node(2);
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "read this");
}

/// Each time it lets us in, says that it does not know us, and says that it took our records.
#[test]
fn a_node_that_lets_somebody_in_and_then_knows_nobody_is_told_ever_more_seldom() {
    let mut world = talking(2);
    world.nodes[0].manner = Manner::Disowns;
    world.crash_node_after(0, 0);
    let (given, logins) = run_unstormed(&mut world, 12 * HOUR, 20, 45);
    assert!(given >= 8 && logins >= 8, "{given}, {logins}");
    world.nodes[0].manner = Manner::True;
    world.run_for(2 * HOUR);
    say(&mut world, 1, 0, "back again");
    world.run_for(2 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "back again");
    // After a good day it is told at once again.
    world.run_for(2 * DAY);
    world.nodes[0].forget_everything();
    world.crash_node_after(0, 0);
    world.run_for(2 * MINUTE);
    say(&mut world, 1, 0, "and again");
    world.run_for(2 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "and again");
}

/// Each time it says that it took them, and that the key was replaced, and has what it had.
#[test]
fn a_node_that_keeps_older_records_is_given_newer_ones_ever_more_seldom() {
    let mut world = talking(2);
    world.nodes[0].deaf = true;
    assert_eq!(world.ask(0, Request::RotateKeys), Answer::Done);
    world.crash_node_after(0, 0);
    let (given, logins) = run_unstormed(&mut world, 12 * HOUR, 20, 45);
    assert!(given >= 8 && logins >= 8, "{given}, {logins}");
    world.nodes[0].deaf = false;
    world.run_for(2 * HOUR);
    say(&mut world, 1, 0, "back again");
    world.run_for(2 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "back again");
}

#[test]
fn a_node_that_lets_somebody_in_and_hangs_up_is_not_stormed() {
    let mut world = talking(2);
    world.nodes[0].manner = Manner::HangsUp;
    world.crash_node_after(0, 0);
    let (_, logins) = run_unstormed(&mut world, 2 * HOUR, 20, 250);
    assert!(logins >= 100, "{logins}");
    world.nodes[0].manner = Manner::True;
    world.run_for(2 * MINUTE);
    say(&mut world, 1, 0, "back again");
    world.run_for(2 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "back again");
    // Whoever was in for a while comes back at once.
    let before = world.nodes[0].logins;
    world.crash_node_after(0, 0);
    world.run_for(5 * SECOND);
    assert_eq!(world.nodes[0].logins, before + 1);
}

#[test]
fn a_node_that_refuses_to_let_go_cannot_hold_anybody() {
    let mut world = talking(3);
    // It says that it took the newer records, and goes on as before.
    world.nodes[0].deaf = true;
    move_away(&mut world, 0, 0, 2);
    remove(&mut world, 0, 0);
    assert_eq!(held(&world, 0, 0).0.number(), 0);
    say(&mut world, 1, 0, "found you");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "found you");
    world.run_for(30 * DAY);
    assert_eq!(steps(&world, 0), [NodeStep::Active]);
    say(&mut world, 1, 0, "and again");
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "and again");
}

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
    let link = world.people[0].app.me.as_ref().unwrap().link.clone();
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
    world.nodes[0].impersonate_with(identity, other);
    let before = world.people[1].app.conversations[0].contact.clone();
    look_up_again(&mut world, 1, 0);
    assert_eq!(world.people[1].app.conversations[0].contact, before);
    for kind in [BodyView::Forked, BodyView::KeyChanged { recovered: false }] {
        assert_eq!(lines(&mut world, 1, 0, |body| *body == kind), 0);
    }
}

#[test]
fn a_node_that_serves_a_forked_record_is_shown_loudly_and_nothing_is_sent() {
    let mut world = talking(3);
    let (old, _) = held(&world, 0, 0);
    add(&mut world, 0, 2);
    world.run_for(5 * MINUTE);
    let (chain, package) = forked(&mut world, 0, &old);
    world.nodes[0].serve(chain, package);
    look_up_again(&mut world, 1, 0);
    let loud = |body: &BodyView| *body == BodyView::Forked;
    assert_eq!(lines(&mut world, 1, 0, loud), 1);
    let contact = world.people[1].app.conversations[0].contact.clone();
    assert!(contact.forked);
    let last = world.conversation(1, 0);
    let waiting = last
        .iter()
        .find(|entry| entry.body == BodyView::Text("are you there".into()));
    assert_eq!(waiting.unwrap().delivery, Some(DeliveryView::Waiting));
    // The person asked them on another way, and goes on with the keys known before.
    let number = contact.number;
    assert_eq!(world.ask(1, Request::TrustPinned(number)), Answer::Done);
    world.run_for(5 * MINUTE);
    world.switch_on(0);
    world.run_for(5 * MINUTE);
    assert!(texts(&mut world, 0, 1).contains(&"are you there".to_owned()));
    assert_eq!(lines(&mut world, 1, 0, loud), 1);
}

/// A fork is learned while a letter waits that was sealed before.
#[test]
fn what_was_sealed_before_a_fork_does_not_go_out_during_it() {
    let mut world = talking(2);
    world.nodes[0].full = true;
    say(&mut world, 1, 0, "sealed");
    world.run_for(MINUTE);
    world.switch_off(0);
    let (old, _) = held(&world, 0, 0);
    // The contact knows one record more, which the fork contradicts.
    let (chain, package) = forked(&mut world, 0, &old);
    let mut known = old.clone();
    let (now, owner) = (world.now, fixtures::signing_key(0));
    known
        .append_update(RecordChanges::default(), &owner, now, &mut world.rng)
        .unwrap();
    let keys = ReceiveKeyPair::generate(&mut world.rng);
    let identity = known.identity();
    let newer = KeyPackage::create(identity, 800, &keys, now, &owner, &mut world.rng).unwrap();
    // What comes back has the contact look: at the newer record first, then at the fork.
    world.nodes[0].full = false;
    world.nodes[0].forget_mailboxes();
    world.nodes[0].serve(known, newer);
    say(&mut world, 1, 0, "one");
    world.run_for(2 * MINUTE);
    world.nodes[0].serve(chain, package);
    say(&mut world, 1, 0, "two");
    world.run_for(2 * MINUTE);
    let loud = |body: &BodyView| *body == BodyView::Forked;
    assert_eq!(lines(&mut world, 1, 0, loud), 1);
    let taken = |world: &World| {
        let is_taken = |frame: &Frame| match frame {
            Frame::Text(text) => text.contains("accepted"),
            Frame::Binary(_) => false,
        };
        let heard = world.heard.iter().filter(|(who, _)| *who == 1);
        heard.filter(|(_, frame)| is_taken(frame)).count()
    };
    let before = taken(&world);
    world.run_for(DAY);
    assert_eq!(taken(&world), before);
    let entries = world.conversation(1, 0);
    let sealed = entries
        .iter()
        .find(|entry| entry.body == BodyView::Text("sealed".into()));
    assert!(matches!(
        sealed.unwrap().delivery,
        Some(DeliveryView::Waiting | DeliveryView::Sent)
    ));
}

/// Ids of mailboxes are known to some: the one for strangers to everybody.
#[test]
fn whoever_comes_first_to_our_mailboxes_keeps_nobody_from_a_node() {
    let mut world = talking(3);
    let identity = world.people[0].app.me.as_ref().unwrap().identity;
    let mailboxes = world.nodes[0].mailboxes_of(&identity);
    assert_eq!(mailboxes.len(), 2);
    world.nodes[2].squat(&mailboxes);
    move_away(&mut world, 0, 0, 2);
    world.run_for(10 * MINUTE);
    assert_eq!(steps(&world, 0), [NodeStep::Active, NodeStep::Draining]);
    assert_eq!(world.home_of(0), world.nodes[2].url);
    let mine = world.nodes[2].mailboxes_of(&identity);
    assert!(mine.len() >= 2 && mine.iter().all(|it| !mailboxes.contains(it)));
    world.kill_node(0);
    say(&mut world, 1, 0, "found you");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "found you");
    // Strangers as well.
    let stranger = world.add_person();
    world.act_after(0, stranger, Act::Create { node: 1 });
    let text = "you do not know me".to_owned();
    world.act_after(MINUTE, stranger, Act::Ask { whom: 0, text });
    world.run_for(10 * MINUTE);
    let last = texts(&mut world, 0, stranger).pop();
    assert_eq!(last.as_deref(), Some("you do not know me"));
}

/// It says that it took the newer records and goes on with the older ones, for contacts as well, and drops what is left
/// with it.
#[test]
fn old_node_hostile_and_a_contact_offline_for_two_weeks() {
    let mut world = talking(3);
    let old = held(&world, 0, 0);
    world.switch_off(1);
    world.nodes[0].deaf = true;
    world.nodes[0].swallows = true;
    move_away(&mut world, 0, 0, 2);
    assert_eq!(world.home_of(0), world.nodes[2].url);
    let (mut mine, mut theirs) = (Vec::new(), Vec::new());
    for day in 0..14 {
        let text = format!("day {day}");
        say(&mut world, 0, 1, &text);
        mine.push(text);
        world.run_for(DAY);
    }
    let number = |world: &World| held(world, 0, 0).0.number();
    assert_eq!(number(&world), old.0.number());
    // The contact writes before it can have heard of anything, and goes on.
    world.switch_on(1);
    for number in 0..4 {
        let text = format!("back {number}");
        say(&mut world, 1, 0, &text);
        theirs.push(text);
        let text = format!("welcome {number}");
        say(&mut world, 0, 1, &text);
        mine.push(text);
        world.run_for(SECOND);
    }
    world.run_for(DAY);
    let said = ["hello", "hello yourself"].map(str::to_owned);
    let mut expected: Vec<String> = said.into_iter().chain(mine).chain(theirs).collect();
    expected.sort();
    for (who, whom) in [(0, 1), (1, 0)] {
        let mut read = texts(&mut world, who, whom);
        read.sort();
        assert_eq!(read, expected, "what {who} sees");
        let gap = |body: &BodyView| {
            matches!(
                body,
                BodyView::Gap { .. } | BodyView::Broken | BodyView::CannotOpen
            )
        };
        assert_eq!(lines(&mut world, who, whom, gap), 0, "what {who} sees");
    }
    // Nobody believes what it serves.
    assert_eq!(number(&world), old.0.number());
    let contact = world.people[1].app.conversations[0].contact.clone();
    assert_eq!(contact.node, world.nodes[2].url.to_string());
    assert!(!contact.forked);
    let entries = world.conversation(1, 0);
    let mine = entries.iter().filter(|entry| entry.mine);
    let has = |entry: &EntryView| {
        let delivery = entry.delivery.as_ref();
        delivery.is_none_or(|it| matches!(it, DeliveryView::Delivered | DeliveryView::Read))
    };
    assert!(mine.clone().all(has), "{:?}", mine.collect::<Vec<_>>());
}
