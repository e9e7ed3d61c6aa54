//! Envelopes that are repeated, changed, moved to another place, or held back.

use client_core::driver::Frame;
use client_core::view::BodyView;
use shared_crypto::id::MailboxId;
use shared_crypto::time::MINUTE;

use super::{envelopes, talking};
use crate::people::{identity_of, say, texts};
use crate::world::World;

const CURSOR: std::ops::Range<usize> = 1..9;
const MAILBOX: std::ops::Range<usize> = 17..49;
const MESSAGE_ID: std::ops::Range<usize> = 49..65;
const ENVELOPE: usize = 65;

#[test]
fn a_replayed_envelope_is_shown_once() {
    let mut world = talking();
    let before = world.conversation(1, 0);
    for (cursor, mut frame) in (1_000_u64..).zip(envelopes(&world, 1)) {
        frame[CURSOR].copy_from_slice(&cursor.to_be_bytes());
        world.inject(1, Frame::Binary(frame));
    }
    world.run_for(MINUTE);
    assert_eq!(world.conversation(1, 0), before);
}

#[test]
fn a_replay_under_another_message_id_is_not_believed() {
    let mut world = talking();
    let before = texts(&mut world, 1, 0);
    for mut frame in envelopes(&world, 1) {
        frame[MESSAGE_ID].fill(9);
        world.inject(1, Frame::Binary(frame));
    }
    assert_eq!(texts(&mut world, 1, 0), before);
    assert!(world.people[1].app.requests.is_empty());
}

#[test]
fn a_changed_envelope_cannot_be_opened_and_the_genuine_one_still_can() {
    let mut world = talking();
    say(&mut world, 0, 1, "the genuine one");
    world.run_for(MINUTE);
    let genuine = envelopes(&world, 1).pop().unwrap();
    // A fresh reader of the same mail: the frame is tried changed before it was ever read.
    let mut world = talking();
    let before = texts(&mut world, 1, 0);
    for at in (ENVELOPE..genuine.len()).step_by(97) {
        let mut changed = genuine.clone();
        changed[at] ^= 1;
        world.inject(1, Frame::Binary(changed));
        assert_eq!(texts(&mut world, 1, 0), before, "a change at {at}");
    }
    let unopened = |body: &BodyView| *body == BodyView::CannotOpen;
    let shown = world
        .conversation(1, 0)
        .iter()
        .filter(|entry| unopened(&entry.body))
        .count();
    assert!(shown <= 1, "many in a row are shown once");
    world.inject(1, Frame::Binary(genuine));
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "the genuine one");
}

#[test]
fn an_envelope_in_another_mailbox_is_not_read() {
    let mut world = talking();
    say(&mut world, 0, 1, "once");
    world.run_for(MINUTE);
    let frame = envelopes(&world, 1).pop().unwrap();
    let mut world = talking();
    let before = texts(&mut world, 1, 0);
    let intro = world.nodes[1].account(&identity_of(&world, 1)).0.delivery()[0].intro;
    for mailbox in [intro, MailboxId::from_bytes([3; 32])] {
        let mut moved = frame.clone();
        moved[MAILBOX].copy_from_slice(mailbox.as_bytes());
        world.inject(1, Frame::Binary(moved));
    }
    assert_eq!(texts(&mut world, 1, 0), before);
}

#[test]
fn an_envelope_of_an_unknown_suite_or_kind_is_not_read() {
    let mut world = talking();
    let before = texts(&mut world, 1, 0);
    let frame = envelopes(&world, 1).pop().unwrap();
    for (at, value) in [(0, 2), (0, 0), (1, 0), (1, 3), (1, 255)] {
        let mut unknown = frame.clone();
        unknown[ENVELOPE + at] = value;
        unknown[MESSAGE_ID].fill(value.wrapping_add(1));
        world.inject(1, Frame::Binary(unknown));
    }
    assert_eq!(texts(&mut world, 1, 0), before);
}

/// A node that holds a message back cannot hide it once a later one arrives; late, it takes its place.
#[test]
fn a_withheld_message_is_shown_as_a_gap_until_it_comes() {
    let mut world = talking();
    for text in ["withheld", "the next"] {
        say(&mut world, 0, 1, text);
        world.run_for(MINUTE);
    }
    let mail = envelopes(&world, 1);
    let [.., withheld, next] = mail.as_slice() else {
        panic!("two envelopes")
    };
    let mut world = talking();
    let gaps = |world: &mut World| {
        let gap = |body| matches!(body, BodyView::Gap { missing: 1 });
        world
            .conversation(1, 0)
            .into_iter()
            .filter(|entry| gap(entry.body.clone()))
            .count()
    };
    world.inject(1, Frame::Binary(next.clone()));
    assert_eq!(gaps(&mut world), 1);
    world.inject(1, Frame::Binary(withheld.clone()));
    assert_eq!(gaps(&mut world), 0);
    assert!(texts(&mut world, 1, 0).ends_with(&["withheld".into(), "the next".into()]));
}
