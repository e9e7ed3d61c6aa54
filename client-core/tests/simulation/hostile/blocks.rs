//! People who are blocked.

use client_core::driver::Frame;
use client_core::request::{Answer, Request};
use client_core::view::DeliveryView;
use shared_crypto::id::MessageId;
use shared_crypto::time::MINUTE;

use super::{envelopes, talking};
use crate::people::{say, texts};

#[test]
fn a_blocked_contact_is_not_heard_again() {
    let mut world = talking();
    let contact = world.contact(1, 0).unwrap();
    assert_eq!(world.ask(1, Request::Block(contact)), Answer::Done);
    let before = world.conversation(1, 0);
    say(&mut world, 0, 1, "can you hear me");
    world.run_for(10 * MINUTE);
    assert_eq!(world.conversation(1, 0), before);
    assert!(world.people[1].app.requests.is_empty());
    // The sender is told that it did not arrive.
    let last = world.conversation(0, 1).pop().unwrap();
    let failed = DeliveryView::Failed {
        code: "unknown_mailbox".into(),
    };
    assert_eq!(last.delivery, Some(failed));
}

/// It comes when the node has confirmed that it takes no more.
#[test]
fn what_a_blocked_contact_left_before_is_passed_over() {
    let mut world = talking();
    say(&mut world, 0, 1, "left before");
    world.run_for(MINUTE);
    let left = envelopes(&world, 1).pop().unwrap();
    let mut world = talking();
    let contact = world.contact(1, 0).unwrap();
    assert_eq!(world.ask(1, Request::Block(contact)), Answer::Done);
    world.run_for(MINUTE);
    let before = world.conversation(1, 0);
    world.inject(1, Frame::Binary(left));
    world.run_for(MINUTE);
    assert_eq!(world.people[1].app.dropped.unreadable, 0);
    assert_eq!(world.conversation(1, 0), before);
}

/// After a block is lifted, a message that failed asks anew when it is tried again.
#[test]
fn after_a_block_is_lifted_a_retry_asks_anew() {
    let mut world = talking();
    let contact = world.contact(1, 0).unwrap();
    assert_eq!(world.ask(1, Request::Block(contact)), Answer::Done);
    world.run_for(MINUTE);
    assert_eq!(world.ask(1, Request::Unblock(contact)), Answer::Done);
    say(&mut world, 0, 1, "are we good");
    world.run_for(10 * MINUTE);
    let failed = world.conversation(0, 1).pop().unwrap();
    let number = world.contact(0, 1).unwrap();
    let answer = world.ask(
        0,
        Request::Retry {
            contact: number,
            id: failed.id,
        },
    );
    assert_eq!(answer, Answer::Done);
    world.run_for(10 * MINUTE);
    // Everybody in this world accepts whoever asks; both can talk again.
    assert_eq!(texts(&mut world, 1, 0).last().unwrap(), "are we good");
    say(&mut world, 1, 0, "we are");
    world.run_for(10 * MINUTE);
    assert_eq!(texts(&mut world, 0, 1).last().unwrap(), "we are");
    let last = world.conversation(1, 0).pop().unwrap();
    assert!(matches!(
        last.delivery,
        Some(DeliveryView::Delivered | DeliveryView::Read)
    ));
}

/// What waits for somebody who is then blocked fails, and says so.
#[test]
fn a_block_fails_what_waits() {
    let mut world = talking();
    let contact = world.contact(1, 0).unwrap();
    let id = MessageId::from_bytes([8; 16]);
    let request = Request::Send {
        contact,
        id,
        text: "never sent".into(),
    };
    // Not connected: the message waits in the outbox.
    world.inject(1, Frame::Text("rubbish".into()));
    assert_eq!(world.ask(1, request), Answer::Done);
    assert_eq!(world.ask(1, Request::Block(contact)), Answer::Done);
    let last = world.conversation(1, 0).pop().unwrap();
    assert_eq!(
        last.delivery,
        Some(DeliveryView::Failed {
            code: "blocked".into()
        })
    );
}
