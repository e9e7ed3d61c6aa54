//! Nodes that do what no node should: each test is named after the behaviour. Here they hold on to what they have: old
//! records, people who leave, keys and mailboxes.

mod forged;
mod forks;
mod mail;
pub mod storms;

use client_core::request::{Answer, Removal, Request};
use client_core::store::Table;
use client_core::view::{BodyView, DeliveryView, EntryView, NodeStep};
use shared_crypto::fixtures;
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::node_document::NodeDocument;
use shared_crypto::record::{Chain, RecordChanges};
use shared_crypto::signed::Verified;
use shared_crypto::time::{DAY, MINUTE, SECOND};

use crate::people::{add, identity_of, lines, say, steps, talking, texts};
use crate::world::{Act, World};

/// What a node holds of a person.
pub fn held(world: &World, node: usize, who: usize) -> (Chain, Verified<KeyPackage>) {
    let identity = identity_of(world, who);
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

/// Keys that nobody needs any more are destroyed all the same.
#[test]
fn a_node_that_says_that_it_keeps_mail_for_ever_does_not_keep_keys_alive() {
    let mut world = talking(3);
    let for_ever = |document: &mut NodeDocument| document.retention_seconds = u64::MAX;
    world.nodes[2].declare(&mut world.rng, for_ever);
    add(&mut world, 0, 2);
    world.run_for(5 * MINUTE);
    assert_eq!(world.ask(0, Request::RotateKeys), Answer::Done);
    world.run_for(50 * DAY);
    // One is replaced every seven days: the one of now, and those that were replaced less than 21 days ago.
    assert!(world.rows(0, Table::KeyPackages) <= 4);
}

/// Contacts are told another mailbox when a node is removed; the one of before stays open for what is on its way.
#[test]
fn a_block_closes_the_mailboxes_of_before_too() {
    let mut world = talking(3);
    move_away(&mut world, 0, 0, 2);
    remove(&mut world, 0, 0);
    let identity = world.people[0].app.me.as_ref().unwrap().identity;
    assert_eq!(world.nodes[2].mailboxes_of(&identity).len(), 3);
    let contact = world.contact(0, 1).unwrap();
    assert_eq!(world.ask(0, Request::Block(contact)), Answer::Done);
    world.run_for(MINUTE);
    assert_eq!(world.nodes[2].mailboxes_of(&identity).len(), 1);
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

/// Ids of mailboxes are known to some: the one for strangers to everybody.
#[test]
fn whoever_comes_first_to_our_mailboxes_keeps_nobody_from_a_node() {
    let mut world = talking(3);
    let identity = identity_of(&world, 0);
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
