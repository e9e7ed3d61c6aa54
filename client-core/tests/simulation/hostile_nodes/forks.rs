//! Records that were signed with a stolen key, and contradict what a contact knows.

use client_core::driver::Frame;
use client_core::request::{Answer, Request};
use client_core::view::{BodyView, DeliveryView};
use shared_crypto::fixtures;
use shared_crypto::key_package::{KeyPackage, ReceiveKeyPair};
use shared_crypto::record::RecordChanges;
use shared_crypto::time::{DAY, MINUTE};

use super::{forked, held, look_up_again};
use crate::people::{add, lines, say, talking, texts};
use crate::world::World;

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
