//! Mail that a node drops, repeats or exchanges for something else.

use client_core::driver::Frame;
use client_core::view::BodyView;
use shared_crypto::time::{MINUTE, SECOND};

use crate::people::{add, lines, say, talking, texts, unreadable};

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
        if matches!(&frame, Frame::Binary(bytes) if bytes[0] == 1) {
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
    for (mailbox, message_id) in left {
        world.inject_envelope(0, 1, mailbox, message_id, &unreadable());
    }
    assert!(world.people[0].app.dropped.unreadable > 0);
    world.revive_node(2);
    world.run_for(5 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "read this");
}
